"""The lab "next-token": each control, the same numbers as the reference, the address, the script, and no script."""

from __future__ import annotations

import json
import re
from itertools import islice
from urllib.parse import parse_qs

import numpy as np
import pytest
from conftest import ROOT
from labs import (
    axe_both,
    control,
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

from handbook.figures import lab_next_token
from handbook.models import bpe, gpt, sampling
from handbook.models.random import Random

WEIGHTS = ROOT / "docs/assets/labs/weights"
CHAPTER, OTHER = "genai/how-it-works/", "genai/tokens-and-sampling/"
NAME = "next-token"
TOKENISER = bpe.load(WEIGHTS / "tokeniser.bin")
MODEL = gpt.Gpt.load(WEIGHTS / "gpt.bin")
CARD = json.loads((WEIGHTS / "gpt.json").read_text(encoding="utf-8"))
TOP_KS = [1, 2, 3, 5, 10, 20, 50, 100, 0]
START = {"text": lab_next_token.PROMPT, "temperature": 1, "top_k": 0, "top_p": 1, "seed": 1, "draws": 0, "written": 0}


@pytest.fixture
def lab(page: Page, served_site: str) -> Locator:
    return start_lab(page, served_site, CHAPTER, NAME)


def shown(token: int) -> str:
    try:
        return TOKENISER.vocabulary[token].decode().replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥")
    except UnicodeDecodeError:
        return TOKENISER.vocabulary[token].hex(" ").upper()


class Expected:
    """What the reference makes of a state of the lab."""

    def __init__(self, state: dict) -> None:
        self.setting = {name: state[name] for name in ("temperature", "top_k", "top_p")}
        self.prompt = TOKENISER.encode(state["text"])
        ids = [gpt.START, *self.prompt]
        story = sampling.generate(MODEL, ids, Random(state["seed"]), **self.setting)
        self.written = list(islice(story, state["written"]))
        self.ids = [*ids, *(drawn.token for drawn in self.written)]
        logits = MODEL.next_logits(self.ids)
        self.own = sampling.distribution(logits)
        self.p = sampling.distribution(logits, **self.setting)
        random = Random(state["seed"])
        self.drawn = [sampling.draw(self.p, random) for _ in range(state["draws"])]
        self.best = sampling.ranked(self.own)[:12].tolist()

    def rows(self) -> list[tuple[str, str, float, float, int]]:
        counts = np.bincount(self.drawn, minlength=len(self.p)) if self.drawn else np.zeros(len(self.p), int)
        rows = [(shown(i), str(i), self.own[i], self.p[i], counts[i]) for i in self.best]
        rest = [1 - self.own[self.best].sum(), 1 - self.p[self.best].sum(), len(self.drawn) - counts[self.best].sum()]
        return [*rows, ("the rest", "none", *rest)]


def holds(lab: Locator, **state: object) -> Expected:
    """Compare all that the lab shows with the reference."""
    found = {key: state_of(lab)[key] for key in START}
    assert found == START | state
    expected, said = Expected(found), outcome(lab)
    header, *rows = table_of(lab)
    assert header[-1] == f"Drawn, of {found['draws']}"
    for row, (name, number, own, p, times) in zip(rows, expected.rows(), strict=True):
        assert row[:2] == [name, number]
        assert float(row[2]) == pytest.approx(own, abs=1.5e-4)
        assert float(row[3]) == pytest.approx(p, abs=1.5e-4)
        assert int(row[4]) == times
    chips = lab.locator(".lab-view .lab-token").evaluate_all(
        "(chips) => chips.map((chip) => [chip.textContent, chip.dataset.hue ?? ''])"
    )
    assert chips == [
        *([shown(token), ""] for token in expected.prompt),
        *([shown(drawn.token), "1"] for drawn in expected.written),
    ]
    possible = int((expected.p > 0).sum())
    assert f"; {possible:,} token{'' if possible == 1 else 's'} can be drawn." in said
    [bits] = re.findall(r"Entropy: (\d+\.\d+) bits", said)
    assert float(bits) == pytest.approx(sampling.entropy(expected.p), abs=0.0051)
    if expected.drawn:
        last = expected.drawn[-1]
        assert f"Draw {len(expected.drawn)} gave “{shown(last)}”, which has {expected.p[last]:.3f}" in said
        assert re.search(rf"; {len(set(expected.drawn))} tokens? came up so far", said)
        likeliest, times = expected.best[0], expected.drawn.count(expected.best[0])
        [(came, due)] = re.findall(
            rf", “{re.escape(shown(likeliest))}” (\d+) times?, where its probability gives (.+?)\.(?: |$)", said
        )
        assert int(came) == times
        assert float(due) == pytest.approx(len(expected.drawn) * expected.p[likeliest], abs=0.051)
    if expected.written:
        last = expected.written[-1]
        assert f"The last token written, “{shown(last.token)}”, was drawn at {last.probability:.3f}" in said
    return expected


def test_the_start_is_the_reference_and_the_static_side(lab: Locator) -> None:
    expected = holds(lab)
    static = lab_next_token.table()["rows"]
    assert [row[0] for row in static[:12]] == [shown(token) for token in expected.best]
    assert [float(row[2]) for row in static[:12]] == pytest.approx(expected.own[expected.best], abs=5.1e-4)
    assert float(static[-1][2]) == pytest.approx(sampling.entropy(expected.own), abs=5.1e-3)


@pytest.mark.parametrize("text", ["", "Diffusion", "naïve 🙂 \n\tx", "- Often said: ", "Στα ελληνικά"])
def test_the_learners_own_text(lab: Locator, text: str) -> None:
    set_control(lab, "text", text)
    holds(lab, text=text)


def test_a_text_beyond_the_context_is_read_from_later_on(lab: Locator) -> None:
    text = "word salad 漢字 " * 18
    said = set_control(lab, "text", text)
    expected = holds(lab, text=text)
    begin = MODEL.window(len(expected.ids))
    assert begin > 0
    assert f"its first {begin - 1} tokens are not read" in said


@pytest.mark.parametrize("temperature", [0, 0.3, 2])
def test_temperature(lab: Locator, temperature: float) -> None:
    set_control(lab, "temperature", temperature)
    press(lab, "Draw fifty")
    expected = holds(lab, temperature=temperature, draws=50)
    if temperature == 0:
        assert set(expected.drawn) == {expected.best[0]}


@pytest.mark.parametrize("place", range(9))
def test_top_k(lab: Locator, place: int) -> None:
    set_control(lab, "top_k", place)
    expected = holds(lab, top_k=TOP_KS[place])
    assert (expected.p > 0).sum() == (TOP_KS[place] or 1024)


@pytest.mark.parametrize("top_p", [0.05, 0.5, 0.9])
def test_top_p(lab: Locator, top_p: float) -> None:
    set_control(lab, "top_p", top_p)
    holds(lab, top_p=top_p)


def test_draws_add_up_and_follow_the_seed(lab: Locator) -> None:
    for number in (1, 2, 3):
        press(lab, "Draw one")
        holds(lab, draws=number)
    press(lab, "Draw fifty")
    first = holds(lab, draws=53)
    set_control(lab, "seed", 4_000_000_000)
    assert holds(lab, draws=53, seed=4_000_000_000).drawn != first.drawn
    for _ in range(19):
        press(lab, "Draw fifty")
    expect(lab.locator(".lab-fault")).to_contain_text("up to 1,000 draws")
    assert state_of(lab)["draws"] == 953


def test_tokens_are_written_forwards_and_backwards_with_the_keyboard(lab: Locator) -> None:
    control(lab, "written").focus()
    for number in (1, 2, 3):
        lab.page.keyboard.press("ArrowRight")
        outcome(lab)
        holds(lab, written=number)
    lab.page.keyboard.press("ArrowLeft")
    outcome(lab)
    holds(lab, written=2)
    lab.page.keyboard.press("End")
    outcome(lab)
    holds(lab, written=60)


def test_generating_goes_on_by_itself_and_pauses(lab: Locator) -> None:
    lab.get_by_role("button", name="Generate", exact=True).click()
    expect(lab.locator(".lab-view .lab-token[data-hue]").nth(3)).to_be_visible()
    lab.get_by_role("button", name="Pause", exact=True).click()
    expect(lab.get_by_role("button", name="Generate", exact=True)).to_be_visible()
    outcome(lab)
    written = state_of(lab)["written"]
    assert 4 <= written < 60
    holds(lab, written=written)
    lab.page.wait_for_timeout(500)
    assert state_of(lab)["written"] == written


def test_with_reduced_motion_generating_goes_a_token_at_a_time(page: Page, served_site: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    lab = start_lab(page, served_site, CHAPTER, NAME)
    for number in (1, 2):
        press(lab, "Step")
        holds(lab, written=number)


def test_writing_goes_beyond_the_context(lab: Locator) -> None:
    text = "tokens 漢字 " * 19
    set_control(lab, "text", text)
    set_control(lab, "written", 60)
    expected = holds(lab, text=text, written=60)
    assert MODEL.window(len(expected.ids)) > MODEL.window(len(expected.prompt) + 1) > 0


def test_typing_fast_ends_at_the_last_text(lab: Locator) -> None:
    control(lab, "text").press_sequentially(" predicts the next token, and so on and on.", delay=2)
    outcome(lab)
    holds(lab, text=f"{lab_next_token.PROMPT} predicts the next token, and so on and on.")


def test_the_state_is_in_the_address_and_reset_clears_it(page: Page, served_site: str, lab: Locator) -> None:
    set_control(lab, "text", "a & b = 🙂?")
    set_control(lab, "temperature", 0.7)
    set_control(lab, "top_k", 4)
    set_control(lab, "top_p", 0.9)
    set_control(lab, "written", 5)
    press(lab, "Draw fifty")
    state = {"text": "a & b = 🙂?", "temperature": 0.7, "top_k": 10, "top_p": 0.9, "written": 5, "draws": 50}
    query = query_of(page)
    assert parse_qs(query[1:]) == {f"{NAME}.{key}": [str(value)] for key, value in state.items()}
    page.goto("about:blank")
    again = start_lab(page, served_site, CHAPTER, NAME, query[1:])
    holds(again, **state)
    press(again, "Reset")
    holds(again)
    assert query_of(page) == ""


def test_the_copied_script_prints_what_the_screen_shows(lab: Locator) -> None:
    set_control(lab, "text", 'He said "naïve"\n\\ 🙂 models')
    set_control(lab, "temperature", 0.8)
    set_control(lab, "top_p", 0.95)
    set_control(lab, "seed", 7)
    set_control(lab, "written", 6)
    said = press(lab, "Draw fifty")
    rows = table_of(lab)[1:]
    lines = run_python(python_of(lab)).splitlines()
    assert [line.split()[0] for line in lines[:6]] == ["wrote"] * 6
    [last] = re.findall(r"was drawn at (\d\.\d+), with (\d+\.\d+) bits", said)
    printed = re.search(r"probability (\S+), entropy (\S+) bits", lines[5]).groups()
    assert [float(value) for value in printed] == pytest.approx([float(value) for value in last], abs=0.0051)
    [bits, own] = re.findall(r"(\d+\.\d+) (?:bits|as the model)", lines[6])
    assert f"Entropy: {bits} bits ({own} as the model has it" in said
    possible = re.search(r"; (\d+) tokens can be drawn$", lines[6])[1]
    assert f"; {int(possible):,} tokens can be drawn." in said
    for row, line in zip(rows, lines[7:], strict=True):
        number, before, after, times = re.fullmatch(r"(\d+ b['\"].*['\"]|the rest) (\S+) (\S+) (\d+)", line).groups()
        assert number.split()[0] == (row[1] if row[1] != "none" else "the")
        assert [float(before), float(after)] == pytest.approx([float(row[2]), float(row[3])], abs=2e-4)
        assert times == row[4]


def test_the_other_chapter_starts_elsewhere(page: Page, served_site: str) -> None:
    lab = start_lab(page, served_site, OTHER, NAME)
    holds(lab, top_k=5)
    told = lab.get_by_role("img", name="Probabilities of the next token").get_attribute("aria-label")
    assert [each.split()[-1] != "0" for each in told.removesuffix(".").split(": ")[1].split("; ")] == [True] * 5 + [
        False
    ] * 8
    lab.page.goto("about:blank")
    lab = find_lab(page, served_site, OTHER, NAME)
    lab.get_by_label("The same five").check()
    lab.locator(".lab-start").click()
    outcome(lab)
    press(lab, "Draw fifty")
    assert lab.locator(".lab-verdict").inner_text() == "", "this page asks about the temperature"
    press(lab, "Reset")
    set_control(lab, "temperature", 2)
    expect(lab.locator(".lab-verdict")).to_contain_text("Your prediction was right.")
    kept = holds(lab, top_k=5, temperature=2).p > 0
    assert set(np.flatnonzero(kept)) == set(Expected(START | {"top_k": 5}).best[:5])


def test_the_answer_in_the_first_chapter_is_so() -> None:
    """The likeliest token comes about as often as it says: within four standard deviations of 50 draws."""
    expected = Expected(START | {"draws": 50})
    top = expected.best[0]
    p = expected.p[top]
    assert abs(expected.drawn.count(top) - 50 * p) < 4 * (50 * p * (1 - p)) ** 0.5
    assert 0.02 < p < 0.9


def test_the_first_chapter_judges_after_fifty_draws(page: Page, served_site: str) -> None:
    lab = start_lab(page, served_site, CHAPTER, NAME)
    set_control(lab, "temperature", 2)
    press(lab, "Draw one")
    assert lab.locator(".lab-verdict").inner_text() == ""
    press(lab, "Draw fifty")
    expect(lab.locator(".lab-verdict")).to_contain_text("About as often as its probability says")


@pytest.mark.parametrize("path", [CHAPTER, OTHER])
def test_without_a_script_the_figure_the_table_and_the_answer_stand(
    chromium: Browser, served_site: str, path: str
) -> None:
    with without_script(chromium, served_site, path, NAME) as lab:
        expect(lab.locator("figure svg")).to_be_visible()
        assert lab.locator("tbody tr").count() == len(lab_next_token.table()["rows"])
        assert len(lab.locator(".why").text_content()) > 50
        expect(lab.locator("button")).to_have_count(0)


@pytest.mark.parametrize("path", [CHAPTER, OTHER])
def test_the_texts_about_the_model_are_true(path: str) -> None:
    """Numbers that the chapter tells of the model are those of its card and its figure."""
    chapter = " ".join((ROOT / "docs" / path.rstrip("/")).with_suffix(".md").read_text(encoding="utf-8").split())
    [fence] = re.findall(r"```lab name: next-token (.+?)```", chapter)
    [alt] = re.findall(r"alt: >- (.+?) caption:", fence)
    for name, values in lab_next_token.rows()[:3]:
        assert f"{name} {values[1]:.3f} and {values[0]:.3f}" in alt
    rest = lab_next_token.rows()[-1][1]
    assert f"{rest[1]:.3f} and {rest[0]:.3f}" in alt
    assert f"{CARD['parameters']:,} parameters" in chapter
    assert f"{CARD['tokens']['training']:,} tokens" in chapter
    [perplexity] = re.findall(r"perplexity(?:\]\([\w.]+\))? is (\d+) a token", chapter)
    assert int(perplexity) == round(CARD["measures"]["held_out"]["perplexity"])


def test_axe_finds_nothing(page: Page, lab: Locator) -> None:
    set_control(lab, "written", 8)
    press(lab, "Draw fifty")
    table_of(lab)
    assert axe_both(page, lab) == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways(page: Page, served_site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    lab = start_lab(page, served_site, CHAPTER, NAME)
    for text in ("n" * 300, "Καθένας " * 30):
        set_control(lab, "text", text)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
