"""One thread that owns the write connection and commits what waits in one transaction.

A batch that fails is tried row by row. A row that can never be written is dropped; a database that
fails is *stuck*: the writer keeps what it has, tries again after a pause, and until then nobody
waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue

from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from app.journal.checkpoints import Checkpoints
from app.journal.database import LIVE_PATIENCE_S, Database, describe, row_is_at_fault
from app.journal.statements import Statements
from app.journal.writes import Probe, Write

BATCH = 64
"""Rows in one transaction, at most."""

HUNG_S = 10.0
"""Seconds after which a connection that has not answered is cut, by default."""

CLOSE_S = 3.0
"""Seconds that closing waits for what is not written yet."""

log = logging.getLogger(__name__)


class Writer:
    """Takes writes from any thread and commits them in the order in which they came.

    Args:
        url: of the database.
        sql: what is said to it.
        retry_s: seconds between two tries of a database that is stuck.
        limit: writes that may wait; beyond it they are refused.
        hung_s: seconds after which a connection that has not answered may be cut.
    """

    def __init__(
        self, url: str, sql: Statements, *, retry_s: float, limit: int, hung_s: float = HUNG_S
    ) -> None:
        self._database = Database(url, patience_s=LIVE_PATIENCE_S)
        self._sql = sql
        self._checkpoints = Checkpoints(self._database) if self._database.file else None
        self._retry_s = retry_s
        self._limit = limit
        self._hung_s = hung_s
        self._queue: SimpleQueue[Write | None] = SimpleQueue()
        self._guard = threading.Lock()  # of stuck, and of the moment at which writes are settled
        self._stuck = ""
        self._busy_since: float | None = None
        self._closing = threading.Event()
        self._drained = False
        self._connection: PoolProxiedConnection | None = None
        self._cursor: DBAPICursor | None = None
        self._identity: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._started = False

    @property
    def stuck(self) -> str:
        """Why nobody should wait for the database now; "" while it answers."""
        return self._stuck

    def start(self) -> None:
        """Start the thread, in the process that shall write; no effect the second time."""
        if self._started:
            return
        with self._guard:
            if not self._started:
                self._thread.start()
                self._started = True

    def put(self, write: Write) -> str:
        """Queue a write.

        Returns:
            why there is no waiting for it: the database is stuck, or too much waits already and the
            write is refused; "" where its verdict will come.
        """
        if self._closing.is_set():
            return "the journal is closed"
        if self._queue.qsize() >= self._limit:
            return f"{self._limit} records wait already: this one is not kept"
        self._queue.put(write)
        return self._stuck

    def late(self, write: Write, waited_s: float) -> None:
        """Say that a write was waited for in vain, unless it is settled: nobody else shall wait."""
        why = f"the database did not answer within {waited_s * 1000:.0f} ms"
        with self._guard:
            if write.settled:
                return
            write.settle(failure=why)
            news = self._mark(why)
        self._tell(news)

    def suspect(self, why: str) -> None:
        """Say that the database failed a reader; it is stuck until it answers the writer."""
        with self._guard:
            news = self._mark(why)
        if news:
            self._queue.put(Probe())
        self._tell(news)

    def cut_if_hung(self) -> None:
        """Cut the connection if it has not answered for long: a new one may reach a server."""
        since, thread = self._busy_since, self._thread.ident
        if since is not None and thread is not None and time.monotonic() - since > self._hung_s:
            self._busy_since = None  # so that one caller cuts it
            self._database.cut(thread)

    def close(self) -> None:
        """Write what waits, for at most a few seconds, and end the thread."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._queue.put(None)
        self.start()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive() and self._thread.ident is not None:
            self._database.cut(self._thread.ident)
            self._thread.join(CLOSE_S)
        if self._checkpoints:
            self._checkpoints.close(CLOSE_S)

    def _mark(self, why: str) -> str:
        """Note, under the guard, that the database is stuck; gives why where that is news."""
        news = "" if self._stuck else why
        self._stuck = self._stuck or why
        return news

    def _tell(self, news: str) -> None:
        if news:
            log.error(
                "The journal is stuck: %s. Calls go on; turns wait to be written. "
                "Run `offhook doctor`; it says how to mend it.",
                news,
            )

    def _run(self) -> None:
        batch: list[Write] = []
        try:
            while batch or (batch := self._take()):
                if self._write(batch):
                    continue
                if self._closing.is_set():
                    break
                self._closing.wait(self._retry_s)
        finally:
            self._disconnect()
            self._give_up(batch)

    def _take(self) -> list[Write]:
        """What waits, at most a batch; empty only when the writer is closed and nothing waits."""
        batch: list[Write] = []
        if self._drained:
            return batch
        one = self._queue.get()
        while one is not None:
            batch.append(one)
            if len(batch) == BATCH:
                return batch
            try:
                one = self._queue.get_nowait()
            except Empty:
                return batch
        self._drained = True
        return batch

    def _write(self, batch: list[Write]) -> bool:
        """Write a batch, taking from it what is done with; False if the database failed."""
        try:
            self._commit(batch)
        except Exception:  # noqa: BLE001 - each row is tried by itself, and says it again
            self._disconnect()
        else:
            batch.clear()
        while batch:
            try:
                self._commit(batch[:1])
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever fails
                self._disconnect()
                if not self._failed(batch, error):
                    return False
            del batch[0]
        return True

    def _failed(self, batch: list[Write], error: Exception) -> bool:
        """Tell the waiters that the first row failed; True if the row itself is at fault."""
        why = describe(error)
        if row_is_at_fault(error, self._database.engine.dialect):
            log.error("A row of the journal cannot be written, and is dropped: %s", why)
            with self._guard:
                self._stuck = ""
                batch[0].settle(failure=why)
            return True
        with self._guard:
            news = self._mark(why)
            self._stuck = why  # the database's own words, over those of whoever waited in vain
            for write in batch:
                write.settle(failure=why)
        self._tell(news)
        return False

    def _commit(self, batch: list[Write]) -> None:
        self._busy_since = time.monotonic()
        try:
            cursor = self._connect()
            if len(batch) == 1 and batch[0].is_one_statement:
                verdicts = [batch[0].apply(cursor, self._sql)]
            else:
                cursor.execute("BEGIN")
                verdicts = [write.apply(cursor, self._sql) for write in batch]
                cursor.execute("COMMIT")
        finally:
            self._busy_since = None
        with self._guard:
            was_stuck, self._stuck = self._stuck, ""
            for write, verdict in zip(batch, verdicts, strict=True):
                write.settle(verdict)
        if self._checkpoints:
            self._checkpoints.count(len(batch))
        if was_stuck:
            log.warning("The journal answers again.")

    def _connect(self) -> DBAPICursor:
        identity = self._database.identity()
        if identity != self._identity:
            self._disconnect()
        if self._cursor is None:
            self._connection = self._database.raw()
            self._cursor = self._connection.cursor()
            self._identity = identity
        return self._cursor

    def _disconnect(self) -> None:
        """Close the connection, which ends a transaction that was not committed."""
        for one in (self._cursor, self._connection):
            if one is not None:
                with suppress(Exception):  # it may be gone already
                    one.close()
        self._cursor = self._connection = None

    def _give_up(self, batch: list[Write]) -> None:
        """Let everybody go whose write will not happen."""
        with suppress(Empty):
            while True:
                one = self._queue.get_nowait()
                if one is not None:
                    batch.append(one)
        with self._guard:
            for write in batch:
                write.settle(failure="the journal was closed before it was written")
