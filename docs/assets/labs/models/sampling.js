// From logits to a token, the same as handbook/models/sampling.py, where the definitions and their sources are told.
import { argmax, softmax } from "../core/tensor.js";

const ROUNDING = 1e-12;

/** Places of probabilities, the most probable first; of equals, the smaller id. */
export const ranked = (p) => Array.from(p.keys()).sort((a, b) => p[b] - p[a] || a - b);

/** Probabilities that the next token is drawn from: temperature first, then both filters; topK 0 keeps all. */
export function distribution(logits, temperature = 1, topK = 0, topP = 1) {
  const p = new Float64Array(logits.length);
  if (temperature === 0) {
    p[argmax(logits)] = 1;
    return p;
  }
  const all = softmax(logits, temperature);
  const order = ranked(all);
  let before = 0; // probability of all that rank higher
  for (let rank = 0; rank < (topK || order.length) && rank < order.length && before < topP - ROUNDING; rank++) {
    p[order[rank]] = all[order[rank]];
    before += all[order[rank]];
  }
  return p.map((value) => value / before);
}

/** Entropy in bits. */
export const entropy = (p) => p.reduce((total, value) => (value > 0 ? total - value * Math.log2(value) : total), 0);
