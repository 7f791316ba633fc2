"""Training anew: what counts as a difference, and the command, on faked models; and the lock of what trains."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT
from test_project import loose_requirements

from handbook.models import training
from handbook.models.training import __main__ as command

BOUNDS = {"measures.held_out.loss": 0.1, "measures.recall": 0.05}
CARD = {"measures": {"held_out": {"loss": 3.5}, "recall": 0.8}}


def card(loss: object = 3.5, recall: object = 0.8) -> dict:
    return {"measures": {"held_out": {"loss": loss}, "recall": recall}}


@pytest.mark.parametrize(
    ("trained", "faults"),
    [
        (card(), []),
        (card(loss=3.59, recall=0.84), []),
        (card(loss=3.41), []),
        (card(loss=3.7), ["measures.held_out.loss is 3.7, and was 3.5: more than 0.1 apart"]),
        (card(loss=3.3), ["measures.held_out.loss is 3.3, and was 3.5: more than 0.1 apart"]),
        (card(loss=4, recall=0), ["measures.held_out.loss is 4", "measures.recall is 0"]),
        (card(loss=float("nan")), ["measures.held_out.loss is nan"]),
        (card(recall=True), ["no number at measures.recall"]),
        ({"measures": {"held_out": 3.5, "recall": 0.8}}, ["no number at measures.held_out.loss"]),
        ({}, ["no number at measures.held_out.loss", "no number at measures.recall"]),
    ],
)
def test_differences_are_what_lies_out_of_bounds(trained: dict, faults: list[str]) -> None:
    found = training.differences(CARD, trained, BOUNDS)
    assert len(found) == len(faults)
    for sentence, start in zip(found, faults, strict=True):
        assert sentence.startswith(start)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict]:
    """Two models whose training writes the cards that stand in the dictionary; the committed ones say CARD."""
    cards = {"one": card(), "two": card()}

    def module(name: str) -> SimpleNamespace:
        def train(seed: int, out: Path) -> list[dict]:
            told = {**cards[name], "file": f"{name}.bin", "bytes": 5, "seed": seed}
            (out / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
            return [told]

        return SimpleNamespace(train=train, BOUNDS={f"{name}.bin": BOUNDS})

    monkeypatch.chdir(tmp_path)
    training.WEIGHTS.mkdir(parents=True)
    for name in cards:
        (training.WEIGHTS / f"{name}.json").write_text(json.dumps(CARD), encoding="utf-8")
    monkeypatch.setattr(training, "MODELS", tuple(cards))
    monkeypatch.setattr(training, "module", module)
    return cards


def test_a_check_within_bounds_passes_and_writes_nothing(models: dict[str, dict]) -> None:
    models["one"] = card(loss=3.55)
    assert command.main(["--check"]) == 0
    assert json.loads((training.WEIGHTS / "one.json").read_text(encoding="utf-8")) == CARD


def test_a_check_out_of_bounds_fails_and_names_the_card(models, capsys: pytest.CaptureFixture[str]) -> None:
    models["two"] = card(recall=0.6)
    assert command.main(["--check"]) == 1
    told = capsys.readouterr()
    assert "one: within bounds" in told.out
    assert "two: out of bounds" in told.out
    path = (training.WEIGHTS / "two.json").as_posix()
    assert told.err == f"{path}: measures.recall is 0.6, and was 0.8: more than 0.05 apart\n"
    assert command.main(["one", "--check"]) == 0


def test_training_writes_the_weights_of_the_named_models(models, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["two", "--seed", "7"]) == 0
    assert json.loads((training.WEIGHTS / "two.json").read_text(encoding="utf-8"))["seed"] == 7
    assert json.loads((training.WEIGHTS / "one.json").read_text(encoding="utf-8")) == CARD
    assert "two.bin, 5 bytes" in capsys.readouterr().out


def test_an_unknown_model_is_an_error(models, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(["three"])
    assert stopped.value.code == 2
    assert "no model is called three; there are one, two" in capsys.readouterr().err


@pytest.mark.parametrize("name", training.MODELS)
def test_every_model_has_what_the_command_needs(name: str) -> None:
    """Read from the source, since most modules need PyTorch, which the tests do without."""
    source = (ROOT / f"handbook/models/training/{name}.py").read_text(encoding="utf-8")
    assert re.search(r"^def train\(seed: int, out: Path\) -> list\[dict\]:$", source, re.MULTILINE)
    assert re.search(r"^BOUNDS\b", source, re.MULTILINE)


def test_the_bounds_of_the_gpt_are_about_measures_of_its_card() -> None:
    tree = ast.parse((ROOT / "handbook/models/training/gpt.py").read_text(encoding="utf-8"))
    [value] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "BOUNDS"
    ]
    for file_name, bounds in ast.literal_eval(value).items():
        committed = json.loads((ROOT / training.WEIGHTS / file_name).with_suffix(".json").read_text(encoding="utf-8"))
        assert bounds
        assert training.differences(committed, committed, bounds) == []


def test_the_lock_of_the_training_holds_what_its_group_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / "requirements-training.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert {re.match(r"[\w-]+", name).group() for name in project["dependency-groups"]["training"]} <= locked
    assert loose_requirements(lock) == []
    assert "://" not in lock
