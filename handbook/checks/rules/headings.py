"""Headings: one title, an outline without gaps, and an address for each that lasts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.run import is_chapter
from handbook.checks.site import Site, given_ids


def _is_whole(page: Page) -> bool:
    """Whether the page has text of its own, and is not made by a template, a plugin or another file."""
    return (
        bool(page.text.strip())
        and not page.meta_or_none.get("template")
        and not re.search(r"\{[{%]|^\s*--8<--|\{!|^(?:#+ +)?::: ", page.text, re.MULTILINE)
    )


@rule(
    "HEAD002", "Of two headings with one id, only the first can be linked to; '#setup_1' moves when the order changes."
)
def duplicates(page: Page, site: Site) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    ids: set[str] = set()
    parents: list[tuple[int, str]] = []  # level and address of the headings above
    everywhere = is_chapter(site, site.name_of(page.path) or "")
    for heading in page.headings:
        while parents and parents[-1][0] >= heading.level:
            parents.pop()
        above = [key for _, key in parents]
        slug = key = heading.id or site.slug(heading.text) or heading.text
        parents.append((heading.level, slug))
        if not heading.id and heading.level > 2 and slug not in above and not everywhere:
            # 'Fixed' under each version of a list of changes is no accident.
            key = "\n".join([*above, slug])
        given = seen if heading.id else ids  # an id is one on the whole page
        key = slug if slug in given else key
        if key in seen:
            name = f"id '{heading.id}'" if heading.id else f"heading '{heading.text}'"
            what = f"{name} gives the same address as line {seen[key]}"
            yield at(heading.line, heading.column, f"{what}; name it otherwise, or give it an id of its own: {{#…}}")
        seen.setdefault(key, heading.line)
        seen.setdefault(slug, heading.line)
        if heading.id:
            ids.add(slug)


@rule("HEAD003", "A page has one title: search, tabs and screen readers know only one.")
def second_title(page: Page, site: Site) -> Iterator[Fault]:
    titles = [heading for heading in page.headings if heading.level == 1]
    for heading in titles[1:]:
        line = page.lines[heading.line - 1]
        if not re.match(r"\s*#[^#\s]", line):  # HEAD005 tells of a hashtag
            yield at(heading.line, heading.column, f"a second title, after line {titles[0].line}; use '##'")


@rule("HEAD003", "A page has one title, in raw HTML as well.")
def second_raw_title(page: Page, site: Site) -> Iterator[Fault]:
    titles = [heading.line for heading in page.headings if heading.level == 1]
    for tag in page.tags if titles else ():
        if tag.name == "h1" and not tag.closing:
            yield at(*page.place(tag.offset), f"a second title, after line {titles[0]}; use '##'")


@rule("HEAD004", "Without a title, the page is called after its file or its place in the navigation.")
def no_title(page: Page, site: Site) -> Iterator[Fault]:
    if not page.text.strip() and not site.makes_pages:
        yield at(1, 1, "the page is empty, and is published; begin it with '# Title', or remove it")
    elif not any(heading.level == 1 for heading in page.headings) and _is_whole(page):
        if page.meta_or_none.get("title") or re.search(r"<h1[\s>]", page.markup) or re.search(r"<h1", page.text):
            return
        body = next((line for line in page.parsed if line.kind not in ("front", "blank")), None)
        if body is not None and not page.text.lstrip().startswith("---\ntitle:"):
            yield at(1, 1, "the page has no title; begin it with '# Title'")


@rule("HEAD005", "Python-Markdown makes a heading of '#' without a space: a hashtag becomes a title.")
def hashtag(page: Page, site: Site) -> Iterator[Fault]:
    if site.has("pymdownx.saneheaders"):
        return
    for line in page.parsed:
        match = re.match(r"(#{1,6})([^#\s].*)$", line.text) if line.kind == "text" and line.role == "heading" else None
        if match:
            message = f"'{match[1]}' without a space starts a heading; write '\\{match[1]}', or put a space behind it"
            yield at(line.number, line.column + 1, message)


@rule("HEAD006", "A level that is left out makes a gap in the outline by which screen readers move.", chapters=True)
def levels(page: Page, site: Site) -> Iterator[Fault]:
    level = 1
    for heading in page.headings:
        if heading.level > level + 1:
            yield at(heading.line, 0, f"level {heading.level} after {level}; leave no level out")
        level = heading.level


@rule("HEAD007", "A heading without Latin letters gets the address '#_1', which moves when the order changes.")
def slug(page: Page, site: Site) -> Iterator[Fault]:
    if site._slugify is None:
        return
    for heading, identifier in site.heading_ids(page):
        if (
            not heading.id
            and heading.text.strip()
            and re.fullmatch(r"[-_]*\d*", identifier)
            and not re.search(r"[A-Za-z0-9]", heading.text)
        ):
            if "![" in heading.text or ":" in heading.text:
                continue
            yield at(
                heading.line,
                heading.column,
                "the heading has no Latin letters, and its address is not stable; give it one: {#id}",
            )


@rule("HEAD008", "A heading without text is announced as a heading, and says nothing.")
def empty(page: Page, site: Site) -> Iterator[Fault]:
    for heading in page.headings:
        if not heading.text.strip():
            yield at(heading.line, 1, "the heading is empty; give it text, or remove it")


@rule("HTML002", "Of two elements with one id, only the first can be linked to.")
def ids(page: Page, site: Site) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    own = {(heading.line, heading.id) for heading in page.headings if heading.id}
    titles = {site.slug(heading.text): heading.line for heading in page.headings if not heading.id}
    for offset, identifier in sorted(given_ids(page)):
        line, column = page.place(offset)
        if identifier in seen and seen[identifier] != line and (line, identifier) not in own:
            yield at(line, column, f"id '{identifier}' is given already on line {seen[identifier]}; choose another")
        elif identifier in titles and (line, identifier) not in own and abs(titles[identifier] - line) > 2:
            # Right beside its heading, it is the same place.
            message = f"id '{identifier}' is that of the heading on line {titles[identifier]}; choose another"
            yield at(line, column, message)
        seen.setdefault(identifier, line)


@rule("SECT001", "Readers of one chapter know their way in all: these sections are in each.", chapters=True)
def sections(page: Page, site: Site) -> Iterator[Fault]:
    present = {heading.text for heading in page.headings}
    for title in site.settings.chapter.get("sections", []):
        if title not in present:
            yield at(len(page.lines), 0, f"no section '{title}'; add '## {title}'")
