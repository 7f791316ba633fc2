// Byte-level byte-pair encoding, the same as handbook/models/bpe.py, where the rule and its sources are told.

const BYTES = 256;
// Characters outside ASCII count as letters; each half of a surrogate pair is one, so no cut goes through a character.
const PIECES = /(?: ?[A-Za-z\x80-\uffff]+(?:'[A-Za-z\x80-\uffff]+)?| ?[0-9]{1,3}| ?[^ \t\n\r\f\vA-Za-z0-9\x80-\uffff]+|\n+|[ \t\r\f\v]+(?![^ \t\n\r\f\v])|[ \t\r\f\v]+)/g;
const utf8 = new TextEncoder();
const loose = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Cut a text into the pieces that no merge crosses, as bytes. */
export const pieces = (string) => (string.match(PIECES) ?? []).map((piece) => utf8.encode(piece));

/** Replace each occurrence of a pair of neighbours, from the left, by the new id. */
export function join(ids, [left, right], id) {
  const joined = [];
  for (let place = 0; place < ids.length; place += 1) {
    const met = ids[place] === left && ids[place + 1] === right;
    joined.push(met ? id : ids[place]);
    if (met) place += 1;
  }
  return joined;
}

/** How a token is shown: { text, whole }, its characters with blanks made visible, or its bytes if it holds part of a character. */
export function shown(bytes) {
  try {
    return { text: strict.decode(bytes).replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥"), whole: true };
  } catch {
    return { text: Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" "), whole: false };
  }
}

export class Tokeniser {
  /** merges: pairs of token ids by rank, flat; counts: how often each pair stood in the training text. */
  constructor(merges, counts) {
    this.merges = Array.from(counts, (_, rank) => [merges[2 * rank], merges[2 * rank + 1]]);
    this.counts = Array.from(counts);
    this.vocabulary = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
    this.ranks = new Map();
    this.merges.forEach(([left, right], rank) => {
      this.vocabulary.push(Uint8Array.of(...this.vocabulary[left], ...this.vocabulary[right]));
      this.ranks.set(left * 65536 + right, rank);
    });
    this.known = new Map();
  }

  /** The token ids of a text; with `merges`, those after the first so many merges. */
  encode(string, merges = Infinity) {
    return pieces(string).flatMap((piece) => this.path(piece).findLast(({ rank }) => rank < merges).ids);
  }

  /** Every merge that the text undergoes, by rank: { rank, pair, made }, where made is how often. */
  steps(string) {
    const made = new Map();
    for (const piece of pieces(string)) {
      const path = this.path(piece);
      for (let at = 1; at < path.length; at += 1) {
        const { rank, ids } = path[at];
        made.set(rank, (made.get(rank) ?? 0) + path[at - 1].ids.length - ids.length);
      }
    }
    return [...made].sort(([one], [other]) => one - other).map(([rank, times]) => ({ rank, pair: this.merges[rank], made: times }));
  }

  /** A piece on its way from bytes to tokens: [{ rank, ids }], the first with rank -1. */
  path(piece) {
    const key = piece.join();
    let path = this.known.get(key);
    if (path) return path;
    path = [{ rank: -1, ids: [...piece] }];
    for (;;) {
      const { ids } = path.at(-1);
      let rank = Infinity; // the earliest learnt merge that fits: a later one can't make room for an earlier one
      for (let at = 1; at < ids.length; at += 1) rank = Math.min(rank, this.ranks.get(ids[at - 1] * 65536 + ids[at]) ?? Infinity);
      if (rank === Infinity) break;
      path.push({ rank, ids: join(ids, this.merges[rank], BYTES + rank) });
    }
    this.known.set(key, path);
    return path;
  }

  /** The bytes of tokens, joined. */
  bytes(ids) {
    return Uint8Array.from(ids.flatMap((id) => [...this.vocabulary[id]]));
  }

  /** The text of tokens; bytes that are no UTF-8 become U+FFFD. */
  decode(ids) {
    return loose.decode(this.bytes(Array.from(ids)));
  }
}
