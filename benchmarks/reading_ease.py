"""Reading ease of each chapter, hardest first: Flesch's formula (1948), 0 for the hardest text and 100 for the easiest.

Flesch, R. (1948), "A new readability yardstick": 206.835 - 1.015 words a sentence - 84.6 syllables a word.
Syllables are counted by groups of vowels, so compare chapters with each other and not with other people's scores.
"""

from __future__ import annotations

import re
from pathlib import Path

from handbook.checks.chapter import Chapter

NOT_PROSE = re.compile(r"\s*(\||#|!\[|///|- \[|\$\$|\\)")


def sentences(chapter: Chapter) -> list[list[str]]:
    """The words of each sentence of the prose; formulas, code and citations are left out."""
    text = " ".join(line for _, line in chapter.prose if not NOT_PROSE.match(line))
    text = re.sub(r"\[@[^\]]*\]|\$[^$]*\$|`[^`]*`", " ", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    found = [re.findall(r"[A-Za-z']+", part) for part in re.split(r"(?<=[.!?:])\s+", text)]
    return [words for words in found if len(words) > 2]


def syllables(word: str) -> int:
    return max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e"))))


def ease(chapter: Chapter) -> tuple[float, float]:
    """Return Flesch's score and the mean number of words in a sentence."""
    parts = sentences(chapter)
    words = [word for part in parts for word in part]
    length = len(words) / len(parts)
    return 206.835 - 1.015 * length - 84.6 * sum(map(syllables, words)) / len(words), length


if __name__ == "__main__":
    scores = {path.stem: ease(Chapter.read(path)) for path in Path("docs/genai").glob("*.md")}
    for slug, (score, length) in sorted(scores.items(), key=lambda item: item[1]):
        print(f"{score:5.1f}  {length:4.1f} words a sentence  {slug}")
