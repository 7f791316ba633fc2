"""Figures: a picture from `assets/figures/*.svg` is set into the page itself, so that it follows the palette.

A figure in an `<img>` can't see the palette that the reader chose; inline SVG can, and costs no request.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

from handbook.markdown.page import DOCS, warn

_FIGURES = re.compile(r"^(?:\.\./)*(assets/figures/.+\.svg)$")
# The file has a colour beside each variable, for those who open it alone; a page knows the variables.
_FALLBACK = re.compile(r"(?<=var\(--hb-)([\w-]+), #[0-9a-f]{6}\)")
_SVG = "{http://www.w3.org/2000/svg}"


class _InlineFigures(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for position, child in enumerate(list(parent)):
                match = _FIGURES.match(child.get("src", "")) if child.tag == "img" else None
                if match:
                    self._replace(parent, position, child, match.group(1))

    def _replace(self, parent: etree.Element, position: int, image: etree.Element, name: str) -> None:
        path = DOCS / name
        if not path.is_file():
            warn(self.md, f"figure '{path.as_posix()}' does not exist", name)
            return
        try:
            svg = inline(path.read_text(encoding="utf-8"), image.get("alt", ""))
        except etree.ParseError as error:
            warn(self.md, f"figure '{path.as_posix()}' is not well-formed: {error}", name)
            return
        svg.tail = image.tail
        parent[position] = svg


def inline(text: str, alt: str) -> etree.Element:
    """Return the SVG as an element without name space prefixes, named by `alt`; raises etree.ParseError."""
    svg = etree.fromstring(_FALLBACK.sub(r"\1)", text))
    for element in svg.iter():
        element.tag = str(element.tag).removeprefix(_SVG)
        # Python-Markdown's serialiser trims nothing, but `inline` must not see the labels as Markdown.
        if element.tail is not None and not element.tail.strip():
            element.tail = None
    svg.set("class", "figure")
    svg.set("role", "img")
    svg.set("aria-label", alt)
    return svg


class FiguresExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_InlineFigures(md), "inline-figures", 13)  # after inline, before MkDocs' paths


def makeExtension(**kwargs: object) -> FiguresExtension:
    return FiguresExtension(**kwargs)
