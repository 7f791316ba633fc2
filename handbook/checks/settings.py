"""What is particular to one project's chapters: `[tool.handbook.checks]` in the pyproject.toml beside its mkdocs.yml.

Without it, only what is general is checked.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from handbook.checks import encoding

DEFAULTS: dict[str, Any] = {
    "chapters": [],  # globs, below the docs, of the pages that must be as our chapters are
    "ignore": [],  # rules that are switched off
    "warnings": "",  # "red": warnings fail too; "" : as the site's own `strict` says
    "allowed_hosts": [],  # third parties from which the pages may load
    "own_files": False,  # whether a page shows nothing that another host keeps
    "allowed_files": [],  # globs, below the docs, of files that are published although they look stray
    "allowed_scripts": [],  # globs of scripts under the docs that the theme's templates use
    "image_kilobytes": 300,
    "code_columns": 200,
    "run_python": False,  # True: every Python sample must run; False: only those that plainly can
    "known_words": [],  # spellings that are meant
    "diagram_text": False,  # whether each diagram needs accTitle and accDescr
    "required_meta": [],
    "known_meta": [],
    "ledger": "",  # the file of published addresses
    "freshness_days": {},  # by level
}


KINDS = {list: "a list", str: "a text", int: "a whole number", bool: "true or false", dict: "a table"}


class Settings(dict):
    """The defaults, with what the project says over them."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def load(root: Path) -> Settings:
    """Read the settings of the project at `root`; raises ValueError where they can't be understood."""
    path = root / "pyproject.toml"
    own: Any = {}
    if path.is_file():
        try:
            own = tomllib.loads(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            line, column, message = encoding.fault(path.read_bytes()) or (1, 1, str(error))
            raise ValueError(f"{path}:{line}:{column}: {message}") from error
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path}: not TOML ({error})") from error
        for key in ("tool", "handbook", "checks"):
            own = own.get(key, {}) if isinstance(own, dict) else own
    if not isinstance(own, dict):
        raise ValueError(f"{path}: [tool.handbook.checks] is no table; write 'key = value' lines under that head")
    unknown = set(own) - set(DEFAULTS) - {"chapter"}
    if unknown:
        raise ValueError(f"{path}: unknown settings in [tool.handbook.checks]: {', '.join(sorted(unknown))}")
    for key, value in own.items():
        kind = type(DEFAULTS.get(key, {}))
        if type(value) is not kind:
            raise ValueError(f"{path}: '{key}' in [tool.handbook.checks] is {value!r}; write {KINDS[kind]}")
    return Settings({**DEFAULTS, "chapter": {}, **own})
