"""Take what only an author reads out of the styles and scripts of a built site: comments, and space before a line.

Lines stay lines, so that nothing joins that was apart, and an error in a reader's browser still names a place.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDERS = ("assets/stylesheets", "assets/javascripts", "assets/labs")  # ours: what others wrote stays as it came
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SCRIPT_COMMENT = re.compile(r"\s*(?://.*|/\*\*(?:(?!\*/).)*\*/\s*)")


def lighten(site: Path) -> None:
    """Write the styles and scripts of a built site anew."""
    for path in [path for folder in FOLDERS for path in sorted((site / folder).rglob("*"))]:
        if change := {".css": style, ".js": script}.get(path.suffix):
            path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def style(text: str) -> str:
    return _joined(_STYLE_COMMENT.sub("", text).splitlines())


def script(text: str) -> str:
    """Lighten a script; one with a text over several lines, in backticks, stays as it is."""
    lines = [line for line in text.splitlines() if not _SCRIPT_COMMENT.fullmatch(line)]
    return text if any(line.count("`") % 2 for line in lines) else _joined(lines)


def _joined(lines: list[str]) -> str:
    return "".join(f"{line.strip()}\n" for line in lines if line.strip())
