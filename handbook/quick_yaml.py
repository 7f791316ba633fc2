"""YAML as the build reads it: by the parser in C where PyYAML has it, and a file once for as long as it stays as it is.

What is returned is shared: nobody may change it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:
    """Parse a text; raises yaml.YAMLError."""
    return yaml.load(text, LOADER)


def read(path: Path) -> Any:
    """Parse a file; raises OSError or yaml.YAMLError."""
    now = path.stat()
    return _read(path.absolute(), now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, changed: int, size: int) -> Any:
    return load(path.read_text(encoding="utf-8"))
