"""Fences: recognised, closed, and in a language that the highlighter knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

# Names for text without colours, which any highlighter shows as it is.
PLAIN = frozenset("plain plaintext txt none nohighlight no-highlight math vegalite csv tsv".split())


@rule("CODE001", "A fence that is not closed is shown as it is written, or takes in the rest of the page.")
def unclosed(page: Page, site: Site) -> Iterator[Fault]:
    for line, column, why in page.unclosed_fences:
        yield at(
            line,
            column,
            f"the fence is not one: {why}"
            if why.startswith("line")
            else f"the fence opens here, and {why.removeprefix('it ')}",
        )


MARKS = re.compile(r"^[ \t>]*(``|[´‘’'\"]{3})[\w+-]*[ \t]*$", re.MULTILINE)


@rule("CODE001", "Two marks, or marks of another kind, make no fence: the code is text in one line.")
def marks(page: Page, site: Site) -> Iterator[Fault]:
    for run in page.runs if MARKS.search(page.text) else ():
        ends = [line.text.rstrip() for line in run]
        for number, line in enumerate(run):
            match = MARKS.match(line.text)
            if match and match[1] in ends[number + 1 :]:
                yield at(
                    line.number, line.column + 1, f"'{match[1]}' makes no fence; write ``` before and after the code"
                )
                break


@cache
def _lexers() -> frozenset[str]:
    from pygments.lexers import get_all_lexers  # noqa: PLC0415

    return frozenset(alias.lower() for _, aliases, _, _ in get_all_lexers() for alias in aliases)


@rule("CODE002", "A language that the highlighter doesn't know gets no colours.")
def language(page: Page, site: Site) -> Iterator[Fault]:
    for fence in page.fences:
        name = fence.language
        if not name or name in site.custom_fences or name.startswith("mermaid") or name.lower() in _lexers():
            continue
        if name.lower() in PLAIN or site.has("markdown_exec") or "markdown-exec" in site.plugins:
            continue
        if name in _own_languages(site) or (site.requires("lexer") and not nearest(name, _lexers(), 0.8)):
            continue
        near = nearest(name, _lexers(), 0.7)
        hint = f"did you mean '{near}'?" if near else "use one that Pygments knows, or 'text'"
        yield at(fence.line, fence.column, f"unknown language '{name}'; {hint}")


def _own_languages(site: Site) -> set[str]:
    """The names that the site gives to lexers with options."""
    given = (site.extensions.get("pymdownx.highlight") or {}).get("extend_pygments_lang") or []
    return {str(entry.get("name")) for entry in given if isinstance(entry, dict)}


@rule("CODE004", "A fence with an option that is not quoted is no fence: its code is shown as text.")
def options(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("pymdownx.superfences") or site.extensions["pymdownx.superfences"].get("relaxed_headers"):
        return
    from pymdownx.superfences import RE_NESTED_FENCE_START  # noqa: PLC0415 (slow to load)

    for fence in page.fences:
        match = RE_NESTED_FENCE_START.match(fence.info)
        if match is None or match["unrecognized"] is None:
            continue
        rest = match["unrecognized"].strip()
        if rest.split()[0] in site.hooks:
            continue  # the site's own mark
        loose = re.search(r"([a-zA-Z_]\w*)=[“”]?([^\"'\s“”][^\s“”]*)", rest)
        file = re.match(r"(?:[\w#.+-]*:)?(\S+\.\w+)$", rest)
        if loose:
            mend = f'quote the option: {loose[1]}="{loose[2]}"'
        elif file:
            mend = f'write the file name as a title: title="{file[1]}"'
        else:
            mend = 'write options as name="value"'
        column = fence.column + match.start("unrecognized") + (loose.start() if loose else 0)
        column += len(match["unrecognized"]) - len(match["unrecognized"].lstrip())
        column -= len(fence.info) - len(fence.info.lstrip("`~").lstrip())
        yield at(fence.line, column, f"the fence is not recognised and its code is shown as text; {mend}")
