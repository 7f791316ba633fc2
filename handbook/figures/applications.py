"""Measured effects of generative tools on the time that a task takes.

Each study is entered as its abstract or results section gives it. Studies that report output
(tasks or cases in the same hours) are turned into time per task; nothing else is changed.
"""

from dataclasses import dataclass

from handbook.figures.plot import INK, MUTED, Figure, linear, tidy

NORMAL_95 = 1.96  # standard errors on either side of an estimate, for a 95 % interval


@dataclass(frozen=True)
class Effect:
    """A change in time per task, in per cent; below zero is faster. low and high: 95 %."""

    work: str
    people: str
    change: float
    low: float | None = None
    high: float | None = None


def from_output(change: float) -> float:
    """Turn a change in output per hour into one in time per task (both in per cent)."""
    return 100 * (1 / (1 + change / 100) - 1)


def effects() -> list[Effect]:
    """List the effects that the chapter's table cites, in the order of the table."""
    tasks, error = 26.08, NORMAL_95 * 10.3  # Cui et al.: completed tasks, standard error 10.3
    return [
        Effect("One coding task", "95 freelancers", -55.8, -89, -21),
        Effect("Office writing", "453 people", -40),
        Effect("Consulting tasks", "758 people", -25.1),
        Effect(
            "Code in three firms*",
            "4,867 people",
            from_output(tasks),
            from_output(tasks + error),
            from_output(tasks - error),
        ),
        Effect("Customer chats*", "5,172 people", from_output(15)),
        Effect("Own code, early 2025", "16 people", 19, 2, 39),
        Effect("Own code, later", "some of the same", -18, -38, 9),
        Effect("Own code, later", "new recruits", -4, -15, 9),
    ]


def signed(value: float) -> str:
    """Write a change in whole per cent with its sign."""
    return ("+" if value > 0 else "") + tidy(round(value)) + "%"


def measured_time() -> str:
    """Draw the estimates with their 95 % intervals, one study below the other."""
    row = 44
    studies = effects()
    figure = Figure(height=row * len(studies) + 72)
    axes = figure.axes(
        linear(-100, 50, "Change in time per task", ticks={change: signed(change) for change in (-100, -50, 0, 50)}),
        linear(0, len(studies), ticks={}),
    )
    axes.plumb(0, colour=MUTED, dash=None)
    for number, study in enumerate(studies):
        top = len(studies) - number
        middle = top - 0.68
        axes.note(-100, top - 0.28, f"{study.work}, {study.people}", dx=-20)
        axes.note(50, top - 0.28, signed(study.change), anchor="end", weight="650")
        if study.low is None or study.high is None:
            axes.points([study.change], [middle], colour=2, radius=4.5, shape="ring")
        else:
            axes.line([study.low, study.high], [middle, middle], colour=2, width=2)
            for end in (study.low, study.high):
                axes.line([end, end], [middle - 0.09, middle + 0.09], colour=2, width=2)
            axes.points([study.change], [middle], colour=2, radius=4.5)
    height = figure.height
    figure.add(figure.text(6, height - 6, "faster", colour=INK))
    figure.add(figure.text(figure.width - 6, height - 6, "slower", colour=INK, anchor="end"))
    return figure.svg()


def draw() -> dict[str, str]:
    """Return the chapter's computed figures: file name -> SVG text."""
    return {"measured-time.svg": measured_time()}
