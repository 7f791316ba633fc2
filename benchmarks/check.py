"""How fast the gate is, as ratios within one run: python benchmarks/check.py [CHAPTERS]

- source checks over generated chapters, against one `mkdocs build` of the same (aim: under a tenth)
- links of the built site in a second (aim: 20,000)
- one changed chapter from a cold start (aim: under two seconds)

The checks use every core and the build uses one: so the ratio is told by the clock and by the processors' time.
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
        text = text.replace("```python\n", f"```python\n# Copy {number}.\n")  # no sample is known from another
        (root / f"docs/genai/{source.stem}-{number}.md").write_text(text, encoding="utf-8")
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    start, end = config.index("nav:\n"), config.index("# ── Checks")
    (root / "mkdocs.yml").write_text(config[:start] + config[end:], encoding="utf-8")


def run(command: list[str], cwd: Path) -> tuple[float, float, str]:
    """Seconds by the clock, seconds of the processors, and what was said; ends everything where it fails."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-500:]}{done.stderr[-500:]}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr.strip()[-80:]


def peak() -> int:
    """The most memory that a child took, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        generate(root, count)
        # Drawn once, as both sides find them: a diagram is drawn when it changes.
        shutil.copytree(ROOT / ".cache/diagrams", root / ".cache/diagrams")
        handbook = [sys.executable, "-m", "handbook", "check"]
        cold, _, _ = run([*handbook, "docs/genai/types.md"], root)
        print(f"one chapter, cold: {cold:.2f} s, peak {peak()} MB", flush=True)
        # What is generated is in no navigation, and was never published.
        left_out = ["--ignore", "NAV002,PERM"]
        times = {
            "rules alone": run([*handbook, *left_out, "--ignore", "CODE007"], root),
            "with the samples run": run([*handbook, *left_out], root),
            "with the samples remembered": run([*handbook, *left_out], root),
        }
        print(f"peak of the checks: {peak()} MB", flush=True)
        built, processors, _ = run([sys.executable, "-m", "mkdocs", "build", "--quiet", "--no-strict"], root)
        print(f"mkdocs build of {count} chapters: {built:.0f} s, {processors:.0f} s of processors")
        for name, (seconds, busy, said) in times.items():
            ratio = f"{seconds / built:.3f} of the build by the clock, {busy / processors:.3f} by processors"
            print(f"source checks, {name}: {seconds:.1f} s, {busy:.1f} s of processors: {ratio} ({said})", flush=True)
        start = time.process_time()
        site = site_links.BuiltSite(root / "site")
        links = sum(not site.fault(document, url) for document in site.documents.values() for url in document.links)
        seconds = time.process_time() - start
        print(f"links of the built site: {links}, distinct by page, in {seconds:.1f} s: {links / seconds:.0f} a second")


if __name__ == "__main__":
    main()
