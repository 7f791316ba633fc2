// Bit for bit the numbers of handbook/models/random.py, where the sources are named.
const WORDS = 2 ** 32;
const rotate = (word, bits) => (word << bits) | (word >>> (32 - bits));

export class Random {
  #state = new Int32Array(4);
  #kept;

  constructor(seed) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= WORDS) throw new RangeError(`wrong seed ${seed}`);
    for (let i = 0, word = seed | 0; i < 4; i++) {
      word = (word + 0x9e3779b9) | 0;
      let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      this.#state[i] = mixed ^ (mixed >>> 16);
    }
  }

  bits() {
    const s = this.#state;
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9);
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return result >>> 0;
  }

  uniform() {
    return this.bits() / WORDS;
  }

  integer(count) {
    return Math.floor(this.uniform() * count);
  }

  normal() {
    if (this.#kept !== undefined) {
      const value = this.#kept;
      this.#kept = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  normals(count) {
    return Float64Array.from({ length: count }, () => this.normal());
  }

  choice(weights) {
    let total = 0;
    for (const weight of weights) {
      if (!(weight >= 0 && weight < Infinity)) throw new RangeError(`wrong weight ${weight}`);
      total += weight;
    }
    if (!total) throw new RangeError("no weight");
    const threshold = this.uniform() * total;
    let cumulative = 0;
    const place = weights.findIndex((weight) => (cumulative += weight) > threshold);
    return place < 0 ? weights.length - 1 : place;
  }

  permutation(count) {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let last = count - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }
}
