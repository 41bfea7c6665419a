"""How the events of a simulated call read."""

from __future__ import annotations

import pytest

from app.cli.phoning.lines import line_of
from app.simulator import Event
from app.simulator.transcript import (
    KINDS,
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

OURS, THEIRS = "+33199001020", "+33612345678"
INBOUND = Began(at=0, callid=7, direction="inbound", caller=THEIRS, called=OURS)
OUTBOUND = Began(at=0, callid=7, direction="outbound", caller="", called=THEIRS)
ASKED = KeysWanted(at=1, what="read", attempt=1, max_digits=1, prompt_s=2, timeout_s=0.5)
PIN = KeysWanted(at=1, what="pin", attempt=2, max_digits=20, prompt_s=2, timeout_s=5)

LINES: list[tuple[Event, str]] = [
    (INBOUND, f"call     {THEIRS} calls {OURS}"),
    (OUTBOUND, f"ring     the phone of {THEIRS} rings: a withheld number calls"),
    (PickedUp(at=1), "answer"),
    (Posted(at=1, number=2, status="UP", body="{}"), "POST     2 {}"),
    (Posted(at=1, number=2, status="UP", body="{}", repeated=True), "POST     2 again {}"),
    (
        Requested(
            at=1, number=1, what="answer_url", method="GET", url="http://h/a?from=1", body=""
        ),
        "GET      1 answer_url http://h/a?from=1",
    ),
    (
        Requested(
            at=1,
            number=2,
            what="eventUrl",
            method="POST",
            url="http://h/i",
            body="{}",
            repeated=True,
        ),
        "POST     2 again eventUrl http://h/i {}",
    ),
    (
        Replied(at=1, number=2, http_status=200, body="{}", took_s=0.0123),
        "reply    2 HTTP 200 in 12 ms {}",
    ),
    (Started(at=1, number=3, command="play", params={}), "command  3 play"),
    (Said(at=1, text="Hello.", voice="X"), "hear     “Hello.”"),
    (Played(at=1, media="42"), "hear     [sound 42]"),
    (Tone(at=1, name="beep"), "hear     [beep]"),
    (Silent(at=1, seconds=2.0), "hear     [silence, 2 s]"),
    (ASKED, "asked    for one key, 0.5 s for each"),
    (PIN, "asked    for a PIN, 5 s for each, attempt 2"),
    (Pressed(at=1, keys="22", used=True), "press    22"),
    (Pressed(at=1, keys="9", used=False), "press    9 (nobody asked)"),
    (Recording(at=1, max_s=0, silence_s=0), "speak    until #"),
    (
        Recording(at=1, max_s=120, silence_s=5),
        "speak    until #, up to 120 s, until 5 s of silence",
    ),
    (Recorded(at=1, file="rt-7-1", seconds=9.0), "recorded 9 s as rt-7-1"),
    (Ringing(at=1, number=THEIRS, tone="RING"), f"hear     [ring tone: {THEIRS} is dialled]"),
    (Ringing(at=1, number=THEIRS, tone="MUSIC"), f"hear     [music: {THEIRS} is dialled]"),
    (NotReached(at=1, number=THEIRS, why="BUSY"), f"hear     [{THEIRS} is not reached: BUSY]"),
    (Bridged(at=1, number=THEIRS), f"talk     with {THEIRS}"),
    (InRoom(at=1, room="22", others=0), "meet     in conference 22, alone"),
    (InRoom(at=1, room="22", others=2), "meet     in conference 22, with 2 more"),
    (LeftRoom(at=1, room="22", why="star"), "leave    conference 22: star"),
    (HungUp(at=1, by="voice app"), "hang up  by the voice app"),
    (Warned(at=1, text="odd"), "warning  odd"),
    (Fault(at=1, reason="late"), "FAULT    late"),
    (Ended(at=1, status="HANGUP"), "end      HANGUP"),
]


@pytest.mark.parametrize(("event", "told"), LINES)
def test_an_event_is_told_with_its_time(event: Event, told: str) -> None:
    assert line_of(event, raw=True) == f"{event.at:7.1f}  {told}"


def test_every_event_is_told() -> None:
    assert {type(event) for event, _ in LINES} == set(KINDS.values())


def test_what_is_on_the_wire_is_told_only_raw() -> None:
    untold = {type(event) for event, _ in LINES if not line_of(event)}
    assert untold == {Posted, Requested, Replied, Started}
