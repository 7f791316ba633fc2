"""A server on localhost that does what other people's servers do, a path for each misbehaviour."""

from __future__ import annotations

import json
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
ARTICLE = b"<title>Bees | Garden</title><h1>Bees</h1><p>They fly from flower to flower and carry the pollen home."
ABOUT_404 = (
    b"<title>404 Not Found - HTTP | Garden of Protocols</title><h1>404 Not Found</h1><p>This status code of HTTP is "
    b"the answer of a server that has nothing at the address. Whether that is so for ever, it leaves open."
)
LONG_STORY = (
    b"<title>Page not found</title><h1>Page not found</h1><p>" + b"The library had lost a page of the atlas. " * 20
)
NOT_FOUND = """<title>Page not found | Garden</title><script src="/count.js"></script>
<h1>Sorry!</h1><p>We looked everywhere, and then once more under the bed, but {path} is not there. Try the search."""
NO_SUCH_BEE = b"<title>Bees</title><script src=/b.js></script><h1>Bees</h1><p>The bee you asked for does not exist."
SECTION_NOT_FOUND = (
    b"<title>Shop</title><nav><a href=/>Home</a></nav><h1>Oops! This page can\xe2\x80\x99t be found</h1><p>Bye."
)
SHELL = b'<title>App</title><div id="app"></div><noscript>Turn on JavaScript.</noscript><script src="/app.js"></script>'
LANDING = b"<title>Welcome</title><h1>Welcome</h1><p>This name is parked. Its owner has other things to do."
COPY = "http://web.archive.org/web/20240102030405/http://copied.example/"


@dataclass(frozen=True)
class Request:
    """One request as the server saw it; times in seconds of the monotonic clock."""

    host: str
    method: str
    path: str
    query: str
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
        path, query = urlsplit(self.path)[2:4]
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
            log.requests.append(Request(host, self.command, path, query, agent, start, time.monotonic()))
        missing = Handler.page if path.startswith(("/slow", "/busy")) else HOSTS.get(host, Handler.not_found)
        PATHS.get(path, missing)(self)

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

    def soft_404(self) -> None:
        self.send(200, NOT_FOUND.format(path=self.path).encode())

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


def archive(snapshots: object) -> Callable[[Handler], None]:
    """Return what the Wayback Machine's availability API answers."""
    return answer(200, json.dumps({"archived_snapshots": snapshots}).encode(), Content_Type="application/json")


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
    "/article": answer(200, ARTICLE),
    "/about-404": answer(200, ABOUT_404),
    "/long-story": answer(200, LONG_STORY),
    "/soft-section": answer(200, SECTION_NOT_FOUND),
    "/front": answer(200, LANDING),
    "/other-title": answer(200, NO_SUCH_BEE.replace(b"<title>Bees", b"<title>Bumblebees")),
    "/empty": answer(200, b""),
    "/login": answer(200, b"<title>Log in</title>"),
    "/archive/copy": archive({"closest": {"available": True, "url": COPY, "status": "200"}}),
    "/archive/copy-of-error": archive({"closest": {"available": True, "url": COPY, "status": "404"}}),
    "/archive/none": archive({}),
    "/archive/odd": archive([COPY]),
    "/archive/error": answer(503, b"{}", Content_Type="application/json"),
    "/archive/drop": Handler.drop,
}

# What a host does with every address that is not above.
HOSTS: dict[str, Callable[[Handler], None]] = {
    "soft.test": Handler.soft_404,
    "home.test": answer(302, b"", Location="/front"),
    "wall.test": answer(302, b"", Location="/login"),
    "app.test": answer(200, SHELL),
    "bees.test": answer(200, NO_SUCH_BEE),
    "parked.test": answer(200, LANDING),
    "broken.test": Handler.drop,
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
