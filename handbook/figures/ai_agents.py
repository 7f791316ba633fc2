"""Figures of the chapter AI agents."""

import numpy as np

from handbook.figures.plot import Figure, linear

SEED = 20261121
LONGEST = 60  # steps
CAUGHT, TRIES = 0.8, 2  # the checker finds 80% of the wrong steps, and each gets one more try
RUNS = 4000


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "error-compounding.svg": error_compounding(),
        "tokens-read.svg": tokens_read(),
    }


# Errors that multiply ---------------------------------------------------------------------------


def checked_step(right: float) -> float:
    """Return the chance that a step ends right when caught errors are tried again."""
    return right * sum(((1 - right) * CAUGHT) ** number for number in range(TRIES))


def simulate(right: float, checker: bool, lengths: list[int]) -> list[float]:
    """Return, for each length, the share of simulated tasks in which every step ended right."""
    generator = np.random.default_rng(SEED)
    longest = max(lengths)
    good = generator.random((RUNS, longest)) < right
    if checker:
        caught = ~good & (generator.random((RUNS, longest)) < CAUGHT)
        good |= caught & (generator.random((RUNS, longest)) < right)
    return [float(good[:, :length].all(axis=1).mean()) for length in lengths]


def error_compounding() -> str:
    """Draw the share of tasks without an error against their length, with and without a checker."""
    lengths = np.arange(1, LONGEST + 1)
    marked = [10, 20, 30, 40, 50, 60]
    figure = Figure(height=300)
    axes = figure.axes(
        linear(0, LONGEST, "Steps in the task", ticks=[0, 20, 40, 60]),
        linear(0, 1, "Share of tasks with every step right", ticks=[0, 0.25, 0.5, 0.75, 1]),
    )
    for colour, right in ((2, 0.99), (1, 0.95)):
        for checker, dash in ((True, None), (False, "5 4")):
            step = checked_step(right) if checker else right
            label = f"{right}, checked" if checker else f"{right} alone"
            axes.line(lengths, step**lengths, colour=colour, label=label, dash=dash)
            axes.points(marked, simulate(right, checker, marked), colour=colour, radius=2.5)
    return figure.svg()


# Tokens read in a loop ----------------------------------------------------------------------------


def tokens_read() -> str:
    """Draw the input tokens of a whole run against its steps, for three sizes of step."""
    start = 1500
    steps = np.arange(1, 41)
    figure = Figure(height=240)
    axes = figure.axes(
        linear(0, 40, "Steps in the run", ticks=[0, 10, 20, 30, 40]),
        linear(0, 400, "Input tokens read in the whole run (thousands)", ticks=[0, 100, 200, 300, 400]),
    )
    for colour, added in ((1, 400), (2, 100)):
        total = (steps * start + added * steps * (steps - 1) / 2) / 1000
        axes.line(steps, total, colour=colour, label=f"+{added} a step")
        axes.points([10, 20, 40], total[[9, 19, 39]], colour=colour)
    return figure.svg()
