"""The one bibliography of the handbook: `docs/data/bibliography.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from handbook import quick_yaml

BIBLIOGRAPHY = Path("docs/data/bibliography.yaml")
SEEN = ("full text", "abstract", "listing", "cited elsewhere")


class BibliographyError(ValueError):
    """An entry of the bibliography that can't be used; the message names file and key."""


@dataclass(frozen=True)
class Source:
    """One entry: who wrote what, when, and where it is found.

    `seen` tells how much of it the one who entered it could read: one of `SEEN`.
    """

    key: str
    authors: str
    title: str
    year: int
    id: str
    seen: str

    @property
    def url(self) -> str:
        scheme, _, rest = self.id.partition(":")
        if scheme == "arXiv":
            return f"https://arxiv.org/abs/{rest}"
        if scheme == "doi":
            return f"https://doi.org/{rest}"
        return self.id

    @property
    def label(self) -> str:
        """The identifier as it is printed: `arXiv:…`, `doi:…`, or the host of a web address."""
        return self.id.split("/")[2] if self.id.startswith("https://") else self.id


def load(path: Path = BIBLIOGRAPHY) -> dict[str, Source]:
    """Read the bibliography; raises BibliographyError for an entry that is not whole."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, changed: int) -> dict[str, Source]:  # `changed` keeps `make serve` fresh
    entries = quick_yaml.load(path.read_text(encoding="utf-8"))
    return {key: _source(path, key, fields) for key, fields in entries.items()}


def _source(path: Path, key: str, fields: dict) -> Source:
    wanted = {"authors", "title", "year", "id", "seen"}
    if set(fields) != wanted:
        odd = ", ".join(sorted(wanted ^ set(fields)))
        raise BibliographyError(f"{path}: {key}: missing or unknown field: {odd}; an entry has {sorted(wanted)}")
    if not fields["id"].startswith(("arXiv:", "doi:", "https://")):
        raise BibliographyError(f"{path}: {key}: id {fields['id']!r} is not arXiv:…, doi:… or https://…")
    if fields["seen"] not in SEEN:
        raise BibliographyError(f"{path}: {key}: seen {fields['seen']!r} is not one of {', '.join(SEEN)}")
    return Source(key=key, **fields)
