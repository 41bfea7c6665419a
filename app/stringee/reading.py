"""Reads what Stringee asks into reports, tolerantly; what it tells is read by ``posts``.

Sources: developer.stringee.com/docs/server/event-url-and-answer-url, ``.../call-events``,
stringeecom/server-samples; where those leave something open, the doubt stands beside it. One call
is ``callId`` here, ``call_id`` there and sometimes only ``uuid``: so our own key rides in every
address that we give out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import compact_json
from app.callflow.errors import PlatformError
from app.callflow.events import (
    DIAL_BUSY,
    DIAL_FAILED,
    DIAL_NO_ANSWER,
    CallArrived,
    CommandDone,
    Direction,
    Event,
    NoInput,
)
from app.callflow.parties import Client, Party, Phone
from app.callflow.prompts import NAME, printable
from app.ports import Report, Start, WireRequest, start_key
from app.stringee import simple
from app.stringee.bodies import (
    ANSWER,
    MAX_CUSTOM,
    MAX_ID,
    MAX_TURN_DIGITS,
    PROVIDER,
    Body,
    body_of,
    call_id_of,
    number_of,
    once_more,
    outside_party,
    party_text,
    raw_of,
    wanted_party,
    without_keys,
)
from app.stringee.spelling import INPUT

_KNOWN = frozenset(
    ("from", "to", "fromInternal", "userId", "projectId", "callId", "custom", "uuid", "accountId")
)
"""What Stringee appends to the configured address; the rest is the operator's own."""

TEST_ACCOUNT = "OFFHOOK0"
"""The ``accountId`` of calls that a phone rings without a project; a real one is a number."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_TURN = re.compile(rf"[1-9][0-9]{{0,{MAX_TURN_DIGITS - 1}}}\Z")

_UNREAD = "?"
"""Stands for keys that may be in a body which cannot be read: it may be a secret all the same."""

_NOT_REACHED = {
    "486": DIAL_BUSY,
    "busy": DIAL_BUSY,
    "403": DIAL_FAILED,
    "404": DIAL_FAILED,
    "can_not_make_call": DIAL_FAILED,
}
"""What the failure of a ``connect`` may say of its cause; no page tells that it says any."""


def arrival_of(request: WireRequest, received_at: datetime) -> Report:
    """The first report of a call: a request of the answer_url.

    Only ``fromInternal`` tells the kinds of calls apart; every other parameter may be missing.

    Raises:
        PlatformError: it names no call.
    """
    body = body_of(request)
    call_id, uuid = body.text("callId", MAX_ID), body.text("uuid", MAX_ID)
    if not call_id and not uuid:
        msg = "callId: it is missing, and so is uuid."
        raise PlatformError(msg, mend="Send what Stringee documents for an answer_url.")
    shown = party_text(body.text("from"))
    wanted = party_text(body.text("to"))
    custom = once_more(body.text("custom", MAX_CUSTOM))
    ours = ""
    if body.flag("fromInternal"):
        user = party_text(body.text("userId", MAX_ID)) or shown
        caller: Party = Client(user) if user else None
        called = wanted_party(wanted or _named_in(custom))
        number = number_of(shown)
        ours = number.number if number and shown != user else ""
    else:
        caller, called = outside_party(shown), outside_party(wanted)
    began = received_at.replace(microsecond=0)
    return Report(
        call_key=f"{PROVIDER}:{call_id or uuid}",
        event=CallArrived(
            "inbound",
            caller,
            called,
            began,
            offered=_offered(request, body, custom),
            ours=ours,
        ),
        direction="inbound",
        first=True,
        turn=0,
        report_key=ANSWER,
        sealed="",
        platform_id=call_id or uuid,
        raw=raw_of(request),
        began=began,
        caller=caller,
        called=called,
        test=body.text("accountId") == TEST_ACCOUNT,
        incidents=tuple(body.incidents),
    )


def placed_by(start: Start, received_at: datetime) -> Report:
    """The first report of a call that we place: its list goes with the order to ring.

    Nobody has been rung yet; the platform names the call in its answer.
    """
    caller = Phone(start.caller_id) if start.caller_id else None
    called = Phone(start.number)
    began = received_at.replace(microsecond=0)
    return Report(
        call_key=start_key(PROVIDER, start.token),
        event=CallArrived("outbound", caller, called, began, token=start.token),
        direction="outbound",
        first=True,
        turn=0,
        report_key=ANSWER,
        sealed="",
        platform_id="",
        raw=b"",
        began=began,
        caller=caller,
        called=called,
        token=start.token,
    )


def continued(request: WireRequest, received_at: datetime) -> Report:
    """A report that answers one of our lists: of keys, or that a party was not reached.

    Raises:
        PlatformError: it names no call.
    """
    body = body_of(request)
    named = request.query.get("call", "")[:MAX_ID]
    call_id = call_id_of(body)
    key, ids = _key_of(named, call_id)
    turn = _turn_of(request.query.get("turn", ""))
    entry = body.text("dtmf") if request.kind == INPUT else ""
    unread = request.kind == INPUT and bool(body.incidents)
    return Report(
        call_key=key,
        event=_pressed(entry) if request.kind == INPUT else _not_reached(body),
        direction=_direction_of(key),
        first=False,
        turn=turn,
        report_key=f"{'' if turn is None else turn}:{request.kind}",
        sealed=request.query.get("state", ""),
        platform_id=call_id,
        raw=request.body,
        began=received_at.replace(microsecond=0),
        entry=entry or _UNREAD * unread,
        incidents=tuple(body.incidents),
        ids=ids,
    )


def starred(report: Report) -> bytes:
    """The report with ``dtmf`` starred key by key, whatever the rest of it holds."""
    return without_keys(report.raw, len(report.entry))


def _key_of(named: str, call_id: str) -> tuple[str, Mapping[str, str]]:
    """Our key of a call, and the ids by which it is told from others.

    A key that holds the platform's own id is believed only if the report says the same id.
    """
    if not named.startswith(f"{PROVIDER}:"):
        if not call_id:
            msg = "call_id: it is missing, and the address is none that this server gave out."
            raise PlatformError(msg, mend="Send it to the address that the action had.")
        return f"{PROVIDER}:{call_id}", {}
    own = named.removeprefix(f"{PROVIDER}:")
    if not call_id or own == call_id:
        return printable(named), {}
    if own.startswith("start:") or _UUID.match(own):
        return printable(named), {"call_id": call_id}
    return f"{PROVIDER}:{call_id}", {}


def _turn_of(told: str) -> int | None:
    """The reply that an address names, as this server writes it; None for another spelling.

    The signature of a POST does not cover its address: were 01 another report than 1, whoever has
    seen a request could have its turn taken once more.
    """
    return int(told) if _TURN.match(told) else None


def _direction_of(key: str) -> Direction:
    return "outbound" if key.startswith(f"{PROVIDER}:start:") else "inbound"


def _pressed(entry: str) -> Event:
    """Keys; none where they are "" or a bare #, whether or not ``timeout`` says so."""
    keys = entry.removesuffix("#")
    return CommandDone(keys) if keys else NoInput()


def _not_reached(body: Body) -> Event:
    """That a party was not reached; why, where the post says it."""
    told = " ".join(
        body.text(name) for name in ("endCallCause", "reason", "cause", "sip_code")
    ).lower()
    result = next((word for mark, word in _NOT_REACHED.items() if mark in told), DIAL_NO_ANSWER)
    return CommandDone(result)


def _named_in(custom: str) -> str:
    """``to`` in a client's ``custom``, where the platform's own came empty (seen once)."""
    named = _json_of(custom).get("to")
    return party_text(named) if isinstance(named, str) else ""


def _offered(request: WireRequest, body: Body, custom: str) -> dict[str, str]:
    """What a flow can be given: ``custom``, the values in it, user, project, the address's query.

    Where names meet, the operator's own address says it, and never the app that calls. Nothing but
    that to the helper's flows. Stringee has appended more than it documents; what no flow declares
    is left where it is.
    """
    if request.flow in simple.FLOWS:
        return simple.given_by(request.flow, request.query)
    values = {
        name: str(value)
        for name, value in _json_of(custom).items()
        if NAME.match(name) and isinstance(value, str | int | float)
    }
    told = {
        **values,
        "custom": custom,
        "user_id": body.text("userId", MAX_ID),
        "project_id": body.text("projectId"),
    }
    own = {
        printable(name): printable(text)
        for name, text in request.query.items()
        if name not in _KNOWN
    }
    return {**{name: text for name, text in told.items() if text}, **own}


def _json_of(text: str) -> Mapping[str, Any]:
    try:
        data = compact_json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
