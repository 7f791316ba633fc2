"""The command `handbook`: `check` the chapters, `prepare` the files that are made before the site is built."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from handbook.checks import rules
from handbook.markdown import diagrams, downloads


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0 where all is well, 1 with findings, 2 where it could not check."""
    parser = argparse.ArgumentParser(prog="handbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check chapters: path:line of every fault, and how to mend it")
    check.add_argument("paths", nargs="*", type=Path, help="chapters (default: all)")
    commands.add_parser("prepare", help="write the downloads, and the library of the live diagram renderer")
    editions = commands.add_parser("editions", help="make the PDF, the EPUB, the zip and the Markdown of a built site")
    editions.add_argument("site", nargs="?", type=Path, default=Path("site"), help="the built site (default: site)")
    editions.add_argument("--browser", required=True, help="the Chromium or Chrome that sets the PDF")
    options = parser.parse_args(arguments)
    if options.command == "prepare":
        diagrams.vendor(Path("docs/assets/vendor"))
        downloads.write(Path("docs"))
        return 0
    if options.command == "editions":
        return _editions(options.site, options.browser)
    return _check(options.paths or sorted(Path("docs/genai").glob("*.md")))


def _editions(site: Path, browser: str) -> int:
    from handbook.editions import build  # noqa: PLC0415 - its packages are needed for this alone

    try:
        files = build.make(site, browser)
    except build.EditionError as error:
        print(f"can't make the editions: {error}", file=sys.stderr)
        return 2
    for file in files:
        print(f"{file.as_posix()}  {build.size(file)}")
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
