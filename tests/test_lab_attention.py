"""The lab "attention": the reference's weights and measures, each control, the address, the script, no script."""

from __future__ import annotations

import gzip
import re
from urllib.parse import parse_qs

import numpy as np
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

from handbook.figures import lab_attention
from handbook.models import attention, bpe, gpt

LABS = ROOT / "docs/assets/labs"
CHAPTER = "genai/transformers/"
TOKENISER = bpe.load(LABS / "weights/tokeniser.bin")
MODEL = gpt.Gpt.load(LABS / "weights/gpt.bin")
START = lab_attention.SENTENCE
SENTENCES = [START, "Two words", "the model reads the model", "if x:\n  return 1", "naïve 🙂", "Λόγος"]


@pytest.fixture
def lab(page: Page, served_site: str) -> Locator:
    return start_lab(page, served_site, CHAPTER, "attention")


def ids_of(text: str) -> list[int]:
    return [gpt.START, *TOKENISER.encode(text)]


def names_of(text: str) -> list[str]:
    """The tokens as the lab shows them."""
    found = ["start"]
    for token in TOKENISER.encode(text):
        try:
            found.append(TOKENISER.vocabulary[token].decode().replace(" ", "␣").replace("\n", "↵"))
        except UnicodeDecodeError:
            found.append(TOKENISER.vocabulary[token].hex(" ").upper())
    return found


def bars_of(lab: Locator) -> list[tuple[str, float]]:
    """What the bars of the chosen row say: token and weight."""
    told = lab.get_by_role("img", name="Weights of the row").get_attribute("aria-label")
    told = told.removeprefix("Weights of the row: ").removesuffix(".")
    return [(name, float(weight)) for name, weight in re.findall(r"(?:^|, )(.+?) (\d\.\d\d)(?=, |$)", told)]


def test_the_reference_measures_what_it_says() -> None:
    assert attention.entropy(np.array([0.5, 0.5, 0, 0])) == pytest.approx(1)
    assert attention.entropy(np.array([1.0])) == 0
    before = np.eye(6, k=-1)
    before[0, 0] = 1
    found = attention.look(before)
    assert (found.previous, found.first, found.same, found.entropy) == (1, 0, 0, 0)
    assert found.name == "the token before"
    assert attention.look(np.eye(6)).name == "the token itself"
    assert attention.look(np.eye(6)[[0] * 6]).name == "the first token"
    even = attention.look(attention.even(9))
    assert even.name == "all alike"
    assert even.entropy == pytest.approx(even.greatest)
    assert even.first == pytest.approx(np.mean([1 / k for k in range(3, 10)]))
    half = 0.45 * before + 0.55 * np.eye(6, k=-2)
    assert attention.look(half).name == "none of these"
    with pytest.raises(ValueError, match="at least 3 tokens"):
        attention.look(np.eye(2))


def test_the_browser_has_the_weights_and_measures_of_the_reference(page: Page, served_site: str) -> None:
    found = evaluate(
        page,
        served_site,
        """async (texts) => {
            const [{ read }, { Tokeniser }, { Gpt, START }, { entropy, look }] = await Promise.all([
                import("/assets/labs/core/container.js"), import("/assets/labs/models/bpe.js"),
                import("/assets/labs/models/gpt.js"), import("/assets/labs/attention.js"),
            ]);
            const file = async (name) => read(await (await fetch(`/assets/labs/weights/${name}.bin`)).arrayBuffer());
            const { merges, counts } = (await file("tokeniser")).tensors;
            const tokeniser = new Tokeniser(merges.data, counts.data);
            const gpt = new Gpt(await file("gpt"));
            return texts.map((text) => {
                const ids = [START, ...tokeniser.encode(text)];
                const n = ids.length;
                return gpt.attention(ids).map((layer) => Array.from({ length: layer.length / n / n }, (_, head) => {
                    const row = (i) => [...layer.slice((head * n + i) * n, (head * n + i + 1) * n)];
                    const rows = Array.from({ length: n }, (_, i) => row(i));
                    return { rows, entropies: rows.map(entropy), measures: look(rows) };
                }));
            });
        }""",
        SENTENCES,
    )
    for text, browser in zip(SENTENCES, found, strict=True):
        weights = MODEL.attention(ids_of(text))
        theirs = np.array([[head["rows"] for head in layer] for layer in browser])
        assert theirs.shape == weights.shape
        assert np.abs(theirs - weights).max() < 1e-4
        assert np.abs(np.triu(theirs, 1)).max() == 0, "a token reads a later one"
        assert np.abs(theirs.sum(axis=-1) - 1).max() < 1e-5
        for layer, heads in enumerate(browser):
            for head, said in enumerate(heads):
                mine = attention.look(weights[layer, head])
                assert np.abs(np.array(said["entropies"]) - attention.entropy(weights[layer, head])).max() < 1e-4
                for key in ("previous", "first", "same", "entropy", "greatest"):
                    assert said["measures"][key] == pytest.approx(getattr(mine, key), abs=1e-4)
                assert said["measures"]["name"] == mine.name


def test_the_ranges_fit_the_model(lab: Locator) -> None:
    assert control(lab, "layer").get_attribute("max") == str(MODEL.shape.blocks)
    assert control(lab, "head").get_attribute("max") == str(MODEL.shape.heads)
    assert lab.locator(".lab-heads button").count() == MODEL.shape.blocks * MODEL.shape.heads


def test_layer_head_and_token_choose_the_row(lab: Locator) -> None:
    weights, names = MODEL.attention(ids_of(START)), names_of(START)
    for layer, head, token in [(1, 1, 15), (2, 3, 7), (4, 4, 1), (3, 1, 2)]:
        set_control(lab, "layer", layer)
        set_control(lab, "head", head)
        said = set_control(lab, "token", token)
        row = weights[layer - 1, head - 1, token - 1, :token]
        bars = bars_of(lab)
        assert [name for name, _ in bars] == names[:token]
        assert np.abs(np.array([weight for _, weight in bars]) - row).max() <= 0.0051
        assert f"Layer {layer}, head {head}: “{names[token - 1]}”, token {token}, reads" in said
        most = int(row.argmax())
        told = re.search(r"reads (?:“(.+?)”|(itself)) \((\d\.\d\d)\)", said)
        assert (told[1] or names[token - 1]) == names[most]
        assert abs(float(told[3]) - row.max()) <= 0.0051
        entropy = re.search(r"entropy is ([\d.]+) of at most ([\d.]+) bits", said)
        assert abs(float(entropy[1]) - attention.entropy(row)) <= 0.0051
        assert abs(float(entropy[2]) - np.log2(token)) <= 0.0051


def test_the_map_masks_what_comes_later_and_a_click_chooses_a_row(lab: Locator) -> None:
    drawn = lab.get_by_role("img", name="Attention weights of")
    told = drawn.get_attribute("aria-label")
    n = len(ids_of(START))
    assert f"{n} tokens" in told
    assert "Later tokens are masked" in told
    weights = MODEL.attention(ids_of(START))[-1, -1]
    cells = drawn.locator("path[fill='var(--hb-1)']").evaluate_all("(all) => all.map((each) => each.getAttribute('d'))")
    assert sum(d.count("M") for d in cells) == np.count_nonzero(weights > 0.002)
    assert len(cells) <= 100, "cells of one shade are one element"
    for row in (7, 2):
        name = drawn.locator("text[text-anchor=end]").nth(row - 1).bounding_box()
        lab.page.mouse.click(name["x"] + name["width"] + 40, name["y"] + name["height"] / 2)
        outcome(lab)
        assert state_of(lab)["token"] == row


def test_the_small_pictures_choose_a_head_with_the_keyboard(lab: Locator) -> None:
    weights = MODEL.attention(ids_of(START))
    for layer, head in [(2, 1), (4, 2)]:
        button = lab.get_by_role("button", name=re.compile(f"^Layer {layer}, head {head}: "))
        name = attention.look(weights[layer - 1, head - 1]).name
        assert button.inner_text().endswith({"none of these": "no one place"}.get(name, name))
        button.focus()
        lab.page.keyboard.press("Enter")
        assert f"Layer {layer}, head {head}:" in outcome(lab)
        expect(button).to_have_attribute("aria-pressed", "true")
        assert lab.locator(".lab-heads [aria-pressed=true]").count() == 1
    assert (state_of(lab)["layer"], state_of(lab)["head"]) == (4, 2)


@pytest.mark.parametrize("text", SENTENCES[1:])
def test_the_readers_own_sentence_is_read(lab: Locator, text: str) -> None:
    set_control(lab, "text", text)
    weights = MODEL.attention(ids_of(text))
    bars = bars_of(lab)
    assert [name for name, _ in bars] == names_of(text), "the last token reads when the chosen one is beyond the text"
    assert np.abs(np.array([weight for _, weight in bars]) - weights[-1, -1, -1]).max() <= 0.0051
    assert control(lab, "token").get_attribute("max") == str(len(bars))


def test_too_little_and_too_much_text_are_told_and_the_lab_goes_on(lab: Locator) -> None:
    control(lab, "text").fill("a")
    expect(lab.locator(".lab-fault")).to_contain_text("Type at least two tokens")
    control(lab, "text").fill("x!" * 20)
    expect(lab.locator(".lab-fault")).to_contain_text("Shorten the sentence")
    set_control(lab, "text", "the model reads")
    expect(lab.locator(".lab-fault")).to_be_hidden()
    assert [name for name, _ in bars_of(lab)] == names_of("the model reads")


def test_the_table_measures_every_head(lab: Locator) -> None:
    text = "the model reads the text"
    set_control(lab, "text", text)
    header, *rows = table_of(lab)
    assert header == lab_attention.table()["header"]
    weights = MODEL.attention(ids_of(text))
    heads = [each for layer in weights for each in layer] + [attention.even(weights.shape[-1])]
    assert len(rows) == len(heads)
    for row, head in zip(rows, heads, strict=True):
        found = attention.look(head)
        numbers = [found.previous, found.first, found.same, found.entropy]
        assert np.abs(np.array([float(cell) for cell in row[1:5]]) - numbers).max() <= 0.0051
        assert row[5] == found.name
    assert rows[-1][0] == "Even weights"
    assert rows[5][0] == "Layer 2, head 2"
    assert [row[0] for row in rows if "chosen" in row[0]] == ["Layer 4, head 4, chosen"]
    set_control(lab, "head", 1)
    assert [row[0] for row in table_of(lab) if "chosen" in row[0]] == ["Layer 4, head 1, chosen"]


def test_the_state_is_in_the_address_and_reset_clears_it(page: Page, served_site: str, lab: Locator) -> None:
    set_control(lab, "text", "the model reads")
    set_control(lab, "layer", 3)
    set_control(lab, "token", 2)
    query = query_of(page)
    wanted = {"attention.text": ["the model reads"], "attention.layer": ["3"], "attention.token": ["2"]}
    assert parse_qs(query[1:]) == wanted
    said = outcome(lab)
    page.goto("about:blank")
    again = start_lab(page, served_site, CHAPTER, "attention", query[1:])
    assert outcome(again) == said
    press(again, "Reset")
    assert [name for name, _ in bars_of(again)] == names_of(START)
    assert query_of(page) == ""


def test_the_copied_script_prints_what_the_screen_shows(lab: Locator) -> None:
    set_control(lab, "text", 'the "model"\nreads é')
    set_control(lab, "layer", 2)
    set_control(lab, "head", 3)
    said = set_control(lab, "token", 5)
    shown = [weight for _, weight in bars_of(lab)]
    rows = table_of(lab)[1:]
    printed = run_python(python_of(lab))
    weights = [float(each) for each in re.findall(r"^b.+: ([\d.]+)$", printed, re.MULTILINE)]
    assert np.abs(np.array(weights) - shown).max() <= 0.0051
    entropy = float(re.search(r"^entropy: ([\d.]+) bits$", printed, re.MULTILINE)[1])
    assert f"entropy is {entropy:.2f}" in said
    same = re.search(r"^rows as in the lab's own sentence: (\d+)$", printed, re.MULTILINE)[1]
    assert same == "1"
    assert "Only the first of" in said
    looks = re.findall(r"^layer \d, head \d: Look\(previous=([\d.e-]+), first=([\d.e-]+)", printed, re.MULTILINE)
    assert len(looks) == len(rows) - 1
    for (previous, first), row in zip(looks, rows, strict=False):
        assert abs(float(previous) - float(row[1])) <= 0.0051
        assert abs(float(first) - float(row[2])) <= 0.0051


def test_the_prediction_is_judged_after_a_change_of_the_sentence(page: Page, served_site: str) -> None:
    lab = find_lab(page, served_site, CHAPTER, "attention")
    lab.locator(".lab-predict .right, .lab-predict label").first.click()
    lab.locator(".lab-start").click()
    outcome(lab)
    assert lab.locator(".lab-verdict").inner_text() == ""
    said = set_control(lab, "head", 2)
    assert lab.locator(".lab-verdict").inner_text() == ""
    assert "lab's own sentence" not in said
    for text in (START.replace("writes text.", "writes poems."), START.removesuffix("."), "No model learns"):
        before, after = MODEL.attention(ids_of(START)), MODEL.attention(ids_of(text))
        alike = (
            np.abs(before[..., row, : row + 1] - after[..., row, : row + 1]).max() < 1e-9
            for row in range(min(before.shape[-1], after.shape[-1]))
        )
        kept = next((row for row, same in enumerate(alike) if not same), after.shape[-1])
        count = (
            f"The first {kept} of {after.shape[-1]} rows are"
            if kept > 1
            else f"Only the first of {after.shape[-1]} rows is"
        )
        assert f"{count} as in the lab's own sentence, in every head." in set_control(lab, "text", text)
    expect(lab.locator(".lab-verdict")).not_to_be_empty()
    assert "lab's own sentence" not in set_control(lab, "text", START)


def test_the_right_answer_is_so() -> None:
    words = START.split()
    before, after = ids_of(START), ids_of(" ".join([*words[:-1], "poems."]))
    same = next(place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    old, new = MODEL.attention(before), MODEL.attention(after)
    assert same >= len(ids_of(" ".join(words[:-1])))
    assert np.abs(old[:, :, :same, :same] - new[:, :, :same, :same]).max() < 1e-12
    assert np.abs(old[:, :, same, : same + 1] - new[:, :, same, : same + 1]).max() > 0.01


def test_the_caption_says_what_is_measured() -> None:
    names = {row[0]: row[-1] for row in lab_attention.table()["rows"][:-1]}
    plain = {head: name for head, name in names.items() if name != "none of these"}
    assert plain == {
        "Layer 1, head 1": "the token itself",
        "Layer 1, head 2": "the token itself",
        "Layer 4, head 4": "the token before",
    }, "write the caption and the alternative text of the chapter's lab anew"


def test_without_a_script_the_figure_the_table_and_the_answer_stand(chromium: Browser, served_site: str) -> None:
    with without_script(chromium, served_site, CHAPTER, "attention") as lab:
        expect(lab.locator("figure svg")).to_be_visible()
        assert lab.locator("tbody tr").count() == MODEL.shape.blocks * MODEL.shape.heads + 1
        assert lab.locator(".why").text_content().strip()
        expect(lab.locator("button")).to_have_count(0)


def test_axe_finds_nothing(page: Page, lab: Locator) -> None:
    table_of(lab)
    assert axe_both(page, lab) == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways(page: Page, served_site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    start_lab(page, served_site, CHAPTER, "attention")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_lab_stays_small() -> None:
    files = ["attention.js", "attention-worker.js", "models/bpe.js", "models/gpt.js"]
    assert sum(len(gzip.compress((LABS / each).read_bytes(), 9, mtime=0)) for each in files) < 10_000
    assert sum((LABS / f"weights/{name}.bin").stat().st_size for name in ("gpt", "tokeniser")) < 400_000
