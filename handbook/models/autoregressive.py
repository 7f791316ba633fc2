"""An autoregressive model of points in the plane: first one coordinate, then the other given the first.

p(x) = p(x₁) p(x₂ | x₁), the chain rule with two factors, each a distribution over equal bins, as PixelRNN models the
256 values of a pixel (van den Oord et al. 2016, arXiv:1601.06759, equations 1 and 2 and section 3.4).
Within its bin a coordinate is uniform, so the density is a density: it integrates to 1 over the square of the bins.
The first factor needs no network, since nothing stands before it; the second is read from x₁ by an MLP.
"""

from __future__ import annotations

import math

import numpy as np

from handbook.models.mlp import MLP, Weights
from handbook.models.random import Random
from handbook.models.shapes import RANGE


def waves(x: np.ndarray, count: int) -> np.ndarray:
    """Return sine and cosine of one coordinate at doubling frequencies (Mildenhall et al. 2020, equation 4).

    Args:
        x: coordinates (n,) within ± `RANGE`.
        count: how many frequencies.

    Returns:
        (n, 2 · count): the sines, then the cosines, of π x / RANGE · 2^k / 2 for k = 0, 1, …
    """
    angles = x[:, None] * (math.pi / (2 * RANGE) * 2.0 ** np.arange(count))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return logits minus the logarithm of the sum of their exponentials, along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


class Autoregressive:
    """p(x₁) p(x₂ | x₁) over bins."""

    def __init__(self, weights: Weights) -> None:
        """Take `autoregressive.first` (bins,), the logits of x₁'s bins, and the network `autoregressive.second`."""
        self.first = weights["autoregressive.first"].astype(np.float64)
        self.second = MLP(weights, "autoregressive.second")
        self.bins = len(self.first)
        self.width = 2 * RANGE / self.bins
        self.waves = self.second.layers[0][0].shape[1] // 2

    def bin_of(self, coordinate: np.ndarray) -> np.ndarray:
        """Return the bin (n,) in which coordinates (n,) fall; what lies outside counts to the nearest bin."""
        return np.clip(np.floor((coordinate + RANGE) / self.width), 0, self.bins - 1).astype(np.int64)

    def log_first(self) -> np.ndarray:
        """Return the log probabilities (bins,) of the bins of x₁."""
        return log_softmax(self.first)

    def log_second(self, first: np.ndarray) -> np.ndarray:
        """Return the log probabilities (n, bins) of the bins of x₂, given x₁ (n,)."""
        return log_softmax(self.second(waves(first, self.waves)))

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Return log p(x) in nats, exactly, for points (n, 2); minus infinity outside the square of the bins."""
        rows = np.arange(len(points))
        first = self.log_first()[self.bin_of(points[:, 0])]
        second = self.log_second(points[:, 0])[rows, self.bin_of(points[:, 1])]
        inside = (np.abs(points) <= RANGE).all(axis=1)
        return np.where(inside, first + second - 2 * math.log(self.width), -np.inf)

    def sample(self, n: int, random: Random) -> np.ndarray:
        """Draw points (n, 2), coordinate after coordinate; four uniform numbers a point, the point's own in a row."""
        chance = np.array([random.uniform() for _ in range(4 * n)]).reshape(n, 4)
        first = self._place(np.broadcast_to(np.exp(self.log_first()), (n, self.bins)), chance[:, 0], chance[:, 1])
        second = self._place(np.exp(self.log_second(first)), chance[:, 2], chance[:, 3])
        return np.stack([first, second], axis=1)

    def _place(self, probabilities: np.ndarray, which: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Choose a bin by its probability, by inversion of the cumulative sum, and a place within the bin."""
        chosen = (np.cumsum(probabilities, axis=1) <= which[:, None]).sum(axis=1).clip(0, self.bins - 1)
        return -RANGE + self.width * (chosen + where)
