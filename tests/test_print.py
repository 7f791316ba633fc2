"""A chapter on paper: the text with its notes and answers, nothing of the screen around it, and nothing cut."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from conftest import PALETTES
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from handbook.markdown.reading import letters

SCHEME = {"default": "light", "slate": "dark"}
SIZES = {"A4": (595, 842), "Letter": (612, 792)}


def printed(page: Page, size: str) -> tuple[PdfReader, str]:
    reader = PdfReader(io.BytesIO(page.pdf(format=size, prefer_css_page_size=False)))
    return reader, "\n".join(sheet.extract_text() for sheet in reader.pages)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))  # ligatures apart


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("slug", ["types", "evaluation", "providers"])
def test_a_chapter_prints_as_a_handout(served_site: str, page: Page, size: str, slug: str) -> None:
    page.goto(f"{served_site}genai/{slug}/")
    paragraphs = page.locator("article > p:not(.download)").all_inner_texts()
    captions = page.locator("figcaption").all_inner_texts()
    cells = page.locator("article td").all_inner_texts()
    notes = [text.replace("↑", "") for text in page.locator(".notes li").all_inner_texts()]
    answers = page.locator(".feedback p:not(.verdict)").evaluate_all("(all) => all.map((each) => each.textContent)")
    assert answers
    reader, text = printed(page, size)
    assert [float(x) for x in reader.pages[0].mediabox[2:]] == pytest.approx(SIZES[size], abs=2)
    for part in ("On this page", "Palette", "Keyboard shortcuts", "Previous", "Start again", "Search", "Copy\n"):
        assert part not in text, part
    wanted = [*cells, *captions, *notes, *answers, *paragraphs]
    assert [each for each in wanted if lost(each, text)] == []


def lost(wanted: str, text: str) -> bool:
    """Whether a text is not on paper: by its words, since cells come out line by line, and lines may part a word."""
    all_of_it = squeezed(text)
    return any(word not in all_of_it for word in re.findall(r"[A-Za-z]{4,}", wanted))


def test_a_missing_text_is_seen() -> None:
    assert lost("Attention and perplexity", "Attention is here,\nand com-\nplexity")
    assert not lost("Attention and perplexity", "Attention is perp\nlexity here")


@pytest.mark.parametrize("palette", PALETTES)
def test_paper_is_light(served_site: str, chromium: Browser, palette: str) -> None:
    context = chromium.new_context(color_scheme=SCHEME[palette])
    page = context.new_page()
    page.goto(served_site + "genai/types/")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(31, 29, 26)"
    context.close()


WIDER = """() => [...document.querySelectorAll("article *")].filter((each) => each.checkVisibility()
  && !each.closest("svg, .visually-hidden") && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 100))"""
A4_INSIDE = 672  # CSS pixels between the margins


@pytest.mark.parametrize("slug", ["providers", "evaluation", "how-it-works", "transformers"])
def test_nothing_is_wider_than_the_paper(served_site: str, page: Page, slug: str) -> None:
    page.goto(f"{served_site}genai/{slug}/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_INSIDE, "height": 950})
    assert page.evaluate(WIDER) == []


def test_figures_and_rows_stay_whole(served_site: str, page: Page) -> None:
    page.goto(served_site + "genai/providers/")
    page.emulate_media(media="print")
    for query in ("figure:has(svg)", "tr", ".question", ".notes li"):
        assert page.locator(query).first.evaluate("(each) => getComputedStyle(each).breakInside") == "avoid", query


@pytest.mark.parametrize("slug", ["learning-path", "providers", "fine-tuning"])
def test_links_are_notes_on_paper(served_site: str, page: Page, slug: str) -> None:
    page.goto(f"{served_site}genai/{slug}/")
    links = page.locator("article a[href^=http]:not(.notes a)")
    addresses = list(dict.fromkeys(links.evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")))
    assert addresses
    assert "The links of this page" not in page.locator("article").inner_text()
    marks = page.locator("sup.on-paper")
    assert marks.evaluate_all("(all) => all.filter((each) => each.checkVisibility())") == []
    text = squeezed(printed(page, "A4")[1])
    assert [address for address in addresses if squeezed(address) not in text] == []
    page.emulate_media(media="print")
    listed = page.locator("section.on-paper li").all_inner_texts()
    for link, mark in zip(links.all(), marks.all(), strict=True):
        assert mark.inner_text() == letters(listed.index(link.get_attribute("href")) + 1)


def test_a_source_tells_its_address_on_paper(served_site: str, page: Page) -> None:
    page.goto(f"{served_site}genai/fine-tuning/")
    address = page.locator(".notes a[href*='github.com']").first.get_attribute("href")
    assert len(address) > 30
    assert squeezed(address) in squeezed(printed(page, "Letter")[1])


def test_letters_count_on_after_z() -> None:
    assert [letters(number) for number in (1, 26, 27, 52, 53, 703)] == ["a", "z", "aa", "az", "ba", "aaa"]
