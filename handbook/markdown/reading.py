"""What helps the reader along: tables that scroll in a frame, times on the contents page, and what to read next.

A chapter that others name in `requires` ends with links to them. On the contents page, each chapter tells its time and
level, and each part its time. The addresses of a chapter's links are printed as lettered notes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from handbook import quick_yaml
from handbook.markdown.data import title_of
from handbook.markdown.page import DOCS, source_path

CHAPTERS = DOCS / "genai"
_FRONT_MATTER = re.compile(r"\A---\n(.+?)\n---\n", re.DOTALL)
_LINK = re.compile(r"genai/([\w-]+)(?:\.md|/)$")


def duration(minutes: int) -> str:
    """Return a time as `25 min` or `1 h 5 min`."""
    hours, rest = divmod(minutes, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else []))


@dataclass
class Book:
    """What all chapters say of themselves, by slug: what stands above each, and the chapters that require it."""

    meta: dict[str, dict]
    followers: dict[str, dict[str, str]]  # slug → file name → title


def book(page: str) -> Book:
    """Return the book, read once a build: a page that is rendered again begins a new build."""
    folder = Path.cwd()
    if (folder, page) in _rendered:
        _rendered.clear()
        _read.cache_clear()
    _rendered.add((folder, page))
    return _read(folder)


_rendered: set[tuple[Path, str]] = set()


@cache
def _read(folder: Path) -> Book:
    found = Book({}, {})
    for path in sorted((folder / CHAPTERS).glob("*.md")):
        meta, title = _head(path, path.stat().st_mtime_ns)
        found.meta[path.stem] = meta
        for slug in meta.get("requires") or []:
            found.followers.setdefault(slug, {})[path.name] = title
    return found


@cache
def _head(path: Path, changed: int) -> tuple[dict, str]:  # `changed`: a save makes one chapter be read again, not all
    text = path.read_text(encoding="utf-8")
    above = _FRONT_MATTER.match(text)
    meta = (quick_yaml.load(above.group(1)) or {}) if above else {}
    return meta, title_of(text) if meta.get("requires") else ""


class _Tables(Treeprocessor):
    """Set each table into a frame of its own, in which it scrolls where the screen is narrower."""

    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for position, child in enumerate(list(parent)):
                if child.tag == "table":
                    frame = etree.Element("div", {"class": "table"})
                    frame.tail, child.tail = child.tail, None
                    frame.append(child)
                    parent[position] = frame


class _ReadNext(Treeprocessor):
    """End a chapter with the chapters that require it."""

    def run(self, root: etree.Element) -> None:
        page = PurePosixPath(source_path(self.md) or "")
        if page.parent.name != "genai":
            return
        after = book(str(page)).followers.get(page.stem)
        if not after:
            return
        nav = etree.SubElement(root, "nav", {"class": "read-next", "aria-label": "What builds on this chapter"})
        text = etree.SubElement(nav, "p")
        text.text = "What builds on this chapter: "
        for name, title in after.items():
            link = etree.SubElement(text, "a", {"href": name})
            link.text = title
            link.tail = ", "
        text[-1].tail = "."


def letters(number: int) -> str:
    """Return a, b, …, z, aa, ab, … for 1, 2, …, as a lettered list counts."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


class _PrintedLinks(Treeprocessor):
    """Letter a chapter's links to other hosts, and list their addresses: hidden on the screen, shown on paper.

    The notes of a page tell the address of each source themselves.
    """

    def run(self, root: etree.Element) -> None:
        if PurePosixPath(source_path(self.md) or "").parent.name != "genai":
            return
        of_notes = {link for notes in root.iter("section") for link in notes.iter("a")}
        numbers: dict[str, int] = {}
        for parent in list(root.iter()):
            for position, link in reversed(list(enumerate(parent))):
                if link.tag == "a" and link not in of_notes and link.get("href", "").startswith("http"):
                    mark = etree.Element("sup", {"class": "on-paper", "hidden": "hidden", "href": link.get("href")})
                    mark.tail, link.tail = link.tail, None
                    parent.insert(position + 1, mark)
        for mark in root.iter("sup"):
            if address := mark.attrib.pop("href", None):
                mark.text = AtomicString(letters(numbers.setdefault(address, len(numbers) + 1)))
        if numbers:
            section = etree.SubElement(root, "section", {"class": "on-paper", "hidden": "hidden"})
            etree.SubElement(section, "p").text = "The links of this page:"
            listed = etree.SubElement(section, "ol", {"type": "a"})
            for address in numbers:
                etree.SubElement(listed, "li").text = AtomicString(address)


class _Times(Treeprocessor):
    """On the contents page: behind each chapter its time and level, behind each part its time."""

    def run(self, root: etree.Element) -> None:
        if source_path(self.md) != "index.md":
            return
        meta_of = book("index.md").meta
        part, total = None, 0
        for element in list(root.iter()):
            if element.tag in ("h2", "h3"):
                self._close(part, total)
                part, total = (element if element.tag == "h3" else None), 0
            elif element.tag == "dt" and len(element) and (match := _LINK.search(element[0].get("href", ""))):
                meta = meta_of[match.group(1)]
                total += meta["minutes"]
                time = etree.SubElement(element, "span", {"class": "time"})
                time.text = f"{duration(meta['minutes'])}, {meta['level']}"
                element[0].tail = " "
        self._close(part, total)

    @staticmethod
    def _close(part: etree.Element | None, minutes: int) -> None:
        if part is not None and minutes:
            time = etree.SubElement(part, "span", {"class": "time"})
            time.text = duration(minutes)


class ReadingExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Tables(md), "table-frames", 12)
        md.treeprocessors.register(_ReadNext(md), "read-next", 11)  # after the notes, before the engine resolves paths
        md.treeprocessors.register(_PrintedLinks(md), "printed-links", 14.5)  # after the notes
        md.treeprocessors.register(_Times(md), "times", 1)  # after the table of contents has taken the headings' text


def makeExtension(**kwargs: object) -> ReadingExtension:
    return ReadingExtension(**kwargs)
