"""A small plotter that writes figures as SVG text, in the palette's own variables.

A figure is a sheet 360 units wide; axes are placed on it and marks on the axes:

    from handbook.figures.plot import Figure, linear, log

    figure = Figure(height=240)
    axes = figure.axes(log(10, 10_000, "Sample size", unit="images"), linear(0, 8, "Distance"))
    axes.line(sizes, distances, colour=1, label="64 dimensions")
    svg = figure.svg()

What holds for every figure:

- Text is at least 12 units high on the 360, so that it reads on a phone.
- A line is named by the text at its end, in its own colour; there are no legend boxes.
- The y label lies flat above its axis, where it is read without turning the head.
- Coordinates are rounded to a tenth of a unit, and those of a cloud of points to a half or a whole one, so the same
  numbers give the same bytes.
- What looks alike is one path, and the sheet says once what most marks share: a page carries every byte.
- A mark outside its axes, or a text outside the sheet, is an error and not a surprise.
- There is no title element: the page that shows the figure gives its alternative text.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

INK = "var(--hb-ink, #1f1d1a)"
MUTED = "var(--hb-muted, #5c5750)"
RULE = "var(--hb-rule, #d9d4ca)"
SOFT = "var(--hb-soft, #f3efe6)"
PAPER = "var(--hb-paper, #fdfcf9)"
ACCENT = "var(--hb-accent, #8a3324)"
INKS = (INK, MUTED, RULE, SOFT, PAPER, ACCENT)
SERIES = {
    1: "var(--hb-1, #8a3324)",
    2: "var(--hb-2, #2f5d7c)",
    3: "var(--hb-3, #5a6b2f)",
    4: "var(--hb-4, #8a6414)",
    5: "var(--hb-5, #6a4a86)",
}

TEXT_SIZE = 12
LINE_HEIGHT = 15
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NARROWEST, WIDEST = 340, 380  # a figure's width in units, to read on a phone

# The width of characters in text sizes, as in DejaVu Sans, the widest of the faces that readers have.
NARROW, USUAL, WIDE = 0.36, 0.63, 0.95
NARROW_CHARACTERS = frozenset(" !'(),./:;I[]fijlrt|")
WIDE_CHARACTERS = frozenset("%+<=>@MWmw\N{MINUS SIGN}\N{MULTIPLICATION SIGN}")
BOLD = 1.12  # how much wider a text is in bold

# Numbers: from GROUPED with commas between thousands, from HUGE and below TINY as powers of ten.
GROUPED, HUGE, TINY = 1e3, 1e6, 1e-4
FEWEST_TICKS = 3
UNSEEN = 0.8  # how far a line may pass a point by, in tenths of a unit
CLOUD = 40  # from so many points on, half a unit more or less is not seen, and of large ones a unit
LARGE = 2  # a point's radius
STRIP = 4  # units: many marks are written strip by strip
ROUNDING = 1e-6  # how far outside its axis a value may lie, as a share of the axis

Colour = int | str
Ticks = Sequence[float] | Mapping[float, str]
Shape = Literal["dot", "ring", "square", "cross"]


# Numbers and text ---------------------------------------------------------------------------


def coordinate(value: float) -> str:
    """Write a coordinate of SVG: at most one decimal, and never a negative zero."""
    rounded = round(float(value), 1) + 0.0
    return f"{rounded:.1f}".removesuffix(".0")


def tidy(value: float) -> str:
    """Write a number as a reader would: 0.05, 1,000, 10⁶, with a true minus sign."""
    if value == 0:
        return "0"
    size = float(f"{abs(value):.4g}") if abs(value) < GROUPED else abs(value)
    if size >= HUGE or size < TINY:
        exponent = math.floor(math.log10(size) + 1e-9)
        factor = round(size / 10**exponent, 2)
        power = "10" + str(exponent).translate(SUPERSCRIPTS)
        text = power if factor == 1 else f"{factor:g} \N{MULTIPLICATION SIGN} {power}"
    elif size >= GROUPED:
        text = f"{size:,.1f}".removesuffix(".0")
    else:
        text = f"{size:.4g}"
    return ("\N{MINUS SIGN}" if value < 0 else "") + text


def text_width(text: str, size: float = TEXT_SIZE, weight: str | None = None) -> float:
    """Return the width that a text takes in a wide sans face, in units."""
    narrow = sum(character in NARROW_CHARACTERS for character in text)
    wide = sum(character in WIDE_CHARACTERS for character in text)
    width = narrow * NARROW + wide * WIDE + (len(text) - narrow - wide) * USUAL
    return width * size * (BOLD if weight else 1)


def paint(colour: Colour) -> str:
    """Return the colour of data series 1 to 5, or a palette variable given as it is."""
    return SERIES[colour] if isinstance(colour, int) else colour


def element(name: str, content: str | None = None, /, **attributes: str | float | None) -> str:
    """Write an SVG element; stroke_width becomes stroke-width, and None leaves an attribute out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = value if isinstance(value, str) else coordinate(value)
        parts.append(f'{key.replace("_", "-")}="{escape(shown)}"')
    opening = "<" + " ".join(parts)
    return f"{opening}/>" if content is None else f"{opening}>{content}</{name}>"


def strokes(lines: Iterable[tuple[float, float, float, float]], /, **attributes: str | float | None) -> str:
    """Write straight lines, each from (x, y) to (x, y), as one path; nothing if there are none."""
    return _path([_tenths((line[:2], line[2:])) for line in lines], attributes)


def rectangles(boxes: Iterable[tuple[float, float, float, float]], /, **attributes: str | float | None) -> str:
    """Write rectangles, each by its x, y, width and height, as one path."""
    corners = []
    for x, y, width, height in boxes:
        (left, top), (across, down) = _tenths([(x, y), (width, height)])
        right, bottom = left + across, top + down
        corners.append([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    return _path(corners, attributes)


def _path(routes: Sequence[Sequence[tuple[int, int]]], attributes: Mapping[str, str | float | None]) -> str:
    """Write ways in tenths of a unit as one path, each step as seen from the one before: what is even repeats."""
    steps, pen = [], (0, 0)
    for start, *others in routes:
        steps.append(f"m{_step(pen, start)}" if steps else _move(start))
        pen = start
        for place in others:
            across, down = place[0] - pen[0], place[1] - pen[1]
            if place == start:
                steps.append("z")
            elif down == 0:
                steps.append(f"h{coordinate(across / 10)}")
            elif across == 0:
                steps.append(f"v{coordinate(down / 10)}")
            else:
                steps.append(f"l{_step(pen, place)}")
            pen = place
    return element("path", d="".join(steps), **attributes) if steps else ""


def cells(levels: Sequence[Sequence[int]], greatest: int, *, left: float, top: float, size: float, colour: str) -> str:
    """Write a grid of squares, `size` units wide; a level is a share of the greatest, and 0 is left empty.

    A level is one path in the grid's own units, and neighbours in a row are one stroke.
    """
    runs: dict[int, list[tuple[int, int, int]]] = {}
    for y, row in enumerate(levels):
        x = 0
        for level, group in itertools.groupby(row):
            length = len(list(group))
            if level:
                runs.setdefault(level, []).append((x, y, length))
            x += length
    paths = []
    for level in sorted(runs):
        (x, y, length), *others = runs[level]
        steps, x = [f"M{x} {y}.5h{length}"], x + length
        for start, row_number, length in others:
            steps.append(f"m{start - x} {row_number - y}h{length}")
            x, y = start + length, row_number
        paths.append(element("path", d="".join(steps), stroke_opacity=_share(level / greatest)))
    place = f"translate({coordinate(left)} {coordinate(top)})scale({size:.4g})"
    return element("g", "".join(paths), stroke=colour, transform=place)


# Scales -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """One axis: its range, its kind, its label and where its ticks stand."""

    kind: str
    low: float
    high: float
    title: str = ""
    ticks: dict[float, str] = field(default_factory=dict)

    def fraction(self, value: float) -> float:
        """Where a value stands between low (0) and high (1)."""
        if self.kind == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def _title(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def _ticks(ticks: Ticks | None, default: Sequence[float]) -> dict[float, str]:
    if isinstance(ticks, Mapping):
        return {float(value): text for value, text in ticks.items()}
    return {float(value): tidy(value) for value in (default if ticks is None else ticks)}


def linear(low: float, high: float, label: str = "", *, unit: str = "", ticks: Ticks | None = None) -> Scale:
    """Make an axis of equal steps; ticks are chosen unless given (values, or value -> text)."""
    if not low < high:
        raise ValueError(f"an axis runs upwards: {low} to {high}")
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = min((1, 2, 2.5, 5, 10), key=lambda factor: abs(math.log(factor * power / rough))) * power
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    chosen = [round(number * step, 12) for number in range(first, last + 1)]
    return Scale("linear", low, high, _title(label, unit), _ticks(ticks, chosen))


def log(low: float, high: float, label: str = "", *, unit: str = "", ticks: Ticks | None = None) -> Scale:
    """Make an axis of equal ratios; ticks at powers of ten, and at 2 and 5 if there are few."""
    if not 0 < low < high:
        raise ValueError(f"a log axis runs upwards from above 0: {low} to {high}")
    exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)

    def inside(factors: Sequence[int]) -> list[float]:
        values = [round(f * 10.0**e, max(0, 2 - e)) for e in exponents for f in factors]
        return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]

    chosen = inside([1])
    if len(chosen) < FEWEST_TICKS:
        chosen = inside([1, 2, 5])
    return Scale("log", low, high, _title(label, unit), _ticks(ticks, chosen))


def categories(names: Sequence[str], label: str = "") -> Scale:
    """Make an axis of named places: the first name stands at 0, the next at 1, and so on."""
    return Scale("categories", -0.5, len(names) - 0.5, label, {float(place): name for place, name in enumerate(names)})


# Marks on axes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """The rectangle of the sheet that shows the data, and the way from data to sheet."""

    left: float
    top: float
    right: float
    bottom: float
    x_scale: Scale
    y_scale: Scale

    def x(self, value: float) -> float:
        """Return the sheet's x of a value on the x axis."""
        return self.left + self._inside(self.x_scale, value) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return the sheet's y of a value on the y axis; a y axis of names runs downwards."""
        up = self._inside(self.y_scale, value)
        if self.y_scale.kind == "categories":
            return self.top + up * (self.bottom - self.top)
        return self.bottom - up * (self.bottom - self.top)

    @staticmethod
    def _inside(scale: Scale, value: float) -> float:
        fraction = scale.fraction(float(value))
        if not -ROUNDING <= fraction <= 1 + ROUNDING:
            raise ValueError(f"{value} is outside the axis '{scale.title}', {scale.low} to {scale.high}")
        return fraction


class Axes:
    """A pair of axes on a figure; its methods add marks, drawn in the order of the calls."""

    def __init__(
        self, sheet: "Figure", x: Scale, y: Scale, box: tuple[float, ...], *, title: str, grid: bool, bare: bool
    ) -> None:
        self.sheet, self.x_scale, self.y_scale = sheet, x, y
        self.box, self.title, self.grid, self.bare = box, title, grid, bare
        self._marks: list[Callable[[Frame], str]] = []
        self._end_labels: list[tuple[float, float, str, Colour]] = []

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        colour: Colour = 1,
        label: str = "",
        width: float = 2,
        dash: str | None = None,
        coarse: bool = False,
    ) -> None:
        """Draw a line through the points; its label stands at its right end. dash: such as "5 4".

        A coarse line lies on half units, which nobody sees in a zigzag.
        """
        pairs = _pairs(xs, ys)
        self._marks.append(
            lambda frame: element(
                "path",
                d=_route(frame, pairs, grid=5 if coarse else 1),
                stroke=paint(colour),
                stroke_width=width,
                stroke_linejoin="round",
                stroke_dasharray=dash,
            )
        )
        if label:
            self._end_labels.append((*pairs[-1], label, colour))

    def points(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        colour: Colour = 1,
        radius: float = 3,
        opacity: float | None = None,
        shape: Shape = "dot",
    ) -> None:
        """Mark each point; radius is half a mark's width."""
        pairs = _pairs(xs, ys)

        def mark(frame: Frame) -> str:
            places = [(frame.x(x), frame.y(y)) for x, y in pairs]
            return (
                _rings(places, colour, radius) if shape == "ring" else _one_path(places, colour, radius, shape, opacity)
            )

        self._marks.append(mark)

    def bars(
        self,
        places: Sequence[float],
        values: Sequence[float],
        *,
        colour: Colour = 1,
        width: float = 0.6,
        shift: float = 0.0,
        base: float = 0.0,
        opacity: float | None = None,
        show: Callable[[float], str] | None = None,
    ) -> None:
        """Draw bars from base to value: upright, or lying if the y axis is one of names.

        width and shift are in steps of the places' axis: groups of two take width=0.35 and
        shift=-0.18 and 0.18. show writes each value at its bar's end: show=tidy.
        """
        pairs = _pairs(places, values)
        lying = self.y_scale.kind == "categories"

        def mark(frame: Frame) -> str:
            middles, texts = [], []
            for place, value in pairs:
                near, far = place + shift - width / 2, place + shift + width / 2
                if lying:
                    x0, x1 = sorted((frame.x(base), frame.x(value)))
                    y0, y1 = sorted((frame.y(near), frame.y(far)))
                else:
                    x0, x1 = sorted((frame.x(near), frame.x(far)))
                    y0, y1 = sorted((frame.y(base), frame.y(value)))
                thickness = y1 - y0 if lying else x1 - x0
                middle = (y0 + y1) / 2 if lying else (x0 + x1) / 2
                middles.append((x0, middle, x1, middle) if lying else (middle, y0, middle, y1))
                if show and lying:
                    ahead = value >= base
                    texts.append(
                        self.sheet.text(
                            x1 + 5 if ahead else x0 - 5,
                            (y0 + y1) / 2 + 4,
                            show(value),
                            anchor="start" if ahead else "end",
                            halo=True,
                        )
                    )
                elif show:
                    texts.append(
                        self.sheet.text(
                            (x0 + x1) / 2,
                            y0 - 5 if value >= base else y1 + LINE_HEIGHT,
                            show(value),
                            anchor="middle",
                            halo=True,
                        )
                    )
            bars = strokes(middles, stroke=paint(colour), stroke_width=thickness, stroke_opacity=_share(opacity))
            return "\n".join([bars, *texts])

        self._marks.append(mark)

    def area(
        self,
        xs: Sequence[float],
        lows: float | Sequence[float],
        highs: Sequence[float],
        *,
        colour: Colour = 1,
        opacity: float = 0.18,
    ) -> None:
        """Shade the area between two curves; lows may be one number for all."""
        xs = [float(x) for x in xs]
        floor = [float(lows)] * len(xs) if isinstance(lows, int | float) else lows
        outline = _pairs(xs, highs) + _pairs(xs, floor)[::-1]
        self._marks.append(
            lambda frame: element(
                "path", d=_route(frame, outline) + "z", fill=paint(colour), fill_opacity=_share(opacity)
            )
        )

    def patch(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        colour: Colour = 1,
        opacity: float = 0.08,
        width: float = 1,
    ) -> None:
        """Draw a closed shape, lightly filled; where two of one colour overlap, the fill is darker."""
        pairs = _pairs(xs, ys)
        self._marks.append(
            lambda frame: element(
                "path",
                d=_route(frame, pairs) + "z",
                fill=paint(colour),
                fill_opacity=_share(opacity),
                stroke=paint(colour),
                stroke_width=width,
            )
        )

    def box_between(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        colour: Colour = SOFT,
        opacity: float | None = None,
        outline: Colour | None = None,
    ) -> None:
        """Draw a rectangle from two opposite corners in data units: a cell, a band, a range."""

        def mark(frame: Frame) -> str:
            left, right = sorted((frame.x(x0), frame.x(x1)))
            top, bottom = sorted((frame.y(y0), frame.y(y1)))
            return element(
                "rect",
                x=left,
                y=top,
                width=right - left,
                height=bottom - top,
                fill=paint(colour),
                fill_opacity=_share(opacity),
                stroke=None if outline is None else paint(outline),
            )

        self._marks.append(mark)

    def level(self, y: float, *, colour: Colour = MUTED, dash: str | None = "4 4", width: float = 1) -> None:
        """Draw a line across the axes at a height of y."""
        self._marks.append(
            lambda frame: strokes(
                [(frame.left, frame.y(y), frame.right, frame.y(y))],
                stroke=paint(colour),
                stroke_width=width,
                stroke_dasharray=dash,
            )
        )

    def plumb(self, x: float, *, colour: Colour = MUTED, dash: str | None = "4 4", width: float = 1) -> None:
        """Draw a line from top to bottom of the axes at x."""
        self._marks.append(
            lambda frame: strokes(
                [(frame.x(x), frame.top, frame.x(x), frame.bottom)],
                stroke=paint(colour),
                stroke_width=width,
                stroke_dasharray=dash,
            )
        )

    def note(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: Colour = INK,
        anchor: str = "start",
        dx: float = 0,
        dy: float = 4,
        weight: str | None = None,
        slanted: bool = False,
        halo: bool = True,
    ) -> None:
        """Write a text at a point, moved by dx and dy units; a line break in it starts a new line."""

        def mark(frame: Frame) -> str:
            return "\n".join(
                self.sheet.text(
                    frame.x(x) + dx,
                    frame.y(y) + dy + number * LINE_HEIGHT,
                    line,
                    colour=colour,
                    anchor=anchor,
                    weight=weight,
                    slanted=slanted,
                    halo=halo,
                )
                for number, line in enumerate(text.split("\n"))
            )

        self._marks.append(mark)

    def svg(self) -> str:
        """Return the axes and their marks as SVG elements."""
        frame = self._frame()
        parts = [self._axis_lines(frame)]
        parts += [mark(frame) for mark in self._marks]
        parts += self._labels_at_ends(frame)
        return "\n".join(part for part in parts if part)

    def _frame(self) -> Frame:
        """Return the data's rectangle: the axes' box less the room for labels."""
        left, top, width, height = self.box
        right, bottom = left + width, top + height
        x_texts, y_texts = list(self.x_scale.ticks.values()), list(self.y_scale.ticks.values())
        top += 10 + (20 if self.title else 0) + (20 if self.y_scale.title else 0)
        bottom -= 6 + (LINE_HEIGHT if x_texts else 0) + (19 if self.x_scale.title else 0)
        before = [text_width(text) + 6 for text in y_texts]
        after = [text_width(label) + 8 for *_, label, _ in self._end_labels]
        if x_texts and self.x_scale.kind != "categories":
            for value, text in self.x_scale.ticks.items():
                share = self.x_scale.fraction(value)
                before.append(text_width(text) / 2 - share * width)
                after.append(text_width(text) / 2 - (1 - share) * width)
        left += 4 + max([0, *before])
        right -= 4 + max([0, *after])
        return Frame(left, top, right, bottom, self.x_scale, self.y_scale)

    def _axis_lines(self, frame: Frame) -> str:
        parts: list[str] = []
        rules, lines = [], []
        edge = self.box[0] + 4
        head = self.box[1] + 16
        if self.title:
            parts.append(self.sheet.text(edge, head, self.title, weight="650"))
            head += 20
        if self.y_scale.title:
            parts.append(self.sheet.text(edge, head, self.y_scale.title, colour=MUTED))
        named_rows = self.y_scale.kind == "categories"
        for value, text in self.y_scale.ticks.items():
            height = frame.y(value)
            if self.grid and not named_rows:
                rules.append((frame.left, height, frame.right, height))
            parts.append(
                self.sheet.text(frame.left - 6, height + 4, text, anchor="end", colour=INK if named_rows else MUTED)
            )
        for value, text in self.x_scale.ticks.items():
            place = frame.x(value)
            if named_rows and self.grid:
                rules.append((place, frame.top, place, frame.bottom))
            elif self.x_scale.kind != "categories":
                lines.append((place, frame.bottom, place, frame.bottom + 4))
            named = self.x_scale.kind == "categories"
            parts.append(
                self.sheet.text(
                    place, frame.bottom + LINE_HEIGHT + 2, text, anchor="middle", colour=INK if named else MUTED
                )
            )
        if self.bare:
            pass
        elif named_rows:
            lines.append((frame.left, frame.top, frame.left, frame.bottom))
        else:
            lines.append((frame.left, frame.bottom, frame.right, frame.bottom))
        if self.x_scale.title:
            parts.append(
                self.sheet.text(
                    (frame.left + frame.right) / 2,
                    self.box[1] + self.box[3] - 6,
                    self.x_scale.title,
                    anchor="middle",
                    colour=MUTED,
                )
            )
        return "\n".join([strokes(rules, stroke=RULE), strokes(lines, stroke=MUTED), *parts])

    def _labels_at_ends(self, frame: Frame) -> list[str]:
        """Write the lines' names, moved apart where two would touch, and clear of the x ticks."""
        labels = sorted((frame.y(y), frame.x(x), text, colour) for x, y, text, colour in self._end_labels)
        heights = [height for height, *_ in labels]
        for _ in range(50):
            for i in range(len(heights) - 1):
                overlap = LINE_HEIGHT - (heights[i + 1] - heights[i])
                if overlap > 0:
                    heights[i] -= overlap / 2
                    heights[i + 1] += overlap / 2
            if heights and heights[-1] > frame.bottom - 6:
                heights[-1] = frame.bottom - 6
        return [
            self.sheet.text(place + 6, height + 4, text, colour=colour)
            for height, (_, place, text, colour) in zip(heights, labels, strict=True)
        ]


# The sheet ----------------------------------------------------------------------------------


class Figure:
    """A sheet of SVG; axes() places a pair of axes on it, and add() anything else."""

    def __init__(self, height: float, width: float = 360) -> None:
        if not NARROWEST <= width <= WIDEST:
            raise ValueError(f"a figure is {NARROWEST} to {WIDEST} units wide, to read on a phone")
        self.width, self.height = width, height
        self._parts: list[Axes | str] = []

    def axes(
        self,
        x: Scale,
        y: Scale,
        *,
        left: float = 0,
        top: float = 0,
        width: float | None = None,
        height: float | None = None,
        title: str = "",
        grid: bool = True,
        bare: bool = False,
    ) -> Axes:
        """Place axes in a part of the sheet; all of it unless left, top, width, height say less.

        bare leaves out the axis line: for a map of points, with ticks=[] on both scales.
        """
        box = (
            left,
            top,
            self.width - left if width is None else width,
            self.height - top if height is None else height,
        )
        axes = Axes(self, x, y, box, title=title, grid=grid, bare=bare)
        self._parts.append(axes)
        return axes

    def add(self, svg: str) -> None:
        """Add SVG elements, made with element() or text(), in the sheet's own units."""
        self._parts.append(svg)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: Colour = INK,
        anchor: str = "start",
        size: float = TEXT_SIZE,
        weight: str | None = None,
        slanted: bool = False,
        halo: bool = False,
    ) -> str:
        """Return a line of text as SVG; it is an error if it is too small or runs off the sheet."""
        if size < TEXT_SIZE:
            raise ValueError(f"text is at least {TEXT_SIZE} units high: '{text}' has {size}")
        width = text_width(text, size, weight)
        start = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        if start < 0 or start + width > self.width or not size * 0.7 <= y <= self.height:
            raise ValueError(f"the text '{text}' runs off the sheet")
        around = (
            {"stroke": PAPER, "stroke_width": 3.0, "stroke_linejoin": "round", "paint_order": "stroke"} if halo else {}
        )
        return element(
            "text",
            escape(text, quote=False),
            x=x,
            y=y,
            font_size=None if size == TEXT_SIZE else size,
            fill=paint(colour),
            text_anchor=None if anchor == "start" else anchor,
            font_weight=weight,
            font_style="italic" if slanted else None,
            **around,
        )

    def svg(self) -> str:
        """Return the whole figure as the text of an SVG file."""
        box = f"0 0 {coordinate(self.width)} {coordinate(self.height)}"
        body = "\n".join(part if isinstance(part, str) else part.svg() for part in self._parts)
        shared = f'fill="none" font-size="{coordinate(TEXT_SIZE)}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {shared}>\n{body}\n</svg>\n'


def _pairs(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def _route(frame: Frame, pairs: Sequence[tuple[float, float]], grid: int = 1) -> str:
    """Write a line through the points, on a grid of so many tenths, without those that nobody would miss."""
    places = _tenths((frame.x(x) / grid, frame.y(y) / grid) for x, y in pairs)
    first, *steps = _steps(_needed([(x * grid, y * grid) for x, y in places]))
    return f"{first}l" + " ".join(steps).replace(" -", "-")


def _tenths(places: Iterable[tuple[float, float]]) -> list[tuple[int, int]]:
    """Round coordinates once: what is computed from whole numbers comes out alike on every machine."""
    return [(round(10 * x), round(10 * y)) for x, y in places]


def _needed(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out points that lie on the line between others, as the eye sees it (Douglas and Peucker)."""
    if len(places) < 3:
        return list(places)
    (x0, y0), (x1, y1) = places[0], places[-1]
    across, down = x1 - x0, y1 - y0
    square = across**2 + down**2

    def away(place: tuple[int, int]) -> int:
        """The square of the distance from the line, times that of the line's length, if it has one."""
        x, y = place[0] - x0, place[1] - y0
        along = x * across + y * down
        if 0 < along < square:
            return (x * down - y * across) ** 2
        nearest = min(x**2 + y**2, (x - across) ** 2 + (y - down) ** 2)
        return nearest * (square or 1)

    far = max(range(1, len(places) - 1), key=lambda number: away(places[number]))
    if away(places[far]) <= UNSEEN**2 * (square or 1):
        return [places[0], places[-1]]
    return _needed(places[: far + 1])[:-1] + _needed(places[far:])


def _tenth(number: int) -> str:
    return coordinate(number / 10)


def _move(place: tuple[int, int], write: Callable[[int], str] = _tenth) -> str:
    return f"M{write(place[0])} {write(place[1])}"


def _step(before: tuple[int, int], place: tuple[int, int], write: Callable[[int], str] = _tenth) -> str:
    """Write the way from one place to the next."""
    return f"{write(place[0] - before[0])} {write(place[1] - before[1])}".replace(" -", "-")


def _steps(places: Sequence[tuple[int, int]], write: Callable[[int], str] = _tenth) -> Iterator[str]:
    """Write the way from place to place: the first as it is, each other as seen from the one before."""
    yield _move(places[0], write)
    for before, place in itertools.pairwise(places):
        yield _step(before, place, write)


def _in_strips(places: Iterable[tuple[int, int]], strip: int) -> list[tuple[int, int]]:
    """Order marks so that each lies near the one before, which is short to write: to and fro, strip by strip."""

    def order(place: tuple[int, int]) -> tuple[int, int, int]:
        number = place[1] // strip
        return number, place[0] if number % 2 else -place[0], place[1]

    return sorted(places, key=order)


def _rings(places: Sequence[tuple[float, float]], colour: Colour, radius: float) -> str:
    """Write a circle at each place, filled with paper so that it hides what lies below."""
    return "\n".join(
        element("circle", cx=x, cy=y, r=radius, fill=PAPER, stroke=paint(colour), stroke_width=1.5) for x, y in places
    )


def _one_path(
    places: Sequence[tuple[float, float]], colour: Colour, radius: float, shape: Shape, opacity: float | None
) -> str:
    """Write all marks as one path, so that many stay small: a dot or a square is the cap of a line of no length."""
    scale = 1
    if shape == "cross":
        arm = coordinate(2 * radius)
        corners = ((coordinate(x - radius), coordinate(y - radius)) for x, y in places)
        steps = "".join(f"M{x} {y}l{arm} {arm}m0-{arm}l-{arm} {arm}" for x, y in corners)
    elif len(places) < CLOUD:
        steps = "h0m".join(_steps(_in_strips(_tenths(places), 10 * STRIP))) + "h0"
    else:
        scale = 2 if radius < LARGE else 1
        whole = {(round(scale * x), round(scale * y)) for x, y in places}
        steps = "h0m".join(_steps(_in_strips(whole, scale * STRIP), str)) + "h0"
    return element(
        "path",
        d=steps,
        transform="scale(.5)" if scale == 2 else None,
        stroke=paint(colour),
        stroke_width=1.8 if shape == "cross" else 2 * radius * scale,
        stroke_linecap={"dot": "round", "square": "square"}.get(shape),
        stroke_opacity=_share(opacity),
    )


def _share(opacity: float | None) -> str | None:
    return None if opacity is None else f"{opacity:.2f}"
