"""The one shape in which every check reports a fault."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fix:
    """A safe mend: on this line of the file (from 1), the text from one column to another (from 0) becomes `new`."""

    line: int
    start: int
    end: int
    new: str


@dataclass(frozen=True, order=True)
class Finding:
    """A fault at a place: sorts by path, then line, then column.

    `line` and `column` count from 1; 0 means the whole file or the whole line.
    `message` reads "what is wrong; how to mend it".
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    severity: str = field(default="error", compare=False)
    fixes: tuple[Fix, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        if self.column:
            place += f":{self.column}"
        return f"{place}: {self.rule} {self.message}"
