"""Persons that another thread drives, such as a terminal, and the log that it reads."""

import threading
import time
from collections.abc import Iterator
from typing import Final

from app.simulator.line import check_keys
from app.simulator.person import Answer, Handset, Others
from app.simulator.transcript import Ended, Event


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
        self._read = 0

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
        """What happens, as it happens; ends with the call, or when the phone is closed.

        Goes on where the last reading stopped, so one thread should read.
        """
        over = False
        while not over:
            found, over = self.log.since(self._read, wait_s=self.POLL_S)
            for event in found:
                self._read += 1
                yield event

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
