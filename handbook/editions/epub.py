"""The handbook as an EPUB 3: the pages as XHTML with SVG and MathML in them, in a zip as the format asks for.

Written with `zipfile` alone: the libraries that make EPUBs write the chapters anew through HTML parsers that know
neither the case of SVG's attributes nor MathML.
"""

from __future__ import annotations

import uuid
import zipfile
from copy import deepcopy
from pathlib import Path

from lxml import etree
from playwright.sync_api import Page as Tab

from handbook.editions import archive, article
from handbook.editions.article import element, find
from handbook.editions.contents import LANGUAGE, LICENCE, Book, Page

HERE = Path(__file__).parent
EPUB = "http://www.idpf.org/2007/ops"
FONT = "stix-two-math.woff2"
COVER = (1600, 2560)
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
FEATURES = (
    *("alternativeText", "displayTransformability", "longDescription", "MathML", "readingOrder"),
    *("structuralNavigation", "tableOfContents"),
)
SUMMARY = (
    "Text that reflows, headings in order, tables with header cells, formulas as MathML, and a description of every "
    "figure. Colour is never the only carrier of meaning."
)


def make(book: Book, site: Path, target: Path, tab: Tab, work: Path) -> None:
    """Write the EPUB."""
    documents = {"about.xhtml": _about(book)}
    documents |= {_file(page): _document(page.title, _linked(book, page), kind="chapter") for page in book.chapters}
    files = {
        "META-INF/container.xml": CONTAINER.encode(),
        "EPUB/book.css": (HERE / "book.css").read_bytes(),
        f"EPUB/{FONT}": (site / article.MATHS_FONT).read_bytes(),
        "EPUB/cover.png": _cover(book, tab, work),
        "EPUB/cover.xhtml": article.write(_cover_page(book)),
        "EPUB/nav.xhtml": article.write(_navigation(book)),
        "EPUB/package.opf": _package(book, documents),
        **{f"EPUB/{name}": article.write(document) for name, document in documents.items()},
    }
    mimetype = [("mimetype", b"application/epub+zip", zipfile.ZIP_STORED)]
    rest = [(name, content, zipfile.ZIP_DEFLATED) for name, content in sorted(files.items())]
    archive.write(target, mimetype + rest)


def _file(page: Page) -> str:
    return f"{page.key}.xhtml"


def _linked(book: Book, page: Page) -> etree._Element:
    """A page's section, its links between pages made links between files."""
    section = deepcopy(page.article)
    for link in find(section, ".//h:a[@href]"):
        to, fragment = book.resolve(page, link.get("href"))
        if to:
            name = "about.xhtml" if to is book.home else _file(to)
            path = "" if to is page else name
            link.set("href", (f"{path}#{fragment}" if fragment else path) or name)
    return section


def _document(title: str, *body: etree._Element, kind: str) -> etree._Element:
    style = element("link", rel="stylesheet", href="book.css")
    document = article.document(title, LANGUAGE, [style], *body)
    return _typed(document, find(document, "./h:body")[0], kind)


def _typed(document: etree._Element, node: etree._Element, kind: str) -> etree._Element:
    node.set(f"{{{EPUB}}}type", kind)
    return document


def _about(book: Book) -> etree._Element:
    section = _linked(book, book.home)
    licence = element("p", "Text and figures: ", element("a", LICENCE[0], href=LICENCE[1]))
    section.append(element("div", None, element("p", f"Edition of {book.date}"), licence, class_="facts"))
    return _document(book.title, section, kind="frontmatter")


def _cover(book: Book, tab: Tab, work: Path) -> bytes:
    """The title page as a picture."""
    css = """
      body { width: 1600px; height: 2560px; margin: 0; background: #fdfcf9; color: #1f1d1a;
             font-family: "TeX Gyre Pagella", Palatino, Georgia, "Liberation Serif", serif; }
      div { margin: 0 180px; }
      h1 { margin: 0; padding-top: 620px; letter-spacing: -5px;
           font: 700 196px/1.06 Inter, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
      hr { width: 240px; margin: 90px 0; border: 0; border-top: 14px solid #8a3324; }
      p { margin: 0; color: #5c5750; font-size: 66px; line-height: 1.4; }
    """
    text = element("div", None, element("h1", book.title), element("hr"), element("p", book.description))
    page = work / "cover.xhtml"
    page.write_bytes(article.write(article.document(book.title, LANGUAGE, [element("style", css)], text)))
    tab.set_viewport_size({"width": COVER[0], "height": COVER[1]})
    tab.goto(page.as_uri())
    return tab.screenshot()


def _cover_page(book: Book) -> etree._Element:
    picture = element("img", src="cover.png", alt=f"Cover: {book.title}", style="max-width: 100%; max-height: 100%")
    return _document(book.title, element("section", None, picture), kind="cover")


def _navigation(book: Book) -> etree._Element:
    entries = element("ol", None, element("li", None, element("a", "About this book", href="about.xhtml")))
    for part, inside in book.parts():
        chapters = element("ol")
        for page in inside:
            chapters.append(element("li", None, element("a", page.title, href=_file(page)), *_sections(page)))
        entries.append(element("li", None, element("span", part), chapters))
    contents = element("nav", None, element("h1", "Contents"), entries, id="contents", role="doc-toc")
    contents.set(f"{{{EPUB}}}type", "toc")
    marks = element("ol")
    first = book.chapters[0]
    for kind, title, href in (("toc", "Contents", "#contents"), ("bodymatter", "First chapter", _file(first))):
        link = element("a", title, href=href)
        link.set(f"{{{EPUB}}}type", kind)
        marks.append(element("li", None, link))
    landmarks = element("nav", None, element("h2", "Landmarks"), marks, hidden="hidden")
    landmarks.set(f"{{{EPUB}}}type", "landmarks")
    return _document("Contents", contents, landmarks, kind="frontmatter")


def _sections(page: Page) -> list[etree._Element]:
    headings = find(page.article, ".//h:h2[@id]")
    items = [
        element("li", None, element("a", "".join(h.itertext()), href=f"{_file(page)}#{h.get('id')}")) for h in headings
    ]
    return [element("ol", None, *items)] if items else []


def _package(book: Book, documents: dict[str, etree._Element]) -> bytes:
    opf, dc = "http://www.idpf.org/2007/opf", "http://purl.org/dc/elements/1.1/"
    package = etree.Element(f"{{{opf}}}package", {"version": "3.0", "unique-identifier": "id"}, nsmap={None: opf})
    package.set("{http://www.w3.org/XML/1998/namespace}lang", LANGUAGE)
    metadata = etree.SubElement(package, f"{{{opf}}}metadata", nsmap={"dc": dc})
    moment = f"{book.moment:%Y-%m-%dT%H:%M:%SZ}"
    for name, value in (
        ("identifier", f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, book.title)}"),
        ("title", book.title),
        ("language", LANGUAGE),
        ("description", book.description),
        ("date", moment),
        ("rights", f"Text and figures: {LICENCE[0]}, {LICENCE[1]}"),
    ):
        etree.SubElement(metadata, f"{{{dc}}}{name}", {"id": "id"} if name == "identifier" else {}).text = value
    for name, value in (
        ("dcterms:modified", moment),
        *(("schema:accessMode", mode) for mode in ("textual", "visual")),
        *(("schema:accessModeSufficient", mode) for mode in ("textual", "textual,visual")),
        *(("schema:accessibilityFeature", feature) for feature in FEATURES),
        ("schema:accessibilityHazard", "none"),
        ("schema:accessibilitySummary", SUMMARY),
    ):
        etree.SubElement(metadata, f"{{{opf}}}meta", {"property": name}).text = value
    manifest = etree.SubElement(package, f"{{{opf}}}manifest")
    spine = etree.SubElement(package, f"{{{opf}}}spine")
    items = [
        ("cover-image", "cover.png", "image/png", "cover-image"),
        ("css", "book.css", "text/css", ""),
        ("font", FONT, "font/woff2", ""),
        ("cover", "cover.xhtml", "application/xhtml+xml", ""),
        ("nav", "nav.xhtml", "application/xhtml+xml", "nav"),
        *(
            (name.removesuffix(".xhtml"), name, "application/xhtml+xml", properties(document))
            for name, document in documents.items()
        ),
    ]
    for identifier, href, media_type, declared in items:
        attributes = {"id": identifier, "href": href, "media-type": media_type}
        etree.SubElement(manifest, f"{{{opf}}}item", attributes | ({"properties": declared} if declared else {}))
    reading = ["cover", "about", "nav", *(page.key for page in book.chapters)]
    for identifier in reading:
        etree.SubElement(spine, f"{{{opf}}}itemref", {"idref": identifier})
    return etree.tostring(package, encoding="utf-8", xml_declaration=True, pretty_print=True)


def properties(document: etree._Element) -> str:
    """What a document must declare of its content."""
    kinds = (("mathml", "//m:math"), ("svg", "//s:svg"))
    return " ".join(name for name, path in kinds if find(document, path))
