"""Ringing a voice app's URL directly, without a platform around it."""

import secrets
from datetime import UTC, datetime
from typing import Final

from app.simulator.call import Call, CallRecord
from app.simulator.exchange import Exchange
from app.simulator.person import Person
from app.simulator.readings import Conditions
from app.simulator.reports import CallFacts
from app.simulator.transcript import Listener
from app.simulator.wire import Endpoint

TEST_APP: Final = "OFFHOOK0"
"""The app hash of calls that are rung without a voice app."""

A_CALLER: Final = "+33612345678"
A_NUMBER: Final = "+33199001020"

_HASH: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_FIRST_CALLID: Final = 2**36


def new_hash() -> str:
    """A new hash, as apps, numbers and requests have: 8 letters and digits."""
    return "".join(secrets.choice(_HASH) for _ in range(8))


def new_callid() -> int:
    """A new callid above 2^32, as live ones are."""
    return _FIRST_CALLID + secrets.randbelow(_FIRST_CALLID)


def ring(
    url: str,
    *,
    person: Person,
    login: str = "",
    password: str = "",
    caller: str = A_CALLER,
    called: str = A_NUMBER,
    cli_name: str = "",
    at: datetime | None = None,
    app_hash: str = TEST_APP,
    exchange: Exchange | None = None,
    conditions: Conditions | None = None,
    listeners: tuple[Listener, ...] = (),
) -> CallRecord:
    """Ring a webhook as an inbound call, and stay on the line until the call is over.

    Args:
        url: of the voice app; http or https.
        person: who calls.
        login: with `password`, Basic credentials for the URL; none when empty.
        password: see `login`.
        caller: E.164, or "" for a withheld number.
        called: the number dialled, E.164.
        cli_name: the caller's name.
        at: what `date_started` says, UTC if it has no zone; now by default.
        app_hash: of the voice app.
        exchange: shared by calls that can meet in a conference; one of its own by default.
        conditions: speed, readings and hostility.
        listeners: told each event, in this thread.

    Raises:
        ValueError: the URL cannot be posted to.
    """
    facts = CallFacts(
        app=app_hash,
        callid=new_callid(),
        caller=caller,
        called=called,
        cli_name=cli_name,
        at=at or datetime.now(UTC),
    )
    call = Call(
        Endpoint(url, login, password),
        facts,
        person,
        exchange=exchange or Exchange(),
        conditions=conditions or Conditions(),
        listeners=listeners,
    )
    return call.run()


def ring_out(
    url: str,
    *,
    person: Person,
    login: str = "",
    password: str = "",
    called: str = A_CALLER,
    caller: str = A_NUMBER,
    cdr_field: str = "",
    ring_s: float = 30.0,
    at: datetime | None = None,
    app_hash: str = TEST_APP,
    request_hash: str | None = None,
    exchange: Exchange | None = None,
    conditions: Conditions | None = None,
    listeners: tuple[Listener, ...] = (),
) -> CallRecord:
    """Let a webhook talk to somebody who is called: the outbound variant of `ring`.

    The person's phone rings. When they answer, the first report is UP; otherwise there is a single
    report, such as BUSY or NOANSWER.

    Args:
        url: of the voice app; http or https.
        person: who is called.
        login: with `password`, Basic credentials for the URL; none when empty.
        password: see `login`.
        called: the person's number, E.164.
        caller: the number that they see.
        cdr_field: what `calls.realtime` would have been given, up to 32 letters and digits.
        ring_s: how many simulated seconds their phone may ring.
        at: what `date_started` says, UTC if it has no zone; now by default.
        app_hash: of the voice app.
        request_hash: what `calls.realtime` would have returned; a new one by default.
        exchange: shared by calls that can meet in a conference; one of its own by default.
        conditions: speed, readings and hostility.
        listeners: told each event, in this thread.

    Raises:
        ValueError: the URL cannot be posted to.
    """
    facts = CallFacts(
        app=app_hash,
        callid=new_callid(),
        caller=caller,
        called=called,
        request_hash=request_hash or new_hash(),
        cdr_field=cdr_field,
        at=at or datetime.now(UTC),
    )
    call = Call(
        Endpoint(url, login, password),
        facts,
        person,
        exchange=exchange or Exchange(),
        conditions=conditions or Conditions(),
        ring_s=ring_s,
        listeners=listeners,
    )
    return call.run()
