"""The pages, README.md and docs/: their generated parts, headings, links and code blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

MEND = "Run `make docs`, and look at what it changed."

_PART = re.compile(r"<!-- generated: (?P<name>[a-z_.-]+) -->\n(?P<text>.*?)<!-- end -->", re.DOTALL)
_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*)[^`]*\Z")
_HEADING = re.compile(r"(?P<hashes>#{1,6}) (?P<text>.+?)\Z")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")

Maker = Callable[[str], str]
"""Makes a generated part; given the page's text as it is."""


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        heading: the text of the heading that it stands under.
        line: the number of its first line of code, from 1.
    """

    language: str
    text: str
    heading: str
    line: int


def pages() -> list[Path]:
    """README.md, where there is one, and every page of docs/."""
    readme = ROOT / "README.md"
    return [*([readme] if readme.is_file() else []), *sorted(DOCS.glob("**/*.md"))]


def filled(text: str, makers: Mapping[str, Maker]) -> str:
    """A page with its generated parts made anew.

    Raises:
        KeyError: it has a part that nothing makes.
    """

    def part(found: re.Match[str]) -> str:
        made = makers[found["name"]](text).strip("\n")
        return f"<!-- generated: {found['name']} -->\n{made}\n<!-- end -->"

    return _PART.sub(part, text)


def parts_of(text: str) -> list[str]:
    """The names of a page's generated parts."""
    return [found["name"] for found in _PART.finditer(text)]


def written_of(text: str) -> str:
    """A page without its generated parts."""
    return _PART.sub("", text)


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [block for _, block in _walk(text) if block is not None]


def prose(text: str) -> str:
    """A page without its fenced blocks; as many lines."""
    return "\n".join(line for line, _ in _walk(text))


def links(text: str) -> list[str]:
    """The targets of a page's links."""
    return [found["target"] for found in _LINK.finditer(prose(text))]


def anchors(text: str) -> set[str]:
    """What links can point at on a page: its headings, spelled as GitHub does."""
    found = (_HEADING.match(line) for line in prose(text).splitlines())
    return {anchor(heading["text"]) for heading in found if heading}


def anchor(heading: str) -> str:
    """A heading as GitHub spells it in a link."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return plain.strip().replace(" ", "-")


def _walk(text: str) -> Iterator[tuple[str, Block | None]]:
    """Each line, "" for those of fenced blocks; a block with the line that closes it."""
    heading, ticks, language, body, begun = "", "", "", list[str](), 0
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if ticks:
            if line.strip() == ticks:
                yield "", Block(language, "\n".join(body) + "\n", heading, begun)
                ticks = ""
            else:
                body.append(line)
                yield "", None
        elif fence:
            ticks, language, body, begun = fence["ticks"], fence["language"], [], number + 1
            yield "", None
        else:
            if found := _HEADING.match(line):
                heading = found["text"]
            yield line, None
