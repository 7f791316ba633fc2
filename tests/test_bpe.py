"""The tokeniser: its training against counting anew, every text there and back, and the browser's against it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page
from static_server import serve

from handbook.models import bpe, container, text
from handbook.models.training import tokeniser as training

WEIGHTS = ROOT / "docs/assets/labs/weights/tokeniser.bin"
TOKENISER = bpe.load(WEIGHTS)

TEXTS = [
    "",
    " ",
    "\n\n \t x  y   \r\n",
    "It doesn't matter: 'quoted' don''t, o'clock",
    "1234567 x12 3.14 0x1F",
    "for i in range(10):\n    total += price[i]  # naïve",
    "Καθένας έχει δικαίωμα; تزداد المفردات 词表增加 शब्दावली",
    "🙂👩‍👩‍👧‍👦 e\u0301 \ufeffx \u200d \u2028 \u00a0 \x00\x7f\x85",
    "\ufeff",
    "\ud800 a\udc00b \udc00\ud800",
    "GENERATIVE generative  generative",
]
# Characters from everywhere, and often those on which the cuts depend.
CHARACTERS = st.one_of(st.sampled_from(" \t\n\r\f\v'aeingtz09AZ.,:()[]é词🙂\ufeff\ud83d\ude42"), st.characters())
STRINGS = st.one_of(st.text(CHARACTERS, max_size=60), st.text(max_size=60))


def plainly_trained(corpus: str, merges: int) -> list[tuple[bytes, bytes, int]]:
    """Byte-pair encoding as it is told: count every pair anew for each merge."""
    words = Counter(bpe.pieces(corpus))
    parts = {word: [bytes([byte]) for byte in word] for word in words}
    rules = []
    for _ in range(merges):
        pairs = Counter(pair for word, count in words.items() for pair in pairwise(parts[word]) for _ in range(count))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], *pair))
        rules.append((*best, pairs[best]))
        for word, old in parts.items():
            left, new = list(old), []
            while left:
                width = 2 if tuple(left[:2]) == best else 1
                new.append(b"".join(left[:width]))
                left = left[width:]
            parts[word] = new
    return rules


@given(STRINGS, st.integers(0, 30))
@example("aaaa aaa aaaa", 5)
@settings(max_examples=150, deadline=None)
def test_training_is_that_of_counting_anew(corpus: str, merges: int) -> None:
    trained = bpe.train(corpus, merges)
    found = [
        (trained.vocabulary[left], trained.vocabulary[right], count)
        for (left, right), count in zip(trained.merges, trained.counts, strict=True)
    ]
    assert found == plainly_trained(corpus, merges)


@given(STRINGS)
@settings(max_examples=300, deadline=None)
def test_every_text_comes_back(string: str) -> None:
    ids = TOKENISER.encode(string)
    assert TOKENISER.decode_bytes(ids) == b"".join(bpe.pieces(string)) == bpe.to_bytes(string)
    assert TOKENISER.decode(ids) == bpe.to_bytes(string).decode()
    if not any("\ud800" <= character <= "\udfff" for character in string):
        assert TOKENISER.decode(ids) == string


@given(STRINGS)
@settings(max_examples=200, deadline=None)
def test_the_steps_lead_from_bytes_to_the_tokens(string: str) -> None:
    ids = TOKENISER.encode(string, 0)
    assert bytes(ids) == bpe.to_bytes(string)
    for step in TOKENISER.steps(string):
        assert TOKENISER.encode(string, step.rank) == ids, "a merge is missing among the steps"
        after = TOKENISER.encode(string, step.rank + 1)
        assert len(ids) - len(after) == step.made > 0
        assert after.count(bpe.BYTES + step.rank) == step.made
        ids = after
    assert TOKENISER.encode(string) == ids


@pytest.mark.parametrize(
    ("given_text", "cut"),
    [
        ("I don't know", ["I", " don't", " know"]),
        ("in 2026, 3.14", ["in", " 202", "6", ",", " 3", ".", "14"]),
        ("a\n\n    b", ["a", "\n\n", "   ", " b"]),
        ("a \n", ["a", " ", "\n"]),
        ("x+=1;", ["x", "+=", "1", ";"]),
        ("naïve 词表\u3000x", ["naïve", " 词表\u3000x"]),
        ("\ud800", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_text_is_cut_as_told(given_text: str, cut: list[str]) -> None:
    assert [piece.decode() for piece in bpe.pieces(given_text)] == cut


def test_bytes_are_their_own_tokens_and_half_a_character_is_marked() -> None:
    assert TOKENISER.vocabulary[:256] == [bytes([byte]) for byte in range(256)]
    assert TOKENISER.decode("é".encode()[:1]) == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("token", [-1, 1024])
def test_a_token_outside_the_vocabulary_is_an_error(token: int) -> None:
    with pytest.raises(ValueError, match="0 to 1023"):
        TOKENISER.decode([97, token])


def test_merges_that_do_not_fit_are_errors() -> None:
    with pytest.raises(ValueError, match="rank 0 joins 256 and 1"):
        bpe.Tokeniser([(256, 1)], [1])
    with pytest.raises(ValueError, match="as many counts"):
        bpe.Tokeniser([(1, 1)], [])
    with pytest.raises(ValueError, match="0 or more"):
        bpe.train("text", -1)


def test_training_anew_gives_the_file_its_measures(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    [new] = training.train(0, tmp_path)
    tensors, kept = container.read(WEIGHTS)
    for path, allowed in training.BOUNDS["tokeniser.bin"].items():
        group, name = path.split(".")
        assert abs(new[group][name] - kept[group][name]) <= allowed
    assert tensors["merges"].shape == (training.MERGES, 2)
    assert kept["samples"] == new["samples"]
    if new["data_sha256"] == kept["data_sha256"]:
        assert container.read(tmp_path / "tokeniser.bin")[0]["merges"].tolist() == tensors["merges"].tolist()


def test_the_english_sample_stands_in_the_handbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert any(training.SAMPLES["English"] in section.text for section in text.sections())


@pytest.fixture(scope="module")
def docs() -> Iterator[str]:
    """The sources as they are, served: enough for a module that stands alone."""
    with serve(ROOT / "docs") as url:
        yield url


def test_the_browser_encodes_the_same(docs: str, page: Page) -> None:
    rng = random.Random(5)
    alphabet = " \t\n\r\f\v''aeeinrstTHE09.,+=é词ध🙂\ud83d\ude42\ufeff\u2028"
    strings = [*TEXTS, *training.SAMPLES.values()]
    strings += ["".join(rng.choices(alphabet, k=rng.randrange(40))) for _ in range(300)]
    strings += ["".join(chr(rng.randrange(0x110000)) for _ in range(12)) for _ in range(100)]
    steps = [TOKENISER.steps(string) for string in strings]
    limits = [each[len(each) // 2].rank if each else 0 for each in steps]
    page.goto(docs + "assets/labs/weights/tokeniser.json")
    found = page.evaluate(
        """async ({ merges, counts, units, limits }) => {
            const { Tokeniser, pieces } = await import("/assets/labs/models/bpe.js");
            const tokeniser = new Tokeniser(merges.flat(), counts);
            return units.map((codes, at) => {
                const text = String.fromCharCode(...codes);
                const ids = tokeniser.encode(text);
                const decoded = [...tokeniser.decode(ids)].map((character) => character.codePointAt(0));
                const steps = tokeniser.steps(text).map(({ rank, pair, made }) => [rank, ...pair, made]);
                const cut = pieces(text).map((piece) => [...piece]);
                return { ids, decoded, steps, cut, some: tokeniser.encode(text, limits[at]) };
            });
        }""",
        {
            "merges": TOKENISER.merges,
            "counts": TOKENISER.counts,
            "units": [list(memoryview(each.encode("utf-16-le", "surrogatepass")).cast("H")) for each in strings],
            "limits": limits,
        },
    )
    for string, browser, path, limit in zip(strings, found, steps, limits, strict=True):
        ids = TOKENISER.encode(string)
        assert browser["cut"] == [list(piece) for piece in bpe.pieces(string)], ascii(string)
        assert browser["ids"] == ids, ascii(string)
        assert "".join(map(chr, browser["decoded"])) == TOKENISER.decode(ids), ascii(string)
        assert browser["steps"] == [[step.rank, *step.pair, step.made] for step in path], ascii(string)
        assert browser["some"] == TOKENISER.encode(string, limit), ascii(string)
