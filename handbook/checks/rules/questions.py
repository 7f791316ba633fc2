"""Questions (`/// question`): each has one right answer, and says why of every option."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site

Option = tuple[int, bool, str, str]


def _are_on(site: Site) -> bool:
    return "handbook.markdown.questions" in site.extensions


@lru_cache(maxsize=2)
def question_blocks(page: Page) -> list[tuple[int, list[Option]]]:
    """(line, options) of each question; an option is (line, is right, text, feedback)."""
    return list(_question_blocks(page))


def _question_blocks(page: Page) -> Iterator[tuple[int, list[Option]]]:
    start, options = 0, []
    for number, line in page.prose:
        if line.strip() == "/// question":
            start, options = number, []
        elif line.strip() == "///" and start:
            yield start, [(at, right, text, " ".join(feedback)) for at, right, text, feedback in options]
            start = 0
        elif start:
            mark = re.match(r"[-*] +\[([ xX])\] +(.*)", line)
            if mark:
                options.append((number, mark.group(1) in "xX", mark.group(2), []))
            elif options and line.startswith("    ") and line.strip():
                options[-1][3].append(line.strip())


@rule("QUIZ001", "A chapter ends with enough questions to check oneself, and no more.", chapters=True)
def number(page: Page, site: Site) -> Iterator[Fault]:
    least, most = site.settings.chapter.get("questions", [0, 10**6])
    count = len(question_blocks(page))
    if not least <= count <= most:
        yield at(len(page.lines), 0, f"{count} questions; write {least} to {most} under '## Check yourself'")


@rule("QUIZ002", "A question has one right answer.")
def one_right(page: Page, site: Site) -> Iterator[Fault]:
    for line, options in question_blocks(page) if _are_on(site) else ():
        right = sum(is_right for _, is_right, _, _ in options)
        if right != 1:
            yield at(line, 0, f"{right} right options; mark exactly one with [x]")


@rule("QUIZ003", "Two options are a coin's throw, six are a puzzle.")
def options(page: Page, site: Site) -> Iterator[Fault]:
    for line, given in question_blocks(page) if _are_on(site) else ():
        if not 3 <= len(given) <= 5:
            yield at(line, 0, f"{len(given)} options; write three to five")


@rule("QUIZ004", "Who chose wrongly learns from the reason.")
def feedback(page: Page, site: Site) -> Iterator[Fault]:
    for _, given in question_blocks(page) if _are_on(site) else ():
        for line, _, _, why in given:
            if not why:
                yield at(line, 0, "no feedback; indent it by four spaces under the option")


@rule("QUIZ005", "'None of the above' tests nothing.")
def idle_option(page: Page, site: Site) -> Iterator[Fault]:
    for _, given in question_blocks(page) if _are_on(site) else ():
        for line, _, text, _ in given:
            if re.search(r"\b(all|none) of the (above|others)\b", text, flags=re.IGNORECASE):
                yield at(line, 0, f"'{text}' tests nothing; write an option of its own")
