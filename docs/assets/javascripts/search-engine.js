// Finds items of the handbook. `handbook/search/index.py` writes what is read here, and says which file holds what.
// MiniSearch matches and scores; this file feeds it: it fetches, corrects typing, and knows synonyms.
import MiniSearch from "../kept/minisearch-7.2.0.js";

const home = new URL("../../", import.meta.url);
const RESULTS = 12;
const CANDIDATES = 40;
const CHAPTER_SHARE = 0.1;
const PAUSE = 60; // milliseconds between a key and the first fetch, in which another key may come

const fetched = new Map(); // file → its content, or the promise of it
const get = (file, options) => {
  if (!fetched.has(file)) {
    const answer = fetch(new URL(`search/${file}.json`, home), options).then((response) => response.json());
    answer.catch(() => fetched.delete(file)); // offline for a moment: the next key tries again
    fetched.set(file, answer);
  }
  return fetched.get(file);
};

export async function open() {
  return new Engine(await get("start", { cache: "no-cache" }));
}

/** A MiniSearch index made of finished entries: word → {item: weight}. */
function load(entries, count) {
  const each = (value) => Object.fromEntries(Array.from({ length: count }, (_, number) => [number, value(number)]));
  return MiniSearch.loadJS(
    {
      documentCount: count,
      nextId: count,
      documentIds: each((number) => number),
      fieldIds: { about: 0 },
      fieldLength: each(() => [1]),
      averageFieldLength: [1],
      storedFields: {},
      dirtCount: 0,
      index: [...entries].map(([word, weights]) => [word, { 0: weights }]),
      serializationVersion: 2,
    },
    { fields: ["about"], tokenize: (text) => text.split(" "), processTerm: (term) => term },
  );
}

class Engine {
  constructor(start) {
    this.start = start;
    this.rules = ["fold", "stem"].map((name) => start[name].map(([from, to]) => [new RegExp(from, name === "fold" ? "g" : ""), to]));
    this.stop = new Set(start.stop.split(" "));
    this.shards = start.shards.split(" ");
    this.entries = new Map(); // stem → {item: weight}
    this.spread = new Map(); // stem → number of items that hold it, more than its entry lists if it is everywhere
    this.surfaces = new Set(); // whole words, to complete and to correct what is typed
    this.titles = new Map(); // item → what the first file tells of it
    this.texts = new Map(); // item → what is shown of it
    this.phrases = []; // synonyms: stems that are typed, folded words that are meant, how sure
    this.loaded = new Set(); // numbers of the files of terms
    this.#readTitles();
    this.#refresh();
  }

  // ── Words ──────────────────────────────────────────────────────────────

  split(text) {
    const plain = text.replaceAll("’", "'").replaceAll("'s", "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  }

  fold(word) {
    return this.rules[0].reduce((folded, [from, to]) => folded.replace(from, to), word);
  }

  stem(folded) {
    return this.rules[1].reduce((stem, [from, to]) => stem.replace(from, to), folded);
  }

  /** The words that count: without "the" and "how", unless there are no others. */
  content(text) {
    const all = this.split(text);
    const telling = all.filter((word) => !this.stop.has(word));
    return (telling.length ? telling : all).map((word) => this.fold(word));
  }

  /** The matched stem that a word of a text has, if any. */
  matches(word, matched) {
    const stem = this.split(word).map((each) => this.stem(this.fold(each)))[0];
    return matched.includes(stem) && stem;
  }

  // ── The first file ─────────────────────────────────────────────────────

  #readTitles() {
    const { title: weights, above, chapter } = this.start.weights;
    const kinds = { c: "chapter", t: "term" };
    this.pages = [];
    let first = 0;
    for (const [url, part, count, ...titles] of this.start.pages) {
      const page = { url, part, first, title: titles[0].slice(1) };
      const path = [];
      titles.forEach((entry, index) => {
        if (!entry) return;
        const kind = kinds[entry[0]] ?? "section";
        const [title, anchor = kind === "chapter" ? "" : this.split(entry.slice(1)).join("-")] = entry.slice(1).split("#");
        path.length = kind === "section" ? entry[0] - 1 : Math.min(index, 1);
        this.titles.set(first + index, { kind, anchor, title, above: path.slice(1), stems: this.content(title).map((word) => this.stem(word)) });
        this.#add(first + index, title, weights[kind]);
        if (path.length) this.#add(first + index, page.title, chapter);
        for (const heading of path.slice(1)) this.#add(first + index, heading, above);
        path.push(title);
      });
      first += count;
      this.pages.push(page);
    }
    this.count = first;
  }

  #add(item, title, weight) {
    const length = Math.max(1, this.split(title).filter((word) => !this.stop.has(word)).length);
    for (const word of new Set(this.split(title).map((each) => this.fold(each)))) {
      const stem = this.stem(word);
      const weights = this.entries.get(stem) ?? {};
      weights[item] = Math.round((weights[item] ?? 0) + weight / Math.sqrt(length));
      this.entries.set(stem, weights);
      this.surfaces.add(word);
    }
  }

  /** Make MiniSearch's indexes anew, after words have come in. */
  #refresh() {
    this.index = load(this.entries, this.count);
    this.dictionary = load([...this.surfaces].map((word) => [word, { 0: 1 }]), 1);
    this.known = new Set([...this.entries.keys(), ...[...this.surfaces].map((word) => this.stem(word))]);
  }

  // ── The other files ────────────────────────────────────────────────────

  #shardOf(stem) {
    const after = this.shards.findIndex((first) => first > stem);
    return Math.max(0, (after < 0 ? this.shards.length : after) - 1);
  }

  /** Fetch the entries of these words; says whether any were new. */
  async #need(stems, prefix) {
    const numbers = new Set(stems.map((stem) => this.#shardOf(stem)));
    if (prefix?.length > 2) {
      const [from, to] = [this.#shardOf(prefix), this.#shardOf(`${prefix}\uffff`)];
      for (let number = from; number <= Math.min(to, from + 2); number += 1) numbers.add(number);
    }
    const missing = [...numbers].filter((number) => !this.loaded.has(number));
    if (!missing.length) return false;
    const { version } = this.start;
    const shards = await Promise.all(missing.map((number) => get(`${version}/terms-${number}`)));
    for (const shard of shards) {
      for (const [stem, flat] of Object.entries(shard)) {
        const weights = {};
        for (let at = 1, item = 0; at < flat.length; at += 2) weights[(item += flat[at])] = flat[at + 1];
        this.entries.set(stem, weights);
        this.spread.set(stem, flat[0]);
      }
    }
    for (const number of missing) this.loaded.add(number);
    this.#refresh();
    return true;
  }

  async #needSynonyms() {
    if (this.phrases.length) return;
    const { synonyms, acronyms } = await get(`${this.start.version}/synonyms`);
    if (this.phrases.length) return;
    const add = (typed, meant, sure) => {
      const words = this.content(typed);
      for (const word of words) this.surfaces.add(word);
      // Of "what is it good for" only "good" would be left: such a phrase must stand there word for word.
      const whole = words.length > 1 ? [] : this.split(typed);
      this.phrases.push({ typed: words.map((word) => this.stem(word)), whole, meant: this.content(meant), sure });
    };
    for (const [meant, ...phrases] of synonyms) for (const phrase of phrases) add(phrase, meant, 0.9);
    for (const [short, long] of acronyms) {
      add(short, long, 1);
      add(long, short, 0.9);
    }
    this.#refresh();
  }

  async #needAllWords() {
    if (this.hasAllWords) return;
    const all = await get(`${this.start.version}/words`);
    for (const word of all.split(" ")) this.surfaces.add(word);
    this.hasAllWords = true;
    this.#refresh();
  }

  async #needTexts(results) {
    const { version, itemsInAFile } = this.start;
    await Promise.all(results.map(async ({ item }) => {
      const file = await get(`${version}/items-${Math.floor(item / itemsInAFile)}`);
      const [kind, anchor, title, ...above] = file[item % itemsInAFile];
      this.texts.set(item, { kind, anchor, title, text: above.pop(), above });
    }));
  }

  address({ page, anchor }) {
    return new URL(page.url + (anchor && `#${anchor}`), home).href;
  }

  // ── A query ────────────────────────────────────────────────────────────

  /** Words of the dictionary that begin like this one. */
  #completions(word) {
    return this.dictionary.search(word, { prefix: true })[0]?.terms ?? [];
  }

  /** Words that a slip of the keys may have turned into this one: one slip from five letters on, two from nine. */
  #corrections(word) {
    if (word.length < 4 || /\d/.test(word)) return [];
    // To MiniSearch a swap of two letters is two slips: it gets each swap as a spelling of its own.
    const swaps = (spelling) => [...spelling].slice(1).map((letter, at) => spelling.slice(0, at) + letter + spelling[at] + spelling.slice(at + 2));
    const near = (slips, shortest) => {
      const once = swaps(word);
      const twice = slips > 1 ? once.flatMap(swaps).filter((spelling) => this.surfaces.has(spelling)) : [];
      const spellings = [[word, slips], ...once.map((swap) => [swap, slips - 1])];
      const queries = spellings.map(([spelling, fuzzy]) => ({ queries: [spelling], fuzzy }));
      const found = this.dictionary.search({ combineWith: "OR", queries })[0]?.terms ?? [];
      return [...found, ...twice].filter((each) => each.length >= shortest);
    };
    const close = near(1, 5);
    return close.length || word.length < 6 ? close : near(2, 8); // 8: folded, nine letters may be one less
  }

  /** What one word may stand for: stem → how sure. */
  #senses(word, isLast) {
    const stem = this.stem(word);
    const senses = new Map();
    const add = (words, sure) => {
      for (const each of words) {
        const other = this.stem(each);
        const share = sure * (word.length / Math.max(word.length, each.length)) ** 0.25;
        senses.set(other, Math.max(share, senses.get(other) ?? 0));
      }
    };
    const isKnown = this.known.has(stem);
    if (isLast || (!isKnown && word.length > 3)) add(this.#completions(word), isKnown ? 0.7 : 0.8);
    const isCompleted = senses.size > 0;
    if (!isKnown && !senses.size) add(this.#corrections(word), 0.8);
    for (let length = word.length - 1; isLast && !isKnown && !senses.size && length > Math.max(3, word.length * 0.6); length -= 1) {
      add(this.#completions(word.slice(0, length)), 0.4);
    }
    if (isKnown || !senses.size) senses.set(stem, 1);
    return { word, senses, isKnown: isKnown || isCompleted };
  }

  /** The readings of a query: as typed, with words joined or parted, and with synonyms in place of what was typed. */
  #readings(query) {
    const words = this.content(query);
    const isOpen = !/\s$/.test(query);
    const groups = words.map((word, at) => this.#senses(word, isOpen && at === words.length - 1));
    const readings = [{ groups, sure: 1 }];
    const exact = (word) => ({ word, senses: new Map([[this.stem(word), 1]]), isKnown: true });
    const replaced = (at, count, ...others) => groups.toSpliced(at, count, ...others.map(exact));
    words.forEach((word, at) => {
      const joined = word + words[at + 1];
      if (words[at + 1] && this.surfaces.has(joined)) readings.push({ groups: replaced(at, 2, joined), sure: 0.95 });
      for (let cut = 3; cut <= word.length - 3; cut += 1) {
        const halves = [word.slice(0, cut), word.slice(cut)];
        if (halves.every((half) => this.known.has(this.stem(half)))) readings.push({ groups: replaced(at, 1, ...halves), sure: 0.95 });
      }
    });
    const all = this.split(query);
    for (const { typed, whole, meant, sure } of this.phrases) {
      if (whole.length > 1 && whole.some((word) => !all.includes(word))) continue;
      const used = typed.map((stem) => groups.find(({ senses }) => senses.has(stem)));
      if (used.some((group) => !group)) continue;
      const certainty = Math.min(...used.map(({ senses }, at) => senses.get(typed[at])));
      const others = groups.filter((group) => !used.includes(group));
      const added = meant.filter((word) => !others.some(({ senses }) => senses.has(this.stem(word))));
      // What is meant weighs as much as what was typed.
      const weigh = (all) => all.reduce((sum, group) => sum + this.#rarity(group), 0);
      const weight = Math.min(2, weigh(used) / weigh(added.map(exact)));
      readings.push({ groups: [...others, ...added.map((word) => ({ ...exact(word), weight }))], sure: sure * certainty });
    }
    return readings;
  }

  /** Find items, best first: shows what is known at once, and again when more has come, if it is still wanted. */
  async find(query, { show, isWanted }) {
    const isWhole = ({ item }) => this.titles.has(item) || this.texts.has(item);
    const now = this.#rank(this.#readings(query), query).filter(isWhole);
    if (isWanted()) show(now);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (!isWanted()) return;
    let readings = this.#readings(query);
    const stems = () => readings.flatMap(({ groups }) => groups.flatMap(({ senses }) => [...senses.keys()].slice(0, 8)));
    const typed = this.content(query);
    if (!typed.length) return;
    const [last] = typed.slice(-1);
    await Promise.all([this.#needSynonyms(), this.#need([...stems(), ...typed.map((word) => this.stem(word))], last)]);
    readings = this.#readings(query);
    if (readings[0].groups.some(({ isKnown }) => !isKnown)) {
      await this.#needAllWords();
      readings = this.#readings(query);
    }
    if (await this.#need(stems())) readings = this.#readings(query);
    if (!isWanted()) return;
    const results = this.#rank(readings, query);
    await this.#needTexts(results);
    if (isWanted()) show(results.map((result) => ({ ...result, ...this.texts.get(result.item) })));
  }

  #rank(readings, query) {
    const typed = this.split(query).join(" ");
    const best = new Map();
    for (const reading of readings) {
      for (const result of this.#score(reading, typed)) {
        if (result.score > (best.get(result.item)?.score ?? 0)) best.set(result.item, result);
      }
    }
    // A section counts for more in a chapter that has much to say on the query.
    const byScore = (one, other) => other.isMeant - one.isMeant || other.score - one.score;
    const sorted = [...best.values()].sort(byScore).slice(0, CANDIDATES);
    const chapters = new Map();
    for (const result of sorted) {
      result.page = this.pages.findLast(({ first }) => first <= result.item);
      chapters.set(result.page, (chapters.get(result.page) ?? 0) + CHAPTER_SHARE * result.score);
    }
    for (const result of sorted) result.score += chapters.get(result.page);
    return sorted.sort(byScore).slice(0, RESULTS).map((result) => ({ ...result, ...this.titles.get(result.item), ...this.texts.get(result.item) }));
  }

  #score({ groups, sure }, typed) {
    const boost = new Map();
    for (const { senses, weight = 1 } of groups) {
      for (const [stem, share] of senses) boost.set(stem, Math.max(share * weight, boost.get(stem) ?? 0));
    }
    if (!boost.size) return [];
    const found = this.index.search([...boost.keys()].join(" "), { boostTerm: (stem) => boost.get(stem) * this.#commonness(stem), bm25: { k: 30, b: 0, d: 0 } });
    const rarity = groups.map((group) => this.#rarity(group) * (group.weight ?? 1));
    const total = rarity.reduce((sum, each) => sum + each, 0);
    return found.map(({ id: item, score, queryTerms, match }) => {
      // MiniSearch multiplies by the number of words matched; here, what counts is how much of the query they are.
      const covered = groups.reduce((sum, { senses }, at) => sum + ([...senses.keys()].some((stem) => match[stem]) ? rarity[at] : 0), 0);
      const title = this.titles.get(item);
      const isTitle = title && title.stems.length === groups.length && groups.every(({ senses }, at) => senses.has(title.stems[at]));
      const begins = title && sure === 1 && this.split(title.title).join(" ").startsWith(typed);
      const certainty = isTitle ? sure * Math.min(...groups.map(({ senses }, at) => senses.get(title.stems[at]))) : 0;
      const isMeant = title?.kind === "term" && certainty >= 0.7 ? certainty : 0;
      return { item, isMeant, matched: Object.keys(match), score: sure * (score / queryTerms.length) * (covered / total) ** 1.25 * (begins ? 2 : isTitle ? 1.5 : 1) };
    });
  }

  #rarity({ senses }) {
    return Math.log(1 + this.count / (1 + Math.max(...[...senses.keys()].map((stem) => this.#frequency(stem)))));
  }

  #frequency(stem) {
    return this.spread.get(stem) ?? Object.keys(this.entries.get(stem) ?? {}).length;
  }

  /** What MiniSearch can't know: its entry for a word that is everywhere lists only the best items. */
  #commonness(stem) {
    const rarity = (frequency) => Math.log(1 + (this.count - frequency + 0.5) / (frequency + 0.5));
    return rarity(this.#frequency(stem)) / rarity(Object.keys(this.entries.get(stem) ?? {}).length);
  }

  /** Terms to offer where nothing was found. */
  nearest(query) {
    const near = this.content(query).flatMap((word) => {
      for (const options of [{ fuzzy: 2 }, { fuzzy: 3 }]) {
        const [found] = this.dictionary.search({ combineWith: "OR", queries: [{ queries: [word], ...options }, { queries: [word.slice(0, 3)], prefix: true }] });
        if (found) return found.terms;
      }
      return [];
    });
    const stems = new Set(near.map((word) => this.stem(word)));
    return [...this.titles.values()].filter(({ kind, stems: own }) => kind === "term" && own.some((stem) => stems.has(stem))).slice(0, 5).map(({ title }) => title);
  }
}
