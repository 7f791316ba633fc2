"""Each page as Markdown beside it, and `llms.txt`, which lists them for programs that read (llmstxt.org)."""

from __future__ import annotations

import posixpath
from pathlib import Path

import yaml

from handbook.editions.contents import LICENCE, Book, Page
from handbook.markdown import bibliography, data, plain
from handbook.markdown.page import DOCS

NAME = "index.md"


def make(book: Book, site: Path, root: str = "") -> int:
    """Write all texts into the built site, and return how many pages they are. `root` is the site's address."""
    sources = bibliography.load()
    for page in book.pages:
        (site / page.url / NAME).write_text(markdown(book, page, sources), encoding="utf-8")
    (site / "llms.txt").write_text(listing(book, root), encoding="utf-8")
    return len(book.pages)


def markdown(book: Book, page: Page, sources: dict[str, bibliography.Source]) -> str:
    """Return a page's source in plain Markdown, its links leading to the Markdown of other pages."""

    def link(label: str, address: str) -> str:
        path, _, fragment = address.partition("#")
        if not path:
            return label
        source = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), path))
        to = next((each for each in book.pages if each.source == source), None)
        if to is None:
            return label
        relative = posixpath.relpath(f"/{to.url}{NAME}", f"/{page.url}")
        return f"[{label}]({relative}{'#' + fragment if fragment else ''})"

    def block(name: str, options: str) -> str:
        made = _block(name, options, "" if page.source.startswith("genai/") else "genai/", sources)
        return plain.LINK.sub(lambda match: link(match.group(1), match.group(2)), made)

    text = plain.FRONT_MATTER.sub("", (DOCS / page.source).read_text(encoding="utf-8"))
    return plain.text(text, sources, link, block, url=True) + "\n"


def _block(name: str, options: str, chapters: str, sources: dict[str, bibliography.Source]) -> str:
    if name == "routes":
        return data.routes(chapters)
    if name == "source-map":
        return data.source_map()
    if name == "bibliography":
        return "\n".join(
            f"- {source.authors.rstrip('.')}. *{source.title}*, {source.year}. [{source.label}]({source.url})"
            for source in sorted(sources.values(), key=data.by_surname)
        )
    settings = yaml.safe_load(options)
    return data.table(data.DATA / settings["file"], settings["columns"])


def listing(book: Book, root: str = "") -> str:
    """Return llms.txt: what the handbook is, and every page with its description."""
    lines = [f"# {book.title}", "", f"> {book.description}", ""]
    lines += [f"Text and figures are licensed under [{LICENCE[0]}]({LICENCE[1]}). Edition of {book.date}.", ""]
    lines += [f"- [Contents]({root}{NAME}): {book.home.meta.get('description', '')}", ""]
    for part, inside in book.parts():
        lines += [f"## {part}", ""]
        lines += [f"- [{page.title}]({root}{page.url}{NAME}): {page.meta.get('description', '')}" for page in inside]
        lines.append("")
    return "\n".join(lines)
