"""How building grows with the handbook: python benchmarks/scale.py [CHAPTERS ...]

Builds handbooks of 30, 300 and 1,000 chapters, copies of ours in parts of twelve, and the same chapters with stock
Material and our Markdown extensions. Prints a Markdown table of processor time (other programs disturb it least), of
what is written, and of what a first view of one chapter takes but for what all pages share. Takes some minutes.
"""

from __future__ import annotations

import gzip
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PART = 12  # chapters
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


def seconds(command: list[str], root: Path) -> float:
    """Run a command and return the processor time that it took."""
    cache = {"HANDBOOK_CACHE": str(ROOT / ".cache"), "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", *command], cwd=root, env={**os.environ, **cache}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
            quiet = ["mkdocs", "build", "--quiet", "--no-strict"]
            ours = seconds(quiet, root)
            indexed = seconds(["handbook", "index", "site"], root)
            size, chapter = written(root / "site")
            stock, stock_size = "not run", "not run"
            if count <= STOCK_UP_TO:
                stock = f"{seconds([*quiet, '--config-file', 'stock.yml', '--site-dir', 'stock'], root):.1f}"
                stock_size = f"{written(root / 'stock')[0]:.1f}"
            print(
                f"| {count} | {ours:.1f} | {indexed:.1f} | {stock} | {size:.1f} | {stock_size} | {chapter} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
