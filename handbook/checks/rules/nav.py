"""The navigation: each entry leads somewhere, each page can be found."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import PAGE_SUFFIXES, Nav, Site

MAKERS = (
    "literate-nav",
    "awesome-pages",
    "awesome-nav",
    "section-index",
    "gen-files",
    "monorepo",
    "multirepo",
    "blog",
    "api-autonav",
)


def _entries(site: Site) -> Iterator[Nav]:
    yield from site.nav or ()


def _is_outside(target: str) -> bool:
    return bool(re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|(?:https?)?//", target))


def _at(site: Site, entry: Nav, message: str) -> Fault:
    return at(entry.line, entry.column, message, path=Path(entry.path) if entry.path else site.file)


@rule("NAV001", "A menu entry without its page is dead.", scope="site")
def missing(site: Site) -> Iterator[Fault]:
    if any(name in site.plugins for name in MAKERS) or site.makes_pages:
        return
    for entry in _entries(site):
        target = entry.target
        if _is_outside(target) or target.startswith("/") or not target:
            continue
        name = posixpath.normpath(target)
        if name not in site.file_set:
            other = site.by_lower_case.get(name.lower()) or nearest(name, site.pages)
            hint = f"did you mean '{other}'?" if other else "mend the path, or add the page"
            yield _at(site, entry, f"'{entry.target}' does not exist; {hint}")
        elif site.is_excluded(name):
            yield _at(site, entry, f"'{entry.target}' is excluded from the site; publish it, or take it out of nav")


@rule("NAV006", "An entry that MkDocs can't read stops the build.", scope="site")
def readable(site: Site) -> Iterator[Fault]:
    path, node = site.node("nav") or (site.file, None)
    for line, column, message in _unreadable(node) if node is not None else ():
        yield at(line, column, message, path=path)


def _unreadable(node: yaml.Node) -> Iterator[tuple[int, int, str]]:
    for entry in node.value if isinstance(node, yaml.SequenceNode) else ():
        place = (entry.start_mark.line + 1, entry.start_mark.column + 1)
        if isinstance(entry, yaml.MappingNode):
            for _, value in entry.value:
                yield from _unreadable(value)
            (key, value), *more = entry.value or [(None, None)]
            if key is None:
                yield *place, "an empty entry; name a page, or remove it"
            elif more:
                second = more[0][0]
                place = (second.start_mark.line + 1, second.start_mark.column + 1)
                yield *place, f"'{second.value}' is in the entry of '{key.value}'; begin it with a hyphen of its own"
            elif value.tag.endswith(":null") or value.value == []:
                yield *place, f"nothing is under '{key.value}'; name its page, or indent its pages below it"
            elif isinstance(value, yaml.MappingNode):
                yield *place, f"what is under '{key.value}' is no list; begin each entry with a hyphen"
            elif isinstance(value, yaml.ScalarNode) and not _is_text(value):
                yield *place, f"'{value.value}' is no page; name the .md file"
        elif isinstance(entry, yaml.ScalarNode) and not _is_text(entry):
            yield *place, f"'{entry.value}' is no page; write 'Title: page.md'"


def _is_text(node: yaml.ScalarNode) -> bool:
    return node.tag.rpartition(":")[2] not in ("int", "float", "bool", "null", "timestamp")


@rule("NAV002", "A page that is not in the navigation is found by nobody.", scope="site")
def orphans(site: Site) -> Iterator[Fault]:
    if site.nav is None or any(name in site.plugins for name in MAKERS) or site.makes_pages:
        return
    listed = {posixpath.normpath(entry.target.partition("#")[0]) for entry in _entries(site)}
    for name in site.pages:
        if name not in listed and not site.may_be_unlisted(name):
            page = site.page(name)
            if page is not None and page.meta_or_none.get("template"):
                continue
            yield at(1, 0, f"'{name}' is not in nav; add it there, or list it in not_in_nav", path=site.docs / name)


@rule(
    "NAV003",
    "A page that is listed twice has one place only: the menu opens at the last.",
    scope="site",
    severity="warning",
)
def twice(site: Site) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for entry in _entries(site):
        if entry.target in seen and entry.target.lower().endswith(PAGE_SUFFIXES):
            yield _at(site, entry, f"'{entry.target}' is in nav already, on line {seen[entry.target]}; keep one")
        seen.setdefault(entry.target, entry.line)


@rule("NAV004", "An absolute path in the menu is a 404 where the site is served below another path.", scope="site")
def absolute(site: Site) -> Iterator[Fault]:
    for entry in _entries(site):
        if entry.target.startswith("/"):
            yield _at(site, entry, f"'{entry.target}' is an absolute path in nav; name the .md file")


@rule("NAV005", "A menu entry with an unknown scheme is dead.", scope="site")
def scheme(site: Site) -> Iterator[Fault]:
    for entry in _entries(site):
        match = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", entry.target)
        if match and match[1].lower() not in ("http", "https", "mailto", "tel"):
            near = nearest(match[1].lower(), ("http", "https", "mailto"))
            hint = f"did you mean '{near}'?" if near else "use https"
            yield _at(site, entry, f"unknown scheme '{match[1]}' in nav; {hint}")
        elif re.match(r"https?(?::/?[^/]|//)", entry.target):
            yield _at(site, entry, f"'{entry.target}' is no address; write https://")
        elif not match and re.match(r"www\.|[\w-]+\.(com|org|net|io|dev)(/|$)", entry.target):
            yield _at(site, entry, f"'{entry.target}' has no scheme; add https://")
