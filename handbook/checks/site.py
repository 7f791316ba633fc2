"""A MkDocs site as its sources say it: mkdocs.yml and the files under docs_dir."""

from __future__ import annotations

import fnmatch
import importlib
import os
import posixpath
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from handbook.checks import encoding, settings
from handbook.checks.page import Page

PAGE_SUFFIXES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")


class SiteError(Exception):
    """The site can't be checked."""


@dataclass(frozen=True)
class Named:
    """A Python object that the configuration names; looked up only when it is needed."""

    name: str
    arguments: Any = None

    def resolve(self) -> Any:
        module, _, attribute = self.name.rpartition(".")
        if not module or module.partition(".")[0] in sys.stdlib_module_names:
            raise ValueError(f"'{self.name}' is not for a configuration")  # SEC015 tells: it could do anything
        found = getattr(importlib.import_module(module), attribute)
        if self.arguments is None:
            return found
        return found(*self.arguments.get("args", []), **self.arguments.get("kwds", {}))


class Environment(str):
    """A value that the environment gives at build time."""


class Marked(str):
    """A scalar that remembers where it stands."""

    line = 0
    column = 0
    path = ""


_Composer = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(yaml.SafeLoader):
    source = ""


def _string(loader: _Loader, node: yaml.ScalarNode) -> Marked:
    value = Marked(node.value)
    value.line, value.column, value.path = node.start_mark.line + 1, node.start_mark.column + 1, loader.source
    return value


def _environment(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        raise yaml.MarkedYAMLError(problem="!ENV wants a name, or a list of names", problem_mark=node.start_mark)
    names = [node.value] if isinstance(node, yaml.ScalarNode) else [child.value for child in node.value]
    for name in names if len(names) == 1 else names[:-1]:
        if name in os.environ:
            return yaml.safe_load(os.environ[name])
    return Environment(names[-1] if len(names) > 1 else "")


def _python(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if suffix.startswith("name:"):
        return Named(suffix.removeprefix("name:"))
    if suffix.startswith("object/apply:"):
        if isinstance(node, yaml.MappingNode):
            arguments = loader.construct_mapping(node, deep=True)
        else:
            arguments = {"args": loader.construct_sequence(node, deep=True)}
        return Named(suffix.removeprefix("object/apply:"), arguments)
    return None


def _other(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if suffix == "relative":
        return Relative(getattr(node, "value", ""))
    return None


class Relative(str):
    """`!relative`: a folder that MkDocs knows."""


_Loader.add_constructor("tag:yaml.org,2002:str", _string)
_Loader.add_constructor("!ENV", _environment)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _python)
_Loader.add_multi_constructor("!", _other)


@dataclass
class Nav:
    """An entry of the navigation."""

    target: str
    line: int
    column: int
    path: str = ""


@dataclass(eq=False)  # a key for what is remembered of it
class Site:
    """`root` is the folder of mkdocs.yml; paths of pages are relative to `docs`, with slashes."""

    file: Path
    config: dict[str, Any]
    settings: settings.Settings
    _pages: dict[str, Page | Exception] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> Site:
        """Read the configuration; raises SiteError."""
        if not file.is_file():
            raise SiteError(f"no such file: {file}")
        try:
            config = _read(file, frozenset())
            _check_kinds(file, config)
            return cls(file, config, settings.load(file.parent))
        except ValueError as error:
            raise SiteError(str(error)) from error

    @property
    def root(self) -> Path:
        return self.file.parent

    @cached_property
    def docs(self) -> Path:
        return self.root / str(self.config.get("docs_dir") or "docs")

    def shown(self, path: Path) -> str:
        """A path as messages name it: from the working directory where it lies below that."""
        absolute = os.path.abspath(path)
        relative = os.path.relpath(absolute)
        return Path(absolute if relative.startswith("..") else relative).as_posix()

    @cached_property
    def files(self) -> list[str]:
        """Every file under the docs, as it is spelt on the disk; symbolic links are not followed."""
        found = []
        for folder, folders, names in os.walk(self.docs):
            folders.sort()
            for name in names:
                found.append(Path(folder, name).relative_to(self.docs).as_posix())
            found += [
                Path(folder, name).relative_to(self.docs).as_posix()
                for name in folders
                if Path(folder, name).is_symlink()
            ]
        return sorted(found)

    @cached_property
    def file_set(self) -> frozenset[str]:
        return frozenset(self.files)

    @cached_property
    def folders(self) -> frozenset[str]:
        return frozenset(str(parent) for name in self.files for parent in PurePosixPath(name).parents)

    @cached_property
    def by_lower_case(self) -> dict[str, str]:
        return {name.lower(): name for name in self.files}

    @cached_property
    def pages(self) -> list[str]:
        return [name for name in self.files if name.lower().endswith(PAGE_SUFFIXES) and not self.is_excluded(name)]

    @cached_property
    def page_set(self) -> frozenset[str]:
        return frozenset(self.pages)

    @cached_property
    def by_address(self) -> dict[str, list[str]]:
        """The pages of each built file; of several, MkDocs publishes one."""
        from handbook.checks.rules.links import page_address  # noqa: PLC0415 (they name each other)

        found: dict[str, list[str]] = {}
        for name in self.pages:
            found.setdefault(page_address(self, name), []).append(name)
        return found

    @cached_property
    def nodes(self) -> list[tuple[Path, yaml.MappingNode]]:
        """The configuration as it is written, and after it the files from which it inherits."""
        found, file = [], self.file
        while True:
            node = yaml.compose(file.read_text(encoding="utf-8"), _Composer)
            if not isinstance(node, yaml.MappingNode):
                return found
            found.append((file, node))
            parent = next((value.value for key, value in node.value if key.value == "INHERIT"), None)
            if not parent:
                return found
            file = file.parent / parent

    def node(self, key: str) -> tuple[Path, yaml.Node] | None:
        """The value of a key at the top, and the file in which it stands."""
        for file, node in self.nodes:
            for name, value in node.value:
                if name.value == key:
                    return file, value
        return None

    def page(self, name: str) -> Page | None:
        """A page of the site; None where it can't be read (a rule of its own reports that)."""
        if name not in self._pages:
            try:
                page = Page.read(self.docs / name, self.docs)
                page.maths = self.math_signs
                self._pages[name] = page
            except (UnicodeDecodeError, OSError) as error:
                self._pages[name] = error
        found = self._pages[name]
        return found if isinstance(found, Page) else None

    def name_of(self, path: Path) -> str | None:
        """A file's name below the docs; None for a file elsewhere."""
        absolute = os.path.abspath(path).replace(os.sep, "/")
        return absolute.removeprefix(self._below) if absolute.startswith(self._below) else None

    @cached_property
    def _below(self) -> str:
        return os.path.abspath(self.docs).replace(os.sep, "/").rstrip("/") + "/"

    # ── Markdown ─────────────────────────────────────────────────────────────

    @cached_property
    def extensions(self) -> dict[str, dict[str, Any]]:
        """The Markdown extensions with their options; MkDocs always has toc, tables and fenced_code."""
        found: dict[str, dict[str, Any]] = {"toc": {}, "tables": {}, "fenced_code": {}}
        given = self.config.get("markdown_extensions") or []
        entries = given.items() if isinstance(given, dict) else [_entry(item) for item in given]
        for name, options in entries:
            if name is not None:
                found[_long_name(str(name))] = options if isinstance(options, dict) else {}
        if "pymdownx.extra" in found:
            for name in ("pymdownx.superfences", "footnotes", "attr_list", "def_list", "abbr", "md_in_html", "tables"):
                found.setdefault(name, (found["pymdownx.extra"] or {}).get(name, {}))
        if "extra" in found:
            for name in ("footnotes", "attr_list", "def_list", "abbr", "md_in_html", "tables"):
                found.setdefault(name, {})
        return found

    def has(self, *names: str) -> bool:
        return any(name in self.extensions for name in names)

    @cached_property
    def math_signs(self) -> tuple[str, ...]:
        options = self.extensions.get("pymdownx.arithmatex")
        if options is None:
            return ()
        inline = options.get("inline_syntax", ["dollar", "round"])
        block = options.get("block_syntax", ["dollar", "square", "begin"])
        signs = ["dollar"] * ("dollar" in inline or "dollar" in block)
        return tuple(signs + ["round"] * ("round" in inline or "square" in block))

    @cached_property
    def custom_fences(self) -> set[str]:
        options = self.extensions.get("pymdownx.superfences") or {}
        fences = options.get("custom_fences") or []
        return {str(fence.get("name")) for fence in fences if isinstance(fence, dict)}

    # ── Contents ─────────────────────────────────────────────────────────────

    @cached_property
    def nav(self) -> list[Nav] | None:
        """The entries of the navigation in order; None where MkDocs makes it up."""
        given = self.config.get("nav")
        return list(_nav(given)) if given else None

    @cached_property
    def _excluded(self) -> list[str]:
        return _patterns(self.config.get("exclude_docs"))

    def is_excluded(self, name: str) -> bool:
        # MkDocs leaves out what begins with a dot, and `templates/` at the top, unless told otherwise.
        return _ignored(name, [".*", "/templates/", *self._excluded])

    def may_be_unlisted(self, name: str) -> bool:
        unlisted = _patterns(self.config.get("not_in_nav")) + _patterns(self.config.get("draft_docs"))
        return _ignored(name, unlisted)

    @cached_property
    def plugins(self) -> dict[str, dict[str, Any]]:
        given = self.config.get("plugins")
        given = ["search"] if given is None else given
        entries = given.items() if isinstance(given, dict) else [_entry(item) for item in given]
        return {str(name): options if isinstance(options, dict) else {} for name, options in entries}

    @cached_property
    def makes_pages(self) -> bool:
        """Whether a plugin or hook writes pages that are in no file."""
        makers = ("gen-files", "api-autonav", "autoapi", "mkdoxy", "blog", "monorepo", "multirepo", "macros", "i18n")
        return bool(self.config.get("hooks")) or any(name.removeprefix("material/") in makers for name in self.plugins)

    @cached_property
    def hooks(self) -> str:
        """The text of the site's hooks, which may replace marks in its pages."""
        files = [self.root / str(entry) for entry in self.config.get("hooks") or []]
        found = [path for file in files for path in (file.parent.glob("*.py") if file.is_file() else ())]
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(set(found)))

    @property
    def theme(self) -> dict[str, Any]:
        theme = self.config.get("theme") or {}
        return theme if isinstance(theme, dict) else {"name": str(theme)}

    @property
    def base_path(self) -> str:
        return urlsplit(str(self.config.get("site_url") or "")).path or "/"

    @property
    def strict(self) -> bool:
        if self.settings.warnings:
            return self.settings.warnings == "red"
        return bool(self.config.get("strict"))

    def line_of(self, *keys: str) -> tuple[Path, int]:
        """Where the first of these keys that the configuration has stands: the file and the line."""
        for key in keys:
            for place in _keys(self.config):
                if place == key and isinstance(place, Marked):
                    return Path(place.path), place.line
        return self.file, 1

    def requires(self, name: str) -> bool:
        """Whether the project's own lists of packages name one, though it may not be installed here."""
        wanted = name.rpartition("/")[2].partition(".")[0].replace("_", "-").lower()
        return re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?=s?(?![a-z0-9]))", self._requirements) is not None

    @cached_property
    def _requirements(self) -> str:
        globs = ("*requirements*", "requirements/*", "docs/*requirements*", "docs/*/requirements*", "*.lock")
        names = ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "hatch.toml", "Pipfile", "environment.yml")
        files = [path for pattern in (*globs, *names) for path in self.root.glob(pattern) if path.is_file()]
        return "\n".join(path.read_text("utf-8", "replace") for path in files).replace("_", "-").lower()

    # ── Rendering ────────────────────────────────────────────────────────────

    @cached_property
    def _engine(self) -> Any:
        """Python-Markdown under the site's own extensions, as far as they are installed."""
        from markdown import Markdown  # noqa: PLC0415 (slow, and seldom needed)

        names, options = [], {}
        for name, given in self.extensions.items():
            more = {"base_path": self.snippet_folders, "check_paths": False} if name == "pymdownx.snippets" else {}
            try:
                configured = _resolved({**given, **more})
                Markdown(extensions=[name], extension_configs={name: configured})
            except Exception:  # an extension that isn't here, or asks for what is not here
                continue
            names.append(name)
            options[name] = configured
        return Markdown(extensions=names, extension_configs=options)

    @cached_property
    def snippet_folders(self) -> list[str]:
        given = (self.extensions.get("pymdownx.snippets") or {}).get("base_path", ["."])
        given = [given] if isinstance(given, str) else given or ["."]
        folders = []
        for folder in given:
            if isinstance(folder, Relative):
                relative = str(folder)
                relative = relative.replace("$docs_dir", str(self.docs)).replace("$config_dir", str(self.root))
                folders.append(str(self.docs if not relative else self.root / relative))
            elif folder is not None:
                folders.append(os.path.join(self.root, str(folder)))
        return folders

    @cached_property
    def appended_definitions(self) -> set[str]:
        """The references that `auto_append` defines on every page."""
        given = (self.extensions.get("pymdownx.snippets") or {}).get("auto_append") or []
        paths = [Path(folder) / str(name) for name in given for folder in self.snippet_folders]
        pages = [Page(path, path.read_text("utf-8", "replace")) for path in paths if path.is_file()]
        # What they take in in turn.
        inner = [
            Path(f) / line.strip()
            for p in pages
            if "8<-" in p.text
            for line in p.lines
            for f in self.snippet_folders
            if line.strip()
        ]
        pages += [Page(path, path.read_text("utf-8", "replace")) for path in inner if path.is_file()]
        return {name for page in pages for name in page.definitions}

    def render(self, page: Page) -> str:
        """A page's HTML under the site's extensions, without what plugins would add."""
        body = "\n" * page.body + "\n".join(page.lines[page.body :])
        with mkdocs_silent():
            engine = self._engine
            engine.reset()
            return engine.convert(body)

    # ── Anchors ──────────────────────────────────────────────────────────────

    @cached_property
    def _slugify(self) -> Any:
        options = self.extensions.get("toc") or {}
        slugify = options.get("slugify")
        if isinstance(slugify, Named):
            try:
                return slugify.resolve()
            except Exception:
                return None
        return default_slugify

    @cached_property
    def _separator(self) -> str:
        return str((self.extensions.get("toc") or {}).get("separator", "-"))

    def anchors(self, name: str) -> set[str]:
        """What a fragment of a page's address may name."""
        if name not in self._anchors:
            page = self.page(name)
            self._anchors[name] = self._source_anchors(page) if page else set()
        return self._anchors[name]

    @cached_property
    def _anchors(self) -> dict[str, set[str]]:
        return {}

    def slug(self, heading: str) -> str:
        """The id that a heading's text gives; "" where that is not known."""
        return self._slugify(plain(heading), self._separator) if self._slugify else ""

    def heading_ids(self, page: Page) -> list[tuple[Any, str]]:
        """Each heading with the id that it gets."""
        taken = {identifier for _, identifier in given_ids(page)}
        result = []
        for heading in page.headings:
            if heading.id:
                result.append((heading, heading.id))
                continue
            slug = self.slug(heading.text)
            while slug in taken or not slug:
                match = re.fullmatch(r"(.+)_(\d+)", slug)
                slug = f"{match[1]}_{int(match[2]) + 1}" if match else f"{slug}_1"
            taken.add(slug)
            result.append((heading, slug))
        return result

    def _source_anchors(self, page: Page) -> set[str]:
        anchors = {identifier for _, identifier in given_ids(page)}
        anchors.update(slug for _, slug in self.heading_ids(page))
        for line in page.parsed:
            if line.kind == "text" and line.role == "note" and line.text.startswith("[^"):
                anchors.add("fn:" + line.text[2:].split("]", 1)[0])
        for match in re.finditer(r"\[\^([^\]\s]+)\]", page.inline):
            anchors.add("fnref:" + match[1])
        return anchors

    def rendered_anchors(self, name: str) -> set[str] | None:
        """The ids of the page as it is built; None where the source doesn't decide them."""
        page = self.page(name)
        if page is None or re.search(r"(?m)^\s*(?:#+ +)?::: |\{\{|\{%", page.text) or self._slugify is None:
            return None
        try:
            html = self.render(page)
        except Exception:
            return None
        return set(re.findall(r"""\s(?:id|name)=["']?([^"'\s>]+)""", html))


@contextmanager
def mkdocs_silent() -> Iterator[None]:
    """Extensions of ours warn through MkDocs' logger, which here would say everything twice."""
    import logging  # noqa: PLC0415

    logger = logging.getLogger("mkdocs")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def given_ids(page: Page) -> Iterator[tuple[int, str]]:
    """(offset, id) of every id that the source writes: in attribute lists and in raw HTML."""
    for match in re.finditer(r"\{:?[ ]*([^}\n{]*?(?:#[^\s}]+|\bid=)[^}\n{]*)\}", page.inline):
        for found in re.finditer(r"(?:^|\s)#([^\s}#=]+)|\bid=[\"']?([^\s\"'}]+)", match[1]):
            if HIDDEN_SIGN not in found.group():
                yield match.start(1) + found.start(), found[1] or found[2]
    for tag in page.tags:
        for key in ("id", "name") if tag.name == "a" else ("id",):
            if tag.attributes.get(key):
                yield tag.offset, tag.attributes[key]
    for match in re.finditer(r"(?m)^[ ]{4,}attrs:.*\bid:\s*[\"']?([\w-]+)", page.text):
        yield match.start(1), match[1]


HIDDEN_SIGN = "\ue000"


def default_slugify(value: str, separator: str) -> str:
    import unicodedata  # noqa: PLC0415

    value = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode("ascii")
    value = re.sub(r"[^\w\s-]", "", value).strip().lower()
    return re.sub(rf"[{re.escape(separator)}\s]+", separator, value)


@lru_cache(maxsize=1 << 14)
def plain(text: str) -> str:
    """A heading's text without its markup."""
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"\{:?[^}]*\}", "", text) if re.search(r"[)\]`*]\{", text) else text
    text = re.sub(r"`+([^`]*)`+", r"\1", text)
    text = re.sub(r"<[^>]+>", "", text)
    text = re.sub(r"(\*\*|\*|~~|==|\^\^)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<!\w)(__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2", text)
    text = re.sub(r"\[\^[^\]]+\]", "", text)
    text = re.sub(r":[\w+-]+:", "", text) if re.search(r"(?<!\S):[\w+-]+:(?!\S)", text) else text
    text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return re.sub(r"\\(.)", r"\1", text).strip()


def _read(file: Path, seen: frozenset[Path]) -> dict[str, Any]:
    if file.resolve() in seen:
        raise ValueError(f"{file}: INHERIT leads in a circle")
    try:
        loader = _Loader(file.read_text(encoding="utf-8"))
        loader.source = str(file)
        config = loader.get_single_data() or {}
    except yaml.YAMLError as error:
        quoted = "quoted scalar" in (getattr(error, "context", None) or "")  # told best where it opens
        mark = getattr(error, "context_mark" if quoted else "problem_mark", None)
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else f"{file}:1"
        problem = getattr(error, "problem", None) or str(error)
        mend = next((mend for part, mend in MENDS.items() if part in ("quoted" if quoted else problem)), "mend it")
        raise ValueError(f"{place}: not valid YAML ({problem}); {mend}") from error
    except UnicodeDecodeError as error:
        line, column, message = encoding.fault(file.read_bytes()) or (1, 1, str(error))
        raise ValueError(f"{file}:{line}:{column}: {message}") from error
    except OSError as error:
        raise ValueError(f"{file}: can't be read ({error})") from error
    if not isinstance(config, dict):
        raise ValueError(f"{file}:1: not a mapping")
    parent = config.pop("INHERIT", None)
    if parent and not (isinstance(parent, str) and (file.parent / parent).is_file()):
        place = f"{file}:{parent.line}:{parent.column}" if isinstance(parent, Marked) else f"{file}:1"
        raise ValueError(f"{place}: INHERIT names {str(parent)!r}, and there is no such file; mend the path")
    if parent:
        config = _merged(_read(file.parent / parent, seen | {file.resolve()}), config)
    return config


# What to do about the mistakes that are made most.
MENDS = {
    "quoted": "close the quote",
    "mapping values are not allowed": "put quotes around a value that holds ': '",
    "\\t": "indent with blanks, not with tabs",
    "expected <block end>": "indent this line as its neighbours are",
    "undefined alias": "define it above as &name",
    "another document": "remove the line of three hyphens",
}

# What MkDocs takes for each key of which something is read here.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("markdown_extensions", "plugins"), (list, dict)),
    **dict.fromkeys(("nav", "extra_css", "extra_javascript", "hooks"), (list,)),
    **dict.fromkeys(("extra", "validation"), (dict,)),
    "theme": (str, dict),
}


def _check_kinds(file: Path, config: dict[str, Any]) -> None:
    for key, value in config.items():
        kinds = KINDS.get(key)
        if kinds and value is not None and not isinstance(value, kinds):
            place = f"{key.path}:{key.line}" if isinstance(key, Marked) else str(file)
            names = " or ".join({list: "a list", dict: "a mapping", str: "a name"}[kind] for kind in kinds)
            raise ValueError(f"{place}: '{key}' is {value!r}; write {names}")


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        merged = {key: _merged(below.get(key), value) for key, value in above.items()}
        return {**{key: value for key, value in below.items() if key not in above}, **merged}
    return above


def _keys(value: Any) -> Iterator[Any]:
    """The keys of mappings, and the entries of lists, at any depth, the outermost first."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, dict | list):
        yield from value
    for item in inner:
        yield from _keys(item)


def _entry(item: Any) -> tuple[str, Any]:
    return next(iter(item.items())) if isinstance(item, dict) and item else (item, {})


def _long_name(name: str) -> str:
    return name.removeprefix("markdown.extensions.")


def _nav(given: Any) -> Iterator[Nav]:
    if isinstance(given, list):
        for item in given:
            yield from _nav(item)
    elif isinstance(given, dict):
        for value in given.values():
            yield from _nav(value)
    elif isinstance(given, Marked):
        yield Nav(str(given), given.line, given.column, given.path)


def _patterns(given: Any) -> list[str]:
    return [line.strip() for line in str(given or "").splitlines() if line.strip() and not line.strip().startswith("#")]


def _ignored(name: str, patterns: list[str]) -> bool:
    """Whether patterns in the manner of .gitignore take the name in; the last that matches decides."""
    result = False
    for pattern in patterns:
        negated, wanted = pattern.startswith("!"), pattern.lstrip("!")
        folder = wanted.endswith("/")
        anchored = "/" in wanted.rstrip("/")
        wanted = wanted.strip("/")
        parts = name.split("/")
        prefixes = [posixpath.join(*parts[:n]) for n in range(1, len(parts) + 1)]
        if folder:
            prefixes = prefixes[:-1]
        if wanted.startswith("**/"):
            anchored, wanted = False, wanted[3:]
        matched = any(
            fnmatch.fnmatchcase(prefix if anchored else posixpath.basename(prefix), wanted) for prefix in prefixes
        )
        if matched:
            result = not negated
    return result


def _resolved(value: Any) -> Any:
    if isinstance(value, Named):
        return value.resolve()
    if isinstance(value, dict):
        return {str(key): _resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    return str(value) if isinstance(value, str) else value
