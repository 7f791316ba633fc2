"""The lab "sums": its numbers are the reference's, each control does what it says, and the prose says what they say."""

from __future__ import annotations

import math
import re

import pytest
from conftest import ROOT
from labs import control, evaluate, outcome, press, python_of, query_of, run_python, set_control, start_lab, table_of
from playwright.sync_api import Page

from handbook.figures import lab_sums
from handbook.lab_fence import read
from handbook.models import sums

SCALING, PROVIDERS = "genai/scaling-and-training/", "genai/providers/"
PAIRS = {
    "weightMemory": ("weight_memory", 2),
    "cacheMemory": ("cache_memory", 6),
    "speed": ("speed", 4),
    "trainingOperations": ("training_operations", 2),
    "trainingDays": ("training_days", 3),
    "trainingEnergy": ("training_energy", 3),
    "answerPrice": ("answer_price", 4),
    "breakEven": ("break_even", 2),
}
CALL = "async ([name, numbers]) => (await import('/assets/labs/sums.js'))[name](...numbers)"


@pytest.mark.parametrize("name", PAIRS)
def test_both_languages_give_the_same(served_site: str, page: Page, name: str) -> None:
    reference, count = PAIRS[name]
    for start in (0.05, 1, 3.5e9):
        numbers = [start * 1.7**place + place for place in range(count)]
        ours = evaluate(page, served_site, CALL, [name, numbers])
        assert ours == pytest.approx(getattr(sums, reference)(*numbers), rel=1e-12)


@pytest.mark.parametrize("name", [name for name, _ in PAIRS.values()])
@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
def test_a_number_that_makes_no_sense_is_refused(name: str, wrong: float) -> None:
    count = dict(PAIRS.values())[name]
    with pytest.raises(ValueError, match="must be a number above 0"):
        getattr(sums, name)(*[1.0] * (count - 1), wrong)


def test_the_sums_are_those_of_the_chapter() -> None:
    assert sums.training_operations(405e9, 15.6e12) == pytest.approx(3.79e25, rel=1e-3)
    assert sums.training_days(3.79e25, 16_384, 400e12) == pytest.approx(66.9, abs=0.1)
    assert sums.weight_memory(70e9, 4) == 35e9
    assert sums.cache_memory(32, 8, 128, 32_768, 1) / 1e9 == pytest.approx(4.3, abs=0.05)
    assert sums.speed(3350e9, 16e9, 1e-9, 1) == pytest.approx(209.4, abs=0.1)
    assert sums.break_even(3800, 3) == pytest.approx(1267, abs=1)


# What a control is set to (a slider to its place), on the page where it stands, and a row of the table then.
SCALING_SETTINGS = [
    ("model", "gpt3", ["Weights", "350", "GB"]),
    ("parameters", 70, ["Weights", "140", "GB"]),
    ("bits", 0, ["Weights", "2", "GB"]),
    ("layers", 64, ["Cache", "68.72", "GB"]),
    ("heads", 32, ["Cache", "137.4", "GB"]),
    ("size", 64, ["Cache", "17.18", "GB"]),
    ("context", 0, ["Cache", "4.295", "GB"]),
    ("requests", 0, ["Each request", "202.6", "tokens a second"]),
    ("cacheBits", 0, ["Cache", "8.59", "GB"]),
    ("machine", "laptop", ["Memory of the machine", "32", "GB"]),
    ("bandwidth", 1000, ["All requests", "1,271", "tokens a second"]),
    ("memory", 24, ["Memory of the machine", "24", "GB"]),
    ("topic", "training", ["Time", "1.272", "days"]),
]
TRAINING_SETTINGS = [
    ("tokens", 1.5, ["Time", "0.1272", "days"]),
    ("chips", 1024, ["Time", "20.35", "days"]),
    ("rate", 200, ["Time", "2.543", "days"]),
    ("power", 2, ["Energy", "1,000", "MWh"]),
]
COST_SETTINGS = [
    ("prompt", 4000, ["One answer", "0.0195", "USD"]),
    ("answer", 1000, ["Of it, answers", "1,500", "USD"]),
    ("promptPrice", 1, ["One answer", "0.0095", "USD"]),
    ("answerPrice", 3, ["One answer", "0.0075", "USD"]),
    ("answers", 1000, ["A month", "13.5", "USD"]),
    ("fixed", 1350, ["Break-even", "100,000", "answers a month"]),
    ("topic", "memory", ["Weights", "16", "GB"]),
]


@pytest.mark.parametrize(
    ("path", "state", "settings"),
    [
        (SCALING, "", SCALING_SETTINGS),
        (SCALING, "sums.topic=training", TRAINING_SETTINGS),
        (PROVIDERS, "", COST_SETTINGS),
    ],
)
def test_every_control_changes_its_sum(served_site: str, page: Page, path: str, state: str, settings: list) -> None:
    lab = start_lab(page, served_site, path, "sums", state)
    shown = page.locator(".lab-controls :is(input, select):visible")
    names = shown.evaluate_all("(all) => all.map((each) => each.id.replace('lab-sums-', ''))")
    assert {key for key, _, _ in settings} | {"topic", "model", "parameters"} >= set(names)
    for key, value, row in settings:
        before = table_of(lab)
        assert row not in before
        said = set_control(lab, key, value)
        assert row in table_of(lab), (key, table_of(lab))
        assert said
        assert lab.locator("math").count() == 6
        if key != "topic":
            press(lab, "Reset")
            if state:
                set_control(lab, "topic", "training")


def test_the_formulas_hold_the_readers_numbers(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, SCALING, "sums")
    formulas = [re.sub(r"\s", "", text) for text in lab.locator("math").all_text_contents()]
    assert formulas == [
        "W=Nb8",
        "=8·109·168bytes",
        "K=2LhdTBc8",
        "=2·32·8·128·4,096·64·168bytes",
        "v=BMW+K",
        "=64·3,35016+34.36persecond",
    ]
    set_control(lab, "bits", 2)
    assert "8·109·48" in re.sub(r"\s", "", lab.locator("math").nth(1).text_content())


def test_presets_and_own_numbers(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, SCALING, "sums")
    set_control(lab, "model", "llama405")
    assert [control(lab, key).input_value() for key in ("parameters", "layers", "heads", "size")] == [
        "405",
        "126",
        "8",
        "128",
    ]
    set_control(lab, "layers", 100)
    assert control(lab, "model").input_value() == "own"
    assert control(lab, "parameters").input_value() == "405"
    set_control(lab, "memory", 96)
    assert control(lab, "machine").input_value() == "own"
    query = query_of(page)
    again = start_lab(page, served_site, SCALING, "sums", query[1:])
    assert [control(again, key).input_value() for key in ("model", "layers", "memory")] == ["own", "100", "96"]


def test_what_does_not_fit_is_said(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, SCALING, "sums")
    assert "fit into 80 GB" in outcome(lab)
    assert "do not fit into 80 GB" in set_control(lab, "model", "gpt3")


@pytest.mark.parametrize(
    ("path", "state"),
    [
        (SCALING, ""),
        (SCALING, "sums.model=llama70&sums.bits=3"),
        (SCALING, "sums.topic=training&sums.model=gpt3"),
        (PROVIDERS, "sums.answer=777"),
    ],
)
def test_the_script_prints_what_the_screen_shows(served_site: str, page: Page, path: str, state: str) -> None:
    lab = start_lab(page, served_site, path, "sums", state)
    printed = [line.split(": ") for line in run_python(python_of(lab)).splitlines()]
    table = table_of(lab)[1:]
    assert [name for name, _ in printed] == [name for name, _, _ in table]
    for (_, said), (_, value, unit) in zip(printed, table, strict=True):
        number, printed_unit = said.split(" ", 1)
        assert printed_unit == unit
        assert float(number) == pytest.approx(float(value.replace(",", "")), rel=1e-3)


# ── The static side and the prose ────────────────────────────────────────────


def fence_of(chapter: str) -> object:
    text = (ROOT / f"docs/genai/{chapter}.md").read_text(encoding="utf-8")
    lab, faults = read(re.search(r"```lab\n(name: sums\n.+?)```", text, re.DOTALL)[1], {"sums"})
    assert not faults
    return lab


def test_the_answer_in_the_chapter_on_scaling_is_what_the_sums_say() -> None:
    lab = fence_of("scaling-and-training")
    cache = (
        sums.cache_memory(lab_sums.LAYERS, lab_sums.HEADS, lab_sums.SIZE, lab_sums.CONTEXT, lab.options["requests"])
        / 1e9
    )
    for number in (f"{cache:.1f} GB", f"{cache + 4:.1f} GB", f"{cache + 16:.1f},"):
        assert number in lab.why, number
    assert f"{lab_sums.each(4, 64) / lab_sums.each(16, 64):.2f} times" in lab.why
    assert f"{lab_sums.each(4, 1) / lab_sums.each(16, 1):.2f} times" in lab.why
    for bits in (4, 16):
        assert f"from {lab_sums.each(bits, 1):.0f} to {lab_sums.each(bits, 64):.0f}" in lab.alt
    assert lab.answers[lab.right] == "By about a third"


def test_the_answer_in_the_chapter_on_providers_is_what_the_sums_say() -> None:
    lab = fence_of("providers")
    prompt, answer = 2000 * lab_sums.PROMPT_PRICE / 1e6, lab_sums.ANSWER * lab_sums.ANSWER_PRICE / 1e6
    assert f"USD {prompt:g} " in lab.why
    assert f"USD {answer:g}." in lab.why
    assert answer > prompt
    assert f"From {lab_sums.ANSWER * lab_sums.ANSWER_PRICE / lab_sums.PROMPT_PRICE:,.0f} tokens of prompt on" in lab.why
