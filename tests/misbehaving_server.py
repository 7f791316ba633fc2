"""A server on localhost that does what other people's servers do, a path for each misbehaviour."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HTML = "text/html; charset=utf-8"
PAGE = b'<!doctype html><title>Page</title><h1 id="there">There</h1><a name="old">old</a><p id="caf&eacute;">'


@dataclass(frozen=True)
class Request:
    """One request as the server saw it; times in seconds of the monotonic clock."""

    host: str
    method: str
    path: str
    user_agent: str
    start: float
    end: float


@dataclass
class Log:
    """What the server was asked."""

    requests: list[Request] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    active: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, path: str) -> list[Request]:
        """Return the requests for one path, in the order in which they ended."""
        return [request for request in self.requests if request.path == path]


class Server(ThreadingHTTPServer):
    """Holds the log, and how long the slow path takes in seconds."""

    slow = 2.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.log = Log()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that give up on us are what we are here for."""


class Handler(BaseHTTPRequestHandler):
    """Looks the misbehaviour up by the path."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        host = self.headers.get("Host", "").partition(":")[0]
        log, start = self.server.log, time.monotonic()
        with log.lock:
            log.count[path] += 1
            log.active[host] += 1
            log.most_at_once[host] = max(log.most_at_once[host], log.active[host])
        if path.startswith("/slow"):
            self.server.closing.wait(self.server.slow)
        elif path.startswith("/busy"):
            time.sleep(0.05)
        agent = self.headers.get("User-Agent", "")
        with log.lock:  # before the answer: after it, the client's next request may overtake us
            log.active[host] -= 1
            log.requests.append(Request(host, self.command, path, agent, start, time.monotonic()))
        PATHS.get(path, Handler.page if path.startswith(("/slow", "/busy")) else Handler.not_found)(self)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def send(self, status: int, body: bytes = PAGE, **headers: str) -> None:
        """Send an answer; `Content_Type` is HTML unless given, and `_` in a header's name is `-`."""
        self.send_response(status)
        headers = {"Content_Type": HTML, "Content_Length": str(len(body)), **headers}
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def is_first(self) -> bool:
        """Whether the path is asked for the first time."""
        return self.server.log.count[urlsplit(self.path).path] == 1

    def page(self) -> None:
        self.send(200)

    def not_found(self) -> None:
        self.send(404)

    def error_once(self) -> None:
        self.send(500 if self.is_first() else 200)

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def drop_once(self) -> None:
        self.drop() if self.is_first() else self.page()

    def browsers_only(self) -> None:
        self.send(200 if "Chrome/" in self.headers.get("User-Agent", "") else 403)

    def wait_first(self) -> None:
        self.send(429, Retry_After="1") if self.is_first() else self.page()

    def no_head(self) -> None:
        self.send(405 if self.command == "HEAD" else 200)

    def to_other_name(self) -> None:
        self.send(302, b"", Location=f"http://localhost:{self.server.server_port}/busy/hop")


def answer(status: int, body: bytes = PAGE, **headers: str) -> Callable[[Handler], None]:
    """Return a misbehaviour that is always this answer."""
    return lambda handler: handler.send(status, body, **headers)


PATHS: dict[str, Callable[[Handler], None]] = {
    "/ok": Handler.page,
    "/gone": answer(410),
    "/error": answer(500),
    "/error-once": Handler.error_once,
    "/error-once-anchor": Handler.error_once,
    "/loop": answer(302, b"", Location="/loop-back"),
    "/loop-back": answer(302, b"", Location="/loop"),
    "/moved": answer(301, b"", Location="/ok"),
    "/moved-to-nothing": answer(301, b"", Location="/nothing"),
    "/elsewhere-today": answer(302, b"", Location="/ok"),
    "/drop": Handler.drop,
    "/drop-once": Handler.drop_once,
    "/drop-once-anchor": Handler.drop_once,
    "/browsers-only": Handler.browsers_only,
    "/captcha-wall": answer(200, b"<title>Just a moment...</title>"),
    "/challenge": answer(503, b"", cf_mitigated="challenge"),
    "/no-such-status": answer(999),
    "/wait": Handler.wait_first,
    "/wait-for-ever": answer(429, Retry_After="1"),
    "/no-head": Handler.no_head,
    "/wrong-type": answer(200, Content_Type="application/octet-stream"),
    "/to-other-name": Handler.to_other_name,
}


@contextmanager
def misbehave() -> Iterator[Server]:
    """Run the server on a free port of localhost."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
