"""Steps that give no command and pass within the turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from app.callflow.call import SPOKEN_NAMES, Call
from app.callflow.commands import Value
from app.callflow.kinds.base import Leave, SilentStep
from app.callflow.scene import Scene

LANGUAGE_VARIABLE = "language"


@dataclass(frozen=True, kw_only=True)
class BranchStep(SilentStep):
    """Take the exit of a variable's value, or of what a function of the call gives.

    Attributes:
        on: a variable's name or a function of the call.
        cases: (value, the exit's name in ``exits``); a value matches by type and value, so that "1"
            is not 1.
    """

    kind: ClassVar[str] = "branch"

    on: str | Callable[[Call], Value]
    cases: tuple[tuple[Value, str], ...]

    def choose(self, scene: Scene) -> Leave:
        """The exit of the value, else ``otherwise``."""
        value = self._value(scene)
        for case, label in self.cases:
            if type(case) is type(value) and case == value:
                return Leave(label)
        return Leave("otherwise")

    def _value(self, scene: Scene) -> Value:
        if not isinstance(self.on, str):
            return scene.value(self.on, "branch")
        if self.on in SPOKEN_NAMES:
            special = getattr(scene.call, self.on)
            return None if special is None else str(special)
        return scene.call.get(self.on)


@dataclass(frozen=True, kw_only=True)
class AssignStep(SilentStep):
    """Set variables to values, or to what functions of the call give."""

    kind: ClassVar[str] = "assign"

    values: Mapping[str, Value | Callable[[Call], Value]]

    def sets(self, label: str) -> frozenset[str]:
        """All of them."""
        del label
        return frozenset(self.values) - {LANGUAGE_VARIABLE}

    def choose(self, scene: Scene) -> Leave:
        """``then``, with the values."""
        assigned: dict[str, Value] = {}
        language = None
        for name, written in self.values.items():
            value = scene.value(written, name) if callable(written) else written
            if name != LANGUAGE_VARIABLE:
                assigned[name] = value
                continue
            if not isinstance(value, str) or value not in scene.flow.languages:
                spoken = ", ".join(sorted(scene.flow.languages))
                if callable(written):
                    raise scene.wrong(written, name, value, f"a language of the flow: {spoken}")
            language = str(value)
        return Leave("then", assigned, language=language)


@dataclass(frozen=True, kw_only=True)
class AtMostStep(SilentStep):
    """Let the call pass so many times, then take ``failure``; counted for the whole call."""

    kind: ClassVar[str] = "at_most"

    times: int

    def bounds(self, label: str) -> bool:
        """``then`` is taken at most ``times`` times."""
        return label == "then"

    def choose(self, scene: Scene) -> Leave:
        """``then`` while the count allows it."""
        passed = scene.call.counts.get(scene.step, 0)
        return Leave("then" if passed < self.times else "failure")


@dataclass(frozen=True, slots=True)
class Opening:
    """When a place is open on a day of the week: from and until, minutes after midnight.

    Attributes:
        weekday: 0 is Monday.
        until: over 1440 where it goes past midnight.
    """

    weekday: int
    since: int
    until: int


MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class HoursStep(SilentStep):
    """Take ``open`` or ``closed`` by the time at which the call began, in the flow's time zone.

    Attributes:
        openings: when it is open in a week.
        closed: days that are closed all day: ``MM-DD`` of every year, or ``YYYY-MM-DD``. A night
            that began on an open day goes on into them.
    """

    kind: ClassVar[str] = "hours"

    openings: tuple[Opening, ...]
    closed: tuple[str, ...]

    def choose(self, scene: Scene) -> Leave:
        """``open`` or ``closed``."""
        is_open = self.open_at(scene.call.local_now)
        return Leave("open" if is_open else "closed")

    def open_at(self, local: datetime) -> bool:
        """Whether it is open at this local time."""
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        return self._covers(today, minute) or self._covers(yesterday, minute + MINUTES_A_DAY)

    def _covers(self, day: date, minute: int) -> bool:
        if day.isoformat() in self.closed or day.isoformat()[5:] in self.closed:
            return False
        return any(
            opening.weekday == day.weekday() and opening.since <= minute < opening.until
            for opening in self.openings
        )
