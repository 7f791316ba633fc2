"""Figures of the chapter Retrieval-augmented generation."""

import numpy as np

from handbook.figures.plot import Figure, linear

SEED = 20261121
K1, B = 1.2, 0.75
TOPICS, CONCEPTS, PASSAGES = 20, 10, 15  # passages for each topic; each concept has two names
LENGTH, NAMED = 12, 4  # words in a passage, concepts that it names
DIMENSIONS, QUESTIONS, KEPT = 60, 400, 20


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "term-saturation.svg": term_saturation(),
        "recall-and-wording.svg": recall_and_wording(),
    }


# BM25's weight of a repeated word ---------------------------------------------------------------


def weight(count: float, length: float) -> float:
    """Return BM25's factor for a word that occurs count times; length is in average lengths."""
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length))


def term_saturation() -> str:
    """Draw the factor against the count, for a short, an average and a long passage."""
    figure = Figure(height=250)
    axes = figure.axes(
        linear(0, 10, "Occurrences of the word in the passage"),
        linear(0, 2.5, "Factor on the word's rarity"),
    )
    counts = [step / 10 for step in range(101)]
    axes.level(K1 + 1)
    axes.note(0.2, K1 + 1, "limit: 2.2", dy=-6)
    for colour, length, label in ((3, 0.5, "half length"), (1, 1.0, "average"), (2, 2.0, "double")):
        axes.line(counts, [weight(count, length) for count in counts], colour=colour, label=label)
    return figure.svg()


# Recall of three retrievers ---------------------------------------------------------------------


def ranks(scores: np.ndarray) -> np.ndarray:
    """Return each passage's rank in its row, 1 for the best; equal scores share their mean rank."""
    above = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    equal = (scores[:, None, :] == scores[:, :, None]).sum(axis=2)
    return 1 + above + (equal - 1) / 2


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale each row to length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def recall() -> dict[int, dict[str, list[float]]]:
    """Return the recall@k of three retrievers: number of words replaced -> retriever -> values for k = 1 to KEPT.

    A passage names four concepts of its topic, each by one of the concept's two names.
    A question names the same four, some of them by the other name.
    """
    generator = np.random.default_rng(SEED)
    size = TOPICS * PASSAGES
    counts = np.zeros((size, TOPICS * CONCEPTS * 2))
    named = np.zeros((size, NAMED), dtype=int)
    for passage in range(size):
        concepts = generator.choice(CONCEPTS, NAMED, replace=False)
        names = generator.integers(2, size=NAMED)
        named[passage] = (passage // PASSAGES * CONCEPTS + concepts) * 2 + names
        counts[passage, named[passage]] += 1
        np.add.at(counts[passage], named[passage][generator.integers(NAMED, size=LENGTH - NAMED)], 1)
    containing = (counts > 0).sum(axis=0)
    rarity = np.log(1 + (size - containing + 0.5) / (containing + 0.5))
    lexical = rarity * counts * (K1 + 1) / (counts + K1)  # all passages are of one length
    directions = np.linalg.svd(counts * rarity, full_matrices=False)[2][:DIMENSIONS].T
    vectors = unit(counts * rarity @ directions)

    targets = generator.integers(size, size=QUESTIONS)
    order = generator.random((QUESTIONS, NAMED)).argsort(axis=1)
    found: dict[int, dict[str, list[float]]] = {}
    for replaced in (1, NAMED):
        questions = np.zeros((QUESTIONS, counts.shape[1]))
        for row, (target, places) in enumerate(zip(targets, order, strict=True)):
            asked = named[target].copy()
            asked[places[:replaced]] ^= 1  # the concept's other name
            questions[row, asked] = 1
        by_words = ranks(np.round(questions @ lexical.T, 6))
        by_vectors = ranks(np.round(unit(questions * rarity @ directions) @ vectors.T, 6))
        fused = ranks(np.round(1 / (60 + by_words) + 1 / (60 + by_vectors), 9))
        found[replaced] = {
            name: [float((table[np.arange(QUESTIONS), targets] <= k).mean()) for k in range(1, KEPT + 1)]
            for name, table in (("BM25", by_words), ("vectors", by_vectors), ("fused", fused))
        }
    return found


def recall_and_wording() -> str:
    """Draw the recall of three retrievers for questions close to the passage's words and far from them."""
    figure = Figure(height=420)
    titles = {1: "One word of four replaced", NAMED: "All four words replaced"}
    for place, (replaced, curves) in enumerate(recall().items()):
        axes = figure.axes(
            linear(1, KEPT, "Passages kept, k" if place else "", ticks=[1, 5, 10, 15, 20]),
            linear(0, 1, "Recall@k", ticks=[0, 0.5, 1]),
            top=200 * place,
            height=200 + 20 * place,
            title=titles[replaced],
        )
        for (name, values), colour in zip(curves.items(), (2, 1, 3), strict=True):
            axes.line(range(1, KEPT + 1), values, colour=colour, label=name)
    return figure.svg()
