"""What a reader waits for: the first view and the next page, here, in hand-made pages, and in other tools' sites.

    .venv/bin/python benchmarks/reader.py

Builds all of them with the same chapters, serves them gzipped over a slow link (1.6 Mbit/s, 150 ms to the server and
back), and shows them in Chromium in turn. Prints two Markdown tables of medians of five runs; takes about ten minutes.

The first view is a phone's: a small screen, and a processor four times slower. The next page is a desk's, where there is
a pointer: it moves onto a link, rests, and clicks, and Chromium tells when it painted the new page's first heading, which
the attribute `elementtiming` asks it. Nothing is clicked before the link is still.

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
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import browser as browser_finder  # noqa: E402
from slow_link import Link, slow_link  # noqa: E402
from static_server import serve  # noqa: E402
from tab import Chromium, chromium  # noqa: E402

from handbook.lighten import lighten  # noqa: E402

RUNS = 5
CHAPTER, BESIDE = "how-it-works", "ai-landscape"  # the chapter that is read, and another that the navigation lists
HOVERS = {"Beside, after 100 ms": 0.1, "Beside, after 250 ms": 0.25, "Next, after 250 ms": 0.25}  # seconds of rest
PHONE = {"width": 412, "height": 823, "deviceScaleFactor": 1.75, "mobile": True}
STILL = 0.7  # seconds in which nothing passes the link
# The link to the next page at the end of ours, of hand-made pages, and in Furo, Starlight and Material.
NEXT = ".turn [rel=next], a.next, a.next-page, .pagination-links [rel=next], a.md-footer__link--next"
FURO = ["furo==2025.12.19", "myst-parser==5.2.0"]
STARLIGHT = {"astro": "7.3.5", "@astrojs/starlight": "0.42.4", "node": "22"}
# Nothing but a few rules of style: about the least that a readable page can be.
HAND_STYLE = """body{max-width:34em;margin:1em auto;padding:0 1em;font:18px/1.6 Georgia,serif}svg{max-width:100%;height:auto}
table{border-collapse:collapse;display:block;overflow-x:auto}pre{overflow-x:auto}td,th{padding:.4em;text-align:left}"""
HAND_MADE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title><link rel="icon" href="data:,">
{style}<nav>{contents}</nav>{article}<p><a class="next" href="../{following}/">Next</a></p>
<script type="speculationrules">{{"prerender":[{{"where":{{"href_matches":"/*"}},"eagerness":"eager"}}]}}</script></html>"""
WATCH = """
window.seen = { largest: 0, shift: 0, blocked: 0 };
const watch = (type, use) =>
  new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ type, buffered: true });
watch("largest-contentful-paint", (entry) => (seen.largest = entry.startTime));
watch("layout-shift", (entry) => (seen.shift += entry.value));
watch("longtask", (entry) => (seen.blocked += entry.duration - 50));
"""
# Scrolls to a link, and tells where it is.
FIND = """new Promise((resolve) => {
  const isThere = (link) => link.checkVisibility() && link.getBoundingClientRect().x >= 0;
  const link = [...document.querySelectorAll(%s)].find((each) => each.pathname.endsWith(%s) && isThere(each));
  link?.scrollIntoView({ block: "center", behavior: "instant" });
  setTimeout(() => {
    const { x, y, width, height } = link?.getBoundingClientRect() ?? {};
    resolve(link && [x + Math.min(width / 2, 60), y + height / 2, link.pathname]);
  }, 400);
})"""
# Tells when the heading was painted on the page that came (ms since 1970), and whether that page was drawn ahead.
PAINTED = """location.pathname === %s && new Promise((resolve) => {
  const [{ activationStart }] = performance.getEntriesByType("navigation");
  const paints = (list) => list.getEntries().map((entry) => performance.timeOrigin + entry.renderTime);
  const tell = (list) => {
    const painted = paints(list).find((paint) => paint > %f);
    if (painted) resolve({ painted, ahead: activationStart > 0 });
  };
  new PerformanceObserver(tell).observe({ type: "element", buffered: true });
  setTimeout(resolve, 1000);
})"""


def build(target: Path, config: Path | None = None) -> None:
    """Build the handbook with its own configuration or with another one."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(target)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run(command + (["--config-file", str(config)] if config else []), cwd=ROOT, env=environment, check=True)


def material(folder: Path, address: str | None = None) -> Path:
    """Write a configuration as a newcomer to Material would: its defaults, our Markdown; with an address, its prefetch."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    markdown = text[text.index("markdown_extensions:") : text.index("# ── Contents")]
    nav = text[text.index("nav:") : text.index("# ── Checks")]
    theme = "theme: material\n"
    if address:
        features = "navigation.instant, navigation.instant.prefetch, navigation.footer"
        theme = f"site_url: {address}\ntheme:\n  name: material\n  features: [{features}]\n"
    config = folder / ("instant.yml" if address else "stock.yml")
    site = f"site_name: Stock\ndocs_dir: {ROOT / 'docs'}\n{theme}plugins: [search]\n"
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


def hand_made(book: dict[str, tuple[str, str]], target: Path, *, style_in_a_file: bool) -> None:
    style = f"<style>{HAND_STYLE}</style>"
    if style_in_a_file:
        target.mkdir()
        (target / "style.css").write_text(HAND_STYLE, encoding="utf-8")
        style = '<link rel="stylesheet" href="../../style.css">'
    contents = "".join(f'<a href="../{name}/">{title}</a>\n' for name, (title, _) in book.items())
    names = list(book)
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        folder = target / "genai" / name
        folder.mkdir(parents=True)
        title, article = book[name]
        page = HAND_MADE.format(title=title, style=style, contents=contents, article=article, following=following)
        (folder / "index.html").write_text(page, encoding="utf-8")


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


def ask_for_headings(folder: Path) -> None:
    """Make the browser tell when it paints a page's first heading."""
    for file in folder.rglob("*.html"):
        page = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"<h1\b", '<h1 elementtiming="heading"', page), encoding="utf-8")


def view(browser: Chromium, link: Link, url: str) -> dict[str, float]:
    """Show one page once, in a fresh profile, and say what it cost."""
    with browser.tab() as tab:
        tab.send("Page.enable")
        tab.send("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        tab.send("Emulation.setDeviceMetricsOverride", **PHONE)
        tab.send("Emulation.setCPUThrottlingRate", rate=4)
        tab.open(url)
        link.wait_until_still(STILL)
        tab.wait_for("window.seen?.largest > 0")
        sizes = [params["encodedDataLength"] for method, params in tab.events if method == "Network.loadingFinished"]
        first = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
        return {"KB": sum(sizes) / 1000, "requests": len(sizes), **tab.evaluate(f"({{ ...seen, first: {first} }})")}


def follow(browser: Chromium, link: Link, url: str, *, beside: bool, rest: float) -> tuple[float, bool] | None:
    """Go to another chapter; return the time from the click to its heading in ms, and whether it was drawn ahead."""
    with browser.tab() as tab:
        tab.open(f"{url}genai/{CHAPTER}/")
        link.wait_until_still(STILL)
        where = tab.evaluate(FIND % (json.dumps("a" if beside else NEXT), json.dumps(f"/{BESIDE}/" if beside else "")))
        if not where:
            return None
        x, y, path = where
        link.wait_until_still(STILL)
        tab.mouse("mouseMoved", x - 150, y + 150)
        time.sleep(0.1)
        tab.mouse("mouseMoved", x, y)
        time.sleep(rest)
        click = time.time() * 1000
        tab.mouse("mousePressed", x, y)
        tab.mouse("mouseReleased", x, y)
        seen = tab.wait_for(PAINTED % (json.dumps(path), click))
        return seen["painted"] - click, seen["ahead"]


def table(title: str, columns: list[str], rows: dict[str, list[str]]) -> None:
    print(f"| {' | '.join([title, *columns])} |\n| --- |{' --: |' * len(columns)}")
    for label, cells in rows.items():
        print(f"| {' | '.join([label, *cells])} |")
    print()


def build_all(folder: Path, work: Path, url: str) -> dict[str, str]:
    """Build every site into a folder of its own; return their names in the tables."""
    names = {
        "hand": "Hand-made page, style in the page",
        "hand-file": "Hand-made page, style in a file",
        "ours": "This handbook",
    }
    build(folder / "ours")
    lighten(folder / "ours")
    book = chapters(folder / "ours")
    hand_made(book, folder / "hand", style_in_a_file=False)
    hand_made(book, folder / "hand-file", style_in_a_file=True)
    for key, label, make in (("furo", "Sphinx with Furo", furo), ("starlight", "Astro Starlight", starlight)):
        try:
            make(book, work / key, folder / key)
            names[key] = label
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{label} is left out: {error}", file=sys.stderr)
    build(folder / "stock", material(work))
    build(folder / "instant", material(work, f"{url}instant/"))
    ask_for_headings(folder)
    return names | {"stock": "Stock Material", "instant": "Material, instant and prefetching"}


def main() -> None:
    views: dict[str, list[dict[str, float]]] = {}
    waits: dict[str, dict[str, list[tuple[float, bool]]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, work = Path(name) / "sites", Path(name) / "work"
        folder.mkdir()
        work.mkdir()
        # Hosts let a browser keep what it has fetched for the next page.
        with serve(folder, headers={"Cache-Control": "max-age=600"}) as near, slow_link(near) as (url, link):
            names = build_all(folder, work, url)
            with chromium(browser_finder.get()) as browser:
                for _ in range(RUNS):
                    for key, label in names.items():
                        views.setdefault(label, []).append(view(browser, link, f"{url}{key}/genai/{CHAPTER}/"))
                        for hover, rest in HOVERS.items():
                            beside = hover.startswith("Beside")
                            if wait := follow(browser, link, f"{url}{key}/", beside=beside, rest=rest):
                                waits.setdefault(label, {}).setdefault(hover, []).append(wait)
    rows = {}
    for label, runs in views.items():
        median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        whole = [f"{median[key]:,.0f}" for key in ("requests", "first", "largest", "blocked")]
        rows[label] = [f"{median['KB']:.1f}", *whole, f"{median['shift']:.3f}"]
    columns = ["KB", "Requests", "First paint, ms", "Largest paint, ms", "Blocked, ms", "Layout shift"]
    table("First view", columns, rows)
    rows = {}
    for label, hovers in waits.items():
        every = [hovers.get(hover, []) for hover in HOVERS]
        cells = [f"{statistics.median(wait for wait, _ in each):,.0f}" if each else "no link" for each in every]
        ahead = [ahead for each in every for _, ahead in each]
        rows[label] = [*cells, f"{sum(ahead)} of {len(ahead)}"]
    table("From the click to the heading, ms", [*HOVERS, "Drawn ahead"], rows)


if __name__ == "__main__":
    main()
