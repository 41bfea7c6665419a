"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.cli.dates import DateError, span_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 13, 30, 20, tzinfo=PARIS)  # a Sunday


def days(text: str, now: datetime = NOW, *, month_first: bool = False) -> tuple[str, str]:
    """The first day and the one after the last."""
    span = span_of(text, now, month_first=month_first)
    for at in (span.begin, span.end):
        assert (at.hour, at.minute, at.second, at.tzinfo) == (0, 0, 0, now.tzinfo)
    return f"{span.begin:%Y-%m-%d}", f"{span.end:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-22"),
        ("Yesterday", "2026-11-21"),
        ("last tuesday", "2026-11-17"),
        (" Last  Tuesday ", "2026-11-17"),
        ("tuesday", "2026-11-17"),
        ("on tuesday", "2026-11-17"),
        ("tue", "2026-11-17"),
        ("sunday", "2026-11-22"),
        ("last sunday", "2026-11-15"),
        ("2026-11-17", "2026-11-17"),
        ("2026-1-7", "2026-01-07"),
        ("17 nov", "2026-11-17"),
        ("nov 17", "2026-11-17"),
        ("17th November", "2026-11-17"),
        ("November 17, 2025", "2025-11-17"),
        ("17 nov 2025", "2025-11-17"),
        ("25 dec", "2025-12-25"),
        ("29 feb", "2024-02-29"),
        ("17/11/2026", "2026-11-17"),
        ("17.11.2026", "2026-11-17"),
        ("3 days ago", "2026-11-19"),
        ("1 week ago", "2026-11-15"),
    ],
)
def test_a_day_is_read(text: str, day: str) -> None:
    first, after = days(text)
    assert first == day
    assert datetime.fromisoformat(after) - datetime.fromisoformat(first) == timedelta(days=1)


def test_the_month_comes_first_where_people_write_it_so() -> None:
    assert days("11/17/2026", month_first=True)[0] == "2026-11-17"
    assert days("17.11.2026", month_first=True)[0] == "2026-11-17"
    with pytest.raises(DateError):
        days("11/17/2026")


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("this month", "2026-11-01", "2026-12-01"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("last week", "2026-11-09", "2026-11-16"),
    ],
)
def test_weeks_and_months_are_read(text: str, first: str, after: str) -> None:
    assert days(text) == (first, after)


@pytest.mark.parametrize(
    ("text", "begin", "seconds"),
    [
        ("2026-11-17 14:30", "2026-11-17T14:30:00+01:00", 60),
        ("2026-11-17T14:30:05", "2026-11-17T14:30:05+01:00", 1),
        ("2026-11-17T14:30:05+03:00", "2026-11-17T14:30:05+03:00", 1),
        ("2026-11-17T14:30Z", "2026-11-17T14:30:00+00:00", 1),
        ("yesterday 14:30", "2026-11-21T14:30:00+01:00", 60),
        ("last tuesday at 9:05", "2026-11-17T09:05:00+01:00", 60),
        ("9:05", "2026-11-22T09:05:00+01:00", 60),
        ("now", "2026-11-22T13:30:20+01:00", 0),
        ("12h", "2026-11-22T01:30:20+01:00", 0),
        ("90 minutes ago", "2026-11-22T12:00:20+01:00", 0),
        ("7d", "2026-11-15T13:30:20+01:00", 0),
        ("2w", "2026-11-08T13:30:20+01:00", 0),
    ],
)
def test_moments_are_read(text: str, begin: str, seconds: int) -> None:
    span = span_of(text, NOW)
    assert span.begin == datetime.fromisoformat(begin)
    assert (span.end - span.begin).total_seconds() == seconds


def test_a_day_on_which_the_clocks_change_has_its_own_hours() -> None:
    span = span_of("25 oct", NOW)
    assert span.end.astimezone(UTC) - span.begin.astimezone(UTC) == timedelta(hours=25)
    at = datetime(2026, 10, 26, 12, tzinfo=PARIS)
    assert span_of("2d", at).begin.astimezone(UTC) == at.astimezone(UTC) - timedelta(hours=48)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "12", "2026", "last", "tomorrow", "next tuesday", "31 feb", "2026-13-01",
        "2026-02-30", "25:00", "yesterday 9:61", "99999d", "t 9:00", "mar", "17 nov 17", "ju 3",
        "0000-01-01", "last 17 nov", "3 moons ago", "31/12/20",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(DateError, match='write "last tuesday"'):
        span_of(text, NOW)
