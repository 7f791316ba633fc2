"""The ledger of what was published: a line for every page, and one for every heading that can be linked to.

`handbook publish-ledger` adds what is new, and nothing else writes it. What vanishes from the site stays in the ledger
until somebody takes it out by hand, and says why in the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from handbook.checks.rules.links import page_address
from handbook.checks.site import Site

HEAD = "# Every address that was published. Added to by `handbook publish-ledger`; see docs/checks.md#perm001.\n"


class LedgerError(ValueError):
    """The ledger can't be read, so that nothing can be said of what vanished."""


def path(site: Site) -> Path | None:
    return site.root / site.settings.ledger if site.settings.ledger else None


def read(site: Site) -> Iterator[tuple[int, str, str]]:
    """(line, address, fragment) of each entry; nothing where the site keeps no ledger. Raises LedgerError."""
    file = path(site)
    if file is None:
        return
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise LedgerError(f"no ledger '{file}'; begin one with `handbook publish-ledger`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"the ledger '{file}' can't be read ({error}); put it back from an earlier commit") from error
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            address, _, fragment = line.partition("#")
            yield number, address, fragment


def addresses(site: Site) -> dict[str, str]:
    """Each address below the site with its page; "" for a redirect."""
    from handbook.checks.rules.redirects import maps  # noqa: PLC0415 (they name each other)

    found = dict.fromkeys((_address(site, source) for source in maps(site)), "")
    found.update({_address(site, name): name for name in site.pages})
    return found


def _address(site: Site, name: str) -> str:
    return "/" + page_address(site, name).removesuffix("index.html")


def write(site: Site) -> tuple[int, int]:
    """Add what is new to the ledger; returns how many entries it had and has."""
    file = path(site)
    if file is None:
        raise ValueError("no ledger is configured; set `ledger` in [tool.handbook.checks]")
    before = {
        f"{address}#{fragment}" if fragment else address
        for _, address, fragment in (read(site) if file.exists() else ())
    }
    now = set(before)
    for name in site.pages:
        address = _address(site, name)
        now.add(address)
        page = site.page(name)
        now |= {f"{address}#{slug}" for _, slug in (site.heading_ids(page) if page else ())}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEAD + "".join(f"{entry}\n" for entry in sorted(now)), encoding="utf-8")
    return len(before), len(now)
