// How measures of generative models mislead.
import { LabError } from "./core/container.js";
import { html, literal } from "./core/controls.js";
import { Plot, tidy } from "./core/plot.js";

const SIZES = [20, 50, 100, 200, 500, 1000];
const runs = 20;
const FAULTS = { none: "No fault", collapse: "Collapse to one class", gaussian: "One Gaussian", memory: "Memorised points", blur: "Blurred points" };
const USED = { sizes: "shape seed", faults: "shape fault share size k seed", text: "text shuffled seed" };
const few = (value) => tidy(+value.toPrecision(3));
const short = (rows) => rows.map((row) => row.map((cell) => (typeof cell === "number" ? +cell.toFixed(5) : cell)));
const axis = (sample, odd) => sample.filter((_, i) => i % 2 === odd);
const show = (lab, text, ...plots) => lab.view.replaceChildren(html("div", { className: "lab-panels" }, ...plots.map((plot) => plot.svg)), html("p", {}, text));

const parts = {
  async sizes(lab) {
    const found = await lab.ask("sizes", { ...lab.state, sizes: SIZES, runs });
    const rows = SIZES.map((size, i) => {
      const all = found.map((row) => row[i]);
      return [size, all.reduce((a, b) => a + b) / runs, Math.min(...all), Math.max(...all)];
    });
    const [, means, lows, highs] = rows[0].map((_, i) => rows.map((row) => row[i]));
    const plot = new Plot({ height: 260, x: { from: 20, to: 1000, log: true, label: "Points in each sample", ticks: SIZES }, y: { from: Math.min(...lows) / 1.5, to: Math.max(...highs) * 1.5, log: true, label: "Fréchet distance" } });
    const say = `With 20 points a sample the distance averages ${few(means[0])}, with 1,000 points ${few(means[5])}; the true distance is 0.`;
    plot.draw(say, (p) => {
      p.area(SIZES, lows, highs);
      p.line(SIZES, means);
      p.points(SIZES, means, { radius: 3 });
    });
    show(lab, `Line: mean of ${runs} pairs. Band: least to greatest.`, plot);
    return { say, table: { caption: "Fréchet distance", header: ["Points", "Mean", "Least", "Greatest"], rows: short(rows) } };
  },

  async faults(lab, { fault, share }) {
    const { training, generated, rows } = await lab.ask("faults", { ...lab.state, share: share / 100, runs });
    const named = (verdict) => `${verdict} by ${rows.filter((row) => row.verdict === verdict).map(({ name }) => name).join(", ") || "nothing"}`;
    const say = `${FAULTS[fault]}: ${named("caught")}; ${named("missed")}.`;
    const ends = { from: -3, to: 3 };
    const map = new Plot({ width: 300, height: 300, x: ends, y: ends, bare: true });
    map.draw("The training points and the generated ones.", (p) => {
      p.points(axis(training, 0), axis(training, 1), { colour: "muted", radius: 1.5, opacity: 0.6 });
      p.points(axis(generated, 0), axis(generated, 1), { radius: 1.5, opacity: 0.8 });
    });
    const place = ({ name, value, low, high }) => {
      const at = high > low ? (value - low) / (high - low) : 0.5 + Math.sign(value - low);
      return Math.max(-1.3, Math.min(2.3, name[0] === "F" ? 1 - at : at));
    };
    const chart = new Plot({ height: 270, x: { from: -1.7, to: 2.7, ticks: { 0: "worst", 1: "best" }, label: `of ${runs} honest samples` }, y: { names: rows.map(({ name }) => name) } });
    chart.draw(say, (p) => {
      p.area([0, 1], [5.5, 5.5], [-0.5, -0.5], { colour: "muted" });
      rows.forEach((row, i) => {
        p.points([place(row)], [i], { colour: row.verdict === "caught" ? 1 : 2, radius: 5 });
        p.text(place(row), i, few(row.value), { dy: -8 });
      });
    });
    show(lab, `Grey: training points. Caught: worse than all of ${runs} honest samples, drawn from the data.`, map, chart);
    return { say, table: { caption: `Against ${runs} honest samples`, header: ["Measure", "Generator", "Least", "Greatest", "Verdict"], rows: short(rows.map(Object.values)) } };
  },

  async text(lab, { text, shuffled }) {
    if (!text.trim()) throw new LabError("There is no text to measure: type a few words.");
    const both = await lab.ask("text", lab.state);
    const { words, tokens, bits } = both[+shuffled];
    const plot = new Plot({ height: 50 + 20 * tokens.length, x: { from: 0, to: Math.max(...bits), label: "Surprise (bits)" }, y: { names: tokens } });
    const say = both.map((each, i) => `${i ? "Shuffled" : "As typed"}: perplexity ${few(each.perplexity)}, ${few(each.bitsPerByte)} bits per byte.`).join(" ");
    plot.draw(say, (p) => p.bars(bits, { colour: 1 + shuffled, show: (value) => value.toFixed(1) }));
    show(lab, `“${words}” This tiny model has read only this handbook; its numbers are not those of a large one.`, plot);
    return { say, table: { caption: "Surprise", header: ["Place", "Token", "Bits"], rows: short(tokens.map((token, i) => [i + 1, token, bits[i]])) } };
  },
};

export default {
  weights: ["gpt", "tokeniser"],
  worker: "metrics-worker.js",
  controls: {
    part: { type: "select", label: "Part", choices: { sizes: "Sample size", faults: "Faulty models", text: "Perplexity" }, value: "faults" },
    shape: { type: "select", label: "Shape", choices: { moons: "Two moons", ring: "Ring of eight", spiral: "Spiral" }, value: "ring" },
    fault: { type: "select", label: "Generator", choices: FAULTS, value: "gaussian" },
    share: { type: "range", label: "Faulty share", unit: "%", min: 0, max: 100, step: 5, value: 100 },
    size: { type: "range", label: "Points", values: [100, 200, 400, 800], value: 400 },
    k: { type: "range", label: "Neighbours, k", min: 1, max: 10, step: 1, value: 5 },
    text: { type: "text", label: "Your text", value: "The model guesses the next word from the words before it.", maxlength: 200, rows: 2, wide: true },
    shuffled: { type: "check", label: "Shuffle the words", value: false },
    seed: { type: "number", label: "Seed", min: 0, max: 1e9, step: 1, value: 1 },
  },
  show(lab) {
    const { part } = lab.state;
    if (part !== lab.part) for (const key of Object.values(USED).join(" ").split(" ")) lab.control(key).update({ hidden: !USED[part].split(" ").includes(key) });
    lab.part = part;
    return parts[part](lab, lab.state);
  },
  python({ state: { part, shape, fault, share, size, k, text, seed } }) {
    const call = {
      sizes: `faults.distances_by_size(${literal(shape)}, ${literal(SIZES)}, ${runs}, ${seed}).mean(axis=0)`,
      faults: `faults.inspect(${literal(fault)}, ${share / 100}, ${literal(shape)}, ${size}, ${k}, ${seed})`,
      text: `surprise.compare(${literal(text)}, ${seed})`,
    }[part];
    return `from handbook.models import faults, surprise\n\nprint(${call})\n`;
  },
};
