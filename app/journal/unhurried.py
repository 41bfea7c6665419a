"""The journal for whoever is not on the phone: jobs in the background, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from app.callflow.errors import JournalError
from app.journal.database import Database, describe

PATIENCE_S = 10.0
"""Seconds that a question waits for the database."""

_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}
"""How a transaction that writes begins: SQLite's takes its lock first, so that it can be waited
for."""

T = TypeVar("T")


class Unhurried:
    """A database that is asked without a hurry; each question opens a connection and closes it.

    Args:
        url: of the database.
        erasing: SQLite overwrites what is deleted, where it would else leave it in its file until
            that place is used again.

    Raises:
        JournalError: the URL names no database that the journal can be kept in.
    """

    def __init__(self, url: str, *, erasing: bool = False) -> None:
        self._database = Database(url, patience_s=PATIENCE_S)
        self._erasing = erasing and self._database.file is not None

    def ask(self, question: Callable[[Connection], T]) -> T:
        """Ask; every statement is committed by itself.

        Raises:
            JournalError: the database does not answer, or has no such journal.
        """
        try:
            with self._database.connect() as connection:
                if self._erasing:
                    connection.exec_driver_sql("PRAGMA secure_delete=ON")
                return question(connection)
        except SQLAlchemyError as error:
            msg = f"The journal does not answer: {describe(error)}."
            mend = "Check DATABASE_URL, and run `offhook journal upgrade`."
            raise JournalError(msg, mend=mend) from None

    def transact(self, change: Callable[[Connection], T]) -> T:
        """Do all of a change or nothing of it. Keep it short: it may hold up a call's turn.

        Raises:
            JournalError: as for ``ask``; nothing was changed.
        """

        def whole(connection: Connection) -> T:
            connection.exec_driver_sql(_BEGIN[connection.dialect.name])
            result = change(connection)  # an error closes the connection, and that takes it back
            connection.exec_driver_sql("COMMIT")
            return result

        return self.ask(whole)

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once."""
        self._database.cut(thread)


def now_of(connection: Connection) -> datetime:
    """The time, UTC, by the one clock that all who share a database agree on.

    That of PostgreSQL's machine; with SQLite there is one machine.
    """
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)
