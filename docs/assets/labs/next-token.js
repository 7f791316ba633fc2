// The lab "next-token": what the small GPT expects after the learner's text, and what sampling makes of it.
import { html, literal } from "./core/controls.js";
import { LabError } from "./core/container.js";
import { Plot } from "./core/plot.js";

const ROWS = 12; // tokens with a bar of their own
const MOST_DRAWS = 1000;
const views = new WeakMap(); // lab → its parts, and the name of every token

const several = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
const round = (value) => value.toFixed(4);
const told = (p) => (p ? p.toFixed(3) : "0"); // 0 without decimals: filtered out

/** More draws from the same stream: the first so many of the seed. */
function draw(lab, more) {
  const draws = lab.state.draws + more;
  if (draws > MOST_DRAWS) throw new LabError(`The lab counts up to ${MOST_DRAWS.toLocaleString("en")} draws. Reset begins again.`);
  return lab.set({ draws });
}

export default {
  weights: ["tokeniser", "gpt"],
  worker: "next-token-worker.js",
  controls: {
    text: { type: "text", label: "Your text", value: "A language model", maxlength: 300, rows: 2, wide: true },
    temperature: { type: "range", label: "Temperature", min: 0, max: 2, step: 0.1, value: 1 },
    top_k: { type: "range", label: "Top-k", values: [1, 2, 3, 5, 10, 20, 50, 100, 0], value: 0, show: (k) => (k ? several(k, "token") : "all tokens") },
    top_p: { type: "range", label: "Top-p", min: 0.05, max: 1, step: 0.05, value: 1 },
    seed: { type: "number", label: "Seed", min: 0, max: 4294967295, step: 1, value: 1 },
    draws: { type: "hidden", value: 0, min: 0, max: MOST_DRAWS },
    one: { type: "button", label: "Draw one", press: (lab) => draw(lab, 1) },
    fifty: { type: "button", label: "Draw fifty", press: (lab) => draw(lab, 50) },
    written: { type: "range", label: "Tokens written", min: 0, max: 60, step: 1, value: 0 },
    generate: { type: "play", label: "Generate", of: "written", every: 150 },
  },

  async setup(lab) {
    const { card: { parameters, tokens, measures }, names } = await lab.ask("about");
    const prompt = html("p", {});
    const plot = new Plot({ height: 370, x: { from: 0, to: 1, label: "Probability" }, y: { names: Array(ROWS + 1).fill("") } });
    views.set(lab, { names, prompt, plot });
    const model = `The model: ${parameters.toLocaleString("en")} parameters, trained on ${tokens.training.toLocaleString("en")} tokens of this handbook. On sections that it never saw, its perplexity is ${measures.held_out.perplexity.toFixed(0)} a token.`;
    lab.view.append(prompt, plot.svg, html("p", { className: "lab-note" }, "Thick bars: the probabilities drawn from. Under each, thin: grey for the model's own, blue for its share of the draws."), html("p", { className: "lab-note" }, model));
  },

  async show(lab) {
    const { text, temperature, top_k: topK, top_p: topP, seed, draws, written: count } = lab.state;
    const { ids, written, begin, rows, own, bits, last, different, possible } = await lab.ask("next", { text, count, draws, temperature, topK, topP, seed });
    const { names, prompt, plot } = views.get(lab);
    const quote = (id) => `“${names[id]}”`;
    const chip = (id, hue) => {
      const made = html("span", { className: "lab-token" }, names[id]);
      if (hue) made.dataset.hue = hue;
      return made;
    };
    for (const row of rows) row.name = names[row.id] ?? "the rest";
    prompt.replaceChildren(...ids.map((id) => chip(id)), ...written.map(({ id }) => chip(id, 1)));
    showBars(plot, rows, draws);
    const parts = [`After ${several(ids.length + written.length, "token")}, ${quote(rows[0].id)} is likeliest, at ${rows[0].p.toFixed(3)}; ${several(possible, "token")} can be drawn. Entropy: ${bits.toFixed(2)} bits (${own.toFixed(2)} as the model has it, ${Math.log2(names.length)} at most).`];
    if (draws) parts.push(`Draw ${draws} gave ${quote(last.id)}, which has ${last.p.toFixed(3)}; ${several(different, "token")} came up so far, ${quote(rows[0].id)} ${several(rows[0].times, "time")}, where its probability gives ${(draws * rows[0].p).toFixed(1)}.`);
    if (written.length) parts.push(`The last token written, ${quote(written.at(-1).id)}, was drawn at ${written.at(-1).p.toFixed(3)}, with ${written.at(-1).bits.toFixed(2)} bits of entropy.`);
    if (begin) parts.push(`The text is longer than the model's context: its first ${begin - 1} tokens are not read.`);
    return {
      say: parts.join(" "),
      answer: draws >= 50,
      table: {
        caption: `The next token: ${ROWS} likeliest, and the rest`,
        header: ["Token", "Number", "Model's own probability", "Probability drawn from", `Drawn, of ${draws}`],
        rows: rows.map(({ name, id, own: before, p: after, times }) => [name, id ?? "none", round(before), round(after), times]),
      },
    };
  },

  python: ({ state }) => `from itertools import islice

from handbook.models import bpe, gpt, sampling
from handbook.models.random import Random

WEIGHTS = "docs/assets/labs/weights"
tokeniser, model = bpe.load(f"{WEIGHTS}/tokeniser.bin"), gpt.Gpt.load(f"{WEIGHTS}/gpt.bin")
settings = {"temperature": ${literal(state.temperature)}, "top_k": ${literal(state.top_k)}, "top_p": ${literal(state.top_p)}}
seed, draws, count = ${literal(state.seed)}, ${literal(state.draws)}, ${literal(state.written)}

ids = [gpt.START, *tokeniser.encode(${literal(state.text)})]
for token, p, bits in islice(sampling.generate(model, ids, Random(seed), **settings), count):
    ids.append(token)
    print(f"wrote {tokeniser.vocabulary[token]}: probability {p:.4f}, entropy {bits:.2f} bits")

logits = model.next_logits(ids)
own, p = sampling.distribution(logits), sampling.distribution(logits, **settings)
drawn = sampling.draw_many(p, draws, Random(seed))
print(f"entropy {sampling.entropy(p):.2f} bits, {sampling.entropy(own):.2f} as the model has it; {(p > 0).sum()} tokens can be drawn")
best = sampling.ranked(own)[:${ROWS}]
for token in best:
    print(token, tokeniser.vocabulary[token], f"{own[token]:.4f} {p[token]:.4f}", drawn[token])
print("the rest", f"{1 - own[best].sum():.4f} {1 - p[best].sum():.4f}", draws - drawn[best].sum())
`,
};

function showBars(plot, rows, draws) {
  const shares = rows.map(({ times }) => times / (draws || 1));
  const highest = Math.max(...rows.map(({ own }) => own), ...rows.map(({ p }) => p), ...shares);
  plot.axes({ x: { from: 0, to: Math.min(1, Math.ceil(highest * 10 + 0.5) / 10), label: "Probability" }, y: { names: rows.map(({ name }) => name) } });
  const each = rows.map(({ name, p, times }) => `${name} ${told(p)}${draws ? `, drawn ${several(times, "time")}` : ""}`).join("; ");
  plot.draw(`Probabilities of the next token: ${each}.`, (marks) => {
    marks.bars(rows.map(({ p }) => p), { colour: 1, width: 0.48, shift: -0.17, show: (p, place) => told(p) + (rows[place].times ? `, ${rows[place].times} drawn` : "") });
    marks.bars(rows.map(({ own }) => own), { colour: "muted", width: 0.12, shift: 0.19 });
    marks.bars(shares, { colour: 2, width: 0.12, shift: 0.35 });
  });
}
