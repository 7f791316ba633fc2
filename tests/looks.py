"""Tell where two builds of the site look different: `python tests/looks.py BEFORE AFTER [--out FOLDER]`.

Six pages at three widths in both palettes are drawn by one browser on one machine, so that fonts don't matter, and
compared square by square. Exit code 0: they look the same; 1: a page looks different; 2: it could not be told.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import browser as browser_finder
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from static_server import serve

PAGES = ("", "genai/types/", "genai/evaluation/", "genai/transformers/", "glossary/", "404.html")
WIDTHS = (390, 768, 1440)
SCHEMES = ("light", "dark")
HEIGHT = 12_000  # pixels from the top that are looked at
TILE = 64
# Noise is faint, or a few pixels far apart; what someone changed is neither.
LEVELS = 8
PIXELS = 12


def different(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Mark the squares of `TILE` pixels in which two pictures (height × width × 3, uint8) differ."""
    height, width = (max(one, other) for one, other in zip(before.shape[:2], after.shape[:2], strict=True))
    differs = np.ones((height, width), bool)  # what only one of them has differs
    shared = tuple(min(one, other) for one, other in zip(before.shape[:2], after.shape[:2], strict=True))
    gap = np.abs(before[: shared[0], : shared[1]].astype(int) - after[: shared[0], : shared[1]])
    differs[: shared[0], : shared[1]] = gap.max(axis=2) > LEVELS
    padded = np.pad(differs, ((0, -height % TILE), (0, -width % TILE)))
    rows, columns = padded.shape[0] // TILE, padded.shape[1] // TILE
    return padded.reshape(rows, TILE, columns, TILE).sum(axis=(1, 3)) > PIXELS


def picture(chromium: Browser, url: str, width: int, scheme: str) -> np.ndarray:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    height = min(HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
    shot = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    context.close()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def compare(
    chromium: Browser, before: Path, after: Path, out: Path | None, views: Iterator[tuple[str, int, str]]
) -> list[str]:
    """Return a line for each view that looks different; with `out`, its picture with the squares marked."""
    found = []
    with serve(before) as old, serve(after) as new:
        for path, width, scheme in views:
            one, other = (picture(chromium, site + path, width, scheme) for site in (old, new))
            tiles = different(one, other)
            if not tiles.any():
                continue
            first = int(np.flatnonzero(tiles.any(axis=1))[0]) * TILE
            line = f"{path or 'index'} at {width} px, {scheme}: {tiles.sum()} squares differ, the first {first} px down"
            if out:
                out.mkdir(parents=True, exist_ok=True)
                file = out / f"{path.strip('/').replace('/', '-') or 'index'}-{width}-{scheme}.png"
                mark = np.kron(tiles, np.ones((TILE, TILE), bool))[: other.shape[0], : other.shape[1]]
                shown = np.where(mark[..., None], other, (other.astype(int) + 2 * 255) // 3).astype(np.uint8)
                Image.fromarray(shown).save(file)
                line += f" ({file})"
            found.append(line)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--out", type=Path, help="where to put a picture of each page that looks different")
    options = parser.parse_args(arguments)
    for site in (options.before, options.after):
        if not (site / "index.html").is_file():
            print(f"can't compare: no built site in {site}", file=sys.stderr)
            return 2
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_finder.get())
        views = product(PAGES, WIDTHS, SCHEMES)
        found = compare(chromium, options.before, options.after, options.out, views)
        chromium.close()
    for line in found:
        print(line)
    print(f"{len(PAGES) * len(WIDTHS) * len(SCHEMES)} views, {len(found)} look different.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
