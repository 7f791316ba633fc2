"""Static side of the lab "families": samples of four models over their data, and their measures on three shapes."""

from functools import cache
from pathlib import Path

import numpy as np

from handbook.figures.plot import MUTED, Figure, linear
from handbook.models import container, families, shapes

WEIGHTS = Path(__file__).parents[2] / "docs/assets/labs/weights"
SHAPE, COUNT, STEPS, SEED = "spiral", 500, families.STEPS, 1  # where the lab starts
SHOWN = 300  # points of each kind in a panel
PANEL = 180
REACH = 2.8
TITLES = {"moons": "Two moons", "ring": "Ring of eight", "spiral": "Spiral"}


@cache
def samples(shape: str) -> dict[str, np.ndarray]:
    """The samples of the lab on a shape, else as it starts."""
    return families.draw(families.load(WEIGHTS / f"families-{shape}.bin"), shape, COUNT, STEPS, SEED)


def draw() -> dict[str, str]:
    """The lab's figure: file name -> SVG text."""
    return {"families.svg": four_families()}


def four_families() -> str:
    """Draw the samples of each family over the data, with its precision and recall."""
    figure = Figure(height=2 * (PANEL + 34))
    found, drawn = families.measure(samples(SHAPE)), samples(SHAPE)
    for place, (family, name) in enumerate(families.NAMES.items()):
        left, top = PANEL * (place % 2), (PANEL + 34) * (place // 2)
        ends = linear(-REACH, REACH, ticks=[])
        axes = figure.axes(ends, ends, left=left, top=top, width=PANEL, height=PANEL, title=name, bare=True, grid=False)
        for points, colour, opacity in ((drawn["reference"], MUTED, 0.5), (drawn[family], 1, 0.85)):
            inside = points[:SHOWN][np.abs(points[:SHOWN]).max(axis=1) < REACH]
            axes.points(inside[:, 0], inside[:, 1], colour=colour, radius=1.3, opacity=opacity)
        told = found[family]
        words = f"precision {told['precision']:.2f}, recall {told['recall']:.2f}"
        figure.add(figure.text(left + 6, top + PANEL + 6, words, colour=MUTED))
    return figure.svg()


def table() -> dict[str, object]:
    """The lab's table: a row for each shape and family, and one for a second sample of each shape's data.

    The speed is of the NumPy models, as the card tells it, since it depends on the machine and the day.
    """
    rows = []
    for shape in shapes.SHAPES:
        card = container.read(WEIGHTS / f"families-{shape}.bin")[1]
        for name, told in families.measure(samples(shape)).items():
            model = families.NAMES.get(name)
            speed = f"{card['measures'][name]['samples_a_second']:,.0f}" if model else "not timed"
            shares = [f"{told[measure]:.2f}" for measure in ("precision", "recall", "coverage")]
            rows.append([f"{TITLES[shape]}: {model or 'data again'}", *shares, f"{told['frechet']:.3f}", speed])
    header = ["Data and family", "Precision", "Recall", "Coverage", "Fréchet distance", "Samples a second in NumPy"]
    caption = (
        f"{COUNT} samples of each with seed {SEED}; the diffusion model takes {STEPS} steps. "
        "Data again is a second sample of the data, which a perfect model would equal. "
        f"Speeds include the random numbers, and are of the machine that trained the models, on {card['date']}."
    )
    return {"caption": caption, "header": header, "rows": rows}
