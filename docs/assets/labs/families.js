// The lab `families`: four small models, each of another family, draw from the same data; quality, diversity and speed.
import { html, literal } from "./core/controls.js";
import { Plot, tidy } from "./core/plot.js";

const FAMILIES = { autoregressive: "Autoregressive", vae: "VAE", gan: "GAN", diffusion: "Diffusion" };
const ROWS = { ...FAMILIES, data: "Data again" };
const SHAPES = { moons: "Two moons", ring: "Ring of eight", spiral: "Spiral" };
const MEASURES = {
  precision: { title: "Quality: precision", digits: 2 },
  recall: { title: "Diversity: recall", digits: 2 },
  coverage: { title: "Diversity: coverage", digits: 2 },
  frechet: { title: "Fréchet distance, low is good", digits: 3 },
  speed: { title: "Speed here: samples a second" },
};
const END = { from: -2.7, to: 2.7 };
const SLOWEST = 100; // a second, where the axis of powers of ten begins
const power = (speed) => Math.max(0, Math.log10(speed / SLOWEST));
const axis = (points, odd) => Array.from({ length: points.length / 2 }, (_, i) => points[2 * i + odd]);
const rounded = (value, digits) => (digits === undefined ? tidy(+value.toPrecision(2)) : value.toFixed(digits));

export default {
  weights: ["families-moons", "families-ring", "families-spiral"],
  worker: "families-worker.js",
  controls: {
    shape: { type: "select", label: "Data", choices: SHAPES, value: "spiral" },
    count: { type: "range", label: "Samples of each", values: [200, 500, 1000, 2000], value: 500 },
    steps: { type: "range", label: "Diffusion steps", values: [1, 2, 3, 5, 10, 20, 50, 100], value: 20 },
    family: { type: "select", label: "Highlight", choices: { all: "All four", ...FAMILIES }, value: "all" },
    seed: { type: "number", label: "Seed", min: 0, max: 4294967295, step: 1, value: 1 },
    draw: { type: "button", label: "Draw again", press: (lab) => lab.set({ seed: (lab.state.seed + 1) % 2 ** 32 }) },
  },

  setup(lab) {
    lab.maps = {};
    lab.bars = {};
    const maps = html("div", { className: "lab-pairs" });
    const bars = html("div", { className: "lab-panels" });
    for (const [family, title] of Object.entries(FAMILIES)) {
      lab.maps[family] = new Plot({ width: 180, height: 197, x: END, y: END, bare: true, title });
      maps.append(lab.maps[family].svg);
    }
    for (const [measure, { title, digits }] of Object.entries(MEASURES)) {
      const names = Object.values(measure === "speed" ? FAMILIES : ROWS);
      const x = digits === 2 ? { from: 0, to: 1, ticks: [0, 0.5, 1] } : { from: 0, to: 1 };
      lab.bars[measure] = new Plot({ width: 270, height: 44 + 24 * names.length, title, y: { names }, x });
      bars.append(lab.bars[measure].svg);
    }
    lab.view.append(maps, bars);
  },

  async show(lab) {
    const { shape, count, steps, family: chosen, seed } = lab.state;
    const colour = (family) => (family === "data" || (chosen !== "all" && family !== chosen) ? "muted" : 1);
    const map = (family, points, reference) =>
      lab.maps[family].draw(`${count} samples of the ${FAMILIES[family]} model over as many points of the data.`, (p) => {
        p.points(axis(reference, 0), axis(reference, 1), { colour: "rule", radius: 2 });
        p.points(axis(points, 0), axis(points, 1), { colour: colour(family), radius: 1.3, opacity: 0.8 });
      });
    const samples = await this.compare(lab, { shape, count, steps, seed }, map);
    for (const [measure, plot] of Object.entries(lab.bars)) {
      const { title, digits } = MEASURES[measure];
      const rows = Object.keys(ROWS).filter((row) => measure in samples[row]);
      const values = rows.map((row) => samples[row][measure]);
      const told = rows.map((row, i) => `${ROWS[row]} ${rounded(values[i], digits)}`).join(", ");
      const most = Math.max(...values);
      if (measure === "frechet") {
        const top = +Math.max(most, 0.001).toPrecision(1);
        plot.axes({ x: { from: 0, to: Math.max(top, 1.05 * most), ticks: [0, top / 2, top] } });
      }
      if (measure === "speed") plot.axes({ x: { from: 0, to: Math.max(4, power(most)), ticks: { 0: "100", 2: "10,000", 4: "10⁶" } } });
      plot.draw(`${title}. ${told}.`, (p) => p.bars(measure === "speed" ? values.map(power) : values, {
        colour: (_, i) => colour(rows[i]),
        show: (_, i) => rounded(values[i], digits),
      }));
    }
    return { say: this.say(samples, lab.state), table: this.table(samples, lab.state) };
  },

  /** Ask the worker, unless only what stands out has changed; each family is drawn as its sample comes. */
  async compare(lab, asked, map) {
    const key = JSON.stringify(asked);
    if (lab.compared?.key === key) {
      const { reference, samples } = lab.compared;
      for (const family in lab.maps) map(family, samples[family].points, reference);
      return samples;
    }
    const soon = performance.now() + 300;
    const answer = await lab.ask("compare", asked, ({ done, family, points, reference }) => {
      map(family, points, reference);
      if (performance.now() > soon) lab.busy("Drawing and measuring", done);
    });
    lab.busy(null);
    lab.compared = { key, ...answer };
    return answer.samples;
  },

  say(samples, { shape, count, steps, family }) {
    const best = (measure) => Object.keys(FAMILIES).reduce((a, b) => (samples[b][measure] > samples[a][measure] ? b : a));
    const one = (name) => {
      const { precision, recall, speed } = samples[name];
      return `${FAMILIES[name]}${name === "diffusion" ? ` in ${steps === 1 ? "1 step" : `${steps} steps`}` : ""}: precision ${rounded(precision, 2)}, recall ${rounded(recall, 2)}, ${rounded(speed)} a second`;
    };
    const [first, second, third] = ["precision", "recall", "speed"].map((measure) => FAMILIES[best(measure)]);
    const told = family === "all" ? Object.keys(FAMILIES) : [family];
    return `${SHAPES[shape]}, ${tidy(count)} samples of each. ${told.map(one).join("; ")}. Highest precision: ${first}; highest recall: ${second}; fastest here: ${third}.`;
  },

  table: (samples, { shape, count, steps, seed }) => ({
    caption: `${SHAPES[shape]}, ${tidy(count)} samples of each, ${steps} diffusion steps, seed ${seed}; “Data again” is a second sample of the data, which a perfect model would equal. Speeds are of this device, now.`,
    header: ["Family", "Precision", "Recall", "Coverage", "Fréchet distance", "Samples a second"],
    rows: Object.entries(ROWS).map(([row, name]) => [name, ...Object.entries(MEASURES).map(([measure, { digits }]) => (measure in samples[row] ? rounded(samples[row][measure], digits) : "not timed"))]),
  }),

  python: ({ state: { shape, count, steps, seed } }) => `from handbook.models import families

shape, count, steps, seed = ${literal(shape)}, ${count}, ${steps}, ${seed}
models = families.load(f"docs/assets/labs/weights/families-{shape}.bin")
samples = families.draw(models, shape, count, steps, seed)
for name, found in families.measure(samples).items():
    print(name, *(f"{measure} {value:.4f}" for measure, value in found.items()))
`,
};
