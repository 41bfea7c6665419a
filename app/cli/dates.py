"""Dates as people write them: ``last tuesday``, ``17 nov``, ``yesterday 14:30``, ``7d``.

Written here, and not taken from a library, since the two that are well kept do not fit.
python-dateutil 4.0 reads no relative words, takes ``friday`` for the next one and ``10`` for a day
of this month; dateparser 1.5 brings four packages of 10 MB and takes half a second before it has
read its first date, longer than the search itself. Both guess. What is read here is few forms; all
else is refused with those there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

FORMS = (
    '"last tuesday", "yesterday", "17 nov", "2026-11-17", "2026-11-17 14:30", "yesterday 14:30", '
    '"last week", "3 days ago", "12h" or "7d"'
)
"""What is read, for messages and help."""

_DAY = timedelta(days=1)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_LEAST_LETTERS = 3
_UNITS = {"m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_DAY_UNITS = {"d": 1, "day": 1, "w": 7, "week": 7}
_AGO = re.compile(r"(\d{1,4}) ?([a-z]+?)s?( ago)?")
_TIME = re.compile(r"(?:(.*?)(?: at |[ t]))?(\d{1,2}):(\d\d)(?::(\d\d))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
_SLASHED = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})")
_NTH = r"(\d{1,2})(?:st|nd|rd|th)?"
_NAMED = re.compile(rf"(?:{_NTH} )?([a-z]+)(?: {_NTH})?(?: (\d{{4}}))?")


class DateError(ValueError):
    """A text names no stretch of time that can be read here."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from ``begin`` until before ``end``; aware. A moment has no length."""

    begin: datetime
    end: datetime


def span_of(text: str, now: datetime, *, month_first: bool = False) -> Span:
    """Read which stretch of time a text names.

    A day is one of the time zone of ``now``, however many hours it has there. A weekday, or a day
    without a year, is the last that there was: ``tuesday`` may be today, ``last tuesday`` is not.

    Args:
        text: in one of ``FORMS``, in English.
        now: aware, in the zone in which the text is meant.
        month_first: whether 11/17/2026 is a date; else 17/11/2026 is.

    Raises:
        DateError: it cannot be read; says how to write it.
    """
    words = " ".join(text.lower().replace(",", " ").split())
    try:
        found = _Reader(now, month_first=month_first).read(words)
    except (ValueError, OverflowError):  # a 31st of February, a year 0
        found = None
    if found is None:
        msg = f"{text!r} is no date that can be read; write {FORMS}."
        raise DateError(msg)
    return found


class _Reader:
    """Reads lower-case words with single spaces; None for what it cannot read."""

    def __init__(self, now: datetime, *, month_first: bool) -> None:
        self._now = now
        self._today = now.date()
        self._month_first = month_first

    def read(self, words: str) -> Span | None:
        ways: tuple[Callable[[str], Span | None], ...] = (
            self._moment, self._ago, self._month_or_week, self._day,
        )  # fmt: skip
        return next((found for way in ways if (found := way(words)) is not None), None)

    def _moment(self, words: str) -> Span | None:
        """Now, ISO 8601 with an offset, or a day and a time, which is its minute or its second."""
        if words == "now":
            return Span(self._now, self._now)
        if re.search(r"(z|[+-]\d\d:?\d\d)\Z", words) and ":" in words:
            at = datetime.fromisoformat(words.replace(" ", "t").upper())
            return Span(at, at + timedelta(seconds=1)) if at.tzinfo else None
        found = _TIME.fullmatch(words)
        if found is None:
            return None
        day = self._date(found[1] or "today")
        if day is None:
            return None
        hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
        at = datetime.combine(day, time(hour, minute, second), self._now.tzinfo)
        return Span(at, at + timedelta(seconds=1 if found[4] else 60))

    def _ago(self, words: str) -> Span | None:
        """``12h`` is a moment, ``7d`` is one too, ``3 days ago`` a day."""
        found = _AGO.fullmatch(words)
        if found is None:
            return None
        number, unit, ago = int(found[1]), found[2], found[3]
        if days := _DAY_UNITS.get(unit):
            if ago:
                return self._whole(self._today - _DAY * number * days)
            seconds = number * days * 86_400
        elif unit in _UNITS:
            seconds = number * _UNITS[unit]
        else:
            return None
        # In UTC, since a day on which the clocks change has not 24 hours.
        at = (self._now.astimezone(UTC) - timedelta(seconds=seconds)).astimezone(self._now.tzinfo)
        return Span(at, at)

    def _month_or_week(self, words: str) -> Span | None:
        monday = self._today - _DAY * self._today.weekday()
        first = self._today.replace(day=1)
        if found := _ISO.fullmatch(words):
            return None if found[3] else self._month(date(int(found[1]), int(found[2]), 1))
        match words:
            case "this week":
                return self._whole(monday, 7)
            case "last week":
                return self._whole(monday - 7 * _DAY, 7)
            case "this month":
                return self._month(first)
            case "last month":
                return self._month((first - _DAY).replace(day=1))
            case _:
                return None

    def _day(self, words: str) -> Span | None:
        day = self._date(words)
        return None if day is None else self._whole(day)

    def _date(self, words: str) -> date | None:
        relative = {"today": 0, "yesterday": 1}
        if words in relative:
            return self._today - _DAY * relative[words]
        if (found := _ISO.fullmatch(words)) and found[3]:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _SLASHED.fullmatch(words):
            day, month = int(found[1]), int(found[3])
            if self._month_first and found[2] == "/":
                day, month = month, day
            return date(int(found[4]), month, day)
        return self._weekday(words) or self._named(words)

    def _weekday(self, words: str) -> date | None:
        name = words.removeprefix("last ").removeprefix("on ")
        wanted = _number_of(name, _DAYS)
        if wanted is None:
            return None
        back = (self._today.weekday() - wanted) % 7
        return self._today - _DAY * (back or (7 if words.startswith("last ") else 0))

    def _named(self, words: str) -> date | None:
        """``17 nov``, ``nov 17``, either with a year; without one, the last that there was."""
        found = _NAMED.fullmatch(words)
        if found is None or bool(found[1]) == bool(found[3]):
            return None
        number = _number_of(found[2], _MONTHS)
        if number is None:
            return None
        month, day = number + 1, int(found[1] or found[3])
        if found[4]:
            return date(int(found[4]), month, day)
        for year in range(self._today.year, self._today.year - 8, -1):  # as far as 29 feb may be
            there = _if_there(year, month, day)
            if there is not None and there <= self._today:
                return there
        return None

    def _month(self, first: date) -> Span:
        following = (first + 31 * _DAY).replace(day=1)
        return self._whole(first, (following - first).days)

    def _whole(self, day: date, days: int = 1) -> Span:
        return Span(self._midnight(day), self._midnight(day + days * _DAY))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._now.tzinfo)


def _number_of(word: str, names: tuple[str, ...]) -> int | None:
    """The place of a name that is written in full or by three letters or more."""
    if len(word) < _LEAST_LETTERS:
        return None
    fits = [place for place, name in enumerate(names) if name.startswith(word.rstrip("."))]
    return fits[0] if len(fits) == 1 else None


def _if_there(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
