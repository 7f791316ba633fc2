"""Run the Python samples of pages in a process of their own, and say which raise.

By default only samples run that plainly can: those that import nothing but pure modules of the standard library, open
nothing and call nothing that reaches out. With `run_python = true` in the settings, each must run.
Then a page's samples share their names, as a reader who follows the page has them.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

from handbook.checks.page import Fence
from handbook.checks.rules import Fault, at
from handbook.checks.site import Site

PURE = frozenset(
    """abc array base64 binascii bisect calendar cmath collections colorsys copy dataclasses datetime decimal difflib
    enum fractions functools hashlib heapq html itertools json keyword locale math numbers operator pprint random re
    statistics string struct textwrap time types typing unicodedata uuid zlib __future__""".split()
)
REACHES_OUT = frozenset("open exec eval compile __import__ input breakpoint exit quit globals vars help".split())
LACKS = ("NameError", "ModuleNotFoundError", "SyntaxError", "IndentationError")
SECONDS = 20  # by the clock: a busy machine is no fault of the sample

# What the process runs: samples come in as JSON, verdicts go out as JSON.
DRIVER = r"""
import builtins, contextlib, difflib, io, json, sys, traceback
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)) if not FREE else None
except (ImportError, ValueError, OSError):
    pass
try:
    import signal
    def too_long(*_): raise TimeoutError("it computes for more than SECONDS seconds")
    signal.signal(signal.SIGVTALRM, too_long)  # the sample's own time: a busy machine is not its fault
except (ImportError, AttributeError, ValueError):
    signal = None
verdicts = []
for page in json.load(sys.stdin):
    names = {"__name__": "__main__"}
    for source in page:
        verdict = None
        if not FREE: names = {"__name__": "__main__"}
        if source is not None:
            try:
                if signal: signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    exec(compile(source, "sample", "exec"), names)
            except SystemExit:
                pass
            except BaseException as error:
                places = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "sample"]
                line = places[0].lineno if places else getattr(error, "lineno", 1) or 1
                column = places[0].colno if places else 0
                meant = str(getattr(error, "name", ""))
                known = {*names, *(dir(builtins) if meant + "(" in source else ())} - {meant}
                near = difflib.get_close_matches(meant, known, 1, 0.8) if len(meant) > 3 else []
                verdict = [line, column or 0, type(error).__name__, str(error), near[0] if near else ""]
            finally:
                if signal: signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        verdicts.append(verdict)
print(json.dumps(verdicts))
"""


def faults(names: list[str], site: Site) -> Iterator[Fault]:
    from handbook.checks.rules.code import PYTHON  # noqa: PLC0415 (they name each other)
    from handbook.checks.run import CheckError  # noqa: PLC0415

    free = bool(site.settings.run_python)
    pages, places = [], []
    for name in names:
        page = site.page(name)
        fences = [fence for fence in page.fences if fence.language.lower() in PYTHON] if page else []
        sources = [
            fence.text if _can_run(fence.text, free) and not _raises_on_purpose(fence, free) else None
            for fence in fences
        ]
        if any(source is not None for source in sources):
            pages.append(sources)
            places += [(site.docs / name, fence) for fence in fences]
    if not pages:
        return
    driver = DRIVER.replace("SECONDS", str(SECONDS)).replace("FREE", str(free))
    command = [sys.executable, "-c", driver] if free else [sys.executable, "-I", "-c", driver]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(pages),
            capture_output=True,
            text=True,
            timeout=60 + SECONDS * len(places),
            check=True,
            cwd=site.root,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # threads that wait for each other cost time too
        )
        verdicts = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise CheckError(f"CODE007 could not run the samples: {error}") from error
    for (path, fence), verdict in zip(places, verdicts, strict=True):
        if not verdict:
            continue
        line, column, kind, reason, near = verdict
        # Alone, a sample that goes on from prose or from a file lacks names; only the project knows whether it should.
        if free or kind not in LACKS or (kind == "NameError" and near):
            hint = f"did you mean '{near}'?" if kind == "NameError" and near else "mend the sample"
            message = f"running this raises {kind}: {reason.partition('. Did you mean')[0]}; {hint}"
            yield at(fence.line + line, fence.indent + column + 1, message, path=path)


def _raises_on_purpose(fence: Fence, free: bool) -> bool:
    """Whether a sample says that it raises, or is put together elsewhere; strangers' say it in many words."""
    if "8<-" in fence.text or "exec=" in fence.info:
        return True
    said = (
        r"#.*\braises\b" if free else r"(?i)raises|error:|#.*\berrors?\b|traceback|notest|(# |title=\")(before|after)"
    )
    return re.search(said, f"{fence.info}\n{fence.text}") is not None


def _can_run(source: str, free: bool) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    if free:
        return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and not all(alias.name.split(".")[0] in PURE for alias in node.names):
            return False
        if isinstance(node, ast.ImportFrom) and ((node.module or "").split(".")[0] not in PURE or node.level):
            return False
        if isinstance(node, ast.Name) and (
            node.id in REACHES_OUT or (node.id.startswith("__") and hasattr(builtins, node.id))
        ):
            return False
        if isinstance(node, ast.Attribute) and (node.attr.startswith("__") or node.attr in ("sleep", "system")):
            return False
        if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Constant) for base in node.bases):
            return False  # class X(...): left out on purpose
        if isinstance(node, ast.Call) and any(isinstance(a, ast.Constant) and a.value is ... for a in node.args):
            return False
        if isinstance(node, ast.While | ast.Raise | ast.AsyncFunctionDef | ast.Await):
            return False
    return True
