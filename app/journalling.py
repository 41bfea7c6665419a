"""Makes the journal's record of a turn.

Everything needed to tell it later, and nothing that is secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.callflow.call import Call
from app.callflow.commands import Native, Record
from app.callflow.events import CommandDone, Event, HungUp
from app.callflow.flow import Flow
from app.callflow.kinds.asking import CollectStep
from app.callflow.kinds.doing import NativeStep
from app.callflow.parties import star
from app.callflow.scene import Ask
from app.callflow.turn import Turn, verb_of
from app.ports import CallRow, Provider, Report, TurnKind, TurnRecord, WireReply
from app.sealing import Seal

_AS_IT_IS = (str, int, float)
"""What JSON has as it is; a union would be made anew for each value."""

_NATIVE = verb_of(Native)
_RECORDING = frozenset({verb_of(Record), _NATIVE})
"""The kinds of commands that may have brought a sound."""


class Made(NamedTuple):
    """A reply, and how it came about.

    Attributes:
        before: the call before the turn, None where nothing of it could be read.
        turn: None where the reply was made from the report alone.
        state: the call's state after the turn.
        outcome: set where the call ended.
        flow_name: the flow that the URL names, where ``before`` does not say.
    """

    kind: TurnKind
    reply: WireReply
    flow: Flow | None
    before: Call | None
    turn: Turn | None
    state: Mapping[str, Any] | None
    outcome: str
    incidents: tuple[str, ...]
    flow_name: str = ""

    @property
    def turn_number(self) -> int | None:
        """The number of the reply; None for the end and for a last resort."""
        return self.turn.call.turn if self.turn and self.turn.placed else None


def record_of(
    made: Made,
    report: Report,
    provider: Provider,
    seal: Seal,
    took_ms: float,
    received_at: datetime,
) -> TurnRecord:
    """The record of a turn.

    Where the waiting step collects a secret, or nothing is known of the call or of its flow that
    says it does not, what the report brought is starred key by key, in the raw bytes and the event.
    """
    turn, flow = made.turn, made.flow
    secrets = flow.secrets if flow else frozenset()
    secret = bool(report.entry) and _may_be_secret(made, report)
    after = turn.call if turn else None
    # An end that brings no state changes no variable, and the journal's own has no secrets.
    told = after.variables if after and report.carried else {}
    return TurnRecord(
        call_key=report.call_key,
        report_key=report.report_key,
        kind=made.kind,
        turn=made.turn_number,
        received_at=received_at,
        raw=provider.star(report) if secret else report.raw,
        digest=seal.digest(report.raw),
        event={**_event(report.event, secret=secret), **report.about},
        step_before=made.before.step if made.before else "",
        step_after=after.step if after else "",
        trail=turn.trail if turn else (),
        state=_without(made.state, secrets, "") if made.state else None,
        variables={
            name: star(str(value)) if name in secrets else value for name, value in told.items()
        },
        commands=[
            {"step": placed.step, "at": placed.at, "is": type(placed.command).__name__}
            | _plain_fields(placed.command)
            for placed in (turn.placed if turn else ())
        ],
        reply=made.reply.body,
        fingerprint=flow.fingerprint if flow else "",
        answers=_answers(turn),
        took_ms=took_ms,
        incidents=made.incidents,
        call=_call_row(made, report, received_at),
        recording=_recording(made, report),
        platform_id="" if report.first or not report.ids else report.platform_id,
    )


def _recording(made: Made, report: Report) -> str:
    """The platform's name of what the command before has recorded; "" for nothing.

    Also where the flow could not go on: the sound is there. A phone's test has none that anybody
    could fetch.
    """
    before, event = made.before, report.event
    if before is None or before.verb not in _RECORDING or not before.last or report.test:
        return ""
    if before.turn != report.turn:
        return ""
    if before.verb == _NATIVE:
        step = made.flow.steps.get(before.step) if made.flow else None
        if not isinstance(step, NativeStep) or step.name != "record":
            return ""
    if isinstance(event, CommandDone):
        return event.result
    return event.result if isinstance(event, HungUp) and not event.error else ""


def _may_be_secret(made: Made, report: Report) -> bool:
    """Whether what the report brought may be an entry that is secret."""
    if made.flow is None or (made.before is None and not report.first):
        return True
    if not made.flow.secrets:
        return False
    step = made.flow.steps.get(made.before.step) if made.before else None
    if made.before is None or step is None or made.before.turn != report.turn:
        return True
    return isinstance(step, CollectStep) and step.secret and made.before.last


def _call_row(made: Made, report: Report, received_at: datetime) -> CallRow | None:
    """The call's own row: with its first turn and with the one that ends it."""
    if not (report.first or made.outcome or made.before is None):
        return None
    call = made.turn.call if made.turn else made.before
    caller = call.caller if call else report.caller
    called = call.called if call else report.called
    return CallRow(
        key=report.call_key,
        provider=report.call_key.partition(":")[0],
        platform_id=report.platform_id,
        flow=call.flow if call else made.flow_name,
        direction=report.direction,
        caller=str(caller or ""),
        called=str(called or ""),
        started_at=call.began if call else report.began,
        ended_at=received_at if made.outcome else None,
        outcome=made.outcome,
        disposition=call.disposition if call else "",
        token=report.token,
        test=report.test,
    )


def _without(state: Mapping[str, Any], secrets: frozenset[str], blank: str) -> Mapping[str, Any]:
    """The state with its secrets blank: a call that is resumed from the journal has them so."""
    variables = state.get("y")
    if not variables or not secrets:
        return state
    kept = {name: blank if name in secrets else value for name, value in variables.items()}
    return {**state, "y": kept}


def _event(event: Event, *, secret: bool) -> dict[str, Any]:
    told = {"is": type(event).__name__, **_plain_fields(event)}
    if secret and isinstance(event, CommandDone | HungUp):
        told["result"] = star(event.result)
    return told


def _answers(turn: Turn | None) -> dict[str, Any]:
    return {_asked(ask): answer for ask, answer in turn.answers.items()} if turn else {}


def _asked(ask: Ask) -> str:
    return f"{ask.step}: {ask.function}({', '.join(map(str, ask.inputs))})"


def _plain_fields(value: Any) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def _plain(value: Any) -> Any:
    """A value as JSON has it: dataclasses as objects, parties and times as text."""
    if value is None or isinstance(value, _AS_IT_IS):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    names = getattr(value, "__dataclass_fields__", None)
    if names is not None:
        return _plain(getattr(value, *names)) if len(names) == 1 else _plain_fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value]
