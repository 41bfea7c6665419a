"""A Stringee telephone for scenarios: the like of `Telephone`, on the other platform.

    call = stringee.ring("desk", "1", kind="app-to-app", caller="user_1")
    assert call.heard == ["Hello. Press 1."]
    assert call.way == "hello:then choose:1 team:then"
    assert call.outcome == "transferred"

Every list of actions that the platform got must stand in the journal as it was sent.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from serving import PATIENCE_S
from stringee_serving import SIGNING_KEY
from telephone import SPEED, Heard

from app.bootstrap import Parts, build
from app.callflow.errors import JournalError
from app.journal import History
from app.ports import Start
from app.settings import Settings
from app.simulator import Script, Scripted
from app.simulator.stringee import (
    Kind,
    Project,
    StringeeConditions,
    StringeeHostility,
    StringeeReadings,
    StringeeRecord,
    call_out,
    ring_in,
)
from app.simulator.transcript import Began, Event, Replied
from app.stringee.provider import StringeeProvider

PROJECT = Project(signing_key=SIGNING_KEY)
ASKS = frozenset({"answer_url", "eventUrl", "onFailEventUrl"})
"""The requests that are answered with a list of actions."""


class Answering(Protocol):
    """A server that is rung, and whose journal is read."""

    url: str

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def database_url(self) -> str: ...


@dataclass(frozen=True)
class StringeeCall(Heard):
    """A Stringee call that is over."""

    record: StringeeRecord

    @property
    def lists(self) -> list[list[dict[str, Any]]]:
        """Every list of actions that the platform was given by a webhook, in order."""
        return [json.loads(reply) for reply in replies(self.record)]

    def urls(self, what: str) -> list[str]:
        """Where requests of a kind went."""
        return [request.url for request in self.record.requests if request.what == what]


class StringeePhone:
    """Rings the flows of a server as Stringee does, and is rung by them.

    Args:
        server: which answers.
        readings: how the platform goes where nobody documented it.
        hostility: what goes wrong on purpose.
        speed: simulated seconds in a real one.
    """

    def __init__(
        self,
        server: Answering,
        readings: StringeeReadings | None = None,
        hostility: StringeeHostility | None = None,
        speed: float = SPEED,
    ) -> None:
        self.server = server
        self.history = History(server.database_url)
        self._conditions = StringeeConditions(
            speed=speed,
            readings=readings or StringeeReadings(),
            hostility=hostility or StringeeHostility(),
        )

    def under(
        self,
        readings: StringeeReadings | None = None,
        hostility: StringeeHostility | None = None,
    ) -> StringeePhone:
        """The same telephone at a platform that goes otherwise."""
        return StringeePhone(self.server, readings, hostility, self._conditions.speed)

    def ring(
        self,
        flow: str,
        *keys: str,
        kind: Kind = "phone-to-phone",
        query: str = "",
        caller: str = "",
        called: str = "",
        user_id: str = "",
        custom: str = "",
        odd: bool = False,
        **does: Any,
    ) -> StringeeCall:
        """Call a flow in, and stay on the line until the call is over.

        Args:
            flow: its name.
            keys: one entry for each time that keys are asked for; "" is silence.
            kind: the type of call; it says whether an app or a phone calls.
            query: of the configured answer_url itself, with its `?`.
            caller: `from`, as for `ring_in`.
            called: `to`.
            user_id: who is logged in at the app that calls.
            custom: what the app says besides.
            odd: incidents, and warnings of the platform's, are expected: the test looks at them.
            does: what else the person does; see `Script`.
        """
        record = ring_in(
            f"{self.server.url}/stringee/{flow}/answer{query}",
            person=Scripted(Script(keys=keys, **does)),
            kind=kind,
            caller=caller,
            called=called,
            user_id=user_id,
            custom=custom,
            event_url=self._event_url,
            project=PROJECT,
            conditions=self._conditions,
        )
        return self._told(record, f"stringee:{record.facts.call_id}", [], odd=odd)

    def be_rung(
        self,
        flow: str,
        *keys: str,
        variables: Mapping[str, str] | None = None,
        odd: bool = False,
        **does: Any,
    ) -> StringeeCall:
        """Be called by a flow, as the server places a call; see `ring`.

        Its first list is made and journalled before anybody is rung, and goes with the order to
        ring; the call's id is the platform's answer to that.
        """
        start = _start(flow, variables or {})
        with closing(self._placing()) as parts:
            parts.journal.write_start(start)
            actions = _begun(parts, start)

            def journal_the_id(event: Event) -> None:
                if isinstance(event, Began):
                    parts.journal.finish_start(start.token, "placed", str(event.callid))

            record = call_out(
                actions=actions,
                person=Scripted(Script(keys=keys, **does)),
                caller=start.caller_id,
                called=start.number,
                event_url=self._event_url,
                project=PROJECT,
                conditions=self._conditions,
                listeners=(journal_the_id,),
            )
        return self._told(record, f"stringee:start:{start.token}", [json.dumps(actions)], odd=odd)

    @property
    def _event_url(self) -> str:
        return f"{self.server.url}/stringee/events"

    def _placing(self) -> Parts:
        """What places calls, with the server's own settings and journal."""
        return build(Settings.load(self.server.environ, env_file=None))

    def _told(
        self, record: StringeeRecord, key: str, begun: Sequence[str], *, odd: bool
    ) -> StringeeCall:
        """Read in the journal what became of a call, and check that it was answered properly."""
        assert not record.faults, record.faults
        call = self._from_journal(record, key)
        journalled = [
            json.loads(turn.reply) for turn in call.turns if turn.kind in {"turn", "last_resort"}
        ]
        given = [json.loads(reply) for reply in (*begun, *replies(record))]
        assert journalled == given, f"{journalled} != {given}"
        numbers = [turn.turn for turn in call.turns if turn.kind == "turn"]
        assert numbers == list(range(1, len(numbers) + 1)), f"replies are numbered {numbers}"
        if not odd:
            assert not record.warnings, record.warnings
            assert not call.incidents, call.incidents
        return call

    def _from_journal(self, record: StringeeRecord, key: str) -> StringeeCall:
        """A turn whose verdict is late is written after its reply: wait for the end."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                call = self.history.call(key)
                if call.row.ended_at:
                    break
                found = f"the journal has no end of the call: {call.row}"
            except JournalError as problem:
                found = str(problem)
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        turns = [turn for turn in self.history.turns(key) if turn.kind != "conflict"]
        return StringeeCall(record, replace(call, turns=len(turns)), turns)


def replies(record: StringeeRecord) -> list[str]:
    """The lists that the platform was given, one for each request however often it was sent."""
    asked = [request.number for request in record.requests if request.what in ASKS]
    given = {event.number: event.body for event in record.of(Replied)}
    return [given[number] for number in dict.fromkeys(asked) if number in given]


def _start(flow: str, variables: Mapping[str, str]) -> Start:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return Start(
        token="oh" + "".join(secrets.choice(letters) for _ in range(14)),
        provider="stringee",
        flow=flow,
        number="+84900000001",
        caller_id="+842400000001",
        ring_s=30,
        field="",
        variables=variables,
        created_at=datetime.now(UTC),
    )


def _begun(parts: Parts, start: Start) -> list[Any]:
    """The first list of a call that is about to be placed."""
    provider = parts.platforms["stringee"]
    assert isinstance(provider, StringeeProvider)
    report = provider.placed_by(start, datetime.now(UTC))
    reply = parts.switchboard.begin(provider, report, start.flow)
    assert reply is not None, "the flow could not begin"
    actions: list[Any] = json.loads(reply.body)
    return actions
