"""The preview's server: it answers at once, and says that the handbook is being read until there is one."""

from __future__ import annotations

import html
import mimetypes
import sys
import threading
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from handbook.preview.book import Book, PageError

DOCS = Path("docs")
SEARCH = Path(".cache/preview-search")
# The site's own look, of which nothing needs the build; the header `Refresh` shows the page itself when it is there.
_NOTICE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self'; font-src 'self'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/assets/favicon.svg">
<link rel="stylesheet" href="/assets/stylesheets/handbook.css">
</head>
<body data-md-color-scheme="default">
<script src="/assets/javascripts/palette.js"></script>
<div class="page">
<main id="text">
<article class="md-content__inner md-typeset">
<h1>{title}</h1>
<p>{text}</p>
</article>
</main>
</div>
</body>
</html>
"""
READING = ("The handbook is being read", "This takes a moment. The page that you asked for then shows by itself.")
BROKEN = "This page can't be shown"


class Server:
    """Serves whatever book it is given."""

    def __init__(self, port: int) -> None:
        self.lock = threading.Lock()  # MkDocs renders one page at a time
        self.book: Book | None = None
        self.fault = ""  # why there is no book
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._http = _Http(("127.0.0.1", port), handler)
        self.address = f"http://127.0.0.1:{self._http.server_address[1]}/"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went elsewhere is no fault."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Server

    def do_GET(self) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).removeprefix("/")
        with self.server_of.lock:
            book = self.server_of.book
            page = book and next((url for url in (path, f"{path}/") if url in book.pages), None)
            if page is not None:
                self._page(book, page, path)
                return
            file = self._file(book, path)
        if file:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            self._answer(HTTPStatus.OK, file.read_bytes(), kind)
        elif path.startswith("search/"):  # that isn't made yet
            self._answer(HTTPStatus.NOT_FOUND, b"", "application/json")
        elif book:
            with self.server_of.lock:
                self._answer(HTTPStatus.NOT_FOUND, book.not_found().encode())
        elif self.server_of.fault:
            self._notice(BROKEN, self.server_of.fault)
        else:
            self._notice(*READING)

    def _page(self, book: Book, page: str, path: str) -> None:
        if page != path:
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", "/" + urllib.parse.quote(page))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        try:
            self._answer(HTTPStatus.OK, book.html(page).encode())
        except PageError as error:
            self._notice(BROKEN, str(error))

    def _file(self, book: Book | None, path: str) -> Path | None:
        """The file that belongs to an address. Before there is a book, those below `docs/` do."""
        if path.startswith("search/"):
            file, folder = SEARCH / path.removeprefix("search/"), SEARCH
        elif book:
            return Path(book.static[path]) if path in book.static else None
        else:
            file, folder = DOCS / path, DOCS
        return file if file.is_file() and file.resolve().is_relative_to(folder.resolve()) else None

    def _notice(self, title: str, text: str) -> None:
        page = _NOTICE.format(title=html.escape(title), text=html.escape(text))
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, page.encode(), **{"Refresh": "1", "Retry-After": "1"})

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = "text/html", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """The terminal is for what the author should know."""
