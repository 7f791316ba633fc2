"""Run the Python samples of pages in a process of their own, and say which raise.

By default only samples run that plainly can: those that import nothing but pure modules of the standard library, open
nothing and call nothing that reaches out. With `run_python = true` in the settings, each must run.
A page's samples share their names, as a reader who follows the page has them.

`tests/test_chapters.py` finds our samples with pytest-examples, and holds each to what the page says that it prints.
Here is no pytest: the check is a command, and a sample that ends or blocks its process must not take the check with it.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

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
# Methods that wait, or read and write files.
OUTSIDE = frozenset("sleep system load loadtxt genfromtxt fromfile memmap save savez savetxt tofile now today".split())
SECONDS = 20  # of its own time: a busy machine is no fault of the sample
CLOCKS = frozenset("datetime locale time uuid".split())  # what they give is another tomorrow

# What the process runs: samples come in as JSON, and a verdict in a line goes out as soon as it is known.
DRIVER = r"""
import builtins, contextlib, difflib, io, json, os, sys, traceback
out = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
def say(what): print(json.dumps(what), file=out, flush=True)
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)) if not FREE else None
except (ImportError, ValueError, OSError):
    pass
def too_long(*_): raise TimeoutError("it computes for more than SECONDS seconds")
def too_slow(*_): raise TimeoutError("it waits for minutes")
timers = []
try:
    import signal
    signal.signal(signal.SIGVTALRM, too_long)
    signal.signal(signal.SIGALRM, too_slow)
    timers = [(signal.ITIMER_VIRTUAL, SECONDS), (signal.ITIMER_REAL, 10 * SECONDS)]
except (ImportError, AttributeError, ValueError):
    pass
say("ready")
for page in json.load(sys.stdin):
    names = {"__name__": "__main__"}
    for source in page:
        verdict = None
        if source is not None:
            try:
                for timer, seconds in timers: signal.setitimer(timer, seconds)
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
                for timer, _ in timers: signal.setitimer(timer, 0)
        say(verdict)
"""

Verdict = list | None  # line, column, what it raises, why, and the name that was meant


def faults(names: list[str], site: Site) -> Iterator[Fault]:
    from handbook.checks.rules.code import PYTHON  # noqa: PLC0415 (they name each other)

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
            places.append([(site.docs / name, fence) for fence in fences])
    for sources, where in zip(_verdicts(pages, site, free), places, strict=True):
        for verdict, (path, fence) in zip(sources, where, strict=True):
            # Alone, a sample that goes on from prose lacks names; only the project knows whether it should.
            if verdict and (free or verdict[2] not in LACKS or (verdict[2] == "NameError" and verdict[4])):
                line, column, kind, reason, near = verdict
                hint = f"did you mean '{near}'?" if kind == "NameError" and near else "mend the sample"
                what = f"raises {kind}: {reason.partition('. Did you mean')[0]}" if kind else reason
                yield at(fence.line + line, fence.indent + column + 1, f"running this {what}; {hint}", path=path)


def _verdicts(pages: list[list[str | None]], site: Site, free: bool) -> list[list[Verdict]]:
    """The verdict on each sample of each page, from a process of their own; what ran well before is not run again."""
    result: list[list[Verdict]] = [[None] * len(sources) for sources in pages]
    remembered = [_remembered(site.root, sources) if free else None for sources in pages]
    todo = [n for n, path in enumerate(remembered) if path is None or not path.is_file()]
    while todo:
        order = [(n, k) for n in todo for k in range(len(pages[n]))]
        said, code = _run([pages[n] for n in todo], site, free)
        for (n, k), verdict in zip(order, said, strict=False):
            result[n][k] = verdict
        if len(said) == len(order):
            break
        # The sample that was running took the process with it; go on with the next page.
        n, k = order[len(said)]
        result[n][k] = [1, 0, "", f"ends the process, with exit code {code}", ""]
        todo = todo[todo.index(n) + 1 :]
    for path, verdicts in zip(remembered, result, strict=True):
        if path is not None and not any(verdicts) and not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return result


def _run(pages: list[list[str | None]], site: Site, free: bool) -> tuple[list[Verdict], int]:
    """The verdicts as far as the process came, and its exit code."""
    from handbook.checks.run import CheckError  # noqa: PLC0415 (they name each other)

    driver = DRIVER.replace("SECONDS", str(SECONDS)).replace("FREE", str(free))
    command = [sys.executable, *(() if free else ("-I",)), "-c", driver]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(pages),
            capture_output=True,
            text=True,
            timeout=600 + SECONDS * sum(map(len, pages)),
            check=False,
            cwd=site.root,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # threads that wait for each other cost time too
        )
        said = [json.loads(line) for line in done.stdout.splitlines()]
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise CheckError(f"CODE007 could not run the samples: {error}") from error
    if not said:
        raise CheckError(f"CODE007 could not run the samples: {done.stderr.strip()[-300:]}")
    return said[1:], done.returncode


def _remembered(root: Path, sources: list[str | None]) -> Path | None:
    """The mark that just these samples ran well under just this Python; None where more than that decides."""
    if not all(source is None or _is_closed(ast.parse(source), (PURE | {"numpy"}) - CLOCKS) for source in sources):
        return None
    key = json.dumps([DRIVER, sys.version, _numpy(), sources])
    return root / ".cache/samples" / hashlib.sha256(key.encode()).hexdigest()[:32]


def _numpy() -> str:
    try:
        return metadata.version("numpy")
    except metadata.PackageNotFoundError:
        return ""


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
    return free or (_is_closed(tree, PURE) and not any(map(_is_left_out, ast.walk(tree))))


def _is_closed(tree: ast.AST, modules: frozenset[str]) -> bool:
    """Whether a sample uses these modules only, and neither reads nor changes anything outside of itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and not all(alias.name.split(".")[0] in modules for alias in node.names):
            return False
        if isinstance(node, ast.ImportFrom) and ((node.module or "").split(".")[0] not in modules or node.level):
            return False
        if isinstance(node, ast.Name) and (
            node.id in REACHES_OUT or (node.id.startswith("__") and hasattr(builtins, node.id))
        ):
            return False
        if isinstance(node, ast.Attribute) and (node.attr.startswith("__") or node.attr in OUTSIDE):
            return False
    return True


def _is_left_out(node: ast.AST) -> bool:
    """Whether a part of a stranger's sample may not end, raises, or stands for something: class X(...)."""
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Constant) for base in node.bases)
    if isinstance(node, ast.Call | ast.Compare):
        parts = node.args if isinstance(node, ast.Call) else node.comparators
        return any(isinstance(part, ast.Constant) and part.value is ... for part in parts)
    return isinstance(node, ast.While | ast.Raise | ast.AsyncFunctionDef | ast.Await)
