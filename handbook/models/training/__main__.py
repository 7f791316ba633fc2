"""Train the models of the labs: python -m handbook.models.training [model ...] [--seed 1] [--check].

Without names all are trained. The weights and cards go to docs/assets/labs/weights/ under the current directory.
With --check they go to a folder that is thrown away, and the exit code is 1 if a measure differs from the committed
card by more than the bounds of its module; each is named. All but `tokeniser` need the dependency group `training`.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from handbook.models import training
from handbook.models.training import WEIGHTS


def check(name: str, seed: int) -> list[str]:
    """Train a model anew and compare; the faults, each as `file: what`."""
    module = training.module(name)
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        module.train(seed, Path(folder))
        for file_name, bounds in module.BOUNDS.items():
            card_name = Path(file_name).with_suffix(".json")
            committed, trained = (
                json.loads((place / card_name).read_text(encoding="utf-8")) for place in (WEIGHTS, Path(folder))
            )
            faults += [f"{WEIGHTS / card_name}: {fault}" for fault in training.differences(committed, trained, bounds)]
    return faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Train or check; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m handbook.models.training", description="Train the labs' models.")
    parser.add_argument("models", nargs="*", metavar="model", help=f"one of {', '.join(training.MODELS)}; default: all")
    parser.add_argument("--seed", type=int, default=training.SEED, help="of the random numbers (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a measure is out of bounds")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.models) - set(training.MODELS)):
        parser.error(f"no model is called {unknown[0]}; there are {', '.join(training.MODELS)}")
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    faults = []
    for name in [name for name in training.MODELS if name in options.models or not options.models]:
        began = time.monotonic()
        if options.check:
            found = check(name, options.seed)
            faults += found
            print(f"{name}: {'out of bounds' if found else 'within bounds'}, {time.monotonic() - began:.0f} s")
        else:
            for card in training.module(name).train(options.seed, WEIGHTS):
                print(f"wrote {WEIGHTS / card['file']}, {card['bytes']:,} bytes, {time.monotonic() - began:.0f} s")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
