"""The command `handbook`: `check` the chapters, `prepare` files before the site is built, `index` it afterwards."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from handbook.checks import rules
from handbook.markdown import diagrams, downloads
from handbook.search import index


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0 where all is well, 1 with findings, 2 where it could not check."""
    parser = argparse.ArgumentParser(prog="handbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check chapters: path:line of every fault, and how to mend it")
    check.add_argument("paths", nargs="*", type=Path, help="chapters (default: all)")
    commands.add_parser("prepare", help="write the downloads, and the library of the live diagram renderer")
    search = commands.add_parser("index", help="make the search index of a built site")
    search.add_argument("site", nargs="?", type=Path, default=Path("site"), help="the built site (default: site)")
    search.add_argument("target", nargs="?", type=Path, help="where to write it (default: search/ in the site)")
    options = parser.parse_args(arguments)
    if options.command == "prepare":
        diagrams.vendor(Path("docs/assets/vendor"))
        downloads.write(Path("docs"))
        return 0
    if options.command == "index":
        return _index(options.site, options.target or options.site / "search")
    return _check(options.paths or sorted(Path("docs/genai").glob("*.md")))


def _index(site: Path, target: Path) -> int:
    if not (site / "index.html").is_file():
        print(f"can't index: no built site in {site}", file=sys.stderr)
        return 2
    try:
        index.build(site, Path("docs/data/synonyms.yaml"), target)
    except index.SynonymError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(paths: list[Path]) -> int:
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        print(f"can't check: no such file: {', '.join(map(str, missing)) or 'docs/genai/*.md'}", file=sys.stderr)
        return 2
    findings = [finding for path in paths for finding in rules.check(path)]
    for finding in findings:
        print(finding)
    print(f"{len(paths)} chapters checked, {len(findings)} findings.", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
