"""Diagrams drawn ahead of the pages that show them, side by side: one takes seconds, and a handbook has many."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from handbook.markdown import diagrams
from handbook.markdown.diagrams import CannotDrawError, DiagramError, render

_FENCE = re.compile(r"^( *)(`{3,}|~{3,})(.*)\n((?:.*\n)*?)\1\2[ \t]*$", re.MULTILINE)


def sources(docs: Path) -> Iterator[str]:
    """Yield the source of each diagram below `docs`, as the fence is given it."""
    for page in sorted(docs.rglob("*.md")):
        for indent, _, language, body in _FENCE.findall(page.read_text(encoding="utf-8", errors="replace")):
            if re.match(r"\s*mermaid\b", language):
                yield "\n".join(line.removeprefix(indent) for line in body.splitlines())


def missing(docs: Path) -> list[str]:
    """Return the sources whose drawings are not in the cache."""
    return [source for source in dict.fromkeys(sources(docs)) if not diagrams.is_drawn(source)]


def draw(wanted: Iterable[str], is_enough: Callable[[], bool] = lambda: False) -> None:
    """Draw into the cache; until one is there, a page shows its place. A faulty one is told by the page that has it.

    `is_enough` is asked after each, and ends the work.
    """
    wanted = list(wanted)
    diagrams.waiting.update(wanted)
    # Started afresh on every system: the renderer's engine does not outlive a fork.
    processes = min(len(wanted), os.cpu_count() or 1)
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        drawings = {pool.submit(_draw, source): source for source in wanted}
        for drawing in as_completed(drawings):
            diagrams.waiting.discard(drawings[drawing])
            if is_enough():
                pool.shutdown(cancel_futures=True)


def _draw(source: str) -> None:
    with contextlib.suppress(DiagramError, CannotDrawError):
        render(source)
