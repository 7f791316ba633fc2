"""The site as a zip that opens from a memory stick: unpacked, it is read by `file://`, without any server.

Two things differ there. A link to a folder shows the folder, so that every link must name its `index.html`. And a
script may load another script, but neither a module nor a file of data: see `_search`.
"""

from __future__ import annotations

import json
import posixpath
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from handbook.editions import archive
from handbook.editions.contents import Book, EditionError

# Of no use without a server, or made by the editions themselves.
LEFT_OUT = re.compile(
    r"editions/|(.*/)?index\.md$|llms\.txt$|404\.html$|sitemap\.xml|robots\.txt|assets/social/|SHA256SUMS|sbom\.cdx\.json"
)
_LINK = re.compile(r"""(\s(?:href|src)=)("[^"]*"|'[^']*'|[^\s>"']+)""")


def make(book: Book, site: Path, target: Path) -> None:
    """Write the zip; everything is in one folder, so that unpacking it litters nothing."""
    names = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    files = {name: path.read_bytes() for name, path in names.items() if not LEFT_OUT.match(name)}
    for name in [name for name in files if name.endswith(".html")]:
        files[name] = _page(files[name].decode("utf-8"), name, site).encode()
    _comforts(files)
    _search(files)
    root = book.file_name
    archive.write(target, [(f"{root}/{name}", files[name], zipfile.ZIP_DEFLATED) for name in sorted(files)])


def _page(html: str, name: str, site: Path) -> str:
    """Let the links of a page to folders name the page in the folder."""

    def name_it(match: re.Match[str]) -> str:
        quote = match.group(2)[0] if match.group(2)[0] in "\"'" else ""
        return f"{match.group(1)}{quote}{link(match.group(2).strip(quote or None), name, site)}{quote}"

    return _LINK.sub(name_it, html)


def link(address: str, page: str, site: Path) -> str:
    """Return the address with `index.html` where it led to a folder of the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return address
    path = site / posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    if not path.is_dir():
        return address
    return parts._replace(path=posixpath.join(parts.path, "index.html").removeprefix("./")).geturl()


# ── The comforts of reading: a module that reading.js imports ────────────────

_READING = "assets/javascripts/reading.js"
_COMFORTS = "assets/javascripts/comforts.js"
# Loads a script once, and waits for it.
_CLASSIC = """(src) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src, onload: resolve, onerror: reject });
    document.head.append(script);
  })"""


def _comforts(files: dict[str, bytes]) -> None:
    """Let reading.js load the comforts as a plain script."""
    if _COMFORTS not in files:
        return
    reading = files[_READING].decode()
    if _LOADER not in reading:
        raise EditionError(f"{_READING} no longer imports {_COMFORTS} by {_LOADER}: teach handbook/editions/offline.py")
    given = f"({_CLASSIC})(file).then(() => globalThis.handbookComforts)"
    files[_READING] = reading.replace(_LOADER, given).encode()
    module = _module(_COMFORTS, files[_COMFORTS].decode())
    export = f"globalThis.handbookComforts = modules[{json.dumps(_COMFORTS)}];"
    files[_COMFORTS] = f'(() => {{\n"use strict";\nconst modules = {{}};\n{module}\n{export}\n}})();\n'.encode()


# ── Search ───────────────────────────────────────────────────────────────────

_BOX = "assets/javascripts/search-box.js"
_MODULES = ("assets/kept/minisearch-7.2.0.js", "assets/javascripts/search-engine.js", "assets/javascripts/search.js")
_BUNDLE = "assets/javascripts/search-offline.js"
_LOADER = "import(file)"
# By `file://` a page may not fetch data, but may load a script that brings it.
_FETCH = """
const fetched = new Map();
globalThis.handbookOffline = (name, data) => fetched.get(name)?.(data);
const fetch = (url) => new Promise((resolve, reject) => {
  const name = url.href.slice(unpackedRoot.href.length);
  const script = document.createElement("script");
  fetched.set(name, (data) => resolve({ ok: true, json: () => Promise.resolve(data) }));
  script.onerror = () => reject(new Error(`${name} is missing`));
  script.src = `${url.href}.js`;
  document.head.append(script);
});
"""


def _search(files: dict[str, bytes]) -> None:
    """Let the search do without modules and `fetch`: one script of all its modules, and its data as scripts."""
    if _BOX not in files:
        return
    box = files[_BOX].decode()
    missing = [name for name in _MODULES if name not in files]
    if missing or _LOADER not in box:
        raise EditionError(f"the search has changed ({missing or _LOADER}): teach handbook/editions/offline.py")
    loader = f'import_(new URL("{posixpath.basename(_BUNDLE)}", scripts).href)'
    once = f"const import_ = {_CLASSIC};\n  const bundle = () => (import_.done ??= {loader});\n"
    opening = re.search(r"\(\(\) => \{\n", box)
    if not opening:
        raise EditionError(f"{_BOX} is no longer a function that calls itself: teach handbook/editions/offline.py")
    box = box[: opening.end()] + "  " + once + box[opening.end() :].replace(_LOADER, "bundle()")
    files[_BOX] = box.encode()
    modules = "\n".join(_module(name, files.pop(name).decode()) for name in _MODULES)
    root = 'const unpackedRoot = new URL("../../", document.currentScript.src);'
    files[_BUNDLE] = f'(() => {{\n"use strict";\n{root}\n{_FETCH}const modules = {{}};\n{modules}\n}})();\n'.encode()
    for name in [name for name in files if re.match(r"search/.*\.json$", name)]:
        data = json.loads(files.pop(name))
        for page in data.get("pages", []) if name == "search/start.json" else []:
            page[0] += "index.html" if page[0] == "" or page[0].endswith("/") else ""
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        files[f"{name}.js"] = f"handbookOffline({json.dumps(name)}, {text});\n".encode()


def _module(name: str, code: str) -> str:
    """Wrap a module into a function: what it imports and exports goes through the object `modules`."""

    def imported(match: re.Match[str]) -> str:
        default, named, source = match.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), source))
        names = f"{{ default: {default} }}" if default else named.replace(" as ", ": ")
        return f"const {names} = modules[{json.dumps(path)}];"

    exports: dict[str, str] = {}

    def exported(match: re.Match[str]) -> str:
        exports[match.group(2)] = match.group(2)
        return match.group(1)

    def listed(match: re.Match[str]) -> str:
        for each in filter(None, (part.strip() for part in match.group(1).split(","))):
            local, _, outer = each.partition(" as ")
            exports[outer or local] = local
        return ""

    code = re.sub(r'^import\s+(?:(\w+)|(\{[^}]*\}))\s+from\s+"([^"]+)";', imported, code, flags=re.MULTILINE)
    code = re.sub(r"^export\s+((?:async\s+)?(?:function|class|const|let)\s+(\w+))", exported, code, flags=re.MULTILINE)
    code = re.sub(r"(?:^|(?<=;))export\s*\{([^}]*)\};?", listed, code, flags=re.MULTILINE)
    code = code.replace("import.meta.url", f"new URL({json.dumps(name)}, unpackedRoot)")
    if odd := re.search(r"^\s*(?:import|export)\b.*", code, flags=re.MULTILINE):
        raise EditionError(f"{name}: teach handbook/editions/offline.py this: {odd.group()[:80]}")
    given = ", ".join(f"{outer}: {local}" for outer, local in exports.items())
    return f"modules[{json.dumps(name)}] = (() => {{\n{code}\nreturn {{ {given} }};\n}})();"
