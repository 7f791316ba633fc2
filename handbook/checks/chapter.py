"""What our chapters have beyond other pages: sections with names that all share, and words that are counted."""

from __future__ import annotations

import re
from pathlib import Path

from handbook.checks.page import Fence, FrontMatterError, Heading, Page, Table, cells

__all__ = ["Chapter", "Fence", "FrontMatterError", "Heading", "Table", "cells", "words"]


class Chapter(Page):
    @classmethod
    def read(cls, path: Path, docs: Path = Path("docs")) -> Chapter:
        return cls(path, path.read_text(encoding="utf-8"), docs)

    def section(self, title: str) -> list[tuple[int, str]]:
        """The prose from a second-level heading to the next; empty where there is no such heading."""
        starts = [h.line for h in self.headings if h.level == 2 and h.text == title]
        if not starts:
            return []
        ends = [h.line for h in self.headings if h.level <= 2 and h.line > starts[0]]
        end = ends[0] if ends else len(self.lines) + 1
        return [(number, line) for number, line in self.prose if starts[0] < number < end]

    @property
    def words(self) -> int:
        return words(self)


def words(page: Page) -> int:
    """Words that a reader reads: prose, tables and questions; no fences, markup or addresses."""
    text = "\n".join(line for _, line in page.prose)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)|\{[^}]*\}|\[@[^\]]*\]|^///.*$", " ", text, flags=re.MULTILINE)
    return len(re.findall(r"[A-Za-z0-9][\w.,'’%-]*", text))
