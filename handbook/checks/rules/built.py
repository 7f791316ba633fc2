"""The built site: what only the output tells, told on the line of the source that it came from."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.checks.built import Built
from handbook.checks.rules import Fault, rule


@rule("SITE001", "The link leads to no file of the built site: a 404.", scope="built")
def no_file(built: Built) -> Iterator[Fault]:
    yield from built.faults("SITE001")


@rule("SITE002", "The link leads to no anchor of the built page, and the reader lands at its top.", scope="built")
def no_anchor(built: Built) -> Iterator[Fault]:
    yield from built.faults("SITE002")


@rule("SITE003", "The link leaves the path under which the site lives, and is a 404 there.", scope="built")
def outside(built: Built) -> Iterator[Fault]:
    yield from built.faults("SITE003")


@rule(
    "SITE004",
    "The page for what is not found is shown at any depth, where a relative link leads astray.",
    scope="built",
)
def relative(built: Built) -> Iterator[Fault]:
    yield from built.faults("SITE004")


@rule("SITE005", "An address that is empty or can't be read leads nowhere.", scope="built")
def no_address(built: Built) -> Iterator[Fault]:
    yield from built.faults("SITE005")
