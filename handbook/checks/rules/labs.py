"""Labs (`lab` fences): each names a lab that there is, asks a question with one right answer, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from handbook import lab_fence
from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site

LABS = PurePosixPath("assets/labs")


@lru_cache(maxsize=2)
def _known(site: Site) -> set[str]:
    """The names of the labs: the modules in their folder, without the workers."""
    paths = (PurePosixPath(name) for name in site.files)
    modules = [path.stem for path in paths if path.parent == LABS and path.suffix == ".js"]
    return {name for name in modules if not name.endswith("-worker")}


@rule("LAB001", "A lab with a fault in its fence is not shown, but told as a mistake.")
def fence(page: Page, site: Site) -> Iterator[Fault]:
    if "handbook.markdown.labs" not in site.extensions:
        return
    known = _known(site)
    for each in page.fences:
        if each.language == "lab":
            for line, message in lab_fence.read(each.text, known)[1]:
                yield at(each.line + line, each.indent + 1, message)
