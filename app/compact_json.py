"""JSON as it comes with a report and goes into a reply, a seal and the journal.

By orjson: with the standard library a turn takes a sixth more instructions (docs/decisions.md). It
is stricter: what it refuses (a lone surrogate, a number beyond 64 bits, NaN, a body in UTF-16), the
standard library reads and writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson

Default = Callable[[Any], Any]
"""Gives what JSON has for a value that it does not know."""

_AS_JSON_KNOWS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""orjson knows more kinds of values than JSON does; here they are ``default``'s."""


def loads(text: bytes | str) -> Any:
    """Read JSON as tolerantly as ``json.loads``; a number beyond 64 bits may come as a float.

    Raises:
        ValueError, RecursionError: it is none, or is nested too deeply.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def utf8(value: Any, default: Default | None = None) -> bytes:
    """Compact JSON in UTF-8; a lone surrogate becomes ``?``.

    Raises:
        TypeError: it holds what JSON does not know, and ``default`` does not either.
    """
    try:
        return orjson.dumps(value, default, _AS_JSON_KNOWS)
    except orjson.JSONEncodeError:
        text = json.dumps(value, default=default, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def ascii_only(value: Any, default: Default | None = None) -> bytes:
    """Compact JSON in which all that is not ASCII is escaped, and a lone surrogate stays one.

    Raises:
        TypeError: it holds what JSON does not know, and ``default`` does not either.
    """
    try:
        data = orjson.dumps(value, default, _AS_JSON_KNOWS)
    except orjson.JSONEncodeError:
        data = b""
    if data and data.isascii():
        return data
    return json.dumps(value, default=default, separators=(",", ":")).encode()
