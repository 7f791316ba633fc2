"""Apply the rules to a site, or to some of its pages."""

from __future__ import annotations

import fnmatch
import multiprocessing
import os
from collections.abc import Iterable
from pathlib import Path

from handbook.checks import rules
from handbook.checks.built import Built, BuiltError
from handbook.checks.finding import Finding
from handbook.checks.ledger import LedgerError
from handbook.checks.page import Page
from handbook.checks.rules import Fault, Rule
from handbook.checks.site import Site


class CheckError(Exception):
    """A check could not run."""


def check(
    site: Site,
    paths: Iterable[Path] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    built: Path | None = None,
) -> list[Finding]:
    """Return the findings, sorted; raises CheckError where a check could not run.

    `built` is the folder of the built site, whose links are checked as well.
    """
    chosen = _chosen(site, tuple(select), tuple(ignore))
    if not chosen:
        raise CheckError("no rule is left to check by")
    if built is None and all(rule.scope == "built" for rule in chosen):
        raise CheckError("these rules read the built site; name its folder with --site")
    whole, paths = paths is None, list(paths or ())
    names = list(site.pages) if whole else []
    others: list[Path] = []
    for path in paths:
        name = site.name_of(path)
        if name in site.file_set and name in site.pages:
            names.append(name)
        else:
            others.append(path)
    names = list(dict.fromkeys(names))
    findings = _check_pages(site, chosen, names)
    if whole:
        listed = set(names)
        for name in site.files:
            if name not in listed:
                for rule in chosen:
                    if rule.scope == "file":
                        findings += _apply(site, rule, site.docs / name, name, site)
    else:
        for path in others:
            name = site.name_of(path)
            for rule in chosen:
                if rule.scope == "file" and name is not None:
                    findings += _apply(site, rule, path, name, site)
    if whole or {path.resolve() for path in others} & {file.resolve() for file, _ in site.nodes}:
        for rule in chosen:
            if rule.scope == "site":
                findings += _apply(site, rule, site.file, site)
    if built is not None:
        found = _check_built(site, chosen, built)
        shown = {site.shown(path) for path in paths}
        findings += [finding for finding in found if whole or finding.path in shown]
    return sorted(set(findings))


def _check_built(site: Site, chosen: list[Rule], folder: Path) -> list[Finding]:
    try:
        built = Built(site, folder)
    except BuiltError as error:
        raise CheckError(str(error)) from error
    return [finding for rule in chosen if rule.scope == "built" for finding in _apply(site, rule, folder, built)]


def _check_pages(site: Site, chosen: list[Rule], names: list[str]) -> list[Finding]:
    """Apply the rules for pages, on every core where there are many."""
    global _WORK  # noqa: PLW0603 (a forked process finds it there)
    count = min(os.cpu_count() or 1, len(names) // PAGES_A_PROCESS)
    if count < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return _check_part(names, (site, chosen))
    _WORK = (site, chosen)
    _check_page(site, chosen, names[0])  # loads what the processes then share
    with multiprocessing.get_context("fork").Pool(count) as pool:
        parts = pool.map(_check_part, [names[start::count] for start in range(count)], chunksize=1)
    return [finding for part in parts for finding in part]


PAGES_A_PROCESS = 32
_WORK: tuple[Site, list[Rule]]


def _check_part(names: list[str], work: tuple[Site, list[Rule]] | None = None) -> list[Finding]:
    site, chosen = work or _WORK
    findings = [finding for name in names for finding in _check_page(site, chosen, name)]
    # Rules that start another program take many pages at once.
    batch = [name for name in names if site.page(name) is not None]
    for rule in chosen:
        if rule.scope == "batch":
            findings += _apply(site, rule, site.file, batch, site)
    return findings


def _check_page(site: Site, chosen: list[Rule], name: str) -> list[Finding]:
    findings: list[Finding] = []
    page = site.page(name)
    chapter, path = is_chapter(site, name), site.docs / name
    for rule in chosen:
        if rule.scope == "file":
            findings += _apply(site, rule, path, name, site)
        elif rule.scope == "page" and page is not None and (chapter or not rule.chapters):
            findings += _apply(site, rule, path, page, site)
    return findings + (_check_fragments(site, chosen, page) if page is not None and "8<" in page.text else [])


# What a rule of these kinds says of a piece of a page it would say of the whole.
OF_A_PIECE = frozenset("files blocks lists tables fences code links images html security maths mermaid prose".split())
# What these look for may stand around the piece; and a piece that is read elsewhere too links by address.
OF_THE_WHOLE = frozenset(("LINK002", "LINK010", "LINK018"))


def _check_fragments(site: Site, chosen: list[Rule], page: Page) -> list[Finding]:
    """What is wrong with the text that a page takes in, at its place in the file from which it comes."""
    from handbook.checks.rules.snippets import fragments  # noqa: PLC0415 (loaded when the rules are)

    findings: list[Finding] = []
    for file in fragments(page, site):
        piece = Page(page.path, file.read_text("utf-8", "replace"), page.docs, page.maths)
        for rule in chosen:
            of_a_piece = rule.scope == "page" and rule.kind in OF_A_PIECE and rule.code not in OF_THE_WHOLE
            if of_a_piece and not rule.chapters:
                findings += _apply(site, rule, file, piece, site)
    return findings


def is_chapter(site: Site, name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in site.settings.chapters)


def _chosen(site: Site, select: tuple[str, ...], ignore: tuple[str, ...]) -> list[Rule]:
    known = rules.load()
    codes = {rule.code for rule in known.values()}
    for given in (*select, *ignore, *site.settings.ignore):
        if not any(code.startswith(given) for code in codes):
            raise CheckError(f"no rule is called '{given}'")
    return [
        rule
        for rule in known.values()
        if (not select or rule.code.startswith(select))
        and not rule.code.startswith((*ignore, *site.settings.ignore) or ("-",))
    ]


def _apply(site: Site, rule: Rule, path: Path, *arguments: object) -> list[Finding]:
    try:
        return [_finding(site, rule, path, fault) for fault in rule.check(*arguments)]
    except CheckError:
        raise
    except LedgerError as error:
        raise CheckError(str(error)) from error
    except Exception as error:
        raise CheckError(f"{rule.code} could not check {site.shown(path)}: {type(error).__name__}: {error}") from error


def _finding(site: Site, rule: Rule, path: Path, fault: Fault) -> Finding:
    shown = site.shown(fault.path or path)
    message = " ".join(fault.message.split())
    return Finding(shown, fault.line, fault.column, rule.code, message, rule.severity, fault.fixes)
