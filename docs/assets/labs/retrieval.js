// The lab "retrieval": ask this handbook, by words, by latent vectors or by both; see the passages and the prompt.
import { LabError } from "./core/container.js";
import { html, literal } from "./core/controls.js";
import { Plot } from "./core/plot.js";

const METHODS = { bm25: "BM25", vectors: "Vectors", fused: "Both, fused" };
export const EXAMPLES = {
  exact: {
    name: "Exact words",
    question: "What does a library pay for a chatbot that errs?",
    right: ["choosing-an-approach#a-librarys-opening-hours"],
    why: "The right passage has these very words, and they are rare, so BM25 is sure. The vectors blend each word with those that keep its company.",
  },
  other: {
    name: "Other words",
    question: "Is it cheaper to rent a service or to buy my own hardware?",
    right: ["providers#what-each-way-costs", "providers#try-it"],
    why: "The right passages share hardly a word with the question. Their cosine is made of words that keep company with the question's.",
  },
  missed: {
    name: "Missed by both",
    question: "Why do chatbots make things up?",
    right: ["challenges#hallucination", "challenges#the-idea", "large-language-models#hallucination-from-the-objective"],
    why: "The handbook says “hallucination”, which hardly ever meets “make up” in its text, and these vectors know no other.",
  },
  nowhere: {
    name: "Not answered",
    question: "How do I bake bread without yeast?",
    right: [],
    why: "Some word nearly always fits: here those of the baker who stands for a generator. A high score says that words agree, and nothing about an answer.",
  },
};
const each = (pick) => Object.fromEntries(Object.entries(EXAMPLES).map(([key, example]) => [key, pick(example)]));
const KINDS = { "same words": "Questions in the handbook's words", "other words": "Questions in other words" };
const WORDS = 5; // of a passage whose shares are shown
const DIGITS = { bm25: 2, vectors: 3, fused: 4 };
const COLOURS = { bm25: 2, vectors: 1, fused: 3 };
const several = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

/** The address of a section: the labs' files lie at assets/labs, below the handbook's root. */
const link = ({ page, anchor, name }) => {
  const url = new URL(`../../genai/${page}/`.replace("/index/", "/"), import.meta.url);
  url.hash = anchor;
  return html("a", { href: url.href }, name);
};

let view;
let plots;
let drawn; // what the plots show: k and the number of directions

/** The words that add most to a score, with what they add. */
const listed = (shares, figures) => [...shares].sort(([, a], [, b]) => b - a).slice(0, WORDS).map(([word, share]) => `${word} ${share.toFixed(figures)}`).join(", ");

function showPassage({ section, text, score, shares, company }, place, { method, fitting, right }) {
  const notes = [`score ${score.toFixed(DIGITS[method])}`, right?.includes(section.address) && "answers it", place >= fitting && "left out: the prompt is full"];
  const lines = {
    bm25: `BM25: ${shares.size ? listed(shares, 2) : "no word in common"}`,
    vectors: `Cosine: ${listed(company, 3)} …`,
  };
  const shown = method === "fused" ? Object.values(lines) : [lines[method]];
  return html("li", {},
    link(section),
    html("small", {}, ` ${notes.filter(Boolean).join(" · ")}`),
    ...shown.map((line) => html("p", {}, line)),
    html("details", {}, html("summary", {}, `Passage ${place + 1}, ${several(text.split(/\s+/).length, "word")}`), html("p", {}, text)),
  );
}

/** Where a right section stands in the whole ranking, if it is known which are right. */
function verdict({ place, right, found }, { k }, tops) {
  if (!right) return "";
  if (!right.length) return `No section answers this. Its best score is above those of ${tops.filter((top) => top < found[0]?.score).length} of the ${tops.length} test questions that have an answer.`;
  if (!place) return "No section that answers it is in the ranking.";
  return `A section that answers it comes ${place > k ? "only " : ""}at place ${place}.`;
}

function draw(rows, { k, directions }) {
  if (drawn === `${k} ${directions}`) return;
  drawn = `${k} ${directions}`;
  for (const [kind, plot] of Object.entries(plots)) {
    const curves = rows.filter((row) => row.kind === kind);
    const top = curves.some(({ recalls }) => recalls.at(-1) > 0.6) ? 0.36 : 0.88; // where the lines are not
    const told = curves.map(({ method, recalls }) => `${METHODS[method]} ${recalls[k - 1].toFixed(2)}`).join(", ");
    plot.draw(`${KINDS[kind]}: recall at k from 1 to ${curves[0].recalls.length}; at ${k}: ${told}.`, (p) => {
      p.line([k, k], [0, 1], { colour: "muted", width: 1, dash: "4 4" });
      curves.forEach(({ method, recalls }, place) => {
        p.line(recalls.map((_, i) => i + 1), recalls, { colour: COLOURS[method], width: 2, dash: ["", "7 4", "2 4"][place] });
        p.text(20, top - 0.13 * place, `${METHODS[method]} ${recalls[k - 1].toFixed(2)}`, { anchor: "end", colour: COLOURS[method] });
      });
    });
  }
}

export default {
  weights: ["retrieval", "tokeniser"],
  worker: "retrieval-worker.js",
  controls: {
    example: { type: "select", label: "Take a question", choices: { ...each(({ name }) => name), own: "None: my own" }, value: "exact", sets: each(({ question }) => ({ query: question })) },
    query: { type: "text", label: "Question to the handbook", value: EXAMPLES.exact.question, maxlength: 200, rows: 2, wide: true, unsets: { example: "own" } },
    method: { type: "select", label: "Rank by", choices: METHODS, value: "bm25" },
    k: { type: "range", label: "Passages kept, k", min: 1, max: 20, step: 1, value: 5 },
    directions: { type: "range", label: "Directions, r", values: [5, 10, 25, 50, 100], value: 100 },
    budget: { type: "range", label: "Prompt (tokens)", values: [100, 200, 400, 600, 800, 1200, 1600, 2400], value: 1200 },
  },

  setup(lab) {
    view = { found: html("ol", { ariaLabel: "Passages" }), prompt: html("pre", { tabIndex: 0 }), heading: html("summary", {}), why: html("p", {}) };
    drawn = "";
    plots = Object.fromEntries(Object.entries(KINDS).map(([kind, title]) => [kind, new Plot({
      width: 360,
      height: 200,
      title,
      x: { from: 1, to: 20, label: "Passages kept, k", ticks: [1, 5, 10, 15, 20] },
      y: { from: 0, to: 1, label: "Recall@k", ticks: [0, 0.5, 1] },
    })]));
    const prompt = html("details", {}, view.heading, view.prompt);
    lab.view.append(view.why, view.found, prompt, html("div", { className: "lab-panels" }, ...Object.values(plots).map(({ svg }) => svg)));
  },

  async show(lab) {
    const { state } = lab;
    const { query: question, method, k, directions, budget } = state;
    if (!question.trim()) throw new LabError("Type a question of at least one word.");
    const example = Object.values(EXAMPLES).find((given) => given.question === question);
    const result = await lab.ask("search", { question, method, k, directions, budget, right: example?.right });
    const rows = await lab.ask("measure", { directions });
    const { found, fitting, prompt, tokens, unknown, right } = result;
    const kept = several(found.length, "passage");
    view.why.textContent = example?.why ?? "";
    view.found.replaceChildren(...found.map((passage, place) => showPassage(passage, place, { method, fitting, right })));
    view.heading.textContent = `The prompt that a model would get: ${several(tokens, "token")}, ${several(fitting, "passage")}`;
    view.prompt.textContent = prompt;
    draw(rows, state);
    const lost = unknown.length ? ` Not in the handbook: ${unknown.join(", ")}.` : "";
    const first = found.length ? `First of ${kept}: “${found[0].section.name}”, score ${found[0].score.toFixed(DIGITS[method])}.` : "No passage has a word of this question.";
    const size = fitting < found.length ? ` Only ${fitting} of ${kept} fit into a prompt of ${several(budget, "token")}.` : ` Prompt: ${several(tokens, "token")}.`;
    const recalls = rows.filter((row) => row.method === method).map(({ kind, recalls: values }) => `${values[k - 1].toFixed(2)} for ${KINDS[kind].replace("Q", "q")}`);
    return {
      say: `${METHODS[method]}. ${first} ${verdict(result, state, rows.find((row) => row.method === method).tops)}${lost}${size} In the test, recall@${k} is ${recalls.join(" and ")}.`,
      table: () => ({
        caption: `The test, with vectors of ${directions} directions. Last column: how often, of a question with an answer and one without, the first has the higher best score; 0.50 is a coin's toss`,
        header: ["Ranking and wording", "Questions", `Recall@${k}`, "Recall@20", "MRR", "Answer told by score"],
        rows: rows.map((row) => [`${METHODS[row.method]}, ${row.kind}`, row.questions, row.recalls[k - 1].toFixed(2), row.recalls.at(-1).toFixed(2), row.mrr.toFixed(2), row.apart.toFixed(2)]),
      }),
    };
  },

  python: ({ state: { query, method, k, directions, budget } }) => `from handbook.models import bpe, retrieval

# The index is made by \`handbook prepare\`.
index = retrieval.load()
tokeniser = bpe.load("docs/assets/labs/weights/tokeniser.bin")
question = ${literal(query)}
method, k, directions, budget = ${literal(method)}, ${k}, ${directions}, ${budget}

found = index.search(question, method, k, directions)
for place, each in enumerate(found, start=1):
    print(f"{place}. {index.passages[each.passage].section.address} {each.score:.6f}")
    for shares in (index.shares(question, each.passage), index.company(question, each.passage, directions)):
        most = sorted(shares.items(), key=lambda share: -share[1])[:5]
        print("  ", ", ".join(f"{word} {share:.3f}" for word, share in most))


def count(text):
    return len(tokeniser.encode(text))


fitting = retrieval.within(question, [index.passages[each.passage] for each in found], budget, count)
prompt = retrieval.prompt(question, fitting)
print(f"prompt: {len(fitting)} passages, {count(prompt)} tokens")
print(prompt)

for kind, by_method in retrieval.ranks(index, directions).items():
    for name, ranks in by_method.items():
        recall, mrr = retrieval.recall(ranks, k), retrieval.mean_reciprocal_rank(ranks)
        print(f"{name}, {kind}: recall@{k} {recall:.2f}, MRR {mrr:.2f}")
best = [max((each.score for each in index.search(each.text, method, 1, directions)), default=0) for each in index.questions if each.sections]
print(f"best score above those of {sum(score < found[0].score for score in best) if found else 0} of {len(best)}")
for name in retrieval.METHODS:
    print(f"{name}: answer told by score {retrieval.separation(index, name, directions):.2f}")
`,
};
