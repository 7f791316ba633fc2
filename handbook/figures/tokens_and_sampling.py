"""Figures of the chapter Tokens and sampling."""

from collections import Counter
from itertools import pairwise

import numpy as np

from handbook.figures.plot import MUTED, RULE, Figure, categories, linear

# Training text of the small tokeniser: plain English, written for this figure.
ENGLISH = """
The town library opens at nine, and by ten there is no free chair near the windows.
Some people come for the books, some for the warm room, and some for the help that they get
with letters, forms and school work. Everyone can join, and nobody has to pay. A card is made
in five minutes, and with it you can take home ten books, two films and one game at a time.
In the morning the tables belong to the older readers, who like the papers and the quiet.
After school the children come. They have an hour to do their reading, and then there is a
story for the small ones and a place to play chess for the others. On two evenings there is a
lesson for grown people who want to learn to read, to write or to count, and on another there
is a talk by someone from the town: a nurse, a baker, a teacher of history, a man who mends
clocks. The talks are short and the questions after them are long. Once there was a vote on
whether the library should close on one day of the week to save money. The people who work
there put up a list of what would stop, and the list went round the town faster than any
notice before it. In the end the council found the money in another place, and the doors have
stayed open on all days since. If you ask the readers what they like best, they do not speak
of the books first. They say that it is the one room in the town where you may stay as long
as you like and where nobody asks you to buy something. A place to sit and read, one of them
said, has to be kept in use, or it will be gone when it is needed. The learning that happens
there has no marks and no end.
"""

SENTENCES = {
    "English": "Everyone has the right to education.",
    "German": "Jeder hat das Recht auf Bildung.",
    "French": "Toute personne a droit à l'éducation.",
    "Greek": "Καθένας έχει δικαίωμα να εκπαιδεύεται.",
    "Russian": "Каждый человек имеет право на образование.",
    "Hindi": "प्रत्येक व्यक्ति को शिक्षा का अधिकार है।",
    "Python": "        total += price[item] * count",
}
MERGES = 250


def draw() -> dict[str, str]:
    """The chapter's figures: file name -> SVG text."""
    return {
        "bytes-and-tokens.svg": bytes_and_tokens(),
        "kept-by-top-p.svg": kept_by_top_p(),
    }


# Bytes and tokens of one sentence in several languages ----------------------------------------


def split(text: str) -> list[bytes]:
    """Words with the blank before them, as bytes: merges never cross from word to word."""
    pieces = text.encode("utf-8").split(b" ")
    return [pieces[0], *(b" " + piece for piece in pieces[1:])]


def join(parts: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    """Replace each occurrence of a pair, from the left, by one part."""
    joined, place = [], 0
    while place < len(parts):
        if tuple(parts[place : place + 2]) == pair:
            joined.append(pair[0] + pair[1])
            place += 2
        else:
            joined.append(parts[place])
            place += 1
    return joined


def train(text: str, merges: int) -> list[tuple[bytes, bytes]]:
    """The merges of byte-level BPE, most frequent pair first; ties go to the smaller bytes."""
    words = Counter(split(" ".join(text.split())))
    parts = {word: [bytes([byte]) for byte in word] for word in words}
    rules = []
    for _ in range(merges):
        pairs: Counter[tuple[bytes, bytes]] = Counter()
        for word, count in words.items():
            for pair in pairwise(parts[word]):
                pairs[pair] += count
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        rules.append(best)
        parts = {word: join(old, best) for word, old in parts.items()}
    return rules


def encode(text: str, rules: list[tuple[bytes, bytes]]) -> list[bytes]:
    """The tokens of a text: every merge in the order in which it was learnt."""
    tokens = []
    for word in split(text):
        parts = [bytes([byte]) for byte in word]
        for pair in rules:
            parts = join(parts, pair)
        tokens += parts
    return tokens


def bytes_and_tokens() -> str:
    """How many bytes and how many tokens each sentence takes."""
    rules = train(ENGLISH, MERGES)
    sizes = [len(text.encode("utf-8")) for text in SENTENCES.values()]
    counts = [len(encode(text, rules)) for text in SENTENCES.values()]
    figure = Figure(height=300)
    axes = figure.axes(
        linear(0, 130, "Bytes or tokens", ticks=[0, 25, 50, 75, 100, 125]), categories(list(SENTENCES)), top=22
    )
    rows = range(len(SENTENCES))
    axes.bars(rows, sizes, colour=RULE, width=0.74)
    axes.bars(rows, counts, colour=1, width=0.38, show=lambda value: f"{value:.0f}")
    figure.add(figure.text(4, 16, "Grey: bytes in UTF-8.", colour=MUTED))
    figure.add(figure.text(132, 16, "Colour: tokens.", colour=1))
    return figure.svg()


# What top-k and top-p keep ---------------------------------------------------------------------


def kept_by_top_p() -> str:
    """Two distributions over 40 tokens, in order of probability, and the nucleus of each."""
    ranks = np.arange(1, 41)
    figure = Figure(height=370)
    for row, (name, slope) in enumerate((("Peaked: one clear favourite", 2.5), ("Flat: many fair choices", 0.6))):
        logits = -slope * np.log(ranks)
        p = np.exp(logits) / np.exp(logits).sum()
        kept = int(np.searchsorted(np.round(p.cumsum(), 9), 0.9) + 1)
        top = 0.8 if row == 0 else 0.16
        axes = figure.axes(
            linear(0, 40.5, "Rank of the token" if row else "", ticks=[1, 5, 10, 20, 30, 40]),
            linear(0, top, "Probability", ticks={at: f"{at:.2f}" for at in (0, top / 2, top)}),
            top=178 * row,
            height=176 + 14 * row,
            title=name,
        )
        axes.bars(ranks[:kept], p[:kept], colour=1, width=0.7)
        axes.bars(ranks[kept:], p[kept:], colour=MUTED, width=0.7, opacity=0.5)
        axes.plumb(5.5)
        axes.note(6.2, top * 0.86, "top-k, k = 5, cuts here", colour=MUTED)
        axes.note(14, top * 0.6, f"top-p at 0.9 keeps {kept}", colour=1)
    return figure.svg()
