"""From logits to a token: temperature, top-k, top-p, and the draw.

The order is that of the chapter Tokens and sampling: temperature first, then both filters on that one distribution,
then the sum is restored to 1. docs/assets/labs/models/sampling.js is the same.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from handbook.models.gpt import Gpt, softmax
from handbook.models.random import Random

ROUNDING = 1e-12  # sums that miss the threshold of top-p by no more than this reach it


def distribution(logits: np.ndarray, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> np.ndarray:
    """Probabilities (V,) that the next token is drawn from, for logits (V,).

    temperature T: softmax of logits / T (after Ackley, Hinton and Sejnowski 1985, doi:10.1207/s15516709cog0901_7); at 0
    all probability is on the largest logit. top_k: the k most probable tokens stay (Fan, Lewis and Dauphin 2018,
    arXiv:1805.04833, section 5.4); 0 keeps all. top_p: the smallest set of the most probable tokens stays whose
    probabilities add up to at least P (Holtzman et al. 2019, arXiv:1904.09751, equations 2 and 3). Of equally probable
    tokens the one with the smaller id comes first. Raises ValueError for a setting out of range.
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"the temperature is 0 or more, not {temperature}")
    if top_k < 0:
        raise ValueError(f"top-k is 0, for all tokens, or more, not {top_k}")
    if not 0 < top_p <= 1:
        raise ValueError(f"top-p is above 0 and at most 1, not {top_p}")
    logits = np.asarray(logits, dtype=np.float64)
    if temperature == 0:
        p = np.zeros_like(logits)
        p[logits.argmax()] = 1.0
        return p
    p = softmax(logits / temperature)
    order = ranked(p)
    before = np.concatenate([[0.0], np.cumsum(p[order])[:-1]])  # probability of all that rank higher
    keep = before < top_p - ROUNDING
    if top_k:
        keep[top_k:] = False
    filtered = np.zeros_like(p)
    filtered[order[keep]] = p[order[keep]]
    return filtered / filtered.sum()


def ranked(p: np.ndarray) -> np.ndarray:
    """Token ids (V,) by probability, the most probable first; of equals, the smaller id."""
    return np.argsort(-p, kind="stable")


def entropy(p: np.ndarray) -> float:
    """Entropy in bits of probabilities (V,): −Σ p log₂ p (Shannon 1948, section 6); 0 log 0 counts as 0."""
    some = p[p > 0]
    return float(-(some * np.log2(some)).sum()) + 0.0


def draw(p: np.ndarray, random: Random) -> int:
    """Draw a token id: the first whose cumulative probability exceeds a uniform number."""
    return random.choice(p)


def draw_many(p: np.ndarray, times: int, random: Random) -> np.ndarray:
    """Counts (V,) of as many independent draws."""
    counts = np.zeros(len(p), dtype=np.int64)
    for _ in range(times):
        counts[draw(p, random)] += 1
    return counts


class Drawn(NamedTuple):
    """One generated token."""

    token: int
    probability: float  # in the distribution that it was drawn from
    entropy: float  # of that distribution, in bits


def generate(
    model: Gpt,
    ids: Sequence[int],
    random: Random,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
) -> Iterator[Drawn]:
    """Draw token after token, without end, each given the ids and all that were drawn before.

    Of more ids than the context holds, those from `Gpt.window` on are read.
    Raises ValueError for no id, an id outside the vocabulary, or a setting out of range.
    """
    history = list(ids)
    begin, cache = -1, model.start()
    while True:
        if model.window(len(history)) != begin:
            begin, cache = model.window(len(history)), model.start()
        logits = model.read(history[begin + cache.length :], cache)[-1]
        p = distribution(logits, temperature, top_k, top_p)
        token = draw(p, random)
        yield Drawn(token, float(p[token]), entropy(p))
        history.append(token)
