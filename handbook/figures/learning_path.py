"""The reading order of the chapters, drawn from their own front matter and from the navigation."""

import re
from pathlib import Path

import yaml

from handbook.figures.plot import ACCENT, INK, MUTED, Figure, element

ROW, LEFT, WIDTH = 25, 104, 380
REACH = 88  # how far the widest arc goes to the left
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", flags=re.DOTALL)


def draw() -> dict[str, str]:
    """Draw one figure: the chapters from top to bottom, an arc from each to those that need it."""
    chapters = in_order()
    rows = {slug: 24 + ROW * number for number, slug in enumerate(chapters)}
    longest = max((rows[slug] - rows[need] for slug in chapters for need in chapters[slug]["requires"]), default=ROW)
    figure = Figure(height=24 + ROW * len(chapters), width=WIDTH)
    for slug, facts in chapters.items():
        for need in facts["requires"]:
            figure.add(_arc(rows[need], rows[slug], longest))
    for slug, facts in chapters.items():
        figure.add(_mark(facts["level"], rows[slug]))
        figure.add(figure.text(LEFT + 14, rows[slug] + 4, facts["title"]))
    return {"reading-order.svg": figure.svg()}


def in_order(root: Path = Path()) -> dict[str, dict]:
    """Return title, level and requirements of each chapter, in the order of the navigation."""
    navigation = re.findall(
        r"^ +- genai/([a-z-]+)\.md$", (root / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    return {slug: _facts(root / "docs/genai" / f"{slug}.md") for slug in navigation}


def _facts(path: Path) -> dict:
    text = path.read_text(encoding="utf-8")
    meta = yaml.safe_load(FRONT_MATTER.match(text).group(1))
    title = re.search(r"^# (.+)$", text, flags=re.MULTILINE).group(1)
    return {"title": title, "level": meta["level"], "requires": meta["requires"]}


def _arc(above: int, below: int, longest: int) -> str:
    reach = 14 + (REACH - 14) * (below - above) / longest
    path = f"M{LEFT - 6} {above}C{LEFT - 6 - reach:.1f} {above} {LEFT - 6 - reach:.1f} {below} {LEFT - 6} {below}"
    return element("path", d=path, fill="none", stroke=MUTED, stroke_width=1)


def _mark(level: str, y: int) -> str:
    if level == "introduction":
        return element("circle", cx=LEFT, cy=y, r=4.5, fill="none", stroke=INK, stroke_width=1.5)
    return element("circle", cx=LEFT, cy=y, r=4.5, fill=ACCENT if level == "advanced" else INK)
