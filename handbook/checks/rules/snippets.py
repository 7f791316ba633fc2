"""Snippets: what a page takes in is there, and from here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from handbook.checks import encoding
from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import PAGE_SUFFIXES, Site

INLINE = re.compile(r"^(?P<lead>[ \t>]*)(?P<escape>;*)-{1,}8<-{1,}[ \t]+(?P<quote>[\"'])(?P<name>.+?)(?P=quote)[ \t]*$")
BLOCK = re.compile(r"^[ \t>]*-{1,}8<-{1,}[ \t]*$")


def _snippets(page: Page, site: Site) -> Iterator[tuple[int, int, str]]:
    """(line, column, name) of each snippet; in fences as well, for those take them in too."""
    if not site.has("pymdownx.snippets"):
        return
    inside = False
    for number, line in enumerate(page.lines, start=1):
        if number <= page.body:
            continue
        if BLOCK.match(line):
            inside = not inside
            continue
        match = INLINE.match(line)
        if match and not match["escape"]:
            yield number, match.start("name") + 1, match["name"]
        elif inside and line.strip() and not line.strip().startswith(";"):
            yield number, len(line) - len(line.lstrip()) + 1, line.strip()


def _split(name: str) -> tuple[str, str]:
    """A snippet's file and its section; lines are left out."""
    match = re.match(r"(?i)(.*?)(?::([a-z][-_0-9a-z]*)|(?::-?\d*){1,2}(?:,-?\d*(?::-?\d*)?)*)?$", name)
    return match[1], match[2] or ""


def _find(site: Site, name: str) -> Path | None:
    for folder in site.snippet_folders:
        path = Path(folder) / name if os.path.isdir(folder) else Path(folder).parent / name
        if path.is_file():
            return path
    return None


def fragments(page: Page, site: Site) -> Iterator[Path]:
    """The files of text that a page takes in whole, and that are no pages themselves."""
    found = set()
    for line, _, name in _snippets(page, site):
        file = _find(site, name)  # with a section or lines, the name is none of a file
        is_text = file is not None and file.suffix in (*PAGE_SUFFIXES, ".txt", ".inc")
        if is_text and page.parsed[line - 1].kind == "text" and (site.name_of(file) or "") not in site.page_set:
            found.add(file)
    yield from sorted(found)


@rule("SNIP001", "A snippet that is missing leaves a hole in the text, and nothing says so.")
def missing(page: Page, site: Site) -> Iterator[Fault]:
    options = site.extensions.get("pymdownx.snippets") or {}
    for line, column, name in _snippets(page, site):
        path, _ = _split(name)
        if not path or re.match(r"https?://", name) or "{{" in name:
            continue
        file = _find(site, path)
        wrong = encoding.fault(file.read_bytes()) if file else None
        if wrong:
            yield at(line, column, f"snippet '{path}' can't be read, and stops the build: line {wrong[0]}: {wrong[2]}")
        if file:
            continue
        known = [file for file in site.files if not file.endswith(".md")] + site.pages
        near = nearest(path, known)
        hint = f"did you mean '{near}'?" if near else "mend the path (it counts from base_path)"
        if not options.get("check_paths"):
            hint += " and set check_paths: true, so that the build stops"
        yield at(line, column, f"snippet '{path}' does not exist; {hint}")


@rule("SNIP001", "A snippet that every page appends, and that is missing, leaves its abbreviations out.", scope="site")
def appended(site: Site) -> Iterator[Fault]:
    for name in (site.extensions.get("pymdownx.snippets") or {}).get("auto_append") or []:
        if not re.match(r"https?://", str(name)) and not _find(site, _split(str(name))[0]):
            place = (name.line, name.column) if getattr(name, "line", 0) else (1, 0)
            path = Path(name.path) if getattr(name, "path", "") else site.file
            yield at(*place, f"snippet '{name}' does not exist; mend the path (it counts from base_path)", path=path)


@rule("SNIP002", "Lines that are not in the file leave a hole in the text.")
def lines(page: Page, site: Site) -> Iterator[Fault]:
    for line, column, name in _snippets(page, site):
        path, wanted = _split(name)
        first = re.match(r":(\d+)", name[len(path) :])
        file = _find(site, path) if path and first and not wanted else None
        count = len(file.read_text("utf-8", "replace").splitlines()) if file else 0
        if file and int(first[1]) > count:
            yield at(line, column, f"'{path}' has {count} lines, and line {first[1]} is asked for; mend the numbers")


@rule("SNIP002", "A section that is not in the file leaves a hole in the text.")
def section(page: Page, site: Site) -> Iterator[Fault]:
    for line, column, name in _snippets(page, site):
        path, wanted = _split(name)
        file = _find(site, path) if path and wanted else None
        if file is None:
            continue
        text = file.read_text("utf-8", "replace")
        names = re.findall(r"-{1,}8<-{1,}[ \t]+\[[ \t]*start[ \t]*:[ \t]*([\w-]+)[ \t]*\]", text, re.IGNORECASE)
        if wanted not in names:
            near = nearest(wanted, names)
            hint = f"did you mean '{near}'?" if near else f"it has: {', '.join(names) or 'none'}"
            yield at(line, column, f"no section '{wanted}' in '{path}'; {hint}")


@rule("SNIP003", "A snippet whose mark is a little off is shown as it is written.")
def malformed(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("pymdownx.snippets"):
        return
    for line in page.parsed:
        if line.kind != "text":
            continue
        match = re.match(r"(-+8<-+)[ \t]*(.*)$", line.text)
        if match and match[2] and not INLINE.match(line.raw) and not match[2].startswith("["):
            name = match[2].strip("\"'“” ")
            yield at(line.number, line.column + 1, f'the snippet is not recognised; write --8<-- "{name}"')


@rule("SNIP005", "Text from elsewhere comes into the build unseen, and changes without anyone's doing.")
def remote(page: Page, site: Site) -> Iterator[Fault]:
    for line, column, name in _snippets(page, site):
        if re.match(r"(https?|ftp)://", name):
            yield at(line, column, "remote snippets are not allowed; copy the file into the docs, with its licence")
