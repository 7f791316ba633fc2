"""What is made of Lighthouse's reports; and, where Lighthouse is installed, that it sees a page that is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import lighthouse
import pytest

BROKEN = """<!doctype html><html><title></title><img src="x.png"><p style="color:#ddd;background:#fff">Faint</p>
<script>setTimeout(() => { const end = Date.now() + 400; while (Date.now() < end); }, 100)</script></html>"""


def report(**changes: float) -> dict[str, Any]:
    """A report in which all is well, but for the scores (0 to 1) and numbers that are given."""
    scores = {name: changes.get(name.replace("-", "_"), 1) for name in lighthouse.CATEGORIES}
    numbers = {
        "total-blocking-time": changes.get("blocked", 0),
        "cumulative-layout-shift": changes.get("shift", 0),
        "largest-contentful-paint": 1000,
    }
    audits = {name: {"score": 1, "numericValue": number} for name, number in numbers.items()}
    audits |= {f"audit-of-{name}": {"score": score} for name, score in scores.items()}
    audits["not-for-this-page"] = {"score": None}
    refs = {
        name: [{"id": f"audit-of-{name}", "weight": 1}, {"id": "not-for-this-page", "weight": 1}] for name in scores
    }
    return {
        "categories": {name: {"score": score, "auditRefs": refs[name]} for name, score in scores.items()},
        "audits": audits,
    }


def test_a_page_at_100_passes() -> None:
    line, passes = lighthouse.judge([report()] * 3)
    assert passes
    assert line.startswith("performance 100, accessibility 100, best-practices 100, seo 100; largest paint 1000 ms")
    assert "failing" not in line


@pytest.mark.parametrize("name", ["accessibility", "best_practices", "seo"])
def test_one_run_below_fails(name: str) -> None:
    line, passes = lighthouse.judge([report(), report(**{name: 0.96}), report()])
    assert not passes
    assert f"failing: audit-of-{name.replace('_', '-')}" in line


@pytest.mark.parametrize("change", [{"performance": 0.98}, {"blocked": 50}, {"shift": 0.001}])
def test_a_slow_run_is_forgiven_and_two_of_three_are_not(change: dict[str, float]) -> None:
    assert lighthouse.judge([report(), report(**change), report()])[1]
    assert not lighthouse.judge([report(**change), report(), report(**change)])[1]


def stand_in(tmp_path: Path, prints: str, code: int = 0) -> str:
    """A command that prints as Lighthouse would."""
    script = tmp_path / "lighthouse"
    script.write_text(f"#!{sys.executable}\nimport sys\nprint({prints!r})\nsys.exit({code})\n", encoding="utf-8")
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    (tmp_path / "site/genai").mkdir(parents=True)
    for path in ("index.html", "genai/index.html"):
        (tmp_path / "site" / path).write_text(BROKEN, encoding="utf-8")
    return tmp_path / "site"


def test_every_page_has_a_line_and_one_below_is_red(
    small_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for score, code in ((1, 0), (0.9, 1)):
        monkeypatch.setenv("HANDBOOK_LIGHTHOUSE", stand_in(tmp_path, json.dumps(report(seo=score))))
        assert lighthouse.main([str(small_site), "--runs", "1"]) == code
        lines = capsys.readouterr().out.splitlines()
        assert [line.split(":")[0] for line in lines] == ["genai/", "index"]


@pytest.mark.parametrize(
    ("prints", "code"), [("", 1), (json.dumps({"runtimeError": {"message": "no paint"}}), 0)], ids=["ends", "no paint"]
)
def test_what_lighthouse_could_not_tell_is_not_green(
    small_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prints: str, code: int
) -> None:
    monkeypatch.setenv("HANDBOOK_LIGHTHOUSE", stand_in(tmp_path, prints, code))
    assert lighthouse.main([str(small_site)]) == 2


def test_without_lighthouse_or_a_site_it_is_not_green(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDBOOK_LIGHTHOUSE", stand_in(tmp_path, json.dumps(report())))
    assert lighthouse.main([str(tmp_path)]) == 2
    monkeypatch.delenv("HANDBOOK_LIGHTHOUSE")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert lighthouse.main([str(tmp_path)]) == 2


@pytest.mark.skipif(not lighthouse.command(), reason="Lighthouse is not installed: see tests/lighthouse.py")
def test_lighthouse_sees_a_broken_page(small_site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lighthouse.main([str(small_site), "--pages", "genai/", "--runs", "1"]) == 1
    line = capsys.readouterr().out
    for audit in ("color-contrast", "html-has-lang", "image-alt", "document-title"):
        assert audit in line
