"""What the first view of a page costs, before the reader touches anything: bytes, requests, layout shift.

Bytes are those of the bodies under gzip at its usual level, 6. All pages have one budget, and one for what stands
around their articles.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import browser as browser_finder
import pytest
from conftest import ROOT, pages_of
from playwright.sync_api import Browser, Page, expect
from static_server import serve
from tab import Chromium, chromium

REQUESTS = 7
CHAPTER_WITH_DIAGRAM = "genai/how-it-works/"
BYTES = 32_768
BIBLIOGRAPHY = {"references/": 37_888}  # 350 sources, which no chapter shows at once
BYTES_AROUND_AN_ARTICLE = 11_264
SCRIPT_BYTES = {"reading.js": 2_560, "palette.js": 320, "comforts.js": 2_560}
SHIFT = """new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.value)))
  .observe({ type: "layout-shift", buffered: true }); window.shift = 0;"""


def first_view(page: Page, url: str) -> Counter[str]:
    """The addresses that were asked for until the page was still, each with the bytes of its body under gzip."""
    cost: Counter[str] = Counter()
    asked: list[str] = []
    page.on("response", lambda response: asked.append((response.url, len(gzip.compress(response.body(), 6)))))
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(300)
    for address, size in asked:
        cost[address] += size
        assert sum(other == address for other, _ in asked) == 1, f"{address} was loaded twice"
    return cost


def article_bytes(site: Path, path: str) -> int:
    file = site / path
    text = (file / "index.html" if file.is_dir() else file).read_text(encoding="utf-8")
    return len(gzip.compress(re.search(r"<article.*?</article>", text, re.DOTALL)[0].encode(), 6))


def test_first_view_of_a_page_keeps_within_its_budget(served_site: str, site: Path, chromium: Browser) -> None:
    over = {}
    for path in pages_of(site):
        context = chromium.new_context(viewport={"width": 390, "height": 844})
        cost = first_view(context.new_page(), served_site + path)
        context.close()
        around = cost.total() - article_bytes(site, path)
        requests = REQUESTS + (path == "404.html")  # it has a script of its own
        if len(cost) > requests or around > BYTES_AROUND_AN_ARTICLE or cost.total() > BIBLIOGRAPHY.get(path, BYTES):
            over[path] = (len(cost), around, cost.total())
    assert over == {}


@pytest.mark.parametrize("width", [390, 1440])
def test_first_view_of_a_chapter_with_a_diagram(served_site: str, chromium: Browser, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    assert first_view(page, served_site + CHAPTER_WITH_DIAGRAM).total() <= BYTES
    assert page.locator(".diagram svg").count() > 0
    context.close()


def test_scripts_stay_small(site: Path) -> None:
    for name, limit in SCRIPT_BYTES.items():
        assert len(gzip.compress((site / "assets/javascripts" / name).read_bytes())) <= limit, name


def style_faults(css: str) -> list[str]:
    """What keeps a newcomer from reading a style sheet: its length, long lines, rules side by side, `!important`."""
    lines = css.splitlines()
    faults = [f"{len(lines)} lines"] if len(lines) >= 400 else []
    for number, line in enumerate(lines, start=1):
        rules = re.sub(r"@[^{]*\{", "", line).count("{")
        faults += [f"{number}: {len(line)} characters"] if len(line) > 120 else []
        faults += [f"{number}: {rules} rules in a line"] if rules > 1 else []
        faults += [f"{number}: !important"] if "!important" in line else []
    return faults


def test_the_style_sheet_stays_readable() -> None:
    assert style_faults((ROOT / "docs/assets/stylesheets/handbook.css").read_text(encoding="utf-8")) == []


def test_an_unreadable_style_sheet_is_seen() -> None:
    assert style_faults("a { color: red; }\n" * 399 + "@media print { p { margin: 0; } }\n") == ["400 lines"]
    assert style_faults(f"a::after {{ content: '{'x' * 120}'; }}") == ["1: 145 characters"]
    assert style_faults("\nb { margin: 0; } i { margin: 0; }") == ["2: 2 rules in a line"]
    assert style_faults("p { margin: 0 !important; }") == ["1: !important"]


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_while_a_page_loads(served_site: str, site: Path, chromium: Browser, width: int) -> None:
    for path in pages_of(site):
        context = chromium.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.add_init_script(SHIFT)
        page.goto(served_site + path, wait_until="networkidle")
        page.mouse.move(5, 5)  # what comes at the first touch moves nothing either
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") == 0, path
        context.close()


def test_waste_is_seen(tmp_path: Path, page: Page) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><title>x</title><link rel=icon href=data:,><p id=p>x</p>"
        "<script src=a.js></script><script>setTimeout(() => p.style.marginTop = '300px', 50)</script>",
        encoding="utf-8",
    )
    (tmp_path / "a.js").write_text("fetch('b.json?1').then(() => fetch('b.json?2'))", encoding="utf-8")
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    page.add_init_script(SHIFT)
    with serve(tmp_path) as url:
        assert len(first_view(page, url)) == 4
        assert page.evaluate("window.shift") > 0


def test_the_rules_for_drawing_ahead(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    assert page.evaluate("HTMLScriptElement.supports('speculationrules')")
    rules = json.loads(page.locator("script[type=speculationrules]").text_content())["prerender"]
    assert [rule["eagerness"] for rule in rules] == ["moderate", "eager", "immediate"]
    at_once = page.locator(rules[2]["where"]["selector_matches"])
    expect(at_once).to_have_count(0)
    page.locator(".turn").scroll_into_view_if_needed()
    expect(at_once).to_have_attribute("rel", "next")


@pytest.fixture(scope="module")
def free_chromium() -> Iterator[Chromium]:
    """A browser that may draw pages ahead, which one under Playwright may not."""
    with chromium(browser_finder.get()) as running:
        yield running


def drawn_ahead(browser: Chromium, url: str, link: str, *, hover: bool) -> bool:
    """Follow a link after a while on it, or only in sight of it; tell whether its page was drawn ahead."""
    find = f"document.querySelector({link!r})"
    with browser.tab() as tab:
        tab.open(url)
        tab.evaluate(f"{find}.scrollIntoView({{ block: 'center' }})")
        x, y = tab.evaluate(f"(({{ x, y }}) => [x, y])({find}.getBoundingClientRect())")
        if hover:
            tab.mouse("mouseMoved", x + 5, y + 5)
        tab.wait_for("new Promise((resolve) => setTimeout(resolve, 1500, true))")
        tab.evaluate(f"{find}.click()")
        tab.wait_for(f"location.href !== {url!r} && document.readyState === 'complete'")
        return tab.evaluate("performance.getEntriesByType('navigation')[0].activationStart") > 0


NO_PIPE = pytest.mark.skipif(os.name == "nt", reason="the pipe to the browser is another one on Windows")


@NO_PIPE
@pytest.mark.parametrize(
    ("link", "hover"),
    [
        (".md-nav--primary a[href*=ai-landscape]", True),
        ("article p a[href^='../']", True),
        (".turn [rel=next]", False),
    ],
    ids=["the contents", "the text", "the next chapter in sight"],
)
def test_a_page_is_drawn_ahead(served_site: str, free_chromium: Chromium, link: str, hover: bool) -> None:
    assert drawn_ahead(free_chromium, f"{served_site}genai/types/", link, hover=hover)


@NO_PIPE
def test_a_page_that_is_not_drawn_ahead_is_seen(served_site: str, free_chromium: Chromium) -> None:
    assert not drawn_ahead(free_chromium, f"{served_site}genai/types/", ".turn [rel=prev]", hover=False)
