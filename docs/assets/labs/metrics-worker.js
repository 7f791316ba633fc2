// As handbook/models/faults.py and surprise.py define it.
import { Random } from "./core/random.js";
import { serve } from "./core/worker.js";
import { shown, Tokeniser } from "./models/bpe.js";
import { Gpt, START } from "./models/gpt.js";
import { bitsPerByte, frechet, moments, nearest, neighbours, perplexity, squaredRadii } from "./models/measures.js";
import { draw } from "./models/shapes.js";

const FRECHET = "Fréchet distance";
const NOISE = { memory: 0.01, blur: 0.4 };
let gpt;
let tokeniser;

const point = (fault, shape, training, random) => {
  if (fault === "gaussian") {
    const [x, y, xx, xy, yy] = moments(training);
    const [across, up] = random.normals(2);
    return [x + Math.sqrt(xx) * across, y + (xy / Math.sqrt(xx)) * across + Math.sqrt(yy - xy ** 2 / xx) * up];
  }
  if (NOISE[fault]) {
    const at = 2 * random.integer(training.length / 2);
    return random.normals(2).map((value, odd) => training[at + odd] + NOISE[fault] * value);
  }
  for (;;) {
    const { points, labels } = draw(shape, 1, random);
    if (fault === "none" || !labels[0]) return points;
  }
};

const surprise = (words) => {
  const ids = tokeniser.encode(words);
  const losses = gpt.losses([START, ...ids]);
  return { words, tokens: ids.map((id) => shown(tokeniser.vocabulary[id]).text), bits: Array.from(losses, (loss) => loss / Math.LN2), perplexity: perplexity(losses), bitsPerByte: bitsPerByte(losses, tokeniser.bytes(ids).length) };
};

serve({
  load({ weights }) {
    gpt = new Gpt(weights.gpt);
    const { merges, counts } = weights.tokeniser.tensors;
    tokeniser = new Tokeniser(merges.data, counts.data);
  },

  async sizes({ shape, sizes, runs, seed }, job) {
    const random = new Random(seed);
    const found = [];
    while (found.length < runs) {
      found.push(sizes.map((size) => frechet(...[0, 1].map(() => draw(shape, size, random).points))));
      await job.rest();
    }
    return found;
  },

  async faults({ shape, fault, share, size, k, seed, runs }, job) {
    const training = draw(shape, size, new Random(seed)).points;
    const radii = squaredRadii(training, k);
    const measure = (points) => {
      const near = nearest(points, training).sort();
      return { [FRECHET]: frechet(training, points), ...neighbours(training, points, k, radii), "nearest copy": (near[size / 2 - 1] + near[size / 2]) / 2 };
    };
    const random = new Random(seed + 1);
    const generated = new Float64Array(2 * size);
    for (let i = 0; i < size; i++) generated.set(point(random.uniform() < share ? fault : "none", shape, training, random), 2 * i);
    const honest = [];
    while (honest.length < runs) {
      honest.push(measure(draw(shape, size, new Random(seed + 2 + honest.length)).points));
      await job.rest();
    }
    const rows = Object.entries(measure(generated)).map(([name, value]) => {
      const all = honest.map((each) => each[name]);
      const [low, high] = [Math.min(...all), Math.max(...all)];
      return { name, value, low, high, verdict: (name === FRECHET ? value > high : value < low) ? "caught" : "missed" };
    });
    return { training, generated, rows };
  },

  text({ text, seed }) {
    const words = text.split(/\s+/).filter(Boolean);
    return [text, new Random(seed).permutation(words.length).map((place) => words[place]).join(" ")].map(surprise);
  },
});
