"""A built site beside its sources: the broken links of the one, at their places in the other."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from handbook.checks import site_links
from handbook.checks.finding import Finding
from handbook.checks.page import Page
from handbook.checks.rules import Fault, at
from handbook.checks.rules.links import page_address, resolve, targets
from handbook.checks.site import PAGE_SUFFIXES, Site


class BuiltError(Exception):
    """The built site can't be checked."""


class Built:
    """`root` is the folder into which the site was built."""

    def __init__(self, site: Site, root: Path) -> None:
        self.site, self.root = site, root
        self.sources = {page_address(site, name): name for name in site.pages}
        for address, name in self.sources.items():
            page = root / address
            if page.is_file() and page.stat().st_mtime < (site.docs / name).stat().st_mtime:
                raise BuiltError(f"'{root}' is older than {site.shown(site.docs / name)}; build the site anew")
        try:
            self.findings = site_links.check(root)
        except (FileNotFoundError, ValueError) as error:
            raise BuiltError(str(error)) from error

    def faults(self, rule: str) -> Iterator[Fault]:
        for finding in self.findings:
            if finding.rule == rule:
                yield self._at_source(finding)

    def _at_source(self, finding: Finding) -> Fault:
        name = self.sources.get(finding.path, finding.path)
        source = self.site.docs / name
        if name == finding.path and source.is_file():  # copied as it is
            return at(finding.line, 0, finding.message, path=source)
        page = self.site.page(name) if finding.path in self.sources else None
        # The message begins with the address, or speaks of an empty one.
        url = finding.message.split("'")[1] if finding.message.startswith("'") else ""
        offset = self._offset(page, name, url) if page else None
        if page and offset is not None:
            return at(*page.place(offset), finding.message, path=source)
        built = f"{self.root.as_posix()}/{finding.path}:{finding.line}"
        if page:  # from a template, an extension or a plugin
            return at(1, 0, f"{finding.message} (it is not in the source; see {built})", path=source)
        return at(finding.line, 0, finding.message, path=self.root / finding.path)

    def _offset(self, page: Page, name: str, url: str) -> int | None:
        """Where the source writes an address that the built page has."""
        wanted = self._absolute(page_address(self.site, name), url)
        for offset, target, is_raw in self._written(page):
            if target == url or self._goal(page, name, target, is_raw) == wanted:
                return offset
        return None

    def _written(self, page: Page) -> Iterator[tuple[int, str, bool]]:
        for link, target in targets(page):
            yield link.target_offset, target, False
        for tag in page.tags:
            for key in ("href", "src", "poster", "data"):
                if key in tag.attributes:
                    line, column = page.place_of_value(tag, key)
                    yield page.starts[line - 1] + column - 1, tag.attributes[key], True

    def _goal(self, page: Page, name: str, target: str, is_raw: bool) -> str:
        """The address within the site to which what is written leads."""
        path, mark, fragment = target.partition("#")
        if is_raw or not path or urlsplit(target).scheme or target.startswith("/"):
            return self._absolute(page_address(self.site, name), target)
        goal = resolve(self.site, page, unquote(path))
        if goal.lower().endswith(PAGE_SUFFIXES):
            goal = page_address(self.site, goal)
        return self._absolute("", goal + mark + fragment)

    def _absolute(self, base: str, url: str) -> str:
        parts = urlsplit(urljoin(self._origin + base, url))
        path = unquote(parts.path)
        folder = posixpath.dirname(path) if path.endswith("/index.html") else path.rstrip("/")
        return f"{parts.netloc}{folder}#{unquote(parts.fragment)}"

    @cached_property
    def _origin(self) -> str:
        return site_links.published_address(self.root) or site_links.UNKNOWN_ORIGIN
