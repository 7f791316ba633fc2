"""Prose: spelt as it is meant. The list of misspellings is codespell's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from handbook.checks.page import HIDDEN, Page, blanked
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site

WORD = re.compile(r"(?<!\w)[^\W\d_](?:[^\W\d_]|['’](?=[^\W\d_]))+")
# Words that a language repeats.
# In the list of misspellings, and in dictionaries.
ALSO_RIGHT = frozenset("requestor".split())
REPEATED = frozenset("that had blah bye ha no so very cha tut ping pong".split())


@cache
def _misspellings() -> dict[str, str]:
    import codespell_lib  # noqa: PLC0415 (its list is long)

    found = {}
    text = (Path(codespell_lib.__file__).parent / "data/dictionary.txt").read_text("utf-8")
    for line in text.splitlines():
        wrong, _, right = line.partition("->")
        # An entry with a reason, or with several readings, is a matter of taste.
        choices = [word for word in right.rstrip(",").split(",") if word.strip()]
        if (right.endswith(",") and len(choices) > 1) or (len(choices) == 1 and not right.endswith(",")):
            found[wrong.lower()] = ", ".join(word.strip() for word in choices)
    return {wrong: right for wrong, right in found.items() if wrong not in ALSO_RIGHT}


PATH = re.compile(r"\w[./\\@_]\w")


@lru_cache(maxsize=4)
def _prose(text: str) -> str:
    """The words of a page alone: no addresses, tags or attribute lists."""

    def blank(match: re.Match[str]) -> str:
        return blanked(match.group(), HIDDEN)

    text = re.sub(r"<!--.*?-->", blank, text, flags=re.DOTALL)
    text = re.sub(r"(?<=\])\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|(?<=\])\[[^\]\n]*\]", blank, text)
    text = re.sub(
        r"<[^<>]*>|\{[^{}\n]*\}|(?:https?://|www\.)\S+|^[ ]*\[[^\]^\n][^\]\n]*\]:.*$|\[@[^\]\n]*\]",
        blank,
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(r"--8<--.*|:[\w-]+:", blank, text)
    return re.sub(r"(?<!\S)[^\s./\\@_]*+[./\\@_]\S*", lambda m: blank(m) if PATH.search(m.group()) else m.group(), text)


# Of so many words of English, one at least is among these.
ENGLISH = re.compile(
    r"\b(the|of|to|and|is|are|for|that|with|this|it|you|we|be|by|as|or|if|from|not|your|can|will|has|have|which|when)\b",
    re.IGNORECASE,
)
WORDS_OF_A_SENTENCE = 8


def _is_foreign(page: Page, offset: int) -> bool:
    """Whether a word stands in a paragraph of another language, such as that of a printer's dummy text."""
    number = page.place(offset)[0]
    first, last = next((each for each in page._paragraphs if each[0] <= number <= each[1]), (number, number))
    text = " ".join(page.lines[first - 1 : last])
    return len(WORD.findall(text)) >= WORDS_OF_A_SENTENCE and not ENGLISH.search(text)


@rule("PROSE001", "A misspelt word costs trust.")
def spelling(page: Page, site: Site) -> Iterator[Fault]:
    wrong, known = _misspellings(), {word.lower() for word in site.settings.known_words}
    if not any(word.lower() in wrong for word in set(WORD.findall(_prose(page.inline)))):
        return
    for match in WORD.finditer(_prose(page.inline)):
        word = match.group()
        if word.lower() not in wrong or word.lower() in known or (word[1:] != word[1:].lower()):
            continue
        if (match.start() and page.inline[match.start() - 1] in "-_/.@#" + HIDDEN) or page.inline[
            match.end() : match.end() + 1
        ] in ("_", "/", HIDDEN, "("):
            continue
        if re.match(r"\)\w", page.inline[match.end() :]) or _is_foreign(page, match.start()):
            continue  # "(mis)used"
        if re.match(rf"\]\([^)\s]*/{re.escape(word)}/?\)", page.text[match.end() :], re.IGNORECASE):
            continue  # the name of what is linked to
        right = wrong[word.lower()]
        line, column = page.place(match.start())
        if page.parsed[line - 1].role == "block" and '"' not in page.lines[line - 1][: column - 1]:
            continue  # the type of a block: BLOCK002
        # Not mended by --fix: a spelling is what the page says.
        yield at(line, column, f"'{word}' is misspelt; write '{right}'")


@rule("PROSE002", "A repeated word costs trust.")
def doubled(page: Page, site: Site) -> Iterator[Fault]:
    prose = _prose(page.inline)
    for first, last in page._paragraphs:
        start, end = page.starts[first - 1], page.starts[last - 1] + len(page.lines[last - 1])
        for match in re.finditer(
            r"(?<![\w'’\"“*_`<-])([A-Za-z]{2,}+)[ \t]*+\n?[ \t>]*(?<=\s)(\1)(?![\w'’*_-])",
            prose[start:end],
            re.IGNORECASE,
        ):
            word = match[1]
            if word.lower() in REPEATED or (
                word[0].isupper()
                and match[2][0].isupper()
                and word.lower() not in ("the", "a", "an", "in", "of", "to", "is", "it")
            ):
                continue
            if word.isupper() and not match[2].isupper():
                continue
            if re.match(rf"[\s,]+{re.escape(word)}\b", prose[start + match.end() : end], re.IGNORECASE):
                continue  # thrice is meant
            yield at(*page.place(start + match.start(2)), f"repeated word '{match[2]}'; remove one")
