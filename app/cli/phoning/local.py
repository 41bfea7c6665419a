"""A call that this process makes itself, as a phone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

from app.simulator import Answer, Event, EventLog, Handset, Others, Person

Ring = Callable[[Person], object]
"""Makes a call for a person and comes back when it is over."""

_POLL_S: Final = 1.0
_HANG_UP_S: Final = 7.0
"""Real seconds to wait for a call that was hung up: a reply's deadline, and a little."""


class LocalPhone:
    """A phone (``app.simulator.Phone``) whose call runs in a thread of this process.

    Args:
        person: scripted or live.
        ring: makes the call; what it raises, ``events`` raises at its end.
    """

    def __init__(self, person: Person, ring: Ring) -> None:
        self._person = _OnTheLine(person)
        self._ring = ring
        self._read = 0
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="call", daemon=True)
        self._thread.start()

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; ends with the call.

        A second reading goes on where the first stopped.
        """
        over = False
        while not over:
            found, over = self._person.log.since(self._read, wait_s=_POLL_S)
            for event in found:
                self._read += 1
                yield event
        if self._error is not None:
            raise self._error

    def press(self, keys: str) -> None:
        """Press keys now; a ValueError names what is none."""
        if self._person.handset is not None:
            self._person.handset.press(keys)

    def hang_up(self) -> None:
        """Hang up now."""
        if self._person.handset is not None:
            self._person.handset.hang_up()

    def stay_silent(self) -> None:
        """Let pass what the platform waits for."""
        if self._person.handset is not None:
            self._person.handset.stay_silent()

    def close(self) -> None:
        """Hang up, and wait for the last report."""
        self.hang_up()
        self._thread.join(_HANG_UP_S)

    def _run(self) -> None:
        try:
            self._ring(self._person)
        except Exception as error:  # noqa: BLE001 -- raised again where the call is followed
            self._error = error
        finally:
            self._person.log.close()


class _OnTheLine:
    """A person whose call is written down, and whose handset others can take."""

    def __init__(self, person: Person) -> None:
        self.log = EventLog()
        self.handset: Handset | None = None
        self._person = person

    @property
    def answer(self) -> Answer:
        return self._person.answer

    @property
    def ring_s(self) -> float:
        return self._person.ring_s

    @property
    def others(self) -> Others:
        return self._person.others

    @property
    def patience_s(self) -> float | None:
        return self._person.patience_s

    def meet(self, handset: Handset) -> None:
        self.handset = handset
        self._person.meet(handset)

    def notice(self, event: Event) -> None:
        self._person.notice(event)
        self.log.add(event)
