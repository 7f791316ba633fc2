"""The gate as a whole: it can fail, it never crashes, its mends are safe, and its list of rules is in step."""

from __future__ import annotations

import html
import json
import logging
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from cases import cases
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown import Markdown

from handbook.__main__ import main
from handbook.checks import catalogue, freshness, ledger, report, rules, run
from handbook.checks import site as sites
from handbook.checks.page import Page
from handbook.checks.site import Site

CASES = cases()
CHAPTERS = sorted((ROOT / "docs/genai").glob("*.md"))

# Rule, and what is planted between two paragraphs; the fault is told on the line of the mark «.
FAULTS = {
    "TABLE001": "| A | B |\n| --- | --- |\n| a | b | c |«\n",
    "TABLE002": "| A | B |\n| --- | --- |\n| a | `b \\| c` |«\n",
    "TABLE003": "| A | B |\n| --- | --- | --- |«\n| a | b |\n",
    "TABLE004": "Text:\n| A | B |«\n| --- | --- |\n| a | b |\n",
    "TABLE006": "- item\n\n  | A | B |«\n  | --- | --- |\n  | a | b |\n",
    "LIST001": "Steps:\n- one«\n- two\n",
    "LIST002": "- a\n  - b«\n",
    "LIST003": "1. a\n\n   ```text«\n   x\n   ```\n",
    "LIST004": "1. a\n\n   More.«\n",
    "LIST006": "- [x]done«\n",
    "LIST007": "1) one«\n2) two\n",
    "LIST008": "1. one\n\nText.\n\n2. two«\n",
    "BLOCK001": "!!! note\n  Body.«\n",
    "BLOCK002": "!!! waring«\n    Body.\n",
    "BLOCK003": "!!! note Read this first«\n    Body.\n",
    "BLOCK004": "> [!WARNING]«\n> Body.\n",
    "BLOCK007": '<div class="x">«\n- **A**\n</div>\n',
    "BLOCK008": "/// figure-caption«\nText.\n",
    "CODE001": "```text«\nx\n",
    "CODE002": "```pyhton«\nx = 1\n```\n",
    "CODE003": "```«\nx = 1\n```\n",
    "CODE004": "```python title=app.py«\nx = 1\n```\n",
    "CODE005": "```python\nx = = 1«\n```\n",
    "CODE007": "```python\nimport json\njson.load_string('{}')«\n```\n",
    "CODE008": '```json\n{"a": 1,}«\n```\n',
    "CODE013": f"```text\n{'x' * 300}«\n```\n",
    "LINK001": "See [x](nope.md).«\n",
    "LINK002": "See [x](index.md#nope).«\n",
    "LINK003": "See [x](Index.md).«\n",
    "LINK004": "See [x](index.html).«\n",
    "LINK005": "See [x](/genai/types/).«\n",
    "LINK006": "See [x](www.example.org).«\n",
    "LINK008": 'See <a href="types.md">x</a>.«\n',
    "LINK010": "See [the guide][guide].«\n",
    "LINK011": "See [x]().«\n",
    "LINK012": "See [](types.md).«\n",
    "LINK014": "See [x](htps://example.org).«\n",
    "LINK015": "See [x](file:///C:/a.pdf).«\n",
    "LINK016": "See [x](http://localhost:8000/).«\n",
    "LINK017": "See [x](http://example.org/).«\n",
    "LINK020": "See https://example.org/a.«\n",
    "LINK021": "See [here] (https://example.org).«\n",
    "LINK022": "See <https://example.org/a.>«\n",
    "IMG001": "![A picture of a thing that is not there](nope.png)«\n",
    "IMG003": "![image](https://example.org/a.png)«\n",
    "HEAD003": "# A second title«\n",
    "HEAD005": "#RAG is popular.«\n",
    "HEAD007": "## 日本語«\n",
    "HTML001": '<div class="x" markdown>«\n\nText.\n',
    "HTML002": '<a id="x1"></a> A\n\n<a id="x1"></a> B«\n',
    "HTML003": "Use <model-name> here.«\n",
    "HTML004": "<!-- do not publish -->«\n",
    "HTML005": "[x](types.md) {target=_blank}«\n",
    "MATH001": "The loss is $\\fraction{a}{b}$.«\n",
    "MATH002": "The loss is $\\frac{a}{b for x.«\n",
    "BLOCK009": "!! note«\n    Text.\n",
    "LIST009": "• one«\n• two\n",
    "MERM001": "```mermaid\ntimeline«\n  : a\n```\n",
    "MERM005": '```mermaid\nflowchart LR\n  A@{ img: "https://example.org/x.png" } --> B«\n```\n',
    "MERM002": "```mermaidjs«\nflowchart LR\n  A --> B\n```\n",
    "MERM003": "```mermaid«\n\n```\n",
    "MERM004": "```mermaid«\nflowchart LR\n  A --> B\n```\n",
    "PROSE001": "Large langauge models.«\n",
    "PROSE002": "This is the the model.«\n",
    "SEC001": '<form action="https://example.net/"></form>«\n',
    "SEC002": '<img src="https://example.org/a.png" alt="An x" onerror="alert(1)">«\n',
    "SEC003": "[x](types.md){ onclick=alert(1) }«\n",
    "SEC004": "[x](javascript&#58;alert(1))«\n",
    "SEC005": '<span style="position:fixed">x</span>«\n',
    "SEC008": "[OpenAI](https://оpenai.com/)«\n",
    "SEC009": "[https://openai.com](https://example.net/login)«\n",
    "SEC012": "Set it to `sk-" + "proj-" + "Zk3vQ9wLr8TtB2nXc7MdHs5JfGa4YeUp" + "`.«\n",
    "FILE011": "<<<<<<< HEAD«\n",
    "FILE013": "Run `pip\u200b install x`.«\n",
    "CITE001": "A claim [@nobody1999].«\n",
    "CITE003": "A claim [@vaswani2017 section 3].«\n",
    "GLOS001": "This is a **wobblegram**.«\n",
    "QUIZ002": "/// question«\nWhy?\n\n- [ ] a\n\n    No.\n\n- [ ] b\n\n    No.\n\n- [ ] c\n\n    No.\n///\n",
}
PLANTS = 5
BUILT = {rule.code for rule in rules.load().values() if rule.scope == "built"}  # tests/test_checks_built.py


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the handbook's sources to break."""
    root = tmp_path_factory.mktemp("handbook")
    for name in ("docs", "overrides"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("vendor", "fonts"))
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


def places(text: str) -> list[int]:
    """The indexes of lines before which a paragraph may be put: blank lines outside of anything else."""
    page = Page(Path("x.md"), text)
    slashes = 0
    found = []
    for line in page.parsed:
        if line.role == "slash" and line.kind == "text":
            slashes += 1 if re.match(r"/{3,}\s*\w", line.text) else -1
        following = page.parsed[line.number] if line.number < len(page.parsed) else None
        apart = following and following.kind == "text" and not following.parents and following.role == "paragraph"
        if line.kind == "blank" and not slashes and apart and following.indent == 0:
            found.append(line.number)
    return found


@pytest.mark.parametrize("rule", FAULTS)
def test_a_planted_fault_is_found_on_its_line(handbook: Path, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    choose = random.Random(rule)
    missed = []
    for _ in range(PLANTS):
        source = choose.choice(CHAPTERS)
        text = source.read_text(encoding="utf-8")
        index = choose.choice(places(text))
        fault = FAULTS[rule]
        lines = text.split("\n")
        planted = [*lines[:index], *fault.replace("«", "").rstrip("\n").split("\n"), "", *lines[index:]]
        expected = index + 1 + fault[: fault.index("«")].count("\n")
        path = handbook / "docs/genai" / source.name
        path.write_text("\n".join(planted), encoding="utf-8")
        try:
            site = Site.load(handbook / "mkdocs.yml")
            found = {(finding.rule, finding.line) for finding in run.check(site, [path], select=[rule])}
        finally:
            path.write_text(text, encoding="utf-8")
        if (rule, expected) not in found:
            missed.append(f"{source.name}:{expected}: {rule} not among {sorted(found)}")
    assert not missed, "\n".join(missed)


def test_every_rule_that_is_switched_off_is_missed(tmp_path: Path) -> None:
    """With a rule off, one of its cases is no longer red: no rule stands in for another, and none is idle."""
    tried = Counter(case.rule for case in CASES)
    own = {rule.code for rule in rules.load().values() if rule.chapters or rule.kind in ("questions", "citations")}
    untried = (
        {rule.code for rule in rules.load().values()} - set(tried) - own - {"SEC012"} - BUILT
    )  # a key is planted above, for none is committed
    assert not untried, f"rules without a case: {sorted(untried)}"
    for number, code in enumerate(sorted(tried)):
        case = next(case for case in CASES if case.rule == code)
        file = case.write("bad", tmp_path / str(number))
        assert any(f.rule == code for f in run.check(Site.load(file), select=[code])), code
        assert not any(f.rule == code for f in run.check(Site.load(file), ignore=[code])), code


def test_our_pages_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert not run.check(Site.load(ROOT / "mkdocs.yml"))


# ── Anything at all ──────────────────────────────────────────────────────────

MARKS = """# ## - * 1. 2) ``` ~~~ ```python ```mermaid !!! ??? === "x" note > | |---|---| [ ] ( ) ![ ](x.md) [a][b] [^1] [^1]:
    $ $$ \\ \\( \\] { } {#x} <div> </div> <!-- --> <x <script> </a> --- +++ *** ** __ ` `` /// caption --8<-- : http:// www. é 日 \u202e
    """.split(" ")
PIECES = st.sampled_from(
    [
        *MARKS,
        "\t",
        "\n",
        "\n\n",
        "    ",
        "  ",
        "\r\n",
        "text",
        "\n```\n",
        "\n| a | b |\n",
        "\n---\n",
        "title: x",
        "\n- x\n",
        "\x00",
        "\u2028",
        "\x0c",
    ]
)
PAGES = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=300)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scratch")
    (root / "docs").mkdir()
    shutil.copy(ROOT / "tests/faults/base.yml", root / "mkdocs.yml")
    return root


@given(text=PAGES)
@settings(
    max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_page_is_checked(scratch: Path, text: str) -> None:
    path = scratch / "docs/index.md"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    lines = len(re.split(r"\r\n|\r|\n", text))
    # The diagrams' parser and rumdl are others' programs, and slow to start.
    findings = run.check(
        Site.load(scratch / "mkdocs.yml"), ignore=["MERM001", "LINK020", "LINK021", "PROSE003", "NOTE004", "CODE007"]
    )
    for finding in findings:
        assert finding.path.endswith("mkdocs.yml") or 0 <= finding.line <= max(lines, 1), finding


def test_rendering_says_nothing_and_leaves_the_log_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A build in the same process still warns after the gate has rendered a page."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# T\n\n```lab\nname: sunms\n```\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: T\nmarkdown_extensions:\n  - handbook.markdown.labs\n  - pymdownx.superfences:\n"
        "      custom_fences:\n        - name: lab\n          class: lab\n"
        "          format: !!python/name:handbook.markdown.labs.fence\n",
        encoding="utf-8",
    )
    site = Site.load(tmp_path / "mkdocs.yml")
    with caplog.at_level(logging.WARNING, "mkdocs"):
        assert "This lab has a mistake" in site.render(site.page("index.md"))
        assert not caplog.records
        logging.getLogger("mkdocs.handbook").warning("heard")
    assert caplog.messages == ["heard"]


# ── Mends ────────────────────────────────────────────────────────────────────


def words(root: Path) -> str:
    """What a page says, without its marks."""
    site = Site.load(root / "mkdocs.yml")
    page = site.page("index.md")
    # The numbers of a list are text before the list is one, and marks of it after.
    text = re.sub(r"(?m)^\s*\d+\.\s|<[^>]+>", " ", re.sub(r"<p>", "\n", site.render(page)))
    text = html.unescape(text)  # an address of mail is written in character references
    return re.sub(r"[\W_]+", " ", text).strip()


FIXABLE = [case for case in CASES if case.path == "docs/index.md"]


@pytest.mark.parametrize("case", FIXABLE, ids=lambda case: f"{case.kind}/{case.name}")
def test_a_mend_changes_nothing_that_the_page_says(case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = case.write("bad", tmp_path)
    site = Site.load(file)
    if site.page("index.md") is None or not any(f.fixes for f in run.check(site)):
        return
    before = words(tmp_path)
    main(["check", "--fix", "--config-file", str(file)])
    assert not any(f.fixes for f in run.check(Site.load(file)))
    # Marks may become markup; words stay as they are.
    assert words(tmp_path) == before


# ── The command ──────────────────────────────────────────────────────────────


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in CASES if case.name == "table-pipe-unescaped")
    bad, good = case.write("bad", tmp_path / "bad"), case.write("good", tmp_path / "good")
    assert main(["check", "--config-file", str(good)]) == 0
    assert main(["check", "--config-file", str(bad)]) == 1
    assert main(["check", "--config-file", str(tmp_path / "none.yml")]) == 2
    assert main(["check", "--config-file", str(bad), str(tmp_path / "nothere.md")]) == 2
    assert main(["check", "--config-file", str(bad), "--select", "NOSUCH"]) == 2
    assert main(["check", "--config-file", str(bad), "--ignore", "TABLE001"]) == 0
    monkeypatch.chdir(tmp_path / "bad")
    assert main(["check", "docs/index.md"]) == 1
    assert main(["check", "docs/other.md"]) == 0


def test_a_check_that_could_not_run_is_not_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = next(case for case in CASES if case.name == "table-pipe-unescaped")
    file = case.write("good", tmp_path)
    from handbook.checks.rules import lint  # noqa: PLC0415

    monkeypatch.setattr(lint, "_program", lambda: "no-such-program")
    lint._run.cache_clear()
    assert main(["check", "--config-file", str(file)]) == 2
    assert "can't check" in capsys.readouterr().err


def test_a_broken_configuration_is_not_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# X\n")
    (tmp_path / "mkdocs.yml").write_text("site_name: [x\n")
    assert main(["check", "--config-file", str(tmp_path / "mkdocs.yml")]) == 2


def test_formats(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "table-pipe-unescaped")
    site = Site.load(case.write("bad", tmp_path))
    findings = run.check(site)
    assert re.search(r"docs/index\.md:5:\d+: TABLE001 the row has 4 cells", report.text(findings, site))
    assert re.match(
        r"::error file=.*index\.md,line=5,col=\d+,title=TABLE001::the row has", report.github(findings, site)
    )
    assert json.loads(report.as_json(findings, site))[0]["rule"] == "TABLE001"
    found = json.loads(report.sarif(findings, site))["runs"][0]
    assert found["results"][0]["ruleId"] == found["tool"]["driver"]["rules"][0]["id"] == "TABLE001"


def test_a_name_that_leads_to_nothing_of_the_site_is_not_green(tmp_path: Path, capsys) -> None:
    case = next(case for case in CASES if case.name == "table-pipe-unescaped")
    command = ["check", "--config-file", str(case.write("good", tmp_path))]
    for name in ("README.md", "setup.cfg", "code/x.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
        assert main([*command, str(path)]) == 2
        assert "not under" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "code")]) == 2
    assert main([*command, str(tmp_path)]) == main([*command, str(tmp_path / "base.yml")]) == 0


def test_the_configuration_from_which_another_inherits_is_checked(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "inherited")
    command = ["check", "--config-file", str(case.write("bad", tmp_path))]
    assert main([*command, str(tmp_path / "parent.yml")]) == 1


def test_a_name_in_sarif_is_an_address(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "file-name-with-space")
    site = Site.load(case.write("bad", tmp_path))
    found = json.loads(report.sarif(run.check(site), site))["runs"][0]["results"]
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in found]
    assert any("%20" in place for place in places) and not any(" " in place for place in places)


@pytest.mark.parametrize("form", report.FORMATS)
def test_a_terminal_of_another_encoding_is_no_crash(tmp_path: Path, form: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: X\nsite_url: https://example.org/\n")
    (tmp_path / "docs/index.md").write_text("# X\n\nSee [é](é.md).\n", encoding="utf-8")
    command = [sys.executable, "-m", "handbook", "check", "--format", form]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "LINK001" in done.stdout and "Traceback" not in done.stderr


def test_what_a_link_brings_in_is_not_mended(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: X\nsite_url: https://example.org/\n")
    outside, page = tmp_path / "README.md", docs / "page.md"
    for path in (outside, page):
        path.write_bytes(b"# X\r\n")
        path.chmod(0o640)
    (docs / "index.md").symlink_to(outside)
    assert main(["check", "--fix", "--config-file", str(tmp_path / "mkdocs.yml")]) == 1
    assert (docs / "index.md").is_symlink() and outside.read_bytes() == b"# X\r\n"
    assert page.read_bytes() == b"# X\n" and page.stat().st_mode & 0o777 == 0o640


def test_names_that_a_system_cannot_hold(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "secret.txt").write_text("x")
    shutil.copy(ROOT / "tests/faults/base.yml", tmp_path / "mkdocs.yml")
    for name in ("index.md", "guide.md", "Guide.md", "a:b.md", "CON.md"):
        (docs / name).write_text(f"# {name}\n")
    (docs / "out.txt").symlink_to(tmp_path / "secret.txt")
    found = {finding.rule for finding in run.check(Site.load(tmp_path / "mkdocs.yml"))}
    assert found >= {"FILE001", "FILE002", "FILE003", "FILE009"}


def test_what_was_published_stays(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: X\nplugins: {redirects: {redirect_maps: {}}}\n")
    (tmp_path / "pyproject.toml").write_text('[tool.handbook.checks]\nledger = "published.txt"\n')
    (docs / "index.md").write_text("# Home\n\n## Part one\n")
    (docs / "old.md").write_text("# Old\n")
    load = lambda: Site.load(tmp_path / "mkdocs.yml")  # noqa: E731
    ledger.write(load())
    assert not run.check(load())
    (docs / "old.md").rename(docs / "new.md")
    (docs / "index.md").write_text("# Home\n\n## Part 1\n")
    found = run.check(load())
    assert [finding.rule for finding in found] == ["PERM002", "PERM001", "PERM002"] or {f.rule for f in found} == {
        "PERM001",
        "PERM002",
    }
    (docs / "index.md").write_text("# Home\n\n## Part 1 {#part-one}\n")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: X\nmarkdown_extensions: [attr_list]\nplugins: {redirects: {redirect_maps: {old.md: new.md}}}\n"
    )
    assert not run.check(load())
    before = (tmp_path / "published.txt").read_text()
    ledger.write(load())
    assert set(before.splitlines()) <= set((tmp_path / "published.txt").read_text().splitlines())


def test_freshness(monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime  # noqa: PLC0415

    monkeypatch.chdir(ROOT)
    site = Site.load(ROOT / "mkdocs.yml")
    newest = max(site.page(name).meta["reviewed"] for name in site.pages if run.is_chapter(site, name))
    assert not list(freshness.stale(site, newest))
    soon = {stale.path for stale in freshness.stale(site, newest + datetime.timedelta(days=121))}
    assert "docs/genai/providers.md" in soon
    assert len(list(freshness.stale(site, newest + datetime.timedelta(days=541)))) == len(CHAPTERS)


def test_freshness_can_be_red(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: X\n")
    settings_ = "[tool.handbook.checks]\nchapters = ['*.md']\nfreshness_days = { core = 540 }\n"
    (tmp_path / "pyproject.toml").write_text(settings_)
    page = tmp_path / "docs/index.md"
    page.write_text("---\nlevel: core\nreviewed: 2001-01-01\n---\n# X\n")
    command = ["freshness", "--config-file", str(tmp_path / "mkdocs.yml")]
    assert main(command) == 0
    assert main([*command, "--strict"]) == 1
    assert "index.md:1: FRESH001" in capsys.readouterr().out
    assert main(["check", *command[1:], "--select", "META"]) == 0  # it breaks no change


def test_the_outside_links_remember_from_run_to_run() -> None:
    """A link is red when two runs three days apart found it dead: so runs are that near, and what they saw is kept."""
    import yaml  # noqa: PLC0415

    workflow = yaml.safe_load((ROOT / ".github/workflows/links.yml").read_text(encoding="utf-8"))
    days = [int(day) for day in workflow[True]["schedule"][0]["cron"].split()[4].split(",")]
    assert max((b - a) % 7 or 7 for a, b in zip(days, [*days[1:], days[0]], strict=True)) <= 3
    save = next(step for step in workflow["jobs"]["links"]["steps"] if "cache/save" in step.get("uses", ""))
    assert save["if"].startswith("always()")


def test_the_list_of_rules_is_in_step() -> None:
    assert (ROOT / "docs/checks.md").read_text(encoding="utf-8") == catalogue.text(ROOT), "run `handbook rules --write`"


def test_the_raw_blocks_are_python_markdowns() -> None:
    from handbook.checks.page import BLOCK_ELEMENTS  # noqa: PLC0415

    assert set(Markdown().block_level_elements) == BLOCK_ELEMENTS


def test_the_hook_runs_what_is_here() -> None:
    import yaml  # noqa: PLC0415

    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert all(repo["repo"] == "local" for repo in hooks)
    entries = [hook["entry"].split() for repo in hooks for hook in repo["hooks"]]
    assert subprocess.run([*entries[0], "--help"], cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert sites.PAGE_SUFFIXES
