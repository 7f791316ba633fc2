"""How fast the labs' models run: in the browser, on the built site, against NumPy, on this machine in one run.

    .venv/bin/python benchmarks/labs.py [SHAPE]

Draws 2,000 points of each family and 100 tokens of the GPT, on one side and then on the other, and prints a Markdown
table of medians of five runs. Both sides draw the same seeded numbers, and their results are compared. The stream of
these numbers is plain Python in the reference, so a second column has NumPy's own generator in its place.
Takes about a minute.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from reader import ROOT, browser_finder, build, serve

sys.path.insert(0, str(ROOT))

from handbook.models import families, shapes
from handbook.models.gpt import Gpt
from handbook.models.random import Random

RUNS, POINTS, TOKENS, SEED = 5, 2000, 100, 1
START = 10  # the token of a line feed, with which each context of the GPT begins
TOLERANCE = 1e-4
WEIGHTS = ROOT / "docs/assets/labs/weights"
BROWSER = """async ([shape, runs, count, tokens, seed, steps, first]) => {
  const labs = new URL("/assets/labs/", location);
  const get = (name) => import(`${labs}${name}.js`);
  const [{ Random }, { read }, { argmax }] = await Promise.all(["random", "container", "tensor"].map((name) => get(`core/${name}`)));
  const [models, { Gpt }] = await Promise.all([get("models/families"), get("models/gpt")]);
  const weights = async (name) => read(await (await fetch(`${labs}weights/${name}.bin`)).arrayBuffer());
  const { tensors } = await weights(`families-${shape}`);
  const gpt = new Gpt(await weights("gpt"));
  const work = { gpt: () => {
    const cache = gpt.start();
    const ids = [first];
    while (ids.length <= tokens) ids.push(argmax(gpt.read(ids.slice(-1), cache)));
    return ids;
  } };
  for (const [name, Model] of Object.entries({ autoregressive: models.Autoregressive, vae: models.VAE, gan: models.GAN, diffusion: models.Diffusion })) {
    const model = new Model(tensors);
    work[name] = () => model.sample(count, new Random(seed), { steps });
  }
  const found = {};
  for (const [name, run] of Object.entries(work)) {
    const result = [...run()];
    const seconds = [];
    for (let i = 0; i < runs; i++) {
      const began = performance.now();
      run();
      seconds.push((performance.now() - began) / 1000);
    }
    found[name] = { result, seconds };
  }
  return found;
}"""


class Native:
    """What the models ask of Random, from NumPy's own generator: other numbers, drawn many at once."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def normals(self, shape: int | Sequence[int]) -> np.ndarray:
        return self.generator.standard_normal(shape)

    def uniform(self) -> float:
        return self.generator.random()


def timed(run: Callable[[], object]) -> float:
    """Return the median seconds of a run, after one that does not count."""
    run()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def greedy(gpt: Gpt) -> list[int]:
    """Return TOKENS tokens after the first, each the most probable one."""
    cache, ids = gpt.start(), [START]
    while len(ids) <= TOKENS:
        ids.append(int(gpt.read(ids[-1:], cache)[-1].argmax()))
    return ids


def in_browser(page: Page, shape: str) -> dict[str, dict[str, list[float]]]:
    return page.evaluate(BROWSER, [shape, RUNS, POINTS, TOKENS, SEED, families.STEPS, START])


def rows(shape: str, seen: dict[str, dict[str, list[float]]]) -> list[list[str]]:
    """Return the table's rows: name, a second in the browser, in NumPy, with NumPy's noise, ratio, difference."""
    found = []
    for family, model in families.load(WEIGHTS / f"families-{shape}.bin").items():
        options = {"steps": families.STEPS} if family == "diffusion" else {}

        def draw(source: type[Random | Native], model: families.Model = model, options: dict = options) -> np.ndarray:
            return model.sample(POINTS, source(SEED), **options)

        apart = np.abs(draw(Random).ravel() - seen[family]["result"]).max()
        name = f"{families.NAMES[family]}, points"
        speeds = [POINTS / timed(lambda source=source: draw(source)) for source in (Random, Native)]
        found.append([name, POINTS / statistics.median(seen[family]["seconds"]), *speeds, apart])
    gpt = Gpt.load(WEIGHTS / "gpt.bin")
    apart = float(np.mean(np.array(greedy(gpt)) != seen["gpt"]["result"]))
    speed = TOKENS / timed(lambda: greedy(gpt))
    found.append(["GPT, tokens", TOKENS / statistics.median(seen["gpt"]["seconds"]), speed, speed, apart])
    return found


def main() -> None:
    shape = sys.argv[1] if len(sys.argv) > 1 else shapes.SHAPES[0]
    if shape not in shapes.SHAPES:
        sys.exit(f"no shape is named '{shape}'; there are {', '.join(shapes.SHAPES)}")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        build(Path(name))
        browser = playwright.chromium.launch(executable_path=browser_finder.get())
        with serve(Path(name)) as url:
            page = browser.new_page()
            page.goto(f"{url}404.html")
            seen = in_browser(page, shape)
        browser.close()
    columns = [
        "A second",
        "Browser",
        "NumPy",
        "NumPy, own noise",
        "Browser / NumPy",
        "Browser / own noise",
        "Differs by",
    ]
    print(f"| {' | '.join(columns)} |\n| --- |{' --: |' * 6}")
    found = rows(shape, seen)
    for title, browser_speed, reference, native, apart in found:
        print(
            f"| {title} | {browser_speed:,.0f} | {reference:,.0f} | {native:,.0f} | {browser_speed / reference:.2f} | "
            f"{browser_speed / native:.2f} | {apart:.0e} |"
        )
    if any(apart > TOLERANCE for *_, apart in found):
        sys.exit(f"the two sides differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
