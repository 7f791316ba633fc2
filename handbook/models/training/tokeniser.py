"""The tokeniser of the labs: 768 merges learnt from the handbook's own training text.

Nothing is drawn at random: the seed changes nothing, and the same text gives the same merges.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from handbook.models import bpe, container, text

MERGES = 768  # with the 256 bytes 1,024 tokens: the table of embeddings of the small GPT stays small

# One sentence of the chapter Tokens and sampling, our translations of it, and two kinds of text that are no prose.
SAMPLES = {
    "English": "The vocabulary grows by one entry; the text gets shorter.",
    "German": "Das Vokabular wächst um einen Eintrag; der Text wird kürzer.",
    "Swahili": "Msamiati unaongezeka kwa ingizo moja; maandishi yanakuwa mafupi zaidi.",
    "Greek": "Το λεξιλόγιο μεγαλώνει κατά μία εγγραφή· το κείμενο γίνεται συντομότερο.",
    "Arabic": "تزداد المفردات بمدخل واحد، ويصبح النص أقصر.",
    "Hindi": "शब्दावली में एक प्रविष्टि जुड़ती है; पाठ छोटा हो जाता है।",
    "Chinese": "词表增加一个条目；文本变短。",
    "Python": "for row in rows:\n    total += row.price * row.count",
    "Digits": "1,234,567 + 89,012 = 1,323,579",
}

BOUNDS = {
    "tokeniser.bin": {
        "measures.held_out_characters_per_token": 0.05,
        "measures.training_characters_per_token": 0.05,
    }
}


def train(seed: int, out: Path) -> list[dict]:
    """Learn the merges, write tokeniser.bin and tokeniser.json into the folder, and return the card."""
    training, held_out = text.split()
    tokeniser = bpe.train(training, MERGES)
    card = {
        "name": "tokeniser",
        "what": "Byte-level byte-pair encoding of the labs",
        "data": "The prose of this handbook's chapters; every tenth section is held out",
        "data_sha256": text.fingerprint(training),
        "characters": {"training": len(training), "held_out": len(held_out)},
        "parameters": 2 * len(tokeniser.merges),
        "vocabulary": tokeniser.size,
        "seed": seed,
        "script": "python -m handbook.models.training tokeniser",
        "training_loss": "none: merges are counted, not fitted",
        "measures": {
            "training_characters_per_token": round(len(training) / len(tokeniser.encode(training)), 4),
            "held_out_characters_per_token": round(len(held_out) / len(tokeniser.encode(held_out)), 4),
        },
        "samples": SAMPLES,
        "date": date.today().isoformat(),
    }
    return [container.write(out / "tokeniser.bin", tokeniser.tensors(), card)]
