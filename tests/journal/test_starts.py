"""Calls that we place: written before they are dialled, read by their first turn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from journal_doubles import Losses, journal_at, make_start, run_sql

from app.callflow.errors import JournalError
from app.journal import SqlJournal


def test_a_start_is_read_back_by_its_token(database_url: str) -> None:
    start = make_start(idempotency_key="order-1", app="A1B2C3D4")
    with journal_at(database_url) as journal:
        assert journal.write_start(start) == (start, True)
        assert journal.start(start.token) == start
        assert journal.start("0000000000000000") is None


def test_the_same_idempotency_key_gives_back_the_first_start(database_url: str) -> None:
    first = make_start(token="first000", idempotency_key="order-1")
    with journal_at(database_url) as journal:
        journal.write_start(first)
        again = make_start(token="second00", idempotency_key="order-1", number="+33700000000")
        assert journal.write_start(again) == (first, False)
        assert journal.start("second00") is None


def test_starts_without_an_idempotency_key_do_not_meet(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert journal.write_start(make_start(token="first000"))[1]
        assert journal.write_start(make_start(token="second00"))[1]


def test_a_token_that_is_there_already_is_refused(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.write_start(make_start())
        with pytest.raises(JournalError, match="token abcdefgh12345678"):
            journal.write_start(make_start())


def test_what_the_platform_said_is_written_to_the_start(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.write_start(make_start())
        journal.finish_start("abcdefgh12345678", "placed", platform_id="hash1")
        assert journal.start("abcdefgh12345678") == replace(
            make_start(), status="placed", platform_id="hash1"
        )
        journal.finish_start("abcdefgh12345678", "failed", detail="no\0 credit")
        found = journal.start("abcdefgh12345678")
        assert found is not None
        assert (found.status, found.detail) == ("failed", "no\\x00 credit")


def test_a_start_that_is_not_there_cannot_be_finished(database_url: str) -> None:
    with (
        journal_at(database_url) as journal,
        pytest.raises(JournalError, match="no start with the token none"),
    ):
        journal.finish_start("none", "placed")


def test_a_start_that_cannot_be_written_says_what_to_do(database_url: str) -> None:
    with journal_at(database_url) as journal:
        run_sql(database_url, "DROP TABLE starts")
        with pytest.raises(JournalError, match=r"could not be written.*offhook doctor"):
            journal.write_start(make_start())
        assert journal.start("abcdefgh12345678") is None


def test_no_start_is_written_where_there_is_no_database(sqlite_url: str) -> None:
    journal = SqlJournal(sqlite_url, on_lost=Losses(), budget_s=30)
    with pytest.raises(JournalError, match="unable to open"):
        journal.write_start(make_start())
    journal.close()
