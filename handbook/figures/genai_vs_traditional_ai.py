"""Figures of the chapter on generative and traditional AI.

One invented data set of limes and lemons is fitted twice: logistic regression learns the
border between the two kinds, class-conditional Gaussians learn where each kind lies.
The numbers are those of the chapter's code.
"""

import numpy as np

from handbook.figures.plot import ACCENT, INK, MUTED, Axes, Figure, linear

LIMES = np.array(
    [[58, 50], [68, 54], [74, 50], [71, 58], [80, 55], [81, 58], [77, 63], [90, 58], [98, 67], [83, 67]], dtype=float
)
LEMONS = np.array(
    [[88, 70], [97, 70], [106, 66], [101, 75], [112, 74], [115, 78], [121, 69], [108, 81], [122, 77], [90, 60]],
    dtype=float,
)
LIME_COLOUR, LEMON_COLOUR = 3, 4
GIANT = (300, 100)
PANEL = 228
SAMPLES = 40


def gaussians() -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of each kind, and the spread of each feature, which both kinds share."""
    mean = np.array([LIMES.mean(axis=0), LEMONS.mean(axis=0)])
    spread = np.vstack([LIMES - mean[0], LEMONS - mean[1]]).std(axis=0)
    return mean, spread


def logistic_border() -> np.ndarray:
    """Return the weights (1, weight, length) of logistic regression, by Newton's method."""
    fruit = np.vstack([LIMES, LEMONS])
    lemon = np.repeat([0, 1], [len(LIMES), len(LEMONS)])
    centre, scale = fruit.mean(axis=0), fruit.std(axis=0)
    rows = np.column_stack([np.ones(len(fruit)), (fruit - centre) / scale])
    weights = np.zeros(3)
    for _ in range(20):
        p = 1 / (1 + np.exp(-rows @ weights))
        curvature = rows.T @ (rows * (p * (1 - p))[:, None])
        weights += np.linalg.solve(curvature, rows.T @ (lemon - p))
    slopes = weights[1:] / scale
    return np.array([weights[0] - slopes @ centre, *slopes])


def gaussian_border() -> np.ndarray:
    """Return the same three weights as they follow from the Gaussians by Bayes' rule."""
    mean, spread = gaussians()
    slopes = (mean[1] - mean[0]) / spread**2
    return np.array([-slopes @ mean.mean(axis=0), *slopes])


def draw_border(axes: Axes, border: np.ndarray, lengths: tuple[float, float], **look: str | float) -> None:
    """Draw the line on which both kinds are equally likely, from one length to another."""
    constant, slope_weight, slope_length = border
    axes.line([-(constant + slope_length * length) / slope_weight for length in lengths], lengths, **look)


def draw_fruit(axes: Axes, limes: np.ndarray, lemons: np.ndarray, radius: float = 3.5) -> None:
    """Draw limes as rings, lemons as discs."""
    axes.points(*limes.T, colour=LIME_COLOUR, shape="ring", radius=radius)
    axes.points(*lemons.T, colour=LEMON_COLOUR, radius=radius)


def draw_densities(axes: Axes) -> None:
    """Draw ellipses at one and two standard deviations of each kind's Gaussian."""
    mean, spread = gaussians()
    angles = np.linspace(0, 2 * np.pi, 73)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    for middle, colour in zip(mean, (LIME_COLOUR, LEMON_COLOUR), strict=True):
        for deviations, width in ((1, 1.5), (2, 1.0)):
            axes.line(*(middle + deviations * spread * circle).T, colour=colour, width=width)


def panel(figure: Figure, place: int, title: str, *, wide: bool = False) -> Axes:
    """Add one of the three pairs of axes, from the top of the sheet down."""
    weight = (
        linear(40, 330, "Weight", unit="g", ticks=[50, 100, 150, 200, 250, 300])
        if wide
        else linear(40, 145, "Weight", unit="g", ticks=[40, 60, 80, 100, 120, 140])
    )
    length = (
        linear(40, 112, "Length (mm)", ticks=[40, 60, 80, 100])
        if wide
        else linear(40, 92, "Length (mm)", ticks=[40, 60, 80])
    )
    return figure.axes(weight, length, top=place * PANEL, height=PANEL - 8, title=title)


def three_uses() -> str:
    """Draw three panels: both borders, the densities and a fruit far from them, and samples."""
    mean, spread = gaussians()
    figure = Figure(height=3 * PANEL)

    borders = panel(figure, 0, "To label: two borders, nearly alike")
    draw_border(borders, logistic_border(), (92, 40), colour=INK, width=1.5)
    draw_border(borders, gaussian_border(), (92, 40), colour=INK, width=1.5, dash="5 4")
    draw_fruit(borders, LIMES, LEMONS)
    borders.note(52, 62, "limes", colour=LIME_COLOUR)
    borders.note(124, 64, "lemons", colour=LEMON_COLOUR)
    borders.note(72, 88, "logistic regression")
    borders.note(41, 74, "from densities")

    alarm = panel(figure, 1, "To judge: is such a fruit usual at all?", wide=True)
    draw_densities(alarm)
    draw_border(alarm, gaussian_border(), (92, 40), colour=INK, width=1.5, dash="5 4")
    draw_fruit(alarm, LIMES, LEMONS, radius=2)
    alarm.points(*[[value] for value in GIANT], colour=ACCENT, radius=4.5)
    alarm.note(*GIANT, "a giant: which label?", colour=ACCENT, anchor="end", dx=5, dy=22)
    alarm.note(136, 72, "both densities near zero", colour=MUTED)

    samples = panel(figure, 2, f"To generate: {SAMPLES} fruits nobody weighed")
    rng = np.random.default_rng(3)
    kinds = rng.integers(2, size=SAMPLES)
    drawn = rng.normal(mean[kinds], spread)
    draw_densities(samples)
    draw_fruit(samples, drawn[kinds == 0], drawn[kinds == 1])
    return figure.svg()


def draw() -> dict[str, str]:
    """Return the chapter's computed figures by file name."""
    return {"label-judge-generate.svg": three_uses()}
