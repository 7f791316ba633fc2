"""The lab "tokeniser": each control, the same numbers as the reference, the address, the script, and no script."""

from __future__ import annotations

import gzip
import re
from urllib.parse import parse_qs

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

from handbook.figures import lab_tokeniser
from handbook.models import bpe, container

LABS = ROOT / "docs/assets/labs"
CHAPTER = "genai/tokens-and-sampling/"
TOKENISER = bpe.load(LABS / "weights/tokeniser.bin")
CARD = container.read(LABS / "weights/tokeniser.bin")[1]
START = "Compare generative, Generative and GENERATIVE."


@pytest.fixture
def lab(page: Page, served_site: str) -> Locator:
    return start_lab(page, served_site, CHAPTER, "tokeniser")


def tokens_of(lab: Locator) -> list[list[str]]:
    """What is shown of each token: its text or bytes, and its number."""
    return lab.locator(".lab-tokens").evaluate(
        "(list) => [...list.children].map((item) => [...item.children].map((part) => part.textContent))"
    )


def expected(text: str, merges: int = 768) -> list[list[str]]:
    """The same, from the reference."""
    found = []
    for token in TOKENISER.encode(text, merges):
        try:
            shown = TOKENISER.vocabulary[token].decode().replace(" ", "␣").replace("\n", "↵")
        except UnicodeDecodeError:
            shown = TOKENISER.vocabulary[token].hex(" ").upper()
        found.append([shown, str(token)])
    return found


def test_the_start_shows_the_tokens_of_the_reference(lab: Locator) -> None:
    assert tokens_of(lab) == expected(START)
    assert f"{len(START)} characters, {len(START)} bytes, {len(TOKENISER.encode(START))} tokens" in outcome(lab)


@pytest.mark.parametrize(
    "text",
    ["", " ", "naïve 🙂 e\u0301", "if x:\n    return 2026", "\ufeffΛόγος", *CARD["samples"].values()],
)
def test_typed_text_is_encoded_as_by_the_reference(lab: Locator, text: str) -> None:
    said = set_control(lab, "text", text)
    assert tokens_of(lab) == expected(text)
    marked = lab.locator(".lab-tokens [data-hue] > span").all_inner_texts()
    parts = [token for token in TOKENISER.encode(text) if "\ufffd" in TOKENISER.decode([token])]
    assert marked == [TOKENISER.vocabulary[token].hex(" ").upper() for token in parts]
    words = len(re.findall(r"[^ \t\n\r\f\v]+", text))
    ids = TOKENISER.encode(text)
    for count, unit in ((len(text), "character"), (len(text.encode()), "byte"), (len(ids), "token")):
        assert f"{count} {unit}{'' if count == 1 else 's'}" in said
    assert (f"{len(ids) / words:.2f} a word" if words else "0 a word") in said


def test_the_steps_go_through_the_merges_of_the_text(lab: Locator) -> None:
    text = "generative tokens"
    set_control(lab, "text", text)
    set_control(lab, "merges", 0)
    assert tokens_of(lab) == expected(text, 0)
    steps = TOKENISER.steps(text)
    for number, step in enumerate(steps, start=1):
        said = press(lab, "Next merge")
        assert state_of(lab)["merges"] == step.rank + 1
        assert tokens_of(lab) == expected(text, step.rank + 1)
        assert f"Merge {step.rank + 1} of 768, the text's {number} of {len(steps)}" in said
        count = TOKENISER.counts[step.rank]
        assert f"seen {count:,} times" in said
        made = {token for token in lab.locator(".lab-tokens mark").all_inner_texts()}
        assert made == {TOKENISER.vocabulary[bpe.BYTES + step.rank].decode().replace(" ", "␣")}
    assert press(lab, "Next merge") == said, "after the last merge there is no next one"
    press(lab, "Merge before")
    assert tokens_of(lab) == expected(text, steps[-2].rank + 1)
    for _ in steps:
        said = press(lab, "Merge before")
    assert state_of(lab)["merges"] == 0
    assert "each token is a byte" in said


def test_the_slider_moves_with_the_keyboard(lab: Locator) -> None:
    control(lab, "merges").focus()
    lab.page.keyboard.press("Home")
    outcome(lab)
    assert tokens_of(lab) == expected(START, 0)
    for _ in range(7):
        lab.page.keyboard.press("ArrowRight")
    outcome(lab)
    assert state_of(lab)["merges"] == 7
    assert tokens_of(lab) == expected(START, 7)


def test_typing_within_a_long_text_keeps_the_boxes_around_it(lab: Locator) -> None:
    text = "generative words " * 8
    set_control(lab, "text", text)
    lab.locator(".lab-tokens").evaluate("(list) => { for (const item of list.children) item.kept = true; }")
    for changed in (f"{text[:70]}x{text[70:]}", text, f"x{text}", text[5:], "generative generative", "", text):
        set_control(lab, "text", changed)
        assert tokens_of(lab) == expected(changed)
        if len(changed) == len(text) + 1:
            kept = lab.locator(".lab-tokens").evaluate(
                "(list) => [...list.children].filter((item) => item.kept).length"
            )
            assert kept > 0.6 * len(expected(changed))


def test_each_sample_comes_into_the_field_and_typing_makes_it_the_readers_own(lab: Locator) -> None:
    names = control(lab, "sample").locator("option").evaluate_all("(options) => options.map((each) => each.value)")
    assert names == ["own", *CARD["samples"]]
    for name, text in CARD["samples"].items():
        set_control(lab, "sample", name)
        expect(control(lab, "text")).to_have_value(text)
        assert tokens_of(lab) == expected(text)
    control(lab, "text").press_sequentially("!")
    expect(control(lab, "sample")).to_have_value("own")
    assert state_of(lab)["text"] == f"{text}!"


def test_the_table_compares_all_samples_with_the_text(lab: Locator) -> None:
    set_control(lab, "merges", 300)
    header, *rows = table_of(lab)
    assert header == lab_tokeniser.table()["header"]
    compared = {"Your text": START, **CARD["samples"]}
    assert [row[0] for row in rows] == list(compared)
    chart = lab.locator(".lab-view svg[role=img]").get_attribute("aria-label")
    for name, characters, size, tokens, per_character, per_byte in rows:
        text = compared[name]
        ids = TOKENISER.encode(text, 300)
        assert [int(characters), int(size), int(tokens)] == [len(text), len(text.encode()), len(ids)]
        assert abs(float(per_character) - len(ids) / len(text)) <= 0.0051
        assert abs(float(per_byte) - len(ids) / len(text.encode())) <= 0.0051
        assert f"{name} {per_character} and {per_byte}" in chart


def test_the_state_is_in_the_address_and_reset_clears_it(page: Page, served_site: str, lab: Locator) -> None:
    set_control(lab, "text", "a & b = 🙂?")
    set_control(lab, "merges", 40)
    query = query_of(page)
    assert parse_qs(query[1:]) == {"tokeniser.text": ["a & b = 🙂?"], "tokeniser.merges": ["40"]}
    page.goto("about:blank")
    again = start_lab(page, served_site, CHAPTER, "tokeniser", query[1:])
    assert tokens_of(again) == expected("a & b = 🙂?", 40)
    press(again, "Reset")
    assert tokens_of(again) == expected(START)
    assert query_of(page) == ""
    sample = start_lab(page, served_site, CHAPTER, "tokeniser", "tokeniser.sample=Greek")
    assert tokens_of(sample) == expected(CARD["samples"]["Greek"])


def test_the_copied_script_prints_what_the_screen_shows(lab: Locator) -> None:
    text = 'He said "naïve"\n\\ 🙂 generative'
    set_control(lab, "text", text)
    set_control(lab, "merges", 300)
    shown = [number for _, number in tokens_of(lab)]
    rows = table_of(lab)[1:]
    lines = run_python(python_of(lab)).splitlines()
    assert [line.split()[0] for line in lines[: len(shown)]] == shown
    merges = [line for line in lines if line.startswith("merge ")]
    assert len(merges) == sum(step.rank < 300 for step in TOKENISER.steps(text))
    said = f"{rows[0][1]} characters, {rows[0][2]} bytes, {rows[0][3]} tokens"
    assert f"Your text: {said}" in lines
    assert lines[-1] == f"Digits: {rows[-1][1]} characters, {rows[-1][2]} bytes, {rows[-1][3]} tokens"


def test_the_prediction_is_judged_when_the_answer_is_shown(page: Page, served_site: str) -> None:
    lab = find_lab(page, served_site, CHAPTER, "tokeniser")
    lab.get_by_label("One as well").check()
    lab.locator(".lab-start").click()
    outcome(lab)
    expect(lab.locator(".lab-verdict")).to_contain_text("Not as you predicted: Nearly one for each letter")


def test_what_does_not_show_the_answer_is_not_judged(page: Page, served_site: str) -> None:
    lab = start_lab(page, served_site, CHAPTER, "tokeniser", "tokeniser.text=the+model")
    set_control(lab, "text", "the models")
    assert lab.locator(".lab-verdict").inner_text() == ""
    set_control(lab, "text", "GENERATIVE models")
    expect(lab.locator(".lab-verdict")).to_contain_text("The answer: Nearly one for each letter")


def test_the_right_answer_is_so() -> None:
    assert len(TOKENISER.encode(" generative")) == 1
    tokens = [TOKENISER.vocabulary[token] for token in TOKENISER.encode(" GENERATIVE")]
    assert tokens == [b" G", *(bytes([letter]) for letter in b"ENERATIVE")], "write the chapter's `why` anew"
    chapter = (ROOT / "docs/genai/tokens-and-sampling.md").read_text(encoding="utf-8")
    assert "It takes ten tokens, ␣G and nine single letters." in chapter


def test_the_figure_does_not_give_the_answer_away() -> None:
    assert "␣GENERATIVE" not in lab_tokeniser.word_by_merges()
    assert [">␣G<" in lab_tokeniser.word_by_merges(), ">␣g<" in lab_tokeniser.word_by_merges()] == [False, True]


def test_without_a_script_the_figure_the_table_and_the_answer_stand(chromium: Browser, served_site: str) -> None:
    with without_script(chromium, served_site, CHAPTER, "tokeniser") as lab:
        expect(lab.locator("figure svg")).to_be_visible()
        assert lab.locator("tbody tr").count() == len(CARD["samples"])
        assert "Words in capitals are rare" in lab.locator(".why").text_content()
        expect(lab.locator("button")).to_have_count(0)


def test_the_alternative_text_tells_the_merges_of_the_figure() -> None:
    chapter = (ROOT / "docs/genai/tokens-and-sampling.md").read_text(encoding="utf-8")
    fence = " ".join(re.search(r"```lab\nname: tokeniser\n(.+?)```", chapter, re.DOTALL)[1].split())
    steps = TOKENISER.steps(lab_tokeniser.WORD)
    places = [str(step.rank + 1) for step in steps]
    assert f"at merges {', '.join(places[:-1])} and {places[-1]}." in fence
    tokens = [TOKENISER.vocabulary[bpe.BYTES + step.rank].decode().replace(" ", "␣") for step in steps]
    assert f"{', '.join(tokens[:-1])} and {tokens[-1]} are joined" in fence


def test_axe_finds_nothing(page: Page, lab: Locator) -> None:
    set_control(lab, "merges", 300)
    table_of(lab)
    assert axe_both(page, lab) == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways(page: Page, served_site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    lab = start_lab(page, served_site, CHAPTER, "tokeniser")
    for text in ("n" * 400, CARD["samples"]["Hindi"]):
        set_control(lab, "text", text)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_lab_stays_small() -> None:
    files = [LABS / "tokeniser.js", LABS / "tokeniser-worker.js", LABS / "models/bpe.js"]
    assert sum(len(gzip.compress(each.read_bytes(), 9, mtime=0)) for each in files) < 10_000
    assert (LABS / "weights/tokeniser.bin").stat().st_size < 400_000


def test_quick_presses_are_all_counted(lab: Locator) -> None:
    """Each press goes on from where the one before it went, whether that has been drawn or not."""
    set_control(lab, "text", "generative tokens")
    set_control(lab, "merges", 0)
    lab.get_by_role("button", name="Next merge", exact=True).evaluate("(b) => { b.click(); b.click(); b.click(); }")
    outcome(lab)
    assert state_of(lab)["merges"] == TOKENISER.steps("generative tokens")[2].rank + 1
