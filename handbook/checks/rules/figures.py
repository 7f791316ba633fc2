"""Figures: each chapter shows something, described and captioned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site


@lru_cache(maxsize=2)
def _figures(page: Page) -> tuple[list[tuple[int, re.Match[str]]], list[int]]:
    """The pictures as (line, match), and the lines of the diagrams."""
    pictures = [(n, m) for n, line in page.prose if (m := re.match(r"!\[(.*)\]\((.+?)\)", line.strip()))]
    return pictures, [fence.line for fence in page.fences if fence.language == "mermaid"]


@rule("FIG001", "A chapter shows what prose can't.", chapters=True)
def at_least_one(page: Page, site: Site) -> Iterator[Fault]:
    if site.settings.chapter.get("figures") and not any(_figures(page)):
        yield at(1, 0, "the chapter has no figure; show what prose can't")


@rule("FIG002", "Who can't see the figure reads its description.", chapters=True)
def described(page: Page, site: Site) -> Iterator[Fault]:
    for line, picture in _figures(page)[0]:
        if len(picture.group(1).split()) < 6:
            yield at(line, 0, "say in a full sentence what the figure shows, between [ and ]")


@rule("FIG003", "A caption says what to see.", chapters=True)
def captions(page: Page, site: Site) -> Iterator[Fault]:
    pictures, drawings = _figures(page)
    given = sum(line.startswith("/// figure-caption") for _, line in page.prose)
    if site.settings.chapter.get("figures") and given != len(pictures) + len(drawings):
        message = f"{len(pictures) + len(drawings)} figures and {given} captions; follow each with /// figure-caption"
        yield at(1, 0, message)
