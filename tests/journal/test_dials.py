"""Dials of an hour, counted by every worker together, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from journal_doubles import WHEN, connected, journal_at, run_sql
from sqlalchemy import text

from app.callflow.errors import JournalError
from app.journal import SqlJournal


def test_an_hour_has_only_so_many_dials(database_url: str) -> None:
    with journal_at(database_url) as journal:
        taken = [journal.take_dial("start", 3, WHEN) for _ in range(5)]
    assert taken == [True, True, True, False, False]


def test_starts_and_dials_of_flows_count_together(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert journal.take_dial("start", 2, WHEN)
        assert journal.take_dial("flow", 2, WHEN)
        assert not journal.take_dial("flow", 2, WHEN)


def test_room_comes_back_an_hour_after_a_dial(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert journal.take_dial("start", 1, WHEN)
        assert not journal.take_dial("start", 1, WHEN + timedelta(minutes=59, seconds=59))
        assert journal.take_dial("start", 1, WHEN + timedelta(hours=1))


def test_none_is_allowed_where_none_may_be(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert not journal.take_dial("start", 0, WHEN)


def test_two_journals_of_one_database_count_together(database_url: str) -> None:
    with journal_at(database_url) as one, journal_at(database_url) as two:

        def take(journal: SqlJournal) -> bool:
            return journal.take_dial("start", 5, WHEN)

        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(take, [one, two] * 8))
        assert sum(taken) <= 5
        later = [journal.take_dial("start", 5, WHEN) for journal in (one, two) * 3]
        assert sum(taken) + sum(later) == 5


def test_rows_are_forgotten_after_a_day_and_refused_ones_at_once(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.take_dial("start", 1, WHEN)
        journal.take_dial("start", 1, WHEN)
        journal.take_dial("start", 1, WHEN + timedelta(days=1, seconds=1))
    with connected(database_url) as connection:
        assert connection.execute(text("SELECT count(*) FROM dials")).scalar_one() == 1


def test_a_dial_that_cannot_be_counted_is_told(database_url: str) -> None:
    with journal_at(database_url) as journal:
        run_sql(database_url, "DROP TABLE dials")
        for kind in ("start", "flow"):
            with pytest.raises(JournalError):
                journal.take_dial("start" if kind == "start" else "flow", 9, WHEN)
