"""A check that could not run is never green, and says in one line why."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from handbook.__main__ import main
from handbook.checks import samples
from handbook.checks.rules import RULES, Rule, lint, load, mermaid, prose

PAGE = "# X\n\nWords.\n"
CONFIG = "site_name: X\nsite_url: https://example.org/\n"
DIAGRAM = f"{PAGE}\n```mermaid\nflowchart LR\n  A --> B\n```\n"
SAMPLE = f"{PAGE}\n```python\nx = 1\n```\n"
FENCES = """markdown_extensions:
  - pymdownx.superfences:
      custom_fences: [{name: mermaid, class: mermaid, format: !!python/name:pymdownx.superfences.fence_code_format }]
"""
RUN = "run_python = true"


def check(root: Path, page: str = PAGE, config: str | bytes = CONFIG, settings: str | bytes = "", *more: str) -> int:
    """The exit code for a site of one page."""
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs/index.md").write_text(page, encoding="utf-8")
    (root / "mkdocs.yml").write_bytes(config if isinstance(config, bytes) else config.encode())
    head = "[tool.handbook.checks]\n"
    data = settings if isinstance(settings, bytes) else (head + settings).encode()
    (root / "pyproject.toml").write_bytes(data)
    return main(["check", "--config-file", str(root / "mkdocs.yml"), *more])


def test_a_sound_site_is_green(tmp_path: Path) -> None:
    assert check(tmp_path, DIAGRAM, CONFIG + FENCES) == check(tmp_path, SAMPLE, settings=RUN) == 0


@pytest.mark.parametrize(
    "config",
    [
        "site_name: [x\n",
        "- a list\n",
        b"site_name: \xff\n",
        "INHERIT: none.yml\n",
        "INHERIT: mkdocs.yml\n",
        CONFIG + "plugins: 3\n",
        CONFIG + "nav: index.md\n",
        CONFIG + "markdown_extensions: toc\n",
        CONFIG + "theme: [material]\n",
        CONFIG + "validation: strict\n",
        CONFIG + "docs_dir: nowhere\n",
        CONFIG + "exclude_docs: '*.md'\n",
        "a: &a [*a]\n",
    ],
)
def test_a_configuration_that_makes_no_sense(tmp_path: Path, config: str | bytes, capsys) -> None:
    assert check(tmp_path, config=config) == 2
    assert capsys.readouterr().err.startswith("can't check: ")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("INHERIT: none.yml\n", ":1:10: INHERIT names 'none.yml'"),
        ("INHERIT: [a.yml]\n", ":1: INHERIT names"),
        ("theme:\n\tname: material\n", ":2:1: .*with blanks, not with tabs"),
        ("theme:\n  name: mkdocs\n font: false\n", ":3:2: .*as its neighbours are"),
        ("site_name: A: the first\n", ":1:13: .*put quotes around"),
        ('site_name: "A\nx: y\n', ":1:12: .*close the quote"),
        ("extra: *nope\n", ":1:8: .*define it above"),
        ("site_name: !ENV {a: b}\n", ":1:12: .*!ENV wants a name"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_told_by_its_place(
    tmp_path: Path, config: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, config=config) == 2
    assert re.search(rf"mkdocs\.yml{says}", capsys.readouterr().err)


def test_a_configuration_is_read_and_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof = tmp_path / "ran"
    slugify = f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path [{proof}]]"
    config = f"{CONFIG}markdown_extensions:\n  - toc:\n      slugify: {slugify}\n"
    assert check(tmp_path, f"{PAGE}\n## Part\n\n[a](#nowhere)\n", config) == 1
    assert not proof.exists() and "SEC015" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["mkdocs.yml", "pyproject.toml"])
def test_a_configuration_in_another_encoding_is_told_by_its_place(tmp_path: Path, name: str, capsys) -> None:
    old = {"config": CONFIG.encode() + b"# \xe9\n"} if name == "mkdocs.yml" else {"settings": b"\n\n# \xe9\n"}
    assert check(tmp_path, **old) == 2
    assert f"{name}:3:3: byte 0xE9 is not UTF-8 (in Windows-1252 it is 'é'); save" in capsys.readouterr().err


@pytest.mark.parametrize(
    "settings",
    [
        "nosuch = 1",
        'image_kilobytes = "300"',
        "chapters = 3",
        "run_python = 1",
        'ledger = "none.txt"',
        b"[tool.handbook]\nchecks = 3\n",
        b"[tool.handbook\n",
        b"\xff\n",
    ],
)
def test_settings_that_make_no_sense(tmp_path: Path, settings: str | bytes, capsys) -> None:
    assert check(tmp_path, settings=settings) == 2
    assert capsys.readouterr().err.startswith("can't check: ")


def test_a_ledger_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "ledger.txt").write_bytes(b"\xff\n")
    assert check(tmp_path, settings='ledger = "ledger.txt"') == 2


@pytest.mark.parametrize("does", ["raise SystemExit(3)", "raise SystemExit(2)", "print('no JSON')", "print('{}')"])
def test_a_linter_that_fails(tmp_path: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "linter"
    program.write_text(f"#!{sys.executable}\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(lint, "_program", lambda: str(program))
    lint._run.cache_clear()
    assert check(tmp_path) == 2
    lint._run.cache_clear()


@pytest.mark.parametrize("where", [".", "docs", ".."])
def test_the_linter_is_heard_from_any_folder(tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / where)
    assert check(tmp_path, f"{PAGE}\nSee https://example.net/a for more.\n", settings='warnings = "red"') == 1


@pytest.mark.parametrize(
    ("module", "page"), [("codespell_lib", PAGE), ("handbook.markdown.diagrams", DIAGRAM), ("lxml", PAGE)]
)
def test_a_library_that_is_missing(tmp_path: Path, module: str, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    load()
    monkeypatch.setitem(sys.modules, module, None)
    if "." in module:
        package, _, name = module.rpartition(".")
        monkeypatch.delattr(sys.modules.get(package, type("none", (), {name: 0})), name, raising=False)
    prose._misspellings.cache_clear()
    mermaid._verdict.cache_clear()
    assert check(tmp_path, page, CONFIG + FENCES) == 2


def test_a_rule_that_has_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    load()
    monkeypatch.setitem(RULES, "BAD001", Rule("BAD001", "It is wrong.", lambda page, site: iter([1 / 0])))
    assert check(tmp_path) == 2
    assert "BAD001 could not check" in capsys.readouterr().err


def test_no_rule_left(tmp_path: Path) -> None:
    assert check(tmp_path, PAGE, CONFIG, "", "--select", "LINK001", "--ignore", "LINK") == 2


# ── Samples ──────────────────────────────────────────────────────────────────


def test_a_runner_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "DRIVER", "import nosuch")
    assert check(tmp_path, SAMPLE, settings=RUN) == 2
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nosuch"))
    assert check(tmp_path, SAMPLE, settings=RUN) == 2


@pytest.mark.parametrize("ends", ["os._exit(0)", "os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_a_sample_that_ends_its_process_is_a_finding(tmp_path: Path, ends: str, capsys) -> None:
    assert check(tmp_path, f"{PAGE}\n```python\nimport os\n{ends}\n```\n", settings=RUN) == 1
    assert "CODE007 running this ends the process" in capsys.readouterr().out


@pytest.mark.parametrize("prints", ["print('{}', file=sys.__stdout__)", "os.write(1, b'[1]')", "sys.exit('bye')"])
def test_a_sample_that_prints_past_its_runner_is_none(tmp_path: Path, prints: str) -> None:
    assert check(tmp_path, f"{PAGE}\n```python\nimport os, sys\n{prints}\n```\n", settings=RUN) == 0


def test_only_what_ran_well_is_remembered(tmp_path: Path) -> None:
    bad = SAMPLE.replace("x = 1", "x = 1 / 0")
    assert check(tmp_path, bad, settings=RUN) == check(tmp_path, bad, settings=RUN) == 1
    assert not (tmp_path / ".cache").exists()
    assert check(tmp_path, SAMPLE, settings=RUN) == 0
    assert len(list((tmp_path / ".cache/samples").iterdir())) == 1
    assert check(tmp_path, bad, settings=RUN) == 1


def test_what_depends_on_more_than_its_text_runs_each_time(tmp_path: Path) -> None:
    page = f"{PAGE}\n```python\nprint(open('data.txt').read())\n```\n"
    (tmp_path / "data.txt").write_text("x")
    check(tmp_path, page, settings=RUN)
    (tmp_path / "data.txt").unlink()
    assert check(tmp_path, page, settings=RUN) == 1


def test_a_python_or_numpy_of_another_version_runs_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = samples._remembered(tmp_path, ["x = 1"])
    monkeypatch.setattr(samples, "_numpy", lambda: "0.1")
    assert before != samples._remembered(tmp_path, ["x = 1"])
    assert samples._remembered(tmp_path, ["import time"]) is samples._remembered(tmp_path, ["import os"]) is None
