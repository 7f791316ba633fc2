// Four small generative models of points in the plane, as handbook/models/ defines them (autoregressive.py, vae.py, gan.py,
// diffusion.py; sources and equations there). A sample is a flat Float64Array x0, y0, x1, y1, …; as in NumPy all is float64.
import { RANGE } from "./shapes.js";

export const STEPS = 100;
const OFFSET = 0.008;
const FREQUENCIES = 16;

const silu = (x) => x / (1 + Math.exp(-x));

/** The layers `<name>.0`, `<name>.1`, … of a file of weights. */
const layers = (tensors, name) => {
  const found = [];
  for (let i = 0; tensors[`${name}.${i}.weight`]; i++) {
    const { shape: [outputs, inputs], data } = tensors[`${name}.${i}.weight`];
    found.push({ outputs, inputs, weight: Float64Array.from(data), bias: Float64Array.from(tensors[`${name}.${i}.bias`].data) });
  }
  return found;
};

// Small functions that always do the same: the browser compiles them once, early in the first draw, for all families.

/** x Wᵀ + b for rows of x. Four outputs at a time read an input once. */
const linear = (x, { inputs, outputs, weight, bias }) => {
  const rows = x.length / inputs;
  const result = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * inputs, row * outputs];
    let output = 0;
    for (; output + 3 < outputs; output += 4) {
      let [a, b, c, d] = [bias[output], bias[output + 1], bias[output + 2], bias[output + 3]];
      let at = output * inputs;
      for (let i = 0; i < inputs; i++, at++) {
        const value = x[from + i];
        a += value * weight[at];
        b += value * weight[at + inputs];
        c += value * weight[at + 2 * inputs];
        d += value * weight[at + 3 * inputs];
      }
      result[to + output] = a;
      result[to + output + 1] = b;
      result[to + output + 2] = c;
      result[to + output + 3] = d;
    }
    for (; output < outputs; output++) {
      let total = bias[output];
      for (let i = 0; i < inputs; i++) total += x[from + i] * weight[output * inputs + i];
      result[to + output] = total;
    }
  }
  return result;
};

/** SiLU, in place. */
const activate = (x) => {
  for (let i = 0; i < x.length; i++) x[i] = silu(x[i]);
  return x;
};

/** To each row of x its row of shifts, in place. */
const shiftRows = (x, shifts, classes, width) => {
  for (let row = 0; row < classes.length; row++) {
    for (let i = 0; i < width; i++) x[row * width + i] += shifts[classes[row] * width + i];
  }
  return x;
};

const mlp = (x, list) => list.reduce((values, layer, i) => (i < list.length - 1 ? activate(linear(values, layer)) : linear(values, layer)), x);

export class Autoregressive {
  constructor(tensors) {
    this.first = Float64Array.from(tensors["autoregressive.first"].data);
    this.second = layers(tensors, "autoregressive.second");
  }

  sample(n, random) {
    const { first, second } = this;
    const points = new Float64Array(2 * n);
    const waves = second[0].inputs / 2;
    const seen = new Float64Array(n * 2 * waves);
    const chances = Float64Array.from({ length: 4 * n }, () => random.uniform());
    const choose = this.#chooser(first);
    for (let i = 0; i < n; i++) {
      points[2 * i] = choose(chances[4 * i], chances[4 * i + 1]);
      for (let k = 0; k < waves; k++) {
        const angle = points[2 * i] * (Math.PI / (2 * RANGE)) * 2 ** k;
        seen[2 * waves * i + k] = Math.sin(angle);
        seen[2 * waves * i + waves + k] = Math.cos(angle);
      }
    }
    const logits = mlp(seen, second);
    for (let i = 0; i < n; i++) {
      points[2 * i + 1] = this.#chooser(logits.subarray(i * first.length, (i + 1) * first.length))(chances[4 * i + 2], chances[4 * i + 3]);
    }
    return points;
  }

  /** Of logits: a function that chooses a bin by one uniform number, and a place within it by another. */
  #chooser(logits) {
    const bins = logits.length;
    const cumulative = new Float64Array(bins);
    const top = logits.reduce((a, b) => Math.max(a, b));
    let total = 0;
    for (let i = 0; i < bins; i++) cumulative[i] = total += Math.exp(logits[i] - top);
    return (which, where) => {
      let bin = 0;
      while (bin < bins - 1 && cumulative[bin] <= which * total) bin++;
      return -RANGE + ((2 * RANGE) / bins) * (bin + where);
    };
  }
}

export class VAE {
  constructor(tensors) {
    this.decoder = layers(tensors, "vae.decoder");
    this.noise = Math.exp(0.5 * tensors["vae.log_variance"].data[0]);
  }

  sample(n, random) {
    const codes = random.normals(n * this.decoder[0].inputs);
    return mlp(codes, this.decoder).map((mean) => mean + this.noise * random.normal());
  }
}

export class GAN {
  constructor(tensors) {
    this.generator = layers(tensors, "gan.generator");
  }

  sample(n, random) {
    return mlp(random.normals(n * this.generator[0].inputs), this.generator);
  }
}

/** ᾱ at t = 0 … STEPS: the share of the data's variance that is left. */
export const SIGNAL = new Float64Array(STEPS + 1).fill(1);
const left = (t) => Math.cos((((t / STEPS + OFFSET) / (1 + OFFSET)) * Math.PI) / 2) ** 2;
for (let t = 1; t <= STEPS; t++) SIGNAL[t] = SIGNAL[t - 1] * Math.max(left(t) / left(t - 1), 0.001);

/** Where a sampler stops, from STEPS down to 0. */
export const times = (steps) => {
  if (!(steps >= 1 && steps <= STEPS)) throw new RangeError(`a sampler takes 1 to ${STEPS} steps, not ${steps}`);
  return Array.from({ length: steps + 1 }, (_, i) => Math.floor((STEPS * (steps - i)) / steps + 0.5));
};

export const addNoise = (points, t, noise) => points.map((value, i) => Math.sqrt(SIGNAL[t]) * value + Math.sqrt(1 - SIGNAL[t]) * noise[i]);

const timeWaves = (t) => {
  const angle = (i) => ((1000 * t) / STEPS) * Math.exp((-Math.log(10_000) * (i % FREQUENCIES)) / FREQUENCIES);
  return Float64Array.from({ length: 2 * FREQUENCIES }, (_, i) => (i < FREQUENCIES ? Math.cos : Math.sin)(angle(i)));
};

export class Diffusion {
  constructor(tensors) {
    this.layers = layers(tensors, "diffusion.point");
    this.shifts = layers(tensors, "diffusion.shift");
    this.time = layers(tensors, "diffusion.time");
    this.labels = Float64Array.from(tensors["diffusion.class"].data);
    this.classes = tensors["diffusion.class"].shape[0] - 1;
  }

  /** Predict √ᾱ ε − √(1 − ᾱ) x₀; labels: one class, a class for each point, or nothing for no class. */
  velocity(points, t, labels = this.classes) {
    const time = mlp(timeWaves(t), this.time);
    const known = this.labels.map((value, i) => silu(value + time[i % time.length]));
    const classes = Uint8Array.from({ length: points.length / 2 }, (_, row) => labels[row] ?? labels);
    const hidden = this.shifts.reduce((x, shift, i) => activate(shiftRows(linear(x, this.layers[i]), linear(known, shift), classes, shift.outputs)), points);
    return linear(hidden, this.layers.at(-1));
  }

  /** Predict the clean points x₀ and the noise ε. */
  predict(points, t, labels, guidance = 1) {
    const plain = labels === undefined || guidance === 0;
    let v = this.velocity(points, t, plain ? undefined : labels);
    if (!plain && guidance !== 1) {
      const without = this.velocity(points, t);
      v = v.map((value, i) => guidance * value + (1 - guidance) * without[i]);
    }
    const [signal, noise] = [Math.sqrt(SIGNAL[t]), Math.sqrt(1 - SIGNAL[t])];
    return { clean: points.map((value, i) => signal * value - noise * v[i]), noise: points.map((value, i) => noise * value + signal * v[i]) };
  }

  /** Follow points from noise to data: yields { time, points } at each of times(steps). */
  *walk(start, random, { steps = STEPS, labels, guidance = 1, eta = 0 } = {}) {
    const stops = times(steps);
    let points = start;
    yield { time: STEPS, points };
    for (let i = 0; i < steps; i++) {
      const [now, then] = [SIGNAL[stops[i]], SIGNAL[stops[i + 1]]];
      const { clean, noise } = this.predict(points, stops[i], labels, guidance);
      const variance = eta && stops[i + 1] ? eta ** 2 * ((1 - then) / (1 - now)) * (1 - now / then) : 0;
      const [a, b, c] = [then, Math.max(0, 1 - then - variance), variance].map(Math.sqrt);
      points = clean.map((value, j) => a * value + b * noise[j]);
      if (variance) points = points.map((value) => value + c * random.normal());
      yield { time: stops[i + 1], points };
    }
  }

  sample(n, random, options) {
    let last;
    for (last of this.walk(random.normals(2 * n), random, options));
    return last.points;
  }
}
