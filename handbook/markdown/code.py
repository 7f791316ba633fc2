"""Code: of the highlighter's marks, a page keeps those that have a colour.

Pygments puts a span around each name, bracket and space; a page of code would be half spans. What stays are keywords
(`k`), numbers (`m`), strings (`s`) and comments (`c`), each by one letter and one span for a run.
"""

from __future__ import annotations

import re

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor

KINDS = frozenset("kmsc")
_OTHER_NAMES = {"ow": "k", "il": "m"}  # "and", and a long integer
_PRE = re.compile(r"<pre><span></span>.*?</pre>", re.DOTALL)
_SPAN = re.compile(r'<span class="([^"]*)">([^<]*)</span>')
_RUN = re.compile(r'<span class="(\w)">([^<]*)</span>(?:<span class="\1">[^<]*</span>)+')


def lighten(code: str) -> str:
    """Return highlighted code with the spans that have a colour alone."""
    code = _SPAN.sub(_kept, code.replace("<span></span>", ""))
    return _RUN.sub(_joined, code)


def kind(mark: str) -> str:
    """Return the letter for a class of Pygments'; one that is not of KINDS has no colour."""
    return _OTHER_NAMES.get(mark, mark[:1])


def _kept(span: re.Match[str]) -> str:
    letter = kind(span[1])
    return f'<span class="{letter}">{span[2]}</span>' if letter in KINDS else span[2]


def _joined(run: re.Match[str]) -> str:
    return f'<span class="{run[1]}">' + _SPAN.sub(lambda span: span[2], run[0]) + "</span>"


class _Code(Postprocessor):
    def run(self, text: str) -> str:
        return _PRE.sub(lambda block: lighten(block[0]), text)


class CodeExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.postprocessors.register(_Code(md), "code", 25)  # after the stored HTML is back in its place


def makeExtension(**kwargs: object) -> CodeExtension:
    return CodeExtension(**kwargs)
