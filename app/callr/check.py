"""What CALLR does not take of a flow, found before anybody calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.callflow.errors import Finding, Level
from app.callflow.flow import Flow
from app.callflow.kinds.asking import CollectStep, MenuStep
from app.callflow.kinds.base import Step
from app.callflow.kinds.doing import (
    ClientTarget,
    ConferenceStep,
    DialStep,
    NativeStep,
    RecordStep,
    SendDigitsStep,
)
from app.callflow.phrases import AFTER_THE_TONE
from app.callflow.prompts import Prompt, Template
from app.callflow.voices import unplayable, unvoiced
from app.callr.ranges import COMMANDS, NUMBER, doubt_of, problem_of
from app.callr.wire import DEFAULT_LANGUAGE, Speller


@dataclass(frozen=True, slots=True)
class _Ranged:
    """An argument of a step that becomes a ranged parameter.

    How many of the platform's units are one of ours.
    """

    command: str
    param: str
    scale: int = 1


_RANGED: Mapping[tuple[str, str], _Ranged] = {
    ("menu", "timeout_s"): _Ranged("read", "timeout_ms", 1000),
    ("collect", "timeout_s"): _Ranged("read", "timeout_ms", 1000),
    ("collect", "max_digits"): _Ranged("read", "max_digits"),
    ("record", "max_s"): _Ranged("record", "max_duration"),
    ("record", "silence_s"): _Ranged("record", "silence"),
    ("conference", "pin_tries"): _Ranged("conference", "pin_max_tries"),
    ("conference", "pin_wait_s"): _Ranged("conference", "pin_wait"),
    ("send_digits", "tone_ms"): _Ranged("send_dtmf", "duration_ms"),
    ("send_digits", "gap_ms"): _Ranged("send_dtmf", "timeout_ms"),
    ("wait", "seconds"): _Ranged("wait", "seconds"),
}
_RING_LOW, _RING_HIGH = 5, 300
_LIKE_A_NUMBER = "Write it like +33612345678."

_LACKS = ("a sound has no media id on CALLR.", "Write Media(callr=ID).")


def check_flow(flow: Flow, speller: Speller) -> Iterator[Finding]:
    """Everything that CALLR does not take of a flow, and as warnings what it takes with a loss."""
    for name, step in flow.steps.items():
        for argument, message, mend in _problems(step):
            yield Finding(flow.name, name, argument, message, mend)
        if isinstance(step, NativeStep):
            for argument, message in _native_doubts(step):
                mend = "Try it on a call."
                yield Finding(flow.name, name, argument, message, mend, Level.WARNING)
    yield from unplayable(flow, lambda sound: sound.callr, _LACKS)
    yield from unvoiced(
        flow, speller.voices, platform="CALLR", reader=f"the {DEFAULT_LANGUAGE} voice"
    )


def promised_tones(flow: Flow) -> Iterator[Finding]:
    """Recordings before which we say "after the tone" of our own accord."""
    if AFTER_THE_TONE in flow.phrases:
        return
    for name, step in flow.steps.items():
        if isinstance(step, RecordStep) and step.prompt is None:
            message = "callers are told of a tone, and CALLR was heard to play none."
            mend = "Write what is said before the recording, without a tone or with its sound last."
            yield Finding(flow.name, name, "prompt", message, mend, Level.WARNING)


def _problems(step: Step) -> Iterator[tuple[str, str, str]]:
    for (kind, argument), ranged in _RANGED.items():
        if step.kind == kind:
            yield from _out_of_range(argument, getattr(step, argument), ranged)
    match step:
        case MenuStep():
            yield from _out_of_range("choices", len(step.keys[0]), _Ranged("read", "max_digits"))
            yield from _unasked(step.prompt)
        case CollectStep():
            yield from _unasked(step.prompt)
        case DialStep():
            yield from _undiallable(step)
        case ConferenceStep():
            yield from _unsendable("pin_code", step.pin_code, "conference", "Write digits.")
        case SendDigitsStep():
            mend = "Write keys out of 0-9, * and #."
            yield from _unsendable("digits", step.digits, "send_dtmf", mend)
        case NativeStep():
            yield from _native_problems(step)
        case _:
            pass  # nothing but ranges


def _unasked(prompt: Prompt) -> Iterator[tuple[str, str, str]]:
    if not prompt.pieces:
        yield "prompt", "it is empty; CALLR asks for keys while it plays.", "Write what is asked."


def _undiallable(step: DialStep) -> Iterator[tuple[str, str, str]]:
    if not _RING_LOW <= step.ring_s <= _RING_HIGH:
        yield _told("ring_s", step.ring_s, _RING_LOW, _RING_HIGH)
    if any(isinstance(target, ClientTarget) for target in step.targets):
        yield "targets", "CALLR has no users of an app.", "Write a number, or Flow(on=(...))."
    written = [t for t in step.targets if isinstance(t, Template) and not t.placeholders]
    for argument, number in [("targets", str(t)) for t in written] + [
        ("caller_id", step.caller_id or "")
    ]:
        if number and not NUMBER.match(number):
            message = f"CALLR takes no {number!r}: + and 6 to 15 digits."
            yield argument, message, _LIKE_A_NUMBER


def _unsendable(
    argument: str, written: str | Template, command: str, mend: str
) -> Iterator[tuple[str, str, str]]:
    known, value = _value_now(written)
    problem = problem_of(COMMANDS[command][argument], value) if known else ""
    if problem:
        yield argument, problem, mend


def _out_of_range(argument: str, value: Any, ranged: _Ranged) -> Iterator[tuple[str, str, str]]:
    param = COMMANDS[ranged.command][ranged.param]
    low, high = param.low / ranged.scale, param.high / ranged.scale
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = ranged.scale > 1 or isinstance(value, int)
    if not is_number or not low <= value <= high or not whole:
        yield _told(argument, value, low, high)


def _told(argument: str, value: Any, low: float, high: float) -> tuple[str, str, str]:
    too_high = isinstance(value, int | float) and value > high
    mend = (
        f"Write {argument}={high:g} or less." if too_high else f"Write {argument}={low:g} or more."
    )
    return argument, f"it is {value!r}; CALLR takes {low:g} to {high:g}.", mend


def _native_problems(step: NativeStep) -> Iterator[tuple[str, str, str]]:
    table = COMMANDS.get(step.name)
    if table is None:
        message = f"CALLR has no command '{step.name}'."
        yield "name", message, f"It has: {', '.join(COMMANDS)}."
        return
    sent = {name: param.sent_as(name, step.params) for name, param in table.items()}
    for name in sorted(step.params.keys() - sent.values()):
        mend = f"It has: {', '.join(table) or 'none'}."
        yield name, f"'{step.name}' has no such parameter.", mend
    for name, param in table.items():
        if sent[name] not in step.params:
            if param.default is None:
                yield name, f"'{step.name}' needs it.", f"Write {{'{name}': ...}}."
            continue
        known, value = _value_now(step.params[sent[name]])
        problem = problem_of(param, value) if known else ""
        if problem:
            yield sent[name], problem, "Write such a value."


def _native_doubts(step: NativeStep) -> Iterator[tuple[str, str]]:
    for name, param in COMMANDS.get(step.name, {}).items():
        if name in step.params and (doubt := doubt_of(param, step.params[name])):
            yield name, doubt


def _value_now(written: Any) -> tuple[bool, Any]:
    """Whether a parameter's value is known before a call, and the value."""
    match written:
        case Template() if written.placeholders:
            return False, None
        case Template():
            return True, str(written)
        case Prompt():
            return True, "TTS|VOICE|text"
        case _ if callable(written):
            return False, None
        case _:
            return True, written
