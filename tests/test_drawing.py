"""Diagrams are drawn ahead of their pages, side by side, and a page shows their place until then."""

from __future__ import annotations

from pathlib import Path

import markdown
import pytest
from conftest import ROOT

from handbook.markdown import diagrams, drawing

PAGE = """# Title

```mermaid
flowchart TD
  accTitle: One
  A --> B
```

- An item:

    ```mermaid
    pie
      "Web" : 60
    ```

````markdown
```mermaid
flowchart TD
  Shown --> NotDrawn
```
````

```mermaid
flowchart TD
  A[[[ --> B
```
"""


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HANDBOOK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").write_text(PAGE, encoding="utf-8")
    return tmp_path / "docs"


def test_what_is_drawn_ahead_is_what_the_fence_asks_for(docs: Path) -> None:
    given = []
    fence = {"name": "mermaid", "class": "mermaid", "format": lambda source, *_, **__: given.append(source) or ""}
    options = {"pymdownx.superfences": {"custom_fences": [fence]}}
    markdown.markdown(PAGE, extensions=["pymdownx.superfences"], extension_configs=options)
    assert list(drawing.sources(docs)) == given != []


def test_every_sound_diagram_is_drawn_and_a_faulty_one_stops_none(docs: Path) -> None:
    assert len(drawing.missing(docs)) == 3
    drawing.draw(drawing.missing(docs))
    assert drawing.missing(docs) == ["flowchart TD\n  A[[[ --> B"]
    assert not diagrams.waiting


def test_a_diagram_that_is_being_drawn_has_a_place(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = next(drawing.sources(docs))
    monkeypatch.setattr(diagrams, "render", lambda source: pytest.fail("the page waits for the drawing"))
    monkeypatch.setattr(diagrams, "waiting", {source})
    assert "being drawn" in diagrams.fence(source, "mermaid", "mermaid", {}, None)


def test_the_chapters_diagrams_are_at_hand_once_prepared(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDBOOK_CACHE", str(ROOT / ".cache"))  # the tests of diagrams have one of their own
    assert list(drawing.sources(ROOT / "docs/genai"))
    assert drawing.missing(ROOT / "docs/genai") == []
