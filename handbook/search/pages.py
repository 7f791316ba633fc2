"""What a reader can find: the chapters, sections, terms, questions, figures and tables of the built site."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.html

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Not text that anybody searches for: marks, programs, drawings and the notes, which the references repeat.
_SKIPPED = {"script", "style", "svg", "pre", "button"}
_SKIPPED_CLASSES = {"headerlink", "cite", "notes", "verdict", "caption-prefix", "back", "on-paper"}
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3}
_BLOCKS = {"p", "li", "td", "th", "tr", "dd", "dt", "div", "figure", "figcaption", "table", "ol", "ul", "dl", "br"}

MANY = 300  # pages from which on other processes are worth their start


@dataclass
class Item:
    """One thing that can be found, with the words that describe it."""

    kind: str  # chapter, section, term, question, figure, table, source
    anchor: str
    title: str
    above: tuple[str, ...] = ()  # the headings above it, from the chapter's down
    text: list[str] = field(default_factory=list)
    defined: list[str] = field(default_factory=list)  # words in bold: the terms that a text defines
    context: str = ""  # words that belong to it and are not shown


@dataclass
class Page:
    url: str
    part: str
    items: list[Item] = field(default_factory=list)


def read(site: Path) -> list[Page]:
    """Read all pages of the navigation, in its order; those of a large handbook on every core."""
    found = _navigation(site)
    if len(found) < MANY:
        return [_page(site, *entry) for entry in found.items()]
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(partial(_page, site), found, found.values(), chunksize=16))


def _page(site: Path, url: str, part: str) -> Page:
    page = Page(url, part)
    _Reader(page).read(lxml.html.parse(site / url / "index.html").getroot())
    return page


def _navigation(site: Path) -> dict[str, str]:
    """The address of each page below the site's root, and the part of the book that it stands in."""
    found = {"": ""}
    entries = lxml.html.parse(site / "index.html").xpath("//nav[contains(@class, 'md-nav--primary')]/ul/li")
    for entry in entries:
        labels = entry.xpath("./a[contains(@class, 'part')]")
        nested = "md-nav__item--nested" in entry.get("class", "")
        part = _plain(labels[0]) if nested and labels else ""
        for link in entry.xpath(".//a[not(starts-with(@href, '#'))][contains(@class, 'md-nav__link')]/@href"):
            url = link.split("#")[0].removeprefix("./").removesuffix("index.html").strip(".")
            if (site / url / "index.html").is_file():
                found.setdefault(url, part)
    return found


def _plain(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


class _Reader:
    """Walks through an article and sorts its text into items."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.path: list[str] = []

    def read(self, root: HtmlElement) -> None:
        article = root.find(".//article")
        self.section = Item("chapter", "", "")
        self._walk(article)
        chapter = self.page.items[0]
        described = root.xpath("//head/meta[@name='description']/@content")
        chapter.context = " ".join(described)
        for facts in article.xpath("./div[@class='chapter-facts']/span[starts-with(., 'Tags')]"):
            chapter.context += _plain(facts).removeprefix("Tags:")
        for item in self.page.items:
            item.text = [" ".join("".join(item.text).split())]

    def _add(self, kind: str, anchor: str, title: str, *, above: list[str] | None = None) -> Item:
        item = Item(kind, anchor, title, tuple(self.path if above is None else above))
        self.page.items.append(item)
        return item

    def _walk(self, element: HtmlElement) -> None:
        classes = set(element.get("class", "").split())
        is_text = isinstance(element.tag, str) and element.tag not in _SKIPPED and not classes & _SKIPPED_CLASSES
        if not is_text or (element.tag == "div" and "maths" in classes):
            return
        if element.tag in _HEADINGS and element.get("id"):
            self._heading(element)
        elif "chapter-facts" in classes:
            return
        elif "question" in classes:
            self._question(element)
        elif element.tag == "figure" and element.get("id") and element.xpath("./figcaption"):
            self._figure(element)
        elif element.tag == "dt" and element.get("id"):
            self._term(element)
        elif element.tag == "li" and element.get("id"):
            self._source(element)
        elif element.tag == "dd" and self._is_of_a_term(element):
            return
        else:
            if element.tag == "strong":
                self.section.defined.append(_plain(element))
            self._text(element)

    def _text(self, element: HtmlElement) -> None:
        """Add an element's text to the section, and walk through what is in it."""
        space = " " if element.tag in _BLOCKS else ""
        self.section.text.append(space + (element.text or ""))
        for child in element:
            self._walk(child)
            self.section.text.append(child.tail or "")
        self.section.text.append(space)

    def _heading(self, element: HtmlElement) -> None:
        level = _HEADINGS[element.tag]
        title = "".join(_pieces(element)).strip()
        self.path = self.path[: level - 1]
        kind = "chapter" if level == 1 else "section"
        if len(title) > 1:  # not the letters of the glossary
            self.section = self._add(kind, "" if level == 1 else element.get("id"), title)
            self.path.append(title)

    def _question(self, element: HtmlElement) -> None:
        stem = " ".join("".join(_pieces(element.find("./div[@class='stem']"))).split())
        item = self._add("question", element.get("id"), stem)
        item.text = list(_pieces(element.find("./ol")))

    def _figure(self, element: HtmlElement) -> None:
        caption = element.find("./figcaption")
        kind = "table" if element.xpath(".//table") else "figure"
        number = "".join(caption.xpath(".//*[@class='caption-prefix']/text()")).strip(" .")
        words = " ".join("".join(_pieces(caption)).split())
        item = self._add(kind, element.get("id"), f"{number}. {words}" if number else words)
        if kind == "table":
            item.text = [", ".join(" ".join(_pieces(cell)) for cell in element.xpath(".//th"))]
        else:
            item.text = element.xpath(".//*[not(self::a)]/@aria-label | .//@alt | .//*[local-name()='desc']/text()")
        self._text(element)

    def _is_of_a_term(self, element: HtmlElement) -> bool:
        before = element.getprevious()
        return before is not None and before.tag == "dt" and bool(before.get("id"))

    def _term(self, element: HtmlElement) -> None:
        item = self._add("term", element.get("id"), _plain(element), above=self.path[:1])
        definition = element.getnext()
        text = " ".join("".join(_pieces(definition)).split())
        item.text = [re.sub(r"\s*See [^.]*\.$", "", text)]

    def _source(self, element: HtmlElement) -> None:
        work = element.find("./cite")
        if work is not None:
            item = self._add("source", element.get("id"), _plain(work))
            item.text = [" ".join("".join(_pieces(element)).split())]


def _pieces(element: HtmlElement) -> Iterator[str]:
    """The text of an element without what is skipped."""
    if element.text:
        yield element.text
    for child in element:
        classes = set(child.get("class", "").split()) if isinstance(child.tag, str) else _SKIPPED_CLASSES
        if child.tag not in _SKIPPED and not classes & _SKIPPED_CLASSES:
            yield from _pieces(child)
            if child.tag in _BLOCKS:
                yield " "
        if child.tail:
            yield child.tail
