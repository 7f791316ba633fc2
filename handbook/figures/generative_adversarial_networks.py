"""Figures of the chapter Generative adversarial networks."""

import numpy as np

from handbook.figures.plot import INK, MUTED, RULE, SERIES, Figure, linear, rectangles, strokes

START = np.array([0.9, 0.3, -0.2, -1.0])


def draw() -> dict[str, str]:
    """The chapter's figures: file name -> SVG text."""
    return {
        "mode-hopping.svg": mode_hopping(),
        "one-point-game.svg": one_point_game(),
        "slopes-of-the-losses.svg": slopes_of_the_losses(),
    }


def sigmoid(value: np.ndarray | float) -> np.ndarray | float:
    """The logistic function."""
    return 1 / (1 + np.exp(-np.asarray(value)))


# Two losses for the generator -----------------------------------------------------------------


def slopes_of_the_losses() -> str:
    """Size of the slope in the logit, for the saturating and the non-saturating loss."""
    verdicts = np.linspace(0, 1, 101)
    figure = Figure(height=240)
    axes = figure.axes(
        linear(0, 1, "Discriminator's verdict D(G(z)) on a sample", ticks=[0, 0.25, 0.5, 0.75, 1]),
        linear(0, 1, "Size of the generator's slope in the logit", ticks=[0, 0.25, 0.5, 0.75, 1]),
    )
    axes.box_between(0, 0, 0.12, 1)
    axes.line(verdicts, verdicts, colour=1)
    axes.line(verdicts, 1 - verdicts, colour=2)
    axes.note(0.13, 0.52, "early: samples\nare rejected", colour=MUTED)
    axes.note(0.69, 0.82, "saturating: D", colour=1, anchor="end", dx=14)
    axes.note(0.64, 0.2, "non-saturating:\n1 \N{MINUS SIGN} D", colour=2, anchor="end", dx=4)
    axes.points([0.01], [0.01], colour=1, radius=4)
    axes.points([0.01], [0.99], colour=2, radius=4)
    return figure.svg()


# The smallest game: one point against a slope -----------------------------------------------------


def play(penalty: float, steps: int = 500, rate: float = 0.05) -> np.ndarray:
    """Paths (place of the fake point, slope of the discriminator); the data sit at 0."""
    place, slope = 1.0, 0.0
    path = [(place, slope)]
    for _ in range(steps):
        verdict = float(sigmoid(slope * place))
        place, slope = (
            place + rate * slope * verdict,
            slope + rate * (-place * verdict - penalty * slope),
        )
        path.append((place, slope))
    return np.array(path)


def one_point_game() -> str:
    """The path of both players with and without a penalty on the discriminator's slope."""
    figure = Figure(height=222)
    for column, (title, penalty) in enumerate((("No penalty", 0.0), ("Penalty 0.3", 0.3))):
        path = play(penalty)
        axes = figure.axes(
            linear(-1.3, 1.3, "Fake point", ticks=[-1, 0, 1]),
            linear(-1.3, 1.3, "Slope of D", ticks=[-1, 0, 1]),
            left=180 * column,
            width=180,
            title=title,
        )
        axes.plumb(0, colour=RULE, dash=None)
        axes.line(path[:, 0], path[:, 1], colour=1 if penalty == 0 else 2, width=1.5)
        axes.points([1], [0], colour=INK, radius=3.5)
        axes.points([0], [0], colour=INK, radius=4, shape="ring")
        axes.note(1, 0, "start", anchor="end", dx=-7, dy=4)
    return figure.svg()


# A generator that outruns its discriminator -------------------------------------------------------


def shares(generator_steps: int, rounds: int = 10) -> np.ndarray:
    """Shares of four modes; each round the discriminator is optimal, then G takes steps."""
    data, logits = np.full(4, 0.25), START.copy()
    history = []
    for _ in range(rounds):
        share = np.exp(logits) / np.exp(logits).sum()
        history.append(share)
        reward = np.log(data / (data + share))
        for _ in range(generator_steps):
            share = np.exp(logits) / np.exp(logits).sum()
            logits = logits + share * (reward - share @ reward)
    return np.array(history)


def mode_hopping() -> str:
    """Squares as large as the share of each mode, for 5 and for 50 generator steps a round."""
    figure = Figure(height=284)
    cell, left = 30.0, 54.0
    for block, (steps, colour) in enumerate(((5, 2), (50, 1))):
        top = 18 + 130 * block
        figure.add(figure.text(6, top - 4, f"{steps} generator steps per round", weight="650"))
        middles = [top + 14 + 24 * mode for mode in range(4)]
        for mode, middle in enumerate(middles, start=1):
            figure.add(figure.text(6, middle + 4, f"kind {mode}", colour=MUTED))
        figure.add(strokes([(left - 6, middle, left + 10 * cell, middle) for middle in middles], stroke=RULE))
        squares = []
        for number, share in enumerate(shares(steps)):
            for mode, value in enumerate(share):
                side = 22 * float(np.sqrt(round(float(value), 3)))
                x = left + cell * (number + 0.5)
                squares.append((x - side / 2, middles[mode] - side / 2, side, side))
        figure.add(rectangles(squares, fill=SERIES[colour]))
    for number in range(10):
        figure.add(figure.text(left + cell * number + cell / 2, 262, str(number), anchor="middle", colour=MUTED))
    figure.add(figure.text(left + 5 * cell, 279, "Round", anchor="middle", colour=MUTED))
    return figure.svg()
