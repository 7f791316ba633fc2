"""The preview while writing: Zensical renders what is saved, in a fraction of the time that MkDocs takes.

Zensical keeps each page by its own text alone. So it starts anew, and forgets what it kept, when anything else has
changed: a data file, a figure, a template, an extension. The search index follows the pages when they are still.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from handbook.search import index

SITE = Path(".cache/preview")
WATCHED = ("docs/data", "docs/assets", "overrides", "handbook", "mkdocs.yml")
PAUSE = 0.5  # seconds between looks


def serve(port: int, *, open_browser: bool) -> int:
    """Serve the handbook until the engine ends or the user stops it; returns an exit code."""
    options = ["--open"] if open_browser else []
    while True:
        for kept in Path(".cache").glob("[0-9]*"):
            kept.unlink()
        command = [sys.executable, "-m", "zensical", "serve", "--dev-addr", f"127.0.0.1:{port}", *options]
        engine = subprocess.Popen(command, env={**os.environ, "HANDBOOK_PREVIEW": str(SITE)})
        try:
            if not _follow(engine):
                return engine.returncode
        except KeyboardInterrupt:
            return 0
        finally:
            engine.terminate()
            engine.wait()
        options = []


def _follow(engine: subprocess.Popen) -> bool:
    """Keep the index up with the pages; returns True when the engine must start anew, False when it has ended."""
    started = _newest(Path(name) for name in WATCHED)
    indexed = last = 0.0
    while engine.poll() is None:
        time.sleep(PAUSE)
        if _newest(Path(name) for name in WATCHED) != started:
            return True
        pages = _newest([SITE], "*.html")
        if pages != indexed and pages == last:
            indexed = pages
            try:
                index.build(SITE, Path("docs/data/synonyms.yaml"), SITE / "search")
            except (index.SynonymError, OSError) as error:
                print(f"The search is of before: {error}", file=sys.stderr)
        last = pages
    return False


def _newest(paths: Iterator[Path] | list[Path], pattern: str = "*") -> float:
    """When the newest of the files under these paths was written; 0 if there is none."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob(pattern))]
    return max((file.stat().st_mtime for file in files if file.is_file() and file.suffix != ".pyc"), default=0.0)
