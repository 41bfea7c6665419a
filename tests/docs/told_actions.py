"""What Stringee gets, for docs: actions of steps, their options, ends of a connect, addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate
from tables import code, table

from app.callflow import Client, Flow, dial, hang_up
from app.callflow.engine import new_call, take_turn
from app.callflow.errors import FlowError
from app.callflow.events import CallArrived
from app.callflow.parties import Party, Phone
from app.callflow.turn import Turn
from app.flows.reception import reception
from app.stringee.check import check_flow
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import Signatures
from app.stringee.spelling import Addresses, Speller
from app.stringee.wire import ACTIONS, SHIPPED_VOICES

URL = "https://line.example.com"
SEALED = "STATE"
CALLER, CALLED = Phone("+84900000001"), Phone("+842400000002")
USER, OTHER_USER, OTHER_PHONE = Client("user_1"), Client("user_2"), Phone("+84900000003")
_MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

_WHEN = {
    "answer": "a call is there: the answer_url of a project or of a number",
    "input": "keys were pressed, or none in time: the `eventUrl` of an `input`",
    "failed": "whom we rang was not reached: the `onFailEventUrl` of a `connect`",
    "recorded": "a recording is ready: the `eventUrl` of a `record` or `recordMessage`",
    "events": "anything of a call: the event_url of a project or of a number",
}


class Everything(dict[Any, Any]):
    """Answers to what a turn asks: every number may be dialled."""

    def __contains__(self, ask: object) -> bool:
        return True

    def __missing__(self, ask: Any) -> dict[str, str]:
        return dict.fromkeys(ask.inputs, "")


def provider() -> StringeeProvider:
    """Stringee at an imagined server."""
    return StringeeProvider(signatures=Signatures((("", "key"),), URL), public_url=URL)


def list_of(flow: Flow, caller: Party = CALLER, called: Party = CALLED) -> list[dict[str, Any]]:
    """The first list of actions that a call to a flow gets.

    Raises:
        FlowError: Stringee cannot do it.
    """
    arrived = CallArrived("inbound", caller, called, _MONDAY_NOON)
    call = new_call(flow, key="stringee:ID", provider="stringee", arrived=arrived)
    turn = take_turn(flow, call, arrived, Everything(), provider().manner)
    assert isinstance(turn, Turn)  # every question is answered
    actions: list[dict[str, Any]] = json.loads(provider().write(turn, SEALED).body)
    return actions


def shown(flow: Flow) -> str:
    """What an example gives Stringee: the list up to where it has to ask; or why it does not."""
    speller = Speller(SHIPPED_VOICES, "", Addresses(URL))
    refused = [one for one in check_flow(flow, speller) if one.level == "error"]
    if refused:
        told = " ".join(dict.fromkeys(f"{one.message} {one.mend}" for one in refused))
        return f"On Stringee this flow is refused: {told}"
    try:
        actions = list_of(flow)
    except FlowError as problem:
        return f"On Stringee this fails: {problem.message}"
    if not actions:
        return "What Stringee gets: an empty list, which ends the call."
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in actions)
    return f"What Stringee gets, in one list up to where it asks again:\n\n```json\n{lines}\n```"


def first_list(_: str) -> str:
    """What ``reception`` answers first."""
    return f"```json\n{json.dumps(list_of(reception), indent=2, ensure_ascii=False)}\n```"


def addresses(_: str) -> str:
    """Every address of a flow on Stringee, and how it may be asked."""
    rows = [_address(("FLOW", kind), kind) for kind in _WHEN if kind != "events"]
    rows.append(_address(("events",), "events"))
    return table(("address", "asked by", "when"), rows)


def _address(path: Sequence[str], kind: str) -> tuple[str, str, str]:
    found = provider().address(path)
    assert found is not None, f"no address {path}"
    return code(f"/stringee/{'/'.join(path)}"), " or ".join(found.methods), _WHEN[kind]


def ends(_: str) -> str:
    """The ends of a ``connect`` for each kind of call."""
    kinds: Mapping[str, tuple[Party, Party, Phone | Client]] = {
        "app-to-app": (USER, OTHER_USER, OTHER_USER),
        "app-to-phone": (USER, OTHER_PHONE, OTHER_PHONE),
        "phone-to-app": (CALLER, CALLED, OTHER_USER),
        "phone-to-phone": (CALLER, CALLED, OTHER_PHONE),
    }
    rows = []
    for kind, (caller, called, target) in kinds.items():
        written = target.number if isinstance(target, Phone) else target
        step = dial(written, no_answer="end", caller_id=CALLED.number)
        flow = Flow("example", start="dial", steps={"dial": step, "end": hang_up()})
        (action,) = list_of(flow, caller, called)
        direct = str(action["peerToPeerCall"]).lower()
        rows.append((kind, _end(action["from"]), _end(action["to"]), code(direct)))
    return table(("kind of call", "`from`", "`to`", "`peerToPeerCall`"), rows)


def options(_: str) -> str:
    """Each action's options and what they take."""
    rows = [
        (code(action), code(field.data_key or name), _takes(field))
        for action, schema in ACTIONS.items()
        for name, field in schema.fields.items()
        if name != "action"
    ]
    return table(("action", "option", "takes"), rows)


def _end(end: Mapping[str, str]) -> str:
    return f"{end['type']}, `{end['number']}`, shown as `{end['alias']}`"


def _takes(field: fields.Field[Any]) -> str:
    needed = " (must be there)" if field.required else ""
    return f"{', '.join(_kinds(field))}{needed}"


def _kinds(field: fields.Field[Any]) -> Iterator[str]:
    match field:
        case fields.Boolean():
            yield "true or false"
        case fields.Nested():
            yield "an end: type, number, alias"
        case _ if not field.validators:
            yield "text"
        case _:
            pass  # its rules say it
    for rule in field.validators:
        match rule:
            case validate.Range(min=low, max=high):
                yield f"{low:,} to {high:,}"
            case validate.OneOf(choices=choices):
                yield " or ".join(code(str(one)) for one in choices)
            case validate.Length(min=1, max=1):
                yield "one character"
            case validate.Length(max=None):
                yield "text, not empty"
            case validate.Length(max=most):
                yield f"text of at most {most} characters, not empty"
            case _:
                msg = f"no words for {rule}"
                raise AssertionError(msg)
