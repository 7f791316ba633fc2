"""Byte-level byte-pair encoding: the tokeniser of the labs.

The merges are learnt as in Sennrich, Haddow and Birch 2016 (arXiv:1508.07909, section 3.2 and algorithm 1): count
every pair of neighbours inside the pieces of the text, merge the most frequent one, repeat. The symbols start as the
256 bytes of UTF-8, as in GPT-2 (Radford et al. 2019, section 2.2), so every text has an encoding.

Token ids: 0 to 255 are the bytes, 256 + r is what the merge of rank r makes. There are no special tokens.

**Pieces.** Text is cut before the merges, and no merge crosses a cut. GPT-2 cuts with classes of Unicode, which differ
between versions and languages; here the rule is in ASCII, and every character outside ASCII counts as a letter, so the
same rule holds on bytes (here) and on characters (docs/assets/labs/models/bpe.js). A piece is the first of these that
fits:

1. a run of letters, with one blank before it and one apostrophe with letters after it, if there: ` don't`
2. one to three digits, with one blank before them, if there: ` 202`
3. a run of other signs, with one blank before it, if there: ` +=`
4. a run of line feeds
5. a run of other white space, but for a last blank that belongs to the piece after it
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from handbook.models import container

BYTES = 256
_PIECES = re.compile(
    rb" ?[A-Za-z\x80-\xff]+(?:'[A-Za-z\x80-\xff]+)?"
    rb"| ?[0-9]{1,3}"
    rb"| ?[^ \t\n\r\f\vA-Za-z0-9\x80-\xff]+"
    rb"|\n+"
    rb"|[ \t\r\f\v]+(?![^ \t\n\r\f\v])"
    rb"|[ \t\r\f\v]+"
)


def to_bytes(text: str) -> bytes:
    """The UTF-8 bytes of a text; a surrogate without its partner, which has none, becomes U+FFFD as in a browser."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace").encode("utf-8")


def pieces(text: str) -> list[bytes]:
    """Cut a text into the pieces that no merge crosses; joined, they are the text's bytes."""
    return _PIECES.findall(to_bytes(text))


def join(ids: Sequence[int], pair: tuple[int, int], new: int) -> list[int]:
    """Replace each occurrence of a pair of neighbours, from the left, by the new id."""
    joined: list[int] = []
    place = 0
    while place < len(ids):
        if place + 1 < len(ids) and (ids[place], ids[place + 1]) == pair:
            joined.append(new)
            place += 2
        else:
            joined.append(ids[place])
            place += 1
    return joined


@dataclass(frozen=True)
class Step:
    """One merge on the way of a text from bytes to tokens: its rank, its pair of ids, how often it was made."""

    rank: int
    pair: tuple[int, int]
    made: int


class Tokeniser:
    """Encode and decode with a list of merges.

    merges: pairs of token ids, by rank; the pair of rank r may name ids below 256 + r only. counts: how often each
    pair stood in the training text, in pieces, when it was merged. Raises ValueError if they don't fit.
    """

    def __init__(self, merges: Sequence[tuple[int, int]], counts: Sequence[int]) -> None:
        if len(counts) != len(merges):
            raise ValueError(f"{len(merges)} merges need as many counts, not {len(counts)}")
        self.merges = [(int(left), int(right)) for left, right in merges]
        self.counts = [int(count) for count in counts]
        self.vocabulary = [bytes([byte]) for byte in range(BYTES)]
        for rank, (left, right) in enumerate(self.merges):
            if not (0 <= left < BYTES + rank and 0 <= right < BYTES + rank):
                raise ValueError(
                    f"the merge of rank {rank} joins {left} and {right}, which are not both made before it"
                )
            self.vocabulary.append(self.vocabulary[left] + self.vocabulary[right])
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self._paths: dict[bytes, list[tuple[int, list[int]]]] = {}

    @property
    def size(self) -> int:
        """How many tokens there are: the 256 bytes and one for each merge."""
        return len(self.vocabulary)

    def encode(self, text: str, merges: int | None = None) -> list[int]:
        """The token ids of a text, each from 0 to size - 1; with `merges`, those after the first so many merges."""
        limit = len(self.merges) if merges is None else merges
        tokens: list[int] = []
        for piece in pieces(text):
            tokens += next(ids for rank, ids in reversed(self._path(piece)) if rank < limit)
        return tokens

    def steps(self, text: str) -> list[Step]:
        """Every merge that the text undergoes, by rank; before the first, its tokens are its bytes."""
        made: Counter[int] = Counter()
        for piece in pieces(text):
            for (_, before), (rank, after) in pairwise(self._path(piece)):
                made[rank] += len(before) - len(after)
        return [Step(rank, self.merges[rank], made[rank]) for rank in sorted(made)]

    def _path(self, piece: bytes) -> list[tuple[int, list[int]]]:
        """A piece on its way from bytes to tokens: (rank of the merge, ids after it), first (-1, its bytes)."""
        if piece not in self._paths:
            path = [(-1, list(piece))]
            while True:
                ids = path[-1][1]
                # The earliest learnt merge that fits: a later one can't make room for an earlier one.
                rank = min((self.ranks[pair] for pair in pairwise(ids) if pair in self.ranks), default=None)
                if rank is None:
                    break
                path.append((rank, join(ids, self.merges[rank], BYTES + rank)))
            self._paths[piece] = path
        return self._paths[piece]

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The bytes of tokens; raises ValueError for an id that is no token's."""
        ids = list(ids)
        for token in ids:
            if not 0 <= token < self.size:
                raise ValueError(f"token {token} is not in the vocabulary, which is 0 to {self.size - 1}")
        return b"".join(self.vocabulary[token] for token in ids)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; bytes that are no UTF-8, as when a character is cut in two, become U+FFFD."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def tensors(self) -> dict[str, np.ndarray]:
        """What a file of weights holds: merges (V - 256, 2) as uint16, counts (V - 256,) as int32."""
        merges = np.array(self.merges, np.uint16).reshape(-1, 2)
        return {"merges": merges, "counts": np.array(self.counts, np.int32)}


def load(path: Path | str) -> Tokeniser:
    """Read a tokeniser from a file of weights with the tensors `merges` and `counts`, as `Tokeniser.tensors` gives."""
    tensors, _ = container.read(path)
    return Tokeniser(tensors["merges"].astype(int).tolist(), tensors["counts"].astype(int).tolist())


def train(text: str, merges: int) -> Tokeniser:
    """Learn merges from a text: the most frequent pair each time; of equals, the one with the smaller bytes.

    Overlapping pairs count, so "aaa" holds "aa" twice. Stops early if no pair is left.
    """
    if merges < 0:
        raise ValueError(f"the number of merges is 0 or more, not {merges}")
    found = Counter(pieces(text))
    parts = [list(piece) for piece in found]
    times = list(found.values())
    counts: Counter[tuple[int, int]] = Counter()
    where: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for place, ids in enumerate(parts):
        for pair in pairwise(ids):
            counts[pair] += times[place]
            where[pair].add(place)
    tokens = [bytes([byte]) for byte in range(BYTES)]
    rules: list[tuple[int, int]] = []
    seen: list[int] = []
    for new in range(BYTES, BYTES + merges):
        counts = +counts
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], tokens[pair[0]], tokens[pair[1]]))
        rules.append(best)
        seen.append(counts[best])
        tokens.append(tokens[best[0]] + tokens[best[1]])
        for place in where.pop(best):
            counts.subtract({pair: times[place] * n for pair, n in Counter(pairwise(parts[place])).items()})
            parts[place] = join(parts[place], best, new)
            for pair in pairwise(parts[place]):
                counts[pair] += times[place]
                where[pair].add(place)
    return Tokeniser(rules, seen)
