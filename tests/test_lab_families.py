"""The lab "families": each control, the same numbers as the reference, the address, the script, and no script."""

from __future__ import annotations

import gzip
import json
import re
from urllib.parse import parse_qs

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

from handbook.figures import lab_families
from handbook.lab_fence import read
from handbook.models import families, shapes
from handbook.models.random import Random

LABS = ROOT / "docs/assets/labs"
CHAPTER = "genai/types/"
CHAPTERS = {  # where the lab stands, and what it brings out there
    CHAPTER: "all",
    "genai/variational-autoencoders/": "vae",
    "genai/generative-adversarial-networks/": "gan",
    "genai/diffusion-models/": "diffusion",
    "genai/large-language-models/": "autoregressive",
}
COUNTS, STEPS = [200, 500, 1000, 2000], [1, 2, 3, 5, 10, 20, 50, 100]
ROWS = ["Autoregressive", "VAE", "GAN", "Diffusion", "Data again"]
TIMED = ROWS[:4]
MODELS = {shape: families.load(LABS / f"weights/families-{shape}.bin") for shape in shapes.SHAPES}
TOLERANCE = 1e-4
ALTERNATIVES = "(all) => all.map((each) => each.getAttribute('aria-label'))"


@pytest.fixture
def lab(page: Page, served_site: str) -> Locator:
    return start_lab(page, served_site, CHAPTER, "families")


def expected(shape: str = "spiral", count: int = 500, steps: int = 20, seed: int = 1) -> list[list[str]]:
    """The rows of the table without the speed, from the reference."""
    found = families.measure(families.draw(MODELS[shape], shape, count, steps, seed))
    return [
        [*(f"{told[measure]:.2f}" for measure in ("precision", "recall", "coverage")), f"{told['frechet']:.3f}"]
        for told in (found[name] for name in (*families.NAMES, families.DATA))
    ]


def shown(lab: Locator) -> list[list[str]]:
    """The rows of the table without name and speed."""
    return [row[1:5] for row in table_of(lab)[1:]]


def digits(number: str) -> int:
    return len(number.partition(".")[2])


def alike(found: list[list[str]], wanted: list[list[str]]) -> bool:
    """Whether two tables agree, but for a last digit that was rounded the other way."""
    return [len(row) for row in found] == [len(row) for row in wanted] and all(
        abs(float(a) - float(b)) <= 10.0 ** -min(digits(a), digits(b)) + TOLERANCE
        for row, other in zip(found, wanted, strict=True)
        for a, b in zip(row, other, strict=True)
    )


def speeds(lab: Locator) -> dict[str, float]:
    return {row[0]: float(row[5].replace(",", "")) for row in table_of(lab)[1:] if row[0] in TIMED}


def dots(lab: Locator) -> list[str]:
    """The dots of each model's panel, as the path that draws them."""
    return lab.locator(".lab-pairs svg.figure").evaluate_all(
        "(panels) => panels.map((panel) => [...panel.querySelectorAll('path')].at(-1).getAttribute('d'))"
    )


def test_the_start_shows_the_measures_of_the_reference(lab: Locator) -> None:
    header, *rows = table_of(lab)
    assert header == ["Family", "Precision", "Recall", "Coverage", "Fréchet distance", "Samples a second"]
    assert [row[0] for row in rows] == ROWS
    assert alike(shown(lab), expected())
    assert rows[-1][-1] == "not timed"
    assert all(speed > 0 for speed in speeds(lab).values())


def test_numbers_that_differ_are_seen() -> None:
    """The comparison of the other tests can fail."""
    assert alike(expected(), expected())
    assert not alike(expected(seed=1), expected(seed=2))
    assert not alike(expected()[:4], expected())


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_each_shape_is_drawn_and_measured_as_by_the_reference(lab: Locator, shape: str) -> None:
    set_control(lab, "shape", shape)
    said = set_control(lab, "seed", 4294967295)
    assert alike(shown(lab), expected(shape, seed=4294967295))
    assert said.startswith(f"{lab_families.TITLES[shape]}, 500 samples of each.")


@pytest.mark.parametrize("place", range(len(COUNTS)))
def test_the_number_of_samples(lab: Locator, place: int) -> None:
    set_control(lab, "count", place)
    assert state_of(lab)["count"] == COUNTS[place]
    assert alike(shown(lab), expected(count=COUNTS[place]))
    assert [path.count("M") for path in dots(lab)] == [COUNTS[place]] * 4


def test_steps_change_the_diffusion_model_and_no_other(lab: Locator) -> None:
    before, before_rows, speed = dots(lab), shown(lab), speeds(lab)["Diffusion"]
    said = set_control(lab, "steps", STEPS.index(2))
    assert "Diffusion in 2 steps" in said
    after, rows = dots(lab), shown(lab)
    assert alike(rows, expected(steps=2))
    changed = [old != new for old, new in zip(before, after, strict=True)]
    assert changed == [False, False, False, True]
    assert float(rows[3][0]) < float(before_rows[3][0]), "two steps draw worse than twenty"
    assert speeds(lab)["Diffusion"] > 2 * speed, "a tenth of the passes is much faster"
    assert "in 1 step:" in set_control(lab, "steps", STEPS.index(1))


def test_the_speed_of_a_first_draw_is_not_that_of_the_compiler(page: Page, served_site: str) -> None:
    """The speed falls with the passes from the first draw on, whose passes run before the browser has compiled them."""
    few = start_lab(page, served_site, CHAPTER, "families", "families.steps=3")
    first = speeds(few)["Diffusion"]
    set_control(few, "steps", STEPS.index(20))
    assert first > 2 * speeds(few)["Diffusion"]


def test_the_slider_moves_with_the_keyboard(lab: Locator) -> None:
    control(lab, "steps").focus()
    lab.page.keyboard.press("End")
    outcome(lab)
    assert state_of(lab)["steps"] == STEPS[-1]
    lab.page.keyboard.press("ArrowLeft")
    outcome(lab)
    assert state_of(lab)["steps"] == STEPS[-2]
    assert alike(shown(lab), expected(steps=STEPS[-2]))


@pytest.mark.parametrize("family", ["vae", "diffusion"])
def test_one_family_can_be_brought_out(lab: Locator, family: str) -> None:
    before = dots(lab)
    said = set_control(lab, "family", family)
    colours = lab.locator(".lab-pairs svg.figure").evaluate_all(
        "(panels) => panels.map((panel) => [...panel.querySelectorAll('path')].at(-1).getAttribute('stroke'))"
    )
    wanted = ["var(--hb-1)" if name == family else "var(--hb-muted)" for name in families.FAMILIES]
    assert colours == wanted
    assert dots(lab) == before, "only the colour changes"
    assert [name for name in TIMED if f"{name}: precision" in said or f"{name} in" in said] == [families.NAMES[family]]


def test_draw_again_takes_the_next_seed(lab: Locator) -> None:
    press(lab, "Draw again")
    assert state_of(lab)["seed"] == 2
    assert alike(shown(lab), expected(seed=2))


def test_a_seed_that_is_none_is_told(lab: Locator) -> None:
    before = table_of(lab)
    control(lab, "seed").fill("-3")
    control(lab, "seed").blur()
    expect(lab.locator(".lab-fault")).to_be_visible()
    assert table_of(lab)[1][:5] == before[1][:5]


def test_the_outcome_names_the_best_of_the_table(lab: Locator) -> None:
    said = outcome(lab)
    rows = {row[0]: row for row in table_of(lab)[1:] if row[0] in TIMED}
    for words, column in (("Highest precision: ", 1), ("highest recall: ", 2), ("fastest here: ", 5)):
        named = said.split(words)[1].split(";")[0].rstrip(".")
        values = {name: float(row[column].replace(",", "")) for name, row in rows.items()}
        assert values[named] == max(values.values())
    for name, row in rows.items():
        assert f"precision {row[1]}, recall {row[2]}, {row[5]} a second" in said, name


def test_the_pictures_say_what_the_table_says(lab: Locator) -> None:
    rows = table_of(lab)[1:]
    names = lab.locator(".lab-view svg[role=img]").evaluate_all(
        "(all) => all.map((each) => each.getAttribute('aria-label'))"
    )
    assert len(names) == 4 + 5
    for column, name in zip((1, 2, 3, 4, 5), names[4:], strict=True):
        for row in rows if column < 5 else rows[:4]:
            assert f"{row[0]} {row[column]}" in name


def test_the_state_is_in_the_address_and_reset_clears_it(page: Page, served_site: str, lab: Locator) -> None:
    set_control(lab, "shape", "ring")
    set_control(lab, "steps", STEPS.index(5))
    set_control(lab, "family", "gan")
    query = query_of(page)
    assert parse_qs(query[1:]) == {"families.shape": ["ring"], "families.steps": ["5"], "families.family": ["gan"]}
    again = start_lab(page, served_site, CHAPTER, "families", query[1:])
    assert alike(shown(again), expected("ring", steps=5))
    press(again, "Reset")
    assert query_of(page) == ""
    assert alike(shown(again), expected())


def test_the_copied_script_prints_what_the_screen_shows(lab: Locator) -> None:
    set_control(lab, "shape", "moons")
    set_control(lab, "count", 0)
    set_control(lab, "steps", STEPS.index(3))
    printed = [line.split() for line in run_python(python_of(lab)).splitlines()]
    assert [line[0] for line in printed] == [*families.FAMILIES, families.DATA]
    assert alike(shown(lab), [line[2::2] for line in printed])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_opens_with_its_family_and_tells_the_verdict(page: Page, served_site: str, chapter: str) -> None:
    lab = find_lab(page, served_site, chapter, "families")
    lab.locator(".lab-predict input").first.check()
    lab.locator(".lab-start").click()
    outcome(lab)
    assert state_of(lab)["family"] == CHAPTERS[chapter]
    asks_for = {"all": [3], "diffusion": [20, 100]}.get(CHAPTERS[chapter], [])  # the others ask about the start
    for steps in asks_for:
        press(lab, "Draw again")
        expect(lab.locator(".lab-verdict")).to_be_empty()
        set_control(lab, "steps", STEPS.index(steps))
    expect(lab.locator(".lab-verdict")).not_to_be_empty()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_script_the_figure_the_table_and_the_answer_stand(
    chromium: Browser, served_site: str, chapter: str
) -> None:
    with without_script(chromium, served_site, chapter, "families") as lab:
        expect(lab.locator("svg.figure")).to_be_visible()
        lab.locator(".lab-data summary").click()
        written = (ROOT / "docs" / f"{chapter.rstrip('/')}.md").read_text(encoding="utf-8")
        fences = (
            read(fence, {"families", "diffusion"})[0] for fence in re.findall(r"```lab\n(.*?)```", written, re.DOTALL)
        )
        table = next(lab_families.tables()[fence.static] for fence in fences if fence and fence.name == "families")
        cells = lab.locator(".lab-data tbody tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        assert cells == table["rows"]
        lab.locator(".lab-answer summary").click()
        expect(lab.locator(".lab-answer .right")).to_be_visible()
        expect(lab.locator(".lab-answer .why")).to_be_visible()


def test_what_the_answers_say_is_so() -> None:
    found = families.measure(families.draw(MODELS["spiral"], "spiral", 500, 3, 1))["diffusion"]
    assert found["precision"] < float(expected()[3][0]) - 0.2, "types: three steps miss the arms"
    steps = {n: float(expected(steps=n)[3][0]) for n in (5, 20, 100)}
    others = dict(zip(ROWS, (float(row[0]) for row in expected()), strict=True))
    assert steps[5] == pytest.approx(0.8, abs=0.03), "diffusion-models: what each rise of the steps buys"
    assert steps[5] < others["VAE"] < 0.9 < steps[20]
    assert 0 < steps[100] - steps[20] < 0.05
    assert steps[100] <= min(others["Autoregressive"], others["GAN"])
    for shape in shapes.SHAPES:
        told = json.loads((LABS / f"weights/families-{shape}.json").read_text())["measures"]
        speed = {name: told[name]["samples_a_second"] for name in families.NAMES}
        assert min(speed, key=speed.get) == "diffusion", "large-language-models: the slowest in the table"
        assert max(told[name]["parameters"] for name in families.NAMES) <= 18_000, "types: the size of the networks"
    ring = {name: row for name, row in zip(ROWS, expected("ring"), strict=True) if name in TIMED}
    assert min(ring, key=lambda name: float(ring[name][0])) == "VAE"
    assert max(ring, key=lambda name: float(ring[name][1])) == "VAE"
    strays = MODELS["ring"]["vae"].sample(5000, Random(1))
    place = np.arctan2(strays[:, 1], strays[:, 0]) / (np.pi / 4)
    centre = shapes.RING_RADIUS * np.exp(1j * np.pi / 4 * np.round(place))
    far = np.abs(strays @ [1, 1j] - centre) > 4 * shapes.RING_NOISE
    outside = np.hypot(*strays.T) > shapes.RING_RADIUS + 4 * shapes.RING_NOISE
    assert far.mean() > 0.05
    assert outside[far].mean() < 0.05, "variational-autoencoders: between the clusters, not outside"
    made = MODELS["ring"]["gan"].sample(20_000, Random(1))
    shares = np.bincount(np.round(np.arctan2(made[:, 1], made[:, 0]) / (np.pi / 4)).astype(int) % 8) / len(made)
    assert [shares.min(), shares.max()] == pytest.approx([0.1, 0.14], abs=0.007)
    *_, gan, _, data = (np.array(row, dtype=float) for row in expected("ring", count=1000))
    below = data - gan
    assert max(below[:2]) < 0.045, "generative-adversarial-networks: precision and recall"
    assert below[2] == pytest.approx(0.08, abs=0.02), "generative-adversarial-networks: coverage"


def test_the_static_side_is_what_the_weights_give() -> None:
    for name, drawn in lab_families.draw().items():
        assert (ROOT / "docs/assets/figures/labs" / name).read_text(encoding="utf-8") == drawn
    for name, table in lab_families.tables().items():
        assert yaml.safe_load((ROOT / f"docs/data/labs/{name}.yaml").read_text(encoding="utf-8")) == table
    for shape in shapes.SHAPES:
        rows = [
            row for row in lab_families.tables()["families"]["rows"] if row[0].startswith(lab_families.TITLES[shape])
        ]
        assert alike([row[1:5] for row in rows], expected(shape))


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_scrolls_sideways(page: Page, served_site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    lab = start_lab(page, served_site, CHAPTER, "families")
    table_of(lab)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    tops = lab.locator(".lab-pairs svg.figure").evaluate_all(
        "(panels) => panels.map((panel) => Math.round(panel.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == (1 if width > 1000 else 2), "four panels in a row, or two by two"


def test_axe_finds_nothing_in_either_palette(page: Page, lab: Locator) -> None:
    table_of(lab)
    assert axe_both(page, lab) == []


def test_no_faults_in_the_console(page: Page, served_site: str) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    lab = start_lab(page, served_site, CHAPTER, "families")
    for shape in shapes.SHAPES:
        control(lab, "shape").select_option(shape)  # without waiting: the newest wins
    outcome(lab)
    assert alike(shown(lab), expected("spiral"))
    assert faults == []


def test_the_lab_is_small() -> None:
    scripts = ["families.js", "families-worker.js", "models/families.js", "models/shapes.js", "models/measures.js"]
    assert sum(len(gzip.compress((LABS / name).read_bytes(), 9)) for name in scripts) < 10_000
    assert sum((LABS / f"weights/families-{shape}.bin").stat().st_size for shape in shapes.SHAPES) < 400_000
