"""Does a worker grow? Its memory over the turns that it takes, as the slope of a straight line."""

from __future__ import annotations

import itertools
import statistics
import tempfile
from pathlib import Path

import psutil
from calls import REPORTS_A_CALL, Caller, posted
from load import Driver
from saying import say
from serving import serving

FROM, TO = 5_000, 50_000
STEP = 1_000
CONNECTIONS = 8
MOST_SLOPE = 20.0
"""Bytes a turn."""

MOST_MB = 110.0


def memory() -> int:
    """Run the section; gives 1 where it misses a target."""
    with (
        tempfile.TemporaryDirectory(prefix="offhook-bench-") as folder,
        serving(Path(folder), WEB_CONCURRENCY="1", OFFHOOK_THREADS="8") as server,
    ):
        server.wait_for_log("Booting worker")
        (worker,) = psutil.Process(server.pid).children()
        driver = Driver(server.url, posted(server), connections=CONNECTIONS)
        callids, taken = itertools.count(242359184129), 0
        turns: list[int] = []
        held: list[int] = []
        try:
            while taken < TO:
                calls = [
                    Caller(next(callids), numbered=True) for _ in range(STEP // REPORTS_A_CALL)
                ]
                taken += driver.run(iter(calls)).new
                if taken >= FROM:
                    turns.append(taken)
                    held.append(worker.memory_info().rss)
        finally:
            driver.close()
    slope = statistics.linear_regression(turns, held).slope
    most = max(held) / 1e6
    say(
        f"turns {turns[0]:,} to {turns[-1]:,}, {len(turns)} measurements: {held[0] / 1e6:.1f} MB "
        f"at first, {held[-1] / 1e6:.1f} MB at last, {most:.1f} MB at most; "
        f"SLOPE {slope:.1f} bytes a turn"
    )
    if slope > MOST_SLOPE:
        say(f"MISSED: it is to grow by less than {MOST_SLOPE:.0f} bytes a turn")
    if most > MOST_MB:
        say(f"MISSED: a worker is to stay under {MOST_MB:.0f} MB")
    return int(slope > MOST_SLOPE or most > MOST_MB)
