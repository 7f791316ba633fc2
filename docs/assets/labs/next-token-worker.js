// The small GPT at work beside the lab "next-token".
import { Random } from "./core/random.js";
import { serve } from "./core/worker.js";
import { Tokeniser, shown } from "./models/bpe.js";
import { Gpt, START } from "./models/gpt.js";
import { distribution, entropy, ranked } from "./models/sampling.js";

const ROWS = 12; // tokens that are told one by one
const CHUNK = 16; // tokens read between two looks at the messages
let tokeniser;
let model;
let about; // the card of the model, and every token as it is shown
let reading = { begin: -1, ids: [], cache: undefined }; // what the cache holds
let story; // the last text that was written on, to be continued

/** Logits after the ids; what the last reading has in common with them is not read again. */
async function read(ids, job) {
  const begin = model.window(ids.length);
  if (begin !== reading.begin) reading = { begin, ids: [], cache: model.start() };
  const wanted = ids.slice(begin);
  let same = 0;
  while (same < wanted.length - 1 && wanted[same] === reading.ids[same]) same++;
  reading.cache.length = same;
  reading.ids = wanted.slice(0, same);
  let logits;
  while (same < wanted.length) {
    const chunk = wanted.slice(same, same + CHUNK);
    logits = model.read(chunk, reading.cache);
    same += chunk.length;
    reading.ids = wanted.slice(0, same);
    await job.rest();
  }
  return logits.slice(-model.shape.vocabulary);
}

const encode = (text) => [START, ...tokeniser.encode(text)];

serve({
  load({ weights }) {
    tokeniser = new Tokeniser(weights.tokeniser.tensors.merges.data, weights.tokeniser.tensors.counts.data);
    model = new Gpt(weights.gpt);
    about = { card: weights.gpt.card, names: tokeniser.vocabulary.map((bytes) => shown(bytes).text) };
  },

  about: () => about,

  /**
   * After the text and `count` tokens drawn behind it: the prompt's ids, what was written ({ id, p, bits } each), where
   * reading begins, and of the next token rows as `gather` makes them, the entropy in bits as the model has it (own) and as
   * it is drawn from (bits), the last of `draws` draws ({ id, p }), how many different ones there were, and how many are possible.
   */
  async next({ text, count, draws, temperature, topK, topP, seed }, job) {
    const key = JSON.stringify([text, temperature, topK, topP, seed]);
    let now = story;
    story = undefined; // a newer request may stop this one half way
    if (now?.key !== key || now.written.length > count) {
      const ids = encode(text);
      now = { key, prompt: ids.length, ids, written: [], random: new Random(seed), logits: await read(ids, job) };
    }
    while (now.written.length < count) {
      const p = distribution(now.logits, temperature, topK, topP);
      const id = now.random.choice(p);
      now.written.push({ id, p: p[id], bits: entropy(p) });
      now.ids.push(id);
      now.logits = await read(now.ids, job);
    }
    story = now;
    const own = distribution(now.logits);
    const p = distribution(now.logits, temperature, topK, topP);
    const random = new Random(seed);
    const drawn = Array.from({ length: draws }, () => random.choice(p));
    const last = { id: drawn.at(-1), p: p[drawn.at(-1)] };
    return {
      ids: now.ids.slice(1, now.prompt), written: now.written, begin: model.window(now.ids.length),
      rows: gather(own, p, drawn), own: entropy(own), bits: entropy(p), last, different: new Set(drawn).size,
      possible: p.filter((value) => value > 0).length,
    };
  },
});

/** A row for each of the likeliest tokens, and one without an id for all others: probabilities and times drawn. */
function gather(own, p, drawn) {
  const times = new Uint16Array(p.length);
  for (const id of drawn) times[id] += 1;
  const rows = ranked(own).map((id) => ({ id, own: own[id], p: p[id], times: times[id] }));
  const rest = { own: 0, p: 0, times: 0 };
  for (const row of rows.splice(ROWS)) for (const key in rest) rest[key] += row[key];
  return [...rows, rest];
}
