"""Questions: a block with a stem, one list of options marked `[ ]` or `[x]`, and feedback under each option.

The page is whole without a script: every option shows whether it is right, and why. `questions.js` turns the same
markup into a quiz.

    /// question
    What is 2 + 2?

    - [x] 4

        Counting on from two gives four.

    - [ ] 5

        That counts the start as well.
    ///
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from handbook.markdown.page import warn

_MARK = re.compile(r"\[([ xX])\]\s+")


class Question(Block):
    NAME = "question"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "div", {"class": "question", "role": "group"})

    def on_end(self, block: etree.Element) -> None:
        lists = [child for child in block if child.tag == "ul"]
        if len(lists) != 1 or block[-1] is not lists[0]:
            warn(self.md, "a question ends with one list of options; check blank lines and indents", "/// question")
            return
        options = lists[0]
        stem = etree.Element("div", {"class": "stem"})
        for child in list(block):
            if child is not options:
                block.remove(child)
                stem.append(child)
        block.insert(0, stem)
        options.tag = "ol"
        options.set("class", "options")
        options.set("type", "A")
        right = sum(_option(item) for item in options)
        if right != 1:
            warn(self.md, f"a question has one right option, this one has {right}; mark it [x]", "/// question")


def _option(item: etree.Element) -> bool:
    """Split a list item into choice and feedback; return whether it is the right one."""
    choice = etree.Element("div", {"class": "choice"})
    paragraphs = list(item)
    if paragraphs and paragraphs[0].tag == "p" and not (item.text or "").strip():
        first, feedback = paragraphs[0], paragraphs[1:]
        text, inline = first.text or "", list(first)
    else:  # a tight item holds its text itself
        text, inline, feedback = item.text or "", [], paragraphs
    mark = _MARK.match(text)
    is_right = bool(mark and mark.group(1) in "xX")
    choice.text = text[mark.end() :] if mark else text
    choice.extend(inline)
    for child in paragraphs:
        item.remove(child)
    item.text = None
    item.set("class", "right" if is_right else "wrong")
    item.append(choice)
    reason = etree.SubElement(item, "div", {"class": "feedback"})
    verdict = etree.SubElement(reason, "p", {"class": "verdict"})
    verdict.text = "Right." if is_right else "Not this one."
    reason.extend(feedback)
    return is_right


class _Numbers(Treeprocessor):
    """Give each question an id in the order of the page."""

    def run(self, root: etree.Element) -> None:
        questions = (element for element in root.iter("div") if element.get("class") == "question")
        for number, question in enumerate(questions, start=1):
            question.set("id", f"question-{number}")
            question.set("aria-labelledby", f"question-{number}-stem")
            question[0].set("id", f"question-{number}-stem")


class QuestionsExtension(BlocksExtension):
    def extendMarkdownBlocks(self, md: Markdown, block_mgr: object) -> None:
        block_mgr.register(Question, self.getConfigs())
        md.treeprocessors.register(_Numbers(md), "question-numbers", 16)


def makeExtension(**kwargs: object) -> QuestionsExtension:
    return QuestionsExtension(**kwargs)
