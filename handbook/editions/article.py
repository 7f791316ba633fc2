"""Turn the article of a built page into what a book can hold: nothing to click, open or type into.

The browser reads the HTML, since it is the one that knows how: what it hands over is XML with SVG and MathML in their
own name spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from lxml import etree
from playwright.sync_api import Page as Tab

from handbook.editions.contents import Book, EditionError
from handbook.figures import plot

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
MATHS_FONT = "assets/fonts/stix-two-math.woff2"
NAMES = {"h": HTML[1:-1], "s": SVG[1:-1], "m": MATHML[1:-1]}

_LEFT_OUT = (
    "self::h:script or self::h:style or self::h:template or self::h:button or self::h:input or self::h:form or "
    "self::h:nav or self::h:dialog or @hidden or "
    + " or ".join(
        f"contains(concat(' ', @class, ' '), ' {name} ')"
        for name in ("headerlink", "download", "web-only", "editions", "md-content__button")
    )
)
_TO_XML = """html => {
  const article = new DOMParser().parseFromString(html, "text/html").querySelector("article");
  return article && new XMLSerializer().serializeToString(article);
}"""
# Colours of the light palette, for readers that know no variables.
_COLOURS = dict(re.findall(r"var\((--[\w-]+), (#\w+)\)", " ".join([*plot.INKS, *plot.SERIES.values()])))
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")


def read(book: Book, site: Path, tab: Tab) -> None:
    """Set the article of each page of the book, tidied."""
    for page in book.pages:
        path = site / page.url / "index.html"
        if not path.is_file():
            raise EditionError(f"no page {path}: build the site first, into {site}")
        xml = tab.evaluate(_TO_XML, path.read_text(encoding="utf-8"))
        if not xml:
            raise EditionError(f"{path} has no article")
        page.article = tidy(etree.fromstring(xml))
    _without_list_of_parts(book.home.article)
    for page in book.pages:
        _cut_loose(book, page.article, page)


def element(tag: str, text: str | None = None, /, *children: etree._Element, **attributes: str) -> etree._Element:
    """Make an HTML element; a trailing underscore of an attribute's name is dropped (`class_`)."""
    made = etree.Element(HTML + tag, {name.rstrip("_").replace("_", "-"): text for name, text in attributes.items()})
    made.text = text
    made.extend(children)
    return made


def find(root: etree._Element, path: str) -> list[etree._Element]:
    return root.xpath(path, namespaces=NAMES)


def with_class(tag: str, name: str) -> str:
    return f".//h:{tag}[contains(concat(' ', @class, ' '), ' {name} ')]"


def remove(node: etree._Element) -> None:
    """Take a node out of its tree; the text behind it stays."""
    parent, before = node.getparent(), node.getprevious()
    if node.tail and before is not None:
        before.tail = (before.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    node.tail = None
    parent.remove(node)


def tidy(article: etree._Element) -> etree._Element:
    """Return the article as a section of a book."""
    for node in find(article, f".//*[{_LEFT_OUT}] | .//comment()"):
        if node.getparent() is not None:
            remove(node)
    article.tag = HTML + "section"
    article.attrib.clear()
    for node in article.iter(etree.Element):
        for name in ("tabindex", "style", *(name for name in node.attrib if name.startswith(("data-", "on")))):
            node.attrib.pop(name, None)
        for name, value in node.attrib.items():
            if name == "align":  # HTML keeps it for old pages; XHTML's checkers do not
                del node.attrib[name]
                node.set("class", f"to-{value}")
            elif name == "href":
                node.set(name, quote(value, safe="%/:=&?~#+!$,;'@()*[]"))
            elif "var(" in value:
                node.set(name, _VARIABLE.sub(lambda variable: _COLOURS[variable[1]], value))
    for node in find(article, ".//h:details"):
        node.tag = HTML + "div"
        node.attrib.pop("open", None)
        node.set("class", f"details {node.get('class', '')}".strip())
    for node in find(article, ".//h:summary"):
        node.tag = HTML + "p"
        node.set("class", "summary")
    _facts(article)
    _answers(article)
    return article


def _facts(article: etree._Element) -> None:
    """Level, time and what to read first go below the title; tags are for the website."""
    for facts in find(article, with_class("div", "chapter-facts")):
        for span in find(facts, "./h:span"):
            span.tail = " "
            if "".join(span.itertext()).strip().startswith("Tags:"):
                remove(span)
        remove(facts)
        facts.text = None
        find(article, "./h:h1")[0].addnext(facts)


def _answers(article: etree._Element) -> None:
    """Move the answers of the questions to the end of the chapter, before its sources."""
    questions = find(article, with_class("div", "question"))
    if not questions:
        return
    items = element("ol", class_="answers")
    for number, question in enumerate(questions, start=1):
        answer = element("li", id=f"answer-{number}")
        options = find(question, with_class("ol", "options") + "/h:li")
        for letter, option in zip("ABCDEFGHIJ", options, strict=False):
            answer.append(_reason(letter, option))
        answer.insert(0, answer[[option.get("class") for option in options].index("right")])
        items.append(answer)
        label = element("p", f"Question {number} ", class_="question-label")
        label.append(element("a", "Answer", href=f"#answer-{number}", aria_label=f"Answer to question {number}"))
        question.insert(0, label)
    section = element("section", None, element("h2", "Answers", id="answers"), items, aria_labelledby="answers")
    notes = find(article, with_class("section", "notes"))
    if notes:
        notes[0].addprevious(section)
    else:
        article.append(section)


def _reason(letter: str, option: etree._Element) -> etree._Element:
    """Take the feedback out of an option, and let it begin with the option's letter."""
    feedback = find(option, with_class("div", "feedback"))[0]
    is_right = option.attrib.get("class") == "right"
    for verdict in find(feedback, with_class("p", "verdict")):
        remove(verdict)
    remove(feedback)
    feedback.set("class", "reason right" if is_right else "reason")
    name = element("strong", f"{letter} is right." if is_right else f"{letter}.")
    paragraphs = find(feedback, "./h:p")
    if paragraphs:
        first = paragraphs[0]
        name.tail = f" {(first.text or '').lstrip()}"
        first.text = None
        first.insert(0, name)
    else:
        feedback.insert(0, element("p", None, name))
    return feedback


def _without_list_of_parts(home: etree._Element) -> None:
    """A book has its table of contents in place of the contents page's list."""
    for heading in find(home, "./h:h2[@id='the-parts']"):
        for node in [heading, *heading.itersiblings()]:
            home.remove(node)


def _cut_loose(book: Book, article: etree._Element, page: object) -> None:
    """Links to files that an edition does not hold become text."""
    for link in find(article, ".//h:a[@href]"):
        href = link.get("href")
        if not re.match(r"[a-z]+:", href) and book.resolve(page, href)[0] is None:
            link.tag = HTML + "span"
            link.attrib.clear()


def rename(article: etree._Element, prefix: str) -> None:
    """Put `prefix` before every id of an article and every mention of it, so that articles can share a document."""
    for node in article.iter(etree.Element):
        if "id" in node.attrib:
            node.set("id", prefix + node.get("id"))
        for name, value in node.attrib.items():
            if name in ("aria-labelledby", "aria-describedby", "aria-controls", "headers", "for"):
                node.set(name, " ".join(prefix + each for each in value.split()))
            elif "url(#" in value:
                node.set(name, value.replace("url(#", f"url(#{prefix}"))
        if node.tag.startswith(SVG) and node.get("href", "").startswith("#"):
            node.set("href", f"#{prefix}{node.get('href')[1:]}")


def shift_headings(root: etree._Element, by: int) -> None:
    for level in range(6, 0, -1):
        for heading in find(root, f".//h:h{level}"):
            heading.tag = f"{HTML}h{min(6, level + by)}"


def document(title: str, language: str, styles: Iterable[etree._Element], *body: etree._Element) -> etree._Element:
    """Make an XHTML document."""
    head = element("head", None, element("meta", charset="utf-8"), element("title", title), *styles)
    html = etree.Element(HTML + "html", {"lang": language}, nsmap={None: NAMES["h"]})
    html.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    html.append(head)
    html.append(element("body", None, *body))
    return html


def write(root: etree._Element) -> bytes:
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, doctype="<!DOCTYPE html>")
