"""Ringing a server's URLs directly, without a platform around it: Stringee's variants of `ring`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from app.simulator.deadline import Answered
from app.simulator.exchange import Exchange
from app.simulator.person import Person
from app.simulator.stringee.call import API_ORIGIN, StringeeCall
from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.facts import APP_KINDS, Kind, Project, StringeeFacts, digits
from app.simulator.stringee.records import StringeeRecord, Urls
from app.simulator.stringee.scco import read_actions
from app.simulator.stringee.urls import answer_url as answer_url_of
from app.simulator.stringee.webhooks import send
from app.simulator.transcript import Listener

A_PHONE: Final = "84900000001"
A_NUMBER: Final = "842400000001"
A_USER: Final = "user_1"
ANOTHER_USER: Final = "user_2"
ANOTHER_PHONE: Final = "84900000002"


def ring_in(
    answer_url: str,
    *,
    person: Person,
    kind: Kind = "phone-to-app",
    caller: str = "",
    called: str = "",
    user_id: str = "",
    custom: str = "",
    event_url: str = "",
    project: Project | None = None,
    at: datetime | None = None,
    exchange: Exchange | None = None,
    conditions: StringeeConditions | None = None,
    origin: str = API_ORIGIN,
    listeners: tuple[Listener, ...] = (),
) -> StringeeRecord:
    """Call a server's answer_url from a phone or an app, and stay on the line until it is over.

    Args:
        answer_url: of the number or of the project; http or https. "" is r=1.
        person: who calls.
        kind: the type of call; whether an app or a phone calls is told from it.
        caller: `from`: for a phone its number, with or without `+`; for an app what it gave
            makeCall. By default a number or user of the simulator's.
        called: `to`: the number dialled, or what the app gave makeCall.
        user_id: who is logged in at the app; `caller` by default where that is no number.
        custom: the property of that name that the app gave.
        event_url: of the number or of the project; "" for none.
        project: ids, signing key and the numbers that may be shown.
        at: when the call began; now by default.
        exchange: keeps what is recorded.
        conditions: speed, readings and hostility.
        origin: of the URLs of recordings.
        listeners: told each event, in this thread.
    """
    facts = _facts(kind, caller, called, user_id, custom, project, at)
    call = StringeeCall(
        Urls(answer=answer_url, event=event_url),
        facts,
        person,
        exchange=exchange or Exchange(),
        conditions=conditions or StringeeConditions(),
        origin=origin,
        listeners=listeners,
    )
    return call.run()


def ask(
    answer_url: str,
    *,
    kind: Kind = "phone-to-app",
    caller: str = "",
    called: str = "",
    user_id: str = "",
    custom: str = "",
    project: Project | None = None,
    conditions: StringeeConditions | None = None,
) -> Answered:
    """Ask an answer_url for the SCCO of a call, without a call; see `ring_in`.

    Raises:
        ServerFaultError: nobody answered, or not in time, or not in whole.
    """
    how = conditions or StringeeConditions()
    facts = _facts(kind, caller, called, user_id, custom, project, None)
    url = answer_url_of(answer_url, facts, how)
    within_s = how.readings.reply_within_s
    return send("GET", url, b"", key=facts.project.signing_key, within_s=within_s)


def _facts(
    kind: Kind,
    caller: str,
    called: str,
    user_id: str,
    custom: str,
    project: Project | None,
    at: datetime | None,
) -> StringeeFacts:
    """A call's facts, with the simulator's own people where nobody is named."""
    users = {"app-to-app": A_USER, "app-to-phone": A_NUMBER}
    others = {"app-to-app": ANOTHER_USER, "app-to-phone": ANOTHER_PHONE}
    caller = digits(caller or users.get(kind, A_PHONE))
    user = user_id or (A_USER if caller.isdigit() else caller)
    return StringeeFacts(
        kind=kind,
        caller=caller,
        called=digits(called or others.get(kind, A_NUMBER)),
        user_id=user if kind in APP_KINDS else "",
        custom=custom,
        project=project or Project(),
        at=at or datetime.now(UTC),
    )


def call_out(
    *,
    person: Person,
    actions: Sequence[Any] | None = None,
    answer_url: str = "",
    caller: str = A_NUMBER,
    called: str = A_PHONE,
    event_url: str = "",
    project: Project | None = None,
    at: datetime | None = None,
    exchange: Exchange | None = None,
    conditions: StringeeConditions | None = None,
    origin: str = API_ORIGIN,
    listeners: tuple[Listener, ...] = (),
) -> StringeeRecord:
    """Call a phone for a server, as `/v1/call2/callout` does: see `ring_in`.

    Args:
        person: who is called.
        actions: the SCCO of the callout's body; where it is given, even empty, answer_url is not
            asked.
        answer_url: asked when they pick up.
        caller: the number that they see.
        called: their number.
        event_url: of the project.
        project: see `ring_in`.
        at: see `ring_in`.
        exchange: see `ring_in`.
        conditions: see `ring_in`.
        origin: see `ring_in`.
        listeners: see `ring_in`.
    """
    facts = StringeeFacts(
        kind="callout",
        caller=digits(caller),
        called=digits(called),
        project=project or Project(),
        at=at or datetime.now(UTC),
    )
    call = StringeeCall(
        Urls(answer=answer_url, event=event_url),
        facts,
        person,
        exchange=exchange or Exchange(),
        conditions=conditions or StringeeConditions(),
        actions=None if actions is None else read_actions(list(actions)),
        origin=origin,
        listeners=listeners,
    )
    return call.run()
