"""Threads that ask the database for somebody who waits no longer than a budget.

Neither database can be asked for an answer within a time: psycopg has no read timeout, and SQLite
waits for its locks. So another thread asks, and its connection is cut when the budget is over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from sqlalchemy import Connection

from app.journal.database import Database

T = TypeVar("T")


class Lanes:
    """Bounded threads over one database; each question opens its own connection and closes it.

    Questions are rare (a call whose state did not come with it, the first turn of a call that we
    placed), so a connection that cannot be stale is worth its making.

    Args:
        url: of the database.
        threads: questions at one time, at most.
        patience_s: seconds that a statement may wait for a lock.
    """

    def __init__(self, url: str, *, threads: int, patience_s: float) -> None:
        self._database = Database(url, patience_s=patience_s)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="journal-lane")

    def ask(self, question: Callable[[Connection], T], budget_s: float) -> T:
        """Run a question in a lane.

        Raises:
            TimeoutError: there is no answer within the budget; the connection is cut.
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        job = _Job(self._database, question)
        future = self._threads.submit(job.run)
        try:
            return future.result(budget_s)
        except TimeoutError:
            future.cancel()
            job.abandon()
            raise

    def close(self) -> None:
        """Let go of the threads; each ends when its question does."""
        self._threads.shutdown(wait=True, cancel_futures=True)


class _Job(Generic[T]):
    """One question in a lane, which whoever asked it may give up."""

    def __init__(self, database: Database, question: Callable[[Connection], T]) -> None:
        self._database = database
        self._question = question
        self._guard = threading.Lock()
        self._thread: int | None = None
        self._abandoned = False

    def run(self) -> T:
        with self._guard:
            self._thread = threading.get_ident()
        try:
            with self._database.connect() as connection:
                if self._abandoned:
                    raise TimeoutError
                return self._question(connection)
        finally:
            with self._guard:
                self._thread = None

    def abandon(self) -> None:
        """Cut the connection, if the question still runs: the lane belongs to the next one."""
        with self._guard:
            self._abandoned = True
            if self._thread is not None:
                self._database.cut(self._thread)
