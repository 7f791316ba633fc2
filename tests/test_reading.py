"""What helps the reader: a page not found that helps, notes in place, keys, progress, what to read next, times."""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import pytest
from conftest import ROOT
from playwright.sync_api import Browser, Page, expect
from static_server import serve

from handbook.checks.chapter import Chapter
from handbook.markdown.reading import duration

CHAPTERS = sorted(path.stem for path in (ROOT / "docs/genai").glob("*.md"))


def address(slug: str) -> str:
    return "genai/" if slug == "index" else f"genai/{slug}/"


def parse(site: Path, path: str) -> lxml.html.HtmlElement:
    return lxml.html.parse(site / path / "index.html").getroot()


NEAREST = {
    "genai/transfomers/": "Transformers",
    "genai/difusion-model.html": "Diffusion models",
    "guide/tokens_and_sampling.md": "Tokens and sampling",
    "genai/agents/": "AI agents",
    "glosary": "Glossary",
}


@pytest.mark.parametrize("asked", NEAREST)
def test_a_page_not_found_offers_the_nearest_title(served_site: str, page: Page, asked: str) -> None:
    page.goto(served_site + asked)
    expect(page.locator("article h2")).to_have_text("Did you mean")
    expect(page.locator(".nearest a").first).to_have_text(NEAREST[asked])
    page.locator(".nearest a").first.click()
    expect(page.locator("h1")).to_contain_text(NEAREST[asked])


def test_a_page_not_found_lists_all_pages_where_nothing_is_near(served_site: str, page: Page) -> None:
    page.goto(served_site + "wp-login.php")
    expect(page.locator("article h2")).to_have_text("Pages")
    assert page.locator(".nearest a").count() > len(CHAPTERS)


def test_a_page_not_found_below_a_sub_path_leads_home(tmp_path: Path, site: Path, page: Page) -> None:
    with serve(site, "/books/handbook/") as url:
        assert page.goto(url + "nowhere/").status == 404


@pytest.mark.parametrize("slug", CHAPTERS)
def test_a_chapter_ends_with_those_that_require_it(site: Path, slug: str) -> None:
    requiring = {other for other in CHAPTERS if slug in Chapter.read(ROOT / f"docs/genai/{other}.md").meta["requires"]}
    root = parse(site, address(slug))
    links = root.xpath("//nav[@class='read-next']//a/@href")
    assert {re.sub(r"^(\.\./)*|\./|/$", "", link) or "index" for link in links} == requiring


def test_parts_and_chapters_tell_their_time(site: Path) -> None:
    root = parse(site, "")
    for entry in root.xpath("//article//dt[./a[starts-with(@href, 'genai/')]]"):
        slug = entry[0].get("href").removeprefix("genai/").strip("/") or "index"
        meta = Chapter.read(ROOT / f"docs/genai/{slug}.md").meta
        assert entry.xpath("./span[@class='time']/text()") == [f"{meta['minutes']} min, {meta['level']}"]
    minutes = sum(Chapter.read(ROOT / f"docs/genai/{slug}.md").meta["minutes"] for slug in CHAPTERS)
    told = [text for text in root.xpath("//article/h3/span[@class='time']/text()")]
    total = sum(60 * int(h or 0) + int(m or 0) for h, m in re.findall(r"(?:(\d+) h)? ?(?:(\d+) min)?", " ".join(told)))
    assert total == minutes


@pytest.mark.parametrize(("minutes", "said"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (61, "1 h 1 min")])
def test_durations_are_said(minutes: int, said: str) -> None:
    assert duration(minutes) == said


def touch(page: Page) -> None:
    """Touch the page, and wait for the comforts that come then."""
    page.mouse.move(5, 5)
    expect(page.locator(".voice")).to_be_attached()


def test_comforts_come_when_the_page_is_touched(served_site: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    page.goto(served_site + "genai/types/", wait_until="networkidle")
    page.wait_for_timeout(300)
    assert not {"comforts.js", "questions.js"} & set(asked)
    touch(page)
    expect(page.locator(".question.live").first).to_be_attached()
    assert asked.count("comforts.js") == asked.count("questions.js") == 1


def test_answers_wait_for_the_quiz_and_open_where_it_cannot_be_had(served_site: str, page: Page) -> None:
    page.route("**/questions.js", lambda route: route.abort())
    page.goto(served_site + "genai/types/")
    answers = page.locator(".question .feedback")
    expect(answers.first).to_be_hidden()
    touch(page)
    expect(answers.locator("visible=true")).to_have_count(answers.count())


def test_quiz_comes_untouched_where_it_is_seen(served_site: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 30_000})
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    expect(page.locator(".question.live").first).to_be_visible()
    context.close()


def test_a_citation_is_named_by_who_and_when(served_site: str, site: Path, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    first = page.locator(".cite a").first
    authors = page.locator("#note-1").evaluate("(note) => note.firstChild.data.trim()")
    year = page.locator("#note-1").evaluate("(note) => note.childNodes[2].data.match(/\\d{4}/)[0]")
    expect(first).to_have_accessible_name(f"Source 1: {authors} {year}")
    assert parse(site, "genai/types").xpath("(//sup[@class='cite']/a)[1]/@aria-label") == ["Source 1"]


def test_a_jump_can_be_taken_back(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    touch(page)
    link = page.locator(".cite a").last
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    link.click()
    page.wait_for_function("(before) => Math.abs(scrollY - before) > 200", arg=before)
    page.get_by_role("button", name="Back to where you were").click()
    assert page.evaluate("scrollY") == pytest.approx(before, abs=2)
    expect(link).to_be_focused()
    expect(page.locator(".return")).to_have_count(0)


def test_reading_goes_on_where_it_was_left(served_site: str, page: Page) -> None:
    chapter = served_site + "genai/types/"
    page.goto(chapter)
    touch(page)
    section = page.locator("article h2").nth(3)
    section.evaluate("(heading) => heading.scrollIntoView()")
    page.goto(served_site)
    page.goto(chapter)
    touch(page)
    page.get_by_role("button", name="Continue at").click()
    assert 0 <= section.evaluate("(heading) => heading.getBoundingClientRect().top") < 200
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # read to the end: nothing to go on with
    page.goto(served_site)
    page.goto(chapter)
    touch(page)
    page.wait_for_timeout(100)
    expect(page.locator(".return")).to_have_count(0)


def test_the_maths_font_moves_nothing_in_sight(served_site: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script("""window.shift = 0; new PerformanceObserver((list) =>
      list.getEntries().forEach((entry) => (shift += entry.value))).observe({ type: "layout-shift" })""")
    page.goto(served_site + "genai/variational-autoencoders/", wait_until="networkidle")
    touch(page)
    page.wait_for_function("() => document.querySelectorAll('.set').length > 10")
    seen = "(each) => { const { top, bottom } = each.getBoundingClientRect(); return bottom > 0 && top < innerHeight }"
    formulas = page.locator(".maths").all()
    in_sight = [formula for formula in formulas if formula.evaluate(seen)]
    assert in_sight and not any(formula.evaluate("(each) => each.closest('.set')") for formula in in_sight)
    page.wait_for_timeout(300)
    assert page.evaluate("shift") == 0
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => [...document.querySelectorAll('.maths')].every((each) => each.closest('.set'))")


def test_a_note_shows_where_it_is_cited(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    note = page.locator(".note")
    page.locator(".cite a").first.hover()
    expect(note).to_be_visible()
    wanted = page.locator("#note-1").text_content().replace("↑", "").strip()
    assert note.text_content().strip() == wanted
    note.hover()  # it stays while the pointer is on it
    page.wait_for_timeout(400)
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).not_to_be_visible()
    page.locator(".cite a").nth(1).focus()
    expect(note).to_be_visible()


def test_keys_are_listed_work_and_can_be_turned_off(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/types/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    expect(keys.locator("kbd")).to_have_count(6)
    page.keyboard.press("Escape")
    expect(keys).not_to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Foundation models")
    page.wait_for_load_state()  # the script that listens for keys is deferred
    page.keyboard.press("p")
    expect(page.locator("h1")).to_contain_text("Types of generative AI")
    page.wait_for_load_state()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    keys.get_by_label("Single keys on").uncheck()
    page.keyboard.press("Escape")
    for key in ("n", "/", "?"):
        page.keyboard.press(key)
    expect(keys).not_to_be_visible()
    expect(page.locator("dialog.search")).not_to_be_visible()
    expect(page.locator("h1")).to_contain_text("Types of generative AI")


def test_the_address_of_a_section_is_copied(served_site: str, chromium: Browser) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    touch(page)
    page.locator("#summary .headerlink").click()
    expect(page.get_by_text("Link to this section copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{served_site}genai/types/#summary"
    context.close()


def test_what_was_read_is_kept_on_this_device_alone(served_site: str, page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(served_site + "genai/types/")
    part = page.locator(".md-nav__item--nested", has_text="Start here")
    expect(part).not_to_have_attribute("data-progress", re.compile("."))
    page.locator("#summary").scroll_into_view_if_needed()
    expect(part).to_have_attribute("data-progress", "1 of 5 read")
    page.goto(served_site)
    expect(page.locator("dt .was-read")).to_have_text("Types of generative AI")
    assert set(sent) == {"GET"}
    assert page.context.cookies() == []


def test_storage_that_is_forbidden_breaks_nothing(served_site: str, page: Page) -> None:
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(served_site + "genai/types/")
    page.get_by_role("button", name="Palette").click()
    page.locator("#summary").scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    assert errors == []
