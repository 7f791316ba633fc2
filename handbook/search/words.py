"""Words made comparable: spelling, plurals and verb forms folded together.

The rules are data, because the browser applies the same ones: they are sent to it with the index.
They need not be linguistically right, only the same on both sides and without collisions that a reader would notice.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Spelling, on lower-case words without accents. All but the last four also hold for the beginning of a word, so that
# half a word finds its whole.
FOLD = [
    ("z", "s"),  # -ize, -ise
    ("^(.{2,})our", "$1or"),  # colour, color
    (r"([bcdfghjklmnpqrtvwx])\1", "$1"),  # modelling, modeling
    ("dgement", "dgment"),
    ("artefact", "artifact"),
    ("(.)ogue(s?)$", "$1og$2"),  # dialogue, dialog
    ("ence(s?)$", "ense$1"),  # licence, license
    ("([bnt])tre(s?)$", "$1ter$2"),  # centre, center
    ("ame(s?)$", "am$1"),  # programme, program
]

# Plurals and verb forms, on folded words; each applies at most once, in this order.
STEM = [
    ("(.{2})ies$", "$1y"),
    ("^(?!bias$|canvas$|atlas$)(.+[^suia]|.{2,}a)s$", "$1"),
    ("^(.*[aeiouy].+)ing$", "$1"),
    ("^(?!embed$)(.*[aeiouy].*[^e])ed$", "$1"),
    ("^(.{4,}[st])ion$", "$1"),
    ("^(.{3,})isat$", "$1is"),
    ("^(.{2,})e$", "$1"),
]
_STOP = """
a about all an and any are as at be become becomes been between but by can could did difference do does doing explain
for from get gets give had happen happens has have how i if in into is it its know knows let like me mean means much
my need of on one or please really should so some take takes tell than that the their them then there these they this
to us versus vs want was we were what when where which who whose why will with would you your
"""
STOP = frozenset(_STOP.split())

_WORD = re.compile(r"[^\W_]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def _compile(rules: list[tuple[str, str]]) -> list[tuple[re.Pattern[str], str]]:
    """Replacements are written as JavaScript's: $1."""
    return [(re.compile(pattern), replacement.replace("$", "\\")) for pattern, replacement in rules]


_FOLD, _STEM = _compile(FOLD), _compile(STEM)


def split(text: str) -> list[str]:
    """The words of a text, in lower case and without accents."""
    plain = text.replace("’", "'").replace("'s", "")
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
    return _WORD.findall(_FOREIGN.sub(_without_accent, plain.lower()))


def _without_accent(letter: re.Match[str]) -> str:
    return "" if unicodedata.combining(letter[0]) else letter[0]


@cache
def fold(word: str) -> str:
    """One spelling for the British and the American."""
    for pattern, replacement in _FOLD:
        word = pattern.sub(replacement, word)
    return word


@cache
def stem(folded: str) -> str:
    """One form for a noun's plural and a verb's endings."""
    for pattern, replacement in _STEM:
        folded = pattern.sub(replacement, folded, count=1)
    return folded


def stems(text: str) -> list[str]:
    """The words of a text as the index knows them."""
    return [stem(fold(word)) for word in split(text)]
