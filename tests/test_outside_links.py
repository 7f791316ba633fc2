"""The right verdict for each thing that other people's servers do, from a real server that does it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import misbehaving_server
import pytest
import requests
from misbehaving_server import Server, misbehave

from handbook.checks import outside_links
from handbook.checks.outside_links import CouldNotCheckError, Kind, Manners, Verdict, check

HASTY = Manners(
    contact="https://handbook.example/",
    timeout=0.8,
    retries=1,
    backoff=0.02,
    longest_wait=1.5,
    pause=0.01,
    archive="",
)
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)

EXPECTED = {
    "/ok": (Kind.OK, "HTTP 200"),
    "/nothing": (Kind.DEAD, "HTTP 404"),
    "/gone": (Kind.DEAD, "HTTP 410"),
    "/error": (Kind.UNSURE, "HTTP 500"),
    "/error-once": (Kind.OK, "HTTP 200"),
    "/error-once-anchor#there": (Kind.OK, "HTTP 200"),
    "/loop": (Kind.DEAD, "redirected more than 10 times"),
    "/moved": (Kind.MOVED, "for good, to {url}/ok"),
    "/moved#there": (Kind.MOVED, "for good, to {url}/ok"),
    "/moved#nowhere": (Kind.DEAD, "the page has no anchor '#nowhere'"),
    "/moved-to-nothing": (Kind.DEAD, "HTTP 404"),
    "/elsewhere-today": (Kind.OK, "HTTP 200"),
    "/slow": (Kind.UNSURE, "no answer within 0.8 s"),
    "/drop": (Kind.UNSURE, "the connection broke (ProtocolError)"),
    "/drop-once": (Kind.OK, "HTTP 200"),
    "/drop-once-anchor#there": (Kind.OK, "HTTP 200"),
    "/browsers-only": (Kind.BLOCKED, "HTTP 403, robots are turned away"),
    "/captcha-wall#there": (Kind.BLOCKED, "HTTP 200, robots are turned away"),
    "/challenge": (Kind.BLOCKED, "HTTP 503, robots are turned away"),
    "/no-such-status": (Kind.BLOCKED, "HTTP 999, robots are turned away"),
    "/wait": (Kind.OK, "HTTP 200"),
    "/wait-for-ever": (Kind.BLOCKED, "HTTP 429, robots are turned away"),
    "/ok#there": (Kind.OK, "HTTP 200"),
    "/ok#old": (Kind.OK, "HTTP 200"),
    "/ok#caf%C3%A9": (Kind.OK, "HTTP 200"),
    "/ok#:~:text=There": (Kind.OK, "HTTP 200"),
    "/ok#/route": (Kind.OK, "HTTP 200"),
    "/ok#There": (Kind.DEAD, "the page has no anchor '#There'"),
    "/ok#nowhere": (Kind.DEAD, "the page has no anchor '#nowhere'"),
    "/no-head": (Kind.OK, "HTTP 200"),
    "/wrong-type": (Kind.OK, "HTTP 200"),
    "/wrong-type#nowhere": (Kind.OK, "HTTP 200, anchor not looked for in application/octet-stream"),
}

AS_MADE_UP = "as for a made-up address"
CANT_TELL = "HTTP 200, can't tell: the same page as for a made-up address"

# On hosts that answer something other than 404 for what they don't have, except honest.test.
EXPECTED_OF_HOSTS = {
    "soft.test/missing": (Kind.DEAD, f"soft 404: the page says 'Page not found', {AS_MADE_UP}"),
    "soft.test/missing#part": (Kind.DEAD, f"soft 404: the page says 'Page not found', {AS_MADE_UP}"),
    "soft.test/article": (Kind.OK, "HTTP 200"),
    "soft.test/about-404": (Kind.OK, "HTTP 200"),
    "soft.test/": (Kind.OK, "HTTP 200"),
    "home.test/missing": (Kind.DEAD, "soft 404: sent to {url}/front, as a made-up address is"),
    "home.test/front": (Kind.OK, "HTTP 200"),
    "home.test/article": (Kind.OK, "HTTP 200"),
    "home.test/elsewhere-today": (Kind.OK, "HTTP 200"),
    "home.test/moved": (Kind.MOVED, "for good, to {url}/ok"),
    "wall.test/private": (Kind.BLOCKED, "HTTP 200, can't tell: sent to {url}/login"),
    "app.test/page": (Kind.BLOCKED, CANT_TELL),
    "app.test/page#part": (Kind.BLOCKED, CANT_TELL),
    "app.test/": (Kind.OK, "HTTP 200"),
    "app.test/#app": (Kind.OK, "HTTP 200"),
    "bees.test/other-title": (Kind.OK, "HTTP 200"),
    "bees.test/page": (Kind.DEAD, f"soft 404: the same page {AS_MADE_UP}"),
    "parked.test/page": (Kind.DEAD, f"soft 404: the same page {AS_MADE_UP}"),
    "broken.test/article": (Kind.OK, "HTTP 200"),
    "broken.test/soft-section": (Kind.DEAD, "soft 404: the page says 'Oops! This page can't be found'"),
    "honest.test/soft-section": (Kind.DEAD, "soft 404: the page says 'Oops! This page can't be found'"),
    "honest.test/about-404": (Kind.OK, "HTTP 200"),
    "honest.test/long-story": (Kind.OK, "HTTP 200"),
    "honest.test/front": (Kind.OK, "HTTP 200"),
    "honest.test/empty": (Kind.OK, "HTTP 200"),
    "honest.test/empty#part": (Kind.DEAD, "the page has no anchor '#part'"),
}


@pytest.fixture(scope="module")
def visited() -> Iterator[tuple[Server, dict[str, Verdict]]]:
    """The server after one check of every path, and the verdicts by path."""
    with misbehave() as server:
        verdicts = check([server.url + path for path in EXPECTED], HASTY)
        yield server, {verdict.url.removeprefix(server.url): verdict for verdict in verdicts}


@pytest.fixture
def server() -> Iterator[Server]:
    with misbehave() as running:
        yield running


@pytest.fixture(scope="module")
def visited_hosts() -> Iterator[tuple[Server, dict[str, Verdict]]]:
    """The server after one check of every host, and the verdicts by host and path."""
    look_up = socket.getaddrinfo

    def at_home(host: str, *arguments: object, **options: object) -> object:
        return look_up("127.0.0.1" if str(host).endswith(".test") else host, *arguments, **options)

    with misbehave() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", at_home)
        patch.setenv("NO_PROXY", "*")
        urls = {on_host(server, place): place for place in EXPECTED_OF_HOSTS}
        yield server, {urls[verdict.url]: verdict for verdict in check(urls, HASTY)}


def on_host(server: Server, place: str) -> str:
    host, slash, path = place.partition("/")
    return f"http://{host}:{server.server_port}{slash}{path}"


@pytest.fixture
def no_such_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name look-up that fails for *.invalid, as it should, and for *.later, for the moment."""
    look_up = socket.getaddrinfo

    def fail(host: str, *arguments: object, **options: object) -> object:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if str(host).endswith(".later"):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", fail)


@pytest.mark.parametrize("path", EXPECTED)
def test_verdict(visited: tuple[Server, dict[str, Verdict]], path: str) -> None:
    server, verdicts = visited
    kind, why = EXPECTED[path]
    assert (verdicts[path].kind, verdicts[path].why) == (kind, why.format(url=server.url))


@pytest.mark.parametrize("place", EXPECTED_OF_HOSTS)
def test_verdict_where_hosts_hide_what_is_missing(visited_hosts: tuple[Server, dict[str, Verdict]], place: str) -> None:
    server, verdicts = visited_hosts
    kind, why = EXPECTED_OF_HOSTS[place]
    url = on_host(server, place.partition("/")[0])
    assert (verdicts[place].kind, verdicts[place].why) == (kind, why.format(url=url))


def test_a_made_up_address_is_asked_for_once_per_host(visited_hosts: tuple[Server, dict[str, Verdict]]) -> None:
    asked = [request.host for request in visited_hosts[0].log.requests if outside_links.MADE_UP in request.path]
    hosts = {place.partition("/")[0] for place in EXPECTED_OF_HOSTS}
    assert {host: asked.count(host) for host in hosts} == {host: 2 if host == "broken.test" else 1 for host in hosts}


def test_a_home_page_needs_no_made_up_address(server: Server) -> None:
    check([server.url, server.url + "/nothing", server.url + "/wrong-type"], HASTY)
    assert not any(outside_links.MADE_UP in path for path in server.log.count)


def test_never_two_requests_at_once(visited: tuple[Server, dict[str, Verdict]]) -> None:
    # The slow path is left by the client while the server still works on it.
    kept = [request for request in visited[0].log.requests if request.path != "/slow"]
    assert all(before.end <= after.start for before, after in pairwise(kept))


def test_head_is_asked_first_and_one_page_once(visited: tuple[Server, dict[str, Verdict]]) -> None:
    log = visited[0].log
    assert [request.method for request in log.of("/no-head")] == ["HEAD", "GET"]
    assert [request.method for request in log.of("/nothing")][:2] == ["HEAD", "GET"]
    assert [request.method for request in log.of("/wrong-type")] == ["GET"]


def test_retry_after_is_obeyed(visited: tuple[Server, dict[str, Verdict]]) -> None:
    first, second = visited[0].log.of("/wait")
    assert second.start - first.end >= 1


def test_says_honestly_who_asks(visited: tuple[Server, dict[str, Verdict]]) -> None:
    server, _ = visited
    assert {request.user_agent for request in server.log.requests} == {
        "Mozilla/5.0 (compatible; HandbookLinkCheck/1.0; +https://handbook.example/)"
    }
    assert requests.get(server.url + "/browsers-only", headers={"User-Agent": "Chrome/1"}, timeout=5).ok


def test_polite_to_each_host_though_many_links_and_redirects_lead_there(server: Server) -> None:
    by_number = [f"{server.url}/busy/{number}" for number in range(8)]
    by_name = [url.replace("127.0.0.1", "localhost") for url in by_number]
    verdicts = check([server.url + "/to-other-name", *by_number, *by_name], Manners(pause=0.03))
    assert {verdict.kind for verdict in verdicts} == {Kind.OK}
    assert server.log.most_at_once == {"127.0.0.1": 1, "localhost": 1}
    for host in server.log.most_at_once:
        asked = [request for request in server.log.requests if request.host == host]
        assert len(asked) >= len(by_name)
        assert all(after.start - before.end >= 0.03 for before, after in pairwise(asked))
    hosts = [request.host for request in server.log.requests]
    assert hosts.index("localhost") < len(by_name), "hosts are asked side by side"


def test_failing_for_three_days_is_dead(server: Server) -> None:
    url, state = server.url + "/error", {}
    kinds = [check([url], HASTY, state, MONDAY + timedelta(days=day))[0].kind for day in (0, 1, 2, 3, 7)]
    assert kinds == [Kind.UNSURE, Kind.UNSURE, Kind.UNSURE, Kind.DEAD, Kind.DEAD]
    verdict = check([url], HASTY, state, MONDAY + timedelta(days=8))[0]
    assert (str(verdict), verdict.red) == (f"{url}: dead since 2026-11-23: HTTP 500", True)


@pytest.mark.usefixtures("no_such_names")
@pytest.mark.parametrize("url", ["{server}/nothing", "{server}/ok#nowhere", "https://gone.invalid/"])
def test_dead_is_red_only_when_found_dead_three_days_apart(server: Server, url: str) -> None:
    urls, state = [url.format(server=server.url), server.url + "/ok", server.url.replace("127.0.0.1", "localhost")], {}
    days = [timedelta(days=day) for day in (0, 1, 2.9, 3, 10)]
    found = [check(urls, HASTY, state, MONDAY + day)[0] for day in days]
    assert {verdict.kind for verdict in found} == {Kind.DEAD}
    assert [verdict.red for verdict in found] == [False, False, False, True, True]
    assert str(found[2]) == f"{urls[0]}: dead since 2026-11-23, red from 2026-11-26: {found[2].why}"
    assert str(found[3]) == f"{urls[0]}: dead since 2026-11-23: {found[3].why}"


@pytest.mark.parametrize(
    ("between", "red"), [("/ok", False), ("/moved", False), ("/error", True), ("/browsers-only", True)]
)
def test_only_a_good_answer_ends_being_dead(
    server: Server, monkeypatch: pytest.MonkeyPatch, between: str, red: bool
) -> None:
    url, state = server.url + "/comes-and-goes", {}
    check([url], HASTY, state, MONDAY)
    with monkeypatch.context() as patch:
        patch.setitem(misbehaving_server.PATHS, "/comes-and-goes", misbehaving_server.PATHS[between])
        assert not check([url], HASTY, state, MONDAY + timedelta(days=2))[0].red
    again = check([url], HASTY, state, MONDAY + timedelta(days=4))[0]
    assert (again.kind, again.red) == (Kind.DEAD, red)


def test_dead_after_failing_for_a_while_is_not_red_at_once(server: Server) -> None:
    url, state = server.url + "/nothing", {}
    state[url] = {"kind": "unsure", "why": "HTTP 500", "checked": "", "failing_since": MONDAY.isoformat()}
    assert not check([url], HASTY, state, MONDAY + timedelta(days=4))[0].red


ARCHIVE_ANSWERS = {
    "copy": "; archived copy: https://web.archive.org/web/20240102030405/http://copied.example/",
    "copy-of-error": "",
    "none": "",
    "odd": "",
    "error": "",
    "drop": "",
}


@pytest.mark.parametrize("answer", ARCHIVE_ANSWERS)
def test_an_archived_copy_is_suggested_for_dead_links_only(server: Server, answer: str) -> None:
    urls = [server.url + path for path in ("/ok", "/error", "/browsers-only", "/nothing?a=1&b=2#part")]
    manners, state = replace(HASTY, archive=f"{server.url}/archive/{answer}"), {}
    verdicts = check(urls, manners, state, MONDAY)
    assert [verdict.kind for verdict in verdicts] == [Kind.OK, Kind.UNSURE, Kind.BLOCKED, Kind.DEAD]
    dead = f"{urls[3]}: dead since 2026-11-23, red from 2026-11-26: HTTP 404"
    assert str(verdicts[3]) == dead + ARCHIVE_ANSWERS[answer]
    asked = {request.query for request in server.log.of(f"/archive/{answer}")}
    assert asked == {urlencode({"url": server.url + "/nothing?a=1&b=2"})}
    check(urls, replace(manners, archive=""), again := {}, MONDAY)
    assert again == state


def test_an_archive_that_fails_is_left_alone(server: Server) -> None:
    manners = replace(HASTY, archive=f"{server.url}/archive/error", retries=0)
    verdicts = check([f"{server.url}/nothing/{number}" for number in range(5)], manners)
    assert {verdict.kind for verdict in verdicts} == {Kind.DEAD}
    assert server.log.count["/archive/error"] == 1


@pytest.mark.usefixtures("no_such_names")
def test_without_a_network_no_archive_is_asked(server: Server) -> None:
    with pytest.raises(CouldNotCheckError):
        check(["https://a.invalid/"], replace(HASTY, archive=f"{server.url}/archive/copy"))
    assert not server.log.requests


def test_a_good_day_ends_the_failing(server: Server) -> None:
    url, state = server.url + "/ok", {}
    state[url] = {"kind": "unsure", "why": "HTTP 500", "checked": "", "failing_since": MONDAY.isoformat()}
    assert check([url], HASTY, state, MONDAY + timedelta(days=9))[0].kind is Kind.OK
    assert "failing_since" not in state[url]


def test_fine_links_are_remembered_for_hours_and_dead_ones_never(server: Server) -> None:
    urls, state = [server.url + "/ok", server.url + "/nothing"], {}
    first = check(urls, HASTY, state, MONDAY)
    asked = server.log.count.copy()
    assert check(urls, HASTY, state, MONDAY + timedelta(hours=1)) == first
    assert server.log.count["/ok"] == asked["/ok"]
    assert server.log.count["/nothing"] > asked["/nothing"]
    check(urls, HASTY, state, MONDAY + timedelta(days=1))
    assert server.log.count["/ok"] > asked["/ok"]


def test_links_that_left_the_site_are_forgotten(server: Server) -> None:
    state = {"https://left.example/": {"kind": "ok", "why": "HTTP 200", "checked": MONDAY.isoformat()}}
    check([server.url + "/ok"], HASTY, state, MONDAY)
    assert list(state) == [server.url + "/ok"]


@pytest.mark.usefixtures("no_such_names")
def test_a_name_that_does_not_exist_is_dead(server: Server) -> None:
    _, gone, later = check([server.url + "/ok", "https://gone.invalid/", server.url + "/error"], HASTY)
    assert (gone.kind, gone.why) == (Kind.DEAD, "the host's name does not exist")
    later = check([server.url + "/ok", "https://name.later/"], HASTY)[1]
    assert later.kind is Kind.UNSURE


def test_not_an_address_is_dead(server: Server) -> None:
    assert check([server.url + "/ok", "http://[broken/"], HASTY)[1].kind is Kind.DEAD


@pytest.mark.usefixtures("no_such_names")
@pytest.mark.parametrize("zone", ["invalid", "later"])
def test_no_network_is_neither_green_nor_dead(zone: str) -> None:
    state = {"https://a.invalid/": {"kind": "ok", "why": "HTTP 200", "checked": "2026-01-01T00:00:00+00:00"}}
    before = {url: dict(entry) for url, entry in state.items()}
    with pytest.raises(CouldNotCheckError, match="3 of 3 hosts can't be reached"):
        check([f"https://{name}.{zone}/" for name in "abc"], HASTY, state, MONDAY)
    assert state == before


def site_with(tmp_path: Path, *urls: str) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("".join(f'<a href="{url}">link</a>\n' for url in urls))
    return site


def test_command_names_the_archived_copy(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = site_with(tmp_path, server.url + "/nothing")
    state, archive = tmp_path / "state.json", f"{server.url}/archive/copy"
    assert outside_links.main([str(site), "--state", str(state), "--archive", archive]) == 0
    assert ARCHIVE_ANSWERS["copy"] + "; first seen in index.html" in capsys.readouterr().out


def test_command_says_what_is_dead_and_where(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outside_links, "Manners", lambda **_: HASTY)
    site = site_with(tmp_path, server.url + "/ok", server.url + "/nothing")
    state = tmp_path / "state.json"
    line = f"{server.url}/nothing: dead since 2026-11-23, red from 2026-11-26: HTTP 404; first seen in index.html\n"
    assert outside_links.main([str(site), "--state", str(state)], MONDAY) == 0
    assert capsys.readouterr().out == line
    assert outside_links.main([str(site), "--state", str(state)], MONDAY + timedelta(days=3)) == 1
    assert capsys.readouterr().out == line.replace(", red from 2026-11-26", "")
    assert set(outside_links.load_state(state)) == {server.url + "/ok", server.url + "/nothing"}
    assert outside_links.main([str(site), "--state", str(state), "--skip", server.url + "/no"]) == 0


@pytest.mark.usefixtures("no_such_names")
def test_command_without_network_could_not_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outside_links, "Manners", lambda **_: HASTY)
    state = tmp_path / "state.json"
    assert outside_links.main([str(site_with(tmp_path, "https://a.invalid/")), "--state", str(state)]) == 2
    assert capsys.readouterr().err == "can't check: 1 of 1 hosts can't be reached; check the network\n"
    assert not state.exists()


@pytest.mark.parametrize("broken", ["no site", "broken state", "mishap"])
def test_command_that_fails_could_not_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    site = tmp_path / "nowhere" if broken == "no site" else site_with(tmp_path, "https://a.invalid/")
    state = tmp_path / "state.json"
    if broken == "broken state":
        state.write_text("{")
    if broken == "mishap":
        monkeypatch.setattr(outside_links, "check", lambda *_: 1 / 0)
    assert outside_links.main([str(site), "--state", str(state)]) == 2


def test_command_runs_as_a_module(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "handbook.checks.outside_links", str(site_with(tmp_path, server.url + "/ok"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*command, "--state", str(tmp_path / "state.json")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == "1 outside links checked: 1 ok, 0 moved, 0 blocked, 0 unsure, 0 dead.\n"
