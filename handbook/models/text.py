"""The handbook's own prose: the text on which the tokeniser and the small GPT are trained.

What a reader hears when a chapter is read aloud is kept: headings, paragraphs, list items, captions, questions with
their answers and reasons, and the alternative text of pictures. Left out are the front matter, fenced blocks (programs,
their output, diagrams, labs), displayed formulas, tables, marks of citations, targets of links and the marks of
Markdown. Formulas inside a sentence stay, in LaTeX, without their dollar signs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

CHAPTERS = Path("docs/genai")
HELD_OUT_EVERY = 10  # every tenth section is kept from training

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE = re.compile(r"^(?P<indent> *)(?P<mark>```+|~~~+).*?^(?P=indent)(?P=mark)[ ]*$\n?", re.DOTALL | re.MULTILINE)
_DISPLAYED = re.compile(r"^ *\$\$.*?\$\$[ ]*$\n?", re.DOTALL | re.MULTILINE)
_DROPPED_LINES = re.compile(r"^ *(///.*|\|.*|<!--.*-->)$\n?", re.MULTILINE)
_CITATION = re.compile(r" ?\[@[^\]]*\]")
_LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\([^)]*\)(\{[^}]*\})?")
_MARKS = (
    (re.compile(r"\$([^$\n]+)\$"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"\1"),
    (re.compile(r"(?<![\w*])[*_]([^*_\n]+)[*_](?![\w*])"), r"\1"),
    (re.compile(r"<br */?>"), " "),
)
_HEADING = re.compile(r"#{1,6} +(?P<title>.*)")
_ITEM = re.compile(r"(?:[-*] (?:\[[ x]\] )?|(?P<number>\d+\.) +)(?P<text>.*)")


@dataclass(frozen=True)
class Section:
    """One section of a chapter: the part from a heading to the next of level 1 or 2."""

    chapter: str  # the file's name without its suffix
    title: str
    text: str  # the heading as "# title", then one line for a paragraph or a list item


def plain(markdown: str) -> str:
    """The prose of a Markdown text, a line to each heading, paragraph and list item; headings start with "# "."""
    for pattern in (_FRONT_MATTER, _FENCE, _DISPLAYED, _DROPPED_LINES, _CITATION):
        markdown = pattern.sub("", markdown)
    markdown = _LINK.sub(lambda link: link["text"], markdown)
    for pattern, replacement in _MARKS:
        markdown = pattern.sub(replacement, markdown)
    lines: list[str] = []
    joined = False  # whether the next line goes on with the paragraph before it
    for source in markdown.split("\n"):
        line = " ".join(source.split())
        if heading := _HEADING.fullmatch(line):
            lines.append(f"# {heading['title']}")
            joined = False
        elif item := _ITEM.fullmatch(line):
            lines.append(f"{item['number'] or '-'} {item['text']}")
            joined = True
        elif not line:
            joined = False
        elif joined:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
            joined = True
    return "".join(f"{line}\n" for line in lines)


def sections(folder: Path = CHAPTERS) -> list[Section]:
    """Every section of every chapter, chapters in the order of their names.

    Raises FileNotFoundError if the folder holds no chapter.
    """
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no chapter; run this from the root of the repository")
    found = []
    for path in paths:
        markdown = _FENCE.sub("", path.read_text(encoding="utf-8"))  # a "# comment" in a program is no heading
        for part in re.split(r"^(?=##? )", _FRONT_MATTER.sub("", markdown), flags=re.MULTILINE):
            if text := plain(part):
                title = text.partition("\n")[0].removeprefix("# ")
                found.append(Section(path.stem, title, text))
    return found


def split(folder: Path = CHAPTERS) -> tuple[str, str]:
    """(training text, held-out text): every tenth section is held out."""
    all_sections = sections(folder)
    held_out = all_sections[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]
    training = [section for number, section in enumerate(all_sections, start=1) if number % HELD_OUT_EVERY]
    return "".join(section.text for section in training), "".join(section.text for section in held_out)


def fingerprint(text: str) -> str:
    """The SHA-256 of a text in UTF-8, for the card of what was trained on it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
