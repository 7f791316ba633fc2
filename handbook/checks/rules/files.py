"""Files: whole, readable everywhere, and meant to be published."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator

import yaml

from handbook.checks import encoding as encoding_of
from handbook.checks.page import Page
from handbook.checks.rules import Fault, Fix, at, rule
from handbook.checks.rules.links import page_address
from handbook.checks.site import PAGE_SUFFIXES, Site

RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$", re.IGNORECASE)
STRAY = re.compile(
    r"(\.env(\..*)?|.*\.(env|pem|key|p12|pfx|jks|keystore|kdbx|ovpn|sqlite3?|db|bak|old|orig|rej|swp|swo|tmp|log|pyc|"
    r"psd|ai|sketch|fig|docx?|xlsx?|pptx?|odt|exe|dll|dylib|so|msi|dmg|pkg|deb|rpm|bat|cmd|ps1|zip|tar|gz|tgz|7z|rar|har|dump)|"
    r"id_(rsa|dsa|ecdsa|ed25519).*|thumbs\.db|desktop\.ini|\.ds_store|.*~|\.netrc|\.htpasswd|\.npmrc|\.pypirc|credentials(\.json)?|"
    r"service[-_]account.*\.json|.*secret.*\.(json|ya?ml|txt|toml)|\.git(-credentials)?)$",
    re.IGNORECASE,
)
# Not published, for they begin with a dot, but committed.
SECRET = re.compile(r"(\.env(\..*)?|\.netrc|\.htpasswd|\.npmrc|\.pypirc|\.git-credentials)$", re.IGNORECASE)
TEXT = (*PAGE_SUFFIXES, ".css", ".js", ".json", ".yml", ".yaml", ".txt", ".svg", ".html", ".toml", ".csv", ".py")


@rule("FILE001", "Two names that differ only in case are one file on Windows and macOS.", scope="file")
def case_twins(name: str, site: Site) -> Iterator[Fault]:
    twins = [other for other in _twins(site).get(unicodedata.normalize("NFC", name).lower(), []) if other < name]
    if twins:
        yield at(1, 0, f"'{name}' and '{twins[0]}' are one file on Windows and macOS; rename one")
    folder = name
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        others = {
            o
            for f in site.files
            for o in [f[: len(folder)]]
            if o != folder and o.lower() == folder.lower() and f[len(folder) :].startswith("/")
        }
        if others and min(others) < folder and next(f for f in site.files if f.startswith(folder + "/")) == name:
            yield at(1, 0, f"the folders '{folder}' and '{min(others)}' are one on Windows and macOS; rename one")


def _twins(site: Site) -> dict[str, list[str]]:
    cached = site.__dict__.get("_twins")
    if cached is None:
        cached = {}
        for name in site.files:
            cached.setdefault(unicodedata.normalize("NFC", name).lower(), []).append(name)
        site.__dict__["_twins"] = cached
    return cached


@rule("FILE002", "A name that Windows can't hold stops the checkout there.", scope="file")
def windows_signs(name: str, site: Site) -> Iterator[Fault]:
    for part in name.split("/"):
        bad = re.search(r"[<>:\"\\|?*\x00-\x1f]", part)
        if bad:
            yield at(1, 0, f"'{part}' holds {bad.group()!r}, which Windows can't; rename it")
        elif part.endswith((".", " ")) or part.startswith(" "):
            yield at(1, 0, f"'{part}' begins or ends with a blank or a dot, which Windows drops; rename it")


@rule("FILE003", "A name that Windows keeps for itself stops the checkout there.", scope="file")
def windows_names(name: str, site: Site) -> Iterator[Fault]:
    for part in name.split("/"):
        if RESERVED.match(part):
            yield at(1, 0, f"'{part.partition('.')[0]}' is reserved on Windows; rename it")


@rule(
    "FILE004",
    "Blanks, capitals and accents make an address that can't be read out or typed.",
    severity="warning",
    scope="file",
)
def names(name: str, site: Site) -> Iterator[Fault]:
    if site.is_excluded(name):
        return
    bad = re.search(r"[^A-Za-z0-9._/@+-]", name) if name.lower().endswith(PAGE_SUFFIXES) else re.search(r"\s", name)
    if bad:
        stem = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        better = re.sub(r"[^a-z0-9./-]+", "-", stem.lower()).strip("-").replace("-.", ".")
        yield at(1, 0, f"'{name}' makes an awkward address; use lower-case kebab-case: '{better}'")


@rule("FILE005", "A file in another encoding stops the build.", scope="file")
def encoding(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if not name.lower().endswith(TEXT) or not path.is_file() or site.is_excluded(name):
        return
    data = path.read_bytes()
    if not name.lower().endswith(PAGE_SUFFIXES) and re.search(rb"encoding=|charset", data[:1024]):
        return  # it says itself how it is to be read
    wrong = encoding_of.fault(data)
    if wrong:
        yield at(*wrong)
    elif b"\x00" in data:
        yield at(data.count(b"\n", 0, data.index(b"\x00")) + 1, 0, "the file holds a NUL byte; save it as text")


@rule("FILE012", "Of two files with one address, only one is published.", scope="file")
def one_address(name: str, site: Site) -> Iterator[Fault]:
    if name not in site.page_set:
        return
    first = site.by_address[page_address(site, name)][0]
    if first != name:
        yield at(1, 0, f"'{name}' and '{first}' have one address, and only one is published; rename or join them")


@rule("FILE014", "A file of data that can't be read fails in whatever reads it.", scope="file")
def data_file(name: str, site: Site) -> Iterator[Fault]:
    path, suffix = site.docs / name, name.lower().rpartition(".")[2]
    if suffix not in ("json", "yaml", "yml", "toml") or not path.is_file() or site.is_excluded(name):
        return
    data = path.read_bytes()
    if encoding_of.fault(data) or re.search(rb"\{[{%]", data):
        return  # FILE005 tells; or a template
    text = data.decode("utf-8-sig")
    try:
        if suffix == "json":
            json.loads(text)
        elif suffix == "toml":
            tomllib.loads(text)
        else:
            list(yaml.compose_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except json.JSONDecodeError as error:
        yield at(error.lineno, error.colno, f"invalid JSON: {error.msg[0].lower()}{error.msg[1:]}; mend the file")
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+), column (\d+)", str(error))
        reason = re.sub(r" \(at .*\)", "", str(error))
        place = (int(where[1]), int(where[2])) if where else (text.count("\n") or 1, 0)
        yield at(*place, f"invalid TOML: {reason[0].lower()}{reason[1:]}; mend the file")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = (mark.line + 1, mark.column + 1) if mark else (1, 0)
        yield at(*place, f"invalid YAML: {getattr(error, 'problem', None) or error}; mend the file")


@rule("FILE006", "A byte order mark hides the front matter or the title behind it.", scope="file")
def byte_order_mark(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if name.lower().endswith(PAGE_SUFFIXES) and path.is_file() and not site.is_excluded(name):
        with path.open("rb") as file:
            if file.read(3) == b"\xef\xbb\xbf":
                yield at(
                    1, 1, "the file begins with a byte order mark; save it as UTF-8 without one", Fix(0, 0, 0, "bom")
                )


@rule("FILE007", "Lines that end as on Windows make diffs of whole files.", severity="warning", scope="file")
def line_ends(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if name.lower().endswith(PAGE_SUFFIXES) and path.is_file() and not site.is_excluded(name):
        data = path.read_bytes()
        if b"\r" in data:
            line, sign = data.count(b"\n", 0, data.index(b"\r")) + 1, "CRLF" if b"\r\n" in data else "CR"
            mend = "use LF (.gitattributes: *.md text eol=lf)"
            yield at(line, 0, f"the lines end with {sign}; {mend}", Fix(0, 0, 0, "lf"))


@rule("FILE009", "A symbolic link that leaves the docs publishes what it points to.", scope="file")
def symbolic_links(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if not path.is_symlink():
        return
    goal = os.path.realpath(path)
    inside = os.path.realpath(site.docs)
    if os.path.commonpath([goal, inside]) != inside:
        yield at(1, 0, f"'{name}' is a symbolic link that leaves the docs, and its target is published; copy the file")
    elif not os.path.exists(goal):
        yield at(1, 0, f"'{name}' is a symbolic link to nothing; remove it")


@rule("FILE010", "Everything under the docs is published as it is.", scope="file")
def stray(name: str, site: Site) -> Iterator[Fault]:
    base = name.rpartition("/")[2]
    if not STRAY.match(base) or any(fnmatch.fnmatchcase(name, pattern) for pattern in site.settings.allowed_files):
        return
    if site.is_excluded(name) and not SECRET.match(base):
        return
    kind = base.lstrip(".") if SECRET.match(base) else base.rpartition(".")[2] or base
    harm = "holds secrets" if site.is_excluded(name) else "is published"
    yield at(1, 0, f"a .{kind} file is not allowed under {site.docs.name}/, for it {harm}; move it out")


@rule("FILE011", "Marks of a merge conflict stand in the page, and turn text into headings.", scope="file")
def merge_conflict(name: str, site: Site) -> Iterator[Fault]:
    path = site.docs / name
    if not name.lower().endswith(TEXT) or not path.is_file():
        return
    text = path.read_bytes().decode("utf-8", "replace")
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return
    fenced: set[int] = set()
    if name.lower().endswith(PAGE_SUFFIXES) and (page := site.page(name)):
        # A page about conflicts shows them in a fence, as a whole and often indented.
        for fence in page.fences:
            if fence.language in ("diff", "text", "git", "conflict", "console"):
                fenced.update(range(fence.line, fence.end + 1))
    for number, line in enumerate(text.splitlines(), start=1):
        mark = re.match(r"[ \t>]*?(<{7}|>{7})( |$)", line)
        if mark and number not in fenced:
            yield at(number, mark.start(1) + 1, "a merge-conflict marker; settle the conflict")
            return


INVISIBLE = {
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "bidi control"),
    **dict.fromkeys("\u200b\u2060\ufeff\u180e", "zero-width space"),
    **dict.fromkeys("\u200e\u200f\u061c", "direction mark"),
    "\u00ad": "soft hyphen",
    **{chr(code): "tag character" for code in range(0xE0000, 0xE0080)},
    **{chr(code): "control character" for code in (*range(1, 9), 11, *range(14, 27), *range(28, 32), 127)},
}
IN_CODE = {
    "\u00a0": "no-break space", "\u202f": "narrow no-break space", "\u2007": "figure space",
    "\u3000": "ideographic space",
    "\u200c": "zero-width non-joiner", "\u200d": "zero-width joiner",
    **{chr(code): "wide space" for code in range(0x2000, 0x200B)},
}  # fmt: skip
SIGNS = frozenset({**INVISIBLE, **IN_CODE})
SUSPECT = re.compile("[" + re.escape("".join({**INVISIBLE, **IN_CODE})) + "]")


@rule("FILE013", "A sign that can't be seen makes text read other than it copies, and code fail.")
def invisible(page: Page, site: Site) -> Iterator[Fault]:
    if SIGNS.isdisjoint(page.text):
        return
    code = {line.number for line in page.parsed if line.kind in ("code", "indented")}
    for match in SUSPECT.finditer(page.text):
        sign = match.group()
        line, column = page.place(match.start())
        in_code = line in code or any(a <= match.start() < b for a, b in page.code_spans)
        if sign in IN_CODE and not in_code:
            continue
        if in_code and sign == "\u00a0" and re.search("[│├└─]", page.lines[line - 1]):
            continue  # a tree of folders, as `tree` draws it
        if sign == "\u200d" or (sign == "\ufe0f"):
            continue
        what = INVISIBLE.get(sign) or IN_CODE[sign]
        where = " in code" if in_code else ""
        yield at(line, column, f"U+{ord(sign):04X} {what}{where} can't be seen; remove it, or write an ordinary blank")
