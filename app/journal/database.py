"""How each database is opened, and how a connection that does not answer is cut.

The two databases differ here and in ``schema.py``, and nowhere else.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    NullPool,
    Table,
    create_engine,
    event,
    func,
    literal_column,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import PoolProxiedConnection

from app.callflow.errors import JournalError

LIVE_PATIENCE_S = 0.2
"""Seconds that SQLite waits for another's lock while a call waits; less than a turn's 0.3 s."""

CHECKPOINT_PAGES = 20_000
"""Pages (4 KiB) after which a commit also moves the log into the file, and waits for the disk.

That is for when ``app.journal.checkpoints`` does not come to it: turns wait for it.
"""

STATEMENT_TIMEOUT_S = 5
"""Seconds after which PostgreSQL ends a statement, unless it is opened with more patience."""

_URL_MEND = "Write sqlite:///FILE or postgresql://USER@HOST/NAME."


class Database:
    """A database that several threads use, each by one connection at a time, none of them pooled.

    Every connection is in autocommit: whoever wants a transaction says BEGIN and COMMIT.

    Args:
        url: of SQLite (a file) or PostgreSQL, as ``Settings.database_url`` has it.
        patience_s: seconds that a statement may wait: SQLite for a lock, PostgreSQL for everything.

    Raises:
        JournalError: the URL names no such database.
    """

    def __init__(self, url: str, *, patience_s: float) -> None:
        parsed = _parse(url)
        self.file = _file_of(parsed)
        """SQLite's file; None on PostgreSQL."""
        self.place = str(self.file or parsed.set(drivername="postgresql", query={}))
        """Where it is, as people are told: SQLite's file, or an address without what is secret."""
        self.engine: Engine = _engine(parsed, self.file, patience_s)
        self._guard = threading.Lock()
        self._open: dict[int, Any] = {}
        # First in line: a connection can be cut while SQLAlchemy still asks it about itself.
        event.listen(self.engine, "connect", self._opened, insert=True)
        event.listen(self.engine, "close", self._closing)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection of this thread's, closed at the end."""
        try:
            with self.engine.connect() as connection:
                yield connection
        finally:
            self._drop()

    def raw(self) -> PoolProxiedConnection:
        """A connection of this thread's with the driver's own cursors; the caller closes it."""
        try:
            return self.engine.raw_connection()
        except BaseException:
            self._drop()
            raise

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once.

        psycopg has no read timeout: with a server that does not answer, only an end of the
        connection wakes it.
        """
        with self._guard, suppress(OSError, psycopg.Error, sqlite3.Error):
            connection = self._open.get(thread)
            if isinstance(connection, sqlite3.Connection):
                connection.interrupt()
            elif isinstance(connection, psycopg.Connection):
                with socket.socket(fileno=os.dup(connection.fileno())) as wire:
                    wire.shutdown(socket.SHUT_RDWR)

    def identity(self) -> tuple[int, int] | None:
        """Which file SQLite's path names now (device, inode); None where there is none.

        An open connection goes on writing into a file that was deleted or replaced, and never says
        so.
        """
        if self.file is None:
            return None
        try:
            found = os.stat(self.file)  # noqa: PTH116 - at each commit; Path.stat costs more
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _opened(self, connection: Any, _record: object) -> None:
        with self._guard:
            self._open[threading.get_ident()] = connection

    def _drop(self) -> None:
        """Close what is left of a connection whose opening failed half-way."""
        with self._guard:
            connection = self._open.pop(threading.get_ident(), None)
        if connection is not None:
            connection.close()

    def _closing(self, connection: Any, _record: object) -> None:
        with self._guard:
            for thread, known in tuple(self._open.items()):
                if known is connection:
                    del self._open[thread]


def upsert(dialect: Dialect, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The INSERT that takes ON CONFLICT; both databases get the same text."""
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


JOIN = "\n"
"""Stands between what ``joined`` joined: compact JSON and the names of steps have none."""


def joined(dialect: Dialect, column: ColumnElement[str]) -> ColumnElement[str]:
    """The texts of a column of all rows that are found, as one."""
    aggregate = func.group_concat if dialect.name == "sqlite" else func.string_agg
    return aggregate(column, literal_column(f"'{JOIN}'"))


def describe(error: BaseException) -> str:
    """What a database said: the kind of the error and its first line, without parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {said[0]}" if said else type(cause).__name__


def row_is_at_fault(error: BaseException, dialect: Dialect) -> bool:
    """Whether an insert failed for what the row holds, so that trying it again is no use.

    Everything else (locked, full, gone, no such table) is the database's, and the row is kept for
    later.
    """
    driver = dialect.loaded_dbapi
    refused: tuple[type[BaseException], ...] = (driver.DataError, driver.IntegrityError)
    if isinstance(error, (*refused, LookupError, OverflowError, TypeError, ValueError)):
        return True
    # Class 54 of PostgreSQL's errors: a limit of the program, such as a key too long for an index.
    return (getattr(error, "sqlstate", None) or "").startswith("54")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        msg = "The journal's DATABASE_URL cannot be read."
        raise JournalError(msg, mend=_URL_MEND) from None
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        msg = f"The journal cannot be kept in {parsed.drivername!r}."
        raise JournalError(msg, mend=_URL_MEND)
    return parsed


def _file_of(parsed: URL) -> Path | None:
    if parsed.drivername != "sqlite":
        return None
    if parsed.database in {None, "", ":memory:"}:
        msg = (
            "The journal cannot be kept in SQLite's memory: its threads and processes share a file."
        )
        raise JournalError(msg, mend="Write sqlite:///FILE.")
    return Path(parsed.database or "").absolute()


def _engine(parsed: URL, file: Path | None, patience_s: float) -> Engine:
    settings: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "hide_parameters": True,
        "poolclass": NullPool,
        "pool_reset_on_return": None,
    }
    if file is None:
        asked = dict(parsed.query)
        wanted = {name: value for name, value in _postgres(patience_s).items() if name not in asked}
        # Parameters by position, as SQLite takes them, so that a compiled statement has one form.
        return _create(parsed, paramstyle="format", connect_args=wanted, **settings)
    # mode=rw: a file that is gone is an error, not a new and empty journal.
    there = parsed.set(database=f"file:{quote(str(file))}?mode=rw", query={"uri": "true"})
    engine = _create(there, connect_args={"timeout": patience_s}, **settings)
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def _create(url: URL, **settings: Any) -> Engine:
    make: Callable[..., Engine] = create_engine
    try:
        return make(url, **settings)
    except (NoSuchModuleError, ImportError) as problem:
        msg = f"The database driver is not installed: {problem}"
        raise JournalError(msg, mend="Install requirements.txt.") from None


def _postgres(patience_s: float) -> dict[str, Any]:
    timeout_ms = int(max(patience_s, STATEMENT_TIMEOUT_S) * 1000)
    return {
        "application_name": "offhook",
        "connect_timeout": 2,  # seconds, the least that libpq takes
        "tcp_user_timeout": 5000,  # milliseconds without an acknowledgement
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        # A worker that is stopped within a transaction must not keep the others from its keys.
        "options": (
            f"-c statement_timeout={timeout_ms} -c idle_in_transaction_session_timeout={timeout_ms}"
        ),
    }


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Ask for durability against the death of processes, the write-ahead log being on.

    A power cut may take the last moments.
    """
    connection.execute("PRAGMA synchronous=NORMAL").close()
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}").close()
