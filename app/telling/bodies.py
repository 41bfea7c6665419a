"""Reports and replies as they went over the wire, for people to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from app.ports import Notice, TurnRecord

_PLACED = "stringee:start:"
_SEALED = re.compile(r"(\d+\.[\w-]+\.[\w-]{8})[\w-]{32,}=*\Z")
_IN_A_URL = re.compile(r"(?<=[?&]state=)(\d+\.[\w-]+\.[\w-]{8})[\w-]{32,}(?:=|%3D)*")


def pretty(body: bytes) -> str:
    """A report or a reply to look at, with sealed state shortened.

    JSON is indented; of a request without a body, each parameter stands on a line of its own;
    anything else is as it is.
    """
    text = body.decode("utf-8", "backslashreplace")
    if is_target(body):
        return "\n".join(_parameters(text))
    try:
        data = json.loads(text)
        if isinstance(data, dict) and isinstance(data.get("variables"), dict):
            data["variables"] = {
                name: _shortened(value) for name, value in data["variables"].items()
            }
        return short_urls(json.dumps(data, indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return text


def short_urls(text: str) -> str:
    """A text with the sealed state in its addresses shortened."""
    return _IN_A_URL.sub(_cut, text)


def is_target(body: bytes) -> bool:
    """Whether what is kept of a request is what it asked for: it was a GET."""
    return body.startswith(b"/")


def title_of(came: TurnRecord | Notice) -> str:
    """How a report or a status post was sent, and what it is: ``POST 1:UP``, ``GET answer``.

    Nobody sends the first one of a call that we place at Stringee: its turn is taken beforehand,
    since what is to be said goes along with the order to ring.
    """
    if isinstance(came, TurnRecord) and not came.raw and came.call_key.startswith(_PLACED):
        return "PLACED, before any report"
    what = came.kind if isinstance(came, Notice) else came.report_key
    return f"{'GET' if is_target(came.raw) else 'POST'} {what}" + ": empty" * (not came.raw)


def last_resort(turn: TurnRecord) -> Sequence[Mapping[str, Any]]:
    """What was replied from the report alone: no flow gave it, so only the reply's bytes say it.

    An object is read as CALLR's replies are (docs.callr.com/voice/real-time/reference), an array as
    Stringee's (developer.stringee.com/docs/server/stringee-call-control-object).
    """
    if turn.kind != "last_resort":
        return ()
    try:
        reply = json.loads(turn.reply)
        return [_action(one) for one in reply] if isinstance(reply, list) else [_command(reply)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ({"is": "Native", "name": "the last resort"},)


def _command(reply: Any) -> Mapping[str, Any]:
    name, params = reply["command"], reply["params"]
    if name == "play":
        return {"is": "Say", "text": str(params["media_id"]).split("|", 2)[-1]}
    if name == "dialout":
        return {"is": "Dial", "targets": [target["number"] for target in params["targets"]]}
    return {"is": "Hangup"}


def _action(action: Any) -> Mapping[str, Any]:
    match action["action"]:
        case "talk":
            return {"is": "Say", "text": str(action["text"])}
        case "connect":
            target = action["to"]
            plus = "+" if target["type"] == "external" else ""
            return {"is": "Dial", "targets": [f"{plus}{target['number']}"]}
        case name:
            return {"is": "Native", "name": name}


def _parameters(target: str) -> Iterator[str]:
    path, _, query = target.partition("?")
    yield path
    for name, value in parse_qsl(query, keep_blank_values=True):
        yield f"  {name} = {_shortened(value)}"


def _shortened(value: object) -> object:
    found = _SEALED.match(value) if isinstance(value, str) else None
    return _cut(found) if found else value


def _cut(found: re.Match[str]) -> str:
    return f"{found[1]}... ({len(found[0])} characters)"
