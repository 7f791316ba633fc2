"""For everyone: axe on every page, the keyboard alone, large text, narrow screens, the wishes of the system.

axe runs on every page of the site at 320 and 1440 pixels, and at 768 on a sample: between the two, only the columns
change. In the dark palette it runs its rules on colour: nothing else changes with the palette.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import axe_playwright_python
import pytest
from conftest import PALETTES, pages_of
from playwright.sync_api import Browser, BrowserContext, Page, expect

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SAMPLE = ("", "404.html", "genai/how-it-works/", "genai/providers/", "genai/evaluation/", "glossary/")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEME = {"default": "light", "slate": "dark"}
COLOUR = ["color-contrast", "link-in-text-block"]
RUN_AXE = """async (rules) => {
  // axe does not read MathML, and takes a header cell with a formula for empty: that one is ours, below.
  const options = { runOnly: rules, rules: { "empty-table-header": { enabled: false } }, resultTypes: ["violations"] };
  const { violations } = await axe.run(document, options);
  const empty = [...document.querySelectorAll("th")].filter((cell) => !cell.textContent.trim());
  const nodes = empty.map((cell) => ({ html: cell.outerHTML }));
  if (empty.length) violations.push({ id: "empty-table-header", nodes });
  const first = (nodes) => nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ");
  return violations.map(({ id, nodes }) => `${id}: ${first(nodes)}`);
}"""
OPEN_ALL = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll(".feedback[hidden]")) each.hidden = false;
  // What the page does about its new height comes at the end of a frame.
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def context_of(browser: Browser, width: int, palette: str = "default", **options: object) -> BrowserContext:
    return browser.new_context(viewport={"width": width, "height": 900}, color_scheme=SCHEME[palette], **options)


def axe(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE} }} }}")
    return page.evaluate(RUN_AXE, rules)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_axe_finds_nothing(served_site: str, site: Path, chromium: Browser, width: int, palette: str) -> None:
    context = context_of(chromium, width, palette)
    page = context.new_page()
    found = {}
    for path in SAMPLE if width == 768 else pages_of(site):
        page.goto(served_site + path)
        page.keyboard.press("Shift")  # the quiz comes with the first touch
        expect(page.locator(".question:not(.live)")).to_have_count(0)
        page.evaluate(OPEN_ALL)
        if findings := axe(page, RULES if palette == "default" else COLOUR):
            found[path] = findings
    context.close()
    assert found == {}


@pytest.mark.parametrize("palette", PALETTES)
def test_axe_finds_nothing_in_open_windows(served_site: str, chromium: Browser, palette: str) -> None:
    context = context_of(chromium, 390, palette)
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    page.get_by_role("button", name="Contents").click()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.locator(".cite a").first.focus()
    expect(page.locator(".note")).to_be_visible()
    assert axe(page) == []
    page.locator(".cite a").first.click()
    expect(page.get_by_role("button", name="Back to where you were")).to_be_visible()
    assert axe(page) == []
    context.close()


BROKEN = {
    "color-contrast": '<p style="color: #bbb; background: #fff">pale</p>',
    "image-alt": '<img src="data:image/png;base64,iVBORw0KGgo=" width="40" height="40">',
    "button-name": "<button></button>",
    "heading-order": "<h2>a</h2><h5>b</h5>",
    "label": "<input type=text>",
    "empty-table-header": "<table><tr><th></th><th>a</th></tr><tr><td>b</td><td>c</td></tr></table>",
    "link-name": '<a href="#x"></a>',
}


@pytest.mark.parametrize("rule", BROKEN)
def test_axe_finds_a_fault(page: Page, rule: str) -> None:
    page.set_content(f"<html lang=en><title>x</title><main><h1>x</h1>{BROKEN[rule]}</main>")
    assert [finding.split(":")[0] for finding in axe(page)] == [rule]


# ── The keyboard ─────────────────────────────────────────────────────────────

FOCUSED = """() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const header = document.querySelector(".md-header").getBoundingClientRect().bottom;
  return {
    name: (element.getAttribute("aria-label") ?? element.innerText ?? element.tagName).trim().slice(0, 60),
    tag: element.tagName, top: box.top + scrollY, left: box.left,
    shown: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    hidden: box.bottom < 1 || box.right < 1 || (!element.closest(".md-header, .skip") && box.bottom <= header),
  };
}"""


class Stop(NamedTuple):
    name: str
    tag: str
    top: float
    left: float
    shown: bool
    hidden: bool


def stops(page: Page, limit: int = 400) -> Iterator[Stop]:
    """Where the Tab key leads, from the top of the page to its end."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = Stop(**page.evaluate(FOCUSED))
        if stop.tag == "BODY":
            return
        yield stop


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    reached = list(stops(page))
    assert reached[0].name == "Skip to the text"
    assert [stop for stop in reached if not stop.shown] == []
    assert [stop for stop in reached if stop.hidden] == []
    names = [stop.name for stop in reached]
    operable = "[...document.querySelectorAll('main a[href], main button')].filter((each) => each.checkVisibility())"
    wanted = page.evaluate(f"{operable}.length")
    in_text = [s for s in reached if s.tag in ("A", "BUTTON")]
    assert len(in_text) >= wanted
    order = [
        next(i for i, n in enumerate(names) if n.startswith(start))
        for start in ("Generative AI", "Search", "Palette", "The idea", "Next", "Keyboard")
    ]
    assert order == sorted(order)


def test_skip_link_leads_past_the_navigation(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")


def test_contents_open_and_close_with_the_keyboard_on_a_phone(served_site: str, chromium: Browser) -> None:
    context = context_of(chromium, 390)
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    chapters = page.get_by_role("navigation", name="Handbook")
    expect(chapters).not_to_be_visible()
    page.get_by_role("button", name="Contents").press("Enter")
    expect(chapters).to_be_visible()
    expect(page.get_by_role("navigation", name="On this page")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chapters).not_to_be_visible()
    context.close()


def test_without_a_script_the_contents_open_all_the_same(served_site: str, chromium: Browser) -> None:
    context = context_of(chromium, 390, java_script_enabled=False)
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    page.get_by_role("button", name="Contents").click()
    page.get_by_role("navigation", name="Handbook").get_by_role("link", name="The AI landscape").click()
    expect(page.locator("h1")).to_contain_text("The AI landscape")
    context.close()


# ── Large text, narrow screens, what the system asks for ─────────────────────

LOST = """() => {
  const lost = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) lost.push(`sideways: ${document.documentElement.scrollWidth}`);
  const texts = ".md-header > *, .chapter-facts > *, h1, h2, h3, p, li, dt, dd, label, .turn a";
  for (const element of document.querySelectorAll(texts)) {
    if (!element.checkVisibility() || element.closest(".table, .skip, dialog, #contents")) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const isCut = element.scrollWidth > element.clientWidth + 1 && overflowX !== "visible" && element.clientWidth;
    const isShort = element.scrollHeight > element.clientHeight + 2 && overflowY !== "visible" && element.clientHeight;
    const isOut = element.getBoundingClientRect().right > width + 1;
    if (isCut || isShort || isOut) lost.push(element.outerHTML.slice(0, 120));
  }
  return lost;
}"""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""


@pytest.mark.parametrize("width", [320, 640])  # 640: a screen of 1280 at 200 %; 320: the same at 400 %
@pytest.mark.parametrize("spaced", [False, True], ids=["as set", "spaced"])
def test_narrow_and_large_text_lose_nothing(
    served_site: str, site: Path, chromium: Browser, width: int, spaced: bool
) -> None:
    context = context_of(chromium, width, bypass_csp=True)
    page = context.new_page()
    lost = {}
    for path in pages_of(site):
        page.goto(served_site + path)
        if spaced:
            page.add_style_tag(content=SPACED)
        if found := page.evaluate(LOST):
            lost[path] = found[:3]
    context.close()
    assert lost == {}


def test_lost_text_is_seen(page: Page) -> None:
    page.set_content("<p style='width: 3000px'>wide</p><p style='height: 5px; overflow: hidden'>cut off</p>")
    found = " ".join(page.evaluate(LOST))
    assert "sideways" in found
    assert "cut off" in found


def test_reduced_motion_is_respected(served_site: str, chromium: Browser) -> None:
    context = context_of(chromium, 1280, reduced_motion="reduce")
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    moving = (
        "[...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration)).length"
    )
    assert page.evaluate(moving) == 0
    context.close()


@pytest.mark.parametrize("palette", PALETTES)
def test_more_contrast_is_given(served_site: str, chromium: Browser, palette: str) -> None:
    context = context_of(chromium, 1280, palette, contrast="more")
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    ink, muted = page.evaluate(
        "[...['h1', '.chapter-facts']].map((query) => getComputedStyle(document.querySelector(query)).color)"
    )
    assert ink == muted
    assert axe(page) == []
    context.close()


def test_forced_colours_keep_focus_and_drawings(served_site: str, chromium: Browser) -> None:
    context = context_of(chromium, 1280, forced_colors="active")
    page = context.new_page()
    page.goto(served_site + "genai/how-it-works/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["shown"]
    drawing = page.locator(".diagram svg").first
    ink, paper = drawing.evaluate("""(svg) => [getComputedStyle(svg.querySelector("text")).fill,
      getComputedStyle(svg.closest(".diagram")).backgroundColor]""")
    assert ink != paper
    assert paper != "rgba(0, 0, 0, 0)"
    context.close()
