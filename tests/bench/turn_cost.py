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
SHIFTS = 12
"""How often each server has its turn within a round."""

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
    """A server that is driven, and what was measured of it, round by round.

    Attributes:
        numbered: whether it numbers the replies of a call.
        journalled: whether it keeps a journal of the turns.
        sent: how many turns it was sent.
        driver, pacer: drive it at full speed, and at ``PER_SECOND``.
    """

    name: str
    server: Server
    numbered: bool = True
    journalled: bool = False
    sent: int = 0
    full: list[Measured] = field(default_factory=list)
    paced: list[Measured] = field(default_factory=list)

    def __post_init__(self) -> None:
        url, frame = self.server.url, posted(self.server)
        self.driver = Driver(url, frame, connections=CONNECTIONS)
        self.pacer = Driver(url, frame, connections=PACED_CONNECTIONS, per_second=PER_SECOND)

    def drive(self, driver: Driver, callers: Iterator[Caller]) -> Load:
        """Drive it, then see whether each turn is in its journal."""
        load = driver.run(callers)
        self.sent += load.new
        if self.journalled:
            self._check_journal()
        return load

    def cpu_s(self) -> float:
        """CPU time that the arbiter and its workers have used so far, in seconds."""
        arbiter = psutil.Process(self.server.pid)
        times = [one.cpu_times() for one in (arbiter, *arbiter.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    def _check_journal(self) -> None:
        file = self.server.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as journal:
            (kept,) = journal.execute("SELECT count(*) FROM turns").fetchone()
        if kept != self.sent:
            msg = f"{self.sent} turns were taken, and {kept} are in the journal."
            raise WrongReplyError(msg)


def turns() -> int:
    """Run the bench; gives the exit code: 1 where a target is missed or a server was wrong."""
    with tempfile.TemporaryDirectory(prefix="offhook-bench-") as made, ExitStack() as stack:
        folder = Path(made)
        bare = _server(stack, folder, "echo", conf=Path(__file__).with_name("bare.py"))
        echo = Contender("echo", bare, numbered=False)
        offhook = Contender("offhook", _server(stack, folder, "wsgi"), journalled=True)
        unrecorded = Contender("no journal", _server(stack, folder, "unrecorded"))
        contenders = (echo, offhook, unrecorded)
        for one in contenders:
            stack.callback(one.driver.close)
            stack.callback(one.pacer.close)
        callids = itertools.count(242359184129)
        try:
            for one in contenders:  # caches, connections, and each thread's first turn
                one.drive(one.driver, _callers(one, callids, 2 * CONNECTIONS))
            for number in range(1, ROUNDS + 1):
                _round(contenders, callids)
                for one in contenders:
                    say(f"round {number}  {_line(one, slice(-1, None))}")
        except WrongReplyError as problem:
            say(f"WRONG: {problem}")
            return 1
        say(
            f"{ROUNDS} rounds of {SHIFTS * CALLS} calls at full speed and {SHIFTS * PACED_CALLS} "
            f"at {PER_SECOND} turns/s; {REPORTS_A_CALL} reports a call; medians:"
        )
        for one in contenders:
            say(f"         {_line(one, slice(None))}")
        return _verdict(echo, offhook, unrecorded)


def _server(stack: ExitStack, folder: Path, module: str, conf: Path = CONF) -> Server:
    place = folder / module
    place.mkdir()
    return stack.enter_context(
        serving(
            place,
            wsgi=f"{module}:app",
            conf=conf,
            WEB_CONCURRENCY=str(WORKERS),
            OFFHOOK_THREADS=str(THREADS),
            PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}:{Path(__file__).parent}",
        )
    )


def _callers(one: Contender, callids: Iterator[int], calls: int) -> Iterator[Caller]:
    return (Caller(next(callids), one.numbered) for _ in range(calls))


def _round(contenders: Sequence[Contender], callids: Iterator[int]) -> None:
    for one in contenders:
        one.full.append(Measured())
        one.paced.append(Measured())
    for _ in range(SHIFTS):
        for one in contenders:
            before = one.cpu_s()
            one.full[-1].load.add(one.drive(one.driver, _callers(one, callids, CALLS)))
            one.full[-1].cpu_s += one.cpu_s() - before
    for _ in range(SHIFTS):
        for one in contenders:
            before = one.cpu_s()
            one.paced[-1].load.add(one.drive(one.pacer, _callers(one, callids, PACED_CALLS)))
            one.paced[-1].cpu_s += one.cpu_s() - before


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
