"""Figures of the chapter Foundation models."""

import math

import numpy as np

from handbook.figures.plot import INK, MUTED, Figure, linear, log

SEED = 20261121


def draw() -> dict[str, str]:
    """The chapter's figures: file name -> SVG text."""
    return {"few-labels.svg": few_labels(), "two-metrics.svg": two_metrics()}


# A linear probe with few labels, as in the chapter's second program ------------------------------


def write(count: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Sentences of 8 words, half of a topic and half common ones, and their topics."""
    topic = generator.integers(4, size=count)
    own = 40 * topic[:, None] + generator.integers(40, size=(count, 8))
    common = 160 + generator.integers(40, size=(count, 8))
    return np.where(generator.random((count, 8)) < 0.5, own, common), topic


def pretrain(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Word features before and after learning to guess a hidden word from the other seven."""
    features = 0.3 * generator.standard_normal((200, 8))
    output = 0.3 * generator.standard_normal((8, 200))
    untrained, sentence = features.copy(), np.arange(128)
    for _ in range(601):
        text, _ = write(128, generator)
        context = features[text[:, :7]].mean(axis=1)
        p = np.exp(context @ output)
        p /= p.sum(axis=1, keepdims=True)
        p[sentence, text[:, 7]] -= 1
        slope = p @ output.T / 7
        output = output - 0.1 * context.T @ p
        np.add.at(features, text[:, :7], -0.1 * slope[:, None])
    return untrained, features


def probe(x: np.ndarray, topic: np.ndarray, labels: int) -> float:
    """The accuracy of a linear classifier fitted to the first sentences, on the others."""
    known = x[:labels]
    x = np.column_stack([(x - known.mean(axis=0)) / known.std(), np.ones(len(x))])
    known, targets = x[:labels], np.eye(4)[topic[:labels]]
    weights = np.linalg.solve(known.T @ known + np.eye(x.shape[1]), known.T @ targets)
    return float(((x[labels:] @ weights).argmax(axis=1) == topic[labels:]).mean())


def few_labels() -> str:
    """Accuracy against the number of labels for three sets of features; means of six draws."""
    sizes = [4, 8, 16, 32, 64, 128, 256, 512]
    generator = np.random.default_rng(SEED)
    untrained, trained = pretrain(generator)
    means, spreads = [], []
    for size in sizes:
        runs = []
        for _ in range(6):
            words, topic = write(size + 400, generator)
            sets = (np.eye(200)[words], untrained[words], trained[words])
            runs.append([probe(x.mean(axis=1), topic, size) for x in sets])
        means.append(np.mean(runs, axis=0))
        spreads.append(np.std(runs, axis=0))
    mean, spread = np.round(means, 3), np.round(spreads, 3)
    figure = Figure(height=280)
    axes = figure.axes(
        log(4, 512, "Labelled sentences", ticks=[4, 16, 64, 256]),
        linear(0, 1, "Share of new sentences put under the right topic", ticks=[0, 0.25, 0.5, 0.75, 1]),
    )
    axes.level(0.25, colour=MUTED)
    axes.note(512, 0.25, "chance", colour=MUTED, anchor="end", dx=-2, dy=16)
    for column, colour in ((0, 2), (1, 3), (2, 1)):
        low = np.clip(mean[:, column] - spread[:, column], 0, 1)
        high = np.clip(mean[:, column] + spread[:, column], 0, 1)
        axes.area(sizes, low, high, colour=colour)
        axes.line(sizes, mean[:, column], colour=colour)
        axes.points(sizes, mean[:, column], colour=colour, radius=2.5)
    axes.note(16, 0.9, "pre-trained", colour=1, dx=2, dy=4)
    axes.note(40, 0.64, "raw words", colour=2, dx=2)
    axes.note(64, mean[4, 1], "untrained features", colour=3, anchor="middle", dy=-13)
    return figure.svg()


# One improvement under two metrics ---------------------------------------------------------------


def two_metrics() -> str:
    """A token accuracy that rises smoothly with compute, and exact match on ten tokens."""
    compute = np.logspace(0, 6, 61)
    token = 1 - 0.8 * compute**-0.25
    exact = token**10
    figure = Figure(height=260)
    axes = figure.axes(
        log(1, 1e6, "Computation (units of the smallest model)", ticks={1: "1", 100: "100", 1e4: "10⁴", 1e6: "10⁶"}),
        linear(0, 1, "Share right", ticks=[0, 0.25, 0.5, 0.75, 1]),
    )
    axes.line(compute, token, colour=2)
    axes.line(compute, exact, colour=1)
    for place in (1, 100, 1e4, 1e6):
        index = round(10 * math.log10(place))
        axes.points([place], [token[index]], colour=2)
        axes.points([place], [exact[index]], colour=1)
    axes.note(20, 0.68, "one token", colour=2, anchor="end", dx=-2, dy=0)
    axes.note(3e4, 0.42, "ten tokens,\nall right", colour=1, dx=22, dy=8)
    axes.note(1e4, exact[40], f"{exact[40]:.2f}", colour=INK, anchor="end", dx=-8, dy=4)
    axes.note(1e4, token[40], f"{token[40]:.2f}", colour=INK, dx=-4, dy=18)
    axes.note(100, exact[20], f"{exact[20]:.3f}", colour=INK, anchor="middle", dy=-8)
    axes.note(100, token[20], f"{token[20]:.3f}", colour=INK, dx=2, dy=18)
    return figure.svg()
