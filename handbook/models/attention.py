"""What the attention weights of one head look like, in numbers: the measures of the lab "attention".

They describe the weights on one text. What a head does for the prediction is another question, which weights alone
don't answer (Jain and Wallace 2019, arXiv:1902.10186; Wiegreffe and Pinter 2019, arXiv:1908.04626). Heads of fixed
offset and heads that read broadly were described by Clark et al. 2019 (arXiv:1906.04341), weight that gathers on the
first token by Xiao et al. 2023 (arXiv:2309.17453).
"""

from dataclasses import dataclass

import numpy as np

FIRST_ROW = 2  # before it the token before, the first token and the token itself are not three
MOST, EVEN = 0.5, 0.9
NAMES = {"previous": "the token before", "first": "the first token", "same": "the token itself"}


def entropy(weights: np.ndarray) -> np.ndarray:
    """Entropy in bits over the last axis: −Σ w log₂ w. It is 0 for one token, log₂ k for an even share of k."""
    logs = np.log2(weights, out=np.zeros(weights.shape), where=weights > 0)
    return -(weights * logs).sum(axis=-1)


@dataclass(frozen=True)
class Look:
    """Means over the rows from the third on, of one head on one text."""

    previous: float  # weight on the token before
    first: float  # weight on the first token of the input
    same: float  # weight on the token itself
    entropy: float  # bits
    greatest: float  # bits: the entropy of even weights, the mean of log₂ of how many tokens a row may read

    @property
    def name(self) -> str:
        """What the head seems to look at: the place with more than half of the weight; "all alike" if the entropy is
        within a tenth of the greatest; else "none of these"."""
        place = max(NAMES, key=lambda each: getattr(self, each))
        if getattr(self, place) > MOST:
            return NAMES[place]
        return "all alike" if self.entropy > EVEN * self.greatest else "none of these"


def look(weights: np.ndarray) -> Look:
    """The measures of a head's weights (n, n), rows read and columns are read from.

    Raises ValueError unless n is 3 or more.
    """
    rows = np.arange(FIRST_ROW, len(weights))
    if not len(rows):
        raise ValueError(f"a look needs at least {FIRST_ROW + 1} tokens, not {len(weights)}")
    return Look(
        previous=float(weights[rows, rows - 1].mean()),
        first=float(weights[rows, 0].mean()),
        same=float(weights[rows, rows].mean()),
        entropy=float(entropy(weights[rows]).mean()),
        greatest=float(np.log2(rows + 1).mean()),
    )


def even(n: int) -> np.ndarray:
    """Causal weights (n, n) that read all earlier tokens and the token itself alike: what to compare a head with."""
    return np.tril(np.ones((n, n))) / np.arange(1, n + 1)[:, None]
