"""How many calls were dialled within an hour, by every worker on every machine together."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, delete, func
from sqlalchemy import select as query

from app.journal.database import upsert
from app.journal.tables import Utc, metadata

WINDOW = timedelta(hours=1)
"""What ``DIAL_PER_HOUR`` counts: the hour that ends now."""

_KEPT = timedelta(days=1)

dials = Table(
    "dials",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("dialled_at", Utc, nullable=False),
    Index("ix_dials_dialled_at", "dialled_at"),
)
"""One row a dial that counts, for a day: ``start`` or ``flow``. No number stands in it."""


def take(connection: Connection, kind: str, limit: int, now: datetime) -> bool:
    """Count one more dial, unless the hour has as many as it may.

    The row is written before the hour is counted, so that two workers at the same instant can
    refuse one too many, but never allow one. At most ``limit + 1`` rows of an index are read.

    Args:
        connection: in autocommit.
        kind: ``start`` for a call that we place, ``flow`` for one that a flow dials.
        limit: dials an hour; 0 allows none.
        now: the time, UTC.

    Returns:
        whether it may be dialled.
    """
    row = upsert(connection.dialect, dials).values(kind=kind, dialled_at=now)
    written = connection.execute(row.returning(dials.c.id)).scalar_one()
    recent = query(dials.c.id).where(dials.c.dialled_at > now - WINDOW).limit(limit + 1)
    count = connection.execute(query(func.count()).select_from(recent.subquery())).scalar_one()
    allowed = int(count) <= limit
    old = dials.c.dialled_at < now - _KEPT if allowed else dials.c.id == written
    connection.execute(delete(dials).where(old))
    return allowed
