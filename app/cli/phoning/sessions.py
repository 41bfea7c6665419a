"""The things that ``offhook phone`` rings: a flow, a webhook's URL, a simulator's number."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from app.bootstrap import Parts
from app.callflow import Flow
from app.callflow.errors import ApiError
from app.cli.console import shown
from app.cli.exits import CallFailedError, NotFoundError
from app.cli.phoning.hands import APOLOGISED, HELP, Hands, follow
from app.cli.phoning.heard import readings_here
from app.cli.phoning.keyboard import Keyboard
from app.cli.phoning.local import LocalPhone
from app.cli.phoning.own_server import OwnServer, own_server
from app.cli.phoning.plan import (
    PhoneOptions,
    began_at,
    caller_of,
    conditions,
    holder_of,
)
from app.cli.phoning.screen import Screen
from app.cli.phoning.simulators import simulator_of
from app.cli.phoning.starts import place
from app.cli.phoning.stopping import whole
from app.cli.phoning.webhooks import Webhook
from app.cli.shell import Shell
from app.journal.queries import History
from app.numbers import read_number
from app.simulator import (
    A_CALLER,
    A_NUMBER,
    Holder,
    Person,
    RemotePhone,
    ring,
    ring_out,
)

_NO_TERMINAL = (
    "stdin is no terminal, so that nobody can press keys. Write what is pressed: --keys 22, or "
    '--keys "2;;18" with an entry for each time keys are asked for, or --keys "" to stay silent.'
)
SIMULATORS_OWN = "the simulator has its own; start it with that option."
_FAULT_MENDS = {
    "HTTP 401": "Check CALLR_WEBHOOK_LOGIN and CALLR_WEBHOOK_PASSWORD.",
    "unreachable": "Is the server running there?",
}
_MEND = "--raw shows each POST and reply, and the server's log says more."


def ring_flow(shell: Shell, name: str, options: PhoneOptions) -> None:
    """Ring a flow on a server of this process's own.

    Raises:
        NotFoundError: there is no such flow.
        FlowError: it cannot be used.
        CallFailedError: the flow could not go on, or the server failed.
    """
    if not options.outbound:
        options.refuse("var", why="it goes with --outbound.")
    session = Session.of(shell, options, called=options.outbound)
    with own(session, name) as server:
        ring_on(server, session, name)


@contextmanager
def own(session: Session, flow: str) -> Iterator[OwnServer]:
    """A server of this process's own to try a flow, which tells its log on the screen."""
    screen = session.screen
    settings = session.shell.settings
    serving = own_server(settings, flow, lambda line: screen.note(f"server: {line}"))
    with whole(serving) as server:
        yield server


def ring_on(server: OwnServer, session: Session, name: str, called: str = "") -> str:
    """Ring a flow there, and say what the call came to; gives our key of it.

    Raises:
        NotFoundError: there is no such flow.
        CallFailedError: the flow could not go on, or the server failed.
    """
    parts, options = server.parts, session.options
    flow = flow_served(parts, name, "callr")
    at = session.told(began_at(options, flow.timezone or "UTC"))
    cdr_field = ""
    if options.outbound:
        start = place(parts, name, options.var, session.shown_number)
        cdr_field = start.field + start.token
    session.screen.note(f"Ringing flow '{name}', on a server of its own.")
    session.dial(server.webhook(name), at, cdr_field, called, journal_tells=True)
    return tell_outcome(server, session.screen)


def flow_served(parts: Parts, name: str, platform: str) -> Flow:
    """The flow of a name, which a platform is to ring.

    Raises:
        NotFoundError: there is none, or it is not served there.
    """
    flow = parts.flows.get(name)
    if flow is None:
        msg = f"There is no flow '{name}'."
        raise NotFoundError(msg, mend=f"There are: {', '.join(parts.flows) or 'none'}.")
    if flow.on and platform not in flow.on:
        msg = f"Flow '{name}' is not served on {platform}."
        raise NotFoundError(msg, mend=f"Ring it with --platform {flow.on[0]}.")
    return flow


def ring_url(shell: Shell, webhook: Webhook, options: PhoneOptions) -> None:
    """Ring a webhook.

    Raises:
        CallFailedError: the server failed.
    """
    options.refuse("var", why="it goes with --outbound FLOW, whose journal is at hand.")
    session = Session.of(shell, options, called=options.outbound)
    at = session.told(began_at(options, shell.settings.timezone))
    session.screen.note(f"Ringing {webhook.url}")
    session.dial(webhook, at)


def ring_number(shell: Shell, text: str, options: PhoneOptions) -> None:
    """Ring a number of the simulator that the settings name.

    Raises:
        ApiError: the simulator refused, or is not there.
        CallFailedError: the server failed.
    """
    options.refuse("outbound", "var", why="use --listen NUMBER, and place the call.")
    options.refuse("speed", "reading", "hostile", why=SIMULATORS_OWN)
    session = Session.of(shell, options, called=False)
    country = shell.settings.country
    number, caller = read_number(text, country), caller_of(options, country)
    at = session.told(began_at(options, shell.settings.timezone))
    with simulator_of(shell) as client:
        session.be_on(client.ring(number, session.holder, caller=caller, at=at))


def listen(shell: Shell, text: str, options: PhoneOptions) -> None:
    """Wait at a number for the calls that the simulator places to it, until Ctrl-C.

    Raises:
        ApiError: the simulator refused, or went away.
        CallFailedError: the server failed one of the calls.
    """
    options.refuse("outbound", why="a phone that listens is always the one that is called.")
    options.refuse("caller", "at", "var", why="who places the call says that.")
    options.refuse("speed", "reading", "hostile", why=SIMULATORS_OWN)
    session = Session.of(shell, options, called=True)
    number = read_number(text, shell.settings.country)
    with simulator_of(shell) as client:
        phone = client.listen(number, session.holder)
        session.listen_on(phone, number, once=options.once)


@dataclass(frozen=True, kw_only=True)
class Session:
    """A person with a phone in front of a screen."""

    shell: Shell
    options: PhoneOptions
    holder: Holder
    screen: Screen

    @classmethod
    def of(cls, shell: Shell, options: PhoneOptions, *, called: bool) -> Session:
        """Who is there; a live person needs a terminal."""
        holder = holder_of(options, called=called)
        live = holder.script is None
        if live and not sys.stdin.isatty():
            raise click.UsageError(_NO_TERMINAL)
        terminal = sys.stderr if live and sys.stderr.isatty() else None
        screen = Screen(shell.output, terminal)
        return cls(shell=shell, options=options, holder=holder, screen=screen)

    @property
    def shown_number(self) -> str:
        """Our number that a phone shows which is called, E.164; "" where it is withheld."""
        if self.options.caller is None:
            return A_NUMBER
        return caller_of(self.options, self.shell.settings.country)

    def told(self, at: datetime | None) -> datetime | None:
        """Say how a time was read."""
        if at is not None:
            utc = at.astimezone(UTC)
            self.screen.note(f"The call begins {at:%A %Y-%m-%d %H:%M %Z} ({utc:%H:%M} UTC).")
        return at

    def dial(
        self,
        webhook: Webhook,
        at: datetime | None,
        cdr_field: str = "",
        called: str = "",
        *,
        journal_tells: bool = False,
    ) -> None:
        """Make a call of one's own and follow it, as ``be_on`` does.

        ``called`` is E.164, "" for one of ours.
        """
        options = self.options
        how = conditions(options, self.holder, readings_here(self.shell))
        caller = caller_of(options, self.shell.settings.country)

        def inbound(person: Person) -> object:
            return ring(
                webhook.url,
                person=person,
                caller=caller,
                called=called or A_NUMBER,
                at=at,
                conditions=how,
                login=webhook.login,
                password=webhook.password,
            )

        def outbound(person: Person) -> object:
            return ring_out(
                webhook.url,
                person=person,
                caller=self.shown_number,
                called=called or A_CALLER,
                cdr_field=cdr_field,
                at=at,
                conditions=how,
                login=webhook.login,
                password=webhook.password,
            )

        phone = LocalPhone(self.holder.person(), outbound if options.outbound else inbound)
        self.be_on(phone, journal_tells=journal_tells)

    def be_on(self, phone: LocalPhone | RemotePhone, *, journal_tells: bool = False) -> None:
        """Follow one call.

        Args:
            phone: on which it is.
            journal_tells: why a flow could not go on, and the caller heard an apology, is told
                afterwards.

        Raises:
            ApiError: the simulator ended before it.
            CallFailedError: the server failed it.
        """
        with self._hands(phone) as hands:
            faults = follow(phone, self.screen, raw=self.options.raw, hands=hands)
        told = [APOLOGISED] if journal_tells else []
        _judge([fault for fault in _told_to_the_end(faults) if fault not in told])

    def listen_on(self, phone: RemotePhone, number: str, *, once: bool) -> None:
        """Follow one call after the other, of a phone that is at a number already.

        Raises:
            ApiError: the simulator ended.
            CallFailedError: the server failed one of them.
        """
        failed: list[str] = []
        try:
            self.screen.note(f"Listening at {number}; Ctrl-C ends.")
            with self._hands(phone) as hands:
                while True:
                    faults = follow(phone, self.screen, raw=self.options.raw, hands=hands)
                    for fault in _told_to_the_end(faults):
                        failed.append(fault)
                        self.screen.warn(f"The server failed this call: {fault}.")
                    if once:
                        break
        except KeyboardInterrupt:
            self.screen.note("No longer listening.")
        _judge(failed)

    @contextmanager
    def _hands(self, phone: LocalPhone | RemotePhone) -> Iterator[Hands | None]:
        """The keyboard in a live person's hands; the phone is put away at the end."""
        try:
            if self.holder.script is not None:
                yield None
                return
            hands = Hands(phone, self.screen)
            self.screen.note(HELP)
            with Keyboard(sys.stdin.fileno(), hands.key):
                yield hands
        finally:
            self.screen.prompt("")
            phone.close()


def _told_to_the_end(faults: list[str] | None) -> list[str]:
    """What a server did wrong in a call that was told to its end.

    Raises:
        ApiError: the simulator ended, or put the phone away.
    """
    if faults is None:
        msg = "The simulator ended, or somebody else listens at this number now."
        raise ApiError(msg, mend="Start it again, and look who else has a phone there.")
    return faults


def _judge(faults: list[str]) -> None:
    """Say what a server did wrong.

    Raises:
        CallFailedError: it did.
    """
    if not faults:
        return
    mend = next((mend for sign, mend in _FAULT_MENDS.items() if faults[0].startswith(sign)), _MEND)
    msg = f"The server failed the call: {shown('; '.join(dict.fromkeys(faults)))}."
    raise CallFailedError(msg, mend=mend)


def tell_outcome(server: OwnServer, screen: Screen) -> str:
    """Say what the call came to in the journal; gives our key of it.

    Raises:
        CallFailedError: the flow could not go on.
    """
    history = History(server.parts.settings.database_url)
    call = history.call("last", tests=True)
    disposition = f", disposition {call.row.disposition}" * bool(call.row.disposition)
    screen.note(f"Outcome: {call.row.outcome or 'none'}{disposition}.")
    if call.row.outcome == "failed":
        incidents = [text for turn in history.turns(call.row.key) for text in turn.incidents]
        msg = f"The flow could not go on: {shown(' '.join(incidents))}"
        raise CallFailedError(msg, mend=_MEND)
    return call.row.key
