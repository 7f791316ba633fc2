"""Maths: every formula is closed, can be set, and is set by something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.page import HIDDEN, Page
from handbook.checks.rules import Fault, at, rule
from handbook.checks.site import Site


def _sets_mathml(site: Site) -> bool:
    return "handbook.markdown.maths" in site.extensions


@rule("MATH001", "LaTeX that can't be converted stands on the page as source.")
def convertible(page: Page, site: Site) -> Iterator[Fault]:
    if not _sets_mathml(site):
        return
    from handbook.markdown import maths  # noqa: PLC0415 (loads the converter)

    for start, end in page.formulas:
        source = page.text[start:end]
        display = source.startswith(("$$", "\\["))
        width = 2 if display or source.startswith("\\(") else 1
        try:
            maths.to_mathml(source[width:-width].strip(), display=display)
        except maths.MathsError as error:
            yield at(*page.place(start), f"{error}; mend the LaTeX")


@rule("MATH002", "A dollar without its partner leaves the TeX source on the page.")
def unclosed(page: Page, site: Site) -> Iterator[Fault]:
    if "dollar" not in site.math_signs:
        return
    inline = page.inline
    for first, last in page._paragraphs:
        start, end = page.starts[first - 1], page.starts[last - 1] + len(page.lines[last - 1])
        for match in re.finditer(r"\$\$?", inline[start:end]):
            offset = start + match.start()
            after = inline[offset + len(match.group()) : end]
            before = inline[start:offset]
            # A price, a variable of a shell: no formula was meant.
            if re.match(r"\s*\d[\d,.]*(?:\s|[kKmMbB]\b|$|[^\w\\^_{])", after) or (
                re.match(r"[A-Z_]{2,}\b|\{|\(", after) and not re.match(r"[({][^\n]*\\", after)
            ):
                continue
            if _looks_like_tex(after):
                yield at(
                    *page.place(offset),
                    f"'{match.group()}' is never closed, and the TeX source is shown; close it, or write \\$",
                )
                break
            tex = _looks_like_tex(before[-60:]) or re.search(r"[\\^_]\S*$", before)
            if tex and not re.match(r"\w", after):
                yield at(
                    *page.place(offset),
                    f"'{match.group()}' closes nothing, and the TeX source is shown; open it, or write \\$",
                )
                break
    for match in re.finditer(r"\\begin\{(\w+\*?)\}", re.sub(HIDDEN, " ", inline)):
        if not site.has("pymdownx.arithmatex"):
            break
        if f"\\end{{{match[1]}}}" not in page.text[match.end() :]:
            yield at(*page.place(match.start()), f"\\begin{{{match[1]}}} is never closed; add \\end{{{match[1]}}}")
    if "round" in site.math_signs:
        for run in page._paragraphs:
            start, end = page.starts[run[0] - 1], page.starts[run[1] - 1] + len(page.lines[run[1] - 1])
            for match in re.finditer(r"(?<!\\)\\([(\[])", page.text[start:end]):
                offset = start + match.start()
                close = {"(": "\\)", "[": "\\]"}[match[1]]
                covered = any(a <= offset < b for a, b in [*page.formulas, *page.code_spans])
                if not covered and close not in page.text[offset:end] and _looks_like_tex(page.text[offset + 2 : end]):
                    yield at(*page.place(offset), f"'\\{match[1]}' is never closed; add {close}")


def _looks_like_tex(text: str) -> bool:
    # The words right behind a formula's sign: a command, an index, an equation.
    head = text[:80].split("\n\n", maxsplit=1)[0]
    return bool(re.match(r"\s*(?:[^\s$]{0,12}[\\^_]|\w\s*[=<>+]\s*|\\)", head)) or bool(
        re.search(
            r"\\(frac|sum|int|text|hat|mathbf|log|exp|left|cdot|alpha|beta|theta|sqrt|prod|lvert|mid|in|le|ge|pi|mu|sigma|times)\b",
            head,
        )
    )


@rule("MATH004", "Without a renderer the reader sees the source: \\(a^2\\).")
def renderer(page: Page, site: Site) -> Iterator[Fault]:
    if not page.formulas or _sets_mathml(site):
        return
    listed = " ".join(
        str(entry.get("path") if isinstance(entry, dict) else entry)
        for entry in site.config.get("extra_javascript") or []
    ).lower()
    if re.search(r"math|katex|temml|tex-", listed) or any(re.search(r"math|katex", name) for name in site.plugins):
        return
    if any(re.search(r"katex|mathjax|math2?|temml", name) for name in site.extensions if name != "pymdownx.arithmatex"):
        return
    folder = site.theme.get("custom_dir")
    if folder and any(
        re.search(r"(?i)mathjax|katex", t.read_text("utf-8", "replace"))
        for t in (site.root / str(folder)).rglob("*.html")
    ):
        return
    if any(re.search(r"(?i)mathjax|katex", (site.docs / str(e)).read_text("utf-8", "replace")) for e in _scripts(site)):
        return
    yield at(
        *page.place(page.formulas[0][0]),
        "the page holds maths and no renderer is configured; add one to mkdocs.yml, or write it in words",
    )


def _scripts(site: Site) -> list[str]:
    entries = [e.get("path") if isinstance(e, dict) else e for e in site.config.get("extra_javascript") or []]
    return [str(entry) for entry in entries if (site.docs / str(entry)).is_file()]
