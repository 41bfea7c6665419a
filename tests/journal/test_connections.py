"""How many connections a process opens, which a plan of a database limits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from journal_doubles import journal_at, make_start, make_turn

from app.callflow.errors import JournalError
from app.journal import CONNECTIONS, SqlJournal

MANY = 12
"""Askers of each kind: more than there are lanes for."""


@contextmanager
def locked(url: str) -> Iterator[None]:
    """The journal's tables, which nobody else can read or write meanwhile."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE turns, starts, calls IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def start(journal: SqlJournal, number: int) -> None:
    with suppress(JournalError):  # it is patient for a few seconds only
        journal.write_start(make_start(token=f"token-{number:010}"))


@pytest.mark.postgres
def test_a_process_never_opens_more_connections_than_it_says(postgres_url: str) -> None:
    with (
        journal_at(postgres_url, budget_s=60.0) as journal,
        ThreadPoolExecutor(3 * MANY) as askers,
        psycopg.connect(postgres_url, autocommit=True) as watcher,
        locked(postgres_url),
    ):
        asked: list[Future[Any]] = []
        asked += [askers.submit(journal.record, make_turn(f"{one}:UP")) for one in range(MANY)]
        asked += [askers.submit(journal.last_turn, "callr:1") for _ in range(MANY)]
        asked += [askers.submit(start, journal, one) for one in range(MANY)]
        seen = 0
        while seen < CONNECTIONS:
            assert not all(one.done() for one in asked), f"only {seen} connections were opened"
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'offhook'"
            ).fetchone()
            assert row is not None
            seen = row[0]
        assert seen == CONNECTIONS
