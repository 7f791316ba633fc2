// Plots in SVG, in the palette's variables.
const NS = "http://www.w3.org/2000/svg";
const TEXT = 12;
const LINE = 15;
const round = (value) => Math.round(value * 10) / 10;
const widest = (ticks) => Math.max(0, ...ticks.map(([, text]) => text.length * TEXT * 0.62));
const paint = (colour) => `var(--hb-${colour})`;

/** As a reader writes it: 0.05, 1,000, 10⁶, −3. */
export function tidy(value) {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (!size || (size < 1e6 && size >= 1e-4)) return sign + (size < 1000 ? +size.toPrecision(4) : size.toLocaleString("en", { maximumFractionDigits: 1 }));
  const exponent = Math.floor(Math.log10(size) + 1e-9);
  const factor = +(size / 10 ** exponent).toFixed(2);
  const power = [...`${exponent}`].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]).join("");
  return `${sign}${factor === 1 ? "" : `${factor} × `}10${power}`;
}

export function element(name, attributes = {}, ...content) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

const write = (x, y, text, anchor = "middle", colour = "muted", more = {}) =>
  element("text", { x: round(x), y: round(y), "text-anchor": anchor, fill: paint(colour), "font-size": TEXT, ...more }, text);

function ticksOf({ from, to, log, ticks, names }) {
  if (names) return names.map((name, place) => [place, name]);
  if (ticks && !Array.isArray(ticks)) return Object.entries(ticks).map(([value, text]) => [+value, text]);
  const between = (values) => values.filter((value) => value >= from * 0.999 && value <= to * 1.001);
  if (!ticks && log) {
    const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 20));
    ticks = between(powers);
    if (!ticks[2]) ticks = between(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  } else if (!ticks) {
    const rough = (to - from) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const off = (factor) => Math.abs(Math.log((factor * power) / rough));
    const step = power * [1, 2, 2.5, 5, 10].reduce((a, b) => (off(b) < off(a) ? b : a));
    ticks = [];
    for (let i = Math.ceil(from / step - 1e-9); i <= to / step + 1e-9; i++) ticks.push(+(i * step).toPrecision(12));
  }
  return ticks.map((value) => [value, `${tidy(value)}`]);
}

export class Plot {
  #marks;
  #texts = element("g");
  #given;
  #drawn;

  constructor({ width = 360, height = 240, ...given }) {
    this.svg = element("svg", { class: "figure", viewBox: `0 0 ${width} ${height}`, role: "img" });
    this.#given = { width, height, ...given };
    this.axes();
  }

  /** Change the axes; then draw again. */
  axes(changed) {
    const { width, height, title, bare, ...both } = Object.assign(this.#given, changed);
    const drawn = JSON.stringify(both);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const [x, y] = [both.x, both.y].map((axis) => (axis.names ? { ...axis, from: -0.5, to: axis.names.length - 0.5 } : axis));
    const [across, up] = bare ? [[], []] : [ticksOf(x), ticksOf(y)];
    const [below, above] = [x, y].map(({ label }) => (bare ? "" : label));
    const left = bare ? 4 : 8 + widest(up);
    const top = 8 + (title ? LINE + 2 : 0) + (above ? LINE + 4 : 0);
    const right = width - (bare ? 4 : Math.max(6, x.names ? 0 : widest(across.slice(-1)) / 2));
    const turned = x.names && widest(across) > (right - left) / x.names.length;
    const bottom = height - (bare ? 4 : (turned ? widest(across) + 8 : across.length && LINE + 3) + (below ? LINE + 2 : 3));
    const share = ({ from, to, log }, value) => (log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from));
    this.box = { left, top, right, bottom };
    this.x = (value) => left + share(x, value) * (right - left);
    this.y = (value) => (y.names ? top + share(y, value) * (bottom - top) : bottom - share(y, value) * (bottom - top));
    const frame = element("g");
    const rule = (x1, y1, x2, y2, colour = "rule") => frame.append(element("line", { x1, y1, x2, y2, stroke: paint(colour) }));
    for (const [value, text] of up) {
      if (!y.names) rule(left, this.y(value), right, this.y(value));
      frame.append(write(left - 6, this.y(value) + 4, text, "end"));
    }
    const names = element("g", { transform: turned ? "rotate(-90)" : undefined });
    for (const [value, text] of across) {
      const at = this.x(value);
      if (!x.names) rule(at, bottom, at, bottom + 4, "muted");
      names.append(turned ? write(-bottom - 6, at + 4, text, "end") : write(at, bottom + LINE, text));
    }
    frame.append(names);
    const size = { x: left, y: top, width: right - left, height: bottom - top };
    if (bare) frame.append(element("rect", { ...size, fill: "none", stroke: paint("rule") }));
    else if (y.names) rule(left, top, left, bottom, "muted");
    else rule(left, bottom, right, bottom, "muted");
    if (title) frame.append(write(bare ? left : 0, TEXT + 1, title, "start", "ink", { "font-weight": 650 }));
    if (above) frame.append(write(0, top - 9, above, "start"));
    if (below) frame.append(write(right, height - 3, below, "end"));
    const clip = { x: left - 4, y: top - 4, width: size.width + 8, height: size.height + 8 };
    this.#marks = element("svg", { ...clip, viewBox: Object.values(clip).join(" ") });
    this.svg.replaceChildren(frame, this.#marks, this.#texts);
  }

  /** Replace all marks; `alternative` says in a sentence what they show. */
  draw(alternative, marks) {
    this.svg.setAttribute("aria-label", alternative);
    this.#marks.replaceChildren();
    this.#texts.replaceChildren();
    marks(this);
  }

  path(d, attributes) {
    this.#marks.append(element("path", { d, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round", ...attributes }));
  }

  /** Places on the sheet; "" where there is none. */
  #spots(xs, ys) {
    return Array.from(xs, (x, i) => {
      const spot = [this.x(x), this.y(ys[i] ?? ys)].map(round);
      return spot.every(Number.isFinite) ? spot.join(" ") : "";
    });
  }

  line(xs, ys, { colour = 1, width = 2, dash, opacity } = {}) {
    const d = this.#spots(xs, ys).map((spot, i, all) => spot && (all[i - 1] ? "L" : "M") + spot).join("");
    this.path(d, { stroke: paint(colour), "stroke-width": width, "stroke-dasharray": dash, "stroke-opacity": opacity });
  }

  /** One path of segments without length, whose round ends are the dots. */
  points(xs, ys, { colour = 1, radius = 2, opacity } = {}) {
    const d = this.#spots(xs, ys).map((spot) => spot && `M${spot}h0`).join("");
    this.path(d, { stroke: paint(colour), "stroke-width": 2 * radius, "stroke-opacity": opacity });
  }

  area(xs, lows, highs, { colour = 1, opacity = 0.18 } = {}) {
    const spots = [...this.#spots(xs, highs), ...this.#spots(xs, lows).reverse()];
    this.path(`M${spots.join("L")}Z`, { fill: paint(colour), "fill-opacity": opacity });
  }

  bars(values, { colour = 1, width = 0.6, shift = 0, show } = {}) {
    values.forEach((value, place) => {
      const [low, high] = [this.x(value), this.x(0)].sort((a, b) => a - b);
      const [near, far] = [this.y(place + shift - width / 2), this.y(place + shift + width / 2)];
      this.#marks.append(element("rect", { x: round(low), y: round(near), width: round(high - low), height: round(far - near), fill: paint(colour.call ? colour(value, place) : colour) }));
      if (!show) return;
      const text = show(value, place);
      const within = high + widest([[0, text]]) + 6 > this.box.right;
      this.#texts.append(write(within ? high - 5 : high + 5, (near + far) / 2 + 4, text, within ? "end" : "start", within ? "paper" : "ink"));
    });
  }

  text(x, y, text, { anchor, colour = "ink", dy = 0 } = {}) {
    this.#texts.append(write(this.x(x), this.y(y) + dy, text, anchor, colour));
  }
}
