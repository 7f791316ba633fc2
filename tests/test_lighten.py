"""What is served of a style or a script: the same, without what only an author reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import Page

from handbook.__main__ import main
from handbook.lighten import lighten, script, style

SHEETS = sorted((ROOT / "docs/assets").rglob("*.css"))
RULES = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return [...sheet.cssRules].map((rule) => rule.cssText);
}"""
SCRIPTS = [
    ("// Says hello.\n  say(1); // at once\n", "say(1); // at once\n"),
    ("/** Says hello. */\nsay(1);\n\n\n  say(2);\n", "say(1);\nsay(2);\n"),
    ("say(1); /** not alone */\n", "say(1); /** not alone */\n"),
    ('say("// text");\n', 'say("// text");\n'),
    ("say(`one ${line}`);\n  say(1);\n", "say(`one ${line}`);\nsay(1);\n"),
    ("say(`two\n  // lines`);\n", "say(`two\n  // lines`);\n"),  # a text, as it was
]


@pytest.mark.parametrize(("before", "after"), SCRIPTS)
def test_script_loses_comments_and_indents_alone(before: str, after: str) -> None:
    assert script(before) == after


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_browser_reads_the_same_rules_in_a_lighter_style_sheet(path: Path, page: Page) -> None:
    text = path.read_text(encoding="utf-8")
    lighter = style(text)
    rules = page.evaluate(RULES, text)
    assert "/*" in text
    assert "/*" not in lighter
    assert len(rules) > 10
    assert page.evaluate(RULES, lighter) == rules


def test_what_others_wrote_stays_as_it_came(tmp_path: Path) -> None:
    for name in ("assets/javascripts/a.js", "assets/labs/core/b.js", "assets/kept/c.js", "assets/labs/d.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("  // so\n", encoding="utf-8")
    lighten(tmp_path)
    kept = {path.name for path in tmp_path.rglob("*.*") if path.read_text(encoding="utf-8")}
    assert kept == {"c.js", "d.bin"}


def test_a_folder_that_holds_no_site_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lighten", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"can't lighten: no built site in {tmp_path}\n"
