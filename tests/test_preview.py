"""The preview shows what was saved, with no key pressed; its search follows, and so does what pages are made from."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import Error, Page, expect

LONG = 60_000  # ms: more than a busy machine takes


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the handbook that may be written to."""
    root = tmp_path_factory.mktemp("preview")
    for name in ("docs", "overrides", "handbook"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", root)
    return root


@pytest.fixture(scope="module")
def preview(project: Path) -> Iterator[str]:
    """The address of the running preview."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "handbook", "preview", "--no-open", "--port", str(port)]
    cache = os.environ.get("HANDBOOK_CACHE", str(ROOT / ".cache"))
    running = subprocess.Popen(command, cwd=project, env={**os.environ, "HANDBOOK_CACHE": cache})
    yield f"http://127.0.0.1:{port}/"
    running.terminate()
    running.wait()


def open_when_there(page: Page, url: str) -> None:
    """Open a page once the engine answers, and wait until the page has looked at what is served."""
    for _ in range(LONG // 200):
        try:
            with page.expect_response(lambda response: response.request.resource_type == "fetch", timeout=LONG):
                page.goto(url)
            return
        except Error:
            time.sleep(0.2)
    pytest.fail("the preview does not answer")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_saved_page_is_shown_and_found(project: Path, preview: str, page: Page) -> None:
    open_when_there(page, preview + "genai/types/")
    replace(project / "docs/genai/types.md", "# Types of generative AI", "# Quaggas, types of generative AI")
    expect(page.locator("h1")).to_contain_text("Quaggas", timeout=LONG)
    index = "fetch('/search/start.json', { cache: 'no-store' }).then((got) => got.text())"
    found = f"() => {index}.then((text) => text.includes('Quagga'))"
    page.wait_for_function(found, timeout=LONG, polling=300)


def test_what_a_page_is_made_from_is_shown(project: Path, preview: str, page: Page) -> None:
    open_when_there(page, preview + "genai/types/")
    source = page.locator(".notes cite").first.text_content()
    replace(project / "docs/data/bibliography.yaml", source, "Quagga studies")
    expect(page.locator(".notes cite").first).to_have_text("Quagga studies", timeout=LONG)


def test_what_is_published_has_nothing_of_the_preview(site: Path) -> None:
    assert "preview.js" not in (site / "genai/types/index.html").read_text(encoding="utf-8")
