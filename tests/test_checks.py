"""The gate is red on every broken case, on the right line, and silent on its sound twin; and it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases, variants

from handbook.checks import run
from handbook.checks.finding import Finding
from handbook.checks.site import Site

CASES = cases()


def found(case: Case, side: str, folder: Path) -> list[Finding]:
    return run.check(Site.load(case.write(side, folder)))


def faults_of(case: Case, folder: Path) -> list[str]:
    """What the gate does wrong with a case; nothing where all is well."""
    wrong = []
    bad = found(case, "bad", folder / "bad")
    place = (str(folder / "bad" / case.path), case.line)
    told = [finding for finding in bad if (finding.path, finding.line, finding.rule) == (*place, case.rule)]
    if told and case.column and case.column not in {finding.column for finding in told}:
        wrong.append(f"{case.name}: told in column {told[0].column}, not {case.column}")
    if not told:
        wrong.append(f"{case.name}: no {case.rule} on {case.path}:{case.line}, but {[str(f)[-90:] for f in bad]}")
    # A sound twin that a test gave other line ends has that fault, and no other.
    good = [f for f in found(case, "good", folder / "good") if not (f.rule == "FILE007" and "CRLF" in case.name)]
    if good:
        wrong.append(f"{case.name}: the sound twin is not silent: {[str(f)[-120:] for f in good]}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}/{case.name}")
def test_case(case: Case, tmp_path: Path) -> None:
    assert not faults_of(case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}/{case.name}")
def test_the_rule_not_the_instance(case: Case, tmp_path: Path) -> None:
    """The same fault elsewhere: nested, behind front matter, with other line ends, at the end of the file."""
    wrong = []
    for number, variant in enumerate(variants(case)):
        name = variant.name.partition(", ")[2]
        if name in cannot(case):
            continue
        wrong += faults_of(variant, tmp_path / str(number))
    assert not wrong, "\n".join(wrong)


# Where a fault is none, or another, in another place.
NESTED = {"in a list", "in an admonition", "in a tab", "in details in a list"}
LATER = {"after much else"}
NOT_THERE: dict[str, set[str]] = {
    # Their sites have no blocks, into which the variants put them.
    "extension-missing": NESTED | LATER,
    "attribute-extension": NESTED | LATER | {"before much else"},
    "BLOCK007": NESTED,  # in four columns, Python-Markdown reads on behind the tag
    "more-4-HTML001-a-comment": {"before much else"},  # what follows holds the end of a comment
}


def cannot(case: Case) -> set[str]:
    return NOT_THERE.get(case.name, set()) | NOT_THERE.get(case.rule, set())
