"""Measures of generative models: quality, diversity, distance and surprise.

Samples are arrays of n points by d numbers. `docs/assets/labs/models/measures.js` computes the same for d = 2. Both
compare squared distances, summed column by column in float64, and so count the very same points.

Sources:

- Kynkäänniemi et al. 2019, Improved Precision and Recall Metric for Assessing Generative Models, arXiv:1904.06991
- Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative Models, arXiv:2002.09797
- Dowson and Landau 1982, The Fréchet distance between multivariate normal distributions,
  Journal of Multivariate Analysis 12(3)
- Heusel et al. 2017, GANs Trained by a Two Time-Scale Update Rule, arXiv:1706.08500
- Gao et al. 2020, The Pile, arXiv:2101.00027
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

PAIRS_AT_ONCE = 1 << 20  # distances held in memory, 8 MB
PLANE = 2
LEAST_FOR_COVARIANCE = 2


@dataclass(frozen=True)
class Neighbours:
    """The four measures by k nearest neighbours; each is a share from 0 to 1, density may pass 1."""

    precision: float
    recall: float
    density: float
    coverage: float


def _points(sample: ArrayLike, name: str) -> np.ndarray:
    """Return a sample as float64, n by d; raises ValueError if it is not a table of finite numbers."""
    points = np.asarray(sample, dtype=np.float64)
    if points.ndim != PLANE or not points.shape[1]:
        raise ValueError(f"{name} has the shape {points.shape}; give n points by d numbers")
    if not np.isfinite(points).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return points


def _pair(real: ArrayLike, generated: ArrayLike, k: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = _points(real, "the real sample"), _points(generated, "the generated sample")
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"points of {first.shape[1]} and of {second.shape[1]} numbers cannot be compared")
    if not 1 <= k < min(len(first), len(second)):
        raise ValueError(
            f"k is {k}; it runs from 1 to one less than the smaller sample, {min(len(first), len(second))}"
        )
    return first, second


def _squared_distances(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows of the squared distances of every first point to every second one, a block at a time."""
    step = max(1, PAIRS_AT_ONCE // len(second))
    for start in range(0, len(first), step):
        rows = slice(start, start + step)
        block = np.zeros((len(first[rows]), len(second)))
        for column in range(first.shape[1]):
            block += (first[rows, column, None] - second[None, :, column]) ** 2
        yield rows, block


def squared_radii(sample: ArrayLike, k: int) -> np.ndarray:
    """Return each point's squared distance to its k-th nearest neighbour in the same sample, itself not counted.

    The radii of the balls in equation 1 of Kynkäänniemi et al. and of NND_k in Naeem et al., squared.
    sample: n by d; returns n numbers. Raises ValueError unless 1 <= k < n.
    """
    points = _points(sample, "the sample")
    if not 1 <= k < len(points):
        raise ValueError(f"k is {k}; it runs from 1 to one less than the {len(points)} points")
    radii = np.empty(len(points))
    for rows, block in _squared_distances(points, points):
        radii[rows] = np.partition(block, k, axis=1)[:, k]  # place 0 is the point itself
    return radii


def neighbours(real: ArrayLike, generated: ArrayLike, k: int = 5) -> Neighbours:
    """Return precision, recall, density and coverage of generated points against real ones.

    A point's ball reaches to its k-th nearest neighbour in its own sample, edge included.

    - precision: share of generated points inside any real point's ball; recall: share of real points inside any
      generated point's ball (Kynkäänniemi et al., equations 1 and 2, who take k = 3)
    - density: number of real balls that hold a generated point, mean over generated points, divided by k;
      coverage: share of real points whose ball holds a generated point (Naeem et al., section 3, who take k = 5)

    real: n by d, generated: m by d. Raises ValueError on other shapes, numbers that are not finite, or k out of range.
    """
    first, second = _pair(real, generated, k)
    real_radii, generated_radii = squared_radii(first, k), squared_radii(second, k)
    held = np.zeros(len(second), dtype=np.int64)  # in how many real balls each generated point lies
    recalled = np.zeros(len(first), dtype=bool)
    covered = np.zeros(len(first), dtype=bool)
    for rows, block in _squared_distances(first, second):
        inside = block <= real_radii[rows, None]
        held += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (block <= generated_radii[None, :]).any(axis=1)
    return Neighbours(
        precision=float((held > 0).mean()),
        recall=float(recalled.mean()),
        density=float(held.mean() / k),
        coverage=float(covered.mean()),
    )


def nearest(sample: ArrayLike, reference: ArrayLike) -> np.ndarray:
    """Return each sample point's distance to the nearest point of the reference: near 0 throughout means copies.

    sample: n by d, reference: m by d; returns n numbers. Raises ValueError on other shapes or an empty reference.
    """
    first, second = _points(sample, "the sample"), _points(reference, "the reference")
    if first.shape[1] != second.shape[1] or not len(second):
        raise ValueError(f"a sample of shape {first.shape} cannot be compared with a reference of {second.shape}")
    return np.concatenate([np.sqrt(block.min(axis=1)) for _, block in _squared_distances(first, second)])


def moments(sample: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (d numbers) and the covariance (d by d, divided by n - 1) of a sample of n by d."""
    points = _points(sample, "the sample")
    if len(points) < LEAST_FOR_COVARIANCE:
        raise ValueError("a covariance takes at least two points")
    mean = points.mean(axis=0)
    centred = points - mean
    return mean, centred.T @ centred / (len(points) - 1)


def frechet_gaussians(mean: ArrayLike, covariance: ArrayLike, other: ArrayLike, others: ArrayLike) -> float:
    """Return the squared Fréchet distance between two Gaussians in the plane, given by mean and covariance.

    |m - w|² + Tr(C + D - 2 (C D)^(1/2)): Dowson and Landau 1982; Heusel et al. 2017, equation 6. For 2 by 2 the trace
    of the root has a closed form: the eigenvalues p and q of C D are not negative, and √p + √q = √(p + q + 2 √(p q))
    = √(Tr(C D) + 2 √det(C D)).

    mean, other: 2 numbers; covariance, others: 2 by 2. Raises ValueError on other shapes.
    """
    m, w = np.asarray(mean, dtype=np.float64), np.asarray(other, dtype=np.float64)
    c, d = np.asarray(covariance, dtype=np.float64), np.asarray(others, dtype=np.float64)
    if m.shape != (PLANE,) or w.shape != (PLANE,) or c.shape != (PLANE, PLANE) or d.shape != (PLANE, PLANE):
        raise ValueError("the closed form takes means of 2 numbers and covariances of 2 by 2")
    determinants = _determinant(c) * _determinant(d)
    root = math.sqrt(max(0.0, float(np.sum(c * d.T)) + 2 * math.sqrt(max(0.0, determinants))))
    return max(0.0, float(((m - w) ** 2).sum()) + float(np.trace(c) + np.trace(d)) - 2 * root)


def _determinant(matrix: np.ndarray) -> float:
    return float(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])


def frechet(first: ArrayLike, second: ArrayLike) -> float:
    """Return the squared Fréchet distance between Gaussians fitted to two samples in the plane, n by 2 and m by 2.

    On finite samples of one distribution it is above 0: the estimate is biased upwards (Chong and Forsyth 2020,
    arXiv:1911.07023). Raises ValueError on other shapes or fewer than two points.
    """
    return frechet_gaussians(*moments(first), *moments(second))


def perplexity(losses: ArrayLike) -> float:
    """Return exp of the mean loss of a text's tokens (Jelinek et al. 1977).

    losses: −ln p of each token, in nats, as `Gpt.losses` returns them. Raises ValueError if there is none, or one
    below 0.
    """
    return math.exp(_total(losses) / np.size(losses))


def bits_per_byte(losses: ArrayLike, byte_count: int) -> float:
    """Return a text's surprise in bits divided by its length in UTF-8 bytes (Gao et al. 2020, section 3.1).

    Unlike perplexity it can be compared between tokenisers. losses: −ln p of each token, in nats; byte_count: bytes of
    the text that these tokens spell. Raises ValueError on no token, no byte, or a loss below 0.
    """
    if byte_count < 1:
        raise ValueError(f"a text of {byte_count} bytes has no bits per byte")
    return _total(losses) / math.log(2) / byte_count


def _total(losses: ArrayLike) -> float:
    values = np.asarray(losses, dtype=np.float64)
    if not values.size:
        raise ValueError("a text of no tokens has no surprise")
    if not (values >= 0).all():
        raise ValueError("a loss, −ln p, is at least 0")
    return float(values.sum())
