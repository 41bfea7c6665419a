"""The sounds that callers left: what is kept of each, and what is still to be done with it.

A turn brings the platform's temporary name of a sound (``rows.recording_values``). From then on
the row is worked at by whichever server claims it: claiming puts ``due_at`` into the future, so
that nobody else does, and that a server which dies leaves the row to the next one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, func, select, true, update

from app.callflow.errors import JournalError
from app.journal.rows import DUE_AT_ONCE, clean, to_json
from app.journal.tables import calls, recordings, turns
from app.journal.unhurried import Unhurried, now_of
from app.sounds import Recording, RecordingStatus

_LEFT_BY = case((calls.c.direction == "inbound", calls.c.caller), else_=calls.c.called)
_TOLD = select(recordings, _LEFT_BY.label("left_by")).outerjoin(
    calls, calls.c.key == recordings.c.call_key
)
"""Recordings with who left them."""


class Recordings:
    """The recordings of a journal.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the URL names no such database. Every method raises it too, where the database
            does not answer.
    """

    def __init__(self, url: str) -> None:
        self._journal = Unhurried(url)

    def newest(self, *, limit: int) -> Sequence[Recording]:
        """The newest recordings, the newest first."""
        order = (recordings.c.recorded_at.desc(), recordings.c.id.desc())
        query = _TOLD.order_by(*order).limit(limit)
        return self._journal.ask(
            lambda connection: tuple(map(_recording, connection.execute(query).mappings()))
        )

    def of_call(self, call_key: str) -> Sequence[Recording]:
        """The recordings of a call, in the order in which they were told."""
        query = _TOLD.where(recordings.c.call_key == clean(call_key))
        return self._journal.ask(
            lambda connection: tuple(
                map(_recording, connection.execute(query.order_by(recordings.c.id)).mappings())
            )
        )

    def get(self, recording_id: int) -> Recording:
        """One recording.

        Raises:
            JournalError: there is none with this id (status 404).
        """
        query = _TOLD.where(recordings.c.id == recording_id)
        row = self._journal.ask(lambda connection: connection.execute(query).mappings().first())
        if row is None:
            msg = f"The journal has no recording {recording_id}."
            raise JournalError(msg, mend="List them: `offhook recordings list`.", status=404)
        return _recording(row)

    def unfinished(self, provider: str) -> int:
        """How many of a platform are still to be worked at."""
        query = select(func.count()).where(
            recordings.c.due_at.is_not(None), recordings.c.provider == provider
        )
        return self._journal.ask(lambda connection: int(connection.execute(query).scalar_one()))

    def due_of_others(self, providers: Sequence[str]) -> Sequence[str]:
        """The platforms but for these that have a recording to be worked at now."""

        def look(connection: Connection) -> Sequence[str]:
            query = select(recordings.c.provider).where(
                recordings.c.due_at <= now_of(connection),
                recordings.c.provider.not_in(providers),
            )
            return sorted(connection.execute(query.distinct()).scalars())

        return self._journal.ask(look)

    def claim(
        self, holder: str, seconds: float, *, of: Sequence[str] | None = None
    ) -> Recording | None:
        """Take a recording that is due, so that nobody else works at it for so many seconds.

        Args:
            holder: who takes it; one name for each process of each machine.
            seconds: how long the work may take.
            of: the platforms whose recordings may be taken; None for any.

        Returns:
            the recording; None where none is due.
        """

        def claim(connection: Connection) -> Recording | None:
            now = now_of(connection)
            whose = true() if of is None else recordings.c.provider.in_(of)
            due = (
                select(recordings.c.id)
                .where(recordings.c.due_at <= now, whose)
                .order_by(recordings.c.due_at, recordings.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)  # SQLite has one writer, and no such words
            )
            claimed = (
                update(recordings)
                .where(recordings.c.id == due.scalar_subquery(), recordings.c.due_at <= now)
                .values(holder=holder, due_at=now + timedelta(seconds=seconds))
                .returning(*recordings.c)
            )
            row = connection.execute(claimed).mappings().first()
            return None if row is None else _recording(row)

        return self._journal.ask(claim)

    def settle(
        self,
        recording: Recording,
        *,
        holder: str,
        due_in_s: float | None = None,
        **changes: Any,
    ) -> bool:
        """Write what came of the work, unless the claim was lost meanwhile.

        Args:
            recording: as claimed.
            holder: who claimed it.
            due_in_s: seconds until it is to be worked at again; None where nothing more is to be
                done.
            changes: attributes of ``Recording`` and their new values.

        Returns:
            whether it was written: False where another holder has it now, or the row is gone.
        """
        written = {name: str(clean(v)) if isinstance(v, str) else v for name, v in changes.items()}

        def settle(connection: Connection) -> bool:
            due_at = None
            if due_in_s is not None:
                due_at = now_of(connection) + timedelta(seconds=due_in_s)
            row = (
                update(recordings)
                .where(recordings.c.id == recording.id, recordings.c.holder == holder)
                .values(due_at=due_at, **written)
                .returning(recordings.c.id)
            )
            return connection.execute(row).first() is not None

        return self._journal.ask(settle)

    def fail(self, recording: Recording, *, holder: str, cause: str) -> bool:
        """Write that a sound is not kept; its cause becomes an incident of the turn that told it.

        Returns:
            whether it was written; see ``settle``.
        """
        failed = (
            update(recordings)
            .where(recordings.c.id == recording.id, recordings.c.holder == holder)
            .values(status=RecordingStatus.FAILED.value, detail=clean(cause), due_at=None)
            .returning(recordings.c.id)
        )
        told = and_(
            turns.c.call_key == recording.call_key, turns.c.report_key == recording.report_key
        )

        def fail(connection: Connection) -> bool:
            if connection.execute(failed).first() is None:
                return False
            row = connection.execute(select(turns.c.incidents).where(told)).first()
            if row is not None:
                incidents = [*json.loads(row.incidents), f"What was said is not kept: {cause}"]
                connection.execute(update(turns).where(told).values(incidents=to_json(incidents)))
                # Null as long as the call is not over, and null it stays then.
                counted = update(calls).where(calls.c.key == recording.call_key)
                connection.execute(counted.values(incidents=calls.c.incidents + 1))
            return True

        return self._journal.transact(fail)

    def delete_later(self, recording_ids: Sequence[int]) -> None:
        """Have sounds deleted at the platform in the background; whoever keeps them lets go."""
        row = update(recordings).where(recordings.c.id.in_(recording_ids))
        values = {"status": RecordingStatus.DELETING.value, "due_at": DUE_AT_ONCE, "tries": 0}
        self._journal.ask(lambda connection: connection.execute(row.values(holder="", **values)))

    def deleted(self, recording_id: int) -> None:
        """Write that a sound is deleted at the platform."""
        row = update(recordings).where(recordings.c.id == recording_id)
        values = {"status": RecordingStatus.DELETED.value, "due_at": None, "url": "", "detail": ""}
        self._journal.ask(lambda connection: connection.execute(row.values(holder="", **values)))

    def cut(self, thread: int) -> None:
        """Make what the thread with this ident waits for fail at once."""
        self._journal.cut(thread)


def _recording(row: RowMapping) -> Recording:
    values: dict[str, Any] = {one.name: row.get(one.name) for one in fields(Recording)}
    values["left_by"] = values["left_by"] or ""
    return Recording(**{**values, "status": RecordingStatus(values["status"])})
