"""What a reader's first view costs: this handbook, stock Material and a hand-made page, with the same chapters.

    .venv/bin/python benchmarks/reader.py [CHAPTER]

Builds all three, serves them gzipped, and shows each in Chromium as a slow phone would: 1.6 Mbit/s, 150 ms to the
server and back, a processor four times slower. Prints a Markdown table of medians of five runs. Takes about a minute.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import browser as browser_finder  # noqa: E402
from static_server import serve  # noqa: E402

RUNS = 5
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
# One style sheet in the page, nothing else: about the least that a readable page can be.
HAND_MADE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{max-width:34em;margin:1em auto;padding:0 1em;font:18px/1.6 Georgia,serif}}svg{{max-width:100%;height:auto}}
table{{border-collapse:collapse;display:block;overflow-x:auto}}pre{{overflow-x:auto}}td,th{{padding:.4em;text-align:left}}
</style>{article}</html>"""
WATCH = """
window.seen = { largest: 0, shift: 0, blocked: 0 };
const watch = (type, use) =>
  new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ type, buffered: true });
watch("largest-contentful-paint", (entry) => (seen.largest = entry.startTime));
watch("layout-shift", (entry) => (seen.shift += entry.value));
watch("longtask", (entry) => (seen.blocked += entry.duration - 50));
"""


def build(target: Path, config: Path | None = None) -> None:
    """Build the handbook with its own configuration or with another one."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(target)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run(command + (["--config-file", str(config)] if config else []), cwd=ROOT, env=environment, check=True)


def stock_material(folder: Path) -> Path:
    """Write a configuration as a newcomer to Material would: its defaults, our Markdown."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    markdown = text[text.index("markdown_extensions:") : text.index("# ── Contents")]
    nav = text[text.index("nav:") : text.index("# ── Checks")]
    site = f"site_name: Stock\ndocs_dir: {ROOT / 'docs'}\ntheme: material\nplugins: [search]\n"
    config = folder / "stock.yml"
    config.write_text(f"{site}{markdown}\n{nav}", encoding="utf-8")
    return config


def hand_made(page: Path, target: Path) -> None:
    html = page.read_text(encoding="utf-8")
    article = re.search(r"<article.*?</article>", html, re.DOTALL)[0]
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1]
    target.mkdir(parents=True)
    (target / "index.html").write_text(HAND_MADE.format(title=title, article=article), encoding="utf-8")


def view(browser: Browser, url: str) -> dict[str, float]:
    """Show one page once, in a fresh profile, and say what it cost."""
    context = browser.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75)
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(300)
    first = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    seen = page.evaluate(f"({{ ...seen, first: {first} }})")
    context.close()
    return {"KB": sum(sizes) / 1000, "requests": len(sizes), **seen}


def main() -> None:
    chapter = sys.argv[1] if len(sys.argv) > 1 else "how-it-works"
    path = f"genai/{chapter}/"
    rows: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        build(folder / "ours")
        build(folder / "stock", stock_material(folder))
        hand_made(folder / "ours" / path / "index.html", folder / "hand" / path)
        names = {"hand": "Hand-made page", "ours": "This handbook", "stock": "Stock Material"}
        browser = playwright.chromium.launch(executable_path=browser_finder.get())
        with serve(folder) as url:
            for _ in range(RUNS):
                for key, label in names.items():
                    rows.setdefault(label, []).append(view(browser, f"{url}{key}/{path}"))
        browser.close()
    columns = ["First view", "KB", "Requests", "First paint, ms", "Largest paint, ms", "Blocked, ms", "Layout shift"]
    print(f"| {' | '.join(columns)} |\n| --- |{' --: |' * 6}")
    for label, runs in rows.items():
        median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"| {label} | {median['KB']:.1f} | {median['requests']:.0f} | {median['first']:.0f} | "
            f"{median['largest']:.0f} | {median['blocked']:.0f} | {median['shift']:.3f} |"
        )


if __name__ == "__main__":
    main()
