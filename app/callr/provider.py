"""CALLR as a provider: its webhooks read into events, and our commands written as its replies.

Source of what is known: docs.callr.com/voice/real-time/reference and the vendor's SDKs, as
``app.callr.wire`` names them. Where those leave something open, reading is tolerant, and the doubt
stands beside it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

from app.callflow.commands import Dial, Say
from app.callflow.errors import Finding, FlowError, PlatformError, UnauthorizedError
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
from app.callflow.flow import Flow
from app.callflow.parties import Party, party_from, star
from app.callflow.phrases import APOLOGY, shipped_phrase
from app.callflow.prompts import printable
from app.callflow.turn import Turn
from app.callr.check import check_flow
from app.callr.ranges import problems_of
from app.callr.wire import (
    DEFAULT_LANGUAGE,
    DIAL_RESULTS,
    FIRST,
    HANGUP,
    INCOMING_CALL,
    MAX_TEXT,
    MINOR_COMMANDS,
    NO_RESULT,
    NOT_ANSWERED,
    NOTHING_ENTERED,
    SHIPPED_VOICES,
    TEST_APP,
    UP,
    ReportSchema,
    Speller,
)
from app.ports import START_TOKEN, Report, WireReply, WireRequest

STATE_KEY = "offhook"
"""Our one key in ``variables``; the vendor made that object for session data."""

BYE, DIAL, END = "offhook-bye", "offhook-dial", "offhook-end"
_NO_OBJECT = "the body is no JSON object."
_SEND_A_REPORT = "Send an RT.Request as CALLR documents it."
_MAX_KEY_PART = 40
_MAX_PARTY = 64
_YEARS = range(2000, 2100)
"""The years in which a call can have begun."""

_TOKEN_CHARS = 16


class CallrProvider:
    """CALLR REALTIME10.

    Args:
        login: what CALLR sends as HTTP Basic login.
        passwords: the password, and the one before while it is changed.
        voices: voices by language that replace the shipped ones.
        caller_id: our number where a call brings none, E.164, or "".
        fallback_number: E.164 number that an inbound call is connected to as the last resort, or
            "".
    """

    name = "callr"
    deadline_s = 5.0

    def __init__(
        self,
        *,
        login: str,
        passwords: Sequence[str],
        voices: Mapping[str, str] | None = None,
        caller_id: str = "",
        fallback_number: str = "",
    ) -> None:
        self._accepted = [f"{login}:{password}".encode() for password in passwords if password]
        self._speller = Speller({**SHIPPED_VOICES, **(voices or {})}, caller_id)
        self._fallback_number = fallback_number
        self._reports = ReportSchema()

    def authenticate(self, request: WireRequest) -> None:
        """HTTP Basic, the only mechanism that CALLR has for these reports, in constant time.

        Raises:
            UnauthorizedError: it is absent, malformed or wrong.
        """
        header = request.headers.get("authorization", "")
        scheme, _, text = header.partition(" ")
        if not header:
            msg = "no Authorization header."
            raise UnauthorizedError(msg)
        if scheme.lower() != "basic":
            msg = "the Authorization header is not Basic."
            raise UnauthorizedError(msg)
        try:
            given = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            msg = "the Authorization header is no base64."
            raise UnauthorizedError(msg) from None
        verdicts = [hmac.compare_digest(given, accepted) for accepted in self._accepted]
        if not any(verdicts):
            msg = "login or password is wrong."
            raise UnauthorizedError(msg)

    def read(self, request: WireRequest, received_at: datetime) -> Report:
        """Read an RT.Request.

        Raises:
            PlatformError: it is no JSON object, or ``callid`` or ``call_status`` cannot be read.
        """
        data = self._load(request.body)
        seen = _Seen(data)
        status = data["call_status"][:MAX_TEXT]
        command, echoed = seen.text("command"), seen.command_id()
        direction: Direction = "outbound" if seen.text("request_hash") else "inbound"
        caller, called = seen.party("cli_number"), seen.party("number")
        first = echoed in FIRST and not command
        began = _moment(seen, received_at) if first else received_at
        token = _token(seen, direction) if first else ""
        if first and status not in {*NOT_ANSWERED, HANGUP}:
            given = {printable(name): printable(text) for name, text in request.query.items()}
            event: Event = CallArrived(direction, caller, called, began, token, given)
        else:
            event = _event(seen, status, command)
        if status not in {INCOMING_CALL, UP, HANGUP, *NOT_ANSWERED}:
            seen.incident(f"call_status {status!r} is not known; answered like UP.")
        return Report(
            call_key=f"{self.name}:{data['callid']}",
            event=event,
            direction=direction,
            first=first,
            turn=0 if first else echoed if isinstance(echoed, int) else None,
            report_key=printable(
                f"{0 if first else str(echoed)[:_MAX_KEY_PART]}:{status[:_MAX_KEY_PART]}"
            ),
            sealed=_sealed(seen),
            platform_id=str(data["callid"]),
            raw=request.body,
            began=began,
            caller=caller,
            called=called,
            entry=seen.as_written("command_result"),
            stage=echoed if echoed in {BYE, DIAL, END} else "",
            token=token,
            test=seen.text("app") == TEST_APP,
            incidents=tuple(seen.incidents),
        )

    def write(self, turn: Turn, sealed: str) -> WireReply:
        """Write the one command of a turn.

        Raises:
            FlowError: CALLR does not take the command with these values.
        """
        placed = turn.placed[0]
        name, params = self._speller.spell(placed.command)
        problems = [f"{param}: {problem}" for param, problem in problems_of(name, params)]
        if problems:
            msg = f"command '{name}' of step '{placed.step}' cannot be sent: {' '.join(problems)}"
            raise FlowError(msg, mend="Mend the step's values.", step=placed.step)
        return self._reply(name, turn.call.turn, params, {STATE_KEY: sealed})

    def acknowledge(self) -> WireReply:
        """The reply to a report that ended the call.

        An empty 200, as the vendor's PHP SDK sends.
        """
        return WireReply(b"")

    def last_resort(self, report: Report, language: str) -> WireReply:
        """An apology.

        At its echo the fallback number, for an inbound call; at any other the end.
        """
        if not report.stage:
            spoken = language if self._speller.voice(language) else DEFAULT_LANGUAGE
            text, tag = shipped_phrase(APOLOGY, spoken)
            return self._reply("play", BYE, {"media_id": self._speller.media(Say(text, tag))}, {})
        if report.stage == BYE and self._fallback_number and report.direction == "inbound":
            ours = str(report.called) if report.called else None
            dial = Dial(targets=(self._fallback_number,), ring_s=60, caller_id=ours)
            name, params = self._speller.spell(dial)
            return self._reply(name, DIAL, params, {})
        return self._reply("hangup", END, {}, {})

    def star(self, report: Report) -> bytes:
        """The report with ``command_result`` starred key by key, whatever the rest of it holds."""
        try:
            data = json.loads(report.raw)
            data["command_result"] = star(str(data.get("command_result") or ""))
            return json.dumps(data, separators=(",", ":")).encode()
        except (ValueError, RecursionError, AttributeError, TypeError):
            return b""

    def check(self, flow: Flow) -> Sequence[Finding]:
        """What CALLR does not take of a flow: ranges, commands, sounds and voices."""
        return list(check_flow(flow, self._speller))

    def _load(self, body: bytes) -> dict[str, Any]:
        try:
            data: dict[str, Any] = self._reports.loads(body)
        except ValidationError as problem:
            field, wrong = next(iter(problem.messages_dict.items()))
            msg = _NO_OBJECT if field == SCHEMA else f"{field}: {' '.join(map(str, wrong))}"
            raise PlatformError(msg, mend=_SEND_A_REPORT) from None
        except (ValueError, RecursionError, TypeError, AttributeError):
            raise PlatformError(_NO_OBJECT, mend=_SEND_A_REPORT) from None
        return data

    def _reply(
        self,
        command: str,
        command_id: int | str,
        params: Mapping[str, Any],
        variables: Mapping[str, str],
    ) -> WireReply:
        """The four keys, in the order in which the vendor documents them."""
        body = {
            "command": command,
            "command_id": command_id,
            "params": dict(params),
            "variables": dict(variables),
        }
        return WireReply(json.dumps(body, separators=(",", ":")).encode())


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
