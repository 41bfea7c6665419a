"""Takes out of the journal what has been kept long enough, a little at a time.

A statement that writes keeps SQLite's other writers waiting, live turns among them. So nothing here
takes out more than one call, or ``BATCH`` rows, at once; whoever calls waits a moment in between.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    update,
)

from app.journal.noticed import of_call
from app.journal.rows import DUE_AT_ONCE
from app.journal.tables import calls, notices, recordings, starts, turns, versions
from app.journal.unhurried import Unhurried, now_of
from app.sounds import RecordingStatus

BATCH = 50
"""Rows that are looked at or taken out at once, at most."""

AT_THE_PLATFORM = and_(
    recordings.c.media_id != "", recordings.c.status != RecordingStatus.DELETED.value
)
"""Recordings whose sound the platform still has."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some of the oldest turns.

    Attributes:
        calls: the calls of those that are old enough, each once.
        last_id: of the last turn that was looked at; 0 where none was.
        more: whether later ones may be old enough too.
    """

    calls: Sequence[str]
    last_id: int
    more: bool


class Retention:
    """The old rows of a journal.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the URL names no such database. Every method raises it too, where the database
            does not answer.
    """

    def __init__(self, url: str) -> None:
        self._journal = Unhurried(url, erasing=True)

    def cutoff(self, days: int) -> datetime:
        """So many days ago, by the database's clock."""
        return self._journal.ask(now_of) - timedelta(days=days)

    def oldest_turns(self, before: datetime, after_id: int) -> Window:
        """The next of the oldest turns, in the order in which they were written.

        Args:
            before: what is old enough.
            after_id: where the last window ended; 0 for the first.
        """
        query = (
            select(turns.c.id, turns.c.call_key, turns.c.received_at)
            .where(turns.c.id > after_id)
            .order_by(turns.c.id)
            .limit(BATCH)
        )
        rows = self._journal.ask(lambda connection: connection.execute(query).all())
        old = dict.fromkeys(row.call_key for row in rows if row.received_at < before)
        return Window(tuple(old), rows[-1].id if rows else 0, bool(old) and len(rows) == BATCH)

    def forget_call(self, call_key: str, before: datetime) -> bool:
        """Take out a call with all that was said and pressed, unless something of it is newer.

        The row of a sound that the platform still has stays until that is deleted, and says that
        it is to be.

        Returns:
            whether it was taken out.
        """
        newest = select(func.max(turns.c.received_at)).where(turns.c.call_key == call_key)

        def forget(connection: Connection) -> bool:
            last_at = connection.execute(newest).scalar_one()
            if last_at is not None and last_at >= before:
                return False
            take_out_call(connection, call_key)
            connection.execute(delete(calls).where(calls.c.key == call_key))
            return True

        return self._journal.transact(forget)

    def forget_empty_calls(self, before: datetime) -> int:
        """Take out rows of old calls that have no turns; gives how many."""
        none = ~exists(select(turns.c.id).where(turns.c.call_key == calls.c.key))
        old = select(calls.c.key).where(calls.c.started_at < before, none).limit(BATCH)
        return self._delete(calls, calls.c.key.in_(old))

    def forget_starts(self, before: datetime) -> int:
        """Take out old starts of calls that we placed; gives how many."""
        old = select(starts.c.token).where(starts.c.created_at < before).limit(BATCH)
        return self._delete(starts, starts.c.token.in_(old))

    def forget_notices(self, before: datetime) -> int:
        """Take out old notices; gives how many."""
        oldest = select(notices.c.id).order_by(notices.c.id).limit(BATCH)
        return self._delete(notices, and_(notices.c.id.in_(oldest), notices.c.received_at < before))

    def delete_sounds(self, before: datetime) -> int:
        """Have old sounds deleted at the platform, in the background; gives how many.

        One that was never kept there is given up: the platform keeps it for a while only.
        """
        kept = (RecordingStatus.DELETING.value, RecordingStatus.DELETED.value)
        old = recordings.c.recorded_at < before
        there = select(recordings.c.id).where(
            old, recordings.c.media_id != "", recordings.c.status.not_in(kept)
        )
        never = select(recordings.c.id).where(
            old,
            recordings.c.media_id == "",
            recordings.c.status == RecordingStatus.WAITING.value,
        )

        def mark(connection: Connection) -> int:
            return mark_for_deletion(connection, there.limit(BATCH)) + _changed(
                connection, never.limit(BATCH), status=RecordingStatus.DELETED.value, due_at=None
            )

        return self._journal.transact(mark)

    def forget_recordings(self, before: datetime) -> int:
        """Take out old rows of sounds that the platform no longer has; gives how many."""
        old = select(recordings.c.id).where(recordings.c.recorded_at < before, ~AT_THE_PLATFORM)
        return self._delete(recordings, recordings.c.id.in_(old.limit(BATCH)))

    def forget_versions(self, before: datetime, in_use: Collection[str]) -> int:
        """Take out old versions of flows that no turn names; gives how many.

        Args:
            before: what is old enough.
            in_use: the fingerprints that are served now.
        """
        old = versions.c.first_seen < before
        query = select(versions.c.fingerprint).where(
            old, versions.c.fingerprint.not_in(sorted(in_use))
        )
        found = self._journal.ask(lambda connection: connection.execute(query).scalars().all())
        gone = 0
        for fingerprint in found:
            if not self._is_named(fingerprint):
                gone += self._delete(versions, versions.c.fingerprint == fingerprint)
        return gone

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once."""
        self._journal.cut(thread)

    def _is_named(self, fingerprint: str) -> bool:
        """Whether a turn names a version; where none does, all of them are looked at."""
        named = select(turns.c.id).where(turns.c.fingerprint == fingerprint).limit(1)
        return self._journal.ask(lambda connection: connection.execute(named).first()) is not None

    def _delete(self, table: Table, which: object) -> int:
        statement = delete(table).where(which).returning(*table.primary_key)  # type: ignore[arg-type]  # whatever WHERE takes
        return self._journal.ask(lambda connection: len(connection.execute(statement).all()))


def take_out_call(connection: Connection, call_key: str) -> None:
    """Take out all that a call left but its own row, and have its sounds deleted.

    Its row must still be there as it was: by it some of the call's status posts are found.
    """
    theirs = recordings.c.call_key == call_key
    mark_for_deletion(
        connection,
        select(recordings.c.id).where(
            theirs, AT_THE_PLATFORM, recordings.c.status != RecordingStatus.DELETING.value
        ),
    )
    connection.execute(delete(recordings).where(theirs, ~AT_THE_PLATFORM))
    connection.execute(delete(turns).where(turns.c.call_key == call_key))
    connection.execute(delete(notices).where(of_call(call_key)))


def mark_for_deletion(connection: Connection, which: Select[tuple[int]]) -> int:
    """Have sounds deleted at the platform, in the background; gives how many."""
    status = RecordingStatus.DELETING.value
    return _changed(connection, which, status=status, due_at=DUE_AT_ONCE, tries=0)


def _changed(connection: Connection, which: Select[tuple[int]], **values: object) -> int:
    row = update(recordings).where(recordings.c.id.in_(which)).values(holder="", **values)
    return len(connection.execute(row.returning(recordings.c.id)).all())
