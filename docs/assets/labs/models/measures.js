// The measures of handbook/models/measures.py for points in the plane, flat: x0, y0, x1, y1, …

const between = (a, i, b, j) => (a[2 * i] - b[2 * j]) ** 2 + (a[2 * i + 1] - b[2 * j + 1]) ** 2;

export const squaredRadii = (sample, k) => {
  const count = sample.length / 2;
  if (!(k >= 1 && k < count)) throw new RangeError(`k is ${k} of ${count} points`);
  const best = new Float64Array(k); // the smallest so far, rising
  return Float64Array.from({ length: count }, (_, i) => {
    best.fill(Infinity);
    for (let j = 0; j < count; j++) {
      const distance = between(sample, i, sample, j);
      if (j === i || distance >= best[k - 1]) continue;
      let place = k - 1;
      for (; place && best[place - 1] > distance; place--) best[place] = best[place - 1];
      best[place] = distance;
    }
    return best[k - 1];
  });
};

export const neighbours = (real, generated, k = 5, realRadii = squaredRadii(real, k)) => {
  const [n, m] = [real.length / 2, generated.length / 2];
  const generatedRadii = squaredRadii(generated, k);
  const held = new Uint32Array(m); // by how many real balls
  let [precision, recall, density, coverage] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    let [recalled, covered] = [0, 0];
    for (let j = 0; j < m; j++) {
      const distance = between(real, i, generated, j);
      if (distance <= realRadii[i]) covered = ++held[j] && 1;
      if (distance <= generatedRadii[j]) recalled = 1;
    }
    recall += recalled;
    coverage += covered;
  }
  for (const count of held) {
    precision += count > 0;
    density += count;
  }
  return { precision: precision / m, recall: recall / n, density: density / m / k, coverage: coverage / n };
};

export const nearest = (sample, reference) =>
  Float64Array.from({ length: sample.length / 2 }, (_, i) => {
    let best = Infinity;
    for (let j = 0; j < reference.length / 2; j++) best = Math.min(best, between(sample, i, reference, j));
    return Math.sqrt(best);
  });

// Mean x, y and covariance xx, xy, yy.
export const moments = (sample) => {
  const count = sample.length / 2;
  if (count < 2) throw new RangeError("a covariance takes at least two points");
  let [x, y, xx, xy, yy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < sample.length; i += 2) {
    x += sample[i] / count;
    y += sample[i + 1] / count;
  }
  for (let i = 0; i < sample.length; i += 2) {
    const [across, up] = [sample[i] - x, sample[i + 1] - y];
    xx += (across * across) / (count - 1);
    xy += (across * up) / (count - 1);
    yy += (up * up) / (count - 1);
  }
  return [x, y, xx, xy, yy];
};

export const frechet = (first, second) => {
  const [[a, b, c, d, e], [p, q, r, s, t]] = [moments(first), moments(second)];
  const positive = (value) => Math.sqrt(Math.max(0, value));
  const root = positive(c * r + 2 * d * s + e * t + 2 * positive((c * e - d * d) * (r * t - s * s)));
  return Math.max(0, (a - p) ** 2 + (b - q) ** 2 + c + e + r + t - 2 * root);
};

export const perplexity = (losses) => Math.exp(total(losses) / losses.length);
export const bitsPerByte = (losses, bytes) => total(losses) / Math.LN2 / bytes;

const total = (losses) => {
  if (!losses.length) throw new RangeError("a text of no tokens has no surprise");
  return losses.reduce((sum, value) => sum + value, 0);
};
