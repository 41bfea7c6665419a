"""Moves SQLite's write-ahead log into its file beside the turns, not within one of them.

By itself SQLite does so in the commit that fills the log. That takes 15 to 30 ms, most of them for
the disk, and the turns that wait for their verdicts wait for it too.
"""

from __future__ import annotations

import logging
import threading

from app.journal.database import Database, describe

EVERY_ROWS = 500
"""Rows that a process writes from one time to the next: about 2,000 pages of 4 KiB."""

PASSES = (*("PASSIVE",) * 6, "FULL")
"""How the log is moved, until nothing was written to it meanwhile: only then it is begun anew.

A passive pass lets others write. Under a load without a pause of some milliseconds the last one
keeps them from it while it moves the rest.
"""

log = logging.getLogger(__name__)


class Checkpoints:
    """A thread that works from time to time, and that nobody waits for.

    Args:
        database: SQLite's, to be written by another thread.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = 0
        self._thread = threading.Thread()

    def count(self, rows: int) -> None:
        """Count rows that were written; the thread starts when there are enough."""
        self._rows += rows
        if self._rows >= EVERY_ROWS and not self._thread.is_alive():
            self._rows = 0
            self._thread = threading.Thread(
                target=self._move, name="journal-checkpoint", daemon=True
            )
            self._thread.start()

    def close(self, patience_s: float) -> None:
        """Wait for the thread, at most so long."""
        if self._thread.is_alive():
            self._thread.join(patience_s)

    def _move(self) -> None:
        """Move the log; what fails is done by the next time, or at last by a commit."""
        try:
            with self._database.connect() as connection:
                moved = 0
                for how in PASSES:
                    told = connection.exec_driver_sql(f"PRAGMA wal_checkpoint({how})").one()
                    if told.busy or told.log == moved:  # busy: another process is at it
                        return
                    moved = told.log
        except Exception as problem:  # noqa: BLE001 - nobody waits for it, and the turns are kept
            log.warning("The journal's log was not moved into its file: %s", describe(problem))
