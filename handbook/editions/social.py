"""The picture that a link to a page shows where it is shared: its title and part, set as on the page.

`overrides/main.html` names it where the site's address is known, since the picture's address must be whole.
"""

from __future__ import annotations

import html
from pathlib import Path

from playwright.sync_api import Browser

from handbook.editions.contents import Book, Page

FOLDER = "assets/social"
WIDTH, HEIGHT = 1200, 630
STYLE = (Path(__file__).parent / "social.css").read_text(encoding="utf-8")


def path_of(page: Page) -> str:
    """Return where the picture of a page is, below the site's root: as the template names it."""
    return f"{FOLDER}/{page.url.strip('/').replace('/', '-') or 'index'}.png"


def make(book: Book, site: Path, browser: Browser) -> list[Path]:
    """Draw a picture of 1200 × 630 pixels for each page."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    tab = context.new_page()
    made = []
    for page in book.pages:
        target = site / path_of(page)
        target.parent.mkdir(parents=True, exist_ok=True)
        tab.set_content(_card(book, page))
        tab.screenshot(path=target)
        made.append(target)
    context.close()
    return made


def _card(book: Book, page: Page) -> str:
    if page is book.home:
        above, title, what, below = "A free handbook", book.title, book.description, ""
    else:
        above, title, what, below = page.part, page.title, page.meta.get("description", ""), book.title
    above, title, what, below = map(html.escape, (above, title, what, below))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style><main>'
        f'<p class="part">{above}</p><h1>{title}</h1><p class="what">{what}</p><p class="book">{below}</p></main>'
    )
