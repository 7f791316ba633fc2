"""Footnotes: each mark has its note, each note its mark, once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.page import Line, Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site


def _notes(page: Page) -> Iterator[tuple[str, Line]]:
    for line in page.parsed:
        match = re.match(r"\[\^([^\]]+)\]:", line.text) if line.kind == "text" else None
        if match and line.indent < 4:
            yield match[1], line


def _marks(page: Page) -> Iterator[tuple[str, int]]:
    for match in re.finditer(r"\[\^([^\]\s]+|\w[\w .-]*)\]", page.inline):
        line, column = page.place(match.start())
        before = page.lines[line - 1][: column - 1]
        if not (page.inline[match.end() : match.end() + 1] == ":" and not before.strip(" \t>")):
            yield match[1], match.start()


@rule("NOTE001", "A mark without its note is shown in brackets.")
def undefined(page: Page, site: Site) -> Iterator[Fault]:
    notes = {name for name, _ in _notes(page)}
    if not site.has("footnotes"):
        for name, offset in _marks(page):
            if name in notes:
                yield at(*page.place(offset), "footnotes are not switched on; add footnotes to mkdocs.yml")
                return
        return
    snippets = "--8<--" in page.text
    for name, offset in _marks(page):
        if name not in notes and not snippets:
            near = nearest(name, notes)
            hint = f"did you mean [^{near}]?" if near else f"add a line '[^{name}]: …'"
            yield at(*page.place(offset), f"footnote [^{name}] is not defined; {hint}")


@rule("NOTE002", "A note that nothing points to has a link back that leads nowhere.")
def unused(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("footnotes"):
        return
    marks = {name for name, _ in _marks(page)}
    for name, line in _notes(page):
        if name not in marks and "--8<--" not in page.text:
            yield at(
                line.number,
                line.column + 1,
                f"footnote [^{name}] is never used; put its mark into the text, or remove it",
            )


@rule("NOTE003", "Of two notes with one name the first is lost.")
def duplicate(page: Page, site: Site) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for name, line in _notes(page):
        if name in seen:
            message = (
                f"footnote [^{name}] is defined already on line {seen[name]}, and that note is lost; name it otherwise"
            )
            yield at(line.number, line.column + 1, message)
        seen.setdefault(name, line.number)


@rule("NOTE004", "A footnote without text leads the reader to nothing.")
def empty(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("footnotes"):
        return
    for name, line in _notes(page):
        after = (row for row in page.parsed[line.number :] if row.kind != "blank")
        following = next(after, None)
        inside = following is not None and any(parent.line == line.number for parent in following.parents)
        if not line.text.partition("]:")[2].strip() and not inside and (following is None or following.starts):
            yield at(line.number, line.column + 1, f"footnote [^{name}] is empty; write it, or remove it and its mark")
