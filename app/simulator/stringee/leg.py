"""The call that actions are carried out on."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.simulator.deadline import Answered
from app.simulator.exchange import Exchange
from app.simulator.line import Line
from app.simulator.person import Person
from app.simulator.stringee.actions import Action, Format
from app.simulator.stringee.conditions import StringeeHostility, StringeeReadings
from app.simulator.stringee.events import Events
from app.simulator.stringee.facts import StringeeFacts
from app.simulator.stringee.webhooks import Webhooks
from app.simulator.transcript import Started

CUT_BY = "line cut on purpose"


@dataclass(frozen=True, slots=True)
class Step:
    """An action to carry out, and the object that it was read from."""

    action: Action
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Next:
    """What comes after an action: another list in the place of the rest, or the rest."""

    steps: tuple[Step, ...] | None = None


class OverError(Exception):
    """The call is over.

    Args:
        cause: `endCallCause` of the event `ended`.
        by: who hung up, as the transcript has it.
        ended_by: `endedBy`, EXTERNAL or INTERNAL.
    """

    def __init__(self, cause: str, *, by: str, ended_by: str = "INTERNAL") -> None:
        super().__init__(cause)
        self.cause = cause
        self.by = by
        self.ended_by = ended_by


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A recording of the whole call that runs since `since`, in simulated seconds."""

    event_url: str
    format: Format
    since: float


@dataclass(slots=True)
class Leg:
    """The state of a call while its actions are carried out.

    Attributes:
        answered_at: when it was answered, in simulated seconds; None while it was not.
        call_type: `callType` of the event `ended`.
        recording: the recording of the whole call that runs.
        messages: how many messages were recorded.
        commands: how many actions have begun.
        origin: of the URL of a recording, such as `https://api.stringee.com`.
        files: names the sounds that `play` can play; None lets it play any.
        joined: parties that were added to the conversation.
    """

    facts: StringeeFacts
    line: Line
    person: Person
    exchange: Exchange
    webhooks: Webhooks
    events: Events
    readings: StringeeReadings
    hostility: StringeeHostility
    origin: str
    files: Callable[[], Collection[str]] | None = None
    answered_at: float | None = None
    call_type: str = "IVR"
    recording: RecordedCall | None = None
    messages: int = 0
    commands: int = 0
    kept: list[tuple[str, float]] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)

    def begin(self, step: Step, *, listening: bool = False) -> None:
        """An action starts. While keys are listened to, none may be lost to looking at the line."""
        self.commands += 1
        self.line.begin_command()
        name = str(step.given.get("action"))
        params = {key: value for key, value in step.given.items() if key != "action"}
        self.line.tell(Started, number=self.commands, command=name, params=params)
        if self.commands == self.hostility.hang_up_during:
            self.line.hang_up(by=CUT_BY)
        if not listening:
            self.line.check()

    def answer(self, actor: str = "") -> None:
        """The leg is answered, if it was not before."""
        if self.answered_at is None:
            self.answered_at = self.line.now
            self.events.tell("answered", actor=actor)

    @property
    def now_ms(self) -> int:
        """The time now, in ms since 1970."""
        return self.facts.ms(self.line.now)

    def tell_recording(self, url: str, recording: str, *, since: float) -> Answered | None:
        """Post that a recording is there. Its body is undocumented; customers captured this one.

        Args:
            url: the action's eventUrl; "" posts nothing.
            recording: its id.
            since: when it began, in simulated seconds.
        """
        body = {
            "call_id": self.facts.call_id,
            "recording_url": f"{self.origin}/v1/call/recording/{recording}",
            "start_time": self.facts.ms(since),
            "end_time": self.now_ms,
            "fromNumber": self.facts.caller,
            "toNumber": self.facts.called,
            "project_id": self.facts.project.id,
        }
        return self.webhooks.tell("recording", url, body) if url else None
