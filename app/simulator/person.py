"""Who is on the line: persons that follow a script, and live ones.

A person is told each event of the call, in the call's thread, and acts through a `Handset`. What
they do takes effect in simulated time, so a script works at every speed.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, Protocol, runtime_checkable

from app.simulator.line import check_keys
from app.simulator.transcript import (
    Began,
    Bridged,
    Ended,
    Event,
    InRoom,
    KeysWanted,
    PickedUp,
    Recording,
    Started,
)


class Answer(StrEnum):
    """What comes of ringing a number, in the platform's words for a dial-out.

    ANSWER, BUSY, NOANSWER, CONGESTION and CHANUNAVAIL stand in the vendor's list of dial statuses;
    REJECTED is a `call_status` for a call that CALLR itself refuses. The status of an outbound call
    that met CHANUNAVAIL is unknown; CONGESTION is sent.
    """

    ANSWER = "ANSWER"
    BUSY = "BUSY"
    NO_ANSWER = "NOANSWER"
    CONGESTION = "CONGESTION"
    UNAVAILABLE = "CHANUNAVAIL"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """The people at numbers that the voice app dials during a call.

    Attributes:
        answer: what they all do.
        by_number: what some do instead, by E.164 number.
        ring_s: simulated seconds until one who answers picks up.
        talk_s: simulated seconds after which one who answered hangs up.
    """

    answer: Answer = Answer.ANSWER
    by_number: Mapping[str, Answer] = field(default_factory=dict)
    ring_s: float = 4.0
    talk_s: float = 60.0

    def at(self, number: str) -> Answer:
        """What whoever is at this number does."""
        return self.by_number.get(number, self.answer)


class Handset(Protocol):
    """What a person does with a telephone. `after` and `every` are simulated seconds."""

    def press(self, keys: str, *, after: float = 0.0, every: float = 0.0) -> None:
        """Press keys; a ValueError names what is none."""

    def hang_up(self, *, after: float = 0.0, within_command: bool = False) -> None:
        """Hang up, or decline a call that rings; perhaps only if the running command lasts."""

    def stay_silent(self, *, after: float = 0.0) -> None:
        """Let pass what the platform waits for: keys, or the end of speech."""


class Person(Protocol):
    """Somebody on the line."""

    @property
    def answer(self) -> Answer:
        """What they do when their phone rings."""

    @property
    def ring_s(self) -> float:
        """Simulated seconds until they do it."""

    @property
    def others(self) -> Others:
        """Who is at the numbers that are dialled for them."""

    @property
    def patience_s(self) -> float | None:
        """Real seconds that the platform stands still for them; None lets its limits run."""

    def meet(self, handset: Handset) -> None:
        """The call begins; this is its handset."""

    def notice(self, event: Event) -> None:
        """Something happened. Must not block."""


@runtime_checkable
class Phone(Protocol):
    """A telephone that a program holds in its hand, here or at a simulator over HTTP."""

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; ends when nothing more can come."""

    def press(self, keys: str) -> None:
        """Press keys now; a ValueError names what is none."""

    def hang_up(self) -> None:
        """Hang up now."""

    def stay_silent(self) -> None:
        """Let pass what the platform waits for."""

    def close(self) -> None:
        """Put the phone away: hang up, and hear nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a scripted person does.

    Attributes:
        keys: one entry for each command that asks for keys (each try of a PIN counts), without the
            closing `#` unless it is to be pressed. An empty entry is silence, and so is all that
            comes after the last.
        hangup_after: hangs up so many simulated seconds after the call began, or was answered.
        hangup_at: hangs up as soon as the platform starts the so-manieth command, from 1.
        answer: what they do when their phone rings.
        ring_s: simulated seconds until they do it.
        talk_s: how long they talk in a dial-out that was answered, or stay in a conference.
        leaves_room: how they leave a conference.
        speaks_s: how long they speak into a recording. After that they press `#` where the platform
            listens for no silence.
        barges_in: they press keys half-way through the prompt, not after it.
        others: who is at the numbers that the voice app dials.
    """

    keys: tuple[str, ...] = ()
    hangup_after: float | None = None
    hangup_at: int | None = None
    answer: Answer = Answer.ANSWER
    ring_s: float = 3.0
    talk_s: float = 20.0
    leaves_room: Literal["hang up", "star"] = "hang up"
    speaks_s: float = 4.0
    barges_in: bool = False
    others: Others = field(default_factory=Others)

    def __post_init__(self) -> None:
        """Refuse keys that no telephone has."""
        for entry in self.keys:
            check_keys(entry)


REACTION_S: Final = 1.0
BETWEEN_KEYS_S: Final = 0.3


class Scripted:
    """A person who follows a `Script`, once.

    Nothing hangs for ever on them: in a conversation or a conference they leave after `talk_s`.
    """

    patience_s: None = None

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.answer = self.script.answer
        self.ring_s = self.script.ring_s
        self.others = self.script.others
        self._left = list(self.script.keys)
        self._handset: Handset | None = None
        self._leaving = False

    def meet(self, handset: Handset) -> None:
        """Take the handset."""
        self._handset = handset

    def notice(self, event: Event) -> None:
        """Do what the script says about this event."""
        script, handset = self.script, self._handset
        if handset is None:
            return
        match event:
            case Began(direction="inbound") | PickedUp() if script.hangup_after is not None:
                handset.hang_up(after=script.hangup_after)
            case Started(number=number):
                self._leaving = False
                if number == script.hangup_at:
                    handset.hang_up()
            case KeysWanted():
                self._type(handset, event)
            case Recording(silence_s=0):
                handset.press("#", after=script.speaks_s)
            case Recording():
                handset.stay_silent(after=script.speaks_s)
            case Bridged() | InRoom() if not self._leaving:
                self._leave(handset, event)
            case _:
                pass

    def _leave(self, handset: Handset, event: Bridged | InRoom) -> None:
        """Plan, once, how this conversation or conference ends."""
        self._leaving = True
        if isinstance(event, InRoom) and self.script.leaves_room == "star":
            handset.press("*", after=self.script.talk_s)
        else:
            handset.hang_up(after=self.script.talk_s, within_command=True)

    def _type(self, handset: Handset, event: KeysWanted) -> None:
        """Type the next entry, never so slowly that the platform's time limit passes."""
        if not self._left or (event.what == "read" and event.attempt > 1):
            return
        wait = min(REACTION_S, event.timeout_s / 2)
        after = event.prompt_s / 2 if self.script.barges_in else event.prompt_s + wait
        handset.press(
            self._left.pop(0), after=after, every=min(BETWEEN_KEYS_S, event.timeout_s / 2)
        )


class EventLog:
    """Events in order, which one thread writes and others read as they come."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._closed = False
        self._changed = threading.Condition()

    def add(self, event: Event) -> None:
        """Append an event and wake the readers."""
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def since(self, number: int, *, wait_s: float) -> tuple[tuple[Event, ...], bool]:
        """The events from the given number (from 0) on, and whether that is all there will be.

        Waits up to `wait_s` real seconds for the first of them.
        """
        end = time.monotonic() + wait_s
        with self._changed:
            while len(self._events) <= number and not self._closed:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return tuple(self._events[number:]), self._closed


class Live:
    """A person driven by another thread, such as a terminal: both a Person and a Phone.

    Where the platform waits for keys or for the end of speech, its time stands still for up to
    `patience_s` real seconds; `stay_silent` lets it pass.

    Args:
        answer: what happens when the phone rings.
        others: who is at the numbers that the voice app dials.
        patience_s: None makes the platform's time limits run, scaled by the speed.
        stays: whether the phone serves several calls one after the other (a listening phone);
            otherwise `events` ends with the call.
    """

    POLL_S: Final = 1.0

    def __init__(
        self,
        *,
        answer: Answer = Answer.ANSWER,
        ring_s: float = 3.0,
        others: Others | None = None,
        patience_s: float | None = 600.0,
        stays: bool = False,
    ) -> None:
        self.answer = answer
        self.ring_s = ring_s
        self.others = others or Others()
        self.patience_s = patience_s
        self.log = EventLog()
        self._stays = stays
        self._handset: Handset | None = None
        self._put_away = False

    def meet(self, handset: Handset) -> None:
        """Take the handset of a call; a phone that was put away declines."""
        self._handset = handset
        if self._put_away:
            handset.hang_up()

    def notice(self, event: Event) -> None:
        """Keep the event for who reads `events`."""
        self.log.add(event)
        if isinstance(event, Ended):
            self._handset = None
            if not self._stays:
                self.log.close()

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; ends with the call, or when the phone is closed."""
        number, over = 0, False
        while not over:
            found, over = self.log.since(number, wait_s=self.POLL_S)
            number += len(found)
            yield from found

    def press(self, keys: str) -> None:
        """Press keys now; a ValueError names what is none."""
        check_keys(keys)
        handset = self._handset
        if handset is not None:
            handset.press(keys)

    def hang_up(self) -> None:
        """Hang up now."""
        handset = self._handset
        if handset is not None:
            handset.hang_up()

    def stay_silent(self) -> None:
        """Let pass what the platform waits for."""
        handset = self._handset
        if handset is not None:
            handset.stay_silent()

    def close(self) -> None:
        """Put the phone away: hang up, and end `events`."""
        self._put_away = True
        self.hang_up()
        self.log.close()
