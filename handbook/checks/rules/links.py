"""Links: each leads to a page, a place on it or an address that is there for every reader."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from handbook.checks.page import HIDDEN, Link, Page
from handbook.checks.rules import Fault, Fix, at, nearest, rule
from handbook.checks.site import PAGE_SUFFIXES, Site

SCHEMES = frozenset(
    "http https mailto tel xmpp irc ircs sms matrix magnet news geo webcal git ssh ftp ftps sftp".split()
)
FORBIDDEN = frozenset("file chrome about ms-word vscode".split())
SCRIPTS = ("javascript", "vbscript", "data", "blob")
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
LOCAL = re.compile(
    r"^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|"
    r"172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|\[?::1\]?|.*\.(local|localdomain|internal|lan|intranet|corp|home\.arpa))$",
    re.IGNORECASE,
)
TOP_DOMAINS = "com|org|net|io|dev|ai|edu|gov|de|uk|eu|app|co|info"


def targets(page: Page) -> Iterator[tuple[Link, str]]:
    """(link, address) of every link and image that the source writes in Markdown, definitions included."""
    for link in page.links:
        if link.kind in ("inline", "autolink"):
            yield link, unescape(link.target)
    for link in page.definitions.values():
        yield link, unescape(link.target)


def _skip(target: str) -> bool:
    return "{{" in target or "{%" in target or HIDDEN in target or target.startswith(("{", "<"))


def _fix(page: Page, link: Link, new: str) -> Fix:
    line, column = page.place(link.target_offset)
    return Fix(line, column - 1, column - 1 + len(link.target), new)


def _relative(page: Page, site: Site) -> Iterator[tuple[Link, str, str, str]]:
    """(link, address, path, fragment) of links to files of the site."""
    for link, target in targets(page):
        if (
            not target
            or _skip(target)
            or SCHEME.match(target)
            or target.startswith(("//", "/", "#"))
            or "@" in target.split("/")[0]
        ):
            continue
        path, _, fragment = target.partition("#")
        path = unquote(path.partition("?")[0])
        yield link, target, path, unquote(fragment)


def resolve(site: Site, page: Page, path: str) -> str:
    """The name below the docs to which a relative path leads."""
    here = posixpath.dirname(site.name_of(page.path) or "")
    return posixpath.normpath(posixpath.join(here, path))


def _is_www(path: str) -> bool:
    return bool(
        re.match(rf"(www\.[\w-]+\.\w+|[\w-]+(\.[\w-]+)*\.({TOP_DOMAINS})(/|$))", path)
    ) and not path.lower().endswith(PAGE_SUFFIXES)


def _suggest(site: Site, page: Page, wanted: str) -> str:
    """The file most likely meant, written from this page; "" if none is near."""
    base = posixpath.basename(wanted)
    candidates = (
        site.pages
        if wanted.lower().endswith(PAGE_SUFFIXES) or "." not in base
        else [name for name in site.files if not name.lower().endswith(PAGE_SUFFIXES)]
    )
    moved = [name for name in candidates if posixpath.basename(name).lower() == base.lower()]
    near = moved[0] if len(moved) == 1 else nearest(wanted, candidates, 0.6)
    if not near:
        others = [
            name for name in candidates if name != site.name_of(page.path) and posixpath.basename(name) != "index.md"
        ]
        near = others[0] if len(others) == 1 and len(candidates) <= 3 else ""
    here = posixpath.dirname(site.name_of(page.path) or "")
    return posixpath.relpath(near, here or ".") if near else ""


def _state(site: Site, page: Page, path: str) -> tuple[str, str]:
    """What a relative path leads to: ("page" | "file" | "folder" | "case" | "excluded" | "html" | "missing", name)."""
    name = resolve(site, page, path)
    if name in site.file_set and path.endswith("/"):
        return "missing", name  # a file is no folder
    if name in site.file_set:
        return (
            "excluded" if site.is_excluded(name) else "page" if name.lower().endswith(PAGE_SUFFIXES) else "file"
        ), name
    if name.startswith("../") or name == "..":
        # With directory URLs, an author who looks at the address bar counts one folder too many.
        inner = f"{posixpath.basename(name)}.md"
        return ("html", inner) if path.endswith("/") and inner in site.file_set else ("outside", name)
    if name.lower() in site.by_lower_case:
        return "case", site.by_lower_case[name.lower()]
    if name == "." or name in site.folders:
        return "folder", name
    stem = re.sub(r"(/index)?\.html?$", "", name)
    if stem != name or path.endswith("/") or not posixpath.splitext(name)[1]:
        for candidate in (f"{stem}.md", f"{stem}/index.md", f"{stem}/README.md"):
            if candidate in site.file_set:
                return "html", candidate
        up = posixpath.normpath(posixpath.join(posixpath.dirname(name), "..", posixpath.basename(stem)))
        if path.endswith("/") and f"{up}.md" in site.file_set:
            return "html", f"{up}.md"
    return "missing", name


def _written(site: Site, page: Page, name: str) -> str:
    here = posixpath.dirname(site.name_of(page.path) or "")
    return posixpath.relpath(name, here or ".")


class Goal(NamedTuple):
    """Where a link to a file of the site leads; `state` and `name` are as `_state` tells them."""

    link: Link
    target: str
    path: str
    state: str
    name: str
    line: int
    column: int


@lru_cache(maxsize=2)
def _goals(page: Page, site: Site) -> list[Goal]:
    return [
        Goal(link, target, path, *_state(site, page, path), *page.place(link.target_offset))
        for link, target, path, _ in _relative(page, site)
        if path
    ]


# What a plugin writes into the site, or MkDocs itself.
MADE = {"print-site": "print_page.html", "rss": "feed_rss_created.xml", "search": "search/search_index.json"}


def _made(site: Site) -> set[str]:
    return {"sitemap.xml", "404.html", *(file for name, file in MADE.items() if name in site.plugins)}


@rule("LINK001", "The link is a 404.")
def missing(page: Page, site: Site) -> Iterator[Fault]:
    for link, _, path, state, name, line, column in _goals(page, site):
        if link.image or _is_www(path):
            continue
        blanks = path == link.target and " " in path  # not written as a path: nothing is near
        if state == "missing" and not site.makes_pages and name not in _made(site):
            near = "" if blanks else _suggest(site, page, name)
            hint = f"did you mean '{near}'?" if near else "mend the path, or add the page"
            yield at(line, column, f"'{path}' does not exist; {hint}")
        elif state == "outside" and not blanks:
            message = f"'{path}' leads out of the docs, and is not published; link to where it is on the web"
            yield at(line, column, message)


@rule("LINK002", "The reader lands at the top of the page, or a click does nothing.")
def anchors(page: Page, site: Site) -> Iterator[Fault]:
    for link, target in targets(page):
        if "#" not in target or _skip(target) or SCHEME.match(target) or target.startswith(("//", "/")) or link.image:
            continue
        path, _, fragment = target.partition("#")
        if path:
            state, name = _state(site, page, unquote(path.partition("?")[0]))
        else:
            state, name = "page", site.name_of(page.path) or ""
        fragment = unquote(fragment).partition(":~:")[0]
        if state != "page" or fragment in ("", "top") or site.page(name) is None or fragment.startswith("__"):
            continue
        known = site.anchors(name)
        if fragment in known:
            continue
        rendered = site.rendered_anchors(name)
        if rendered is None or fragment in rendered:
            continue
        offset = link.target_offset + link.target.find("#")
        line, column = page.place(offset)
        where = "this page" if name == site.name_of(page.path) else path
        near = nearest(fragment, {anchor for anchor in known | rendered if not anchor.startswith(("fn", "__"))})
        other_case = near and near.lower() == fragment.lower()
        if other_case:
            fix = Fix(line, column - 1, column - 1 + len(link.target) - link.target.find("#"), f"#{near}")
            yield at(
                line, column, f"'#{fragment}' differs from an anchor of {where} only in case; write '#{near}'", fix
            )
        elif near:
            yield at(line, column, f"no anchor '#{fragment}' on {where}; did you mean '#{near}'?")
        else:
            has = ", ".join(f"#{anchor}" for anchor in sorted(known)[:5] if not anchor.startswith("fn")) or "none"
            yield at(line, column, f"no anchor '#{fragment}' on {where}; it has: {has}")


@rule("LINK002", "A click on a raw link to a place that is not there does nothing.")
def raw_anchors(page: Page, site: Site) -> Iterator[Fault]:
    name = site.name_of(page.path) or ""
    for tag in page.tags:
        href = tag.attributes.get("href", "").strip()
        fragment = unquote(href[1:])
        if tag.name not in ("a", "area") or not href.startswith("#") or fragment in ("", "top", *site.anchors(name)):
            continue
        rendered = None if fragment.startswith("__") else site.rendered_anchors(name)
        if rendered is not None and fragment not in rendered:
            near = nearest(fragment, rendered)
            hint = f"did you mean '#{near}'?" if near else "mend it"
            yield at(*page.place_of_value(tag, "href"), f"no anchor '{href}' on this page; {hint}")


@rule("LINK003", "A path in the wrong case works on macOS and Windows, and is a 404 on the web.")
def case(page: Page, site: Site) -> Iterator[Fault]:
    for link, target, path, state, name, line, column in _goals(page, site):
        if state == "case" and not link.image:
            new = _written(site, page, name)
            fix = _fix(page, link, target.replace(path, new, 1))
            yield at(line, column, f"the file is '{new}', in another case; write it so", fix)


@rule("LINK004", "A link to the built page is a 404 under other settings, and no build checks it.")
def built(page: Page, site: Site) -> Iterator[Fault]:
    for link, _, path, state, name, line, column in _goals(page, site):
        index = f"{name}/index.md"
        is_index = state == "folder" and path.endswith("/") and index in site.file_set
        if (state == "html" or is_index) and not link.image:
            source = _written(site, page, index if is_index else name)
            yield at(line, column, f"'{path}' is the built page; link to its source, '{source}'")


@rule("LINK005", "An absolute path is a 404 where the site is served below another path.")
def absolute(page: Page, site: Site) -> Iterator[Fault]:
    validation = site.config.get("validation") or {}
    links = validation.get("links") if isinstance(validation.get("links"), dict) else validation
    if (links or {}).get("absolute_links") == "relative_to_docs":
        return
    for link, target in targets(page):
        if target.startswith("/") and not _skip(target) and not _is_version(site, target):
            line, column = page.place(link.target_offset)
            where = (
                f"the site is served under {site.base_path}"
                if site.base_path != "/"
                else "the site may be served under a path"
            )
            if target.startswith("//"):
                yield at(line, column, f"'{target}' has no scheme; write https:{target}")
            else:
                yield at(line, column, f"'{target}' is absolute, and {where}; write a relative path to the .md file")


def _is_version(site: Site, target: str) -> bool:
    """Whether an absolute path leads to another version of these docs, which no relative path reaches."""
    first = target.strip("/").partition("/")[0]
    version = re.fullmatch(r"v?\d+(\.\w+)*|dev|latest|stable|main|master|next", first)
    return "mike" in site.plugins and version is not None and first not in site.folders


@rule("LINK006", "Without its scheme, an address is a path below this page: a 404.")
def scheme_missing(page: Page, site: Site) -> Iterator[Fault]:
    for _, _, path, state, _, line, column in _goals(page, site):
        if state == "missing" and _is_www(path):
            yield at(line, column, f"'{path}' is taken for a file; add https://", _before(line, column, "https://"))
    for link, target in targets(page):
        if re.match(r"[\w.+-]+@[\w-]+(\.[\w-]+)+$", target):
            place = page.place(link.target_offset)
            yield at(*place, f"'{target}' is taken for a file; add mailto:", _before(*place, "mailto:"))


def _before(line: int, column: int, new: str) -> Fix:
    return Fix(line, column - 1, column - 1, new)


@rule("LINK008", "Raw HTML links are neither checked nor rewritten: a .md file is downloaded, a path is a 404.")
def raw(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        if tag.name not in ("a", "area") or "href" not in tag.attributes:
            continue
        href = tag.attributes["href"].strip()
        if not href or _skip(href) or SCHEME.match(href) or href.startswith(("#", "//")):
            continue
        line, column = page.place_of_value(tag, "href")
        path = href.partition("#")[0].partition("?")[0]
        if path.lower().endswith(PAGE_SUFFIXES):
            yield at(line, column, f"a raw <a href='{href}'> is not rewritten; write [text]({href})")
        elif href.startswith("/"):
            yield at(line, column, f"'{href}' is absolute, and not checked; write [text](file.md)")
        elif not _served(site, page, path):
            yield at(
                line, column, f"'{href}' is not in the site, and raw links are not rewritten; write [text](file.md)"
            )


def _served(site: Site, page: Page, path: str) -> bool:
    """Whether a raw path, which the browser resolves from the page's address, leads to a file."""
    if site.makes_pages:
        return True
    name = site.name_of(page.path) or ""
    address = page_address(site, name)
    wanted = posixpath.normpath(posixpath.join(posixpath.dirname(address) or ".", unquote(path)))
    wanted = "" if wanted == "." else wanted
    addresses = {page_address(site, other) for other in site.pages}
    options = {wanted, wanted + "/index.html", f"{wanted}index.html", wanted or "index.html"}
    return bool(options & addresses) or wanted in site.file_set


def page_address(site: Site, name: str) -> str:
    """The built file of a page."""
    stem = posixpath.splitext(name)[0]
    folder, base = posixpath.split(stem)
    if base.lower() in ("index", "readme"):
        return posixpath.join(folder, "index.html")
    if site.config.get("use_directory_urls") is False:
        return f"{stem}.html"
    return f"{stem}/index.html"


@rule("LINK010", "A reference that is not defined shows its brackets.")
def undefined_reference(page: Page, site: Site) -> Iterator[Fault]:
    if site.has("autorefs") or "autorefs" in site.plugins or "mkdocstrings" in site.plugins:
        return
    shared = site.appended_definitions
    for link in page.links:
        if (
            link.kind != "reference"
            or link.target in page.definitions
            or link.target in shared
            or HIDDEN in link.target
        ):
            continue
        if "8<-" in page.text:
            continue  # a snippet may define it
        source = page.text[link.offset : link.end]
        # "[x] [y]" are two things in brackets, more often than a reference.
        if (
            re.search(r"\]\s+\[", source)
            or not re.search(r"\w", link.target)
            or (re.fullmatch(r"[\d,.\s:-]+", link.target) and not _is_numbered(page, link))
        ):
            continue
        if re.fullmatch(r"\s*[\w.]*\s*", link.text) and re.match(
            r".*[\w\])]$", page.text[max(link.offset - 1, 0) : link.offset]
        ):
            continue  # an index into an index: a[i][j]
        line, column = page.place(link.offset)
        near = nearest(link.target, page.definitions, 0.75)
        hint = f"did you mean [{near}]?" if near else f"add a line '[{link.target}]: address'"
        yield at(line, column, f"reference [{link.target}] is not defined on this page; {hint}")


def _is_numbered(page: Page, link: Link) -> bool:
    """Whether [words][1] is a numbered reference, and not an index."""
    return bool(re.search(r"[A-Za-z]{2}", link.text)) or any(name.isdigit() for name in page.definitions)


@rule("LINK011", "A link without a target leads to the page itself.")
def empty_target(page: Page, site: Site) -> Iterator[Fault]:
    for link in page.links:
        if (
            link.kind == "inline"
            and not link.image
            and link.target in ("", "#", "<>")
            and page.text[link.end : link.end + 1] != "{"
        ):
            line, column = page.place(link.offset)
            yield at(line, column, f"the link '{link.text}' has no target; write one between the parentheses")
    for tag in page.tags:
        if tag.name == "a" and tag.attributes.get("href", "x").strip() == "":
            yield at(*page.place(tag.offset), "the link has no target; write one, or remove it")


@rule("LINK012", "A link without text can't be seen, and a screen reader spells its address.")
def empty_text(page: Page, site: Site) -> Iterator[Fault]:
    for link in page.links:
        if link.image or link.kind not in ("inline", "reference"):
            continue
        if _says_nothing(link.text) and (link.target or link.kind == "inline"):
            if not re.match(r"\{[^}]*#", page.text[link.end : link.end + 80]):  # an anchor
                yield at(*page.place(link.offset), "the link has no text; say where it leads")
        elif link.kind == "inline" and re.fullmatch(r"\s*!\[\s*\]\([^)]*\)\s*", link.text):
            message = "the link is a picture without a description; say where it leads, between ![ and ]"
            yield at(*page.place(link.offset), message)
    for tag, following in zip(page.tags, page.tags[1:], strict=False):
        if tag.name == following.name == "a" and following.closing and not tag.closing:
            named = {"id", "name", "aria-label", "title"} & tag.attributes.keys()
            if "href" in tag.attributes and not named and _says_nothing(page.text[tag.end : following.offset]):
                yield at(*page.place(tag.offset), "the link has no text; say where it leads")


def _says_nothing(text: str) -> bool:
    return not unescape(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)).strip()


@rule("LINK014", "The browser doesn't know the scheme: the link is dead.")
def unknown_scheme(page: Page, site: Site) -> Iterator[Fault]:
    for link, target in targets(page):
        match = SCHEME.match(target)
        if not match or _skip(target):
            continue
        scheme = match[1].lower()
        if scheme in SCHEMES | FORBIDDEN or scheme in SCRIPTS or len(scheme) == 1:
            continue
        line, column = page.place(link.target_offset)
        near = nearest(scheme, ("http", "https", "mailto"), 0.6)
        if near:
            yield at(line, column, f"unknown scheme '{scheme}'; did you mean '{near}'?")
        elif re.match(r"[\w.-]+\.\w+:\d+|localhost:\d+", target):
            yield at(line, column, f"'{target}' is taken for the scheme '{scheme}'; add https://")
    for link, target in targets(page):
        slash = re.match(r"(https?)(:/(?!/)|//|;//|:\\\\|://https?(:|//))", target)
        if slash:
            yield at(*page.place(link.target_offset), f"'{target}' is no address; write {slash[1]}:// once")


@rule("LINK015", "A file on the author's disk is on no reader's.")
def file_scheme(page: Page, site: Site) -> Iterator[Fault]:
    for offset, target in _all_addresses(page):
        match = SCHEME.match(target)
        if match and (match[1].lower() in FORBIDDEN or (len(match[1]) == 1 and re.match(r"[a-zA-Z]:[\\/]", target))):
            yield at(*page.place(offset), f"'{match[1]}:' is on the author's machine; publish the file and link to it")
        elif target.startswith("\\\\") or re.match(r"(~/|/(home|Users)/\w+/)", target):
            yield at(*page.place(offset), "the path is on the author's machine; publish the file and link to it")


def _all_addresses(page: Page) -> Iterator[tuple[int, str]]:
    """(offset, address) of every link and image, in Markdown and in raw HTML."""
    for link, target in targets(page):
        yield link.target_offset, target
    for tag in page.tags:
        for key in ("href", "src"):
            if key in tag.attributes:
                line, column = page.place_of_value(tag, key)
                yield page.starts[line - 1] + column - 1, tag.attributes[key].strip()


def _host(target: str) -> str:
    try:
        return (urlsplit(target).hostname or "").lower()
    except ValueError:
        return ""


@rule("LINK016", "An address on the author's machine or network leads nowhere for the reader.")
def local(page: Page, site: Site) -> Iterator[Fault]:
    for offset, target in _all_addresses(page):
        host = _host(target)
        if host in ("http", "https"):
            continue  # LINK014
        if host and (LOCAL.match(host) or not re.search(r"[.:]", host)) and not _skip(target):
            yield at(*page.place(offset), f"'{host}' is a local address; link to the published page")


@rule("LINK017", "Over http anyone on the way can read and change the page.", severity="warning")
def insecure(page: Page, site: Site) -> Iterator[Fault]:
    for link, target in targets(page):
        if target.lower().startswith("http://") and not LOCAL.match(_host(target) or "localhost"):
            yield at(*page.place(link.target_offset), "an insecure address; write https://")
    for tag in page.tags:
        for key in ("href", "src"):
            value = tag.attributes.get(key, "").strip().lower()
            if (
                value.startswith("http://")
                and not LOCAL.match(_host(value) or "localhost")
                and tag.name in ("a", "img", "iframe", "video", "audio", "source")
            ):
                yield at(*page.place_of_value(tag, key), "an insecure address; write https://")


@rule("LINK018", "No build checks a link to the site's own address.")
def own_site(page: Page, site: Site) -> Iterator[Fault]:
    own = str(site.config.get("site_url") or "").rstrip("/")
    if not own.startswith("http") or not urlsplit(own).netloc:
        return
    own_plain = _plain(own)
    addresses = {posixpath.dirname(page_address(site, name)): name for name in site.pages}
    for offset, target in _all_addresses(page):
        plain_target = _plain(target)
        is_under = re.match(rf"{re.escape(own_plain)}(?:[/#?]|$)", plain_target)
        if plain_target == target.lower() or not is_under:
            continue
        path = re.split(r"[#?]", plain_target[len(own_plain) :])[0].strip("/")
        name = addresses.get(path.removesuffix("/index.html"))
        # At the top of a host, other projects' sites may lie beside this one.
        if name is None and "/" not in own_plain and not _is_own(site, path):
            continue
        mend = f"write '{_written(site, page, name)}'" if name else "write a relative path to the .md file"
        yield at(*page.place(offset), f"'{target}' is on this very site; {mend}")


def _is_own(site: Site, path: str) -> bool:
    """Whether an address begins as a page or folder of the docs does."""
    first = path.partition("/")[0]
    return not first or any(name.lower().partition("/")[0].partition(".")[0] == first for name in site.files)


def _plain(address: str) -> str:
    """An address without scheme and www."""
    return re.sub(r"^https?://(www\.)?", "", address.lower())


@rule("LINK019", "A page that is excluded from the site is a 404.")
def excluded(page: Page, site: Site) -> Iterator[Fault]:
    for _, _, _, state, name, line, column in _goals(page, site):
        if state == "excluded":
            yield at(line, column, f"'{name}' is excluded from the site; link to another page, or publish it")


@rule("LINK021", "With a blank between text and address, brackets and parentheses are shown as they stand.")
def blank(page: Page, site: Site) -> Iterator[Fault]:
    for match in re.finditer(
        r"(?<!\])\[([^\[\]]+)\](?P<gap>[ \t]+|[ \t]*\n[ \t>]*)\((https?://[^\s()]+|[^\s()]+\.(?:md|png|svg|jpe?g)(?:#[^\s()]*)?)\)",
        page.inline,
    ):
        line, column = page.place(match.start())
        if re.match(r"\s*(?:[-*+]|\d+\.)\s+$", page.lines[line - 1][: column - 1]):
            continue  # a task
        gap = "the end of a line" if "\n" in match["gap"] else "a blank"
        yield at(line, column, f"{gap} parts the link's text from its address; remove it")


@rule("LINK021", "With a parenthesis of another script, brackets and parentheses are shown as they stand.")
def wide(page: Page, site: Site) -> Iterator[Fault]:
    if "（" not in page.inline:
        return
    for match in re.finditer(
        r"\[[^\[\]\n]+\](?P<open>（)(?:https?://|[\w./-]+\.(?:md|png|svg)\b)[^）\n]*）", page.inline
    ):
        yield at(*page.place(match.start("open")), "'（' makes no link; write the address between ( and )")


@rule("LINK022", "Punctuation at the end belongs to the sentence: with it, the address is a 404.", severity="warning")
def punctuation(page: Page, site: Site) -> Iterator[Fault]:
    for link, target in targets(page):
        ends = re.search(r"[.,;:!?]$", target) or (target.endswith(")") and target.count("(") < target.count(")"))
        if re.match(r"https?://", target) and ends and not link.image:
            line, column = page.place(link.target_offset)
            end = column - 1 + len(link.target)
            yield at(line, end, f"the address ends with '{target[-1]}'; move it out of the link")
