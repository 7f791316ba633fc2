"""Maths: LaTeX between dollars becomes MathML at build time, which browsers set and screen readers speak unaided.

`pymdownx.arithmatex` finds the formulas; `math-core` converts them.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as etree

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from math_core import LatexError, LatexToMathML

from handbook.markdown.page import warn

# The policy of the site allows no style attribute; math-core writes them to align the cells of `aligned`.
_CELL_STYLE = re.compile(r'<mtd style="text-align: (left|right);[^"]*">')


class MathsError(ValueError):
    """LaTeX that can't be converted; the message says where in the formula, and why."""


def to_mathml(latex: str, *, display: bool) -> str:
    """Convert one formula to MathML Core; raises MathsError."""
    converter = LatexToMathML(fancy_error=False, annotation=False)
    try:
        mathml = converter.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        column, _, reason = str(error).partition(": ")
        raise MathsError(f"character {column} of '{latex}': {reason}") from error
    mathml = _CELL_STYLE.sub(r'<mtd class="\1">', mathml)
    if "style=" in mathml:
        raise MathsError(f"'{latex}' needs inline style, which the site's policy forbids; write it another way")
    return mathml


class _Maths(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        for element in root.iter():
            if element.get("class") != "arithmatex":
                continue
            latex = html.unescape(element.text or "").strip()[2:-2].strip()  # arithmatex escapes < and &
            display = element.tag == "div"
            try:
                mathml = to_mathml(latex, display=display)
            except MathsError as error:
                warn(self.md, str(error), latex.splitlines()[0] if latex else "$")
                continue
            element.set("class", "maths")
            if display:
                element.set("tabindex", "0")  # wide formulas scroll, and a keyboard must be able to scroll them
                element.set("role", "group")
                element.set("aria-label", "Formula")
            element.text = self.md.htmlStash.store(mathml)


class MathsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Maths(md), "maths", 14)  # after inline


def makeExtension(**kwargs: object) -> MathsExtension:
    return MathsExtension(**kwargs)
