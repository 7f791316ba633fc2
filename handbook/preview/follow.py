"""What follows a save: the pages are forgotten, the saved ones checked, and the search made anew."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from handbook.preview.book import SITE, Book, BookError, PageError
from handbook.preview.server import DOCS, SEARCH, Server

WATCHED = ("docs", "overrides", "handbook", "mkdocs.yml")
PAUSE = 0.2  # seconds between looks
STILL = 1.0  # seconds without a save before the search is made


class Follower:
    """Keeps a server's book up with the files."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.whole = True  # whether the search wants every page anew, or only those that were saved
        self.saved: set[str] = set()
        self.failed = False  # whether every page is still to be built, once a fault in one is mended
        self.last = 0.0  # when something was saved
        self.stopped = False
        self._files, self._checks = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._work = ThreadPoolExecutor(1)
        self._indexing: Future | None = None
        self._running: set[subprocess.Popen] = set()

    def run(self) -> None:
        """Follow the files until the user stops it."""
        stamps = _stamps()
        self._load(fresh=False)
        if book := self.server.book:
            print(f"The handbook is at {self.server.address} ({len(book.pages)} pages; Ctrl+C ends it).", flush=True)
        self._files.submit(self._prepare)
        self._work.submit(self._draw)
        while True:
            time.sleep(PAUSE)
            now = _stamps()
            changed = {name for name in stamps.keys() | now.keys() if stamps.get(name) != now.get(name)}
            stamps = now
            if changed:
                self._changed(changed, now)
            elif self._due() and time.monotonic() - self.last > STILL:
                whole, saved, self.whole, self.saved = self.whole, self.saved, False, set()
                self._indexing = self._work.submit(self._index, whole, saved)

    def stop(self) -> None:
        self.stopped = True
        for executor in (self._files, self._checks, self._work):
            executor.shutdown(wait=False, cancel_futures=True)
        for process in list(self._running):
            process.terminate()

    def _due(self) -> bool:
        is_idle = self._indexing is None or self._indexing.done()
        return is_idle and self.server.book is not None and (self.whole or bool(self.saved))

    def _changed(self, changed: set[str], now: dict[str, int]) -> None:
        self.last = time.monotonic()
        book = self.server.book
        if book and changed <= book.sources.keys() & now.keys():
            with self.server.lock:
                book.changed(changed)
            self.saved |= changed
            self.whole |= self.failed
        else:
            self._load(fresh=any(name.endswith(".py") for name in changed))
            self.whole = True
        pages = sorted(os.path.relpath(name) for name in changed if name.endswith(".md") and name in now)
        if pages:
            self._checks.submit(self._check, pages)

    def _load(self, *, fresh: bool) -> None:
        """Read everything anew; until the next save, a fault is shown in place of every page."""
        try:
            book, fault = Book(fresh=fresh), ""
        except BookError as error:
            book, fault = None, str(error)
            print(f"The handbook can't be read: {fault}", file=sys.stderr, flush=True)
        with self.server.lock:
            self.server.book, self.server.fault = book, fault

    def _check(self, pages: list[str]) -> None:
        done = self._run("handbook", "check", *pages)
        if done.stdout.strip():
            print(done.stdout.rstrip(), flush=True)
        elif done.returncode == 0:
            print(f"{', '.join(Path(page).as_posix() for page in pages)}: no faults", flush=True)
        else:
            print(done.stderr.rstrip(), file=sys.stderr, flush=True)

    def _prepare(self) -> None:
        """Make the files that pages show and that are not kept; where one is new, the book is read again."""
        told = self._run("handbook", "prepare", "--no-diagrams").stderr
        if told:
            print(told.rstrip(), file=sys.stderr, flush=True)

    def _draw(self) -> None:
        """Make the drawings that the cache lacks, before the search's build would make them one by one."""
        from handbook.markdown import drawing  # noqa: PLC0415 (slow to load, and the book may load it anew)

        missing = drawing.missing(DOCS)
        if missing:
            print(f"Drawing {len(missing)} diagrams, once; their places show until then ...", flush=True)
            drawing.draw(missing, lambda: self.stopped)
            print("The diagrams are drawn.", flush=True)

    def _index(self, whole: bool, saved: set[str]) -> None:
        """Make the search: of every page as MkDocs builds it, or with the saved pages in place of what they were."""
        if whole:
            half = max(1, (os.cpu_count() or 1) // 2)  # the rest is for who writes
            built = self._run("handbook", "build", str(SITE), "--processes", str(half))
            if self.stopped:
                return
            if built.returncode:
                self.failed = True
                reason = built.stderr.strip().splitlines()[-1:]
                print(f"The search is of before: {' '.join(reason)}", file=sys.stderr, flush=True)
                return
            self.failed = False
            if built.stderr.strip():
                print(built.stderr.rstrip(), file=sys.stderr, flush=True)
        with self.server.lock:
            book = self.server.book
            for page in [book.sources[name] for name in saved if name in book.sources] if book else []:
                try:
                    file = SITE / page.url / "index.html"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(book.html(page.url), encoding="utf-8")
                except PageError:
                    continue  # its reader is told
        done = self._run("handbook", "index", str(SITE), str(SEARCH))
        if self.stopped:
            return
        if done.returncode:
            print(f"The search is of before: {done.stderr.rstrip()}", file=sys.stderr, flush=True)
        elif whole:
            print("The search is ready.", flush=True)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands beside the preview."""
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, "-m", *command], stdout=pipe, stderr=pipe, text=True)
        self._running.add(process)
        try:
            told = process.communicate()
            return subprocess.CompletedProcess(command, process.returncode, *told)
        finally:
            self._running.discard(process)


def _stamps() -> dict[str, int]:
    """When each file was written that pages are made from."""
    found = {}
    for name in WATCHED:
        if os.path.isfile(name):
            found[os.path.abspath(name)] = os.stat(name).st_mtime_ns
        for folder, _, files in os.walk(os.path.abspath(name)):
            for file in files:
                path = os.path.join(folder, file)
                if not file.endswith(".pyc") and os.path.isfile(path):
                    found[path] = os.stat(path).st_mtime_ns
    return found
