"""The journal's tables, the same on SQLite and PostgreSQL.

JSON stands as compact ASCII text, so that both databases store the same characters and neither NUL
nor a lone surrogate can break an insert. Times are UTC. Migrations (``migrations/versions``) make
what stands here; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Utc(TypeDecorator[datetime]):
    """A moment, aware and in UTC: ``timestamptz`` on PostgreSQL, ISO text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """On SQLite, what SQLAlchemy's own type writes, at a tenth of its cost."""
        return _iso_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    # SQLAlchemy passes the dialect to both by position.
    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the driver the moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Read the moment; SQLite gives it without its zone, which is UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


class Bytes(LargeBinary):
    """``bytea`` on PostgreSQL, BLOB on SQLite.

    Both drivers take bytes. But sqlite3 first asks whether somebody adapts them, which costs ten
    times as much as the copy that it does not ask about.
    """

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Give the driver what it takes as it is."""
        return bytearray if dialect.name == "sqlite" else None


def _id() -> Column[int]:
    """A row number that rises as rows are written; SQLite counts only a column declared INTEGER."""
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)


metadata = MetaData()

turns = Table(
    "turns",
    metadata,
    _id(),
    Column("call_key", Text, nullable=False),
    Column("report_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("turn", BigInteger),
    Column("received_at", Utc, nullable=False),
    Column("raw", Bytes, nullable=False),
    Column("digest", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("step_before", Text, nullable=False),
    Column("step_after", Text, nullable=False),
    Column("trail", Text, nullable=False),
    Column("state", Text),
    Column("variables", Text, nullable=False),
    Column("commands", Text, nullable=False),
    Column("reply", Bytes, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("took_ms", Float, nullable=False),
    Column("incidents", Text, nullable=False),
    UniqueConstraint("call_key", "report_key", name="uq_turns_call_key_report_key"),
)
"""One row a journalled report; see ``app.ports.TurnRecord``."""

calls = Table(
    "calls",
    metadata,
    Column("key", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("outcome", Text, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("steps", Text),
    Column("variables", Text),
    Column("incidents", Integer),
    Index("ix_calls_platform_id", "platform_id"),
    Index("ix_calls_started_at", "started_at"),
    # A hash, since PostgreSQL's other index refuses what is longer than a third of a page, and
    # with it the call: a platform may say anything of who calls. SQLite has one kind of its own.
    Index("ix_calls_caller", "caller", postgresql_using="hash"),
    Index("ix_calls_outcome", "outcome", "started_at"),
)
"""One row a call; see ``app.ports.CallRow``.

``steps``, ``variables`` and ``incidents`` are what its turns came to (``app.journal.summaries``),
written with the one that ends it; null until then.
"""

Index(
    "ix_calls_incidents",
    calls.c.started_at,
    sqlite_where=text("incidents > 0"),
    postgresql_where=text("incidents > 0"),
)

starts = Table(
    "starts",
    metadata,
    Column("token", Text, primary_key=True),
    Column("idempotency_key", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("ring_s", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("variables", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("app", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_starts_created_at", "created_at"),
)
"""Calls that we place, written before they are dialled; see ``app.ports.Start``."""

Index(
    "uq_starts_idempotency_key",
    starts.c.idempotency_key,
    unique=True,
    sqlite_where=text("idempotency_key <> ''"),
    postgresql_where=text("idempotency_key <> ''"),
)

versions = Table(
    "versions",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("drawing", Text, nullable=False),
    Column("declared", Text, nullable=False),
    Column("first_seen", Utc, nullable=False),
)
"""Each version of each flow that ever served: a call is told with the flow as it was."""

notices = Table(
    "notices",
    metadata,
    _id(),
    Column("event_id", Text, nullable=False),
    Column("call_key", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("raw", Bytes, nullable=False),
    Column("platform_id", Text, nullable=False, server_default=""),
    Column("about", Text, nullable=False, server_default="{}"),
    UniqueConstraint("event_id", name="uq_notices_event_id"),
    Index("ix_notices_call_key", "call_key"),
    Index("ix_notices_platform_id", "platform_id"),
)
"""Status posts that never move a step; see ``app.ports.Notice``."""

recordings = Table(
    "recordings",
    metadata,
    _id(),
    Column("call_key", Text, nullable=False),
    Column("report_key", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("status", Text, nullable=False),
    Column("media_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("seconds", Float),
    Column("tries", Integer, nullable=False),
    Column("due_at", Utc),
    Column("holder", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("call_key", "file", name="uq_recordings_call_key_file"),
    Index("ix_recordings_due_at", "due_at"),
    Index("ix_recordings_recorded_at", "recorded_at"),
)
"""One row a sound that a caller left; see ``app.sounds.Recording``."""

sounds = Table(
    "sounds",
    metadata,
    Column("sound", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", Bytes, nullable=False),
)
"""Sounds that their platform does not keep for us; see ``app.journal.sounds``."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Utc, nullable=False),
)
"""What one server at a time does, and until when it may; see ``app.journal.leases``."""

about = Table("about", metadata, Column("instance_id", Text, primary_key=True))
"""One row: the random id of this journal, by which two programs find out whether they share it."""
