"""The project keeps its own promises: a lock with hashes, workflows that can't be moved, commands that exist."""

from __future__ import annotations

import re
import shutil
import tomllib

import pytest
import yaml
from conftest import ROOT, run

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def loose_requirements(lock: str) -> list[str]:
    """The requirements of a lock file that are not pinned with a hash, and every address in it."""
    entries = re.split(r"\n(?=\S)", lock.replace("\\\n", ""))
    loose = [e.split()[0] for e in entries if e[:1].isalnum() and not ("==" in e and "--hash=sha256:" in e)]
    return loose + re.findall(r"\S*https?:\S*", lock)


def test_lock_pins_every_package_with_hashes_and_names_no_host() -> None:
    assert loose_requirements((ROOT / "requirements.lock").read_text(encoding="utf-8")) == []


def test_a_loose_lock_is_seen() -> None:
    pinned = "good==1 \\\n    --hash=sha256:00\n"
    lock = pinned + "loose==2\n    # via good\n" + pinned.replace("good==1", "from @ https://host.example/x.whl")
    assert loose_requirements(lock) == ["loose==2", "from", "https://host.example/x.whl"]


def test_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    assert {re.match(r"[\w-]+", name).group().lower() for name in asked} <= locked


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_is_pinned_and_has_few_rights(path) -> None:
    text = path.read_text(encoding="utf-8")
    for action in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"[\w-]+(?:/[\w-]+)+@[0-9a-f]{40}", action), action
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    assert "pull_request_target" not in text
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job


def test_commands_of_the_readme_are_targets() -> None:
    listed = run(["make"]).stdout if shutil.which("make") else (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make ([a-z-]+)", readme)):
        assert re.search(rf"\b{target}\b", listed), target
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
