"""Sums over a language model: memory, speed, training and price, in plain units (bytes, seconds, tokens, US dollars).

What a page writes in GB or billions is divided there; here one GB is 10⁹ bytes.
"""

from __future__ import annotations

import math

SECONDS_A_DAY = 86_400
HOURS_A_DAY = 24


def _positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise ValueError(f"{name} must be a number above 0, not {number}")


def weight_memory(parameters: float, bits: float) -> float:
    """Return the bytes of the weights: N b / 8; scales of quantised blocks are left out."""
    _positive(parameters=parameters, bits=bits)
    return parameters * bits / 8


def cache_memory(layers: float, heads: float, size: float, tokens: float, requests: float, bits: float = 16) -> float:
    """Return the bytes of the key-value cache: 2 L h d T B c / 8.

    A key and a value of `size` numbers, for each layer, each key-value head, each token and each request
    (Pope et al. 2022, arXiv:2211.05102, section 2.1).
    """
    _positive(layers=layers, heads=heads, size=size, tokens=tokens, requests=requests, bits=bits)
    return 2 * layers * heads * size * tokens * requests * bits / 8


def speed(bandwidth: float, weights: float, cache: float, requests: float) -> float:
    """Return the ceiling in tokens a second, for all requests together: B M / (W + K).

    To give each request one more token, the weights are read once and all caches once, at `bandwidth` bytes a second
    (Pope et al. 2022, arXiv:2211.05102, section 2). Arithmetic is left out, so the true ceiling may be lower.
    """
    _positive(bandwidth=bandwidth, weights=weights, cache=cache, requests=requests)
    return requests * bandwidth / (weights + cache)


def training_operations(parameters: float, tokens: float) -> float:
    """Return the operations of a training: 6 N D (Kaplan et al. 2020, arXiv:2001.08361, section 2.1)."""
    _positive(parameters=parameters, tokens=tokens)
    return 6 * parameters * tokens


def training_days(operations: float, chips: float, rate: float) -> float:
    """Return the days that `chips` accelerators take at `rate` operations a second each: C / (G R) seconds."""
    _positive(operations=operations, chips=chips, rate=rate)
    return operations / (chips * rate) / SECONDS_A_DAY


def training_energy(chips: float, kilowatts: float, days: float) -> float:
    """Return the kilowatt-hours of a training in which each accelerator, and its share of the rest, draws as much."""
    _positive(chips=chips, kilowatts=kilowatts, days=days)
    return chips * kilowatts * days * HOURS_A_DAY


def answer_price(prompt: float, answer: float, prompt_price: float, answer_price: float) -> float:
    """Return the dollars for one answer: tokens in and out, at dollars for a million of each."""
    _positive(prompt=prompt, answer=answer, prompt_price=prompt_price, answer_price=answer_price)
    return (prompt * prompt_price + answer * answer_price) / 1e6


def break_even(fixed: float, price: float) -> float:
    """Return the answers a month at which fixed costs of `fixed` dollars a month equal `price` dollars an answer."""
    _positive(fixed=fixed, price=price)
    return fixed / price
