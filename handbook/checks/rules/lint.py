"""What rumdl finds, under our names: a kept linter that reads Markdown as MkDocs does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from handbook.checks.rules import Fault, Fix, at, rule
from handbook.checks.site import Site

RULES = ("MD011", "MD034", "MD037")


def _program() -> str:
    beside = Path(sys.executable).with_name("rumdl.exe" if os.name == "nt" else "rumdl")
    return str(beside) if beside.is_file() else "rumdl"


@lru_cache(maxsize=1)
def _run(stamped: tuple[tuple[str, int, int], ...]) -> list[dict]:
    """The findings of rumdl; asked once for files as they are."""
    from handbook.checks.run import CheckError  # noqa: PLC0415 (they name each other)

    files = [path for path, _, _ in stamped]
    found: list[dict] = []
    for first in range(0, len(files), 500):
        command = [_program(), "check", "--isolated", "--no-cache", "--flavor", "mkdocs", "--enable", ",".join(RULES)]
        command += ["--output-format", "json", "--no-exclude", *files[first : first + 500]]
        try:
            done = subprocess.run(command, capture_output=True, timeout=300, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            raise CheckError(f"rumdl could not run: {error}") from error
        if done.returncode not in (0, 1):
            raise CheckError(f"rumdl could not run: {done.stderr.decode('utf-8', 'replace').strip()[:300]}")
        said = json.loads(done.stdout or b"[]")
        if not isinstance(said, list):
            raise CheckError("rumdl could not run: it gave no list of findings")
        found += said
    return found


def _found(names: list[str], site: Site, code: str) -> Iterator[tuple[str, dict]]:
    # Not a page that a link brings in from elsewhere: FILE009 tells.
    files = {os.path.abspath(site.docs / name): name for name in names if not (site.docs / name).is_symlink()}
    stamped = tuple((path, os.stat(path).st_mtime_ns, os.stat(path).st_size) for path in files)
    for finding in _run(stamped) if files else ():
        if finding["rule"] == code:
            name = files[os.path.abspath(finding["file"])]  # told from the working directory
            page = site.page(name)
            line = page.parsed[finding["line"] - 1] if page and finding["line"] <= len(page.parsed) else None
            if line is not None and line.kind == "text" and "8<-" not in line.raw:
                yield name, finding


@rule("LINK020", "An address alone can't be clicked.", severity="warning", scope="batch")
def bare_address(names: list[str], site: Site) -> Iterator[Fault]:
    if site.has("pymdownx.magiclink", "mdx_linkify", "mdx_urlize", "urlize"):
        return
    for name, finding in _found(names, site, "MD034"):
        page = site.page(name)
        line, column = finding["line"], finding["column"]
        raw = page.lines[line - 1]
        offset = page.starts[line - 1] + column - 1
        is_mail = re.match(r"[\w.+-]+@[\w-]+\.[\w.]+", page.inline[offset:])
        if not is_mail and not page.inline[offset:].startswith(("http", "www.", "ftp:")):
            continue
        # In the text of a link it is clickable.
        if any(link.offset < offset < link.end for link in page.links) or any(
            d.offset <= offset < d.end for d in page.definitions.values()
        ):
            continue
        if re.match(r"[^{}]*\}", raw[column - 1 :]) and "{" in raw[: column - 1]:
            continue  # an attribute
        before = [tag for tag in page.tags if tag.name == "a" and tag.offset < offset]
        if any(tag.offset < offset < tag.end for tag in page.tags) or (
            before and not before[-1].closing and "href" in before[-1].attributes
        ):
            continue
        text = finding.get("fix", {}).get("replacement", "<…>")
        fixes = ()
        if text.startswith("<") and text[1:-1] == raw[column - 1 : column - 1 + len(text) - 2]:
            fixes = (Fix(line, column - 1, column - 1 + len(text) - 2, text),)
        yield at(
            line,
            column,
            f"a bare address can't be clicked; write {text}, or give it text",
            *fixes,
            path=site.docs / name,
        )


@rule("LINK021", "Brackets and parentheses the wrong way round are shown as they stand.", scope="batch")
def reversed_link(names: list[str], site: Site) -> Iterator[Fault]:
    for name, finding in _found(names, site, "MD011"):
        yield at(
            finding["line"],
            finding["column"],
            "brackets and parentheses are swapped; write [text](address)",
            path=site.docs / name,
        )


@rule(
    "PROSE003", "With blanks inside, the marks of emphasis are shown as they stand.", severity="warning", scope="batch"
)
def emphasis(names: list[str], site: Site) -> Iterator[Fault]:
    for name, finding in _found(names, site, "MD037"):
        page = site.page(name)
        offset = page.starts[finding["line"] - 1] + finding["column"] - 1
        if page.inline[offset : offset + 1] in "*_" and "**" in page.lines[finding["line"] - 1]:
            yield at(
                finding["line"],
                finding["column"],
                "blanks inside the marks of emphasis show the marks; remove them",
                path=site.docs / name,
            )
