"""Lists: items are items, steps keep their numbers, and what belongs to an item stays in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.page import DELIMITER_ROW, LIST_ITEM, Line, Page
from handbook.checks.rules import Fault, Fix, at, rule
from handbook.checks.site import Site


@rule("LIST001", "Without a blank line before it, a list is part of the paragraph: one run-on line.")
def blank_line_before(page: Page, site: Site) -> Iterator[Fault]:
    before: Line | None = None
    reported = 0
    for line in page.parsed:
        if line.kind == "text" and line.role == "false item" and before is not None:
            if before.number != reported and _looks_like_item(line, page):
                fixes = (Fix(line.number, 0, 0, "\n"),) if not line.parents else ()
                yield at(
                    line.number, line.column + 1, "the list follows text at once; put a blank line before it", *fixes
                )
            reported = line.number
        elif line.kind == "text" and reported == line.number - 1 and line.role == "paragraph":
            reported = line.number
        before = line


def _looks_like_item(line: Line, page: Page) -> bool:
    match = LIST_ITEM.match(line.text)
    if not match or not match["text"]:
        return False
    marker = match["marker"]
    if marker == "*" or marker == "-":
        return not _is_dash(line, page)
    if marker == "+":
        following = page.lines[line.number].lstrip() if line.number < len(page.lines) else ""
        return following.startswith("+ ")
    # "… in\n2019. Then" is a sentence; a list starts at 1, or goes on.
    return int(marker[:-1]) <= 1 or (
        line.number < len(page.lines) and bool(re.match(rf"\s*{int(marker[:-1]) + 1}\.\s", page.lines[line.number]))
    )


@rule("LIST002", "Python-Markdown nests by four columns; an item that is indented less is on the level above.")
def nesting(page: Page, site: Site) -> Iterator[Fault]:
    for line in page.parsed:
        left = line.left
        if line.role != "item" or line.kind != "text" or left is None or left.kind != "item":
            continue
        # Of another kind, an item that is indented at all is meant to be deeper.
        other = LIST_ITEM.match(line.text)["marker"][0].isdigit() != left.marker[:1].isdigit()
        if line.indent >= left.indent + (2 if other else left.width):
            wanted = left.inside
            message = f"the item is meant to be nested under line {left.line}, and is not; indent it {wanted} columns"
            yield at(line.number, line.column + 1, message)


@rule("LIST003", "A fence that is indented less than four columns leaves the list, and the next step is 1 again.")
def fences(page: Page, site: Site) -> Iterator[Fault]:
    for line in page.parsed:
        if line.kind == "fence" and line.left is not None and line.left.kind == "item" and line.indent >= 1:
            message = f"the fence leaves the list of line {line.left.line}; indent it {line.left.inside} columns"
            yield at(line.number, line.column + 1, message)


@rule("LIST004", "A paragraph that is indented less than four columns leaves the list, and the next step is 1 again.")
def paragraphs(page: Page, site: Site) -> Iterator[Fault]:
    for run in page.runs:
        line = run[0]
        left = line.left
        if left is None or left.kind not in ("item", "note", "definition") or not line.starts:
            continue
        indent = next((p.indent for p in line.parents if p.kind == "quote" and p.line == line.number), line.indent)
        if line.role in ("item", "reference", "note") or indent < min(left.width, 2):
            continue
        if len(run) > 1 and DELIMITER_ROW.match(run[1].text) and "|" in run[1].text:
            continue  # TABLE006
        what = {"item": "list", "note": "footnote"}.get(left.kind, "definition")
        yield at(
            line.number,
            line.column + 1,
            f"the text leaves the {what} of line {left.line}; indent it {left.inside} columns",
        )


def _is_dash(line: Line, page: Page) -> bool:
    """Whether the hyphen is the dash of a sentence that goes on from the line before."""
    before = page.lines[line.number - 2].rstrip()
    following = page.parsed[line.number : line.number + 1]
    alone = not any(row.kind == "text" and LIST_ITEM.match(row.text) for row in following)
    return alone and bool(re.match(r"- [a-z]", line.text) and re.search(r"[\w,)]$", before))


# A box that is not set apart, is too wide or too narrow, or holds another tick.
TASK = re.compile(
    r"[-*+]\[[ xX]\]|(?:[-*+]|\d+\.) +(?:\[[ xX]\](?=[^\s(\[:])|\[\](?= )|\[(?: +[xX] *|[xX] +| {2,}|[-~vV✓✔✗])\](?= ))"
)


@rule("LIST006", "A task that is not written '- [ ] text' shows its brackets.")
def tasks(page: Page, site: Site) -> Iterator[Fault]:
    for line in page.parsed:
        if line.kind != "text":
            continue
        match = TASK.match(line.text)
        if match:
            yield at(line.number, line.column + 1, f"'{match.group()}' is no task; write '- [ ] text' or '- [x] text'")


# What other programs take for the sign of an item, and a hyphen without its blank.
SIGN = re.compile(r"^[ \t>]*(?:([•◦▪▫‣⁃●○■□–—]|·)[ \t\u00a0]*\S|(-)[^\W\d_])", re.MULTILINE)


@rule("LIST009", "Only a hyphen, a star or a plus with a blank behind it makes an item; all else runs on in one line.")
def signs(page: Page, site: Site) -> Iterator[Fault]:
    for run in page.runs if SIGN.search(page.text) else ():
        before = ""
        for line in run:
            match = SIGN.match(line.text) if line.role == "paragraph" else None
            sign = (match[1] or match[2]) if match else ""
            if sign and before == sign:
                first = run[run.index(line) - 1]
                yield at(first.number, first.column + 1, f"'{sign}' starts no list so; write '- ' before each item")
                break
            before = sign


PARENTHESIS = re.compile(r"(\d{1,3})\)[ \t]+\S")
# The first two signs of a list in letters, or between parentheses.
FIRST = re.compile(r"(?:(\()1\)|(\()?[aA]\)|(\()?i\))[ \t]+\S")
SECOND = re.compile(r"\(?(?:2|[bB]|ii)\)[ \t]+\S")


@rule("LIST007", "Python-Markdown knows no lists with a parenthesis; they run on in one line.")
def parenthesis(page: Page, site: Site) -> Iterator[Fault]:
    if site.has("pymdownx.fancylists"):
        return
    before: Line | None = None
    for line in page.parsed:
        is_paragraph = line.kind == "text" and line.role == "paragraph"
        match = PARENTHESIS.match(line.text) if is_paragraph else None
        if match:
            first = line.starts or before is None or before.kind != "text" or before.role != "paragraph"
            listed = int(match[1]) == 1 or (before is not None and re.match(r"\d{1,3}\)[ \t]", before.text))
            if listed or first:
                yield at(line.number, line.column + 1, f"'{match[1]})' starts no list; write '{match[1]}.'")
        following = page.parsed[line.number] if line.number < len(page.parsed) else None
        if is_paragraph and FIRST.match(line.text) and following is not None and SECOND.match(following.text):
            sign = line.text.split()[0]
            yield at(line.number, line.column + 1, f"'{sign}' starts no list; write '1.'")
        before = line


@rule("LIST008", "An interrupted list starts again: Python-Markdown numbers it from 1, whatever is written.")
def numbering(page: Page, site: Site) -> Iterator[Fault]:
    if site.has("sane_lists", "pymdownx.fancylists"):
        return
    open_lists: dict[int, bool] = {}
    last: dict[int, int] = {}
    for line in page.parsed:
        if line.kind == "blank":
            continue
        depth = len(line.parents)
        if line.left is not None and line.left.kind == "item" and line.indent >= 2:
            last.clear()  # LIST003, LIST004 and TABLE006 tell of what interrupts it
        if line.kind == "text" and line.role == "item":
            marker = LIST_ITEM.match(line.text)["marker"]
            level = depth - 1
            if marker[0].isdigit():
                number = int(marker[:-1])
                # The step after the last one, and the list between them was left.
                if not open_lists.get(level) and number > 1 and last.get(level) == number - 1:
                    message = f"step {number} begins a new list and shows as 1; indent what stands before it 4 columns"
                    yield at(line.number, line.column + 1, message)
                last[level] = number
            open_lists[level] = True
            for deeper in [key for key in open_lists if key > level]:
                open_lists[deeper] = False
        else:
            items = sum(parent.kind == "item" for parent in line.parents)
            lazy = line.kind == "text" and not line.starts and line.role == "paragraph"
            if not lazy:
                for level in list(open_lists):
                    if level >= depth or (items == 0 and depth == 0):
                        open_lists[level] = False
            if line.kind == "text" and line.role == "heading":
                last.clear()
