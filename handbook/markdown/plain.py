"""The handbook's own notation put into words that any reader of Markdown can show."""

from __future__ import annotations

import re
from collections.abc import Callable

from handbook.markdown import bibliography, citations

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", flags=re.DOTALL)
_FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2[ \t]*$\n?", flags=re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^/// (data-table|routes|bibliography|source-map)\n(.*?)^///[ \t]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(((?!https?://|mailto:)[^)\s]*)\)(\{[^}]*\})?")


def text(
    markdown: str,
    sources: dict[str, bibliography.Source],
    link: Callable[[str, str], str] = lambda label, address: label,
    block: Callable[[str, str], str] = lambda name, options: "*The table is on the page.*",
    url: bool = False,
) -> str:
    """Return `markdown` without the handbook's notation; what stands in fences stays as it is.

    `link` writes a link to another page, `block` a block that is made from data. With `url`, a citation is a link.
    """
    parts, end = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [_prose(markdown[end : fence.start()], sources, link, block, url), fence.group()]
        end = fence.end()
    return "".join([*parts, _prose(markdown[end:], sources, link, block, url)]).strip()


def _prose(markdown: str, sources: dict, link: Callable, block: Callable, url: bool) -> str:
    def cite(match: re.Match[str]) -> str:
        named = [(sources[key], place) for key, place in citations.references(match.group(1)) if key in sources]
        return "[" + "; ".join(", ".join(filter(None, (label(s), str(s.year), place))) for s, place in named) + "]"

    def label(source: bibliography.Source) -> str:
        return f"[{source.label}]({source.url})" if url else source.label

    markdown = re.sub(r"^!\[(.*)\]\(.*\)$", r"*Figure.* \1", markdown, flags=re.MULTILINE)
    markdown = LINK.sub(lambda match: link(match.group(1), match.group(2)), markdown)
    markdown = _BLOCK.sub(lambda match: block(match.group(1), match.group(2)), markdown)
    markdown = re.sub(citations.CITATION, cite, markdown)
    markdown = re.sub(r"^\{ [^}]*\}\n", "", markdown, flags=re.MULTILINE)
    return re.sub(r"^ *///.*\n?", "", markdown, flags=re.MULTILINE)
