"""The rules of the gate. One rule is one small function, in the module of its kind:

    @rule("TABLE002", "In a table, Python-Markdown needs no backslash before a pipe in `code`, and prints it.")
    def escaped_pipe_in_code(page, site):
        yield at(line, column, "what is wrong; how to mend it")

and its cases are files in `tests/faults/<kind>/`. A rule for a page takes (page, site); a rule for the whole site,
`scope="site"`, takes the site and names the file with `at(…, path=…)`; `scope="built"` takes the built site.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handbook.checks.finding import Fix

KINDS = (
    "files", "meta", "headings", "blocks", "lists", "tables", "fences", "code", "links", "images", "footnotes",
    "snippets", "html", "security", "maths", "mermaid", "prose", "lint", "nav", "redirects", "config", "permanence",
    "questions", "citations", "figures", "terms", "labs", "built",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What a rule yields: a place and "what is wrong; how to mend it"."""

    line: int
    column: int
    message: str
    fixes: tuple[Fix, ...] = ()
    path: Path | None = None


@dataclass(frozen=True)
class Rule:
    code: str
    why: str
    check: Callable[..., Iterator[Fault]]
    severity: str = "error"
    scope: str = "page"
    kind: str = ""
    chapters: bool = False  # for the pages that the settings name as chapters only


RULES: dict[str, Rule] = {}


def rule(
    code: str, why: str, *, severity: str = "error", scope: str = "page", chapters: bool = False
) -> Callable[[Callable[..., Iterator[Fault]]], Callable[..., Iterator[Fault]]]:
    """Register a function as a rule; several may share one code."""

    def register(check: Callable[..., Iterator[Fault]]) -> Callable[..., Iterator[Fault]]:
        key = code
        while key in RULES:
            key += "+"
        RULES[key] = Rule(code, why, check, severity, scope, check.__module__.rpartition(".")[2], chapters)
        return check

    return register


def at(line: int, column: int, message: str, *fixes: Fix, path: Path | None = None) -> Fault:
    return Fault(line, column, message, fixes, path)


def load() -> dict[str, Rule]:
    """Import every kind of rule."""
    for kind in KINDS:
        importlib.import_module(f"handbook.checks.rules.{kind}")
    return RULES


def nearest(word: str, known: object, cutoff: float = 0.6) -> str:
    """The name most likely meant; "" if none is near."""
    import difflib  # noqa: PLC0415

    names = sorted(map(str, known))  # type: ignore[call-overload]
    by_case = {name.casefold(): name for name in names}
    if word.casefold() in by_case:
        return by_case[word.casefold()]
    return next(iter(difflib.get_close_matches(word, names, n=1, cutoff=cutoff)), "")
