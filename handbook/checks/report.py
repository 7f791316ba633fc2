"""The findings as text, as annotations on a pull request, as JSON, or as SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from urllib.parse import quote

from handbook.checks import rules
from handbook.checks.finding import Finding
from handbook.checks.site import Site


def page_of(site: Site, rule: str) -> str:
    """Where a rule is described: on the published site, or in the repository; "" where neither is known."""
    address, repository = site.config.get("site_url"), site.config.get("repo_url")
    if "checks.md" not in site.file_set:
        return ""
    if address:
        return f"{str(address).rstrip('/')}/checks/#{rule.lower()}"
    if repository:
        return f"{str(repository).rstrip('/')}/blob/HEAD/{site.docs.name}/checks.md#{rule.lower()}"
    return f"{site.docs.name}/checks.md#{rule.lower()}"


def text(findings: Sequence[Finding], site: Site) -> str:
    lines = []
    for finding in findings:
        kind = "" if finding.severity == "error" else " (warning)"
        where = page_of(site, finding.rule)
        lines.append(f"{finding}{kind} [{where or finding.rule}]")
    return "\n".join(lines)


def github(findings: Sequence[Finding], site: Site) -> str:
    """Workflow commands, which GitHub shows beside the line."""

    def escape(value: str, more: str = "") -> str:
        for sign in "%\r\n" + more:
            value = value.replace(sign, f"%{ord(sign):02X}")
        return value

    lines = []
    for finding in findings:
        place = f"file={escape(finding.path, ':,')},line={max(finding.line, 1)}"
        if finding.column:
            place += f",col={finding.column}"
        where = page_of(site, finding.rule)
        message = escape(finding.message + (f" (see {where})" if where else ""))
        lines.append(f"::{finding.severity} {place},title={finding.rule}::{message}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding], site: Site) -> str:
    return json.dumps(
        [
            {
                "path": finding.path,
                "line": finding.line,
                "column": finding.column,
                "rule": finding.rule,
                "severity": finding.severity,
                "message": finding.message,
                "fixable": bool(finding.fixes),
                "help": page_of(site, finding.rule),
            }
            for finding in findings
        ],
        indent=2,
        ensure_ascii=False,
    )


def sarif(findings: Sequence[Finding], site: Site) -> str:
    known = {}
    for rule in rules.load().values():
        known.setdefault(rule.code, rule)
    used = sorted({finding.rule for finding in findings})
    descriptions = []
    for code in used:
        entry: dict = {"id": code, "shortDescription": {"text": known[code].why}}
        if page_of(site, code).startswith("http"):
            entry["helpUri"] = page_of(site, code)
        descriptions.append(entry)
    results = []
    for finding in findings:
        region = {"startLine": max(finding.line, 1)}
        if finding.column:
            region["startColumn"] = finding.column
        results.append(
            {
                "ruleId": finding.rule,
                "ruleIndex": used.index(finding.rule),
                "level": finding.severity,
                "message": {"text": finding.message},
                "locations": [
                    {"physicalLocation": {"artifactLocation": {"uri": quote(finding.path)}, "region": region}}
                ],
            }
        )
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"name": "handbook check", "rules": descriptions}},
                    "columnKind": "unicodeCodePoints",
                    "results": results,
                }
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


FORMATS: dict[str, Callable[[Sequence[Finding], Site], str]] = {
    "text": text,
    "github": github,
    "json": as_json,
    "sarif": sarif,
}
