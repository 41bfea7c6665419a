"""How a simulated call reads in a terminal: one line for each event."""

from __future__ import annotations

from typing import Final, assert_never

from app.simulator import Event
from app.simulator.transcript import (
    Began,
    Bridged,
    Ended,
    Fault,
    HungUp,
    InRoom,
    KeysWanted,
    LeftRoom,
    NotReached,
    PickedUp,
    Played,
    Posted,
    Pressed,
    Recorded,
    Recording,
    Replied,
    Requested,
    Ringing,
    Said,
    Silent,
    Started,
    Tone,
    Warned,
)

_Heard = Said | Played | Tone | Silent | Ringing | NotReached
_Done = KeysWanted | Pressed | Recording | Recorded
_Together = Bridged | InRoom | LeftRoom
_Wire = Posted | Requested | Replied | Started
_Trouble = Warned | Fault
_Frame = Began | PickedUp | HungUp | Ended

_WITHHELD: Final = "a withheld number"


def line_of(event: Event, *, raw: bool = False) -> str:
    """The line of an event: simulated seconds since the call began, a word, and what it was.

    Args:
        event: its texts are as the server sent them, so the line is still to be made harmless.
        raw: whether POSTs, replies and commands are told too; else their line is "".
    """
    if isinstance(event, _Wire) and not raw:
        return ""
    word, text = _told(event)
    return f"{event.at:7.1f}  {word:<9}{text}".rstrip()


def _told(event: Event) -> tuple[str, str]:
    """The word and the text: what is heard, what is done, who is together, the wire, the frame."""
    if isinstance(event, _Heard):
        return _heard(event)
    if isinstance(event, _Done):
        return _done(event)
    if isinstance(event, _Together):
        return _together(event)
    if isinstance(event, _Wire):
        return _on_the_wire(event)
    if isinstance(event, _Trouble):
        return ("warning", event.text) if isinstance(event, Warned) else ("FAULT", event.reason)
    return _framed(event)


def _heard(event: _Heard) -> tuple[str, str]:
    match event:
        case Said():
            return "hear", f"“{event.text}”"
        case Played():
            return "hear", f"[sound {event.media}]"
        case Tone():
            return "hear", f"[{event.name}]"
        case Silent():
            return "hear", f"[silence, {event.seconds:g} s]"
        case Ringing():
            tone = "music" if event.tone == "MUSIC" else "ring tone"
            return "hear", f"[{tone}: {event.number} is dialled]"
        case NotReached():
            return "hear", f"[{event.number} is not reached: {event.why}]"
        case _:
            assert_never(event)


def _done(event: _Done) -> tuple[str, str]:
    match event:
        case KeysWanted():
            what = "a PIN" if event.what == "pin" else _up_to(event.max_digits)
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            return "asked", f"for {what}, {event.timeout_s:g} s for each{again}"
        case Pressed():
            return "press", event.keys if event.used else f"{event.keys} (nobody asked)"
        case Recording():
            limits = [f"up to {event.max_s:g} s"] if event.max_s else []
            limits += [f"until {event.silence_s:g} s of silence"] if event.silence_s else []
            return "speak", ", ".join(["until #", *limits])
        case Recorded():
            return "recorded", f"{event.seconds:g} s as {event.file}"
        case _:
            assert_never(event)


def _together(event: _Together) -> tuple[str, str]:
    match event:
        case Bridged():
            return "talk", f"with {event.number}"
        case InRoom():
            with_whom = f"with {event.others} more" if event.others else "alone"
            return "meet", f"in conference {event.room}, {with_whom}"
        case LeftRoom():
            return "leave", f"conference {event.room}: {event.why}"
        case _:
            assert_never(event)


def _on_the_wire(event: _Wire) -> tuple[str, str]:
    match event:
        case Posted():
            again = " again" if event.repeated else ""
            return "POST", f"{event.number}{again} {event.body}"
        case Requested():
            again = " again" if event.repeated else ""
            sent = f"{event.url} {event.body}".rstrip()
            return event.method, f"{event.number}{again} {event.what} {sent}"
        case Replied():
            took = f"{event.took_s * 1000:.0f} ms"
            return "reply", f"{event.number} HTTP {event.http_status} in {took} {event.body}"
        case Started():
            return "command", f"{event.number} {event.command}"
        case _:
            assert_never(event)


def _framed(event: _Frame) -> tuple[str, str]:
    match event:
        case Began():
            caller = event.caller or _WITHHELD
            if event.direction == "outbound":
                return "ring", f"the phone of {event.called} rings: {caller} calls"
            return "call", f"{caller} calls {event.called}"
        case PickedUp():
            return "answer", ""
        case HungUp():
            return "hang up", f"by the {event.by}"
        case Ended():
            return "end", event.status
        case _:
            assert_never(event)


def _up_to(keys: int) -> str:
    if not keys:
        return "keys"
    return "one key" if keys == 1 else f"up to {keys} keys"
