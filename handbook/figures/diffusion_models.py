"""Figures of the chapter Diffusion models."""

import numpy as np

from handbook.figures.plot import MUTED, Figure, linear, log

SEED = 20261121
KEEP = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))  # the share of signal power left, as in DDPM
RING = 1.2 * np.column_stack([np.cos(2 * np.pi * np.arange(5) / 5), np.sin(2 * np.pi * np.arange(5) / 5)])
RING_WIDTH = 0.08


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "best-guess-by-noise.svg": best_guess_by_noise(),
        "two-ways-back.svg": two_ways_back(),
        "steps-and-strays.svg": steps_and_strays(),
        "guidance-and-diversity.svg": guidance_and_diversity(),
    }


# The best guess of one number -----------------------------------------------------------------


def best_guess_by_noise() -> str:
    """Draw the mean of the data, which are -2 or 2, given a noisy number, at three noise levels."""
    xs = np.linspace(-3, 3, 241)
    figure = Figure(height=250)
    axes = figure.axes(
        linear(-3, 3, "Noisy number", ticks=[-3, -2, -1, 0, 1, 2, 3]),
        linear(-2.5, 2.5, "Best guess of the clean number", ticks=[-2, 0, 2]),
    )
    for colour, keep in ((3, 0.04), (2, 0.36), (1, 0.9)):
        axes.line(xs, 2 * np.tanh(2 * np.sqrt(keep) * xs / (1 - keep)), colour=colour)
    axes.points([1.6], [2 * np.tanh(3.0)], colour=2, shape="ring", radius=4)
    axes.note(-0.2, 1.0, "0.9 kept", colour=1, anchor="end")
    axes.note(-0.85, -1.62, "0.36 kept", colour=2, anchor="end")
    axes.note(1.75, 0.9, "0.04 kept", colour=3, dx=8)
    return figure.svg()


# A ring of five clusters ----------------------------------------------------------------------


def clean_guess(
    x: np.ndarray, signal: float, noise: float, centres: np.ndarray = RING, width: float = RING_WIDTH
) -> np.ndarray:
    """Return the mean of the data given x = signal * data + noise * standard Gaussian; x is n by 2."""
    variance = (signal * width) ** 2 + noise**2
    gaps = x[:, None] - signal * centres
    logs = -(gaps**2).sum(axis=2) / (2 * variance)
    share = np.exp(logs - logs.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    means = centres + signal * width**2 / variance * gaps
    return (share[:, :, None] * means).sum(axis=1)


def levels_of(steps: int) -> np.ndarray:
    """Return 1 and then the signal power at evenly spaced times, the noisiest last."""
    return np.concatenate([[1.0], KEEP[np.linspace(0, 999, steps + 1).round().astype(int)[1:]]])


def diffusion_path(
    start: np.ndarray, steps: int, eta: float, centres: np.ndarray = RING, width: float = RING_WIDTH
) -> list[np.ndarray]:
    """Return the points after every step; eta 1 is DDPM and eta 0 is DDIM."""
    generator = np.random.default_rng(SEED + 3)
    levels, x, path = levels_of(steps), start, [start]
    for a, b in zip(levels[:0:-1], levels[-2::-1], strict=True):
        clean = clean_guess(x, np.sqrt(a), np.sqrt(1 - a), centres, width)
        noise = (x - np.sqrt(a) * clean) / np.sqrt(1 - a)
        fresh = eta * np.sqrt((1 - b) / (1 - a) * (1 - a / b))
        x = np.sqrt(b) * clean + np.sqrt(1 - b - fresh**2) * noise
        x = x + fresh * generator.standard_normal(x.shape)
        path.append(x)
    return path


def straight_path(start: np.ndarray, steps: int) -> np.ndarray:
    """Return the points after Euler steps of flow matching with straight paths."""
    x = start
    for step in range(steps):
        time = step / steps
        x = x + (clean_guess(x, time, 1 - time) - x) / (1 - time) / steps
    return x


def two_ways_back() -> str:
    """Draw the ways of the same five noisy numbers back to -2 or 2, with fresh noise and without."""
    data, width, steps = np.array([[-2.0, 0.0], [2.0, 0.0]]), 0.05, 100
    start = np.array([[1.6, 0.0], [0.7, 0.0], [0.1, 0.0], [-0.5, 0.0], [-1.3, 0.0]])
    figure = Figure(height=230)
    for column, (name, eta) in enumerate((("DDPM: fresh noise", 1.0), ("DDIM: none", 0.0))):
        path = np.array(diffusion_path(start, steps, eta, data, width))[:, :, 0]
        axes = figure.axes(
            linear(0, steps, "Steps done", ticks=[0, 50, 100]),
            linear(-3.6, 3.6, ticks=[-2, 0, 2]),
            left=180 * column,
            width=176,
            title=name,
        )
        drawn = np.arange(0, steps + 1, 2)  # every other step: a finer zigzag is not told from this one
        for number in range(len(start)):
            axes.line(drawn, path[drawn, number], colour=2, width=1, coarse=eta > 0)
        axes.points(np.zeros(len(start)), start[:, 0], colour=2, shape="ring", radius=3)
        axes.points(np.full(len(start), steps), path[-1], colour=1, radius=3)
    return figure.svg()


def strays(x: np.ndarray) -> float:
    """Return the share, in per cent, that lies more than three widths from every centre."""
    away = np.linalg.norm(x[:, None] - RING, axis=2).min(axis=1)
    return 100 * float((away > 3 * RING_WIDTH).mean())


def steps_and_strays() -> str:
    """Draw the share of stray samples against the number of steps, for three samplers."""
    steps = [2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100]
    start = np.random.default_rng(SEED).standard_normal((4000, 2))
    figure = Figure(height=250)
    axes = figure.axes(
        log(2, 100, "Steps", ticks=[2, 5, 10, 20, 50, 100]),
        linear(0, 100, "Samples that belong to no cluster", unit="%"),
    )
    ancestral = [strays(diffusion_path(start, number, 1.0)[-1]) for number in steps]
    direct = [strays(diffusion_path(start, number, 0.0)[-1]) for number in steps]
    straight = [strays(straight_path(start, number)) for number in steps]
    axes.line(steps, ancestral, colour=2, dash="6 4")
    axes.line(steps, direct, colour=1)
    axes.line(steps, straight, colour=3)
    axes.points(steps, direct, colour=1, radius=2.5)
    axes.points(steps, straight, colour=3, radius=2.5)
    axes.note(7, 62, "DDPM, dashed", colour=2, dx=12, dy=0)
    axes.note(7, 52, "DDIM", colour=1, dx=12, dy=2)
    axes.note(2.1, 23, "straight\npath", colour=3)
    return figure.svg()


# Guidance -------------------------------------------------------------------------------------


def guided(weight: float, wanted: np.ndarray, other: np.ndarray, width: float) -> np.ndarray:
    """Return 2,000 samples of the wanted class at a guidance weight, by 50 DDIM steps, as in the chapter's code."""
    both = np.vstack([wanted, other])
    levels = levels_of(50)
    x = np.random.default_rng(3).standard_normal((2000, 2))
    for a, b in zip(levels[:0:-1], levels[-2::-1], strict=True):
        signal, noise = np.sqrt(a), np.sqrt(1 - a)
        with_class = clean_guess(x, signal, noise, wanted, width)
        without = clean_guess(x, signal, noise, both, width)
        clean = with_class + weight * (with_class - without)
        x = np.sqrt(b) * clean + np.sqrt(1 - b) * (x - signal * clean) / noise
    return x


def guidance_and_diversity() -> str:
    """Draw the samples of a class of two kinds, at three guidance weights, over the data."""
    wanted, other, width = np.array([[-1.2, 0.0], [1.2, 0.0]]), np.array([[1.2, 1.0], [1.2, 1.0]]), 0.3
    generator = np.random.default_rng(SEED)
    data_a = wanted[generator.integers(2, size=300)] + width * generator.standard_normal((300, 2))
    data_b = other[generator.integers(2, size=300)] + width * generator.standard_normal((300, 2))
    figure = Figure(height=164)
    for column, weight in enumerate((0, 1, 4)):
        left = 120 * column
        axes = figure.axes(
            linear(-2.4, 2.4, ticks=[]),
            linear(-1.6, 2.0, ticks=[]),
            left=left,
            width=120,
            height=118,
            title=f"w = {weight}",
            bare=True,
            grid=False,
        )
        x = guided(weight, wanted, other, width)
        shown = x[:100]
        inside = shown[(np.abs(shown[:, 0]) < 2.4) & (np.abs(shown[:, 1] - 0.2) < 1.8)]
        axes.points(*data_b[:60].T, colour=2, radius=1.2, opacity=0.6)
        axes.points(*data_a[:60].T, colour=MUTED, radius=1.2, opacity=0.6)
        axes.points(inside[:, 0], inside[:, 1], colour=1, radius=1.2, opacity=0.85)
        axes.note(0.1, 1.3, "B", colour=2)
        axes.note(-1.3, 1.2, "A", colour=MUTED)
        axes.note(1.8, -1.1, "A", colour=MUTED)
        share = 100 * float((x[:, 0] > 0).mean())
        figure.add(figure.text(left + 4, 140, f"right kind {share:.0f}%"))
        figure.add(figure.text(left + 4, 157, f"left at {x[x[:, 0] < 0, 0].mean():.2f}".replace("-", "\N{MINUS SIGN}")))
    return figure.svg()
