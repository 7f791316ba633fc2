"""Code on a page: every character as it was written, and marks for what has a colour alone."""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import pytest
from conftest import ROOT
from markdown import Markdown

from handbook.markdown import code

CODE = """```python
@cache
def say(text: str = f"a{1:b}", *, size=0x1F) -> None:  # <b> & "so"
    return text and "x\\n" or not None
```
"""


def rendered(extensions: list[str]) -> str:
    options = {"pymdownx.highlight": {"pygments_lang_class": True}}
    return Markdown(extensions=["pymdownx.superfences", *extensions], extension_configs=options).convert(CODE)


def marks(html: str) -> set[str]:
    return set(re.findall(r'<span class="([^"]+)"', html))


def test_only_marks_that_have_a_colour_stay_and_the_text_is_the_same() -> None:
    highlighted, lighter = (rendered(more) for more in (["pymdownx.highlight"], ["pymdownx.highlight", code.__name__]))
    assert marks(highlighted) > {"n", "p", "kn", "nd"} - {"kn"}
    assert marks(lighter) == code.KINDS
    texts = [lxml.html.fromstring(html).text_content() for html in (highlighted, lighter)]
    assert texts[0] == texts[1]
    assert '<span class="s">"x\\n"</span>' in lighter  # one run, where Pygments marks the escape apart


def test_marks_of_the_site_are_these_alone(site: Path) -> None:
    blocks = [
        block
        for path in site.rglob("*.html")
        for block in re.findall(r"<pre>.*?</pre>", path.read_text("utf-8"), re.DOTALL)
    ]
    assert set().union(*map(marks, blocks)) == code.KINDS


@pytest.mark.parametrize("name", ["docs/assets/stylesheets/handbook.css", "handbook/editions/book.css"])
def test_no_colour_waits_for_a_mark_that_is_dropped(name: str) -> None:
    sheet = (ROOT / name).read_text(encoding="utf-8")
    named = {
        mark
        for rule in re.findall(r"^(?:\.highlight )?(?:\.|:is\()\.?k\b.*?\{", sheet, re.MULTILINE)
        for mark in re.findall(r"\.(\w+)", rule)
    }
    assert "k" in named
    assert {code.kind(mark) for mark in named - {"highlight"}} <= code.KINDS
