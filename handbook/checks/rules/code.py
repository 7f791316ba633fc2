"""Code samples: what a reader copies works."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import yaml

from handbook.checks.page import Fence, Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site

PYTHON = {"python", "py", "python3", "py3"}
# A sample that is cut short on purpose.
# How prose announces what is there to be looked at, not to be copied.
MEANT_WRONG = re.compile(r"[❌✗✅✓]|\b(in|not )valid\b|\bincorrect\b|\bwrong\b|\bsyntax ?error", re.IGNORECASE)
ELLIPSIS = re.compile(r"^\s*(\.\.\.|…|# ?\.\.\.|// ?\.\.\.|<\.\.\.>)", re.MULTILINE)
TEMPLATE = re.compile(r"\{\{|\{%|^\s*-+8<-+|\{!|^\s*(<<<|:::)|[<]\w[\w -]*[>]|…", re.MULTILINE)


def _samples(page: Page, *languages: str) -> Iterator[Fence]:
    for fence in page.fences:
        if (
            fence.language.lower() in languages
            and fence.text.strip()
            and not re.search(r"(?m)^\s*(?:;*-+8<-+|::: )", fence.text)
            and not MEANT_WRONG.search(_before(page, fence))
        ):
            yield fence


def _before(page: Page, fence: Fence) -> str:
    """The line of prose above a fence."""
    above = (line.text for line in reversed(page.parsed[: fence.line - 1]) if line.kind != "blank")
    return next(above, "")


def _place(fence: Fence, line: int, column: int) -> tuple[int, int]:
    """The place in the page of a place (from 1) in the sample; an end of file is told on the last line."""
    last = max(fence.text.rstrip().count("\n") + 1, 1)
    return fence.line + min(max(line, 1), last), fence.indent + max(column, 1)


def _python(text: str) -> str:
    return re.sub(r"[ \t]*#\s*\(\d+\)!?", lambda m: "", text)


@rule("CODE003", "Without a language, code has no colours, and a screen reader no hint.", severity="warning")
def language_of_indented(page: Page, site: Site) -> Iterator[Fault]:
    highlight = site.extensions.get("pymdownx.highlight") or {}
    if highlight.get("default_lang") or highlight.get("guess_lang"):
        return
    for fence in page.fences:
        info = fence.info.lstrip("`~").strip()
        if not fence.language and not info.startswith("{"):
            yield at(fence.line, fence.column, "the fence has no language; write it behind the marks, or 'text'")


@rule("CODE005", "Python that doesn't parse fails in the reader's hands.")
def python_parses(page: Page, site: Site) -> Iterator[Fault]:
    import textwrap  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    for fence in _samples(page, *PYTHON):
        text = fence.text
        if (
            re.match(r"\s*(>>>|%|!|\$ )", text)
            or TEMPLATE.search(text.replace("->", "").replace("<=", ""))
            or ("..." in text and re.search(r"\.\.\.\s*[,)\]}]|[(,\[{]\s*\.\.\.", text))
        ):
            continue
        source = textwrap.dedent(text)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _parse(source)
        except SyntaxError as error:
            if _is_cut_short(source, error) or "non-printable" in error.msg:  # the latter is FILE013's
                continue
            line, column = _place(fence, error.lineno or 1, error.offset or 1)
            yield at(line, column, f"Python can't read this: {error.msg}; mend the sample")
        except ValueError as error:
            yield at(fence.line, 0, f"Python can't read this: {error}; mend the sample")


def _is_cut_short(source: str, error: SyntaxError) -> bool:
    """Whether a signature stands alone, or a comment in place of a body or a name."""
    last = re.sub(r"(?m)^\s*#.*$", "", source).rstrip().rpartition("\n")[2]
    if re.match(r"\s*(async def|def|class|@|\))", last) and "expected" in error.msg:
        return "expected an indented block" in error.msg or "expected ':'" in error.msg
    lines = source.split("\n")
    here = lines[min(error.lineno or 1, len(lines)) - 1]
    above = next((line for line in reversed(lines[: (error.lineno or 1) - 1]) if line.strip()), "")
    comment = "expected an indented block" in error.msg and re.match(r"\s+#", above)
    return bool(comment or re.search(r"\bimport\s*(?:#|\.\.\.)", here))


def _parse(source: str) -> ast.Module:
    """A sample may await at its top, or be the body of a function or class."""
    try:
        return compile(source, "sample", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        if error.msg and ("outside function" in error.msg or "outside loop" in error.msg):
            return ast.Module([], [])
        raise


@rule("CODE007", "Python that raises fails in the reader's hands.", scope="batch")
def python_runs(names: list[str], site: Site) -> Iterator[Fault]:
    from handbook.checks import samples  # noqa: PLC0415 (starts a process)

    yield from samples.faults(names, site)


@rule("CODE008", "Data that doesn't parse fails in the reader's hands.")
def data_parses(page: Page, site: Site) -> Iterator[Fault]:
    yield from _json(page)
    yield from _yaml(page)
    yield from _toml(page)


def _json(page: Page) -> Iterator[Fault]:
    import json  # noqa: PLC0415

    for fence in _samples(page, "json"):
        if ELLIPSIS.search(fence.text) or TEMPLATE.search(fence.text) or "..." in fence.text:
            continue
        text = re.sub(r"(?m)[ \t]*(//|#)\s*\(\d+\)!?\s*$", "", fence.text)
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            if error.msg == "Extra data" and _json_lines(text):
                continue
            line, column = _place(fence, error.lineno, error.colno)
            reason, hint = error.msg[0].lower() + error.msg[1:], "mend the sample"
            before = text[: error.pos].rstrip()
            if before.endswith(",") and re.match(r"\s*[}\]]", text[error.pos :]):
                reason, hint = "a comma before the end", "remove it"
            elif "trailing comma" in error.msg.lower():
                hint = "remove it"
            elif re.match(r"\s*//|\s*/\*", text[error.pos :]):
                reason, hint = "JSON has no comments", "remove it, or name the language 'json5'"
            yield at(line, column, f"invalid JSON: {reason}; {hint}")


def _json_lines(text: str) -> bool:
    import json  # noqa: PLC0415

    try:
        return all(json.loads(line) is not None for line in text.splitlines() if line.strip())
    except ValueError:
        return False


class _AnyTag(yaml.SafeLoader):
    pass


_AnyTag.add_multi_constructor("!", lambda loader, suffix, node: None)
_AnyTag.add_multi_constructor("tag:", lambda loader, suffix, node: None)


def _yaml(page: Page) -> Iterator[Fault]:
    for fence in _samples(page, "yaml", "yml"):
        if re.search(r"\{\{|\{%|^\s*\.\.\.\s*\S|…", fence.text, re.MULTILINE):
            continue
        text = re.sub(r"(?m)[ \t]*#\s*\(\d+\)!?\s*$", "", fence.text)
        try:
            for _ in yaml.parse(text, _AnyTag):
                pass
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line, column = _place(fence, mark.line + 1, mark.column + 1) if mark else (fence.line + 1, 1)
            reason = getattr(error, "problem", None) or str(error)
            yield at(line, column, f"invalid YAML: {reason}; mend the sample")


def _toml(page: Page) -> Iterator[Fault]:
    import tomllib  # noqa: PLC0415

    for fence in _samples(page, "toml"):
        if ELLIPSIS.search(fence.text) or TEMPLATE.search(fence.text) or "..." in fence.text:
            continue
        try:
            tomllib.loads(fence.text)
        except tomllib.TOMLDecodeError as error:
            where = re.search(r"line (\d+), column (\d+)", str(error))
            lines = fence.text.count("\n") + 1
            line, column = _place(fence, int(where[1]) if where else lines, int(where[2]) if where else 1)
            reason = re.sub(r" \(at .*\)", "", str(error))
            yield at(line, column, f"invalid TOML: {reason[0].lower()}{reason[1:]}; mend the sample")


@rule("CODE011", "An annotation without its note is shown as '(1)!' in the code.")
def annotations(page: Page, site: Site) -> Iterator[Fault]:
    if "content.code.annotate" not in (site.theme.get("features") or []):
        has_class = "annotate" in page.text
        if not has_class:
            return
    for fence in page.fences:
        if fence.language in ("mermaid", "markdown", "md"):
            continue
        marks = [
            (number, match)
            for number, line in enumerate(fence.text.split("\n"), start=1)
            for match in re.finditer(
                r"(?:#|//|--|;|%|/\*|<!--)\s*\((\d+)\)!?(?:\s*(?:\*/|-->))?\s*(?=$|(?:#|//)?\s*\(\d+\))", line
            )
        ]
        if not marks:
            continue
        # The list follows the block, in the same container.
        given = _notes(page, fence)
        for number, match in marks:
            if int(match[1]) > given:
                line, column = _place(fence, number, match.start() + 1)
                yield at(
                    line,
                    column,
                    f"annotation ({match[1]}) has no note; write '{match[1]}. …' in a list after the block",
                )
                break


def _notes(page: Page, fence: Fence) -> int:
    """How many items the ordered list right behind a fence has."""
    count, depth = 0, None
    for line in page.parsed[fence.end :]:
        if line.kind == "blank":
            continue
        if line.kind == "text" and line.role == "item" and re.match(r"\d+\.", line.text):
            if depth is None:
                if line.parents[:-1] != page.parsed[fence.line - 1].parents:
                    break  # the list around the fence goes on
                depth = len(line.parents)
            if len(line.parents) == depth:
                count += 1
            elif len(line.parents) < depth:
                break
        elif depth is None or (len(line.parents) < depth and (line.kind != "text" or line.starts)):
            break
    return count


@rule("CODE013", "A very long line of code scrolls sideways, far, on every screen.", severity="warning")
def long_lines(page: Page, site: Site) -> Iterator[Fault]:
    most = site.settings.code_columns
    for fence in page.fences:
        if fence.language in ("csv", "lab", "mermaid"):
            continue
        for number, line in enumerate(fence.text.split("\n"), start=1):
            if len(line) > most:
                yield at(
                    fence.line + number,
                    fence.indent + most + 1,
                    f"a line of {len(line)} characters in code; break it before column {most}",
                )
                break
