"""A page's source, taken apart once for all the checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml

_FENCE = re.compile(r"^ {0,12}(`{3,}|~{3,})\s*([\w-]*)")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)(?:\s+\{[^}]*\})?\s*$")


class FrontMatterError(ValueError):
    """Front matter that is not closed or not YAML; `line` counts from the first line of the file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Fence:
    """A fenced block: `line` is that of its opening fence, `text` what stands inside."""

    line: int
    language: str
    info: str
    text: str


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str


@dataclass(frozen=True)
class Table:
    """A pipe table: `rows` are (line, cells); the first is the header, the delimiter row is left out."""

    line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiters: int


@dataclass
class Chapter:
    """One Markdown file; line numbers start at 1 and count the front matter."""

    path: Path
    text: str
    docs: Path = field(default=Path("docs"))

    @classmethod
    def read(cls, path: Path, docs: Path = Path("docs")) -> Chapter:
        return cls(path, path.read_text(encoding="utf-8"), docs)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def front_matter(self) -> tuple[dict, int]:
        """The front matter and the number of lines that it takes; raises FrontMatterError."""
        if not self.lines or self.lines[0].strip() != "---":
            return {}, 0
        for end, line in enumerate(self.lines[1:], start=1):
            if line.strip() in ("---", "..."):
                return self._meta("\n".join(self.lines[1:end])), end + 1
        raise FrontMatterError(1, "the front matter is never closed; end it with a line of three hyphens")

    @staticmethod
    def _meta(source: str) -> dict:
        try:
            meta = yaml.safe_load(source) or {}
        except yaml.YAMLError as error:
            # A quote that is never closed is told best where it opens.
            quoted = "quoted scalar" in (getattr(error, "context", None) or "")
            mark = getattr(error, "context_mark" if quoted else "problem_mark", None)
            line = mark.line + 2 if mark else 1
            raise FrontMatterError(line, "the front matter is not valid YAML; quote values that hold ': '") from error
        if not isinstance(meta, dict):
            raise FrontMatterError(2, "the front matter is not a mapping; write 'key: value' lines")
        return meta

    @property
    def meta(self) -> dict:
        return self.front_matter[0]

    def meta_line(self, key: str) -> int:
        """The line on which a key of the front matter stands; 1 where it does not."""
        for number, line in enumerate(self.lines[: self.front_matter[1]], start=1):
            if line.startswith(f"{key}:"):
                return number
        return 1

    @cached_property
    def _parts(self) -> tuple[list[tuple[int, str]], list[Fence]]:
        prose: list[tuple[int, str]] = []
        fences: list[Fence] = []
        opened: tuple[int, str, re.Match[str]] | None = None
        inside: list[str] = []
        for number, line in enumerate(self.lines[self.front_matter[1] :], start=self.front_matter[1] + 1):
            match = _FENCE.match(line)
            if opened is None:
                if match:
                    opened, inside = (number, line, match), []
                else:
                    prose.append((number, line))
            elif match and not match.group(2) and match.group(1).startswith(opened[2].group(1)):
                fences.append(Fence(opened[0], opened[2].group(2), opened[1].strip(), "\n".join(inside)))
                opened = None
            else:
                inside.append(line)
        return prose, fences

    @property
    def prose(self) -> list[tuple[int, str]]:
        """(line, text) of everything outside front matter and fences."""
        return self._parts[0]

    @property
    def fences(self) -> list[Fence]:
        return self._parts[1]

    @cached_property
    def headings(self) -> list[Heading]:
        found = ((number, _HEADING.match(line)) for number, line in self.prose)
        return [Heading(number, len(m.group(1)), m.group(2)) for number, m in found if m]

    def section(self, title: str) -> list[tuple[int, str]]:
        """The prose from a second-level heading to the next; empty where there is no such heading."""
        starts = [h.line for h in self.headings if h.level == 2 and h.text == title]
        if not starts:
            return []
        ends = [h.line for h in self.headings if h.level <= 2 and h.line > starts[0]]
        end = ends[0] if ends else len(self.lines) + 1
        return [(number, line) for number, line in self.prose if starts[0] < number < end]

    @cached_property
    def words(self) -> int:
        """Words that a reader reads: prose, tables and questions; no fences, markup or addresses."""
        text = "\n".join(line for _, line in self.prose)
        text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
        text = re.sub(r"\]\([^)]*\)|\{[^}]*\}|\[@[^\]]*\]|^///.*$", " ", text, flags=re.MULTILINE)
        return len(re.findall(r"[A-Za-z0-9][\w.,'’%-]*", text))

    @cached_property
    def tables(self) -> list[Table]:
        return list(self._tables())

    def _tables(self) -> Iterator[Table]:
        rows: list[tuple[int, str]] = []
        for number, line in [*self.prose, (len(self.lines) + 2, "")]:
            if rows and (number != rows[-1][0] + 1 or "|" not in line):
                if len(rows) > 1 and re.fullmatch(r"[\s|:-]*-[\s|:-]*", rows[1][1]):
                    header, delimiters, *body = [(at, tuple(cells(text))) for at, text in rows]
                    yield Table(header[0], (header, *body), len(delimiters[1]))
                rows = []
            if "|" in line:
                rows.append((number, line))


def cells(row: str) -> list[str]:
    """Split a table row as Python-Markdown does: a pipe in `code` or behind a backslash does not part cells."""
    row = row.strip()
    parts, current, position = [], "", 0
    while position < len(row):
        if row[position] == "\\":
            current += row[position : position + 2]
            position += 2
            continue
        if row[position] == "`":
            ticks = re.match(r"`+", row[position:]).group()
            end = row.find(ticks, position + len(ticks))
            if end > 0:
                current += row[position : end + len(ticks)]
                position = end + len(ticks)
                continue
        if row[position] == "|":
            parts.append(current.strip())
            current = ""
        else:
            current += row[position]
        position += 1
    parts.append(current.strip())
    if row.startswith("|"):
        parts = parts[1:]
    if row.endswith("|") and not row.endswith("\\|"):
        parts = parts[:-1]
    return parts
