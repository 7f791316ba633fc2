"""The built pages as a machine reads them: tables whole, notes numbered, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import lxml.html
import markdown
import pytest
from conftest import ROOT, pages_of, run

from handbook.checks import run as gate
from handbook.checks.chapter import Chapter
from handbook.checks.site import Site

CHAPTERS = sorted(path.stem for path in (ROOT / "docs/genai").glob("*.md"))


def parse(site: Path, page: str) -> lxml.html.HtmlElement:
    path = site / page
    return lxml.html.parse(path / "index.html" if path.is_dir() else path).getroot()


def chapter_page(slug: str) -> str:
    return "genai/" if slug == "index" else f"genai/{slug}/"


def words(text: str) -> Counter[str]:
    """The words of a cell, its Markdown and HTML notation left out."""
    text = re.sub(r"\]\([^)]*\)|\[@[^\]]*\]|\$[^$]*\$", " ", text)
    return Counter(re.findall(r"\w{2,}", text))


def source_tables(slug: str) -> list[list[tuple[str, ...]]]:
    chapter = Chapter.read(ROOT / f"docs/genai/{slug}.md")
    return [[row for _, row in table.rows] for table in chapter.tables]


def built_tables(root: lxml.html.HtmlElement) -> list[list[tuple[str, ...]]]:
    for mark in root.xpath("//table//sup[@class='cite' or @class='on-paper']"):
        mark.drop_tree()
    computed = "ancestor::div[@class='data-table' or @class='lab']"  # from files of data, not from the chapter
    tables = root.xpath(f"//article//table[not({computed})][not(@class='highlighttable')]")
    return [
        [tuple(cell.text_content() for cell in row.iter("th", "td")) for row in table.iter("tr")] for table in tables
    ]


def lost_cells(source: list[list[tuple[str, ...]]], built: list[list[tuple[str, ...]]]) -> list[str]:
    """Say which cell of the source is not in the built tables, in place and in words."""
    lost = [f"{len(source)} tables in the source, {len(built)} on the page"] if len(source) != len(built) else []
    for rows, shown in zip(source, built, strict=False):
        if len(rows) != len(shown):
            lost.append(f"{len(rows)} rows in the source, {len(shown)} on the page: {rows[0]}")
        for row, cells in zip(rows, shown, strict=False):
            if len(row) != len(cells):
                lost.append(f"{len(row)} cells in the source, {len(cells)} on the page: {row}")
            lost += [cell for cell, text in zip(row, cells, strict=False) if words(cell) - words(text)]
    return lost


@pytest.mark.parametrize("slug", CHAPTERS)
def test_every_cell_of_every_table_is_on_the_page(site: Path, slug: str) -> None:
    assert lost_cells(source_tables(slug), built_tables(parse(site, chapter_page(slug)))) == []


BROKEN_TABLES = {
    "a cell too many is dropped": "| a | b |\n| --- | --- |\n| one | two | three |",
    "a table behind a line of text is no table": "text\n| a | b |\n| --- | --- |\n| one | two |",
}


@pytest.mark.parametrize("source", BROKEN_TABLES.values(), ids=BROKEN_TABLES)
def test_a_lost_cell_is_found(source: str) -> None:
    chapter = Chapter(Path("broken.md"), source)
    html = markdown.markdown(source, extensions=["tables"])
    built = built_tables(lxml.html.document_fromstring(f"<article>{html}</article>"))
    assert lost_cells([[row for _, row in table.rows] for table in chapter.tables], built)


@pytest.mark.parametrize("slug", CHAPTERS)
def test_citations_are_numbered_and_lead_to_notes_and_back(site: Path, slug: str) -> None:
    root = parse(site, chapter_page(slug))
    cited = root.xpath("//sup[@class='cite']/a")
    notes = root.xpath("//section[@class='notes']/ol/li")
    assert len(notes) >= 3
    first_uses = list(dict.fromkeys(int(link.text) for link in cited))
    assert first_uses == list(range(1, len(notes) + 1))
    for note in notes:
        assert note.xpath("./cite")[0].text_content().strip()
        assert re.search(r"\b(19|20)\d\d\b", note.text_content())
        assert note.xpath("./a[starts-with(@href, 'https://')]")
        for back in note.xpath("./a[@class='back']"):
            assert root.get_element_by_id(back.get("href")[1:]).get("href") == f"#{note.get('id')}"


@pytest.mark.parametrize("slug", CHAPTERS)
def test_questions_are_whole_without_a_script(site: Path, slug: str) -> None:
    questions = parse(site, chapter_page(slug)).xpath("//div[@class='question']")
    assert questions
    for question in questions:
        options = question.xpath("./ol[@class='options']/li")
        assert [option.get("class") for option in options].count("right") == 1
        for option in options:
            assert option.xpath("./div[@class='choice']")[0].text_content().strip()
            assert len(option.xpath("./div[@class='feedback']/p")) > 1
            assert "hidden" not in option.xpath("./div[@class='feedback']")[0].attrib
            assert "[ ]" not in option.text_content()


def test_no_page_runs_inline_script_or_style(site: Path) -> None:
    for page in pages_of(site):
        root = parse(site, page)
        scripts = [s for s in root.iter("script") if not s.get("src") and s.get("type") != "speculationrules"]
        assert not scripts, page
        assert not list(root.iter("style")), page
        styled = [lxml.html.tostring(element)[:120] for element in root.xpath("//*[@style]")]
        assert not styled, (page, styled)
        handlers = root.xpath("//@*[starts-with(name(), 'on')]")
        assert not handlers, page


def test_no_page_loads_from_another_host(site: Path) -> None:
    loads = "//script/@src | //link[@rel!='canonical']/@href | //img/@src | //iframe/@src | //source/@src"
    for page in pages_of(site):
        for address in parse(site, page).xpath(loads):
            assert not re.match(r"(https?:)?//", address), (page, address)
    for sheet in site.rglob("*.css"):
        for address in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            assert address.strip("\"'").startswith(("data:", "#", ".", "assets")), (sheet.name, address)


def test_the_gate_finds_no_broken_link_in_the_built_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert not gate.check(Site.load(Path("mkdocs.yml")), select=["SITE"], built=site)


def test_without_an_address_there_are_no_dead_links(site: Path) -> None:
    for page in pages_of(site):
        root = parse(site, page)
        assert not root.xpath("//a[@rel='edit']"), page
        assert not root.xpath("//link[@rel='canonical']"), page


def test_with_an_address_pages_are_canonical_and_editable(tmp_path: Path) -> None:
    done = run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        HANDBOOK_SITE_URL="https://handbook.example/learn/",
        HANDBOOK_REPO_URL="https://code.example/handbook",
        HANDBOOK_EDIT_URI="edit/main/docs/",
    )
    assert done.returncode == 0, done.stderr
    root = parse(tmp_path, "genai/types/")
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://handbook.example/learn/genai/types/"]
    assert root.xpath("//a[@rel='edit']/@href") == ["https://code.example/handbook/edit/main/docs/genai/types.md"]
    assert "https://handbook.example/learn/genai/types/" in (tmp_path / "sitemap.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", CHAPTERS)
def test_head_of_a_chapter_tells_level_time_and_what_to_read_first(site: Path, slug: str) -> None:
    meta = Chapter.read(ROOT / f"docs/genai/{slug}.md").meta
    facts = parse(site, chapter_page(slug)).xpath("//div[@class='chapter-facts']")[0]
    text = facts.text_content()
    assert meta["level"].capitalize() in text
    assert f"{meta['minutes']} min" in text
    assert str(meta["reviewed"]) in text
    assert len(facts.xpath(".//a")) == len(meta["requires"])


def navigation(root: lxml.html.HtmlElement) -> set[str]:
    links = root.xpath("//nav[@aria-label='Handbook']//a[not(contains(@class, 'part')) or @aria-current]")
    return {" ".join(link.text_content().split()) for link in links}


def test_every_chapter_is_in_the_navigation_under_its_own_title(site: Path) -> None:
    whole = navigation(parse(site, ""))
    for slug in CHAPTERS:
        title = Chapter.read(ROOT / f"docs/genai/{slug}.md").headings[0].text
        part = navigation(parse(site, chapter_page(slug)))
        assert title in whole & part
        assert len(part) <= 10, "a chapter lists its own part only, or each page grows with the book"


def test_contents_page_lists_every_chapter(site: Path) -> None:
    root = parse(site, "")
    listed = set(root.xpath("//article//dt/a/@href"))
    assert {chapter_page(slug) for slug in CHAPTERS} <= listed


def test_routes_take_the_time_of_their_chapters(site: Path) -> None:
    routes = parse(site, "").xpath("//article//div[@class='routes']//dd")
    assert len(routes) == 4
    for route in routes:
        slugs = [re.sub(r"^genai/|/$", "", href) or "index" for href in route.xpath(".//a/@href")]
        minutes = sum(Chapter.read(ROOT / f"docs/genai/{slug}.md").meta["minutes"] for slug in slugs)
        assert route.text_content().strip().startswith(f"{minutes // 60} h {minutes % 60} min, ")
