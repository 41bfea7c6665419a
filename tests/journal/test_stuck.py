"""A database that is locked, full, gone or frozen: what it costs a call, and the turns.

Where a budget of an hour stands, the test would not end if anything waited for it.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from freezing_proxy import FreezingProxy
from journal_doubles import (
    Losses,
    connected,
    hearing_recovery,
    journal_at,
    keys_of,
    make_call,
    make_start,
    make_turn,
    other,
    run_sql,
)
from sqlalchemy import event, text

from app.callflow.errors import JournalError
from app.journal import History, SqlJournal
from app.journal.journal import BUDGET_S
from app.journal.rows import Version
from app.ports import LastTurn

AN_HOUR = 3600.0


def threads() -> set[threading.Thread]:
    """The journals' threads that there are, other tests' too."""
    return {one for one in threading.enumerate() if one.name.startswith("journal")}


def record(journal: SqlJournal, *numbers: int) -> None:
    for number in numbers:
        assert journal.record(make_turn(f"{number}:UP")) is None


def keys(*numbers: int) -> list[str]:
    return [f"{number}:UP" for number in numbers]


# A table that is away stands for every error that a database gives at once.


@contextmanager
def turns_away(url: str) -> Iterator[None]:
    run_sql(url, "ALTER TABLE turns RENAME TO away")
    yield
    run_sql(url, "ALTER TABLE away RENAME TO turns")


def test_once_a_database_has_failed_nobody_waits_for_it(database_url: str) -> None:
    losses = Losses()
    with journal_at(database_url, losses, budget_s=AN_HOUR, retry_s=AN_HOUR) as journal:
        record(journal, 0)
        with turns_away(database_url):
            record(journal, 1, 2, 3)
            assert losses.keys == keys(1, 2, 3)
            assert journal.last_turn("callr:1") is None
            assert journal.start("abcdefgh12345678") is None
            with pytest.raises(JournalError, match="does not answer"):
                journal.ping()
    assert {why for _, why in losses.heard} == {losses.heard[0][1]}
    assert re.search("turns", losses.heard[0][1])


def test_what_was_queued_is_written_in_order_and_once_when_it_is_back(database_url: str) -> None:
    losses = Losses()
    with (
        hearing_recovery() as recovered,
        journal_at(database_url, losses, retry_s=0.01) as journal,
    ):
        record(journal, 0)
        with turns_away(database_url):
            record(journal, *range(1, 200))
        assert recovered.wait(30)
        assert journal.record(make_turn("1:UP", reply=b"another")) == b"reply to 1:UP"
        record(journal, 200)
        assert losses.keys == keys(*range(1, 200)), "each is told once, and none after"
        assert journal.last_turn("callr:1") == LastTurn(201, {"t": 1})
        journal.ping()
    assert keys_of(database_url) == keys(*range(201))


def test_a_repeat_that_was_queued_is_written_once(database_url: str) -> None:
    with journal_at(database_url, retry_s=0.01) as journal:
        record(journal, 0)
        with turns_away(database_url):
            record(journal, 1, 1, 2, 1)
    assert keys_of(database_url) == keys(0, 1, 2)


def test_the_queue_is_bounded_and_what_does_not_fit_is_told(database_url: str) -> None:
    losses = Losses()
    with journal_at(
        database_url, losses, budget_s=AN_HOUR, retry_s=AN_HOUR, queue_limit=3
    ) as journal:
        with turns_away(database_url):
            record(journal, *range(6))  # the first is in the writer's hand, three wait
        assert losses.keys == keys(*range(6))
        assert ["not kept" in why for _, why in losses.heard] == [False] * 4 + [True] * 2
    assert keys_of(database_url) == keys(0, 1, 2, 3)


def test_the_row_of_a_call_comes_later_too(database_url: str) -> None:
    with (
        journal_at(database_url, retry_s=0.01) as journal,
        turns_away(database_url),
    ):
        journal.record(make_turn("0:UP", call=make_call()))
    assert History(database_url).call("callr:1").turns == 1


def test_versions_are_written_when_the_database_is_there(database_url: str) -> None:
    turn = make_turn("0:UP")
    version = Version(
        fingerprint="0123456789ab",
        flow="reception",
        drawing="graph TD",
        declared={"start": "welcome"},
        first_seen=turn.received_at,
    )
    with (
        journal_at(database_url, retry_s=0.01) as journal,
        turns_away(database_url),
    ):
        journal.remember([version])
        journal.record(turn)
    assert History(database_url).version("0123456789ab") == version


# Locked.


def test_a_lock_of_another_process_costs_no_more_than_a_verdict(sqlite_url: str) -> None:
    losses = Losses()
    with (
        hearing_recovery() as recovered,
        journal_at(sqlite_url, losses, retry_s=0.01) as journal,
        other("hold", sqlite_url) as holder,
    ):
        record(journal, 0)
        holder.await_ready()
        holder.go()
        holder.await_ready()  # it has the lock now
        record(journal, 1, 2, 3)
        assert losses.keys == keys(1, 2, 3)
        holder.go()
        holder.result()
        assert recovered.wait(30)
        record(journal, 4)
        assert losses.keys == keys(1, 2, 3)
    assert keys_of(sqlite_url) == keys(0, 1, 2, 3, 4)


@pytest.mark.postgres
def test_a_table_that_somebody_locks_costs_no_more_than_a_verdict(postgres_url: str) -> None:
    losses = Losses()
    with journal_at(postgres_url, losses, budget_s=BUDGET_S, retry_s=0.01) as journal:
        record(journal, 0)
        with connected(postgres_url) as holder, hearing_recovery() as recovered:
            holder.exec_driver_sql("BEGIN")
            holder.exec_driver_sql("LOCK TABLE turns IN ACCESS EXCLUSIVE MODE")
            record(journal, 1, 2)
            assert losses.keys == keys(1, 2)
            holder.exec_driver_sql("COMMIT")
            assert recovered.wait(30)
        record(journal, 3)
        assert losses.keys == keys(1, 2)
    assert keys_of(postgres_url) == keys(0, 1, 2, 3)


# Full.


def test_a_disk_that_is_full_loses_nothing_once_there_is_room(sqlite_url: str) -> None:
    losses = Losses()
    large = b"x" * 100_000
    room = ["PRAGMA max_page_count = 1"]  # SQLite takes what is there as the least
    with journal_at(sqlite_url, losses, retry_s=0.01) as journal:
        database = journal._running().writer._database

        @event.listens_for(database.engine, "connect")
        def limit(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(room[-1]).close()

        journal.record(make_turn("0:UP", raw=large))
        journal.record(make_turn("1:UP", raw=large))
        assert losses.keys == keys(0, 1)
        assert "full" in losses.heard[0][1]
        with hearing_recovery() as recovered:
            room.append("PRAGMA max_page_count = 1000000")
            assert recovered.wait(30)
        record(journal, 2)
        assert losses.keys == keys(0, 1)
    assert keys_of(sqlite_url) == keys(0, 1, 2)


# Gone.


def test_a_file_that_is_replaced_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    file, away = tmp_path / "journal.sqlite3", tmp_path / "away.sqlite3"
    losses = Losses()
    with journal_at(sqlite_url, losses, retry_s=0.01) as journal:
        record(journal, 0)
        file.rename(away)
        file.mkdir()
        record(journal, 1, 2)
        assert losses.keys == keys(1, 2)
        with hearing_recovery() as recovered:
            file.rmdir()
            away.rename(file)
            assert recovered.wait(30)
        record(journal, 3)
        assert losses.keys == keys(1, 2)
    assert keys_of(sqlite_url) == keys(0, 1, 2, 3)


def test_a_file_that_is_deleted_is_not_made_anew(sqlite_url: str, tmp_path: Path) -> None:
    losses = Losses()
    with journal_at(sqlite_url, losses, retry_s=AN_HOUR) as journal:
        record(journal, 0)
        (tmp_path / "journal.sqlite3").unlink()
        record(journal, 1)
    assert losses.keys == keys(1)
    assert not (tmp_path / "journal.sqlite3").exists()


def kill_connections(url: str) -> None:
    with connected(url) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@pytest.mark.postgres
def test_a_connection_that_is_ended_is_made_anew_before_anybody_hears_of_it(
    postgres_url: str,
) -> None:
    losses = Losses()
    with journal_at(postgres_url, losses, retry_s=AN_HOUR) as journal:
        record(journal, 0)
        kill_connections(postgres_url)
        record(journal, 1)
        assert journal.record(make_turn("1:UP", reply=b"another")) == b"reply to 1:UP"
    assert not losses.heard
    assert keys_of(postgres_url) == keys(0, 1)


def test_a_server_that_is_not_there_loses_turns_and_says_why() -> None:
    losses = Losses()
    journal = SqlJournal(
        "postgresql://postgres@127.0.0.1:1/none", on_lost=losses, budget_s=30, retry_s=AN_HOUR
    )
    record(journal, 0, 1)
    journal.close()
    assert losses.keys == keys(0, 1)
    assert "refused" in losses.heard[0][1]


# Frozen: the server takes what it is sent, and says nothing.


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[FreezingProxy]:
    proxy = FreezingProxy(postgres_url)
    yield proxy
    proxy.close()


@pytest.mark.postgres
def test_a_frozen_server_costs_one_turn_its_budget_and_the_others_nothing(
    postgres_url: str, proxy: FreezingProxy
) -> None:
    losses = Losses()
    with journal_at(proxy.url, losses, budget_s=BUDGET_S, retry_s=0.01) as journal:
        record(journal, 0)
        proxy.freeze()
        began = time.monotonic()
        record(journal, *range(1, 101))
        assert journal.last_turn("callr:1") is None
        # Each waiting for its 0.3 s would take half a minute.
        assert time.monotonic() - began < 10
        assert losses.keys == keys(*range(1, 101))
        with hearing_recovery() as recovered:
            proxy.thaw()
            assert recovered.wait(30)
        record(journal, 101)
        assert len(losses.heard) == 100
    assert keys_of(postgres_url) == keys(*range(102))


@pytest.mark.postgres
def test_a_connection_that_never_answers_is_left_for_a_new_one(
    postgres_url: str, proxy: FreezingProxy
) -> None:
    with (
        hearing_recovery() as recovered,
        journal_at(proxy.url, budget_s=BUDGET_S, retry_s=0.01, hung_s=0.01) as journal,
    ):
        record(journal, 0)
        proxy.freeze_what_is_open()
        record(journal, 1, 2)
        assert recovered.wait(30)
    assert keys_of(postgres_url) == keys(0, 1, 2)


@pytest.mark.postgres
def test_a_read_of_a_frozen_server_is_given_up_and_leaves_no_thread_behind(
    proxy: FreezingProxy,
) -> None:
    before = threads()
    with journal_at(proxy.url, retry_s=0.01, budget_s=0.1) as journal:
        record(journal, 0)
        for _ in range(3):
            proxy.freeze()
            assert journal.last_turn("callr:1") is None
            with pytest.raises(JournalError):
                journal.ping()
            with hearing_recovery() as recovered:
                proxy.thaw()
                assert recovered.wait(30)
        lanes = [one for one in threads() - before if one.name.startswith("journal-lane")]
        assert len(lanes) <= 4
    assert threads() <= before


@pytest.mark.postgres
def test_closing_does_not_wait_for_a_frozen_server_for_ever(
    proxy: FreezingProxy,
) -> None:
    losses, before = Losses(), threads()
    with journal_at(proxy.url, losses, budget_s=BUDGET_S, retry_s=AN_HOUR) as journal:
        record(journal, 0)
        proxy.freeze()
        record(journal, 1)
        journal.close()
        assert threads() <= before
    assert losses.keys == keys(1)


@pytest.mark.postgres
def test_a_start_on_a_frozen_server_is_not_known_to_be_written(
    proxy: FreezingProxy,
) -> None:
    with journal_at(proxy.url) as journal:
        proxy.freeze()
        with pytest.raises(JournalError, match="could not be written"):
            journal.write_start(make_start())
        proxy.thaw()
