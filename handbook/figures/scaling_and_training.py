"""Figures of the chapter Scaling and training."""

import numpy as np

from handbook.figures.plot import INK, Figure, linear, log

# The parametric fit of Besiroglu et al. 2024: loss = E + A / N**ALPHA + B / D**BETA.
E, A, B, ALPHA, BETA = 1.8172, 482.01, 2085.43, 0.3478, 0.3658

# One accelerator and one model, as in the chapter's sums.
BANDWIDTH, ARITHMETIC = 3.35e12, 989e12  # bytes a second; operations a second at 16 bits
PARAMETERS, CACHE_A_TOKEN, CONTEXT = 8e9, 131_072, 4096


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {"equal-compute.svg": equal_compute(), "batch-and-speed.svg": batch_and_speed()}


# Loss at equal compute ------------------------------------------------------------------------


def loss(parameters: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return the fitted loss of a model after training."""
    return E + A / parameters**ALPHA + B / tokens**BETA


def best_size(compute: float) -> float:
    """Return the parameters that give the least loss for a number of operations."""
    factor = (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA))
    return factor * (compute / 6) ** (BETA / (ALPHA + BETA))


def equal_compute() -> str:
    """Draw the loss against the size of the model, along three budgets of equal compute."""
    figure = Figure(height=330)
    axes = figure.axes(
        log(1e8, 3e12, "Parameters (billions)", ticks={1e8: "0.1", 1e9: "1", 1e10: "10", 1e11: "100", 1e12: "1,000"}),
        linear(1.8, 2.6, "Fitted loss (nats a token)", ticks=[1.8, 2.0, 2.2, 2.4, 2.6]),
    )
    for colour, compute in ((2, 1e21), (1, 5.76e23), (3, 3.8e25)):
        sizes = np.logspace(8, np.log10(2.9e12), 241)
        losses = loss(sizes, compute / (6 * sizes))
        shown = losses <= 2.6
        axes.line(sizes[shown], losses[shown], colour=colour)
        best = best_size(compute)
        axes.points([best], [float(loss(best, compute / (6 * best)))], colour=colour, radius=4)
    axes.note(4.9e10, 2.59, "10²¹ operations", colour=2, dx=7, dy=10)
    axes.note(2.9e12, 2.13, "5.8 × 10²³", colour=1, anchor="end", dx=0, dy=-12)
    axes.note(2.9e12, 1.90, "3.8 × 10²⁵", colour=3, anchor="end", dx=0, dy=20)
    for name, size, tokens, anchor, dx, dy in (
        ("Gopher", 280e9, 300e9, "start", 1, 19),
        ("Chinchilla", 70e9, 1.4e12, "middle", 0, -12),
    ):
        place = float(loss(size, tokens))
        axes.points([size], [place], colour=INK, radius=4, shape="ring")
        axes.note(size, place, name, colour=INK, anchor=anchor, dx=dx, dy=dy)
    return figure.svg()


# Requests served together ---------------------------------------------------------------------


def speed_for_all(together: np.ndarray, weight_bytes: float) -> np.ndarray:
    """Return tokens a second for all requests: one step reads the weights and every cache."""
    reading = (PARAMETERS * weight_bytes + together * CONTEXT * CACHE_A_TOKEN) / BANDWIDTH
    working = together * 2 * PARAMETERS / ARITHMETIC
    return together / np.maximum(reading, working)


def batch_and_speed() -> str:
    """Draw, against the requests served together, the speed of one and of all."""
    together = 2.0 ** np.arange(0, 7)
    figure = Figure(height=290)
    axes = figure.axes(
        log(1, 64, "Requests served together", ticks={n: f"{n:g}" for n in together}),
        log(50, 5000, "Output tokens a second, at most", ticks=[50, 100, 200, 500, 1000, 2000, 5000]),
    )
    for colour, values, label in (
        (1, speed_for_all(together, 2.0), "all"),
        (2, speed_for_all(together, 2.0) / together, "each"),
    ):
        axes.line(together, values, colour=colour, label=label)
        axes.points(together, values, colour=colour)
    return figure.svg()
