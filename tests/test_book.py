"""The chapters as one book: an order without circles, nothing said twice, and the deep chapters as deep as promised."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from handbook.checks.chapter import Chapter
from handbook.checks.rules.questions import question_blocks
from handbook.figures.learning_path import in_order

DEEP = (
    "foundation-models",
    "large-language-models",
    "tokens-and-sampling",
    "transformers",
    "variational-autoencoders",
    "generative-adversarial-networks",
    "diffusion-models",
    "multimodal-models",
    "scaling-and-training",
    "prompting",
    "retrieval-augmented-generation",
    "fine-tuning",
    "choosing-an-approach",
    "ai-agents",
)
CHAPTERS = {path.stem: Chapter.read(path) for path in sorted((ROOT / "docs/genai").glob("*.md"))}
SHORTEST_REPEAT = 8  # words: shorter sentences may well stand twice


def circle(needs: dict[str, list[str]]) -> list[str]:
    """Return chapters that need each other in a circle; none where there is an order."""
    left = dict(needs)
    while free := [slug for slug in left if not set(left[slug]) & set(left)]:
        for slug in free:
            del left[slug]
    return sorted(left)


def test_requirements_have_an_order() -> None:
    assert circle({slug: chapter.meta["requires"] for slug, chapter in CHAPTERS.items()}) == []


def test_a_circle_is_seen() -> None:
    assert circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": []}) == ["a", "b", "c"]


def test_navigation_brings_what_a_chapter_requires_before_it() -> None:
    places = {slug: place for place, slug in enumerate(in_order(ROOT))}
    assert set(places) == set(CHAPTERS)
    early = [(s, n) for s, chapter in CHAPTERS.items() for n in chapter.meta["requires"] if places[n] > places[s]]
    assert early == []


def test_routes_lead_through_chapters_that_are_there() -> None:
    routes = yaml.safe_load((ROOT / "docs/data/routes.yaml").read_text(encoding="utf-8"))
    assert [route["role"] for route in routes] == ["Learner", "Developer", "Decision maker", "Teacher"]
    for route in routes:
        assert set(route["chapters"]) <= set(CHAPTERS), route["role"]


def sentences(chapter: Chapter) -> list[tuple[int, str]]:
    found = []
    for number, line in chapter.prose:
        text = re.sub(r"\[@[^\]]*\]|[*_`]", "", line).strip(" -|").lower()
        if len(text.split()) >= SHORTEST_REPEAT and not line.startswith(("!", "description:", "|")):
            found.append((number, " ".join(text.split())))
    return found


def test_nothing_is_said_twice() -> None:
    places = defaultdict(list)
    for slug, chapter in CHAPTERS.items():
        for number, sentence in sentences(chapter):
            places[sentence].append(f"docs/genai/{slug}.md:{number}")
    assert [(where, what) for what, where in places.items() if len(where) > 1] == []


def test_a_repeated_sentence_is_seen() -> None:
    text = "- The **same** sentence stands in two places of this book [@ho2020].\n"
    chapter = Chapter(Path("x.md"), text + "\nThe same sentence stands in two places of this book .\n")
    assert len({sentence for _, sentence in sentences(chapter)}) == 1


@pytest.mark.parametrize("slug", DEEP)
def test_deep_chapter_shows_computes_and_cites(slug: str) -> None:
    chapter = CHAPTERS[slug]
    assert chapter.meta["level"] in ("core", "advanced")
    text = "\n".join(line for _, line in chapter.prose)
    assert re.search(r"^\$\$", text, flags=re.MULTILINE), "no display formula"
    languages = [fence.language for fence in chapter.fences]
    assert "python" in languages
    assert text.count("/// figure-caption") > 1
    computed = (ROOT / "handbook/figures" / f"{slug.replace('-', '_')}.py").is_file()
    assert computed, "no computed figure"
    cited = set(re.findall(r"@([a-z]+\d{4}[a-z0-9]*)", text))
    assert len(cited) >= 12, f"{len(cited)} sources"
    assert re.search(r"often said", text, flags=re.IGNORECASE), "no misconception"


def test_right_answers_stand_anywhere() -> None:
    """The places of right answers among three are even within chance: chi-square at the 1 % level, two degrees."""
    places = Counter()
    for chapter in CHAPTERS.values():
        for _, options in question_blocks(chapter):
            if len(options) == 3:
                places[next(i for i, option in enumerate(options) if option[1])] += 1
    expected = sum(places.values()) / 3
    assert sum((places[place] - expected) ** 2 / expected for place in range(3)) < 9.21


def test_no_question_is_asked_in_the_negative() -> None:
    for slug, chapter in CHAPTERS.items():
        for number, line in chapter.prose:
            if line.rstrip().endswith("?"):
                assert not re.search(r"\b(NOT|EXCEPT|not true|is false|incorrect)\b", line), f"{slug}:{number}"
