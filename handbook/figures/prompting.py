"""Figures of the chapter Prompting."""

from collections.abc import Callable
from functools import cache
from math import comb, factorial

from handbook.figures.plot import Figure, categories, linear

MOST = 41  # answers drawn for one question


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {
        "majority-vote.svg": majority_vote(),
        "masking-and-conditioning.svg": masking_and_conditioning(),
    }


# Voting over several answers ------------------------------------------------------------------


def majority(right: float, answers: int) -> float:
    """Return how often most of an odd number of answers are right, if there is one wrong answer."""
    return sum(
        comb(answers, votes) * right**votes * (1 - right) ** (answers - votes)
        for votes in range(answers // 2 + 1, answers + 1)
    )


def plurality(right: float, rivals: int, answers: int) -> float:
    """Return how often the right answer gets most votes against equally likely wrong ones; ties are drawn."""
    wrong = (1 - right) / rivals

    @cache
    def ways(left: int, places: int, highest: int, tied: int) -> float:
        """Sum of 1 / (votes! ... (1 + ties)) over the ways to give the left votes to the rivals."""
        if places == 0:
            return 1 / (1 + tied) if left == 0 else 0.0
        return sum(
            ways(left - votes, places - 1, highest, tied + (votes == highest)) / factorial(votes)
            for votes in range(min(left, highest) + 1)
        )

    return sum(
        factorial(answers)
        / factorial(votes)
        * right**votes
        * wrong ** (answers - votes)
        * ways(answers - votes, rivals, votes, 0)
        for votes in range(1, answers + 1)
    )


def mixture(answers: int) -> float:
    """Return the share right on a test of six easy questions in ten."""
    return 0.6 * majority(0.85, answers) + 0.4 * majority(0.4, answers)


def majority_vote() -> str:
    """Draw the share of right votes against the number of answers, for four kinds of questions."""
    figure = Figure(height=300)
    axes = figure.axes(
        linear(1, MOST, "Answers drawn for each question", ticks=[1, 11, 21, 31, 41]),
        linear(0, 1, "Share of questions with the right vote"),
    )
    counts = list(range(1, MOST + 1, 2))
    lines: list[tuple[int, str, Callable[[int], float]]] = [
        (1, "60%, one rival", lambda answers: majority(0.6, answers)),
        (3, "40%, three rivals", lambda answers: plurality(0.4, 3, answers)),
        (5, "easy and hard", mixture),
        (2, "40%, one rival", lambda answers: majority(0.4, answers)),
    ]
    for colour, label, share in lines:
        axes.line(counts, [share(answers) for answers in counts], colour=colour, label=label)
    best = max(counts, key=mixture)
    axes.points([best], [mixture(best)], colour=5, radius=4)
    return figure.svg()


# Masking and conditioning ---------------------------------------------------------------------

MODEL = {"low": 0.2, "high": 0.3, "very high": 0.05}  # what the model gives to each permitted answer
MASKED = {"low": 0.2, "high": 0.3, "very high": 0.5}  # what drawing with the mask gives


def masking_and_conditioning() -> str:
    """Draw the model's own probabilities, given a permitted answer, beside those of masked drawing."""
    total = sum(MODEL.values())
    figure = Figure(height=230)
    axes = figure.axes(
        linear(0, 0.7, ticks=[0, 0.2, 0.4]),
        categories(list(MODEL)),
        top=24,
        height=206,
    )
    places = range(len(MODEL))
    axes.bars(
        list(places),
        [value / total for value in MODEL.values()],
        colour=2,
        width=0.34,
        shift=-0.19,
        show=lambda value: f"{value:.2f}",
    )
    axes.bars(list(places), list(MASKED.values()), colour=1, width=0.34, shift=0.19, show=lambda value: f"{value:.2f}")
    figure.add(figure.text(4, 14, "The model's own odds", colour=2))
    figure.add(figure.text(4, 30, "What the masked draw gives", colour=1))
    return figure.svg()
