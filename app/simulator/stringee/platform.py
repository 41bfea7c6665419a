"""The simulated Stringee: its store, and the calls in progress."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.simulator.exchange import Exchange
from app.simulator.in_progress import MOST_CALLS, AllLinesBusyError, InProgress, Running
from app.simulator.people import People
from app.simulator.person import Person
from app.simulator.platform import UnreachableError
from app.simulator.record import Facts
from app.simulator.ring import A_CALLER
from app.simulator.stringee.account import StringeeAccount
from app.simulator.stringee.actions import End
from app.simulator.stringee.call import API_ORIGIN, StringeeCall
from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.facts import Kind, StringeeFacts, digits
from app.simulator.stringee.objects import EndedCall, OwnNumber, OwnProject
from app.simulator.stringee.records import StringeeRecord, Urls
from app.simulator.stringee.scco import Scco
from app.simulator.stringee.store import StringeeStore
from app.simulator.transcript import Listener


class StringeePlatform:
    """A Stringee of one account.

    Calls run in threads, at most `most_calls` at once; `stop` ends them all.

    Args:
        account: credentials and numbers; random credentials by default.
        conditions: speed, readings and hostility of all calls.
        most_calls: how many calls there can be at once.
        now: tells the time.
        watch: asked at each call's beginning who is to be told its events, in the call's thread.
        people: who is at which number or logged in as which user, for the calls of servers.

    Attributes:
        origin: where it is served, such as `http://127.0.0.1:8900`; URLs of recordings begin so.
    """

    def __init__(
        self,
        account: StringeeAccount | None = None,
        *,
        conditions: StringeeConditions | None = None,
        most_calls: int = MOST_CALLS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        watch: Callable[[Facts], Listener] | None = None,
        people: People | None = None,
    ) -> None:
        self.account = account or StringeeAccount()
        self.conditions = conditions or StringeeConditions()
        self.now = now
        self.store = StringeeStore(self.account)
        self.exchange = Exchange()
        self.people = people or People()
        self.origin = API_ORIGIN
        self._watch = watch
        self._calls = InProgress[str](most_calls)
        self._live: dict[str, tuple[StringeeCall, int]] = {}

    def ring(
        self,
        number: str,
        *,
        person: Person,
        caller: str = A_CALLER,
        kind: Kind = "phone-to-app",
        listeners: tuple[Listener, ...] = (),
    ) -> Running[StringeeRecord]:
        """Ring one of the account's numbers from a phone.

        Raises:
            UnreachableError: the number is not ours, or has no answer_url.
            AllLinesBusyError: too many calls at once.
        """
        own = self.store.number_of(digits(number))
        if own is None:
            known = ", ".join(f"+{one.number}" for one in self.store.numbers())
            raise UnreachableError(f"{number} is no number of this account; there are {known}")
        if not own.answer_url:
            raise UnreachableError(
                f"no server answers {number}: set the answer_url of the number by the REST API"
            )
        project = self._project_of(own)
        facts = StringeeFacts(
            kind=kind,
            caller=digits(caller),
            called=own.number,
            project=self.store.identity(project),
            at=self.now(),
        )
        urls = Urls(answer=own.answer_url, event=own.event_url)
        return self._start(urls, facts, person, project, listeners=listeners)

    def call_from_app(
        self,
        to: str,
        *,
        person: Person,
        user: str,
        kind: Kind = "app-to-phone",
        shows: str = "",
        custom: str = "",
        listeners: tuple[Listener, ...] = (),
    ) -> Running[StringeeRecord]:
        """Let an app of the first project call: what its makeCall does.

        Args:
            to: what it calls.
            person: who holds the app.
            user: who is logged in.
            kind: app-to-app or app-to-phone.
            shows: `from`; the user by default, or to a phone the account's first number.
            custom: what the app gives along.
            listeners: told each event.

        Raises:
            UnreachableError: the project has no answer_url.
            AllLinesBusyError: too many calls at once.
        """
        project = self.store.projects()[0]
        if not project.answer_url:
            raise UnreachableError(
                "no server answers apps: set the answer_url of the project by the REST API"
            )
        usual = user if kind == "app-to-app" else self.account.numbers[0]
        facts = StringeeFacts(
            kind=kind,
            caller=digits(shows) or usual,
            called=digits(to),
            user_id=user,
            custom=custom,
            project=self.store.identity(project),
            at=self.now(),
        )
        urls = Urls(answer=project.answer_url, event=project.event_url)
        return self._start(urls, facts, person, project, listeners=listeners)

    def call_out(
        self, project: OwnProject, from_: End, to: End, *, answer_url: str, actions: Scco | None
    ) -> str:
        """Call somebody for a server; gives the call id.

        Raises:
            AllLinesBusyError: too many calls at once.
        """
        facts = StringeeFacts(
            kind="callout",
            caller=from_.number,
            called=to.number,
            project=self.store.identity(project),
            at=self.now(),
        )
        urls = Urls(answer=answer_url, event=project.event_url)
        self._start(urls, facts, self.people.at(to.party), project, actions=actions)
        return facts.call_id

    def call(self, call_id: str, project: OwnProject) -> StringeeCall | None:
        """A call of a project that is in progress."""
        call, project_id = self._live.get(call_id, (None, 0))
        return call if project_id == project.id else None

    def stop(self) -> None:
        """Hang up every call and wait, for a bounded time, until its last request is out."""
        self._calls.stop()

    @property
    def call_ids(self) -> tuple[str, ...]:
        """The calls in progress."""
        return self._calls.ids

    def _project_of(self, number: OwnNumber) -> OwnProject:
        project = self.store.project(number.project_id)
        if project is None:
            msg = f"number {number.number} is of project {number.project_id}, which is not there"
            raise UnreachableError(msg)
        return project

    def _start(
        self,
        urls: Urls,
        facts: StringeeFacts,
        person: Person,
        project: OwnProject,
        *,
        actions: Scco | None = None,
        listeners: tuple[Listener, ...] = (),
    ) -> Running[StringeeRecord]:
        watching = (self._watch(facts),) if self._watch is not None else ()
        call = StringeeCall(
            urls,
            facts,
            person,
            exchange=self.exchange,
            conditions=self.conditions,
            actions=actions,
            origin=self.origin,
            files=lambda: self.store.greeting_names,
            listeners=(*listeners, *watching),
        )

        def run() -> StringeeRecord:
            try:
                record = call.run()
                self.store.keep(EndedCall(record, facts.project, project.name))
                return record
            finally:
                del self._live[facts.call_id]

        self._live[facts.call_id] = (call, project.id)
        try:
            return self._calls.start(facts.call_id, call.line, run)
        except AllLinesBusyError:
            del self._live[facts.call_id]
            raise
