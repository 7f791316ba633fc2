"""Mermaid: every diagram is drawn, by the real parser's word, and named for who can't see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.page import Fence, Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

EXPERIMENTAL = re.compile(
    r"^\s*((?:treemap|radar|architecture|venn|ishikawa|wardley|treeView|eventmodeling)(?:-beta)?|[a-zA-Z]+-beta)\b",
    re.MULTILINE,
)


def _diagrams(page: Page) -> Iterator[Fence]:
    for fence in page.fences:
        if fence.language == "mermaid":
            yield fence


@rule("MERM001", "A diagram that doesn't parse is an error box, or its source.")
def parses(page: Page, site: Site) -> Iterator[Fault]:
    draws = "handbook.markdown.diagrams" in str(site.extensions.get("pymdownx.superfences"))
    for fence in _diagrams(page):
        if not fence.text.strip():
            continue
        error, _ = _verdict(fence.text)
        # A browser sets HTML in labels; only our own pictures can't.
        if error and (draws or not error[2].startswith("HTML in a label")):
            line, column, message = error
            yield at(
                fence.line + max(line, 1),
                fence.indent + max(column, 1),
                f"{message}; mend the diagram" if ";" not in message and ":" not in message else message,
            )


Place = tuple[int, int, str]  # line, column, message


@lru_cache(maxsize=64)
def _verdict(source: str) -> tuple[Place | None, Place | None]:
    """What is wrong with a diagram, and what the picture that the build draws would lack."""
    from handbook.markdown import diagrams  # noqa: PLC0415 (loads the renderer)

    lines = source.split("\n")
    first = next((n for n, line in enumerate(lines, start=1) if re.match(r"\s*[a-zA-Z]", line)), 1)
    try:
        drawn = diagrams.render(source)
    except diagrams.DiagramError as error:
        return (error.line, error.column, error.message), None
    except diagrams.CannotDrawError as error:
        kind, _, reason = str(error).partition(": ")
        # Mermaid's own code stumbles over it, in a browser as well.
        if kind == "TypeError":
            message = f"Mermaid stops here ({reason}): a line lacks a part, or names what is not there"
            return (first, 1, f"{message}; mend the diagram"), None
        picture = next((n for n, line in enumerate(lines, start=1) if "img:" in line), first)
        message = "the build can't draw this kind of diagram, or a picture in it, and leaves it to the reader's browser"
        return None, (picture, 1, f"{message}; draw it otherwise, or as an SVG")
    for label in drawn.labels:
        sign = re.search(r"\bfa[bsr]?:fa-[\w-]+|\$\$.+\$\$", label)
        if sign:
            line = next((n for n, line in enumerate(lines, start=1) if sign.group() in line), first)
            return None, (line, 1, f"the picture shows '{sign.group()}' as it stands; write it in words")
    return None, None


@rule("MERM005", "What the build can't draw is missing on paper, and for who allows no scripts.", severity="warning")
def drawable(page: Page, site: Site) -> Iterator[Fault]:
    if "handbook.markdown.diagrams" not in str(site.extensions.get("pymdownx.superfences")):
        return
    for fence in _diagrams(page):
        _, lack = _verdict(fence.text) if fence.text.strip() else (None, None)
        if lack:
            line, column, message = lack
            yield at(fence.line + line, fence.indent + column, message)


@rule("MERM002", "A fence that is not called 'mermaid' shows the source.")
def name(page: Page, site: Site) -> Iterator[Fault]:
    for fence in page.fences:
        near = fence.language.lower() != "mermaid" and (
            fence.language.lower().startswith("mermaid") or nearest(fence.language.lower(), ["mermaid"], 0.8)
        )
        if (
            near or (fence.language != "mermaid" and fence.language.lower() == "mermaid")
        ) and fence.language not in site.custom_fences:
            yield at(fence.line, fence.column, f"unknown fence '{fence.language}'; use 'mermaid'")
        if not fence.language and re.match(
            r"\s*(flowchart|graph) (TD|LR|TB|RL|BT)\b|\s*sequenceDiagram\s*$", fence.text, re.MULTILINE
        ):
            yield at(fence.line, fence.column, "a diagram in a fence without a language; write ```mermaid")


@rule("MERM003", "An empty diagram is an empty box.")
def empty(page: Page, site: Site) -> Iterator[Fault]:
    for fence in _diagrams(page):
        if not re.sub(r"(?m)^\s*%%.*$", "", fence.text).strip():
            yield at(fence.line, fence.column, "an empty diagram; draw it or remove the fence")


@rule("MERM004", "A diagram without a name and a description is nothing to who can't see it.", severity="warning")
def described(page: Page, site: Site) -> Iterator[Fault]:
    if not site.settings.diagram_text:
        return
    for fence in _diagrams(page):
        if not fence.text.strip():
            continue
        for key in ("accTitle", "accDescr"):
            if not re.search(rf"^\s*{key}\s*[:{{]\s*\S", fence.text, flags=re.MULTILINE):
                yield at(fence.line, 0, f"the diagram has no {key}; say in words what it shows")


@rule("MERM006", "An experimental kind of diagram changes from version to version.", severity="warning")
def experimental(page: Page, site: Site) -> Iterator[Fault]:
    for fence in _diagrams(page):
        body = re.sub(r"\A\s*---\n.*?\n---\n", lambda m: "\n" * m.group().count("\n"), fence.text, flags=re.DOTALL)
        first = next(
            (
                (n, line)
                for n, line in enumerate(body.split("\n"), start=1)
                if line.strip() and not line.strip().startswith("%%")
            ),
            None,
        )
        match = EXPERIMENTAL.match(first[1]) if first else None
        if match:
            yield at(
                fence.line + first[0],
                fence.indent + match.start(1) + 1,
                f"'{match[1]}' is experimental, and may not be in the reader's Mermaid; use a settled kind",
            )


@rule("MERM007", "Without the custom fence, every diagram is shown as its source.")
def configured(page: Page, site: Site) -> Iterator[Fault]:
    if "mermaid" in site.custom_fences or any("mermaid" in n for n in (*site.plugins, *site.extensions)):
        return
    listed = str(site.config.get("extra_javascript") or "").lower()
    if "mermaid" in listed and not site.has("pymdownx.superfences"):
        return
    for fence in _diagrams(page):
        what = "the custom fence 'mermaid' is not configured, and the source is shown"
        yield at(fence.line, fence.column, f"{what}; add it to pymdownx.superfences in mkdocs.yml")
        break
