"""mkdocs.yml: what it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import metadata, util
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from handbook.checks.page import Page
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Environment, Site


def _place(site: Site, value: object, *keys: str) -> tuple[Path, int, int]:
    if getattr(value, "line", 0):
        return Path(value.path), value.line, value.column  # type: ignore[attr-defined]
    path, line = site.line_of(*keys)
    return path, line, 0


@rule("CONF002", "A file that the configuration names and that is not there is a 404 on every page.", scope="site")
def files(site: Site) -> Iterator[Fault]:
    named: list[tuple[str, object]] = []
    for key in ("extra_javascript", "extra_css"):
        for entry in site.config.get(key) or []:
            named.append((key, entry.get("path") if isinstance(entry, dict) else entry))
    theme = site.theme
    named += [(f"theme.{key}", theme[key]) for key in ("logo", "favicon") if isinstance(theme.get(key), str)]
    for value in site.config.get("hooks") or []:
        if not (site.root / str(value)).is_file():
            path, line, column = _place(site, value, "hooks")
            yield at(line, column, f"hook '{value}' does not exist, and stops the build; mend the path", path=path)
    for key, value in named:
        name = str(value).partition("?")[0].lstrip("/")
        if (
            urlsplit(str(value)).netloc
            or str(value).startswith("data:")
            or not name
            or name in site.file_set
            or site.makes_pages
        ):
            continue
        folder = theme.get("custom_dir")
        if (folder and (site.root / str(folder) / name).is_file()) or _is_theme_file(theme, name):
            continue
        path, line, column = _place(site, value, key.removeprefix("theme."))
        other = site.by_lower_case.get(name.lower()) or nearest(
            name, [f for f in site.files if Path(f).suffix == Path(name).suffix]
        )
        hint = f"did you mean '{other}'?" if other else "add the file, or remove the entry"
        yield at(line, column, f"{key} '{value}' does not exist; {hint}", path=path)


def _is_theme_file(theme: dict, name: str) -> bool:
    folder = _theme_folder(str(theme.get("name") or ""))
    return folder is not None and (folder / name).is_file()


@cache
def _theme_folder(name: str) -> Path | None:
    for point in metadata.entry_points(group="mkdocs.themes"):
        if point.name == name:
            spec = util.find_spec(point.value)
            return Path(spec.origin).parent if spec and spec.origin else None
    return None


@rule("CONF003", "A folder of templates that is not there changes nothing, or stops the build.", scope="site")
def template_folder(site: Site) -> Iterator[Fault]:
    folder = site.theme.get("custom_dir")
    if folder and not (site.root / str(folder)).is_dir():
        path, line, column = _place(site, folder, "custom_dir")
        yield at(line, column, f"theme.custom_dir '{folder}' does not exist; mend the path", path=path)


@rule("CONF004", "An icon that the theme doesn't have stops the build.", scope="site")
def icons(site: Site) -> Iterator[Fault]:
    social = (site.config.get("extra") or {}).get("social")
    more = [entry["icon"] for entry in social or () if isinstance(entry, dict) and isinstance(entry.get("icon"), str)]
    for value in [*_icon_names(site.theme), *more]:
        message = _icon_fault(site, str(value))
        if message:
            path, line, column = _place(site, value, "icon")
            yield at(line, column, message, path=path)


@rule("CONF004", "An icon that the theme doesn't have stops the build.")
def page_icon(page: Page, site: Site) -> Iterator[Fault]:
    message = _icon_fault(site, str(page.meta_or_none.get("icon") or ""))
    if message:
        yield at(page.meta_line("icon"), 1, message)


@rule("CONF004", "An icon that is not there is shown as its name.")
def icons_in_text(page: Page, site: Site) -> Iterator[Fault]:
    if "material" not in str((site.extensions.get("pymdownx.emoji") or {}).get("emoji_index")):
        return
    for match in re.finditer(r"(?<![\w:]):((?:material|octicons|fontawesome|simple)-[a-z0-9-]+):(?!\w)", page.inline):
        folder, own = _icon_folders(site)
        if folder and match[1] not in _short_names(folder) | (_short_names(own) if own else frozenset()):
            near = nearest(match[1], _short_names(folder), 0.8)
            hint = f"did you mean ':{near}:'?" if near else "choose one that Material has"
            yield at(*page.place(match.start()), f"icon ':{match[1]}:' does not exist; {hint}")


@cache
def _short_names(folder: Path) -> frozenset[str]:
    return frozenset("-".join(p.relative_to(folder).with_suffix("").parts) for p in folder.rglob("*.svg"))


def _icon_folders(site: Site) -> tuple[Path | None, Path | None]:
    """The icons of Material, and the site's own."""
    custom = site.theme.get("custom_dir")
    own = site.root / str(custom) / ".icons" if custom else None
    return _icons_of_material(), own if own and own.is_dir() else None


def _icon_fault(site: Site, value: str) -> str:
    """What is wrong with an icon's name; "" where nothing is, or where that is not known."""
    folder, own = _icon_folders(site)
    if site.theme.get("name") != "material" or folder is None or "/" not in value:
        return ""
    if (own and (own / f"{value}.svg").is_file()) or (folder / f"{value}.svg").is_file():
        return ""
    family, _, name = value.rpartition("/")
    near = nearest(name, [p.stem for p in (folder / family).glob("*.svg")], 0.7)
    return f"icon '{value}' does not exist; " + (
        f"did you mean '{family}/{near}'?" if near else "choose one that Material has"
    )


@cache
def _icons_of_material() -> Path | None:
    spec = util.find_spec("material")
    if not spec or not spec.origin:
        return None
    return next(
        (p for p in (Path(spec.origin).parent / "templates/.icons", Path(spec.origin).parent / ".icons") if p.is_dir()),
        None,
    )


def _icon_names(theme: dict) -> Iterator[str]:
    def walk(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for item in value.values():
                yield from walk(item)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)
        elif isinstance(value, str) and "/" in value:
            yield value

    yield from walk(theme.get("icon"))
    palettes = theme.get("palette")
    for palette in palettes if isinstance(palettes, list) else [palettes]:
        if isinstance(palette, dict) and isinstance(palette.get("toggle"), dict):
            yield from walk(palette["toggle"].get("icon"))


@rule(
    "CONF005",
    "Without site_url there is no canonical address, an empty sitemap and a 404 page without style.",
    scope="site",
)
def site_url(site: Site) -> Iterator[Fault]:
    value = site.config.get("site_url")
    if isinstance(value, Environment):
        return
    path, line = site.line_of("site_url")
    if not value:
        if "site_url" in site.config or site.theme.get("name") == "material":
            yield at(line, 0, "site_url is not set; write where the site is published", path=path)
    elif not re.match(r"https?://[^/]+", str(value)):
        yield at(line, 0, f"site_url '{value}' is no address; begin it with https://", path=path)


@rule("CONF006", "An extension that is not installed stops the build.", scope="site")
def extensions(site: Site) -> Iterator[Fault]:
    short = {point.name for point in metadata.entry_points(group="markdown.extensions")}
    for name in site.extensions:
        if (
            name in short
            or _importable(name)
            or _importable(f"markdown.extensions.{name}")
            or (site.root / (name.replace(".", "/") + ".py")).is_file()
            or site.requires(name)
        ):
            continue
        path, line = site.line_of(name)
        near = nearest(name, short, 0.7)
        yield at(
            line,
            0,
            f"Markdown extension '{name}' is not installed; "
            + (f"did you mean '{near}'?" if near else "add its package to the requirements"),
            path=path,
        )


def _importable(name: str) -> bool:
    module = name.partition(":")[0]
    try:
        return util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


@rule("CONF007", "A plugin that is not installed stops the build.", scope="site")
def plugins(site: Site) -> Iterator[Fault]:
    known = {point.name for point in metadata.entry_points(group="mkdocs.plugins")}
    for name in site.plugins:
        if name == "autorefs" and "mkdocstrings" in site.plugins:
            continue  # the one brings the other
        if name in known or f"material/{name}" in known or site.requires(name):
            continue
        path, line = site.line_of(name)
        near = nearest(name, known, 0.7)
        hint = f"did you mean '{near}'?" if near else "add its package to the requirements"
        yield at(line, 0, f"plugin '{name}' is not installed, and in no requirements; {hint}", path=path)


@rule("CONF009", "Of a key that is given twice, only the last counts: what the first sets is lost.", scope="site")
def repeated(site: Site) -> Iterator[Fault]:
    for path, root in site.nodes:
        for mapping in _mappings(root):
            lines: dict[str, int] = {}
            for key, _ in mapping.value:
                line, column = key.start_mark.line + 1, key.start_mark.column + 1
                if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                    if key.value in lines:
                        what = f"the key '{key.value}' stands there already, on line {lines[key.value]}"
                        yield at(line, column, f"{what}, and only this one counts; join the two", path=path)
                    lines.setdefault(key.value, line)


def _mappings(root: yaml.Node) -> Iterator[yaml.MappingNode]:
    todo, seen = [root], set()
    while todo:
        node = todo.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))  # an alias leads to a node that was seen
        if isinstance(node, yaml.MappingNode):
            yield node
        todo += [child for each in node.value for child in (each if isinstance(each, tuple) else (each,))]


@rule("CONF010", "Options that stand as deep as their extension are none, and stop the build.", scope="site")
def options(site: Site) -> Iterator[Fault]:
    for key in ("markdown_extensions", "plugins"):
        path, node = site.node(key) or (site.file, None)
        for entry in node.value if isinstance(node, yaml.SequenceNode) else ():
            if entry.tag.endswith(":null"):
                place = (entry.start_mark.line + 1, entry.start_mark.column + 1)
                yield at(*place, f"an empty entry under {key} stops the build; remove it, or name one", path=path)
            for name, value in entry.value if isinstance(entry, yaml.MappingNode) and len(entry.value) == 1 else ():
                if isinstance(value, yaml.ScalarNode) and value.value and not value.tag.endswith((":null", "!ENV")):
                    place = (value.start_mark.line + 1, value.start_mark.column + 1)
                    what = f"'{value.value}' is no option of '{name.value}'"
                    yield at(*place, f"{what}; write it below as 'option: value'", path=path)
            if isinstance(entry, yaml.MappingNode) and len(entry.value) > 1:
                name, option = entry.value[0][0], entry.value[1][0]
                line, column = option.start_mark.line + 1, option.start_mark.column + 1
                what = f"'{option.value}' is no option of '{name.value}' here, and stops the build"
                yield at(line, column, f"{what}; indent it {name.start_mark.column + 4} columns", path=path)


# Checked with more knowledge by rules of their own, or only where MkDocs runs.
OWN = frozenset("nav theme site_url docs_dir site_dir plugins hooks markdown_extensions mdx_configs extra".split())


@rule("CONF013", "A value that MkDocs does not take stops the build.", scope="site")
def values(site: Site) -> Iterator[Fault]:
    from mkdocs.config.base import ValidationError  # noqa: PLC0415 (slow to load)
    from mkdocs.config.defaults import MkDocsConfig  # noqa: PLC0415

    config = MkDocsConfig()
    for key, option in config._schema:
        if key in OWN or (key not in site.config and key != "site_name"):
            continue
        value = _bare(site.config.get(key))
        if isinstance(value, Environment):
            continue
        try:
            option.pre_validation(config, key)
            option.validate(value)
        except ValidationError as error:
            path, line = site.line_of(*re.findall(r"Sub-option '(\w+)'", str(error))[-1:], key)
            hint = "give the site a name" if key == "site_name" and not value else "mend the value"
            yield at(line, 0, f"{key}: {str(error).rstrip('.')}; {hint}", path=path)
    folder = site.config.get("site_dir")
    if folder and (site.root / str(folder)).resolve().is_relative_to(site.docs.resolve()):
        path, line, column = _place(site, folder, "site_dir")
        yield at(line, column, f"site_dir '{folder}' is inside the docs; choose a folder beside them", path=path)


def _bare(value: object) -> object:
    """A value as MkDocs reads it; one that the environment gives is not known."""
    if isinstance(value, dict):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return str(value) if isinstance(value, str) and not isinstance(value, Environment) else value


@rule("CONF011", "A theme that is not installed stops the build.", scope="site")
def theme(site: Site) -> Iterator[Fault]:
    name = site.theme.get("name", "mkdocs")
    known = {point.name for point in metadata.entry_points(group="mkdocs.themes")}
    if name is None or isinstance(name, Environment) or name in known or site.requires(f"mkdocs-{name}"):
        return
    path, line, column = _place(site, name, "theme")
    near = nearest(str(name), known)
    hint = f"did you mean '{near}'?" if near else "add its package to the requirements"
    yield at(line, column, f"theme '{name}' is not installed; {hint}", path=path)


@cache
def _features() -> frozenset[str]:
    """The features that Material's templates and script ask for."""
    icons = _icons_of_material()
    folder = icons.parent if icons else None
    files = [*folder.rglob("*.html"), *folder.glob("assets/javascripts/bundle*.js")] if folder else []
    pattern = re.compile(r"[\"']((?:navigation|content|search|toc|header|announce)\.[a-z.]+)[\"']")
    found = {name for file in files for name in pattern.findall(file.read_text("utf-8", "replace"))}
    return frozenset(name for name in found if not name.startswith(("search.config", "search.result")))


@rule("CONF012", "A feature that is misspelt is never switched on, and nothing says so.", scope="site")
def features(site: Site) -> Iterator[Fault]:
    if site.theme.get("name") != "material":
        return
    given = site.theme.get("features")
    for value in given if isinstance(given, list) else ():
        near = "" if str(value) in _features() else nearest(str(value), _features(), 0.85)
        if near:
            path, line, column = _place(site, value, "features")
            yield at(line, column, f"Material has no feature '{value}'; did you mean '{near}'?", path=path)


TOP_KEYS = frozenset(
    """site_name site_url site_description site_author repo_url repo_name edit_uri edit_uri_template copyright theme
    extra extra_css extra_javascript extra_templates markdown_extensions plugins hooks nav docs_dir site_dir
    exclude_docs draft_docs not_in_nav validation strict use_directory_urls dev_addr watch remote_branch remote_name
    INHERIT mdx_configs pages google_analytics""".split()
)


@rule(
    "CONF008",
    "A key that MkDocs doesn't know is a misspelt one: the setting is without effect.",
    scope="site",
    severity="warning",
)
def keys(site: Site) -> Iterator[Fault]:
    for key in site.config:
        if str(key) not in TOP_KEYS:
            near = nearest(str(key), TOP_KEYS, 0.75)
            path, line = site.line_of(str(key))
            if near:
                yield at(line, 1, f"unknown key '{key}'; did you mean '{near}'?", path=path)
