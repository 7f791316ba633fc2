"""Figures of the chapter Misconceptions."""

from math import comb

import numpy as np

from handbook.figures.plot import INK, MUTED, Figure, categories, linear, log

CAUGHT = 0.90  # assumed share of generated essays that a detector finds
FALSE_ALARMS = 0.6122  # mean over seven detectors, essays by non-native writers (Liang et al. 2023)
DETECTORS, ESSAYS = 7, 91
OBSERVED = {0: 2, 7: 18}  # essays flagged by none and by all seven (Liang et al. 2023)


def draw() -> dict[str, str]:
    """Return the chapter's figures: file name -> SVG text."""
    return {"innocent-among-flagged.svg": innocent_among_flagged(), "seven-detectors.svg": seven_detectors()}


# How many of the flagged are innocent ---------------------------------------------------------


def innocent(false_alarms: float, base_rate: np.ndarray) -> np.ndarray:
    """Return the share of flagged essays that their authors wrote themselves."""
    wrong = false_alarms * (1 - base_rate)
    return wrong / (wrong + CAUGHT * base_rate)


def innocent_among_flagged() -> str:
    """Draw the innocent among the flagged against the base rate, for three rates of false alarms."""
    rates = np.logspace(-2, np.log10(0.5), 121).clip(0.01, 0.5)
    shares = {g: f"{g:.0%}" for g in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)}
    figure = Figure(height=300)
    axes = figure.axes(
        log(0.01, 0.5, "Base rate: generated essays in the pile", ticks=shares),
        linear(0, 1, "Innocent among the flagged", ticks={y: f"{y:.0%}" for y in (0, 0.25, 0.5, 0.75, 1)}),
    )
    axes.level(0.5)
    for colour, false_alarms in ((1, 0.61), (2, 0.05), (3, 0.01)):
        axes.line(rates, innocent(false_alarms, rates), colour=colour, label=f"f = {false_alarms:.0%}")
        if false_alarms > 0.01:
            place = float(innocent(false_alarms, np.array(0.2)))
            axes.points([0.2], [place], colour=colour, shape="ring", radius=4)
            axes.note(0.2, place, f"{place:.0%}", colour=colour, dx=3, dy=-9)
    return figure.svg()


# Seven detectors, if they erred independently -------------------------------------------------


def expected(flags: int) -> float:
    """Return how many essays a number of detectors would flag, each on its own and equally often."""
    misses = DETECTORS - flags
    return ESSAYS * comb(DETECTORS, flags) * FALSE_ALARMS**flags * (1 - FALSE_ALARMS) ** misses


def seven_detectors() -> str:
    """Draw the essays expected for each number of flags, and the two observed numbers."""
    flags = range(DETECTORS + 1)
    figure = Figure(height=270)
    axes = figure.axes(
        categories([str(number) for number in flags], "Detectors that flag the essay, of seven"),
        linear(0, 30, "Essays, of 91", ticks=[0, 10, 20, 30]),
    )
    axes.bars(flags, [expected(number) for number in flags], colour=2, width=0.7, opacity=0.45)
    axes.points(list(OBSERVED), list(OBSERVED.values()), colour=1, radius=5)
    axes.note(0, OBSERVED[0], "2 observed", colour=1, dx=-12, dy=-11)
    axes.note(7, OBSERVED[7], "18 observed", colour=1, anchor="end", dx=12, dy=18)
    axes.note(-0.5, 27.5, "Bars: if independent", colour=MUTED, dx=6)
    axes.note(7, expected(7), f"{expected(7):.1f}", colour=INK, anchor="middle", dy=-5)
    return figure.svg()
