// What the lab "tokeniser" computes.
import { serve } from "./core/worker.js";
import { Tokeniser, shown } from "./models/bpe.js";

let tokeniser;
let samples; // name → text

/** Characters, bytes, words between blanks, and tokens after the first so many merges. */
function measure(name, text, merges) {
  const ids = tokeniser.encode(text, merges);
  const words = text.split(/[ \t\n\r\f\v]+/).filter(Boolean).length;
  return { name, characters: [...text].length, bytes: tokeniser.bytes(ids).length, words, tokens: ids.length };
}

/** The latest merge that the text underwent, if any: its rank, its two parts, what they became, and how often. */
function latest(steps, merges) {
  const place = steps.findLastIndex(({ rank }) => rank < merges);
  if (place < 0) return undefined;
  const { rank, pair, made } = steps[place];
  const [left, right, joined] = [...pair, 256 + rank].map((id) => shown(tokeniser.vocabulary[id]).text);
  return { rank, left, right, joined, made, place: place + 1, seen: tokeniser.counts[rank] };
}

serve({
  load({ weights }) {
    const { tensors, card } = weights.tokeniser;
    tokeniser = new Tokeniser(tensors.merges.data, tensors.counts.data);
    samples = card.samples;
  },

  samples: () => samples,

  /** The text's tokens, its size and the samples', the ranks of all merges that it undergoes, and the latest of those made. */
  read({ text, merges }) {
    const steps = tokeniser.steps(text);
    return {
      tokens: tokeniser.encode(text, merges).map((id) => ({ id, ...shown(tokeniser.vocabulary[id]) })),
      size: measure("Your text", text, merges),
      sizes: Object.entries(samples).map(([name, sample]) => measure(name, sample, merges)),
      ranks: steps.map(({ rank }) => rank),
      last: latest(steps, merges),
    };
  },
});
