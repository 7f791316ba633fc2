"""The small GPT and the sampling: formulas against plain loops, causality, the cache, rounding, and the browser's."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from playwright.sync_api import Page
from static_server import serve

from handbook.models import bpe, container, gpt, sampling, text
from handbook.models.random import Random

WEIGHTS = ROOT / "docs/assets/labs/weights"
SMALL = gpt.Shape(vocabulary=40, width=12, blocks=2, heads=3, inner=20, context=8)
PARITY = 1e-4
EDGE = {"logits": [0.7, 0.2, 0.1], "setting": [1.0, 0, 0.9], "seed": 0}


def random_model(shape: gpt.Shape = SMALL, seed: int = 1) -> gpt.Gpt:
    rng = np.random.default_rng(seed)
    return gpt.Gpt(shape, {name: rng.normal(size=size) / 2 for name, size in shape.tensors().items()})


@pytest.fixture(scope="module")
def model() -> gpt.Gpt:
    return gpt.Gpt.load(WEIGHTS / "gpt.bin")


@pytest.fixture(scope="module")
def card() -> dict:
    return json.loads((WEIGHTS / "gpt.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tokeniser() -> bpe.Tokeniser:
    return bpe.load(WEIGHTS / "tokeniser.bin")


# The model


def by_hand(model: gpt.Gpt, ids: list[int]) -> list[list[float]]:
    """The formulas of the chapter Transformers, number by number."""
    shape, w = model.shape, {name: tensor.tolist() for name, tensor in model.weights.items()}
    size = shape.width // shape.heads

    def norm(x: list[float], gain: list[float]) -> list[float]:
        root = math.sqrt(sum(value**2 for value in x) / len(x) + 1e-5)
        return [g * value / root for g, value in zip(gain, x, strict=True)]

    def times(matrix: list[list[float]], x: list[float]) -> list[float]:
        return [sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix]

    def turned(x: list[float], position: int) -> list[float]:
        found = []
        for i in range(0, size, 2):
            angle = position * 10_000 ** (-i / size)
            cosine, sine = math.cos(angle), math.sin(angle)
            found += [x[i] * cosine - x[i + 1] * sine, x[i] * sine + x[i + 1] * cosine]
        return found

    rows = [w["embedding"][token] for token in ids]
    for block in range(shape.blocks):
        part = {name.split(".")[2]: value for name, value in w.items() if name.startswith(f"blocks.{block}.")}
        normal = [norm(row, part["attention_norm"]) for row in rows]
        mixed = [[] for _ in rows]
        for head in range(shape.heads):
            here = slice(head * size, (head + 1) * size)
            queries = [turned(times(part["query"], row)[here], at) for at, row in enumerate(normal)]
            keys = [turned(times(part["key"], row)[here], at) for at, row in enumerate(normal)]
            values = [times(part["value"], row)[here] for row in normal]
            for at, query in enumerate(queries):
                scores = [
                    math.exp(sum(a * b for a, b in zip(query, key, strict=True)) / math.sqrt(size))
                    for key in keys[: at + 1]
                ]
                mixed[at] += [
                    sum(score * value[i] for score, value in zip(scores, values, strict=False)) / sum(scores)
                    for i in range(size)
                ]
        rows = [
            [a + b for a, b in zip(row, times(part["output"], m), strict=True)]
            for row, m in zip(rows, mixed, strict=True)
        ]
        for at, row in enumerate(rows):
            hidden = [max(0.0, value) for value in times(part["up"], norm(row, part["inner_norm"]))]
            rows[at] = [a + b for a, b in zip(row, times(part["down"], hidden), strict=True)]
    return [times(w["embedding"], norm(row, w["norm"])) for row in rows]


def test_the_logits_are_those_of_the_formulas() -> None:
    model, ids = random_model(), [3, 39, 0, 7, 7, 21]
    np.testing.assert_allclose(model.read(ids), by_hand(model, ids), atol=1e-10)


@pytest.mark.parametrize("changed", [1, 60, 127])
def test_a_later_token_changes_no_earlier_logit(model: gpt.Gpt, changed: int) -> None:
    ids = np.random.default_rng(2).integers(0, model.shape.vocabulary, 128)
    others = ids.copy()
    others[changed] = (others[changed] + 1) % model.shape.vocabulary
    before, after = model.read(ids), model.read(others)
    np.testing.assert_allclose(before[:changed], after[:changed], atol=1e-9)
    assert np.abs(before[changed:] - after[changed:]).max(axis=1).min() > 1e-6


def test_attention_reads_no_later_token_and_each_row_adds_up_to_one(model: gpt.Gpt) -> None:
    weights = model.attention(np.random.default_rng(3).integers(0, model.shape.vocabulary, 50))
    assert weights.shape == (model.shape.blocks, model.shape.heads, 50, 50)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-12)
    assert (weights[..., *np.triu_indices(50, 1)] == 0).all()
    assert weights.min() >= 0


@pytest.mark.parametrize("cuts", [[1], [1, 2, 3, 4, 5, 6, 7], [3, 6], []])
def test_a_cache_changes_nothing(cuts: list[int]) -> None:
    model, ids = random_model(), [5, 1, 30, 30, 2, 39, 8, 4]
    cache, found = model.start(), []
    for begin, end in zip([0, *cuts], [*cuts, len(ids)], strict=True):
        found.append(model.read(ids[begin:end], cache))
        assert cache.length == end
    np.testing.assert_allclose(np.concatenate(found), model.read(ids), atol=1e-10)


def test_position_counts() -> None:
    model = random_model()
    assert np.abs(model.read([1, 2, 3])[-1] - model.read([2, 1, 3])[-1]).max() > 1e-3


def test_losses_are_those_of_the_next_tokens_far_beyond_the_context() -> None:
    model = random_model()
    ids = np.random.default_rng(4).integers(0, SMALL.vocabulary, 40).tolist()
    losses = model.losses(ids)
    assert losses.shape == (39,)
    for length in range(1, 40):
        read = length - model.window(length)
        assert read == length if length <= 8 else 5 <= read <= 8
        assert losses[length - 1] == pytest.approx(-math.log(gpt.softmax(model.next_logits(ids[:length]))[ids[length]]))


@pytest.mark.parametrize(
    ("ids", "message"),
    [([], "at least one token"), ([40], "0 to 39"), ([-1], "0 to 39"), ([1] * 9, "9 tokens are more than the context")],
)
def test_ids_that_it_cannot_read_are_errors(ids: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        random_model().read(ids)


def test_weights_that_do_not_fit_are_errors(tmp_path) -> None:
    tensors = {name: np.zeros(size) for name, size in SMALL.tensors().items()}
    with pytest.raises(ValueError, match=r"lack the tensor 'norm'"):
        gpt.Gpt(SMALL, {name: tensor for name, tensor in tensors.items() if name != "norm"})
    with pytest.raises(ValueError, match=r"'norm' has the shape \(3,\), not \(12,\)"):
        gpt.Gpt(SMALL, {**tensors, "norm": np.zeros(3)})
    with pytest.raises(ValueError, match="doesn't split into 5 heads"):
        gpt.Shape(vocabulary=1, width=12, blocks=1, heads=5, inner=1, context=1)
    with pytest.raises(ValueError, match="blocks is 1 or more"):
        gpt.Shape(vocabulary=1, width=12, blocks=0, heads=3, inner=1, context=1)
    with pytest.raises(ValueError, match="no shape of a GPT"):
        gpt.Gpt.load(WEIGHTS / "tokeniser.bin")


# The trained weights


def test_the_card_tells_what_the_file_holds(model: gpt.Gpt, card: dict, tokeniser: bpe.Tokeniser) -> None:
    tensors, _ = container.read(WEIGHTS / "gpt.bin")
    assert set(tensors) == set(model.shape.tensors())
    assert card["parameters"] == model.shape.parameters == sum(tensor.size for tensor in tensors.values())
    assert card["bytes"] == (WEIGHTS / "gpt.bin").stat().st_size
    assert card["bytes"] + (WEIGHTS / "tokeniser.bin").stat().st_size < 400_000
    assert tokeniser.size == model.shape.vocabulary
    assert tokeniser.decode([gpt.START]) == "\n"


def test_rounding_to_eight_bits_costs_little(card: dict) -> None:
    held_out, before = card["measures"]["held_out"], card["measures"]["held_out_before_rounding"]
    assert abs(held_out["loss"] - before["loss"]) < 0.02
    for measures in card["measures"].values():
        assert measures["perplexity"] == pytest.approx(math.exp(measures["loss"]), rel=1e-3)


def test_the_card_gives_the_loss_on_the_held_out_text(
    model: gpt.Gpt, card: dict, tokeniser: bpe.Tokeniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To within what edits of the chapters since the training may change; exactly, if there were none."""
    monkeypatch.chdir(ROOT)
    training, held_out = text.split()
    losses = model.losses(tokeniser.encode("\n" + held_out))
    exact = text.fingerprint(training) == card["data_sha256"]
    assert losses.mean() == pytest.approx(card["measures"]["held_out"]["loss"], abs=1e-4 if exact else 0.15)
    assert losses.mean() < math.log(model.shape.vocabulary) / 1.5


# From logits to a token

LOGITS = arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(-30, 30))


@given(LOGITS, st.floats(0.05, 5), st.integers(0, 40), st.floats(0.01, 1))
@settings(max_examples=300, deadline=None)
def test_a_distribution_keeps_the_smallest_sufficient_set(logits, temperature: float, k: int, top_p: float) -> None:
    p = sampling.distribution(logits, temperature, k, top_p)
    plain = gpt.softmax(logits / temperature)
    kept = p > 0
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    assert kept.sum() <= (k or len(p))
    if kept.any() and not kept.all():
        assert plain[kept].min() >= plain[~kept].max()
    np.testing.assert_allclose(p[kept], plain[kept] / plain[kept].sum())
    if k == 0 or kept.sum() < k:
        assert plain[kept].sum() >= top_p - 1e-9 or kept.all() or plain[~kept].max() == 0
    assert plain[kept].sum() - plain[kept].min() < top_p + 1e-9
    assert 0 <= sampling.entropy(p) <= math.log2(len(p)) + 1e-9


def test_the_chapters_table_comes_out() -> None:
    logits = np.log([0.40, 0.30, 0.15, 0.10, 0.05])
    rows = {
        (0.5, 0, 1.0): [0.561, 0.316, 0.079, 0.035, 0.009],
        (2.0, 0, 1.0): [0.300, 0.260, 0.184, 0.150, 0.106],
        (1.0, 2, 1.0): [0.571, 0.429, 0, 0, 0],
        (1.0, 0, 0.8): [0.471, 0.353, 0.176, 0, 0],
        (0.5, 0, 0.8): [0.640, 0.360, 0, 0, 0],
        (0.0, 0, 1.0): [1, 0, 0, 0, 0],
    }
    for setting, row in rows.items():
        assert sampling.distribution(logits, *setting).round(3).tolist() == row


def test_of_equals_the_smaller_id_comes_first() -> None:
    assert sampling.distribution(np.zeros(4), top_k=2).tolist() == [0.5, 0.5, 0, 0]
    assert sampling.distribution(np.zeros(4), top_p=0.5).tolist() == [0.5, 0.5, 0, 0]
    assert sampling.distribution(np.zeros(4), temperature=0).tolist() == [1, 0, 0, 0]


def test_a_sum_that_misses_the_threshold_by_rounding_reaches_it() -> None:
    kept = sampling.distribution(np.log(EDGE["logits"]), top_p=EDGE["setting"][2]) > 0
    assert EDGE["setting"][2] > 0.7 + 0.2
    assert kept.tolist() == [True, True, False]


def test_entropy_of_known_distributions() -> None:
    assert sampling.entropy(np.full(8, 1 / 8)) == pytest.approx(3)
    assert sampling.entropy(np.array([0.5, 0.25, 0.25, 0])) == pytest.approx(1.5)
    assert sampling.entropy(np.array([0, 1.0])) == 0


@pytest.mark.parametrize(
    "setting", [{"temperature": -1}, {"temperature": math.nan}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}]
)
def test_a_setting_out_of_range_is_an_error(setting: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(setting)).replace("_", "-")):
        sampling.distribution(np.zeros(3), **setting)


def test_draws_follow_the_probabilities() -> None:
    """Pearson's chi-square: 30 cells of 20,000 draws exceed 66 once in ten thousand seeds."""
    p = sampling.distribution(np.random.default_rng(6).normal(size=30))
    times = 20_000
    counts = sampling.draw_many(p, times, Random(7))
    assert counts.sum() == times
    assert ((counts - times * p) ** 2 / (times * p)).sum() < 66


def test_generating_draws_each_token_from_its_own_distribution() -> None:
    model, history, random = random_model(), [1, 2], Random(8)
    setting = {"temperature": 0.8, "top_k": 20, "top_p": 0.95}
    for drawn in islice(sampling.generate(model, history.copy(), Random(8), **setting), 30):
        p = sampling.distribution(model.next_logits(history), **setting)
        assert drawn.token == sampling.draw(p, random)
        assert drawn.probability == pytest.approx(p[drawn.token])
        assert drawn.entropy == pytest.approx(sampling.entropy(p))
        history.append(drawn.token)


def test_it_writes_what_a_reader_of_the_handbook_knows(model: gpt.Gpt, tokeniser: bpe.Tokeniser) -> None:
    ids = [gpt.START, *tokeniser.encode("- Often said")]
    written = [drawn.token for drawn in islice(sampling.generate(model, ids, Random(1), temperature=0), 1)]
    assert tokeniser.decode(written) == ":"


# The browser's


@pytest.fixture(scope="module")
def docs() -> Iterator[str]:
    """The sources as they are, served: enough for modules that stand alone."""
    with serve(ROOT / "docs") as url:
        yield url


def numbers(encoded: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(encoded), kind)


def test_the_browser_computes_the_same(docs: str, page: Page, model: gpt.Gpt, tokeniser: bpe.Tokeniser) -> None:
    page.goto(docs + "assets/labs/weights/gpt.json")
    prose = "\nA language model predicts the next token, given those before it. " * 12
    texts = [tokeniser.encode(prose), np.random.default_rng(9).integers(0, 1024, 300).tolist(), [10]]
    found = page.evaluate(
        """async (texts) => {
            const { read } = await import("/assets/labs/core/container.js");
            const { Gpt } = await import("/assets/labs/models/gpt.js");
            const file = await fetch("/assets/labs/weights/gpt.bin").then((answer) => answer.arrayBuffer());
            const model = new Gpt(read(file));
            const coded = (numbers) => {
                let bytes = "";
                for (const byte of new Uint8Array(numbers.buffer)) bytes += String.fromCharCode(byte);
                return btoa(bytes);
            };
            return texts.map((ids) => {
                const part = ids.slice(0, 128);
                const cache = model.start();
                const steps = [part.slice(0, 5), part.slice(5, 6), part.slice(6)].filter((some) => some.length);
                const last = steps.map((some) => model.read(some, cache)).at(-1).slice(-1024);
                return {
                    logits: coded(model.read(part)),
                    cached: coded(last),
                    attention: model.attention(part).map(coded),
                    losses: coded(model.losses(ids)),
                    windows: [1, 128, 129, 192, 193, 300].map((length) => model.window(length)),
                };
            });
        }""",
        texts,
    )
    for ids, browser in zip(texts, found, strict=True):
        part = ids[:128]
        logits = model.read(part)
        np.testing.assert_allclose(numbers(browser["logits"], "<f4").reshape(logits.shape), logits, atol=PARITY)
        np.testing.assert_allclose(numbers(browser["cached"], "<f4"), logits[-1], atol=PARITY)
        weights = [numbers(block, "<f4") for block in browser["attention"]]
        np.testing.assert_allclose(
            np.stack(weights).reshape(4, 4, len(part), len(part)), model.attention(part), atol=PARITY
        )
        np.testing.assert_allclose(numbers(browser["losses"], "<f8"), model.losses(ids), atol=PARITY)
        assert browser["windows"] == [model.window(length) for length in (1, 128, 129, 192, 193, 300)]


def test_the_browser_samples_the_same(docs: str, page: Page) -> None:
    page.goto(docs + "assets/labs/weights/gpt.json")
    rng = np.random.default_rng(10)
    cases = [
        {
            "logits": rng.normal(scale=2, size=50).round(int(digits)).tolist(),
            "setting": [float(temperature), int(k), float(top_p)],
            "seed": int(seed),
        }
        for seed, (digits, temperature, k, top_p) in enumerate(
            zip(
                rng.integers(0, 5, 60),
                rng.choice([0, 0.3, 1, 2], 60),
                rng.choice([0, 1, 5, 60], 60),
                rng.choice([0.05, 0.5, 0.9, 1], 60),
                strict=True,
            )
        )
    ]
    cases += [
        {**EDGE, "logits": np.log(EDGE["logits"]).tolist()},
        {**EDGE, "logits": [0.0] * 4, "setting": [1.0, 0, 0.5]},
    ]
    found = page.evaluate(
        """async (cases) => {
            const { Random } = await import("/assets/labs/core/random.js");
            const { distribution, entropy, ranked } = await import("/assets/labs/models/sampling.js");
            return cases.map(({ logits, setting, seed }) => {
                const p = distribution(logits, ...setting);
                const random = new Random(seed);
                const drawn = Array.from({ length: 40 }, () => random.choice(p));
                return { p: [...p], bits: entropy(p), order: ranked(p), drawn };
            });
        }""",
        cases,
    )
    for case, browser in zip(cases, found, strict=True):
        p = sampling.distribution(np.array(case["logits"]), *case["setting"])
        np.testing.assert_allclose(browser["p"], p, atol=1e-12)
        assert browser["bits"] == pytest.approx(sampling.entropy(p), abs=1e-9)
        assert browser["order"] == sampling.ranked(p).tolist()
        random = Random(case["seed"])
        assert browser["drawn"] == [sampling.draw(p, random) for _ in range(40)]
