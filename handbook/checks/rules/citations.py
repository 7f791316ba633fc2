"""Citations: `[@key]` of a source in the bibliography, and enough of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

CITATIONS = "handbook.markdown.citations"


@lru_cache(maxsize=2)
def _cited(page: Page) -> list[tuple[int, int, str]]:
    """(line, column, key) of each citation."""
    from handbook.markdown import citations  # noqa: PLC0415

    return [
        (number, line.find(key, match.start()) + 1, key)
        for number, line in page.prose
        for match in re.finditer(citations.CITATION, line)
        for key, _ in citations.references(match.group(1))
    ]


@rule("CITE001", "A citation without its source is no evidence.")
def known_key(page: Page, site: Site) -> Iterator[Fault]:
    if CITATIONS not in site.extensions:
        return
    from handbook.markdown import bibliography  # noqa: PLC0415

    known = bibliography.load()
    for line, column, key in _cited(page):
        if key not in known:
            near = nearest(key, known)
            hint = f"did you mean '{near}'?" if near else f"add it to {bibliography.BIBLIOGRAPHY.as_posix()}"
            yield at(line, column, f"unknown citation key '{key}'; {hint}")


@rule("CITE002", "A chapter rests on sources.", chapters=True)
def enough(page: Page, site: Site) -> Iterator[Fault]:
    from handbook.markdown import bibliography  # noqa: PLC0415

    chapter = site.settings.chapter
    wanted = chapter.get("sources_for", {}).get(page.path.stem, chapter.get("sources", 0))
    if not wanted:
        return
    cited = {key for _, _, key in _cited(page)} & set(bibliography.load())
    if len(cited) < wanted:
        yield at(1, 0, f"{len(cited)} sources are cited; cite at least {wanted} as [@key]")


@rule("CITE003", "A citation that is not written as one is shown with its brackets.")
def form(page: Page, site: Site) -> Iterator[Fault]:
    if CITATIONS not in site.extensions:
        return
    from handbook.markdown import citations  # noqa: PLC0415

    for match in re.finditer(r"\[@[^\]\n]*\]", page.inline):
        if "{" not in match.group() and not re.fullmatch(citations.CITATION, match.group()):
            line, column = page.place(match.start())
            yield at(line, column, f"'{match.group()}' is no citation; write [@key] or [@key, section 2]")
