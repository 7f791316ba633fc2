"""Static side of the lab "tokeniser": a word on its way from bytes to a token, and the samples in numbers."""

from pathlib import Path

from handbook.figures.plot import INK, MUTED, RULE, SERIES, Figure, rectangles
from handbook.models import bpe, container

WEIGHTS = Path(__file__).parents[2] / "docs/assets/labs/weights/tokeniser.bin"
WORD = " generative"
CELL, ROW = 19.0, 24.0


def draw() -> dict[str, str]:
    """The lab's figure: file name -> SVG text."""
    return {"tokeniser.svg": word_by_merges()}


def table() -> dict[str, object]:
    """The lab's table: header and rows, one for each sample."""
    tokeniser = bpe.load(WEIGHTS)
    rows = []
    for name, text in container.read(WEIGHTS)[1]["samples"].items():
        tokens, size = len(tokeniser.encode(text)), len(text.encode())
        rows.append([name, len(text), size, tokens, f"{tokens / len(text):.2f}", f"{tokens / size:.2f}"])
    return {"header": ["Text", "Characters", "Bytes", "Tokens", "Tokens a character", "Tokens a byte"], "rows": rows}


def word_by_merges() -> str:
    """Each merge of one word, with its number and count."""
    tokeniser = bpe.load(WEIGHTS)
    steps = tokeniser.steps(WORD)
    left, top = 360 - 4 - CELL * len(WORD), 28.0
    figure = Figure(height=top + ROW * (len(steps) + 1) + 4)
    for x, head in ((44.0, "Merge"), (108.0, "Seen")):
        figure.add(figure.text(x, 16, head, anchor="end", colour=MUTED))
    figure.add(figure.text(left, 16, "Tokens", colour=MUTED))

    old, fresh, texts = [], [], []

    def row(number: int, before: tuple[str, str], text: str, merges: int, latest: int | None) -> None:
        y = top + ROW * number
        for x, said in zip((44.0, 108.0), before, strict=True):
            figure.add(figure.text(x, y + 15, said, anchor="end"))
        x = left
        for token in tokeniser.encode(text, merges):
            written = tokeniser.vocabulary[token].decode()
            width = CELL * len(written)
            new = token == latest
            (fresh if new else old).append((x + 1, y, width - 2, ROW - 4))
            shown = written.replace(" ", "␣")
            texts.append(figure.text(x + width / 2, y + 14.5, shown, anchor="middle", colour=1 if new else INK))
            x += width

    row(0, ("none", ""), WORD, 0, None)
    for number, step in enumerate(steps, start=1):
        seen = f"{tokeniser.counts[step.rank]:,}"
        row(number, (str(step.rank + 1), seen), WORD, step.rank + 1, bpe.BYTES + step.rank)
    figure.add(rectangles(old, stroke=RULE))
    figure.add(rectangles(fresh, stroke=SERIES[1], stroke_width=2))
    for text in texts:
        figure.add(text)
    return figure.svg()
