"""What the journal's own types give the drivers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, create_engine

from app.journal.tables import Bytes, Utc

SQLITE = create_engine("sqlite://").dialect
POSTGRES = create_engine("postgresql+psycopg://").dialect
DAY = timedelta(days=1)
ZONES = st.timedeltas(-0.9 * DAY, 0.9 * DAY).map(timezone)
MOMENTS = st.datetimes(datetime.min + 2 * DAY, datetime.max - 2 * DAY, timezones=ZONES)  # noqa: DTZ901 -- the zone comes after


@given(MOMENTS)
def test_sqlite_gets_the_text_that_sqlalchemy_writes(moment: datetime) -> None:
    make = Utc().bind_processor(SQLITE)
    theirs = DateTime().dialect_impl(SQLITE).bind_processor(SQLITE)
    assert make is not None
    assert theirs is not None
    assert make(moment) == theirs(moment.astimezone(UTC))
    assert make(None) is None


def test_postgresql_gets_the_moment_in_utc() -> None:
    make = Utc().bind_processor(POSTGRES)
    moment = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert make is not None
    assert (make(moment), make(moment).utcoffset()) == (moment, timedelta(0))


def test_bytes_are_given_as_each_driver_takes_them_at_once() -> None:
    make = Bytes().bind_processor(SQLITE)
    assert make is not None
    assert (make(b"\x00\xff"), type(make(b"\x00\xff"))) == (b"\x00\xff", bytearray)
    assert Bytes().bind_processor(POSTGRES) is None
