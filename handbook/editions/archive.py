"""Zip files that come out the same, byte for byte, whenever and wherever they are made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the format knows no earlier day


def write(target: Path, files: Iterable[tuple[str, bytes, int]]) -> None:
    """Write (name, content, compression) in the given order."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content, compression in files:
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = compression
            entry.create_system = 3  # or it depends on the machine
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)
