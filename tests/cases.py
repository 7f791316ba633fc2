"""The cases of the gate: small broken sites and their sound twins, kept as text.

A case is a file `tests/faults/<kind>/<name>.case`. Its first line names the rule, and the place where it must be told:

    TABLE001 docs/index.md:5

Then come the files, each under a line `==== bad: PATH`, `==== good: PATH` or `==== both: PATH`, with what is special
about it in parentheses: (crlf), (cr), (latin-1), (no newline), (bytes 3000000), (png), (empty), (absent), (link ../x).
A site without a mkdocs.yml of its own inherits `base.yml`, and has a second page, `docs/other.md`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

FAULTS = Path(__file__).parent / "faults"
OTHER = "# Other\n\n## Setup\n\nText. [Home](index.md)\n"
HEAD = re.compile(r"==== (?P<side>bad|good|both): (?P<path>[^(\n]+?)(?: \((?P<how>[^)]*)\))?$")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


# A picture of one pixel.
PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    _chunk(kind, data)
    for kind, data in (
        (b"IHDR", b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"),
        (b"IDAT", zlib.compress(b"\x00\x00")),
        (b"IEND", b""),
    )
)


class Link(bytes):
    """Where a symbolic link leads."""


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    rule: str
    path: str
    line: int
    bad: dict[str, bytes | None] = field(default_factory=dict)
    good: dict[str, bytes | None] = field(default_factory=dict)
    column: int = 0
    settings: str = ""  # for [tool.handbook.checks]

    def write(self, side: str, folder: Path) -> Path:
        """Make the site; returns its mkdocs.yml."""
        files = {"docs/other.md": OTHER.encode(), "mkdocs.yml": b"INHERIT: base.yml\n", **getattr(self, side)}
        files["base.yml"] = (FAULTS / "base.yml").read_bytes()
        for name, data in files.items():
            path = folder / name
            if isinstance(data, Link):
                path.symlink_to(data.decode())
            elif data is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        return folder / "mkdocs.yml"


def read(path: Path) -> Case:
    text = path.read_bytes().decode("utf-8")
    first, _, rest = text.partition("\n")
    place = re.fullmatch(r"([A-Z]+\d{3}) (.+?):(\d+)(?::(\d+))?", first)
    case = Case(path.stem, path.parent.name, place[1], place[2], int(place[3]), column=int(place[4] or 0))
    target: tuple[str, str, str] | None = None
    content: list[str] = []
    for line in [*rest.split("\n"), "==== both: end"]:
        head = HEAD.match(line)
        if not head:
            content.append(line)
            continue
        if target:
            side, name, how = target
            data = _data("\n".join(content) + "\n", how)
            for each in (case.bad, case.good):
                if side == "both" or each is getattr(case, side):
                    each[name] = data if how != "absent" else None
        target, content = (head["side"], head["path"], head["how"] or ""), []
    return case


def _data(text: str, how: str) -> bytes:
    if how.startswith("link"):
        return Link(how.split()[1].encode())
    if how == "png":
        return PNG
    if how.startswith("bytes"):
        return PNG[:-12] + b"\x00" * int(how.split()[1]) + PNG[-12:]
    if how == "latin-1":
        return text.encode("latin-1")
    if how == "crlf":
        return text.replace("\n", "\r\n").encode()
    if how == "cr":
        return text.replace("\n", "\r").encode()
    if how == "no newline":
        return text.removesuffix("\n").encode()
    if how == "empty":
        return b""
    return text.encode()


def read_many(path: Path) -> Iterator[Case]:
    """The pages of a `more.cases`."""
    pattern = re.compile(
        r"(?m)^#### ([A-Z]+\d{3}) (\d+)(?::(\d+))?: (.*)\n((?:(?!^#### ).*\n)*?)----\n((?:(?!^#### ).*\n)*)"
    )
    text = path.read_text(encoding="utf-8")
    for number, match in enumerate(pattern.finditer(text), start=1):
        rule, line, column, name, bad, good = match.groups()
        pages = ({"docs/index.md": f"# Chapter\n\n{page}".encode()} for page in (bad, good))
        name = f"more-{number}-{rule}-{name.replace(' ', '-')}"
        yield Case(name, path.parent.name, rule, "docs/index.md", int(line), *pages, column=int(column or 0))


def cases() -> list[Case]:
    single = [read(path) for path in sorted(FAULTS.glob("*/*.case"))]
    return single + [case for path in sorted(FAULTS.glob("*/more.cases")) for case in read_many(path)]


# ── Variants ─────────────────────────────────────────────────────────────────
# The same fault in another place: the line moves, the rule stays.


def _indent(body: list[str], width: int) -> list[str]:
    return [" " * width + line if line.strip() else line for line in body]


def _variants(lines: list[str]) -> Iterator[tuple[str, list[str], int, bool]]:
    """(name, lines, by how much the body moved, whether it was nested) of a page that begins with its title."""
    title, body = lines[:2], lines[2:]
    yield "front matter", ["---", "description: About this", "---", *lines], 3, False
    filler = [
        "Some words come first.",
        "",
        "| A | B |",
        "| --- | --- |",
        "| a | b |",
        "",
        "- An item.",
        "",
        "    More of it.",
        "",
    ]
    filler += ["```python", "x = 1", "```", "", "!!! note", "    A remark.", "", "Some more words.", ""]
    yield "after much else", [*title, *filler, *body], len(filler), False
    yield "before much else", [*title, *body, "", "<!-- -->", "", *filler], 0, False
    wraps = {
        "in a list": (["1. Item.", ""], 4),
        "in an admonition": (['!!! note "A title"', ""], 4),
        "in a tab": (['=== "A tab"', ""], 4),
        "in details in a list": (["- Item.", "", '    ??? tip "More"', ""], 8),
    }
    for name, (head, width) in wraps.items():
        yield name, [*title, *head, *_indent(body, width), "", "After it."], len(head), True


def variants(case: Case) -> Iterator[Case]:
    page = case.path
    if not page.endswith(".md") or page not in case.bad or page not in case.good or isinstance(case.bad[page], Link):
        return
    try:
        bad, good = (side[page].decode().split("\n") for side in (case.bad, case.good))
    except UnicodeDecodeError:
        return
    if b"\r" not in case.bad[page]:
        yield replace(
            case,
            name=f"{case.name}, with CRLF",
            bad={**case.bad, page: case.bad[page].replace(b"\n", b"\r\n")},
            good={**case.good, page: case.good[page].replace(b"\n", b"\r\n")},
        )
    yield replace(
        case,
        name=f"{case.name}, at the end of the file",
        bad={**case.bad, page: case.bad[page].rstrip(b"\n")},
        good={**case.good, page: case.good[page].rstrip(b"\n")},
    )
    if bad[0] == good[0] == "# Chapter":
        for (name, one, moved, _), (_, other, _, _) in zip(_variants(bad), _variants(good), strict=True):
            yield replace(
                case,
                name=f"{case.name}, {name}",
                line=case.line + moved,
                column=0,
                bad={**case.bad, page: "\n".join(one).encode()},
                good={**case.good, page: "\n".join(other).encode()},
            )
