"""`handbook check --site`: what is broken in the built site is told at its place in the sources."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from handbook.__main__ import main

PAGES = {
    "index.md": "# Home\n\nSee [a](guide/start.md#setup), <a href='guide/nope/'>b</a>.\n\n- [c][d]\n\n[d]: guide/start.md#gone\n",
    "guide/start.md": "# Start\n\n## Setup\n\n![e](../pictures/none.png)\n\n<a href=''>f</a> <a href='/top/'>g</a>\n",
    "assets/more.css": "p { color: red }\n\nq { background: url(none.svg) }\n",
}
CONFIG = """site_name: X
site_url: https://example.org/handbook/
theme: {name: mkdocs, custom_dir: theme}
plugins: []
extra_css: [assets/more.css]
"""
EXPECTED = {
    ("SITE001", "docs/index.md", 3, 41),
    ("SITE002", "docs/index.md", 7, 6),
    ("SITE001", "docs/guide/start.md", 5, 6),
    ("SITE005", "docs/guide/start.md", 7, 10),
    ("SITE003", "docs/guide/start.md", 7, 27),
    ("SITE001", "docs/assets/more.css", 0, 0),
    ("SITE001", "docs/index.md", 1, 0),  # from the template
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("built")
    for name, text in {
        **{f"docs/{name}": text for name, text in PAGES.items()},
        "theme/main.html": '{% extends "base.html" %}{% block footer %}{% if page and page.is_homepage %}'
        '<a href="frame/">x</a>{% endif %}{% endblock %}',
        "mkdocs.yml": CONFIG,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet"], cwd=root, check=True, capture_output=True)
    return root


def command(root: Path, *more: str) -> list[str]:
    return ["check", "--config-file", str(root / "mkdocs.yml"), "--select", "SITE", *more]


def found(root: Path, capsys: pytest.CaptureFixture[str], *more: str) -> set[tuple[str, str, int, int]]:
    assert main(command(root, "--site", str(root / "site"), "--format", "json", *more)) == 1
    findings = json.loads(capsys.readouterr().out)
    return {
        (f["rule"], os.path.relpath(f["path"], root).replace(os.sep, "/"), f["line"], f["column"]) for f in findings
    }


def test_each_is_told_at_its_place_in_the_source(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = {finding for finding in found(root, capsys) if not finding[1].startswith("site/")}
    assert own == EXPECTED


def test_only_the_given_pages_are_told_of(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = "docs/guide/start.md"
    assert found(root, capsys, str(root / page)) == {finding for finding in EXPECTED if finding[1] == page}


@pytest.mark.parametrize("form", ["text", "github", "sarif"])
def test_all_formats(root: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(root, "--site", str(root / "site"), "--format", form)) == 1
    assert "SITE003" in capsys.readouterr().out


def test_what_was_not_built_is_not_green(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(root)) == 2
    assert main(command(root, "--site", str(tmp_path))) == 2
    assert "build the site first" in capsys.readouterr().err


def test_what_was_built_before_a_change_is_not_green(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, built = root / "docs/index.md", root / "site/index.html"
    before = page.stat()
    os.utime(page, (built.stat().st_mtime + 9, built.stat().st_mtime + 9))
    try:
        assert main(command(root, "--site", str(root / "site"))) == 2
    finally:
        os.utime(page, (before.st_atime, before.st_mtime))
    assert "build the site anew" in capsys.readouterr().err
