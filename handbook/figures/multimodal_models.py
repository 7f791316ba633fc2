"""Figures of the chapter Multimodal models."""

import numpy as np

from handbook.figures.plot import INK, MUTED, RULE, SERIES, Figure, cells, linear, rectangles

SEED = 5
TEMPERATURE = 0.1
SHADES = 20  # more are not told apart


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "similarity-before-and-after.svg": similarity_before_and_after(),
        "residual-codebooks.svg": residual_codebooks(),
    }


# Contrastive training of two linear encoders --------------------------------------------------


def unit(x: np.ndarray) -> np.ndarray:
    """Scale every row to length 1."""
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def softmax(x: np.ndarray) -> np.ndarray:
    """Turn every row into probabilities."""
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def through_unit(raw: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Take a slope back through the scaling of rows to length 1."""
    along = (slope * unit(raw)).sum(axis=1, keepdims=True)
    return (slope - along * unit(raw)) / np.linalg.norm(raw, axis=1, keepdims=True)


def trained_cosines(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cosines of 16 pictures and 16 captions after so many steps, and which were seen; as in the text."""
    random = np.random.default_rng(SEED)
    things = [(colour, shape) for colour in range(4) for shape in range(4)]
    traits = np.array([np.eye(8)[colour] + np.eye(8)[4 + shape] for colour, shape in things])
    seen = np.array([colour != shape for colour, shape in things])
    to_pixels, to_words = random.standard_normal((2, 8, 20))
    captions = traits @ to_words
    picture_map, caption_map = 0.1 * random.standard_normal((2, 20, 8))
    for _ in range(steps):
        x = (traits @ to_pixels + 0.3 * random.standard_normal((16, 20)))[seen]
        y = captions[seen]
        u, v = unit(x @ picture_map), unit(y @ caption_map)
        rows, columns = softmax(u @ v.T / TEMPERATURE), softmax(v @ u.T / TEMPERATURE)
        slope = (rows + columns.T - 2 * np.eye(12)) / (2 * 12 * TEMPERATURE)
        picture_map = picture_map - 0.1 * x.T @ through_unit(x @ picture_map, slope @ v)
        caption_map = caption_map - 0.1 * y.T @ through_unit(y @ caption_map, slope.T @ u)
    pictures = traits @ to_pixels + 0.3 * np.random.default_rng(SEED + 1).standard_normal((16, 20))
    return unit(pictures @ picture_map) @ unit(captions @ caption_map).T, seen


def similarity_before_and_after() -> str:
    """Draw two grids of cosines, of untrained and of trained encoders; held-out pairs are outlined."""
    cell, top = 9.6, 46.0
    figure = Figure(height=236)
    for column, (name, steps) in enumerate((("Before training", 0), ("After 60 steps", 60))):
        cosines, seen = trained_cosines(steps)
        left = 20.0 + 174 * column
        figure.add(figure.text(left, 16, name, weight="600"))
        figure.add(figure.text(left, 34, "16 captions, across", colour=MUTED))
        levels = np.rint(SHADES * np.maximum(0, cosines)).astype(int)
        figure.add(cells(levels.tolist(), SHADES, left=left, top=top, size=cell, colour=SERIES[1]))
        figure.add(rectangles([(left, top, 16 * cell, 16 * cell)], stroke=RULE))
        held_out = [(left + cell * place, top + cell * place, cell, cell) for place in np.flatnonzero(~seen)]
        figure.add(rectangles(held_out, stroke=INK, stroke_width=1.5))
    figure.add(figure.text(20, 222, "16 pictures, down; outlined: pairs held out", colour=MUTED))
    return figure.svg()


# Residual codebooks ---------------------------------------------------------------------------


def quantised(values: np.ndarray, codebooks: int) -> np.ndarray:
    """Return the values as sums of one entry from each codebook; each book is a quarter of the one before."""
    book = np.array([-0.75, -0.25, 0.25, 0.75])
    total = np.zeros_like(values)
    for _ in range(codebooks):
        rest = values - total
        total = total + book[np.abs(rest[:, None] - book).argmin(axis=1)]
        book = book / 4
    return total


def residual_codebooks() -> str:
    """Draw a short wave and what one codebook and two make of it."""
    times = np.linspace(0, 1, 121)
    wave = 0.55 * np.sin(2 * np.pi * 2 * times + 0.3) + 0.33 * np.sin(2 * np.pi * 5 * times + 1)
    figure = Figure(height=276)
    for row, codebooks in enumerate((1, 2)):
        made = quantised(wave, codebooks)
        error = float(np.sqrt(np.mean((made - wave) ** 2)))
        books = "1 codebook, 2 bits" if codebooks == 1 else f"{codebooks} codebooks, {2 * codebooks} bits"
        axes = figure.axes(
            linear(0, 1, "Time" if row == 1 else "", ticks=[]),
            linear(-1, 1, ticks=[-1, 0, 1]),
            top=128 * row,
            height=128 if row < 1 else 148,
            title=f"{books} a value: error {error:.3f}",
        )
        axes.line(times, wave, colour=MUTED, width=3.5)
        axes.line(times, made, colour=1, width=1.5)
    return figure.svg()
