"""Figures of the chapter Large language models."""

import numpy as np

from handbook.figures.plot import MUTED, Figure, log

SEED = 20261121
WORLDS = [
    [part.split() for part in world]
    for world in (
        ("cat dog fox hen goat mouse sheep horse", "sleeps eats hides waits", "in near", "barn field wood stable"),
        ("car van bus tram lorry train taxi bike", "stops turns brakes waits", "at by", "corner bridge station kerb"),
    )
]
NAMES = sorted({word for world in WORLDS for part in world for word in part} | {"the", "."})
NUMBER, SIZE = {word: i for i, word in enumerate(NAMES)}, len(NAMES)
FLOOR = 2 ** (9 / 7)  # 4 + 2 + 1 + 2 bits of choice in a sentence of 7 words
Words = tuple[np.ndarray, np.ndarray, np.ndarray]


def draw() -> dict[str, str]:
    """The chapter's figures: file name -> SVG text."""
    return {"counted-and-learnt.svg": counted_and_learnt()}


# Two models of one small language, as in the chapter's second program ---------------------------


def write(sentences: int, generator: np.random.Generator) -> Words:
    """The two words before each word of a random text, and the word itself, as numbers."""
    words = [".", "."]
    for _ in range(sentences):
        world = WORLDS[generator.integers(2)]
        noun, verb, near, place = [part[generator.integers(len(part))] for part in world]
        words += ["the", noun, verb, near, "the", place, "."]
    ids = np.array([NUMBER[word] for word in words])
    return ids[:-2], ids[1:-1], ids[2:]


def shares(counts: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Counts to probabilities; rows without any count take those of the shorter history."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), otherwise)


def counted(train: Words, test: Words) -> float:
    """The perplexity of an interpolated trigram model with weights 0.1, 0.3 and 0.6."""
    u, v, w = train
    pairs, triples = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE, SIZE))
    np.add.at(pairs, (v, w), 1)
    np.add.at(triples, (u, v, w), 1)
    one = (np.bincount(w, minlength=SIZE) + 0.01) / (len(w) + 0.01 * SIZE)
    two = shares(pairs, one)
    mixed = 0.1 * one + 0.3 * two + 0.6 * shares(triples, two)
    return float(np.exp(-np.log(mixed[test]).mean()))


def learnt(train: Words, test: Words, generator: np.random.Generator) -> float:
    """The perplexity of a network with 4 numbers a word and 16 hidden units, after 200 steps."""
    u, v, w = train
    vectors, hidden, output = (0.5 * generator.standard_normal(shape) for shape in ((SIZE, 4), (8, 16), (16, SIZE)))

    def predict(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x = np.hstack([vectors[u], vectors[v]])
        a = np.tanh(x @ hidden)
        p = np.exp(a @ output)
        return x, a, p / p.sum(axis=1, keepdims=True)

    for _ in range(201):
        x, a, p = predict(u, v)
        p[np.arange(len(w)), w] -= 1
        back = (p @ output.T) * (1 - a * a)
        dx = back @ hidden.T / len(w)
        output, hidden = output - a.T @ p / len(w), hidden - x.T @ back / len(w)
        np.add.at(vectors, (u, slice(None)), -dx[:, :4])
        np.add.at(vectors, (v, slice(None)), -dx[:, 4:])
    p = predict(test[0], test[1])[2]
    return float(np.exp(-np.log(p[np.arange(len(p)), test[2]]).mean()))


def counted_and_learnt() -> str:
    """Perplexity on new text against the number of training sentences; means of five runs."""
    sizes = [10, 20, 40, 80, 160, 320]
    runs = []
    for run in range(5):
        generator = np.random.default_rng(SEED + run)
        test = write(500, generator)
        rows = []
        for size in sizes:
            train = write(size, generator)
            rows.append((counted(train, test), learnt(train, test, generator)))
        runs.append(rows)
    means = np.round(np.mean(runs, axis=0), 2)
    figure = Figure(height=270)
    axes = figure.axes(
        log(10, 320, "Training sentences", ticks=sizes), log(1, 20, "Perplexity on new sentences", ticks=[1, 4, 16])
    )
    axes.level(FLOOR, colour=MUTED)
    axes.note(10, FLOOR, "floor of this language: 2.44", colour=MUTED, dx=4, dy=16)
    for column, colour in ((0, 2), (1, 1)):
        axes.line(sizes, means[:, column], colour=colour)
        axes.points(sizes, means[:, column], colour=colour)
    axes.note(80, means[3, 0], "counted", colour=2, dx=6, dy=-8)
    axes.note(40, means[2, 1], "learnt", colour=1, anchor="end", dx=-8, dy=4)
    return figure.svg()
