"""The built handbook in a real browser: quiet, self-contained, usable with a keyboard, and right in both palettes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import PALETTES, ROOT, pages_of, run
from playwright.sync_api import Browser, Page, expect
from static_server import serve

from handbook.checks.chapter import Chapter
from handbook.markdown import diagrams

CHAPTERS = sorted(path.stem for path in (ROOT / "docs/genai").glob("*.md"))
PHONE = {"width": 390, "height": 844}
SCHEME = {"default": "light", "slate": "dark"}
SMALLEST_TEXT = 9.5  # pixels, of a label in a diagram on a phone


def address(slug: str) -> str:
    return "genai/" if slug == "index" else f"genai/{slug}/"


class Complaints:
    """Everything that a page does which it should not: requests elsewhere, errors, misses."""

    def __init__(self, page: Page, home: str) -> None:
        self.found: list[str] = []
        host = urlsplit(home).netloc
        page.on("request", lambda r: self._add(r.url, urlsplit(r.url).netloc not in (host, ""), "asks another host"))
        page.on("response", lambda r: self._add(r.url, r.status >= 400, "answers with an error"))
        page.on("requestfailed", lambda r: self._add(r.url, True, "request failed"))
        page.on("console", lambda m: self._add(m.text, m.type in ("error", "warning"), "console"))
        page.on("pageerror", lambda error: self._add(str(error), True, "script error"))

    def _add(self, what: str, wrong: bool, kind: str) -> None:
        if wrong and not what.startswith("data:"):
            self.found.append(f"{kind}: {what}")


@pytest.fixture(params=PALETTES)
def palette_page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page in each palette, as a phone shows it."""
    context = chromium.new_context(viewport=PHONE, color_scheme=SCHEME[request.param])
    yield context.new_page()
    context.close()


def test_no_page_asks_elsewhere_or_complains(served_site: str, site: Path, page: Page) -> None:
    complaints = Complaints(page, served_site)
    for path in pages_of(site):
        page.goto(served_site + path, wait_until="networkidle")
    assert complaints.found == []


def test_complaints_are_heard(tmp_path: Path, page: Page) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><title>Bad</title><img src=missing.png><img src=http://127.0.0.2:9/x.png>"
        "<script>console.error('no'); nonsense()</script>",
        encoding="utf-8",
    )
    with serve(tmp_path) as url:
        complaints = Complaints(page, url)
        page.goto(url, wait_until="networkidle")
    heard = " ".join(complaints.found)
    for kind in ("asks another host", "answers with an error", "console: no", "script error"):
        assert kind in heard


@pytest.mark.parametrize("slug", CHAPTERS)
def test_diagrams_show_every_label_and_fit_a_phone(served_site: str, palette_page: Page, slug: str) -> None:
    fences = [f for f in Chapter.read(ROOT / f"docs/genai/{slug}.md").fences if f.language == "mermaid"]
    if not fences:
        return  # this chapter's figures are SVG
    palette_page.goto(served_site + address(slug))
    shown = palette_page.locator(".diagram svg")
    expect(shown).to_have_count(len(fences))
    for number, fence in enumerate(fences):
        drawing = shown.nth(number)
        for label in diagrams.render(fence.text).labels:
            assert label.replace(" ", "") in drawing.text_content().replace(" ", ""), label
        assert drawing.locator("title").text_content().strip()
        assert drawing.locator("desc").text_content().strip()
        faults = drawing.evaluate(FAULTS_OF_A_DRAWING, SMALLEST_TEXT)
        assert faults == [], f"{slug}, diagram {number + 1}"


# What is wrong with a drawing as it is laid out: sideways, tiny, invisible or clipped labels.
FAULTS_OF_A_DRAWING = """(svg, smallest) => {
  const faults = [];
  const frame = svg.getBoundingClientRect();
  if (frame.right > innerWidth + 0.5 || frame.left < -0.5) faults.push(`wider than the screen: ${frame.width}`);
  const paper = getComputedStyle(document.body).backgroundColor;
  for (const text of svg.querySelectorAll("text")) {
    if (!text.textContent.trim()) continue;
    const box = text.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(text).fontSize) * frame.width / svg.viewBox.baseVal.width;
    if (size < smallest) faults.push(`${size.toFixed(1)} px: ${text.textContent}`);
    if (getComputedStyle(text).fill === paper) faults.push(`ink on ink: ${text.textContent}`);
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1)
      faults.push(`clipped: ${text.textContent}`);
    if (!box.width) faults.push(`not drawn: ${text.textContent}`);
  }
  return faults;
}"""


def test_faults_of_a_drawing_are_seen(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.set_content(
        "<body style='background: rgb(1, 2, 3); margin: 0'><svg viewBox='0 0 1000 100' width='500'>"
        "<text x='10' y='50' font-size='12' fill='rgb(1, 2, 3)'>tiny and unseen</text>"
        "<text x='990' y='50' font-size='40'>clipped</text></svg>"
    )
    faults = " ".join(page.locator("svg").evaluate(FAULTS_OF_A_DRAWING, SMALLEST_TEXT))
    for kind in ("wider than the screen", "px: tiny", "ink on ink", "clipped: clipped"):
        assert kind in faults


def test_no_page_scrolls_sideways_on_a_phone(served_site: str, site: Path, palette_page: Page) -> None:
    for path in pages_of(site):
        palette_page.goto(served_site + path)
        width = palette_page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], path


@pytest.mark.parametrize("scheme", PALETTES)
def test_palette_follows_the_system_until_the_reader_chooses(served_site: str, chromium: Browser, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme=SCHEME[scheme])
    page = context.new_page()
    page.goto(served_site)
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", scheme)
    palette = page.get_by_role("button", name="Palette")
    expect(palette).to_have_text("Palette: system")
    palette.click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    palette.click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.goto(served_site + "genai/types/")  # the choice is kept
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.get_by_role("button", name="Palette: dark").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
    context.close()


def test_previous_next_and_contents_follow(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    expect(page.locator(".turn [rel=prev]")).to_have_attribute("href", re.compile("how-it-works"))
    page.locator(".turn [rel=next]").click()
    expect(page.locator("h1")).to_contain_text("Foundation models")
    page.keyboard.press("Shift")  # the quiz comes with the first touch, and takes more room than its questions
    expect(page.locator(".question:not(.live)")).to_have_count(0)
    summary = page.locator("h2#summary")
    summary.scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    expect(page.locator(".md-nav--secondary [aria-current]").last).to_contain_text(
        re.compile("Summary|Further reading|Sources")
    )


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_next_page_comes_by_a_view_transition(site: Path, chromium: Browser, motion: str) -> None:
    context = chromium.new_context(reduced_motion=motion)
    page = context.new_page()
    page.add_init_script("""addEventListener("pagereveal", async ({ viewTransition }) => {
      const names = () => document.getAnimations().map(({ effect }) => effect.pseudoElement);
      const parts = viewTransition?.ready.then(names);
      window.transition = { parts: (await parts) ?? [], isDone: (await viewTransition?.finished, true) };
    })""")
    with serve(site, headers={"Cache-Control": "max-age=600"}) as url:  # as hosts do: the style sheet is there already
        page.goto(url + "genai/types/")
        page.locator(".turn [rel=next]").click()
        page.wait_for_url("**/foundation-models/")
        page.wait_for_function("() => window.transition?.isDone")
        parts = page.evaluate("transition.parts")
    assert "::view-transition-new(root)" not in parts  # a picture of the whole page would keep the reader waiting
    assert ("::view-transition-new(title)" in parts) == (motion == "no-preference")
    context.close()


def test_headings_have_links_to_themselves(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    link = page.locator("h2#summary a.headerlink")
    expect(link).to_have_attribute("href", "#summary")
    expect(link).to_have_attribute("title", "Link to this section")


def test_code_can_be_copied(served_site: str, chromium: Browser) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(served_site + "genai/how-it-works/")
    block = page.locator(".highlight", has=page.locator("code")).first
    block.hover()
    block.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").last).to_have_text("Code copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("code").text_content().strip()
    context.close()


def test_quiz_scores_at_once_with_the_keyboard_alone(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    page.keyboard.press("Shift")
    questions = page.locator(".question")
    total = questions.count()
    expect(page.locator(".question .feedback:visible")).to_have_count(0)
    first = questions.first
    options = first.locator(".options > li")
    right = first.locator("li.right")
    position = [o.get_attribute("class") for o in options.all()].index("right")
    options.first.locator("input").focus()
    page.keyboard.press("Space")
    for _ in range(position):
        page.keyboard.press("ArrowDown")
    expect(right.locator("input")).to_be_checked()
    expect(right.locator(".feedback")).to_be_visible()
    expect(first.locator(".feedback:visible")).to_have_count(1)
    expected = f"{1 if position == 0 else 0} of 1 right at the first try, {total - 1} to go."
    expect(page.locator(".score")).to_contain_text(expected)
    expect(page.locator(".score [role=status]")).to_contain_text("Right.")
    page.get_by_role("button", name="Start again").press("Enter")
    expect(page.locator(".question .feedback:visible")).to_have_count(0)
    expect(page.locator(".score")).to_contain_text("No question answered yet.")


def test_every_quiz_can_be_answered(served_site: str, page: Page) -> None:
    for slug in CHAPTERS:
        page.goto(served_site + address(slug))
        page.keyboard.press("Shift")
        questions = page.locator(".question")
        total = questions.count()
        for question in questions.all():
            question.locator("li.right input").check()
        expect(page.locator(".score")).to_contain_text(f"{total} of {total} right at the first try.")


def test_questions_have_names_and_roles(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/#check-yourself")  # at once, where its place is asked for
    group = page.locator(".question.live").first
    stem = group.locator(".stem").text_content().strip()
    assert group.get_attribute("role") == "radiogroup"
    assert page.get_by_role("radiogroup", name=" ".join(stem.split())[:40]).count() == 1
    choice = group.locator("li .choice").first.text_content().strip()
    assert group.get_by_role("radio", name=choice).count() == 1


def test_without_javascript_answers_stand_open(served_site: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    feedback = page.locator(".question .feedback")
    assert feedback.count() > 0
    expect(page.locator(".question .feedback:visible")).to_have_count(feedback.count())
    expect(page.locator(".question .right .verdict").first).to_have_text("Right.")
    expect(page.locator(".diagram svg").first).to_be_visible()
    expect(page.locator("math").first).to_be_visible()
    context.close()


@pytest.fixture(scope="module")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The handbook with its diagrams left to the live renderer, as in a preview."""
    target = tmp_path_factory.mktemp("live")
    assert run([sys.executable, "-m", "handbook", "prepare"]).returncode == 0
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)]
    done = run(command, HANDBOOK_DIAGRAMS="live")
    assert done.returncode == 0, done.stderr
    with serve(target) as url:
        yield url


def test_live_renderer_draws_in_both_palettes_from_this_site_alone(live_site: str, palette_page: Page) -> None:
    complaints = Complaints(palette_page, live_site)
    asked: list[str] = []
    palette_page.on("request", lambda request: asked.append(request.url))
    fences = [f for f in Chapter.read(ROOT / "docs/genai/how-it-works.md").fences if f.language == "mermaid"]
    palette_page.goto(live_site + "genai/how-it-works/")
    expect(palette_page.locator(".diagram")).to_have_count(len(fences))
    for number, fence in enumerate(fences):
        drawing = palette_page.locator(".diagram").nth(number)
        drawing.scroll_into_view_if_needed()
        expect(drawing.locator("svg")).to_be_visible()
        for label in diagrams.render(fence.text).labels:
            assert label.replace(" ", "") in drawing.text_content().replace(" ", ""), label
        faults = drawing.locator("svg").evaluate(FAULTS_OF_A_DRAWING, SMALLEST_TEXT)
        assert faults == [], f"diagram {number + 1}"
    palette_page.get_by_role("button", name="Palette").click()
    assert palette_page.locator(".diagram svg").first.evaluate(FAULTS_OF_A_DRAWING, SMALLEST_TEXT) == []
    assert sum("diagram-renderer" in url for url in asked) == 1
    assert complaints.found == []


def test_live_renderer_is_not_fetched_where_nothing_needs_it(served_site: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served_site + "genai/how-it-works/", wait_until="networkidle")
    assert not [url for url in asked if "diagram-renderer" in url or "mermaid" in url]
