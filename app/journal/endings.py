"""Calls that a status post said to be over, and that are not: the post could do nothing then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select, union_all

from app.journal.rows import notice_of
from app.journal.tables import calls, notices, turns
from app.journal.unhurried import Unhurried
from app.ports import Notice

SILENT = timedelta(minutes=1)
"""How long neither a turn nor the post came: until then the call may live, or end as it should."""

OLDEST = timedelta(days=7)
"""A call that began before that stays as it is."""

BEFORE = timedelta(minutes=5)
"""How long before its call a post may have come that ends it."""

AT_ONCE = 100
"""Posts that are given back at a time."""


class Endings:
    """The posts that should have ended calls.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the URL names no such database. ``due`` raises it too, where the database does
            not answer.
    """

    def __init__(self, url: str) -> None:
        self._journal = Unhurried(url)

    def due(
        self, provider: str, kinds: Collection[str], now: datetime, done: Collection[str] = ()
    ) -> Sequence[Notice]:
        """Status posts of these kinds whose calls go on in the journal, the oldest first.

        Where a call's last turn came after its post, the post is given back as of that moment: no
        call is over before its last turn.

        Args:
            provider: the platform's name.
            kinds: of the posts that end a call.
            now: the time, UTC.
            done: event ids of posts to leave out.
        """
        query = _due(provider, kinds, now, done)

        def question(connection: Connection) -> Sequence[Notice]:
            rows = connection.execute(query).mappings().all()
            return tuple(
                replace(
                    notice_of(row, row["key"]), received_at=max(row["received_at"], row["last_at"])
                )
                for row in rows
                if row["received_at"] > row["started_at"] - BEFORE
            )

        return self._journal.ask(question)

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once."""
        self._journal.cut(thread)


def _due(
    provider: str, kinds: Collection[str], now: datetime, done: Collection[str]
) -> Select[Any]:
    """Open calls first, which are few, and the posts of each by an index of theirs.

    PostgreSQL would begin with the posts, all of them, where it has no statistics yet: it is told
    not to.
    """
    last = select(func.max(turns.c.received_at)).where(turns.c.call_key == calls.c.key)
    about = (calls.c.key, calls.c.platform_id, calls.c.started_at)
    going_on = (
        select(*about, last.scalar_subquery().label("last_at"))
        .where(calls.c.outcome == "", calls.c.started_at > now - OLDEST)
        .where(calls.c.provider == provider)
        .cte("going_on")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    named = notices.c.call_key == going_on.c.key
    by_id = and_(
        notices.c.call_key == "",
        notices.c.platform_id == going_on.c.platform_id,
        going_on.c.platform_id != "",
    )
    posts = (
        select(notices, going_on.c.key, going_on.c.started_at, going_on.c.last_at)
        .join(going_on, of_it)
        .where(notices.c.provider == provider, notices.c.kind.in_(kinds))
        .where(notices.c.received_at < now - SILENT, going_on.c.last_at < now - SILENT)
        .where(notices.c.event_id.not_in(done))
        for of_it in (named, by_id)
    )
    found = union_all(*posts).subquery()
    return select(found).order_by(found.c.id).limit(AT_ONCE)
