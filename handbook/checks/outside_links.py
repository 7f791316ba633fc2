"""The weekly check of the links that lead out of the site.

`python -m handbook.checks.outside_links SITE_DIR --state FILE` prints a line for every link that is not simply fine:
`url: verdict: why; first seen in page`. It exits with 0 if none is red, 1 if some are, 2 if it could not check.

Other people's servers fail, move, and turn robots away; only what a reader would find dead makes the check red, and
that only when it was found dead on runs three days apart.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlencode, urljoin, urlsplit

import requests
from requests import exceptions as failures
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import exceptions as causes
from urllib3.util import Retry

from handbook.checks import site_links

PERMANENT_REDIRECTS = {301, 308}
REDIRECTS = PERMANENT_REDIRECTS | {302, 303, 307}
GONE = {404, 410}
BOT_WALLS = {401, 403, 429, 999}
WORTH_A_RETRY = {429, 500, 502, 503, 504}
ASKS_TO_WAIT = {429, 503}

BOT_WALL_HEADERS = {"cf-mitigated", "x-amzn-waf-action"}
BOT_WALL_PAGE = re.compile(r"captcha|/sorry/", re.IGNORECASE)
BOT_WALL_TITLE = re.compile(rb"<title[^>]*>\s*(just a moment|attention required|are you a robot|robot check)", re.I)

# Read by the page's script or by a viewer, so no id need answer to it: routes, parameters, lines of code.
SCRIPT_FRAGMENT = re.compile(r"[!/]|.*=|L\d+")

# What a host answers for this address, it answers for any that it doesn't have.
MADE_UP = "handbook-link-check-made-up-address-7f3a9c51"
LOGIN = re.compile(r"\b(log|sign)[-_]?in\b|\bauth|\bsso\b|consent", re.IGNORECASE)

NOT_FOUND = r"not found|(can('|no)?t|could(n't| not)) (be found|find)|(does(n't| not)|no longer) exists?"
NOT_FOUND_TEXT = re.compile(NOT_FOUND, re.IGNORECASE)
# Says nothing else: "Page not found", "Error 404", "Sorry, we can't find the page you're looking for".
NOT_FOUND_TITLE = re.compile(
    rf"(?=.*({NOT_FOUND}|404))\W*((404|{NOT_FOUND}|oops|sorry|error|we|you('re)?|looking|for|requested|the|this|that|page"
    r"|file|document|address|url|is|was|were|are)\b\W*)+",
    re.IGNORECASE,
)
TITLE_SEPARATOR = re.compile(r"\s[-–—|·•»]+\s|[|:]\s")
ABOUT_STATUSES = re.compile(r"\bHTTP\b|status code", re.IGNORECASE)
MOST_NOT_FOUND_WORDS = 100  # a page that says more has more to say than "not found"
NEARLY_SAME = 0.9  # of the words
AROUND_THE_TEXT = ("script", "style", "noscript", "template", "nav", "header", "footer", "aside")
WORDS = f"//body//text()[not({' or '.join(f'ancestor::{tag}' for tag in AROUND_THE_TEXT)})]"

PAGE_TYPES = {"text/html", "application/xhtml+xml"}
READ_TYPES = PAGE_TYPES | {"application/json"}
WAYBACK = "https://archive.org/wayback/available"
MOST_REDIRECTS = 10
MOST_BYTES = 5_000_000


class Kind(StrEnum):
    """What was found out about a link."""

    OK = "ok"
    MOVED = "moved"  # for good: works, but write the new address
    BLOCKED = "blocked"  # the server turns robots away, or tells them nothing; a reader may get in
    UNSURE = "unsure"  # fails today; dead if it goes on
    DEAD = "dead"


@dataclass(frozen=True)
class Verdict:
    """What was found out about one address, and how it is known."""

    url: str
    kind: Kind
    why: str
    since: str = ""  # "since 2026-11-23, red from 2026-11-26", of a dead one
    red: bool = False
    archived: str = ""  # the address of a copy, of a dead one

    def __str__(self) -> str:
        kind = f"{self.kind.value} {self.since}".rstrip()
        return f"{self.url}: {kind}: {self.why}" + (f"; archived copy: {self.archived}" if self.archived else "")


@dataclass(frozen=True)
class Manners:
    """How to treat other people's servers. Times are in seconds unless they say otherwise."""

    contact: str = ""  # an address for the owner of a server who wonders who we are
    timeout: float = 20
    retries: int = 2
    backoff: float = 2  # before the first retry; doubles with each
    longest_wait: float = 60  # obeyed of a Retry-After
    pause: float = 1  # between two requests to one host
    hosts_at_once: int = 16
    fresh: timedelta = timedelta(hours=20)  # a link that was fine is not asked for again
    patience: timedelta = timedelta(days=3)  # a link that keeps failing is then dead, a dead one then red
    archive: str = WAYBACK  # where to ask for copies of what is dead; "" to ask nobody

    @property
    def user_agent(self) -> str:
        """The usual form of an honest robot's name."""
        contact = f"; +{self.contact}" if self.contact else ""
        return f"Mozilla/5.0 (compatible; HandbookLinkCheck/1.0{contact})"


State = dict[str, dict[str, str]]


class CouldNotCheckError(Exception):
    """The fault is on this side, so nothing can be said about the links."""


def check(
    urls: Iterable[str], manners: Manners | None = None, state: State | None = None, now: datetime | None = None
) -> list[Verdict]:
    """Return a verdict for each distinct address, in the order given.

    `state` is what earlier checks knew; it is brought up to date in place. `now` needs a time zone; by default it is
    the clock's.

    Raises CouldNotCheckError if more than half of the hosts can't be reached: then the network is at fault, not they.
    `state` stays as it was.
    """
    manners = manners or Manners()
    now = now or datetime.now(UTC)
    state = {} if state is None else state
    entries: State = {}
    asked = []
    for url in dict.fromkeys(urls):
        entries[url] = state.get(url, {})
        if not _is_fresh(entries[url], now, manners.fresh):
            asked.append(url)
    inquiry = _Inquiry(manners)
    for url, verdict in inquiry.verdicts(asked).items():
        entries[url] = _entry(verdict, entries[url], now, manners.patience)
    state.clear()
    state.update(entries)
    return inquiry.with_copies([_verdict(url, entry, now, manners.patience) for url, entry in entries.items()])


def load_state(path: Path) -> State:
    """Return what earlier checks knew; raises CouldNotCheckError for a file that can't be read as such."""
    try:
        return json.loads(path.read_bytes()) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise CouldNotCheckError(f"the state '{path.name}' can't be read ({error}); remove it") from error


def save_state(path: Path, state: State) -> None:
    """Write the state, so that an interruption leaves the old one whole."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(state, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)


def _is_fresh(entry: dict[str, str], now: datetime, fresh: timedelta) -> bool:
    return _is_fine(entry) and now - datetime.fromisoformat(entry["checked"]) < fresh


def _is_fine(entry: dict[str, str]) -> bool:
    return entry.get("kind") in (Kind.OK, Kind.MOVED)


def _entry(verdict: Verdict, before: dict[str, str], now: datetime, patience: timedelta) -> dict[str, str]:
    """Return what to remember of a verdict; failing for longer than `patience` makes it dead."""
    entry = {"kind": verdict.kind.value, "why": verdict.why, "checked": now.isoformat()}
    if _is_fine(entry):
        return entry
    dead_since = before.get("dead_since", "")
    if verdict.kind is Kind.UNSURE:
        since = entry["failing_since"] = before.get("failing_since", now.isoformat())
        if now - datetime.fromisoformat(since) >= patience:
            entry["kind"] = Kind.DEAD.value
            dead_since = dead_since or since
    if entry["kind"] == Kind.DEAD:
        dead_since = dead_since or now.isoformat()
    return {**entry, "dead_since": dead_since} if dead_since else entry


def _verdict(url: str, entry: dict[str, str], now: datetime, patience: timedelta) -> Verdict:
    verdict = Verdict(url, Kind(entry["kind"]), entry["why"])
    if verdict.kind is not Kind.DEAD:
        return verdict
    since = datetime.fromisoformat(entry["dead_since"])
    red_from = since + patience
    red = now >= red_from
    when = f"since {since:%Y-%m-%d}" + ("" if red else f", red from {red_from:%Y-%m-%d}")
    return replace(verdict, since=when, red=red)


@dataclass
class _Answer:
    """The end of a chain of redirects."""

    url: str  # with its fragment
    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes  # of a page
    moved_to: str = ""  # where the permanent redirects at the chain's beginning lead

    @property
    def is_page(self) -> bool:
        return _media_type(self.headers) in PAGE_TYPES


@dataclass(frozen=True)
class _Page:
    """What a reader sees of a page."""

    title: str
    titles: tuple[str, ...]  # the title's parts, and the headings
    words: tuple[str, ...]
    has_script: bool

    @classmethod
    def of(cls, body: bytes) -> _Page:
        root = site_links.parse(body)
        if root is None:
            return cls("", (), (), has_script=False)
        title = _plain(root.xpath("string(//title)"))
        headings = [_plain(heading.xpath("string()")) for heading in root.iter("h1")]
        words = _plain(" ".join(root.xpath(WORDS))).split()
        titles = (*TITLE_SEPARATOR.split(title), *headings)
        return cls(title, titles, tuple(words), has_script=root.find(".//script") is not None)

    @property
    def not_found(self) -> str:
        """Return the title or heading that says "not found"."""
        return next((title for title in self.titles if NOT_FOUND_TITLE.fullmatch(title)), "")

    @property
    def text(self) -> str:
        return " ".join((self.title, *self.words))

    def is_like(self, other: _Page) -> bool:
        common = (Counter(self.words) & Counter(other.words)).total()
        return self.title == other.title and 2 * common >= NEARLY_SAME * (len(self.words) + len(other.words))


class _TooManyRedirectsError(Exception):
    pass


FAILURES = (requests.RequestException, causes.HTTPError, _TooManyRedirectsError, ValueError)


class _PatientRetry(Retry):
    """urllib3 makes the first retry at once; a server that just failed deserves a pause."""

    def get_backoff_time(self) -> float:
        return max(super().get_backoff_time(), self.backoff_factor)


class _Host:
    """One host, asked one thing at a time, over one connection, with a pause after each answer."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.lock = threading.Lock()
        self.free_at = 0.0
        self.session = requests.Session()
        self.session.headers.update({"User-Agent": manners.user_agent, "Accept": "text/html,*/*;q=0.8"})
        self.session.auth = lambda request: request  # or requests sends the passwords in ~/.netrc
        retry = _PatientRetry(
            total=manners.retries,
            backoff_factor=manners.backoff,
            status_forcelist=WORTH_A_RETRY,
            allowed_methods={"GET"},  # after HEAD comes GET anyway
            raise_on_status=False,
            retry_after_max=manners.longest_wait,
        )
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=retry))

    def ask(self, method: str, url: str) -> _Answer:
        """Make one request; reads the body of a page. Raises what requests raises."""
        with self.lock:
            time.sleep(max(0.0, self.free_at - time.monotonic()))
            wait = 0.0
            try:
                with self.session.request(
                    method, url, timeout=self.manners.timeout, allow_redirects=False, stream=True
                ) as response:
                    wait = self._asked_to_wait(response)
                    body = b"".join(self._chunks(response)) if _media_type(response.headers) in READ_TYPES else b""
                    return _Answer(url, response.status_code, response.headers, body)
            finally:
                self.free_at = time.monotonic() + max(self.manners.pause, wait)

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        enough = time.monotonic() + self.manners.timeout
        size = 0
        for chunk in response.iter_content(65536):
            yield chunk
            size += len(chunk)
            if size > MOST_BYTES or time.monotonic() > enough:
                return

    def _asked_to_wait(self, response: requests.Response) -> float:
        wait = response.headers.get("Retry-After")
        if response.status_code not in ASKS_TO_WAIT or not wait:
            return 0.0
        return min(Retry().parse_retry_after(wait), self.manners.longest_wait)


@dataclass
class _Inquiry:
    """One round of questions to all hosts."""

    manners: Manners
    hosts: dict[str, _Host] = field(default_factory=dict)
    reached: dict[str, bool] = field(default_factory=dict)
    probes: dict[str, _Answer | None] = field(default_factory=dict)  # by host, and so each used by one thread
    lock: threading.Lock = field(default_factory=threading.Lock)

    def verdicts(self, urls: list[str]) -> dict[str, Verdict]:
        """Return a verdict for each address; raises CouldNotCheckError if most hosts can't be reached."""
        pages: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for url in urls:
            page = urldefrag(url).url
            pages[_host_name(page)][page].append(url)
        with ThreadPoolExecutor(self.manners.hosts_at_once) as pool:
            rounds = list(pool.map(self._ask_host, pages.values()))
        unreached = [host for host in pages if not self.reached.get(host)]
        if 2 * len(unreached) > len(pages):
            raise CouldNotCheckError(f"{len(unreached)} of {len(pages)} hosts can't be reached; check the network")
        found = {verdict.url: verdict for verdicts in rounds for verdict in verdicts}
        return {url: found[url] for url in urls}

    def with_copies(self, verdicts: list[Verdict]) -> list[Verdict]:
        """Return the verdicts with an archived copy for each dead one that has some."""
        copies = {}
        try:
            for verdict in verdicts:
                if verdict.kind is Kind.DEAD and self.manners.archive:
                    copies[verdict.url] = self._archived_copy(urldefrag(verdict.url).url)
        except Exception as error:  # whatever it is, the verdicts stand, and the archive is left alone
            print(f"the archive can't be asked for copies: {error!r}", file=sys.stderr)
        return [replace(verdict, archived=copies.get(verdict.url, "")) for verdict in verdicts]

    def _archived_copy(self, page: str) -> str:
        answer = self._follow("GET", f"{self.manners.archive}?{urlencode({'url': page})}")
        closest = json.loads(answer.body)["archived_snapshots"].get("closest", {})
        is_good = closest.get("available") and closest.get("status") == "200"
        return closest["url"].replace("http://web.archive.org/", "https://web.archive.org/", 1) if is_good else ""

    def _ask_host(self, pages: dict[str, list[str]]) -> list[Verdict]:
        return [verdict for page, urls in pages.items() for verdict in self._ask_page(page, urls)]

    def _ask_page(self, page: str, urls: list[str]) -> Iterator[Verdict]:
        """Ask for a page once, whatever the number of links to its parts."""
        try:
            answer = self._answer(page, has_anchors=urls != [page])
            self.reached[_host_name(page)] = True
        except FAILURES as error:
            if not _is_unreachable(error):
                self.reached[_host_name(page)] = True
            kind, why = self._judge_failure(error)
            yield from (Verdict(url, kind, why) for url in urls)
            return
        hidden = self._judge_hidden(page, answer)
        for url in urls:
            yield Verdict(url, *(hidden or _judge(answer, urldefrag(url).fragment)))

    def _judge_hidden(self, page: str, answer: _Answer) -> tuple[Kind, str] | None:
        """Return the verdict on a page that is not there although the status says so; None if it is there."""
        if _is_home(page) or not answer.is_page or not _is_good(answer):
            return None
        host = _host_name(page)
        if host not in self.probes:
            try:
                probe = self._follow("GET", urljoin(page, f"/{MADE_UP}"))
                self.probes[host] = probe if _is_good(probe) else None
            except FAILURES:
                self.probes[host] = None
        shown, probe = _Page.of(answer.body), self.probes[host]
        return (probe and _judge_by_probe(page, answer, shown, probe)) or _judge_by_title(shown)

    def _answer(self, page: str, *, has_anchors: bool) -> _Answer:
        if not has_anchors:
            try:
                answer = self._follow("HEAD", page)
                if answer.status < HTTPStatus.BAD_REQUEST and (_is_home(page) or not answer.is_page):
                    return answer
            except requests.RequestException as error:
                if _is_unreachable(error):
                    raise
        # A page may say in words that it is not there; and some servers refuse HEAD, or answer it wrongly.
        return self._follow("GET", page)

    def _follow(self, method: str, url: str) -> _Answer:
        # By hand, so that each hop waits for its own host's turn.
        moved_to, only_permanent = "", True
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._host(url).ask(method, url)
            location = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not location:
                answer.moved_to = moved_to
                return answer
            fragment = urldefrag(url).fragment
            url = urljoin(url, location)
            if fragment and not urldefrag(url).fragment:
                url += f"#{fragment}"
            only_permanent = only_permanent and answer.status in PERMANENT_REDIRECTS
            moved_to = url if only_permanent else moved_to
        raise _TooManyRedirectsError

    def _host(self, url: str) -> _Host:
        with self.lock:
            return self.hosts.setdefault(_host_name(url), _Host(self.manners))

    def _judge_failure(self, error: Exception) -> tuple[Kind, str]:
        cause = _cause(error)
        if isinstance(error, _TooManyRedirectsError):
            return Kind.DEAD, f"redirected more than {MOST_REDIRECTS} times"
        if isinstance(cause, causes.NameResolutionError):
            if getattr(cause.__cause__, "errno", None) == socket.EAI_AGAIN:
                return Kind.UNSURE, "the host's name can't be looked up at the moment"
            return Kind.DEAD, "the host's name does not exist"
        if isinstance(error, (failures.InvalidURL, failures.InvalidSchema, failures.MissingSchema)):
            return Kind.DEAD, "not an address"
        if isinstance(error, failures.SSLError):
            return Kind.UNSURE, "the certificate is not valid"
        if isinstance(error, failures.Timeout) or isinstance(cause, causes.TimeoutError):
            return Kind.UNSURE, f"no answer within {self.manners.timeout:g} s"
        if _is_unreachable(error):
            return Kind.UNSURE, "no connection"
        return Kind.UNSURE, f"the connection broke ({type(cause).__name__})"


def _judge_by_probe(page: str, answer: _Answer, shown: _Page, probe: _Answer) -> tuple[Kind, str] | None:
    if MADE_UP not in probe.url:  # the host sends away who asks for what it doesn't have
        target = _place(answer.url)
        if target != _place(probe.url) or target == _place(page):
            return None
        if LOGIN.search(urlsplit(answer.url).path):
            return Kind.BLOCKED, f"HTTP {answer.status}, can't tell: sent to {answer.url}"
        return Kind.DEAD, f"soft 404: sent to {answer.url}, as a made-up address is"
    if not probe.is_page or not shown.is_like(_Page.of(probe.body)):
        return None
    if shown.not_found:
        return Kind.DEAD, f"soft 404: the page says '{shown.not_found}', as for a made-up address"
    if shown.has_script and not NOT_FOUND_TEXT.search(shown.text):  # which may yet show the right thing
        return Kind.BLOCKED, f"HTTP {answer.status}, can't tell: the same page as for a made-up address"
    return Kind.DEAD, "soft 404: the same page as for a made-up address"


def _judge_by_title(shown: _Page) -> tuple[Kind, str] | None:
    is_article = len(shown.words) > MOST_NOT_FOUND_WORDS or ABOUT_STATUSES.search(shown.text)
    if is_article or not shown.not_found:
        return None
    return Kind.DEAD, f"soft 404: the page says '{shown.not_found}'"


def _judge(answer: _Answer, fragment: str) -> tuple[Kind, str]:
    status = answer.status
    if status in GONE:
        return Kind.DEAD, f"HTTP {status}"
    if status in BOT_WALLS or _is_bot_wall(answer):
        return Kind.BLOCKED, f"HTTP {status}, robots are turned away"
    if status >= HTTPStatus.BAD_REQUEST:
        return Kind.UNSURE, f"HTTP {status}"
    fragment = urldefrag(answer.url).fragment or fragment.partition(":~:")[0]
    why = f"HTTP {status}"
    if fragment and not SCRIPT_FRAGMENT.match(fragment):
        if not answer.is_page:
            why += f", anchor not looked for in {_media_type(answer.headers)}"
        elif len(answer.body) > MOST_BYTES:
            why += ", anchor not looked for in so long a page"
        elif not _has_anchor(answer.body, fragment):
            return Kind.DEAD, f"the page has no anchor '#{fragment}'"
    if answer.moved_to:
        return Kind.MOVED, f"for good, to {answer.moved_to}"
    return Kind.OK, why


def _has_anchor(body: bytes, fragment: str) -> bool:
    root = site_links.parse(body)
    anchors = set() if root is None else site_links.anchors_in(root)
    name = unquote(fragment)
    # GitHub puts the prefix before the ids of a README, and its script finds them without it.
    return name.lower() == "top" or not anchors.isdisjoint({fragment, name, f"user-content-{name}"})


def _is_good(answer: _Answer) -> bool:
    return answer.status < HTTPStatus.BAD_REQUEST and not _is_bot_wall(answer)


def _is_bot_wall(answer: _Answer) -> bool:
    return bool(
        any(name in answer.headers for name in BOT_WALL_HEADERS)
        or BOT_WALL_PAGE.search(urlsplit(answer.url).path)
        or BOT_WALL_TITLE.search(answer.body)
    )


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", "none").partition(";")[0].strip().lower()


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def _is_home(page: str) -> bool:
    parts = urlsplit(page)
    return parts.path in ("", "/") and not parts.query


def _place(url: str) -> tuple[str, str, str]:
    """Return what stays the same between http and https, and with or without a slash at the end."""
    parts = urlsplit(url)
    return parts.netloc, parts.path.rstrip("/"), parts.query


def _host_name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _cause(error: Exception) -> Exception:
    """Return urllib3's own reason from under its and requests' wrapping."""
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    reason = getattr(inner, "reason", None)
    return reason if isinstance(reason, Exception) else inner


def _is_unreachable(error: Exception) -> bool:
    return isinstance(_cause(error), (causes.NewConnectionError, causes.ConnectTimeoutError, causes.ProxyError))


def main(arguments: list[str] | None = None, now: datetime | None = None) -> int:
    """Run the command; returns 0 if no link is red, 1 if some are, 2 if it could not check. `now` is for `check`."""
    parser = argparse.ArgumentParser(prog="outside_links", description="Check the links that lead out of the site.")
    parser.add_argument("site", type=Path, help="the built site")
    parser.add_argument("--state", type=Path, required=True, help="file that remembers the links from run to run")
    parser.add_argument("--base", help="where the site is published (default: its canonical links say)")
    parser.add_argument("--contact", help="address named to the servers (default: that of the site)")
    parser.add_argument("--skip", action="append", default=[], metavar="PREFIX", help="leave out these addresses")
    parser.add_argument("--archive", default=WAYBACK, help="the Wayback Machine's availability API, or ''")
    options = parser.parse_args(arguments)
    contact = options.contact or site_links.published_address(options.site)
    try:
        places = site_links.outside_urls(options.site, options.base)
        state = load_state(options.state)
        urls = [url for url in places if not url.startswith(tuple(options.skip))]
        verdicts = check(urls, Manners(contact=contact, archive=options.archive), state, now)
        save_state(options.state, state)
    except (CouldNotCheckError, OSError, ValueError) as error:
        print(f"can't check: {error}", file=sys.stderr)
        return 2
    except Exception:
        # Python would exit with 1, which says that a link is red.
        traceback.print_exc()
        return 2
    for verdict in verdicts:
        if verdict.kind is not Kind.OK:
            print(f"{verdict}; first seen in {places[verdict.url][0].path}")
    counts = ", ".join(f"{sum(v.kind is kind for v in verdicts)} {kind.value}" for kind in Kind)
    print(f"{len(verdicts)} outside links checked: {counts}.", file=sys.stderr)
    return 1 if any(verdict.red for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
