"""Labs: a `lab` fence becomes a question, a static figure with its table, and the answer (see `handbook.lab_fence`).

The page is whole without a script. Where there is one, `assets/labs/core/frame.js` turns the same markup into a
prediction and a button that starts the live lab; it finds the lab's name, its start and its weights in `data-`
attributes.

`fence` is for pymdownx.superfences, the extension for `markdown_extensions`; both are needed.
"""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as etree
from pathlib import Path

import yaml
from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from handbook import quick_yaml
from handbook.lab_fence import Lab, read
from handbook.markdown.page import DOCS, warn, warn_in_fence

LABS = Path("assets/labs")
_MARK = re.compile(r'<div data-lab-number="(\d+)"></div>')
_WEIGHTS = re.compile(r"^\s*weights: \[(.*)\],$", re.MULTILINE)


class LabError(ValueError):
    """A lab whose files don't fit each other; the message is for the author of the lab."""


def known(docs: Path = DOCS) -> set[str]:
    """Return the names of the labs: the modules in `assets/labs`, without their workers."""
    return {path.stem for path in (docs / LABS).glob("*.js") if not path.stem.endswith("-worker")}


def weights(name: str, docs: Path = DOCS) -> dict[str, int]:
    """Return the files of weights that a lab fetches, with their bytes; raises LabError."""
    module = docs / LABS / f"{name}.js"
    found = _WEIGHTS.search(module.read_text(encoding="utf-8"))
    if not found:
        raise LabError(f"{module.as_posix()} has no line 'weights: [\"name\"],'")
    files = {each: docs / LABS / "weights" / f"{each}.bin" for each in re.findall(r'"([\w-]+)"', found[1])}
    for file in files.values():
        if not file.is_file():
            raise LabError(f"{file.as_posix()} does not exist; run handbook prepare, or train it")
    return {each: file.stat().st_size for each, file in files.items()}


def fence(source: str, language: str, css_class: str, options: dict, md: Markdown, **kwargs: object) -> str:
    """Check a fence and leave a mark for the extension; a faulty one is told and shown as it is written."""
    lab, faults = read(source, known())
    for line, message in faults:
        warn_in_fence(md, f"lab: {message}", source, language, line)
    if lab is None:
        told = html.escape("; ".join(message for _, message in faults), quote=False)
        shown = html.escape(source, quote=False)
        return f"<div><p><strong>This lab has a mistake.</strong> {told}</p><pre><code>{shown}</code></pre></div>"
    found = md.__dict__.setdefault("handbook_labs", [])
    found.append(lab)
    return f'<div data-lab-number="{len(found) - 1}"></div>'


class _Labs(Treeprocessor):
    """Set the labs in the place of their marks, before inline Markdown is read and figures are numbered."""

    def run(self, root: etree.Element) -> None:
        seen: dict[str, int] = {}
        for parent in list(root.iter()):
            for position, child in enumerate(list(parent)):
                lab = self._marked(child)
                if lab is None:
                    continue
                seen[lab.name] = seen.get(lab.name, 0) + 1
                number = f"-{seen[lab.name]}" if seen[lab.name] > 1 else ""
                try:
                    element = _element(lab, f"lab-{lab.name}{number}")
                except (LabError, OSError, yaml.YAMLError) as error:
                    warn(self.md, f"lab '{lab.name}': {error}", f"name: {lab.name}")
                    continue
                element.tail = child.tail
                parent[position] = element

    def _marked(self, element: etree.Element) -> Lab | None:
        place = HTML_PLACEHOLDER_RE.fullmatch((element.text or "").strip()) if element.tag == "p" else None
        stored = self.md.htmlStash.rawHtmlBlocks[int(place[1])] if place else ""
        mark = _MARK.fullmatch(stored) if isinstance(stored, str) else None
        return self.md.handbook_labs[int(mark[1])] if mark else None


def _element(lab: Lab, identifier: str) -> etree.Element:
    files = weights(lab.name)
    data = quick_yaml.read(DOCS / f"data/labs/{lab.static}.yaml")
    root = etree.Element("div", {"class": "lab", "id": identifier, "role": "group"})
    root.set("aria-labelledby", f"{identifier}-question")
    root.set("data-lab", lab.name)
    root.set("data-options", json.dumps(lab.options))
    root.set("data-weights", json.dumps(files))
    root.set("data-right", str(lab.right))
    if lab.shown:
        root.set("data-shown", json.dumps(lab.shown))
    etree.SubElement(root, "p", {"class": "lab-question", "id": f"{identifier}-question"}).text = lab.question
    choices = etree.SubElement(root, "ul", {"class": "lab-predict"})
    for text in lab.answers:
        etree.SubElement(choices, "li").text = text
    etree.SubElement(root, "div", {"class": "lab-gate"})  # the room of the start button
    static = etree.SubElement(root, "div", {"class": "lab-static"})
    # The numbering of pymdownx.blocks.caption goes by this attribute.
    figure = etree.SubElement(static, "figure", {"__figure_type": "figure-caption"})
    etree.SubElement(figure, "img", {"src": f"assets/figures/labs/{lab.static}.svg", "alt": lab.alt})
    etree.SubElement(etree.SubElement(figure, "figcaption"), "p").text = lab.caption
    details = etree.SubElement(static, "details", {"class": "lab-data"})
    etree.SubElement(details, "summary").text = "Table of this data"
    details.append(_table(data))
    answer = etree.SubElement(root, "details", {"class": "lab-answer"})
    etree.SubElement(answer, "summary").text = "Answer"
    etree.SubElement(answer, "p", {"class": "right"}).text = lab.answers[lab.right]
    etree.SubElement(answer, "p", {"class": "why"}).text = lab.why
    return root


def _table(data: dict) -> etree.Element:
    """Return a table whose cells stand as they are given; the first of a row is its header."""
    table = etree.Element("table")
    if data.get("caption"):
        etree.SubElement(table, "caption").text = AtomicString(data["caption"])
    header = etree.SubElement(etree.SubElement(table, "thead"), "tr")
    for text in data["header"]:
        etree.SubElement(header, "th", {"scope": "col"}).text = AtomicString(text)
    body = etree.SubElement(table, "tbody")
    for cells in data["rows"]:
        if len(cells) != len(data["header"]):
            raise LabError(f"the table's row {cells} has {len(cells)} cells and the header {len(data['header'])}")
        row = etree.SubElement(body, "tr")
        for place, text in enumerate(cells):
            cell = etree.SubElement(row, "td" if place else "th", {} if place else {"scope": "row"})
            cell.text = AtomicString(text)
    return table


class LabsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Labs(md), "labs", 25)  # before inline (20), figures (13) and captions (4)


def makeExtension(**kwargs: object) -> LabsExtension:
    return LabsExtension(**kwargs)
