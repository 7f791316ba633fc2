"""Static side of the lab "attention": every head of the small GPT on one sentence, and the measures of each."""

from functools import cache
from pathlib import Path

import numpy as np

from handbook.figures.plot import INK, MUTED, RULE, SERIES, Figure, cells, coordinate, element, rectangles
from handbook.models import attention, bpe, gpt

WEIGHTS = Path(__file__).parents[2] / "docs/assets/labs/weights"
SENTENCE = "A model learns from text, and then the model writes text."  # where the lab starts
SHADES, FAINT = 5, 0.02
SIDE, GAP, LEFT, TOP = 70.0, 10.0, 44.0, 26.0


@cache
def weights() -> np.ndarray:
    """Attention weights of the sentence: (layers, heads, tokens, tokens)."""
    tokeniser = bpe.load(WEIGHTS / "tokeniser.bin")
    model = gpt.Gpt.load(WEIGHTS / "gpt.bin")
    return model.attention([gpt.START, *tokeniser.encode(SENTENCE)])


def draw() -> dict[str, str]:
    """The lab's figure: file name -> SVG text."""
    return {"attention.svg": all_heads()}


def table() -> dict[str, object]:
    """The lab's table: the measures of each head, and those of weights that are even."""
    heads = [
        (f"Layer {layer}, head {head}", each)
        for layer, of_layer in enumerate(weights(), start=1)
        for head, each in enumerate(of_layer, start=1)
    ]
    uniform = attention.even(weights().shape[-1])
    rows = []
    for name, each in [*heads, ("Even weights", uniform)]:
        found = attention.look(each)
        measures = (found.previous, found.first, found.same, found.entropy)
        rows.append([name, *(f"{value:.2f}" for value in measures), found.name])
    return {
        "caption": "Means over the rows from the third token on; the greatest mean entropy is "
        f"{attention.look(uniform).greatest:.2f} bits",
        "header": [
            "Layer and head",
            "Token before",
            "First token",
            "Token itself",
            "Entropy (bits)",
            "Seems to look at",
        ],
        "rows": rows,
    }


def all_heads() -> str:
    """A square for each head, a row for each layer: rows read, columns are read, darker is more weight."""
    layers, heads, n, _ = weights().shape
    side, cell = coordinate(SIDE), f"{SIDE / n:.4g}"
    figure = Figure(height=TOP + layers * (SIDE + GAP) + 4)
    for head in range(heads):
        x = LEFT + head * (SIDE + GAP) + SIDE / 2
        figure.add(figure.text(x, 16, f"Head {head + 1}", anchor="middle", colour=MUTED))
    for layer in range(layers):
        top = TOP + layer * (SIDE + GAP)
        figure.add(figure.text(4, top + SIDE / 2 - 2, "Layer", colour=MUTED))
        figure.add(figure.text(4, top + SIDE / 2 + 13, f"{layer + 1}", colour=INK))
    corners = [
        (LEFT + head * (SIDE + GAP), TOP + layer * (SIDE + GAP)) for layer in range(layers) for head in range(heads)
    ]
    masked = "".join(f"M{coordinate(x)} {coordinate(y)}" + f"h{cell}v{cell}" * n + f"v-{side}z" for x, y in corners)
    figure.add(element("path", d=masked, fill=RULE, fill_opacity="0.5"))
    for number, (left, top) in enumerate(corners):
        shares = weights()[divmod(number, heads)]
        shades = np.tril(np.where(shares > FAINT, np.ceil(shares * SHADES), 0)).astype(int)
        figure.add(cells(shades.tolist(), SHADES, left=left, top=top, size=SIDE / n, colour=SERIES[1]))
    figure.add(rectangles([(x, y, SIDE, SIDE) for x, y in corners], stroke=RULE))
    return figure.svg()
