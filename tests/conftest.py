"""What the tests share: the site as it is built and served, and a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import browser as browser_finder
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from static_server import serve

ROOT = Path(__file__).parent.parent
PALETTES = ("default", "slate")


def run(command: list[str], cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it said."""
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **quiet, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The handbook, built strictly, as a directory; the first of pytest's processes builds it for all. Only read it."""
    folder = tmp_path_factory.getbasetemp()
    target = (folder if worker_id == "master" else folder.parent) / "built-site"
    try:
        target.mkdir()
    except FileExistsError:
        return _built_elsewhere(target)
    outcome = "could not be built; another of pytest's processes tells why"
    try:
        _build(target)
        outcome = ""
    finally:
        target.with_suffix(".part").write_text(outcome, encoding="utf-8")
        target.with_suffix(".part").rename(target.with_suffix(".outcome"))
    return target


def _built_elsewhere(target: Path) -> Path:
    """Wait for the process that builds the site."""
    outcome = target.with_suffix(".outcome")
    while not outcome.exists():
        time.sleep(0.2)
    if fault := outcome.read_text(encoding="utf-8"):
        pytest.fail(f"the site {fault}")
    return target


def _build(target: Path) -> None:
    assert run([sys.executable, "-m", "handbook", "prepare"]).returncode == 0
    done = run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)])
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    finish(target)


def finish(site: Path) -> None:
    """Do to a built site what `make build` does: the search index, lighter styles and scripts."""
    for command in ("index", "lighten"):
        done = run([sys.executable, "-m", "handbook", command, str(site)])
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def zensical_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook as Zensical builds it, strictly."""
    project = tmp_path_factory.mktemp("zensical")
    for name in ("docs", "overrides"):
        shutil.copytree(ROOT / name, project / name)
    shutil.copy(ROOT / "mkdocs.yml", project)
    cache = os.environ.get("HANDBOOK_CACHE", str(ROOT / ".cache"))
    done = run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=project, HANDBOOK_CACHE=cache)
    assert done.returncode == 0, done.stdout + done.stderr
    finish(project / "site")
    return project / "site"


@pytest.fixture(scope="session")
def served_site(site: Path) -> Iterator[str]:
    """The address at which the built handbook is served."""
    with serve(site) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running browser; without one the tests stop, they are not skipped."""
    try:
        path = browser_finder.get()
    except browser_finder.NoBrowserError as error:
        pytest.exit(str(error), returncode=2)
    with sync_playwright() as playwright:
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
        running = playwright.chromium.launch(executable_path=path, args=quiet)
        yield running
        running.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page, 1280 pixels wide."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def pages_of(site: Path) -> list[str]:
    """The paths of all pages of a built site, as a reader's browser asks for them."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [path.removesuffix("index.html") for path in found]
