"""The vocabulary for docs/flows.md: signatures, arguments, and what an example step gives."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import told_actions
from pages import blocks
from tables import code, fenced, from_docstring, table

import app.callflow
from app.callflow import Flow, hang_up
from app.callflow.engine import new_call, take_turn
from app.callflow.events import CallArrived, CommandDone
from app.callflow.kinds.base import Step
from app.callflow.parties import Phone
from app.callflow.turn import Turn
from app.callr.wire import SHIPPED_VOICES, Speller

STEPS = (
    "say", "play", "menu", "collect", "record", "dial", "conference", "send_digits", "wait",
    "command", "hang_up", "branch", "assign", "at_most", "hours", "to",
)  # fmt: skip

_KINDS = {
    "Exit": "[exit](#exits)",
    "PromptLike": "[prompt](#prompts)",
    "Media | Sequence[Media]": "`Media`, or several",
    "Mapping[str, Exit]": "key: exit",
    "Mapping[Value, Exit]": "value: exit",
    "Mapping[str, str]": "days: hours",
    "Mapping[str, Any]": "name: value",
    "Sequence[str]": "texts",
    "int": "whole number",
    "float": "number",
    "str": "text",
    "bool": "`True` or `False`",
    "Value": "[value](#variables)",
    "Value | Callable[[Call], Value]": "[value](#variables) or function",
    "str | Callable[[Call], Value]": "name or function",
    "str | Callable[[Call], Any]": "text or function",
    "str | Client | Callable[[Call], Any]": "number, `Client` or function",
    "Callable[[str], bool]": "function of the entry",
    "Literal['ring', 'music']": '`"ring"` or `"music"`',
}
"""Annotations of ``app.callflow.steps`` in words; one that is not here stops the generator."""

_MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_ARGUMENT = re.compile(r"^(\w+): (.+(?:\n +.+)*)", re.MULTILINE)


def described(name: str, _: str) -> str:
    """A step's signature, what it does, and its arguments."""
    function = getattr(app.callflow, name)
    text = inspect.getdoc(function) or ""
    about, _, arguments = text.partition("Args:\n")
    rest = [from_docstring(part) for part in about.strip().split("\n\n")]
    return "\n\n".join(
        [fenced("text", _signature(name, function)), *rest, _arguments(function, arguments)]
    )


def described_flow(_: str) -> str:
    """The arguments of ``Flow``, from what its docstring says of its attributes."""
    attributes = (inspect.getdoc(Flow) or "").partition("Attributes:\n")[2]
    told = dict(_ARGUMENT.findall(textwrap.dedent(attributes)))
    rows = [
        (code(one.name), _default(one), from_docstring(told[one.name]))
        for one in inspect.signature(Flow).parameters.values()
    ]
    return table(("argument", "if left out", ""), rows)


def shown(name: str, page: str) -> str:
    """What the example under a step's heading gives each platform, and its drawing."""
    flow = example(
        next(b.text for b in blocks(page) if b.heading == f"`{name}`" and b.language == "python")
    )
    told = [json.dumps(one, ensure_ascii=False) for one in commands_of(flow)]
    sent = (
        f"What CALLR gets, one command a turn:\n\n{fenced('json', chr(10).join(told))}"
        if told
        else "CALLR gets nothing: the step passes within the turn."
    )
    on_stringee = f"{told_actions.shown(flow)}\n\n" if told else ""
    return f"{sent}\n\n{on_stringee}{fenced('mermaid', flow.draw())}"


def run(source: str) -> dict[str, Any]:
    """Run a short example: the names of ``app.callflow`` are there, as the page says."""
    names: dict[str, Any] = {one: getattr(app.callflow, one) for one in app.callflow.__all__}
    exec(compile(source, "<docs>", "exec"), names)  # noqa: S102 - our own page
    return names


def example(source: str) -> Flow:
    """A flow of the steps that an example names; the first is its start, missing ones hang up."""
    names = run(source)
    if flows := [one for one in names.values() if isinstance(one, Flow)]:
        return flows[0]
    steps = {name: one for name, one in names.items() if isinstance(one, Step)}
    start = next(iter(steps))
    wanted = [exit_.step for step in steps.values() for exit_ in step.exits.values()]
    steps |= {name: hang_up() for name in wanted if name not in steps}
    return Flow("example", start=start, timezone="Europe/London", steps=steps)


def commands_of(flow: Flow) -> list[Mapping[str, Any]]:
    """The commands that the first step to give any gives CALLR, where each is done."""
    arrived = CallArrived("inbound", Phone("+33612345678"), Phone("+33199001020"), _MONDAY_NOON)
    call = new_call(flow, key="callr:1", provider="callr", arrived=arrived)
    speller = Speller(SHIPPED_VOICES, "")
    turn = take_turn(flow, call, arrived, told_actions.Everything())
    found: list[Mapping[str, Any]] = []
    while isinstance(turn, Turn) and turn.call.step == flow.start:
        name, params = speller.spell(turn.placed[0].command)
        found.append({"command": name, "params": params})
        if turn.call.last:
            break
        turn = take_turn(flow, turn.call, CommandDone("0"), told_actions.Everything())
    return found


def _signature(name: str, function: Callable[..., Any]) -> str:
    plain = inspect.signature(function)
    parameters = [
        one.replace(annotation=inspect.Parameter.empty) for one in plain.parameters.values()
    ]
    text = (
        f"{name}{plain.replace(parameters=parameters, return_annotation=inspect.Signature.empty)}"
    )
    return textwrap.fill(text, 88, subsequent_indent=" " * (len(name) + 1), break_on_hyphens=False)


def _arguments(function: Callable[..., Any], documented: str) -> str:
    about = {
        name: from_docstring(text) for name, text in _ARGUMENT.findall(textwrap.dedent(documented))
    }
    rows = [
        (code(_starred(one)), _kind(str(one.annotation)), _default(one), about.get(one.name, ""))
        for one in inspect.signature(function).parameters.values()
    ]
    return table(("argument", "is", "if left out", ""), rows)


def _starred(one: inspect.Parameter) -> str:
    if one.kind is inspect.Parameter.VAR_POSITIONAL:
        return f"*{one.name}"
    return f"**{one.name}" if one.kind is inspect.Parameter.VAR_KEYWORD else one.name


def _kind(annotation: str) -> str:
    return _KINDS[annotation.replace('"', "'").removesuffix(" | None")]


def _default(one: inspect.Parameter) -> str:
    if one.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        return "none"
    if one.default is inspect.Parameter.empty:
        return "must be given"
    return code(repr(one.default).replace("'", '"'))
