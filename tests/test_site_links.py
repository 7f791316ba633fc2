"""Each kind of broken internal link is found in a small broken site, and not in its mended twin."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from handbook.checks.site_links import Place, check, outside_urls

BASE = "https://handbook.example/book/"
# Broken and mended twins stand side by side on top of this site.
SITE = {
    "index.html": f'<link rel="canonical" href="{BASE}"><h1 id="top-of-page">Home</h1>',
    "guide/index.html": '<h1 id="setup">Setup</h1><a name="old"></a><p id="café"></p>',
    "about.html": "<p>About</p>",
    "assets/a.png": "png",
    "assets/b c.png": "png",
    "assets/icon.svg": '<svg><path id="leaf"/></svg>',
    "assets/site.css": "",
    "film.mp4": "mp4",
}


class Case(NamedTuple):
    """The same place, broken and mended, and what the finding must be."""

    broken: str
    mended: str
    rule: str
    message: str
    path: str = "page/index.html"


CASES = {
    "page": Case('<a href="../gone/">', '<a href="../guide/">', "SITE001", "'../gone/' is not in the site"),
    "misspelt page": Case('<a href="../giude/">', '<a href="../guide/">', "SITE001", "did you mean '../guide/'?"),
    "case of a path": Case('<a href="../Guide/">', '<a href="../guide">', "SITE001", "mean '../guide/'?"),
    "source, not page": Case('<a href="../Guide/index.md">', '<a href="../guide/">', "SITE001", "mean '../guide/'?"),
    "slash after a file": Case('<a href="../about.html/">', '<a href="../about.html?a=1">', "SITE001", "about.html"),
    "folder without index": Case('<a href="../assets/">', '<a href="../">', "SITE001", "'../assets/' is not"),
    "wrong depth": Case('<img src="a.png">', '<img src="../assets/a.png">', "SITE001", "mean '../assets/a.png'?"),
    "host without scheme": Case('<a href="www.a.example">', '<a href="https://www.a.example">', "SITE001", "mend the"),
    "anchor on the page": Case('<a href="#nope">', '<a href="#"><a href="#top">', "SITE002", "no anchor of 'page/"),
    "anchor on another page": Case('<a href="../guide/#setpu">', '<a href="../guide/#setup">', "SITE002", "'#setup'?"),
    "case of an anchor": Case('<a href="../guide/#Setup">', '<a href="../guide/#old">', "SITE002", "mean '#setup'?"),
    "encoded anchor": Case('<a href="../guide#caf%C3">', '<a href="../guide#caf%C3%A9">', "SITE002", "mean '#café'?"),
    "anchor with text": Case('<a href="#no:~:text=x">', '<a href="../guide/#:~:text=x">', "SITE002", "'#no:~:text=x'"),
    "anchor in an SVG file": Case(
        '<svg><use href="../assets/icon.svg#lea"/></svg>',
        '<svg><use xlink:href="../assets/icon.svg#leaf"/><image href="../assets/icon.svg#svgView(preserve)"/></svg>',
        "SITE002",
        "did you mean '#leaf'?",
    ),
    "anchor in inline SVG": Case(
        '<svg><path marker-end="url(#arow)"/><marker id="arrow"/></svg>',
        '<svg><path marker-end="url(#arrow)"/><marker id="arrow"/></svg>',
        "SITE002",
        "did you mean '#arrow'?",
    ),
    "xlink": Case('<svg><a xlink:href="../no/"/></svg>', '<svg><a xlink:href="../"/></svg>', "SITE001", "'../no/'"),
    "script": Case('<script src="../a.js"></script>', '<script src="data:,0"></script>', "SITE001", "'../a.js'"),
    "stylesheet": Case(
        '<link rel="stylesheet" href="/book/site.css">',
        '<link rel="stylesheet" href="/book/assets/site.css">',
        "SITE001",
        "did you mean '/book/assets/site.css'?",
    ),
    "icon": Case('<link rel="icon" href="../i.svg">', '<link rel="icon" href="../assets/icon.svg">', "SITE001", "i.s"),
    "srcset": Case(
        '<img srcset="../assets/a.png 1x, ../assets/b.png 2x">',
        '<img srcset="../assets/a.png 1x,../assets/a.png?b 2x, data:image/png;base64,AA== 3x">',
        "SITE001",
        "'../assets/b.png'",
    ),
    "encoded path": Case('<img src="../assets/b.png">', '<img src="../assets/b%20c.png">', "SITE001", "assets/b.png'"),
    "poster": Case('<video poster="p.png">', '<video poster="../assets/a.png">', "SITE001", "'p.png'"),
    "video": Case('<source src="../film.webm">', '<source src="../film.mp4">', "SITE001", "'../film.mp4'?"),
    "object": Case('<object data="o.svg">', '<object data="../assets/icon.svg"><p data="x">', "SITE001", "'o.svg'"),
    "style attribute": Case(
        '<p style="background: url(a.png)">', "<p style=\"background: url('../assets/a.png')\">", "SITE001", "'a.png'"
    ),
    "style element": Case(
        "<style>p { background: url( 'a.png' ) }</style>",
        '<style>/* url(a.png) */ p { background: url(../assets/a.png); content: "url(a.png)" }</style>',
        "SITE001",
        "'a.png'",
    ),
    "url in a stylesheet": Case(
        "p { background: url(img/a.png) }", "p { background: url(a.png) }", "SITE001", "mean 'a.png'?", "assets/m.css"
    ),
    "import in a stylesheet": Case(
        '@import "sites.css";', '@import "site.css"; a { fill: url(#b) }', "SITE001", "mean 'site.css'?", "assets/m.css"
    ),
    "icon of a manifest": Case(
        '{"icons": [{"src": "assets/b.png"}]}',
        '{"icons": [{"src": "assets/a.png"}], "start_url": "."}',
        "SITE001",
        "'assets/b.png'",
        "site.webmanifest",
    ),
    "picture for cards": Case(
        f'<meta property="og:image" content="{BASE}a.png">',
        f'<meta property="og:image" content="{BASE}assets/a.png"><meta name="description" content="x.png">',
        "SITE001",
        f"did you mean '{BASE}assets/a.png'?",
    ),
    "canonical": Case(
        f'<link rel="canonical" href="{BASE}pages/">',
        f'<link rel="canonical" href="{BASE}page/">',
        "SITE001",
        f"did you mean '{BASE}page/'?",
    ),
    "own site by its address": Case(f'<a href="{BASE}no/">', f'<a href="{BASE}guide/#setup">', "SITE001", "/no/'"),
    "redirect": Case(
        '<meta http-equiv="refresh" content="0; url=../no/">',
        '<meta http-equiv="refresh" content="0; URL=\'../guide/\'">',
        "SITE001",
        "'../no/'",
    ),
    "absolute under a base": Case('<a href="/guide/">', '<a href="/book/guide/">', "SITE003", "mean '/book/guide/'?"),
    "above the base": Case('<a href="../../guide/">', '<a href="/book">', "SITE003", "lives under '/book/'"),
    "relative on the 404 page": Case(
        '<a href="guide/">',
        '<a href="/book/guide/"><a href="#a" id="a">',
        "SITE004",
        "begin it with '/book/'",
        "404.html",
    ),
    "wrong base on the 404 page": Case('<a href="/x/">', '<a href="/book/">', "SITE003", "'/x/' leads out", "404.html"),
    "empty": Case("<img src>", '<img src="data:,"><a href="mailto:a@b.example">', "SITE005", "an empty address"),
    "not an address": Case('<a href="http://[a/">', '<a href="http://[::1]/">', "SITE005", "is no address"),
    "after deep nesting": Case("<div>" * 400 + '<a href="no">', "<div>" * 400 + '<a href="..">', "SITE001", "'no'"),
    "line break in an address": Case('<a href=" ../no\n/ ">', '<a href=" ../gui\nde/ ">', "SITE001", "'../no/'"),
    "legacy entity": Case('<a href="no?a&copy=1">', '<a href="../?a&copy=1">', "SITE001", "'no?a&copy=1'"),
    "below <base>": Case('<base href="/book/"><a href="../x">', '<base href="/book/"><a href="guide">', "SITE003", "x"),
}  # fmt: skip


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("name", CASES)
def test_found_in_the_broken_site_and_not_in_its_twin(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    plain = {case.path: "", "page/index.html": "<p>Page</p>", **SITE}
    mended = write(tmp_path / "mended", {**plain, case.path: case.mended})
    assert check(mended) == []
    broken = write(
        tmp_path / "broken", {**plain, case.path: "<!doctype html>\n" * case.path.endswith("l") + case.broken}
    )
    findings = check(broken)
    assert [(finding.path, finding.rule) for finding in findings] == [(case.path, case.rule)]
    assert case.message in findings[0].message
    assert "; " in findings[0].message, "says how to mend it"
    lines_read = findings[0].line or 2  # of a file without elements, no line is known
    assert lines_read == 2 + case.broken.count("\n")


@pytest.mark.parametrize(
    "hidden",
    ['<!-- <a href="no"> -->', '<script>"<a href=no>"</script>', "<title><a href=no></title>", "<textarea><a href=no>"],
)
def test_what_a_browser_does_not_take_for_a_link_is_none(hidden: str, tmp_path: Path) -> None:
    assert check(write(tmp_path, {**SITE, "page.html": hidden})) == []


def test_report_names_place_rule_and_cure(tmp_path: Path) -> None:
    finding = check(write(tmp_path, {**SITE, "x.html": '\n<a href="giude/">'}))[0]
    assert str(finding) == "x.html:2: SITE001 'giude/' is not in the site; did you mean 'guide/'?"


def test_a_site_without_address_lives_at_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"index.html": '<a href="/guide/#x"><a href="https://a.example/">', "guide/index.html": "<p id=x>"})
    assert check(tmp_path) == []
    assert [finding.rule for finding in check(tmp_path, "/book/")] == ["SITE003"]


def test_a_folder_that_was_never_built_is_not_green(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="build the site first"):
        check(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="build the site first"):
        check(write(tmp_path, {"a.css": ""}))


def test_a_manifest_that_is_not_json_is_not_green(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        check(write(tmp_path, {**SITE, "site.webmanifest": "{"}))


def test_outside_addresses_and_their_places(tmp_path: Path) -> None:
    lines = [
        '<link rel="preconnect" href="https://fonts.example">',
        '<a href="https://a.example/x#y">',
        '<img src="//b.example/">',
        f'<a href="{BASE}guide/"><a href="mailto:a@b.example"><a href="/z">',
        '<a href="https://handbook.example/other/">',
    ]
    write(tmp_path, {**SITE, "one.html": "\n".join(lines), "two.html": '<a href="https://a.example/x#y">'})
    assert outside_urls(tmp_path) == {
        "https://a.example/x#y": [Place("one.html", 2), Place("two.html", 1)],
        "https://b.example/": [Place("one.html", 3)],
        "https://handbook.example/other/": [Place("one.html", 5)],
    }


def test_every_link_of_the_handbook_leads_somewhere(site: Path) -> None:
    assert [str(finding) for finding in check(site)] == []
