"""What the editions are made of: the built pages in the order of the navigation, and the facts of a title page."""

from __future__ import annotations

import datetime
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from lxml import etree

from handbook.markdown.page import DOCS

CONFIG = Path("mkdocs.yml")
LANGUAGE = "en"
LICENCE = ("Creative Commons Attribution 4.0 International", "https://creativecommons.org/licenses/by/4.0/")


class EditionError(RuntimeError):
    """An edition can't be made; the message says what is missing."""


@dataclass
class Page:
    """One page: `url` is its folder below the site's root, `part` the heading above it in the navigation."""

    source: str
    part: str
    article: etree._Element | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        path = self.source.removesuffix(".md")
        return re.sub(r"(^|/)index$", r"\1", path) if re.search(r"(^|/)index$", path) else f"{path}/"

    @property
    def key(self) -> str:
        """A name that is unique, and may be a file's name or an id."""
        return self.source.removesuffix(".md").replace("/", "-")

    @property
    def title(self) -> str:
        text = (DOCS / self.source).read_text(encoding="utf-8")
        return re.search(r"^# (.+)$", text, flags=re.MULTILINE).group(1).strip()

    @property
    def meta(self) -> dict:
        text = (DOCS / self.source).read_text(encoding="utf-8")
        match = re.match(r"---\n(.*?)\n---\n", text, flags=re.DOTALL)
        return yaml.safe_load(match.group(1)) if match else {}


@dataclass
class Book:
    """All pages, and what a title page tells."""

    title: str
    description: str
    pages: list[Page]
    moment: datetime.datetime

    @property
    def file_name(self) -> str:
        return re.sub(r"\W+", "-", self.title.lower()).strip("-")

    @property
    def date(self) -> str:
        return f"{self.moment.day} {self.moment:%B %Y}"

    @property
    def home(self) -> Page:
        return self.pages[0]

    @property
    def chapters(self) -> list[Page]:
        """Every page but the contents page."""
        return self.pages[1:]

    def parts(self) -> Iterator[tuple[str, list[Page]]]:
        parts: dict[str, list[Page]] = {}
        for page in self.chapters:
            parts.setdefault(page.part, []).append(page)
        yield from parts.items()

    def resolve(self, page: Page, href: str) -> tuple[Page | None, str]:
        """Return (page, fragment) where a link of `page` leads; no page where it leaves the book."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return None, ""
        if not parts.path:
            return page, parts.fragment
        path = posixpath.normpath(posixpath.join("/", page.url, parts.path)).removesuffix("/index.html").strip("/")
        return self._by_path.get(path), parts.fragment

    @property
    def _by_path(self) -> dict[str, Page]:
        return {page.url.strip("/"): page for page in self.pages}


class _Loader(yaml.SafeLoader):
    """Reads mkdocs.yml without running what its tags name."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


def load(config: Path = CONFIG) -> Book:
    """Read the navigation and the dates of the chapters."""
    settings = yaml.load(config.read_text(encoding="utf-8"), Loader=_Loader)
    pages = [Page(source, part) for part, source in _walk(settings["nav"])]
    if pages[0].source != "index.md":
        raise EditionError(f"{config}: the navigation begins with index.md, the contents page")
    return Book(settings["site_name"], settings["site_description"], pages, _moment(pages))


def _walk(entries: list, part: str = "") -> Iterator[tuple[str, str]]:
    for entry in entries:
        if isinstance(entry, str):
            yield part, entry
        else:
            for title, inside in entry.items():
                yield from _walk(inside, title) if isinstance(inside, list) else [(part, inside)]


def _moment(pages: list[Page]) -> datetime.datetime:
    """The date that the editions bear: SOURCE_DATE_EPOCH, else the day of the newest review."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    newest = max(str(page.meta.get("reviewed", "1980-01-01")) for page in pages)
    return datetime.datetime.fromisoformat(newest).replace(tzinfo=datetime.UTC)
