"""What an extension may know of the page that is being rendered, whichever engine renders it."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from markdown import Markdown

DOCS = Path("docs")

# A warning on a child of MkDocs' own logger stops a strict build.
_log = logging.getLogger("mkdocs.handbook")


def source_path(md: Markdown) -> str | None:
    """Return the page's path below `docs/`, or None where the engine does not tell it."""
    if "relpath" in md.treeprocessors:  # MkDocs
        return md.treeprocessors["relpath"].file.src_uri
    if "rendering_context" in md.preprocessors:  # Zensical
        return md.preprocessors["rendering_context"].page.path.removeprefix(f"{DOCS.as_posix()}/")
    return None


def warn(md: Markdown, message: str, needle: str = "") -> None:
    """Report a fault in the page as `path:line: message`; the line is the first that holds `needle`."""
    _log.warning("%s: %s", _where(md, needle), message)


def warn_in_fence(md: Markdown, message: str, source: str, language: str, line: int) -> None:
    """Report a fault in a fence as `path:line: message`; `line` counts from the first inside it."""
    _log.warning("%s: %s", where_in_fence(md, source, language, line), message)


def where_in_fence(md: Markdown, source: str, language: str, line: int) -> str:
    """Return `path:line` of a line inside a fence, as far as the engine tells which page it is."""
    page = source_path(md)
    if page is None:
        return f"{language}, line {line}"
    path = DOCS / page
    opening = _fence_line(path.read_text(encoding="utf-8"), source, language) if path.is_file() else 0
    return f"{path.as_posix()}:{opening + line}"


def _fence_line(page: str, source: str, language: str) -> int:
    """Line on which the fence opens, or 0. Compared without indent: a fence may stand in a list or an admonition."""
    wanted = [line.strip() for line in source.split("\n")]
    lines = [line.strip() for line in page.split("\n")]
    for start, line in enumerate(lines):
        if re.match(rf"(```|~~~).*{language}", line) and lines[start + 1 : start + 1 + len(wanted)] == wanted:
            return start + 1
    return 0


def _where(md: Markdown, needle: str) -> str:
    page = source_path(md)
    if page is None:
        return "(unknown page)"
    path = DOCS / page
    if needle and path.is_file():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(rf"(?<![\w-]){re.escape(needle)}(?![\w-])", line):
                return f"{path.as_posix()}:{number}"
    return f"{path.as_posix()}:1"


def write_if_changed(path: Path, text: str) -> None:
    """Write a file that another process may be reading: not at all where it is right already."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
