"""Helps for the tests of the labs: start one on a chapter's page, change a control, read what it says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from conftest import PALETTES, ROOT
from playwright.sync_api import Browser, Locator, Page, expect

PATIENCE = 60_000  # ms; a busy machine is no fault of a lab


def find_lab(page: Page, site: str, path: str, name: str, state: str = "") -> Locator:
    """Open a chapter (such as "genai/types/") and return its lab when the frame stands; `state` is a query."""
    page.goto("about:blank")  # an address that differs in its fragment alone would not load the page again
    page.goto(f"{site}{path}{'?' if state else ''}{state}#lab-{name}")
    lab = page.locator(f"#lab-{name}")
    lab.scroll_into_view_if_needed()
    lab.locator(".lab-start").wait_for(timeout=PATIENCE)
    return lab


def start_lab(page: Page, site: str, path: str, name: str, state: str = "") -> Locator:
    """Open a chapter, start its lab and wait for its first outcome."""
    lab = find_lab(page, site, path, name, state)
    lab.locator(".lab-start").click()
    outcome(lab)
    return lab


def outcome(lab: Locator) -> str:
    """Wait until the lab is settled, and return what it says in words."""
    lab.locator(".lab-live[aria-busy=false]").wait_for(timeout=PATIENCE)
    return lab.locator(".lab-outcome").inner_text()


def control(lab: Locator, key: str) -> Locator:
    """Return the native control of a key of the state."""
    return lab.locator(f"[id='{lab.get_attribute('id')}-{key}']")


def set_control(lab: Locator, key: str, value: object) -> str:
    """Give a control a value as a reader does, and return the new outcome; a range's value is its position."""
    native = control(lab, key)
    kind = native.evaluate("(input) => input.type")
    if kind == "checkbox":
        native.set_checked(bool(value))
    elif kind.startswith("select"):
        native.select_option(str(value))
    elif kind == "range":
        native.evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }",
            str(value),
        )
    else:
        native.fill(str(value))
    return outcome(lab)


def press(lab: Locator, name: str) -> str:
    """Press a button of the lab by its name, and return the new outcome."""
    lab.get_by_role("button", name=name, exact=True).click()
    return outcome(lab)


def state_of(lab: Locator) -> dict:
    """Return the values that the lab shows now."""
    return lab.evaluate("(element) => ({ ...element.lab.state })")


def table_of(lab: Locator) -> list[list[str]]:
    """Open the table of the data, and return its rows with the header first."""
    data = lab.locator(".lab-live .lab-data")
    data.evaluate("(details) => (details.open = true)")
    data.locator("tbody tr").first.wait_for()
    return data.evaluate("(d) => [...d.querySelectorAll('tr')].map((tr) => [...tr.cells].map((td) => td.textContent))")


def python_of(lab: Locator) -> str:
    """Press "Copy as Python", and return the script from the clipboard."""
    page = lab.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.get_by_role("button", name="Copy as Python").click()
    expect(lab.locator(".lab-actions [role=status]")).to_contain_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


def run_python(script: str) -> str:
    """Run a copied script from the root of the repository, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def query_of(page: Page) -> str:
    """Return the query of the page's address, once it has settled."""
    page.wait_for_timeout(400)  # the address follows a quarter of a second behind the controls
    return page.evaluate("location.search")


@contextmanager
def without_script(chromium: Browser, site: str, path: str, name: str) -> Iterator[Locator]:
    """A chapter's lab in a browser that runs no script."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site + path)
    yield page.locator(f"#lab-{name}")
    context.close()


def axe_both(page: Page, lab: Locator) -> list[str]:
    """What axe finds in the lab, in either palette: rule and element."""
    found = []
    for palette in PALETTES:
        page.evaluate("(palette) => (document.body.dataset.mdColorScheme = palette)", palette)
        results = Axe().run(page, context=f"#{lab.get_attribute('id')}")
        for violation in results.response["violations"]:
            nodes = "; ".join(node["html"] for node in violation["nodes"])
            found.append(f"{palette}: {violation['id']}: {nodes}")
    return found


def evaluate(page: Page, site: str, script: str, argument: object = None) -> object:
    """Run JavaScript on a page of the site, under its policy: for tests of modules alone.

    `script` is a function of the argument, such as `async (x) => (await import("/assets/labs/core/random.js"))…`.
    """
    if not page.url.startswith(site):
        page.goto(f"{site}404.html")
    return page.evaluate(script, argument)
