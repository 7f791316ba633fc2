"""Redirects (mkdocs-redirects): each leads from a page that is gone to one that is there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.rules.links import page_address
from handbook.checks.site import Site


def maps(site: Site) -> dict[str, str]:
    given = site.plugins.get("redirects", {}).get("redirect_maps") or {}
    return {str(source): str(target) for source, target in given.items()}


def _at(site: Site, source: str, message: str) -> Fault:
    path, line = site.line_of(source)
    return at(line, 0, message, path=path)


def _inside(site: Site, target: str) -> str:
    """A target as the page that it names: an address of the site's own becomes its page; "" for another site."""
    own = str(site.config.get("site_url") or "")
    if own and target.startswith(own):
        return target[len(own) :].partition("#")[0].strip("/").removesuffix("/index.html") + ".md"
    if _is_address(target):
        return ""
    return posixpath.normpath(target.partition("#")[0])


def _is_address(target: str) -> bool:
    """Whether the plugin takes a target for an address; from all others but pages it makes no redirect."""
    return target.lower().startswith(("http://", "https://"))


@rule("REDIR001", "A redirect to a page that is not there is a 404 with a detour.", scope="site")
def target(site: Site) -> Iterator[Fault]:
    sources = maps(site)
    for source, goal in sources.items():
        name = _inside(site, goal)
        known = name in site.pages or name.replace(".md", "/index.md") in site.pages or name in ("", ".md", ".")
        if goal.startswith("/") or (re.match(r"[a-z][\w+.-]*:", goal, re.IGNORECASE) and not _is_address(goal)):
            yield _at(site, source, f"redirect target '{goal}' is no page, and nothing leads there; name a .md file")
        elif not known and name not in sources and not site.makes_pages:
            near = nearest(name, site.pages)
            hint = f"did you mean '{near}'?" if near else "name a page that is there"
            yield _at(site, source, f"redirect target '{goal}' does not exist; {hint}")


@rule("REDIR002", "A redirect to an anchor that is not there lands at the top of the page.", scope="site")
def anchor(site: Site) -> Iterator[Fault]:
    for source, goal in maps(site).items():
        name, fragment = _inside(site, goal), goal.partition("#")[2]
        if fragment and name in site.pages and fragment not in site.anchors(name):
            rendered = site.rendered_anchors(name)
            if rendered is not None and fragment not in rendered:
                near = nearest(fragment, site.anchors(name) | rendered)
                hint = f"did you mean '#{near}'?" if near else "name one that is there"
                yield _at(site, source, f"'{name}' has no anchor '#{fragment}'; {hint}")


@rule("REDIR003", "A redirect from a page that is there overwrites it.", scope="site")
def shadow(site: Site) -> Iterator[Fault]:
    addresses = {page_address(site, name): name for name in site.pages}
    for source in maps(site):
        page = addresses.get(page_address(site, source))
        if page:
            yield _at(site, source, f"'{page}' is a page, and the redirect overwrites it; remove one of the two")


@rule("REDIR004", "Redirects in a circle never arrive.", scope="site")
def loops(site: Site) -> Iterator[Fault]:
    sources = {page_address(site, source): (source, goal) for source, goal in maps(site).items()}
    told: set[str] = set()
    for start in sources:
        path, current = [], start
        while current in sources and current not in path:
            path.append(current)
            inside = _inside(site, sources[current][1])
            current = page_address(site, inside) if inside else ""
        if current in path and current not in told:
            told.update(path)
            names = [sources[step][0] for step in [*path[path.index(current) :], current]]
            yield _at(site, sources[start][0], f"redirects in a circle: {' -> '.join(names)}; let one lead to a page")


@rule("REDIR005", "The source of a redirect is the page that was: a .md file, without an anchor.", scope="site")
def source_name(site: Site) -> Iterator[Fault]:
    for source in maps(site):
        if not source.endswith(".md") or source.startswith("/") or "#" in source:
            yield _at(site, source, f"'{source}' is no page; name the .md file that was")
