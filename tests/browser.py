"""Find the browser for the tests, or get one: Chromium or Chrome as found, else Playwright's, else Debian's package.

Run as a script it prints the path, or says what to install and exits with 1: browser tests are never skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
ADVICE = """No browser for the tests was found, and none could be installed.
Install Chromium or Google Chrome, or name one: make test HANDBOOK_CHROMIUM=/path/to/chrome"""


class NoBrowserError(RuntimeError):
    """There is no browser, and none can be had."""


def find() -> str | None:
    """Return the path of a browser that is there already."""
    named = os.environ.get("HANDBOOK_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((place for place in PLACES if Path(place).is_file()), None) or _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import, and seldom needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def get() -> str:
    """Return the path of a browser, installed if need be; raises NoBrowserError."""
    if path := find():
        return path
    if "HANDBOOK_CHROMIUM" not in os.environ:
        _install([sys.executable, "-m", "playwright", "install", "chromium"])
        if not _playwrights() and shutil.which("apt-get"):
            rights = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["sudo", "-n"]
            _install([*rights, "apt-get", "update", "-qq"])
            _install([*rights, "apt-get", "install", "-qq", "-y", "chromium"])
        if path := find():
            return path
    raise NoBrowserError(ADVICE)


def _install(command: list[str]) -> None:
    print("No browser yet, trying:", " ".join(command), file=sys.stderr)
    try:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    try:
        print("Browser for the tests:", get())
    except NoBrowserError as error:
        sys.exit(str(error))
