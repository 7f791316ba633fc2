"""Seeded random numbers, bit for bit those of `docs/assets/labs/core/random.js`.

The generator is xoshiro128** (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators",
doi:10.1145/3460772); its four words of state come from the seed through splitmix32, a mixer of 32 bits after
Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", doi:10.1145/2660193.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_MASK = 0xFFFFFFFF
_WORDS = 2**32


def _rotate(word: int, bits: int) -> int:
    return ((word << bits) | (word >> (32 - bits))) & _MASK


class Random:
    """A stream of random numbers; the same seed and the same order of calls give the same numbers."""

    def __init__(self, seed: int) -> None:
        """Begin the stream of a seed, a whole number from 0 to 2³² − 1; raises ValueError for another."""
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < _WORDS:
            raise ValueError(f"a seed is a whole number from 0 to {_WORDS - 1}, not {seed!r}")
        self._state = []
        word = int(seed)
        for _ in range(4):
            word = (word + 0x9E3779B9) & _MASK
            mixed = ((word ^ (word >> 16)) * 0x85EBCA6B) & _MASK
            mixed = ((mixed ^ (mixed >> 13)) * 0xC2B2AE35) & _MASK
            self._state.append(mixed ^ (mixed >> 16))
        self._kept: float | None = None

    def bits(self) -> int:
        """Return 32 random bits as a whole number."""
        a, b, c, d = self._state
        result = (_rotate((b * 5) & _MASK, 7) * 9) & _MASK
        shifted = (b << 9) & _MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        self._state = [a, b, c, _rotate(d, 11)]
        return result

    def uniform(self) -> float:
        """Return a number from 0 up to, and without, 1, in steps of 2⁻³²."""
        return self.bits() / _WORDS

    def integer(self, count: int) -> int:
        """Return a whole number from 0 to count − 1."""
        return math.floor(self.uniform() * count)

    def normal(self) -> float:
        """Return a number of the standard normal distribution.

        Two uniform numbers make two normal ones (Box and Muller 1958, doi:10.1214/aoms/1177706645); the second is
        kept for the next call.
        """
        if self._kept is not None:
            value, self._kept = self._kept, None
            return value
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))  # 1 − u, since the logarithm of 0 has no value
        angle = 2 * math.pi * self.uniform()
        self._kept = radius * math.sin(angle)
        return radius * math.cos(angle)

    def normals(self, shape: int | Sequence[int]) -> np.ndarray:
        """Return an array of normal numbers (float64), drawn in the order of its memory, the last axis fastest."""
        sizes = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        return np.array([self.normal() for _ in range(math.prod(sizes))], dtype=np.float64).reshape(sizes)

    def choice(self, weights: Sequence[float] | np.ndarray) -> int:
        """Return a place drawn with the given weights, which need not sum to 1.

        It is the first whose cumulative sum exceeds a uniform share of the whole. Raises ValueError unless the
        weights are finite, not negative, and one is above 0.
        """
        total = 0.0
        for weight in weights:
            if not (weight >= 0 and math.isfinite(weight)):
                raise ValueError(f"a weight is a finite number that is not negative, not {weight}")
            total += float(weight)
        if total == 0:
            raise ValueError("at least one weight must be above 0")
        threshold, cumulative, place = self.uniform() * total, 0.0, 0
        for place, weight in enumerate(weights):  # noqa: B007 (its last value is the result if rounding leaves a gap)
            cumulative += float(weight)
            if cumulative > threshold:
                break
        return place

    def permutation(self, count: int) -> list[int]:
        """Return the numbers 0 to count − 1 in random order (Fisher and Yates, from the end)."""
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
