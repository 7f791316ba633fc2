// Memory, speed, training and price of a language model. The sums are those of handbook/models/sums.py.
import { html } from "./core/controls.js";
import { Plot } from "./core/plot.js";

export const weightMemory = (parameters, bits) => (parameters * bits) / 8;
export const cacheMemory = (layers, heads, size, tokens, requests, bits) => (2 * layers * heads * size * tokens * requests * bits) / 8;
export const speed = (bandwidth, weights, cache, requests) => (requests * bandwidth) / (weights + cache);
export const trainingOperations = (parameters, tokens) => 6 * parameters * tokens;
export const trainingDays = (operations, chips, rate) => operations / (chips * rate) / 86400;
export const trainingEnergy = (chips, kilowatts, days) => chips * kilowatts * days * 24;
export const answerPrice = (prompt, answer, promptPrice, answerPrice) => (prompt * promptPrice + answer * answerPrice) / 1e6;
export const breakEven = (fixed, price) => fixed / price;

// Shapes and training data as published; the chapter on scaling names the sources.
const MODELS = {
  llama8: { parameters: 8, layers: 32, heads: 8, size: 128, tokens: 15 },
  llama70: { parameters: 70, layers: 80, heads: 8, size: 128, tokens: 15 },
  llama405: { parameters: 405, layers: 126, heads: 8, size: 128, tokens: 15.6 },
  gpt3: { parameters: 175, layers: 96, heads: 96, size: 128, tokens: 0.3 },
};
const MACHINES = { accelerator: { bandwidth: 3350, memory: 80 }, laptop: { bandwidth: 100, memory: 32 } };
const TOPICS = {
  memory: ["model", "parameters", "bits", "layers", "heads", "size", "context", "requests", "cacheBits", "machine", "bandwidth", "memory"],
  training: ["model", "parameters", "tokens", "chips", "rate", "power"],
  cost: ["prompt", "answer", "promptPrice", "answerPrice", "answers", "fixed"],
};
const OWN = { model: "own" };
const number = (label, unit, value, max, step = 1, unsets) => ({ type: "number", label, unit, min: step, max, step, value, unsets });
const powers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));

// ── Formulas ──────────────────────────────────────────────────────────────

const math = (name, ...content) => {
  const made = document.createElementNS("http://www.w3.org/1998/Math/MathML", name);
  made.append(...content.flat());
  return made;
};
/** Letters become identifiers, numbers numbers, anything else an operator; a list [above, below] a fraction. */
function formula(...parts) {
  return parts.map((part) => {
    if (Array.isArray(part)) return math("mfrac", ...part.map((side) => math("mrow", formula(...side.split(" ")))));
    if (/^\d+\^\d+$/.test(part)) return math("msup", ...part.split("^").map((each) => math("mn", each)));
    if (/^[A-Za-z]{2}/.test(part)) return math("mtext", `\u00a0${part}`);
    return math(/^[\d.,]+$/.test(part) ? "mn" : /^[A-Za-z]$/.test(part) ? "mi" : "mo", part);
  });
}
const shown = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4 });
const given = (value) => value.toLocaleString("en", { maximumFractionDigits: 6 }); // what the reader put in, unrounded
const scaled = (value, exponent) => `${given(value)} · 10^${exponent}`;
const scientific = (value) => {
  const exponent = Math.floor(Math.log10(value));
  return `${shown(value / 10 ** exponent)} · 10^${exponent}`;
};

/** One sum: what it gives, the formula in letters, and with the reader's numbers. */
function sum(name, letters, numbers, value, unit) {
  const formulas = [letters, numbers].map((parts) => {
    const made = math("math", formula(...parts));
    made.setAttribute("displaystyle", "true");
    return made;
  });
  return html("div", {}, html("p", {}, `${name}: `, html("strong", {}, `${shown(value)} ${unit}`)), html("div", { className: "maths", role: "group", ariaLabel: `Formula, ${name}` }, ...formulas));
}

// ── The lab ───────────────────────────────────────────────────────────────

const topics = {
  memory({ state, view, plot }) {
    const { parameters, bits, layers, heads, size, context, requests, cacheBits, bandwidth, memory } = state;
    const weights = weightMemory(parameters * 1e9, bits) / 1e9;
    const cache = cacheMemory(layers, heads, size, context, requests, cacheBits) / 1e9;
    const all = speed(bandwidth, weights, cache, requests);
    const fits = weights + cache <= memory;
    view.append(
      sum("Weights", ["W", "=", ["N b", "8"]], ["=", [`${scaled(parameters, 9)} · ${bits}`, "8"], "bytes"], weights, "GB"),
      sum("Cache of all requests", ["K", "=", ["2 L h d T B c", "8"]], ["=", [`2 · ${layers} · ${heads} · ${size} · ${given(context)} · ${requests} · ${cacheBits}`, "8"], "bytes"], cache, "GB"),
      sum("Ceiling for all requests", ["v", "=", ["B M", "W + K"]], ["=", [`${requests} · ${given(bandwidth)}`, `${shown(weights)} + ${shown(cache)}`], "per second"], all, "tokens a second"),
    );
    plot("GB", ["weights", "cache", "both", "machine"], [weights, cache, weights + cache, memory]);
    const room = fits ? `fit into ${given(memory)} GB` : `do not fit into ${given(memory)} GB`;
    return {
      say: `Weights of ${shown(weights)} GB and a cache of ${shown(cache)} GB ${room}. ${fits ? "The" : "With memory enough, the"} ceiling is ${shown(all)} tokens a second in all, ${shown(all / requests)} for each request.`,
      rows: [["Weights", weights, "GB"], ["Cache", cache, "GB"], ["Both", weights + cache, "GB"], ["Memory of the machine", memory, "GB"], ["All requests", all, "tokens a second"], ["Each request", all / requests, "tokens a second"]],
    };
  },

  training({ state, view, plot }) {
    const { parameters, tokens, chips, rate, power } = state;
    const operations = trainingOperations(parameters * 1e9, tokens * 1e12);
    const days = trainingDays(operations, chips, rate * 1e12);
    const energy = trainingEnergy(chips, power, days) / 1e3;
    view.append(
      sum("Compute", ["C", "=", "6", "N", "D"], ["=", "6", "·", ...`${scaled(parameters, 9)} · ${scaled(tokens, 12)}`.split(" ")], operations / 1e21, "· 10²¹ operations"),
      sum("Time", ["t", "=", ["C", "G R"]], ["=", [scientific(operations), `${given(chips)} · ${scaled(rate, 12)}`], "seconds"], days, "days"),
      sum("Energy", ["E", "=", "G", "P", "t"], ["=", given(chips), "·", given(power), "kW", "·", shown(days * 24), "hours"], energy, "MWh"),
    );
    const counts = [chips / 4, chips / 2, chips, chips * 2, chips * 4];
    plot("Days", counts.map(given), counts.map((count) => trainingDays(operations, count, rate * 1e12)), "accelerators");
    return {
      say: `Training takes ${scientific(operations).replace("^", " to the ")} operations: ${shown(days)} days on ${given(chips)} accelerators, and ${shown(energy)} MWh.`,
      rows: [["Compute", operations, "operations"], ["Time", days, "days"], ["Energy", energy, "MWh"], ["Tokens per parameter", (tokens * 1e12) / (parameters * 1e9), "tokens"]],
    };
  },

  cost({ state, view, plot }) {
    const { prompt, answer, promptPrice, answerPrice: price, answers, fixed } = state;
    const one = answerPrice(prompt, answer, promptPrice, price);
    const month = one * answers;
    const even = breakEven(fixed, one);
    view.append(
      sum("One answer", ["a", "=", ["x p + y q", "10^6"]], ["=", [`${given(prompt)} · ${given(promptPrice)} + ${given(answer)} · ${given(price)}`, "10^6"], "USD"], one, "USD"),
      sum("A month", ["A", "=", "n", "a"], ["=", given(answers), "·", shown(one), "USD"], month, "USD"),
      sum("Break-even with own machines", ["n", "=", ["F", "a"]], ["=", [given(fixed), shown(one)], "answers"], even, "answers a month"),
    );
    plot("USD a month", ["prompts", "answers", "both", "own machines"], [(prompt * promptPrice * answers) / 1e6, (answer * price * answers) / 1e6, month, fixed]);
    return {
      say: `An answer costs USD ${shown(one)}, and ${given(answers)} a month cost USD ${shown(month)}. Own machines at USD ${given(fixed)} a month break even at ${shown(even)} answers.`,
      rows: [["One answer", one, "USD"], ["A month", month, "USD"], ["Of it, prompts", (prompt * promptPrice * answers) / 1e6, "USD"], ["Of it, answers", (answer * price * answers) / 1e6, "USD"], ["Break-even", even, "answers a month"]],
    };
  },
};

export default {
  weights: [],
  controls: {
    topic: { type: "select", label: "What to work out", choices: { memory: "Memory and speed", training: "Training", cost: "Cost of answers" }, value: "memory" },
    model: { type: "select", label: "Model", choices: { llama8: "Llama 3.1 8B", llama70: "Llama 3.1 70B", llama405: "Llama 3.1 405B", gpt3: "GPT-3", own: "Your numbers" }, value: "llama8", sets: MODELS },
    parameters: number("Parameters N", "billions", 8, 100000, 0.001, OWN),
    bits: { type: "range", label: "Bits of a weight b", values: [2, 3, 4, 8, 16, 32], value: 16 },
    layers: number("Layers L", "", 32, 1000, 1, OWN),
    heads: number("Key-value heads h", "", 8, 1000, 1, OWN),
    size: number("Numbers in a head d", "", 128, 1024, 1, OWN),
    context: { type: "range", label: "Context T", unit: "tokens", values: powers(9, 20), value: 4096 },
    requests: { type: "range", label: "Requests together B", values: powers(0, 9), value: 1 },
    cacheBits: { type: "range", label: "Bits of the cache c", values: [4, 8, 16], value: 16 },
    machine: { type: "select", label: "Machine", choices: { accelerator: "H100 accelerator", laptop: "Laptop, hypothetical", own: "Your numbers" }, value: "accelerator", sets: MACHINES },
    bandwidth: number("Bandwidth M", "GB/s", 3350, 1e6, 1, { machine: "own" }),
    memory: number("Its memory", "GB", 80, 1e6, 1, { machine: "own" }),
    tokens: number("Training tokens D", "trillions", 15, 10000, 0.001, OWN),
    chips: number("Accelerators G", "", 16384, 1e7),
    rate: number("Rate of each R", "10¹²/s", 400, 1e5),
    power: number("Power of each P", "kW", 1, 10, 0.05),
    prompt: number("Prompt x", "tokens", 2000, 1e6),
    answer: number("Answer y", "tokens", 500, 1e6),
    promptPrice: number("Price of a million in p", "USD", 3, 1000, 0.01),
    answerPrice: number("Price of a million out q", "USD", 15, 1000, 0.01),
    answers: number("Answers a month n", "", 100000, 1e9),
    fixed: number("Own machines F", "USD a month", 3800, 1e7),
  },

  show(lab) {
    const { topic } = lab.state;
    if (topic !== lab.topic) for (const key of Object.values(TOPICS).flat()) lab.control(key).update({ hidden: !TOPICS[topic].includes(key) });
    lab.topic = topic;
    const sums = html("div");
    const panels = html("div", { className: "lab-panels" }, sums);
    const plot = (label, names, values, title) => {
      const made = new Plot({ height: 44 + 30 * names.length, x: { from: 0, to: Math.max(...values) * 1.02, label }, y: { names, label: title } });
      made.draw(`Bars, ${label}: ${names.map((name, i) => `${name} ${shown(values[i])}`).join(", ")}.`, (p) => p.bars(values, { show: shown, colour: (_, i) => (i === names.length - 1 && topic !== "training" ? 2 : 1) }));
      panels.append(made.svg);
    };
    const { say, rows } = topics[topic]({ state: lab.state, view: sums, plot });
    lab.view.replaceChildren(panels);
    return { say, table: { caption: "The same sums, to four digits", header: ["Sum", "Value", "Unit"], rows: rows.map(([name, value, unit]) => [name, shown(value), unit]) } };
  },

  python({ state: s }) {
    const body = {
      memory: `weights = sums.weight_memory(${s.parameters}e9, ${s.bits})
cache = sums.cache_memory(${[s.layers, s.heads, s.size, s.context, s.requests, s.cacheBits].join(", ")})
every = sums.speed(${s.bandwidth}e9, weights, cache, ${s.requests})
rows = [
    ("Weights", weights / 1e9, "GB"),
    ("Cache", cache / 1e9, "GB"),
    ("Both", (weights + cache) / 1e9, "GB"),
    ("Memory of the machine", ${s.memory}, "GB"),
    ("All requests", every, "tokens a second"),
    ("Each request", every / ${s.requests}, "tokens a second"),
]`,
      training: `operations = sums.training_operations(${s.parameters}e9, ${s.tokens}e12)
days = sums.training_days(operations, ${s.chips}, ${s.rate}e12)
rows = [
    ("Compute", operations, "operations"),
    ("Time", days, "days"),
    ("Energy", sums.training_energy(${s.chips}, ${s.power}, days) / 1e3, "MWh"),
    ("Tokens per parameter", ${s.tokens}e12 / ${s.parameters}e9, "tokens"),
]`,
      cost: `one = sums.answer_price(${[s.prompt, s.answer, s.promptPrice, s.answerPrice].join(", ")})
rows = [
    ("One answer", one, "USD"),
    ("A month", one * ${s.answers}, "USD"),
    ("Of it, prompts", ${s.prompt} * ${s.promptPrice} * ${s.answers} / 1e6, "USD"),
    ("Of it, answers", ${s.answer} * ${s.answerPrice} * ${s.answers} / 1e6, "USD"),
    ("Break-even", sums.break_even(${s.fixed}, one), "answers a month"),
]`,
    }[s.topic];
    return `from handbook.models import sums

${body}
for name, value, unit in rows:
    print(f"{name}: {value:.4g} {unit}")
`;
  },
};
