"""Blocks that are made from the data files in `docs/data`: dated tables, the bibliography, the map of sources.

    /// data-table
        file: providers.yaml
        columns:
          - Provider: "[{name}]({url})"
          - Checked: "{checked}"
    ///

A column is a Markdown template over the fields of a row. A field that is a list is joined with commas. An item that
is a mapping becomes a line of its own: a link from its `name` and `url`, and the other fields behind it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from pathlib import Path, PurePosixPath

import yaml
from markdown import Markdown
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block, type_any, type_string

from handbook import quick_yaml
from handbook.markdown import bibliography, citations
from handbook.markdown.page import DOCS, source_path, warn

DATA = DOCS / "data"
_CITED = re.compile(citations.CITATION)


class DataError(ValueError):
    """A data file that does not give what a table needs; the message names file, row and field."""


def table(path: Path, columns: list[dict[str, str]]) -> str:
    """Return the Markdown table of a data file; raises DataError for a missing or empty field."""
    rows = quick_yaml.read(path)
    heads = [next(iter(column)) for column in columns]
    templates = [next(iter(column.values())) for column in columns]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for number, row in enumerate(rows, start=1):
        cells = [_cell(path, number, row, template) for template in templates]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(path: Path, number: int, row: dict, template: str) -> str:
    def fill(match: re.Match[str]) -> str:
        field = match.group(1)
        if row.get(field) in (None, "", []):
            raise DataError(f"{path.as_posix()}: row {number}: field '{field}' is missing or empty")
        return _inline(row[field])

    return re.sub(r"\{(\w+)\}", fill, template).replace("|", "\\|")


def _inline(value: object) -> str:
    if isinstance(value, list):
        return ("<br>" if isinstance(value[0], dict) else ", ").join(map(_inline, value))
    if isinstance(value, dict):
        notes = [str(note) for field, note in value.items() if field not in ("name", "url")]
        return ", ".join([f"[{value['name']}]({value['url']})", *notes])
    return " ".join(str(value).split())


class DataTable(Block):
    NAME = "data-table"
    ARGUMENT = None
    OPTIONS = {"file": ("", type_string), "columns": ([], type_any)}

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "div", {"class": "data-table"})

    def on_end(self, block: etree.Element) -> None:
        try:
            markdown = table(DATA / self.options["file"], self.options["columns"])
        except (DataError, OSError, yaml.YAMLError) as error:
            warn(self.md, str(error), self.options["file"])
            return
        self.md.parser.parseBlocks(block, [markdown])


class Bibliography(Block):
    """Every source, by first author's surname, each with the chapters that cite it."""

    NAME = "bibliography"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "ul", {"class": "bibliography"})

    def on_end(self, block: etree.Element) -> None:
        pages = citing_pages()
        for source in sorted(bibliography.load().values(), key=by_surname):
            item = etree.SubElement(block, "li", {"id": source.key})
            citations.describe(item, source)
            cited = etree.SubElement(item, "span", {"class": "cited-in"})
            cited.text = "Cited in "
            for path, title in pages.get(source.key, {}).items():
                link = etree.SubElement(cited, "a", {"href": path})
                link.text = title
                link.tail = ", "
            if len(cited):
                cited[-1].tail = "."
            else:
                item.remove(cited)


def by_surname(source: bibliography.Source) -> tuple[str, int, str]:
    first = source.authors.split(",")[0]
    return first.split()[-1].lower(), source.year, source.title


def citing_pages() -> dict[str, dict[str, str]]:
    """Return, for each key, the pages that cite it: path below `docs/` to title."""
    pages: dict[str, dict[str, str]] = {}
    for path in sorted((DOCS / "genai").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for match in _CITED.finditer(text):
            for key, _ in citations.references(match.group(1)):
                pages.setdefault(key, {})[path.relative_to(DOCS).as_posix()] = title_of(text)
    return pages


def title_of(text: str) -> str:
    """Return the first-level heading of a chapter's source."""
    return re.search(r"^# (.+)$", text, flags=re.MULTILINE).group(1).strip()


class Routes(Block):
    """The ways through the handbook by role, each with the time that its chapters take."""

    NAME = "routes"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "div", {"class": "routes"})

    def on_end(self, block: etree.Element) -> None:
        page = PurePosixPath(source_path(self.md) or "")
        self.md.parser.parseChunk(block, routes("" if page.parent.name == "genai" else "genai/"))


def routes(folder: str) -> str:
    """Return the routes as a list in Markdown, for a page from which the chapters are in `folder`."""
    lines = []
    for route in quick_yaml.read(DATA / "routes.yaml"):
        chapters = {slug: (DOCS / f"genai/{slug}.md").read_text(encoding="utf-8") for slug in route["chapters"]}
        links = ", ".join(f"[{title_of(text)}]({folder}{slug}.md)" for slug, text in chapters.items())
        minutes = sum(int(re.search(r"^minutes: (\d+)", text, re.MULTILINE).group(1)) for text in chapters.values())
        time = f"{minutes // 60} h {minutes % 60} min"
        lines += [f"{route['role']}: {route['aim']}", f":   {time}, in this order: {links}.", ""]
        lines += [f"    You are done when {route['done']}.", ""]
    return "\n".join(lines)


class SourceMap(Block):
    """For each of the four documents that the handbook grew from, the chapters that draw on it."""

    NAME = "source-map"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "div", {"class": "data-table"})

    def on_end(self, block: etree.Element) -> None:
        self.md.parser.parseBlocks(block, [source_map()])


def source_map() -> str:
    """Return the Markdown table that says how many facts of each document a chapter carries."""
    ledger = quick_yaml.read(DATA / "ledger.yaml")
    counts: dict[str, dict[str, int]] = {}
    for entry in ledger:
        chapters = counts.setdefault(entry["page"], {})
        chapters[entry["id"][0]] = chapters.get(entry["id"][0], 0) + 1
    lines = ["| Chapter | A | B | C | D |", "| --- | --: | --: | --: | --: |"]
    for page, by_source in sorted(counts.items()):
        cells = [str(by_source.get(source, "none")) for source in "ABCD"]
        title = title_of((DOCS / page).read_text(encoding="utf-8"))
        lines.append(f"| [{title}]({page}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


class DataExtension(BlocksExtension):
    def extendMarkdownBlocks(self, md: Markdown, block_mgr: object) -> None:
        for block in (DataTable, Bibliography, Routes, SourceMap):
            block_mgr.register(block, self.getConfigs())


def makeExtension(**kwargs: object) -> DataExtension:
    return DataExtension(**kwargs)
