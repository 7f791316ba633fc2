"""What guidance, steps and sampler do to the diffusion model's points: the measures of the lab `diffusion`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from handbook.models import container, measures, shapes
from handbook.models.diffusion import Diffusion, add_noise
from handbook.models.random import Random

WEIGHTS = Path("docs/assets/labs/weights")  # from the repository's root
NEIGHBOURS = 5
LABELS = ("all", "none", "0", "1")  # each class in turn, no class, the first class, the second
ENOUGH = 12  # draw so many times the points that one class of eight needs


@cache
def model(shape: str) -> Diffusion:
    """Return the trained model of a shape; raises FileNotFoundError outside the repository's root."""
    return Diffusion(container.read(WEIGHTS / f"families-{shape}.bin")[0])


def classes(shape: str, label: str, count: int) -> np.ndarray | int | None:
    """Return what the sampler takes as class of `count` points for one of `LABELS`; raises ValueError for another."""
    if label not in LABELS:
        raise ValueError(f"no label is named '{label}'; there are {', '.join(LABELS)}")
    if label == "all":
        return np.arange(count) % shapes.CLASSES[shape]
    return None if label == "none" else int(label)


def real(shape: str, label: str, count: int, random: Random) -> np.ndarray:
    """Draw `count` points (count, 2) of the data, of one class or, for "all" and "none", of every class."""
    one = isinstance(classes(shape, label, count), int)
    points, labels = shapes.draw(shape, ENOUGH * count if one else count, random)
    return points[labels == int(label)][:count] if one else points


def forward(shape: str, count: int, t: int, seed: int) -> np.ndarray:
    """Return `count` points of the data at time t, (count, 2), each with the one draw of noise that leads it to T.

    A real chain adds fresh noise at every step; its points are spread alike at each time, but its paths are rough.
    """
    return add_noise(real(shape, "none", count, Random(seed + 1)), t, Random(seed).normals((count, 2)))


def paths(shape: str, label: str, count: int, steps: int, guidance: float, eta: float, seed: int) -> np.ndarray:
    """Return the ways of `count` points from noise to data, (steps + 1, count, 2); see `Diffusion.paths`."""
    random = Random(seed)
    start = random.normals((count, 2))
    labels = classes(shape, label, count)
    return model(shape).paths(start, random, steps=steps, labels=labels, guidance=guidance, eta=eta)


def measure(
    shape: str, label: str, count: int, steps: int, guidance: float, eta: float, seed: int
) -> measures.Neighbours:
    """Measure sampled points against as many real ones, which `Random(seed + 1)` draws.

    Args:
        shape: one of `shapes.SHAPES`.
        label: one of `LABELS`.
        count: how many points; more than `NEIGHBOURS`.
        steps, guidance, eta: as `Diffusion.paths` takes them.
        seed: of the noise.

    Raises:
        ValueError: an argument is out of its range.
    """
    sampled = paths(shape, label, count, steps, guidance, eta, seed)[-1]
    return measures.neighbours(real(shape, label, count, Random(seed + 1)), sampled, NEIGHBOURS)
