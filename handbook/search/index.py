"""The index as files: what every query needs in one small file, the rest in pieces that a query names.

    search/start.json        titles, headings and terms: answers at once
    search/<version>/
      terms-<n>.json         which items hold a word, and how much they are about it; cut by the alphabet
      items-<n>.json         sixteen items as they are shown: title, headings above, text
      synonyms.json          other words for what the handbook says
      words.json             every word, to correct one that no other file knows

The size of the first file is bounded: where a handbook has grown too large for it, headings wait in the other files.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from handbook import quick_yaml
from handbook.search import words
from handbook.search.pages import Item, Page, read

START_LIMIT = 40_000  # bytes of start.json, gzipped
SHARD_SIZE = 30_000  # characters of a file of terms
ITEMS_IN_A_FILE = 16
POSTINGS_LIMIT = 400  # of a word that stands everywhere, the items that are most about it

# How much a word in the title says what the item is about; text and other places say less.
TITLE = {"chapter": 90, "term": 70, "section": 60, "figure": 22, "table": 22, "question": 20, "source": 20}
ABOVE, CHAPTER = 10, 14  # a word in a heading above, in the chapter's title
DEFINED, CONTEXT, TEXT = 25, 8, 16
NAMED = 30  # who types "table" wants a table
NAMES = {"figure": "figure", "table": "table", "question": "question", "term": "definition", "source": "paper"}
# Items that repeat what others explain.
ASIDE_KINDS = {"question": 0.7, "figure": 0.75, "table": 0.75, "source": 0.35}
ASIDES = {"summary", "further reading", "check yourself", "try it", "where it breaks", "sources"}
ASIDE_FACTOR = 0.7
CONTENTS_FACTOR = 0.5  # the front page repeats the titles of all chapters
TITLED = ("chapter", "section", "term")  # kinds whose titles are in the first file


class SynonymError(ValueError):
    """The list of synonyms names what the handbook does not have."""


def build(site: Path, synonyms: Path, target: Path) -> None:
    """Index a built site into the folder `target`, in place of what was there."""
    pages = read(site)
    for page in pages:
        page.items.sort(key=lambda item: item.kind not in TITLED)
    items = [item for page in pages for item in page.items]
    write(pages, items, aliases(synonyms, items), target)
    (site / "search.json").unlink(missing_ok=True)  # the theme's own index, which nobody fetches


def aliases(path: Path, items: list[Item]) -> dict[str, list[list[str]]]:
    """The synonyms of the list, and the acronyms of the list and of the text; each target must be in the handbook."""
    listed = quick_yaml.read(path)
    titles = [set(words.stems(item.title)) for item in items if item.kind in TITLED]
    targets = [*listed["synonyms"], *listed["acronyms"].values()]
    contents = {each: _content(each) for each in targets}
    missing = [each for each in targets if not any(contents[each] <= title for title in titles)]
    if missing:
        raise SynonymError(f"{path}: no title, heading or glossary term has: {', '.join(missing)}")
    acronyms = {**_acronyms(items), **listed["acronyms"]}
    return {
        "synonyms": [[target, *phrases] for target, phrases in listed["synonyms"].items()],
        "acronyms": [[short, long] for short, long in sorted(acronyms.items())],
    }


def _content(text: str) -> set[str]:
    return {words.stem(words.fold(word)) for word in words.split(text) if word not in words.STOP}


def _acronyms(items: list[Item]) -> dict[str, str]:
    """Acronyms that a text explains, as in: variational autoencoder (VAE)."""
    found = {}
    for item in items:
        for text in (item.title, *item.text):
            end = 0
            for match in _SHORT.finditer(text):
                before = _BEFORE.search(" ".join(text[end : match.start()].rsplit(" ", 8)[-8:]))
                if not before:
                    continue
                end, short = match.end(), match[1]
                long = _expansion(before[0].split(), [letter for letter in short if letter.isupper()])
                if long:
                    found[short] = long
    return found


_SHORT = re.compile(r"\(([A-Z]\w*[A-Z])s?\)")
_BEFORE = re.compile(r"(?:[\w-]+ ){1,7}\Z")


def _expansion(before: list[str], capitals: list[str]) -> str:
    """The last words whose initials spell an acronym; small words and second halves of compounds may be left out."""
    for count in range(2, len(before) + 1):
        last = before[-count:]
        for parts in (last, [part for word in last for part in word.split("-")]):
            initials = [word[0].upper() for word in parts if word.lower() not in words.STOP]
            if initials == capitals and last[0].lower() not in words.STOP:
                return " ".join(last).lower()
    return ""


def weigh(items: list[Item], contents: int) -> dict[str, dict[int, int]]:
    """For each word, how much each item is about it; the first `contents` items only lead to others."""
    texts = [Counter(words.stems(item.text[0])) for item in items]
    average = sum(sum(text.values()) for text in texts) / len(items)
    weights: dict[str, dict[int, int]] = defaultdict(dict)
    for number, (item, text) in enumerate(zip(items, texts, strict=True)):
        about: dict[str, float] = defaultdict(float)
        for weight, phrase in _phrases(item):
            length, stems = _weighed(phrase)
            for stem in stems:
                about[stem] += weight / length**0.5
        length = 0.4 + 0.6 * sum(text.values()) / average
        for stem, count in text.items():
            if len(stem) > 1:
                about[stem] += TEXT * count / (count + 1.5 * length)
        factor = ASIDE_FACTOR if item.title.lower() in ASIDES else ASIDE_KINDS.get(item.kind, 1)
        if number < contents:
            factor *= CONTENTS_FACTOR
        for stem, weight in about.items():
            weights[stem][number] = max(1, round(weight * factor))
    return weights


@cache  # a chapter's title stands above all that is in it
def _weighed(phrase: str) -> tuple[int, frozenset[str]]:
    """How many words of a phrase say something, at least 1, and all of them as the index knows them."""
    length = sum(word not in words.STOP for word in words.split(phrase))
    return max(1, length), frozenset(words.stems(phrase))


def _phrases(item: Item) -> Iterator[tuple[float, str]]:
    yield TITLE[item.kind], item.title
    yield CONTEXT, item.context
    yield NAMED, NAMES.get(item.kind, "")
    for title in item.above[:1]:
        yield CHAPTER, title
    for title in item.above[1:]:
        yield ABOVE, title
    for term in item.defined:
        yield DEFINED, term


def write(pages: list[Page], items: list[Item], alias: dict[str, list[list[str]]], target: Path) -> None:
    """Write all files; the folder's name changes with what is in it, so that a cache never mixes two builds."""
    files: dict[str, str] = {}
    firsts = []
    for number, shard in enumerate(_shards(weigh(items, len(pages[0].items)))):
        firsts.append(next(iter(shard)))
        files[f"terms-{number}"] = _json(shard)
    for number in range(0, len(items), ITEMS_IN_A_FILE):
        files[f"items-{number // ITEMS_IN_A_FILE}"] = _json(
            [[i.kind, i.anchor, i.title, *i.above[1:], i.text[0]] for i in items[number : number + ITEMS_IN_A_FILE]]
        )
    known = {words.fold(w) for i in items for text in (i.title, i.context, *i.text) for w in words.split(text)}
    files["synonyms"] = _json(alias)
    files["words"] = _json(" ".join(sorted(word for word in known if len(word) > 2)))
    version = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:8]
    start = {
        "version": version,
        "fold": words.FOLD,
        "stem": words.STEM,
        "stop": " ".join(sorted(words.STOP)),
        "weights": {"title": TITLE, "above": ABOVE, "chapter": CHAPTER},
        "shards": " ".join(firsts),
        "itemsInAFile": ITEMS_IN_A_FILE,
    }
    shutil.rmtree(target, ignore_errors=True)
    (target / version).mkdir(parents=True)
    for kinds in (TITLED, ("chapter", "term"), ("chapter",)):
        start["pages"] = [_entry(page, kinds) for page in pages]
        if len(gzip.compress(_json(start).encode())) <= START_LIMIT:
            break
    (target / "start.json").write_text(_json(start), encoding="utf-8")
    for name, content in files.items():
        (target / version / f"{name}.json").write_text(content, encoding="utf-8")


def _entry(page: Page, kinds: Iterable[str]) -> list[object]:
    """A page's address, part, number of items, and titles: a letter for the kind and level, the title, the anchor."""
    titles = []
    for item in page.items:
        if item.kind in kinds:
            mark = item.kind[0] if item.kind != "section" else str(len(item.above) + 1)
            slug = "" if item.kind == "chapter" else "-".join(words.split(item.title))
            titles.append(mark + item.title + ("" if slug == item.anchor else f"#{item.anchor}"))
        else:
            titles.append("")
    while titles and not titles[-1]:
        titles.pop()
    return [page.url, page.part, len(page.items), *titles]


def _shards(weights: dict[str, dict[int, int]]) -> Iterator[dict[str, list[int]]]:
    """Cut the words by the alphabet. An entry is the number of items that hold the word, and then, for the best of
    them, the distance from the item before, and the weight."""
    shard: dict[str, list[int]] = {}
    size = 0
    for stem, found in sorted(weights.items()):
        best = sorted(found, key=lambda number: -found[number])[:POSTINGS_LIMIT]
        flat, last = [len(found)], 0
        for number in sorted(best):
            flat += [number - last, found[number]]
            last = number
        shard[stem] = flat
        size += len(_json(flat)) + len(stem) + 4
        if size > SHARD_SIZE:
            yield shard
            shard, size = {}, 0
    if shard:
        yield shard


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
