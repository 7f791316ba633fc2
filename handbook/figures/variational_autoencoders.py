"""Figures of the chapter Variational autoencoders."""

import math

import numpy as np

from handbook.figures.plot import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    RULE,
    SERIES,
    Figure,
    element,
    linear,
    log,
    rectangles,
    strokes,
)

SEED = 20261121


def draw() -> dict[str, str]:
    """The chapter's figures: file name -> SVG text."""
    return {
        "bound-and-gap.svg": bound_and_gap(),
        "blur-of-the-mean.svg": blur_of_the_mean(),
        "collapse-by-noise.svg": collapse_by_noise(),
    }


# The bound for one number ---------------------------------------------------------------------


def costs(x: float, mean: float, variance: float) -> tuple[float, float]:
    """Reconstruction cost and KL for p(z) = N(0, 1), p(x | z) = N(z, 1), encoder N(mean, variance)."""
    reconstruction = 0.5 * math.log(2 * math.pi) + 0.5 * ((x - mean) ** 2 + variance)
    divergence = 0.5 * (mean**2 + variance - 1 - math.log(variance))
    return reconstruction, divergence


def bound_and_gap() -> str:
    """The two costs of three encoders at x = 2, against the least that any can reach."""
    x = 2.0
    least = 0.5 * math.log(2 * math.pi * 2) + x**2 / 4
    encoders = (
        ("exact: m = 1, s² = 0.5", 1.0, 0.5),
        ("sure: m = 1.5, s² = 0.25", 1.5, 0.25),
        ("prior: m = 0, s² = 1", 0.0, 1.0),
    )
    figure = Figure(height=246)
    left, scale, thick = 10.0, 92.0, 22.0

    def place(nats: float) -> float:
        return left + nats * scale

    figure.add(figure.text(left, 16, "Cost in nats at x = 2", colour=MUTED))
    figure.add(
        figure.text(place(least) - 4, 16, f"\N{MINUS SIGN}log p(2) = {least:.2f}", colour=ACCENT, anchor="middle")
    )
    for row, (name, mean, variance) in enumerate(encoders):
        top = 52 + 56 * row
        reconstruction, divergence = costs(x, mean, variance)
        total = reconstruction + divergence
        word = "reconstruction " if reconstruction > 1.5 else ""
        figure.add(figure.text(left, top - 7, name))
        figure.add(element("rect", x=place(0), y=top, width=reconstruction * scale, height=thick, fill=SERIES[2]))
        figure.add(
            element("rect", x=place(reconstruction), y=top, width=divergence * scale, height=thick, fill=SERIES[4])
        )
        figure.add(
            figure.text(
                place(min(reconstruction / 2, 1.1)),
                top + 16,
                word + f"{reconstruction:.2f}",
                colour=PAPER,
                anchor="middle",
            )
        )
        if divergence:
            figure.add(
                figure.text(
                    place(reconstruction + divergence / 2),
                    top + 16,
                    f"KL {divergence:.2f}",
                    colour=PAPER,
                    anchor="middle",
                )
            )
        if total - least > 0.01:
            right, down, anchor = (6, 16, "start") if total < 3 else (0, -7, "end")
            figure.add(figure.text(place(total) + right, top + down, f"gap {total - least:.2f}", anchor=anchor))
    figure.add(strokes([(place(least), 24, place(least), 198)], stroke=ACCENT, stroke_width=1.5))
    ticks = [(place(nats), 206, place(nats), 210) for nats in range(4)]
    figure.add(strokes([(place(0), 206, place(3.6), 206), *ticks], stroke=MUTED))
    for nats in range(4):
        figure.add(figure.text(place(nats), 224, str(nats), anchor="middle", colour=MUTED))
    figure.add(figure.text(place(1.8), 242, "\N{MINUS SIGN}ELBO, the sum of both", anchor="middle", colour=MUTED))
    return figure.svg()


# An edge whose place the code does not tell -----------------------------------------------------


def blur_of_the_mean() -> str:
    """Rows of twelve pixels: real pictures, a Gaussian decoder's mean and sample, a chosen code."""
    pixels, places = 12, (4, 5, 6, 7, 8)
    pictures = np.array([[1.0 if pixel < place else 0.0 for pixel in range(pixels)] for place in places])
    mean = pictures.mean(axis=0)
    spread = math.sqrt(float(((pictures - mean) ** 2).mean()))
    generator = np.random.default_rng(SEED)
    noisy = (mean + spread * generator.standard_normal(pixels)).clip(0, 1)
    rows = [
        ("Real pictures: the edge is at one of five places", [pictures[0], pictures[3], pictures[4]]),
        ("Gaussian decoder, its mean: squared error 0.8", [mean]),
        ("Gaussian decoder, a true sample: mean plus noise", [noisy]),
        ("One code chosen, then decoded", [pictures[int(generator.integers(5))]]),
    ]
    figure = Figure(height=238)
    size, left, height = 28.0, 10.0, 12.0
    shades: dict[str, list[tuple[float, ...]]] = {}
    top = 16.0
    for title, strips in rows:
        figure.add(figure.text(left, top, title))
        top += 7
        for strip in strips:
            for pixel, value in enumerate(strip):
                shades.setdefault(f"{0.9 * value:.2f}", []).append((left + size * pixel, top, size, height + 5))
            top += height + 9
        top += 20
    for opacity, boxes in shades.items():
        figure.add(rectangles(boxes, fill=INK, fill_opacity=opacity, stroke=RULE))
    return figure.svg()


# A linear VAE that gives its latents up ------------------------------------------------------


def train(data: np.ndarray, noise: float, steps: int = 2500) -> np.ndarray:
    """Train a linear VAE by reparameterised gradients; return the KL of each latent in nats."""
    generator = np.random.default_rng(SEED)
    count, size = data.shape
    decoder = 0.3 * generator.standard_normal((size, size))
    encoder = 0.3 * generator.standard_normal((size, size))
    log_spread = np.zeros(size)
    rate = 0.05
    for _ in range(steps):
        mean, spread = data @ encoder.T, np.exp(log_spread)
        unit = generator.standard_normal((count, size))
        code = mean + spread * unit
        error = data - code @ decoder.T
        slope = error @ decoder / noise
        decoder += rate * error.T @ code / (noise * count)
        encoder += rate * (slope - mean).T @ data / count
        log_spread += rate * ((slope * unit * spread).mean(axis=0) - spread**2 + 1)
    mean = data @ encoder.T
    divergence = 0.5 * ((mean**2).mean(axis=0) + np.exp(2 * log_spread) - 1 - 2 * log_spread)
    return np.sort(divergence)[::-1]


def collapse_by_noise() -> str:
    """KL of three latents against the decoder's noise variance: theory, and trained models."""
    variances = np.array([1.0, 0.4, 0.1])
    raw = np.random.default_rng(SEED).standard_normal((600, 3))
    raw -= raw.mean(axis=0)
    root = np.linalg.cholesky(np.linalg.inv(raw.T @ raw / len(raw)))
    data = raw @ root * np.sqrt(variances)  # its covariance is exactly diagonal
    figure = Figure(height=262)
    axes = figure.axes(
        log(0.03, 2, "Noise variance of the decoder", ticks={0.03: "0.03", 0.1: "0.1", 0.4: "0.4", 1: "1", 2: "2"}),
        linear(0, 2, "KL of a latent, mean over the data (nats)", ticks=[0, 0.5, 1, 1.5, 2]),
    )
    for value in variances:
        axes.plumb(float(value), colour=RULE, dash=None)
    levels = np.exp(np.linspace(math.log(0.03), math.log(2), 200))
    for colour, value in zip((1, 2, 3), variances, strict=True):
        axes.line(levels, 0.5 * np.log(np.maximum(value / levels, 1)), colour=colour)
    tried = [0.05, 0.08, 0.16, 0.28, 0.55, 1.4]
    found = np.array([train(data, noise) for noise in tried]).clip(0, None)
    for latent, colour in ((2, 3), (1, 2), (0, 1)):
        axes.points(tried, found[:, latent], colour=colour, radius=3.5)
    axes.note(0.055, 1.62, "data variance 1", colour=1, dx=2, dy=-2)
    axes.note(0.055, 0.99, "0.4", colour=2, dx=6, dy=-2)
    axes.note(0.055, 0.3, "0.1", colour=3, dx=6, dy=-2)
    axes.note(1.9, 0.2, "all collapsed", colour=MUTED, anchor="end", dx=8)
    return figure.svg()
