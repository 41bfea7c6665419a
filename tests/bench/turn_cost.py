"""What a turn costs, against the least that a Flask server can do: ``make bench ARGS=turns``.

The echo, Offhook, and Offhook without a journal run side by side under gunicorn.conf.py; one driver
drives them in short turns, so that what else the machine does meets them alike. It checks that
every turn is in the journal and every reply is right: the figures of a server that is wrong mean
nothing.
"""

from __future__ import annotations

import itertools
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from calls import REPORTS_A_CALL, Caller, WrongReplyError, posted
from load import Driver, Load
from saying import say
from serving import CONF, ROOT, Server, serving

ROUNDS = 5
STARTS = 3
"""How often each server is started within a round.

Which of its workers a connection falls to is luck, and decides how much the threads of one are in
each other's way.
"""

SHIFTS = 4
"""How often each server has its turn within a start."""

WORKERS, THREADS = 2, 8
CONNECTIONS = WORKERS * THREADS
CALLS = 20
"""Calls of a shift at full speed: each report is sent as soon as a connection is free."""

PER_SECOND = 300
PACED_CALLS = 12
PACED_CONNECTIONS = 64

MOST_WITH_JOURNAL = 1.6
MOST_WITHOUT = 1.2
MOST_P99 = 2.0


@dataclass
class Measured:
    """One round of one server.

    Attributes:
        cpu_s: CPU time of all of its processes, in seconds.
    """

    load: Load = field(default_factory=Load)
    cpu_s: float = 0.0

    @property
    def cpu_ms(self) -> float:
        """CPU time of a report, in milliseconds."""
        return self.cpu_s / self.load.reports * 1000

    @property
    def per_second(self) -> float:
        return self.load.reports / self.load.took_s


@dataclass
class Contender:
    """A server that is measured.

    Attributes:
        module: which module has its ``app``.
        conf: gunicorn's settings.
        numbered: whether it numbers the replies of a call.
        journalled: whether it keeps a journal of the turns.
        full, paced: what was measured of it, round by round: at full speed, and at ``PER_SECOND``.
    """

    name: str
    module: str
    conf: Path = CONF
    numbered: bool = True
    journalled: bool = False
    full: list[Measured] = field(default_factory=list)
    paced: list[Measured] = field(default_factory=list)


class Driven:
    """A contender that runs, and is driven.

    Args:
        server: the contender's, just started.
        callids: those of the calls that it will be sent.
    """

    def __init__(self, contender: Contender, server: Server, callids: Iterator[int]) -> None:
        self._contender = contender
        self._server = server
        self._callids = callids
        self._sent = 0  # how many turns it was sent
        self._arbiter = psutil.Process(server.pid)
        url, frame = server.url, posted(server)
        self._driver = Driver(url, frame, connections=CONNECTIONS)
        self._pacer = Driver(url, frame, connections=PACED_CONNECTIONS, per_second=PER_SECOND)

    def warm_up(self) -> None:
        """Fill its caches, open the connections, and let each thread have its first turn."""
        self._drive(self._driver, 2 * CONNECTIONS)

    def run(self) -> None:
        """One shift at full speed."""
        self._measure(self._contender.full[-1], self._driver, CALLS)

    def pace(self) -> None:
        """One shift at ``PER_SECOND``."""
        self._measure(self._contender.paced[-1], self._pacer, PACED_CALLS)

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()
        self._pacer.close()

    def _measure(self, measured: Measured, driver: Driver, calls: int) -> None:
        before = self._cpu_s()
        measured.load.add(self._drive(driver, calls))
        measured.cpu_s += self._cpu_s() - before

    def _drive(self, driver: Driver, calls: int) -> Load:
        """Drive it, then see whether each turn is in its journal."""
        numbered = self._contender.numbered
        load = driver.run(Caller(next(self._callids), numbered) for _ in range(calls))
        self._sent += load.new
        if self._contender.journalled:
            self._check_journal()
        return load

    def _cpu_s(self) -> float:
        """CPU time that the arbiter and its workers have used so far, in seconds."""
        processes = (self._arbiter, *self._arbiter.children(recursive=True))
        times = [one.cpu_times() for one in processes]
        return sum(one.user + one.system for one in times)

    def _check_journal(self) -> None:
        file = self._server.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as journal:
            (kept,) = journal.execute("SELECT count(*) FROM turns").fetchone()
        if kept != self._sent:
            msg = f"{self._sent} turns were taken, and {kept} are in the journal."
            raise WrongReplyError(msg)


def turns() -> int:
    """Run the bench; gives the exit code: 1 where a target is missed or a server was wrong."""
    bare = Path(__file__).with_name("bare.py")
    echo = Contender("echo", "echo", bare, numbered=False)
    offhook = Contender("offhook", "wsgi", journalled=True)
    unrecorded = Contender("no journal", "unrecorded")
    contenders = (echo, offhook, unrecorded)
    callids = itertools.count(242359184129)
    try:
        for number in range(1, ROUNDS + 1):
            for one in contenders:
                one.full.append(Measured())
                one.paced.append(Measured())
            for _ in range(STARTS):
                _start(contenders, callids)
            for one in contenders:
                say(f"round {number}  {_line(one, slice(-1, None))}")
    except WrongReplyError as problem:
        say(f"WRONG: {problem}")
        return 1
    shifts = STARTS * SHIFTS
    say(
        f"{ROUNDS} rounds of {STARTS} starts, {shifts * CALLS} calls at full speed and "
        f"{shifts * PACED_CALLS} at {PER_SECOND} turns/s; {REPORTS_A_CALL} reports a call; medians:"
    )
    for one in contenders:
        say(f"         {_line(one, slice(None))}")
    return _verdict(echo, offhook, unrecorded)


def _start(contenders: Sequence[Contender], callids: Iterator[int]) -> None:
    """Start each, and drive them in turns."""
    with tempfile.TemporaryDirectory(prefix="offhook-bench-") as made, ExitStack() as stack:
        driven = []
        for one in contenders:
            driven.append(Driven(one, _server(stack, Path(made), one), callids))
            stack.callback(driven[-1].close)
        for running in driven:
            running.warm_up()
        for _ in range(SHIFTS):
            for running in driven:
                running.run()
        for _ in range(SHIFTS):
            for running in driven:
                running.pace()


def _server(stack: ExitStack, folder: Path, contender: Contender) -> Server:
    place = folder / contender.module
    place.mkdir()
    return stack.enter_context(
        serving(
            place,
            wsgi=f"{contender.module}:app",
            conf=contender.conf,
            WEB_CONCURRENCY=str(WORKERS),
            OFFHOOK_THREADS=str(THREADS),
            PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}:{Path(__file__).parent}",
        )
    )


def _line(one: Contender, rounds: slice) -> str:
    full, paced = one.full[rounds], one.paced[rounds]
    median = statistics.median
    return (
        f"{one.name:<11}"
        f"cpu {median(it.cpu_ms for it in full):5.3f} ms/turn"
        f"  {median(it.per_second for it in full):5.0f} turns/s"
        f"  p50 {median(it.load.percentile_ms(50) for it in full):5.2f}"
        f"  p99 {median(it.load.percentile_ms(99) for it in full):5.2f} ms"
        f"  | at {PER_SECOND}/s: cpu {median(it.cpu_ms for it in paced):5.3f}"
        f"  p50 {median(it.load.percentile_ms(50) for it in paced):5.2f}"
        f"  p99 {median(it.load.percentile_ms(99) for it in paced):5.2f} ms"
    )


def _verdict(echo: Contender, offhook: Contender, unrecorded: Contender) -> int:
    """Print each ratio, the demanded one last; gives the exit code."""
    told = [
        ("p99_turn/p99_echo", _p99s(offhook), _p99s(echo), MOST_P99),
        ("cpu_unrecorded/cpu_echo", _cpus(unrecorded), _cpus(echo), MOST_WITHOUT),
        ("cpu_turn/cpu_echo", _cpus(offhook), _cpus(echo), MOST_WITH_JOURNAL),
    ]
    missed = 0
    for name, ours, theirs, most in told:
        ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
        ratio = statistics.median(ratios)
        if ratio > most:
            missed += 1
            say(f"MISSED: {name} is to be at most {most}")
        say(f"RATIO {name} = {ratio:.2f} ({min(ratios):.2f}..{max(ratios):.2f} of {ROUNDS})")
    return 1 if missed else 0


def _cpus(one: Contender) -> list[float]:
    return [it.cpu_ms for it in one.full]


def _p99s(one: Contender) -> list[float]:
    return [it.load.percentile_ms(99) for it in one.paced]
