import { LabError } from "./core/container.js";
import { serve } from "./core/worker.js";
import { Tokeniser, shown } from "./models/bpe.js";
import { Gpt, START } from "./models/gpt.js";

let tokeniser;
let gpt;

serve({
  load({ weights }) {
    const { merges, counts } = weights.tokeniser.tensors;
    tokeniser = new Tokeniser(merges.data, counts.data);
    gpt = new Gpt(weights.gpt);
  },
  /** { text, longest } → { ids, names: [string], weights: [layer] → Float32Array(heads × n × n) }, the start's token first. */
  read({ text, longest }) {
    const ids = [START, ...tokeniser.encode(text)];
    if (ids.length < 3) throw new LabError("Type at least two tokens: a word or two.");
    if (ids.length > longest) throw new LabError(`That is ${ids.length - 1} tokens, and this lab draws ${longest - 1}. Shorten the sentence.`);
    return { ids, names: ids.map((id, at) => (at ? shown(tokeniser.vocabulary[id]).text : "start")), weights: gpt.attention(ids) };
  },
});
