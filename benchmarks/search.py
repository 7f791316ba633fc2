"""Our search beside the alternatives, on this handbook, in one run: bytes, times and quality.

    python benchmarks/search.py

Compares the theme's search, MiniSearch alone (whole texts, its own prefix and fuzzy matching), Pagefind (if its command
is installed: `pip install pagefind_bin`), and ours. Times are ratios to ours as well as milliseconds: only those hold
on another machine.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import browser  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from static_server import serve  # noqa: E402
from test_search import POLICY, SLOW, Query, Score, queries  # noqa: E402

from handbook.search.pages import read  # noqa: E402

TIMED = ("perplexity", "fine tuning", "why do models hallucinate")

# What the page has to do for a query: the addresses of the results, best first.
OURS = """async (query) => {
  if (!globalThis.engine) {
    const files = ["kept/minisearch-7.2.0.js", "javascripts/search-engine.js"];
    const [, { open }] = await Promise.all(files.map((file) => import(new URL(`assets/${file}`, location))));
    globalThis.engine = await open();
  }
  let found = [];
  await engine.find(query, { isWanted: () => true, show: (results) => {
    found = results;
    globalThis.first ??= performance.now();
  } });
  return found.map((result) => engine.address(result));
}"""
MINISEARCH = """async (query) => {
  if (!globalThis.engine) {
    const { default: MiniSearch } = await import(new URL("assets/kept/minisearch-7.2.0.js", location));
    globalThis.engine = new MiniSearch({ fields: ["title", "text"], storeFields: ["url"] });
    engine.addAll(await (await fetch("whole.json")).json());
  }
  const found = engine.search(query, { prefix: true, fuzzy: 0.2, boost: { title: 3 } });
  globalThis.first ??= performance.now();
  return found.slice(0, 12).map(({ url }) => new URL(url, location).href);
}"""
PAGEFIND = """async (query) => {
  globalThis.engine ??= await import(new URL("pagefind/pagefind.js", location));
  const { results } = await engine.search(query);
  const data = await Promise.all(results.slice(0, 5).map((result) => result.data()));
  globalThis.first ??= performance.now();
  return data.flatMap(({ url, sub_results }) => sub_results.length ? sub_results.map((each) => each.url) : [url])
    .map((url) => new URL(url, location).href);
}"""
THEME = """async (query) => {
  const input = document.querySelector(".md-search__input");
  const list = document.querySelector(".md-search-result__list");
  const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
  const type = (text) => { input.value = text; input.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true })); };
  document.querySelector("#__search").checked = true;
  input.focus();
  if (globalThis.asked) {
    type("");
    for (let wait = 0; list.childElementCount && wait < 50; wait += 1) await pause(10);
  }
  const patience = globalThis.asked ? 300 : 12000;
  globalThis.asked = true;
  const start = performance.now();
  type(query);
  while (!list.childElementCount && performance.now() - start < patience) await pause(5);
  globalThis.first ??= performance.now();
  await pause(50);
  const links = [...list.querySelectorAll(".md-search-result__link")].map((link) => new URL(link.href));
  return links.map((url) => url.origin + url.pathname + url.hash);
}"""


def build(target: Path) -> None:
    """The handbook as it is published."""
    make([sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(target)], ROOT)
    make([sys.executable, "-m", "handbook", "index", str(target)], ROOT)


def build_theme(project: Path) -> Path:
    """The handbook with the theme's own search, told about hyphens and to leave the notes out."""
    for name in ("docs", "overrides"):
        shutil.copytree(ROOT / name, project / name)
    (project / "overrides/partials/search.html").unlink()
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    tuned = "  - search:\n      lang: en\n      separator: '[\\s\\-,:!=\\[\\]()\"/]+'\n"
    lines = [tuned if line.startswith("  - search ") else line + "\n" for line in settings.splitlines()]
    (project / "mkdocs.yml").write_text("".join(lines), encoding="utf-8")
    make([sys.executable, "-m", "mkdocs", "build", "--quiet"], project)
    return project / "site"


def make(command: list[str], folder: Path) -> None:
    cache = {"HANDBOOK_CACHE": str(ROOT / ".cache"), "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=folder, env={**os.environ, **cache}, check=True)


def quality(page: Page, home: str, script: str, asked: list[Query]) -> Score:
    score = Score()
    page.goto(home)
    for query in asked:
        found = list(dict.fromkeys(url.removeprefix(home) for url in page.evaluate(script, query.text)))
        score.ranks.append(next((at for at, url in enumerate(found, 1) if url in query.answers), 0))
    return score


def first_query(chromium: Browser, home: str, script: str, link: dict | None) -> tuple[float, int]:
    """Milliseconds from the first touch to the first result, and the bytes of it, gzipped, with what the page needs."""
    page = chromium.new_page()
    sizes: list[int] = []
    page.goto(home, wait_until="networkidle" if "md-search__input" not in script else "commit")
    if link:
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", link)
    if "md-search__input" in script:  # fetches its index with the page: from there on it counts
        page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]) if "search" in r.url else None)
        page.reload(wait_until="commit")
        page.wait_for_selector(".md-search__input", state="attached")
        page.wait_for_load_state("load")
    else:
        page.on("response", lambda r: sizes.append(len(gzip.compress(r.body()))))
    start = page.evaluate("performance.now()") if "md-search__input" not in script else 0
    page.evaluate(script, TIMED[0])
    taken = page.evaluate("globalThis.first") - start
    page.wait_for_timeout(100)
    page.close()
    return taken, sum(sizes)


def next_query(page: Page, home: str, script: str) -> float:
    """Milliseconds of a query when all is loaded."""
    page.goto(home)
    page.evaluate(script, TIMED[0])
    taken = []
    for text in TIMED * 3:
        taken.append(
            page.evaluate(
                f"""async (text) => {{
              const start = performance.now(); delete globalThis.first;
              await ({script})(text); return globalThis.first - start; }}""",
                text,
            )
        )
    return statistics.median(taken)


def works_under_the_policy(chromium: Browser, site: Path, script: str) -> bool:
    with serve(site, headers={"Content-Security-Policy": POLICY}) as home:
        page = chromium.new_page()
        try:
            page.goto(home)
            return bool(page.evaluate(script, "perplexity"))
        except Exception:
            return False
        finally:
            page.close()


def main() -> None:
    asked = queries("tuned") + queries("untuned")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        build(site)
        whole = [
            {
                "id": number,
                "title": item.title,
                "text": item.text[0],
                "url": page.url + (f"#{item.anchor}" if item.anchor else ""),
            }
            for page in read(site)
            for number, item in enumerate(page.items, 1000 * len(page.url) + sum(map(ord, page.url)) * 100_000)
        ]
        (site / "whole.json").write_text(json.dumps(whole), encoding="utf-8")
        rivals: dict[str, tuple[Path, str]] = {"ours": (site, OURS), "MiniSearch alone": (site, MINISEARCH)}
        rivals["theme, tuned"] = (build_theme(Path(folder) / "theme"), THEME)
        if importlib.util.find_spec("pagefind_bin"):
            make(
                [sys.executable, "-m", "pagefind_bin", "--site", str(site), "--root-selector", "article", "--quiet"],
                ROOT,
            )
            rivals["Pagefind"] = (site, PAGEFIND)
        chromium = playwright.chromium.launch(executable_path=browser.get())
        print(f"{'':18}{'KB':>7}{'first ms':>10}{'next ms':>9}{'slow ms':>9}{'at 1':>7}{'at 3':>7}{'MRR':>7}  policy")
        ours: tuple[float, ...] | None = None
        for name, (built, script) in rivals.items():
            with serve(built) as home:
                page = chromium.new_page()
                score = quality(page, home, script, asked)
                following = next_query(page, home, script)
                page.close()
                first, size = first_query(chromium, home, script, None)
                slow, _ = first_query(chromium, home, script, SLOW)
            row = (size / 1000, first, following, slow)
            ours = ours or row
            policy = "holds" if works_under_the_policy(chromium, built, script) else "forbids it"
            mean = sum(1 / rank for rank in score.ranks if rank) / len(score.ranks)
            numbers = f"{row[0]:7.0f}{first:10.0f}{following:9.1f}{slow:9.0f}"
            print(f"{name:18}{numbers}{score.at(1):7.2f}{score.at(3):7.2f}{mean:7.2f}  {policy}")
            print(
                f"{'  times ours':18}"
                + "".join(f"{a / b:{w}.1f}" for a, b, w in zip(row, ours, (7, 10, 9, 9), strict=True))
            )
        chromium.close()


if __name__ == "__main__":
    main()
