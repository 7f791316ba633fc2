// The labs' data in the plane, point for point those of handbook/models/shapes.py.
export const RANGE = 3;
export const CLASSES = { moons: 2, ring: 8, spiral: 3 };

const RING_NOISE = 0.12;
const RING_RADIUS = Math.sqrt(2 * (1 - RING_NOISE ** 2));

// Centre and spread of a point of a class.
const places = {
  moons(label, random) {
    const angle = Math.PI * random.uniform();
    const scale = 1.42 * (1 - 2 * label);
    return [scale * (Math.cos(angle) - 0.5), scale * (Math.sin(angle) - 0.25), 0.1];
  },
  ring(label) {
    const angle = (Math.PI / 4) * label;
    return [RING_RADIUS * Math.cos(angle), RING_RADIUS * Math.sin(angle), RING_NOISE];
  },
  spiral(label, random) {
    const radius = 0.35 + 1.9 * random.uniform();
    const angle = ((2 * Math.PI) / 3) * label + 1.25 * radius;
    return [radius * Math.cos(angle), radius * Math.sin(angle), 0.07];
  },
};

// n points x0, y0, x1, y1, … and their classes.
export const draw = (shape, n, random) => {
  const points = new Float64Array(2 * n);
  const labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    labels[i] = random.integer(CLASSES[shape]);
    const [x, y, noise] = places[shape](labels[i], random);
    points[2 * i] = x + noise * random.normal();
    points[2 * i + 1] = y + noise * random.normal();
  }
  return { points, labels };
};
