"""`handbook build` writes what MkDocs writes, however many processes render the pages, and says what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from handbook import build
from handbook.lighten import lighten


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "FEWEST", 1)
    monkeypatch.setenv("HANDBOOK_CACHE", str(ROOT / ".cache"))


def files_of(site: Path) -> dict[str, bytes]:
    """Every file but the search's; the time in the packed site map is the build's."""
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name[:7] != "search/" and name[-3:] != ".gz"}


def test_pages_rendered_side_by_side_are_the_same(
    site: Path, tmp_path: Path, side_by_side: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    taken = []
    monkeypatch.setattr(build, "_take", lambda *given, take=build._take: taken.append(given[0]) or take(*given))
    assert build.build(tmp_path, strict=True, processes=2)
    lighten(tmp_path)
    assert len(taken) == len(list(site.rglob("index.html")))
    one, other = files_of(site), files_of(tmp_path)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_what_another_process_finds_wrong_stops_a_strict_build(
    tmp_path: Path, side_by_side: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for name in ("docs", "overrides"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    page = tmp_path / "docs/genai/types.md"
    page.write_text(page.read_text(encoding="utf-8").replace("\n## ", "\nA [@quagga1883].\n\n## ", 1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert not build.build(tmp_path / "site", strict=True, processes=2)
    told = capsys.readouterr().err
    assert "docs/genai/types.md:15: unknown citation key 'quagga1883'" in told
    assert "can't build" in told
    assert build.build(tmp_path / "site", strict=False, processes=2)
