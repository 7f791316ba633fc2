// What the lab `diffusion` computes, as handbook/models/diffusion_measures.py defines it, and the learnt field.
import { Random } from "./core/random.js";
import { serve } from "./core/worker.js";
import { addNoise, Diffusion, SIGNAL, times } from "./models/families.js";
import { neighbours } from "./models/measures.js";
import { CLASSES, draw } from "./models/shapes.js";

const REACH = 3.2;
const GRID = 13;
const NEIGHBOURS = 5;
const ENOUGH = 12;
const models = {};

const classes = (shape, label, count) => {
  if (label === "all") return Array.from({ length: count }, (_, i) => i % CLASSES[shape]);
  return label === "none" ? undefined : +label;
};

const real = ({ shape, label, count, seed }) => {
  const one = classes(shape, label, count);
  const { points, labels } = draw(shape, one >= 0 ? ENOUGH * count : count, new Random(seed + 1));
  return one >= 0 ? points.filter((_, i) => labels[i >> 1] === one).slice(0, 2 * count) : points;
};

const walk = async ({ shape, label, count, seed, ...options }, job, stepped) => {
  const random = new Random(seed);
  const frames = [];
  for (const frame of models[shape].walk(random.normals(2 * count), random, { ...options, labels: classes(shape, label, count) })) {
    frames.push(frame);
    stepped?.();
    await job.rest();
  }
  return frames;
};

serve({
  load({ weights }) {
    for (const [name, { tensors }] of Object.entries(weights)) models[name.replace("families-", "")] = new Diffusion(tensors);
  },

  async walk(asked, job) {
    const data = real(asked);
    const frames = await walk(asked, job);
    return { data, frames, measures: neighbours(data, frames.at(-1).points, NEIGHBOURS) };
  },

  forward(asked) {
    const data = real({ ...asked, label: "none" });
    const noise = new Random(asked.seed).normals(data.length);
    const frames = times(50).reverse().map((time) => ({ time, left: SIGNAL[time], points: addNoise(data, time, noise) }));
    return { data, frames };
  },

  /** Places on a grid, and the clean points that the network guesses from there. */
  field({ shape, label, guidance, time }) {
    const place = (number) => REACH * ((2 * number + 1) / GRID - 1);
    const places = Float64Array.from({ length: 2 * GRID ** 2 }, (_, i) => place(i % 2 ? Math.floor(i / 2 / GRID) : (i >> 1) % GRID));
    return { places, clean: models[shape].predict(places, time, classes(shape, label === "all" ? "none" : label, 1), guidance).clean };
  },

  async curve({ along, values, ...asked }, job) {
    const data = real(asked);
    const passes = values.map((value) => (along === "steps" ? value : asked.steps) + 1);
    const all = passes.reduce((a, b) => a + b);
    let done = 0;
    const rows = [];
    for (const value of values) {
      const frames = await walk({ ...asked, [along]: value }, job, () => job.progress(++done / all));
      rows.push(neighbours(data, frames.at(-1).points, NEIGHBOURS));
    }
    return rows;
  },
});
