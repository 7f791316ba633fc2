"""The policy on every page: it breaks nothing of ours, and stops what a chapter may smuggle in;
the gate stops it first.

What the policy can't stop is listed in `BEYOND_THE_POLICY` and `IN_MARKDOWN`: links are followed where they lead, and
what shows can mislead.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from cases import FAULTS
from conftest import pages_of
from labs import start_lab
from playwright.sync_api import Browser, Error, Page
from static_server import serve

from handbook.checks import run
from handbook.checks.site import Site

META = re.compile(r'<meta (?=[^>]*http-equiv="Content-Security-Policy")[^>]*content="([^"]+)"[^>]*>')
POLICY = (
    "default-src 'none'; script-src 'self' 'inline-speculation-rules'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; object-src 'none'; frame-src 'none'"
)
LAB = re.compile(r'id="lab-([\w-]+)" role="group"')
LISTEN = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));"""


def watched(browser: Browser, **options: object) -> tuple[Page, list[str]]:
    """A page, and the violations of the policy that will be seen on it."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **options).new_page()
    page.add_init_script(LISTEN)
    seen: list[str] = []
    page.on("console", lambda m: seen.append(m.text) if "policy" in m.text.lower() else None)
    return page, seen


def test_the_policy_stands_on_every_page_before_anything_that_it_rules(site: Path) -> None:
    for path in pages_of(site):
        file = site / path
        text = (file / "index.html" if file.is_dir() else file).read_text(encoding="utf-8")
        assert META.findall(text) == [POLICY], path
        before = text[: META.search(text).start()]
        assert not re.search(r"<(script|link|style|base|img)", before), path


def test_both_engines_write_the_policy(site: Path, zensical_site: Path) -> None:
    for path in ("index.html", "genai/types/index.html", "404.html"):
        assert META.findall((zensical_site / path).read_text(encoding="utf-8")) == [POLICY], path


def test_nothing_of_ours_breaks_the_policy(served_site: str, site: Path, chromium: Browser) -> None:
    page, seen = watched(chromium)
    for path in pages_of(site):
        page.goto(served_site + path)
    page.goto(served_site + "genai/types/", wait_until="load")
    page.get_by_role("button", name="Palette").click()
    page.locator(".question input").first.check()
    page.locator(".highlight").first.hover()
    page.locator(".copy").first.click()
    page.locator(".cite a").first.hover()
    page.locator(".note").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("dialog.keys").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("perplexity")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Escape")
    for path in pages_of(site):
        for name in LAB.findall((site / path / "index.html").read_text(encoding="utf-8") if path != "404.html" else ""):
            start_lab(page, served_site, path, name)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Contents").click()
    page.context.close()
    assert seen == []


# What a chapter may try: HTML that sets `window.ran`, or asks for another host.
HOST = "http://127.0.0.2:9"
SCRIPTED_SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='window.ran=1'><script>window.ran=1</script></svg>"
ATTACKS = {
    "inline script": "<script>window.ran = 1</script>",
    "module": "<script type='module'>window.ran = 1</script>",
    "script of another host": f"<script src='{HOST}/x.js'></script>",
    "script in a data address": "<script src='data:text/javascript,window.ran=1'></script>",
    "handler of an image": "<img src='missing.png' onerror='window.ran = 1'>",
    "handler that needs no click": "<details open ontoggle='window.ran = 1'><summary>x</summary></details>",
    "handler by focus": "<input autofocus onfocus='window.ran = 1'>",
    "javascript: link": "<a id='press' href='javascript:window.ran=1'>x</a>",
    "javascript: link in disguise": "<a id='press' href='java&#10;script:window.ran=1'>x</a>",
    "javascript: in a form": "<form action='javascript:window.ran=1'><button id='press'>x</button></form>",
    "form to another host": f"<form action='{HOST}/x'><input name='a' value='b'><button id='press'>x</button></form>",
    "button that sends a form elsewhere": f"<form><button id='press' formaction='{HOST}/x'>x</button></form>",
    "scripted SVG": SCRIPTED_SVG,
    "SVG link": "<svg><a id='press' href='javascript:window.ran=1'><text y='20'>x</text></a></svg>",
    "SVG that animates a link": "<svg><a id='press'><animate attributeName='href' values='javascript:window.ran=1'/>"
    "<text y='20'>x</text></a></svg>",
    "SVG picture with a script": f'<img src="data:image/svg+xml,{SCRIPTED_SVG}">',
    "frame": f"<iframe src='{HOST}/x'></iframe>",
    "frame with its own document": "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "object": "<object data='data:text/html,<script>parent.ran=1</script>'></object>",
    "embed": f"<embed src='{HOST}/x.svg'>",
    "base": f"<base href='{HOST}/'><img src='picture.png'>",
    "style": f"<style>body {{ background: url({HOST}/x.png) }} h1 {{ display: none }}</style>",
    "style attribute": f"<p style='position: fixed; inset: 0; background: url({HOST}/x.png)'>x</p>",
    "style sheet of another host": f"<link rel='stylesheet' href='{HOST}/x.css'>",
    "picture of another host": f"<img src='{HOST}/x.png'>",
    "picture set": f"<img srcset='{HOST}/x.png 1x'>",
    "sound of another host": f"<audio src='{HOST}/x.mp3' autoplay></audio>",
    "font and prefetch": f"<link rel='preload' as='font' crossorigin href='{HOST}/x.woff2'>",
    "a weaker policy": "<meta http-equiv='Content-Security-Policy' content=\"script-src 'unsafe-inline'\">"
    "<script>window.ran = 1</script>",
    "import map": f'<script type=\'importmap\'>{{"imports": {{"x": "{HOST}/x.js"}}}}</script>'
    "<script type='module'>import 'x'</script>",
}
LINK = "link to another host"
# What a policy has no word for; the rules over the chapters' sources forbid all of it.
BEYOND_THE_POLICY = {
    "meta refresh": f"<meta http-equiv='refresh' content='0; url={HOST}/x'>",
    LINK: f"<a id='press' href='{HOST}/x'>x</a>",
    "prefetched name of a host": "<link rel='dns-prefetch' href='//handbook.example'>",
}
PLACE = re.compile(r'<article class="md-content__inner md-typeset">')


@pytest.fixture
def smuggled(site: Path, tmp_path: Path):
    """Make a chapter of our own frame that holds this HTML, and serve it; with `policy=False` without the policy."""
    original = (site / "genai/types/index.html").read_text(encoding="utf-8")

    def make(html: str, *, policy: bool) -> Path:
        text = PLACE.sub(lambda found: found[0] + html, original, count=1)
        (tmp_path / "index.html").write_text(text if policy else META.sub("", text), encoding="utf-8")
        return tmp_path

    return make


DAMAGE = """() => [
  window.ran && "ran",
  getComputedStyle(document.querySelector("h1")).display === "none" && "restyled",
  [...document.querySelectorAll("p")].some((p) => getComputedStyle(p).position === "fixed") && "covered",
].filter(Boolean)"""


def damage(browser: Browser, directory: Path) -> list[str]:
    """What an attack gets done on this page: code that ran, hosts that were asked, a page that was covered or left."""
    context = browser.new_context()
    page = context.new_page()
    done: list[str] = []
    # A request that the policy stops fails as blocked before it leaves; only what leaves reaches the route.
    page.context.route(f"{HOST}/**", lambda route: (done.append(f"asked {route.request.url}"), route.abort()))
    with serve(directory) as url:
        page.goto(url, wait_until="load")
        if page.locator("#press").count():
            page.locator("#press").dispatch_event("click")
        page.wait_for_timeout(150)
        if not done and page.url.startswith(url):
            try:
                done += page.evaluate(DAMAGE)
            except Error:  # the page was left while it was looked at
                done.append("left")
    context.close()
    return done


@pytest.mark.parametrize("html", ATTACKS.values(), ids=ATTACKS)
def test_the_policy_stops_an_attack(chromium: Browser, smuggled, html: str) -> None:
    assert damage(chromium, smuggled(html, policy=True)) == []


# In Chromium these get nothing done even without the policy: no proof that the policy is what stops them.
HARMLESS_HERE = {"SVG picture with a script", "object"}


@pytest.mark.parametrize("name", [name for name in ATTACKS if name not in HARMLESS_HERE])
def test_the_attack_works_where_there_is_no_policy(chromium: Browser, smuggled, name: str) -> None:
    assert damage(chromium, smuggled(ATTACKS[name], policy=False))


@pytest.mark.parametrize("name", ["meta refresh", LINK])
def test_what_no_policy_can_stop(chromium: Browser, smuggled, name: str) -> None:
    assert damage(chromium, smuggled(BEYOND_THE_POLICY[name], policy=True)) == [f"asked {HOST}/x"]


# ── The gate, before any of it is published ────────────────────────────────

IN_MARKDOWN = {  # what needs no HTML of its own, or that no policy can know
    "javascript: link in Markdown": "[x](javascript:window.ran=1)",
    "javascript: link with an entity": "[x](java&#115;cript:window.ran=1)",
    "handler in an attribute list": "Text.\n{ onclick='window.ran=1' }",
    "style in an attribute list": "Text.\n{ style='position: fixed' }",
    "link that names another host": "[https://handbook.example](https://evil.example)",
    "host that looks like another": "[x](https://gith\u043eb.com)",
    "Mermaid that lowers its guard": "```mermaid\n%%{init: {'securityLevel': 'loose'}}%%\nflowchart TD\n  A --> B\n```",
    "Mermaid that calls a script": '```mermaid\nflowchart TD\n  A --> B\n  click A "javascript:window.ran=1"\n```',
}
# A link elsewhere is no attack by itself: the gate looks at the words that it shows, and at the letters of its host.
GATED = {name: attack for name, attack in {**ATTACKS, **BEYOND_THE_POLICY, **IN_MARKDOWN}.items() if name != LINK}
WAYS = {
    "alone": lambda text: text,
    "in a list": lambda text: "- item\n\n" + textwrap.indent(text, "    "),
    "in an admonition": lambda text: "!!! note\n\n" + textwrap.indent(text, "    "),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", GATED)
def test_the_gate_stops_the_attack_too(tmp_path: Path, name: str, way: str) -> None:
    attack = GATED[name]
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text((FAULTS / "base.yml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.handbook.checks]\nown_files = true\n", encoding="utf-8")
    (tmp_path / "docs/index.md").write_text(f"# Title\n\nText.\n\n{WAYS[way](attack)}\n", encoding="utf-8")
    findings = run.check(Site.load(tmp_path / "mkdocs.yml"), None, ["SEC"], [])
    first = 5 if way == "alone" else 7
    lines = {finding.line for finding in findings}
    assert lines and lines <= set(range(first, first + attack.count("\n") + 1)), findings
