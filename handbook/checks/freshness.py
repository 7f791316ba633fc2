"""Which chapters were last reviewed longer ago than their level allows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from handbook.checks.run import is_chapter
from handbook.checks.site import Site


@dataclass(frozen=True)
class Stale:
    path: str
    level: str
    reviewed: datetime.date
    days: int
    allowed: int

    def __str__(self) -> str:
        age = f"reviewed on {self.reviewed}, {self.days} days ago, and level '{self.level}' allows {self.allowed}"
        return f"{self.path}:1: FRESH001 {age}; review it, and write today's date"


def stale(site: Site, today: datetime.date) -> Iterator[Stale]:
    allowed = site.settings.freshness_days
    for name in site.pages:
        page = site.page(name)
        if page is None or not is_chapter(site, name):
            continue
        reviewed = page.meta_or_none.get("reviewed")
        # A chapter may say that it ages as products do, whatever its level.
        level = str(page.meta_or_none.get("ages_as") or _age_class(site, name) or page.meta_or_none.get("level"))
        limit = allowed.get(level, allowed.get("default"))
        if isinstance(reviewed, datetime.date) and limit is not None and (today - reviewed).days > limit:
            yield Stale(site.shown(site.docs / name), level, reviewed, (today - reviewed).days, limit)


def _age_class(site: Site, name: str) -> str:
    products = site.settings.chapter.get("products", [])
    return "product" if name.rpartition("/")[2].removesuffix(".md") in products else ""
