"""Figures of the chapter Transformers."""

import numpy as np

from handbook.figures.plot import (
    INK,
    MUTED,
    PAPER,
    RULE,
    SERIES,
    SOFT,
    Figure,
    element,
    log,
)

NAMES = ["red", "round", "ball"]
QUERIES = np.array([[1, 0, 1, 0], [0, 2, 0, 1], [2, 1, 0, 1]], dtype=float)
KEYS = np.array([[2, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]], dtype=float)
VALUES = np.array([[4, 0], [0, 4], [1, 1]], dtype=float)

# Llama 3.1 8B as published: layers, query heads, key-value heads, numbers in a head.
LAYERS, HEADS, KEY_VALUE_HEADS, HEAD_SIZE = 32, 32, 8, 128
BYTES = 2


def draw() -> dict[str, str]:
    """The chapter's figures: file name -> SVG text."""
    return {
        "attention-weights.svg": attention_weights(),
        "cache-memory.svg": cache_memory(),
    }


# The worked example -----------------------------------------------------------------------------


def causal_attention(queries: np.ndarray, keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (0 where masked) and outputs of causal scaled dot-product attention."""
    scores = queries @ keys.T / np.sqrt(keys.shape[1])
    scores[np.triu_indices(len(keys), 1)] = -np.inf
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = powers / powers.sum(axis=1, keepdims=True)
    return weights, weights @ values


def attention_weights() -> str:
    """The weights of the three-token example as a shaded table, with the outputs."""
    weights, outputs = causal_attention(QUERIES, KEYS, VALUES)
    figure = Figure(height=248)
    left, top, cell = 62.0, 52.0, 62.0
    figure.add(figure.text(left + 1.5 * cell, 16, "Reads from", anchor="middle", colour=MUTED))
    figure.add(figure.text(left + 3 * cell + 54, 38, "Output", anchor="middle", colour=MUTED))
    for column, name in enumerate(NAMES):
        figure.add(figure.text(left + (column + 0.5) * cell, 38, name, anchor="middle"))
    for row, name in enumerate(NAMES):
        y = top + row * cell
        figure.add(figure.text(left - 10, y + cell / 2 + 4, name, anchor="end"))
        for column in range(len(NAMES)):
            x, weight = left + column * cell, weights[row, column]
            masked = column > row
            figure.add(element("rect", x=x, y=y, width=cell, height=cell, fill=SOFT if masked else PAPER, stroke=RULE))
            if masked:
                figure.add(figure.text(x + cell / 2, y + cell / 2 + 4, "masked", anchor="middle", colour=MUTED))
                continue
            figure.add(
                element("rect", x=x, y=y, width=cell, height=cell, fill=SERIES[1], fill_opacity=f"{0.45 * weight:.2f}")
            )
            figure.add(figure.text(x + cell / 2, y + cell / 2 + 4, f"{weight:.3f}", anchor="middle", colour=INK))
        first, second = outputs[row]
        figure.add(
            figure.text(
                left + 3 * cell + 54, y + cell / 2 + 4, f"({first:.2f}, {second:.2f})", anchor="middle", colour=1
            )
        )
    return figure.svg()


# Memory of the key-value cache ------------------------------------------------------------------


def cache_bytes(tokens: np.ndarray, key_value_heads: int) -> np.ndarray:
    """Bytes of keys and values for one sequence."""
    return 2.0 * LAYERS * key_value_heads * HEAD_SIZE * tokens * BYTES


def cache_memory() -> str:
    """Cache of one sequence against its length, for three numbers of key-value heads."""
    tokens = 2.0 ** np.arange(10, 18)
    figure = Figure(height=300)
    axes = figure.axes(
        log(
            1024,
            131_072,
            "Tokens in the context",
            ticks={1024: "1,024", 8192: "8,192", 32_768: "32,768", 131_072: "131,072"},
        ),
        log(
            2.0**-7, 128, "Cache of one sequence (GiB)", ticks={1 / 64: "1/64", 1 / 8: "1/8", 1: "1", 8: "8", 64: "64"}
        ),
    )
    for colour, heads, label in ((2, HEADS, "32 heads"), (1, KEY_VALUE_HEADS, "8 heads"), (3, 1, "1 head")):
        sizes = cache_bytes(tokens, heads) / 2.0**30
        axes.line(tokens, sizes, colour=colour, label=label)
        axes.points(tokens[[3, 7]], sizes[[3, 7]], colour=colour)
        for place in (3, 7):
            axes.note(tokens[place], sizes[place], f"{sizes[place]:g}", colour=colour, anchor="end", dx=-5, dy=-7)
    return figure.svg()
