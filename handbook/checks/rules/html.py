"""Raw HTML: closed, known to the browser, and meant to be published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.page import VOID_ELEMENTS, Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site

ELEMENTS = frozenset(
    """a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption
    center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption
    figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd
    label legend li link main map mark marquee menu meta meter nav nobr noscript object ol optgroup option output p
    param picture pre progress q rb rp rt rtc ruby s samp script search section select slot small source span strike
    strong style sub summary sup table tbody td template textarea tfoot th thead time title tr track tt u ul var video
    wbr math svg""".split()
)
# Inside <svg> and <math> the names are theirs.
FOREIGN = frozenset("svg math".split())
OPTIONAL_END = frozenset("p li dt dd td th tr tbody thead tfoot option colgroup rp rt".split())


@rule("HTML001", "An element that is not closed takes in the rest of the page, as raw text or in its style.")
def unclosed(page: Page, site: Site) -> Iterator[Fault]:
    told = set()
    for line, column, name in page.unclosed_html:
        told.add(line)
        if name == "!--":
            yield at(line, column, "the comment is never closed, and is shown; end it with -->")
        elif name not in OPTIONAL_END:
            yield at(line, column, f"<{name}> is never closed, and the rest of the page is raw text; add </{name}>")
    stack: list[tuple[str, int]] = []
    for tag in page.tags:
        if tag.name in VOID_ELEMENTS or tag.name not in ELEMENTS or page.text[tag.end - 2] == "/":
            continue
        if not tag.closing:
            stack.append((tag.name, tag.offset))
        else:
            names = [name for name, _ in stack]
            if tag.name in names:
                while stack:
                    name, offset = stack.pop()
                    if name == tag.name:
                        break
                    yield from _open(page, name, offset, told)
            elif tag.name not in OPTIONAL_END and tag.name != "br":
                yield at(*page.place(tag.offset), f"</{tag.name}> closes nothing; remove it, or open <{tag.name}>")
    for name, offset in stack:
        yield from _open(page, name, offset, told)


def _open(page: Page, name: str, offset: int, told: set[int]) -> Iterator[Fault]:
    line, column = page.place(offset)
    if name not in OPTIONAL_END and line not in told:
        told.add(line)
        yield at(line, column, f"<{name}> is never closed; add </{name}>")


@rule("HTML003", "The browser takes the words for a tag, and the reader sees nothing.")
def unknown_element(page: Page, site: Site) -> Iterator[Fault]:
    inside = 0
    for tag in page.tags:
        if tag.name in FOREIGN:
            inside += -1 if tag.closing else 1 if page.text[tag.end - 2] != "/" else 0
        elif not inside and tag.name not in ELEMENTS and not tag.closing:
            source = page.text[tag.offset : tag.end]
            if re.match(r"<(https?|mailto|ftp):", source) or "@" in source:
                continue
            # A web component of the site's own is loaded by a script of its own.
            if "-" in tag.name and f"</{tag.name}>" in page.text.lower() and site.config.get("extra_javascript"):
                continue
            if site.hooks and source.strip("<>/") in site.hooks:
                continue  # a mark that the site's own hook replaces
            scheme = nearest(tag.name.partition(":")[0], ("http", "https", "mailto")) if ":" in tag.name else ""
            near = nearest(tag.name, ELEMENTS, 0.8) if len(tag.name) > 3 else ""
            hint = f"did you mean <{near}>?" if near else f"put it in backticks: `{source}`"
            hint = f"did you mean '{scheme}:'?" if scheme else hint
            line, column = page.place(tag.offset)
            yield at(line, column, f"unknown tag {source}, whose text vanishes; {hint}")
    for match in re.finditer(r"<([A-Za-z][\w.]*(?:[ _/|][\w./|-]+)*)>", page.inline):
        name = match[1]
        if not re.match(r"[a-zA-Z][\w:-]*$", name.split()[0].split("/")[0]) or name.split()[0].lower() in ELEMENTS:
            continue
        if any(tag.offset == match.start() for tag in page.tags):
            continue
        yield at(*page.place(match.start()), f"unknown tag <{name}>, whose text vanishes; put it in backticks")


@rule("HTML004", "An HTML comment is published: everybody can read it in the page's source.", severity="warning")
def comments(page: Page, site: Site) -> Iterator[Fault]:
    for offset, text in page.comments:
        inside = text[4:-3].strip()
        # Remarks to tools, and the empty one that parts two lists.
        if not inside or re.match(
            r"(markdownlint|prettier|rumdl|vale|cspell|codespell|spell-checker|more|toc|START |END |lint|textlint|md-|"
            r"material/|\[\[\[)",
            inside,
        ):
            continue
        if re.fullmatch(
            r"[\w-]+:[\w.,-]+|[\w-]+:(?: [\w.-]+)*(?: [\w.-]+=\S+)+|\w+(?:-\w+)+(?:: \S+)?", inside
        ) or re.match(r"[\w-]+-(start|end|disable|enable|ignore)", inside):
            continue
        yield at(*page.place(offset), "HTML comments are published; remove it, or say it in the pull request")


@rule("HTML005", "With a blank before it, an attribute list is shown with its braces.")
def attribute_list(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("attr_list") or "{" not in page.inline:
        return
    for match in re.finditer(
        r"(?:[)\]]|(?<=\S)[*_\ue000>])(?P<gap>[ \t]+)\{:?[ ]*(?:[#.][A-Za-z][\w-]*|[\w-]+=[^\s}]+)"
        r"(?:[ ]+(?:[#.][\w-]+|[\w-]+=[^\n}]+))*[ ]*\}",
        page.inline,
    ):
        line, column = page.place(match.start("gap"))
        parsed, after = page.parsed[line - 1], page.lines[line - 1][column - 1 :].partition("}")[2].lstrip()
        # At the end of a heading, or of a cell, the list is that of the whole.
        if parsed.kind != "text" or (parsed.role == "heading" and not after):
            continue
        if "|" in parsed.text and after[:1] in ("", "|"):
            continue
        link_end = any(link.end == match.start("gap") for link in page.links)
        if link_end or page.text[match.start()] not in ")]":
            yield at(line, column + len(match["gap"]), "a blank before { } shows the braces; remove it")
    for match in re.finditer(
        r"[)\]*_](?P<list>\{(?:target|class|id|rel|width|loading|download|title|style)[ ]*=[^}\n]*)$",
        page.inline,
        re.MULTILINE,
    ):
        yield at(*page.place(match.start("list")), "the attribute list is never closed; end it with }")


@rule("HTML006", "Without its extension, an attribute list is shown with its braces.")
def attribute_extension(page: Page, site: Site) -> Iterator[Fault]:
    if site.has("attr_list"):
        return
    for match in re.finditer(
        r"(?<=[)\]])\{:?[ ]*[#.][\w-]+[^}\n]*\}|^#+ .*\{:?[ ]*#[\w-]+[ ]*\}[ ]*$", page.inline, re.MULTILINE
    ):
        yield at(*page.place(match.start()), "the braces are shown; add attr_list to mkdocs.yml")
        return
