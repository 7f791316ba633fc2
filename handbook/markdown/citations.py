"""Citations: `[@vaswani2017]`, `[@brown2020, section 3.1]`, `[@a; @b, table 2]`.

Each becomes a small number that leads to a numbered note in the section "Sources" at the end of the page. The same
source with the same locator keeps its number. An unknown key is a warning, which stops a strict build.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from handbook.markdown import bibliography
from handbook.markdown.page import warn

# `[@key]`, `[@key, locator]`, several separated by semicolons.
CITATION = r"\[(@[a-z][a-z0-9]*(?:,[^\];@]+)?(?:;\s*@[a-z][a-z0-9]*(?:,[^\];@]+)?)*)\]"
_PLACEHOLDER = "cite-group"


def references(group: str) -> Iterator[tuple[str, str]]:
    """Yield (key, locator) for each source named in the inside of a citation's brackets."""
    for part in group.split(";"):
        key, _, locator = part.strip().partition(",")
        yield key.removeprefix("@"), locator.strip()


class _CitationPattern(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:
        # Inline text is not visited in the order of the page: numbers are given later, on the whole tree.
        element = etree.Element(_PLACEHOLDER)
        element.set("group", m.group(1))
        return element, m.start(0), m.end(0)


class _Notes(Treeprocessor):
    """Number the citations in the order of the page, and append the notes."""

    def run(self, root: etree.Element) -> None:
        sources = bibliography.load()
        numbers: dict[tuple[str, str], int] = {}
        uses: dict[int, list[str]] = {}
        for element in _without_space_before(root):
            group = element.attrib.pop("group")
            element.tag = "sup"
            element.set("class", "cite")
            for key, locator in references(group):
                if key not in sources:
                    warn(self.md, f"unknown citation key '{key}'; add it to {bibliography.BIBLIOGRAPHY}", f"@{key}")
                    continue
                number = numbers.setdefault((key, locator), len(numbers) + 1)
                use = f"cite-{number}" + (f"-{len(uses[number]) + 1}" if number in uses else "")
                uses.setdefault(number, []).append(use)
                link = etree.SubElement(element, "a", {"id": use, "href": f"#note-{number}", "role": "doc-noteref"})
                link.set("aria-label", f"Source {number}")  # reading.js adds who and when, from the note
                link.text = AtomicString(str(number))
        if numbers:
            root.append(self._section(sources, numbers, uses))

    @staticmethod
    def _section(
        sources: dict[str, bibliography.Source],
        numbers: dict[tuple[str, str], int],
        uses: dict[int, list[str]],
    ) -> etree.Element:
        section = etree.Element("section", {"class": "notes", "aria-labelledby": "sources"})
        heading = etree.SubElement(section, "h2", {"id": "sources"})
        heading.text = "Sources"
        notes = etree.SubElement(section, "ol")
        for (key, locator), number in numbers.items():
            note = etree.SubElement(notes, "li", {"id": f"note-{number}"})
            describe(note, sources[key], locator)
            for count, use in enumerate(uses[number], start=1):
                back = etree.SubElement(note, "a", {"class": "back", "href": f"#{use}", "role": "doc-backlink"})
                back.set(
                    "aria-label", f"Back to where source {number} is cited" + (f", use {count}" if count > 1 else "")
                )
                back.text = AtomicString("↑")
                back.tail = " "
        return section


def _without_space_before(root: etree.Element) -> Iterator[etree.Element]:
    """Yield the citations in the order of the page; the space that parts them from their word in the source goes."""
    for parent in list(root.iter()):
        for before, element in zip([None, *parent], list(parent), strict=False):
            if element.tag == _PLACEHOLDER:
                if before is None:
                    parent.text = (parent.text or "").rstrip()
                else:
                    before.tail = (before.tail or "").rstrip()
    yield from list(root.iter(_PLACEHOLDER))


def describe(parent: etree.Element, source: bibliography.Source, locator: str = "") -> None:
    """Append authors, title, year, locator and link of a source to `parent`."""
    authors = source.authors if source.authors.endswith(".") else f"{source.authors}."
    parent.text = AtomicString(f"{authors} ")
    title = etree.SubElement(parent, "cite")
    title.text = AtomicString(source.title)
    title.tail = AtomicString(f", {source.year}" + (f", {locator}. " if locator else ". "))
    link = etree.SubElement(parent, "a", {"href": source.url})
    link.text = AtomicString(source.label)
    link.tail = " "


class CitationsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.inlinePatterns.register(_CitationPattern(CITATION, md), "citations", 165)  # before links
        md.treeprocessors.register(_Notes(md), "citations", 15)  # after inline, before the table of contents


def makeExtension(**kwargs: object) -> CitationsExtension:
    return CitationsExtension(**kwargs)
