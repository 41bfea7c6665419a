"""The simulated platform: its store, the calls in progress, and who is at which number."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.simulator.account import Account
from app.simulator.call import Call, CallRecord
from app.simulator.commands import Target
from app.simulator.exchange import Exchange
from app.simulator.in_progress import MOST_CALLS, InProgress, Running
from app.simulator.objects import App, Cdr, Did
from app.simulator.people import People
from app.simulator.person import Person
from app.simulator.readings import Conditions
from app.simulator.record import Facts
from app.simulator.reports import CallFacts
from app.simulator.ring import A_CALLER, new_callid, new_hash
from app.simulator.store import Store
from app.simulator.transcript import Listener
from app.simulator.wire import Endpoint


class UnreachableError(Exception):
    """A number cannot be called: the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class RunningCall(Running[CallRecord]):
    """A call in a thread of its own."""

    callid: int
    request_hash: str | None


class Platform:
    """A CALLR of one account.

    Calls run in threads, at most `most_calls` at once; `stop` ends them all.

    Args:
        account: credentials and numbers; random credentials by default.
        conditions: speed, readings and hostility of all calls.
        most_calls: how many calls there can be at once.
        now: tells the time.
        watch: asked at each call's beginning who is to be told its events, in the call's thread.
        people: who is at which number, for the calls that voice apps place.

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
        watch: Callable[[Facts], Listener] | None = None,
        people: People | None = None,
    ) -> None:
        self.account = account or Account()
        self.conditions = conditions or Conditions()
        self.now = now
        self.store = Store(self.account.numbers, now)
        self.exchange = Exchange()
        self.origin = ""
        self.logged_in_as: deque[str] = deque(maxlen=100)
        self.people = people or People()
        self._watch = watch
        self._calls = InProgress[int](most_calls)

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
        person = self.people.at(target.number)
        return self._start(app, facts, person, ring_s=target.timeout)

    def stop(self) -> None:
        """Hang up every call and wait, for a bounded time, until its last report is out."""
        self._calls.stop()

    @property
    def callids(self) -> tuple[int, ...]:
        """The calls in progress."""
        return self._calls.ids

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

        def run() -> CallRecord:
            record = call.run()
            self.store.keep(Cdr(app, record, did))
            return record

        running = self._calls.start(facts.callid, call.line, run)
        return RunningCall(running.line, running.done, facts.callid, facts.request_hash)
