"""The simulated platform: its store, the calls in progress, and who is at which number."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.simulator.account import Account
from app.simulator.call import Call, CallRecord
from app.simulator.commands import Target
from app.simulator.exchange import Exchange
from app.simulator.objects import App, Cdr, Did
from app.simulator.person import Person
from app.simulator.readings import Conditions
from app.simulator.reports import CallFacts
from app.simulator.ring import A_CALLER, new_callid, new_hash
from app.simulator.scripted import Script, Scripted
from app.simulator.store import Store
from app.simulator.transcript import Listener
from app.simulator.wire import Endpoint

MOST_CALLS: Final = 50
NOBODY_WAITS_S: Final = 300.0
"""Simulated seconds after which a person whom nobody plays hangs up."""

_STOP_S: Final = 15.0


class UnreachableError(Exception):
    """A number cannot be called: the text says why, and what to do."""


class AllLinesBusyError(Exception):
    """There are as many calls as the simulator takes at once."""


@dataclass(frozen=True, slots=True)
class RunningCall:
    """A call in a thread of its own."""

    callid: int
    request_hash: str | None
    _call: Call
    _done: "Future[CallRecord]"

    def hang_up(self, *, by: str = "person") -> None:
        """Drop the line."""
        self._call.line.hang_up(by=by)

    def wait(self, seconds: float) -> CallRecord | None:
        """The record of the call, or None when it is not over within so many real seconds."""
        try:
            return self._done.result(seconds)
        except FutureTimeoutError:
            return None


class Platform:
    """A CALLR of one account.

    Calls run in threads, at most `most_calls` at once; `stop` ends them all.

    Args:
        account: credentials and numbers; random credentials by default.
        conditions: speed, readings and hostility of all calls.
        most_calls: how many calls there can be at once.
        now: tells the time.
        watch: asked at each call's beginning who is to be told its events, in the call's thread.

    Attributes:
        origin: where it is served, such as `http://127.0.0.1:8900`; URLs of sounds begin so.
    """

    def __init__(
        self,
        account: Account | None = None,
        *,
        conditions: Conditions | None = None,
        most_calls: int = MOST_CALLS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        watch: Callable[[CallFacts], Listener] | None = None,
    ) -> None:
        self.account = account or Account()
        self.conditions = conditions or Conditions()
        self.now = now
        self.store = Store(self.account.numbers, now)
        self.exchange = Exchange()
        self.origin = ""
        self.logged_in_as: deque[str] = deque(maxlen=100)
        self._most_calls = most_calls
        self._watch = watch
        self._lock = threading.Lock()
        self._people: dict[str, Callable[[], Person | None]] = {}
        self._running: dict[int, tuple[Call, threading.Thread]] = {}
        self._stopped = False

    # -- who is where -------------------------------------------------------------------------

    def put(self, number: str, who: Callable[[], Person | None]) -> None:
        """From now on, outbound calls to this number reach whom `who` gives; None is nobody."""
        with self._lock:
            self._people[number] = who

    def remove(self, number: str) -> None:
        """From now on, nobody is at this number again."""
        with self._lock:
            self._people.pop(number, None)

    def person_at(self, number: str) -> Person:
        """Whoever answers a number; a number that nobody took answers and stays silent."""
        with self._lock:
            who = self._people.get(number)
        person = who() if who is not None else None
        return person or Scripted(Script(hangup_after=NOBODY_WAITS_S))

    # -- calls --------------------------------------------------------------------------------

    def ring(
        self,
        number: str,
        *,
        person: Person,
        caller: str = A_CALLER,
        cli_name: str = "",
        at: datetime | None = None,
        listeners: tuple[Listener, ...] = (),
    ) -> RunningCall:
        """Ring one of the account's numbers from outside, as an inbound call of its voice app.

        Raises:
            UnreachableError: the number is not ours, or no voice app with a URL answers it.
            AllLinesBusyError: too many calls at once.
        """
        did = self.store.did_of(number)
        if did is None:
            known = ", ".join(self.account.numbers)
            raise UnreachableError(f"{number} is no number of this account; there are {known}")
        if did.app is None or not did.app.p.get("url"):
            raise UnreachableError(
                f"no voice app answers {number}: assign the number to one that has a URL"
            )
        facts = CallFacts(
            app=did.app.hash,
            callid=new_callid(),
            caller=caller,
            called=number,
            cli_name=cli_name,
            at=at or self.now(),
        )
        return self._start(did.app, facts, person, did=did, listeners=listeners)

    def call(self, app: App, target: Target, *, caller: str, cdr_field: str) -> RunningCall:
        """Start an outbound call of a voice app to whoever is at the target.

        Raises:
            AllLinesBusyError: too many calls at once.
        """
        facts = CallFacts(
            app=app.hash,
            callid=new_callid(),
            caller=caller,
            called=target.number,
            request_hash=new_hash(),
            cdr_field=cdr_field,
            at=self.now(),
        )
        person = self.person_at(target.number)
        return self._start(app, facts, person, ring_s=target.timeout)

    def stop(self) -> None:
        """Hang up every call and wait, for a bounded time, until its last report is out."""
        with self._lock:
            self._stopped = True
            running = list(self._running.values())
        for call, _ in running:
            call.line.hang_up(by="simulator")
        for _, thread in running:
            thread.join(_STOP_S)

    @property
    def callids(self) -> tuple[int, ...]:
        """The calls in progress."""
        with self._lock:
            return tuple(self._running)

    def _start(
        self,
        app: App,
        facts: CallFacts,
        person: Person,
        *,
        did: Did | None = None,
        ring_s: float = 0.0,
        listeners: tuple[Listener, ...] = (),
    ) -> RunningCall:
        endpoint = Endpoint(app.p["url"], app.p["login"], app.p["password"])
        watching = (self._watch(facts),) if self._watch is not None else ()
        call = Call(
            endpoint,
            facts,
            person,
            exchange=self.exchange,
            conditions=self.conditions,
            ring_s=ring_s,
            listeners=(*listeners, *watching),
        )
        done: Future[CallRecord] = Future()
        thread = threading.Thread(
            target=self._run, args=(call, app, did, done), name=f"call-{facts.callid}", daemon=True
        )
        with self._lock:
            if self._stopped or len(self._running) >= self._most_calls:
                raise AllLinesBusyError(f"{len(self._running)} calls at once; no more are taken")
            self._running[facts.callid] = (call, thread)
            thread.start()
        return RunningCall(facts.callid, facts.request_hash, call, done)

    def _run(self, call: Call, app: App, did: Did | None, done: "Future[CallRecord]") -> None:
        try:
            record = call.run()
            self.store.keep(Cdr(app, record, did))
            done.set_result(record)
        finally:
            with self._lock:
                del self._running[call.facts.callid]
            done.cancel()
