// Retrieval over the handbook's passages, the same as handbook/models/retrieval.py, where equations and sources are told.
import { LabError } from "../core/container.js";

/** The index in a file of weights; its texts are deflated. */
export async function open({ texts, left, strengths }) {
  const inflated = new Blob([texts.data]).stream().pipeThrough(new DecompressionStream("deflate"));
  const unpacked = await new Response(inflated).json().catch(() => {
    throw new LabError("The file of passages is damaged. Reload the page to fetch it again.");
  });
  return new Index(unpacked, left.data, strengths.data);
}

const best = (scores) => [...scores].map(([passage, score]) => ({ passage, score })).sort((a, b) => b.score - a.score || a.passage - b.passage);
const product = (vector, rows, start) => vector.reduce((total, value, i) => total + value * rows[start + i], 0);
const sum = (values) => values.reduce((total, value) => total + value, 0);

export class Index {
  #stems = new Map();
  #vectors;

  /** left: U_r, N × r, row by row; strengths: the r singular values. */
  constructor({ pages, sections, passages, questions, stop, rules, instructions, settings }, left, strengths) {
    Object.assign(this, settings, { instructions, left, strengths, stop: new Set(stop) });
    this.rules = rules.map(([pattern, replacement]) => [new RegExp(pattern), replacement]);
    this.sections = sections.map(([page, heading, anchor]) => {
      const [slug, title] = pages[page];
      return { page: slug, anchor, title, heading, name: heading === title ? title : `${title}: ${heading}`, address: anchor ? `${slug}#${anchor}` : slug };
    });
    this.passages = passages.map(([section, text]) => ({ section: this.sections[section], text }));
    this.questions = questions.map(([text, kind, right]) => ({ text, kind, sections: right.map((section) => this.sections[section].address) }));
    this.counts = [];
    this.holding = new Map(); // term → the passages that hold it
    this.passages.forEach((_, number) => {
      const count = new Map();
      for (const term of this.terms(this.#indexed(number))) count.set(term, (count.get(term) ?? 0) + 1);
      for (const term of count.keys()) {
        if (!this.holding.has(term)) this.holding.set(term, []);
        this.holding.get(term).push(number);
      }
      this.counts.push(count);
    });
    this.lengths = this.counts.map((count) => sum([...count.values()]));
    this.meanLength = sum(this.lengths) / this.lengths.length;
  }

  /** The text that is searched: a passage carries the titles above it. */
  #indexed(passage) {
    const { section, text } = this.passages[passage];
    return [...new Set([section.title, section.heading]), text].join(" ");
  }

  /** The words of a text that count, in lower case and without accents. */
  asked(text) {
    const plain = text.replaceAll("’", "'").replaceAll("'s", "").normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
    return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !this.stop.has(word));
  }

  stem(word) {
    if (!this.#stems.has(word)) this.#stems.set(word, this.rules.reduce((form, [pattern, replacement]) => form.replace(pattern, replacement), word));
    return this.#stems.get(word);
  }

  terms(text) {
    return this.asked(text).map((word) => this.stem(word));
  }

  rarity(term) {
    const containing = this.holding.get(term)?.length ?? 0;
    return Math.log(1 + (this.passages.length - containing + 0.5) / (containing + 0.5));
  }

  /** What each word of the question adds to a passage's BM25 score: word → number. */
  shares(question, passage) {
    const length = 1 - this.b + (this.b * this.lengths[passage]) / this.meanLength;
    const shares = new Map();
    for (const word of this.asked(question)) {
      const term = this.stem(word);
      const f = this.counts[passage].get(term);
      if (f) shares.set(word, (shares.get(word) ?? 0) + (this.rarity(term) * f * (this.k1 + 1)) / (f + this.k1 * length));
    }
    return shares;
  }

  bm25(question) {
    const holding = new Set(this.terms(question).flatMap((term) => this.holding.get(term) ?? []));
    return best([...holding].map((passage) => [passage, sum([...this.shares(question, passage).values()])]));
  }

  #weight(term, f) {
    return (1 + Math.log(f)) * Math.log(this.passages.length / this.holding.get(term).length);
  }

  /** The passages' vectors of the strongest directions, row after row, and their lengths. */
  #rows(directions) {
    if (this.#vectors?.directions !== directions) {
      const width = this.strengths.length;
      const rows = new Float64Array(this.passages.length * directions);
      for (let i = 0; i < rows.length; i++) rows[i] = this.left[Math.floor(i / directions) * width + (i % directions)] * this.strengths[i % directions];
      const norms = this.passages.map((_, passage) => Math.max(Math.hypot(...rows.subarray(passage * directions, (passage + 1) * directions)), 1e-12));
      this.#vectors = { directions, rows, norms };
    }
    return this.#vectors;
  }

  /** The question's vector, folded in by way of the passages that hold its words. */
  #folded(question, directions) {
    const width = this.strengths.length;
    const folded = new Float64Array(directions);
    const counts = new Map();
    for (const term of this.terms(question)) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, f] of counts) {
      for (const passage of this.holding.get(term) ?? []) {
        const product = this.#weight(term, f) * this.#weight(term, this.counts[passage].get(term));
        for (let i = 0; i < directions; i++) folded[i] += product * this.left[passage * width + i];
      }
    }
    return folded.map((value, i) => value / this.strengths[i]);
  }

  vectors(question, directions = this.strengths.length) {
    const folded = this.#folded(question, directions);
    const norm = Math.hypot(...folded);
    const { rows, norms } = this.#rows(directions);
    return norm ? best(norms.map((length, passage) => [passage, product(folded, rows, passage * directions) / (length * norm)])) : [];
  }

  /** What each word of passages adds to their cosine with the question: a map for each, word as the passage has it first → number. */
  company(question, passages, directions = this.strengths.length) {
    const folded = this.#folded(question, directions);
    const norm = Math.hypot(...folded);
    const scaled = folded.map((value, i) => value / this.strengths[i]);
    const asking = this.passages.map((_, passage) => product(scaled, this.left, passage * this.strengths.length));
    return passages.map((passage) => {
      const written = new Map();
      for (const word of this.asked(this.#indexed(passage))) if (!written.has(this.stem(word))) written.set(this.stem(word), word);
      const length = norm * this.#rows(directions).norms[passage];
      const share = ([term, f]) => [written.get(term), (this.#weight(term, f) * sum(this.holding.get(term).map((number) => asking[number] * this.#weight(term, this.counts[number].get(term))))) / length];
      return new Map(norm ? [...this.counts[passage]].map(share) : []);
    });
  }

  fuse(...rankings) {
    const scores = new Map();
    for (const ranking of rankings) {
      ranking.slice(0, this.fusedFrom).forEach(({ passage }, place) => scores.set(passage, (scores.get(passage) ?? 0) + 1 / (this.constant + place + 1)));
    }
    return best(scores);
  }

  /** The whole ranking by each method. */
  rankings(question, directions) {
    const [bm25, vectors] = [this.bm25(question), this.vectors(question, directions)];
    return { bm25, vectors, fused: this.fuse(bm25, vectors) };
  }

  /** The place, from 1, of the first passage of a right section; 0 if there is none. */
  place(ranking, right) {
    return ranking.findIndex(({ passage }) => right.includes(this.passages[passage].section.address)) + 1;
  }

  prompt(question, passages) {
    const quoted = passages.map((passage, place) => {
      const { section, text } = this.passages[passage];
      return `<passage id="${place + 1}" title="${section.name}">\n${text}\n</passage>\n`;
    });
    return `${this.instructions}\n\n${quoted.join("")}\nQuestion: ${question}`;
  }

  /** The first passages, in their order, with which the prompt counts at most `budget`. */
  within(question, passages, budget, count) {
    let fitting = 0;
    while (fitting < passages.length && count(this.prompt(question, passages.slice(0, fitting + 1))) <= budget) fitting++;
    return passages.slice(0, fitting);
  }
}

export const recall = (ranks, k) => ranks.filter((rank) => rank && rank <= k).length / ranks.length;
export const meanReciprocalRank = (ranks) => sum(ranks.map((rank) => (rank ? 1 / rank : 0))) / ranks.length;

/** The share of pairs of an answered and an unanswered question in which the first has the higher best score. */
export function separation(answered, unanswered) {
  const wins = answered.flatMap((a) => unanswered.map((b) => (a > b) + (a === b) / 2));
  return sum(wins) / wins.length;
}
