"""Does writing a turn get dearer as the journal grows?

The writer's own statements, in transactions as large as its own, into a large and a small journal
in turns. CPU time is this process's and, on a PostgreSQL of this machine, its server process's.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psutil
from big_journals import LARGE, SMALL, BigJournals
from bulk import APART, NEWEST, key_of
from saying import say

from app.journal import History
from app.journal.database import Database
from app.journal.statements import Statements
from app.journal.writer import BATCH
from app.journal.writes import TurnWrite
from app.ports import TurnRecord

ROUNDS = 5
INSERTS = 5_000
MOST = 1.3
"""What the large journal may cost of the small one's."""


def inserts(journals: BigJournals) -> int:
    """Run the section; gives 1 where it misses its target."""
    missed = 0
    for database in journals.databases:
        files = {rows: journals.url(database, rows) for rows in (SMALL, LARGE)}
        call = History(files[SMALL]).call(key_of(0))
        turns = History(files[SMALL]).turns(call.row.key)
        numbers = itertools.count(1)
        wall: dict[int, list[float]] = {rows: [] for rows in files}
        cpu: dict[int, list[float]] = {rows: [] for rows in files}
        for round_ in range(ROUNDS + 1):  # the first one warms caches
            for rows in sorted(files, reverse=bool(round_ % 2)):
                calls = [replace(call.row, key=key_of(-next(numbers))) for _ in range(INSERTS)]
                batch = list(itertools.islice(_writes(calls, turns), INSERTS))
                took, used = _write(files[rows], batch)
                if round_:
                    wall[rows].append(took)
                    cpu[rows].append(used)
        missed |= _tell(database, "wall", wall) | _tell(database, "CPU", cpu)
    return missed


def _writes(calls: Sequence[Any], turns: Sequence[TurnRecord]) -> Iterator[TurnWrite]:
    """The turns of these calls, as a worker hands them over."""
    for number, call in enumerate(calls):
        began = NEWEST + APART * number
        for place, turn in enumerate(turns):
            row = None
            if place == 0:
                row = replace(call, started_at=began, ended_at=None, outcome="")
            elif place == len(turns) - 1:
                row = replace(call, started_at=began, ended_at=began + timedelta(seconds=40))
            yield TurnWrite(turn._replace(call_key=call.key, received_at=began, call=row))


def _write(url: str, writes: Sequence[TurnWrite]) -> tuple[float, float]:
    """Write them all; gives seconds, and seconds of CPU time."""
    database = Database(url, patience_s=10)
    statements = Statements(database.engine.dialect)
    with closing(database.raw()) as connection, closing(connection.cursor()) as cursor:
        server = _server(cursor)
        began, used = time.perf_counter(), time.process_time() + _used(server)
        for at in range(0, len(writes), BATCH):
            cursor.execute("BEGIN")
            for write in writes[at : at + BATCH]:
                write.apply(cursor, statements)
            cursor.execute("COMMIT")
        return time.perf_counter() - began, time.process_time() + _used(server) - used


def _server(cursor: Any) -> psutil.Process | None:
    """The process of PostgreSQL that serves a connection, where it is one of this machine."""
    if not hasattr(cursor, "statusmessage"):
        return None
    cursor.execute("SELECT pg_backend_pid()")
    try:
        process = psutil.Process(cursor.fetchone()[0])
    except psutil.NoSuchProcess:
        return None
    return process if process.name().startswith("postgres") else None


def _used(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return float(times.user + times.system)


def _tell(database: str, what: str, seconds: dict[int, list[float]]) -> int:
    each = {rows: [1e6 * one / INSERTS for one in told] for rows, told in seconds.items()}
    ratios = [large / small for large, small in zip(each[LARGE], each[SMALL], strict=True)]
    ratio = statistics.median(ratios)
    small, large = (statistics.median(each[rows]) for rows in (SMALL, LARGE))
    say(
        f"{database:<11}{what:<5} a turn {small:5.0f} us at {SMALL:,} rows, {large:5.0f} us at "
        f"{LARGE:,}; RATIO {ratio:.2f} ({min(ratios):.2f}..{max(ratios):.2f} of {ROUNDS})"
    )
    if ratio > MOST:
        say(f"MISSED: it is to be at most {MOST}")
    return int(ratio > MOST)
