"""SQLite's log is moved into its file beside the turns, and does not grow."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from journal_doubles import journal_at, make_turn

from app.journal.checkpoints import EVERY_ROWS

PATIENCE_S = 20.0


def kept_in_the_file_alone(file: Path) -> int:
    """How many turns it has without its log; none where it was being written to."""
    alone = file.with_name("alone.sqlite3")
    shutil.copy(file, alone)
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(alone)) as journal:
        return int(journal.execute("SELECT count(*) FROM turns").fetchone()[0])
    return 0


def test_the_log_is_moved_and_begun_anew_while_the_journal_is_open(tmp_path: Path) -> None:
    file, sizes = tmp_path / "journal.sqlite3", []
    with journal_at(f"sqlite:///{file}") as journal:
        for round_ in range(3):
            for number in range(EVERY_ROWS):
                journal.record(make_turn(f"{round_ * EVERY_ROWS + number}:UP", raw=b"x" * 1000))
            deadline = time.monotonic() + PATIENCE_S
            while kept_in_the_file_alone(file) < (round_ + 1) * EVERY_ROWS:
                assert time.monotonic() < deadline, "the log was not moved"
                time.sleep(0.05)
            sizes.append(file.with_name("journal.sqlite3-wal").stat().st_size)
    assert max(sizes) < 2 * sizes[0]
