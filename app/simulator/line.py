"""One leg of a call: its clock, its transcript, and what reaches the platform through it.

The call's thread waits on the line; any thread may press keys on it, hang it up or break its
command. Time is simulated: a wait of 30 s takes 30/speed real seconds and counts as 30, so the same
script gives the same times at every speed.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from app.simulator.transcript import Event, Listener, Pressed

KEYS: Final = frozenset("0123456789*#")


class LineDroppedError(Exception):
    """The line is gone. `by` names who hung up."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class CommandBrokenError(Exception):
    """`calls.realtime_break` ended the command that was running."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """The person lets pass whatever the platform waits for now."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something changed elsewhere, in a conference for instance."""


@dataclass(frozen=True, slots=True)
class _Drop:
    by: str
    within_command: bool = False


@dataclass(frozen=True, slots=True)
class _Break:
    pass


Wanted = Key | Quiet | Nudge
_E = TypeVar("_E", bound=Event)


@dataclass(frozen=True, slots=True)
class _Due:
    at: float
    act: Wanted | _Drop | _Break


class Line:
    """The line between a person and the platform.

    Args:
        speed: how many simulated seconds pass in a real one while the platform waits.
        listeners: told each event, in the call's thread, as it happens; they must not block.
        patience_s: for a live person, how many real seconds the platform stands still where it
            waits for keys or speech; None lets the platform's own limits run.
    """

    def __init__(
        self, *, speed: float, listeners: tuple[Listener, ...] = (), patience_s: float | None = None
    ) -> None:
        self._speed = speed
        self._patience_s = patience_s
        self._listeners = listeners
        self._events: list[Event] = []
        self._due: list[_Due] = []
        self._now = 0.0
        self._changed = threading.Condition()

    # -- the person's side, from any thread ---------------------------------------------------

    def press(self, keys: str, *, after: float = 0.0, every: float = 0.0) -> None:
        """Press keys, the first `after` so many simulated seconds, the next `every` so many.

        Raises:
            ValueError: something is no key of a telephone.
        """
        check_keys(keys)
        self._plan(*(_Due(self._in(after + n * every), Key(key)) for n, key in enumerate(keys)))

    def hang_up(
        self, *, after: float = 0.0, within_command: bool = False, by: str = "person"
    ) -> None:
        """Drop the line, now or in so many simulated seconds.

        With `within_command` the plan is given up when the running command ends before.
        """
        self._plan(_Due(self._in(after), _Drop(by, within_command)))

    def stay_silent(self, *, after: float = 0.0) -> None:
        """Let what the platform then waits for (keys, speech) pass at once."""
        self._plan(_Due(self._in(after), Quiet()))

    # -- the platform's side, from any thread -------------------------------------------------

    def break_command(self) -> None:
        """End the command that is running, if one is."""
        self._plan(_Due(self._in(0), _Break()))

    def nudge(self) -> None:
        """Wake a wait that wants to know what changed elsewhere."""
        self._plan(_Due(self._in(0), Nudge()))

    # -- the call's thread --------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Simulated seconds since the call began."""
        return self._now

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened so far."""
        return tuple(self._events)

    def tell(self, make: Callable[..., _E], **what: object) -> _E:
        """Put an event on the transcript, with the time of now."""
        event = make(at=round(self._now, 3), **what)
        self._events.append(event)
        for listener in self._listeners:
            listener(event)
        return event

    def count(self, seconds: float) -> None:
        """Let seconds count that passed outside of `wait` (those of a reply), or are skipped."""
        with self._changed:
            self._now += seconds

    def forget(self, *kinds: type[Wanted]) -> None:
        """Drop what was done too early to matter, such as keys before they were asked for."""
        with self._changed:
            self._due = [due for due in self._due if not isinstance(due.act, kinds)]

    def begin_command(self) -> None:
        """A command starts: a break is too early for it, and plans within the last one are void."""
        with self._changed:
            self._due = [due for due in self._due if not _is_void(due.act)]

    def check(self) -> None:
        """Notice a hang-up that is due.

        Raises:
            LineDroppedError: the line is gone.
        """
        self.wait(0)

    def wait(self, seconds: float, *want: type[Wanted], patient: bool = False) -> Wanted | None:
        """Let simulated time pass until something wanted happens; None when all of it passed.

        Keys that nobody wants are heard and lost (unsure: the platform may keep them for the next
        `read`). With `patient`, a live person's patience takes the place of `seconds`.

        Raises:
            LineDroppedError: the line is gone, or goes during the wait.
            CommandBrokenError: the running command is broken off.
        """
        speed = self._speed
        with self._changed:
            end = self._now + seconds
            if patient and self._patience_s is not None:
                speed, end = 1.0, self._now + self._patience_s
            while True:
                act = self._take(want)
                if act is not None:
                    return act
                if self._now >= end:
                    return None
                self._pass_until(min([end, *(due.at for due in self._due)]), speed)

    def _pass_until(self, then: float, speed: float) -> None:
        began = time.monotonic()
        woken = self._changed.wait((then - self._now) / speed)
        passed = (time.monotonic() - began) * speed
        self._now = min(then, self._now + passed) if woken else then

    def _take(self, want: tuple[type[Wanted], ...]) -> Wanted | None:
        lost = ""
        found: Wanted | None = None
        while found is None and self._due and self._due[0].at <= self._now:
            act = self._due[0].act
            if isinstance(act, _Drop):
                raise LineDroppedError(act.by)
            del self._due[0]
            if isinstance(act, _Break):
                raise CommandBrokenError
            if isinstance(act, want):
                found = act
            elif isinstance(act, Key):
                lost += act.key
        if lost:
            self.tell(Pressed, keys=lost, used=False)
        return found

    def _in(self, seconds: float) -> float:
        return self._now + seconds if seconds > 0 else 0.0

    def _plan(self, *dues: _Due) -> None:
        with self._changed:
            self._due = sorted([*self._due, *dues], key=lambda due: due.at)
            self._changed.notify_all()


def _is_void(act: Wanted | _Drop | _Break) -> bool:
    return isinstance(act, _Break) or (isinstance(act, _Drop) and act.within_command)


def check_keys(keys: str) -> None:
    """Refuse what is no telephone key.

    Raises:
        ValueError: with the character that is none.
    """
    for key in keys:
        if key not in KEYS:
            msg = f"{key!r} is not a key of a telephone; there are 0 to 9, * and #"
            raise ValueError(msg)
