"""The command `handbook`: check the chapters, keep what the checks go by, and make what goes with the site."""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handbook.checks.site import Site

CLEAN, FOUND, COULD_NOT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0 where all is well, 1 with findings, 2 where it could not check."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material's banner
    parser = argparse.ArgumentParser(prog="handbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check pages: path:line:column of every fault, and how to mend it")
    check.add_argument("paths", nargs="*", type=Path, help="pages or folders (default: the whole site)")
    check.add_argument("--config-file", type=Path, help="the site's mkdocs.yml (default: the nearest)")
    check.add_argument("--site", type=Path, help="the folder of the built site, to check its links as well")
    check.add_argument("--format", choices=("text", "github", "json", "sarif"), default="text")
    check.add_argument("--fix", action="store_true", help="make the safe mends, which never change what a page says")
    check.add_argument(
        "--select", action="append", default=[], metavar="RULE", help="only these rules (TABLE, LINK001)"
    )
    check.add_argument("--ignore", action="append", default=[], metavar="RULE", help="all but these rules")
    catalogue = commands.add_parser("rules", help="list the rules")
    catalogue.add_argument("--write", action="store_true", help="write docs/checks.md from the rules and their cases")
    for name, what in (
        ("publish-ledger", "add the site's addresses to the ledger of what was published"),
        ("freshness", "report chapters whose review is older than their level allows"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("--config-file", type=Path)
        if name == "freshness":
            command.add_argument("--strict", action="store_true", help="exit with 1 where one is too old")
    build = commands.add_parser("build", help="build the site as MkDocs does, with a large handbook on every core")
    build.add_argument("site", nargs="?", type=Path, default=Path("site"), help="where to (default: site)")
    build.add_argument("--strict", action="store_true", help="exit with 1 where something is wrong")
    build.add_argument("--processes", type=int, help="how many (default: one for each core)")
    prepare = commands.add_parser(
        "prepare",
        help="write the downloads, the index of the lab on retrieval, the live diagram renderer, the diagrams",
    )
    prepare.add_argument("--no-diagrams", action="store_true", help="leave the diagrams to the pages that show them")
    editions = commands.add_parser("editions", help="make the PDF, the EPUB, the zip and the Markdown of a built site")
    editions.add_argument("site", nargs="?", type=Path, default=Path("site"), help="the built site (default: site)")
    editions.add_argument("--browser", required=True, help="the Chromium or Chrome that sets the PDF")
    search = commands.add_parser("index", help="make the search index of a built site")
    search.add_argument("site", nargs="?", type=Path, default=Path("site"), help="the built site (default: site)")
    search.add_argument("target", nargs="?", type=Path, help="where to write it (default: search/ in the site)")
    lighten = commands.add_parser("lighten", help="take comments and indents out of a built site's styles and scripts")
    lighten.add_argument("site", nargs="?", type=Path, default=Path("site"), help="the built site (default: site)")
    preview = commands.add_parser("preview", help="serve the handbook, and show each page anew when it is saved")
    preview.add_argument("--port", type=int, default=8000)
    preview.add_argument("--no-open", action="store_true", help="open no browser")
    options = parser.parse_args(arguments)
    return COMMANDS[options.command](options)


def _editions(options: argparse.Namespace) -> int:
    from handbook.editions import build  # noqa: PLC0415 (its packages are needed for this alone)

    try:
        files = build.make(options.site, options.browser)
    except build.EditionError as error:
        print(f"can't make the editions: {error}", file=sys.stderr)
        return COULD_NOT
    for file in files:
        print(f"{file.as_posix()}  {build.size(file)}")
    return CLEAN


def _prepare(options: argparse.Namespace) -> int:
    # Read when NumPy is loaded: its matrices are small here, and on a busy machine threads wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from handbook.figures import lab_retrieval  # noqa: PLC0415 (slow to load)
    from handbook.markdown import diagrams, downloads, drawing  # noqa: PLC0415
    from handbook.models.retrieval import RetrievalError  # noqa: PLC0415

    diagrams.vendor(Path("docs/assets/vendor"))
    downloads.write(Path("docs"))
    try:
        lab_retrieval.write(Path("docs"))
    except RetrievalError as error:
        print(error, file=sys.stderr)
        return FOUND
    if not options.no_diagrams and (missing := drawing.missing(Path("docs"))):
        print(f"Drawing {len(missing)} diagrams, once ...", file=sys.stderr)
        drawing.draw(missing)
    return CLEAN


def _end_with_helpers() -> None:
    """Told to end, let Python end the processes that help as well."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(COULD_NOT))


def _build(options: argparse.Namespace) -> int:
    from handbook.build import build  # noqa: PLC0415

    _end_with_helpers()
    return CLEAN if build(options.site, strict=options.strict, processes=options.processes) else FOUND


def _index(options: argparse.Namespace) -> int:
    from handbook.search import index  # noqa: PLC0415

    _end_with_helpers()
    if not (options.site / "index.html").is_file():
        print(f"can't index: no built site in {options.site}", file=sys.stderr)
        return COULD_NOT
    try:
        index.build(options.site, Path("docs/data/synonyms.yaml"), options.target or options.site / "search")
    except index.SynonymError as error:
        print(error, file=sys.stderr)
        return FOUND
    return CLEAN


def _lighten(options: argparse.Namespace) -> int:
    from handbook.lighten import lighten  # noqa: PLC0415

    if not (options.site / "index.html").is_file():
        print(f"can't lighten: no built site in {options.site}", file=sys.stderr)
        return COULD_NOT
    lighten(options.site)
    return CLEAN


def _preview(options: argparse.Namespace) -> int:
    from handbook import preview  # noqa: PLC0415

    return preview.serve(options.port, open_browser=not options.no_open)


def _site(given: Path | None, paths: list[Path]) -> Site:
    from handbook.checks.site import Site  # noqa: PLC0415 (what a command doesn't need isn't loaded)

    if given is None:
        starts = [Path.cwd(), *(path.resolve().parent for path in paths[:1])]
        folders = [folder for start in starts for folder in (start, *start.parents)]
        given = next(
            (folder / "mkdocs.yml" for folder in folders if (folder / "mkdocs.yml").is_file()), Path("mkdocs.yml")
        )
    return Site.load(given)


def _files(site: Site, given: list[Path]) -> tuple[list[Path], list[Path]]:
    """The files of the site that are named, or lie in a named folder; and the names that lead to none."""
    config = {file.resolve() for file, _ in site.nodes}
    files: list[Path] = []
    outside: list[Path] = []
    for path in given:
        inside = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        own = [file for file in inside if site.name_of(file) is not None or file.resolve() in config]
        files += own
        outside += [] if own else [path]
    return files, outside


def _check(options: argparse.Namespace) -> int:
    from handbook.checks import report, run  # noqa: PLC0415
    from handbook.checks.site import SiteError  # noqa: PLC0415

    missing = [path for path in options.paths if not path.exists() and not path.is_symlink()]
    if missing:
        print(f"can't check: no such file: {', '.join(map(str, missing))}", file=sys.stderr)
        return COULD_NOT
    select, ignore = (
        [rule for given in each for rule in given.split(",")] for each in (options.select, options.ignore)
    )
    try:
        for repeat in range(5):
            site = _site(options.config_file, options.paths)
            paths = None
            if options.paths:
                paths, outside = _files(site, options.paths)
                if outside:
                    print(f"can't check: not under {site.docs}: {', '.join(map(str, outside[:5]))}", file=sys.stderr)
                    return COULD_NOT
            if not site.docs.is_dir():
                print(f"can't check: no such folder: {site.docs}", file=sys.stderr)
                return COULD_NOT
            if not site.pages:
                print(f"can't check: no pages in {site.docs}", file=sys.stderr)
                return COULD_NOT
            findings = run.check(site, paths, select, ignore, options.site)
            if not options.fix or repeat == 4 or not any(finding.fixes for finding in findings):
                break
            from handbook.checks import fix  # noqa: PLC0415

            if not fix.apply(findings):
                break
    except (SiteError, run.CheckError, OSError) as error:
        print(f"can't check: {error}", file=sys.stderr)
        return COULD_NOT
    except Exception as error:  # a mistake of ours is no finding, and never green
        print(f"can't check: {type(error).__name__}: {error}; this is a bug of the check", file=sys.stderr)
        return COULD_NOT
    output = report.FORMATS[options.format](findings, site)
    if output:
        encoding = sys.stdout.encoding or "utf-8"  # what a terminal can't show is written as its number
        print(output.encode(encoding, "backslashreplace").decode(encoding))
    errors = sum(finding.severity == "error" for finding in findings)
    pages = len(site.pages) if paths is None else len(paths)
    print(f"{pages} pages checked: {errors} errors, {len(findings) - errors} warnings.", file=sys.stderr)
    # The site's own `strict: true` makes warnings stop its build; so they stop here.
    return FOUND if errors or (findings and site.strict) else CLEAN


def _rules(options: argparse.Namespace) -> int:
    from handbook.checks import catalogue, rules  # noqa: PLC0415

    if options.write:
        catalogue.write(Path.cwd())
        return CLEAN
    for rule in sorted(rules.load().values(), key=lambda rule: rule.code):
        print(f"{rule.code:9} {rule.severity:8} {rule.why}")
    return CLEAN


def _publish(options: argparse.Namespace) -> int:
    from handbook.checks import ledger  # noqa: PLC0415
    from handbook.checks.site import SiteError  # noqa: PLC0415

    try:
        before, now = ledger.write(_site(options.config_file, []))
    except (SiteError, ValueError, OSError) as error:
        print(f"can't write the ledger: {error}", file=sys.stderr)
        return COULD_NOT
    print(f"{now} addresses in the ledger, {now - before} of them new.", file=sys.stderr)
    return CLEAN


def _freshness(options: argparse.Namespace) -> int:
    from handbook.checks import freshness  # noqa: PLC0415
    from handbook.checks.site import SiteError  # noqa: PLC0415

    try:
        found = list(freshness.stale(_site(options.config_file, []), datetime.date.today()))
    except (SiteError, OSError) as error:
        print(f"can't check: {error}", file=sys.stderr)
        return COULD_NOT
    for chapter in found:
        print(chapter)
    print(f"{len(found)} chapters are due for review.", file=sys.stderr)
    return FOUND if found and options.strict else CLEAN


COMMANDS = {
    "build": _build,
    "check": _check,
    "editions": _editions,
    "freshness": _freshness,
    "index": _index,
    "lighten": _lighten,
    "prepare": _prepare,
    "preview": _preview,
    "publish-ledger": _publish,
    "rules": _rules,
}

if __name__ == "__main__":
    sys.exit(main())
