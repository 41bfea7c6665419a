"""What Stringee does for an SCCO, told action by action as its simulator reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from app.simulator.stringee.actions import (
    Action,
    Connect,
    End,
    Input,
    Prompt,
    Record,
    RecordMessage,
)
from app.simulator.stringee.codes import Refusal
from app.telling import short_urls

_SECOND_MS = 1000


def tell_parts(parts: Sequence[Action | Refusal], *, ends: bool) -> Iterator[str]:
    """A line for each action, or for what is wrong with it, and one for the end if it is reached.

    Sealed state in addresses is shortened.

    Args:
        parts: of the SCCO.
        ends: whether it is carried out, so that it has an end.
    """
    over = ""
    for number, part in enumerate(parts, start=1):
        if isinstance(part, Refusal):
            yield f"{number}. {part}"
            continue
        yield f"{number}. {short_urls(tell_action(part))}" + f" [never: {over}]" * bool(over)
        over = over or _ends(part)
    if ends and not over:
        yield "Then the list is over, and the call ends."


def tell_action(action: Action) -> str:
    """What Stringee does for an action."""
    match action:
        case Connect():
            return _connect(action)
        case Record():
            channels = "one channel for each side" if action.stereo else "both sides together"
            told = _told(action.event_url, "tells where it is to", "tells nobody where it is")
            return f"record: records the call from here on as {action.format}, {channels}; {told}."
        case RecordMessage():
            return _record_message(action)
        case Prompt():
            return _prompt(action)
        case Input():
            return _input(action)
        case _:
            assert_never(action)


def _connect(action: Connect) -> str:
    shown = action.from_.alias if action.from_.type == "external" else action.from_.number
    parts = [f"rings {_whom(action.to)} for {action.timeout_s} s, showing {shown}"]
    if action.max_connect_s > 0:
        parts.append(f"lets both talk for {action.max_connect_s} s at most")
    if action.from_.type == action.to.type == "internal":
        way = "past its servers" if action.peer_to_peer else "through its servers"
        parts.append(f"leads the sound {way}")
    if action.custom_data:
        parts.append(f"gives the apps {len(action.custom_data)} characters of customData")
    if action.continue_on_fail and action.on_fail_event_url:
        parts.append(f"asks {action.on_fail_event_url} what to do where nobody is reached")
    elif action.continue_on_fail:
        parts.append("goes on where nobody is reached")
    else:
        parts.append("ends the call where nobody is reached")
    return f"connect: {'; '.join(parts)}. The call ends with the conversation."


def _whom(end: End) -> str:
    return f"the app of {end.number}" if end.type == "internal" else f"the phone {end.party}"


def _record_message(action: RecordMessage) -> str:
    limits = [f"until {action.end_on_key}"] if action.end_on_key else []
    if action.timeout_ms:
        limits.append(f"for {action.timeout_ms / _SECOND_MS:g} s at most")
    if action.silence_ms:
        limits.append(f"until {action.silence_ms / _SECOND_MS:g} s of silence")
    beep = "after a beep, " if action.beep else ""
    told = _told(action.event_url, "tells where it is to", "tells nobody where it is")
    how = ", ".join(limits) or "without a limit of ours"
    return f"recordMessage: {beep}records what the caller says as {action.format}, {how}; {told}."


def _prompt(action: Prompt) -> str:
    what = {
        "talk": f"says “{action.content}” in the voice {action.voice}",
        "play": f"plays the uploaded file {action.content}",
        "stream": f"plays {action.content}",
    }[action.action]
    if action.speed:
        what += f" at speed {action.speed:+d}"
    if action.loop > 1:
        pause = f" with {action.silence_ms / _SECOND_MS:g} s between" * bool(action.silence_ms)
        what += f", {action.loop} times{pause}"
    keys = "; keys end it where an input follows" if action.barge_in else "; keys do not end it"
    meanwhile = "; the next action starts at once" * action.goes_on
    unanswered = "; does not answer the call for it" * (not action.answer_call)
    return f"{action.action}: {what}{keys}{meanwhile}{unanswered}."


def _input(action: Input) -> str:
    keys = "keys"
    if action.max_digits is not None:
        keys = "one key" if action.max_digits == 1 else f"up to {action.max_digits} keys"
    ends = ", # ends them" * action.submit_on_hash
    return (
        f"input: waits {action.timeout_s} s for {keys}{ends}; posts them to {action.event_url}, "
        "and does what that answers."
    )


def _told(url: str, to: str, nobody: str) -> str:
    return f"{to} {url}" if url else nobody


def _ends(action: Action) -> str:
    """Why nothing is done after an action; "" where something may be."""
    if isinstance(action, Input):
        return "what the input's address answers takes its place"
    if isinstance(action, Connect) and not (
        action.continue_on_fail and not action.on_fail_event_url
    ):
        return "the call ends with the connect, or its address answers"
    return ""
