"""The figure of the chapter What is generative AI?: one data set, learned in two ways.

The data and the model are those of the chapter's code: fifty invented flowers of each of two
species, and a Gaussian for each. Logistic regression learns the border between the species.
"""

import numpy as np

from handbook.figures.plot import INK, MUTED, Axes, Figure, linear

COLOURS = {"lowland": 2, "alpine": 1}
SHAPES = {"lowland": "dot", "alpine": "square"}
FLOWERS = 50  # known, of each species
NEW_FLOWERS = 8  # drawn from the model, of each species
LENGTHS, WIDTHS = (2.8, 7.0), (0.6, 2.8)  # what the axes show, in cm
PANEL = 278
KEY = 22  # the height of the line below the panels that says what a cross is

Points = dict[str, np.ndarray]
Gaussians = dict[str, tuple[np.ndarray, np.ndarray]]


def known_flowers(generator: np.random.Generator) -> Points:
    """Return the petals' lengths and widths, in rows, for each species."""
    spread = np.linalg.cholesky([[0.20, 0.06], [0.06, 0.04]])
    centres = {"lowland": [4.2, 1.3], "alpine": [5.4, 2.0]}
    return {name: centre + generator.standard_normal((FLOWERS, 2)) @ spread.T for name, centre in centres.items()}


def learned(flowers: Points) -> Gaussians:
    """Return p(x | c): the mean and the covariance of each species."""
    return {name: (x.mean(axis=0), np.cov(x.T)) for name, x in flowers.items()}


def new_flowers(generator: np.random.Generator, model: Gaussians) -> Points:
    """Draw flowers from p(x | c) for each species."""
    return {
        name: mean + generator.standard_normal((NEW_FLOWERS, 2)) @ np.linalg.cholesky(covariance).T
        for name, (mean, covariance) in model.items()
    }


def border(flowers: Points, ridge: float = 1e-3) -> np.ndarray:
    """Return the weights (1, length, width) of logistic regression, by Newton's method."""
    petals = np.vstack([flowers["lowland"], flowers["alpine"]])
    alpine = np.repeat([0.0, 1.0], FLOWERS)
    rows = np.column_stack([np.ones(len(petals)), petals])
    weights = np.zeros(3)
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows @ weights))
        curvature = rows.T @ (rows * (p * (1 - p))[:, None]) + ridge * np.eye(3)
        weights += np.linalg.solve(curvature, rows.T @ (alpine - p) - ridge * weights)
    return weights


def ellipse(mean: np.ndarray, covariance: np.ndarray, deviations: float) -> np.ndarray:
    """Return points around the mean, this many standard deviations away."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    return mean + deviations * circle @ np.linalg.cholesky(covariance).T


def panel(figure: Figure, place: int, title: str) -> Axes:
    """Add one of the two pairs of axes, from the top of the sheet down."""
    return figure.axes(
        linear(*LENGTHS, "Petal length", unit="cm", ticks=[3, 4, 5, 6, 7]),
        linear(*WIDTHS, "Petal width", unit="cm", ticks=[1, 2]),
        top=place * PANEL,
        height=PANEL - 8,
        title=title,
    )


def name_species(axes: Axes, prefix: str = "") -> None:
    """Write each species' name beside its flowers."""
    axes.note(2.9, 1.62, f"{prefix}lowland", colour=COLOURS["lowland"])
    axes.note(6.9, 1.45, f"{prefix}alpine", colour=COLOURS["alpine"], anchor="end")


def draw_border(axes: Axes, flowers: Points) -> None:
    """Draw the known flowers and the line on which both species are equally likely."""
    constant, slope_length, slope_width = border(flowers)
    widths = [-(constant + slope_length * length) / slope_width for length in LENGTHS]
    axes.line(LENGTHS, widths, colour=INK)
    for name, petals in flowers.items():
        axes.points(*petals.T, colour=COLOURS[name], shape=SHAPES[name], radius=2.3)
    name_species(axes)
    axes.note(2.9, 2.62, "p(y | x)", slanted=True)


def draw_densities(axes: Axes, model: Gaussians, drawn: Points) -> None:
    """Draw ellipses at one and two standard deviations, and the new flowers as crosses."""
    for name, gaussian in model.items():
        for deviations in (1, 2):
            axes.patch(*ellipse(*gaussian, deviations).T, colour=COLOURS[name])
        axes.points(*drawn[name].T, colour=COLOURS[name], shape="cross", radius=4)
    name_species(axes, "c = ")
    axes.note(2.9, 2.62, "p(x | c)", slanted=True)


def boundary_and_distributions() -> str:
    """Draw two panels: the border between known flowers, and where each species lies."""
    generator = np.random.default_rng(12)
    flowers = known_flowers(generator)
    model = learned(flowers)
    figure = Figure(height=2 * PANEL + KEY)
    draw_border(panel(figure, 0, "Discriminative: the border"), flowers)
    draw_densities(panel(figure, 1, "Generative: where each species lies"), model, new_flowers(generator, model))
    key = "\N{MULTIPLICATION SIGN} a new flower, drawn from the model"
    figure.add(figure.text(figure.width / 2, 2 * PANEL + 10, key, colour=MUTED, anchor="middle"))
    return figure.svg()


def draw() -> dict[str, str]:
    """Return the chapter's computed figures by file name."""
    return {"boundary-and-distributions.svg": boundary_and_distributions()}
