// The computing of the lab `families`: samples of four models, their measures, and how fast they come on this device.
// handbook/models/families.py draws and measures the same.
import { Random } from "./core/random.js";
import { serve } from "./core/worker.js";
import { Autoregressive, Diffusion, GAN, VAE } from "./models/families.js";
import { frechet, neighbours } from "./models/measures.js";
import { draw } from "./models/shapes.js";

const MAKERS = { autoregressive: Autoregressive, vae: VAE, gan: GAN, diffusion: Diffusion };
const STREAMS = 6; // seeds that one comparison takes: two samples of the data, four models
const LEAST = 30; // ms for more draws, which the browser has compiled by then
const ENOUGH = 200; // ms of a first draw after which there are no more
const models = {};

/** Draw; the speed is that of the fastest draw, since a device that is busy with something else slows the others. */
const timed = async (n, seed, once, job) => {
  const start = performance.now();
  const points = await once(new Random(seed));
  let best = performance.now() - start;
  const end = performance.now() + (best < ENOUGH ? LEAST : 0);
  for (let round = 0; performance.now() < end; round++) {
    const began = performance.now();
    await once(new Random(round));
    best = Math.min(best, performance.now() - began);
  }
  await job.rest();
  return { points, speed: (1000 * n) / Math.max(best, 0.1) };
};

serve({
  load({ weights }) {
    for (const [name, { tensors }] of Object.entries(weights)) {
      models[name.replace("families-", "")] = Object.fromEntries(Object.entries(MAKERS).map(([family, Maker]) => [family, new Maker(tensors)]));
    }
  },

  async compare({ shape, count, steps, seed }, job) {
    const stream = (number) => (seed * STREAMS + number) % 2 ** 32;
    const reference = draw(shape, count, new Random(stream(0))).points;
    const samples = { data: { points: draw(shape, count, new Random(stream(1))).points } };
    for (const [number, [family, model]] of Object.entries(models[shape]).entries()) {
      samples[family] = await timed(count, stream(2 + number), async (random) => {
        if (family !== "diffusion") return model.sample(count, random);
        let last;
        for (last of model.walk(random.normals(2 * count), random, { steps })) await job.rest();
        return last.points;
      }, job);
      job.progress((number + 1) / 5);
    }
    for (const sample of Object.values(samples)) {
      const { precision, recall, coverage } = neighbours(reference, sample.points);
      Object.assign(sample, { precision, recall, coverage, frechet: frechet(reference, sample.points) });
      await job.rest();
    }
    return { reference, samples };
  },
});
