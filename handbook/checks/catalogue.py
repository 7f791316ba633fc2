"""docs/checks.md: every rule with its reason, a page that breaks it and the same page mended, from the cases."""

from __future__ import annotations

import re
from pathlib import Path

from handbook.checks import rules

HEAD = """---
description: >-
  Every rule that the handbook's pages are checked by, with its reason, a page that breaks it, and the same page mended.
---
# The checks

`make check` says of every fault in which line it is and how to mend it, and names a rule.
Here is each rule, with the reason for it.
`handbook check --fix` makes the mends that are marked as safe: they never change what a page says.
"""
TITLES = {
    "BLOCK": "Blocks", "CITE": "Citations", "CODE": "Code", "CONF": "Configuration", "FIG": "Figures", "FILE": "Files",
    "GLOS": "Terms", "HEAD": "Headings", "HTML": "HTML", "IMG": "Images", "LAB": "Labs", "LINK": "Links",
    "LIST": "Lists", "MATH": "Maths", "MERM": "Diagrams", "META": "Front matter", "NAV": "Navigation",
    "NOTE": "Footnotes", "PERM": "Permanence", "PROSE": "Prose", "QUIZ": "Questions", "REDIR": "Redirects",
    "SEC": "Security", "SECT": "Sections", "SITE": "The built site", "SNIP": "Snippets", "TABLE": "Tables",
}  # fmt: skip


def text(root: Path) -> str:
    examples = _examples(root / "tests/faults")
    by_code: dict[str, list[rules.Rule]] = {}
    for rule in rules.load().values():
        by_code.setdefault(rule.code, []).append(rule)
    parts = [HEAD]
    family = ""
    for code in sorted(by_code, key=lambda code: (TITLES[code.rstrip("0123456789")], code)):
        title = TITLES[code.rstrip("0123456789")]
        if title != family:
            parts.append(f"\n## {title} {{ #{code.rstrip('0123456789').lower()} }}\n")
            family = title
        reasons = list(dict.fromkeys(rule.why for rule in by_code[code]))
        notes = []
        if all(rule.severity == "warning" for rule in by_code[code]):
            notes.append("A warning.")
        if all(rule.chapters for rule in by_code[code]):
            notes.append("For chapters.")
        parts.append(f"\n### {code} {{ #{code.lower()} }}\n\n{_escaped(' '.join([*reasons, *notes]))}\n")
        if code in examples:
            bad, good = examples[code]
            parts.append(f"\nNot so:\n\n{_fence(bad)}\n\nBut so:\n\n{_fence(good)}\n")
    return "".join(parts)


def _escaped(words: str) -> str:
    """A reason as Markdown: marks that are meant as such stand in code."""
    words = re.sub(
        r"(?<!`)(<[a-z! ][^>]*>|\{#…\}|\$|\[!NOTE\]|\\\(a\^2\\\)|'/?[^' ]*[_#(\\][^' ]*'|#_1|://?)(?!`)",
        lambda m: f"`{m.group().strip(chr(39))}`",
        words,
    )
    return words


def _fence(example: str) -> str:
    example = "".join(f"\\u{ord(c):04x}" if c in "\u200b\u202e\u202c\u2060\u00a0\ufeff" else c for c in example)
    example = re.sub(r"(x{40})x{60,}|(a{40})a{60,}", lambda m: (m[1] or m[2]) + "…", example)
    # One mark more than the example holds, and a dash for a snippet that is not to be taken in.
    longest = max((len(run) for run in re.findall(r"`{3,}", example)), default=2)
    marks = "`" * (longest + 1)
    example = re.sub(r"(?m)^(\s*)(-+8<-+)", r"\1;\2", example)
    return f"{marks}text\n{example.rstrip()}\n{marks}"


def _examples(folder: Path) -> dict[str, tuple[str, str]]:
    """The shortest case of each rule, as it is written."""
    found: dict[str, tuple[str, str]] = {}

    def offer(code: str, bad: str, good: str) -> None:
        if bad.strip() and good.strip() and bad != good and len(bad) < 2000:
            old = found.get(code)
            if old is None or (len(bad) + len(good), bad) < (len(old[0]) + len(old[1]), old[0]):
                found[code] = (bad, good)

    for path in sorted(folder.glob("*/*.case")):
        content = path.read_text(encoding="utf-8")
        code = content[: content.index(" ")]
        files = re.findall(r"(?m)^==== (bad|good): ([^(\n]+?)(?: \([^)]*\))?\n((?:(?!^==== ).*\n)*)", content)
        sides: dict[str, dict[str, str]] = {"bad": {}, "good": {}}
        for side, name, data in files:
            sides[side][name] = data.removeprefix("# Chapter\n\n")
        for name in sides["bad"]:
            if name in sides["good"] and name.endswith((".md", ".yml")):
                offer(code, sides["bad"][name], sides["good"][name])
    pattern = re.compile(r"(?m)^#### ([A-Z]+\d{3}) \d+: .*\n((?:(?!^#### ).*\n)*?)----\n((?:(?!^#### ).*\n)*)")
    for path in sorted(folder.glob("*/more.cases")):
        for code, bad, good in pattern.findall(path.read_text(encoding="utf-8")):
            offer(code, bad, good)
    return found


def write(root: Path) -> None:
    (root / "docs/checks.md").write_text(text(root), encoding="utf-8")
