"""Citations: `[@key]` of a source in the bibliography, and enough of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks import encoding
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


def _unread() -> Fault | None:
    """Why no citation can be looked up; None where the bibliography can be read."""
    import yaml  # noqa: PLC0415

    from handbook.markdown import bibliography  # noqa: PLC0415

    path = bibliography.BIBLIOGRAPHY
    line, column, reason = 1, 0, ""
    try:
        bibliography.load()
    except FileNotFoundError as error:
        from handbook.checks.run import CheckError  # noqa: PLC0415 (they name each other)

        raise CheckError(f"no '{path}' from here; run the check in the folder of mkdocs.yml") from error
    except UnicodeDecodeError as error:
        line, column, reason = encoding.fault(path.read_bytes()) or (1, 0, str(error))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 0)
        reason = f"invalid YAML: {getattr(error, 'problem', None) or error}; mend the file"
    except bibliography.BibliographyError as error:
        _, key, why = str(error).split(": ", 2)
        keys = [row.partition(":")[0] for row in path.read_text(encoding="utf-8").splitlines()]
        line, reason = keys.index(key) + 1 if key in keys else 1, f"{key}: {why}"
    return at(line, column, f"no source can be looked up here: {reason}", path=path) if reason else None


@rule("CITE001", "A citation without its source is no evidence.")
def known_key(page: Page, site: Site) -> Iterator[Fault]:
    if CITATIONS not in site.extensions:
        return
    from handbook.markdown import bibliography  # noqa: PLC0415

    unread = _unread()
    if unread:
        yield unread
        return
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
    if _unread():
        return  # CITE001 tells
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
