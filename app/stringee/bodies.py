"""What Stringee's requests hold, however they are sent: a query, JSON or a form; read tolerantly.

Sources: developer.stringee.com/docs/server/event-url-and-answer-url (the query, ``GET``),
``.../call-events`` and stringeecom/server-samples ``event_url/php`` (JSON, ``POST``). That numbers
and ``custom`` can arrive encoded twice is seen in ``answer_url/php`` of the same samples, which
decode them once more. Forms are not documented; some integrators take them, and so does this.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from app import compact_json
from app.callflow.parties import Client, Other, Party, Phone, is_e164
from app.callflow.prompts import printable, within
from app.ports import WireRequest

PROVIDER = "stringee"

ANSWER = "answer"
"""The last part of the address that is asked first."""

MAX_TEXT = 256
"""How much of a text of the platform's is read, characters."""

MAX_ID = 128
"""How much of an id is read, characters; Stringee's have some forty."""

MAX_TURN_DIGITS = 4
"""Digits of a turn's number, or of a place in it, in an address of ours."""

MAX_PARTY_BYTES = 128
"""How much of a party is kept, bytes of UTF-8: it rides with the call, and an app may choose it."""

MAX_CUSTOM = 4096
"""How much of ``custom`` is read, characters: what an app's client says, often JSON."""

_ENCODED = re.compile("%[0-9A-Fa-f]{2}")
_PHONE = re.compile(r"[2-9][0-9]{6,14}\Z|1[2-9][0-9]{9}\Z")
"""Digits that can be a number of the public network.

A country code never begins with 0, and 1 is North America's, whose numbers have eleven digits. What
is left is an id of the platform's own, such as 1110001013 in place of the number that was called.
"""


class Body:
    """The fields of a request; a wrong type counts as absent, with an incident."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.incidents: list[str] = []

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        """A text, or a number as one; "" where there is none."""
        value = self.data.get(name)
        if isinstance(value, str):
            return printable(value[:limit])
        if value is None:
            return ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)[:limit]
        self._odd(name, value)
        return ""

    def flag(self, name: str) -> bool:
        """A truth value, also as text."""
        value = self.data.get(name)
        return value is True or str(value).lower() == "true"

    def seconds(self, name: str) -> float | None:
        """A number, also as text; None where there is none that has an end."""
        try:
            number = float(self.text(name) or "x")
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def endpoint(self, name: str) -> str:
        """The number of ``from`` or ``to`` in an event; "" where it is missing or empty."""
        value = self.data.get(name)
        if isinstance(value, Mapping):
            return Body(value).text("number")
        return self.text(name)

    def _odd(self, name: str, value: object) -> None:
        incident = f"{name} is a {type(value).__name__}; read as absent."
        if incident not in self.incidents:
            self.incidents.append(incident)


def body_of(request: WireRequest) -> Body:
    """The fields of a request: of what its signature covers.

    That is the query of a GET, and the body of a POST. To an answer_url a POST is not documented;
    should one come, what the operator wrote into the address and what Stringee adds are both read.
    """
    if request.method == "GET":
        return Body(request.query)
    posted = _posted(request)
    read = Body({**request.query, **posted} if request.kind == ANSWER else posted)
    if request.body and not posted:
        read.incidents.append("the body is neither a JSON object nor a form.")
    return read


def call_id_of(body: Body) -> str:
    """Stringee's id of the call, as events and webhooks call it; "" where they do not."""
    return body.text("call_id", MAX_ID) or body.text("callId", MAX_ID)


def raw_of(request: WireRequest) -> bytes:
    """What is kept of a request: what its signature covers."""
    return request.target.encode() if request.method == "GET" else request.body


def without_keys(raw: bytes, count: int) -> bytes:
    """A JSON body whose ``dtmf`` is so many asterisks; nothing of a body that is something else."""
    try:
        data = json.loads(raw)
        data["dtmf"] = "*" * count
        return json.dumps(data, separators=(",", ":")).encode()
    except (ValueError, RecursionError, TypeError):
        return b""


def _posted(request: WireRequest) -> Mapping[str, Any]:
    """What stands in the body; nothing where it cannot be read."""
    text = request.body.decode(errors="replace").strip()
    if not text:
        return {}
    if not text.startswith(("{", "[", '"')) and "=" in text:
        return dict(reversed(parse_qsl(text)))
    try:
        data = compact_json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def once_more(text: str) -> str:
    """A text that was encoded twice, decoded once more; + stays +."""
    return unquote(text) if _ENCODED.search(text) else text


def party_text(text: str) -> str:
    """What stands for a party: encoded twice, or with a + that became a space, or neither."""
    decoded = printable(once_more(text))
    told = f"+{decoded.strip()}" if decoded[:1] == " " else decoded.strip()
    return within(told, MAX_PARTY_BYTES)


def number_of(text: str) -> Phone | None:
    """A number of the public network; None for what cannot be one."""
    bare = text.removeprefix("+")
    plus = f"+{bare}"
    return Phone(plus) if _PHONE.match(bare) and is_e164(plus) else None


def outside_party(text: str) -> Party:
    """A party on the public network: a number, else an id that the platform made."""
    if not text:
        return None
    return number_of(text) or Other(text)


def wanted_party(text: str) -> Party:
    """Whom a client's app asks for: a number, else a user of an app."""
    if not text:
        return None
    return number_of(text) or Client(text)
