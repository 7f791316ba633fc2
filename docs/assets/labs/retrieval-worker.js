// What the lab `retrieval` computes: it keeps the index, and counts the prompt's tokens with the handbook's tokeniser.
import { serve } from "./core/worker.js";
import { Tokeniser } from "./models/bpe.js";
import { meanReciprocalRank, open, recall, separation } from "./models/retrieval.js";

let index;
let tokeniser;
const measured = new Map(); // number of directions → measures

serve({
  async load({ weights }) {
    const { merges, counts } = weights.tokeniser.tensors;
    tokeniser = new Tokeniser(merges.data, counts.data);
    index = await open(weights.retrieval.tensors);
  },

  search({ question, method, k, directions, budget, right = index.questions.find(({ text }) => text === question)?.sections }) {
    const count = (text) => tokeniser.encode(text).length;
    const ranking = index.rankings(question, directions)[method];
    const found = ranking.slice(0, k);
    const passages = found.map(({ passage }) => passage);
    const company = index.company(question, passages, directions);
    const fitting = index.within(question, passages, budget, count);
    const prompt = index.prompt(question, fitting);
    return {
      found: found.map(({ passage, score }, i) => ({ ...index.passages[passage], score, shares: index.shares(question, passage), company: company[i] })),
      unknown: [...new Set(index.asked(question))].filter((word) => !index.holding.has(index.stem(word))),
      fitting: fitting.length,
      prompt,
      tokens: count(prompt),
      right,
      place: right && index.place(ranking, right),
    };
  },

  /** Recall at every k, the mean reciprocal rank and the separation of each ranking, over the questions of the test set. */
  async measure({ directions }, job) {
    if (!measured.has(directions)) {
      const kinds = {};
      const scores = [{}, {}]; // the best ones of questions without and with an answer
      for (const { text, kind, sections } of index.questions) {
        for (const [method, ranking] of Object.entries(index.rankings(text, directions))) {
          (scores[sections.length ? 1 : 0][method] ??= []).push(ranking[0]?.score ?? 0);
          if (sections.length) ((kinds[kind] ??= {})[method] ??= []).push(index.place(ranking.slice(0, index.deepest), sections));
        }
        await job.rest();
      }
      const rows = Object.entries(kinds).flatMap(([kind, byMethod]) => Object.entries(byMethod).map(([method, ranks]) => ({
        kind,
        method,
        questions: ranks.length,
        recalls: Array.from({ length: index.deepest }, (_, place) => recall(ranks, place + 1)),
        mrr: meanReciprocalRank(ranks),
        tops: scores[1][method],
        apart: separation(scores[1][method], scores[0][method]),
      })));
      measured.set(directions, rows);
    }
    return measured.get(directions);
  },
});
