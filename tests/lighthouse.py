"""Ask Lighthouse about the pages of a built site: `python tests/lighthouse.py [SITE] [--pages PATH …] [--runs N]`.

Lighthouse shows each page as a phone on a slow link would. A page passes if accessibility, best practices and SEO are
100 in every run, and if the medians of the runs are 100 for performance, less than 50 ms of blocked time and no layout
shift: a busy machine spoils a run, but not most of them.

`make lighthouse` installs it first; another one is named by its path in HANDBOOK_LIGHTHOUSE. Exit code 0: every page
passes; 1: one does not; 2: it could not be told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import browser as browser_finder
from static_server import serve

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
BLOCKED = 50  # ms
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def command() -> str | None:
    """Where Lighthouse is."""
    return os.environ.get("HANDBOOK_LIGHTHOUSE") or shutil.which("lighthouse")


def report(lighthouse: str, url: str) -> dict[str, Any]:
    """Return what Lighthouse says of a page."""
    categories = f"--only-categories={','.join(CATEGORIES)}"
    asked = [lighthouse, url, categories, "--output=json", "--quiet", f"--chrome-flags={FLAGS}"]
    environment = {**os.environ, "CHROME_PATH": browser_finder.get()}
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{url}: Lighthouse ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    read = json.loads(done.stdout)
    if "runtimeError" in read:
        raise RuntimeError(f"{url}: {read['runtimeError']['message']}")
    return read


def judge(reports: list[dict[str, Any]]) -> tuple[str, bool]:
    """Return what the runs say of one page, and whether it passes."""
    scores = {name: [round(100 * each["categories"][name]["score"]) for each in reports] for name in CATEGORIES}
    told = {name: statistics.median(seen) if name == "performance" else min(seen) for name, seen in scores.items()}
    blocked, shift = (
        statistics.median(each["audits"][audit]["numericValue"] for each in reports)
        for audit in ("total-blocking-time", "cumulative-layout-shift")
    )
    largest = statistics.median(each["audits"]["largest-contentful-paint"]["numericValue"] for each in reports)
    failing = sorted({audit for each in reports for name in CATEGORIES for audit in failed(each, name)})
    passes = min(told.values()) == 100 and blocked < BLOCKED and shift == 0
    line = ", ".join(f"{name} {score:g}" for name, score in told.items())
    line += f"; largest paint {largest:.0f} ms, blocked {blocked:.0f} ms, layout shift {shift:.3g}"
    return line + (f"; failing: {', '.join(failing)}" if failing and not passes else ""), passes


def failed(read: dict[str, Any], category: str) -> list[str]:
    """The audits that cost a category points."""
    audits = read["audits"]
    counted = [each["id"] for each in read["categories"][category]["auditRefs"] if each["weight"]]
    return [name for name in counted if audits[name]["score"] is not None and audits[name]["score"] < 1]


def paths(site: Path) -> list[str]:
    """The paths of all pages but the one that says that there is none."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("index.html"))
    return [path.removesuffix("index.html") for path in found]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path, nargs="?", default=Path("site"))
    parser.add_argument("--pages", nargs="+", help="paths below the site; all pages if left out")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    lighthouse = command()
    if not lighthouse:
        print("Lighthouse is missing: `make lighthouse` installs it", file=sys.stderr)
        return 2
    if not (options.site / "index.html").is_file():
        print(f"no built site in {options.site}", file=sys.stderr)
        return 2
    passed = []
    with serve(options.site, headers={"Cache-Control": "max-age=600"}) as url:
        for path in options.pages or paths(options.site):
            try:
                line, passes = judge([report(lighthouse, url + path) for _ in range(options.runs)])
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(error, file=sys.stderr)
                return 2
            print(f"{path or 'index'}: {line}", flush=True)
            passed.append(passes)
    print(f"{len(passed)} pages, {passed.count(False)} below.", file=sys.stderr)
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
