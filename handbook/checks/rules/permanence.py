"""Permanence: an address that was published stays, or leads on."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.checks import ledger
from handbook.checks.rules import Fault, at, nearest, rule
from handbook.checks.site import Site


@rule("PERM001", "Other sites link to what was published: a page that moves leaves a redirect.", scope="site")
def pages(site: Site) -> Iterator[Fault]:
    for line, address, fragment in ledger.read(site):
        if not fragment and address not in ledger.addresses(site):
            near = nearest(address, ledger.addresses(site))
            hint = f" (did it become '{near}'?)" if near else ""
            message = f"the published page '{address}' is gone{hint}; add a redirect, or put it back"
            yield at(line, 0, message, path=ledger.path(site))


@rule("PERM002", "Other sites link to headings: one that is renamed keeps its old {#id}.", scope="site")
def anchors(site: Site) -> Iterator[Fault]:
    known = ledger.addresses(site)
    for line, address, fragment in ledger.read(site):
        name = known.get(address, "")
        if not fragment or not name or fragment in site.anchors(name):
            continue
        rendered = site.rendered_anchors(name)
        if rendered is not None and fragment not in rendered:
            message = f"the published anchor '{address}#{fragment}' is gone; give its heading {{#{fragment}}}"
            yield at(line, 0, message, path=ledger.path(site))
