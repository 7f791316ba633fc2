"""Downloads: every code sample of a page as a file, and the page as a notebook.

`write` makes the files before the site is built; the extension sets the links to them under each sample.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from handbook.markdown import bibliography, plain
from handbook.markdown.page import DOCS, source_path, write_if_changed

FOLDER = "assets/downloads"
OUTPUT = 'text title="Output"'
_FENCE = re.compile(r"^(`{3,})(.*)$")


def parts(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Part a page into ("text", lines), ("python", lines) and ("output", lines), fences left out of the latter two."""
    text: list[str] = []
    fence, kind, inside = "", "", []
    for line in lines:
        match = _FENCE.match(line)
        if not fence and match:
            fence, info = match.groups()
            kind = {"python": "python", OUTPUT: "output"}.get(info.strip(), "text")
            inside = [line]
        elif fence and line.rstrip() == fence:
            inside.append(line)
            if kind == "text":
                text += inside
            else:
                yield "text", text
                yield kind, inside[1:-1]
                text = []
            fence = ""
        elif fence:
            inside.append(line)
        else:
            text.append(line)
    yield "text", text + (inside if fence else [])


def notebook(markdown: str, sources: dict[str, bibliography.Source]) -> str:
    """Return a page as a Jupyter notebook (format 4.5): text as Markdown cells, samples as code cells."""
    cells: list[dict] = []
    for kind, lines in parts(plain.FRONT_MATTER.sub("", markdown).splitlines()):
        source = "\n".join(lines).strip("\n")
        if kind == "text":
            source = plain.text(source, sources)
        if kind == "output":
            cells[-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": source + "\n"}]
        elif source.strip():
            cell = {"id": f"cell-{len(cells)}", "metadata": {}, "source": source}
            code = {"cell_type": "code", "execution_count": None, "outputs": []}
            cells.append(cell | (code if kind == "python" else {"cell_type": "markdown"}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write(docs: Path) -> None:
    """Write the samples and the notebook of every chapter below `docs` into its folder of downloads."""
    sources = bibliography.load(docs / "data/bibliography.yaml")
    target = docs / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    for chapter in sorted((docs / "genai").glob("*.md")):
        markdown = chapter.read_text(encoding="utf-8")
        samples = ["\n".join(lines) for kind, lines in parts(markdown.splitlines()) if kind == "python"]
        files |= {f"{chapter.stem}-{number}.py": sample + "\n" for number, sample in enumerate(samples, start=1)}
        if samples:
            files[f"{chapter.stem}.ipynb"] = notebook(markdown, sources)
    for stale in set(path.name for path in target.iterdir()) - set(files):
        (target / stale).unlink(missing_ok=True)
    for name, text in files.items():
        write_if_changed(target / name, text)


class _Links(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        page = PurePosixPath(source_path(self.md) or "")
        if page.parent.name != "genai":
            return lines
        result: list[str] = []
        sample = 0
        for kind, inside in parts(lines):
            if kind == "text":
                result += inside
            elif kind == "python":
                sample += 1
                result += ["```python", *inside, "```"]
            else:
                result += [f"```{OUTPUT}", *inside, "```", "", *_links(page, sample)]
        return result


def _links(page: PurePosixPath, sample: int) -> list[str]:
    files = [f"{FOLDER}/{page.stem}-{sample}.py", f"{FOLDER}/{page.stem}.ipynb"]
    if not all((DOCS / file).is_file() for file in files):
        return []  # a build without `handbook prepare` has no dead links
    up = "../" * (len(page.parts) - 1)
    code, book = (f"({up}{file}){{ download }}" for file in files)
    return [f"Download [this code]{code} or [the page as a notebook]{book}.", "{ .download }", ""]


class DownloadsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Links(md), "downloads", 26)  # before the fences are taken out


def makeExtension(**kwargs: object) -> DownloadsExtension:
    return DownloadsExtension(**kwargs)
