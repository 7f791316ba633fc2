"""Retrieval: passages are the chapters' text, the rankings are their equations, and the index follows the chapters."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path

import lxml.html
import numpy as np
import pytest
from conftest import ROOT, run

from handbook.__main__ import main
from handbook.figures import lab_retrieval
from handbook.models import retrieval
from handbook.models.retrieval import Found, Index, Passage, Question, RetrievalError, Section

DOCS = ROOT / "docs"
LISTED = DOCS / "data/labs/retrieval-questions.yaml"
LIMIT = 400_000  # bytes, with the tokeniser's


@pytest.fixture(scope="module")
def index() -> Index:
    """The index of the chapters as they are, its vectors not yet rounded."""
    return retrieval.build(DOCS / "genai", lab_retrieval.questions(LISTED))


def passage(text: str, anchor: str = "") -> Passage:
    return Passage(Section("page", "", "", anchor, ""), text)


def small(*texts: str, questions: tuple[Question, ...] = ()) -> Index:
    made = [passage(text, f"s{number}") for number, text in enumerate(texts)]
    return Index(made, *retrieval.latent(made), questions)


# Words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("studies", "studied"),
        ("study", "studies"),
        ("tokenise", "tokenisation"),
        ("tokenizes", "tokenise"),
        ("tokenization", "tokenisation"),
        ("generates", "generation"),
        ("generating", "generated"),
        ("modelling", "models"),
        ("colour", "color"),
        ("diffusion", "diffuse"),
        ("chunks", "chunking"),
        ("randomly", "random"),
        ("processes", "process"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert retrieval.stem(one) == retrieval.stem(other)


@pytest.mark.parametrize(("one", "other"), [("bias", "by"), ("lens", "length"), ("string", "strong"), ("need", "no")])
def test_other_words_keep_apart(one: str, other: str) -> None:
    assert retrieval.stem(one) != retrieval.stem(other)


def test_words_are_lower_case_without_accents_and_possessives() -> None:
    assert retrieval.split_words("Fréchet’s GPT-4, naïve_x² – 10⁶") == ["frechet", "gpt", "4", "naive", "x2", "106"]
    assert retrieval.asked("What is the model's loss?") == ["model", "loss"]


# Passages

PAGE = """---
level: core
---
# The *title*

Opening with a [link](other.md) and a claim [@ho2020, section 4].

## First `code`

Where $p_{\\theta}(y \\mid x)$ is large.
It ends.

| Head | Value |
| --- | ---: |
| row | 1 \\| 2 |

![Alternative text.](../assets/x.svg)

```python
## not a heading
```

/// figure-caption
A caption stays.
///

### First `code`

Below.

## Check yourself

/// question
Wrong?

- [ ] wrong

    No.
///

### Below it

Left out as well.

## Last

/// question
Elsewhere?
///

The end.
"""


def test_a_page_becomes_sections_of_plain_text(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    found = retrieval.read_sections(tmp_path)
    assert [(each.address, each.title, each.heading) for each in found] == [
        ("page", "The title", "The title"),
        ("page#first-code", "The title", "First code"),
        ("page#first-code_1", "The title", "First code"),
        ("page#last", "The title", "Last"),
    ]
    assert [each.text for each in found] == [
        "Opening with a link and a claim.",
        "Where p_theta(y | x) is large. It ends.\nHead; Value.\nrow; 1 | 2.\nA caption stays.",
        "Below.",
        "The end.",
    ]


def test_every_address_is_one_of_the_built_site(index: Index, site: Path) -> None:
    ids: dict[str, set[str]] = {}
    for each in {each.section.address: each.section for each in index.passages}.values():
        if each.page not in ids:
            page = site / "genai" / ("" if each.page == "index" else each.page) / "index.html"
            ids[each.page] = {"", *lxml.html.parse(page).getroot().xpath("//@id")}
        assert each.anchor in ids[each.page], each.address


def test_passages_hold_every_word_of_their_section_once(index: Index) -> None:
    sections = retrieval.read_sections(DOCS / "genai")
    held: dict[str, list[str]] = {}
    for each in index.passages:
        held.setdefault(each.section.address, []).append(each.text)
    assert {each.address: each.text.split() for each in sections} == {
        address: " ".join(texts).split() for address, texts in held.items()
    }
    assert all(section.heading not in retrieval.LEFT_OUT for section in sections)


def test_passages_end_with_a_sentence_and_are_of_like_length() -> None:
    sentences = [f"Sentence {number} has exactly six words." for number in range(1, 42)]
    section = Section("page", "Title", "Title", "", " ".join(sentences))
    found = [each.text for each in retrieval.passages([section])]
    assert " ".join(found) == section.text
    lengths = [len(text.split()) for text in found]
    assert len(lengths) == 3
    assert max(lengths) <= retrieval.LONGEST
    assert max(lengths) - min(lengths) <= 12
    assert all(text.endswith("words.") for text in found)


def test_no_passage_of_the_chapters_is_too_long(index: Index) -> None:
    long = [each.text for each in index.passages if len(each.text.split()) > retrieval.LONGEST]
    assert [text for text in long if len(retrieval._SENTENCE_END.split(text)) > 1] == []


def test_a_folder_without_chapters_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no chapter"):
        retrieval.read_sections(tmp_path)


# Rankings


def test_bm25_gives_the_numbers_that_the_chapter_works_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "STOP", frozenset())
    index = small(
        "loans last fourteen days",
        "late bicycles cost two euros daily",
        "bicycles need lights and lights need charged batteries",
    )
    found = index.bm25("bicycles lights")
    assert [each.passage for each in found] == [2, 1]
    assert [round(each.score, 3) for each in found] == [1.647, 0.470]
    assert index.shares("bicycles lights", 2) == pytest.approx(
        {"bicycles": 0.470 * 2.2 / 2.5, "lights": 1.233}, abs=1e-3
    )
    assert index.bm25("bike lamps") == []
    assert index.bm25("lights lights")[0].score == pytest.approx(2 * index.bm25("lights")[0].score)


def test_vectors_are_the_cosines_of_a_singular_value_decomposition(index: Index) -> None:
    column = {term: number for number, term in enumerate(index.holding)}
    weights = np.zeros((len(index.passages), len(column)))
    for row, count in enumerate(index.counts):
        for term, f in count.items():
            rarity = math.log(len(index.passages) / len(index.holding[term]))
            weights[row, column[term]] = (1 + math.log(f)) * rarity
    _, strengths, directions = np.linalg.svd(weights, full_matrices=False)
    assert index.strengths == pytest.approx(strengths[: retrieval.DIRECTIONS])
    for text in [each.text for each in index.questions[::6]]:
        for kept in (7, retrieval.DIRECTIONS):
            v = directions[:kept].T
            asked = np.zeros(len(column))
            for term in retrieval.terms(text):
                if term in column:
                    asked[column[term]] = math.log(len(index.passages) / len(index.holding[term]))
            q, x = asked @ v, weights @ v
            cosines = x @ q / np.linalg.norm(x, axis=1) / np.linalg.norm(q)
            found = index.vectors(text, kept)
            assert [each.score for each in found] == pytest.approx(sorted(cosines, reverse=True), abs=1e-8)
            assert cosines[found[0].passage] == pytest.approx(found[0].score, abs=1e-8)


def test_what_the_words_of_a_passage_add_is_its_cosine(index: Index) -> None:
    for kept in (5, 100):
        for each in index.vectors("Is it cheaper to rent a service?", kept)[:200:20]:
            shares = index.company("Is it cheaper to rent a service?", each.passage, kept)
            assert sum(shares.values()) == pytest.approx(each.score)
            assert set(shares) <= set(retrieval.asked(index.passages[each.passage].indexed))


def test_fewer_directions_join_words_that_kept_the_same_company() -> None:
    index = small("bike wheel", "bicycle wheel", "soup onion", "soup carrot")
    first = {kept: {each.passage: each.score for each in index.vectors("bike", kept)} for kept in (2, 4)}
    assert first[2][1] == pytest.approx(1)
    assert abs(first[4][1]) < 0.5
    assert abs(first[2][2]) < 1e-9


def test_unknown_words_find_nothing() -> None:
    index = small("one two", "three four")
    for method in retrieval.METHODS:
        assert index.search("zebra", method) == []
    assert index.company("zebra", 0) == {}


def test_fusion_is_that_of_the_chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["fees", "lights", "loans", "repairs", "hours", "insurance", "deposits"]
    index = small(*(f"{name} {number}" for number, name in enumerate(names)))

    def ranking(*order: str) -> list[Found]:
        return [Found(names.index(name), 1 / place) for place, name in enumerate(order, start=1)]

    by_words = ranking("fees", "lights", "loans", "repairs", "hours")
    by_vectors = ranking("insurance", "loans", "deposits", "lights", "fees")
    monkeypatch.setattr(index, "bm25", lambda question: by_words)
    monkeypatch.setattr(index, "vectors", lambda question, directions: by_vectors)
    found = index.search("any", "fused", 3)
    assert [names[each.passage] for each in found] == ["loans", "fees", "lights"]
    assert found[0].score == pytest.approx(1 / 63 + 1 / 62)


def test_signs_are_fixed_and_a_rebuild_gives_the_same_bytes(index: Index, tmp_path: Path) -> None:
    largest = np.abs(index.left).argmax(axis=0)
    assert (index.left[largest, np.arange(index.left.shape[1])] > 0).all()
    again = retrieval.build(DOCS / "genai", index.questions)
    retrieval.write(tmp_path / "one.bin", index, "x")
    retrieval.write(tmp_path / "two.bin", again, "x")
    assert (tmp_path / "one.bin").read_bytes() == (tmp_path / "two.bin").read_bytes()


def test_a_method_that_there_is_not_is_told(index: Index) -> None:
    with pytest.raises(RetrievalError, match="no method 'bm52': choose one of bm25, vectors, fused"):
        index.search("anything", "bm52")


# Measures


def test_measures_are_those_of_the_chapter() -> None:
    ranks = [1, 3, None, 2]
    assert [retrieval.recall(ranks, k) for k in (1, 2, 3)] == [0.25, 0.5, 0.75]
    assert retrieval.mean_reciprocal_rank(ranks) == pytest.approx(0.458, abs=1e-3)


def test_ranks_go_by_the_first_passage_of_a_right_section() -> None:
    questions = (
        Question("wheel", "same words", ("page#s1",)),
        Question("onion", "same words", ("page#s0", "page#s3")),
        Question("onion", "other words", ("page#s0",)),
        Question("tyre", "not answered"),
    )
    index = small("bike saddle", "bicycle wheel", "soup", "soup onion", questions=questions)
    found = retrieval.ranks(index)
    assert found["same words"] == {method: [1, 1] for method in retrieval.METHODS}
    assert found["other words"]["bm25"] == [None]
    assert found["other words"]["vectors"][0] > 1
    assert retrieval.separation(index, "bm25") == 1


def test_separation_counts_pairs() -> None:
    questions = (
        Question("wheel", "same words", ("page#s1",)),
        Question("bicycle", "same words", ("page#s1",)),
        Question("onion", "not answered"),
        Question("bike bicycle", "not answered"),
    )
    index = small("bike bike bicycle", "bicycle wheel", "soup onion", questions=questions)
    best = [index.bm25(each.text)[0].score for each in questions]
    won = [(best[a] > best[b]) + (best[a] == best[b]) / 2 for a in (0, 1) for b in (2, 3)]
    assert retrieval.separation(index, "bm25") == sum(won) / 4
    assert 0 < sum(won) / 4 < 1


def test_questions_cover_every_chapter_and_kind(index: Index) -> None:
    answered = [each for each in index.questions if each.sections]
    assert len(index.questions) >= 30
    assert {each.kind for each in index.questions} == set(retrieval.KINDS)
    pages = {address.split("#")[0] for each in answered for address in each.sections}
    assert pages == {path.stem for path in (DOCS / "genai").glob("*.md")}
    assert len({each.text for each in index.questions}) == len(index.questions)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question("Why?", "same words", ("page#gone",)), "'Why\\?': there is no section page#gone"),
        (Question("Why?", "same words"), "'Why\\?': kind 'same words' with 0 sections"),
        (Question("Why?", "not answered", ("page#s0",)), "kind 'not answered' with 1 sections"),
        (Question("Why?", "hard", ("page#s0",)), "kind 'hard'"),
    ],
)
def test_a_faulty_question_is_told(question: Question, said: str) -> None:
    with pytest.raises(RetrievalError, match=said):
        small("one", "two three", questions=(question,))


# The prompt


def test_the_prompt_numbers_its_passages_and_keeps_to_its_budget() -> None:
    first = Passage(Section("page", "Title", "Heading", "heading", ""), "One two three.")
    second = Passage(Section("page", "Title", "Title", "", ""), "Four.")
    made = retrieval.prompt("Why?", [first, second])
    assert made.startswith(retrieval.INSTRUCTIONS + "\n\n")
    assert made.endswith(
        '<passage id="1" title="Title: Heading">\nOne two three.\n</passage>\n'
        '<passage id="2" title="Title">\nFour.\n</passage>\n\nQuestion: Why?'
    )
    assert '"Not found in the handbook"' in made

    def words(text: str) -> int:
        return len(text.split())

    one = words(retrieval.prompt("Why?", [first]))
    for budget, fitting in ((one - 1, []), (one, [first]), (words(made), [first, second])):
        assert retrieval.within("Why?", [first, second], budget, words) == fitting


# The file


def test_the_file_gives_back_the_index(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "retrieval.bin"
    retrieval.write(path, index, "source")
    loaded = retrieval.load(path)
    assert [each.indexed for each in loaded.passages] == [each.indexed for each in index.passages]
    assert [each.section.address for each in loaded.passages] == [each.section.address for each in index.passages]
    assert loaded.questions == index.questions
    for each in index.questions:
        assert loaded.bm25(each.text) == index.bm25(each.text)
        assert loaded.vectors(each.text)[0].score == pytest.approx(index.vectors(each.text)[0].score, abs=0.02)
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["passages"] == len(index.passages)
    assert card["measures"]["same words"]["bm25"]["recall@5"] == round(
        retrieval.recall(retrieval.ranks(index)["same words"]["bm25"], 5), 3
    )
    assert card["bytes"] + (DOCS / "assets/labs/weights/tokeniser.bin").stat().st_size < LIMIT


def test_a_file_that_holds_no_index_is_told(tmp_path: Path) -> None:
    path = tmp_path / "retrieval.bin"
    retrieval.container.write(path, {"left": np.ones((1, 1))}, {})
    with pytest.raises(RetrievalError, match=r"holds no index .* run `handbook prepare`"):
        retrieval.load(path)


# What `handbook prepare` makes

MADE = ("assets/labs/weights/retrieval.bin", "assets/figures/labs/retrieval.svg", "data/labs/retrieval.yaml")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The chapters and the questions in a folder of their own."""
    shutil.copytree(DOCS / "genai", tmp_path / "docs/genai")
    (tmp_path / "docs/data/labs").mkdir(parents=True)
    shutil.copy(LISTED, tmp_path / "docs/data/labs")
    return tmp_path / "docs"


def test_the_index_is_made_anew_only_when_a_chapter_changed(copied: Path) -> None:
    lab_retrieval.write(copied)
    before = [(copied / name).read_bytes() for name in MADE]
    assert all(before)
    for name in MADE:
        os.utime(copied / name, (1, 1))
    lab_retrieval.write(copied)
    assert [(copied / name).stat().st_mtime for name in MADE] == [1, 1, 1]
    chapter = copied / "genai/types.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\n## New\n\nA zebra.\n", encoding="utf-8")
    lab_retrieval.write(copied)
    found = retrieval.load(copied / MADE[0])
    assert found.passages[found.bm25("zebra")[0].passage].section.address == "types#new"
    for name in MADE:
        (copied / name).unlink()
        lab_retrieval.write(copied)
        assert (copied / name).is_file()


def test_prepare_names_a_question_whose_section_is_gone(copied: Path) -> None:
    listed = copied / "data/labs/retrieval-questions.yaml"
    text = listed.read_text(encoding="utf-8")
    listed.write_text(text.replace("[fine-tuning#lora]", "[fine-tuning#loras]"), encoding="utf-8")
    with pytest.raises(RetrievalError, match=r"retrieval-questions.yaml: .*there is no section fine-tuning#loras"):
        lab_retrieval.write(copied)


def test_prepare_tells_what_is_wrong_and_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    def fail(docs: Path) -> None:
        raise RetrievalError("questions.yaml: no section")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(lab_retrieval, "write", fail)
    assert main(["prepare"]) == 1
    assert capsys.readouterr().err == "questions.yaml: no section\n"


def test_an_entry_without_its_fields_is_told(tmp_path: Path) -> None:
    listed = tmp_path / "questions.yaml"
    listed.write_text("- question: Why?\n  kind: not answered\n- question: How?\n", encoding="utf-8")
    with pytest.raises(RetrievalError, match="entry 2 needs question, kind and sections"):
        lab_retrieval.questions(listed)


def test_what_is_made_is_not_kept() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    kept = run(["git", "ls-files", *(f"docs/{name}" for name in MADE)]).stdout
    assert kept == ""
    ignored = run(["git", "check-ignore", *(f"docs/{name}" for name in MADE)]).stdout.split()
    assert ignored == [f"docs/{name}" for name in MADE]


# What the page says of the outcome: if a change to the chapters makes it wrong, mend the fence in the chapter


def test_what_the_chapter_says_of_the_test_holds(index: Index) -> None:
    ranks = retrieval.ranks(index)
    recall = {
        (kind, method, k): retrieval.recall(places, k)
        for kind, by_method in ranks.items()
        for method, places in by_method.items()
        for k in (1, 5, 20)
    }
    for method in retrieval.METHODS:
        assert recall["same words", method, 1] >= 0.85, "near 1 from the start"
        assert recall["other words", method, 1] < 0.2, "start below 0.2"
        assert recall["other words", method, 20] < 0.6, "stay below 0.6"
    nowhere = [not any(places) for places in zip(*ranks["other words"].values(), strict=True)]
    assert sum(nowhere) > len(nowhere) / 3, "many sections are found by none of the three"
    assert recall["other words", "vectors", 5] < 1 / 3
    assert abs(recall["other words", "vectors", 5] - recall["other words", "bm25", 5]) <= 0.1, "about as rarely as BM25"
