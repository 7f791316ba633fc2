"""Make a release of a built site: each edition, linked from its contents page, the pictures of shared links, a list."""

from __future__ import annotations

import html
import os
import re
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from handbook.editions import article, contents, epub, manifest, offline, pdf, social, text
from handbook.editions.contents import Book, EditionError

FOLDER = "editions"
# The contents page gets its line on the editions before this heading, once they are there: no dead links till then.
_LINE = re.compile(r'<p class="editions">.*?</p>\n')
_BEFORE = re.compile(r'<h2[^>]*\bid="?the-parts\b')


def make(site: Path, browser: str) -> list[Path]:
    """Write every edition into the site; returns the files. Raises EditionError."""
    if not (site / "index.html").is_file():
        raise EditionError(f"no built site in {site}")
    home = site / "index.html"
    home.write_text(_LINE.sub("", home.read_text(encoding="utf-8")), encoding="utf-8")
    book = contents.load()
    manifest.prune(site)
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    files = [folder / f"{book.file_name}.{kind}" for kind in ("pdf", "epub", "zip")]
    offline.make(book, site, files[2])
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as work:
        # Letters stand where the design puts them, not where a screen's pixels are.
        running = playwright.chromium.launch(executable_path=browser, args=["--font-render-hinting=none"])
        tab = running.new_page()
        social.make(book, site, running)
        article.read(book, site, tab)
        count = pdf.make(book, site, files[0], tab, Path(work))
        epub.make(book, site, files[1], tab, Path(work))
        running.close()
    text.make(book, site, os.environ.get("HANDBOOK_SITE_URL", ""))
    _link(book, site, files, count)
    return [*files, site / "llms.txt", *manifest.write(book, site)]


def _link(book: Book, site: Path, files: list[Path], pages: int) -> None:
    """Fill in the line of the contents page."""
    path = site / "index.html"
    page = path.read_text(encoding="utf-8")
    heading = _BEFORE.search(page)
    if not heading:
        raise EditionError(f"{path} has no heading 'The parts', before which the editions are named")
    names = ("a PDF", "an EPUB", "the site as a zip that opens without a network")
    notes = (f"{pages} pages, ", "", "")
    links = [
        f'<a href="{FOLDER}/{html.escape(file.name)}" download>{name}</a> ({note}{size(file)})'
        for file, name, note in zip(files, names, notes, strict=True)
    ]
    line = f'<p class="editions">The whole handbook to take with you: {", ".join(links)}. '
    line += 'For programs: <a href="llms.txt">llms.txt</a> lists each page as Markdown.</p>\n'
    path.write_text(page[: heading.start()] + line + page[heading.start() :], encoding="utf-8")


def size(file: Path) -> str:
    """Return the size of a file as a reader thinks of it."""
    length = file.stat().st_size
    return f"{length / 1_000_000:.1f} MB" if length >= 1_000_000 else f"{max(1, round(length / 1000))} KB"
