"""The preview answers at once, shows what was saved with no key pressed, and tells what is wrong with it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from playwright.sync_api import Error, Page, expect

from handbook import preview as preview_of
from handbook.preview.book import Book
from handbook.preview.server import Server

LONG = 60_000  # ms: more than a busy machine takes


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the handbook that may be written to."""
    root = tmp_path_factory.mktemp("preview")
    for name in ("docs", "overrides", "handbook"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


def said(project: Path) -> str:
    """What the preview has printed."""
    return (project / "said.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def preview(project: Path) -> Iterator[str]:
    """The address of the running preview."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "handbook", "preview", "--no-open", "--port", str(port)]
    cache = os.environ.get("HANDBOOK_CACHE", str(ROOT / ".cache"))
    environment = {**os.environ, "HANDBOOK_CACHE": cache, "PYTHONUNBUFFERED": "1"}
    with (project / "said.txt").open("w") as told:
        running = subprocess.Popen(command, cwd=project, env=environment, stdout=told, stderr=told)
        yield f"http://127.0.0.1:{port}/"
        running.terminate()
        running.wait()


def open_when_there(page: Page, url: str) -> None:
    """Open a page once the server answers, and wait until the page has looked at what is served."""
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


def test_a_fault_is_told_with_its_line_and_the_page_stays(project: Path, preview: str, page: Page) -> None:
    open_when_there(page, preview + "genai/providers/")
    source = project / "docs/genai/providers.md"
    replace(source, "\n## ", "\nQuaggas are extinct [@quagga1883].\n\n## ")
    expect(page.locator("article")).to_contain_text("Quaggas are extinct", timeout=LONG)
    line = source.read_text(encoding="utf-8").split("Quaggas")[0].count("\n") + 1
    wait_until(lambda: f"docs/genai/providers.md:{line}:" in said(project))


def test_a_page_that_cannot_be_shown_says_why_until_it_is_mended(project: Path, preview: str, page: Page) -> None:
    open_when_there(page, preview + "genai/providers/")
    source = project / "docs/genai/providers.md"
    whole = source.read_bytes()
    source.write_bytes(whole + b"\xff")
    expect(page.locator("h1")).to_have_text("This page can't be shown", timeout=LONG)
    expect(page.locator("article")).to_contain_text("docs/genai/providers.md")
    source.write_bytes(whole)
    expect(page.locator(".chapter-facts")).to_be_visible(timeout=LONG)  # with no key pressed


def test_a_changed_extension_is_used(project: Path, preview: str, page: Page) -> None:
    open_when_there(page, preview + "genai/types/")
    replace(project / "handbook/markdown/reading.py", "What builds on this chapter: ", "Quaggas build on this: ")
    expect(page.locator(".read-next")).to_contain_text("Quaggas build on this", timeout=LONG)


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(LONG // 200):
        if holds():
            return
        time.sleep(0.2)
    pytest.fail("it does not come true")


@pytest.fixture
def empty_server() -> Iterator[Server]:
    """The preview before it has read the handbook."""
    server = Server(0)
    yield server
    server.stop()


def test_before_the_first_page_a_notice_is_shown_and_gives_way(empty_server: Server, page: Page) -> None:
    answer = page.goto(empty_server.address + "genai/types/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    expect(page.locator("h1")).to_have_text("The handbook is being read")
    assert page.evaluate("getComputedStyle(document.body).fontFamily") != "serif"  # in the site's look
    assert not Axe().run(page).response["violations"]
    there = "<!doctype html><title>There</title><h1>There</h1>"
    empty_server.book = SimpleNamespace(pages={"genai/types/": None}, static={}, html=lambda url: there)
    expect(page.locator("h1")).to_have_text("There", timeout=LONG)


@pytest.mark.parametrize("path", ["../mkdocs.yml", "%2e%2e/mkdocs.yml", "search/../../mkdocs.yml", "/etc/passwd"])
def test_nothing_outside_the_site_is_served(empty_server: Server, path: str) -> None:
    with socket.create_connection(("127.0.0.1", int(empty_server.address.split(":")[2].strip("/")))) as connection:
        connection.sendall(f"GET /{path} HTTP/1.0\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert b"The handbook is being read" in answer or answer.startswith(b"HTTP/1.1 404")


def test_a_page_is_shown_as_it_is_published(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDBOOK_PREVIEW", "")
    monkeypatch.chdir(ROOT)
    book = Book(fresh=False)
    for url in book.pages:
        published = (site / url / "index.html").read_text(encoding="utf-8")
        shown = re.sub(r'<script [^>]*assets/javascripts/preview.js"[^>]*></script>\n', "", book.html(url))
        assert shown == published, url
    assert book.not_found().count("<li><a") == (site / "404.html").read_text(encoding="utf-8").count("<li><a")


def test_a_taken_port_is_told(empty_server: Server, capsys: pytest.CaptureFixture) -> None:
    port = int(empty_server.address.split(":")[2].strip("/"))
    assert preview_of.serve(port, open_browser=False) == 2
    assert "make serve PORT=" in capsys.readouterr().err


def test_what_is_published_has_nothing_of_the_preview(site: Path) -> None:
    assert "preview.js" not in (site / "genai/types/index.html").read_text(encoding="utf-8")
