"""Tables: every cell reaches the reader, in the table to which it belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from handbook.checks.page import DELIMITER_ROW, NOTE_HEAD, Line, Page, cells, cells_at, has_border
from handbook.checks.rules import Fault, Fix, at, rule
from handbook.checks.site import Site

MARKER = re.compile(r"(?::[ \t]{1,3}|\[\^[^\]]+\]:[ \t]*)(?=\|)")


def _runs(page: Page) -> Iterator[list[Line]]:
    """The lines that stand together, without the sign of the definition or note that they begin."""
    for run in page.runs:
        marker = MARKER.match(run[0].text)
        if NOTE_HEAD.fullmatch(run[0].text.rstrip()):
            yield from [run[1:]] if run[1:] else []
        elif marker:
            width = len(marker.group())
            yield [replace(run[0], text=run[0].text[width:], column=run[0].column + width), *run[1:]]
        else:
            yield run


def _delimiter(run: list[Line]) -> int:
    """The index of the row of hyphens; -1 without one."""
    return next((n for n, line in enumerate(run) if "|" in line.text and DELIMITER_ROW.match(line.text)), -1)


def _tables(page: Page) -> Iterator[list[Line]]:
    for run in _runs(page):
        if _delimiter(run) == 1 and "|" in run[0].text:
            yield run


def _is_row(text: str) -> bool:
    return "|" in re.sub(r"`[^`]*`|\\.", "", text)


@rule("TABLE001", "Cells past the last column are dropped in silence; missing ones are left empty.")
def cell_count(page: Page, site: Site) -> Iterator[Fault]:
    for run in _tables(page):
        border = has_border(run[0].text)
        width = len(cells(run[0].text, border))
        if len(cells(run[1].text, border)) != width:
            continue
        for line in run[2:]:
            row = cells_at(line.text, border)
            if len(row) == width or not (_is_row(line.text) or width == 1):
                continue
            column = line.column + (row[width][1] if len(row) > width else 0) + 1
            if re.search(r"\$[^$]*\|[^$]*\$", line.text) and len(row) > width:
                mend = "write a | in a formula as \\lvert x \\rvert or \\mid"
            elif len(row) > width:
                mend = "write a literal | as \\|"
            else:
                mend = "add the missing cells"
            yield at(line.number, column, f"the row has {len(row)} cells and the header {width}; {mend}")


@rule("TABLE002", "In Python-Markdown a pipe inside `code` parts no cells, so its backslash is printed.")
def escaped_pipe_in_code(page: Page, site: Site) -> Iterator[Fault]:
    for run in _tables(page):
        for line in [run[0], *run[2:]]:
            for span in re.finditer(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", line.text):
                for pipe in re.finditer(r"(?<!\\)\\\|", span.group()):
                    start = line.column + span.start() + pipe.start()
                    message = "in Python-Markdown a pipe inside `code` needs no backslash, and prints it; write | alone"
                    yield at(line.number, start + 1, message, Fix(line.number, start, start + 1, ""))


@rule("TABLE003", "Without a row of hyphens as wide as the header, there is no table, but lines of pipes.")
def delimiter_row(page: Page, site: Site) -> Iterator[Fault]:
    for run in _runs(page):
        where = _delimiter(run)
        if where == 0 and run[0].role == "paragraph" and (len(run) > 1 or run[0].text.startswith("|")):
            message = "the table has no header; write one over the row of hyphens"
            if _is_row(page.lines[max(run[0].number - 3, 0)]) and not page.lines[run[0].number - 2].strip():
                message = "a blank line parts the row of hyphens from its header; remove it"
            yield at(run[0].number, run[0].column + 1, message)
        elif where == 1 and "|" in run[0].text:
            border = has_border(run[0].text)
            width, given = len(cells(run[0].text, border)), len(cells(run[1].text, border))
            if width != given:
                message = f"the row of hyphens has {given} cells and the header {width}; make them alike"
                yield at(run[1].number, run[1].column + 1, message)
        elif where < 0:
            drawn = next((line for line in run[1:2] if "-+-" in line.text and not line.text.strip("|+:=- ")), None)
            if drawn is not None and _is_row(run[0].text):
                yield at(drawn.number, drawn.column + 1, "a row of hyphens parts its cells with |, not with +; write |")
                continue
            rows = [line for line in run if line.text.startswith("|") and line.text.rstrip().endswith("|")]
            if len(rows) > 1 and rows[1].number == rows[0].number + 1 and all(len(cells(r.text)) > 1 for r in rows[:2]):
                message = "rows of a table without a row of hyphens; put | --- | --- | under the header"
                yield at(rows[0].number, rows[0].column + 1, message)


@rule("TABLE004", "Without a blank line, a table becomes text with pipes, or text becomes a row.")
def blank_lines(page: Page, site: Site) -> Iterator[Fault]:
    for run in _runs(page):
        where = _delimiter(run)
        if where > 1 and _is_row(run[where - 1].text):
            header = run[where - 1]
            fix = Fix(header.number, 0, 0, "\n") if not header.parents or header.indent == 0 else None
            safe = () if any(line.role == "item" for line in run[:where]) or fix is None else (fix,)
            yield at(
                header.number, header.column + 1, "the table follows text at once; put a blank line before it", *safe
            )
        elif where == 1 and run[0].role == "item" and "|" in run[0].text:
            yield at(
                run[0].number, run[0].column + 1, "the table begins behind a list marker; put it on lines of its own"
            )
        elif where == 1 and len(cells(run[0].text)) > 1:
            rest = [line for line in run[2:] if not _is_row(line.text) and not _is_last_link(line, run)]
            rest = rest or _at_once(page, run[-1])
            if rest:
                message = "text follows the table at once and becomes a row; put a blank line before it"
                yield at(rest[0].number, rest[0].column + 1, message)


LINK = re.compile(r"\[[^\]]+\]\([^)]+\)$")


def _is_last_link(line: Line, run: list[Line]) -> bool:
    """Whether a line ends a grid of links, of which the last row need not be full."""
    firsts = [cells(row.text, has_border(run[0].text))[0] for row in run[2:-1]]
    return line is run[-1] and bool(firsts) and all(LINK.match(text) for text in [line.text.strip(), *firsts])


def _at_once(page: Page, last: Line) -> list[Line]:
    """The line behind a table, if it is a heading, a rule, a note or a definition of a link: a row, all the same."""
    following = page.parsed[last.number : last.number + 1]
    return [line for line in following if line.kind == "text" and line.role in ("heading", "rule", "note", "reference")]


@rule("TABLE006", "A table that is indented less than four columns leaves its list and splits it.")
def in_container(page: Page, site: Site) -> Iterator[Fault]:
    for run in _runs(page):
        if _delimiter(run) == 1 and run[0].left is not None and run[0].indent >= 1 and run[0].starts:
            left = run[0].left
            message = f"the table leaves the {_name(left.kind)} of line {left.line}; indent it {left.inside} columns"
            yield at(run[0].number, run[0].column + 1, message)


def _name(kind: str) -> str:
    return {"item": "list", "note": "note", "tab": "tab"}.get(kind, kind)


@rule(
    "TABLE007", "A header cell without text leaves the column without a name for who can't see it.", severity="warning"
)
def empty_header(page: Page, site: Site) -> Iterator[Fault]:
    for run in _tables(page):
        header = cells_at(run[0].text)
        empty = [(text, start) for text, start in header if not unescape(text).strip()]
        # An empty corner over row names is usual.
        if empty and not (len(empty) == 1 and not header[0][0].strip() and len(header) > 2):
            yield at(run[0].number, run[0].column + empty[0][1] + 1, "a header cell is empty; name the column")


@rule("TABLE007", "An empty cell leaves open whether something is nought, unknown or forgotten.", chapters=True)
def empty_cell(page: Page, site: Site) -> Iterator[Fault]:
    for table in page.tables:
        for number, row in table.rows:
            if any(not cell for cell in row):
                yield at(number, 0, "an empty cell; write 'none' or 'not published'")


@rule("TABLE008", "More columns than a reader can follow.", chapters=True)
def width(page: Page, site: Site) -> Iterator[Fault]:
    most = site.settings.chapter.get("columns", 6)
    for table in page.tables:
        if len(table.rows[0][1]) > most:
            yield at(table.line, 0, f"{len(table.rows[0][1])} columns; {most} is what a reader can follow")
