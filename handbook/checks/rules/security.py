"""What a hostile chapter may try: nothing that runs, hides, leads astray or sends the reader's address away."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from handbook.checks.page import Page, blanked
from handbook.checks.rules import Fault, at, rule
from handbook.checks.rules.links import TOP_DOMAINS, targets
from handbook.checks.site import Site

FORBIDDEN = frozenset(
    """script style base meta link form input textarea select iframe frame frameset object embed applet portal
    fencedframe dialog plaintext xmp layer bgsound isindex animate set foreignobject noscript noembed
    noframes""".split()
)
URL_ATTRIBUTES = (
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "background",
    "cite",
    "to",
    "from",
    "values",
    "srcdoc",
    "ping",
)


def _clean(url: str) -> str:
    """An address as a browser reads it: character references resolved, controls and blanks left out."""
    for _ in range(2):
        url = unescape(url)
    return re.sub(r"[\x00-\x20\x7f-\x9f\u00a0\u200b-\u200f\u2028\u2029\ufeff]", "", url).lower()


def _is_script(url: str) -> str:
    clean = _clean(url)
    match = re.match(r"(javascript|vbscript|livescript|mocha|data|blob):", clean) or re.match(
        r"(javascript|vbscript):", re.sub(r"\s", "", unquote(clean))
    )
    if match and match[1] == "data" and re.match(r"data:image/(png|jpe?g|gif|webp|avif)[;,]", clean):
        return ""
    if match and match[1] == "data" and not re.match(r"data:(text/html|application|image/svg|text/xml|,|;)", clean):
        return ""
    return match[1] if match else ""


COVERS = re.compile(
    r"position:(fixed|absolute|sticky)|url\(|image-set\(|src\(|expression\(|@import|behavior:|-moz-binding|z-index:\d{3,}"
)


def _style(css: str) -> str:
    """A style as a browser reads it: without remarks, and its escapes resolved."""
    css = re.sub(r"/\*.*?\*/", "", unescape(css), flags=re.DOTALL)
    css = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda m: chr(min(int(m[1], 16), 0x10FFFF)), css)
    return _clean(css.replace("\\", ""))


@rule("SEC001", "An element that runs, restyles, redirects or asks for passwords has no place in a chapter.")
def elements(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        if not tag.closing and ("formaction" in tag.attributes or "srcdoc" in tag.attributes):
            name = "formaction" if "formaction" in tag.attributes else "srcdoc"
            yield at(*page.place(tag.offset), f"'{name}' is not allowed in a page; remove it")
        if tag.closing or tag.name not in FORBIDDEN:
            continue
        if (
            tag.name == "input"
            and tag.attributes.get("type", "").lower() == "checkbox"
            and "disabled" in tag.attributes
        ):
            continue
        yield at(*page.place(tag.offset), f"<{tag.name}> is not allowed in a page; remove it")
    # A tag that is cut off still opens an element for the browser.
    for match in re.finditer(r"<(script|iframe|style|base|form|object|embed)\b(?![^<>]*>)", page.markup, re.IGNORECASE):
        yield at(*page.place(match.start()), f"<{match[1].lower()} is not allowed in a page; remove it")


@rule("SEC002", "An on… attribute runs a script in the reader's browser.")
def handlers(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        for name in tag.attributes:
            if re.match(r"on[a-z]+$", name):
                yield at(*page.place(tag.offset), f"on* attributes are not allowed ('{name}'); remove it")
    for match in re.finditer(r"<[a-zA-Z][^<>]*[\s/\"'](on[a-z]{3,})\s*=(?![^<]*>)", page.markup, re.IGNORECASE):
        yield at(*page.place(match.start(1)), f"on* attributes are not allowed ('{match[1].lower()}'); remove it")


@rule("SEC003", "An attribute list writes the same attributes as raw HTML.")
def attribute_lists(page: Page, site: Site) -> Iterator[Fault]:
    if not site.has("attr_list", "pymdownx.blocks.html"):
        return
    lists = [(m.start(1), m[1]) for m in re.finditer(r"\{:?[ ]*([^}\n]*=[^\n]*?)[ ]*\}", page.inline)]
    lists += [(m.start(1), m[1]) for m in re.finditer(r"(?m)^[ ]{4,}attrs:(.*)$", page.text)]
    for offset, text in lists:
        if "{{" in page.text[max(offset - 3, 0) : offset]:
            continue
        source = page.text[offset : offset + len(text)]
        for match in re.finditer(
            r"(?<![\w-])(on[a-zA-Z]{3,}|srcdoc|formaction|style|href|src|action)\s*[=:]\s*(\"[^\"]*\"|'[^']*'|[^\s}]*)",
            source,
            re.IGNORECASE,
        ):
            name, value = match[1].lower(), match[2].strip("\"'")
            line, column = page.place(offset + match.start())
            if name.startswith("on") or name in ("srcdoc", "formaction", "action"):
                yield at(line, column, f"'{name}' is not allowed in an attribute list; remove it")
            elif name == "style" and COVERS.search(_style(value)):
                yield at(line, column, "a style that covers the page or loads a file is not allowed; remove it")
            elif name in ("href", "src") and (_is_script(value) or urlsplit(_clean(value)).netloc):
                yield at(line, column, f"'{name}' in an attribute list overrides the link that is seen; remove it")


@rule("SEC004", "A javascript: link runs a script, however it is spelt.")
def script_links(page: Page, site: Site) -> Iterator[Fault]:
    for link, target in targets(page):
        scheme = _is_script(link.target) or _is_script(target)
        if scheme:
            yield at(*page.place(link.target_offset), f"a '{scheme}:' link (decoded) is not allowed; link to a page")
    for tag in page.tags:
        for name in URL_ATTRIBUTES:
            scheme = _is_script(tag.attributes.get(name, ""))
            if scheme:
                yield at(*page.place(tag.offset), f"a '{scheme}:' address (decoded) is not allowed; link to a page")


@rule("SEC004", "A javascript: link runs a script, in a diagram as well.")
def script_links_in_diagrams(page: Page, site: Site) -> Iterator[Fault]:
    for fence in page.fences:
        if fence.language != "mermaid":
            continue
        for number, line in enumerate(fence.text.split("\n"), start=1):
            clean = _clean(line)
            if re.search(r"(javascript|vbscript):|data:text/html", clean):
                column = fence.indent + len(line) - len(line.lstrip()) + 1
                yield at(fence.line + number, column, "'javascript:' in a diagram is not allowed; link to a page")
            elif re.match(r"\s*click\s+\S+\s+(call\b|\w+\s*\(|(?!href\b)[a-zA-Z_]\w*\s*($|\"))", line):
                yield at(fence.line + number, fence.indent + 1, "a click may not run a script; link to a page")


@rule("SEC005", "A style in raw HTML can cover or fake the page, and loads what it names.")
def styles(page: Page, site: Site) -> Iterator[Fault]:
    for tag in page.tags:
        if COVERS.search(_style(tag.attributes.get("style", ""))):
            yield at(*page.place(tag.offset), "a style that covers the page or loads a file is not allowed; remove it")


LOADS = re.compile(r"@import|url\(\s*['\"]?(https?:)?//", re.IGNORECASE)


@rule("SEC006", "A scripted SVG runs on our own address when it is opened.", scope="file")
def scripted_svg(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if path.suffix.lower() not in (".svg", ".svgz", ".xml", ".xhtml") or not path.is_file() or site.is_excluded(name):
        return
    from lxml import etree  # noqa: PLC0415 (slow to load)

    data = path.read_bytes()
    if re.search(rb"<!ENTITY|<!DOCTYPE[^>]*\[", data):
        yield at(_line(data, rb"<!ENTITY|<!DOCTYPE"), 0, "an SVG may not declare entities; remove them")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:  # nothing in it: IMG005 tells
        return
    if root is None:
        return
    for number, line in enumerate(data.split(b"\n"), start=1):
        if re.search(rb"<\?xml-stylesheet", line):
            yield at(number, 0, "an SVG may not load a stylesheet; remove it")
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        local = etree.QName(element).localname.lower()
        if local in ("script", "foreignobject", "iframe", "embed", "object", "handler", "listener"):
            yield at(element.sourceline or 1, 0, f"an SVG may not hold <{local}>; remove it")
        for key, value in element.attrib.items():
            attribute = etree.QName(key).localname.lower()
            if re.match(r"on[a-z]+$", attribute):
                yield at(element.sourceline or 1, 0, f"an SVG may not hold '{attribute}'; remove it")
            elif attribute in ("href", "src", "from", "to", "values") and (
                _is_script(value) or (local not in ("a",) and re.match(r"(https?:)?//", _clean(value)))
            ):
                yield at(element.sourceline or 1, 0, f"an SVG may not load or run '{value[:40]}'; remove it")
            elif attribute == "attributename" and re.match(r"on[a-z]+$", value.strip(), re.IGNORECASE):
                yield at(element.sourceline or 1, 0, f"an SVG may not set '{value}'; remove it")
            elif LOADS.search(value):
                yield at(element.sourceline or 1, 0, "an SVG's style may not load a file; remove it")
        if local == "style" and LOADS.search(element.text or ""):
            yield at(element.sourceline or 1, 0, "an SVG's style may not load a file; remove it")


def _line(data: bytes, pattern: bytes) -> int:
    match = re.search(pattern, data)
    return data.count(b"\n", 0, match.start()) + 1 if match else 1


@rule("SEC007", "A script or a page of HTML among the docs is published, and runs, unread.", scope="file")
def committed_scripts(name: str, site: Site) -> Iterator[Fault]:
    import fnmatch  # noqa: PLC0415

    if site.is_excluded(name) or any(fnmatch.fnmatchcase(name, pattern) for pattern in site.settings.allowed_scripts):
        return
    suffix = name.lower().rpartition(".")[2]
    if suffix in ("js", "mjs", "cjs", "wasm", "swf"):
        listed = set()
        for entry in site.config.get("extra_javascript") or []:
            listed.add(str(entry.get("path") if isinstance(entry, dict) else entry))
        used = any(name.rpartition("/")[2] in (template.read_text("utf-8", "replace")) for template in _templates(site))
        if name not in listed and not used:
            yield at(
                1, 0, "a script that no configuration lists is published; list it in extra_javascript, or remove it"
            )
    elif suffix in ("html", "htm", "xhtml", "hta"):
        text = (site.docs / name).read_text("utf-8", "replace")
        if re.search(r"<script|[\s/\"']on[a-z]+\s*=|javascript:", text, re.IGNORECASE):
            inside = os.path.abspath(site.docs / name).startswith(os.path.abspath(_theme_folder(site)) + os.sep)
            mend = "move the theme's folder out of the docs" if inside else "write it in Markdown"
            yield at(1, 0, f"a page of HTML with scripts is published as it is; {mend}")
        elif re.search(r"<meta[^>]+refresh[^>]+url\s*=\s*['\"]?(https?:)?//|<form\b|<base\b", text, re.IGNORECASE):
            message = "a page of HTML that sends its reader elsewhere, or asks for a password, is published as it is"
            yield at(1, 0, f"{message}; remove it")


def _theme_folder(site: Site) -> str:
    return str(site.root / str(site.theme.get("custom_dir") or "\0"))


def _templates(site: Site) -> list:
    return sorted(Path(_theme_folder(site)).rglob("*.html")) if site.theme.get("custom_dir") else []


SCRIPTS_OF_LETTERS = (
    "LATIN",
    "CYRILLIC",
    "GREEK",
    "ARMENIAN",
    "CHEROKEE",
    "COPTIC",
    "GEORGIAN",
    "HEBREW",
    "ARABIC",
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "THAI",
    "FULLWIDTH",
    "MATHEMATICAL",
)


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((script for script in SCRIPTS_OF_LETTERS if name.startswith(script)), "")


@rule("SEC008", "A host with a letter of another script is another host that looks the same.")
def look_alike(page: Page, site: Site) -> Iterator[Fault]:
    addresses = [(link.target_offset, target) for link, target in targets(page)]
    addresses += [
        (tag.offset, tag.attributes[key]) for tag in page.tags for key in ("href", "src") if key in tag.attributes
    ]
    addresses += [(m.start(), m[0]) for m in re.finditer(r"https?://[^\s<>()\[\]\"']+", page.inline)]
    told = set()
    for offset, target in sorted(addresses):
        try:
            parts = urlsplit(target.strip())
            host = parts.hostname or ""
        except ValueError:
            continue
        if parts.scheme not in ("http", "https", "") or not host:
            continue
        shown = host
        if "xn--" in host:
            try:
                shown = host.encode("ascii").decode("idna")
            except (UnicodeError, ValueError):
                shown = host
        sign = next((s for s in shown if not s.isascii() and unicodedata.category(s) in SIGNS and s != "・"), "")
        if sign:
            name = unicodedata.name(sign, "a control").lower()
            yield at(*page.place(offset), f"the host '{shown}' holds a sign ({name}); write the real address")
            continue
        for label in shown.split("."):
            scripts = {_script(letter) for letter in label if letter.isalpha()} - {""}
            odd = [letter for letter in label if letter.isalpha() and _script(letter) not in ("LATIN", "")]
            sham = [letter for letter in label if letter in LATIN_LOOKS]
            if sham and all(letter.isascii() or letter in sham for letter in label):
                odd, scripts = sham, {"LATIN", "LOOK"}
            look = bool(odd) and all(letter in LOOK_ALIKES for letter in odd) and bool(scripts)
            if (len(scripts) > 1 and scripts != {"CJK", "HIRAGANA"} and "LATIN" in scripts) or (
                look and len(label) > 2 and scripts <= {"CYRILLIC", "GREEK"}
            ):
                place = page.place(offset)
                if place[0] not in told:
                    told.add(place[0])
                    name = unicodedata.name(odd[0], "?").lower() if odd else "?"
                    does = "has letters that look like others" if "LOOK" in scripts else "mixes scripts"
                    what = f"the host '{shown}' {does} ('{odd[0] if odd else '?'}' is {name})"
                    yield at(*place, f"{what}; write the real address")
                break
        if "@" in parts.netloc and parts.scheme in ("http", "https"):
            what = f"the address shows '{parts.netloc.split('@')[0]}' and leads to '{host}'"
            yield at(*page.place(offset), f"{what}; leave out what stands before @")


# What can't be seen, or looks like a slash or a dot.
SIGNS = frozenset("Cf Cc Sm Po Pd Ps Pe Zs".split())
# Latin letters of their own that are drawn as plain ones; letters with accents are not among them.
LATIN_LOOKS = frozenset("ıȷɑɡɩɪʟɴʀɢʏᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱꜰ")
LOOK_ALIKES = frozenset("асеорхуіјѕԁһѡѵɡӏԛԝүҽпгтαβερτυνικοχγηωАВЕКМНОРСТХ")


@rule("SEC009", "A link that shows one host and leads to another is how phishing works.")
def mismatch(page: Page, site: Site) -> Iterator[Fault]:
    for link in page.links:
        if link.image:
            continue
        target = (
            link.target
            if link.kind == "inline"
            else page.definitions[link.target].target
            if link.kind in ("reference", "shortcut") and link.target in page.definitions
            else ""
        )
        yield from _mismatch(page, link.offset, link.text, target)
    opened = None
    for tag in page.tags:
        if tag.name == "a" and not tag.closing:
            opened = tag
        elif tag.name == "a" and opened is not None:
            yield from _mismatch(
                page,
                opened.offset,
                re.sub(r"<[^>]*>", "", page.text[opened.end : tag.offset]),
                opened.attributes.get("href", ""),
            )
            opened = None


FORGES = frozenset("github.com gitlab.com codeberg.org bitbucket.org huggingface.co en.wikipedia.org".split())


def _mismatch(page: Page, offset: int, text: str, target: str) -> Iterator[Fault]:
    bare = re.sub(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|</?[a-zA-Z][^<>:]*>|[*`]", "", text)
    bare = "".join(sign for sign in unescape(bare) if unicodedata.category(sign) != "Cf")
    shown = bare.strip("_<> \n")
    # The whole text, or an address that stands in it.
    match = None if " " in shown else re.match(r"(?:(https?)://)?((?:[\w-]+\.)+[a-zA-Z]{2,})(?=[/:?#]|$)", shown)
    match = match or re.search(r"\b(https?)://((?:[\w-]+\.)+[a-zA-Z]{2,})(?=[/:?#\s`*_)]|$)", shown)
    match = match or re.search(rf"(?<![\w./@])()((?:[\w-]+\.)+(?:{TOP_DOMAINS}))(?=/)", shown)
    if not match or not re.match(r"(https?:)?//", _clean(target)):
        return
    host = (urlsplit(_clean(target)).hostname or "").removeprefix("www.")
    seen = match[2].lower().removeprefix("www.")
    if not match[1] and not re.search(rf"\.({TOP_DOMAINS})$", seen):
        return  # a file or a module, such as torch.nn or setup.py
    if not match[1] and host in FORGES and shown == match[2]:
        return  # a project that is called after its host, on a forge
    if seen != host and not host.endswith("." + seen) and not seen.endswith("." + host):
        yield at(*page.place(offset), f"the text shows '{seen}' and the link leads to '{host}'; let them agree")


FETCHES = re.compile(r"(?:@import\s*|url\()\s*['\"]?\s*(?:https?:)?(//[^\s'\")]+)", re.IGNORECASE)


def _blank(match: re.Match[str]) -> str:
    return blanked(match.group())


@rule(
    "SEC011",
    "A third party that a page loads from learns each reader's address, and can change what it sends.",
    scope="site",
)
def third_parties(site: Site) -> Iterator[Fault]:
    allowed = set(site.settings.allowed_hosts)
    if "privacy" in site.plugins or "material/privacy" in site.plugins:
        return
    for key in ("extra_javascript", "extra_css"):
        for entry in site.config.get(key) or []:
            value = str(entry.get("path") if isinstance(entry, dict) else entry)
            host = urlsplit(value).netloc
            if host and host not in allowed:
                path, line = _entry_place(site, entry, key)
                what = "script" if key == "extra_javascript" else "stylesheet"
                yield at(
                    line, 0, f"a third-party {what} from {host}; keep a copy in the docs, and list that", path=path
                )
    for name in map(str, site.config.get("extra_css") or []):
        if name in site.file_set:
            sheet = re.sub(r"/\*.*?\*/", _blank, (site.docs / name).read_text("utf-8", "replace"), flags=re.DOTALL)
            for match in FETCHES.finditer(sheet):
                host = urlsplit(f"https:{match[1]}").netloc
                if host not in allowed:
                    line = sheet.count("\n", 0, match.start()) + 1
                    message = f"the stylesheet fetches from {host} on every page; keep a copy in the docs"
                    yield at(line, 0, message, path=site.docs / name)
    theme = site.theme
    if theme.get("name") == "material" and theme.get("font") is not False:
        path, line = site.line_of("font") if theme.get("font") else site.line_of("theme")
        yield at(
            line, 0, "a third-party request to fonts.googleapis.com on every page; set theme.font to false", path=path
        )
    analytics = (
        (site.config.get("extra") or {}).get("analytics") if isinstance(site.config.get("extra"), dict) else None
    )
    if isinstance(analytics, dict) and analytics.get("provider") == "google":
        path, line = site.line_of("analytics")
        yield at(line, 0, "a third-party script from googletagmanager.com on every page; remove it", path=path)


def _entry_place(site: Site, entry: object, key: str) -> tuple:
    value = entry.get("path") if isinstance(entry, dict) else entry
    if getattr(value, "line", 0):
        return Path(value.path), value.line
    return site.line_of(key)


@rule("SEC015", "A configuration that runs code, or puts a script on every page, is more than that.", scope="site")
def configuration(site: Site) -> Iterator[Fault]:
    for path, root in site.nodes:
        todo: list[yaml.Node] = [root]
        seen = set()
        while todo:
            node = todo.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            place = (node.start_mark.line + 1, node.start_mark.column + 1)
            called = re.match(r"tag:yaml\.org,2002:python/(?:name|module|object(?:/apply|/new)?):([\w.]*)", node.tag)
            if called and called[1].partition(".")[0] in sys.stdlib_module_names:
                yield at(*place, f"'{called[1]}' runs code when the site is built; remove it", path=path)
            if isinstance(node, yaml.ScalarNode):
                if _is_script(node.value) or SCRIPTED.search(unescape(node.value)):
                    yield at(*place, "a script in the configuration is not allowed; remove it", path=path)
            else:
                todo += [child for each in node.value for child in (each if isinstance(each, tuple) else (each,))]


SCRIPTED = re.compile(r"<(script|iframe|object|embed|base|form)\b|<[^>]*[\s/\"']on[a-z]{3,}\s*=", re.IGNORECASE)

# The shapes that the providers document; each is long enough that no word has it by chance.
SECRETS = re.compile(
    r"\b(?:sk-(?:proj-|ant-(?:api\d\d-)?|or-v1-)?[A-Za-z0-9_-]{32,}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,}|"
    r"(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|xox[abprs]-[\w-]{20,}|hf_[A-Za-z0-9]{30,}|glpat-[\w-]{20,}|"
    r"npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,}|r8_[A-Za-z0-9]{36,}|[rs]k_live_[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{40,})|"
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
)


@rule("SEC012", "A key that is published is used by others within minutes.")
def secrets(page: Page, site: Site) -> Iterator[Fault]:
    for match in SECRETS.finditer(page.text):
        key = match.group()
        body = re.sub(r"^[A-Za-z]+[-_]", "", key)
        if "EXAMPLE" in key.upper() or re.search(r"(.)\1{7}|1234567|abcdefgh|your[-_]", body, re.IGNORECASE):
            continue
        message = "this has the shape of a live key; write a placeholder such as 'YOUR_KEY', and revoke the key"
        yield at(*page.place(match.start()), message)


SHOWN = {  # what a browser fetches as soon as it sees the element
    "img": ("src", "srcset"),
    "audio": ("src",),
    "video": ("src", "poster"),
    "source": ("src", "srcset"),
    "track": ("src",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}


@rule("SEC014", "A picture or sound from another host tells that host of each reader, and can change or vanish.")
def foreign_files(page: Page, site: Site) -> Iterator[Fault]:
    if not site.settings.own_files:
        return
    shown = [
        (tag.offset, address.split()[0])
        for tag in page.tags
        for name in SHOWN.get(tag.name, ())
        for address in unescape(tag.attributes.get(name, "")).split(",")
        if address.strip()
    ]
    for link in page.links:
        target = page.definitions.get(link.target) if link.kind == "reference" else link
        if link.image and target:
            shown.append((link.offset - 1, unescape(target.target)))
    for offset, address in shown:
        host = urlsplit(address).netloc
        if host and host not in site.settings.allowed_hosts:
            yield at(*page.place(offset), f"this is fetched from {host}; keep a copy in the docs, and show that")


@rule("SEC013", "A directive in a diagram can lower what the renderer forbids.")
def diagram_directives(page: Page, site: Site) -> Iterator[Fault]:
    for fence in page.fences:
        if fence.language != "mermaid":
            continue
        for number, line in enumerate(fence.text.split("\n"), start=1):
            match = re.search(
                r"securityLevel|htmlLabels[\"']?\s*:\s*[\"']?true|dompurifyConfig|\bsecure[\"']?\s*:|themeCSS|startOnLoad",
                line,
            )
            if match and (re.search(r"%%\{", fence.text) or fence.text.lstrip().startswith("---")):
                if match[0] == "securityLevel" and re.search(r"securityLevel[\"']?\s*:\s*[\"']?strict", line):
                    continue
                yield at(
                    fence.line + number,
                    fence.indent + match.start() + 1,
                    f"'{match[0].split(':')[0]}' in a diagram is not allowed; remove it",
                )
        for number, line in enumerate(fence.text.split("\n"), start=1):
            tag = re.search(
                r"<(script|iframe|img|svg|style|object|embed|form)\b|\son[a-z]{3,}\s*=", unescape(line), re.IGNORECASE
            )
            if tag:
                yield at(
                    fence.line + number, fence.indent + tag.start() + 1, "HTML in a diagram is not allowed; write text"
                )
