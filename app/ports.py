"""What crosses between the parts.

The Protocols that adapters fulfil, and the values they hand over.

The switchboard knows a platform as a ``Provider`` and the record of what was said as a ``Journal``,
and nothing more of either.

What every turn makes and has many fields is a NamedTuple: a frozen dataclass sets each field by a
call of its own, and takes twice as long to make.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from app.callflow.commands import Say
from app.callflow.errors import Finding
from app.callflow.events import Direction, Event, HungUp, NotAnswered
from app.callflow.flow import Flow
from app.callflow.manner import Manner
from app.callflow.parties import Party
from app.callflow.turn import Turn

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""What a mapping is where nothing is said; nobody can add to it."""

START_TOKEN = re.compile(r"oh[a-z0-9]{14}\Z")
"""The token of a start.

It rides at the end of what the platform carries back (CALLR ``cdr_field``).
"""


def start_key(provider: str, token: str) -> str:
    """The key of a call that we place, where its platform names it only once it is placed."""
    return f"{provider}:start:{token}"


DialKind = Literal["start", "flow"]
"""What is dialled: a call that we place, or a number from outside that a flow dials."""

TurnKind = Literal["turn", "end", "last_resort", "conflict"]
"""What a journalled turn was: ``turn`` a reply by the flow; ``end`` the report that ended the call;
``last_resort`` a reply made from the report alone; ``conflict`` a report whose key was seen before
with other bytes (it got the first reply)."""


class WireRequest(NamedTuple):
    """A webhook as it came in.

    Attributes:
        method: ``POST`` or ``GET``.
        target: the raw request target: path and query as they stood on the wire.
        headers: by lower-case name.
        body: the raw bytes.
        flow: the flow's name in the URL, "" where the URL names none.
        query: the URL's query, decoded; the first value of each name.
        kind: which of a flow's addresses it is, where the platform has several; see ``Address``.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    flow: str
    query: Mapping[str, str] = NOTHING
    kind: str = ""


class Address(NamedTuple):
    """What the path of a webhook leads to.

    Attributes:
        flow: the flow's name, "" where the address is not a flow's.
        kind: which of the platform's webhooks it is, in the provider's own words.
        methods: how it may be asked.
    """

    flow: str
    kind: str = ""
    methods: tuple[str, ...] = ("POST",)


class WireReply(NamedTuple):
    """What the platform is told."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


class Report(NamedTuple):
    """What a platform posted, read.

    Attributes:
        call_key: our name for the call, such as ``callr:242359184129``.
        event: what happened.
        first: the call has had no command yet.
        turn: the number of the reply that this answers; 0 for the first report, None where it names
            none of ours.
        report_key: which reply the report answers and what it is, such as ``3:UP``; unique within a
            call.
        sealed: the state that rode with the call, "" where there is none.
        platform_id: the platform's main id of the call, such as CALLR's callid.
        began, caller, called: what the report says of the call, on every report that says it.
        raw: the bytes as received, for the journal.
        entry: what the command brought, perhaps what the caller pressed, as it stands in ``raw``;
            "" for nothing.
        stage: for the echo of a last resort, which one (the ``stage`` of the reply); "" otherwise.
        token: of the start of a call that we placed, on its first report; "" otherwise.
        test: the call was rung without a voice app, by a phone of the simulator's.
        incidents: what could not be read as it should.
        ids: the platform's own ids of the call that the report says, by what it calls them, where
            they are more than the key has.
        carried: the platform carries the call's state with this report; otherwise the journal has
            it.
        about: what the platform says besides of what happened, JSON-ready, for people.
        last: the call's last turn, where the journal gave it with the report.
    """

    call_key: str
    event: Event
    direction: Direction
    first: bool
    turn: int | None
    report_key: str
    sealed: str
    platform_id: str
    raw: bytes
    began: datetime
    caller: Party = None
    called: Party = None
    entry: str = ""
    stage: str = ""
    token: str = ""
    test: bool = False
    incidents: tuple[str, ...] = ()
    ids: Mapping[str, str] = NOTHING
    carried: bool = True
    about: Mapping[str, Any] = NOTHING
    last: LastTurn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sound that a platform says is ready.

    Attributes:
        turn: the number of the reply that had it recorded; at: its place in that reply, from 0.
        file: how the platform names it: its address, or an id.
    """

    turn: int
    at: int
    file: str


ENDED = "ended"
"""The report key of a status post that ends its call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A status post: it tells of a call, and never moves a step.

    Attributes:
        event_id: unique for what it tells, so that it counts once however often it comes.
        provider: the platform's name.
        platform_id: the platform's id of the call.
        call_key: our name for the call, "" where the post does not say it.
        kind: what it tells, in the platform's word, such as ``ringing``.
        raw: the bytes as received.
        event: set where the call is over with it.
        direction: of the call, as the post has it.
        about: what it says besides, JSON-ready, for people; of a sound what ``Told`` has.
        sound: set where it tells of a sound.

    What the journal gives back has neither ``event`` nor ``sound``.
    """

    event_id: str
    provider: str
    platform_id: str
    kind: str
    received_at: datetime
    raw: bytes
    call_key: str = ""
    event: HungUp | NotAnswered | None = None
    direction: Direction = "inbound"
    about: Mapping[str, Any] = field(default_factory=dict)
    sound: Told | None = None


class TurnRecord(NamedTuple):
    """One turn, as the journal keeps it: everything needed to tell it, and to go on after it.

    Attributes:
        call_key, report_key, kind: (call_key, report_key) is unique; see ``TurnKind``.
        turn: the number of the reply; None for a report that ended the call and for a last resort.
        received_at: when the report was received, UTC.
        raw: the report's bytes, a secret entry starred key by key.
        digest: keyed hash of the report's own bytes, hex, to recognise a repeat.
        event: the event's name and fields, JSON-ready, a secret starred.
        step_before, step_after: "" where there is none.
        trail: every (step, exit) passed, the silent ones too.
        state: the call after the turn (``Call.to_state``), secrets blank; None where there is none.
        variables: the flow's variables after the turn, secrets starred.
        commands: the commands given: step, place, name, and fields, JSON-ready.
        reply: the reply's bytes.
        answers: what was fetched for the turn, JSON-ready.
        took_ms: from receipt to the reply being ready, milliseconds.
        incidents: what went not as it should, each one sentence.
        call: the call's own row, set on the first turn and on the one that ends it.
        recording: the platform's temporary name of the sound that the report brought, "" for none;
            it is kept from then on.
        platform_id: the platform's main id of the call, where a later report than the first says
            it.
    """

    call_key: str
    report_key: str
    kind: TurnKind
    turn: int | None
    received_at: datetime
    raw: bytes
    digest: str
    event: Mapping[str, Any]
    reply: bytes
    step_before: str = ""
    step_after: str = ""
    trail: Sequence[tuple[str, str]] = ()
    state: Mapping[str, Any] | None = None
    variables: Mapping[str, Any] = NOTHING
    commands: Sequence[Mapping[str, Any]] = ()
    fingerprint: str = ""
    answers: Mapping[str, Any] = NOTHING
    took_ms: float = 0.0
    incidents: tuple[str, ...] = ()
    call: CallRow | None = None
    recording: str = ""
    platform_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One row a call: written with its first turn, completed with its last.

    Attributes:
        platform_id: the platform's main id of the call, such as CALLR's callid.
        caller, called: as text; "" where withheld or unknown.
        started_at: when the call began, UTC; ended_at: when it ended, None while it lasts.
        outcome: "" while it lasts; see the outcomes in ``app.callflow.engine``.
        disposition: what the call came to in the flow's own words, "" for none.
        token: of the ``starts`` row of a call that we placed, else "".
    """

    key: str
    provider: str
    platform_id: str
    flow: str
    direction: Direction
    caller: str
    called: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    disposition: str = ""
    token: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class LastTurn:
    """What the journal gives back of a call: its last turn that has a state."""

    turn: int
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Noted:
    """What the journal knows of the call that a status post is of.

    Attributes:
        call_key: our name for the call; "" where no call is known by the platform's.
        last: its last turn that has a state, where the post ends the call and there is one.
        apologised: whether the call's last reply was a last resort, where the post ends the call.
    """

    call_key: str
    last: LastTurn | None = None
    apologised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A call that we place: written before it is dialled, read by its first turn.

    Attributes:
        token: as START_TOKEN; the platform carries it back to us.
        idempotency_key: the client's own, "" for none; the same key gives back the same start.
        status: ``new``, ``placed`` (the platform took it), ``failed`` (it refused), ``unknown`` (no
            answer in time).
        platform_id: the platform's id of the request, "" until placed.
        detail: the platform's refusal, "" for none.
    """

    token: str
    provider: str
    flow: str
    number: str
    caller_id: str
    ring_s: int
    field: str
    variables: Mapping[str, str]
    created_at: datetime
    idempotency_key: str = ""
    app: str = ""
    status: str = "new"
    platform_id: str = ""
    detail: str = ""


class Journal(Protocol):
    """The record of every turn.

    Live calls never fail for it: what cannot be had in time is None.
    """

    def one_turn(self) -> AbstractContextManager[None]:
        """Within it, all that this thread asks and writes together waits 300 ms at most.

        What is asked by whoever places a call is not of it.
        """
        ...

    def record(self, turn: TurnRecord) -> bytes | None:
        """Write a turn.

        Waits for its verdict, at most 300 ms, not at all while the database is known to be stuck.

        Returns:
            the reply that was given to the same report before, where there was one and it can be
            had; else None.
        """
        ...

    def last_turn(self, call_key: str) -> LastTurn | None:
        """Read a call's last turn under the same 300 ms.

        None where there is none or it cannot be had.
        """
        ...

    def note(self, notice: Notice) -> Noted:
        """Write a status post, once for each ``event_id``; waits as ``record`` does.

        Raises:
            JournalError: it is not known to be written; the platform may send it again.
        """
        ...

    def start(self, token: str) -> Start | None:
        """Read a call that we placed by its token, under the same 300 ms."""
        ...

    def ping(self) -> None:
        """Ask whether the journal works, under the same 300 ms.

        Raises:
            JournalError: it does not; says why.
        """
        ...

    def instance_id(self) -> str:
        """The random id of this journal: two programs that read the same one share it.

        Raises:
            JournalError: it cannot be read.
        """
        ...

    def write_start(self, start: Start) -> tuple[Start, bool]:
        """Write a call before it is dialled.

        Returns:
            the start as it stands in the journal, and whether this wrote it: with an idempotency
                key that was used before it is the start of then, which must not be dialled again.

        Raises:
            JournalError: it is not known to be written, so it must not be dialled.
        """
        ...

    def start_of_key(self, idempotency_key: str) -> Start | None:
        """The start that a key placed; None for a key that is new, and for "".

        Raises:
            JournalError: it cannot be read.
        """
        ...

    def finish_start(
        self, token: str, status: str, platform_id: str = "", detail: str = ""
    ) -> None:
        """Write what the platform said to a call that we place.

        Raises:
            JournalError: it cannot be written.
        """
        ...

    def take_dial(self, kind: DialKind, limit: int, now: datetime) -> bool:
        """Count one more dial of this hour, by all workers together, unless it has ``limit``.

        Waits as a turn does for a flow's dial, and a few seconds for a start's.

        Returns:
            whether it may be dialled.

        Raises:
            JournalError: it cannot be counted.
        """
        ...

    def close(self) -> None:
        """Write what waits (at most a few seconds), and end the threads."""
        ...


class Provider(Protocol):
    """Our adapter for a platform."""

    @property
    def name(self) -> str:
        """``callr``, ``stringee``: the first part of the webhook's path and of every call key."""
        ...

    @property
    def deadline_s(self) -> float:
        """Seconds within which the platform wants its reply."""
        ...

    @property
    def manner(self) -> Manner:
        """How the platform takes commands."""
        ...

    def address(self, path: Sequence[str]) -> Address | None:
        """What the rest of a webhook's path leads to, part by part; None for no webhook."""
        ...

    def authenticate(self, request: WireRequest) -> None:
        """Check the credentials of a webhook, on raw bytes, in constant time.

        Raises:
            UnauthorizedError: they are absent or wrong.
        """
        ...

    def read(self, request: WireRequest, received_at: datetime) -> Report | Notice:
        """Read a report, or a status post.

        Raises:
            PlatformError: it is no report of a call at all.
        """
        ...

    def write(self, turn: Turn, sealed: str) -> WireReply:
        """Write the reply that gives the turn's commands and carries the sealed state.

        Raises:
            FlowError: the platform does not take the command with these values.
        """
        ...

    def acknowledge(self) -> WireReply:
        """The reply to a report that ended the call, and to a status post."""
        ...

    def last_resort(self, report: Report, apology: Say) -> WireReply:
        """A reply made from the report alone.

        An apology, then the fallback number or the end; never loops.
        """
        ...

    def star(self, report: Report) -> bytes:
        """The report's bytes with what the caller pressed starred key by key."""
        ...

    def check(self, flow: Flow) -> Sequence[Finding]:
        """What this platform cannot do of a flow."""
        ...


class Placer(Protocol):
    """What places calls on a platform: costs money, and is never tried twice by itself."""

    @property
    def name(self) -> str:
        """As ``Provider.name``."""
        ...

    def voice_app(self, flow: str, chosen: str) -> str:
        """The platform's object that a call to a flow is started with; ``chosen`` overrides.

        Raises:
            ApiError: there is none, or there are several; says the line that makes one.
        """
        ...

    def place(self, start: Start) -> str:
        """Dial. Returns the platform's id of the request.

        Raises:
            PlacingError: the platform refused, or did not answer.
        """
        ...
