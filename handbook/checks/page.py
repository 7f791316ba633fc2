"""A page's source, taken apart once for all the rules, as Python-Markdown (not CommonMark) reads it.

A line belongs to containers (list items, admonitions, tabs, notes, quotes), each of which wants its content indented
four columns deeper than itself. A line that is indented, but not enough, has left its container: `left` names it, and
half of the faults that contributors make are of this kind.

Two copies of the text, as long as the source, so that an offset in one is an offset in all:
`inline` keeps what is read as Markdown prose, `markup` also raw HTML; everything else is blanked.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import yaml

INDENT = re.compile(r"[ \t]*")
QUOTES = re.compile(r"[ \t]*>[ \t>]*")
PREFIX = re.compile(r"[ \t>]*")
NOTE_HEAD = re.compile(r"\[\^[^\]]+\]:")
DEFINITION_HEAD = re.compile(r":[ \t]{1,3}\S")
UNDERLINE = re.compile(r"(=+|-+)\s*$")
SLASHES = re.compile(r"/{3,}[ ]*([\w-]+[ ]*(\|.*)?)?$")

HIDDEN = "\ue000"  # stands for a character of code, of a formula, or behind a backslash

# The elements that Python-Markdown takes for raw blocks (Markdown().block_level_elements, and comments).
BLOCK_ELEMENTS = frozenset(
    """address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header
    hgroup hr main menu nav ol p pre section table ul canvas colgroup dd body dt group html iframe li legend math map
    noscript output object option progress script style summary tbody td textarea tfoot th thead tr video
    center""".split()
)
VOID_ELEMENTS = frozenset("area base br col embed hr img input link meta param source track wbr".split())

FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
LIST_ITEM = re.compile(r"(?P<marker>[*+-]|\d+\.)(?P<gap>[ \t]+)(?P<text>\S.*)?$")
BLOCK_HEAD = re.compile(
    r"(?P<marker>!!!(?!!)|\?\?\?(?!\?)\+?|===[!+]{0,2}(?= *[\"'“”„«]| +\w))(?P<gap> ?)(?P<rest>.*)$"
)
DEFINITION = re.compile(r"(?::[ \t]{1,3}|\[\^[^\]]+\]:)")
REFERENCE = re.compile(r"\[(?P<id>[^\]^][^\]]*)\]:[ \t]*(?P<url><[^>]*>|\S+)")
HEADING = re.compile(r"(?P<level>#{1,6})(?P<text>.*?)#*[ \t]*$")
RULE = re.compile(r"(?:(?:-[ ]{0,2}){3,}|(?:_[ ]{0,2}){3,}|(?:\*[ ]{0,2}){3,})[ \t]*$")
DELIMITER_ROW = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
RAW_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][\w:-]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTES = re.compile(r"\{:?[ ]*(?P<list>[^}\n ][^}\n]*?)[ ]*\}")
MARKDOWN_ATTRIBUTE = re.compile(r"""\smarkdown(?:=["']?(?:1|block|span|markdown)["']?)?(?=[\s>/]|$)""")

CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
DOLLARS = re.compile(r"(?<![\\$])\$\$(?!\$).+?\$\$|(?<![\\$])\$(?![\s$])(?:\\.|[^\\$])+?(?<!\s)\$(?!\$)", re.DOTALL)
BRACKETS = re.compile(r"(?<!\\)\\\((?:\\[^)]|[^\\])+?\\\)|^[ \t>]*\\\[.+?\\\][ \t]*$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ESCAPE = re.compile(r"\\[\\`*_{}\[\]()>#+\-.!|<~^&$:]")


class FrontMatterError(ValueError):
    """Front matter that is not closed or not YAML; `line` counts from the first line of the file."""

    def __init__(self, line: int, reason: str, column: int = 0, closed: bool = True) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column
        self.closed = closed


@dataclass(frozen=True)
class Fence:
    """A fenced block: `line` is that of its opening fence, `text` what stands inside, without its indent."""

    line: int
    language: str
    info: str
    text: str
    end: int = 0  # the line of the closing fence
    indent: int = 0
    column: int = 0  # of the info, from 1


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str
    column: int = 1
    id: str = ""  # given as {#id}


@dataclass(frozen=True)
class Table:
    """A pipe table: `rows` are (line, cells); the first is the header, the delimiter row is left out."""

    line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiters: int


@dataclass(frozen=True)
class Container:
    """What holds other blocks: kind is item, admonition, details, tab, note, definition or quote."""

    kind: str
    line: int
    indent: int  # of the marker, from the container's own base
    inside: int  # the column at which content must start
    marker: str = ""

    @property
    def width(self) -> int:
        """How far CommonMark would want content indented."""
        return len(self.marker) + 1 if self.kind == "item" else 2


@dataclass
class Line:
    """A line of the page. `kind`: blank, front, fence, code, indented, html, comment, or text."""

    number: int
    raw: str
    kind: str = "text"
    column: int = 0  # where `text` starts in `raw`, from 0
    indent: int = 0  # beyond what its container asks for
    text: str = ""
    role: str = "paragraph"  # of a text line: paragraph, item, heading, block, rule, note, reference, slash
    parents: tuple[Container, ...] = ()
    left: Container | None = None  # the container that it fell out of, for lack of indent
    starts: bool = True  # nothing stands right before it: the first line of its block


@dataclass(frozen=True)
class Tag:
    name: str
    closing: bool
    attributes: dict[str, str]
    offset: int
    end: int
    raw: bool  # inside a raw HTML block


@dataclass(frozen=True)
class Link:
    """A link, image or reference of the source; `kind`: inline, reference, shortcut, autolink, html."""

    kind: str
    text: str
    target: str
    offset: int
    target_offset: int
    end: int
    image: bool = False
    title: str = ""


@dataclass(eq=False)  # a key for what is remembered of it
class Page:
    """One Markdown file; line numbers start at 1 and count the front matter."""

    path: Path
    text: str
    docs: Path = field(default=Path("docs"))
    maths: tuple[str, ...] = ("dollar",)  # the signs that open formulas, as the site reads them

    def __post_init__(self) -> None:
        self.text = self.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    @classmethod
    def read(cls, path: Path, docs: Path = Path("docs")) -> Page:
        return cls(path, path.read_bytes().decode("utf-8"), docs)

    @cached_property
    def lines(self) -> list[str]:
        lines = self.text.split("\n")
        return lines[:-1] if lines[-1] == "" else lines

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line starts."""
        starts, position = [], 0
        for line in self.lines:
            starts.append(position)
            position += len(line) + 1
        return starts

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset in the text."""
        line = max(bisect_right(self.starts, offset), 1)
        return line, offset - (self.starts[line - 1] if self.starts else 0) + 1

    def place_of_value(self, tag: Tag, name: str) -> tuple[int, int]:
        """Line and column of an attribute's value; of the tag where the attribute has none."""
        found = re.search(rf"[\s\"'/]{re.escape(name)}\s*=\s*[\"']?", self.text[tag.offset : tag.end], re.IGNORECASE)
        return self.place(tag.offset + (found.end() if found else 0))

    # ── Front matter ─────────────────────────────────────────────────────────

    @cached_property
    def front_matter(self) -> tuple[dict, int]:
        """The front matter and the number of lines that it takes; raises FrontMatterError."""
        if not self.lines or self.lines[0].rstrip() != "---":
            return {}, 0
        end = self._front_matter_end
        if end:
            return self._meta("\n".join(self.lines[1 : end - 1])), end
        if any(re.match(r"[A-Za-z_][\w-]*:(\s|$)", line) for line in self.lines[1:3]):
            raise FrontMatterError(
                1, "the front matter is never closed; end it with a line of three hyphens", 1, closed=False
            )
        return {}, 0  # a horizontal rule

    @cached_property
    def _front_matter_end(self) -> int:
        if not self.lines or self.lines[0].rstrip() != "---":
            return 0
        for end, line in enumerate(self.lines[1:], start=2):
            if line.rstrip() in ("---", "..."):
                inside = self.lines[1 : end - 1]
                # Text between two horizontal rules is no front matter.
                keys = [row for row in inside if re.match(r"[\w\"'-]+ *:", row)]
                prose = [row for row in inside if re.match(r"(#{1,6} \S|[^\s#-][^:]*$)", row)]
                return 0 if prose and not keys else end if len(prose) <= len(keys) + 2 else 0
        return 0

    @staticmethod
    def _meta(source: str) -> dict:
        try:
            try:
                meta = yaml.load(source, _FastLoader) or {}
            except yaml.YAMLError:
                meta = yaml.load(source, _Loader) or {}  # tells places and reasons
        except yaml.YAMLError as error:
            # A quote that is never closed is told best where it opens.
            quoted = "quoted scalar" in (getattr(error, "context", None) or "")
            mark = getattr(error, "context_mark" if quoted else "problem_mark", None)
            line, column = (mark.line + 2, mark.column + 1) if mark else (1, 0)
            hint = "the front matter is not valid YAML; quote values that hold ': '"
            raise FrontMatterError(line, hint, column) from error
        except ValueError as error:  # a date that does not exist
            raise FrontMatterError(1, f"the front matter is not valid YAML ({error}); mend the value") from error
        if not isinstance(meta, dict):
            raise FrontMatterError(2, "the front matter is not a mapping; write 'key: value' lines")
        return meta

    @property
    def meta(self) -> dict:
        return self.front_matter[0]

    @cached_property
    def meta_or_none(self) -> dict:
        """The front matter; empty where it is broken."""
        try:
            return self.meta
        except FrontMatterError:
            return {}

    @cached_property
    def body(self) -> int:
        """How many lines the front matter takes, broken or not."""
        if self._front_matter_end:
            return self._front_matter_end
        try:
            return self.front_matter[1]
        except FrontMatterError:
            blank = next((n for n, line in enumerate(self.lines) if n and not line.strip()), len(self.lines))
            return blank

    @cached_property
    def repeated_meta(self) -> list[tuple[int, str]]:
        """(line, key) of each key of the front matter that stands there for a second time."""
        keys = [
            (number, match[1])
            for number, line in enumerate(self.lines[: self.body], start=1)
            if (match := re.match(r"([\w-]+):(?:\s|$)", line))
        ]
        return [(number, key) for n, (number, key) in enumerate(keys) if key in {earlier for _, earlier in keys[:n]}]

    def meta_line(self, key: str) -> int:
        """The line on which a key of the front matter stands; 1 where it does not."""
        for number, line in enumerate(self.lines[: self.body], start=1):
            if line.startswith(f"{key}:"):
                return number
        return 1

    # ── Blocks ───────────────────────────────────────────────────────────────

    @cached_property
    def _parsed(self) -> _Parser:
        return _Parser(self)

    @property
    def parsed(self) -> list[Line]:
        return self._parsed.lines

    @property
    def fences(self) -> list[Fence]:
        return self._parsed.fences

    @property
    def unclosed_fences(self) -> list[tuple[int, int, str]]:
        """(line, column, why) of every fence that is not closed."""
        return self._parsed.unclosed_fences

    @property
    def unclosed_html(self) -> list[tuple[int, int, str]]:
        """(line, column, element) of every raw HTML block that is not closed."""
        return self._parsed.unclosed_html

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """(line, text) of everything outside front matter and fences."""
        return [(line.number, line.raw) for line in self.parsed if line.kind not in ("front", "fence", "code")]

    @cached_property
    def runs(self) -> list[list[Line]]:
        """Lines of text that stand together: a paragraph, a list item, the rows of a table."""
        runs: list[list[Line]] = []
        before: Line | None = None
        for line in self.parsed:
            if line.kind == "text":
                alone = line.role not in ("paragraph", "item", "note")
                if (
                    before is None
                    or before.kind != "text"
                    or alone
                    or (line.role in ("item", "note"))
                    or before.role in ("heading", "block", "rule", "slash", "reference")
                    or (line.parents != before.parents and line.indent == 0 and line.starts)
                ):
                    runs.append([])
                runs[-1].append(line)
            before = line
        return runs

    @cached_property
    def headings(self) -> list[Heading]:
        found = []
        for line in self.parsed:
            if line.kind != "text" or line.role != "heading":
                continue
            match = HEADING.match(line.text)
            if match:
                text, level = match["text"].strip(), len(match["level"])
                column = line.column + match.start("text") + 1 + len(match["text"]) - len(match["text"].lstrip())
            else:  # underlined
                text, column = line.text.strip(), line.column + 1
                level = 1 if self.parsed[line.number].text.startswith("=") else 2
            text, identifier = split_attributes(text)
            found.append(Heading(line.number, level, text, column, identifier))
        return found

    @cached_property
    def tables(self) -> list[Table]:
        return list(self._tables())

    def _tables(self) -> Iterator[Table]:
        for run in self.runs:
            # The row of hyphens decides, also where text before the header keeps it from being a table.
            where = next((n for n, line in enumerate(run) if "|" in line.text and DELIMITER_ROW.match(line.text)), 0)
            if where and "|" in run[where - 1].text:
                border = has_border(run[where - 1].text)
                rows = [(line.number, tuple(cells(line.text, border))) for line in run[where - 1 :]]
                yield Table(run[where - 1].number, (rows[0], *rows[2:]), len(rows[1][1]))

    # ── Inline ───────────────────────────────────────────────────────────────

    @cached_property
    def _masks(self) -> tuple[str, str, list[tuple[int, int]], list[tuple[int, int]]]:
        keep_inline, keep_markup = [], []
        for line in self.parsed:
            blank = " " * len(line.raw)
            keep_inline.append(line.raw if line.kind == "text" and line.role != "slash" else blank)
            keep_markup.append(line.raw if line.kind in ("text", "html", "comment") else blank)
        inline = "\n".join(keep_inline)
        code: list[tuple[int, int]] = []
        maths: list[tuple[int, int]] = []
        comments: list[tuple[int, int]] = []
        hidden: list[tuple[int, int]] = []
        for first, last in self._paragraphs:
            start, end = self.starts[first - 1], self.starts[last - 1] + len(self.lines[last - 1])
            part = inline[start:end]
            if "`" in part:
                spans = [(start + m.start(), start + m.end()) for m in CODE_SPAN.finditer(part)]
                code += spans
                part = _hide(part, [(a - start, b - start) for a, b in spans])
            if "<!--" in part:
                spans = [(start + m.start(), start + m.end()) for m in COMMENT.finditer(part)]
                comments += spans
                part = _hide(part, [(a - start, b - start) for a, b in spans])
            if "$" in part and "dollar" in self.maths:
                maths += [(start + m.start(), start + m.end()) for m in DOLLARS.finditer(part)]
            if "\\" in part:
                if "round" in self.maths:
                    maths += [(start + m.start(), start + m.end()) for m in BRACKETS.finditer(part)]
                hidden += [(start + m.start(), start + m.end()) for m in ESCAPE.finditer(part)]
        inline = _hide(inline, sorted(code + maths + comments + hidden))
        markup = _hide("\n".join(keep_markup), sorted(code + maths + hidden))
        return inline, markup, code, maths

    @cached_property
    def _paragraphs(self) -> list[tuple[int, int]]:
        """First and last line of every stretch within which code spans, links and formulas may run on."""
        stretches = []
        for run in self.runs:
            if any("|" in line.text for line in run[:2]) and any(DELIMITER_ROW.match(line.text) for line in run):
                stretches += [(line.number, line.number) for line in run]
            else:
                stretches.append((run[0].number, run[-1].number))
        return stretches

    @property
    def inline(self) -> str:
        return self._masks[0]

    @property
    def markup(self) -> str:
        return self._masks[1]

    @property
    def code_spans(self) -> list[tuple[int, int]]:
        return self._masks[2]

    @property
    def formulas(self) -> list[tuple[int, int]]:
        return self._masks[3]

    @cached_property
    def tags(self) -> list[Tag]:
        """The tags of raw HTML, as a browser reads them."""
        tags = []
        raw = {line.number for line in self.parsed if line.kind in ("html", "comment")}
        comments = [(m.start(), m.end()) for m in COMMENT.finditer(self.markup)]
        markup = _hide(self.markup, comments)
        # The pointed brackets of a link's target, as in [a](<b.md>), make no tag.
        targets = {link.target_offset - 1 for link in (*self.links, *self.definitions.values())}
        for match in RAW_TAG.finditer(markup):
            if match.start() in targets:
                continue
            source = self.text[match.start() : match.end()]
            tags.append(
                Tag(
                    match["name"].lower(),
                    bool(match["close"]),
                    {} if match["close"] else attributes_of(source),
                    match.start(),
                    match.end(),
                    self.place(match.start())[0] in raw,
                )
            )
        return tags

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """(offset, text) of every HTML comment."""
        return [(m.start(), self.text[m.start() : m.end()]) for m in COMMENT.finditer(self.markup)]

    @cached_property
    def definitions(self) -> dict[str, Link]:
        """The link references, by their name in lower case."""
        found: dict[str, Link] = {}
        for line in self.parsed:
            match = REFERENCE.match(line.text) if line.kind == "text" else None
            if match:
                offset = self.starts[line.number - 1] + line.column
                at = offset + match.start("url") + match["url"].startswith("<")
                name = " ".join(match["id"].lower().split())
                found.setdefault(
                    name, Link("definition", match["id"], match["url"].strip("<>"), offset, at, offset + match.end())
                )
        return found

    @cached_property
    def links(self) -> list[Link]:
        return sorted(self._links(), key=lambda link: link.offset)

    def _links(self) -> Iterator[Link]:
        inline, text = self.inline, self.text
        for first, last in self._paragraphs:
            start, end = self.starts[first - 1], self.starts[last - 1] + len(self.lines[last - 1])
            opened: list[int] = []
            for match in re.finditer(r"[\[\]]", inline[start:end]):
                at = start + match.start()
                if match.group() == "[":
                    opened.append(at)
                elif opened:
                    begin = opened.pop()
                    image = begin > start and inline[begin - 1] == "!"
                    yield from self._link(begin, at, end, image)
        for match in re.finditer(r"<((?:https?|ftp|file|mailto|javascript|data):[^<>\s]+)>", inline):
            yield Link(
                "autolink", match[1], text[match.start(1) : match.end(1)], match.start(), match.start(1), match.end()
            )

    def _link(self, begin: int, at: int, end: int, image: bool) -> Iterator[Link]:
        inline, text = self.inline, self.text
        label, after = text[begin + 1 : at], inline[at + 1 : at + 2]
        if after == "(":
            target = _target(text, at + 2, end)
            if target:
                url, offset, title, close = target
                yield Link("inline", label, url, begin, offset, close, image, title)
        elif after == "[" or inline[at + 1 : at + 3] == " [":
            open_at = inline.index("[", at + 1)
            close = inline.find("]", open_at, end)
            if close > 0 and not label.startswith("^"):
                name = text[open_at + 1 : close] or label
                yield Link("reference", label, " ".join(name.lower().split()), begin, open_at + 1, close + 1, image)
        elif after != ":" and not label.startswith("^"):
            name = " ".join(label.lower().split())
            before_is_link = begin > 0 and inline[begin - 1] in "]"
            if name in self.definitions and not before_is_link:
                yield Link("shortcut", label, name, begin, begin + 1, at + 1, image)


class _Loader(yaml.SafeLoader):
    """YAML as MkDocs reads it: with tags that mean something to the build only."""


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """The same in C, where it is at hand."""


for loader in (_Loader, _FastLoader):
    loader.add_multi_constructor("!", lambda loader, suffix, node: getattr(node, "value", None))


class _Attributes(HTMLParser):
    found: dict[str, str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = {name.lower(): value or "" for name, value in attrs}


def attributes_of(tag: str) -> dict[str, str]:
    """The attributes of a start tag, their character references resolved."""
    parser = _Attributes()
    parser.found = {}
    parser.feed(tag)
    return parser.found


def split_attributes(text: str) -> tuple[str, str]:
    """Part a heading's text from its attribute list; returns text and id."""
    match = re.search(r"[ ]+\{:?[ ]*([^}\n]*)\}[ ]*$", text)
    if not match:
        return text, ""
    identifier = re.search(r"(?:^|\s)#([^\s}]+)|\bid=[\"']?([^\s\"'}]+)", match.group(1))
    return text[: match.start()], (identifier.group(1) or identifier.group(2)) if identifier else ""


def blanked(text: str, sign: str = " ") -> str:
    """As many signs, on as many lines, as the text has."""
    return "\n".join(sign * len(line) for line in text.split("\n"))


def _hide(text: str, spans: list[tuple[int, int]]) -> str:
    parts, position = [], 0
    for begin, end in spans:
        start = max(begin, position)
        if end <= start:
            continue
        parts += [text[position:start], blanked(text[start:end], HIDDEN)]
        position = end
    parts.append(text[position:])
    return "".join(parts)


def _target(text: str, start: int, end: int) -> tuple[str, int, str, int] | None:
    """The target of an inline link that starts behind its parenthesis: (url, offset, title, end)."""
    depth, position, quote = 1, start, ""
    while position < end:
        sign = text[position]
        if sign == "\\":
            position += 2
            continue
        if quote:
            if sign == quote and re.match(r"\s*\)", text[position + 1 : end]):
                quote = ""
        elif sign in "\"'" and text[position - 1].isspace():
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if not depth:
                break
        position += 1
    else:
        return None
    inside = text[start:position]
    title = re.search(r"\s+(\"(.*)\"|'(.*)')\s*$", inside, re.DOTALL)
    url = inside[: title.start()] if title else inside
    offset = start + len(url) - len(url.lstrip())
    url = url.strip()
    if url.startswith("<") and url.endswith(">"):
        url, offset = url[1:-1], offset + 1
    return url, offset, (title.group(2) or title.group(3) or "") if title else "", position + 1


class _Parser:
    """One pass over the lines."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.fences: list[Fence] = []
        self.unclosed_fences: list[tuple[int, int, str]] = []
        self.unclosed_html: list[tuple[int, int, str]] = []
        self.lines: list[Line] = [Line(n, raw) for n, raw in enumerate(page.lines, start=1)]
        self.stack: list[Container] = []
        self._opening = ""  # the role of the line with which the present block began
        number = page.body
        for line in self.lines[:number]:
            line.kind = "front"
        while number < len(self.lines):
            number = self._read(number)

    def _read(self, number: int) -> int:
        """Read the block line at this index; return the index of the next line to read."""
        line = self.lines[number]
        before = self.lines[number - 1] if number else None
        raw = line.raw
        if not raw.strip(" \t>"):
            line.kind = "blank" if not raw.strip() or not raw.strip(" \t>") else "text"
            return number + 1
        prefix = INDENT.match(raw).group()
        quotes = QUOTES.match(raw)
        in_quote = any(parent.kind == "quote" for parent in self.stack)
        if quotes and (in_quote or self._may_quote(raw)):
            prefix = quotes.group()
        line.column = len(prefix)
        line.text = raw[line.column :]
        depth = prefix.count(">")
        indent = len(prefix.replace(">", " ").expandtabs(4))
        outer = len(prefix.partition(">")[0].expandtabs(4))  # what stands outside of the quotes counts to here
        line.starts = before is None or before.kind != "text"
        self._leave(line, before, indent, outer, depth)
        base = self._base()
        line.indent = indent - base
        line.parents = tuple(self.stack)
        if depth > sum(parent.kind == "quote" for parent in self.stack):
            inside = len(prefix[: prefix.rindex(">") + 1].expandtabs(4)) + prefix.endswith((" ", "\t"))
            marker = line.indent - indent + outer
            for _ in range(depth - sum(parent.kind == "quote" for parent in self.stack)):
                self.stack.append(Container("quote", line.number, marker, inside))
            line.indent = indent - inside
            line.parents = tuple(self.stack)
        return self._classify(number, line, before)

    def _may_quote(self, raw: str) -> bool:
        indent = len(INDENT.match(raw).group().expandtabs(4))
        return any(0 <= indent - parent.inside < 4 for parent in self.stack) or indent < 4

    def _base(self) -> int:
        return self.stack[-1].inside if self.stack else 0

    def _leave(self, line: Line, before: Line | None, inner: int, outer: int, depth: int) -> None:
        lazy = before is not None and before.kind == "text" and not line.starts
        while self.stack:
            top = self.stack[-1]
            indent = inner if any(parent.kind == "quote" for parent in self.stack) else outer
            if top.kind == "quote":
                if depth >= sum(parent.kind == "quote" for parent in self.stack):
                    break
            elif indent >= top.inside:
                break
            if lazy and top.kind in ("item", "note", "definition", "quote") and not self._begins(line, top, indent):
                break
            self.stack.pop()
            if top.kind in ("admonition", "details", "tab"):
                line.starts = True  # what stands under a box begins anew, even without a blank line
            base = self._base()
            if indent > base and line.left is None and top.kind != "quote":
                line.left = top
            elif indent <= base:
                line.left = None

    def _begins(self, line: Line, top: Container, indent: int) -> bool:
        """Whether the line begins a block of its own and thereby leaves a list item without a blank line."""
        if LIST_ITEM.match(line.text) and top.kind == "item" and not _is_delimiters(line.text):
            return True
        if re.match(r"\[\^[^\]]+\]:|:[ \t]{1,3}\S", line.text) and top.kind in ("note", "definition"):
            return True
        return bool(FENCE.match(line.text) or re.match(r"/{3,}", line.text) or (BLOCK_HEAD.match(line.text)))

    def _classify(self, number: int, line: Line, before: Line | None) -> int:
        text = line.text
        if line.indent >= 4 and line.starts and (before is None or before.kind in ("blank", "indented")):
            # Deeper than a container asks for, after a blank line: code.
            line.kind = "indented"
            fence = FENCE.match(text)
            if fence and "`" not in fence["info"]:
                return self._fence(number, line, fence)
            return number + 1
        fence = FENCE.match(text)
        if fence and not ("`" in fence["info"] and fence["fence"].startswith("`")):
            return self._fence(number, line, fence)
        if text.startswith("<") and line.indent < 4:
            after = self._html(number, line, top_level=not self.stack)
            if after:
                return after
        self._text(number, line, before)
        return number + 1

    def _fence(self, number: int, line: Line, match: re.Match[str]) -> int:
        marker, info = match["fence"], match["info"].strip()
        end, why = None, "it is never closed; end it with a line of " + marker
        short = None
        for index in range(number + 1, len(self.lines)):
            raw = self.lines[index].raw
            stripped = raw.strip(" \t>")
            same = len(PREFIX.match(raw).group()) == line.column
            if stripped == marker and (
                same
                or (
                    short is None
                    and raw.lstrip(" \t>").rstrip() == marker
                    and len(raw) - len(raw.lstrip(" \t>")) < line.column
                )
            ):
                end = index
                if not same:
                    short = index
                break
            if (
                same
                and stripped.startswith(marker)
                and re.match(r"[\w{.]", stripped[len(marker) :].strip())
                and "`" not in stripped[len(marker) :]
            ):
                # The next fence opens before this one is closed.
                self.unclosed_fences.append(
                    (
                        line.number,
                        line.column + 1,
                        f"line {index + 1} opens the next one before it is closed; close it with {marker}",
                    )
                )
                return self._end_fence(number, index, line, match)
            if short is None and stripped and len(PREFIX.match(raw).group().expandtabs(4)) < line.column:
                short = index
        last = end if end is not None else len(self.lines) - 1
        if end is None or short is not None:
            if end is not None and short is not None:
                why = f"line {short + 1} inside it is indented less than the fence; indent it alike"
            self.unclosed_fences.append((line.number, line.column + 1, why))
        inside = [self._dedent(row.raw, line.column) for row in self.lines[number + 1 : last + (end is None)]]
        language = _language(info)
        column = line.column + len(marker) + 1 + len(match["info"]) - len(match["info"].lstrip())
        # A fence that is shown as indented code is no fence.
        if line.kind != "indented":
            self.fences.append(
                Fence(line.number, language, line.text.strip(), "\n".join(inside), last + 1, line.column, column)
            )
        for row in self.lines[number : last + 1]:
            row.kind = "code"
            row.parents = line.parents
        line.kind = "fence"
        if end is not None:
            self.lines[end].kind = "fence"
        return last + 1

    def _end_fence(self, number: int, end: int, line: Line, match: re.Match[str]) -> int:
        """Take a fence that is not closed for one that ends before another line."""
        for row in self.lines[number:end]:
            row.kind = "code"
            row.parents = line.parents
        line.kind = "fence"
        language = _language(match["info"].strip())
        self.fences.append(
            Fence(line.number, language or "text", line.text.strip(), "", end, line.column, line.column + 1)
        )
        return end

    @staticmethod
    def _dedent(raw: str, width: int) -> str:
        prefix = PREFIX.match(raw).group()
        return raw[min(width, len(prefix)) :]

    def _html(self, number: int, line: Line, top_level: bool) -> int:
        """Read a raw HTML block; returns 0 where there is none."""
        page, start = self.page, self.page.starts[number] + line.column
        if line.text.startswith("<!--"):
            close = page.text.find("-->", start)
            if close < 0:
                self.unclosed_html.append((line.number, line.column + 1, "!--"))
                return 0
            last = page.place(close)[0]
            rest = page.text[close + 3 :].split("\n", 1)[0]
            if rest.strip():
                return 0
            return self._mark(number, last, "comment")
        tag = RAW_TAG.match(page.text, start)
        if not tag or tag["name"].lower() not in BLOCK_ELEMENTS or not top_level:
            return 0
        name = tag["name"].lower()
        if tag["close"]:
            return self._mark(number, line.number, "html")
        if name in VOID_ELEMENTS or tag["rest"].endswith("/"):
            return self._mark(number, page.place(tag.end() - 1)[0], "html")
        if MARKDOWN_ATTRIBUTE.search(tag["rest"]):
            return self._mark(number, page.place(tag.end() - 1)[0], "html")
        depth, position = 1, tag.end()
        same = re.compile(rf"<(/?){re.escape(name)}(?=[\s>/])", re.IGNORECASE)
        while depth:
            other = same.search(page.text, position)
            if not other:
                self.unclosed_html.append((line.number, line.column + 1, name))
                return self._mark(number, len(self.lines), "html")
            depth += -1 if other[1] else 1
            position = other.end()
        return self._mark(number, page.place(position - 1)[0], "html")

    def _mark(self, number: int, last: int, kind: str) -> int:
        """Give the lines from an index up to a line number a kind; returns the index behind them."""
        parents = self.lines[number].parents
        for row in self.lines[number:last]:
            row.kind = kind
            row.parents = parents
            row.text = row.raw.strip()
            row.column = len(row.raw) - len(row.raw.lstrip())
        if kind == "html":  # fences are read before raw HTML
            opened = ""
            for row in self.lines[number:last]:
                mark = re.match(r"(`{3,}|~{3,})", row.text)
                if opened or mark:
                    row.kind = "code"
                if mark and (not opened or row.text == opened):
                    opened = "" if opened else mark[1]
        return max(last, number + 1)

    def _text(self, number: int, line: Line, before: Line | None) -> None:
        text = line.text
        starts = line.starts or (
            before is not None
            and before.kind == "text"
            and (before.role in ("heading", "block", "rule", "slash", "reference") or _is_bare_note(before))
        )
        base = self._base()
        following = self.lines[number + 1].raw.strip() if number + 1 < len(self.lines) else ""
        previous = before if before is not None and before.kind == "text" else None
        head = BLOCK_HEAD.match(text) if line.indent < 4 else None
        item = LIST_ITEM.match(text) if line.indent < 4 else None
        if previous and "|" in previous.text and _is_delimiters(text):
            item = None  # the row of hyphens of a table without outer pipes
        if head:
            line.role = "block"
            kind = {"!": "admonition", "?": "details", "=": "tab"}[text[0]]
            self.stack.append(Container(kind, line.number, line.indent, base + 4, head["marker"]))
        elif (
            RULE.match(text)
            and line.indent < 4
            and not (previous and previous.role in ("paragraph", "item") and re.match(r"-+\s*$", text))
        ):
            line.role = "rule"
        elif item:
            # A list can't begin within a block that began as a paragraph; within a list, an item can.
            if not starts and self._opening in ("paragraph", "note"):
                line.role = "false item"
            else:
                line.role = "item"
                self.stack.append(Container("item", line.number, line.indent, base + 4, item["marker"]))
                line.parents = tuple(self.stack)
        elif (text.startswith("#") and HEADING.match(text) and line.indent == 0) or (
            starts and following and UNDERLINE.match(following) and "|" not in text and not self._is_slash(text)
        ):
            line.role = "heading"
        elif previous and previous.role == "heading" and UNDERLINE.match(text):
            line.role = "rule"
        elif self._is_slash(text) and line.indent < 4:
            line.role = "slash"
        elif REFERENCE.match(text) and line.indent < 4:
            line.role = "reference"
        elif NOTE_HEAD.match(text) and line.indent < 4:
            line.role = "note"
            self.stack.append(Container("note", line.number, line.indent, base + 4))
            line.parents = tuple(self.stack)
        elif DEFINITION_HEAD.match(text) and previous is not None:
            line.role = "note"
            self.stack.append(Container("definition", line.number, line.indent, base + 4))
            line.parents = tuple(self.stack)
        if starts:
            self._opening = line.role

    @staticmethod
    def _is_slash(text: str) -> bool:
        return bool(SLASHES.match(text))


def _is_bare_note(line: Line) -> bool:
    """Whether a note's mark stands alone, and its text begins on the next line."""
    return line.role == "note" and bool(NOTE_HEAD.fullmatch(line.text.rstrip()))


def _language(info: str) -> str:
    """The language that stands behind a fence's marks; in braces, it is the first class."""
    if info.startswith("{"):
        found = re.search(r"(?:^\{[ ]*|[ ])\.([\w#+-][\w#.+-]*)", info)
    else:
        found = re.match(r"\.?([\w#.+-]+)(?!=)(?![\w#.+-])", info)
    return found[1] if found else ""


def _is_delimiters(text: str) -> bool:
    return "|" in text and bool(DELIMITER_ROW.match(text))


def has_border(header: str) -> bool:
    """Whether a table is written with outer pipes: its header decides for all rows."""
    header = header.strip()
    return header.startswith("|") or bool(re.search(r"(?<!\\)(?:\\\\)*\|$", header))


def cells(row: str, border: bool = True) -> list[str]:
    """Split a table row as Python-Markdown does: a pipe in `code` or behind a backslash does not part cells."""
    return [cell.strip() for cell, _ in cells_at(row, border)]


def cells_at(row: str, border: bool = True) -> list[tuple[str, int]]:
    """The cells of a row, each with the offset at which it starts."""
    parts, current, position, begin = [], "", 0, 0
    stripped = row.rstrip()
    position = begin = len(row) - len(row.lstrip())
    left, right = stripped[begin:].startswith("|"), bool(re.search(r"(?<!\\)(?:\\\\)*\|$", stripped))
    while position < len(stripped):
        sign = stripped[position]
        if sign == "\\":
            current += stripped[position : position + 2]
            position += 2
            continue
        if sign == "`":
            ticks = re.match(r"`+", stripped[position:]).group()
            close = re.compile(rf"(?<!`){ticks}(?!`)").search(stripped, position + len(ticks))
            if close:
                current += stripped[position : close.end()]
                position = close.end()
                continue
            current += ticks
            position += len(ticks)
            continue
        if sign == "|":
            parts.append((current, begin))
            current, begin = "", position + 1
        else:
            current += sign
        position += 1
    parts.append((current, begin))
    if left and border:
        parts = parts[1:]
    if right and border and len(parts) > 1:
        parts = parts[:-1]
    return parts
