"""Figures: the computed ones are what their modules draw and the chapters print, and every SVG keeps the rules."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT
from lxml import etree

from handbook.figures import __main__ as figures
from handbook.figures import index, plot, types

PICTURES = sorted((ROOT / figures.FIGURES).rglob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "g", "defs", "marker", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
TEXTS = {"text", "tspan"}
FILLED = TEXTS | {"path", "rect", "circle", "ellipse", "polyline", "polygon"}
COLOURED = {"fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"}
NARROWEST, WIDEST = 340, 380
SMALLEST_TEXT = 12
PREPARED = {"retrieval"}  # a lab's figure and table that follow the chapters: `handbook prepare` makes them


# Computed figures


@pytest.fixture(scope="module")
def drawn() -> dict[Path, str]:
    """Return every computed figure, drawn now."""
    return figures.computed()


@pytest.fixture
def copied(tmp_path: Path, drawn: dict[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a copy of the figures the current directory's; what is drawn isn't drawn anew."""
    for folder in (figures.FIGURES, figures.TABLES):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "computed", lambda: drawn)
    return tmp_path


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `python -m handbook.figures` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["figures", *arguments])
    return figures.main()


def test_every_computed_figure_is_what_its_module_draws(drawn: dict[Path, str]) -> None:
    differing = [path.as_posix() for path, svg in drawn.items() if (ROOT / path).read_bytes() != svg.encode()]
    assert drawn
    assert differing == []


def test_every_module_but_the_plotter_draws(drawn: dict[Path, str]) -> None:
    modules = {path.stem for path in (ROOT / "handbook/figures").glob("*.py")} - {"__init__", "__main__", "plot"}
    of_labs = {module for module in modules if module.startswith("lab_")}
    assert {path.parent.name.replace("-", "_") for path in drawn} - {"labs"} == modules - of_labs
    tables = {path.stem for path in drawn if path.parent == figures.TABLES}
    assert {module.removeprefix("lab_").replace("_", "-") for module in of_labs} <= tables | PREPARED
    assert {path.stem for path in drawn if path.parent.name == "labs" and path.suffix == ".svg"} == tables


def test_every_lab_has_its_static_side() -> None:
    for fence in lab_fences():
        static = fence.get("static", fence["name"])
        for path in (
            ()
            if static in PREPARED
            else (ROOT / figures.FIGURES / f"labs/{static}.svg", ROOT / figures.TABLES / f"{static}.yaml")
        ):
            assert path.is_file(), path


def test_check_is_silent_on_the_figures_as_they_are(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "--check") == 0
    assert capsys.readouterr() == ("", "")


def test_check_names_the_figure_with_a_changed_byte(
    copied: Path, drawn: dict[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in drawn:
        sound = path.read_bytes()
        broken = sound[:-3] + bytes([sound[-3] ^ 1]) + sound[-2:]
        path.write_bytes(broken)
        assert command(monkeypatch, "--check") == 1
        assert capsys.readouterr().err.startswith(f"{path}: differs")
        assert path.read_bytes() == broken, "--check has written"
        path.write_bytes(sound)


def test_check_names_a_missing_figure_and_a_rebuild_brings_it_back(
    copied: Path, drawn: dict[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(iter(drawn))
    path.unlink()
    assert command(monkeypatch, "--check") == 1
    assert capsys.readouterr().err.startswith(f"{path}: differs")
    assert command(monkeypatch) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert command(monkeypatch, "--check") == 0


def chapter_code(slug: str) -> dict:
    """Run the first program of a chapter and return its variables."""
    text = (ROOT / f"docs/genai/{slug}.md").read_text(encoding="utf-8")
    variables: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(re.search(r"```python\n(.+?)```", text, re.DOTALL)[1], variables)
    return variables


def test_the_flowers_of_the_introduction_are_those_of_its_program() -> None:
    printed = chapter_code("index")
    flowers = index.known_flowers(np.random.default_rng(12))
    for name, gaussian in index.learned(flowers).items():
        np.testing.assert_allclose(flowers[name], printed["flowers"][name])
        for ours, theirs in zip(gaussian, printed["model"][name], strict=True):
            np.testing.assert_allclose(ours, theirs)


def test_the_samples_of_the_types_are_those_of_their_program() -> None:
    printed = chapter_code("types")
    for name, values in types.samples().items():
        np.testing.assert_allclose(values, printed[name], err_msg=name)


# The plotter


def test_straight_lines_are_one_path_of_steps() -> None:
    lines = [(0, 0, 10, 0), (0, 5.04, 10, 5), (1, 1, 1, 3), (2, 2, 3, 4)]
    assert plot.strokes(lines, stroke="x") == '<path d="M0 0h10m-10 5h10m-9-4v2m1-1l1 2" stroke="x"/>'
    assert plot.strokes([], stroke="x") == ""


def test_rectangles_are_one_path_of_steps() -> None:
    boxes = [(1, 1, 4, 2), (6, 1, 4, 2)]
    assert plot.rectangles(boxes, fill="x") == '<path d="M1 1h4v2h-4zm5 0h4v2h-4z" fill="x"/>'


def test_cells_of_a_level_are_one_path_and_neighbours_one_stroke() -> None:
    grid = plot.cells([[2, 2, 0], [0, 1, 2]], 2, left=3, top=4, size=10 / 3, colour="x")
    assert grid == (
        '<g stroke="x" transform="translate(3 4)scale(3.333)"><path d="M1 1.5h1" stroke-opacity="0.50"/>'
        '<path d="M0 0.5h2m0 1h1" stroke-opacity="1.00"/></g>'
    )


@pytest.mark.parametrize(("count", "radius", "scale", "away"), [(39, 1, 1, 0.05), (40, 1, 2, 0.25), (40, 2, 1, 0.5)])
def test_marks_of_a_cloud_lie_where_they_are_seen_to_lie(count: int, radius: float, scale: int, away: float) -> None:
    xs, ys = np.random.default_rng(1).uniform(0, 100, (2, count))
    figure = plot.Figure(height=200)
    axes = figure.axes(plot.linear(0, 100, ticks=[]), plot.linear(0, 100, ticks=[]), bare=True, grid=False)
    axes.points(xs, ys, radius=radius)
    frame = axes._frame()
    path = etree.fromstring(figure.svg()).find(f"{SVG}path")
    steps = np.array(
        [
            [float(number) for number in re.findall(r"-?[\d.]+", step)]
            for step in path.get("d")[1:].removesuffix("h0").split("h0m")
        ]
    )
    drawn = steps.cumsum(axis=0) / scale
    assert path.get("transform") == ("scale(.5)" if scale == 2 else None)
    assert float(path.get("stroke-width")) == 2 * radius * scale
    meant = np.array([(frame.x(x), frame.y(y)) for x, y in zip(xs, ys, strict=True)])
    gaps = np.abs(meant[:, None] - drawn).max(axis=2)
    assert gaps.min(axis=1).max() <= away + 1e-9
    assert gaps.min(axis=0).max() <= away + 1e-9


# Every figure


def lab_fences() -> list[dict]:
    """Return what stands in the `lab` fences of the chapters."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/genai").glob("*.md"))]
    return [yaml.safe_load(fence) for text in texts for fence in re.findall(r"```lab\n(.+?)```", text, re.DOTALL)]


def palette() -> dict[str, str]:
    """Return the colours of the light scheme, by the names of their variables."""
    css = (ROOT / "docs/assets/stylesheets/handbook.css").read_text(encoding="utf-8")
    light = re.search(r'\[data-md-color-scheme="default"\] \{(.+?)\}', css, re.DOTALL)[1]
    return dict(re.findall(r"(--hb-[\w-]+): (#[0-9a-f]{6});", light))


def faults(text: str, prefix: str) -> Iterator[str]:
    """Say what keeps an SVG from being set into a page: its ids must start with the prefix."""
    if re.search(r"<\?|<!(?!--)", text):
        yield "it has a declaration or a processing instruction"
    try:
        root = etree.fromstring(text.encode())
    except etree.XMLSyntaxError as error:
        yield f"it is not well-formed: {error}"
        return
    yield from faults_of_root(root)
    for element in root.iter(etree.Element):
        name = element.tag.removeprefix(SVG)
        if name not in ELEMENTS | TEXTS:
            yield f"<{name}> is not allowed"
        yield from faults_of_attributes(element, prefix)
        if name in FILLED and inherited(element, "fill") is None:
            yield f"<{name}> has no fill, so it is black in either palette"
        if name in TEXTS:
            yield from faults_of_text(element)


def faults_of_root(root: etree._Element) -> Iterator[str]:
    """Say what is wrong with the size of the sheet."""
    box = re.fullmatch(r"0 0 (\d+(?:\.\d+)?) \d+(?:\.\d+)?", root.get("viewBox", ""))
    if not box:
        yield "its viewBox is not '0 0 width height'"
    elif not NARROWEST <= float(box[1]) <= WIDEST:
        yield f"its viewBox is {box[1]} wide, not {NARROWEST} to {WIDEST}"
    for name in ("width", "height"):
        if name in root.attrib:
            yield f"its root has a {name}"


def faults_of_attributes(element: etree._Element, prefix: str) -> Iterator[str]:
    """Say which attributes are unsafe, or fall outside the palette."""
    for name, value in element.attrib.items():
        plain = etree.QName(name).localname
        if plain in {"style", "class"} or plain.startswith("on"):
            yield f"{plain} is not allowed"
        if plain == "id" and not value.startswith(prefix):
            yield f"the id '{value}' does not start with '{prefix}'"
        if (plain in {"href", "src"} and not value.startswith("#")) or re.search(r"url\((?!#)", value):
            yield f"{plain}='{value}' points outside"
        if plain in COLOURED and value != "none":
            paint = re.fullmatch(r"var\((--hb-[\w-]+), (#[0-9a-f]{6})\)", value)
            if not paint or palette().get(paint[1]) != paint[2]:
                yield f"{plain}='{value}' is not of the palette"


def faults_of_text(element: etree._Element) -> Iterator[str]:
    """Say what makes a text too small to read."""
    size = inherited(element, "font-size") or "none"
    if not re.fullmatch(r"\d+(\.\d+)?", size) or float(size) < SMALLEST_TEXT:
        yield f"the text '{element.text}' has the size {size}, not {SMALLEST_TEXT} or more"
    for ancestor in (element, *element.iterancestors()):
        if re.search(r"scale|matrix|skew", ancestor.get("transform", "")):
            yield f"the text '{element.text}' is scaled"


def inherited(element: etree._Element, attribute: str) -> str | None:
    """Return an attribute of an element, or of the nearest element around it that has one."""
    around = (element, *element.iterancestors())
    return next((each.get(attribute) for each in around if attribute in each.attrib), None)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_figure_keeps_the_rules(path: Path) -> None:
    assert not list(faults(path.read_text(encoding="utf-8"), f"{path.parent.name}-{path.stem}-"))


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_figure_is_shown_in_its_chapter(path: Path) -> None:
    if path.parent.name == "labs":
        assert path.stem in {fence.get("static", fence["name"]) for fence in lab_fences()}
        return
    chapter = (ROOT / f"docs/genai/{path.parent.name}.md").read_text(encoding="utf-8")
    assert f"(../assets/figures/{path.parent.name}/{path.name})" in chapter


SOUND = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 120.5">
<defs><marker id="coins-toss-head"><path d="M0 0l4 2l-4 2z" fill="var(--hb-ink, #1f1d1a)"/></marker></defs>
<line x1="8" y1="9" x2="90" y2="9" stroke="var(--hb-rule, #d9d4ca)" marker-end="url(#coins-toss-head)"/>
<g fill="var(--hb-muted, #5c5750)" font-size="12" transform="translate(4 0)">
<text x="8" y="40">heads <tspan font-size="13.5">or tails</tspan></text>
</g>
<circle cx="40" cy="80" r="9" fill="none" stroke="var(--hb-2, #2f5d7c)"/>
</svg>
"""

# What stands in the sound figure, what the fault makes of it, and a word of what is said about it.
BROKEN = [
    (' viewBox="0 0 360 120.5"', "", "viewBox"),
    ("0 0 360 120.5", "8 0 360 120.5", "viewBox"),
    ("0 0 360 120.5", "0 0 339 120.5", "339 wide"),
    ("0 0 360 120.5", "0 0 381 120.5", "381 wide"),
    (' viewBox="', ' width="360" viewBox="', "width"),
    (' viewBox="', ' height="120" viewBox="', "height"),
    ('r="9"', 'r="9" style="fill: red"', "style"),
    ('r="9"', 'r="9" class="md-button"', "class"),
    ("<defs>", "<style>text { fill: red }</style><defs>", "<style>"),
    ("<defs>", "<script>alert(1)</script><defs>", "<script>"),
    ('r="9"', 'r="9" onclick="alert(1)"', "onclick"),
    ("<defs>", '<image href="https://example.org/a.png"/><defs>', "points outside"),
    ("<defs>", '<a xmlns:x="http://www.w3.org/1999/xlink" x:href="https://example.org/"/><defs>', "points outside"),
    ("url(#coins-toss-head)", "url(https://example.org/a.svg#head)", "points outside"),
    ("<defs>", '<?xml-stylesheet href="https://example.org/a.css"?><defs>', "processing instruction"),
    ("<svg ", '<!DOCTYPE svg SYSTEM "https://example.org/svg.dtd"><svg ', "declaration"),
    ("<defs>", '<p xmlns="http://www.w3.org/1999/xhtml">A coin</p><defs>', "p> is not allowed"),
    ("<defs>", "<foreignObject/><defs>", "<foreignObject>"),
    ('font-size="12"', 'font-size="11.9"', "size 11.9"),
    ('font-size="13.5"', 'font-size="9"', "size 9"),
    ('font-size="12"', 'font-size="80%"', "size 80%"),
    (' font-size="12"', "", "size none"),
    ("translate(4 0)", "translate(4 0) scale(0.5)", "scaled"),
    ('id="coins-toss-head"', 'id="head"', "does not start with"),
    ("var(--hb-2, #2f5d7c)", "#2f5d7c", "palette"),
    ("var(--hb-2, #2f5d7c)", "steelblue", "palette"),
    ("var(--hb-2, #2f5d7c)", "currentColor", "palette"),
    ("var(--hb-2, #2f5d7c)", "var(--hb-2)", "palette"),
    ("var(--hb-2, #2f5d7c)", "var(--hb-2, #2f5d7d)", "palette"),
    ("var(--hb-2, #2f5d7c)", "var(--hb-6, #2f5d7c)", "palette"),
    (' fill="none"', "", "<circle> has no fill"),
    (' fill="var(--hb-muted, #5c5750)"', "", "<text> has no fill"),
    ("</g>", "", "well-formed"),
]


def test_the_sound_figure_has_no_fault() -> None:
    assert list(faults(SOUND, "coins-toss-")) == []


@pytest.mark.parametrize(("old", "new", "said"), BROKEN, ids=[f"{case[2]}-{i}" for i, case in enumerate(BROKEN)])
def test_broken_figure_is_found(old: str, new: str, said: str) -> None:
    assert SOUND.count(old) == 1
    assert said in "\n".join(faults(SOUND.replace(old, new), "coins-toss-"))
