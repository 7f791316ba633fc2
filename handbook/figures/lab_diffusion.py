"""Static side of the lab "diffusion": one class of the spiral on its way out of noise, and the price of guidance."""

from functools import cache

from handbook.figures.plot import MUTED, Figure, linear
from handbook.models import diffusion, diffusion_measures, measures
from handbook.models.random import Random

SHAPE, LABEL, COUNT, STEPS, SEED = "spiral", "0", 300, 20, 1  # where the lab starts
SCALES = (0, 1, 2, 3, 5, 8)
STOPS = (0, 10, 20)  # steps that the figure shows
SHOWN = 80  # points of each kind in a panel: more would only lie on each other
PANEL = 120
REACH = 3.3


@cache
def measured(guidance: float) -> measures.Neighbours:
    """The measures of points that the deterministic sampler drew at a guidance scale."""
    return diffusion_measures.measure(SHAPE, LABEL, COUNT, STEPS, guidance, 0.0, SEED)


def draw() -> dict[str, str]:
    """The lab's figure: file name -> SVG text."""
    return {"diffusion.svg": steps_and_guidance()}


def table() -> dict[str, object]:
    """The lab's table: a row for each guidance scale."""
    rows = []
    for scale in SCALES:
        found = measured(scale)
        rows.append([scale, *(f"{value:.2f}" for value in (found.precision, found.recall, found.coverage))])
    return {"header": ["Guidance, 1 + w", "Precision", "Recall", "Coverage"], "rows": rows}


def steps_and_guidance() -> str:
    """Draw three moments of the sampler, and below them precision and recall against the guidance scale."""
    figure = Figure(height=PANEL + 30 + 220)
    data = diffusion_measures.real(SHAPE, LABEL, COUNT, Random(SEED + 1))[:SHOWN]
    paths = diffusion_measures.paths(SHAPE, LABEL, COUNT, STEPS, 1.0, 0.0, SEED)
    times = diffusion.times(STEPS)
    for place, stop in enumerate(STOPS):
        axes = figure.axes(
            linear(-REACH, REACH, ticks=[]),
            linear(-REACH, REACH, ticks=[]),
            left=PANEL * place,
            top=0,
            width=PANEL,
            height=PANEL + 20,
            title=f"Time {times[stop]}",
            bare=True,
            grid=False,
        )
        points = paths[stop][:SHOWN]
        inside = points[abs(points).max(axis=1) < REACH]
        axes.points(data[:, 0], data[:, 1], colour=MUTED, radius=1, opacity=0.6)
        axes.points(inside[:, 0], inside[:, 1], colour=1, radius=1.3, opacity=0.85)
    axes = figure.axes(
        linear(0, 8, "Guidance, 1 + w", ticks=SCALES),
        linear(0, 1, "Share of points", ticks=[0, 0.25, 0.5, 0.75, 1]),
        top=PANEL + 30,
        height=220,
    )
    for colour, name in enumerate(("precision", "recall"), start=1):
        values = [getattr(measured(scale), name) for scale in SCALES]
        axes.line(SCALES, values, colour=colour, label=name)
        axes.points(SCALES, values, colour=colour)
    return figure.svg()
