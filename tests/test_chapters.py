"""The chapters are what the handbook promises: whole, cited, counted, and true to the ledger of facts."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import lxml.html
import pytest
import yaml
from conftest import ROOT, run
from pytest_examples import CodeExample, find_examples

from handbook.checks import run as gate
from handbook.checks.chapter import Chapter
from handbook.checks.rules.questions import question_blocks
from handbook.checks.site import Site
from handbook.markdown import bibliography, citations

CHAPTERS = sorted((ROOT / "docs/genai").glob("*.md"))
LEDGER = yaml.safe_load((ROOT / "docs/data/ledger.yaml").read_text(encoding="utf-8"))
FIRST_TEN = {
    "index",
    "ai-landscape",
    "genai-vs-traditional-ai",
    "how-it-works",
    "types",
    "providers",
    "applications",
    "challenges",
    "evaluation",
    "learning-path",
}


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_ten_chapters_are_there() -> None:
    assert {path.stem for path in CHAPTERS} >= FIRST_TEN


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_passes_every_rule(path: Path) -> None:
    findings = gate.check(Site.load(ROOT / "mkdocs.yml"), [path])
    assert not findings, "\n".join(map(str, findings))


def test_every_fact_of_the_sources_is_carried_once() -> None:
    counts = Counter(entry["id"] for entry in LEDGER)
    assert len(counts) == 101
    assert set(counts.values()) == {1}


@pytest.mark.parametrize("entry", LEDGER, ids=lambda entry: entry["id"])
def test_fact_stands_where_the_ledger_says(entry: dict, site: Path) -> None:
    assert entry["statement"].strip()
    assert len(entry["words"]) > 1
    text = " ".join(section_text(site, entry["page"], entry["anchor"]).lower().split())
    missing = [word for word in entry["words"] if word.lower() not in text]
    assert not missing, f"docs/{entry['page']}#{entry['anchor']} has lost {missing} of {entry['id']}"


def section_text(site: Path, page: str, anchor: str) -> str:
    """The text from the heading with this id to the next heading of its level or above."""
    slug = page.removesuffix(".md").removesuffix("index")
    article = lxml.html.parse(site / slug / "index.html").find(".//article")
    start = article.get_element_by_id(anchor)
    parts = [start.text_content()]
    for sibling in start.itersiblings():
        if re.fullmatch(r"h[1-6]", str(sibling.tag)) and sibling.tag <= start.tag:
            break
        parts.append(sibling.text_content())
    # The front matter's tags are shown in the head of the page.
    return " ".join(parts)


def test_a_lost_fact_is_found(site: Path) -> None:
    text = section_text(site, LEDGER[0]["page"], LEDGER[0]["anchor"])
    assert "zebra crossing" not in text
    with pytest.raises(KeyError):
        section_text(site, LEDGER[0]["page"], "no-such-section")


def test_glossary_has_sixty_terms_each_with_its_chapter() -> None:
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(":   ")]
    assert len(starts) >= 60
    for start in starts:
        end = next((n for n in range(start, len(lines)) if not lines[n].strip()), len(lines))
        assert "](genai/" in " ".join(lines[start:end]), f"docs/glossary.md:{start + 1}: no link to a chapter"


def test_glossary_is_in_alphabetical_order() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    heads = re.findall(r"^(.+?) \{ #.+\}$", text, flags=re.MULTILINE)
    assert heads == sorted(heads, key=str.lower)


def test_bibliography_holds_what_is_cited_and_nothing_else() -> None:
    cited = set()
    for path in CHAPTERS:
        for group in re.findall(citations.CITATION, path.read_text(encoding="utf-8")):
            cited |= {key for key, _ in citations.references(group)}
    cited |= {row["source"] for row in yaml.safe_load((ROOT / "docs/data/tasks.yaml").read_text(encoding="utf-8"))}
    assert set(bibliography.load()) == cited


def test_right_answers_give_nothing_away() -> None:
    questions = [options for path in CHAPTERS for _, options in question_blocks(Chapter.read(path))]
    longest = sum(max(options, key=lambda option: len(option[2]))[1] for options in questions)
    assert longest <= len(questions) / 3, f"the right option is the longest in {longest} of {len(questions)}"
    places = Counter(next(i for i, option in enumerate(options) if option[1]) for options in questions)
    for place in range(3):
        assert places[place] >= len(questions) / 6, f"right answers stand at {dict(places)}"


def test_providers_table_is_whole() -> None:
    rows = yaml.safe_load((ROOT / "docs/data/providers.yaml").read_text(encoding="utf-8"))
    assert len(rows) >= 14
    fields = {"name", "families", "modalities", "access", "licence", "url", "checked"}
    for row in rows:
        assert fields <= set(row), row["name"]
        assert all(row[field] for field in fields), row["name"]
        assert row["access"] in ("open weights", "API only", "both", "service only"), row["name"]


def _examples() -> list[CodeExample]:
    return [example for example in find_examples(ROOT / "docs/genai") if example.prefix.strip() == "python"]


@pytest.mark.parametrize("example", _examples(), ids=lambda e: f"{e.path.stem}:{e.start_line}")
def test_code_prints_what_the_page_says(example: CodeExample) -> None:
    done = run([sys.executable, "-c", example.source], OPENBLAS_NUM_THREADS="1")
    assert done.returncode == 0, f"{example.path}:{example.start_line}: {done.stderr}"
    assert done.stdout.rstrip() == output_after(example).rstrip(), f"{example.path}:{example.start_line}"


def output_after(example: CodeExample) -> str:
    """The block titled "Output" that follows an example on its page."""
    fences = Chapter.read(example.path).fences
    after = [fence for fence in fences if fence.line > example.start_line]
    assert after, f"{example.path}:{example.start_line}: no output follows the code"
    assert after[0].info.endswith('text title="Output"'), f"{example.path}:{after[0].line}: not an Output block"
    return after[0].text
