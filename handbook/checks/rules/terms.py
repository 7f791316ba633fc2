"""Terms: what a chapter sets in bold is defined in the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from handbook.checks import encoding
from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site


def glossary_terms(path: Path) -> set[str]:
    """The terms of the glossary, and what they are short for, in lower case and the singular."""
    lines = path.read_text(encoding="utf-8").splitlines()
    heads = [re.sub(r"\s*\{.*\}$", "", a) for a, b in pairwise(lines) if b.startswith(":   ")]
    names = {name for head in heads for name in (head, *re.split(r"\s*\(|\)", head)) if name}
    return {_singular(name) for name in names}


@lru_cache(maxsize=4)
def _terms(path: Path, changed: int) -> set[str]:
    return glossary_terms(path)


def _singular(term: str) -> str:
    term = " ".join(term.lower().split()).rstrip(".:,")
    return re.sub(r"(?<=[a-z]{3})s$", "", term)


@rule("GLOS001", "A term that the reader meets is explained in one place.", chapters=True)
def defined(page: Page, site: Site) -> Iterator[Fault]:
    glossary = site.settings.chapter.get("glossary")
    if not glossary:
        return
    path = site.docs / glossary
    wrong = encoding.fault(path.read_bytes())
    if wrong:
        line, column, message = wrong
        yield at(line, column, f"no term can be looked up here: {message}", path=path)
        return
    known = _terms(path, path.stat().st_mtime_ns)
    for number, line in page.prose:
        if re.match(r"\s*([-*]\s+\[|\|)", line):  # options and table rows define nothing
            continue
        for match in re.finditer(r"\*\*(.+?)\*\*", line):
            if _singular(match.group(1)) not in known:
                message = f"bold term '{match.group(1)}' is not in {site.docs.name}/{glossary}; define it there"
                yield at(number, match.start() + 1, message)
