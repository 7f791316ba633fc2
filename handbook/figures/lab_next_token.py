"""Static side of the lab "next-token": what the small GPT expects after a prompt, at three temperatures."""

import math
from functools import cache
from pathlib import Path

import numpy as np

from handbook.figures.plot import MUTED, Figure, categories, linear
from handbook.models import bpe, gpt, sampling

WEIGHTS = Path(__file__).parents[2] / "docs/assets/labs/weights"
PROMPT = "A language model"  # where the lab starts
TEMPERATURES = (0.5, 1.0, 2.0)
ROWS = 12  # tokens with a bar of their own


@cache
def logits() -> np.ndarray:
    """Logits (V,) of the token after the prompt."""
    ids = [gpt.START, *bpe.load(WEIGHTS / "tokeniser.bin").encode(PROMPT)]
    return gpt.Gpt.load(WEIGHTS / "gpt.bin").next_logits(ids)


@cache
def rows() -> list[tuple[str, list[float]]]:
    """The likeliest tokens, as they are shown, and the rest: a probability at each temperature."""
    tokens = bpe.load(WEIGHTS / "tokeniser.bin").vocabulary
    columns = [sampling.distribution(logits(), temperature) for temperature in TEMPERATURES]
    best = sampling.ranked(logits())[:ROWS]
    found = [(shown(tokens[token]), [float(p[token]) for p in columns]) for token in best]
    return [*found, ("the rest", [float(1 - p[best].sum()) for p in columns])]


def shown(token: bytes) -> str:
    """A token's characters with blanks made visible; the likeliest ones are whole characters."""
    return token.decode().replace(" ", "␣").replace("\n", "↵")


def draw() -> dict[str, str]:
    """The lab's figure: file name -> SVG text."""
    return {"next-token.svg": bars()}


def table() -> dict[str, object]:
    """The lab's table: a row for each of the likeliest tokens, one for the rest, and the entropy."""
    entropies = [sampling.entropy(sampling.distribution(logits(), temperature)) for temperature in TEMPERATURES]
    return {
        "header": ["Token", *(f"Probability at T = {temperature:g}" for temperature in TEMPERATURES)],
        "rows": [
            *([name, *(f"{value:.3f}" for value in values)] for name, values in rows()),
            ["entropy (bits)", *(f"{bits:.2f}" for bits in entropies)],
        ],
    }


def bars() -> str:
    """The model's own probabilities, and those at half the temperature."""
    names = [name for name, _ in rows()]
    halved, own = ([values[TEMPERATURES.index(temperature)] for _, values in rows()] for temperature in (0.5, 1.0))
    most = math.ceil(max(*own, *halved) * 10 + 0.7) / 10
    figure = Figure(height=34 + 36 * len(names))
    figure.add(figure.text(4, 16, "Temperature 1", colour=1))
    figure.add(figure.text(104, 16, "and 0.5", colour=2))
    figure.add(figure.text(356, 16, f"after “{PROMPT}”", colour=MUTED, anchor="end"))
    axes = figure.axes(linear(0, min(1.0, most), "Probability"), categories(names), top=22)
    places = range(len(names))
    axes.bars(places, own, colour=1, width=0.34, shift=-0.18, show=lambda value: f"{value:.3f}")
    axes.bars(places, halved, colour=2, width=0.34, shift=0.18, show=lambda value: f"{value:.3f}")
    return figure.svg()
