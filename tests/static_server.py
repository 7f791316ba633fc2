"""A directory served on localhost as a static host serves it."""

from __future__ import annotations

import gzip
import mimetypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

# Written out, because what mimetypes knows depends on the machine.
TEXT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".xml": "application/xml",
}
BINARY_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@contextmanager
def serve(directory: Path, base: str = "/", headers: dict[str, str] | None = None) -> Iterator[str]:
    """Serve `directory` under the path `base` on a free port; yields the address, which ends with a slash."""
    base = f"/{base.strip('/')}/".replace("//", "/")
    server = Server(("127.0.0.1", 0), partial(Handler, directory.resolve(), base, headers or {}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{base}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Server(ThreadingHTTPServer):
    """Many connections at once; a reader who leaves early is no error."""

    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answer GET and HEAD; log nothing."""

    protocol_version = "HTTP/1.1"  # keeps connections open
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the last one's acknowledgement

    def __init__(self, directory: Path, base: str, headers: dict[str, str], *arguments: object) -> None:
        self.directory, self.base, self.more_headers = directory, base, headers
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        file = self._file(path)
        if file and file.name == "index.html" and not path.endswith(("/", "/index.html")):
            self._send(HTTPStatus.MOVED_PERMANENTLY, b"", {"Location": quote(path) + "/"})
        elif file:
            self._send_file(HTTPStatus.OK, file)
        elif (self.directory / "404.html").is_file():
            self._send_file(HTTPStatus.NOT_FOUND, self.directory / "404.html")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"Not found\n", {"Content-Type": "text/plain; charset=utf-8"})

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def _file(self, path: str) -> Path | None:
        if not path.startswith(self.base) or "\0" in path:
            return None
        file = self.directory / path[len(self.base) :].lstrip("/")
        if not file.resolve().is_relative_to(self.directory):
            return None
        if file.is_dir():
            file /= "index.html"
        elif path.endswith("/"):
            return None
        return file if file.is_file() else None

    def _send_file(self, status: HTTPStatus, file: Path) -> None:
        suffix = file.suffix.lower()
        body, headers = file.read_bytes(), {}
        if suffix in TEXT_TYPES:
            headers["Content-Type"] = f"{TEXT_TYPES[suffix]}; charset=utf-8"
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, compresslevel=1)
        else:
            known = BINARY_TYPES.get(suffix) or mimetypes.guess_type(file.name)[0]
            headers["Content-Type"] = known or "application/octet-stream"
        self._send(status, body, headers)

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, **self.more_headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("LinkChecker", "ok")  # or linkchecker asks ten times a second at most
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
