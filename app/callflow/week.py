"""Reads opening hours as an author writes them: days of the week, spans of a day, closed days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from app.callflow.kinds.silent import MINUTES_A_DAY, Opening

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])\Z")
_DAY = re.compile(r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}\Z")
_LEAP_YEAR = 2024


def read_week(written: object) -> tuple[list[Opening], list[str]]:
    """Opening hours, and what is wrong with them.

    Args:
        written: ``{"mon-fri": "08:30-12:30 14:00-18:30", "sat": "09:00-12:00"}``.
    """
    if not isinstance(written, Mapping):
        return [], [f'{written!r} are no hours. Write {{"mon-fri": "09:00-18:00"}}.']
    openings: list[Opening] = []
    problems: list[str] = []
    for days, spans in written.items():
        weekdays = _weekdays(days)
        if not weekdays:
            problems.append(f"{days!r} is no day. Write mon, tue, wed, thu, fri, sat or sun.")
        for span in spans.split() if isinstance(spans, str) else [spans]:
            hours = _hours(span)
            if hours is None:
                problems.append(
                    f"{span!r} are no hours. Write like 09:00-18:00, two with a space between."
                )
                continue
            openings += [Opening(day, *hours) for day in weekdays]
    return openings, problems


def read_days(written: object) -> tuple[tuple[str, ...], list[str]]:
    """Closed days, ``MM-DD`` or ``YYYY-MM-DD``, and what is wrong with them."""
    if isinstance(written, str):
        return (), [f"{written!r} is one text. Write a sequence: ({written!r},)."]
    if not isinstance(written, tuple | list):
        return (), [f'{written!r} is no sequence. Write ("12-25", "01-01").']
    wrong = [day for day in written if not _is_day(day)]
    problems = [f"{day!r} is no day. Write 12-25 or 2026-12-25." for day in wrong]
    return tuple(day for day in written if day not in wrong), problems


def _weekdays(days: object) -> tuple[int, ...]:
    """The days of ``mon`` or ``sat-mon``, 0 is Monday; none where it cannot be read."""
    if not isinstance(days, str):
        return ()
    first, _, last = days.partition("-")
    last = last or first
    if first not in _DAYS or last not in _DAYS:
        return ()
    begin, end = _DAYS.index(first), _DAYS.index(last)
    over_the_weekend = len(_DAYS) * (end < begin)
    return tuple(day % len(_DAYS) for day in range(begin, end + 1 + over_the_weekend))


def _hours(span: object) -> tuple[int, int] | None:
    """From and until, minutes after midnight; until is over 1440 where it goes past midnight."""
    match = _SPAN.match(span) if isinstance(span, str) else None
    if match is None:
        return None
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    since, until = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(since, until) > MINUTES_A_DAY or since == until:
        return None
    return since, until if until > since else until + MINUTES_A_DAY


def _is_day(written: object) -> bool:
    if not isinstance(written, str) or not _DAY.match(written):
        return False
    try:
        date.fromisoformat(written if written.count("-") > 1 else f"{_LEAP_YEAR}-{written}")
    except ValueError:
        return False
    return True
