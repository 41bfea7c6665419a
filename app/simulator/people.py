"""Who is at which number, for the calls that a platform places."""

import threading
from collections.abc import Callable
from typing import Final

from app.simulator.person import Person
from app.simulator.scripted import Script, Scripted

NOBODY_WAITS_S: Final = 300.0
"""Simulated seconds after which a person whom nobody plays hangs up."""


class People:
    """People by E.164 number, or by the id of an app's user. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[str, Callable[[], Person | None]] = {}

    def put(self, number: str, who: Callable[[], Person | None]) -> None:
        """From now on, calls to this number reach whom `who` gives; None is nobody."""
        with self._lock:
            self._people[number] = who

    def remove(self, number: str) -> None:
        """From now on, nobody is at this number again."""
        with self._lock:
            self._people.pop(number, None)

    def at(self, number: str) -> Person:
        """Whoever answers a number; a number that nobody took answers and stays silent."""
        with self._lock:
            who = self._people.get(number)
        person = who() if who is not None else None
        return person or Scripted(Script(hangup_after=NOBODY_WAITS_S))
