"""The lab "diffusion": each control, paths and measures of the reference, the address, the script, and no script."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
import yaml
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

from handbook.figures import lab_diffusion
from handbook.lab_fence import read
from handbook.models import diffusion, diffusion_measures, shapes
from handbook.models.random import Random

LABS = ROOT / "docs/assets/labs"
CHAPTER = "genai/diffusion-models/"
SCRIPTS = ("diffusion", "diffusion-worker", "models/families", "models/measures", "models/shapes")
GUIDANCE, STEPS = [0, 1, 2, 3, 5, 8], [2, 3, 5, 10, 20, 50]
RANGE_OF_STEPS, COUNTS = [2, 3, 5, 10, 20, 50, 100], [100, 200, 300, 500]
SMALL = COUNTS.index(100)
TOLERANCE = 1e-4
START = {"shape": "spiral", "label": "0", "count": 300, "steps": 20, "guidance": 1.0, "eta": 0.0, "seed": 1}
ONLY_REVERSE = {"label", "guidance", "steps", "sampler", "along"}


@pytest.fixture
def lab(page: Page, served_site: str) -> Locator:
    return start_lab(page, served_site, CHAPTER, "diffusion")


@pytest.fixture
def small(page: Page, served_site: str) -> Locator:
    """The lab with as few points as it takes, so that each change is soon measured."""
    return start_lab(page, served_site, CHAPTER, "diffusion", "diffusion.count=100")


def measured(**changes: object) -> list[float]:
    found = diffusion_measures.measure(**{**START, **changes})
    return [found.precision, found.recall, found.coverage]


def curve(along: str, values: list[float], **changes: object) -> np.ndarray:
    return np.array([[value, *measured(**{**changes, along: value})] for value in values])


def rows(lab: Locator) -> np.ndarray:
    return np.array(table_of(lab)[1:], dtype=float)


def told(said: str) -> list[float]:
    """Precision, recall and coverage of the points that the outcome tells first."""
    return [float(each) for each in re.findall(r"\d\.\d\d", said)[:3]]


def in_worker(page: Page, site: str, name: str, data: dict[str, object]) -> object:
    """Ask the lab's worker as the lab does; typed arrays come back as lists."""
    script = """async ([name, data]) => {
      const labs = new URL("/assets/labs/", location);
      const { Client } = await import(labs + "core/worker.js");
      const client = new Client(labs + "diffusion-worker.js");
      const file = async (shape) => (await fetch(`${labs}weights/families-${shape}.bin`)).arrayBuffer();
      await client.ask("load", { weights: { [`families-${data.shape}`]: await file(data.shape) } });
      const result = await client.ask(name, data);
      client.end();
      return JSON.parse(JSON.stringify(result, (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)));
    }"""
    return evaluate(page, site, script, [name, data])


def points(flat: list[float]) -> np.ndarray:
    return np.array(flat).reshape(-1, 2)


# The same numbers as the reference ------------------------------------------------------------


@pytest.mark.parametrize("shape", shapes.SHAPES)
@pytest.mark.parametrize(
    ("label", "guidance", "steps", "eta"), [("all", 3.0, 20, 1), ("1", 1.0, 7, 0), ("none", 2.0, 5, 1)]
)
def test_paths_from_the_same_noise(
    page: Page, served_site: str, shape: str, label: str, guidance: float, steps: int, eta: int
) -> None:
    given = {"shape": shape, "label": label, "count": 50, "steps": steps, "guidance": guidance, "eta": eta, "seed": 9}
    found = in_worker(page, served_site, "walk", given)
    wanted = diffusion_measures.paths(**given)
    assert [frame["time"] for frame in found["frames"]] == diffusion.times(steps).tolist()
    assert np.allclose([points(frame["points"]) for frame in found["frames"]], wanted, atol=TOLERANCE)
    assert np.allclose(points(found["data"]), diffusion_measures.real(shape, label, 50, Random(10)), atol=TOLERANCE)
    assert not np.allclose(points(found["frames"][-1]["points"]), diffusion_measures.paths(**given | {"seed": 8})[-1])


@pytest.mark.parametrize("guidance", [0, 1, 2.5])
def test_the_field_is_the_networks_guess(page: Page, served_site: str, guidance: float) -> None:
    given = {"shape": "ring", "label": "1", "guidance": guidance, "time": 40}
    found = in_worker(page, served_site, "field", given)
    places = points(found["places"])
    assert len(np.unique(places, axis=0)) == 13**2
    assert np.allclose(places.mean(axis=0), 0)
    wanted = diffusion_measures.model("ring").predict(places, 40, 1, guidance)[0]
    assert np.allclose(points(found["clean"]), wanted, atol=TOLERANCE)


def test_forward_is_the_formula(page: Page, served_site: str) -> None:
    found = in_worker(page, served_site, "forward", {"shape": "moons", "count": 40, "seed": 3})
    for frame in (found["frames"][0], found["frames"][20], found["frames"][-1]):
        wanted = diffusion_measures.forward("moons", 40, frame["time"], 3)
        assert np.allclose(points(frame["points"]), wanted, atol=TOLERANCE)
        assert frame["left"] == pytest.approx(diffusion.SIGNAL[frame["time"]])


# The controls ---------------------------------------------------------------------------------


def test_the_start_is_the_reference(lab: Locator) -> None:
    assert np.allclose(told(outcome(lab)), measured(), atol=0.0051)
    assert np.allclose(rows(lab), curve("guidance", GUIDANCE), atol=TOLERANCE)
    assert not np.allclose(rows(lab), curve("guidance", GUIDANCE, seed=2), atol=TOLERANCE)


def test_guidance_costs_diversity() -> None:
    """The lesson of the lab, for each shape."""
    for shape in shapes.SHAPES:
        found = curve("guidance", [1, 2, 5], shape=shape)
        assert (np.diff(found[:, 2]) < 0).all()
        assert (np.diff(found[:, 3]) < 0).all()
        assert (found[:2, 1] > 0.95).all()


@pytest.mark.parametrize(
    ("key", "value", "changes"),
    [
        ("shape", "moons", {"shape": "moons"}),
        ("shape", "ring", {"shape": "ring"}),
        ("label", "all", {"label": "all"}),
        ("label", "1", {"label": "1"}),
        ("label", "none", {"label": "none"}),
        ("steps", RANGE_OF_STEPS.index(5), {"steps": 5}),
        ("sampler", "1", {"eta": 1.0}),
        ("count", COUNTS.index(200), {"count": 200}),
        ("seed", 7, {"seed": 7}),
    ],
)
def test_each_setting(small: Locator, key: str, value: object, changes: dict[str, object]) -> None:
    said = set_control(small, key, value)
    changes = {"count": 100, **changes}
    assert np.allclose(told(said), measured(**changes), atol=0.0051)
    assert np.allclose(rows(small), curve("guidance", GUIDANCE, **changes), atol=TOLERANCE)


def test_guidance_changes_the_points_and_leaves_the_curve(small: Locator) -> None:
    before = rows(small)
    said = set_control(small, "guidance", 4.5)
    assert np.allclose(told(said), measured(count=100, guidance=4.5), atol=0.0051)
    assert np.array_equal(rows(small), before)


def test_steps_against_the_measures(small: Locator) -> None:
    said = set_control(small, "along", "steps")
    assert np.allclose(rows(small), curve("steps", STEPS, count=100), atol=TOLERANCE)
    assert "From steps 2 to 50:" in said


def dots(lab: Locator) -> str:
    """The path that draws the points: the last one of the map."""
    return lab.locator(".lab-view svg.figure").first.evaluate(
        "(map) => [...map.querySelectorAll('path')].at(-1).getAttribute('d')"
    )


def paths(lab: Locator) -> int:
    return lab.locator(".lab-view svg.figure").first.evaluate("(map) => map.querySelectorAll('path').length")


def test_time_shows_the_points_on_their_way(small: Locator) -> None:
    said, end = outcome(small), dots(small)
    assert set_control(small, "progress", 50) == said
    middle = dots(small)
    expect(small.locator(".lab-view")).to_contain_text("Time 50 of 100.")
    set_control(small, "progress", 0)
    start = dots(small)
    expect(small.locator(".lab-view")).to_contain_text("Time 100 of 100.")
    assert len({start, middle, end}) == 3
    assert {each.count("M") for each in (start, middle, end)} == {100}


def test_play_goes_to_the_end_and_pauses(small: Locator) -> None:
    set_control(small, "progress", 0)
    play = small.locator(".lab-press button")
    play.click()
    expect(play).to_have_text("Pause")
    expect(control(small, "progress")).not_to_have_value("0")
    play.click()
    expect(play).to_have_text("Play")
    held = state_of(small)["progress"]
    assert 0 < held < 100
    play.click()
    expect(control(small, "progress")).to_have_value("100", timeout=60_000)
    expect(play).to_have_text("Play")


def test_with_reduced_motion_play_is_a_step(page: Page, served_site: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    lab = start_lab(page, served_site, CHAPTER, "diffusion", "diffusion.count=100&diffusion.progress=40")
    press(lab, "Step")
    outcome(lab)
    page.wait_for_timeout(500)  # a motion would go on
    assert state_of(lab)["progress"] == 42


def test_paths_and_field_come_and_go(small: Locator) -> None:
    set_control(small, "progress", 40)
    with_paths = paths(small)
    set_control(small, "paths", False)
    assert paths(small) == with_paths - 1
    set_control(small, "field", True)
    assert paths(small) == with_paths
    expect(small.locator(".lab-view")).to_contain_text("Arrows: a quarter of the way")


def test_forward(small: Locator) -> None:
    said = set_control(small, "way", "forward")
    assert said == "At time 100 of 100 the points keep 0.0% of the data's variance; the rest is noise."
    for key in ("way", "progress", "shape", "count", "paths", "field", "seed", *ONLY_REVERSE):
        assert control(small, key).is_visible() == (key not in ONLY_REVERSE), key
    found = rows(small)
    assert np.allclose(found[:, 1], diffusion.SIGNAL[found[:, 0].astype(int)], atol=TOLERANCE)
    squares = [(diffusion_measures.forward("spiral", 100, int(time), 1) ** 2).mean() for time in found[:, 0]]
    assert np.allclose(found[:, 2], squares, atol=TOLERANCE)
    assert set_control(small, "progress", 0).startswith("At time 0 of 100 the points keep 100.0%")


# The frame ------------------------------------------------------------------------------------


def test_the_state_stands_in_the_address_and_comes_from_it(small: Locator, served_site: str) -> None:
    set_control(small, "guidance", 2)
    said = set_control(small, "shape", "ring")
    query = query_of(small.page)
    assert "diffusion.guidance=2" in query
    assert "diffusion.shape=ring" in query
    again = start_lab(small.page.context.new_page(), served_site, CHAPTER, "diffusion", query[1:])
    assert outcome(again) == said
    press(again, "Reset")
    assert state_of(again)["shape"] == "spiral"
    assert query_of(again.page) == ""


def test_the_script_prints_what_is_shown(small: Locator) -> None:
    set_control(small, "label", "all")
    set_control(small, "guidance", 2.5)
    set_control(small, "along", "steps")
    printed = [
        [float(each) for each in re.findall(r"(?:precision|recall|coverage)=([\d.]+)", line)]
        for line in run_python(python_of(small)).splitlines()
    ]
    assert np.allclose(printed[0], told(outcome(small)), atol=0.0051)
    assert np.allclose(printed[1:], rows(small)[:, 1:], atol=TOLERANCE)


def test_the_script_of_the_forward_process(small: Locator) -> None:
    set_control(small, "way", "forward")
    said = set_control(small, "progress", 30)
    kept = float(run_python(python_of(small)).splitlines()[0])
    assert f"keep {100 * kept:.1f}%" in said


def test_the_prediction_is_answered(page: Page, served_site: str) -> None:
    lab = find_lab(page, served_site, CHAPTER, "diffusion")
    lab.get_by_label("It falls, since").check()
    lab.locator(".lab-start").click()
    assert "From guidance 1 to 2:" in outcome(lab)  # the answer, so the verdict comes with it
    expect(lab.locator(".lab-verdict")).to_contain_text("Your prediction was right.")


def test_without_script(chromium: Browser, served_site: str) -> None:
    with without_script(chromium, served_site, CHAPTER, "diffusion") as lab:
        expect(lab.locator("figure svg")).to_be_visible()
        lab.locator(".lab-data summary").click()
        cells = lab.locator(".lab-data tr").evaluate_all(
            "(rows) => rows.map((r) => [...r.cells].map((c) => c.textContent))"
        )
        table = lab_diffusion.table()
        assert cells == [[str(cell) for cell in row] for row in (table["header"], *table["rows"])]
        lab.locator(".lab-answer summary").click()
        expect(lab.locator(".lab-answer .right")).to_contain_text("It falls")


def test_the_static_side_is_the_computed_one() -> None:
    kept = yaml.safe_load((ROOT / "docs/data/labs/diffusion.yaml").read_text(encoding="utf-8"))
    table = lab_diffusion.table()
    assert kept == table
    figure = (ROOT / "docs/assets/figures/labs/diffusion.svg").read_text(encoding="utf-8")
    assert figure == lab_diffusion.draw()["diffusion.svg"]
    chapter = (ROOT / "docs/genai/diffusion-models.md").read_text(encoding="utf-8")
    described, wrong = read(re.search(r"```lab\n(.*?)```", chapter, re.DOTALL)[1], {"diffusion"})
    assert not wrong
    shown = {cell for row in table["rows"] for cell in row[1:3]}
    assert shown == set(re.findall(r"\d\.\d\d", described.alt))


@pytest.mark.parametrize("way", ["reverse", "forward"])
def test_axe_finds_nothing(page: Page, served_site: str, way: str) -> None:
    lab = start_lab(
        page, served_site, CHAPTER, "diffusion", f"diffusion.way={way}&diffusion.count=100&diffusion.field=true"
    )
    table_of(lab)
    assert axe_both(page, lab) == []


def test_nothing_scrolls_sideways_on_a_small_phone(page: Page, served_site: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    lab = start_lab(page, served_site, CHAPTER, "diffusion", "diffusion.count=100")
    table_of(lab)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_bytes() -> None:
    sizes = {name: len(gzip.compress((LABS / f"{name}.js").read_bytes(), 9, mtime=0)) for name in SCRIPTS}
    assert sum(sizes.values()) < 10_000, sizes
    assert sum((LABS / f"weights/families-{shape}.bin").stat().st_size for shape in shapes.SHAPES) < 400_000


@pytest.mark.parametrize(("change", "words"), [({"label": "9"}, "no label is named"), ({"steps": 0}, "1 to 100 steps")])
def test_bad_settings_are_told(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        measured(**change)
