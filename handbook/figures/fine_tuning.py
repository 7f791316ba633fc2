"""Figures of the chapter Fine-tuning."""

import numpy as np

from handbook.figures.plot import ACCENT, INK, MUTED, RULE, SERIES, SOFT, Figure, element, linear, log

SEED = 20261121
D_OUT, D_IN = 48, 64
SIZES = [4.0, 3.0, 2.0, 1.0]  # the singular values of the planted change
RANKS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "low-rank-update.svg": low_rank_update(),
        "rank-sweep.svg": rank_sweep(),
        "forgetting.svg": forgetting(),
    }


# What LoRA trains, to scale -------------------------------------------------------------------


def low_rank_update() -> str:
    """Draw a frozen matrix and the two thin factors that are trained, with areas to scale."""
    unit = 2.2
    height, width, rank = D_OUT * unit, D_IN * unit, 4 * unit
    figure = Figure(height=232)
    left, top = 14.0, 46.0

    def box(x: float, y: float, w: float, h: float, trained: bool) -> None:
        figure.add(
            element(
                "rect",
                x=x,
                y=y,
                width=w,
                height=h,
                fill=SERIES[1] if trained else SOFT,
                fill_opacity="0.55" if trained else None,
                stroke=ACCENT if trained else RULE,
            )
        )

    box(left, top, width, height, trained=False)
    figure.add(figure.text(left + width / 2, top + height / 2, "W₀, frozen", anchor="middle", colour=INK))
    figure.add(figure.text(left + width / 2, top + height / 2 + 17, "48 × 64", anchor="middle", colour=MUTED))
    figure.add(figure.text(left + width + 14, top + height / 2 + 4, "+", anchor="middle", size=18))
    b_left = left + width + 32
    box(b_left, top, rank, height, trained=True)
    figure.add(figure.text(b_left + rank / 2, top - 9, "B", anchor="middle", colour=1))
    figure.add(figure.text(b_left + rank / 2, top + height + 18, "48 × 4", anchor="middle", colour=MUTED))
    a_left = b_left + rank + 16
    box(a_left, top, width, rank, trained=True)
    figure.add(figure.text(a_left + width / 2, top - 9, "A", anchor="middle", colour=1))
    figure.add(figure.text(a_left + width / 2, top + rank + 18, "4 × 64", anchor="middle", colour=MUTED))
    figure.add(figure.text(left, top + height + 44, "3,072 numbers stay as they are;", colour=INK))
    figure.add(figure.text(left, top + height + 62, "4 · (48 + 64) = 448 are trained.", colour=1))
    return figure.svg()


# Rank against error ---------------------------------------------------------------------------


def planted_change(random: np.random.Generator) -> np.ndarray:
    """Return a matrix of rank 4 with singular values 4, 3, 2 and 1."""
    left = np.linalg.qr(random.normal(size=(D_OUT, 4)))[0]
    right = np.linalg.qr(random.normal(size=(D_IN, 4)))[0]
    return left @ np.diag(SIZES) @ right.T


def lora(inputs: np.ndarray, wanted: np.ndarray, rank: int, random: np.random.Generator) -> np.ndarray:
    """Return the update B A that gradient descent finds for what the frozen matrix gets wrong."""
    a, b = random.normal(0, 0.1, (rank, D_IN)), np.zeros((D_OUT, rank))
    second, cross = inputs.T @ inputs / len(inputs), wanted.T @ inputs / len(inputs)
    for _ in range(1500):
        slope = b @ a @ second - cross
        b, a = b - 0.04 * slope @ a.T, a - 0.04 * b.T @ slope
    return b @ a


def rank_sweep() -> str:
    """Draw the error on new examples against the rank, for many clean and few noisy examples."""
    random = np.random.default_rng(SEED)
    change = planted_change(random)
    figure = Figure(height=280)
    axes = figure.axes(
        log(1, 48, "Rank r", ticks={r: f"{r}" for r in (1, 2, 4, 8, 16, 48)}),
        linear(0, 2, "Squared error on new examples (untuned: 1)", ticks=[0, 0.5, 1, 1.5, 2]),
    )
    axes.level(1)
    for colour, examples, noise, label in ((2, 2000, 0.0, "many"), (1, 120, 1.0, "few")):
        inputs = random.normal(size=(examples, D_IN))
        wanted = inputs @ change.T + noise * random.normal(size=(examples, D_OUT))
        left_over = []
        for rank in RANKS:
            update = lora(inputs, wanted, rank, random)
            left_over.append(float(np.sum((change - update) ** 2) / np.sum(change**2)))
        axes.line(RANKS, left_over, colour=colour, label=label)
        axes.points(RANKS, left_over, colour=colour)
    return figure.svg()


# Forgetting -----------------------------------------------------------------------------------


def forgetting() -> str:
    """Draw a small model before tuning on one side of the line, and after it, with and without replay."""
    random = np.random.default_rng(SEED)
    slopes, shifts = random.normal(0, 1.5, 60), random.uniform(-3, 3, 60)

    def features(x: np.ndarray) -> np.ndarray:
        return np.tanh(np.outer(x, slopes) + shifts)

    everywhere, task, kept = np.linspace(-3, 3, 121), np.linspace(0.5, 3, 51), np.linspace(-3, 0, 61)
    whole, new, old = features(everywhere), features(task), features(kept)
    first = np.linalg.solve(whole.T @ whole + 1e-3 * np.eye(60), whole.T @ np.sin(2 * everywhere))

    def tuned(replay: float) -> np.ndarray:
        weights = first.copy()
        for _ in range(3000):
            slope = (1 - replay) * new.T @ (new @ weights - 1) / len(task)
            slope = slope + replay * old.T @ (old @ weights - np.sin(2 * kept)) / len(kept)
            weights = weights - 0.02 * slope
        return whole @ weights

    figure = Figure(height=300)
    axes = figure.axes(linear(-3, 3, "Input"), linear(-2, 2, "Output", ticks=[-2, -1, 0, 1, 2]))
    axes.box_between(0.5, -2, 3, 2, colour=SOFT)
    axes.note(1.75, 1.65, "new examples here", colour=MUTED, anchor="middle", halo=False)
    axes.line(everywhere, whole @ first, colour=MUTED, dash="5 4")
    axes.line(everywhere, tuned(0.0), colour=1)
    axes.line(everywhere, tuned(0.2), colour=2)
    axes.note(2.35, -1, "before", colour=MUTED, anchor="middle", dy=18)
    axes.note(-1.7, 1.4, "new examples only", colour=1, anchor="start", dx=-12, dy=-4)
    axes.note(-0.8, -1, "with old examples", colour=2, anchor="middle", dy=20)
    return figure.svg()
