"""Mermaid fences, drawn at build time as inline SVG.

    ```mermaid
    flowchart LR
      accTitle: How text is made
      accDescr: A prompt goes in, the model adds one token after another.
      prompt[Prompt] --> model[Model] --> token[Next token]
    ```

The renderer is `mermaidx`: Mermaid's own JavaScript in an embedded engine, no browser.
Compared with Chromium on 21 November 2026, thirteen diagrams: mermaidx 0.10.1 drew all within 2 px and with the same
lines of text, at 0.4 to 4.8 s each; the Rust port merman 0.9.2 drew two alike, at 1 to 7 ms, and gives no line with an
error. Hence mermaidx and a cache.

What it draws is rewritten for the page.
Only shapes, text and markers stay, and no colour or style: the stylesheet colours Mermaid's class names,
so a diagram follows the palette and passes a policy that forbids inline styles.

`render` and `parse_error` are for checks and tests; `fence` is for pymdownx.superfences.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import importlib.metadata
import json
import logging
import os
import re
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import mermaidx

from handbook.markdown.page import where_in_fence, write_if_changed

# Under MkDocs' own logger, so that --strict counts our warnings.
log = logging.getLogger("mkdocs.handbook.diagrams")

# The name of the vendored library must not hold "mermaid":
# the plugin re-parses every page in which that word stands.
LIBRARY = "diagram-renderer.js"

# A series' colour is a number until the stylesheet gives it a hue: `#000003` becomes the class `hue-3`.
HUES = [f"#00000{n}" for n in range(1, 6)]
SERIES = [HUES[n % len(HUES)] for n in range(12)]
HUE = re.compile(r"#00000([1-5])|rgb\(0, ?0, ?([1-5])\)")

CONFIG = {
    "theme": "base",
    "look": "classic",
    "htmlLabels": False,
    "securityLevel": "strict",
    "deterministicIds": True,
    "handDrawnSeed": 1,
    "fontFamily": "sans-serif",
    "fontSize": 16,
    # Closer together than Mermaid's defaults: a page is narrower than a screen.
    "flowchart": {
        "htmlLabels": False,
        "nodeSpacing": 32,
        "rankSpacing": 44,
        "wrappingWidth": 180,
        "padding": 12,
        "subGraphTitleMargin": {"top": 6, "bottom": 8},
    },
    "state": {"nodeSpacing": 32, "rankSpacing": 44},
    "timeline": {"padding": 8},
    "sequence": {
        "diagramMarginX": 8,
        "diagramMarginY": 8,
        "mirrorActors": False,
        "width": 120,
        "height": 44,
        "actorMargin": 32,
    },
    "pie": {"textPosition": 0.65},
    "quadrantChart": {"pointRadius": 4, "pointTextPadding": 8},
    "themeVariables": {
        "fontSize": "16px",
        "pieTitleTextSize": "16px",
        "pieLegendTextSize": "16px",
        "pieSectionTextSize": "14px",
        **{f"pie{n}": colour for n, colour in enumerate(SERIES, start=1)},
        "xyChart": {"plotColorPalette": ",".join(SERIES)},
    },
    # What no diagram may set for itself: these decide the look and the safety of all.
    "secure": [
        "secure",
        "securityLevel",
        "startOnLoad",
        "maxTextSize",
        "maxEdges",
        "suppressErrorRendering",
        "htmlLabels",
        "theme",
        "look",
        "themeVariables",
        "themeCSS",
        "fontFamily",
        "altFontFamily",
        "fontSize",
        "dompurifyConfig",
        "deterministicIds",
        "handDrawnSeed",
    ],
}

KINDS = [
    "flowchart",
    "graph",
    "sequenceDiagram",
    "classDiagram",
    "stateDiagram",
    "stateDiagram-v2",
    "erDiagram",
    "gantt",
    "journey",
    "pie",
    "mindmap",
    "timeline",
    "quadrantChart",
    "gitGraph",
    "xychart",
    "xychart-beta",
    "sankey",
    "sankey-beta",
    "block",
    "block-beta",
    "packet",
    "packet-beta",
    "kanban",
    "radar-beta",
    "treemap-beta",
    "architecture-beta",
    "requirementDiagram",
    "C4Context",
]


@dataclass(frozen=True)
class Diagram:
    svg: str
    title: str  # accTitle, or empty
    description: str  # accDescr, or empty
    labels: tuple[str, ...]  # every text in the picture, in drawing order
    width: int  # natural size, in CSS pixels
    height: int


class DiagramError(ValueError):
    """The author's mistake: where it is and what is wrong."""

    def __init__(self, line: int, column: int, message: str):
        super().__init__(f"line {line}, column {column}: {message}")
        self.line, self.column, self.message = line, column, message


class CannotDrawError(RuntimeError):
    """Mermaid understands the diagram, but only a browser can draw it."""


def render(source: str) -> Diagram:
    """Draw a diagram. Raises DiagramError or CannotDrawError."""
    key = _key(source)
    if (diagram := _load(key)) is None:
        diagram = _draw(source)
        _store(key, diagram)
    return diagram


def is_drawn(source: str) -> bool:
    """Whether the drawing is at hand."""
    return (_cache() / f"{_key(source)}.json").is_file()


def parse_error(source: str) -> tuple[int, int, str] | None:
    """Line, column (both from 1) and message of the first mistake, or None."""
    try:
        render(source)
    except DiagramError as error:
        return error.line, error.column, error.message
    except CannotDrawError:
        pass
    return None


# --- Source ---------------------------------------------------------------------------------------------------------


class Text:
    """Text that remembers the line and column of each character when parts of it are cut out."""

    def __init__(self, text: str):
        self.text = text
        self.places = []
        line = column = 1
        for character in text:
            self.places.append((line, column))
            line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
        self.places.append((line, column))

    def cut(self, pattern: str) -> list[re.Match]:
        matches = list(re.finditer(pattern, self.text, re.MULTILINE))
        for match in reversed(matches):
            start, end = match.span()
            self.text = self.text[:start] + self.text[end:]
            del self.places[start:end]
        return matches


# Not every kind of diagram has a grammar for these two; all of ours may carry them, if need be after `%%`.
ACC_TITLE = r"^[ \t]*(?:%%[ \t]*)?accTitle[ \t]*:(.*)\n?"
ACC_DESCR = r"^[ \t]*(?:%%[ \t]*)?accDescr[ \t]*(?::(.*)|\{([^}]*)\}.*)\n?"

# What Mermaid removes before it counts lines: front matter, directives, comments, and space at the start.
FRONT_MATTER = r"\A-{3}[ \t]*\n(?:.*\n)*?-{3}[ \t]*\n"
DIRECTIVE = r"%%\{(?:(?!\}%%)[\s\S])*\}%%"
COMMENT = r"^[ \t]*%%(?!\{).*\n?"


def _read(source: str) -> tuple[Text, str, str]:
    """The text for Mermaid, the title and the description."""
    text = Text(source.replace("\r\n", "\n"))
    titles = text.cut(ACC_TITLE)
    descriptions = text.cut(ACC_DESCR)
    title = titles[-1][1] if titles else ""
    description = (descriptions[-1][1] or descriptions[-1][2] or "") if descriptions else ""
    return text, " ".join(title.split()), " ".join(description.split())


def _first_statement(text: Text) -> Text:
    """Cut from the text what Mermaid doesn't count."""
    for pattern in (FRONT_MATTER, DIRECTIVE, COMMENT, r"\A\s+"):
        text.cut(pattern)
    return text


CLICK = re.compile(r"^[ \t]*click[ \t]+\S+[ \t]+(?:href[ \t]+)?(.*)$", re.MULTILINE)


def _refuse_scripts(text: Text) -> None:
    for match in CLICK.finditer(text.text):
        target = re.match(r'"([^"]*)"', match[1])
        if not target or not _is_safe_link(target[1]):
            message = "a click may not run a script: link to a page, or leave it out"
            raise DiagramError(*text.places[match.start(1)], message)


MARKUP = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|sub|sup|small|big|span|div|p|img|code|font|center|script|style|svg|iframe)\b[^<>]*>"
)


def _refuse_markup(text: Text) -> None:
    """Labels are text: apart from <br/>, a tag would be shown as it is written, or be lost."""
    if tag := MARKUP.search(text.text):
        message = f"HTML in a label: {tag[0]} would be shown as text; only <br/> works, and `**bold**` in backticks"
        raise DiagramError(*text.places[tag.start()], message)


def _is_safe_link(url: str) -> bool:
    # Browsers ignore control characters and spaces in a scheme.
    return urlsplit(re.sub(r"[\x00-\x20]", "", url)).scheme.lower() in ("", "http", "https", "mailto")


# --- Drawing --------------------------------------------------------------------------------------------------------


def _draw(source: str) -> Diagram:
    text, title, description = _read(source)
    definition = text.text
    statement = _first_statement(text)
    if not statement.text.strip():
        raise DiagramError(1, 1, "the diagram is empty: write its kind first, such as flowchart TD")
    _refuse_scripts(statement)
    _refuse_markup(statement)

    try:
        raw = mermaidx.render(definition, config=CONFIG, theme=CONFIG["theme"]).svg()
    except RuntimeError as error:
        raise _explain(str(error).removeprefix("Mermaid rendering failed: "), statement) from error
    return _Tidy(raw, _prefix(source), title, description, _kind(statement)).diagram


def _kind(statement: Text) -> str:
    return re.match(r"[\w-]*", statement.text)[0]


def _prefix(source: str) -> str:
    return "d" + hashlib.sha256(source.encode()).hexdigest()[:10]


def _explain(reason: str, statement: Text) -> Exception:
    """Mermaid's message as ours, at the line of the author's source."""
    name, _, message = reason.partition(": ")
    # A fault in the code that draws has a name of its own; a fault in the diagram is a plain Error.
    if "produced no output" in reason or name in ("TypeError", "ReferenceError", "RangeError", "InternalError"):
        return CannotDrawError(reason)
    if name == "UnknownDiagramError":
        return DiagramError(*statement.places[0], _unknown_kind(_kind(statement)))
    return DiagramError(*_locate(message, statement))


def _unknown_kind(kind: str) -> str:
    near = get_close_matches(kind, KINDS, n=1)
    return f"unknown diagram type '{kind}'" + (f": did you mean '{near[0]}'?" if near else "")


def _locate(message: str, statement: Text) -> tuple[int, int, str]:
    """Line, column and a readable message for a parser's error."""
    flat = " ".join(message.split())
    # Mermaid's older parsers show the text around the mistake, with an arrow below it.
    if shown := re.search(r"on line (\d+)[^\n]*\n(.*)\n(-*)\^", message):
        line, context, arrow = int(shown[1]), shown[2], len(shown[3])
        at = _find(statement, context[:arrow].removeprefix("..."), context[arrow:].removesuffix("..."), line)
        if not statement.text[at:].strip():
            line, column = _unclosed(statement)
            return line, column, "the diagram ends too early: is a bracket, a quote or a block left open?"
        found = statement.text[at:].strip().split("\n")[0][:24]
        return *statement.places[at], f"unexpected '{found}': check the arrow, or put the label in double quotes"
    # Its newer ones give line and column.
    if given := re.search(r"on line (\d+), column (\d+)", message):
        at = _offset(statement, int(given[1]), int(given[2]))
        found = statement.text[at:].split("\n")[0][:24]
        return *statement.places[at], f"unexpected '{found}'" if found else "the line ends too early"
    # Others name what they stumbled over.
    named = re.search(r'["\'(]([^"\'()]+)["\')]', message)
    at = statement.text.rfind(named[1]) if named else -1
    return *statement.places[max(at, 0)], flat


def _find(statement: Text, before: str, after: str, line: int) -> int:
    """Offset at which the parser stopped: where the text around it is what it showed, nearest to the line it named."""
    places = [
        at
        for at in range(len(statement.text) + 1)
        if statement.text[:at].replace("\n", "").endswith(before)
        and statement.text[at:].replace("\n", "").startswith(after)
    ]
    if not places:
        return _offset(statement, line, 1)
    return min(places, key=lambda at: abs(statement.text.count("\n", 0, at) + 1 - line))


def _offset(statement: Text, line: int, column: int) -> int:
    lines = statement.text.split("\n")
    return min(sum(len(each) + 1 for each in lines[: line - 1]) + column - 1, len(statement.text))


def _unclosed(statement: Text) -> tuple[int, int]:
    """Place of the last bracket or quote that is never closed, else of the last character."""
    pairs = {")": "(", "]": "[", "}": "{"}
    open_at: list[int] = []
    offset = 0
    for line in statement.text.split("\n"):
        waiting: list[int] = []
        for at, character in enumerate(line, start=offset):
            if character in pairs.values():
                waiting.append(at)
            elif character in pairs and waiting and statement.text[waiting[-1]] == pairs[character]:
                waiting.pop()
        if line.count('"') % 2:
            waiting.append(offset + line.rindex('"'))
        open_at += waiting[:1]
        offset += len(line) + 1
    last = len(statement.text.rstrip()) - 1
    return statement.places[open_at[-1] if open_at else last]


# --- From Mermaid's SVG to the page's -------------------------------------------------------------------------------

ELEMENTS = {
    "svg",
    "g",
    "a",
    "defs",
    "marker",
    "symbol",
    "use",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polygon",
    "polyline",
    "text",
    "tspan",
}
# Text in these would be lost without a trace.
UNDRAWABLE = {"foreignObject", "image"}
GEOMETRY = {
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "dx",
    "dy",
    "width",
    "height",
    "d",
    "points",
    "transform",
    "viewBox",
    "refX",
    "refY",
    "markerWidth",
    "markerHeight",
}
PRESENTATION = {
    "text-anchor",
    "dominant-baseline",
    "font-size",
    "font-weight",
    "font-style",
    "stroke-width",
    "stroke-dasharray",
    "opacity",
    "marker-start",
    "marker-mid",
    "marker-end",
    "orient",
    "markerUnits",
}
# Classes of Mermaid's that no style sheet of ours names.
UNSTYLED = {
    "arrowMarkerPath",
    "basic",
    "default",
    "edge-pattern-solid",
    "edge-thickness-normal",
    "edgeLabels",
    "edgePaths",
    "flowchart-link",
    "flowchart-v2",
    "label",
    "label-container",
    "nodes",
    "root",
}
# Mermaid writes the initial value of these on every word.
INITIAL = {("font-weight", "normal"), ("font-style", "normal"), ("stroke-dasharray", "1, 0"), ("stroke-dasharray", "0")}
NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?|-?\d+e-\d+")
REFERENCE = re.compile(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)")


class _Tidy:
    """Rewrites one SVG: what isn't listed above is left behind."""

    def __init__(self, raw: str, prefix: str, title: str, description: str, kind: str):
        self.prefix, self.ids = prefix, {}
        # Without namespaces, as HTML has it.
        raw = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", raw).replace("xlink:href=", "href=")
        root = ET.fromstring(raw)
        _apply_style_sheet(root)
        self._clean(root)
        _centre_labels(root)
        _shorten(root)
        self._number(root)
        self._drop_empty(root)
        labels = tuple(filter(None, (_label(text) for text in root.iter("text"))))
        if not labels:
            raise DiagramError(1, 1, "the diagram draws nothing: it has a kind, but no content")
        if kind == "pie":
            _crop(root, left=32, right=40, bottom=32)
        width, height = (round(float(number)) for number in root.get("viewBox").split()[2:])
        name = title or f"Diagram: {', '.join(labels)}"
        self._frame(root, name, description, kind, width, height)
        svg = ET.tostring(root, encoding="unicode", short_empty_elements=True).replace(" />", "/>")
        self.diagram = Diagram(svg, title, description, labels, width, height)

    def _clean(self, element: ET.Element) -> None:
        for child in list(element):
            if child.tag in UNDRAWABLE:
                raise CannotDrawError(f"only a browser can draw <{child.tag}>")
            if child.tag not in ELEMENTS:
                element.remove(child)
            else:
                self._clean(child)
        self._clean_attributes(element)
        if element.text:
            element.text = html.unescape(element.text)  # Mermaid leaves `#quot;` half decoded
        if element.tag == "text":
            _join_words(element)
        if element.tag == "g":
            _join_outline(element)

    def _clean_attributes(self, element: ET.Element) -> None:
        given = dict(element.attrib)
        given.update(_declarations(given.pop("style", "")))
        element.attrib.clear()
        classes = given.get("class", "").split()
        for name, written in given.items():
            value = " ".join(written.split())
            if name in ("fill", "stroke"):
                if hue := HUE.fullmatch(value):
                    classes.append(f"hue-{hue[1] or hue[2]}")
                elif value == "none" and not {"messageLine0", "messageLine1"} & set(classes):
                    element.set(name, value)  # on messages, Mermaid's style sheet overrides it
            elif name == "href":
                if (element.tag == "a" and _is_safe_link(value)) or (element.tag == "use" and value.startswith("#")):
                    element.set(name, value)
            elif name == "id":
                element.set(name, value)
            elif name in GEOMETRY:
                element.set(name, _round(value))
            elif name in PRESENTATION and value and (name, value) not in INITIAL:
                element.set(name, value)
        if classes and element.tag != "tspan":
            element.set("class", " ".join(dict.fromkeys(classes)))

    def _number(self, root: ET.Element) -> None:
        """Give ids that something refers to a name of this diagram's own, and drop the rest."""
        used = set()
        for element in root.iter():
            for value in element.attrib.values():
                used.update(REFERENCE.findall(value))
            if element.tag == "use":
                used.add(element.get("href", "")[1:])
        for element in root.iter():
            old = element.attrib.pop("id", None)
            if old in used and old not in self.ids:
                self.ids[old] = f"{self.prefix}-{len(self.ids) + 1}"
                element.set("id", self.ids[old])
        for element in root.iter():
            for name, value in list(element.attrib.items()):
                if target := REFERENCE.fullmatch(value):
                    if target[1] in self.ids:
                        element.set(name, f"url(#{self.ids[target[1]]})")
                    else:
                        del element.attrib[name]
            if element.tag == "use":
                element.set("href", "#" + self.ids.get(element.get("href", "")[1:], ""))

    def _drop_empty(self, element: ET.Element) -> None:
        for child in list(element):
            self._drop_empty(child)
            unused = child.tag in ("marker", "symbol") and "id" not in child.attrib
            empty = child.tag in ("g", "defs", "a") and not len(child)
            blank = child.tag == "text" and not _label(child)
            sizeless = child.tag == "rect" and "width" not in child.attrib
            if unused or empty or blank or sizeless:
                element.remove(child)

    def _frame(self, root: ET.Element, name: str, description: str, kind: str, width: int, height: int) -> None:
        for attribute in ("width", "height", "id"):
            root.attrib.pop(attribute, None)
        root.set("class", kind)
        root.set("width", str(width))
        root.set("height", str(height))
        root.set("role", "img")
        root.set("aria-labelledby", f"{self.prefix}-title")
        root.insert(0, _element("title", f"{self.prefix}-title", name))
        if description:
            root.set("aria-describedby", f"{self.prefix}-desc")
            root.insert(1, _element("desc", f"{self.prefix}-desc", description))


def _crop(root: ET.Element, left: float, right: float, bottom: float) -> None:
    """A margin that no setting of Mermaid's takes away."""
    x, y, width, height = (float(number) for number in root.get("viewBox").split())
    root.set("viewBox", _round(f"{x + left} {y} {width - left - right} {height - bottom}"))


def _element(tag: str, identifier: str, text: str) -> ET.Element:
    element = ET.Element(tag, id=identifier)
    element.text = text
    return element


def _declarations(style: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in style.split(";") if ":" in declaration)
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _round(value: str) -> str:
    """A tenth of a pixel is enough, and the same on every machine."""
    return NUMBER.sub(lambda number: f"{round(float(number[0]), 1) + 0.0:g}", value)


# Of Mermaid's own style sheet only this stays, as attributes; the rest is colour.
INLINED = ("text-anchor", "dominant-baseline", "font-size", "font-weight", "font-style", "stroke-dasharray")


def _apply_style_sheet(root: ET.Element) -> None:
    sheet = "".join(style.text or "" for style in root.iter("style"))
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        kept = {name: value for name, value in _declarations(body).items() if name in INLINED}
        for selector in selectors.split(",") if kept else ():
            # Written `#my-svg .node text`; a selector with more to it than tags and classes has no bearing on us.
            _, *steps = selector.split()
            if steps and all(re.fullmatch(r"[\w-]*(\.[\w-]+)*", step) for step in steps):
                _apply_rule(root, steps, kept)


def _apply_rule(element: ET.Element, steps: list[str], attributes: dict[str, str]) -> None:
    """Set the attributes on what the steps lead to, from ancestor to descendant."""
    for child in element:
        tag, *classes = steps[0].split(".")
        here = (not tag or tag == child.tag) and set(classes) <= set(child.get("class", "").split())
        if here and len(steps) == 1:
            child.attrib.update(attributes)
        _apply_rule(child, steps[1:] if here and len(steps) > 1 else steps, attributes)


def _centre_labels(root: ET.Element) -> None:
    """Mermaid centres some labels by their measured width. Anchor them, as a reader's font may be narrower."""
    for group in root.iter("g"):
        classes = group.get("class", "").split()
        box = group.find("rect") if "cluster" in classes else None
        for label in group.findall("g"):
            move = re.fullmatch(r"translate\((-?[\d.]+), ?(-?[\d.]+)\)", label.get("transform", ""))
            texts = list(label.iter("text"))
            if not move or any(text.get("text-anchor") for text in texts):
                continue
            if "node" in classes and "label" in label.get("class", "").split():
                middle = "0"
            elif box is not None and "cluster-label" in label.get("class", "").split():
                middle = _round(str(float(box.get("x")) + float(box.get("width")) / 2))
            else:
                continue
            label.set("transform", f"translate({middle}, {move[2]})")
            for text in texts:
                text.set("text-anchor", "middle")


def _join_words(text: ET.Element) -> None:
    """One run of text for a line, where Mermaid writes one for each word; bold and italic words keep their own."""
    for row in text.findall("tspan"):
        words = list(row)
        if words and not any(word.attrib for word in words):
            row.text = "".join(word.text or "" for word in words)
            for word in words:
                row.remove(word)
        if row.text:
            row.text = re.sub(r"\s+", " ", row.text)


def _join_outline(group: ET.Element) -> None:
    """One path for a shape, where Mermaid writes a fill and, as if by hand, an outline."""
    shape = list(group)
    if len(shape) == 2 and all(path.tag == "path" for path in shape):
        fill, outline = shape
        if fill.get("stroke") == outline.get("fill") == "none" and fill.get("d", "").count("M") == 1:
            fill.attrib.pop("stroke")
            fill.attrib.pop("stroke-width", None)
            fill.set("d", fill.get("d").rstrip(" Z") + " Z")
            group.remove(outline)


def _shorten(root: ET.Element) -> None:
    """Leave out classes that nothing paints, and write paths as they are seen from the place before."""
    for element in root.iter():
        if kept := [name for name in element.get("class", "").split() if name not in UNSTYLED]:
            element.set("class", " ".join(kept))
        else:
            element.attrib.pop("class", None)
        if "d" in element.attrib:
            element.set("d", shorter(element.get("d")))


Step = tuple[str, list[int]]  # a command, and its coordinates in tenths
COORDINATES = {"M": 2, "L": 2, "C": 6, "Z": 0}


def shorter(path: str) -> str:
    """Write absolute moves, lines and curves as relative ones, and a straight way in several pieces as one."""
    tokens = re.findall(r"[A-Za-z]|-?[\d.]+", path)
    if not {token.upper() for token in tokens if token.isalpha()} <= set(COORDINATES) or "m" in tokens:
        return path
    written, last, pen, start = "", "", [0, 0], [0, 0]
    for command, place in _straightened(_parsed(tokens)):
        if command == "M":
            step, start = "M" + _numbers(place), place
        else:
            step = _step(command, [number - pen[at % 2] for at, number in enumerate(place)])
        if step[0] == last and last in "cl":  # said once for all that follow
            step = step[1:] if step[1] == "-" else " " + step[1:]
        else:
            last = step[0]
        written, pen = written + step, place[-2:] or start
    return written


def _step(command: str, away: list[int]) -> str:
    if command == "L" and 0 in away:
        return f"v{_numbers(away[1:])}" if away[0] == 0 else f"h{_numbers(away[:1])}"
    return command.lower() + _numbers(away)


def _parsed(tokens: list[str]) -> Iterator[Step]:
    command, at = "M", 0
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at].upper(), at + 1
        count = COORDINATES[command]
        yield command, [round(10 * float(number)) for number in tokens[at : at + count]]
        at += count
        if command == "M":
            command = "L"  # what follows a move without a command is a line


def _straightened(steps: Iterable[Step]) -> list[Step]:
    """Join pieces that go on upright or level in one direction; a curve between such points is a line as well."""
    joined: list[Step] = []
    pen, direction = [0, 0], None
    for command, place in steps:
        straight = _direction([pen, *zip(place[::2], place[1::2], strict=True)]) if command in "LC" else None
        if straight and straight == direction:
            joined.pop()
        joined.append(("L", place[-2:]) if straight else (command, place))
        pen, direction = place[-2:] or pen, straight
    return joined


def _direction(points: Sequence[Sequence[int]]) -> tuple[int, int] | None:
    """The way on which points follow each other upright or level, never turning back."""
    signs = {
        tuple((there > here) - (there < here) for here, there in zip(before, after, strict=True))
        for before, after in pairwise(points)
    } - {(0, 0)}
    only = signs.pop() if len(signs) == 1 else (1, 1)
    return only if 0 in only else None


def _numbers(tenths: list[int]) -> str:
    return " ".join(f"{number / 10:g}" for number in tenths).replace(" -", "-")


def _label(text: ET.Element) -> str:
    return " ".join(" ".join("".join(row.itertext()) for row in text).split() or (text.text or "").split())


# --- Cache ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _version() -> str:
    """Of everything that decides how a diagram comes out: the renderer, its font, and this file."""
    packages = [importlib.metadata.version(name) for name in ("mermaidx", "quickjs-ng", "novasvg")]
    return " ".join([*packages, hashlib.sha256(Path(__file__).read_bytes()).hexdigest()])


def _key(source: str) -> str:
    return hashlib.sha256(f"{_version()}\n{source}".encode()).hexdigest()


def _cache() -> Path:
    return Path(os.environ.get("HANDBOOK_CACHE", ".cache")) / "diagrams"


def _load(key: str) -> Diagram | None:
    try:
        fields = json.loads((_cache() / f"{key}.json").read_text(encoding="utf-8"))
        return Diagram(**{**fields, "labels": tuple(fields["labels"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _store(key: str, diagram: Diagram) -> None:
    """Write beside, then rename: another build sees the whole file or none."""
    folder = _cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, suffix=".tmp", delete=False) as file:
            json.dump(asdict(diagram), file, ensure_ascii=False)
        os.replace(file.name, folder / f"{key}.json")
    except OSError as error:
        log.info("diagram cache not written: %s", error)


# The sources that `handbook.markdown.drawing` is at work on, in the preview.
waiting: set[str] = set()


# --- The fence ------------------------------------------------------------------------------------------------------


def fence(source: str, language: str, css_class: str, options: dict, md, **kwargs) -> str:
    """Formatter for pymdownx.superfences."""
    if os.environ.get("HANDBOOK_DIAGRAMS") == "live":
        return _live(source)
    if source in waiting:
        return '<div class="diagram waiting"><p>This diagram is being drawn.</p></div>'
    try:
        diagram = render(source)
    except DiagramError as error:
        log.warning("%s: Mermaid: %s", where_in_fence(md, source, language, error.line), error.message)
        return _broken(source, error)
    except CannotDrawError as reason:
        log.info("%s: Mermaid: left to the browser: %s", where_in_fence(md, source, language, 1), reason)
        return _live(source)
    classes = " ".join(["diagram", *_breadth(diagram.width), *(kwargs.get("classes") or [])])
    identifier = f' id="{html.escape(kwargs["id_value"])}"' if kwargs.get("id_value") else ""
    # What may scroll on a phone must be reachable from the keyboard.
    focus = ' tabindex="0"' if _breadth(diagram.width) else ""
    return f'<div class="{html.escape(classes)}"{identifier}{focus}>{_unique(diagram.svg, source, md)}</div>'


# By this name mkdocs-mermaid2-plugin knows a formatter that writes `<pre class="mermaid"><code>`,
# and adds the loader to the pages that hold one.
fence.__name__ = "fence_mermaid_custom"


def _breadth(width: int) -> list[str]:
    """Fitted to a phone, a diagram wider than this has text below 10 pixels: the stylesheet lets it scroll instead."""
    return ["wider"] if width > 900 else ["wide"] if width > 560 else []


def _unique(svg: str, source: str, md) -> str:
    """The same diagram twice on a page needs other ids the second time."""
    seen = md.__dict__.setdefault("handbook_diagrams", {})
    prefix = _prefix(source)
    seen[prefix] = seen.get(prefix, 0) + 1
    return svg if seen[prefix] == 1 else svg.replace(prefix, f"{prefix}-{seen[prefix]}")


def _live(source: str) -> str:
    """For the browser to draw: mkdocs-mermaid2-plugin adds the loader to a page that has one."""
    text, title, description = _read(source)
    names = "".join(
        f' data-{name}="{html.escape(value)}"'
        for name, value in (("description", description), ("title", title))
        if value
    )
    code = html.escape(text.text, quote=False)
    return f'<div class="diagram"><pre class="mermaid"{names}><code>{code}</code></pre></div>'


def _broken(source: str, error: DiagramError) -> str:
    return (
        '<div class="diagram broken"><p><strong>This diagram has a mistake.</strong> '
        f"{html.escape(str(error), quote=False)}</p><pre><code>{html.escape(source, quote=False)}</code></pre></div>"
    )


# --- Command --------------------------------------------------------------------------------------------------------


def vendor(folder: Path) -> Path:
    """Write the live renderer's library: the same Mermaid with the same settings, without a download."""
    library = (Path(mermaidx.__file__).parent / "assets" / "mermaid.js").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / LIBRARY
    settings = json.dumps({**CONFIG, "startOnLoad": False})
    write_if_changed(target, f"{library}\nmermaid.initialize({settings});\n")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m handbook.markdown.diagrams", description="Diagram tools.")
    parser.add_argument("--vendor", type=Path, metavar="DIR", help=f"write the live renderer to DIR/{LIBRARY}")
    arguments = parser.parse_args()
    if not arguments.vendor:
        parser.error("nothing to do")
    print(vendor(arguments.vendor))


if __name__ == "__main__":
    main()
