"""JSON as a strict platform reads it, and as the vendor's pages write it.

Samples in Stringee's documentation have comments and trailing commas; they are illustrations.
`strip` takes both out, and says so.
"""

import json
import re
from typing import Any, Final

_TOKENS: Final = re.compile(
    r"""
    (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<comment>//[^\r\n]*|/\*.*?\*/)
    | (?P<comma>,(?=(?:\s|//[^\r\n]*(?:[\r\n]|\Z)|/\*.*?\*/)*[\]}]))
    """,
    re.VERBOSE | re.DOTALL,
)


def load(body: bytes) -> tuple[Any, tuple[str, ...]]:
    """Read JSON strictly; also gives what is proper JSON, but should not be relied on.

    Raises:
        ValueError: it is no JSON, or not in UTF-8; the text says where.
    """
    twice: list[str] = []

    def unite(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(pairs)
        if len(data) != len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return data

    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant, object_pairs_hook=unite)
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error
    return data, tuple(f"the key {name!r} stands twice in one object" for name in twice)


def strip(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Take out comments and trailing commas; also gives what was taken out.

    Raises:
        ValueError: it is not in UTF-8.
    """
    found: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        if kind == "text":
            return match[0]
        found[kind] = found.get(kind, 0) + 1
        return " "

    text = _TOKENS.sub(replace, body.decode())
    words = {"comment": "comment", "comma": "trailing comma"}
    counts = [f"{count} {words[kind]}{'s' * (count > 1)}" for kind, count in sorted(found.items())]
    return text.encode(), tuple(f"{count} taken out: JSON has none" for count in counts)


def _refuse_constant(name: str) -> None:
    msg = f"{name} is no JSON"
    raise ValueError(msg)
