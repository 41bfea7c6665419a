"""What Stringee does not take of a flow, found before anybody calls."""

from __future__ import annotations

from collections.abc import Iterator

from app.callflow.errors import Finding, Level
from app.callflow.flow import Flow
from app.callflow.kinds.base import Step
from app.callflow.kinds.doing import (
    ConferenceStep,
    DialStep,
    NativeStep,
    RecordStep,
    SendDigitsStep,
)
from app.callflow.kinds.silent import BranchStep
from app.callflow.prompts import Prompt, Template
from app.callflow.voices import unplayable, unvoiced
from app.stringee.spelling import Speller
from app.stringee.wire import ACTIONS, DEFAULT_VOICE, MOST_S, problems_of

_ELSEWHERE = 'Serve the flow elsewhere: Flow(on=("callr",)).'
_OURS = frozenset({"eventUrl", "onFailEventUrl"})
"""Options that hold an address which only we can write."""

_LACKS = ("a sound has no file name on Stringee.", 'Write Media(stringee="FILE").')


def check_flow(flow: Flow, speller: Speller) -> Iterator[Finding]:
    """Everything that Stringee does not take of a flow; as warnings what it takes with a loss."""
    later = {step.into: name for name, step in flow.steps.items() if isinstance(step, RecordStep)}
    for name, step in flow.steps.items():
        for argument, message, mend in (*_problems(step), *_read_too_early(step, later)):
            yield Finding(flow.name, name, argument, message, mend)
        if isinstance(step, DialStep):
            for argument, message, mend in _losses(step):
                yield Finding(flow.name, name, argument, message, mend, Level.WARNING)
    yield from unplayable(flow, lambda sound: sound.stringee, _LACKS)
    yield from unvoiced(
        flow, speller.voices, platform="Stringee", reader=f"its '{DEFAULT_VOICE}' voice"
    )


def _problems(step: Step) -> Iterator[tuple[str, str, str]]:
    match step:
        case ConferenceStep():
            yield "", "Stringee has no rooms for calls.", _ELSEWHERE
        case SendDigitsStep():
            yield "", "Stringee sends no tones.", _ELSEWHERE
        case RecordStep() if "nothing" in step.exits:
            message = "Stringee does not say whether anything was said."
            yield "nothing", message, "Leave it out: the call goes on with then."
        case DialStep():
            yield from _undiallable(step)
        case NativeStep():
            yield from _native_problems(step)
        case _:
            pass  # nothing that Stringee lacks


def _undiallable(step: DialStep) -> Iterator[tuple[str, str, str]]:
    if step.withheld:
        yield "withheld", "Stringee shows a number always.", "Leave it out."
    if step.ring_s > MOST_S:
        yield "ring_s", f"it is {step.ring_s}; at most {MOST_S}.", f"Write ring_s={MOST_S} or less."


def _losses(step: DialStep) -> Iterator[tuple[str, str, str]]:
    if step.whisper.pieces:
        yield "whisper", "Stringee does not say it: whoever answers is connected.", "Leave it out."
    if step.ringtone == "music":
        yield "ringtone", "Stringee has no music while it rings.", "Leave it out."


def _read_too_early(step: Step, later: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """What a step reads that Stringee tells only afterwards: the name of a recording."""
    read = [
        (argument, placeholder.name)
        for argument, text in step.texts()
        for placeholder in text.placeholders
    ]
    if isinstance(step, BranchStep) and isinstance(step.on, str):
        read.append(("on", step.on))
    for argument, name in read:
        if name in later:
            message = f"it reads '{name}', which Stringee tells only after the call."
            mend = "Leave it out: the recording is found with the call."
            yield argument, message, mend


def _native_problems(step: NativeStep) -> Iterator[tuple[str, str, str]]:
    if step.name not in ACTIONS:
        yield "name", f"Stringee has no action '{step.name}'.", f"It has: {', '.join(ACTIONS)}."
        return
    known = {
        name: _value_now(written)
        for name, written in step.params.items()
        if not _is_known_later(written)
    }
    unknown = step.params.keys() - known.keys()
    for name, told in problems_of({"action": step.name, **known}):
        if name not in unknown | (_OURS - known.keys()):
            yield name, f"'{step.name}': {told}", "Write what Stringee takes."


def _is_known_later(written: object) -> bool:
    """Whether only a call says it."""
    return callable(written) or (isinstance(written, Template) and bool(written.placeholders))


def _value_now(written: object) -> object:
    match written:
        case Template():
            return str(written)
        case Prompt():
            return "a text"
        case _:
            return written
