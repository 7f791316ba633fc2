"""`handbook build`: MkDocs' own build, with the pages of a large handbook rendered on every core.

MkDocs renders one page after another. Here other processes render them, each with a handbook of its own, and MkDocs is
given what they made when it comes to a page. What is written is the same to the byte.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mkdocs.commands import build as mkdocs
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files, get_files, set_exclusions
from mkdocs.structure.nav import Navigation, get_navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents

FEWEST = 100  # pages: below, reading the handbook once more in each process takes longer than it saves
AT_ONCE = 4  # pages


def build(site: Path, *, strict: bool, processes: int | None = None) -> bool:
    """Build the handbook in the working directory; returns whether it is whole, and says on the terminal why not."""
    _collect_seldom()
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        config = load_config("mkdocs.yml", site_dir=str(site), strict=strict)
        with _Ahead(processes or os.cpu_count() or 1) as ahead:
            config.plugins["handbook/ahead"] = ahead
            mkdocs.build(config)
    except MkDocsException as error:
        print(f"can't build: {error}", file=sys.stderr)
        return False
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)
    return True


def _collect_seldom() -> None:
    """Python looks for garbage among all that it holds, and a build holds a lot and leaves little."""
    gc.set_threshold(50_000, 50, 50)


def read(config: MkDocsConfig) -> tuple[Files, Navigation]:
    """Do what MkDocs does before it renders the first page."""
    env = config.theme.get_env()
    files = get_files(config)
    files.add_files_from_theme(env, config)
    files = config.plugins.on_files(files, config=config)
    set_exclusions(files, config)
    return files, config.plugins.on_nav(get_navigation(files, config), config=config, files=files)


@dataclass
class _Rendered:
    """What MkDocs keeps of a page that it has rendered, and what was logged meanwhile."""

    content: str
    toc: TableOfContents
    title: str | None
    anchors: set[str]
    links: dict[str, dict[str, str]]  # path of a page → the anchors linked to → the links as they are written
    log: list[tuple[str, int, str]]


class _Ahead(BasePlugin):
    """Has other processes render the pages that MkDocs is going to ask for, in its order."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        pages = [file.page or Page(None, file, config) for file in files.documentation_pages()]
        if self.processes > 1 and len(pages) >= FEWEST:
            # Started afresh on every system, for not every system can fork.
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.processes, context, _Worker.start)
            paths = [page.file.src_uri for page in pages]
            rendered = self.pool.map(_Worker.render, paths, chunksize=AT_ONCE)
            for page in pages:
                page.render = partial(_take, page, rendered)
        return nav


def _take(page: Page, rendered: Iterator[_Rendered], config: MkDocsConfig, files: Files) -> None:
    """Give a page what was made of it; stands in for `Page.render`."""
    made = next(rendered)
    page.content, page.toc, page._title_from_render = made.content, made.toc, made.title
    page.present_anchor_ids = made.anchors
    page.links_to_anchors = {files.get_file_from_path(path): links for path, links in made.links.items()}
    for name, level, message in made.log:
        logging.getLogger(name).log(level, "%s", message)


class _Worker(logging.Handler):
    """The handbook in another process."""

    one: _Worker

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.log: list[tuple[str, int, str]] = []
        logger = logging.getLogger("mkdocs")
        logger.setLevel(logging.INFO)
        logger.addHandler(self)
        config = load_config("mkdocs.yml", strict=False)
        self.config = config.plugins.on_config(config)
        self.files, _ = read(self.config)

    def emit(self, record: logging.LogRecord) -> None:
        self.log.append((record.name, record.levelno, record.getMessage()))

    @classmethod
    def start(cls) -> None:
        _collect_seldom()
        cls.one = cls()

    @classmethod
    def render(cls, path: str) -> _Rendered:
        return cls.one._render(path)

    def _render(self, path: str) -> _Rendered:
        self.log = []
        file = self.files.get_file_from_path(path)
        page = file.page or Page(None, file, self.config)
        page = self.config.plugins.on_pre_page(page, config=self.config, files=self.files)
        page.read_source(self.config)
        page.markdown = self.config.plugins.on_page_markdown(
            page.markdown, page=page, config=self.config, files=self.files
        )
        page.render(self.config, self.files)
        links = {to.src_uri: links for to, links in (page.links_to_anchors or {}).items()}
        return _Rendered(
            page.content, page.toc, page._title_from_render, page.present_anchor_ids or set(), links, self.log
        )
