// The lab "attention": the small GPT's attention weights by layer and head, on the reader's sentence.
import { html, literal } from "./core/controls.js";
import { Plot, element } from "./core/plot.js";

const LAYERS = 4;
const HEADS = 4;
const SENTENCE = "A model learns from text, and then the model writes text."; // the lab's own, which others are compared with
const LONGEST = 24; // tokens, so that their names fit
const HEIGHT = 380; // of a plot
const FIRST_ROW = 2; // before it the token before, the first token and the token itself are not three
const PLACES = { previous: "the token before", first: "the first token", same: "the token itself" };
const LOOKS = { "all alike": "all tokens about alike", "none of these": "no one place" }; // in a sentence

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Entropy in bits. */
export const entropy = (weights) => -weights.reduce((sum, weight) => sum + (weight > 0 ? weight * Math.log2(weight) : 0), 0);

/** The measures of a head's rows, as handbook/models/attention.py defines them. */
export function look(rows) {
  const from = rows.slice(FIRST_ROW);
  const found = {
    previous: mean(from.map((row, i) => row[i + FIRST_ROW - 1])),
    first: mean(from.map((row) => row[0])),
    same: mean(from.map((row, i) => row[i + FIRST_ROW])),
    entropy: mean(from.map(entropy)),
    greatest: mean(from.map((_, i) => Math.log2(i + FIRST_ROW + 1))),
  };
  const place = Object.keys(PLACES).reduce((best, each) => (found[each] > found[best] ? each : best));
  found.name = found[place] > 0.5 ? PLACES[place] : found.entropy > 0.9 * found.greatest ? "all alike" : "none of these";
  return found;
}

const even = (n) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (j <= i ? 1 / (i + 1) : 0)));

/** The rows of one head, [n][n]. */
function rowsOf({ ids, weights }, layer, head) {
  const n = ids.length;
  return Array.from({ length: n }, (_, i) => Array.from(weights[layer - 1].subarray(((head - 1) * n + i) * n, ((head - 1) * n + i + 1) * n)));
}

function seems(rows) {
  const { name } = look(rows);
  return LOOKS[name] ?? name;
}

/** How many rows from the top on have the same weights in both readings, in every head. */
function kept(one, other) {
  const cells = ({ ids: { length: n }, weights }, row) => weights.map((layer) => Array.from({ length: HEADS }, (_, head) => {
    const begin = (head * n + row) * n;
    return layer.subarray(begin, begin + row + 1).join();
  })).join();
  const least = Math.min(one.ids.length, other.ids.length);
  let row = 0;
  while (row < least && cells(one, row) === cells(other, row)) row += 1;
  return row;
}

/** Cells by shade, as the outline of all of one shade: a few elements in place of hundreds. */
function shades(rows, shade, cell) {
  const found = new Map();
  rows.forEach((row, i) => row.forEach((weight, j) => {
    const each = shade(weight);
    if (each) found.set(each, (found.get(each) ?? "") + cell(i, j));
  }));
  return found;
}

/** Small pictures of a head: its cells in five shades, a path each. Each change of the text redraws the same paths. */
function thumbnail() {
  const mask = element("path", { fill: "var(--hb-rule)", "fill-opacity": 0.5 });
  const paths = [1, 2, 3, 4, 5].map((shade) => element("path", { fill: "var(--hb-1)", "fill-opacity": shade / 5 }));
  const svg = element("svg", { "aria-hidden": "true" }, mask, ...paths);
  const name = html("span");
  return {
    content: [svg, name],
    draw(rows, text) {
      const n = rows.length;
      svg.setAttribute("viewBox", `0 0 ${n} ${n}`);
      mask.setAttribute("d", `M0 0${rows.map((_, i) => `H${i + 1}V${i + 1}`).join("")}H${n}V0Z`);
      const found = shades(rows, (weight) => weight > 0.02 && Math.ceil(weight * 5), (i, j) => `M${j} ${i}h1v1h-1z`);
      paths.forEach((path, at) => path.setAttribute("d", found.get(at + 1) ?? ""));
      if (name.textContent !== text) name.textContent = text;
    },
  };
}

const frame = () => new Promise((done) => setTimeout(done)); // what comes next is a task of its own

const views = new WeakMap(); // lab → its parts, and what the worker said of its text

export default {
  weights: ["gpt", "tokeniser"],
  worker: "attention-worker.js",
  controls: {
    text: { type: "text", label: "Your sentence", value: SENTENCE, maxlength: 120, rows: 2, wide: true },
    layer: { type: "range", label: "Layer", min: 1, max: LAYERS, step: 1, value: LAYERS },
    head: { type: "range", label: "Head", min: 1, max: HEADS, step: 1, value: HEADS },
    token: { type: "range", label: "Token that reads", min: 1, max: LONGEST, step: 1, value: LONGEST },
  },

  setup(lab) {
    const map = new Plot({ width: 360, height: HEIGHT, title: "One head: rows read, columns are read", x: { names: ["start"] }, y: { names: ["start"] } });
    const bars = new Plot({ width: 360, height: HEIGHT, title: "What the chosen token reads", x: { from: 0, to: 1 }, y: { names: ["start"] } });
    map.svg.addEventListener("click", ({ clientY }) => {
      const { top, height } = map.svg.getBoundingClientRect();
      const down = ((clientY - top) / height) * HEIGHT - map.box.top;
      const row = Math.ceil((down / (map.box.bottom - map.box.top)) * views.get(lab).ids.length);
      if (row >= 1 && row <= views.get(lab).ids.length) lab.set({ token: row });
    });
    const heads = html("div", { className: "lab-heads", role: "group", ariaLabel: "All heads" });
    const pictures = [];
    for (let layer = 1; layer <= LAYERS; layer += 1) {
      for (let head = 1; head <= HEADS; head += 1) {
        const picture = thumbnail();
        const button = html("button", { type: "button", onclick: () => lab.set({ layer, head }) }, ...picture.content);
        pictures.push({ layer, head, button, picture });
        heads.append(button);
      }
    }
    lab.view.append(html("div", { className: "lab-panels" }, map.svg, bars.svg), heads);
    views.set(lab, { map, bars, pictures });
  },

  async show(lab) {
    const view = views.get(lab);
    const { text, layer, head } = lab.state;
    if (text !== view.text) {
      view.own ??= await lab.ask("read", { text: SENTENCE, longest: LONGEST });
      Object.assign(view, text === SENTENCE ? view.own : await lab.ask("read", { text, longest: LONGEST }), { text });
      view.kept = text === SENTENCE ? 0 : kept(view.own, view);
    }
    const { ids, pictures, names } = view;
    const n = ids.length;
    const reads = Math.min(lab.state.token, n) - 1;
    const rows = rowsOf(view, layer, head);
    const row = rows[reads].slice(0, reads + 1);
    const token = lab.control("token");
    token.update({ max: n, show: (value) => `${Math.min(value, n)}: ${names[Math.min(value, n) - 1]}` });
    token.value = lab.state.token;
    for (const each of pictures) each.button.ariaPressed = String(each.layer === layer && each.head === head);
    drawMap(view.map, rows, names, reads);
    await frame();
    drawBars(view.bars, row, names);
    for (let at = 0; at < pictures.length && view.drawn !== text; at += HEADS) {
      await frame();
      if (view.text !== text) return undefined;
      for (const each of pictures.slice(at, at + HEADS)) {
        const its = rowsOf(view, each.layer, each.head);
        each.picture.draw(its, `Layer ${each.layer}, head ${each.head}: ${seems(its)}`);
      }
    }
    view.drawn = text;
    const order = row.map((_, at) => at).sort((a, b) => row[b] - row[a]).slice(0, 3);
    const most = order.filter((at) => row[at] >= 0.005).map((at) => `${at === reads ? "itself" : `“${names[at]}”`} (${row[at].toFixed(2)})`).join(", ");
    const found = look(rows);
    const same = view.kept > 1 ? `The first ${view.kept} of ${n} rows are` : `Only the first of ${n} rows is`;
    return {
      say: `Layer ${layer}, head ${head}: “${names[reads]}”, token ${reads + 1}, reads ${most}. The row's entropy is ${entropy(row).toFixed(2)} of at most ${Math.log2(row.length).toFixed(2)} bits. Over the sentence the head seems to look at ${seems(rows)}: ${found.previous.toFixed(2)} of the weight on the token before, ${found.first.toFixed(2)} on the first, ${found.same.toFixed(2)} on the token itself.${view.kept ? ` ${same} as in the lab's own sentence, in every head.` : ""}`,
      answer: view.kept > 0,
      table: () => table(view, layer, head),
    };
  },

  python: ({ state }) => `from handbook.models import attention, bpe, gpt

WEIGHTS = "docs/assets/labs/weights/"
tokeniser = bpe.load(WEIGHTS + "tokeniser.bin")
model = gpt.Gpt.load(WEIGHTS + "gpt.bin")
ids = [gpt.START, *tokeniser.encode(${literal(state.text)})]
layer, head = ${literal(state.layer)}, ${literal(state.head)}
reads = min(${literal(state.token)}, len(ids)) - 1

weights = model.attention(ids)  # (layers, heads, tokens, tokens)
row = weights[layer - 1, head - 1, reads]
for token, weight in zip(ids[: reads + 1], row, strict=False):
    print(f"{tokeniser.vocabulary[token]}: {weight:.6f}")
print(f"entropy: {attention.entropy(row):.6f} bits")
for number, heads in enumerate(weights, start=1):
    for which, each in enumerate(heads, start=1):
        print(f"layer {number}, head {which}: {attention.look(each)}")

own = model.attention([gpt.START, *tokeniser.encode(${literal(SENTENCE)})])
short = range(min(len(own[0, 0]), len(ids)))
changed = [row for row in short if abs(own[..., row, : row + 1] - weights[..., row, : row + 1]).max() > 1e-6]
print("rows as in the lab's own sentence:", min(changed, default=len(short)))
`,
};

function drawMap(map, rows, names, reads) {
  const n = names.length;
  map.axes({ x: { names }, y: { names } });
  map.draw(`Attention weights of ${n} tokens: each row is a token that reads, each column one that is read. Later tokens are masked. Row ${reads + 1} is chosen.`, (p) => {
    const [width, height] = [p.x(1) - p.x(0), p.y(1) - p.y(0)].map((each) => each.toFixed(2));
    const cell = (i, j) => `M${p.x(j - 0.5).toFixed(2)} ${p.y(i - 0.5).toFixed(2)}h${width}v${height}h-${width}z`;
    const cells = shades(rows, (weight) => weight > 0.002 && weight.toFixed(2), cell);
    for (const [shade, d] of cells) p.path(d, { fill: "var(--hb-1)", "fill-opacity": shade });
    const edges = names.flatMap((_, at) => [at - 0.5, at + 0.5]);
    p.area(edges, -0.5, edges.map((_, at) => Math.floor(at / 2) - 0.5), { colour: "rule", opacity: 0.5 });
    p.line([-0.5, n - 0.5, n - 0.5, -0.5, -0.5], [reads - 0.5, reads - 0.5, reads + 0.5, reads + 0.5, reads - 0.5], { colour: 2, width: 2 });
  });
}

function drawBars(bars, row, names) {
  bars.axes({ x: { from: 0, to: 1, label: "Weight" }, y: { names: names.slice(0, row.length) } });
  bars.draw(`Weights of the row: ${row.map((weight, at) => `${names[at]} ${weight.toFixed(2)}`).join(", ")}.`, (p) => {
    p.bars(row, { width: 0.7, show: (weight) => weight.toFixed(2) });
  });
}

/** The measures of every head, and those of weights that are even. */
function table(view, layer, head) {
  const line = (name, rows) => {
    const found = look(rows);
    return [name, ...[found.previous, found.first, found.same, found.entropy].map((value) => value.toFixed(2)), found.name];
  };
  const uniform = even(view.ids.length);
  return {
    caption: `Means over the rows from the third token on; the greatest mean entropy is ${look(uniform).greatest.toFixed(2)} bits`,
    header: ["Layer and head", "Token before", "First token", "Token itself", "Entropy (bits)", "Seems to look at"],
    rows: [...view.pictures.map((each) => line(`Layer ${each.layer}, head ${each.head}${each.layer === layer && each.head === head ? ", chosen" : ""}`, rowsOf(view, each.layer, each.head))), line("Even weights", uniform)],
  };
}
