"""Every link, anchor and asset inside the built site leads to a file of the site.

Reads files only, so that it is fast enough for every change, and decides as a static host and a browser would: paths
and fragments are case-sensitive, a folder answers with its index.html, and everything else is a 404.

Rules: SITE001 no such file, SITE002 no such anchor, SITE003 leads out of the site's base path, SITE004 relative link on
the 404 page, SITE005 no address.
"""

from __future__ import annotations

import difflib
import json
import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml import etree

from handbook.checks.finding import Finding

NOT_FOUND_PAGE = "404.html"

# Stands for the site's origin while nothing says what it is (RFC 2606).
UNKNOWN_ORIGIN = "https://site.invalid/"

URL_ATTRIBUTES = {"href", "xlink:href", "src", "poster"}
SRCSET_ATTRIBUTES = {"srcset", "imagesrcset"}
# CSS, and the SVG attributes that point at a gradient, marker, mask or filter.
CSS_ATTRIBUTES = {"style", "fill", "stroke", "filter", "mask", "clip-path", "cursor"} | {
    f"marker-{end}" for end in ("start", "mid", "end")
}
META_URLS = {"og:image", "og:image:url", "og:image:secure_url", "og:url", "og:audio", "og:video", "twitter:image"}
# These name a host to connect to, not a document.
CONNECTION_HINTS = {"preconnect", "dns-prefetch"}

# Comments and strings are tokens too, so that a url() inside one is not taken for a link.
CSS_TOKEN = re.compile(
    r"""/\*.*?\*/
    |(?:@import\s+|url\(\s*)"(?P<double>(?:[^"\\]|\\.)*)"
    |(?:@import\s+|url\(\s*)'(?P<single>(?:[^'\\]|\\.)*)'
    |url\(\s*(?P<bare>[^"'()\s]*)\s*\)
    |"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
SRCSET_CANDIDATE = re.compile(r"[\s,]*(?P<url>\S*[^\s,])(?:\s[^,]*)?")
META_REFRESH = re.compile(r"""[\d.\s]*[;,]?\s*url\s*=\s*["']?(?P<url>[^"']*)""", re.IGNORECASE)


class Place(NamedTuple):
    """Where an element stands: the line, counted from 1, on which its start tag ends; 0 for a whole file."""

    path: str
    line: int


@dataclass
class Document:
    """A file of the site: its distinct links, each with the line of the first, and its anchors."""

    path: str
    links: dict[str, int] = field(default_factory=dict)
    anchors: set[str] | None = None  # None: a kind of file in which a fragment means something else
    base_href: str = ""


def check(site: Path, base: str | None = None) -> list[Finding]:
    """Return the broken internal links of the built site, sorted.

    `base` is where the site will live: its address or the path alone. Without it, the canonical link of the front page
    says, or else it is "/".

    Raises FileNotFoundError if `site` holds no HTML page: a gate over a folder that was never built must not be green.
    Raises ValueError for a web manifest that is not JSON.
    """
    built = BuiltSite(site, base)
    return sorted(
        Finding(document.path, line, 0, *fault)
        for document in built.documents.values()
        for url, line in document.links.items()
        if (fault := built.fault(document, url))
    )


def outside_urls(site: Path, base: str | None = None) -> dict[str, list[Place]]:
    """Return the http and https addresses that lead out of the site, each with its places.

    Takes `base` and raises as `check` does.
    """
    built = BuiltSite(site, base)
    places: dict[str, list[Place]] = {}
    for document in built.documents.values():
        for url, line in document.links.items():
            address = built.outside_address(document, url)
            if address:
                places.setdefault(address, []).append(Place(document.path, line))
    return places


def published_address(site: Path) -> str:
    """Return the site's own address, by the canonical link of its front page; "" without one."""
    page = site / "index.html"
    root = parse(page.read_bytes()) if page.is_file() else None
    found = root.xpath('//link[@rel="canonical"]/@href') if root is not None else []
    return _clean(found[0]) if found else ""


def parse(markup: bytes) -> etree._Element | None:
    """Return the tree of an HTML page, or of an SVG file; None if it holds no element."""
    # Without huge_tree, libxml2 leaves out in silence what is nested more than 256 deep.
    return etree.fromstring(markup, etree.HTMLParser(encoding="utf-8", huge_tree=True))


def anchors_in(root: etree._Element) -> set[str]:
    """Return the fragments that a browser can scroll to."""
    return set(root.xpath("//@id | //a/@name"))


class BuiltSite:
    """The files of a built site, and what each of its links leads to."""

    def __init__(self, root: Path, base: str | None = None) -> None:
        published = published_address(root) or UNKNOWN_ORIGIN
        self.address = urljoin(published, base or "").rstrip("/") + "/"
        self.host = urlsplit(self.address).netloc.lower()
        self.base = unquote(urlsplit(self.address).path)
        self.files = frozenset(_files(root))
        if not any(path.endswith(".html") for path in self.files):
            raise FileNotFoundError(f"no HTML page in '{root.name}'; build the site first")
        read = (_document(root, path) for path in sorted(self.files))
        self.documents = {document.path: document for document in read if document}
        self._nearest: dict[str, str] = {}

    def fault(self, document: Document, url: str) -> tuple[str, str] | None:
        """Return rule and message if the link is internal and broken."""
        if not url:
            return "SITE005", "an empty address; write one, or drop the attribute"
        try:
            written, absolute = urlsplit(url), urlsplit(self._absolute(document, url))
        except ValueError as error:
            return "SITE005", f"'{url}' is no address ({error}); mend it"
        if document.path == NOT_FOUND_PAGE and not (written.scheme or url.startswith(("/", "#"))):
            # A host shows this page at the address that was asked for, however deep.
            return "SITE004", f"'{url}' is relative, on a page that is shown at any depth; begin it with '{self.base}'"
        if absolute.scheme not in ("http", "https") or absolute.netloc.lower() != self.host:
            return None
        path = unquote(absolute.path) or "/"
        if not f"{path}/".startswith(self.base):
            if written.netloc:
                return None  # another site on the same host
            hint = self._hint(document, url, path.lstrip("/"))
            return "SITE003", f"'{url}' leads out of the site, which lives under '{self.base}'; {hint}"
        wanted = path[len(self.base) :]
        target = self._file_at(wanted)
        if target is None:
            return "SITE001", f"'{url}' is not in the site; {self._hint(document, url, wanted)}"
        return self._anchor_fault(target, url)

    def outside_address(self, document: Document, url: str) -> str | None:
        """Return the absolute address if the link leads out of the site."""
        try:
            address = self._absolute(document, url) if urlsplit(url).netloc else url
            parts = urlsplit(address)
        except ValueError:
            return None  # `fault` reports it
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return None
        inside = parts.netloc.lower() == self.host and f"{unquote(parts.path)}/".startswith(self.base)
        return None if inside else address

    def _anchor_fault(self, target: str, url: str) -> tuple[str, str] | None:
        fragment = url.partition("#")[2].partition(":~:")[0]  # after it, text to highlight
        anchors = self.documents[target].anchors if target in self.documents else None
        if anchors is None or fragment in anchors:
            return None
        anchor = unquote(fragment)
        # An SVG file also takes views, such as #svgView(…).
        if anchor in anchors or anchor.lower() in ("", "top") or (target.endswith(".svg") and "(" in anchor):
            return None
        near = _nearest(anchor, anchors)
        hint = f"did you mean '#{near}'?" if near else "add the anchor, or link to the page alone"
        return "SITE002", f"'{url}' names no anchor of '{target}'; {hint}"

    def _absolute(self, document: Document, url: str) -> str:
        page = self.address + quote(document.path)
        return urljoin(urljoin(page, document.base_href), url)

    def _file_at(self, path: str) -> str | None:
        if path in self.files:
            return path
        # A host sends "folder" on to "folder/".
        index = posixpath.join(path, "index.html")
        return index if index in self.files else None

    def _hint(self, document: Document, url: str, wanted: str) -> str:
        wanted = re.sub(r"(/?index)?\.md$", "/", wanted)  # the source was linked, not the page
        if wanted not in self._nearest:
            self._nearest[wanted] = _nearest(wanted, self._addresses)
        near = self._nearest[wanted]
        if not near:
            return "mend the address, or add the file"
        if urlsplit(url).netloc:
            near = self.address + near
        elif url.startswith("/"):
            near = self.base + near
        else:
            slash = "/" if near.endswith("/") else ""
            near = posixpath.relpath(near, posixpath.dirname(document.path) or ".") + slash
        return f"did you mean '{near}'?"

    @cached_property
    def _addresses(self) -> list[str]:
        """What can be linked to, as one writes it: a folder for its index.html."""
        return [re.sub(r"(^|/)index\.html$", r"\1", path) for path in self.files if path != "index.html"]


def _files(root: Path) -> Iterator[str]:
    # From the listing, not by asking for each name: the disk may ignore case, a host doesn't.
    for folder, _, names in os.walk(root):
        for name in names:
            yield Path(folder, name).relative_to(root).as_posix()


def _document(root: Path, path: str) -> Document | None:
    suffix = posixpath.splitext(path)[1]
    if suffix in (".html", ".svg"):
        return _page(path, (root / path).read_bytes())
    if suffix == ".css":
        # A fragment alone means the page that uses the stylesheet, which is not known here.
        css = (root / path).read_text("utf-8", "replace")
        return Document(path, {url: 0 for url in _css_urls(css) if not url.startswith("#")})
    if suffix == ".webmanifest" or posixpath.basename(path) == "manifest.json":
        return Document(path, dict.fromkeys(_manifest_urls(path, (root / path).read_bytes()), 0))
    return None


def _page(path: str, markup: bytes) -> Document:
    document = Document(path, anchors=set())
    root = parse(markup)
    if root is None:
        return document
    for element in root.iter(etree.Element):
        for url in _element_urls(element.tag, element.attrib, element.text):
            document.links.setdefault(_clean(url), element.sourceline)
    document.anchors = anchors_in(root)
    document.base_href = _clean(next(iter(root.xpath("//base/@href")), ""))
    return document


def _element_urls(tag: str, attributes: Mapping[str, str], text: str | None) -> Iterator[str]:
    if tag == "meta":
        yield from _meta_urls(attributes)
    elif tag == "style":
        yield from _css_urls(text or "")
    elif tag == "base" or (tag == "link" and CONNECTION_HINTS.intersection(attributes.get("rel", "").lower().split())):
        return
    for name, value in attributes.items():
        if name in URL_ATTRIBUTES or (name == "data" and tag == "object"):
            yield value
        elif name in SRCSET_ATTRIBUTES:
            yield from (match["url"] for match in SRCSET_CANDIDATE.finditer(value))
        elif name in CSS_ATTRIBUTES:
            yield from _css_urls(value)


def _meta_urls(attributes: Mapping[str, str]) -> Iterator[str]:
    content = attributes.get("content", "")
    refresh = META_REFRESH.match(content)
    if attributes.get("http-equiv", "").lower() == "refresh" and refresh:
        yield refresh["url"]
    elif attributes.get("property", attributes.get("name")) in META_URLS:
        yield content


def _css_urls(css: str) -> Iterator[str]:
    for match in CSS_TOKEN.finditer(css):
        url = match["double"] or match["single"] or match["bare"]
        if url:
            yield _clean(url)


def _manifest_urls(path: str, text: bytes) -> Iterator[str]:
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise ValueError(f"'{path}' is not JSON ({error}); mend it") from error
    for picture in manifest.get("icons", []) + manifest.get("screenshots", []):
        yield picture.get("src", "")
    if "start_url" in manifest:
        yield manifest["start_url"]


def _clean(url: str) -> str:
    """Read an address as a browser does: blanks around it and line breaks within it don't count."""
    return re.sub(r"[\t\n\r]", "", url.strip())


def _nearest(wanted: str, known: Iterable[str]) -> str:
    """Return the name most likely meant: in another case, in another folder, or misspelt; "" if none is near."""
    known = sorted(known)
    last = posixpath.basename(wanted.rstrip("/"))
    other_case = [name for name in known if name.casefold() == wanted.casefold()]
    other_folder = [name for name in known if last and posixpath.basename(name.rstrip("/")) == last]
    return next(iter(other_case or other_folder or difflib.get_close_matches(wanted, known, n=1)), "")
