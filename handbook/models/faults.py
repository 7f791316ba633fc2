"""Generators that fail on purpose, to learn which measure notices: the second part of the lab `metrics`.

Each draws points in the plane that imitate a shape of `handbook.models.shapes`. All use `Random`, in the order of
calls that `docs/assets/labs/metrics-worker.js` follows, and so draw the same points.
"""

from __future__ import annotations

import math

import numpy as np

from handbook.models import measures, shapes
from handbook.models.random import Random

FAULTS = {
    "none": "No fault: a fresh sample of the data",
    "collapse": "Collapse: one class only",
    "gaussian": "One Gaussian with the data's mean and covariance",
    "memory": "Memory: training points with a trace of noise",
    "blur": "Blur: training points with much noise",
}
MEMORY_NOISE, BLUR_NOISE = 0.01, 0.4  # standard deviations, in the units of the data
HONEST_RUNS = 20
MEASURES = ("frechet", "precision", "recall", "density", "coverage", "nearest")
HIGH_IS_WORSE = ("frechet",)


def generate(fault: str, share: float, shape: str, training: np.ndarray, random: Random) -> np.ndarray:
    """Draw as many points as there are training points from a generator with a fault.

    Args:
        fault: one of `FAULTS`.
        share: the chance from 0 to 1 that a point comes from the faulty part; the others are drawn from the shape.
        shape: one of `shapes.SHAPES`.
        training: points (n, 2) that the generator was made from; n is at least 2.
        random: the source of chance.

    Returns:
        Points (n, 2) in float64.

    Raises:
        ValueError: unknown fault or shape, or a share outside 0 to 1.
    """
    if fault not in FAULTS:
        raise ValueError(f"no fault is named '{fault}'; there are {', '.join(FAULTS)}")
    if not 0 <= share <= 1:
        raise ValueError(f"the share of faulty points is {share}; it runs from 0 to 1")
    mean, covariance = measures.moments(training)
    root = math.sqrt(covariance[0, 0])  # with slope and rest the Cholesky factor of the covariance
    slope = covariance[0, 1] / root
    rest = math.sqrt(covariance[1, 1] - slope**2)
    points = np.empty_like(training)
    for i in range(len(training)):
        if random.uniform() >= share or fault == "none":
            points[i] = shapes.draw(shape, 1, random)[0][0]
        elif fault == "collapse":
            label = 1
            while label:
                drawn, labels = shapes.draw(shape, 1, random)
                points[i], label = drawn[0], labels[0]
        elif fault == "gaussian":
            across, up = random.normal(), random.normal()
            points[i] = mean[0] + root * across, mean[1] + slope * across + rest * up
        else:
            noise = MEMORY_NOISE if fault == "memory" else BLUR_NOISE
            x, y = training[random.integer(len(training))]
            points[i] = x + noise * random.normal(), y + noise * random.normal()
    return points


def measure(training: np.ndarray, generated: np.ndarray, k: int) -> dict[str, float]:
    """Return `MEASURES` of generated points (m, 2) against training points (n, 2).

    nearest is the median distance of a generated point to the nearest training point: low means copies.
    """
    found = measures.neighbours(training, generated, k)
    return {
        "frechet": measures.frechet(training, generated),
        "precision": found.precision,
        "recall": found.recall,
        "density": found.density,
        "coverage": found.coverage,
        "nearest": float(np.median(measures.nearest(generated, training))),
    }


def inspect(fault: str, share: float, shape: str, size: int, k: int, seed: int) -> dict[str, dict[str, float | bool]]:
    """Measure a faulty generator, and as many honest ones as `HONEST_RUNS`, against the same training points.

    A measure catches the fault if it is worse than in every honest run: a sample without a fault is caught in about
    one case of `HONEST_RUNS` + 1 by chance alone.

    Args:
        fault, share, shape: as `generate` takes them.
        size: how many training points, and how many generated ones in each run.
        k: the neighbours of `measures.neighbours`.
        seed: of the training points; the generator takes seed + 1, the honest runs what follows.

    Returns:
        For each of `MEASURES`: value, low and high of the honest runs, and caught.
    """
    training = shapes.draw(shape, size, Random(seed))[0]
    found = measure(training, generate(fault, share, shape, training, Random(seed + 1)), k)
    honest = [measure(training, shapes.draw(shape, size, Random(seed + 2 + run))[0], k) for run in range(HONEST_RUNS)]
    told = {}
    for name in MEASURES:
        low, high = (pick(run[name] for run in honest) for pick in (min, max))
        worse = found[name] > high if name in HIGH_IS_WORSE else found[name] < low
        told[name] = {"value": found[name], "low": low, "high": high, "caught": bool(worse)}
    return told


def distances_by_size(shape: str, sizes: list[int], runs: int, seed: int) -> np.ndarray:
    """Return the Fréchet distance between two samples of one shape, (runs, sizes); the true distance is 0.

    The two samples are drawn one after the other from one `Random(seed)`, for every size of a run and then the next
    run.
    """
    random = Random(seed)
    found = np.empty((runs, len(sizes)))
    for run in range(runs):
        for place, size in enumerate(sizes):
            first = shapes.draw(shape, size, random)[0]
            found[run, place] = measures.frechet(first, shapes.draw(shape, size, random)[0])
    return found
