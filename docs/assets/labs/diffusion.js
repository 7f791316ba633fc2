// Noise in, points out, a step at a time; what guidance and steps do to quality and diversity.
import { html, literal } from "./core/controls.js";
import { Plot } from "./core/plot.js";

const RANGES = { guidance: [0, 1, 2, 3, 5, 8], steps: [2, 3, 5, 10, 20, 50] };
const LINES = ["precision", "recall", "coverage"];
const PATHS = 40;
const ends = { from: -3.2, to: 3.2 };
const two = (value) => value.toFixed(2);
const four = (value) => +value.toFixed(4);
const axis = (points, odd) => points.filter((_, i) => i % 2 === odd);

/** Ask the worker, unless the last question of this name was the same: the time slider moves much and changes none. */
const once = (lab, name, asked, progress) => {
  const key = JSON.stringify(asked);
  if (lab.own.known[name]?.key === key) return lab.own.known[name].answer;
  const answer = lab.ask(name, asked, progress);
  const kept = (lab.own.known[name] = { key, answer });
  answer.catch(() => (kept.key = ""));
  return answer;
};

/** From points to points, as one line with gaps; with heads, as arrows. */
function segments(plot, from, to, colour, heads) {
  const [xs, ys] = [[], []];
  const draw = (x0, y0, x1, y1) => {
    xs.push(x0, x1, NaN);
    ys.push(y0, y1, NaN);
  };
  for (let i = 0; i < from.length; i += 2) {
    const [x, y] = [to[i], to[i + 1]];
    const head = Math.min(1 / 3, 0.15 / Math.hypot(from[i] - x, from[i + 1] - y));
    const [dx, dy] = [head * (from[i] - x), head * (from[i + 1] - y)];
    draw(from[i], from[i + 1], x, y);
    if (heads) draw(x + dx - dy / 2, y + dy + dx / 2, x, y);
    if (heads) draw(x + dx + dy / 2, y + dy - dx / 2, x, y);
  }
  plot.line(xs, ys, { colour, width: 0.8, opacity: 0.6 });
}

const asked = ({ shape, label, count, steps, guidance, sampler, seed }) => ({ shape, label, count, steps, guidance, eta: +sampler, seed });

export default {
  weights: ["families-moons", "families-ring", "families-spiral"],
  worker: "diffusion-worker.js",
  controls: {
    way: { type: "select", label: "Direction", choices: { reverse: "Noise to data", forward: "Data to noise" }, value: "reverse" },
    progress: { type: "range", label: "Progress", unit: "%", min: 0, max: 100, step: 2, value: 100 },
    play: { type: "play", label: "Play", of: "progress", every: 80 },
    shape: { type: "select", label: "Shape", choices: { moons: "Two moons", ring: "Ring of eight", spiral: "Spiral" }, value: "spiral" },
    label: { type: "select", label: "Class", choices: { all: "All in turn", 0: "First", 1: "Second", none: "None" }, value: "0" },
    guidance: { type: "range", label: "Guidance, 1 + w", min: 0, max: 8, step: 0.5, value: 1 },
    steps: { type: "range", label: "Steps", values: [2, 3, 5, 10, 20, 50, 100], value: 20 },
    sampler: { type: "select", label: "Sampler", choices: { 0: "DDIM, no noise", 1: "DDPM, noise" }, value: "0" },
    count: { type: "range", label: "Points", values: [100, 200, 300, 500], value: 300 },
    along: { type: "select", label: "Measures against", choices: { guidance: "Guidance", steps: "Steps" }, value: "guidance" },
    paths: { type: "check", label: "Paths", value: true },
    field: { type: "check", label: "Field", value: false },
    seed: { type: "number", label: "Seed", min: 0, max: 1e9, step: 1, value: 1 },
  },

  setup(lab) {
    const map = new Plot({ width: 340, height: 340, x: ends, y: ends, bare: true });
    const curve = new Plot({ height: 260, x: { from: 0, to: 8 }, y: { from: 0, to: 1.12, label: "Share of points", ticks: [0, 0.25, 0.5, 0.75, 1] } });
    const note = html("p");
    lab.own = { known: {}, map, curve, note };
    lab.view.append(html("div", { className: "lab-panels" }, map.svg, curve.svg), note);
  },

  async show(lab) {
    const { way, progress, shape, label, guidance, steps, count, along, paths, field } = lab.state;
    const { map, curve: chart, note } = lab.own;
    const back = way === "reverse";
    for (const key of ["label", "guidance", "steps", "sampler", "along"]) lab.control(key).update({ hidden: !back });
    chart.svg.toggleAttribute("hidden", !back);
    const { data, frames, measures } = await once(lab, back ? "walk" : "forward", asked(lab.state));
    const at = Math.floor((progress / 100) * (frames.length - 1) + 1e-9);
    const { time, left, points } = frames[at];
    const arrows = field && (await lab.ask("field", { shape, label: back ? label : "none", guidance, time: Math.max(1, time) }));
    const when = `Time ${time} of 100`;
    map.draw(`${when}: ${count} points on their way, over the data.`, (p) => {
      p.points(axis(data, 0), axis(data, 1), { colour: "muted", radius: 1.2, opacity: 0.5 });
      if (arrows) {
        const tips = arrows.places.map((value, i) => value + (arrows.clean[i] - value) / 4);
        segments(p, arrows.places, tips, 3, true);
      }
      if (paths) {
        const join = (legs) => legs.flatMap((leg) => [...leg.points.subarray(0, 2 * PATHS)]);
        segments(p, join(frames.slice(0, at)), join(frames.slice(1, at + 1)), 2);
      }
      p.points(axis(points, 0), axis(points, 1), { radius: 1.7, opacity: 0.85 });
    });
    note.textContent = `${when}. Grey: data. Dots: points${paths ? `; lines: the paths of ${PATHS}` : ""}.${arrows ? " Arrows: a quarter of the way to the clean point that the network guesses." : ""}`;
    if (!back) {
      const rows = frames.map((frame) => [frame.time, four(frame.left), four(frame.points.reduce((sum, value) => sum + value ** 2, 0) / frame.points.length)]);
      return { say: `At time ${time} of 100 the points keep ${(100 * left).toFixed(1)}% of the data's variance; the rest is noise.`, table: { caption: "Forward, to time 100", header: ["Time", "Signal left", "Mean square"], rows } };
    }
    const found = `${steps} steps, guidance ${guidance}: precision ${two(measures.precision)}, recall ${two(measures.recall)}, coverage ${two(measures.coverage)}.`;
    lab.say(found); // the curve takes longer
    const values = RANGES[along];
    const curve = await once(lab, "curve", { ...asked(lab.state), along, values }, (share) => lab.busy("Measuring the curve", share));
    const log = along === "steps";
    const told = (from, to) => `From ${along} ${values[from]} to ${values[to]}: ${LINES.map((name) => `${name} ${two(curve[from][name])} to ${two(curve[to][name])}`).join(", ")}.`;
    const [step, double] = [told(0, 5), told(1, 2)];
    chart.axes({ x: { from: values[0], to: values[5], log, ticks: values, label: log ? "Steps" : "Guidance, 1 + w" } });
    chart.draw(log ? step : double, (p) => LINES.forEach((name, i) => {
      const ys = curve.map((row) => row[name]);
      p.line(values, ys, { colour: i + 1 });
      p.points(values, ys, { colour: i + 1, radius: 3 });
      // Its name stands where the other lines are farthest, on the side away from them.
      const others = (at) => LINES.filter((other) => other !== name).map((other) => curve[at][other] - ys[at]);
      const space = (at) => Math.min(...others(at).map(Math.abs));
      const at = [0, 1, 2, 3].map((each) => 1 + ((i + each) % 4)).reduce((best, each) => (space(each) > space(best) ? each : best));
      p.text(values[at], ys[at], name, { colour: i + 1, dy: others(at).includes(space(at)) ? 18 : -8 });
    }));
    return {
      say: `${found} ${log ? step : double}`,
      table: { caption: `${count} points against ${count} of the data, by 5 neighbours`, header: [log ? "Steps" : "Guidance", "Precision", "Recall", "Coverage"], rows: curve.map((row, i) => [values[i], ...LINES.map((name) => four(row[name]))]) },
    };
  },

  python({ state }) {
    const { way, shape, label, count, steps, guidance, sampler, seed, along, progress } = state;
    if (way === "forward") return `from handbook.models import diffusion, diffusion_measures\n\ntime = ${2 * Math.floor(progress / 2)}\nprint(diffusion.SIGNAL[time])\nprint(diffusion_measures.forward(${literal(shape)}, ${count}, time, ${seed}))\n`;
    return `from handbook.models.diffusion_measures import measure

shown = {"steps": ${steps}, "guidance": ${guidance}, "eta": ${sampler}, "seed": ${seed}}
print(measure(${literal(shape)}, ${literal(label)}, ${count}, **shown))
for value in ${literal(RANGES[along])}:
    print(value, measure(${literal(shape)}, ${literal(label)}, ${count}, **shown | {${literal(along)}: value}))
`;
  },
};
