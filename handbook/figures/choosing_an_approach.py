"""Figures of the chapter Choosing an approach."""

from itertools import pairwise

import numpy as np

from handbook.figures.plot import INK, Figure, log

# The worked example: fixed cost (USD), running cost of a letter (USD), error rate, colour.
WAYS = {
    "by hand": (0.0, 0.30, 0.03, 4),
    "prompt": (2_000.0, 0.004, 0.08, 2),
    "classifier": (8_000.0, 0.0001, 0.06, 3),
    "fine-tuned": (20_000.0, 0.001, 0.04, 1),
}
LOSS = 2.0  # USD for one letter in the wrong department


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {"total-cost.svg": total_cost(), "cheapest-map.svg": cheapest_map()}


def cost(way: str, cases: np.ndarray | float, loss: np.ndarray | float) -> np.ndarray:
    """Return the total cost in USD of a way for a number of cases and the loss of one error."""
    fixed, running, error, _ = WAYS[way]
    return np.asarray(fixed + cases * (running + error * loss))


def total_cost() -> str:
    """Draw each way's total cost against the number of letters, with the break-even points."""
    cases = np.geomspace(2_000, 1_000_000, 60)
    figure = Figure(height=300)
    axes = figure.axes(
        log(2_000, 1_000_000, "Letters a year", ticks={10_000: "10,000", 100_000: "100,000", 1_000_000: "1 million"}),
        log(500, 500_000, "Cost of the year (USD)", ticks={1_000: "1,000", 10_000: "10,000", 100_000: "100,000"}),
    )
    for way, (*_, colour) in WAYS.items():
        axes.line(cases, cost(way, cases, LOSS), colour=colour, label=way)
    for first, second in pairwise(WAYS):
        slope = (cost(first, 1.0, LOSS) - WAYS[first][0]) - (cost(second, 1.0, LOSS) - WAYS[second][0])
        at = (WAYS[second][0] - WAYS[first][0]) / float(slope)
        axes.points([at], [float(cost(first, at, LOSS))], colour=WAYS[second][3], shape="ring", radius=4)
    return figure.svg()


def cheapest_map() -> str:
    """Shade the plane of volume and loss by the way that costs least."""
    cases = np.geomspace(2_000, 10_000_000, 240)
    losses = np.geomspace(0.05, 100, 1200)
    figure = Figure(height=320)
    axes = figure.axes(
        log(
            2_000,
            10_000_000,
            "Letters a year",
            ticks={10_000: "10,000", 100_000: "100,000", 1_000_000: "1 million", 10_000_000: "10 million"},
        ),
        log(0.05, 100, "Loss from one wrong letter (USD)", ticks={0.1: "0.10", 1: "1", 10: "10", 100: "100"}),
        grid=False,
    )
    table = np.stack([cost(way, cases[:, None], losses[None, :]) for way in WAYS])
    best = table.argmin(axis=0)  # cases x losses
    step = losses[1] / losses[0]
    for number, (*_, colour) in enumerate(WAYS.values()):
        runs: list[list[int]] = [[]]
        for column in range(len(cases)):  # a way is the best over one range of losses: costs are lines in the loss
            if (best[column] == number).any():
                runs[-1].append(column)
            elif runs[-1]:
                runs.append([])
        for run in (run for run in runs if len(run) > 1):
            inside = [np.flatnonzero(best[column] == number) for column in run]
            lows = [max(0.05, losses[rows[0]] / step**0.5) for rows in inside]
            highs = [min(100.0, losses[rows[-1]] * step**0.5) for rows in inside]
            columns = list(run)
            if run[0] > 0:  # it begins in a point, or a sliver would stay white
                begin = lows[0] if lows[0] == losses[0] else (lows[0] * highs[0]) ** 0.5
                columns, lows, highs = [run[0] - 1, *run], [begin, *lows], [begin, *highs]
            axes.area(cases[columns], lows, highs, colour=colour, opacity=0.3)
    axes.points([200_000], [LOSS], colour=INK, radius=3.5)
    axes.note(200_000, LOSS, "the example", dx=-6, dy=-8, anchor="end")
    for way, at, loss in (
        ("by hand", 9_000, 30),
        ("prompt", 17_000, 0.3),
        ("classifier", 2_600_000, 0.09),
        ("fine-tuned", 1_500_000, 4),
    ):
        axes.note(at, loss, way, colour=WAYS[way][3], anchor="middle")
    return figure.svg()
