"""Stringee as a provider: its webhooks read into events, and our commands written as an SCCO.

Sources: developer.stringee.com/docs (``server/event-url-and-answer-url``,
``server/stringee-call-control-object``, ``server/call-events``), stringeecom/server-samples. Where
those leave something open, reading is tolerant, and the doubt stands beside it. How long Stringee
waits for an answer is not documented; one second is what we plan for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app import compact_json
from app.callflow.commands import Dial, Native, Say
from app.callflow.errors import Finding, FlowError, PlatformError
from app.callflow.flow import Flow
from app.callflow.manner import Manner
from app.callflow.parties import Phone
from app.callflow.turn import Placed, Turn
from app.ports import Address, Notice, Report, Start, WireReply, WireRequest
from app.stringee import posts, reading, simple
from app.stringee.bodies import ANSWER, PROVIDER
from app.stringee.check import check_flow
from app.stringee.signatures import Signatures
from app.stringee.spelling import (
    FAILED,
    INPUT,
    RECORDED,
    Addresses,
    Speller,
    digits,
    reports_after,
)
from app.stringee.wire import EXTERNAL, SHIPPED_VOICES, problems_of

EVENTS = "events"

_BOTH = ("GET", "POST")
_OF_A_FLOW = {ANSWER: _BOTH, INPUT: ("POST",), FAILED: ("POST",), RECORDED: _BOTH}
"""How each address of a flow may be asked.

Documented are GET for the answer_url and POST for the others; for a recording both are seen.
"""

_RING_S = 60


class StringeeProvider:
    """Stringee's Call API.

    Args:
        signatures: checks what comes in.
        public_url: where Stringee reaches this server; it may have a path.
        voices: voices by language that replace the shipped ones.
        caller_id: our number where a call brings none, E.164, or "".
        fallback_number: E.164 number that an inbound call is connected to as the last resort, or
            "".
        simple: whether the addresses of Stringee's SCCO helper are served.
    """

    name = PROVIDER
    deadline_s = 1.0
    manner = Manner(reports=reports_after, one_target=True)
    ends = (posts.OVER, posts.REFUSED)
    """The kinds of status posts that end a call."""

    def __init__(
        self,
        *,
        signatures: Signatures,
        public_url: str,
        voices: Mapping[str, str] | None = None,
        caller_id: str = "",
        fallback_number: str = "",
        simple: bool = False,
    ) -> None:
        self._simple = simple
        self._signatures = signatures
        self._speller = Speller(_voices(voices or {}), caller_id, Addresses(public_url))
        self._caller_id = caller_id
        self._fallback_number = fallback_number

    def address(self, path: Sequence[str]) -> Address | None:
        """``/stringee/events``, ``/stringee/<flow>/`` with answer, input, failed, recorded.

        And the helper's two.
        """
        match path:
            case [name] if name == EVENTS:
                return Address("", name, _BOTH)
            case [name] if name in simple.FLOWS:
                return Address(name, ANSWER, _BOTH)
            case [flow, kind] if kind in _OF_A_FLOW:
                return Address(flow, kind, _OF_A_FLOW[kind])
            case _:
                return None

    def authenticate(self, request: WireRequest) -> None:
        """X-STRINGEE-SIGNATURE, in constant time.

        Raises:
            SignatureError: it is absent, or fits no key of the project.
            SettingsError: there is no key at all (status 503).
        """
        self._signatures.check(request)

    def read(self, request: WireRequest, received_at: datetime) -> Report | Notice:
        """Read what Stringee asks or tells.

        Raises:
            PlatformError: it names no call.
        """
        match request.kind:
            case "answer" if request.flow in simple.FLOWS and not self._simple:
                msg = f"{request.flow}: the addresses of Stringee's SCCO helper are not served."
                raise PlatformError(msg, mend="Set STRINGEE_SIMPLE=1.", status=404)
            case "answer":
                return reading.arrival_of(request, received_at)
            case "events":
                return posts.told_by(request, received_at)
            case "recorded":
                return posts.sound_of(request, received_at)
            case _:
                return reading.continued(request, received_at)

    def placed_by(self, start: Start, received_at: datetime) -> Report:
        """The first report of a call that we are about to place."""
        return reading.placed_by(start, received_at)

    def refused_by(self, start: Start, received_at: datetime) -> Notice:
        """That such a call is over before it began."""
        return posts.refused_by(start, received_at)

    def reread(self, notice: Notice) -> Notice:
        """A status post that ends a call, kept before, as it was first read."""
        return posts.reread(notice)

    def write(self, turn: Turn, sealed: str) -> WireReply:
        """Write the turn's commands as an SCCO.

        Raises:
            FlowError: Stringee does not take one of them.
        """
        actions: list[dict[str, Any]] = []
        for at, placed in enumerate(turn.placed):
            if isinstance(placed.command, Dial) and turn.call.flow in simple.FLOWS:
                return _reply(simple.helper_actions(turn.call, placed.command))
            spelled = self._speller.spell(placed.command, turn.call, at, sealed)
            if isinstance(placed.command, Native):
                _hold(placed, spelled)
            actions += spelled
        return _reply(actions)

    def acknowledge(self) -> WireReply:
        """An empty 200: what stands in it is ignored."""
        return WireReply(b"")

    def last_resort(self, report: Report, apology: Say) -> WireReply:
        """An apology, then the fallback number for a call that came in; the call ends with it."""
        actions = [self._speller.heard(apology, barge_in=False)]
        ours = self._caller_id or (str(report.called) if isinstance(report.called, Phone) else "")
        if self._fallback_number and report.direction == "inbound" and ours:
            caller = digits(str(report.caller)) if isinstance(report.caller, Phone) else ""
            target = digits(self._fallback_number)
            actions.append(
                {
                    "action": "connect",
                    "from": {
                        "type": EXTERNAL,
                        "number": caller or digits(ours),
                        "alias": digits(ours),
                    },
                    "to": {"type": EXTERNAL, "number": target, "alias": target},
                    "timeout": _RING_S,
                    "maxConnectTime": -1,
                    "peerToPeerCall": False,
                }
            )
        return _reply(actions)

    def star(self, report: Report) -> bytes:
        """The report with ``dtmf`` starred key by key."""
        return reading.starred(report)

    def check(self, flow: Flow) -> Sequence[Finding]:
        """What Stringee cannot do of a flow: commands, sounds, what comes too late to be read."""
        return list(check_flow(flow, self._speller))


def _voices(own: Mapping[str, str]) -> Mapping[str, str]:
    """The operator's voices over the shipped ones; `vi` of theirs is also that of vi-VN."""
    shipped = {
        tag: voice for tag, voice in SHIPPED_VOICES.items() if tag.partition("-")[0] not in own
    }
    return {**shipped, **own}


def _reply(actions: Sequence[Mapping[str, Any]]) -> WireReply:
    """Strict JSON, and always an array."""
    return WireReply(compact_json.utf8(actions))


def _hold(placed: Placed, actions: Sequence[Mapping[str, Any]]) -> None:
    """Hold an action that a flow writes itself against what Stringee takes."""
    problems = [f"{name}: {told}" for action in actions for name, told in problems_of(action)]
    if problems:
        name = actions[0]["action"]
        msg = f"action '{name}' of step '{placed.step}' cannot be sent: {' '.join(problems)}"
        raise FlowError(msg, mend="Mend the step's values.", step=placed.step)
