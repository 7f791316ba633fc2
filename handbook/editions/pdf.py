"""The whole handbook as one tagged PDF: Chromium sets it, from one document made of all pages.

It is set twice, since only the first setting tells on which pages the chapters begin.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pikepdf
from lxml import etree
from playwright.sync_api import Page as Tab

from handbook.editions import article
from handbook.editions.article import element, find
from handbook.editions.contents import LANGUAGE, LICENCE, Book, EditionError, Page

HERE = Path(__file__).parent
_HEAD = "font: 8.5pt 'Liberation Sans', Arial, sans-serif; color: #5c5750;"


def make(book: Book, site: Path, target: Path, tab: Tab, work: Path) -> int:
    """Write the PDF, and return how many pages it has."""
    source = work / "book.xhtml"
    pages: dict[str, int] = {}
    for _ in range(4):
        document = _document(book, site, pages)
        source.write_bytes(article.write(document))
        tab.goto(source.as_uri())
        printed = tab.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
        with pikepdf.open(io.BytesIO(printed)) as pdf:
            found = _pages(pdf)
            if found == pages:
                _finish(pdf, book, document)
                pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
                return len(pdf.pages)
        pages = found
    raise EditionError("the page numbers of the PDF's contents do not settle")


def _pages(pdf: pikepdf.Pdf) -> dict[str, int]:
    """The number of the page on which each chapter begins."""
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    return {
        name.lstrip("/"): numbers[place[0].objgen]
        for name, place in pdf.Root.Dests.items()
        if "--" not in name and isinstance(place, pikepdf.Array)
    }


def _finish(pdf: pikepdf.Pdf, book: Book, document: etree._Element) -> None:
    """Put in what the browser leaves out: the edition's date instead of the hour of printing, licence, whole titles."""
    moment = f"D:{book.moment:%Y%m%d%H%M%S}Z"
    facts = {"Title": book.title, "Subject": book.description, "CreationDate": moment, "ModDate": moment}
    for name, value in facts.items():
        pdf.docinfo[f"/{name}"] = value
    with pdf.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:title"] = book.title
        meta["dc:description"] = book.description
        meta["dc:language"] = {LANGUAGE}
        meta["dc:rights"] = f"Text and figures: {LICENCE[0]}, {LICENCE[1]}"
        meta["xmp:CreateDate"] = meta["xmp:ModifyDate"] = book.moment.isoformat()
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = pikepdf.Name.UseOutlines
    # Where a heading breaks over lines, the browser's outline joins the words around the break.
    headings = find(document, "//h:h1 | //h:h2 | //h:h3 | //h:h4 | //h:h5 | //h:h6")
    titles = {re.sub(r"\s", "", text): " ".join(text.split()) for text in map(_text, headings)}
    for entry in _entries(pdf.Root.Outlines):
        joined = re.sub(r"\s", "", str(entry.Title))
        entry.Title = titles.get(joined, str(entry.Title))


def _text(node: etree._Element) -> str:
    return "".join(node.itertext())


def _entries(parent: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    entry = parent.get("/First")
    while entry is not None:
        yield entry
        yield from _entries(entry)
        entry = entry.get("/Next")


def _document(book: Book, site: Path, pages: dict[str, int]) -> etree._Element:
    heads = [
        f"@page {page.key} {{ @top-left {{ content: {_string(page.title)}; {_HEAD} }} }}\n"
        f"#{page.key} {{ page: {page.key}; }}"
        for page in book.chapters
    ]
    css = [(HERE / name).read_text(encoding="utf-8") for name in ("book.css", "pages.css")]
    css[0] = css[0].replace("stix-two-math.woff2", (site / article.MATHS_FONT).resolve().as_uri())
    body = [_title(book), _about(book), _contents(book, pages)]
    number = 0
    for count, (part, inside) in enumerate(book.parts(), start=1):
        opening = element("section", None, element("p", f"Part {count}", class_="number"), class_="part")
        opening.append(element("h1", part, id=f"part-{count}"))
        inside_of_part = element("ol")
        for place, page in enumerate(inside, start=number + 1):
            line = element("a", page.title, href=f"#{page.key}")
            inside_of_part.append(element("li", None, element("span", str(place), class_="at"), line))
        opening.append(inside_of_part)
        body.append(opening)
        for page in inside:
            number += 1
            body.append(_chapter(book, page, number))
    return article.document(book.title, LANGUAGE, [element("style", "\n".join(css + heads))], *body)


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _title(book: Book) -> etree._Element:
    licence = element("p", "Text and figures: ", element("a", LICENCE[0], href=LICENCE[1]))
    facts = element("div", None, element("p", f"Edition of {book.date}"), licence, class_="facts")
    return element(
        "section",
        None,
        element("h1", book.title),
        element("div", class_="rule"),
        element("p", book.description, class_="what"),
        facts,
        class_="title",
    )


def _about(book: Book) -> etree._Element:
    about = _prepared(book, book.home)
    heading = find(about, "./h:h2")[0]
    heading.tag = article.HTML + "h1"
    heading.text = "About this book"
    about.set("class", "page about")
    return about


def _chapter(book: Book, page: Page, number: int) -> etree._Element:
    chapter = _prepared(book, page)
    chapter.insert(0, element("p", f"{number}", class_="number", aria_hidden="true"))
    return chapter


def _prepared(book: Book, page: Page) -> etree._Element:
    """A page's section, with ids of its own and links that lead to places in the one document."""
    section = deepcopy(page.article)
    for link in find(section, ".//h:a[@href]"):
        to, fragment = book.resolve(page, link.get("href"))
        if to:
            link.set("href", f"#{to.key}--{fragment}" if fragment else f"#{to.key}")
    for figure in find(section, ".//h:figure"):
        figure.set("role", "group")  # or the PDF says that a table is a picture
    article.rename(section, f"{page.key}--")
    article.shift_headings(section, 1)
    section.set("id", page.key)
    section.set("class", "page")
    return section


def _contents(book: Book, pages: dict[str, int]) -> etree._Element:
    parts = element("ol")
    number = 0
    for part, inside in book.parts():
        chapters = element("ol")
        for page in inside:
            number += 1
            line = element("a", None, href=f"#{page.key}")
            line.append(element("span", str(number), class_="at"))
            line.append(element("span", page.title, class_="name"))
            line.append(element("span", class_="leader"))
            line.append(element("span", str(pages.get(page.key, "000")), class_="folio"))
            chapters.append(element("li", None, line))
        parts.append(element("li", None, element("span", part, class_="part"), chapters))
    return element("nav", None, element("h1", "Contents"), parts, class_="contents")
