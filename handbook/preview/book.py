"""The handbook as MkDocs sees it, with pages that are rendered one by one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from mkdocs.commands import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page

from handbook.build import read

SITE = Path(".cache/preview")  # the pages as files, for the search


class _Log(logging.Handler):
    """Keeps MkDocs' errors, and its warnings from the terminal: the gate tells once, and where, what is wrong."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())


_log = _Log()


class BookError(ValueError):
    """A handbook that can't be read; the message says why."""


class PageError(ValueError):
    """A page that can't be rendered; the message says why."""


class Book:
    """All that MkDocs knows before it renders the first page; raises BookError."""

    def __init__(self, *, fresh: bool) -> None:
        _log.errors.clear()
        try:
            self._load(fresh=fresh)
        except Exception as error:  # whatever an author's file may set off is told, and the preview goes on
            raise BookError("\n".join(_log.errors) or f"{type(error).__name__}: {error}") from error

    def _load(self, *, fresh: bool) -> None:
        if fresh:  # our extensions may have changed
            for name in [name for name in sys.modules if name.startswith("handbook.") and ".preview" not in name]:
                del sys.modules[name]
        os.environ["HANDBOOK_PREVIEW"] = str(SITE)  # mkdocs.yml reads it
        config = load_config("mkdocs.yml", strict=False)
        self.config = config.plugins.on_config(config)
        self.env = self.config.theme.get_env()
        self.files, self.nav = read(self.config)
        self.env = self.config.plugins.on_env(self.env, config=self.config, files=self.files)
        self.pages = {file.page.url: file.page for file in self.files.documentation_pages() if file.page}
        self.sources = {page.file.abs_src_path: page for page in self.pages.values()}
        self.static = {file.dest_uri: file.abs_src_path for file in self.files if not file.is_documentation_page()}
        self._html: dict[str, str] = {}
        self._read(self.pages.values())  # a page's title stands in the contents of others

    def changed(self, sources: set[str]) -> None:
        """Forget what was rendered: what one page says of itself stands on others as well."""
        self._read(self.sources[source] for source in sources)
        for page in self.pages.values():
            page.content = page._title_from_render = None
        self._html.clear()

    def _read(self, pages: Iterable[Page]) -> None:
        for page in pages:
            try:
                page.read_source(self.config)
            except (OSError, ValueError):
                page.markdown = ""  # told when the page is asked for

    def html(self, url: str) -> str:
        """Return a page as it is published; raises PageError."""
        if url not in self._html:
            page = self.pages[url]
            try:
                build._populate_page(page, self.config, self.files)
                page.active = True
                context = build.get_context(self.nav, self.files, self.config, page)
                context = self.config.plugins.on_page_context(context, page=page, config=self.config, nav=self.nav)
                output = self.env.get_template(page.meta.get("template", "main.html")).render(context)
                output = self.config.plugins.on_post_page(output, page=page, config=self.config)
            except Exception as error:  # whatever an author's page may set off is told, and the preview goes on
                raise PageError(f"docs/{page.file.src_uri}: {type(error).__name__}: {error}") from error
            finally:
                page.active = False
            if 'class="diagram waiting"' in output:
                return output  # for this once
            self._html[url] = output
        return self._html[url]

    def not_found(self) -> str:
        """Return the page for an address that there is not."""
        template = self.env.get_template("404.html")
        return build._build_template("404.html", template, self.files, self.config, self.nav)
