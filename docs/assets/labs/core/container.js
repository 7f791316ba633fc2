// Reads the file that handbook/models/container.py writes, and describes.

/** A fault whose message is a sentence for the reader. */
export class LabError extends Error {}

const ARRAYS = { f32: Float32Array, f16: Uint16Array, i8: Int8Array, i32: Int32Array, u16: Uint16Array, u8: Uint8Array };

/** ArrayBuffer → { tensors: { name: { shape, data } }, card }; f16 and scaled i8 become Float32Array. */
export function read(buffer) {
  try {
    return parse(buffer);
  } catch (error) {
    throw new LabError(`The file of weights is damaged (${error.message}). Reload the page to fetch it again.`);
  }
}

function parse(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0) !== 0x48425731) throw new Error("it does not begin with HBW1");
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const tensors = {};
  for (const { name, shape, type, offset, scale } of header.tensors) {
    const data = new ARRAYS[type](buffer, 8 + length + offset, shape.reduce((a, b) => a * b, 1)); // throws where it lies outside
    const rows = tensors[scale]?.data;
    const real = type === "f16" ? half : rows && ((value, i) => value * rows[Math.floor((i * shape[0]) / data.length)]);
    tensors[name] = { shape, data: real ? new Float32Array(data).map(real) : data };
  }
  for (const { scale } of header.tensors) delete tensors[scale];
  return { tensors, card: header.card };
}

function half(bits) {
  const fraction = bits & 0x3ff;
  const exponent = (bits >> 10) & 0x1f;
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return bits >> 15 ? -size : size;
}
