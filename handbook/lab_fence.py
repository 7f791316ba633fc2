"""The `lab` fence of a chapter: what it holds, and what may be wrong with it.

The build (`handbook.markdown.labs`) and the gate (`handbook.checks.rules.labs`) both read it here.

    ```lab
    name: diffusion
    question: What happens to the diversity of samples when guidance doubles?
    answers:
      - It rises
      - It stays the same
      - right: It falls
    why: Guidance pushes each step away from what the model would draw without the class.
    alt: Alternative text of the static figure, in a full sentence.
    caption: What the static figure and its table show.
    options:        # may be left out: the lab's start, where it is not its usual one
      shape: spiral
    shown:          # may be left out: the states that the verdict on the prediction waits for, in any order
      - {shape: spiral, along: guidance}
    static: diffusion-guidance   # may be left out: figure and table of another name than the lab's
    ```
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import yaml

from handbook import quick_yaml

TEXTS = ("name", "question", "why", "alt", "caption")
OPTIONAL = ("options", "shown", "static")
KEYS = (*TEXTS, "answers", *OPTIONAL)
FEWEST_ANSWERS, MOST_ANSWERS = 2, 5
FEWEST_WORDS = 6  # of an alternative text

Fault = tuple[int, str]  # the line in the fence, from 1, and "what is wrong; how to mend it"


@dataclass(frozen=True)
class Lab:
    name: str
    question: str
    answers: tuple[str, ...]
    right: int  # the place of the right answer
    why: str
    alt: str
    caption: str
    static: str
    options: dict[str, Any] = field(default_factory=dict)
    shown: list[dict[str, Any]] | None = None


def read(source: str, known: Collection[str]) -> tuple[Lab | None, list[Fault]]:
    """Return the lab that a fence describes, or None and the faults; `known` are the names of the labs."""
    try:
        node, given = _parse(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it can't be read"
        line = mark.line + 1 if mark else 1
        return None, [(line, f"the lab is not YAML: {reason}; put a text with a colon in quotes")]
    if not isinstance(given, dict):
        return None, [(1, "the lab is no list of keys; write name, question, answers, why, alt and caption")]
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    faults = [*_keys(given, lines), *_texts(given, lines)]
    if isinstance(given.get("name"), str) and given["name"] not in known:
        near = get_close_matches(given["name"], known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
        faults.append((lines["name"], f"unknown lab '{given['name']}'; {hint}"))
    answers, right = [], []
    if "answers" in given:
        answers, right, wrong = _answers(given["answers"], lines["answers"])
        faults += wrong
    if faults:
        return None, sorted(faults)
    texts = {key: " ".join(given[key].split()) for key in TEXTS}
    static = str(given.get("static") or texts["name"])
    more = {"options": given.get("options") or {}, "shown": given.get("shown")}
    return Lab(**texts, answers=tuple(answers), right=right[0], static=static, **more), []


def _parse(source: str) -> tuple[yaml.Node, Any]:
    """Return the tree, which knows the lines, and what it holds; the slower parser tells places and reasons."""
    try:
        loader = quick_yaml.LOADER(source)
        node = loader.get_single_node()
    except yaml.YAMLError:
        loader = yaml.SafeLoader(source)
        node = loader.get_single_node()
    return node, None if node is None else loader.construct_document(node)


def _keys(given: dict, lines: dict[str, int]) -> list[Fault]:
    missing = [key for key in KEYS if key not in given and key not in OPTIONAL]
    faults = [(1, f"the lab has no {key}; add '{key}:'") for key in missing]
    for key in given:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"a lab has {', '.join(KEYS)}"
            faults.append((lines.get(str(key), 1), f"unknown key '{key}'; {hint}"))
    if not isinstance(given.get("options") or {}, dict):
        faults.append((lines["options"], "the options are no list of keys; write 'control: value' under them"))
    shown = given.get("shown", [{"control": "value"}])
    if not (isinstance(shown, list) and shown and all(isinstance(state, dict) and state for state in shown)):
        faults.append((lines["shown"], "'shown' is no list of states; write '- {control: value}' under it"))
    return faults


def _texts(given: dict, lines: dict[str, int]) -> list[Fault]:
    faults = []
    for key in TEXTS:
        if key in given and not (isinstance(given[key], str) and given[key].strip()):
            faults.append((lines[key], f"'{key}' holds no text; write it behind the colon"))
    alt = given.get("alt")
    if isinstance(alt, str) and alt.strip() and len(alt.split()) < FEWEST_WORDS:
        faults.append((lines["alt"], "the alternative text is no sentence; say what the static figure shows"))
    return faults


def _answers(given: Any, line: int) -> tuple[list[str], list[int], list[Fault]]:
    """Return the answers' texts, the places of the right ones, and the faults."""
    if not isinstance(given, list) or not FEWEST_ANSWERS <= len(given) <= MOST_ANSWERS:
        return [], [], [(line, f"a lab has {FEWEST_ANSWERS} to {MOST_ANSWERS} answers to choose from, in a list")]
    texts, right = [], []
    for place, answer in enumerate(given):
        if isinstance(answer, dict) and list(answer) == ["right"]:
            right.append(place)
            answer = answer["right"]  # noqa: PLW2901 (the text under the mark)
        if isinstance(answer, dict | list) or answer is None:
            return [], [], [(line, f"answer {place + 1} is no text; put a text with a colon in quotes")]
        texts.append(str(answer))
    if len(right) != 1:
        return [], [], [(line, f"{len(right)} right answers; mark exactly one, as '- right: text'")]
    return texts, right, []
