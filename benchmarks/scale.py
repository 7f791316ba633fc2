"""How building grows with the handbook: python benchmarks/scale.py [CHAPTERS ...]

Builds handbooks of 30, 300 and 1,000 chapters, copies of ours in parts of twelve, and the same chapters with stock
Material and our Markdown extensions. Prints a Markdown table of processor time (other programs disturb it least) and
time by the clock, of what is written, and of what a first view of one chapter takes but for what all pages share; then
the same of the preview, in a browser: from the start to the first page, and from a save to the new text. The machine's
load is printed as well, for the clock is worth little on a busy one. Takes some minutes.
"""

from __future__ import annotations

import gzip
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests")]

import browser  # noqa: E402 (from tests/)

PART = 12  # chapters
SAVES = 9
STOCK_UP_TO = 300  # chapters: stock Material's time grows with their square


def generate(root: Path, count: int) -> None:
    """Write a project with so many chapters: ours, and numbered copies that require each other as ours do."""
    shutil.copytree(ROOT / "docs", root / "docs")
    shutil.copytree(ROOT / "overrides", root / "overrides")
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/genai").glob("*.md"))}
    names = list(sources)
    for number in range(count - len(sources)):
        name, turn = list(sources)[number % len(sources)], number // len(sources) + 2
        text = sources[name].replace("\n# ", f"\n# {turn}: ", 1)
        requires = re.search(r"^requires: \[(.*)\]", text, re.MULTILINE)
        text = text.replace(requires[0], _numbered(requires[1], turn), 1)
        names.append(f"{name}-{turn}")
        (root / f"docs/genai/{name}-{turn}.md").write_text(text, encoding="utf-8")
    parts = [names[start : start + PART] for start in range(0, len(names), PART)]
    lines = ["nav:", "  - index.md"]
    for number, part in enumerate(parts, start=1):
        lines += [f"  - Part {number}:", *(f"      - genai/{name}.md" for name in part)]
    others = ["glossary", "references", "sources", "contributing", "checks"]
    nav = "\n".join([*lines, "  - Reference:", *(f"      - {name}.md" for name in others), ""])
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    start, end = config.index("nav:\n"), config.index("# ── Checks")
    (root / "mkdocs.yml").write_text(config[:start] + nav + config[end:], encoding="utf-8")
    markdown = config[config.index("markdown_extensions:") : config.index("# ── Contents")]
    stock = f"site_name: Stock\ntheme: material\nplugins: [search]\n{markdown}\n{nav}"
    (root / "stock.yml").write_text(stock, encoding="utf-8")


def _numbered(slugs: str, turn: int) -> str:
    return "requires: [" + ", ".join(f"{slug.strip()}-{turn}" for slug in slugs.split(",") if slug.strip()) + "]"


ENVIRONMENT = {
    **os.environ,
    "HANDBOOK_CACHE": str(ROOT / ".cache"),
    "NO_MKDOCS_2_WARNING": "1",
    "PYTHONPATH": str(ROOT),
}


def seconds(command: list[str], root: Path) -> str:
    """Run a command and return the time that it took, of the processors and by the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([sys.executable, "-m", *command], cwd=root, env=ENVIRONMENT, check=True)
    after, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    return f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.1f} ({clock:.1f})"


def preview(root: Path) -> tuple[float, float, float]:
    """Return the seconds from the start to the first page, and the median and the longest from a save to its text.

    The search is made meanwhile, as when somebody writes.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, source = f"http://127.0.0.1:{port}/genai/types/", root / "docs/genai/types.md"
    text = source.read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=browser.get()).new_page(bypass_csp=True)
        page.set_default_timeout(600_000)
        start, times = time.monotonic(), []
        command = [sys.executable, "-m", "handbook", "preview", "--no-open", "--port", str(port)]
        running = subprocess.Popen(command, cwd=root, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    page.goto(address)
                    break
                except Error:
                    time.sleep(0.05)  # the port is not open yet
            page.wait_for_selector(".chapter-facts")
            first = time.monotonic() - start
            for number in range(SAVES):
                time.sleep(2)
                saved = time.monotonic()
                source.write_text(f"{text}\nSaved {number} times.\n", encoding="utf-8")
                page.wait_for_function(f"document.body?.textContent.includes('Saved {number} times.')", polling=20)
                times.append(time.monotonic() - saved)
        finally:
            running.terminate()
            running.wait()
    return first, statistics.median(times), max(times)


def written(site: Path) -> tuple[float, int]:
    """Return the size of the pages and the search in MB, and of one chapter's HTML under gzip, in bytes."""
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file() and file.suffix in (".html", ".json"))
    return size / 1e6, len(gzip.compress((site / "genai/how-it-works/index.html").read_bytes(), 6))


def main() -> None:
    counts = [int(each) for each in sys.argv[1:]] or [30, 300, 1000]
    print(
        "| Chapters | Built, s | Indexed, s | Stock Material, s | Pages and search, MB | Stock's, MB | A chapter, bytes |"
    )
    print("| --: |" + " --: |" * 6)
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            generate(root, count)
            ours = seconds(["handbook", "build"], root)
            indexed = seconds(["handbook", "index", "site"], root)
            size, chapter = written(root / "site")
            stock, stock_size = "not run", "not run"
            if count <= STOCK_UP_TO:
                quiet = ["mkdocs", "build", "--quiet", "--no-strict"]
                stock = seconds([*quiet, "--config-file", "stock.yml", "--site-dir", "stock"], root)
                stock_size = f"{written(root / 'stock')[0]:.1f}"
            print(
                f"| {count} | {ours} | {indexed} | {stock} | {size:.1f} | {stock_size} | {chapter} |",
                flush=True,
            )
            first, median, longest = preview(root)
            print(
                f"The preview of {count}: {first:.1f} s to the first page, {median:.1f} s to a saved text, "
                f"{longest:.1f} at most; load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores.",
                flush=True,
            )


if __name__ == "__main__":
    main()
