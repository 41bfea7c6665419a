"""A telephone for scenarios: rings a server as the simulated platform does, and reads its journal.

    call = telephone.ring("age_gate", "22")
    assert call.heard == ["Hello there. How old are you?", "You are 22 years old."]
    assert call.way == "ask_age:then say_age:then adult:True room:then"
    assert call.outcome == "hung_up"

What the person met with comes from the simulator; way, outcome, disposition, incidents and
variables are what the journal says, which must have every reply as it was sent.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from serving import PATIENCE_S

from app.callflow.errors import JournalError
from app.journal import History
from app.journal.queries import JournalledCall
from app.ports import TurnRecord
from app.simulator import (
    TEST_APP,
    CallRecord,
    Conditions,
    Exchange,
    Hostility,
    Readings,
    Script,
    Scripted,
    ring,
    ring_out,
)
from app.simulator.record import Record
from app.simulator.transcript import (
    KeysWanted,
    Listener,
    Posted,
    Replied,
    Said,
    Started,
)

SPEED = 5000.0
"""Simulated seconds in a real one: ten seconds of a call take two milliseconds."""

FRIDAY_NOON = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)
"""In opening hours of `reception` and, in Paris at 13:00, in none of `clinic`."""

FRIDAY_MORNING = datetime(2026, 1, 9, 9, 30, tzinfo=UTC)
"""In opening hours of `reception` and of `clinic`."""

SUNDAY = datetime(2026, 1, 11, 12, 0, tzinfo=UTC)


class Answering(Protocol):
    """A server that is rung, and whose journal is read."""

    url: str
    login: str
    password: str

    @property
    def database_url(self) -> str: ...

    def log(self) -> str: ...


@dataclass(frozen=True)
class Heard:
    """A call that is over, on whichever platform: what the person met with, and the journal."""

    record: Record
    journalled: JournalledCall
    turns: Sequence[TurnRecord]

    @property
    def heard(self) -> list[str]:
        """What the person heard: texts as they are, `[beep]`, `[sound 42]`, `[+33... BUSY]`."""
        return list(self.record.heard)

    @property
    def voices(self) -> set[str]:
        """The voices that spoke."""
        return {said.voice for said in self.record.of(Said)}

    @property
    def commands(self) -> list[str]:
        """The platform's commands, in order."""
        return [started.command for started in self.record.of(Started)]

    def params(self, command: str) -> dict[str, Any]:
        """The params of the only command of a name."""
        (found,) = (one.params for one in self.record.of(Started) if one.command == command)
        return dict(found)

    @property
    def keys_wanted(self) -> list[tuple[int, float]]:
        """For each time that keys were asked for: how many at most, and the seconds for them."""
        return [(one.max_digits, one.timeout_s) for one in self.record.of(KeysWanted)]

    @property
    def way(self) -> str:
        """Every `step:exit` that the journal has, the silent ones too."""
        return " ".join(f"{step}:{exit_}" for turn in self.turns for step, exit_ in turn.trail)

    @property
    def outcome(self) -> str:
        return self.journalled.row.outcome

    @property
    def disposition(self) -> str:
        return self.journalled.row.disposition

    @property
    def incidents(self) -> list[str]:
        return [incident for turn in self.turns for incident in turn.incidents]

    @property
    def variables(self) -> dict[str, Any]:
        """The flow's variables at the end."""
        return dict(self.journalled.variables)


@dataclass(frozen=True)
class PhoneCall(Heard):
    """A call of CALLR's that is over."""

    record: CallRecord


class Telephone:
    """Rings the flows of a server, and is rung by them.

    Args:
        server: which answers.
        readings: how the platform goes where nobody documented it.
        hostility: what goes wrong on purpose.
        speed: simulated seconds in a real one.
    """

    def __init__(
        self,
        server: Answering,
        readings: Readings | None = None,
        hostility: Hostility | None = None,
        speed: float = SPEED,
    ) -> None:
        self.server = server
        self.history = History(server.database_url)
        self._conditions = Conditions(
            speed=speed, readings=readings or Readings(), hostility=hostility or Hostility()
        )

    def under(
        self,
        readings: Readings | None = None,
        hostility: Hostility | None = None,
        speed: float = SPEED,
    ) -> Telephone:
        """The same telephone at a platform that goes otherwise."""
        return Telephone(self.server, readings, hostility, speed)

    def ring(
        self,
        flow: str,
        *keys: str,
        at: datetime = FRIDAY_NOON,
        caller: str = "+33612345678",
        app_hash: str = TEST_APP,
        exchange: Exchange | None = None,
        listeners: tuple[Listener, ...] = (),
        odd: bool = False,
        **does: Any,
    ) -> PhoneCall:
        """Call a flow in, and stay on the line until the call is over.

        Args:
            flow: the end of the webhook's path.
            keys: one entry for each time that keys are asked for; "" is silence.
            at: when the call begins.
            caller: E.164, "" for a withheld number.
            app_hash: of the voice app.
            exchange: shared by calls that meet.
            listeners: told what happens as it happens.
            odd: incidents, and warnings of the platform's, are expected: the test looks at them.
            does: what else the person does; see `Script`.
        """
        record = ring(
            self._url(flow),
            person=Scripted(Script(keys=keys, **does)),
            login=self.server.login,
            password=self.server.password,
            caller=caller,
            at=at,
            app_hash=app_hash,
            exchange=exchange,
            listeners=listeners,
            conditions=self._conditions,
        )
        return self.told(record, odd=odd)

    def be_rung(
        self, flow: str, *keys: str, cdr_field: str = "", odd: bool = False, **does: Any
    ) -> PhoneCall:
        """Be called by a flow, and stay on the line until the call is over; see `ring`."""
        record = ring_out(
            self._url(flow),
            person=Scripted(Script(keys=keys, **does)),
            login=self.server.login,
            password=self.server.password,
            at=FRIDAY_NOON,
            cdr_field=cdr_field,
            conditions=self._conditions,
        )
        return self.told(record, odd=odd)

    def told(self, record: CallRecord, *, odd: bool = False) -> PhoneCall:
        """Read in the journal what became of a call, and check that it was answered properly."""
        assert not record.faults, record.faults
        call = self._from_journal(record)
        journalled = [turn.reply.decode() for turn in call.turns]
        assert journalled == _replies(record), f"{journalled} != {_replies(record)}"
        numbers = [turn.turn for turn in call.turns if turn.kind == "turn"]
        assert numbers == list(range(1, len(numbers) + 1)), f"replies are numbered {numbers}"
        if not odd:
            assert not record.warnings, record.warnings
            assert not call.incidents, call.incidents
        return call

    def _from_journal(self, record: CallRecord) -> PhoneCall:
        """A turn whose verdict is late is written after its reply: wait for the last."""
        deadline = time.monotonic() + PATIENCE_S
        arrived = len(_replies(record))
        while True:
            try:
                call = self.history.call(f"callr:{record.facts.callid}")
                if call.turns >= arrived:
                    break
                found = f"the journal has only {call.turns} of {arrived} turns"
            except JournalError as problem:
                found = str(problem)
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        assert call.row.ended_at, f"the journal has no end of the call: {call.row}"
        turns = [turn for turn in self.history.turns(call.row.key) if turn.kind != "conflict"]
        return PhoneCall(record, replace(call, turns=len(turns)), turns)

    def _url(self, flow: str) -> str:
        return f"{self.server.url}/callr/{flow}"


def _replies(record: CallRecord) -> list[str]:
    """The replies in order, one for each report however often it was posted."""
    posted = {event.number: event.body for event in record.of(Posted)}
    return list({posted[event.number]: event.body for event in record.of(Replied)}.values())
