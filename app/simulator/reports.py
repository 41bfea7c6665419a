"""The reports of one call: building RT.Request, sending it, and being hostile about it."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from app.simulator.deadline import Answered, ServerFaultError
from app.simulator.line import Line
from app.simulator.readings import Conditions
from app.simulator.transcript import Fault, Posted, Replied, Warned
from app.simulator.wire import Endpoint, Reply, post, read_reply

LIVE: Final = frozenset({"INCOMING_CALL", "UP"})
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What stays the same in all reports of a call.

    Attributes:
        app: hash of the voice app, 8 characters.
        callid: the platform's id, up to 64 bits.
        caller: E.164, or "" when withheld.
        called: E.164; the number dialled.
        request_hash: of an outbound call; None for an inbound one.
        cli_name: the caller's name, "" when there is none.
        cdr_field: what `calls.realtime` was given; "" on inbound calls.
        at: when the call began.
    """

    app: str
    callid: int
    caller: str
    called: str
    request_hash: str | None = None
    cli_name: str = ""
    cdr_field: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def direction(self) -> Literal["inbound", "outbound"]:
        """Which way the call goes; the request hash tells it."""
        return "inbound" if self.request_hash is None else "outbound"

    @property
    def date_started(self) -> str:
        """The beginning as the platform writes it, in UTC; a time without a zone is UTC."""
        at = self.at if self.at.tzinfo is None else self.at.astimezone(UTC)
        return at.strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class LastCommand:
    """What a report tells of the last command; the first report has none."""

    command: str = ""
    command_id: Any = 0
    result: str | None = ""
    error: str = ""


class Reporter:
    """Sends the reports of one call, in order, one at a time.

    `variables` are those of the last proper reply. A fault of the voice app, or of the network on
    purpose, goes on the transcript and gives None in the place of a reply.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        facts: CallFacts,
        line: Line,
        conditions: Conditions,
    ) -> None:
        self._endpoint = endpoint
        self._facts = facts
        self._line = line
        self._readings = conditions.readings
        self._hostility = conditions.hostility
        self._variables: Mapping[str, Any] = {}
        self.sent = 0

    def report(self, status: str, last: LastCommand) -> Reply | None:
        """Tell of a live call and get the next command."""
        reply = self._once(status, last)
        if reply is None and self._readings.retry_after_fault:
            reply = self._once(status, last)
        if reply is not None:
            self._variables = reply.variables
        return reply

    def end(self, status: str, last: LastCommand) -> None:
        """Tell that the call is over. Whatever comes back is ignored, but a bad status warns."""
        for _ in range(2 if self._hostility.second_hangup else 1):
            answered = self._send(status, last)
            if answered is not None and answered.status != _OK:
                text = f"the reply to {status} has HTTP {answered.status}; it is ignored"
                self._line.tell(Warned, text=text)

    def _once(self, status: str, last: LastCommand) -> Reply | None:
        answered = self._send(status, last)
        if answered is None:
            return None
        try:
            reply, warnings = read_reply(answered)
        except ServerFaultError as fault:
            self._fault(str(fault))
            return None
        for text in warnings:
            self._line.tell(Warned, text=text)
        return reply

    def _send(self, status: str, last: LastCommand) -> Answered | None:
        self.sent += 1
        number, lost = self.sent, self.sent in self._hostility.lose
        if status == "UP" and self._hostility.status_instead_of_up is not None:
            status = self._hostility.status_instead_of_up
        body = json.dumps(self._body(status, last)).encode()
        self._line.tell(Posted, number=number, status=status, body=body.decode())
        if lost:
            self._line.tell(Warned, text=f"report {number} was lost on its way, on purpose")
            return None
        if self._hostility.repeats(number) and self._hostility.repeat == "at_once":
            return self._twice_at_once(number, status, body)
        answered = self._post(number, body)
        if self._hostility.repeats(number) and answered is not None:
            self._line.tell(Posted, number=number, status=status, body=body.decode(), repeated=True)
            self._compare(number, answered, self._post(number, body))
        return answered

    def _twice_at_once(self, number: int, status: str, body: bytes) -> Answered | None:
        self._line.tell(Posted, number=number, status=status, body=body.decode(), repeated=True)
        with ThreadPoolExecutor(2) as pool:
            tries = [pool.submit(self._try, body) for _ in range(2)]
        first, second = (self._tell(number, done.result()) for done in tries)
        if first is not None:
            self._compare(number, first, second)
        return first

    def _post(self, number: int, body: bytes) -> Answered | None:
        return self._tell(number, self._try(body))

    def _try(self, body: bytes) -> Answered | ServerFaultError:
        try:
            return post(
                self._endpoint,
                body,
                within_s=self._readings.reply_within_s,
                challenged=self._readings.basic == "challenged",
                send_over_s=self._hostility.send_over_s,
            )
        except ServerFaultError as fault:
            return fault

    def _tell(self, number: int, answered: Answered | ServerFaultError) -> Answered | None:
        if isinstance(answered, ServerFaultError):
            self._fault(str(answered))
            return None
        self._line.count(answered.took_s)
        self._line.tell(
            Replied,
            number=number,
            http_status=answered.status,
            body=answered.body.decode(errors="replace"),
            took_s=round(answered.took_s, 4),
        )
        return answered

    def _compare(self, number: int, first: Answered, second: Answered | None) -> None:
        if second is None:
            return
        if (first.status, first.body) != (second.status, second.body):
            self._fault(
                f"repeat: report {number} came twice and got two different replies: "
                f"{first.status} {first.body!r} and {second.status} {second.body!r}"
            )

    def _fault(self, reason: str) -> None:
        self._line.tell(Fault, reason=reason)

    def _body(self, status: str, last: LastCommand) -> dict[str, Any]:
        """RT.Request: all 14 keys in the order of docs.callr.com/voice/real-time/reference."""
        facts = self._facts
        return {
            "app": facts.app,
            "callid": facts.callid,
            "request_hash": facts.request_hash,
            "cli_name": facts.cli_name,
            "cli_number": facts.caller,
            "date_started": facts.date_started,
            "number": facts.called,
            "command": last.command,
            "command_id": last.command_id,
            "command_result": self._result(last.result),
            "command_error": last.error,
            "call_status": status,
            "cdr_field": facts.cdr_field,
            "variables": self._variables,
            **self._hostility.extra,
            **self._hostility.instead,
        }

    def _result(self, result: str | None) -> str | int | None:
        if result is None or self._readings.results == "strings":
            return result
        whole = result.isascii() and result.isdigit() and str(int(result)) == result
        return int(result) if whole else result
