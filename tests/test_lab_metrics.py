"""The lab "metrics": each control, the same numbers as the reference, the address, the script, and no script."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np
import pytest
import yaml
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

from handbook.figures import lab_metrics
from handbook.lab_fence import read
from handbook.models import faults, shapes, surprise
from handbook.models.random import Random

CHAPTER = "genai/evaluation/"
NAMES = dict(
    zip(
        faults.MEASURES, ("Fréchet distance", "precision", "recall", "density", "coverage", "nearest copy"), strict=True
    )
)
SIZES = [20, 50, 100, 200, 500, 1000]
POINTS = [100, 200, 400, 800]
TOLERANCE = 1e-4
START = {"fault": "gaussian", "share": 1.0, "shape": "ring", "size": 400, "k": 5, "seed": 1}
TEXT = "The model guesses the next word from the words before it."
USED = {
    "sizes": {"shape", "seed"},
    "faults": {"shape", "fault", "share", "size", "k", "seed"},
    "text": {"text", "shuffled", "seed"},
}


@pytest.fixture(scope="module")
def started(chromium: Browser, served_site: str) -> Iterator[Locator]:
    """One lab for all tests that begin at its start: a start takes seconds."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield start_lab(context.new_page(), served_site, CHAPTER, "metrics")
    context.close()


@pytest.fixture
def lab(started: Locator) -> Locator:
    press(started, "Reset")
    started.page.bring_to_front()
    return started


def part(page: Page, site: str, name: str) -> Locator:
    return start_lab(page, site, CHAPTER, "metrics", f"metrics.part={name}")


def inspected(**changes: object) -> dict[str, dict[str, float | bool]]:
    return faults.inspect(**{**START, **changes})


def alike(table: list[list[str]], wanted: dict[str, dict[str, float | bool]]) -> bool:
    """Whether the lab's table says what the reference says: six measures, three numbers each, and the verdict."""
    rows = {row[0]: row[1:] for row in table[1:]}
    return set(rows) == set(NAMES.values()) and all(
        np.allclose(
            [float(cell) for cell in rows[NAMES[name]][:3]],
            [each[key] for key in ("value", "low", "high")],
            atol=TOLERANCE,
        )
        and rows[NAMES[name]][3] == ("caught" if each["caught"] else "missed")
        for name, each in wanted.items()
    )


# Generators with a fault ----------------------------------------------------------------------


def test_the_start_is_the_reference(lab: Locator) -> None:
    assert alike(table_of(lab), inspected())
    assert outcome(lab) == (
        "One Gaussian: caught by precision, density, coverage; missed by Fréchet distance, recall, nearest copy."
    )


def test_tables_that_differ_are_seen(lab: Locator) -> None:
    """The comparison of the other tests can fail."""
    assert not alike(table_of(lab), inspected(seed=2))
    assert not alike(table_of(lab)[:-1], inspected())


@pytest.mark.parametrize("fault", faults.FAULTS)
def test_each_generator(lab: Locator, fault: str) -> None:
    set_control(lab, "fault", fault)
    assert alike(table_of(lab), inspected(fault=fault))


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_each_shape(lab: Locator, shape: str) -> None:
    set_control(lab, "fault", "collapse")
    set_control(lab, "shape", shape)
    assert alike(table_of(lab), inspected(shape=shape, fault="collapse"))


@pytest.mark.parametrize(
    ("key", "place", "changes"),
    [
        ("share", 35, {"share": 0.35}),
        ("share", 0, {"share": 0.0}),
        ("size", POINTS.index(100), {"size": 100}),
        ("size", POINTS.index(800), {"size": 800}),
        ("k", 1, {"k": 1}),
        ("k", 10, {"k": 10}),
        ("seed", 1_000_000_000, {"seed": 1_000_000_000}),
    ],
)
def test_each_setting_of_a_generator(lab: Locator, key: str, place: int, changes: dict[str, float]) -> None:
    set_control(lab, key, place)
    assert alike(table_of(lab), inspected(**changes))


def test_a_seed_that_is_none_is_refused(lab: Locator) -> None:
    before = table_of(lab)
    control(lab, "seed").fill("-1")
    expect(lab.locator(".lab-fault")).to_contain_text("Seed takes a whole number from 0 to 1,000,000,000.")
    assert table_of(lab) == before


@pytest.mark.parametrize("fault", faults.FAULTS)
def test_every_fault_but_none_is_caught_and_missed_by_some(fault: str) -> None:
    """The lesson of the lab, for each shape: a fault is caught, and no measure catches all faults."""
    for shape in shapes.SHAPES:
        told = inspected(fault=fault, shape=shape, seed=3)
        caught = {name for name, each in told.items() if each["caught"]}
        wanted = {
            "none": set(),
            "collapse": {"recall", "coverage"},
            "gaussian": {"precision", "density", "coverage"},
            "memory": {"nearest"},
            "blur": {"precision", "density", "coverage"},
        }
        assert wanted[fault] <= caught
        assert fault == "none" or caught != set(faults.MEASURES)


def test_a_gaussian_has_the_moments_of_the_data() -> None:
    training = shapes.draw("moons", 4000, Random(5))[0]
    drawn = faults.generate("gaussian", 1.0, "moons", training, Random(6))
    assert np.allclose(drawn.mean(axis=0), training.mean(axis=0), atol=0.06)
    assert np.allclose(np.cov(drawn, rowvar=False), np.cov(training, rowvar=False), atol=0.08)


@pytest.mark.parametrize(("fault", "share", "words"), [("gone", 1.0, "no fault is named"), ("blur", 1.5, "0 to 1")])
def test_bad_generators_are_told(fault: str, share: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        faults.generate(fault, share, "ring", np.eye(2), Random(1))


# Sample size ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "seed"), [("ring", 1), ("moons", 7)])
def test_distance_by_sample_size(page: Page, served_site: str, shape: str, seed: int) -> None:
    lab = part(page, served_site, "sizes")
    set_control(lab, "shape", shape)
    said = set_control(lab, "seed", seed)
    found = faults.distances_by_size(shape, SIZES, 20, seed)
    wanted = np.column_stack([SIZES, found.mean(axis=0), found.min(axis=0), found.max(axis=0)])
    assert np.allclose(np.array(table_of(lab)[1:], dtype=float), wanted, atol=TOLERANCE)
    numbers = [float(each) for each in re.findall(r"0\.\d+", said)]
    assert np.allclose(numbers, found.mean(axis=0)[[0, -1]], rtol=0.006)
    assert found.mean(axis=0)[0] > 10 * found.mean(axis=0)[-1]


# Perplexity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [TEXT, "The model reads the next word: Ägypten, 東京 🙂", "word", "one two\nthree  four"]
)
@pytest.mark.parametrize("shuffled", [False, True])
def test_perplexity_of_a_text(page: Page, served_site: str, text: str, shuffled: bool) -> None:
    lab = part(page, served_site, "text")
    set_control(lab, "text", text)
    set_control(lab, "seed", 4)
    set_control(lab, "shuffled", shuffled)
    both = surprise.compare(text, 4)
    bits = [float(row[2]) for row in table_of(lab)[1:]]
    assert np.allclose(bits, both[shuffled].bits, atol=TOLERANCE)
    said = outcome(lab)
    for name, each in zip(("As typed", "Shuffled"), both, strict=True):
        found = re.search(rf"{name}: perplexity ([\d,.]+), ([\d.]+) bits per byte\.", said)
        assert float(found[1].replace(",", "")) == pytest.approx(each.perplexity, rel=0.006)
        assert float(found[2]) == pytest.approx(each.bits_per_byte, rel=0.006)


def test_a_text_without_a_word_is_told(page: Page, served_site: str) -> None:
    lab = part(page, served_site, "text")
    control(lab, "text").fill("   ")
    expect(lab.locator(".lab-fault")).to_have_text("There is no text to measure: type a few words.")
    set_control(lab, "text", "A word.")
    expect(lab.locator(".lab-fault")).to_be_hidden()
    with pytest.raises(ValueError, match="without a word"):
        surprise.compare(" \n", 1)


# The frame ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", USED)
def test_a_part_shows_its_own_controls(page: Page, served_site: str, name: str) -> None:
    lab = part(page, served_site, name)
    for key in set.union(*USED.values()):
        assert control(lab, key).is_visible() == (key in USED[name]), key


def test_the_parts_change_by_keyboard(lab: Locator) -> None:
    control(lab, "part").focus()
    lab.page.keyboard.press("ArrowDown")
    assert outcome(lab).startswith("As typed: perplexity")
    assert state_of(lab)["part"] == "text"


def test_the_state_stands_in_the_address_and_comes_from_it(lab: Locator, served_site: str) -> None:
    set_control(lab, "fault", "memory")
    said = set_control(lab, "k", 3)
    query = query_of(lab.page)
    assert "metrics.fault=memory" in query
    assert "metrics.k=3" in query
    again = start_lab(lab.page.context.new_page(), served_site, CHAPTER, "metrics", query[1:])
    assert outcome(again) == said
    press(again, "Reset")
    assert alike(table_of(again), inspected())
    assert query_of(again.page) == ""
    again.page.close()


def test_the_scripts_print_what_is_shown(lab: Locator) -> None:
    assert alike(table_of(lab), ast.literal_eval(run_python(python_of(lab))))
    set_control(lab, "part", "sizes")
    means = [float(row[1]) for row in table_of(lab)[1:]]
    printed = [float(each) for each in re.findall(r"\d+\.\d*(?:e-?\d+)?", run_python(python_of(lab)))]
    assert np.allclose(means, printed, atol=TOLERANCE)
    set_control(lab, "part", "text")
    set_control(lab, "text", 'A "quoted" word,\nand a second line\\')
    printed = re.findall(r"(?:perplexity|bits_per_byte)=([\d.]+)", run_python(python_of(lab)))
    shown = re.findall(r"perplexity ([\d,.]+), ([\d.]+) bits", outcome(lab))
    flat = [float(each.replace(",", "")) for pair in shown for each in pair]
    assert np.allclose(flat, [float(each) for each in printed], rtol=0.006)


@pytest.mark.parametrize("state", ["", "?metrics.fault=blur", "?metrics.share=50"])
def test_the_prediction_is_answered_when_the_lab_shows_the_answer(page: Page, served_site: str, state: str) -> None:
    lab = find_lab(page, served_site, CHAPTER, "metrics", state[1:])
    lab.get_by_label("The Fréchet distance, since").check()
    lab.locator(".lab-start").click()
    outcome(lab)
    if state:
        set_control(lab, "seed", 2)
        expect(lab.locator(".lab-verdict")).to_be_empty()
        press(lab, "Reset")
    expect(lab.locator(".lab-verdict")).to_contain_text("Not as you predicted: Precision, since")


def test_without_script(chromium: Browser, served_site: str) -> None:
    with without_script(chromium, served_site, CHAPTER, "metrics") as lab:
        expect(lab.locator("figure svg")).to_be_visible()
        lab.locator(".lab-data summary").click()
        rows = lab.locator(".lab-data tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.cells].map((c) => c.textContent))"
        )
        table = lab_metrics.table()
        assert rows == [table["header"], *table["rows"]]
        lab.locator(".lab-answer summary").click()
        expect(lab.locator(".lab-answer .right")).to_contain_text("Precision")


def test_the_static_side_is_the_computed_one() -> None:
    kept = yaml.safe_load((ROOT / "docs/data/labs/metrics.yaml").read_text(encoding="utf-8"))
    assert kept == lab_metrics.table()
    figure = (ROOT / "docs/assets/figures/labs/metrics.svg").read_text(encoding="utf-8")
    assert figure == lab_metrics.draw()["metrics.svg"]
    chapter = (ROOT / "docs/genai/evaluation.md").read_text(encoding="utf-8")
    described, wrong = read(re.search(r"```lab\n(.*?)```", chapter, re.DOTALL)[1], {"metrics"})
    assert not wrong
    numbers = re.findall(r"\d\.\d{3}", described.alt)
    assert numbers
    assert all(number in figure for number in numbers)


@pytest.mark.parametrize("name", USED)
def test_axe_finds_nothing(page: Page, served_site: str, name: str) -> None:
    lab = part(page, served_site, name)
    table_of(lab)
    assert axe_both(page, lab) == []


@pytest.mark.parametrize("name", USED)
def test_nothing_scrolls_sideways_on_a_small_phone(page: Page, served_site: str, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    lab = part(page, served_site, name)
    table_of(lab)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
