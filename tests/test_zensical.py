"""The successor engine builds the same handbook from the same mkdocs.yml."""

from __future__ import annotations

from pathlib import Path

import lxml.html
from conftest import pages_of

# What may differ, and why.
ALLOWED = {
    "//a[@id='__skip']": "Zensical sets the target of its skip link inside the article",
}


def article(path: Path) -> list[str]:
    """The article of a built page as a list of tags, attributes and words."""
    found = lxml.html.parse(path).find(".//article")
    for query in ALLOWED:
        for element in found.xpath(query):
            element.drop_tree()
    parts: list[str] = []
    for element in found.iter():
        # A link to the page itself is "./" to one engine and "" to the other: both stay on the page.
        parts += [str(element.tag), *(f"{name}={value or './'}" for name, value in sorted(element.attrib.items()))]
        parts += (element.text or "").split() + (element.tail or "").split()
    return parts


def test_both_engines_publish_the_same_pages(site: Path, zensical_site: Path) -> None:
    assert set(pages_of(site)) == set(pages_of(zensical_site))


def test_both_engines_write_the_same_articles(site: Path, zensical_site: Path) -> None:
    for page in pages_of(site):
        if page == "404.html":  # has no article of ours
            continue
        one, other = article(site / page / "index.html"), article(zensical_site / page / "index.html")
        differing = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        around = (
            "" if differing is None else f"{one[differing - 3 : differing + 4]} {other[differing - 3 : differing + 4]}"
        )
        assert one == other, f"{page}: {around}"


def test_the_comparison_sees_a_difference(site: Path, tmp_path: Path) -> None:
    path = site / "genai/index.html"
    changed = tmp_path / "changed.html"
    changed.write_text(path.read_text(encoding="utf-8").replace("<h2 id", "<h3 id", 1), encoding="utf-8")
    assert article(path) != article(changed)
