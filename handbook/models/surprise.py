"""How much a text, as typed and with its words shuffled, surprises the small GPT: part three of the lab `metrics`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handbook.models import bpe, measures
from handbook.models.gpt import Gpt
from handbook.models.random import Random

WEIGHTS = Path("docs/assets/labs/weights")  # from the repository's root


@dataclass(frozen=True)
class Surprise:
    """What the small GPT makes of one text."""

    text: str
    tokens: list[str]  # a token that is part of a character is U+FFFD
    bits: np.ndarray  # −log2 p of each token, given a line feed and the tokens before it
    perplexity: float
    bits_per_byte: float


def compare(text: str, seed: int) -> tuple[Surprise, Surprise]:
    """Return the surprise of a text as it is, and with its words in the order that `Random(seed)` gives.

    Raises ValueError if the text has no word, and FileNotFoundError outside the repository's root.
    """
    words = text.split()
    if not words:
        raise ValueError("a text without a word surprises nobody")
    tokeniser, gpt = bpe.load(WEIGHTS / "tokeniser.bin"), Gpt.load(WEIGHTS / "gpt.bin")

    def surprise(text: str) -> Surprise:
        ids = tokeniser.encode(text)
        losses = gpt.losses(tokeniser.encode("\n") + ids)
        return Surprise(
            text=text,
            tokens=[tokeniser.decode([token]) for token in ids],
            bits=losses / np.log(2),
            perplexity=measures.perplexity(losses),
            bits_per_byte=measures.bits_per_byte(losses, len(text.encode())),
        )

    return surprise(text), surprise(" ".join(words[place] for place in Random(seed).permutation(len(words))))
