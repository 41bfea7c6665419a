"""The record of every turn, on SQLite or PostgreSQL, which no live call ever fails for."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, literal, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.callflow.errors import JournalError
from app.journal import dials
from app.journal.database import LIVE_PATIENCE_S, Database, describe, upsert
from app.journal.lanes import Lanes
from app.journal.patience import Patience
from app.journal.rows import Version, clean, start_of, start_values
from app.journal.statements import Statements, last_turn
from app.journal.tables import about, calls, starts
from app.journal.writer import HUNG_S, Writer
from app.journal.writes import NoticeWrite, TurnWrite, VersionWrite, Write
from app.ports import DialKind, LastTurn, Noted, Notice, Start, TurnRecord, start_key

BUDGET_S = 0.3
"""Seconds that a turn waits for the journal, in all."""

START_BUDGET_S = 5.0
"""Seconds that whoever places a call waits for its row."""

_READS = 4
_STARTS = 2

CONNECTIONS = 1 + _READS + _STARTS
"""Connections to the database that a process has open, at most: the writer's, which stays, and one
for each question that is being asked."""

QUEUE_LIMIT = 10_000
"""Turns kept in memory while the database is stuck."""

_MEND = "Run `offhook doctor`; it says whether the database answers and how to mend it."

T = TypeVar("T")
OnLost = Callable[[TurnRecord, str], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Running:
    """What works for one process: threads and connections do not survive a fork."""

    writer: Writer
    reads: Lanes
    starts: Lanes


class SqlJournal:
    """Fulfils ``app.ports.Journal``; opens and starts nothing before the first use in a process.

    Args:
        url: of the database, as ``Settings.database_url`` has it.
        on_lost: told once of every turn whose verdict did not come in time, and why, in the thread
            that recorded it; the turn may still be written later.
        budget_s: seconds that a turn waits, in all.
        retry_s: seconds between two tries of a database that is stuck.
        queue_limit: turns that may wait in memory; beyond it they are dropped.
        hung_s: seconds after which a connection that does not answer is cut, and made anew.
        on_recording: told that a sound was journalled which is to be kept, in the thread that
            recorded it, which is a live call's.

    Raises:
        JournalError: the URL names no database that the journal can be kept in.
    """

    def __init__(
        self,
        url: str,
        *,
        on_lost: OnLost,
        budget_s: float = BUDGET_S,
        retry_s: float = 1.0,
        queue_limit: int = QUEUE_LIMIT,
        hung_s: float = HUNG_S,
        on_recording: Callable[[], None] = lambda: None,
    ) -> None:
        # An impossible URL is told now, not at the first call. Nor does that call, and those that
        # come with it, wait until each thread has compiled every statement.
        self._sql = Statements(Database(url, patience_s=LIVE_PATIENCE_S).engine.dialect)
        self._url = url
        self._on_lost = on_lost
        self._budget_s = budget_s
        self._patience = Patience(budget_s)
        self._retry_s = retry_s
        self._queue_limit = queue_limit
        self._hung_s = hung_s
        self._on_recording = on_recording
        self._versions: tuple[Version, ...] = ()
        self._instance_id = ""
        self._closed = False
        # By process id, so that a forked child starts its own. It keeps its parent's entry and
        # never touches it: closing a connection that came through a fork would end it for the
        # parent too.
        self._by_process: dict[int, _Running] = {}

    def one_turn(self) -> AbstractContextManager[None]:
        """See ``app.ports.Journal.one_turn``."""
        return self._patience

    def record(self, turn: TurnRecord) -> bytes | None:
        """See ``app.ports.Journal.record``."""
        try:
            write = TurnWrite(turn)
            why = self._wait(write)
            if not why:
                if turn.recording:
                    self._on_recording()
                return write.verdict
        except Exception as error:  # noqa: BLE001 - a live call never fails for its journal
            why = describe(error)
        try:
            self._on_lost(turn, why)
        except Exception:
            log.exception("A turn whose journal did not answer could not be logged.")
        return None

    def last_turn(self, call_key: str) -> LastTurn | None:
        """See ``app.ports.Journal.last_turn``."""
        return self._read(lambda connection: _last_turn(connection, call_key))

    def note(self, notice: Notice) -> Noted:
        """See ``app.ports.Journal.note``."""
        write = NoticeWrite(notice)
        why = self._wait(write)
        if why:
            msg = f"The journal did not take a status post: {why}."
            raise JournalError(msg, mend=_MEND)
        if notice.sound is not None:
            self._on_recording()
        return write.noted

    def start(self, token: str) -> Start | None:
        """See ``app.ports.Journal.start``."""
        return self._read(lambda connection: _start(connection, token))

    def close(self) -> None:
        """See ``app.ports.Journal.close``. Closing twice is fine."""
        self._closed = True
        running = self._by_process.pop(os.getpid(), None)
        if running is not None:
            running.writer.close()
            running.reads.close()
            running.starts.close()

    def remember(self, versions: Iterable[Version]) -> None:
        """Have flows' versions written, each once, before the first turn of this process."""
        added = tuple(versions)
        self._versions += added
        running = self._by_process.get(os.getpid())
        if running is not None:
            for version in added:
                running.writer.put(VersionWrite(version))

    def ping(self) -> None:
        """Ask whether the journal works, under the budget of a turn.

        Raises:
            JournalError: it does not; the message says why.
        """
        self._ask(lambda connection: connection.execute(select(about.c.instance_id)).scalar_one())

    def instance_id(self) -> str:
        """The random id of this journal: two programs that read the same one share it.

        Raises:
            JournalError: it cannot be read within the budget of a turn.
        """
        if not self._instance_id:
            self._instance_id = self._ask(
                lambda connection: connection.execute(select(about.c.instance_id)).scalar_one()
            )
        return self._instance_id

    def write_start(self, start: Start) -> tuple[Start, bool]:
        """Write a call before it is dialled.

        Returns:
            the start as it stands in the journal, and whether this wrote it: with an idempotency
            key that was used before, it is the start of then, which must not be dialled again.

        Raises:
            JournalError: it is not known to be written, so it must not be dialled.
        """

        def write(connection: Connection) -> tuple[Start, bool]:
            insert = upsert(connection.dialect, starts)
            added = insert.values(**start_values(start)).on_conflict_do_nothing()
            if connection.execute(added.returning(starts.c.token)).first() is not None:
                return start, True
            same = starts.c.idempotency_key == clean(start.idempotency_key)
            row = _first(connection, select(starts).where(same, starts.c.idempotency_key != ""))
            if row is None:
                msg = f"A start with the token {start.token} is there already."
                raise JournalError(msg, mend="Make a new token for every call.", status=409)
            return start_of(row), False

        return self._patiently(write)

    def start_of_key(self, idempotency_key: str) -> Start | None:
        """The start that a key placed; None for a key that is new, and for "".

        Raises:
            JournalError: it cannot be read.
        """
        if not idempotency_key:
            return None
        same = starts.c.idempotency_key == clean(idempotency_key)

        def read(connection: Connection) -> Start | None:
            row = _first(connection, select(starts).where(same))
            return None if row is None else start_of(row)

        return self._patiently(read)

    def finish_start(
        self, token: str, status: str, platform_id: str = "", detail: str = ""
    ) -> None:
        """Write what the platform said to a call that we place.

        Raises:
            JournalError: there is no such start, or it cannot be written.
        """

        def write(connection: Connection) -> None:
            row = update(starts).where(starts.c.token == token)
            told = row.values(status=status, platform_id=clean(platform_id), detail=clean(detail))
            found = connection.execute(told.returning(starts.c.token, starts.c.provider)).first()
            if found is None:
                msg = f"There is no start with the token {token}."
                raise JournalError(msg, mend="Write the start before it is dialled.", status=404)
            if platform_id:
                key = start_key(found.provider, found.token)
                called = update(calls).where(calls.c.key == key)
                connection.execute(called.values(platform_id=clean(platform_id)))

        self._patiently(write)

    def take_dial(self, kind: DialKind, limit: int, now: datetime) -> bool:
        """See ``app.ports.Journal.take_dial``."""

        def take(connection: Connection) -> bool:
            return dials.take(connection, kind, limit, now)

        return self._ask(take) if kind == "flow" else self._patiently(take)

    def _running(self) -> _Running:
        process = os.getpid()
        running = self._by_process.get(process)
        if running is None:
            if self._closed:
                msg = "The journal is closed."
                raise JournalError(msg)
            # Two threads may both come here; nothing of the one that loses has been started.
            running = self._by_process.setdefault(process, self._made())
        running.writer.start()
        return running

    def _made(self) -> _Running:
        writer = Writer(
            self._url,
            self._sql,
            retry_s=self._retry_s,
            limit=self._queue_limit,
            hung_s=self._hung_s,
        )
        for version in self._versions:
            writer.put(VersionWrite(version))
        return _Running(
            writer,
            reads=Lanes(self._url, threads=_READS, patience_s=LIVE_PATIENCE_S),
            starts=Lanes(self._url, threads=_STARTS, patience_s=START_BUDGET_S - 1),
        )

    def _wait(self, write: Write) -> str:
        """Queue a write and wait for it; gives why its verdict cannot be had in time, else ""."""
        writer = self._running().writer
        why = writer.put(write)
        if why:
            writer.cut_if_hung()
            return why
        if not self._patience.wait(write.wait):
            writer.late(write, self._budget_s)
        return write.failure

    def _read(self, question: Callable[[Connection], T | None]) -> T | None:
        """Ask on behalf of a live call."""
        try:
            return self._ask(question)
        except Exception as error:  # noqa: BLE001 - a live call never fails for its journal
            log.warning("The journal was asked in vain: %s", describe(error))
            return None

    def _ask(self, question: Callable[[Connection], T]) -> T:
        """Ask under the budget of a turn, and not at all while the database is stuck.

        Raises:
            JournalError: there is no answer.
        """
        running = self._running()
        why = running.writer.stuck
        if not why:
            try:
                return self._patience.wait(lambda seconds: running.reads.ask(question, seconds))
            except TimeoutError:
                why = f"the database did not answer within {self._budget_s * 1000:.0f} ms"
            except SQLAlchemyError as error:
                why = describe(error)
            running.writer.suspect(why)
        running.writer.cut_if_hung()
        msg = f"The journal does not answer: {why}."
        raise JournalError(msg, mend=_MEND)

    def _patiently(self, question: Callable[[Connection], T]) -> T:
        """Ask on behalf of somebody who is not on the phone.

        Raises:
            JournalError: there is no answer.
        """
        try:
            return self._running().starts.ask(question, START_BUDGET_S)
        except TimeoutError:
            why = f"the database did not answer within {START_BUDGET_S:.0f} s"
        except SQLAlchemyError as error:
            why = describe(error)
        msg = f"The call's start could not be written to the journal: {why}."
        raise JournalError(msg, mend=_MEND)


def _last_turn(connection: Connection, call_key: str) -> LastTurn | None:
    row = connection.execute(last_turn(literal(clean(call_key)))).first()
    return None if row is None else LastTurn(turn=row.turn, state=json.loads(row.state))


def _start(connection: Connection, token: str) -> Start | None:
    row = _first(connection, select(starts).where(starts.c.token == clean(token)))
    return None if row is None else start_of(row)


def _first(connection: Connection, query: Select[Any]) -> RowMapping | None:
    return connection.execute(query).mappings().first()
