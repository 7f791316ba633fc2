"""What trains the models of the labs.

Each module named in MODELS has two things: train(seed, out), which writes files of weights and their cards into the
folder `out` and returns the cards, and BOUNDS, which says how far each measure of a card may move when the committed
script trains anew: file name -> path in the card, dots between -> greatest absolute difference.
Measures move because the chapters change, and because sums in another order on another machine round differently.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

MODELS = ("tokeniser", "gpt", "families")  # in this order: the GPT reads the tokeniser's file
SEED = 1
WEIGHTS = Path("docs/assets/labs/weights")


def module(name: str) -> ModuleType:
    """The module that trains a model; imported only now, since most need PyTorch."""
    return importlib.import_module(f"{__name__}.{name}")


def measure(card: Mapping[str, Any], path: str) -> float:
    """The number in a card at a path such as "measures.held_out.loss". Raises ValueError if none stands there."""
    found: Any = card
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"no number at {path}")
    return found


def differences(committed: Mapping[str, Any], trained: Mapping[str, Any], bounds: Mapping[str, float]) -> list[str]:
    """What is wrong with the card of a model trained anew, a sentence each; empty if every measure is within bounds."""
    faults = []
    for path, bound in bounds.items():
        try:
            before, now = measure(committed, path), measure(trained, path)
        except ValueError as error:
            faults.append(f"{error} of the card")
            continue
        if not abs(now - before) <= bound:  # so that a NaN is a fault
            faults.append(f"{path} is {now:.4g}, and was {before:.4g}: more than {bound:g} apart")
    return faults
