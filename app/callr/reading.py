"""Reads CALLR's RT.Request into a Report: tolerantly, but for what a call cannot do without.

Source of what is known: docs.callr.com/voice/real-time/reference and the vendor's SDKs, as
``app.callr.wire`` names them. Where those leave something open, the doubt stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.callflow.events import (
    CallArrived,
    CommandDone,
    CommandFailed,
    Direction,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
    Unanswered,
)
from app.callflow.parties import Party, party_from
from app.callflow.prompts import printable
from app.callr.wire import (
    DIAL_RESULTS,
    FIRST,
    HANGUP,
    INCOMING_CALL,
    MAX_TEXT,
    MINOR_COMMANDS,
    NO_RESULT,
    NOT_ANSWERED,
    NOTHING_ENTERED,
    TEST_APP,
    UP,
)
from app.ports import START_TOKEN, Report, WireRequest

STATE_KEY = "offhook"
"""Our one key in ``variables``; the vendor made that object for session data."""

BYE, DIAL, END = "offhook-bye", "offhook-dial", "offhook-end"
"""The ``command_id`` of each stage of a last resort."""

_MAX_KEY_PART = 40
_MAX_PARTY = 64
_ENDS = frozenset({*NOT_ANSWERED, HANGUP})
_KNOWN = frozenset({INCOMING_CALL, UP, *_ENDS})
_YEARS = range(2000, 2100)
"""The years in which a call can have begun."""

_TOKEN_CHARS = 16


def report_of(
    data: Mapping[str, Any], request: WireRequest, received_at: datetime, *, provider: str
) -> Report:
    """The report that a body holds.

    Args:
        data: the body as ``ReportSchema`` loaded it.
        request: the request that brought it.
        received_at: when that was, UTC.
        provider: the platform's name, which begins the call's key.
    """
    seen = _Seen(data)
    status = data["call_status"][:MAX_TEXT]
    command, echoed = seen.text("command"), seen.command_id()
    direction: Direction = "outbound" if seen.text("request_hash") else "inbound"
    caller, called = seen.party("cli_number"), seen.party("number")
    sealed = _sealed(seen)
    stage = next((one for one in (echoed, sealed) if one in {BYE, DIAL, END}), "")
    first = echoed in FIRST and not command and not stage
    began = _moment(seen, received_at) if first else received_at
    token = _token(seen, direction) if first else ""
    if first and status not in _ENDS:
        given = {printable(name): printable(text) for name, text in request.query.items()}
        event: Event = CallArrived(direction, caller, called, began, token, given)
    else:
        event = _event(seen, status, command)
    if status not in _KNOWN:
        seen.incident(f"call_status {status!r} is not known; answered like UP.")
    return Report(
        call_key=f"{provider}:{data['callid']}",
        event=event,
        direction=direction,
        first=first,
        turn=0 if first else echoed if isinstance(echoed, int) else None,
        report_key=printable(
            f"{0 if first else str(echoed)[:_MAX_KEY_PART]}:{status[:_MAX_KEY_PART]}"
        ),
        sealed=sealed,
        platform_id=str(data["callid"]),
        raw=request.body,
        began=began,
        caller=caller,
        called=called,
        entry=seen.as_written("command_result"),
        stage=str(stage),
        token=token,
        test=seen.text("app") == TEST_APP,
        incidents=tuple(seen.incidents),
    )


class _Seen:
    """The fields of a report that may be anything.

    A wrong type counts as absent, with an incident.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.incidents: list[str] = []

    def incident(self, text: str) -> None:
        if text not in self.incidents:
            self.incidents.append(text)

    def text(self, name: str) -> str:
        """A text, or a number as one; null is "", and so is 0 but as a result."""
        value = self.data.get(name)
        if isinstance(value, str):
            return printable(value[:MAX_TEXT]) if value else ""
        if value is None:
            return ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)[:MAX_TEXT] if value or name == "command_result" else ""
        self.incident(f"{name} is a {type(value).__name__}; read as absent.")
        return ""

    def as_written(self, name: str) -> str:
        """Whatever stands there, as text."""
        value = self.data.get(name)
        return "" if value is None else str(value)

    def party(self, name: str) -> Party:
        """Who stands at an end of the call; of a long text, its beginning."""
        return party_from(self.text(name)[:_MAX_PARTY])

    def command_id(self) -> int | str:
        """What a reply was called: a whole number, also one in digits, or a text."""
        value = self.data.get("command_id")
        if isinstance(value, str):
            digits = value.isascii() and value.isdecimal() and len(value) <= len(str(2**31))
            return int(value) if digits else printable(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value or 0
        self.incident(f"command_id is a {type(value).__name__}; read as absent.")
        return ""


def _event(seen: _Seen, status: str, command: str) -> Event:
    """What a report says that is not the first of a live call."""
    result, error = seen.text("command_result"), seen.text("command_error")
    if status in NOT_ANSWERED:
        return NotAnswered(Unanswered(NOT_ANSWERED[status]))
    if command == "dialout" and result:
        result = DIAL_RESULTS.get(result.upper(), "no_answer")
    if command == "read":
        result = "" if result in NOTHING_ENTERED else result.removesuffix("#")
    if status == HANGUP:
        return HungUp("" if result in NO_RESULT else result, error)
    if error:
        return CommandFailed(error, minor=command in MINOR_COMMANDS)
    if command == "read" and not result:
        return NoInput()
    return CommandDone(result)


def _moment(seen: _Seen, received_at: datetime) -> datetime:
    """``date_started``, UTC, such as ``2026-01-09 17:27:55``; else when we received the report."""
    text = seen.text("date_started")
    if text:
        try:
            written = datetime.fromisoformat(text).replace(microsecond=0)
        except ValueError:
            written = datetime.min.replace(tzinfo=UTC)
        if written.year in _YEARS:
            return (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC)
        seen.incident("date_started cannot be read; the time of receipt was taken.")
    return received_at.replace(microsecond=0)


def _token(seen: _Seen, direction: Direction) -> str:
    """The token of the start at the end of ``cdr_field``, where it is one of ours."""
    tail = seen.text("cdr_field")[-_TOKEN_CHARS:]
    return tail if direction == "outbound" and START_TOKEN.match(tail) else ""


def _sealed(seen: _Seen) -> str:
    variables = seen.data.get("variables")
    if isinstance(variables, dict):
        sealed = variables.get(STATE_KEY, "")
        if isinstance(sealed, str):
            return sealed
        seen.incident(f"variables.{STATE_KEY} is no text; read as absent.")
    elif variables not in (None, []):
        seen.incident("variables is no object; read as absent.")
    return ""
