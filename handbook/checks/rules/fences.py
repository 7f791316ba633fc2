"""Fences: recognised, closed, and in a language that the highlighter knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

# What superfences recognises behind the language.
OPTIONS = re.compile(
    r"""(?:\{[^\n]*\}|(?:[ \t]*[a-zA-Z][a-zA-Z0-9_]*(?:=(?P<quot>"|').*?(?P=quot))?(?=[\t ]|$))*)[ \t]*$"""
)


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
        if name.lower() == "math" or site.has("markdown_exec") or "markdown-exec" in site.plugins or name == "vegalite":
            continue
        near = nearest(name, _lexers(), 0.7)
        hint = f"did you mean '{near}'?" if near else "use one that Pygments knows, or 'text'"
        yield at(fence.line, fence.column, f"unknown language '{name}'; {hint}")


@rule("CODE004", "A fence with an option that is not quoted is no fence: its code is shown as text.")
def options(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("pymdownx.superfences") or site.extensions["pymdownx.superfences"].get("relaxed_headers"):
        return
    for fence in page.fences:
        info = fence.info.lstrip("`~").strip()
        rest = re.sub(r"^\.?[\w#.+-]+(?=[\t ]|$)", "", info)
        if not rest or OPTIONS.match(rest):
            continue
        loose = re.search(r"([a-zA-Z_]\w*)=([^\"'\s]\S*)", rest)
        if loose:
            mend = f'quote the option: {loose[1]}="{loose[2]}"'
        elif re.match(r"\s*:\S", rest) or re.match(r"\S*:", rest):
            mend = f'write the file name as a title: title="{rest.strip().lstrip(":")}"'
        elif rest.split()[0] in site.hooks:
            continue  # the site's own mark
        else:
            mend = 'write options as name="value"'
        yield at(fence.line, fence.column, f"the fence is not recognised and its code is shown as text; {mend}")
