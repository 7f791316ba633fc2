"""What the lab "retrieval" needs of each build: the index of the chapters, the static figure and the table.

All three follow from the chapters, so none is kept: `handbook prepare` makes them anew when a chapter has changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import yaml

from handbook.figures.plot import Figure, linear
from handbook.markdown.page import write_if_changed
from handbook.models import retrieval, text

NAMES = {"bm25": "BM25", "vectors": "vectors", "fused": "fused"}
TITLES = {"same words": "Questions in the handbook's words", "other words": "Questions in other words"}
COLOURS = {"bm25": 2, "vectors": 1, "fused": 3}  # as in the chapter's figure


def questions(path: Path) -> list[retrieval.Question]:
    """The questions of the test set; raises RetrievalError for an entry without question or kind."""
    found = []
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), start=1):
        if not {"question", "kind"} <= entry.keys() <= {"question", "kind", "sections"}:
            raise retrieval.RetrievalError(f"{path.as_posix()}: entry {number} needs question, kind and sections")
        found.append(retrieval.Question(entry["question"], entry["kind"], tuple(entry.get("sections", ()))))
    return found


def write(docs: Path) -> None:
    """Write the index, the figure and the table below `docs`, what is up to date left alone.

    Raises RetrievalError for a question that names a section that isn't there.
    """
    listed = docs / "data/labs/retrieval-questions.yaml"
    weights = docs / "assets/labs/weights/retrieval.bin"
    figure = docs / "assets/figures/labs/retrieval.svg"
    table = docs / "data/labs/retrieval.yaml"
    made_from = [
        *sorted((docs / "genai").glob("*.md")),
        listed,
        *map(Path, (__file__, retrieval.__file__, text.__file__)),
    ]
    source = hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()
    if all(path.is_file() for path in (weights, figure, table)) and _source(weights) == source:
        return
    for path in (weights, figure, table):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        index = retrieval.build(docs / "genai", questions(listed))
    except retrieval.RetrievalError as error:
        raise retrieval.RetrievalError(f"{listed.as_posix()}: {error}") from error
    ranks = retrieval.ranks(index)
    write_if_changed(figure, draw_recall(ranks))
    write_if_changed(table, yaml.safe_dump(rows(ranks), allow_unicode=True, sort_keys=False))
    retrieval.write(weights, index, source)


def _source(weights: Path) -> str | None:
    card = weights.with_suffix(".json")
    return json.loads(card.read_text(encoding="utf-8")).get("source") if card.is_file() else None


def rows(ranks: dict[str, dict[str, list[int | None]]]) -> dict[str, object]:
    """The lab's table: header and rows, one for each ranking and kind of question."""
    depths = (1, 5, retrieval.DEEPEST)
    made = [
        [
            f"{NAMES[method]}, {kind}",
            len(places),
            *(f"{retrieval.recall(places, k):.2f}" for k in depths),
            f"{retrieval.mean_reciprocal_rank(places):.2f}",
        ]
        for kind, by_method in ranks.items()
        for method, places in by_method.items()
    ]
    return {"header": ["Ranking and wording", "Questions", *(f"Recall@{k}" for k in depths), "MRR"], "rows": made}


def draw_recall(ranks: dict[str, dict[str, list[int | None]]]) -> str:
    """Draw recall@k of the three rankings, a panel for each kind of question."""
    sheet = Figure(height=420)
    depths = range(1, retrieval.DEEPEST + 1)
    for place, (kind, by_method) in enumerate(ranks.items()):
        axes = sheet.axes(
            linear(1, retrieval.DEEPEST, "Passages kept, k" if place else "", ticks=[1, 5, 10, 15, 20]),
            linear(0, 1, "Recall@k", ticks=[0, 0.5, 1]),
            top=200 * place,
            height=200 + 20 * place,
            title=TITLES[kind],
        )
        for method, places in by_method.items():
            curve = [retrieval.recall(places, k) for k in depths]
            axes.line(depths, curve, colour=COLOURS[method], label=NAMES[method])
    return sheet.svg()
