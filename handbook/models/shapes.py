"""Two-dimensional data sets with classes: the data of the labs `families`, `diffusion` and `metrics`.

Each shape is drawn from Random, so that docs/assets/labs/models/shapes.js draws the same points, and is centred and
scaled so that the mean of its two variances is about 1.
All points lie within `RANGE` in both coordinates, but for a share of noise below one in a million.
"""

from __future__ import annotations

import math

import numpy as np

from handbook.models.random import Random

RANGE = 3.0  # half the side of the square that holds the data
SHAPES = ("moons", "ring", "spiral")
CLASSES = {"moons": 2, "ring": 8, "spiral": 3}

MOON_SCALE, MOON_NOISE = 1.42, 0.1
RING_NOISE = 0.12
RING_RADIUS = math.sqrt(2 * (1 - RING_NOISE**2))  # then each coordinate has variance 1
ARM_START, ARM_LENGTH, ARM_TURN, ARM_NOISE = 0.35, 1.9, 1.25, 0.07


def draw(shape: str, n: int, random: Random) -> tuple[np.ndarray, np.ndarray]:
    """Draw labelled points of a shape.

    `moons` are two interlocking half circles, `ring` has eight round Gaussians on a circle, and `spiral` three arms.
    A point takes one integer (its class), one uniform number (how far along its curve) and two normal ones, in this
    order; the ring takes no uniform number.

    Args:
        shape: one of `SHAPES`.
        n: how many points; at least 0.
        random: the source of chance.

    Returns:
        Points (n, 2) in float64, and their classes (n,) in int64.

    Raises:
        ValueError: the shape is none of `SHAPES`.
    """
    if shape not in SHAPES:
        raise ValueError(f"no shape is named '{shape}'; there are {', '.join(SHAPES)}")
    points, labels = np.empty((n, 2)), np.empty(n, dtype=np.int64)
    place = {"moons": _moons, "ring": _ring, "spiral": _spiral}[shape]
    for i in range(n):
        labels[i] = random.integer(CLASSES[shape])
        points[i] = place(int(labels[i]), random)
    return points, labels


def _moons(label: int, random: Random) -> tuple[float, float]:
    angle = math.pi * random.uniform()
    across, up = math.cos(angle) - 0.5, math.sin(angle) - 0.25
    sign = 1 - 2 * label  # the second moon is the first, turned by half a circle
    return (
        sign * MOON_SCALE * across + MOON_NOISE * random.normal(),
        sign * MOON_SCALE * up + MOON_NOISE * random.normal(),
    )


def _ring(label: int, random: Random) -> tuple[float, float]:
    angle = math.pi / 4 * label
    return (
        RING_RADIUS * math.cos(angle) + RING_NOISE * random.normal(),
        RING_RADIUS * math.sin(angle) + RING_NOISE * random.normal(),
    )


def _spiral(label: int, random: Random) -> tuple[float, float]:
    radius = ARM_START + ARM_LENGTH * random.uniform()
    angle = 2 * math.pi / 3 * label + ARM_TURN * radius
    return (
        radius * math.cos(angle) + ARM_NOISE * random.normal(),
        radius * math.sin(angle) + ARM_NOISE * random.normal(),
    )
