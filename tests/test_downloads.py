"""What a learner downloads is what the page shows, and it runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import lxml.html
import nbformat
import pytest
from conftest import ROOT, run

from handbook.markdown import bibliography, downloads

WITH_CODE = [p for p in sorted((ROOT / "docs/genai").glob("*.md")) if "\n```python\n" in p.read_text(encoding="utf-8")]
SOURCES = {
    "ho2020": bibliography.Source(
        "ho2020",
        "J. Ho, A. Jain, P. Abbeel",
        "Denoising Diffusion Probabilistic Models",
        2020,
        "arXiv:2006.11239",
        "abstract",
    )
}
PAGE = """---
level: core
---
# Title

See [another](other.md) and [a site](https://example.org) [@ho2020, section 4].

![What it shows.](../assets/x.svg)

/// figure-caption
A caption.
///

```python
print("one")
```

```text title="Output"
one
```

````markdown
```python
print("shown, not run")
```
````

The end.
"""


def test_notebook_holds_text_code_and_output() -> None:
    book = nbformat.reads(downloads.notebook(PAGE, SOURCES), as_version=4)
    nbformat.validate(book)
    assert [cell.cell_type for cell in book.cells] == ["markdown", "code", "markdown"]
    assert book.cells[1].source == 'print("one")'
    assert book.cells[1].outputs[0].text == "one\n"
    text = book.cells[0].source
    assert text.startswith("# Title")
    assert "See another and [a site](https://example.org) [arXiv:2006.11239, 2020, section 4]." in text
    assert "*Figure.* What it shows." in text
    assert "A caption." in text
    assert "///" not in text
    assert "shown, not run" in book.cells[2].source


@pytest.mark.parametrize("chapter", WITH_CODE, ids=lambda path: path.stem)
def test_page_links_to_files_that_hold_its_code(site: Path, chapter: Path) -> None:
    page = site / "genai" / ("" if chapter.stem == "index" else chapter.stem) / "index.html"
    root = lxml.html.parse(page).getroot()
    files = [(page.parent / a.get("href")).resolve() for a in root.xpath("//p[@class='download']/a")]
    samples, books = [f for f in files if f.suffix == ".py"], {f for f in files if f.suffix == ".ipynb"}
    kinds = [kind for kind, _ in downloads.parts(chapter.read_text(encoding="utf-8").splitlines())]
    assert len(samples) == kinds.count("output") > 0
    assert len(books) == 1
    shown = root.xpath("//div[contains(@class, 'language-python')]//code")
    assert [sample.read_text(encoding="utf-8").strip() for sample in samples] == [
        code.text_content().strip() for code in shown
    ]


@pytest.mark.parametrize("chapter", WITH_CODE, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(site: Path, chapter: Path) -> None:
    path = site / "assets/downloads" / f"{chapter.stem}.ipynb"
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    code = "\n".join(
        cell["source"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if "outputs" in cell
    )
    done = run([sys.executable, "-c", code], OPENBLAS_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    expected = "".join(output.text for cell in book.cells for output in cell.get("outputs", []))
    assert done.stdout.split() == expected.split()
