"""Measures: known values, their properties, bad input, and the same numbers in the browser as in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from conftest import ROOT
from playwright.sync_api import Page
from static_server import serve

from handbook.models import measures

CLOSE = 1e-10
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def cloud(seed: int, size: int = 400, shift: float = 0.0, dimensions: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((size, dimensions)) + shift


def by_hand(real: np.ndarray, generated: np.ndarray, k: int) -> measures.Neighbours:
    """Return the four measures straight from their definitions, with a loop over every pair."""

    def gap(a: np.ndarray, b: np.ndarray) -> float:
        return float(((a - b) ** 2).sum())

    def radius(sample: np.ndarray, at: int) -> float:
        return sorted(gap(sample[at], other) for place, other in enumerate(sample) if place != at)[k - 1]

    real_balls = [radius(real, i) for i in range(len(real))]
    made_balls = [radius(generated, j) for j in range(len(generated))]
    inside = [[gap(x, y) <= ball for y in generated] for x, ball in zip(real, real_balls, strict=True)]
    return measures.Neighbours(
        precision=float(np.mean([any(row[j] for row in inside) for j in range(len(generated))])),
        recall=float(
            np.mean([any(gap(x, y) <= ball for y, ball in zip(generated, made_balls, strict=True)) for x in real])
        ),
        density=sum(map(sum, inside)) / k / len(generated),
        coverage=float(np.mean([any(row) for row in inside])),
    )


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("dimensions", [1, 2, 4])
def test_neighbours_follow_the_definitions(k: int, dimensions: int) -> None:
    real, generated = cloud(1, 40, 0.0, dimensions), cloud(2, 30, 0.7, dimensions)
    found, expected = measures.neighbours(real, generated, k), by_hand(real, generated, k)
    for name in ("precision", "recall", "density", "coverage"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=CLOSE), name


def test_blocks_do_not_change_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measures.neighbours(cloud(1), cloud(2, 300))
    monkeypatch.setattr(measures, "PAIRS_AT_ONCE", 1000)
    assert measures.neighbours(cloud(1), cloud(2, 300)) == whole


def test_a_copy_is_perfect_and_a_stranger_is_nothing() -> None:
    real = cloud(3)
    copy = measures.neighbours(real, real)
    assert (copy.precision, copy.recall, copy.coverage) == (1, 1, 1)
    far = measures.neighbours(real, real + 100)
    assert (far.precision, far.recall, far.density, far.coverage) == (0, 0, 0, 0)


def test_the_edge_of_a_ball_belongs_to_it() -> None:
    assert measures.squared_radii(CORNERS, 1).tolist() == [1, 1, 1, 1]
    assert measures.squared_radii(CORNERS, 3).tolist() == [2, 2, 2, 2]
    on_the_edge = np.array([[2.0, 0.0], [2.0, 1.0]])
    assert measures.neighbours(CORNERS, on_the_edge, 1).precision == 1


def test_a_dropped_kind_costs_recall_and_coverage() -> None:
    real = np.concatenate([cloud(4, 200, -8), cloud(5, 200, 8)])
    half = measures.neighbours(real, cloud(6, 400, 8))
    assert half.precision > 0.9
    assert half.recall < 0.55
    assert half.coverage < 0.55


def test_nearest_finds_copies() -> None:
    real = cloud(7, 50)
    assert measures.nearest(real[10:20], real).max() == 0
    assert measures.nearest([[3.0, 4.0]], [[0.0, 0.0], [-9.0, 0.0]]).tolist() == [5]


def general_frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Return the distance as for any number of dimensions, by the eigenvalues of the product."""
    c, d = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(c @ d).real.clip(min=0)).sum()
    return float(((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum() + np.trace(c + d) - 2 * roots)


@pytest.mark.parametrize("seed", range(5))
def test_the_closed_form_is_the_matrix_root(seed: int) -> None:
    mix = np.random.default_rng(100 + seed).standard_normal((2, 2))
    first, second = cloud(seed), cloud(seed + 50, 300, 0.4) @ mix
    assert measures.frechet(first, second) == pytest.approx(general_frechet(first, second), rel=1e-9)


def test_frechet_by_hand() -> None:
    assert measures.frechet_gaussians([0, 0], 4 * np.eye(2), [1, 0], np.eye(2)) == pytest.approx(3)
    flat = np.diag([1.0, 0.0])  # a line: no determinant
    assert measures.frechet_gaussians([0, 0], flat, [0, 0], flat) == 0
    assert measures.frechet(cloud(8), cloud(8)) == pytest.approx(0, abs=CLOSE)


def test_small_samples_lie_further_apart() -> None:
    def mean_distance(size: int) -> float:
        return float(np.mean([measures.frechet(cloud(seed, size), cloud(seed + 500, size)) for seed in range(100)]))

    small, large = mean_distance(20), mean_distance(200)
    assert 5 < small / large < 20


def test_perplexity_and_bits_of_the_chapter() -> None:
    losses = -np.log([0.5, 0.25, 0.125, 0.25])
    assert measures.perplexity(losses) == pytest.approx(4)
    assert measures.bits_per_byte(losses, 16) == pytest.approx(0.5)


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "a flat list": (lambda: measures.neighbours([1.0, 2.0], CORNERS), "shape"),
    "other widths": (lambda: measures.neighbours(cloud(1), cloud(1, dimensions=3)), "cannot be compared"),
    "k too large": (lambda: measures.neighbours(CORNERS, CORNERS, 4), "k is 4"),
    "k of nought": (lambda: measures.squared_radii(CORNERS, 0), "k is 0"),
    "not a number": (lambda: measures.frechet(np.full((4, 2), math.nan), CORNERS), "not finite"),
    "one point": (lambda: measures.frechet(CORNERS[:1], CORNERS), "two points"),
    "three dimensions": (lambda: measures.frechet(cloud(1, dimensions=3), cloud(2, dimensions=3)), "closed form"),
    "no reference": (lambda: measures.nearest(CORNERS, np.empty((0, 2))), "reference"),
    "no token": (lambda: measures.perplexity([]), "no tokens"),
    "above one": (lambda: measures.perplexity([-0.1]), "at least 0"),
    "no byte": (lambda: measures.bits_per_byte([1.0], 0), "0 bytes"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told(case: str) -> None:
    call, words = BAD[case]
    with pytest.raises(ValueError, match=words):
        call()


# The browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assets() -> Iterator[str]:
    with serve(ROOT / "docs/assets") as url:
        yield url


@pytest.fixture
def module(page: Page, assets: str) -> Page:
    page.goto(assets + "favicon.svg")
    return page


def in_browser(page: Page, call: str, *arguments: object) -> object:
    flat = [value.ravel().tolist() if isinstance(value, np.ndarray) else value for value in arguments]
    script = f"async (given) => {{ const m = await import('/labs/models/measures.js'); return m.{call}(...given); }}"
    return page.evaluate(script, flat)


@pytest.mark.parametrize(("sizes", "k", "shift"), [((300, 200), 3, 0.5), ((200, 300), 5, 2.0), ((50, 50), 1, 0.0)])
def test_the_browser_counts_the_same_points(module: Page, sizes: tuple[int, int], k: int, shift: float) -> None:
    real, generated = cloud(11, sizes[0]), cloud(12, sizes[1], shift)
    found = in_browser(module, "neighbours", real, generated, k)
    expected = measures.neighbours(real, generated, k)
    for name, value in found.items():
        assert value == pytest.approx(getattr(expected, name), abs=CLOSE), name


def test_the_browser_measures_the_same_distances(module: Page) -> None:
    first, second = cloud(13), cloud(14, 300, 0.3) @ np.array([[1.0, 0.4], [0.0, 0.5]])
    assert in_browser(module, "frechet", first, second) == pytest.approx(measures.frechet(first, second), abs=CLOSE)
    found = in_browser(module, "nearest", first, second)
    assert np.allclose(found, measures.nearest(first, second), atol=CLOSE)


def test_the_browser_is_surprised_as_much(module: Page) -> None:
    losses = -np.log(np.random.default_rng(15).uniform(0.001, 1, 60))
    assert in_browser(module, "perplexity", losses) == pytest.approx(measures.perplexity(losses), abs=CLOSE)
    found = in_browser(module, "bitsPerByte", losses, 211)
    assert found == pytest.approx(measures.bits_per_byte(losses, 211), abs=CLOSE)


@pytest.mark.parametrize(
    "call",
    ["neighbours([0, 0, 1, 1], [0, 0, 1, 1], 2)", "frechet([0, 0], [0, 0])", "perplexity([])", "squaredRadii([], 1)"],
)
def test_the_browser_refuses_bad_input(module: Page, call: str) -> None:
    script = f"""async () => {{
      const m = await import('/labs/models/measures.js');
      try {{ m.{call}; }} catch (error) {{ return error.name; }}
    }}"""
    assert module.evaluate(script) == "RangeError"
