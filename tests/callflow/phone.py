"""A call as it is heard: plays a flow through the engine, with no platform in between.

``play(reception).hears("Thanks for calling.").hears("Press 1.").presses("1")``: whatever is said is
heard to its end, so that the next command is there; what asks for keys waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.callflow.call import Call
from app.callflow.commands import Collect, Command, Dial, Hangup, Play, Record, Say
from app.callflow.engine import new_call, take_fallback, take_turn
from app.callflow.events import (
    CallArrived,
    CommandDone,
    CommandFailed,
    Direction,
    Event,
    HungUp,
    NoInput,
)
from app.callflow.flow import Flow
from app.callflow.kinds.base import Step
from app.callflow.parties import Party, Phone
from app.callflow.scene import Ask
from app.callflow.steps import hang_up
from app.callflow.turn import Turn

MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CALLER = Phone("+33612345678")
OUR_NUMBER = Phone("+33199001020")

ENDS = {
    "bye": hang_up(),
    "there": hang_up("There."),
    "failed": hang_up("Failed."),
    "nothing": hang_up("Nothing."),
    "busy": hang_up("Busy."),
}
"""Ends to lead exits to, told apart by what is heard."""

Fetches = Mapping[str, Callable[..., Any]]


class PhoneCall:
    """One call through a flow, and what was heard of it so far.

    Between two turns the call lives as its state alone, as it does on a real line.

    Attributes:
        turns: every turn, in order.
        asked: what the turns asked of the world.
    """

    def __init__(self, flow: Flow, arrived: CallArrived, fetches: Fetches | None = None) -> None:
        self.flow = flow
        self.arrived = arrived
        self.turns: list[Turn] = []
        self.asked: list[Ask] = []
        self._fetches = fetches or {}
        self._before = new_call(flow, key="callr:1", provider="callr", arrived=arrived)
        self.reports(arrived)

    @property
    def turn(self) -> Turn:
        return self.turns[-1]

    @property
    def call(self) -> Call:
        return self.turn.call

    @property
    def command(self) -> Command:
        assert self.turn.placed, f"the call is over: {self.turn.outcome}"
        return self.turn.placed[0].command

    @property
    def trail(self) -> list[str]:
        """Every exit that was taken, as ``step:exit``."""
        return [f"{step}:{exit_}" for turn in self.turns for step, exit_ in turn.trail]

    @property
    def incidents(self) -> str:
        return "\n".join(incident for turn in self.turns for incident in turn.incidents)

    def reports(self, event: Event) -> PhoneCall:
        """The platform reports something."""
        self._take(lambda answers: take_turn(self.flow, self._before, event, answers))
        return self

    def falls_back(self) -> PhoneCall:
        """Something went wrong, and the flow's fallback step is taken."""
        self._take(lambda answers: take_fallback(self.flow, self._before, answers))
        return self

    def hears(self, *texts: str) -> PhoneCall:
        """Each text is said, one command each; keys are waited for, and not yet pressed."""
        for text in texts:
            self.is_hearing(text)
            if isinstance(self.command, Say | Play):
                self.reports(CommandDone("0"))
        return self

    def is_hearing(self, text: str) -> PhoneCall:
        """The text is being said: the command is not done."""
        assert spoken(self.command) == text
        return self

    def is_asked_for_keys(self) -> PhoneCall:
        assert isinstance(self.command, Collect), self.command
        return self

    def presses(self, keys: str) -> PhoneCall:
        self.is_asked_for_keys()
        return self.reports(CommandDone(keys))

    def presses_nothing(self) -> PhoneCall:
        self.is_asked_for_keys()
        return self.reports(NoInput())

    def is_recorded(self, name: str = "") -> PhoneCall:
        """The caller speaks after the tone; "" where nothing was said."""
        assert isinstance(self.command, Record), self.command
        return self.reports(CommandDone(name))

    def is_dialled(self, result: str) -> PhoneCall:
        """The platform rings the targets, with this result."""
        assert isinstance(self.command, Dial), self.command
        return self.reports(CommandDone(result))

    def is_done(self, result: str = "0") -> PhoneCall:
        return self.reports(CommandDone(result))

    def fails(self, error: str = "PROPERTY_VALUE_ERROR [x]", *, minor: bool = False) -> PhoneCall:
        """The platform cannot do the command."""
        return self.reports(CommandFailed(error, minor=minor))

    def is_hung_up(self) -> PhoneCall:
        """We hang up, and the platform says so."""
        assert isinstance(self.command, Hangup), self.command
        return self.reports(HungUp())

    def hangs_up(self, result: str = "", *, error: str = "") -> PhoneCall:
        """The caller hangs up; ``result`` is what the interrupted command brought."""
        return self.reports(HungUp(result, error))

    def ends(self, outcome: str, disposition: str = "") -> PhoneCall:
        assert (self.turn.outcome, self.call.disposition) == (outcome, disposition)
        assert self.turn.placed == ()
        return self

    def deployed(self, flow: Flow) -> PhoneCall:
        """From here on the server has another version of the flow."""
        self.flow = flow
        self._before = replace(self._before, timezone=flow.timezone or "UTC")
        return self

    def _take(self, take: Callable[[Mapping[Ask, Any]], Turn | Ask]) -> None:
        answers: dict[Ask, Any] = {}
        result = take(answers)
        while isinstance(result, Ask):
            self.asked.append(result)
            answers[result] = self._fetches[result.function](*result.inputs)
            result = take(answers)
        self.turns.append(result)
        self._before = reread(result.call)


def play(
    flow: Flow,
    *,
    at: datetime = MONDAY_NOON,
    caller: Party = CALLER,
    called: Party = OUR_NUMBER,
    direction: Direction = "inbound",
    token: str = "",
    given: Mapping[str, str] | None = None,
    fetches: Fetches | None = None,
) -> PhoneCall:
    """Ring: the call arrives, and its first command is there."""
    arrived = CallArrived(direction, caller, called, at, token, given or {})
    return PhoneCall(flow, arrived, fetches)


def flow_of(first: Step, **others: Any) -> Flow:
    """A flow whose first step is ``first``; further steps and options of ``Flow`` come by name.

    Exits may lead to ``ENDS`` too. Steps that no exit leads to are left out.
    """
    steps = {"first": first, **ENDS, **{n: one for n, one in others.items() if _is_step(one)}}
    options = {name: one for name, one in others.items() if not _is_step(one)}
    reached: set[str] = set()
    waiting = ["first", options.get("fallback", "first")]
    while waiting:
        name = waiting.pop()
        if name in steps and name not in reached:
            reached.add(name)
            waiting += [exit_.step for exit_ in steps[name].exits.values()]
    kept = {name: step for name, step in steps.items() if name in reached}
    return Flow("line", start="first", steps=kept, **options)


def _is_step(one: object) -> bool:
    return isinstance(one, Step)


def reread(call: Call) -> Call:
    """The call as the next turn's worker has it: out of its state."""
    read = Call.from_state(call.to_state(), key=call.key, provider=call.provider)
    return replace(read, timezone=call.timezone)


def spoken(command: Command) -> str:
    """What a command says: a text, or what a sound is said to say."""
    match command:
        case Say(text):
            return text
        case Play(media):
            return media.says
        case Collect(prompt=prompt):
            return spoken(prompt) if prompt else ""
        case _:
            return f"<{type(command).__name__}>"
