// The computing of the lab `families`: samples of four models, their measures, and how fast they come on this device.
// handbook/models/families.py draws and measures the same.
import { Random } from "./core/random.js";
import { serve } from "./core/worker.js";
import { Autoregressive, Diffusion, GAN, VAE } from "./models/families.js";
import { frechet, neighbours, squaredRadii } from "./models/measures.js";
import { draw } from "./models/shapes.js";

const MAKERS = { autoregressive: Autoregressive, vae: VAE, gan: GAN, diffusion: Diffusion };
const STREAMS = 6; // seeds that one comparison takes: two samples of the data, four models
const NEIGHBOURS = 5;
const LEAST = 30; // ms of more passes after the draw, which the browser has compiled by then
const models = {}; // shape → family → model, made when its shape is first drawn
let files;

/** The passes of one draw, one after another; the last yields the sample. */
function* passes(model, n, random, steps) {
  if (!model.walk) return yield model.sample(n, random);
  const frames = model.walk(random.normals(2 * n), random, { steps });
  frames.next(); // the noise, before any pass
  for (const { points } of frames) yield points;
}

/** Draw. Each pass counts as the fastest did: one that is still being compiled, or shares the device, says little of it. */
const timed = async (model, n, seed, steps, job) => {
  let [best, count, points] = [Infinity, 0];
  const run = async (random, until, seen) => {
    let began = performance.now();
    for (const sample of passes(model, n, random, steps)) {
      best = Math.min(best, performance.now() - began);
      seen?.(sample);
      if (performance.now() > until) return;
      await job.rest();
      began = performance.now();
    }
  };
  await run(new Random(seed), Infinity, (sample) => (points = sample) && count++);
  const end = performance.now() + LEAST;
  for (let round = 0; performance.now() < end; round++) await run(new Random(round), end);
  return { points, speed: (1000 * n) / (count * Math.max(best, 0.1)) };
};

serve({
  load({ weights }) {
    files = weights;
  },

  async compare({ shape, count, steps, seed }, job) {
    models[shape] ??= Object.fromEntries(Object.entries(MAKERS).map(([family, Maker]) => [family, new Maker(files[`families-${shape}`].tensors)]));
    const stream = (number) => (seed * STREAMS + number) % 2 ** 32;
    const reference = draw(shape, count, new Random(stream(0))).points;
    const samples = { data: { points: draw(shape, count, new Random(stream(1))).points } };
    for (const [number, [family, model]] of Object.entries(models[shape]).entries()) {
      samples[family] = await timed(model, count, stream(2 + number), steps, job);
      job.progress({ done: (number + 1) / 5, family, points: samples[family].points, reference });
    }
    const radii = squaredRadii(reference, NEIGHBOURS);
    for (const sample of Object.values(samples)) {
      const { precision, recall, coverage } = neighbours(reference, sample.points, NEIGHBOURS, radii);
      Object.assign(sample, { precision, recall, coverage, frechet: frechet(reference, sample.points) });
      await job.rest();
    }
    return { reference, samples };
  },
});
