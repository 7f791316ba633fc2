"""Static side of the lab "families": samples of four models over their data, and their measures on three shapes."""

from functools import cache
from pathlib import Path

import numpy as np

from handbook.figures.plot import MUTED, Figure, linear
from handbook.models import container, families, shapes

WEIGHTS = Path(__file__).parents[2] / "docs/assets/labs/weights"
SHAPE, COUNT, STEPS, SEED = "spiral", 500, families.STEPS, 1  # where the lab starts
SHOWN, SHOWN_ALONE = 120, 240  # points of each kind in one of the four panels, and where a family stands alone
PANEL = 180
REACH = 2.8
TITLES = {"moons": "Two moons", "ring": "Ring of eight", "spiral": "Spiral"}
# In the chapter of a family: the shape on which its lab opens there.
ALONE = {"autoregressive": "spiral", "vae": "ring", "gan": "ring", "diffusion": "spiral"}


@cache
def samples(shape: str) -> dict[str, np.ndarray]:
    """The samples of the lab on a shape, else as it starts."""
    return families.draw(families.load(WEIGHTS / f"families-{shape}.bin"), shape, COUNT, STEPS, SEED)


@cache
def measured(shape: str) -> dict[str, dict[str, float]]:
    return families.measure(samples(shape))


def draw() -> dict[str, str]:
    """Return the figures: file name -> SVG text."""
    alone = {f"families-{family}.svg": one_family(family) for family in ALONE}
    return {"families.svg": four_families(), **alone}


def tables() -> dict[str, dict]:
    """Return the tables of the same numbers, by the figures' names."""
    alone = {f"families-{family}": table((shape,)) for family, shape in ALONE.items()}
    return {"families": table(tuple(shapes.SHAPES)), **alone}


def four_families() -> str:
    """Draw the samples of each family over the data, with its precision and recall."""
    figure = Figure(height=2 * (PANEL + 34))
    for place, family in enumerate(families.NAMES):
        _panel(figure, family, SHAPE, PANEL * (place % 2), (PANEL + 34) * (place // 2), PANEL, SHOWN)
    return figure.svg()


def one_family(family: str) -> str:
    """Draw the samples of a family over the data of its chapter, with its precision and recall."""
    size = 300
    figure = Figure(height=size + 34)
    _panel(figure, family, ALONE[family], (figure.width - size) / 2, 0, size, SHOWN_ALONE)
    return figure.svg()


def _panel(figure: Figure, family: str, shape: str, left: float, top: float, size: float, shown: int) -> None:
    ends = linear(-REACH, REACH, ticks=[])
    name = families.NAMES[family]
    axes = figure.axes(ends, ends, left=left, top=top, width=size, height=size, title=name, bare=True, grid=False)
    drawn = samples(shape)
    for points, colour, opacity in ((drawn["reference"], MUTED, 0.5), (drawn[family], 1, 0.85)):
        inside = points[:shown][np.abs(points[:shown]).max(axis=1) < REACH]
        axes.points(inside[:, 0], inside[:, 1], colour=colour, radius=1.3 * size / PANEL, opacity=opacity)
    told = measured(shape)[family]
    words = f"precision {told['precision']:.2f}, recall {told['recall']:.2f}"
    figure.add(figure.text(left + 6, top + size + 6, words, colour=MUTED))


def table(of: tuple[str, ...]) -> dict[str, object]:
    """Return a row for each of the shapes and family, and one for a second sample of each shape's data.

    The speed is of the NumPy models, as the card tells it, since it depends on the machine and the day.
    """
    rows = []
    for shape in of:
        card = container.read(WEIGHTS / f"families-{shape}.bin")[1]
        for name, told in measured(shape).items():
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
