"""The lab "retrieval": each control, the same numbers as the reference, the address, the script, and no script."""

from __future__ import annotations

import gzip
import re
from urllib.parse import parse_qs

import pytest
from conftest import ROOT
from labs import (
    axe_both,
    control,
    evaluate,
    find_lab,
    outcome,
    press,
    python_of,
    query_of,
    run_python,
    set_control,
    start_lab,
    state_of,
    table_of,
    without_script,
)
from playwright.sync_api import Browser, Locator, Page, expect

from handbook.models import bpe, retrieval
from handbook.models.retrieval import Index

LABS = ROOT / "docs/assets/labs"
CHAPTER = "genai/retrieval-augmented-generation/"
EXACT = "What does a library pay for a chatbot that errs?"
RENT = "Is it cheaper to rent a service or to buy my own hardware?"
NAMES = {"bm25": "BM25", "vectors": "Vectors", "fused": "Both, fused"}
DIRECTIONS, BUDGETS = [5, 10, 25, 50, 100], [100, 200, 400, 600, 800, 1200, 1600, 2400]
TOLERANCE = 1e-4
OPEN = """async (ask) => {
  const { read } = await import("/assets/labs/core/container.js");
  const module = await import("/assets/labs/models/retrieval.js");
  const file = await (await fetch("/assets/labs/weights/retrieval.bin")).arrayBuffer();
  const index = await module.open(read(file).tensors);
  return ASKED;
}"""


@pytest.fixture(scope="module")
def index(site: object) -> Index:
    """The index that the site was built with."""
    return retrieval.load(LABS / "weights/retrieval.bin")


@pytest.fixture
def lab(page: Page, served_site: str) -> Locator:
    return start_lab(page, served_site, CHAPTER, "retrieval")


def ask(page: Page, site: str, asked: str, argument: object = None) -> object:
    """Evaluate an expression with `index`, `module` and `ask`, the argument, in the browser."""
    return evaluate(page, site, OPEN.replace("ASKED", asked), argument)


def addresses(lab: Locator) -> list[str]:
    """The sections that the lab shows, as the reference writes their addresses."""
    links = lab.locator(".lab-view > ol > li > a").evaluate_all("(links) => links.map((link) => link.href)")
    found = [re.search(r"/genai/([^/#]*)/?(#.*)?$", link) for link in links]
    return [(match[1] or "index") + (match[2] or "") for match in found]


def expected(index: Index, question: str, method: str, k: int, directions: int = 100) -> list[str]:
    return [index.passages[each.passage].section.address for each in index.search(question, method, k, directions)]


# The same numbers


@pytest.mark.parametrize("directions", [100, 10])
def test_the_browser_ranks_as_the_reference(page: Page, served_site: str, index: Index, directions: int) -> None:
    questions = [EXACT, RENT, "", "zebra", *(each.text for each in index.questions)]
    asked = """ask.questions.map((question) =>
      Object.values(index.rankings(question, ask.directions)).map((ranking) => ranking.slice(0, 20)))"""
    answers = ask(page, served_site, asked, {"questions": questions, "directions": directions})
    for question, by_method in zip(questions, answers, strict=True):
        for method, found in zip(retrieval.METHODS, by_method, strict=True):
            reference = index.search(question, method, 20, directions)
            assert [each["passage"] for each in found] == [each.passage for each in reference], (question, method)
            scores = [each["score"] for each in found]
            assert scores == pytest.approx([each.score for each in reference], abs=TOLERANCE), (question, method)


def test_the_browser_shares_out_a_score_as_the_reference(page: Page, served_site: str, index: Index) -> None:
    passages = [each.passage for each in index.search(RENT, "fused", 8)]
    asked = """[ask.passages.map((passage) => index.shares(ask.question, passage)),
      index.company(ask.question, ask.passages, 50)].map((each) => each.map(Object.fromEntries))"""
    answers = ask(page, served_site, asked, {"question": RENT, "passages": passages})
    for passage, shares, company in zip(passages, *answers, strict=True):
        assert shares == pytest.approx(index.shares(RENT, passage), abs=TOLERANCE)
        assert company == pytest.approx(index.company(RENT, passage, 50), abs=TOLERANCE)


def test_the_browser_measures_as_the_reference(page: Page, served_site: str) -> None:
    asked = "ask.map(([answered, unanswered]) => module.separation(answered, unanswered))"
    assert ask(page, served_site, asked, [[[3, 1], [2]], [[1], [1, 0]], [[0], [1]]]) == [0.5, 0.75, 0]
    asked = "ask.map((ranks) => [1, 2, 3].map((k) => module.recall(ranks, k)).concat(module.meanReciprocalRank(ranks)))"
    cases = [[1, 3, None, 2], [None], [20, 1]]
    assert ask(page, served_site, asked, cases) == [
        pytest.approx([*(retrieval.recall(r, k) for k in (1, 2, 3)), retrieval.mean_reciprocal_rank(r)]) for r in cases
    ]


WORDS = """Fréchet’s naïve GPT-4 tokenisation; l'œuvre İstanbul ΣΟΦΟΣ σοφός, Straße 10⁶ ½ x_1 हिन्दी 日本語 العربية
generating studies modelling colours biases processes sizes classes ½ don't 🙂 é e\u0301 AT&T U.S. 3.14"""


def test_the_browser_takes_words_as_the_reference(page: Page, served_site: str, index: Index) -> None:
    texts = [WORDS, *(each.indexed for each in index.passages)]
    assert ask(page, served_site, "ask.map((text) => index.terms(text))", texts) == [
        retrieval.terms(text) for text in texts
    ]


def test_the_browser_writes_the_prompt_of_the_reference(page: Page, served_site: str, index: Index) -> None:
    passages = [each.passage for each in index.search(RENT, "vectors", 3)]
    asked = "index.prompt(ask.question, ask.passages)"
    made = ask(page, served_site, asked, {"question": RENT, "passages": passages})
    assert made == retrieval.prompt(RENT, [index.passages[number] for number in passages])


# Controls


def test_the_first_outcome_is_the_references(lab: Locator, index: Index) -> None:
    best = index.search(EXACT, "bm25", 5)
    assert addresses(lab) == expected(index, EXACT, "bm25", 5)
    said = outcome(lab)
    assert f"“Choosing an approach: A library's opening hours”, score {best[0].score:.2f}" in said
    assert "A section that answers it comes at place 1." in said
    recalls = {kind: retrieval.recall(by["bm25"], 5) for kind, by in retrieval.ranks(index).items()}
    assert f"recall@5 is {recalls['same words']:.2f} for questions in the handbook's words" in said
    assert f"and {recalls['other words']:.2f} for questions in other words" in said
    shares = index.shares(EXACT, best[0].passage)
    line = lab.locator(".lab-view > ol > li").first.locator("p").first.inner_text()
    assert {word: float(share) for word, share in re.findall(r"(\w+) (\d+\.\d\d)", line)} == pytest.approx(
        shares, abs=0.006
    )


@pytest.mark.parametrize("method", retrieval.METHODS)
def test_each_ranking_shows_its_passages(lab: Locator, index: Index, method: str) -> None:
    set_control(lab, "method", method)
    said = set_control(lab, "k", 7)
    assert said.startswith(NAMES[method])
    assert addresses(lab) == expected(index, EXACT, method, 7)
    first = lab.locator(".lab-view > ol > li").first
    lines = first.locator(":scope > p").all_inner_texts()
    assert [line.split(":")[0] for line in lines] == {
        "bm25": ["BM25"],
        "vectors": ["Cosine"],
        "fused": ["BM25", "Cosine"],
    }[method]
    first.locator("summary").click()
    found = index.search(EXACT, method, 1)[0]
    assert first.locator("details p").inner_text() == index.passages[found.passage].text


def test_fewer_directions_give_other_vectors(lab: Locator, index: Index) -> None:
    set_control(lab, "method", "vectors")
    for place, directions in enumerate(DIRECTIONS):
        said = set_control(lab, "directions", place)
        assert state_of(lab)["directions"] == directions
        assert addresses(lab) == expected(index, EXACT, "vectors", 5, directions)
        recall = retrieval.recall(retrieval.ranks(index, directions)["same words"]["vectors"], 5)
        assert f"recall@5 is {recall:.2f} for questions in the handbook's words" in said


def test_the_plots_show_the_recall_of_all_three(lab: Locator, index: Index) -> None:
    def told() -> list[str]:
        plots = lab.locator(".lab-view svg.figure")
        return plots.evaluate_all("(plots) => plots.map((plot) => plot.getAttribute('aria-label').split('; ')[1])")

    def wanted(k: int, directions: int) -> list[str]:
        return [
            f"at {k}: {', '.join(f'{NAMES[m]} {retrieval.recall(found, k):.2f}' for m, found in by_method.items())}."
            for by_method in retrieval.ranks(index, directions).values()
        ]

    assert told() == wanted(5, 100)
    set_control(lab, "k", 12)
    assert told() == wanted(12, 100)
    set_control(lab, "directions", 0)
    assert told() == wanted(12, 5) != wanted(12, 100)
    drawn = lab.locator(".lab-view svg.figure").first.locator("path[stroke^='var(--hb-']")
    assert drawn.count() == 4  # three curves and the line at k


def test_the_prompt_keeps_to_its_budget(lab: Locator, index: Index) -> None:
    tokeniser = bpe.load(LABS / "weights/tokeniser.bin")
    passages = [index.passages[each.passage] for each in index.search(EXACT, "bm25", 5)]

    def count(text: str) -> int:
        return len(tokeniser.encode(text))

    seen = set()
    for place, budget in enumerate(BUDGETS):
        said = set_control(lab, "budget", place)
        fitting = retrieval.within(EXACT, passages, budget, count)
        prompt = retrieval.prompt(EXACT, fitting)
        seen.add(len(fitting))
        assert lab.locator(".lab-view pre").text_content() == prompt
        told = lab.locator(".lab-view > details > summary").inner_text()
        assert f"{count(prompt):,} token" in told
        assert f"{len(fitting)} passage" in told
        assert (f"Only {len(fitting)} of 5 passages fit" in said) == (len(fitting) < 5)
        left_out = lab.locator(".lab-view > ol small", has_text="left out: the prompt is full")
        expect(left_out).to_have_count(5 - len(fitting))
    assert seen >= {0, 5}


def test_passages_are_kept_up_to_twenty(lab: Locator, index: Index) -> None:
    for k in (1, 20):
        set_control(lab, "k", k)
        assert addresses(lab) == expected(index, EXACT, "bm25", k)


# If a change to the chapters makes one of these fail, take another question in docs/assets/labs/retrieval.js.
PLACES = {
    "exact": lambda by_words, by_vectors: by_words == 1 and by_vectors > 1,
    "other": lambda by_words, by_vectors: by_vectors <= 3 and by_words > 10,
    "missed": lambda by_words, by_vectors: min(by_words, by_vectors) > 5,
}


@pytest.mark.parametrize("example", [*PLACES, "nowhere"])
def test_the_examples_show_what_they_are_for(lab: Locator, index: Index, example: str) -> None:
    said = set_control(lab, "example", example)
    question = control(lab, "query").input_value()
    assert state_of(lab)["query"] == question
    assert addresses(lab) == expected(index, question, "bm25", 5)
    assert lab.locator(".lab-view > p").inner_text()
    right = lab.evaluate(
        """async (_, example) => (await import("/assets/labs/retrieval.js")).EXAMPLES[example].right""", example
    )
    if example == "nowhere":
        assert right == []
        best = [index.search(each.text, "bm25", 1)[0].score for each in index.questions if each.sections]
        beaten = sum(score < index.search(question, "bm25", 1)[0].score for score in best)
        assert (
            f"No section answers this. Its best score is above those of {beaten} of the {len(best)} test questions"
            in said
        )
        assert beaten > len(best) / 2, "the chapter's prediction says: most"
        printed = run_python(python_of(lab))
        assert f"best score above those of {beaten} of {len(best)}\n" in printed
        return
    assert set(right) <= {each.section.address for each in index.passages}
    places = []
    for method in ("bm25", "vectors"):
        order = expected(index, question, method, len(index.passages))
        places.append(next((place for place, each in enumerate(order, start=1) if each in right), 10_000))
    assert PLACES[example](*places), places
    if places[0] <= 5:
        assert f"A section that answers it comes at place {places[0]}." in said
    elif places[0] < 10_000:
        assert f"A section that answers it comes only at place {places[0]}." in said
    else:
        assert "No section that answers it is in the ranking." in said


def test_a_high_score_is_no_sign_of_an_answer(index: Index) -> None:
    """As the example that the handbook answers nowhere says: its words agree well."""
    unanswered = index.vectors("How do I bake bread without yeast?")[0].score
    answered = [index.vectors(each.text)[0].score for each in index.questions if each.sections]
    assert sum(score < unanswered for score in answered) > len(answered) / 2


def test_a_question_of_ones_own_is_answered_and_unknown_words_are_named(lab: Locator, index: Index) -> None:
    own = "Which zebras like attention?"
    said = set_control(lab, "query", own)
    assert state_of(lab)["example"] == "own"
    assert addresses(lab) == expected(index, own, "bm25", 5)
    assert "Not in the handbook: zebras." in said
    assert "answers it" not in said
    said = set_control(lab, "query", "zebras!")
    assert "No passage has a word of this question." in said
    assert addresses(lab) == []


def test_a_question_of_the_test_is_judged(lab: Locator, index: Index) -> None:
    said = set_control(lab, "query", "What is mode collapse?")
    assert "A section that answers it comes at place 1." in said
    expect(lab.locator(".lab-view > ol > li").first.locator("small")).to_contain_text("answers it")
    assert "No section answers this" in set_control(lab, "query", "How many people work at OpenAI?")


def test_an_empty_question_is_told_and_the_lab_lives_on(lab: Locator) -> None:
    control(lab, "query").fill("  ")
    expect(lab.locator(".lab-fault")).to_have_text("Type a question of at least one word.")
    assert "place 1" in set_control(lab, "query", "What is mode collapse?")
    expect(lab.locator(".lab-fault")).to_be_hidden()


def test_the_table_holds_the_measures(lab: Locator, index: Index) -> None:
    set_control(lab, "k", 3)
    header, *rows = table_of(lab)
    assert header[2] == "Recall@3"
    wanted = []
    for kind, by_method in retrieval.ranks(index).items():
        for method, ranks in by_method.items():
            numbers = (
                retrieval.recall(ranks, 3),
                retrieval.recall(ranks, 20),
                retrieval.mean_reciprocal_rank(ranks),
                retrieval.separation(index, method),
            )
            wanted.append([f"{NAMES[method]}, {kind}", str(len(ranks)), *(f"{number:.2f}" for number in numbers)])
    assert rows == wanted


def test_a_link_leads_to_the_section(lab: Locator) -> None:
    lab.locator(".lab-view > ol > li > a").first.click()
    expect(lab.page.locator("h2:target, h3:target")).to_contain_text("A library's opening hours")


# State, script, frame


def test_the_address_keeps_the_state_and_brings_it_back(page: Page, served_site: str, index: Index) -> None:
    lab = start_lab(page, served_site, CHAPTER, "retrieval", state="retrieval.example=other&retrieval.method=fused")
    assert state_of(lab)["query"] == RENT
    assert addresses(lab) == expected(index, RENT, "fused", 5)
    set_control(lab, "k", 2)
    set_control(lab, "directions", 1)
    query = query_of(page)
    assert parse_qs(query[1:]) == {
        "retrieval.example": ["other"],
        "retrieval.query": [RENT],
        "retrieval.method": ["fused"],
        "retrieval.k": ["2"],
        "retrieval.directions": ["10"],
    }
    shown = addresses(lab)
    page.goto("about:blank")  # or the browser would stay on the page
    again = start_lab(page, served_site, CHAPTER, "retrieval", state=query[1:])
    assert addresses(again) == shown == expected(index, RENT, "fused", 2, 10)


def test_reset_brings_the_start_back(lab: Locator, index: Index) -> None:
    start = state_of(lab)
    set_control(lab, "example", "missed")
    set_control(lab, "method", "vectors")
    set_control(lab, "budget", 0)
    press(lab, "Reset")
    assert state_of(lab) == start
    assert addresses(lab) == expected(index, EXACT, "bm25", 5)
    assert query_of(lab.page) == ""


@pytest.mark.parametrize("method", ["bm25", "fused"])
def test_the_copied_script_prints_what_the_screen_shows(lab: Locator, method: str) -> None:
    set_control(lab, "query", 'What does "LoRA" add?')
    set_control(lab, "method", method)
    set_control(lab, "k", 4)
    set_control(lab, "directions", 2)
    printed = run_python(python_of(lab))
    found = re.findall(r"^\d+\. (\S+) (\d+\.\d+)$", printed, re.MULTILINE)
    assert [address for address, _ in found] == addresses(lab)
    shown = lab.locator(".lab-view > ol > li small").all_inner_texts()
    scores = [float(re.match(r"\s*score (\S+)", text)[1]) for text in shown]
    assert scores == pytest.approx([float(score) for _, score in found], abs=0.0051 if method == "bm25" else 0.000051)
    prompt = lab.locator(".lab-view pre").text_content()
    assert f"\n{prompt}\n" in printed
    told = lab.locator(".lab-view > details > summary").inner_text()
    passages, tokens = re.search(r"^prompt: (\d+) passages, (\d+) tokens$", printed, re.MULTILINE).groups()
    assert f"{int(tokens):,} tokens, {passages} passages" in told
    names = {name: key for key, name in NAMES.items()}
    for name, _, recall, _, mrr, apart in table_of(lab)[1:]:
        ranking, kind = name.rsplit(", ", 1)
        assert f"{names[ranking]}, {kind}: recall@4 {recall}, MRR {mrr}\n" in printed
        assert f"{names[ranking]}: answer told by score {apart}\n" in printed


def test_the_prediction_is_told_after_the_question_without_an_answer(lab: Locator) -> None:
    verdict = lab.locator(".lab-verdict")
    set_control(lab, "k", 6)
    expect(verdict).to_be_empty()
    set_control(lab, "example", "nowhere")
    expect(verdict).to_contain_text("A passage with a higher score")


def test_without_script_the_figure_the_table_and_the_answer_stand(
    chromium: Browser, served_site: str, index: Index
) -> None:
    with without_script(chromium, served_site, CHAPTER, "retrieval") as lab:
        expect(lab.locator("svg.figure")).to_be_visible()
        lab.locator("summary", has_text="Table of this data").click()
        rows = lab.locator("tbody tr").evaluate_all("(rows) => rows.map((r) => [...r.cells].map((c) => c.textContent))")
        ranks = retrieval.ranks(index)
        assert len(rows) == 6
        assert rows[0] == [
            "BM25, same words",
            str(len(ranks["same words"]["bm25"])),
            *(f"{retrieval.recall(ranks['same words']['bm25'], k):.2f}" for k in (1, 5, 20)),
            f"{retrieval.mean_reciprocal_rank(ranks['same words']['bm25']):.2f}",
        ]
        lab.locator("summary", has_text="Answer").click()
        expect(lab.locator(".right")).to_contain_text("A passage with a higher score")


def test_axe_finds_nothing(lab: Locator) -> None:
    lab.locator("details").evaluate_all("(all) => all.forEach((details) => (details.open = true))")
    assert axe_both(lab.page, lab) == []


def test_nothing_scrolls_sideways_on_a_narrow_screen(chromium: Browser, served_site: str) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    lab = start_lab(page, served_site, CHAPTER, "retrieval")
    lab.locator(".lab-view details").evaluate_all("(all) => all.forEach((details) => (details.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_a_damaged_file_of_passages_is_told(page: Page, served_site: str) -> None:
    def spoil(route: object) -> None:
        body = bytearray(route.fetch().body())
        place = body.index(b"\x78\xda")  # where the deflated texts begin
        body[place + 50 : place + 80] = bytes(30)
        route.fulfill(body=bytes(body))

    page.route("**/weights/retrieval.bin", spoil)
    lab = find_lab(page, served_site, CHAPTER, "retrieval")
    lab.locator(".lab-start").click()
    expect(lab.locator(".lab-fault")).to_have_text(
        "The file of passages is damaged. Reload the page to fetch it again.", timeout=60_000
    )


def test_bytes_keep_to_the_budget() -> None:
    own = ["retrieval.js", "retrieval-worker.js", "models/retrieval.js", "models/bpe.js"]
    assert sum(len(gzip.compress((LABS / name).read_bytes(), 9)) for name in own) < 10_240
    weights = ["retrieval", "tokeniser"]
    assert sum((LABS / f"weights/{name}.bin").stat().st_size for name in weights) < 400_000
