"""Rebuild the computed figures: python -m handbook.figures [--check].

Every module of this package with a function draw() is one chapter's figures.
The files go to docs/assets/figures/<chapter>/ under the current directory.
A module lab_<name> is what stands for a lab where no script runs: draw() gives its figure, for
docs/assets/figures/labs/, and table() its table, for docs/data/labs/<name>.yaml; or tables() several, by name.
With --check nothing is written: the exit code is 1 if a file differs, and each is named.
"""

import argparse
import importlib
import pkgutil
import re
import sys
from pathlib import Path

import yaml

import handbook.figures

FIGURES = Path("docs/assets/figures")
TABLES = Path("docs/data/labs")
FILE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.svg")


def computed() -> dict[Path, str]:
    """Every computed figure and table of a lab: its path from the root, and its text."""
    figures = {}
    for module_name in sorted(m.name for m in pkgutil.iter_modules(handbook.figures.__path__)):
        if module_name.startswith("_"):
            continue
        module = importlib.import_module(f"handbook.figures.{module_name}")
        draw = getattr(module, "draw", None)
        if draw is None:
            continue
        chapter = module_name.replace("_", "-")
        lab = chapter.removeprefix("lab-") if chapter.startswith("lab-") else None
        for name, svg in draw().items():
            if not FILE_NAME.fullmatch(name):
                raise ValueError(f"{module.__name__}: '{name}' is no name like 'a-figure.svg'")
            figures[FIGURES / ("labs" if lab else chapter) / name] = svg
        if lab:
            tables = module.tables() if hasattr(module, "tables") else {lab: module.table()}
            for name, table in tables.items():
                figures[TABLES / f"{name}.yaml"] = yaml.safe_dump(
                    table, sort_keys=False, allow_unicode=True, default_flow_style=None, width=1000
                )
    return figures


def main() -> int:
    """Write the figures, or with --check compare them with what is there."""
    parser = argparse.ArgumentParser(prog="python -m handbook.figures", description="Rebuild the computed figures.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 and name each file that differs"
    )
    check = parser.parse_args().check
    differing = 0
    for path, svg in computed().items():
        data = svg.encode("utf-8")
        if path.is_file() and path.read_bytes() == data:
            continue
        differing += 1
        if check:
            print(f"{path}: differs from what is computed; run python -m handbook.figures", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"wrote {path}")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
