"""The figure of the chapter Challenges and risks: when guessing pays."""

from handbook.figures.plot import INK, Figure, linear, tidy

# Points lost for a wrong answer, with the colour of its line and the place of its name.
PENALTIES = (
    (0.0, 1, (0.30, 0.16)),
    (1.0, 2, (0.23, -0.62)),
    (3.0, 3, (0.59, -0.74)),
    (9.0, 5, (0.83, -0.86)),
)


def expected_score(confidence: float, penalty: float) -> float:
    """Return the mean score of answering when the answer is right with this confidence."""
    return confidence - (1 - confidence) * penalty


def threshold(penalty: float) -> float:
    """Return the confidence at which answering earns as much as abstaining, which earns 0."""
    return penalty / (1 + penalty)


def guess_or_abstain() -> str:
    """Draw the expected score against confidence, under four penalties for a wrong answer."""
    figure = Figure(height=330)
    axes = figure.axes(
        linear(0, 1, "Confidence that the answer is right", ticks=[0, 0.25, 0.5, 0.75, 1]),
        linear(-1, 1, "Expected score of answering", ticks=[-1, -0.5, 0, 0.5, 1]),
        width=346,  # the name of the steepest line needs the rest
    )
    axes.level(0, colour=INK, dash=None, width=1.5)
    for penalty, colour, (x, y) in PENALTIES:
        # A line starts where it enters the picture, at a score of -1 or a confidence of 0.
        start = max(0.0, (penalty - 1) / (penalty + 1))
        ends = [start, 1.0]
        axes.line(ends, [expected_score(c, penalty) for c in ends], colour=colour)
        axes.note(x, y, f"wrong: {tidy(-penalty)}", colour=colour)
    for penalty, colour, _ in PENALTIES:
        axes.points([threshold(penalty)], [0], colour=colour, radius=4)
    axes.note(0.06, 0, "abstain: 0", colour=INK, dy=17)
    return figure.svg()


def draw() -> dict[str, str]:
    """Return every figure of the chapter, by file name."""
    return {"guess-or-abstain.svg": guess_or_abstain()}
