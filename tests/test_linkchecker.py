"""linkchecker, which shares no code with ours, agrees over HTTP: the served handbook has no dead link."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from static_server import serve

RC = Path(__file__).with_name("linkcheckerrc")


def linkchecker(url: str) -> subprocess.CompletedProcess[str]:
    # As a module: the command need not be on the path.
    return subprocess.run(
        [sys.executable, "-m", "linkcheck", f"--config={RC}", url],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def links_checked(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"(\d+) links in \d+ URLs? checked", done.stdout)
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    ("base", "link", "code"),
    [
        ("/book/", '<a href="../other/">', 0),
        ("/", '<a href="../nope/">', 1),
        ("/", '<img src="nope.png">', 1),
        ("/book/", '<a href="/other/">', 1),
    ],
)
def test_red_on_a_dead_link(tmp_path: Path, base: str, link: str, code: int) -> None:
    files = {"index.html": '<a href="page/">page</a>', "page/index.html": link, "other/index.html": "other"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"<!doctype html><title>{name}</title>{text}", encoding="utf-8")
    with serve(tmp_path, base) as url:
        done = linkchecker(url)
    assert done.returncode == code, done.stdout + done.stderr
    assert links_checked(done) == len(files)


def test_handbook(site: Path, served_site: str) -> None:
    done = linkchecker(served_site)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [path for path in site.rglob("*.html") if path.name != "404.html"]
    assert links_checked(done) > len(pages), "a check that saw next to nothing is not green"
