// The small GPT, the same as handbook/models/gpt.py, where the formulas and their sources are told.
import { LabError } from "../core/container.js";
import { logSumExp, softmax } from "../core/tensor.js";

const BASE = 10000; // of the angles of rotary positions
const TINY = 1e-5; // keeps the norm from a division by zero
export const START = 10; // each context begins with the token of a line feed

export class Gpt {
  /** tensors and card as the container gives them. */
  constructor({ tensors, card }) {
    this.tensors = tensors;
    this.shape = card.shape;
    this.size = this.shape.width / this.shape.heads;
  }

  /** An empty cache of keys and values; of the last call it also holds attention, a Float32Array(heads × new × length) by block. */
  start() {
    const { blocks, context, width } = this.shape;
    const empty = () => Array.from({ length: blocks }, () => new Float32Array(context * width));
    return { length: 0, keys: empty(), values: empty(), attention: [] };
  }

  /** Logits after each of the ids, Float32Array(ids.length × vocabulary); the cache takes up what was read. */
  read(ids, cache = this.start()) {
    const { vocabulary, width, blocks, context } = this.shape;
    const count = ids.length;
    if (!count) throw new LabError("The model needs at least one token to go on from.");
    if (cache.length + count > context) throw new LabError(`The model reads at most ${context} tokens at once; shorten the text.`);
    const x = new Float32Array(count * width);
    ids.forEach((id, row) => {
      if (!(id >= 0 && id < vocabulary)) throw new LabError(`Token ids are 0 to ${vocabulary - 1}, not ${id}.`);
      x.set(this.tensors.embedding.data.subarray(id * width, (id + 1) * width), row * width);
    });
    cache.attention = [];
    for (let block = 0; block < blocks; block++) {
      add(x, this.attend(x, count, block, cache));
      const part = (name) => this.tensors[`blocks.${block}.${name}`];
      const hidden = linear(normalise(x, width, part("inner_norm")), count, part("up"));
      for (let i = 0; i < hidden.length; i++) if (hidden[i] < 0) hidden[i] = 0;
      add(x, linear(hidden, count, part("down")));
    }
    cache.length += count;
    return linear(normalise(x, width, this.tensors.norm), count, this.tensors.embedding);
  }

  /** Multi-head attention of new rows over the cache and themselves. */
  attend(x, count, block, cache) {
    const { width, heads } = this.shape;
    const { size } = this;
    const part = (name) => this.tensors[`blocks.${block}.${name}`];
    const normal = normalise(x, width, part("attention_norm"));
    const query = linear(normal, count, part("query"));
    const key = linear(normal, count, part("key"));
    this.rotate(query, cache.length);
    this.rotate(key, cache.length);
    const keys = cache.keys[block];
    const values = cache.values[block];
    keys.set(key, cache.length * width);
    values.set(linear(normal, count, part("value")), cache.length * width);
    const length = cache.length + count;
    const weights = new Float32Array(heads * count * length);
    const mixed = new Float32Array(count * width);
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < count; row++) {
        const readable = cache.length + row + 1; // no position reads from a later one
        const from = row * width + head * size;
        const scores = new Float64Array(readable);
        for (let other = 0; other < readable; other++) {
          let total = 0;
          for (let i = 0, at = other * width + head * size; i < size; i++) total += query[from + i] * keys[at + i];
          scores[other] = total / Math.sqrt(size);
        }
        const shares = softmax(scores);
        weights.set(shares, (head * count + row) * length);
        const sums = new Float64Array(size);
        for (let other = 0; other < readable; other++) {
          for (let i = 0, at = other * width + head * size; i < size; i++) sums[i] += shares[other] * values[at + i];
        }
        mixed.set(sums, from);
      }
    }
    cache.attention.push(weights);
    return linear(mixed, count, part("output"));
  }

  /** Turn queries or keys, in place, by their positions: first, first + 1, … */
  rotate(x, first) {
    const { width } = this.shape;
    for (let at = 0; at < x.length; at += 2) {
      const angle = (first + Math.floor(at / width)) * BASE ** (-((at % width) % this.size) / this.size);
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
      const [even, odd] = [x[at], x[at + 1]];
      x[at] = even * cosine - odd * sine;
      x[at + 1] = even * sine + odd * cosine;
    }
  }

  /** Attention weights by block: Float32Array(heads × n × n). */
  attention(ids) {
    const cache = this.start();
    this.read(ids, cache);
    return cache.attention;
  }

  /** Where reading begins when so many tokens are there: at 0 while they fit into the context, else later by halves of it. */
  window(length) {
    const half = Math.max(1, Math.floor(this.shape.context / 2));
    return Math.max(0, Math.ceil((length - this.shape.context) / half) * half);
  }

  /** −ln p of each id after the first, in nats, given those before it: Float64Array(ids.length − 1). */
  losses(ids) {
    const { vocabulary, context } = this.shape;
    const found = new Float64Array(ids.length - 1);
    for (let done = 0; done < found.length; ) {
      const begin = this.window(done + 1);
      const part = ids.slice(begin, begin + context + 1);
      const logits = this.read(part.slice(0, -1));
      for (let row = done - begin; row < part.length - 1; row++, done++) {
        const values = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
        found[done] = logSumExp(values) - values[part[row + 1]];
      }
    }
    return found;
  }
}

/** x Wᵀ: x has `rows` rows; float32 is stored, float64 adds up. */
function linear(x, rows, { shape: [outputs, inputs], data }) {
  const result = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      let total = 0;
      for (let i = 0, a = row * inputs, b = output * inputs; i < inputs; i++) total += x[a + i] * data[b + i];
      result[row * outputs + output] = total;
    }
  }
  return result;
}

/** RMSNorm of each row. */
function normalise(x, width, { data }) {
  const result = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += x[start + i] ** 2;
    const scale = 1 / Math.sqrt(squares / width + TINY);
    for (let i = 0; i < width; i++) result[start + i] = x[start + i] * scale * data[i];
  }
  return result;
}

function add(x, more) {
  for (let i = 0; i < x.length; i++) x[i] += more[i];
}
