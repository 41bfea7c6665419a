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
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

from app import compact_json
from app.callflow.commands import Dial, Say
from app.callflow.errors import Finding, FlowError, PlatformError, UnauthorizedError
from app.callflow.flow import Flow
from app.callflow.manner import ONE_BY_ONE
from app.callflow.parties import Phone, star
from app.callflow.phrases import APOLOGY, shipped_phrase
from app.callflow.turn import Turn
from app.callr.challenges import CHALLENGED, Challenges
from app.callr.check import check_flow, promised_tones
from app.callr.ranges import problems_of
from app.callr.reading import BYE, DIAL, END, STATE_KEY, report_of
from app.callr.wire import DEFAULT_LANGUAGE, SHIPPED_VOICES, ReportSchema, Speller
from app.ports import Address, Report, WireReply, WireRequest

_NO_OBJECT = "the body is no JSON object."
_SEND_A_REPORT = "Send an RT.Request as CALLR documents it."


class CallrProvider:
    """CALLR REALTIME10.

    Args:
        login: what CALLR sends as HTTP Basic login.
        passwords: the password, and the one before while it is changed.
        voices: voices by language that replace the shipped ones.
        caller_id: our number where a call brings none, E.164, or "".
        wait_key: the parameter of ``wait`` that CALLR obeys: ``seconds``, or ``wait``.
        record_tone: whether the caller hears a tone before a recording, as far as is known.
        fallback_number: E.164 number that an inbound call is connected to as the last resort, or
            "".
    """

    name = "callr"
    deadline_s = 5.0
    manner = ONE_BY_ONE

    def __init__(
        self,
        *,
        login: str,
        passwords: Sequence[str],
        voices: Mapping[str, str] | None = None,
        caller_id: str = "",
        fallback_number: str = "",
        wait_key: str = "seconds",
        record_tone: bool = True,
    ) -> None:
        self._accepted = [f"{login}:{password}".encode() for password in passwords if password]
        self._speller = Speller({**SHIPPED_VOICES, **(voices or {})}, caller_id, wait_key)
        self._fallback_number = fallback_number
        self._record_tone = record_tone
        self._reports = ReportSchema()
        self._challenges = Challenges()

    def address(self, path: Sequence[str]) -> Address | None:
        """``/callr/<flow>``."""
        return Address(path[0]) if len(path) == 1 else None

    def authenticate(self, request: WireRequest) -> None:
        """HTTP Basic, the only mechanism that CALLR has for these reports, in constant time.

        Raises:
            UnauthorizedError: it is absent, malformed or wrong.
        """
        header = request.headers.get("authorization", "")
        scheme, _, text = header.partition(" ")
        if not header:
            self._challenges.refused(request)
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
        report = report_of(data, request, received_at, provider=self.name)
        if self._challenges.met(request):
            return report._replace(incidents=(*report.incidents, CHALLENGED))
        return report

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

    def last_resort(self, report: Report, apology: Say) -> WireReply:
        """An apology.

        At its echo the fallback number, for an inbound call; at any other the end.
        """
        if not report.stage:
            if self._speller.voices.of(apology.language) is None:
                apology = Say(*shipped_phrase(APOLOGY, DEFAULT_LANGUAGE))
            return self._reply(
                "play", BYE, {"media_id": self._speller.media(apology)}, {STATE_KEY: BYE}
            )
        if report.stage == BYE and self._fallback_number and report.direction == "inbound":
            ours = str(report.called) if report.called else None
            dial = Dial(targets=(Phone(self._fallback_number),), ring_s=60, caller_id=ours)
            name, params = self._speller.spell(dial)
            return self._reply(name, DIAL, params, {STATE_KEY: DIAL})
        return self._reply("hangup", END, {}, {STATE_KEY: END})

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
        tones = [] if self._record_tone else promised_tones(flow)
        return [*check_flow(flow, self._speller), *tones]

    def _load(self, body: bytes) -> dict[str, Any]:
        try:
            data: dict[str, Any] = self._reports.loads(_text(body))
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
        params: dict[str, Any],
        variables: dict[str, str],
    ) -> WireReply:
        """The four keys, in the order in which the vendor documents them."""
        body = {
            "command": command,
            "command_id": command_id,
            "params": params,
            "variables": variables,
        }
        return WireReply(compact_json.ascii_only(body))


def _text(body: bytes) -> bytes | str:
    """The body; a name that is no UTF-8 must not cost its caller the call."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode(errors="replace")
    return body
