"""The one shape in which every check reports a fault."""

from dataclasses import dataclass


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

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        if self.column:
            place += f":{self.column}"
        return f"{place}: {self.rule} {self.message}"
