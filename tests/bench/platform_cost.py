"""What a turn of Stringee costs against one of CALLR: ``make bench ARGS=platforms``.

One server takes both, the same call of the same flow, ``reception`` but for its hours, in short
turns. A turn is a report that is journalled as one. On Stringee a call has eight: the answer_url,
four entries, two people who were not reached, and the post that ends it; on CALLR it has nine, as
each command is reported. Stringee's other status posts are measured apart: they move no step.
"""

from __future__ import annotations

import itertools
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from calls import REPORTS_A_CALL, Caller, WrongReplyError, posted
from load import Call, Driver, Load
from saying import say
from serving import Server, serving
from stringee_calls import REPORTS_A_CALL as REPORTS_A_STRINGEE_CALL
from stringee_calls import SIGNING_KEY, StringeeCaller, Watcher
from turn_cost import CALLS, CONNECTIONS, ROUNDS, THREADS, WORKERS

SHIFTS = 12
"""How often each platform has its turn within a round."""

MOST = 1.2
"""What a turn of Stringee may cost of one of CALLR."""

FLOW = "reception_all_day"
SOURCE = f"""
from app.callflow import Flow, hours
from app.flows.reception import reception

{FLOW} = Flow(
    "{FLOW}",
    start=reception.start,
    language=reception.language,
    timezone=reception.timezone,
    steps={{
        **reception.steps,
        "open_now": hours({{"mon-sun": "00:00-24:00"}}, open="welcome", closed_step="voicemail"),
    }},
)
"""
"""``reception``, open when the bench is run: Stringee does not say when a call began."""


@dataclass
class Side:
    """One platform, and what its shifts came to.

    Attributes:
        unit: what a request of it is.
        calls: makes those of a shift.
        sent: requests so far that were no repeats.
        rounds: (CPU seconds, requests) of each.
    """

    name: str
    unit: str
    driver: Driver
    calls: Callable[[], Iterator[Call]]
    sent: int = 0
    rounds: list[tuple[float, int]] = field(default_factory=list)

    @property
    def cpu_ms(self) -> list[float]:
        """CPU time of a request in each round, in milliseconds."""
        return [cpu_s / requests * 1000 for cpu_s, requests in self.rounds]

    def shift(self) -> Load:
        """Drive its next calls to their ends."""
        load = self.driver.run(self.calls())
        self.sent += load.new
        return load


def platforms() -> int:
    """Run the section; gives 1 where it misses its target, or the server was wrong."""
    with tempfile.TemporaryDirectory(prefix="offhook-bench-") as made, ExitStack() as stack:
        server = stack.enter_context(_serving(Path(made)))
        sides = _sides(server)
        for side in sides:
            stack.callback(side.driver.close)
        try:
            for side in sides:  # caches, connections, and each thread's first turn
                side.shift()
            for number in range(1, ROUNDS + 1):
                _round(server, sides)
                for side in sides:
                    say(f"round {number}  {side.name:<9}cpu {side.cpu_ms[-1]:.3f} ms/{side.unit}")
            _check_journal(server, sides)
        except WrongReplyError as problem:
            say(f"WRONG: {problem}")
            return 1
        return _verdict(sides)


def _serving(folder: Path) -> AbstractContextManager[Server]:
    """A server that both platforms ask."""
    flows = folder / "flows"
    flows.mkdir()
    (flows / f"{FLOW}.py").write_text(SOURCE)
    return serving(
        folder,
        flows=flows,
        WEB_CONCURRENCY=str(WORKERS),
        OFFHOOK_THREADS=str(THREADS),
        STRINGEE_SIGNING_KEY=SIGNING_KEY,
    )


def _sides(server: Server) -> tuple[Side, Side, Side]:
    url, host = server.url, urlsplit(server.url).netloc
    callids, numbers = itertools.count(242359184129), itertools.count(1542377678921)
    watched, events = itertools.count(1542377678921), itertools.count()

    def on_callr() -> Iterator[Call]:
        return (Caller(next(callids), numbered=True) for _ in range(CALLS))

    def on_stringee() -> Iterator[Call]:
        return (StringeeCaller(next(numbers), FLOW, host) for _ in range(CALLS))

    def posts() -> Iterator[Call]:
        return (Watcher(next(watched), host, events) for _ in range(CALLS))

    frame = posted(server, FLOW)
    return (
        Side("callr", "turn", Driver(url, frame, connections=CONNECTIONS), on_callr),
        Side("stringee", "turn", Driver(url, bytes, connections=CONNECTIONS), on_stringee),
        Side("stringee", "status post", Driver(url, bytes, connections=CONNECTIONS), posts),
    )


def _round(server: Server, sides: Sequence[Side]) -> None:
    """Let each side have its shifts, in turns."""
    used = [0.0] * len(sides)
    sent = [0] * len(sides)
    for shift in range(SHIFTS):
        # Whoever comes first finds the writer's last batch still being written.
        for place in range(len(sides)) if shift % 2 else reversed(range(len(sides))):
            before = _cpu_s(server)
            sent[place] += sides[place].shift().reports
            used[place] += _cpu_s(server) - before
    for side, cpu_s, reports in zip(sides, used, sent, strict=True):
        side.rounds.append((cpu_s, reports))


def _cpu_s(server: Server) -> float:
    """CPU time that the arbiter and its workers have used so far, in seconds."""
    arbiter = psutil.Process(server.pid)
    times = [one.cpu_times() for one in (arbiter, *arbiter.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _check_journal(server: Server, sides: tuple[Side, Side, Side]) -> None:
    """See whether each turn and each status post is in the journal."""
    callr, stringee, posts = sides
    ended = stringee.sent // REPORTS_A_STRINGEE_CALL
    wanted = {"turns": callr.sent + stringee.sent, "notices": posts.sent + ended}
    with closing(sqlite3.connect(server.database_url.removeprefix("sqlite:///"))) as journal:
        for table, rows in wanted.items():
            (kept,) = journal.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 -- ours
            if kept != rows:
                msg = f"there are to be {rows} {table} in the journal; there are {kept}."
                raise WrongReplyError(msg)


def _verdict(sides: tuple[Side, Side, Side]) -> int:
    callr, stringee, posts = sides
    say(
        f"{ROUNDS} rounds of {SHIFTS * CALLS} calls each; {REPORTS_A_CALL} turns a call on CALLR, "
        f"{REPORTS_A_STRINGEE_CALL} on Stringee; medians: "
        f"{statistics.median(callr.cpu_ms):.3f} ms/turn, "
        f"{statistics.median(stringee.cpu_ms):.3f} ms/turn; "
        f"{statistics.median(posts.cpu_ms):.3f} ms/status post"
    )
    ratios = [ours / theirs for ours, theirs in zip(stringee.cpu_ms, callr.cpu_ms, strict=True)]
    ratio = statistics.median(ratios)
    if ratio > MOST:
        say(f"MISSED: cpu_stringee/cpu_callr is to be at most {MOST}")
    say(
        f"RATIO cpu_stringee/cpu_callr = {ratio:.2f} "
        f"({min(ratios):.2f}..{max(ratios):.2f} of {ROUNDS})"
    )
    return int(ratio > MOST)
