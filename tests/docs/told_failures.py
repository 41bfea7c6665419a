"""Where a call goes when something fails, for docs/flows.md: each row is tried on the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from tables import code, table

from app.callflow import (
    Flow,
    FlowError,
    Media,
    collect,
    command,
    conference,
    dial,
    hang_up,
    menu,
    play,
    record,
    say,
    send_digits,
    wait,
)
from app.callflow.engine import new_call, take_turn
from app.callflow.events import (
    DIAL_ANSWERED,
    DIAL_BUSY,
    DIAL_FAILED,
    DIAL_NO_ANSWER,
    CallArrived,
    CommandDone,
    CommandFailed,
    Event,
    NoInput,
)
from app.callflow.kinds.base import Step
from app.callflow.parties import Phone
from app.callflow.turn import Turn

_BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_REFUSED = "could not do it"
_FAILED = CommandFailed("PROPERTY_VALUE_ERROR [media_id]")
_MINOR = CommandFailed("PROPERTY_VALUE_ERROR [announce]", minor=True)

_SAY = partial(say, "Hello.", then="then")
_PLAY = partial(play, Media(callr=42), then="then")
_MENU = partial(menu, "Press 1.", {"1": "then"}, tries=1, failure="failure")
_COLLECT = partial(collect, "Type.", "x", min_digits=3, tries=1, then="then", failure="failure")
_RECORD = partial(record, "", into="x", then="then")
_DIAL = partial(dial, "+33123456789", no_answer="no_answer")
_CONFERENCE = partial(conference, "team", then="then")
_COMMAND = partial(command, "play", {"media_id": 1}, then="then")
_READ = partial(command, "read", {"media_id": 1}, into="x", then="then")
_RECORDING = partial(command, "start_call_recording", then="then")

CASES: Sequence[tuple[str, str, Step, Event]] = (
    ("`say`, `play`", _REFUSED, _SAY(), _FAILED),
    ("`say`, `play`", _REFUSED, _PLAY(failure="failure"), _FAILED),
    ("`menu`", _REFUSED, _MENU(), _FAILED),
    ("`menu`", "no key, in the last try", _MENU(), NoInput()),
    ("`menu`", "a key that is no choice, in the last try", _MENU(), CommandDone("9")),
    ("`collect`", _REFUSED, _COLLECT(), _FAILED),
    ("`collect`", "no entry, in the last try", _COLLECT(), NoInput()),
    ("`collect`", "a wrong entry, in the last try", _COLLECT(), CommandDone("9")),
    ("`record`", "recorded nothing", _RECORD(), CommandDone()),
    ("`record`", "recorded nothing", _RECORD(nothing="nothing"), CommandDone()),
    ("`record`", _REFUSED, _RECORD(), _FAILED),
    ("`record`", _REFUSED, _RECORD(nothing="nothing"), _FAILED),
    ("`record`", _REFUSED, _RECORD(failure="failure"), _FAILED),
    ("`dial`", "they talked, and one hung up", _DIAL(), CommandDone(DIAL_ANSWERED)),
    ("`dial`", "nobody answered", _DIAL(), CommandDone(DIAL_NO_ANSWER)),
    ("`dial`", "busy", _DIAL(), CommandDone(DIAL_BUSY)),
    ("`dial`", "busy", _DIAL(busy="busy"), CommandDone(DIAL_BUSY)),
    ("`dial`", "could not be dialled", _DIAL(), CommandDone(DIAL_FAILED)),
    ("`dial`", "could not be dialled", _DIAL(failure="failure"), CommandDone(DIAL_FAILED)),
    ("`dial`", _REFUSED, _DIAL(), _FAILED),
    ("`dial`", _REFUSED, _DIAL(failure="failure"), _FAILED),
    ("`conference`", "they left it, or it was closed", _CONFERENCE(), CommandDone()),
    ("`conference`", _REFUSED, _CONFERENCE(), _FAILED),
    ("`conference`", _REFUSED, _CONFERENCE(failure="failure"), _FAILED),
    ("`wait`, `send_digits`", _REFUSED, wait(1, then="then"), _FAILED),
    ("`wait`, `send_digits`", _REFUSED, send_digits("1", then="then", failure="failure"), _FAILED),
    ("`command`", "asked for keys, and none came", _READ(), NoInput()),
    ("`command`", "asked for keys, and none came", _READ(failure="failure"), NoInput()),
    ("`command`", _REFUSED, _COMMAND(), _FAILED),
    ("`command`", _REFUSED, _COMMAND(failure="failure"), _FAILED),
    ("`command` that records the call", _REFUSED, _RECORDING(), _MINOR),
)
"""(the step in words, what came of its command in words, such a step, the same as an event)."""


def failures(_: str) -> str:
    """Which exit a call takes for what came of a command."""
    rows = [
        (told, came, _declared(step), goes_to(step, event)) for told, came, step, event in CASES
    ]
    return table(("step", "what came of it", "declared", "goes to"), rows)


def goes_to(step: Step, event: Event) -> str:
    """Where a call goes from a step's last command."""
    ends = {exit_.step: hang_up() for exit_ in step.exits.values()}
    flow = Flow("line", start="first", steps={"first": step, **ends})
    arrived = CallArrived("inbound", Phone("+33612345678"), Phone("+33199001020"), _BEGAN)
    call = new_call(flow, key="callr:1", provider="callr", arrived=arrived)
    first = take_turn(flow, call, arrived)
    assert isinstance(first, Turn)
    try:
        turn = take_turn(flow, first.call, event)
    except FlowError:
        return "the flow's `fallback`"
    assert isinstance(turn, Turn)
    if turn.call.ending == "transferred":
        return "the end: `transferred`"
    return code(turn.trail[0][1]) + (", with an incident" if turn.incidents else "")


def _declared(step: Step) -> str:
    optional = [code(label) for label in ("nothing", "busy", "failure") if label in step.exits]
    return ", ".join(optional)
