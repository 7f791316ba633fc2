"""Figures of the chapter Evaluation."""

import numpy as np

from handbook.figures.plot import (
    INK,
    MUTED,
    RULE,
    SERIES,
    Figure,
    element,
    linear,
    log,
    strokes,
    tidy,
)

SEED = 20261121
SHOWN = 120  # points of each sample: more would only lie on each other
REACH = 1.5  # the rings are shown from -REACH to REACH


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "frechet-bias.svg": frechet_bias(),
        "precision-recall.svg": precision_recall(),
        "request-timeline.svg": request_timeline(),
    }


# The Fréchet distance of two samples from one distribution ------------------------------------


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Return the squared Fréchet distance between Gaussians fitted to two samples (rows)."""
    gap = first.mean(axis=0) - second.mean(axis=0)
    covariance = np.cov(first, rowvar=False)
    other = np.cov(second, rowvar=False)
    eigenvalues = np.linalg.eigvals(covariance @ other).real.clip(min=0)
    return float(gap @ gap + np.trace(covariance + other) - 2 * np.sqrt(eigenvalues).sum())


def frechet_bias() -> str:
    """Draw, for two samples of one Gaussian, the estimate against the sample size."""
    sizes = [100, 200, 500, 1000, 2000, 5000, 10_000]
    figure = Figure(height=250)
    axes = figure.axes(
        log(100, 10_000, "Sample size", unit="vectors in each sample"),
        log(0.01, 100, "Estimated Fréchet distance (the true one is 0)"),
    )
    for colour, dimensions in ((1, 64), (2, 16)):
        generator = np.random.default_rng(SEED)
        trials = np.array(
            [
                [
                    frechet(
                        generator.standard_normal((size, dimensions)), generator.standard_normal((size, dimensions))
                    )
                    for _ in range(10)
                ]
                for size in sizes
            ]
        )
        means = trials.mean(axis=1)
        axes.line(sizes, means, colour=colour, label=f"d = {dimensions}")
        axes.points(sizes, means, colour=colour)
        axes.note(sizes[0], means[0], f"{means[0]:.2g}", colour=colour, dx=5, dy=-6)
    return figure.svg()


# Precision and recall of three generators -----------------------------------------------------


def covered(points: np.ndarray, sample: np.ndarray, neighbours: int = 3) -> float:
    """Return the share of points within some sample point's distance to its k-th neighbour."""
    within = np.linalg.norm(sample[:, None] - sample[None], axis=2)
    radii = np.sort(within, axis=1)[:, neighbours]
    distances = np.linalg.norm(points[:, None] - sample[None], axis=2)
    return float((distances <= radii).any(axis=1).mean())


def blobs(generator: np.random.Generator, centres: np.ndarray, spread: float, size: int) -> np.ndarray:
    """Draw points around centres chosen at random."""
    chosen = generator.integers(len(centres), size=size)
    return centres[chosen] + generator.normal(0, spread, (size, 2))


def precision_recall() -> str:
    """Draw a good, a collapsed and a noisy generator against one ring of eight clusters."""
    generator = np.random.default_rng(SEED)
    angles = np.arange(8) * np.pi / 4
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    real = blobs(generator, ring, 0.08, 300)
    made = {
        "Good": blobs(generator, ring, 0.08, 300),
        "Collapsed": blobs(generator, ring[1:3], 0.08, 300),
        "Noisy": blobs(generator, ring, 0.28, 300),
    }
    figure = Figure(height=190)
    for column, (name, sample) in enumerate(made.items()):
        shown = sample[:SHOWN]
        inside = shown[np.abs(shown).max(axis=1) < REACH]
        left = 120 * column
        axes = figure.axes(
            linear(-REACH, REACH, ticks=[]),
            linear(-REACH, REACH, ticks=[]),
            left=left,
            top=0,
            width=120,
            height=146,
            title=name,
            bare=True,
            grid=False,
        )
        axes.points(*real[:SHOWN].T, colour=MUTED, radius=1.1, opacity=0.7)
        axes.points(inside[:, 0], inside[:, 1], colour=1, radius=1.3, opacity=0.85)
        precision, recall = covered(sample, real), covered(real, sample)
        figure.add(figure.text(left + 4, 160, f"precision {precision:.2f}"))
        figure.add(figure.text(left + 4, 177, f"recall {recall:.2f}"))
    return figure.svg()


# One request in time ----------------------------------------------------------------------


def request_timeline() -> str:
    """Draw a request that waits 0.5 s for its first token and gets 100 more, one each 20 ms."""
    first, gap, tokens = 0.5, 0.02, 101
    end = first + (tokens - 1) * gap
    figure = Figure(height=138)
    left, scale = 14.0, 332 / end

    def place(seconds: float) -> float:
        return left + seconds * scale

    figure.add(figure.text(place(0), 16, "0.5 s to", colour=MUTED))
    figure.add(figure.text(place(0), 31, "first token", colour=MUTED))
    figure.add(figure.text(place(first) + 6, 16, f"then {tokens - 1} gaps of 0.02 s:"))
    figure.add(figure.text(place(first) + 6, 31, "50 tokens per second", colour=1))
    figure.add(element("rect", x=place(0), y=42, width=first * scale, height=26, fill=RULE))
    arrivals = [place(first + gap * number) for number in range(tokens)]
    figure.add(strokes([(x, 42, x, 68) for x in arrivals], stroke=SERIES[1], stroke_width=1.2))
    seconds = (0, 0.5, 1, 1.5, 2, 2.5)
    ticks = [(place(second), 80, place(second), 84) for second in seconds]
    figure.add(strokes([(place(0), 80, place(end), 80), *ticks], stroke=MUTED))
    for second in seconds:
        figure.add(figure.text(place(second), 98, tidy(second), anchor="middle", colour=MUTED))
    figure.add(
        figure.text(
            (place(0) + place(end)) / 2,
            120,
            f"Seconds since the request; it ends after {tidy(end)} s",
            anchor="middle",
            colour=INK,
        )
    )
    return figure.svg()
