"""What the labs share: seeded numbers, the file of weights, plots, the fence, the frame, and what all of it costs."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import logging
import math
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode

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
    query_of,
    set_control,
    start_lab,
    state_of,
    table_of,
    without_script,
)
from lxml import html
from markdown import Markdown
from playwright.sync_api import Browser, Page, Route, expect

from handbook import lab_fence
from handbook.figures import plot
from handbook.markdown import labs as lab_markdown
from handbook.models import container
from handbook.models.container import ContainerError
from handbook.models.random import Random

LABS = ROOT / "docs/assets/labs"
CORE_BYTES = 12 * 1024
LAB_BYTES = 10 * 1024
WEIGHT_BYTES = 400_000
PAGE, NAME = "genai/scaling-and-training/", "sums"


def gzipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


# ── Seeded numbers ───────────────────────────────────────────────────────────

SEEDS = (0, 1, 7, 2021, 2**31, 2**32 - 1)
DRAW = """async (seeds) => {
  const { Random } = await import("/assets/labs/core/random.js");
  return seeds.map((seed) => {
    const r = new Random(seed);
    return [
      Array.from({ length: 20 }, () => r.bits()), Array.from({ length: 20 }, () => r.uniform()),
      Array.from({ length: 20 }, () => r.integer(10)), [...r.normals(21)], [r.normal()],
      Array.from({ length: 20 }, () => r.choice([0.1, 2, 0, 5])), [r.choice([0, 0, 1])],
    ];
  });
}"""


def test_both_languages_draw_the_same_numbers(served_site: str, page: Page) -> None:
    for seed, drawn in zip(SEEDS, evaluate(page, served_site, DRAW, SEEDS), strict=True):
        r = Random(seed)
        bits, uniforms, integers, normals, normal, choices, certain = drawn
        assert bits == [r.bits() for _ in range(20)]
        assert uniforms == [r.uniform() for _ in range(20)]
        assert integers == [r.integer(10) for _ in range(20)]
        np.testing.assert_allclose(normals, r.normals(21), rtol=0, atol=1e-12)
        np.testing.assert_allclose(normal, r.normal(), rtol=0, atol=1e-12)
        assert choices == [r.choice([0.1, 2, 0, 5]) for _ in range(20)]
        assert certain == [r.choice([0, 0, 1])] == [2]


def test_the_numbers_are_those_of_the_published_generator() -> None:
    r = Random(0)
    r._state = [1, 2, 3, 4]  # the first outputs of xoshiro128** 1.1 from this state
    assert [r.bits() for _ in range(4)] == [11520, 0, 5927040, 70819200]


def test_the_numbers_are_spread_as_they_should_be() -> None:
    r = Random(3)
    uniforms = np.array([r.uniform() for _ in range(20_000)])
    assert abs(uniforms.mean() - 0.5) < 0.01
    assert np.bincount((uniforms * 10).astype(int), minlength=10).min() > 1800
    normals = r.normals((100, 200))
    assert normals.shape == (100, 200)
    assert abs(normals.mean()) < 0.02
    assert abs(normals.std() - 1) < 0.02


WRONG = """async () => {
  const { Random } = await import("/assets/labs/core/random.js");
  const told = (work) => { try { work(); return "nothing"; } catch (error) { return error.message; } };
  return [...[-1, 2 ** 32, 0.5, "1"].map((seed) => told(() => new Random(seed))),
    ...[[1, -1], [NaN], [Infinity], [0, 0]].map((weights) => told(() => new Random(1).choice(weights)))];
}"""


def test_wrong_seeds_and_weights_are_refused(served_site: str, page: Page) -> None:
    told = evaluate(page, served_site, WRONG)
    assert all(each.startswith("wrong seed") for each in told[:4])
    assert all(re.match("wrong weight|no weight", each) for each in told[4:])
    for seed in (-1, 2**32, 0.5, "1", True):
        with pytest.raises(ValueError, match="a seed is a whole number"):
            Random(seed)
    for weights in ([1, -1], [math.nan], [math.inf], [0, 0], []):
        with pytest.raises(ValueError, match="weight"):
            Random(1).choice(weights)


# ── The file of weights ──────────────────────────────────────────────────────

READ = """async (bytes) => {
  const { read } = await import("/assets/labs/core/container.js");
  const { tensors, card } = read(new Uint8Array(bytes).buffer);
  for (const each of Object.values(tensors)) [each.kind, each.data] = [each.data.constructor.name, [...each.data]];
  return { tensors, card };
}"""
READ_WRONG = """async (files) => {
  const { read, LabError } = await import("/assets/labs/core/container.js");
  return files.map((bytes) => {
    try {
      read(new Uint8Array(bytes).buffer);
      return "nothing";
    } catch (error) {
      return (error instanceof LabError) + error.message;
    }
  });
}"""


def sample() -> tuple[dict[str, np.ndarray], dict[str, str]]:
    r = Random(5)
    tensors = {
        "full": r.normals((3, 5)).astype(np.float32),
        "half": np.array([1.5, -2, 6e-8, 65504, 0, -0.1], dtype=np.float32),
        "small": r.normals((4, 3, 2)),
        "none": np.zeros((2, 2)),
        "bytes": np.arange(5, dtype=np.uint8),
        "words": np.array([0, 65535], dtype=np.uint16),
        "whole": np.array([[-(2**31), 2**31 - 1]], dtype=np.int32),
        "tiny": np.array([-128, 127], dtype=np.int8),
        "empty": np.zeros((0, 3), dtype=np.float32),
    }
    return tensors, {"half": "f16", "small": "i8", "none": "i8"}


def test_the_file_of_weights_comes_back(served_site: str, page: Page, tmp_path: Path) -> None:
    tensors, types = sample()
    told = container.write(tmp_path / "sample.bin", tensors, {"data": "é", "seed": 5}, types)
    content = (tmp_path / "sample.bin").read_bytes()
    back, card = container.read(tmp_path / "sample.bin")
    browser = evaluate(page, served_site, READ, list(content))
    assert card == browser["card"] == {"data": "é", "seed": 5}
    assert list(back) == list(browser["tensors"]) == list(tensors)
    for name, array in back.items():
        seen = browser["tensors"][name]
        assert list(array.shape) == seen["shape"] == list(tensors[name].shape)
        np.testing.assert_array_equal(np.array(seen["data"], dtype=array.dtype), array.ravel(), err_msg=name)
    for name in ("full", "bytes", "words", "whole", "tiny", "none", "empty"):
        np.testing.assert_array_equal(back[name], tensors[name])
    np.testing.assert_array_equal(back["half"], tensors["half"].astype(np.float16).astype(np.float32))
    step = np.abs(tensors["small"]).max(axis=(1, 2), keepdims=True) / 127
    assert (np.abs(back["small"] - tensors["small"]) <= step / 2 + 1e-6).all()
    assert browser["tensors"]["small"]["kind"] == browser["tensors"]["half"]["kind"] == "Float32Array"
    assert told == json.loads((tmp_path / "sample.json").read_text(encoding="utf-8"))
    assert told["bytes"] == len(content)
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert {"data": "é", "seed": 5, "file": "sample.bin"}.items() <= told.items()


def damaged(content: bytes) -> dict[str, bytes]:
    length = int.from_bytes(content[4:8], "little")
    header = content[8 : 8 + length]
    return {
        "empty": b"",
        "another file": b"\x89PNG" + content[4:],
        "cut in its header": content[: 8 + length // 2],
        "cut in its data": content[:-8],
        "header that is not JSON": content[:8] + b"x" * length + content[8 + length :],
        "tensor past the end": content[:8] + header.replace(b'"shape":[3,5]', b'"shape":[9,5]') + content[8 + length :],
        "unknown type": content[:8] + header.replace(b'"f16"', b'"f17"') + content[8 + length :],
    }


def test_a_damaged_file_is_told_in_a_sentence(served_site: str, page: Page, tmp_path: Path) -> None:
    tensors, types = sample()
    container.write(tmp_path / "sample.bin", tensors, {}, types)
    files = damaged((tmp_path / "sample.bin").read_bytes())
    told = evaluate(page, served_site, READ_WRONG, [list(each) for each in files.values()])
    for (name, content), sentence in zip(files.items(), told, strict=True):
        assert sentence.startswith("trueThe file of weights is damaged ("), name
        assert sentence.endswith("Reload the page to fetch it again."), name
        (tmp_path / "damaged.bin").write_bytes(content)
        with pytest.raises(ContainerError, match=r"damaged\.bin: "):
            container.read(tmp_path / "damaged.bin")


@pytest.mark.parametrize(
    ("array", "kind", "said"),
    [
        (np.array([70_000.0]), "f16", "does not fit f16"),
        (np.array([300]), "u8", "does not fit u8"),
        (np.array([0.5]), "i32", "does not fit i32"),
        (np.array([np.nan]), "f32", "not finite"),
        (np.array([1]), "f17", "unknown type"),
        (np.array([1], dtype=np.int64), None, "name its type"),
    ],
)
def test_numbers_that_a_type_cannot_hold_are_refused(tmp_path: Path, array: np.ndarray, kind: str, said: str) -> None:
    with pytest.raises(ContainerError, match=said):
        container.write(tmp_path / "x.bin", {"x": array}, {}, {"x": kind} if kind else None)
    with pytest.raises(ContainerError, match="not given"):
        container.write(tmp_path / "x.bin", {}, {}, {"y": "f16"})


# ── Arithmetic and plots ─────────────────────────────────────────────────────


def test_numbers_are_written_as_in_the_static_figures(served_site: str, page: Page) -> None:
    values = [0, 1, -3, 0.05, 0.123456, 999.5, 1000, 12345.67, -1e6, 2.5e7, 1e-5, 3e-9, 0.3, 1e21]
    script = """async (values) => {
      const { tidy } = await import("/assets/labs/core/plot.js");
      return values.map((value) => `${tidy(value)}`);
    }"""
    assert evaluate(page, served_site, script, values) == [plot.tidy(value) for value in values]


PLOT = """async ({ x, y, bare }) => {
  const { Plot } = await import("/assets/labs/core/plot.js");
  const made = new Plot({ x, y, bare });
  made.draw("Two marks.", (p) => {
    p.line([0, 1, NaN, 1], [0, 1, 2, 2], { colour: 2, label: "rise" });
    p.points(Float64Array.from({ length: 2000 }, (_, i) => (i + 1) / 2000), new Float64Array(2000).fill(0.5));
    p.area([0.1, 1], -1, [1, 1]);
  });
  document.body.append(made.svg);
  const box = made.svg.getBoundingClientRect();
  return {
    role: made.svg.getAttribute("role"), name: made.svg.getAttribute("aria-label"),
    ticks: [...made.svg.querySelectorAll("g:first-child text")].map((text) => text.textContent),
    paths: [...made.svg.querySelectorAll("svg svg path")].map((path) => path.getAttribute("d")),
    texts: [...made.svg.querySelectorAll("text")].every((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      return left >= box.left - 1 && right <= box.right + 1 && top >= box.top - 1 && bottom <= box.bottom + 1;
    }),
  };
}"""


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ({"from": 0, "to": 1, "label": "Step"}, {"from": 0, "to": 2, "label": "Loss (nats)"}),
        ({"from": 1, "to": 10_000, "log": True}, {"from": -1, "to": 1}),
        ({"from": 1, "to": 64, "log": True}, {"from": 0.001, "to": 10, "log": True}),
    ],
)
def test_a_plot_is_a_named_picture_of_few_elements(served_site: str, page: Page, x: dict, y: dict) -> None:
    seen = evaluate(page, served_site, PLOT, {"x": x, "y": y})
    assert (seen["role"], seen["name"]) == ("img", "Two marks.")
    assert len(seen["paths"]) == 3
    assert seen["paths"][1].count("h0") == 2000
    assert not any(re.search("NaN|Infinity", d) for d in seen["paths"])
    assert seen["texts"], "a text lies outside the sheet"
    for axis in (x, y):
        scale = (plot.log if axis.get("log") else plot.linear)(axis["from"], axis["to"])
        for text in scale.ticks.values():
            assert text in seen["ticks"]


# ── The fence ────────────────────────────────────────────────────────────────

FENCE = """name: sums
question: What is *half* of $x$?
answers:
  - A third
  - right: A half
why: Since it is.
alt: Two falling curves that almost meet at the right.
caption: Two curves.
"""
MENDS = {
    "name: sums": [
        ("name: sunms", 1, "unknown lab 'sunms'; did you mean 'sums'?"),
        ("name: sums\nlook: x", 2, "unknown key"),
    ],
    "question: What is *half* of $x$?": [("", 1, "the lab has no question"), ("question: ''", 2, "holds no text")],
    "  - right: A half": [
        ("  - A half", 3, "0 right answers"),
        ("  - right: A half\n  - right: A", 3, "2 right answers"),
        ("  - wrong: A half", 3, "answer 2 is no text"),
    ],
    "answers:\n  - A third\n  - right: A half": [
        ("answers: [right: A half]", 3, "2 to 5 answers"),
        ("answers: none", 3, "2 to 5"),
    ],
    "why: Since it is.": [("why: Mind: this", 6, "not YAML"), ("why: [a]", 6, "holds no text"), ("", 1, "no why")],
    "alt: Two falling curves that almost meet at the right.": [("alt: Curves.", 7, "say what the static figure shows")],
    "caption: Two curves.": [
        ("caption: Two curves.\noptions: 3", 9, "the options are no list of keys"),
        ("caption: Two curves.\nshown: {bits: 4}", 9, "'shown' is no list of states; write '- {control: value}'"),
        ("caption: Two curves.\nshown: [bits]", 9, "'shown' is no list of states"),
        ("caption: Two curves.\nshown: []", 9, "'shown' is no list of states"),
    ],
}


def test_a_sound_fence_has_no_fault() -> None:
    lab, faults = lab_fence.read(FENCE, {"sums"})
    assert faults == []
    assert (lab.name, lab.answers, lab.right, lab.static) == ("sums", ("A third", "A half"), 1, "sums")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [(old, *case) for old, cases in MENDS.items() for case in cases],
)
def test_a_faulty_fence_is_told_by_line(old: str, new: str, line: int, said: str) -> None:
    assert old in FENCE
    lab, faults = lab_fence.read(FENCE.replace(old, new), {"sums"})
    assert lab is None
    assert any(at == line and said in message for at, message in faults), faults


def test_a_fence_that_is_no_list_of_keys() -> None:
    for text in ("", "sums", "- sums"):
        assert lab_fence.read(text, {"sums"})[1][0][1].startswith("the lab is no list of keys")


def rendered(source: str) -> html.HtmlElement:
    md = Markdown(
        extensions=[
            "pymdownx.superfences",
            "pymdownx.blocks.caption",
            "handbook.markdown.labs",
            "handbook.markdown.figures",
        ],
        extension_configs={
            "pymdownx.superfences": {"custom_fences": [{"name": "lab", "class": "lab", "format": lab_markdown.fence}]}
        },
    )
    return html.fromstring(f"<main>{md.convert(source)}</main>")


def classed(root: html.HtmlElement, name: str) -> list[html.HtmlElement]:
    return root.xpath(f"descendant::*[contains(concat(' ', @class, ' '), ' {name} ')]")


def test_a_fence_becomes_a_whole_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = rendered(
        f"```lab\n{FENCE}options:\n  bits: 4\nshown:\n  - bits: 8\n```\n\nText\n"
        f"\n/// figure-caption\nx\n///\n\n```lab\n{FENCE}```\n"
    )
    one, two = classed(page, "lab")
    assert (one.get("id"), two.get("id")) == ("lab-sums", "lab-sums-2")
    assert json.loads(one.get("data-options")) == {"bits": 4}
    assert json.loads(one.get("data-shown")) == [{"bits": 8}]
    assert two.get("data-shown") is None
    assert json.loads(one.get("data-weights")) == {}
    assert classed(one, "lab-question")[0].findtext("em") == "half"
    assert classed(one, "figure")[0].get("aria-label").startswith("Two falling curves")
    assert [each.text_content().strip() for each in classed(page, "caption-prefix")] == [
        "Figure 1.",
        "Figure 2.",
        "Figure 3.",
    ]
    data = yaml.safe_load((ROOT / "docs/data/labs/sums.yaml").read_text(encoding="utf-8"))
    cells = [[cell.text_content() for cell in row] for row in one.iter("tr")]
    assert cells == [data["header"], *data["rows"]]
    assert [item.text_content() for item in classed(one, "lab-predict")[0]] == ["A third", "A half"]
    assert one.get("data-right") == "1"
    assert classed(one, "right")[0].text_content() == "A half"
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_a_faulty_fence_is_a_warning_and_is_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(ROOT)
    with caplog.at_level(logging.WARNING, "mkdocs"):
        page = rendered(f"```lab\n{FENCE.replace('name: sums', 'name: sunms')}```\n")
    assert "lab, line 1: lab: unknown lab 'sunms'" in caplog.text
    assert "This lab has a mistake" in page.text_content()


def test_the_build_tells_a_faulty_fence_by_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text(f"# T\n\n```lab\n{FENCE}```\n", encoding="utf-8")

    class Page:
        file = type("File", (), {"src_uri": "index.md"})

        def run(self, root: object) -> None:
            pass

    md = Markdown(extensions=["handbook.markdown.labs"])
    md.treeprocessors.register(Page(), "relpath", 0)
    with caplog.at_level(logging.WARNING, "mkdocs"):
        lab_markdown.fence(FENCE.rstrip("\n"), "lab", "lab", {}, md)
    assert "docs/index.md:4: lab: unknown lab 'sums'; there are none" in caplog.text


def test_the_weights_of_a_lab_are_found_or_told(tmp_path: Path) -> None:
    folder = tmp_path / lab_markdown.LABS
    (folder / "weights").mkdir(parents=True)
    (folder / "a.js").write_text('export default {\n  weights: ["one", "two"],\n};', encoding="utf-8")
    (folder / "a-worker.js").touch()
    (folder / "b.js").write_text("export default {};", encoding="utf-8")
    (folder / "weights/one.bin").write_bytes(b"123")
    assert lab_markdown.known(tmp_path) == {"a", "b"}
    with pytest.raises(lab_markdown.LabError, match=r"two\.bin does not exist"):
        lab_markdown.weights("a", tmp_path)
    (folder / "weights/two.bin").write_bytes(b"12345")
    assert lab_markdown.weights("a", tmp_path) == {"one": 3, "two": 5}
    with pytest.raises(lab_markdown.LabError, match="has no line"):
        lab_markdown.weights("b", tmp_path)


# ── A lab on a page: what every lab gets from the frame ──────────────────────


def test_nothing_of_a_lab_is_fetched_before_it_is_near(served_site: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/labs/" in request.url else None)
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(served_site + PAGE, wait_until="networkidle")
    far = page.locator(f"#lab-{NAME}").evaluate("(lab) => lab.getBoundingClientRect().top")
    assert far > 2000
    assert asked == []
    page.evaluate("(far) => scrollTo(0, far - 700 - 350)", far)
    page.wait_for_timeout(300)
    assert asked == []
    page.evaluate("(far) => scrollTo(0, far - 700 - 200)", far)
    page.locator(".lab-start").wait_for()
    assert {url.rsplit("/", 1)[1] for url in asked} == {
        "frame.js",
        "frame.css",
        "controls.js",
        "container.js",
        "worker.js",
    }
    page.wait_for_timeout(300)
    assert not any(url.endswith(f"{NAME}.js") for url in asked), "the lab itself waits for the reader"


def test_a_page_without_labs_asks_for_none(served_site: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/labs/" in request.url else None)
    page.goto(f"{served_site}genai/learning-path/", wait_until="networkidle")
    page.keyboard.press("End")
    page.wait_for_timeout(300)
    assert asked == []


@pytest.mark.parametrize(
    ("choice", "verdict"), [(None, "The answer: "), (0, "Not as you predicted: "), (1, "Your prediction was right.")]
)
def test_the_prediction_is_judged_when_what_the_question_asks_is_shown(
    served_site: str, page: Page, choice: int | None, verdict: str
) -> None:
    lab = find_lab(page, served_site, PAGE, NAME)
    radios = lab.get_by_role("radio")
    assert radios.count() == 3
    if choice is not None:
        radios.nth(choice).check()
    lab.locator(".lab-start").click()
    outcome(lab)
    told = lab.locator(".lab-verdict")
    assert told.inner_text() == ""
    set_control(lab, "bits", 1)
    assert told.inner_text() == "", "the question is about 4 bits"
    set_control(lab, "bits", 2)
    assert told.inner_text().startswith(verdict)
    assert "38.4 GB" in told.inner_text(), "the why"
    assert radios.first.is_disabled()
    text = told.inner_text()
    set_control(lab, "bits", 3)
    assert told.inner_text() == text


def test_controls_work_with_the_keyboard_alone(served_site: str, page: Page) -> None:
    lab = find_lab(page, served_site, PAGE, NAME)
    lab.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    assert lab.get_by_role("radio").nth(1).is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    before = outcome(lab)
    names = []
    for _ in range(13):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.id"))
    shown = "topic model parameters bits layers heads size context requests cacheBits machine bandwidth memory".split()
    assert names == [f"lab-sums-{key}" for key in shown]
    control(lab, "requests").focus()
    page.keyboard.press("ArrowLeft")
    assert outcome(lab) != before
    assert state_of(lab)["requests"] == 32
    assert control(lab, "requests").get_attribute("aria-valuetext") == "32"
    control(lab, "context").focus()
    page.keyboard.press("Home")
    outcome(lab)
    assert control(lab, "context").get_attribute("aria-valuetext") == "512 tokens"


def test_a_number_out_of_bounds_is_told_and_not_taken(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, PAGE, NAME)
    before = outcome(lab)
    for wrong in ("0", "-4", "1.5", "1001", ""):
        assert set_control(lab, "layers", wrong) == before
        assert lab.get_by_role("alert").inner_text() == "Layers L takes a whole number from 1 to 1,000."
        assert state_of(lab)["layers"] == 32
    assert set_control(lab, "layers", "64") != before
    expect(lab.locator(".lab-fault")).to_be_hidden()


def test_the_state_is_in_the_address_and_comes_back(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, PAGE, NAME)
    assert query_of(page) == ""
    set_control(lab, "model", "llama70")
    set_control(lab, "layers", 40)
    said = set_control(lab, "requests", 2)
    query = query_of(page)
    assert dict(pair.split("=") for pair in query[1:].split("&")) == {
        "sums.model": "own", "sums.parameters": "70", "sums.layers": "40", "sums.requests": "4",
    }  # fmt: skip
    assert page.evaluate("location.hash") == "#lab-sums"
    shown = state_of(lab)
    lab = start_lab(page, served_site, PAGE, NAME, state=query[1:])
    assert outcome(lab) == said
    assert state_of(lab) == shown
    assert press(lab, "Reset") != said
    assert query_of(page) == ""
    assert state_of(lab)["requests"] == 64, "the page's own start"
    assert control(lab, "model").input_value() == "llama8"


def test_an_address_that_asks_for_nonsense_is_told(served_site: str, page: Page) -> None:
    lab = start_lab(
        page, served_site, PAGE, NAME, state="sums.bits=5&sums.colour=red&sums.layers=2e9&sums.context=512&other.x=1"
    )
    told = lab.get_by_role("alert").inner_text()
    for asked in ("bits = 5", "colour = red", "layers = 2e9"):
        assert f"The address asks for {asked}, which this lab does not take." in told
    assert "context" not in told
    assert (state_of(lab)["bits"], state_of(lab)["layers"], state_of(lab)["context"]) == (16, 32, 512)


def test_the_table_has_headers_and_follows_the_lab(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, PAGE, NAME)
    first = table_of(lab)
    assert lab.locator(".lab-live caption").inner_text()
    assert lab.locator(".lab-live th[scope=col]").count() == len(first[0])
    assert lab.locator(".lab-live th[scope=row]").count() == len(first) - 1
    set_control(lab, "bits", 0)
    assert table_of(lab) != first


def fences_with_states() -> list[tuple[str, str, list[dict], dict]]:
    """Each lab whose fence says which states its verdict waits for: address, element, the states, where it starts."""
    found = []
    for path in sorted((ROOT / "docs/genai").glob("*.md")):
        seen: dict[str, int] = {}
        for text in re.findall(r"```lab\n(.*?)\n```", path.read_text(encoding="utf-8"), re.DOTALL):
            lab, _ = lab_fence.read(text, lab_markdown.known(ROOT / "docs"))
            seen[lab.name] = seen.get(lab.name, 0) + 1
            if lab.shown:
                found.append((f"genai/{path.stem}/", lab.name, lab.shown, lab.options))
        assert set(seen.values()) <= {1}, "tell the second lab of a name from the first"
    assert len(found) > 8
    return found


@pytest.mark.parametrize(
    ("path", "name", "states", "options"),
    fences_with_states(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_verdict_waits_for_each_state_of_the_fence(
    served_site: str, page: Page, path: str, name: str, states: list[dict], options: dict
) -> None:
    everything = {key: value for state in states for key, value in state.items()}
    query = urlencode({f"{name}.{key}": value for key, value in everything.items()})
    lab = start_lab(page, served_site, path, name, query)
    assert lab.locator(".lab-fault").is_hidden(), "the lab has no such control, or it does not take the value"
    lab = start_lab(page, served_site, path, name)
    start = state_of(lab)
    waiting = [state for state in states if any(start[key] != value for key, value in state.items())]
    for state in waiting:
        expect(lab.locator(".lab-verdict")).to_be_empty()
        lab.evaluate("(element, state) => element.lab.set(state)", state)
        outcome(lab)
    expect(lab.locator(".lab-verdict")).not_to_be_empty()


def test_the_outcome_is_spoken_once_it_rests(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, PAGE, NAME)
    voice = lab.locator(".lab-live > .visually-hidden[role=status]")
    for place in range(4):
        said = set_control(lab, "requests", place)
    expect(voice).to_have_text(said)


def test_where_copying_is_forbidden_the_script_is_shown(served_site: str, page: Page) -> None:
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    lab = start_lab(page, served_site, PAGE, NAME)
    lab.get_by_role("button", name="Copy as Python").click()
    assert "from handbook.models import sums" in lab.locator(".lab-actions pre").inner_text()


# ── Faults and long work: a lab that the test makes up ───────────────────────

PROBE = """
import { LabError } from "./core/container.js";
export default {
  weights: ["probe"],
  worker: "probe-worker.js",
  controls: {
    time: { type: "range", label: "Time", min: 0, max: 5, value: 0 },
    mode: { type: "select", label: "Mode", choices: { well: "Well", sorry: "Sorry", crash: "Crash" }, value: "well" },
    kept: { type: "hidden", value: 0 },
    on: { type: "check", label: "On", value: true },
    words: { type: "text", label: "Words", value: "a", maxlength: 9 },
    more: { type: "button", label: "More", press: (lab) => lab.set({ kept: lab.state.kept + 1 }) },
    play: { type: "play", label: "Play", of: "time", every: 100 },
  },
  async setup(lab) { lab.view.append(String(await lab.ask("first"))); window.shown = []; },
  async show(lab) {
    const { mode, time, kept, words, on } = lab.state;
    if (mode === "sorry") throw new LabError("Choose another mode.");
    if (mode === "crash") throw new Error("no reason");
    const total = await lab.ask("add", { time, kept }, (share) => lab.busy("Adding", share));
    window.shown.push(time);
    return { say: `${total} ${words} ${on}`, table: () => ({ caption: "c", header: ["a"], rows: [[total]] }) };
  },
  python: () => "print(1)",
};
"""
PROBE_WORKER = """
import { LabError } from "./core/container.js";
import { serve } from "./core/worker.js";
let first, worked = 0;
serve({
  load({ weights }) { first = weights.probe.tensors.x.data[0]; },
  first: () => first,
  async add({ time, kept }, job) {
    if (kept === 9) throw new LabError("Nine is too many.");
    for (let i = 0; kept === 5 && i < 100; i++) {
      for (const end = performance.now() + 5; performance.now() < end; );
      worked++;
      job.progress(i / 100);
      await job.rest();
    }
    return `${first} + ${time} + ${kept}${worked > 99 ? " worked in vain" : ""}`;
  },
});
"""


@pytest.fixture
def probe(served_site: str, page: Page, tmp_path: Path) -> Iterator[dict]:
    """The page of the lab of sums, with a lab of the test's own in its place; `files` answer its requests."""
    container.write(tmp_path / "probe.bin", {"x": np.array([2.5], dtype=np.float32)}, {})
    weights = (tmp_path / "probe.bin").read_bytes()
    files = {"probe.js": PROBE, "probe-worker.js": PROBE_WORKER, "weights/probe.bin": weights}

    def answer(route: Route) -> None:
        body = files[route.request.url.partition("/labs/")[2]]
        if body is None:
            route.abort()
        elif isinstance(body, int):
            route.fulfill(status=body)
        else:
            script = isinstance(body, str)
            route.fulfill(body=body, content_type="text/javascript" if script else "application/octet-stream")

    def document(route: Route) -> None:
        text = (
            route.fetch()
            .text()
            .replace('data-lab="sums"', 'data-lab="probe"')
            .replace('{"requests": 64}'.replace('"', "&quot;"), "{}")
        )
        text = re.sub(r' data-shown="[^"]*"', "", text)
        changed = text.replace('data-weights="{}"', f'data-weights="{{&quot;probe&quot;: {len(weights)}}}"')
        route.fulfill(body=changed, content_type="text/html")

    page.route("**/labs/probe*", answer)
    page.route("**/labs/weights/probe.bin", answer)
    page.route(re.compile(r"/genai/scaling-and-training/(\?.*)?$"), document)
    yield {
        "files": files,
        "weights": weights,
        "begin": lambda state="": start_lab(page, served_site, PAGE, NAME, state),
        "find": lambda: find_lab(page, served_site, PAGE, NAME),
    }


def test_the_size_is_told_before_the_start(probe: dict) -> None:
    lab = probe["find"]()
    assert lab.locator(".lab-start").inner_text() == "Start the lab (1 KB)"


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("weights/probe.bin", 404, "The weights could not be fetched (404). Check the connection and start again."),
        (
            "weights/probe.bin",
            None,
            "The weights could not be fetched (Failed to fetch). Check the connection and start again.",
        ),
        ("weights/probe.bin", b"12345", "(5 bytes, not "),
        ("probe.js", 404, "The lab could not be fetched ("),
    ],
)
def test_what_does_not_arrive_is_told_and_can_be_tried_again(probe: dict, name: str, body: object, said: str) -> None:
    sound, probe["files"][name] = probe["files"][name], body
    lab = probe["find"]()
    lab.locator(".lab-start").click()
    expect(lab.get_by_role("alert")).to_contain_text(said)
    expect(lab.locator(".lab-busy")).to_be_hidden()
    assert lab.locator(".lab-static").is_visible()
    assert lab.locator(".lab-start").is_enabled()
    if name == "probe.js":
        return  # a browser remembers that a module failed, until the page is loaded again
    probe["files"][name] = sound
    lab.locator(".lab-start").click()
    assert outcome(lab).startswith("2.5 + 0")
    assert lab.locator(".lab-static").is_hidden()


def test_a_corrupt_file_of_the_right_size_is_told(probe: dict) -> None:
    probe["files"]["weights/probe.bin"] = b"X" * len(probe["weights"])
    lab = probe["find"]()
    lab.locator(".lab-start").click()
    expect(lab.get_by_role("alert")).to_have_text(
        "The file of weights is damaged (it does not begin with HBW1). Reload the page to fetch it again."
    )


def test_a_worker_that_does_not_load_is_told(probe: dict) -> None:
    probe["files"]["probe-worker.js"] = 404
    lab = probe["find"]()
    lab.locator(".lab-start").click()
    expect(lab.get_by_role("alert")).to_contain_text("The lab's worker could not be loaded. Reload the page")


def test_a_lab_says_what_it_cannot_take_and_lives_on(probe: dict) -> None:
    lab = probe["begin"]()
    set_control(lab, "mode", "sorry")
    assert lab.get_by_role("alert").inner_text() == "Choose another mode."
    assert set_control(lab, "mode", "well") == "2.5 + 0 + 0 a true"
    expect(lab.locator(".lab-fault")).to_be_hidden()


def test_a_lab_that_stops_starts_again_with_reset(probe: dict) -> None:
    lab = probe["begin"]()
    set_control(lab, "mode", "crash")
    assert lab.get_by_role("alert").inner_text() == "This lab stopped (no reason). Reset starts it again."
    set_control(lab, "time", 3)
    assert lab.get_by_role("alert").is_visible(), "it is still down"
    assert press(lab, "Reset") == "2.5 + 0 + 0 a true"
    assert lab.locator(".lab-view").inner_text() == "2.5"
    expect(lab.locator(".lab-fault")).to_be_hidden()


def test_an_error_of_the_worker_is_told(probe: dict) -> None:
    lab = probe["begin"]("sums.kept=9")
    assert lab.get_by_role("alert").inner_text() == "Nine is too many."
    assert press(lab, "Reset") == "2.5 + 0 + 0 a true"


def test_the_newest_request_wins_and_the_older_stops(probe: dict) -> None:
    lab = probe["begin"]("sums.kept=4")
    lab.get_by_role("button", name="More").click()  # half a second of work
    expect(lab.locator(".lab-busy")).to_be_visible()
    assert lab.locator("progress").get_attribute("value") is not None
    lab.get_by_role("button", name="More").click()
    lab.locator(".lab-outcome", has_text="+ 6").wait_for()
    assert outcome(lab) == "2.5 + 0 + 6 a true"
    expect(lab.locator(".lab-busy")).to_be_hidden()


def test_every_kind_of_control_holds_its_value(probe: dict, page: Page) -> None:
    lab = probe["begin"]()
    assert set_control(lab, "on", False) == "2.5 + 0 + 0 a false"
    assert set_control(lab, "words", "b & c") == "2.5 + 0 + 0 b & c false"
    assert press(lab, "More") == "2.5 + 0 + 1 b & c false"
    query = query_of(page)
    assert parse_qs(query[1:]) == {"sums.kept": ["1"], "sums.on": ["false"], "sums.words": ["b & c"]}
    assert outcome(probe["begin"](query[1:])) == "2.5 + 0 + 1 b & c false"


def test_play_goes_to_the_end_and_can_be_paused(probe: dict, page: Page) -> None:
    lab = probe["begin"]()
    lab.get_by_role("button", name="Play").click()
    lab.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("() => window.shown.length > 2")
    lab.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    paused = state_of(lab)["time"]
    assert 0 < paused < 5
    page.wait_for_timeout(300)
    assert state_of(lab)["time"] == paused
    lab.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.shown.at(-1) === 5")
    lab.get_by_role("button", name="Play").wait_for()
    lab.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.shown.at(-1) === 0 || window.shown.at(-1) === 1")


def test_with_reduced_motion_a_press_is_a_step(probe: dict, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    lab = probe["begin"]()
    for step in (1, 2):
        press(lab, "Step")
        page.wait_for_timeout(250)
        assert state_of(lab)["time"] == step


# ── Where no script runs ─────────────────────────────────────────────────────


def chapters_with_labs() -> dict[str, list[str]]:
    """The chapters' addresses, each with the ids of its labs."""
    found = {}
    for path in sorted((ROOT / "docs/genai").glob("*.md")):
        names = re.findall(r"```lab\nname: (\S+)", path.read_text(encoding="utf-8"))
        if names:
            found[f"genai/{path.stem}/"] = names
    return found


def test_without_script_the_lab_is_a_figure_with_an_answer(served_site: str, chromium: Browser) -> None:
    for path, names in chapters_with_labs().items():
        for name in names:
            with without_script(chromium, served_site, path, name) as lab:
                assert lab.locator(".lab-question").is_visible()
                assert lab.locator("svg.figure").is_visible()
                assert lab.locator("figcaption").inner_text().startswith("Figure ")
                assert lab.locator("button, input").count() == 0
                lab.locator(".lab-data summary").click()
                assert lab.locator("td").first.is_visible()
                lab.locator(".lab-answer summary").click()
                assert lab.locator(".right").is_visible()
                assert lab.locator(".why").is_visible()


def test_paper_shows_the_static_side_of_a_started_lab(served_site: str, page: Page) -> None:
    lab = start_lab(page, served_site, PAGE, NAME)
    set_control(lab, "bits", 0)
    page.emulate_media(media="print")
    for shown in (
        ".lab-question",
        ".lab-static svg.figure",
        ".lab-static td",
        ".lab-answer .right",
        ".why",
        "figcaption",
    ):
        assert lab.locator(shown).first.is_visible(), shown
    for hidden in (".lab-live", ".lab-verdict"):
        assert lab.locator(hidden).is_hidden(), hidden


def test_a_page_opened_as_a_file_keeps_the_figure(site: Path, page: Page) -> None:
    failed: list[str] = []
    page.on("console", lambda message: failed.append(message.text) if "/labs/" in message.text else None)
    page.goto((site / PAGE / "index.html").as_uri())
    lab = page.locator(f"#lab-{NAME}")
    lab.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert lab.locator(".lab-static").is_visible()
    assert lab.locator("button").count() == 0
    assert failed == []


# ── All labs, on all their pages ─────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in chapters_with_labs().items() for name in names]
)
def test_a_lab_fits_a_phone_and_passes_axe(served_site: str, chromium: Browser, path: str, name: str) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    lab = find_lab(page, served_site, path, name)
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) == 320
    assert axe_both(page, lab) == []
    lab.locator(".lab-start").click()
    outcome(lab)
    assert page.evaluate(wide) == 320
    table_of(lab)
    assert page.evaluate(wide) == 320
    assert axe_both(page, lab) == []
    assert lab.locator(".lab-fault").is_hidden(), "the options of the page are those of the lab"
    context.close()


def modules_of(path: Path, seen: set[Path] | None = None) -> set[Path]:
    """A module and all that it imports, workers too."""
    seen = set() if seen is None else seen
    if path in seen:
        return seen
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r'from "(\.[^"]+)"', text):
        modules_of((path.parent / name).resolve(), seen)
    for name in re.findall(r'^\s*worker: "([^"]+)"', text, re.MULTILINE):
        modules_of(LABS / name, seen)
    return seen


def test_the_core_keeps_within_its_budget() -> None:
    assert sum(gzipped(path) for path in (LABS / "core").glob("*.js")) <= CORE_BYTES


@pytest.mark.parametrize("name", sorted(lab_markdown.known(ROOT / "docs")))
def test_a_lab_keeps_within_its_budget(name: str) -> None:
    own = [path for path in modules_of(LABS / f"{name}.js") if path.parent.name != "core"]
    sizes = {path.name: gzipped(path) for path in own}
    assert sum(sizes.values()) <= LAB_BYTES, sizes
    weights = lab_markdown.weights(name, ROOT / "docs")
    assert sum(weights.values()) < WEIGHT_BYTES, weights


def imports_of(module: Path) -> set[str]:
    """What a module imports: "name from path" each."""
    found = re.findall(r'^import \{ ([^}]+) \} from "([^"]+)";$', module.read_text(encoding="utf-8"), re.MULTILINE)
    return {f"{name.strip()} from {path}" for names, path in found for name in names.split(",")}


def test_the_page_itself_neither_parses_weights_nor_runs_a_model() -> None:
    """That is the worker's work, whatever the reader types: the page draws."""
    names = lab_markdown.known(ROOT / "docs")
    imported = {name: imports_of(LABS / f"{name}.js") for name in names}
    imported["frame"] = imports_of(LABS / "core/frame.js")
    assert "read from ./container.js" in imports_of(LABS / "core/worker.js"), "imports are found"
    for name, each in imported.items():
        assert each, name
        assert not any("/models/" in one or one.startswith("read from") for one in each), name
    for name in names:
        script = (LABS / f"{name}.js").read_text(encoding="utf-8")
        assert ("\n  worker: " in script) == bool(lab_markdown.weights(name, ROOT / "docs")), name


def test_no_module_is_without_use() -> None:
    used: set[Path] = set()
    for name in lab_markdown.known(ROOT / "docs"):
        modules_of(LABS / f"{name}.js", used)
    modules_of(LABS / "core/frame.js", used)
    assert set(LABS.rglob("*.js")) == used


def test_a_card_tells_its_file() -> None:
    files = sorted((LABS / "weights").glob("*.bin"))
    used = {
        weight for name in lab_markdown.known(ROOT / "docs") for weight in lab_markdown.weights(name, ROOT / "docs")
    }
    assert {path.stem for path in files} == used
    for path in files:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        content = path.read_bytes()
        assert (card["file"], card["bytes"]) == (path.name, len(content))
        assert card["sha256"] == hashlib.sha256(content).hexdigest()
        inside = container.parse(content)[1]
        assert inside == {key: value for key, value in card.items() if key not in ("file", "bytes", "sha256")}


LITERAL = """async (values) => {
  const { literal, taken } = await import("/assets/labs/core/controls.js");
  const typed = (text) => taken({ type: "text", value: "", maxlength: 2 }, text);
  return values.map((value) => literal(value.half ? typed(value.half) : value));
}"""


def test_what_a_reader_types_is_written_as_python_writes_it(served_site: str, page: Page) -> None:
    """Words that JavaScript knows are words like any others; half a character is none."""
    values = [True, False, 0, 0.5, "true", "constructor", "__proto__", 'a "b"\n\\', "naïve 🙂", "\u2028", [1, 2]]
    assert [ast.literal_eval(each) for each in evaluate(page, served_site, LITERAL, values)] == values
    assert evaluate(page, served_site, LITERAL, [{"half": "a🙂"}]) == ['"a\ufffd"']
