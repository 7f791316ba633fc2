"""Mermaid fences: what is drawn, what is refused, and what the author is told."""

import html
import json
import logging
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import markdown
import pytest
from conftest import ROOT
from mermaidx.font_metrics import get_font

from handbook.markdown import diagrams
from handbook.markdown.diagrams import CannotDrawError, DiagramError, parse_error, render

FAULTS = Path(__file__).parent / "faults" / "diagrams"

FLOW = """flowchart TD
  accTitle: How a question is answered
  accDescr: A question goes to a search, and the model answers from what was found.
  subgraph search [Search, for each question]
    q([Question]) -->|nearest passages| found{Found?}
  end
  found -->|yes| model[Language<br/>model]
  found -.->|no| sorry[(Nothing found)]
  model ==> answer[Answer]
"""
KINDS = {
    "flowchart": FLOW,
    "cycle": "flowchart LR\n  A[Train] --> B[Evaluate] --> C[Release] --> A\n",
    "timeline": "timeline TD\n  accTitle: Years\n  2014 : Attention\n  2017 : Transformer\n",
    "quadrant": "quadrantChart\n  x-axis Cheap --> Dear\n  y-axis Easy --> Hard\n  Draft: [0.2, 0.3]\n",
    "sequence": "sequenceDiagram\n  actor U as User\n  U->>M: Question\n  M-->>U: Answer\n  M->>M: Learn\n",
    "state": "stateDiagram-v2\n  [*] --> Planning\n  Planning --> Acting: tool chosen\n  Acting --> [*]\n",
    "mindmap": "mindmap\n  accTitle: Families\n  root((Models))\n    Diffusion\n    Flow\n",
    "pie": 'pie showData\n  "Web" : 60\n  "Books" : 40\n',
}
MKDOCS_YML = """
site_name: Test
plugins: []
markdown_extensions:
  - admonition
  - pymdownx.superfences:
      custom_fences:
        - name: mermaid
          class: mermaid
          format: !!python/name:handbook.markdown.diagrams.fence
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(diagrams.__file__).parents[2]), "NO_MKDOCS_2_WARNING": "1"}


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory):
    """One cold cache for all tests: each diagram is drawn once."""
    before = os.environ.get("HANDBOOK_CACHE")
    os.environ["HANDBOOK_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield Path(os.environ["HANDBOOK_CACHE"])
    os.environ.pop("HANDBOOK_CACHE") if before is None else os.environ.update(HANDBOOK_CACHE=before)


def fault(name: str) -> str:
    return (FAULTS / f"{name}.mmd").read_text(encoding="utf-8")


def convert(*sources: str) -> str:
    fences = "\n\n".join(f"```mermaid\n{source}\n```" for source in sources)
    custom = [{"name": "mermaid", "class": "mermaid", "format": diagrams.fence}]
    configs = {"pymdownx.superfences": {"custom_fences": custom}}
    return markdown.markdown(fences, extensions=["pymdownx.superfences"], extension_configs=configs)


# --- What is drawn --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_svg_holds_no_style_script_or_reference_to_elsewhere(kind):
    root = ET.fromstring(render(KINDS[kind]).svg)
    assert {element.tag for element in root.iter()} <= diagrams.ELEMENTS | {"title", "desc"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert name != "style" and not name.startswith("on")
            assert "//" not in value
            if name in ("fill", "stroke"):
                assert value == "none"


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique_and_every_reference_resolves(kind):
    svg = render(KINDS[kind]).svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    referenced = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert referenced | set(re.findall(r'aria-\w+by="([^"]+)"', svg)) == set(ids)


def test_arrow_heads_stay():
    svg = render(KINDS["cycle"]).svg
    assert svg.count("marker-end=") == 3 and "<marker " in svg


PATHS = [
    ("M10,20L10,24C10,28,10,30,10,40L10,50", "M10 20v30"),
    ("M0,0 L5,0 L9,0 L4,0", "M0 0h9h-5"),  # there and back is not one way
    ("M0,0 C0,5 0,20 0,10", "M0 0c0 5 0 20 0 10"),  # a curve beyond its end
    ("M 0 0 L 10 5 L 0 10 z", "M0 0l10 5-10 5z"),
    ("M1,1L2,3L4,4Z L1,5", "M1 1l1 2 2 1zv4"),  # goes on from where the shape began
    ("M0.1,0.2C1,2,3,4,5,6C6,8,9,9,9.5,9", "M0.1 0.2c0.9 1.8 2.9 3.8 4.9 5.8 1 2 4 3 4.5 3"),
    ("M1 1 2 3 4 9", "M1 1l1 2 2 6"),
    ("M0,0A5,5,0,0,1,3,3", "M0,0A5,5,0,0,1,3,3"),
    ("m1 1l2 2", "m1 1l2 2"),
]


@pytest.mark.parametrize(("path", "shorter"), PATHS)
def test_path_is_written_in_steps(path, shorter):
    assert diagrams.shorter(path) == shorter


def test_no_style_sheet_names_a_class_that_is_dropped():
    sheets = [ROOT / "docs/assets/stylesheets/handbook.css", *(ROOT / "handbook/editions").glob("*.css")]
    rules = "".join(re.findall(r"^\.diagram.*$", "\n".join(sheet.read_text("utf-8") for sheet in sheets), re.MULTILINE))
    named = set(re.findall(r"\.([a-zA-Z][\w-]*)", rules))
    assert "cluster-label" in named
    assert not named & diagrams.UNSTYLED


def test_all_labels_are_there():
    assert set(render(FLOW).labels) == {
        "Search, for each question",
        "Question",
        "nearest passages",
        "Found?",
        "yes",
        "no",
        "Language model",
        "Nothing found",
        "Answer",
    }


@pytest.mark.parametrize("kind", ["timeline", "mindmap"])
def test_title_works_where_mermaid_has_no_grammar_for_it(kind):
    diagram = render(KINDS[kind])
    assert diagram.title in ("Years", "Families")
    assert diagram.title not in diagram.labels
    assert f">{diagram.title}</title>" in diagram.svg


def test_title_and_description_come_first_and_name_the_picture():
    diagram = render("flowchart LR\n  accTitle: A & B\n  accDescr {\n    Two\n    lines.\n  }\n  A --> B\n")
    assert (diagram.title, diagram.description) == ("A & B", "Two lines.")
    root = ET.fromstring(diagram.svg)
    title, description = list(root)[:2]
    assert (title.tag, title.text) == ("title", "A & B")
    assert (description.tag, description.text) == ("desc", "Two lines.")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == description.get("id")


def test_picture_without_title_is_named_by_its_labels():
    diagram = render(fault("no-acc-title"))
    assert (diagram.title, diagram.description) == ("", "")
    assert ">Diagram: One, Two</title>" in diagram.svg
    assert "<desc" not in diagram.svg and "aria-describedby" not in diagram.svg


def test_picture_without_description_has_none():
    diagram = render(fault("no-acc-descr"))
    assert (diagram.title, diagram.description) == ("Two steps", "")
    assert "<desc" not in diagram.svg


def test_size_is_the_view_box():
    diagram = render(FLOW)
    width, height = map(float, re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', diagram.svg).groups())
    assert (diagram.width, diagram.height) == (round(width), round(height))
    assert f'width="{diagram.width}" height="{diagram.height}"' in diagram.svg


def test_box_is_wider_than_its_label_in_the_font_of_measure():
    diagram = render('flowchart TD\n  A["mmmmmm wwww"]\n')
    box = float(re.search(r'<rect [^>]*\bwidth="([\d.]+)"', diagram.svg)[1])
    assert box >= get_font().measure("mmmmmm wwww", 16)["width"] + 20


def test_entities_are_shown_as_characters():
    assert render('flowchart TD\n  A["#quot;x#quot; &lt; y &amp; z"]\n').labels == ('"x" < y & z',)


def test_directives_change_neither_look_nor_safety():
    plain = fault("init-loose").split("\n", 1)[1]
    without_ids = [re.sub(r"\bd[0-9a-f]{10}", "", render(source).svg) for source in (plain, fault("init-loose"))]
    assert without_ids[0] == without_ids[1]


def test_links_stay():
    svg = render('flowchart LR\n  A --> B\n  click A href "../other/" "Read on"\n').svg
    assert 'href="../other/"' in svg


def test_output_is_the_same_in_another_process(tmp_path):
    code = """if True:
        import sys
        from handbook.markdown.diagrams import render
        sys.stdout.buffer.write(render(sys.stdin.buffer.read().decode()).svg.encode())
    """
    environment = {**ENVIRONMENT, "HANDBOOK_CACHE": str(tmp_path), "PYTHONHASHSEED": "7"}
    for source in (FLOW, KINDS["mindmap"]):
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, input=source.encode(), capture_output=True, env=environment, check=True)
        assert run.stdout.decode() == render(source).svg


# --- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "line", "column", "words"),
    [
        ("syntax-error", 5, 9, "unexpected '--> B'"),
        ("front-matter-error", 7, 9, "unexpected '--> B'"),
        ("unknown-type", 1, 1, "unknown diagram type 'flowchat': did you mean 'flowchart'?"),
        ("empty", 1, 1, "the diagram is empty"),
        ("unclosed-label", 3, 10, "a bracket, a quote or a block left open"),
        ("pie-value", 3, 9, "unexpected 'many'"),
        ("two-roots", 4, 3, "only one root"),
        ("click-javascript", 3, 11, "may not run a script"),
        ("click-call", 3, 11, "may not run a script"),
        ("label-image", 2, 6, "HTML in a label: <img"),
        ("label-html", 2, 18, "HTML in a label: <sub>"),
    ],
)
def test_mistake_is_placed_and_explained(name, line, column, words):
    found = parse_error(fault(name))
    assert found is not None
    assert found[:2] == (line, column)
    assert words in found[2]


def test_diagram_without_content_is_a_mistake():
    assert "draws nothing" in parse_error("flowchart LR\n")[2]


@pytest.mark.parametrize("kind", KINDS)
def test_sound_diagrams_have_no_mistake(kind):
    assert parse_error(KINDS[kind]) is None


def test_line_ends_of_another_system_count_alike():
    assert parse_error(fault("syntax-error").replace("\n", "\r\n"))[:2] == (5, 9)


def test_only_a_browser_can_draw_a_picture_node():
    assert parse_error(fault("image-node")) is None
    with pytest.raises(CannotDrawError):
        render(fault("image-node"))


# --- The fence ------------------------------------------------------------------------------------------------------


def test_fence_writes_a_figure():
    page = convert(FLOW)
    assert page.startswith('<div class="diagram"><svg ') and page.endswith("</svg></div>")
    assert "mermaid" not in page  # the plugin would parse the page again


def test_wide_diagram_may_scroll():
    page = convert("flowchart LR\n" + "\n".join(f"  n{i}[Step number {i}] --> n{i + 1}" for i in range(8)))
    assert page.startswith('<div class="diagram wider" tabindex="0">')


def test_several_diagrams_on_a_page_share_no_id():
    ids = re.findall(r'\bid="([^"]+)"', page := convert(FLOW, KINDS["cycle"], FLOW, FLOW))
    assert len(ids) == len(set(ids)) and page.count("<svg ") == 4
    for svg in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r'\bid="([^"]+)"', svg))


def test_mistake_warns_and_shows_the_source(caplog):
    with caplog.at_level(logging.WARNING, "mkdocs"):
        page = convert(fault("syntax-error"))
    assert "line 5" in caplog.text
    assert caplog.records[0].name.startswith("mkdocs.")
    assert 'class="diagram broken"' in page and "A --&gt; --&gt; B" in page


def test_hostile_source_is_escaped_where_it_is_shown():
    page = convert(fault("label-image"))
    assert "<img" not in page and "&lt;img" in page


def test_warning_names_the_page_and_its_line(tmp_path):
    (tmp_path / "docs").mkdir()
    page = f"# Title\n\n!!! note\n\n    ```mermaid\n    {'    '.join(fault('syntax-error').splitlines(True))}    ```\n"
    (tmp_path / "docs" / "page.md").write_text(page, encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    run = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "docs/page.md:10: Mermaid: unexpected '--> B'" in run.stderr


@pytest.mark.parametrize("source", [fault("image-node"), None], ids=["cannot draw", "asked for"])
def test_live_form(source, monkeypatch, caplog):
    if source is None:
        source = FLOW
        monkeypatch.setenv("HANDBOOK_DIAGRAMS", "live")
    with caplog.at_level(logging.WARNING, "mkdocs"):
        page = convert(source)
    assert not caplog.records
    block = re.search(r'<pre class="mermaid"[^>]*><code>(.*?)</code></pre>', page, re.DOTALL)
    assert "accTitle" not in block[1]
    assert html.unescape(block[1]).startswith("flowchart")
    if "accTitle" in source:
        assert 'data-title="How a question is answered"' in page


def test_plugin_knows_the_formatter():
    assert diagrams.fence.__name__ == "fence_mermaid_custom"


# --- Cache and library ----------------------------------------------------------------------------------------------


def test_second_drawing_comes_from_the_cache(monkeypatch):
    first = render(KINDS["pie"])
    monkeypatch.setattr(diagrams, "_draw", lambda source: pytest.fail("drawn again"))
    assert render(KINDS["pie"]) == first


def test_cache_depends_on_the_renderer_and_on_our_code(monkeypatch):
    key = diagrams._key(FLOW)
    monkeypatch.setattr(diagrams, "_version", lambda: "another")
    assert diagrams._key(FLOW) != key


@pytest.mark.parametrize("content", ["", "{", "[]", '{"svg": "x"}'])
def test_damaged_cache_is_drawn_anew(content, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDBOOK_CACHE", str(tmp_path))
    source = KINDS["pie"]
    file = tmp_path / "diagrams" / f"{diagrams._key(source)}.json"
    file.parent.mkdir()
    file.write_text(content)
    diagram = render(source)
    assert diagram.labels
    assert json.loads(file.read_text())["svg"] == diagram.svg
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_cache_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HANDBOOK_CACHE", str(tmp_path / "file"))
    assert render(KINDS["pie"]).labels


def test_vendored_library_carries_our_settings(tmp_path):
    file = diagrams.vendor(tmp_path / "vendor")
    assert "mermaid" not in file.name
    settings = re.search(r"\nmermaid\.initialize\((\{.*\})\);\n\Z", file.read_text(encoding="utf-8"))
    assert json.loads(settings[1]) == {**diagrams.CONFIG, "startOnLoad": False}


def test_error_says_where():
    assert str(DiagramError(3, 4, "wrong")) == "line 3, column 4: wrong"
