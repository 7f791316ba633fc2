"""Static side of the lab "metrics": four generators with a fault, and which measure notices."""

from functools import cache

from handbook.figures.plot import MUTED, Figure, linear
from handbook.models import faults, shapes
from handbook.models.random import Random

SHAPE, SIZE, NEIGHBOURS, SEED = "ring", 400, 5, 1  # where the lab starts
SHOWN = 120  # points of each kind in a panel
PANEL = 180
REACH = 2.8
TITLES = {
    "none": "No fault",
    "collapse": "Collapse to one class",
    "gaussian": "One Gaussian",
    "memory": "Memory",
    "blur": "Blur",
}
COLUMNS = {
    "frechet": "Fréchet distance",
    "precision": "Precision",
    "recall": "Recall",
    "coverage": "Coverage",
    "nearest": "Nearest copy",
}


@cache
def inspected(fault: str) -> dict[str, dict[str, float | bool]]:
    """What the measures say of a generator, as the lab shows it at its start."""
    return faults.inspect(fault, 1.0, SHAPE, SIZE, NEIGHBOURS, SEED)


def draw() -> dict[str, str]:
    """The lab's figure: file name -> SVG text."""
    return {"metrics.svg": four_faults()}


def table() -> dict[str, object]:
    """The lab's table: a row for each generator; what is worse than every honest sample is caught."""
    rows = []
    for fault, title in TITLES.items():
        told = [inspected(fault)[name] for name in COLUMNS]
        rows.append([title, *(f"{each['value']:.3f}{', caught' if each['caught'] else ''}" for each in told)])
    return {"header": ["Generator", *COLUMNS.values()], "rows": rows}


def four_faults() -> str:
    """Draw the points of each faulty generator over the data, with two measures that disagree."""
    training = shapes.draw(SHAPE, SIZE, Random(SEED))[0]
    figure = Figure(height=2 * (PANEL + 52))
    for place, fault in enumerate(("collapse", "gaussian", "memory", "blur")):
        left, top = PANEL * (place % 2), (PANEL + 52) * (place // 2)
        generated = faults.generate(fault, 1.0, SHAPE, training, Random(SEED + 1))[:SHOWN]
        inside = generated[abs(generated).max(axis=1) < REACH]
        axes = figure.axes(
            linear(-REACH, REACH, ticks=[]),
            linear(-REACH, REACH, ticks=[]),
            left=left,
            top=top,
            width=PANEL,
            height=PANEL,
            title=TITLES[fault],
            bare=True,
            grid=False,
        )
        axes.points(training[:SHOWN, 0], training[:SHOWN, 1], colour=MUTED, radius=1.2, opacity=0.7)
        axes.points(inside[:, 0], inside[:, 1], colour=1, radius=1.5, opacity=0.85)
        for line, name in enumerate(("frechet", "precision", "nearest")):
            told = inspected(fault)[name]
            words = f"{COLUMNS[name].split()[0]} {told['value']:.3f}: {'caught' if told['caught'] else 'missed'}"
            colour = 1 if told["caught"] else MUTED
            figure.add(figure.text(left + 6, top + PANEL + 4 + 16 * line, words, colour=colour))
    return figure.svg()
