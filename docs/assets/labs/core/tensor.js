// Arithmetic on logits, in float64.

export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

export function logSumExp(values) {
  const top = values[argmax(values)];
  let total = 0;
  for (const value of values) total += Math.exp(value - top);
  return top + Math.log(total);
}

export function softmax(values, temperature = 1) {
  const scaled = Float64Array.from(values, (value) => value / temperature);
  const norm = logSumExp(scaled);
  return scaled.map((value) => Math.exp(value - norm));
}
