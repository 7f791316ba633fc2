"""The comparison of looks: blind to noise, and not to what someone changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import looks
import numpy as np
import pytest
from playwright.sync_api import Browser

VIEWS = [("genai/types/", 390, "light"), ("", 1440, "dark")]
SHEET = "assets/stylesheets/handbook.css"
CHANGES = {
    "another accent": "[data-md-color-scheme] { --hb-accent: #8a4424 }",
    "a text two pixels lower": "article p { position: relative; top: 2px }",
    "no hairlines": "* { border-color: transparent !important }",
    "other leading": ".md-typeset p { line-height: 1.65 !important }",
    "another font": ".md-typeset p { font-family: monospace !important }",
    "no line under links": "article a { text-decoration: none !important }",
}


def planted(site: Path, target: Path, css: str) -> Path:
    shutil.copytree(site, target, ignore=shutil.ignore_patterns("editions", "search", "downloads"))
    sheet = target / SHEET
    sheet.write_text(sheet.read_text(encoding="utf-8") + css, encoding="utf-8")
    return target


def test_the_same_site_looks_the_same(site: Path, tmp_path: Path, chromium: Browser) -> None:
    again = planted(site, tmp_path / "again", "\n/* nothing */\n")
    assert looks.compare(chromium, site, again, None, iter(VIEWS)) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(site: Path, tmp_path: Path, chromium: Browser, change: str) -> None:
    after = planted(site, tmp_path / "after", f"\n{CHANGES[change]}\n")
    found = looks.compare(chromium, site, after, tmp_path / "out", iter(VIEWS[:1]))
    assert len(found) == 1
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["genai-types-390-light.png"]


def page_of_noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (900, 390, 3), dtype=np.uint8)


def test_noise_is_not_seen() -> None:
    before = page_of_noise(1)
    rng = np.random.default_rng(2)
    faint = np.clip(before.astype(int) + rng.integers(-looks.LEVELS, looks.LEVELS + 1, before.shape), 0, 255)
    assert not looks.different(before, faint.astype(np.uint8)).any()
    scattered = before.copy()
    scattered[rng.integers(0, 900, 80), rng.integers(0, 390, 80)] ^= 255
    assert not looks.different(before, scattered).any()


def test_small_things_are_seen() -> None:
    before = np.full((900, 390, 3), 250, np.uint8)
    line = before.copy()
    line[500, 16:374] = 217  # a hairline
    assert looks.different(before, line).sum() >= 5
    assert looks.different(before, before[:880]).any()  # 20 px shorter


def test_what_cannot_be_compared_is_not_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert looks.main([str(tmp_path), str(tmp_path)]) == 2
    assert "no built site" in capsys.readouterr().err
