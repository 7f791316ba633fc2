"""Make the safe mends: those that never change what a page says."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from handbook.checks.finding import Finding, Fix


def apply(findings: Iterable[Finding]) -> int:
    """Write the mends into their files; returns how many were made."""
    by_file: dict[str, set[Fix]] = defaultdict(set)
    for finding in findings:
        by_file[finding.path].update(finding.fixes)
    # What a link brings in from elsewhere is not ours to mend: FILE009 tells.
    return sum(_mend(Path(path), fixes) for path, fixes in by_file.items() if fixes and not os.path.islink(path))


def _mend(path: Path, fixes: set[Fix]) -> int:
    data = path.read_bytes()
    whole = {fix.new for fix in fixes if fix.line == 0}
    if "bom" in whole:
        data = data.removeprefix(b"\xef\xbb\xbf")
    if "lf" in whole:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.decode("utf-8").split("\n")
    made, last = len(whole), (len(lines) + 1, 0)
    # From the end on, so that places stay true; of two mends that overlap, the second waits for the next run.
    for fix in sorted((fix for fix in fixes if fix.line), key=lambda fix: (fix.line, fix.start, fix.end), reverse=True):
        if (fix.line, fix.end) > last:
            continue
        line = lines[fix.line - 1]
        end = "\r" if line.endswith("\r") else ""
        new = fix.new.replace("\n", end + "\n")
        lines[fix.line - 1] = line[: fix.start] + new + line[fix.end :]
        made, last = made + 1, (fix.line, fix.start)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes("\n".join(lines).encode("utf-8"))
    shutil.copymode(path, temporary)
    os.replace(temporary, path)
    return made
