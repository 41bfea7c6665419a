"""Calls that a status post said to be over, and that are not: the post could do nothing then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from app.journal.noticed import of_its_call
from app.journal.rows import notice_of
from app.journal.tables import calls, notices, turns
from app.journal.unhurried import Unhurried
from app.ports import Notice

SILENT = timedelta(minutes=1)
"""How long neither a turn nor the post came: until then the call may live, or end as it should."""

OLDEST = timedelta(days=7)
"""A call that began before that stays as it is."""

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

    def due(self, provider: str, kinds: Collection[str], now: datetime) -> Sequence[Notice]:
        """Status posts of these kinds whose calls go on in the journal, the oldest first.

        Where a call's last turn came after its post, the post is given back as of that moment: no
        call is over before its last turn.

        Args:
            provider: the platform's name.
            kinds: of the posts that end a call.
            now: the time, UTC.
        """

        def question(connection: Connection) -> Sequence[Notice]:
            last = select(func.max(turns.c.received_at)).where(turns.c.call_key == calls.c.key)
            last_at = last.scalar_subquery()
            query = (
                select(notices, calls.c.key, last_at.label("last_at"))
                .join(calls, of_its_call())
                .where(calls.c.outcome == "", calls.c.started_at > now - OLDEST)
                .where(notices.c.provider == provider, notices.c.kind.in_(kinds))
                .where(notices.c.received_at < now - SILENT, last_at < now - SILENT)
                .order_by(notices.c.id)
                .limit(AT_ONCE)
            )
            rows = connection.execute(query).mappings().all()
            return tuple(
                replace(
                    notice_of(row, row["key"]), received_at=max(row["received_at"], row["last_at"])
                )
                for row in rows
            )

        return self._journal.ask(question)

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once."""
        self._journal.cut(thread)
