"""What every chapter must be. One rule is one function: it takes a chapter and yields findings."""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from handbook.checks.chapter import Chapter, FrontMatterError
from handbook.checks.finding import Finding
from handbook.markdown import bibliography, citations, diagrams, maths

META = {"description", "level", "minutes", "requires", "reviewed", "tags"}
LEVELS = ("introduction", "core", "advanced")
SECTIONS = ("Check yourself", "Summary", "Further reading")
DESCRIPTION_LENGTH = range(50, 161)
WORDS_A_MINUTE = 220
QUESTIONS = range(4, 9)
COLUMNS_AT_MOST = 6
SOURCES_AT_LEAST = 6
SOURCES_AT_LEAST_FOR = {"learning-path": 3}

Rule = Callable[[Chapter], Iterator[Finding]]


def _finding(chapter: Chapter, line: int, rule: str, message: str) -> Finding:
    return Finding(chapter.path.as_posix(), line, 0, rule, message)


def front_matter(chapter: Chapter) -> Iterator[Finding]:
    """META: the keys are those of a chapter, and each holds what it should."""
    meta = chapter.meta
    for key in sorted(META - set(meta)):
        yield _finding(chapter, 1, "META005", f"required key '{key}' is missing; add it to the front matter")
    for key in sorted(set(meta) - META):
        near = difflib.get_close_matches(key, META, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "remove it"
        yield _finding(chapter, chapter.meta_line(key), "META003", f"unknown key '{key}'; {hint}")
    if "description" in meta and len(str(meta["description"])) not in DESCRIPTION_LENGTH:
        length = len(str(meta["description"]))
        yield _finding(
            chapter, chapter.meta_line("description"), "META006", f"description of {length} characters; write 50 to 160"
        )
    if "level" in meta and meta["level"] not in LEVELS:
        yield _finding(
            chapter, chapter.meta_line("level"), "META007", f"unknown level; write one of {', '.join(LEVELS)}"
        )
    if "reviewed" in meta and not isinstance(meta["reviewed"], datetime.date):
        yield _finding(chapter, chapter.meta_line("reviewed"), "META008", "not a date; write it as 2026-11-21")
    for slug in meta.get("requires") or []:
        if not (chapter.path.parent / f"{slug}.md").is_file():
            yield _finding(chapter, chapter.meta_line("requires"), "META009", f"no chapter '{slug}'; use a file name")


def minutes(chapter: Chapter) -> Iterator[Finding]:
    """META010: the minutes are those of the words."""
    measured = math.ceil(chapter.words / WORDS_A_MINUTE)
    if chapter.meta.get("minutes") != measured:
        message = f"{chapter.words} words take {measured} minutes; write 'minutes: {measured}'"
        yield _finding(chapter, chapter.meta_line("minutes"), "META010", message)


def headings(chapter: Chapter) -> Iterator[Finding]:
    """HEAD: one title, no heading twice, no level left out, the sections that every chapter has."""
    titles = [heading for heading in chapter.headings if heading.level == 1]
    if not titles:
        yield _finding(chapter, 1, "HEAD004", "the page has no title; begin it with '# Title'")
    for extra in titles[1:]:
        yield _finding(chapter, extra.line, "HEAD003", "a second title; use '##'")
    seen: dict[str, int] = {}
    level = 1
    for heading in chapter.headings:
        if heading.text in seen:
            message = f"heading '{heading.text}' stands already on line {seen[heading.text]}; name it otherwise"
            yield _finding(chapter, heading.line, "HEAD002", message)
        seen.setdefault(heading.text, heading.line)
        if heading.level > level + 1:
            yield _finding(chapter, heading.line, "HEAD006", f"level {heading.level} after {level}; leave no level out")
        level = heading.level
    for title in SECTIONS:
        if title not in seen:
            yield _finding(chapter, len(chapter.lines), "SECT001", f"no section '{title}'; add '## {title}'")


def cited_sources(chapter: Chapter) -> Iterator[Finding]:
    """CITE: every key is in the bibliography, and the chapter cites enough of them."""
    known = bibliography.load()
    cited = set()
    for number, line in chapter.prose:
        for match in re.finditer(citations.CITATION, line):
            for key, _ in citations.references(match.group(1)):
                cited.add(key)
                if key not in known:
                    near = difflib.get_close_matches(key, known, n=1)
                    hint = f"did you mean '{near[0]}'?" if near else f"add it to {bibliography.BIBLIOGRAPHY.as_posix()}"
                    yield _finding(chapter, number, "CITE001", f"unknown citation key '{key}'; {hint}")
        for match in re.finditer(r"\[@[^\]]*\]", line):
            if "{" not in match.group() and not re.fullmatch(citations.CITATION, match.group()):
                yield _finding(
                    chapter, number, "CITE003", f"'{match.group()}' is no citation; write [@key] or [@key, section 2]"
                )
    wanted = SOURCES_AT_LEAST_FOR.get(chapter.path.stem, SOURCES_AT_LEAST)
    if len(cited & set(known)) < wanted:
        message = f"{len(cited & set(known))} sources are cited; cite at least {wanted} as [@key]"
        yield _finding(chapter, 1, "CITE002", message)


def questions(chapter: Chapter) -> Iterator[Finding]:
    """QUIZ: four to eight questions, each with one right option and feedback on every option."""
    blocks = list(question_blocks(chapter))
    if len(blocks) not in QUESTIONS:
        message = f"{len(blocks)} questions; write four to eight under '## Check yourself'"
        yield _finding(chapter, len(chapter.lines), "QUIZ001", message)
    for line, options in blocks:
        right = sum(is_right for _, is_right, _, _ in options)
        if right != 1:
            yield _finding(chapter, line, "QUIZ002", f"{right} right options; mark exactly one with [x]")
        if not 3 <= len(options) <= 5:
            yield _finding(chapter, line, "QUIZ003", f"{len(options)} options; write three to five")
        for at, _, text, feedback in options:
            if not feedback:
                yield _finding(chapter, at, "QUIZ004", "no feedback; indent it by four spaces under the option")
            if re.search(r"\b(all|none) of the (above|others)\b", text, flags=re.IGNORECASE):
                yield _finding(chapter, at, "QUIZ005", f"'{text}' tests nothing; write an option of its own")


Option = tuple[int, bool, str, str]


def question_blocks(chapter: Chapter) -> Iterator[tuple[int, list[Option]]]:
    """Yield (line, options) of each question; an option is (line, is right, text, feedback)."""
    start, options = 0, []
    for number, line in chapter.prose:
        if line.strip() == "/// question":
            start, options = number, []
        elif line.strip() == "///" and start:
            yield start, [(at, right, text, " ".join(feedback)) for at, right, text, feedback in options]
            start = 0
        elif start:
            mark = re.match(r"[-*] +\[([ xX])\] +(.*)", line)
            if mark:
                options.append((number, mark.group(1) in "xX", mark.group(2), []))
            elif options and line.startswith("    ") and line.strip():
                options[-1][3].append(line.strip())


def tables(chapter: Chapter) -> Iterator[Finding]:
    """TABLE: as many cells in each row as in the header, and none empty."""
    for table in chapter.tables:
        width = len(table.rows[0][1])
        if table.delimiters != width:
            message = f"the line under the header has {table.delimiters} cells and the header {width}; make them alike"
            yield _finding(chapter, table.line + 1, "TABLE001", message)
        if width > COLUMNS_AT_MOST:
            yield _finding(chapter, table.line, "TABLE008", f"{width} columns; six is what a reader can follow")
        for number, row in table.rows:
            if len(row) != width:
                message = f"the row has {len(row)} cells and the header {width}; write a literal | as \\|"
                yield _finding(chapter, number, "TABLE001", message)
            if any(not cell for cell in row):
                yield _finding(chapter, number, "TABLE007", "an empty cell; write 'none' or 'not published'")


def mermaid(chapter: Chapter) -> Iterator[Finding]:
    """MERM: every diagram parses, and has a name and a description for those who can't see it."""
    for fence in chapter.fences:
        if fence.language != "mermaid":
            continue
        if not fence.text.strip():
            yield _finding(chapter, fence.line, "MERM003", "an empty diagram; draw it or remove the fence")
            continue
        error = diagrams.parse_error(fence.text)
        if error:
            yield _finding(chapter, fence.line + max(error[0], 1), "MERM001", error[2])
        for key in ("accTitle", "accDescr"):
            if not re.search(rf"^\s*{key}\s*[:{{]\s*\S", fence.text, flags=re.MULTILINE):
                yield _finding(chapter, fence.line, "MERM004", f"the diagram has no {key}; say in words what it shows")


def formulas(chapter: Chapter) -> Iterator[Finding]:
    """MATH: every formula can be converted to MathML."""
    text = "\n".join("" if line.startswith("    ") else line for line in _by_line(chapter))
    text = re.sub(r"(`+).+?\1", lambda code: " " * len(code.group()), text)
    for match in re.finditer(r"\$\$(.+?)\$\$|(?<![\\$])\$(?! )([^$\n]+?)(?<! )\$(?!\$)", text, flags=re.DOTALL):
        try:
            maths.to_mathml((match.group(1) or match.group(2)).strip(), display=bool(match.group(1)))
        except maths.MathsError as error:
            yield _finding(chapter, text.count("\n", 0, match.start()) + 1, "MATH001", f"{error}; mend the LaTeX")


def figures(chapter: Chapter) -> Iterator[Finding]:
    """FIG: at least one figure; each is there, described and captioned."""
    pictures = [(n, m) for n, line in chapter.prose if (m := re.match(r"!\[(.*)\]\((.+?)\)", line.strip()))]
    drawings = [fence.line for fence in chapter.fences if fence.language == "mermaid"]
    if not pictures and not drawings:
        yield _finding(chapter, 1, "FIG001", "the chapter has no figure; show what prose can't")
    for number, picture in pictures:
        if len(picture.group(1).split()) < 6:
            yield _finding(chapter, number, "FIG002", "say in a full sentence what the figure shows, between [ and ]")
        if not (chapter.path.parent / picture.group(2)).is_file():
            yield _finding(chapter, number, "IMG001", f"'{picture.group(2)}' does not exist; mend the path")
    captions = sum(line.startswith("/// figure-caption") for _, line in chapter.prose)
    if captions != len(pictures) + len(drawings):
        message = (
            f"{len(pictures) + len(drawings)} figures and {captions} captions; follow each with /// figure-caption"
        )
        yield _finding(chapter, 1, "FIG003", message)


def terms(chapter: Chapter) -> Iterator[Finding]:
    """GLOS: every term that is defined in bold is in the glossary."""
    known = glossary_terms(chapter.docs / "glossary.md")
    for number, line in chapter.prose:
        if re.match(r"\s*([-*]\s+\[|\|)", line):  # options and table rows define nothing
            continue
        for match in re.finditer(r"\*\*(.+?)\*\*", line):
            if _singular(match.group(1)) not in known:
                message = f"bold term '{match.group(1)}' is not in docs/glossary.md; define it there"
                yield _finding(chapter, number, "GLOS001", message)


def glossary_terms(path: Path) -> set[str]:
    """The terms of the glossary, and what they are short for, in lower case and the singular."""
    lines = path.read_text(encoding="utf-8").splitlines()
    heads = [re.sub(r"\s*\{.*\}$", "", a) for a, b in pairwise(lines) if b.startswith(":   ")]
    names = {name for head in heads for name in (head, *re.split(r"\s*\(|\)", head)) if name}
    return {_singular(name) for name in names}


def _singular(term: str) -> str:
    term = " ".join(term.lower().split()).rstrip(".:,")
    return re.sub(r"(?<=[a-z]{3})s$", "", term)


RULES: tuple[Rule, ...] = (
    front_matter,
    minutes,
    headings,
    cited_sources,
    questions,
    tables,
    mermaid,
    formulas,
    figures,
    terms,
)


def check(path: Path, docs: Path = Path("docs")) -> list[Finding]:
    """Apply every rule to one chapter; a file that can't be taken apart is itself a finding."""
    try:
        chapter = Chapter.read(path, docs)
        _ = chapter.meta
    except UnicodeDecodeError as error:
        return [Finding(path.as_posix(), 1, 0, "FILE005", f"not UTF-8 at byte {error.start}; save it as UTF-8")]
    except FrontMatterError as error:
        return [Finding(path.as_posix(), error.line, 0, "META001", str(error))]
    return sorted(finding for rule in RULES for finding in rule(chapter))


def _by_line(chapter: Chapter) -> Iterator[str]:
    prose = dict(chapter.prose)
    for number in range(1, len(chapter.lines) + 1):
        yield prose.get(number, "")
