"""What ``offhook phone`` rings at Stringee: a flow, an answer_url, or by a simulator's number.

A flow is rung through a simulated Stringee of this process's own, which has a project and numbers,
so that a call of the server's goes the whole way, and a recording can be fetched.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import click

from app.cli.phoning.local import LocalPhone
from app.cli.phoning.own_server import OwnServer, own_server
from app.cli.phoning.plan import PhoneOptions, stringee_conditions
from app.cli.phoning.sessions import (
    SIMULATORS_OWN,
    Session,
    flow_served,
    tell_outcome,
)
from app.cli.phoning.simulators import simulator_of
from app.cli.phoning.starts import variables_of
from app.cli.phoning.stopping import whole
from app.cli.phoning.webhooks import signing_key_of
from app.cli.shell import Shell
from app.dialler import CallRequest
from app.numbers import read_number
from app.simulator import Answer, Event, Handset, Others, Person, Simulator
from app.simulator.stringee import APP_KINDS, Kind, Project, ring_in
from app.simulator.stringee.ring import A_PHONE, A_USER, ANOTHER_PHONE, ANOTHER_USER
from app.simulator.transcript import Ended
from app.stringee.urls import answer_url, event_url, flow_of

_LONGEST_S: Final = 86_400.0
_NOW: Final = "Stringee does not tell when a call began: it begins now."
_CALLED: Final = f"+{A_PHONE}"
_USER: Final = "user:"


def ring_flow(shell: Shell, name: str, options: PhoneOptions) -> None:
    """Ring a flow on a server of this process's own, as Stringee does.

    Raises:
        NotFoundError: there is no such flow.
        FlowError: it cannot be used.
        CallFailedError: the flow could not go on, or the server failed.
    """
    options.refuse("at", why=_NOW)
    if options.outbound:
        options.refuse("kind", "user", "to", "custom", why="--outbound is a call of its own kind.")
    else:
        options.refuse("var", why="it goes with --outbound.")
    session = Session.of(shell, options, called=options.outbound)
    with _staged(session, name) as stage:
        flow_served(stage.server.parts, name, "stringee")
        session.screen.note(f"Ringing flow '{name}', on a server and a Stringee of its own.")
        stage.point(name)
        call = stage.be_rung if options.outbound else stage.ring
        phone = LocalPhone(session.holder.person(), lambda person: call(name, person))
        session.be_on(phone, journal_tells=True)
        tell_outcome(stage.server, session.screen)


def ring_url(shell: Shell, url: str, options: PhoneOptions) -> None:
    """Ring an answer_url; where it is one of ours, its events are posted beside it.

    Raises:
        SettingsError: it is none of ours, and would be signed.
        CallFailedError: the server failed.
    """
    options.refuse("at", why=_NOW)
    options.refuse("outbound", "var", why="it goes with FLOW, whose journal is at hand.")
    project_id, key = signing_key_of(shell.settings, url)
    session = Session.of(shell, options, called=False)
    usual = Project()
    project = Project(id=int(project_id) if project_id else usual.id, signing_key=key)
    kind, conditions = _kind(options), stringee_conditions(options, session.holder)
    events = event_url(url.partition("/stringee/")[0]) if flow_of(url) else ""
    caller = _shown(session)

    def call(person: Person) -> object:
        return ring_in(
            url,
            person=person,
            kind=kind,
            caller=caller,
            called=options.to or "",
            user_id=options.user or "",
            custom=options.custom or "",
            event_url=events,
            project=project,
            conditions=conditions,
        )

    session.screen.note(f"Ringing {url} ({kind})")
    session.be_on(LocalPhone(session.holder.person(), call))


def ring_number(shell: Shell, text: str, options: PhoneOptions) -> None:
    """Ring a number of the simulated Stringee, or call it, or ``user:ID``, from an app there.

    Raises:
        ApiError: the simulator refused, or is not there.
        CallFailedError: the server failed.
    """
    options.refuse("at", why=_NOW)
    options.refuse("outbound", "var", why="use --listen NUMBER, and place the call.")
    options.refuse("speed", "reading", "hostile", why=SIMULATORS_OWN)
    options.refuse("to", why="NUMBER says it.")
    session = Session.of(shell, options, called=False)
    kind = _kind(options)
    user = text.removeprefix(_USER) if text.startswith(_USER) else ""
    if user and kind != "app-to-app":
        raise click.UsageError("user:ID goes with --as app-to-app.")
    called = user or read_number(text, shell.settings.country)
    with simulator_of(shell) as client:
        if kind not in APP_KINDS:
            caller = _shown(session) or _CALLED
            session.be_on(client.ring(called, session.holder, caller=caller, kind=kind))
            return
        phone = client.call_from_app(
            called,
            session.holder,
            kind=kind,
            user=options.user or A_USER,
            shows=options.caller or "",
            custom=options.custom or "",
        )
        session.be_on(phone)


def _kind(options: PhoneOptions) -> Kind:
    kind = options.kind or "phone-to-app"
    if kind not in APP_KINDS:
        options.refuse("user", "custom", why="it goes with an app: --as app-to-phone.")
    return kind


def _shown(session: Session) -> str:
    """Who calls, as the platform is told it; "" for whoever usually does."""
    options = session.options
    if not options.caller or (options.kind in APP_KINDS and options.caller.isidentifier()):
        return options.caller or ""
    return read_number(options.caller, session.shell.settings.country)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """A server, and the Stringee that it is on."""

    session: Session
    simulator: Simulator
    server: OwnServer

    def point(self, flow: str) -> None:
        """Let the flow answer the project and its first number."""
        store = self.simulator.stringee.store
        urls = {
            "answer_url": answer_url(self.server.origin, flow),
            "event_url": event_url(self.server.origin),
        }
        store.change_project(store.projects()[0], **urls)
        store.change_number(store.numbers()[0], **urls)

    def ring(self, _flow: str, person: Person) -> object:
        """Call in, and come back when the call is over."""
        stringee, options = self.simulator.stringee, self.session.options
        kind, caller = _kind(options), _shown(self.session)
        if kind in APP_KINDS:
            usual = ANOTHER_USER if kind == "app-to-app" else ANOTHER_PHONE
            running = stringee.call_from_app(
                options.to or usual,
                person=person,
                user=options.user or A_USER,
                kind=kind,
                shows=caller,
                custom=options.custom or "",
            )
        else:
            number = options.to or stringee.account.numbers[0]
            running = stringee.ring(number, person=person, caller=caller or _CALLED, kind=kind)
        return running.wait(_LONGEST_S)

    def be_rung(self, flow: str, person: Person) -> object:
        """Have the server call this phone, and come back when the call is over.

        Raises:
            OffhookError: it refused.
        """
        over, shown = _UntilOver(person), self.simulator.stringee.account.numbers[0]
        self.simulator.stringee.people.put(_CALLED, lambda: over)
        request = CallRequest(
            number=_CALLED,
            flow=flow,
            provider="stringee",
            caller_id=self.session.options.caller or f"+{shown}",
            variables=variables_of(self.session.options.var),
        )
        self.server.parts.dialler.place(request)
        return over.wait()


@contextmanager
def _staged(session: Session, flow: str) -> Iterator[_Stage]:
    """A server to try a flow and a Stringee, which end with the ``with``."""
    conditions, screen = stringee_conditions(session.options, session.holder), session.screen
    with whole(Simulator(stringee_conditions=conditions)) as simulator:
        account, settings = simulator.stringee.account, session.shell.settings
        serving = own_server(
            settings,
            flow,
            lambda line: screen.note(f"server: {line}"),
            callr_webhook_login="",
            callr_webhook_password="",
            caller_id=settings.caller_id or f"+{account.numbers[0]}",
            stringee_signing_key=account.signing_key,
            stringee_api_key_sid=account.key_sid,
            stringee_api_key_secret=account.key_secret,
            stringee_api_url=simulator.url,
        )
        with whole(serving) as server:
            yield _Stage(session=session, simulator=simulator, server=server)


class _UntilOver:
    """A person whose call can be waited for."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._over = threading.Event()

    @property
    def answer(self) -> Answer:
        return self._person.answer

    @property
    def ring_s(self) -> float:
        return self._person.ring_s

    @property
    def others(self) -> Others:
        return self._person.others

    @property
    def patience_s(self) -> float | None:
        return self._person.patience_s

    def meet(self, handset: Handset) -> None:
        self._person.meet(handset)

    def notice(self, event: Event) -> None:
        self._person.notice(event)
        if isinstance(event, Ended):
            self._over.set()

    def wait(self) -> bool:
        """Wait for the end of the call."""
        return self._over.wait(_LONGEST_S)
