"""Images: there, whole, light and described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from handbook.checks.page import Page
from handbook.checks.rules import Fault, Fix, at, rule
from handbook.checks.rules.links import SCHEME, _skip, _state, _suggest, _written
from handbook.checks.site import Site

SIGNATURES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
    ".avif": (b"\x00\x00\x00",),
    ".ico": (b"\x00\x00\x01\x00",),
    ".pdf": (b"%PDF",),
}
BOXED = {".webp": (8, 12), ".avif": (4, 8)}  # where their sign stands, behind a length
GENERIC = re.compile(
    r"(an? |the )?(image|img|picture|photo|screenshot|screen ?shot|figure|fig|diagram|graph|chart|alt|alt text|"
    r"description|untitled|todo|tbd|xxx|foo|placeholder|icon|logo)s?[\s\d.:_-]*$|[\w-]+\.(png|jpe?g|gif|svg|webp)$|(IMG|DSC|image)[_-]?\d+$",
    re.IGNORECASE,
)


def _images(page: Page) -> Iterator[tuple[int, int, str, str, bool]]:
    """(offset, offset of the path, path, alternative text, raw) of every image from the site."""
    for link in page.links:
        if link.image and link.kind == "inline":
            yield link.offset - 1, link.target_offset, unescape(link.target), link.text, False
        elif link.image and link.kind == "reference" and link.target in page.definitions:
            target = page.definitions[link.target]
            yield link.offset - 1, target.target_offset, unescape(target.target), link.text, False
    for tag in page.tags:
        if tag.name == "img":
            yield tag.offset, tag.offset, tag.attributes.get("src", "").strip(), tag.attributes.get("alt", ""), True


def _is_local(path: str) -> bool:
    return bool(path) and not _skip(path) and not SCHEME.match(path) and not path.startswith(("//", "/", "#"))


@rule("IMG001", "The reader sees a broken picture.")
def missing(page: Page, site: Site) -> Iterator[Fault]:
    for offset, target_offset, target, _, raw in _images(page):
        path = unquote(re.split(r"[#?]", target)[0])
        line, column = page.place(target_offset if not raw else offset)
        if not target.strip():
            yield at(line, column, "the image has no file; name one")
            continue
        if not _is_local(target):
            if target.startswith("/") and not target.startswith("//") and not raw:
                yield at(line, column, f"'{target}' is absolute; write a path from this page")
            continue
        state, name = _state(site, page, path)
        note = " (raw <img>)" if raw else ""
        if state == "case":
            new = _written(site, page, name)
            fixes = () if raw else (Fix(line, column - 1, column - 1 + len(target), target.replace(path, new, 1)),)
            yield at(line, column, f"the file is '{new}', in another case{note}; write it so", *fixes)
        elif state in ("missing", "outside", "folder", "html") and not (raw and _raw_reaches(page, site, path)):
            near = _suggest(site, page, name)
            hint = f"did you mean '{near}'?" if near else "mend the path, or add the file"
            if not site.makes_pages:
                yield at(line, column, f"'{path}' does not exist{note}; {hint}")
        elif state == "excluded":
            yield at(line, column, f"'{path}' is excluded from the site{note}; publish it")


def _raw_reaches(page: Page, site: Site, path: str) -> bool:
    from handbook.checks.rules.links import _served  # noqa: PLC0415

    return _served(site, page, path)


@rule("IMG001", "The reader sees a broken picture.")
def missing_in_set(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        for candidate in tag.attributes.get("srcset", "").split(",") if tag.name in ("img", "source") else ():
            target = next(iter(candidate.split()), "")
            path = unquote(re.split(r"[#?]", target)[0])
            if _is_local(target) and not _raw_reaches(page, site, path):
                place = page.place_of_value(tag, "srcset")
                yield at(*place, f"'{path}' of a srcset is not in the site; write the path from the page's address")


@rule("IMG002", "A path in raw HTML is not rewritten: from /guide/, 'a.png' is /guide/a.png.")
def raw_depth(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        for key in ("src", "poster", "data"):
            target = tag.attributes.get(key, "").strip()
            if tag.name not in ("img", "video", "audio", "source", "embed", "object", "track") or not _is_local(target):
                continue
            path = re.split(r"[#?]", target)[0]
            state, _ = _state(site, page, path)
            reaches = _raw_reaches(page, site, path)
            line, column = page.place(tag.offset)
            if state == "file" and not reaches:
                mend = f"write ![…]({target})" if tag.name == "img" else f"write '../{target}'"
                yield at(
                    line,
                    column,
                    f"raw <{tag.name}> paths are not rewritten, and '{target}' is a 404 from this page; {mend}",
                )
            elif state != "file" and not reaches and tag.name != "img" and state != "case":
                yield at(line, column, f"'{target}' does not exist (raw <{tag.name}>); mend the path, or add the file")


@rule("IMG003", "A description that says 'image' says nothing to who can't see it.", severity="warning")
def alternative(page: Page, site: Site) -> Iterator[Fault]:
    for offset, _, _, alt, _ in _images(page):
        text = " ".join(alt.split()).strip("*_ ")
        if text and GENERIC.match(text):
            yield at(*page.place(offset), f"the description '{text}' says nothing; say what the picture shows")


@rule("IMG004", "A picture without an alt attribute is read out as its file name.", severity="warning")
def no_alternative(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        if (
            tag.name == "img"
            and "alt" not in tag.attributes
            and tag.attributes.get("role") != "presentation"
            and "aria-hidden" not in tag.attributes
        ):
            yield at(*page.place(tag.offset), 'the picture has no description; add alt="…", or alt="" for decoration')


def _is_git_lfs(head: bytes) -> bool:
    return head.startswith(b"version https://git-lfs")


@rule("IMG005", "A file that is not what its name says is a broken picture.", scope="file")
def corrupt(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    suffix = path.suffix.lower()
    if suffix not in (*SIGNATURES, ".svg") or not path.is_file() or site.is_excluded(name):
        return
    with path.open("rb") as file:
        head = file.read(512)
    kind = suffix[1:].upper()
    if _is_git_lfs(head):
        yield at(1, 0, f"the file is not a {kind} but a pointer of Git LFS; commit the picture itself")
    elif suffix == ".svg":
        yield from _svg(path)
    elif not head.startswith(SIGNATURES[suffix]) or head[slice(*BOXED.get(suffix, (0, 0)))] not in (
        b"",
        b"WEBP",
        b"ftyp",
    ):
        real = next((other for other, signs in SIGNATURES.items() if other != ".avif" and head.startswith(signs)), "")
        what = f"but a {real[1:].upper()}" if real else "and no picture that a browser shows"
        yield at(1, 0, f"the file is not a {kind} {what}; save it anew")
    elif suffix == ".png" and path.stat().st_size > 8:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 64, 0))
            if b"IEND" not in file.read():
                yield at(1, 0, "the PNG is cut short; save it anew")


def _svg(path: Path) -> Iterator[Fault]:
    import xml.etree.ElementTree as ET  # noqa: PLC0415

    try:
        root = ET.fromstring(path.read_bytes())
    except ET.ParseError as error:
        line, column = error.position
        yield at(line, column + 1, f"the SVG is not well-formed ({error.msg.split(':')[0]}); save it anew")
    else:
        if not root.tag.endswith("svg"):
            yield at(1, 0, "the file holds no <svg>; save it anew")


@rule("IMG006", "A heavy picture costs a reader on a phone seconds and money.", severity="warning", scope="file")
def weight(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".bmp", ".tif", ".tiff"):
        return
    if not path.is_file() or site.is_excluded(name):
        return
    most, size = site.settings.image_kilobytes, path.stat().st_size
    if size > most * 1000:
        shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1000:.0f} KB"
        yield at(1, 0, f"{shown}, where {most} KB is the limit; make the picture smaller")
