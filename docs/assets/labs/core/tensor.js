// Arithmetic on flat arrays, row after row: float32 is stored, float64 adds up.

/** x Wᵀ + b: x has `rows` rows; weight is { shape: [outputs, inputs], data }, bias { data } or nothing. */
export function linear(x, rows, { shape: [outputs, inputs], data }, bias) {
  const result = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      let total = bias ? bias.data[output] : 0;
      for (let i = 0, a = row * inputs, b = output * inputs; i < inputs; i++) total += x[a + i] * data[b + i];
      result[row * outputs + output] = total;
    }
  }
  return result;
}

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
