"""How fast the gate is, as ratios within one run: python benchmarks/check.py [CHAPTERS]

- source checks over generated chapters, against one `mkdocs build` of the same (aim: under a tenth)
- links of the built site in a second (aim: 20,000)
- one changed chapter from a cold start (aim: under two seconds)
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from handbook.checks import site_links

ROOT = Path(__file__).parent.parent


def generate(root: Path, count: int) -> None:
    """Copies of our chapters, each with its own title, in a site with our configuration."""
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("published.txt"))
    shutil.copytree(ROOT / "overrides", root / "overrides")
    shutil.copy(ROOT / "pyproject.toml", root)
    sources = sorted((ROOT / "docs/genai").glob("*.md"))
    for number in range(count - len(sources)):
        source = sources[number % len(sources)]
        text = source.read_text(encoding="utf-8").replace("\n# ", f"\n# {number}: ", 1)
        (root / f"docs/genai/{source.stem}-{number}.md").write_text(text, encoding="utf-8")
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    start, end = config.index("nav:\n"), config.index("# ── Checks")
    (root / "mkdocs.yml").write_text(config[:start] + "plugins: [search]\n" * 0 + config[end:], encoding="utf-8")


def run(command: list[str], cwd: Path) -> tuple[float, int, str]:
    """Seconds, exit code and what was said."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return time.perf_counter() - start, done.returncode, done.stderr[-300:]


def peak() -> int:
    """The most memory that a child took, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        generate(root, count)
        # Drawn once, as both sides find them: a diagram is drawn when it changes.
        shutil.copytree(ROOT / ".cache", root / ".cache", dirs_exist_ok=True)
        handbook = [sys.executable, "-m", "handbook"]
        cold, code, said = run([*handbook, "check", "docs/genai/types.md"], root)
        print(f"one chapter, cold: {cold:.2f} s (exit {code}), peak {peak()} MB")
        checked, code, said = run([*handbook, "check", "--ignore", "NAV002"], root)
        print(
            f"source checks of {count} chapters: {checked:.1f} s (exit {code}), peak {peak()} MB: {said.strip()[-80:]}"
        )
        alone, code, _ = run([*handbook, "check", "--ignore", "NAV002,CODE007"], root)
        print(f"the same without running the Python samples: {alone:.1f} s (exit {code})")
        built, code, said = run([sys.executable, "-m", "mkdocs", "build", "--quiet", "--no-strict"], root)
        print(f"mkdocs build of the same: {built:.1f} s (exit {code}) {said.strip()[-200:] if code else ''}")
        print(f"ratio: {alone / built:.3f}, and {checked / built:.3f} with the samples run (aim: under 0.1)")
        start = time.perf_counter()
        site = site_links.BuiltSite(root / "site")
        links = sum(
            1 for document in site.documents.values() for url in document.links if not site.fault(document, url)
        )
        seconds = time.perf_counter() - start
        print(
            f"links of the built site: {links} distinct by page in {seconds:.1f} s, {links / seconds:.0f} a second (aim: 20000)"
        )


if __name__ == "__main__":
    main()
