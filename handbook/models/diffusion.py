"""A diffusion model of points in the plane, with classes and guidance.

Forward: x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε (Ho et al. 2020, arXiv:2006.11239, equation 4), with the cosine schedule of
Nichol and Dhariwal 2021 (arXiv:2102.09672, equation 17).
The network predicts the velocity v = √ᾱ_t ε − √(1 − ᾱ_t) x₀ (Salimans and Ho 2022, arXiv:2202.00512, appendix D), from
which both ε and x₀ follow at every t; at t = T, where ε says nothing about x₀, it still predicts x₀.
Reverse: the family of Song et al. 2020 (DDIM, arXiv:2010.02502, equations 12 and 16): with `eta` 1 the ancestral
sampler of Ho et al., with `eta` 0 a deterministic one.
Guidance mixes the predictions with and without the class (Ho and Salimans 2022, arXiv:2207.12598, equation 6); here
`guidance` is their 1 + w: 0 leaves the class out, 1 is the plain conditional model, more pushes away from the
unconditional one.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from handbook.models.mlp import MLP, Weights, layers, silu
from handbook.models.random import Random

STEPS = 100  # T: how many steps of noise the model was trained with
OFFSET = 0.008  # s of the cosine schedule: noise grows slowly at first
FREQUENCIES = 16  # sines and as many cosines, by which the network reads the time


def schedule() -> np.ndarray:
    """Return ᾱ_t for t = 0 … T, (T + 1,): the share of the data's variance that is left; 1 at the start.

    As in the source no step removes more than 0.999 of what is left.
    """
    angle = (np.arange(STEPS + 1) / STEPS + OFFSET) / (1 + OFFSET) * math.pi / 2
    left = np.cos(angle) ** 2
    return np.concatenate([[1.0], np.cumprod(np.maximum(left[1:] / left[:-1], 0.001))])


SIGNAL = schedule()


def times(steps: int) -> np.ndarray:
    """Return the times (steps + 1,) at which a sampler stops, from T down to 0, as evenly as whole numbers allow.

    Raises:
        ValueError: there are fewer steps than 1 or more than T.
    """
    if not 1 <= steps <= STEPS:
        raise ValueError(f"a sampler takes 1 to {STEPS} steps, not {steps}")
    return np.floor(STEPS * np.arange(steps, -1, -1) / steps + 0.5).astype(np.int64)


def add_noise(points: np.ndarray, t: int, noise: np.ndarray) -> np.ndarray:
    """Return x_t for points x₀ and standard normal noise, both (n, 2), at time t from 0 to T (DDPM, equation 4)."""
    return math.sqrt(SIGNAL[t]) * points + math.sqrt(1 - SIGNAL[t]) * noise


def time_waves(t: float) -> np.ndarray:
    """Return cosines and then sines (2 · FREQUENCIES,) of a time (Vaswani et al. 2017, arXiv:1706.03762, section 3.5).

    The time runs from 0 to 1,000 for t from 0 to T, and the frequencies from 1 to 1/10,000.
    """
    angles = 1000 * t / STEPS * np.exp(-math.log(10_000) * np.arange(FREQUENCIES) / FREQUENCIES)
    return np.concatenate([np.cos(angles), np.sin(angles)])


class Diffusion:
    """A network that predicts the velocity, and the samplers that use it."""

    def __init__(self, weights: Weights) -> None:
        """Take the network `diffusion.point` (2 to 2 numbers) and what tells it the time and the class.

        `diffusion.time` (an MLP) turns the time's waves into e numbers, `diffusion.class` (classes + 1, e) holds as
        many a class, the last row for "no class"; `diffusion.shift.<i>` turns the SiLU of their sum into what is added
        to the hidden layer i of the network.
        """
        self.layers = layers(weights, "diffusion.point")
        self.shifts = layers(weights, "diffusion.shift")
        self.time = MLP(weights, "diffusion.time")
        self.labels = weights["diffusion.class"].astype(np.float64)
        self.classes = len(self.labels) - 1

    def velocity(self, points: np.ndarray, t: int, labels: int | np.ndarray | None = None) -> np.ndarray:
        """Predict v (n, 2) for noisy points (n, 2) at time t.

        Args:
            points: x_t.
            t: the time, 1 to T.
            labels: one class for all, a class for each (n,), or None for no class.

        Raises:
            ValueError: there is no such class.
        """
        labels = self.classes if labels is None else np.asarray(labels)
        if np.min(labels) < 0 or np.max(labels) > self.classes:
            raise ValueError(f"the classes are 0 to {self.classes - 1}")
        known = silu(self.time(time_waves(t)[None]) + self.labels)
        x = points
        for (weight, bias), (by, shift) in zip(self.layers, self.shifts, strict=False):
            x = silu(x @ weight.T + bias + (known @ by.T + shift)[labels])
        weight, bias = self.layers[-1]
        return x @ weight.T + bias

    def predict(
        self, points: np.ndarray, t: int, labels: int | np.ndarray | None = None, guidance: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predict the clean point x₀ and the noise ε, (n, 2) each, for noisy points (n, 2) at time t.

        Without a class, or with guidance 1, it takes one pass of the network, else two.
        """
        if labels is None or guidance == 0:
            v = self.velocity(points, t)
        elif guidance == 1:
            v = self.velocity(points, t, labels)
        else:
            v = guidance * self.velocity(points, t, labels) + (1 - guidance) * self.velocity(points, t)
        signal, spread = math.sqrt(SIGNAL[t]), math.sqrt(1 - SIGNAL[t])
        return signal * points - spread * v, spread * points + signal * v

    def score(
        self, points: np.ndarray, t: int, labels: int | np.ndarray | None = None, guidance: float = 1.0
    ) -> np.ndarray:
        """Return the estimated gradient (n, 2) of the log density of x_t, −ε / √(1 − ᾱ_t), at time t from 1 to T.

        Song et al. 2020, arXiv:2011.13456, and Ho and Salimans 2022, section 2.
        """
        return -self.predict(points, t, labels, guidance)[1] / math.sqrt(1 - SIGNAL[t])

    def paths(
        self,
        start: np.ndarray,
        random: Random | None = None,
        *,
        steps: int = STEPS,
        labels: int | np.ndarray | None = None,
        guidance: float = 1.0,
        eta: float = 0.0,
    ) -> np.ndarray:
        """Follow points from noise to data.

        Args:
            start: x_T, standard normal numbers (n, 2).
            random: the source of the noise that each step adds, unless eta is 0: two normal numbers a point for each
                step but the last.
            steps: how many, 1 to T.
            labels: one class for all, a class for each (n,), or None.
            guidance: how much the class counts.
            eta: 0 for the deterministic sampler, 1 for the ancestral one, or between.

        Returns:
            (steps + 1, n, 2): the points at each of `times(steps)`.

        Raises:
            ValueError: steps out of range, no such class, or noise is wanted and there is no source of it.
        """
        if eta and random is None:
            raise ValueError("with eta above 0 the sampler needs a source of noise")
        stops = times(steps)
        path = [start]
        for now, then in pairwise(stops.tolist()):
            clean, noise = self.predict(path[-1], now, labels, guidance)
            variance = 0.0
            if eta and then:
                variance = eta**2 * (1 - SIGNAL[then]) / (1 - SIGNAL[now]) * (1 - SIGNAL[now] / SIGNAL[then])
            moved = math.sqrt(SIGNAL[then]) * clean + math.sqrt(max(0.0, 1 - SIGNAL[then] - variance)) * noise
            if variance:
                moved = moved + math.sqrt(variance) * random.normals(start.size).reshape(start.shape)
            path.append(moved)
        return np.stack(path)

    def sample(
        self,
        n: int,
        random: Random,
        *,
        steps: int = STEPS,
        labels: int | np.ndarray | None = None,
        guidance: float = 1.0,
        eta: float = 0.0,
    ) -> np.ndarray:
        """Draw points (n, 2); two normal numbers a point, and with eta above 0 two more for each step but the last."""
        start = random.normals(2 * n).reshape(n, 2)
        return self.paths(start, random, steps=steps, labels=labels, guidance=guidance, eta=eta)[-1]
