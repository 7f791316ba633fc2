// The lab "tokeniser": type text, see its tokens, take the merges one by one, compare scripts and code.
import { html, literal } from "./core/controls.js";
import { Plot } from "./core/plot.js";

const MERGES = 768;
const OWN = "own";
const SAMPLES = ["English", "German", "Swahili", "Greek", "Arabic", "Hindi", "Chinese", "Python", "Digits"];
const ASKED = "GENERATIVE"; // the word of the chapter's question
const START = `Compare generative, Generative and ${ASKED}.`;

const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count.toLocaleString("en")} times`);
const several = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

const views = new WeakMap(); // lab → its parts, and the samples' texts

/** On or back to the nearest merge that the text undergoes. */
function step(lab, onward) {
  const { merges } = lab.state;
  const reached = views.get(lab).ranks.map((rank) => rank + 1);
  return lab.set({ merges: onward ? reached.find((count) => count > merges) ?? merges : reached.findLast((count) => count < merges) ?? 0 });
}

function sayMerge(steps, last) {
  if (!steps) return "No merge fits this text: its tokens are its bytes.";
  if (!last) return `None of its ${several(steps, "merge")} is made: each token is a byte.`;
  const { rank, left, right, made, place, seen } = last;
  return `Merge ${rank + 1} of ${MERGES}, the text's ${place} of ${steps}, joins “${left}” and “${right}”: seen ${times(seen)} in training, made ${times(made)} here.`;
}

/** A box for each token; boxes at both ends that stay as they are are kept, so that typing in a long text stays smooth. */
function showTokens(list, tokens, made) {
  const keys = tokens.map(({ id }) => (id === made ? `made ${id}` : `${id}`));
  const before = [...list.children];
  const stays = (at) => before.at(at) && before.at(at).dataset.key === keys.at(at);
  let first = 0;
  while (first < keys.length && stays(first)) first += 1;
  let last = 0;
  while (last < Math.min(keys.length, before.length) - first && stays(-1 - last)) last += 1;
  const added = keys.slice(first, keys.length - last).map((key, at) => {
    const { id, text, whole } = tokens[first + at];
    const item = html("li", { className: "lab-token" }, html(id === made ? "mark" : "span", {}, text), html("small", {}, `${id}`));
    item.dataset.key = key;
    if (!whole) item.dataset.hue = "2";
    return item;
  });
  for (const item of before.slice(first, before.length - last)) item.remove();
  if (last) before.at(-last).before(...added);
  else list.append(...added);
}

export default {
  weights: ["tokeniser"],
  worker: "tokeniser-worker.js",
  controls: {
    text: { type: "text", label: "Your text", value: START, maxlength: 400, rows: 3, wide: true, unsets: { sample: OWN } },
    sample: { type: "select", label: "Take a sample", choices: { [OWN]: "my own text", ...Object.fromEntries(SAMPLES.map((name) => [name, name])) }, value: OWN },
    merges: { type: "range", label: "Merges made", min: 0, max: MERGES, step: 1, value: MERGES },
    before: { type: "button", label: "Merge before", press: (lab) => step(lab, false) },
    next: { type: "button", label: "Next merge", press: (lab) => step(lab, true) },
  },

  async setup(lab) {
    const samples = await lab.ask("samples");
    const merge = html("p");
    const tokens = html("ol", { className: "lab-tokens", ariaLabel: "Tokens, each with its number" });
    const plot = new Plot({ width: 360, height: 60 + 30 * (SAMPLES.length + 1), title: "Tokens a character (above) and a byte (below)", x: { from: 0, to: 1 }, y: { names: SAMPLES } });
    lab.view.append(html("div", { className: "lab-panels" }, html("div", {}, merge, tokens), plot.svg));
    views.set(lab, { merge, tokens, plot, samples, ranks: [] });
  },

  async show(lab) {
    const { text, merges, sample } = lab.state;
    const view = views.get(lab);
    if (sample !== OWN && text !== view.samples[sample]) return lab.set({ text: view.samples[sample] });
    const { tokens, size, sizes, ranks, last } = await lab.ask("read", { text, merges });
    view.ranks = ranks;
    view.merge.textContent = last ? `Latest merge: ${last.left} + ${last.right} → ${last.joined}` : "Each token is one byte.";
    showTokens(view.tokens, tokens, 256 + last?.rank);
    const rows = text && sample === OWN ? [size, ...sizes] : sizes;
    await new Promise((done) => setTimeout(done)); // the bars in a frame of their own
    draw(view.plot, rows);
    const ratio = (count) => (count ? (tokens.length / count).toFixed(2) : "0");
    return {
      say: `${several(size.characters, "character")}, ${several(size.bytes, "byte")}, ${several(size.tokens, "token")}: ${ratio(size.characters)} a character, ${ratio(size.bytes)} a byte, ${ratio(size.words)} a word. ${sayMerge(ranks.length, last)}`,
      answer: merges === MERGES && text.includes(ASKED),
      table: {
        caption: `After ${merges} merges`,
        header: ["Text", "Characters", "Bytes", "Tokens", "Tokens a character", "Tokens a byte"],
        rows: rows.map((row) => [row.name, row.characters, row.bytes, row.tokens, (row.tokens / row.characters).toFixed(2), (row.tokens / row.bytes).toFixed(2)]),
      },
    };
  },

  python: ({ state }) => `from handbook.models import bpe, container

WEIGHTS = "docs/assets/labs/weights/tokeniser.bin"
tokeniser = bpe.load(WEIGHTS)
text = ${literal(state.text)}
merges = ${literal(state.merges)}

ids = tokeniser.encode(text, merges)
for token in ids:
    print(token, tokeniser.vocabulary[token])
for step in tokeniser.steps(text):
    if step.rank < merges:
        left, right = (tokeniser.vocabulary[token] for token in step.pair)
        print(f"merge {step.rank + 1}: {left} and {right}, seen {tokeniser.counts[step.rank]}, made {step.made}")
for name, sample in {"Your text": text, **container.read(WEIGHTS)[1]["samples"]}.items():
    size, count = len(sample.encode()), len(tokeniser.encode(sample, merges))
    print(f"{name}: {len(sample)} characters, {size} bytes, {count} tokens")
`,
};

/** Bars: tokens a character, and thinner in front of them tokens a byte. */
function draw(plot, rows) {
  const perCharacter = rows.map(({ tokens: count, characters }) => count / characters);
  const perByte = rows.map(({ tokens: count, bytes }) => count / bytes);
  plot.axes({ x: { from: 0, to: Math.max(3.5, ...perCharacter.map((value) => value * 1.15)), label: "Tokens" }, y: { names: rows.map(({ name }) => name) } });
  plot.draw(`Tokens a character and a byte: ${rows.map(({ name }, at) => `${name} ${perCharacter[at].toFixed(2)} and ${perByte[at].toFixed(2)}`).join(", ")}.`, (p) => {
    p.bars(perCharacter, { colour: 1, width: 0.34, shift: -0.19, show: (value) => value.toFixed(2) });
    p.bars(perByte, { colour: 2, width: 0.34, shift: 0.19, show: (value) => value.toFixed(2) });
  });
}
