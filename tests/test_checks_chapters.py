"""Each rule for chapters is red on a broken chapter, on the right line, and silent on the sound one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from handbook.checks import rules, run
from handbook.checks.chapter import cells
from handbook.checks.site import Site
from handbook.markdown import bibliography

GOOD = ROOT / "tests/faults/chapter/good.md"

# Rule, what stands in the sound chapter, what the fault makes of it, and the text on the line to be named.
FAULTS = [
    ("META002", "tags: [Chance]\n---\n", "tags: [Chance]\n", "---"),
    ("META001", "level: introduction", 'level: "introduction', 'level: "introduction'),
    ("META003", "level: introduction", "level: introduction\nmintes: 4", "mintes: 4"),
    ("META005", "requires: []\n", "", "---"),
    (
        "META006",
        "Tell a fair coin from a loaded one by counting, and say how sure you may be of it.",
        "Coins.",
        "Coins.",
    ),
    ("META007", "level: introduction", "level: easy", "level: easy"),
    ("META008", "reviewed: 2026-11-21", "reviewed: last week", "reviewed: last week"),
    ("META009", "requires: []", "requires: [dice]", "requires: [dice]"),
    ("META010", "minutes: 2", "minutes: 12", "minutes: 12"),
    ("HEAD002", "## Summary", "## The idea\n\n## Summary", "## The idea\n\n## Summary"),
    ("HEAD003", "## Summary", "# Summary", "# Summary"),
    ("HEAD004", "# Counting coins", "Counting coins", "---"),
    ("HEAD006", "## The idea", "#### The idea", "#### The idea"),
    ("SECT001", "## Further reading", "## More", None),
    ("CITE001", "@jelinek1977", "@jelinek1967", "@jelinek1967"),
    ("CITE002", "[@brown2020; @ho2020; @kingma2013]", "indeed", "---"),
    ("CITE003", "[@jelinek1977]", "[@jelinek1977 section 2]", "[@jelinek1977 section 2]"),
    ("QUIZ001", "/// question\nWhich share", "/// details\nWhich share", None),
    ("QUIZ002", "- [x] 5", "- [ ] 5", "/// question"),
    ("QUIZ002", "- [ ] 2\n", "- [x] 2\n", "/// question"),
    ("QUIZ003", "- [ ] 10\n\n    That coin would be loaded.\n", "", "/// question"),
    ("QUIZ004", "    Half of ten.", "Half of ten.", "- [x] 5"),
    ("QUIZ005", "- [ ] It stays", "- [ ] None of the above", "- [ ] None of the above"),
    ("TABLE001", "| 10 | 6 |", "| 10 | 6 | 4 | 2 |", "| 10 | 6 | 4 | 2 |"),
    ("TABLE001", "| 10 | 6 |", "| 10 |", "| 10 |"),
    ("TABLE003", "| --- | --- |", "| --- |", "| --- |"),
    ("TABLE007", "| 10 | 6 |", "| 10 | |", "| 10 | |"),
    ("TABLE008", "| Throws | Heads |", "| a | b | c | d | e | f | g |", "| a | b | c | d | e | f | g |"),
    ("MERM001", "A[Throws] --> B[Count]", "A[Throws --> B[Count]", "A[Throws --> B[Count]"),
    ("MERM001", "flowchart TD", "flowchat TD", "flowchat TD"),
    ("MERM004", "  accTitle: From throws to a share\n", "", "```mermaid"),
    ("MERM004", "accDescr:", "%% accDescr:", "```mermaid"),
    ("MATH001", "\\frac{k}{n}", "\\fraction{k}{n}", "$$"),
    ("MATH001", "$p = 0.5$", "$p = {0.5$", "$p = {0.5$"),
    ("FIG001", "```mermaid\n", "```text\n", "---"),
    ("FIG002", "Dividing comes last.\n///", "Dividing.\n///\n\n![](coin.svg)", "![](coin.svg)"),
    ("IMG001", "Dividing comes last.\n///", "Dividing.\n///\n\n![](coin.svg)", "![](coin.svg)"),
    ("FIG003", "/// figure-caption\nDividing comes last.\n///\n", "", "---"),
    ("GLOS001", "**fair coin**", "**honest coin**", "**honest coin**"),
]


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sound chapter in a tree of its own; the bibliography is the handbook's."""
    monkeypatch.chdir(ROOT)
    path = tmp_path / "docs/genai/coins.md"
    path.parent.mkdir(parents=True)
    shutil.copy(GOOD, path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "mkdocs.yml").write_text(f"INHERIT: {(ROOT / 'mkdocs.yml').as_posix()}\n", encoding="utf-8")
    (tmp_path / "docs/glossary.md").write_text("Fair coin { #fair-coin }\n:   One that shows both sides alike.\n")
    return path


def found(path: Path) -> list[tuple[str, int]]:
    site = Site.load(path.parent.parent.parent / "mkdocs.yml")
    return [(finding.rule, finding.line) for finding in run.check(site, [path])]


def test_the_sound_chapter_is_silent(chapter: Path) -> None:
    assert found(chapter) == []


@pytest.mark.parametrize(("rule", "old", "new", "at"), FAULTS, ids=[f"{f[0]}-{i}" for i, f in enumerate(FAULTS)])
def test_fault_is_found_on_its_line(chapter: Path, rule: str, old: str, new: str, at: str | None) -> None:
    sound = chapter.read_text(encoding="utf-8")
    assert old in sound
    broken = sound.replace(old, new, 1)
    chapter.write_text(broken, encoding="utf-8")
    line = len(broken.splitlines()) if at is None else broken.count("\n", 0, broken.index(at)) + 1
    assert (rule, line) in found(chapter)


def test_every_rule_for_chapters_is_tried() -> None:
    own = {rule.code for rule in rules.load().values() if rule.chapters or rule.kind in ("questions", "citations")}
    assert own <= {fault[0] for fault in FAULTS}


def test_a_file_in_another_encoding_is_a_finding(chapter: Path) -> None:
    chapter.write_bytes("# Caf\xe9".encode("latin-1"))
    assert found(chapter) == [("FILE005", 1)]


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"a: 1\nb: \xe9\n", 2, "is not UTF-8"),
        (b"a: 1\nb: [\n", 3, "invalid YAML"),
        (b"# Sources\nbad1999:\n  authors: A\n", 2, "missing or unknown field"),
    ],
)
def test_a_bibliography_that_cannot_be_read_is_a_finding(
    chapter: Path, data: bytes, line: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = chapter.parent.parent / "bibliography.yaml"
    path.write_bytes(data)
    monkeypatch.setattr(bibliography, "BIBLIOGRAPHY", path)
    monkeypatch.setattr(bibliography.load, "__defaults__", (path,))
    finding = run.check(Site.load(chapter.parents[2] / "mkdocs.yml"), [chapter])[0]
    assert (finding.path, finding.line, finding.rule) == (str(path), line, "CITE001")
    assert says in finding.message


def test_a_glossary_in_another_encoding_is_a_finding(chapter: Path) -> None:
    (chapter.parents[1] / "glossary.md").write_bytes(b"# Terms\n\nCaf\xe9\n:   A place.\n")
    assert found(chapter) == [("GLOS001", 3)]


def test_an_empty_diagram_is_a_finding(chapter: Path) -> None:
    text = chapter.read_text(encoding="utf-8")
    start, end = text.index("flowchart TD"), text.index("```\n\n/// figure-caption")
    chapter.write_text(text[:start] + text[end:], encoding="utf-8")
    assert ("MERM003", text.count("\n", 0, start)) in found(chapter)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("| `x | y` | b |", ["`x | y`", "b"]),
        (r"| x \| y | b |", [r"x \| y", "b"]),
        ("| a | |", ["a", ""]),
    ],
)
def test_cells_are_split_as_markdown_splits_them(row: str, expected: list[str]) -> None:
    assert cells(row) == expected


def test_the_command_says_what_it_could_not_check(capsys: pytest.CaptureFixture[str]) -> None:
    from handbook.__main__ import main  # noqa: PLC0415

    assert main(["check", "docs/genai/no-such-chapter.md"]) == 2
    assert "no such file" in capsys.readouterr().err
