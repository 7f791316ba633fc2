"""Admonitions, details, tabs and other blocks: what belongs inside is inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.page import Line, Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

TYPES = frozenset(
    """note abstract summary tldr info todo tip hint important success check done question help faq warning caution
    attention failure fail missing danger error bug example quote cite""".split()
)
MARKS = {"!": "!!!", "?": "???", "=": "==="}


def _heads(page: Page, *marks: str) -> Iterator[tuple[Line, str, str]]:
    """(line, marker, rest) of each block's head."""
    for line in page.parsed:
        if line.kind == "text" and line.role == "block" and line.text.startswith(marks):
            match = re.match(r"(!!!|\?\?\?\+?|===[!+]{0,2}) ?(.*)$", line.text)
            if match:
                yield line, match[1], match[2].strip()


@lru_cache(maxsize=2)
def _shown(page: Page) -> frozenset[str]:
    """The lines that a page shows as code: one about blocks shows both the source and what comes of it."""
    return frozenset(row.strip() for fence in page.fences for row in fence.text.split("\n"))


@rule("BLOCK001", "A body that is not indented four columns falls out of its box: an answer in plain sight.")
def body(page: Page, site: Site) -> Iterator[Fault]:
    reported = set()
    for line in page.parsed:
        left = line.left
        if line.kind in ("blank", "code", "front") or left is None or left.line in reported:
            continue
        if left.kind in ("admonition", "details", "tab") and line.indent > 0:
            reported.add(left.line)
            message = f"the text falls out of the {left.kind} of line {left.line}; indent it {left.inside} columns"
            yield at(line.number, line.column + 1, message)
    for line, marker, _ in _heads(page, "!", "?", "="):
        following = page.parsed[line.number] if line.number < len(page.parsed) else None
        if following is None or following.kind not in ("text", "fence") or following.left is not None:
            continue
        inside = any(parent.line == line.number for parent in following.parents)
        if (
            not inside
            and following.role in ("paragraph", "item", "false item", "heading")
            and line.number not in reported
        ):
            if following.role == "heading" and following.text.startswith("#"):
                continue
            width = 4 + line.column
            message = f"the text under '{marker}' is not in the box; indent it {width} columns"
            yield at(following.number, following.column + 1, message)
            reported.add(line.number)
    filled = {parent.line for line in page.parsed for parent in line.parents} | reported
    empty = [(line, marker) for line, marker, rest in _heads(page, "!", "?", "=") if line.number not in filled]
    if not empty:
        return
    solid = [line for line in page.parsed if line.kind != "blank"]
    place = {line.number: n for n, line in enumerate(solid)}
    tabs = {line.number for line, marker in empty if marker.startswith("=")}
    for line, marker in empty:
        n = place[line.number]
        # A box of one line, which is its title, is meant; and so are tabs that are all empty.
        beside = {near.number for near in solid[max(n - 1, 0) : n + 2]} - {line.number}
        meant = (marker == "!!!" and '"' in line.text) or line.text.strip() in _shown(page)
        if not meant and not (line.number in tabs and beside & tabs):
            message = f"nothing is in the box of '{marker}'; indent its text {4 + line.column} columns"
            yield at(line.number, line.column + 1, message)


@rule("BLOCK002", "An unknown type shows as a plain note that is titled with the misspelling.")
def types(page: Page, site: Site) -> Iterator[Fault]:
    if str(site.theme.get("name")) != "material":
        return
    for line, marker, rest in _heads(page, "!", "?"):
        words = re.match(r"([\w-]+)((?: +[\w-]+)*)(?: +\"|$)", rest)
        if not words or words[1].lower() in TYPES | _own_types(site):
            continue
        near = nearest(words[1], TYPES)
        if not near and not site.docs.joinpath("stylesheets").exists() and site.config.get("extra_css"):
            continue  # a style of the site's own
        hint = f"did you mean '{near}'?" if near else "use one of Material's, such as note, tip or warning"
        column = line.column + len(marker) + 2
        yield at(line.number, column, f"unknown type '{words[1]}'; {hint}")


def _own_types(site: Site) -> set[str]:
    """The types that the site's own stylesheets know."""
    found: set[str] = set()
    for entry in site.config.get("extra_css") or []:
        path = site.docs / str(entry)
        if path.is_file():
            found.update(re.findall(r"\.admonition\.([\w-]+)", path.read_text("utf-8", "replace")))
            found.update(re.findall(r"details\.([\w-]+)", path.read_text("utf-8", "replace")))
            found.update(re.findall(r"--md-admonition-icon--([\w-]+)", path.read_text("utf-8", "replace")))
    return found


@rule("BLOCK003", "A title without quotes is lost: its words become CSS classes, or the block is not recognised.")
def titles(page: Page, site: Site) -> Iterator[Fault]:
    for line, marker, rest in _heads(page, "!", "?"):
        if line.text.strip() in _shown(page):
            continue
        quoted = re.match(r"([\w-]+(?: +[\w-]+)*)(?: +\"(.*?)\")? *$", rest)
        words = rest.split()
        if quoted and not (
            quoted[2] is None and len(words) > 1 and not set(words[1:]) <= {"inline", "end", "annotate", "highlight"}
        ):
            continue
        if (
            quoted
            and quoted[2] is None
            and all(re.fullmatch(r"[a-z][\w-]*", word) for word in words)
            and len(words) == 2
            and "-" in words[1]
        ):
            continue  # a class of the site's own
        if not rest:
            yield at(line.number, line.column + 1, f"'{marker}' names no type; write {marker} note")
            continue
        if marker.startswith("?") and rest.startswith('"'):
            continue  # details may do without a type
        first = words[0].strip('"')
        title = rest[len(words[0]) :].strip().strip("\"'“”„")
        if rest.startswith(('"', "“", "'")):
            yield at(line.number, line.column + 1, f"the block has a title and no type; write {marker} note {rest}")
        else:
            column = line.column + len(marker) + 2 + len(words[0]) + 1
            yield at(line.number, column, f'the title is lost; quote it: {marker} {first} "{title}"')


NEAR = re.compile(r"(!!|!{4,}|\?\?|\?{4,}) ?(\w+)(?: +\".*\")? *$|(==|={4,}) *\"[^\"]+\" *$|(:::) *(\w+)(?: .*)?$")


@rule("BLOCK009", "With a mark too many or too few, or with another program's, a box is a line of text.")
def marks(page: Page, site: Site) -> Iterator[Fault]:
    for line in page.parsed:
        match = NEAR.match(line.text) if line.kind == "text" and line.text[:1] in "!?=:" else None
        if not match or (match[2] or match[5] or "note").lower() not in TYPES:
            continue
        mark = match[1] or match[3] or match[4]
        right = "!!! note".replace("note", match[5].lower()) if match[5] else MARKS[mark[0]]
        yield at(line.number, line.column + 1, f"'{mark}' makes no box; write '{right}', and indent its text 4 columns")


@rule("BLOCK004", "GitHub's alerts are quotes with a literal [!NOTE] here.")
def alerts(page: Page, site: Site) -> Iterator[Fault]:
    if site.has("github-callouts", "pymdownx.quotes", "markdown_callouts", "callouts", "markdown_callouts.github"):
        return
    for line in page.parsed:
        match = re.match(r"\[!(\w+)\]", line.text) if line.kind == "text" else None
        if match and any(parent.kind == "quote" for parent in line.parents):
            name = match[1].lower()
            known = {"important": "tip", "caution": "danger"}.get(name, name)
            yield at(
                line.number,
                line.column + 1,
                f"[!{match[1]}] is shown as it stands; write '!!! {known}' and indent the text",
            )


@rule("BLOCK005", "Without its extension, the block is a paragraph that begins with its marks.")
def extension(page: Page, site: Site) -> Iterator[Fault]:
    needs = {
        "!": ("admonition", ("admonition",)),
        "?": ("pymdownx.details", ("pymdownx.details",)),
        "=": ("pymdownx.tabbed", ("pymdownx.tabbed", "pymdownx.blocks.tab", "markdown_tabs", "tabbed")),
    }
    for mark, (name, any_of) in needs.items():
        if not site.has(*any_of):
            for line, marker, _ in _heads(page, mark):
                if mark != "=" or '"' in line.text:
                    yield at(line.number, line.column + 1, f"'{marker}' needs an extension; add {name} to mkdocs.yml")
                break


@rule("BLOCK006", "A tab's title without quotes makes no tab.")
def tabs(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("pymdownx.tabbed"):
        return
    for line, marker, rest in _heads(page, "="):
        if not re.match(r"\"(?:\\.|[^\"])*\" *$|'(?:\\.|[^'])*' *$", rest):
            title = rest.strip("\"'“”")
            yield at(line.number, line.column + 1, f'the tab has no quoted title; write {marker} "{title}"')


@rule("BLOCK007", "Inside a raw HTML block, Markdown is shown as it is written.")
def markdown_attribute(page: Page, site: Site) -> Iterator[Fault]:
    unclosed = {line for line, _, _ in page.unclosed_html}
    number = 0
    while number < len(page.parsed):
        line = page.parsed[number]
        if line.kind != "html":
            number += 1
            continue
        first = number
        while number < len(page.parsed) and page.parsed[number].kind in ("html", "code"):
            number += 1
        block = [row for row in page.parsed[first:number] if row.kind == "html"]
        head = re.match(r"<([a-zA-Z][\w-]*)", block[0].text)
        if (
            not head
            or head[1].lower() in ("pre", "script", "style", "textarea", "svg", "math", "table")
            or block[0].number in unclosed
        ):
            continue
        inner = "\n".join(row.raw for row in block)
        if re.search(r"<(pre|script|style|textarea)\b", inner, re.IGNORECASE) or re.search(r"\smarkdown[\s>=]", inner):
            continue
        for row in block:
            # Python-Markdown's marks at the start of a line, or around words.
            if re.match(r"(?:[-*+] |\d+\. |#{1,6} |!!! )\S", row.text) or re.search(
                r"\*\*\w[^*]*\*\*|(?<!`)`[^`\n]+`(?!`)|!?\[[^\]\n]+\]\([^)\s]+\)", re.sub(r"<[^>]*>", "", row.text)
            ):
                mend = f"add the attribute: <{head[1]} … markdown>"
                if not site.has("md_in_html"):
                    mend += ", and md_in_html to mkdocs.yml"
                yield at(
                    block[0].number,
                    block[0].column + 1,
                    f"Markdown in raw HTML is shown as it is written (line {row.number}); {mend}",
                )
                break


@rule("BLOCK008", "A `///` block that is not closed takes in the rest of the page, or nothing.")
def slashes(page: Page, site: Site) -> Iterator[Fault]:
    names = {name.rpartition(".")[2] for name in site.extensions if name.startswith("pymdownx.blocks.")}
    own = any(name.startswith("handbook.markdown.questions") for name in site.extensions)
    if not names and not own:
        return
    opened: list[tuple[Line, str]] = []
    for line in page.parsed:
        if line.kind != "text" or line.role != "slash":
            continue
        match = re.match(r"(/{3,})[ ]*([\w-]*)", line.text)
        if match[2]:
            opened.append((line, match[1]))
        elif opened and opened[-1][1] == match[1]:
            opened.pop()
        elif opened and any(mark == match[1] for _, mark in opened):
            while opened and opened[-1][1] != match[1]:
                line_, mark = opened.pop()
                yield at(line_.number, line_.column + 1, f"the block is never closed; end it with a line of {mark}")
            opened.pop()
        else:
            yield at(line.number, line.column + 1, f"'{match[1]}' closes nothing; remove it, or open a block")
    for line, mark in opened:
        yield at(line.number, line.column + 1, f"the block is never closed; end it with a line of {mark}")
