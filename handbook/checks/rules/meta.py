"""Front matter: read as YAML, with keys that mean something."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator

from handbook.checks.page import FrontMatterError, Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

# What MkDocs and Material read.
KNOWN = frozenset(
    "title description template tags hide icon status search social authors date categories slug readtime links pin "
    "draft comments render_macros robots image author status subtitle inject_meta hero_title template "
    "exclude_from_sitemap print_site_type git-revision-date-localized".split()
)


HEAD_LINES = 6  # how far down front matter is looked for


@rule("META001", "Front matter that is not YAML is not read: no title, no description.")
def readable(page: Page, site: Site) -> Iterator[Fault]:
    try:
        _ = page.meta
    except FrontMatterError as error:
        if error.closed:
            yield at(error.line, error.column, str(error))


@rule("META002", "Front matter that is never closed is printed on the page.")
def closed(page: Page, site: Site) -> Iterator[Fault]:
    try:
        _ = page.meta
    except FrontMatterError as error:
        if not error.closed:
            yield at(error.line, error.column, str(error))


@rule("META002", "Front matter begins on the first line, between lines of three hyphens, or is printed on the page.")
def misplaced(page: Page, site: Site) -> Iterator[Fault]:
    if page.body:
        return
    known = KNOWN | set(site.settings.known_meta) | set(site.settings.chapter.get("meta", ()))
    for number, line in enumerate(page.lines[:HEAD_LINES], start=1):
        if re.fullmatch(r"\s*(-{2,}|\+{3}|[—–]+|={3,}|;{3}|-( -){2})\s*", line) and number < len(page.lines):
            key = re.match(r"\s*([\w-]+)\s*[:=](\s|$)", page.lines[number])
            if key and key[1].lower() in known and (number > 1 or line.rstrip() != "---"):
                message = "front matter is read only from the first line on, between lines of three hyphens"
                yield at(number, 1, f"{message}; move it up, or write ---")
        elif line.strip() and not line.startswith(("#", "<!--")):
            return


@rule("META011", "A first line of the shape 'word: text' is read as front matter, and is not shown.")
def swallowed(page: Page, site: Site) -> Iterator[Fault]:
    known = KNOWN | set(site.settings.known_meta) | set(site.settings.chapter.get("meta", ()))
    first = page.lines[0] if page.lines else ""
    key = re.match(r" {0,3}([A-Za-z0-9_-]+):(?!:)\s*\S", first)
    if key and key[1].lower() not in known and page.parsed[0].kind == "text":
        yield at(1, 1, f"the line is read as front matter ('{key[1]}: …') and vanishes; put the title before it")


@rule("META003", "A key that nothing reads is most often a misspelt one.")
def unknown_key(page: Page, site: Site) -> Iterator[Fault]:
    strict = site.settings.known_meta
    known = set(strict) or KNOWN
    for key in map(str, page.meta_or_none):
        if key in known:
            continue
        near = nearest(key, known, 0.75)
        # Where the project doesn't say which keys there are, only a near miss is a fault.
        if strict or near:
            hint = f"did you mean '{near}'?" if near else "remove it"
            yield at(page.meta_line(key), 1, f"unknown key '{key}'; {hint}")


@rule("META004", "Of a key that is given twice, only the last counts.")
def repeated_key(page: Page, site: Site) -> Iterator[Fault]:
    for line, key in page.repeated_meta:
        yield at(line, 1, f"the key '{key}' stands there already; keep one")


@rule("META005", "The page head, the lists of chapters and the reminders are made from these.", severity="warning")
def required_key(page: Page, site: Site) -> Iterator[Fault]:
    yield from _missing(page, site.settings.required_meta)


def _missing(page: Page, required: list[str]) -> Iterator[Fault]:
    for key in required:
        if key not in page.meta_or_none:
            yield at(1, 0, f"required key '{key}' is missing; add it to the front matter")
        elif page.meta_or_none[key] in (None, ""):
            yield at(page.meta_line(key), 0, f"required key '{key}' is empty; give it a value")


@rule("META005", "The page head, the lists of chapters and the reminders are made from these.", chapters=True)
def required_chapter_key(page: Page, site: Site) -> Iterator[Fault]:
    required = site.settings.chapter.get("meta", [])
    yield from _missing(page, sorted(required))
    for key in page.meta_or_none:
        if required and key not in required and not nearest(key, KNOWN - set(required), 0.75):
            near = nearest(str(key), required)
            yield at(
                page.meta_line(key), 0, f"unknown key '{key}'; " + (f"did you mean '{near}'?" if near else "remove it")
            )


@rule("META006", "Search engines show 50 to 160 characters.", chapters=True)
def description(page: Page, site: Site) -> Iterator[Fault]:
    least, most = site.settings.chapter.get("description", [0, 10**6])
    given = page.meta_or_none.get("description")
    if given is not None and not least <= len(str(given)) <= most:
        yield at(
            page.meta_line("description"), 0, f"description of {len(str(given))} characters; write {least} to {most}"
        )


@rule("META007", "The level decides how the chapter is listed and how long it stays fresh.", chapters=True)
def level(page: Page, site: Site) -> Iterator[Fault]:
    levels = site.settings.chapter.get("levels", [])
    if levels and "level" in page.meta_or_none and page.meta_or_none["level"] not in levels:
        yield at(page.meta_line("level"), 0, f"unknown level; write one of {', '.join(levels)}")


@rule("META008", "Freshness is counted from this date.", chapters=True)
def reviewed(page: Page, site: Site) -> Iterator[Fault]:
    if "reviewed" in page.meta_or_none and not isinstance(page.meta_or_none["reviewed"], datetime.date):
        yield at(page.meta_line("reviewed"), 0, "not a date; write it as 2026-11-21")


@rule("META009", "The chapter links to those that it builds on.", chapters=True)
def requires(page: Page, site: Site) -> Iterator[Fault]:
    for slug in page.meta_or_none.get("requires") or []:
        if not (page.path.parent / f"{slug}.md").is_file():
            yield at(page.meta_line("requires"), 0, f"no chapter '{slug}'; use a file name")


@rule("META010", "The reader is told how long the chapter takes.", chapters=True)
def minutes(page: Page, site: Site) -> Iterator[Fault]:
    from handbook.checks.chapter import words  # noqa: PLC0415

    pace = site.settings.chapter.get("words_a_minute")
    if not pace or not page.meta_or_none:
        return
    count = words(page)
    measured = math.ceil(count / pace)
    if page.meta_or_none.get("minutes") != measured:
        message = f"{count} words take {measured} minutes; write 'minutes: {measured}'"
        yield at(page.meta_line("minutes"), 0, message)
