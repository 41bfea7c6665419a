"""The schema: which version a database has, and bringing it to ours.

Migrations only add, for one release, and a server whose schema is older or newer answers calls all
the same: a write that fails is a journal that fails.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.callflow.errors import JournalError
from app.journal.database import Database, describe

MIGRATIONS = Path(__file__).parent / "migrations"

UPGRADE_PATIENCE_S = 60
"""Seconds that a statement of an upgrade may take, waiting for another upgrade included."""

_ADVISORY_LOCK = 0x0FF4_00C0
"""Our number among PostgreSQL's advisory locks of the database; any number, but always this one."""

_BEGIN = {
    "sqlite": ("BEGIN EXCLUSIVE",),
    "postgresql": ("BEGIN", f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"),
}
"""How an upgrade begins: in one transaction, which no other process's upgrade can enter."""


class SchemaStatus(StrEnum):
    """What a database's schema is, seen from this release."""

    NONE = "none"
    """There is no journal."""

    OLDER = "older"
    CURRENT = "current"

    NEWER = "newer"
    """It has a migration that this release does not know."""


def schema_status(url: str) -> SchemaStatus:
    """Read which schema a database has.

    Raises:
        JournalError: the database cannot be opened.
    """
    database = Database(url, patience_s=UPGRADE_PATIENCE_S)
    if database.file is not None and not database.file.exists():
        return SchemaStatus.NONE
    try:
        with database.connect() as connection:
            return _status(connection)
    except SQLAlchemyError as error:
        raise _failed("cannot be opened", error) from None


def upgrade(url: str) -> SchemaStatus:
    """Bring a database to this release's schema; SQLite's file is made where there is none.

    Any number of processes may do so at once. All of it happens, or nothing.

    Returns:
        CURRENT; or NEWER for a database that a later release has upgraded, which is left as it is.

    Raises:
        JournalError: the database cannot be opened or changed.
    """
    database = Database(url, patience_s=UPGRADE_PATIENCE_S)
    try:
        with _alone(database.file), database.connect() as connection:
            if database.file is not None:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            status = _status(connection)
            if status in {SchemaStatus.CURRENT, SchemaStatus.NEWER}:
                return status  # without a lock that the calls of a running server would wait for
            for statement in _BEGIN[connection.dialect.name]:
                connection.exec_driver_sql(statement)
            command.upgrade(_config(connection), "head")
            connection.exec_driver_sql("COMMIT")
            return _status(connection)
    except (SQLAlchemyError, OSError) as error:
        raise _failed("cannot be upgraded", error) from None


def prepare(url: str) -> SchemaStatus:
    """Do what a server does at its start: upgrade SQLite, look at PostgreSQL.

    Raises:
        JournalError: the database cannot be opened or changed. Calls can be answered all the same.
    """
    if Database(url, patience_s=UPGRADE_PATIENCE_S).file is not None:
        return upgrade(url)
    return schema_status(url)


def _status(connection: Connection) -> SchemaStatus:
    scripts = ScriptDirectory.from_config(_config(connection))
    applied = MigrationContext.configure(connection).get_current_heads()
    if not applied:
        return SchemaStatus.NONE
    if set(applied) == set(scripts.get_heads()):
        return SchemaStatus.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaStatus.OLDER if set(applied) <= known else SchemaStatus.NEWER


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(file: Path | None) -> Iterator[None]:
    """Make SQLite's file, readable by its owner only, and keep other processes out.

    Turning on the write-ahead log takes a lock that SQLite does not wait for, hence a lock beside
    the file.
    """
    if file is None:
        yield
        return
    lock = _private(Path(f"{file}.lock"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            os.close(_private(file))
        yield
    finally:
        os.close(lock)  # lets it go


def _private(file: Path) -> int:
    return os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, mode=0o600)


def _failed(what: str, error: Exception) -> JournalError:
    mend = "Check DATABASE_URL, that the database runs, and that its disk can be written."
    return JournalError(f"The journal's database {what}: {describe(error)}.", mend=mend)
