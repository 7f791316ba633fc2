"""What a reader's first view costs: this handbook, hand-made pages, and other tools' sites with the same chapters.

    .venv/bin/python benchmarks/reader.py [CHAPTER]

Builds all of them, serves them gzipped, and shows each in Chromium as a slow phone would: 1.6 Mbit/s, 150 ms to the
server and back, a processor four times slower. Prints a Markdown table of medians of seven runs, taken in turn.

Furo and Starlight get each chapter's finished article as HTML, so that they differ in the frame alone. They are fetched
from the package registries into a temporary folder; a tool that can't be had is left out, and said to be.
"""

from __future__ import annotations

import json
import os
import re
import shutil
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

from handbook.lighten import lighten  # noqa: E402

RUNS = 7
FURO = ["furo==2025.12.19", "myst-parser==5.2.0"]
STARLIGHT = {"astro": "7.3.5", "@astrojs/starlight": "0.42.4", "node": "22"}
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
# Nothing but a few rules of style: about the least that a readable page can be.
HAND_STYLE = """body{max-width:34em;margin:1em auto;padding:0 1em;font:18px/1.6 Georgia,serif}svg{max-width:100%;height:auto}
table{border-collapse:collapse;display:block;overflow-x:auto}pre{overflow-x:auto}td,th{padding:.4em;text-align:left}"""
HAND_MADE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title><link rel="icon" href="data:,">
{style}{article}</html>"""
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


def chapters(site: Path) -> dict[str, tuple[str, str]]:
    """Return the title and the finished article of every chapter of a built handbook, by its folder's name."""
    found = {}
    for page in sorted(site.glob("genai/*/index.html")):
        html = page.read_text(encoding="utf-8")
        title = re.search(r"<title>(.*?)(?: - [^<]*)?</title>", html, re.DOTALL)[1]
        found[page.parent.name] = title, re.search(r"<article.*?</article>", html, re.DOTALL)[0]
    return found


def one_block(article: str) -> str:
    """Return an article as one block of HTML to Markdown, which a blank line would end; without its title."""
    article = re.sub(r"<h1.*?</h1>", "", article, count=1, flags=re.DOTALL)
    article = re.sub(r"<pre.*?</pre>", lambda code: code[0].replace("\n", "&#10;"), article, flags=re.DOTALL)
    return re.sub(r"\n\s*", "\n", f"<div>{article}</div>")


def hand_made(title: str, article: str, target: Path, *, style_in_a_file: bool) -> None:
    target.mkdir(parents=True)
    style = f"<style>{HAND_STYLE}</style>"
    if style_in_a_file:
        (target / "style.css").write_text(HAND_STYLE, encoding="utf-8")
        style = '<link rel="stylesheet" href="style.css">'
    page = HAND_MADE.format(title=title, style=style, article=article)
    (target / "index.html").write_text(page, encoding="utf-8")


def furo(book: dict[str, tuple[str, str]], work: Path, target: Path) -> None:
    """Build the chapters with Sphinx and its theme Furo."""
    subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
    python = work / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *FURO], check=True, stderr=subprocess.DEVNULL)
    docs = work / "docs"
    (docs / "genai").mkdir(parents=True)
    (docs / "conf.py").write_text("project = 'Handbook'\nextensions = ['myst_parser']\nhtml_theme = 'furo'\n")
    (docs / "index.md").write_text("# Handbook\n\n```{toctree}\n:glob:\ngenai/*\n```\n")
    for name, (title, article) in book.items():
        text = f"# {title}\n\n{one_block(article)}\n"
        (docs / f"genai/{name}.md").write_text(text, encoding="utf-8")
    subprocess.run([python, "-m", "sphinx", "-q", "-b", "dirhtml", docs, target], check=True)


def starlight(book: dict[str, tuple[str, str]], work: Path, target: Path) -> None:
    """Build the chapters with Astro and its theme Starlight, served below the folder's own name."""
    docs = work / "src/content/docs"
    (docs / "genai").mkdir(parents=True)
    (work / "package.json").write_text(json.dumps({"type": "module", "dependencies": STARLIGHT}), encoding="utf-8")
    (work / "astro.config.mjs").write_text(
        "import { defineConfig } from 'astro/config';\nimport starlight from '@astrojs/starlight';\n"
        f"export default defineConfig({{ base: '/{target.name}', outDir: {json.dumps(str(target))}, integrations: ["
        "starlight({ title: 'Handbook', sidebar: [{ label: 'Chapters', items: [{ autogenerate: { directory: 'genai' } }] }] })] });\n",
        encoding="utf-8",
    )
    (work / "src/content.config.ts").write_text(
        "import { defineCollection } from 'astro:content';\nimport { docsLoader } from '@astrojs/starlight/loaders';\n"
        "import { docsSchema } from '@astrojs/starlight/schema';\n"
        "export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };\n",
        encoding="utf-8",
    )
    (docs / "index.md").write_text("---\ntitle: Handbook\n---\n", encoding="utf-8")
    for name, (title, article) in book.items():
        text = f"---\ntitle: {json.dumps(title)}\n---\n\n{one_block(article)}\n"
        (docs / f"genai/{name}.md").write_text(text, encoding="utf-8")
    install = [shutil.which("npm") or "npm", "install", "--no-audit", "--no-fund"]
    make = [work / "node_modules/.bin/node", work / "node_modules/astro/bin/astro.mjs", "build"]
    for command in (install, make):
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


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
    page.wait_for_function("seen.largest > 0")
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
        folder, work = Path(name) / "sites", Path(name) / "work"
        build(folder / "ours")
        lighten(folder / "ours")
        work.mkdir()
        build(folder / "stock", stock_material(work))
        book = chapters(folder / "ours")
        hand_made(*book[chapter], folder / "hand" / path, style_in_a_file=False)
        hand_made(*book[chapter], folder / "hand-file" / path, style_in_a_file=True)
        names = {
            "hand": "Hand-made page, style in the page",
            "hand-file": "Hand-made page, style in a file",
            "ours": "This handbook",
        }
        for key, label, make in (("furo", "Sphinx with Furo", furo), ("starlight", "Astro Starlight", starlight)):
            try:
                make(book, work / key, folder / key)
                names[key] = label
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"{label} is left out: {error}", file=sys.stderr)
        names["stock"] = "Stock Material"
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
