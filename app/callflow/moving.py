"""One turn in the making: how a call moves from step to step, and what it is told on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.callflow.call import Phase
from app.callflow.checks import MAX_GIVEN_CHARS, MAX_OFFERED_BYTES
from app.callflow.commands import Collect, Command, Dial, Hangup, Record
from app.callflow.errors import FlowError
from app.callflow.events import (
    DIAL_ANSWERED,
    CallArrived,
    CommandDone,
    CommandFailed,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
)
from app.callflow.kinds.asking import CollectStep
from app.callflow.kinds.base import (
    Again,
    CommandStep,
    Finish,
    Finished,
    Leave,
    Move,
    SilentStep,
    Step,
)
from app.callflow.kinds.doing import TRANSFERRED, DialStep, HangUpStep, RecordStep
from app.callflow.manner import Manner
from app.callflow.parties import Client, Phone, is_e164
from app.callflow.prompts import json_size, printable, within
from app.callflow.references import recording_reference
from app.callflow.scene import Scene
from app.callflow.turn import Placed, Turn, verb_of

MAX_STEPS_A_TURN = 50
MAX_TURNS_A_CALL = 500
MAX_COMMANDS_A_TURN = 50
"""How far a turn runs ahead, on a platform that takes a list."""
MAX_FALLBACK_TURNS = 20
"""How many turns more a call has once it is in its flow's fallback, to be ended decently."""
MAX_RESULT_CHARS = 100
"""How much of a command's result is kept as ``result``."""

HUNG_UP = "hung_up"
DIALLED = "dialled"
FAILED = "failed"


class Moving:
    """One turn in the making: moves the scene's call, and notes where it went."""

    def __init__(self, scene: Scene, manner: Manner) -> None:
        self.scene = scene
        self.manner = manner
        self.placed: tuple[Placed, ...] = ()
        self.trail: list[tuple[str, str]] = []
        self.outcome = ""

    def turn(self) -> Turn:
        """The turn, once it is made."""
        return Turn(
            call=self.scene.call,
            placed=self.placed,
            trail=tuple(self.trail),
            incidents=tuple(self.scene.incidents),
            outcome=self.outcome,
            answers=self.scene.answers,
        )

    def start(self, event: Event) -> None:
        """The call is there: bring what was given, and enter the first step."""
        assert isinstance(event, CallArrived)  # noqa: S101 - LIFE says so; mypy wants to hear it
        scene, flow = self.scene, self.scene.flow
        given = dict(flow.given)
        scene.step = flow.start
        if event.token:
            self._bring_start(scene.ask("start", event.token), given)
        self._bring_offered(event.offered, given)
        for name, value in event.given.items():
            if name in given:
                given[name] = printable(value[:MAX_GIVEN_CHARS])
            else:
                scene.incident(f"the URL gives {name!r}, which the flow does not declare in given.")
        scene.call = scene.call.but(phase=Phase.LIVE).with_variables(given)
        self._enter(flow.start)

    def _bring_offered(self, offered: Mapping[str, str], given: dict[str, str]) -> None:
        """What the platform offers, the shortest first: what is too long in all is cut."""
        room = MAX_OFFERED_BYTES
        wanted = [(len(value), name) for name, value in offered.items() if name in given]
        for _, name in sorted(wanted):
            text = printable(offered[name][:MAX_GIVEN_CHARS])
            given[name] = within(text, room)
            room -= json_size(given[name])
            if given[name] != text:
                self.scene.incident(f"what came as '{name}' is too long for a call, and was cut.")

    def _bring_start(self, start: Mapping[str, Any] | None, given: dict[str, str]) -> None:
        """What the row of an outbound call says: its variables, and our number."""
        scene = self.scene
        if start is None:
            scene.incident(
                "the variables of this outbound call could not be read; defaults used. See that "
                "the journal answers, and that whoever dialled keeps the same one."
            )
            return
        for name, value in start["variables"].items():
            if name in given:
                given[name] = printable(value[:MAX_GIVEN_CHARS])
        if scene.call.caller is None and is_e164(start["caller_id"]):
            scene.call = scene.call.but(caller=Phone(start["caller_id"]))

    def go_on(self, event: Event) -> None:
        """A command was done, or failed.

        The next command of the step, or the exit that it chooses.
        """
        assert isinstance(event, CommandDone | NoInput | CommandFailed)  # noqa: S101 - as above
        scene = self.scene
        if scene.call.ending:
            scene.incident(f"step '{scene.step}': the call lived on after a hang-up.")
            self._give(Hangup(), at=scene.call.at, last=True)
            return
        step = scene.flow.steps.get(scene.call.step)
        if step is None:
            msg = f"step '{scene.call.step}' is gone from flow '{scene.flow.name}'."
            raise FlowError(msg, mend="Keep steps for as long as calls last.", step=scene.call.step)
        if not isinstance(step, CommandStep) or not self._still_gives(step):
            scene.incident(f"step '{scene.step}' gives another command since a deploy; begun anew.")
            self._enter_anew(scene.call.step)
        elif scene.call.rest and isinstance(step, DialStep) and not _is_answered(event):
            self._give(step.dial(scene, scene.call.rest), at=scene.call.at, last=True)
        elif scene.call.last:
            self._move(step, self._chosen(step, event))
        elif isinstance(event, CommandFailed) and "failure" in step.exits:
            self._move(step, Leave("failure"))
        else:
            if isinstance(event, CommandFailed):
                scene.incident(f"step '{scene.step}': the platform said {event.error!r}; went on.")
            self._place(step.commands(scene), scene.call.at + 1)

    def run_ahead(self) -> None:
        """Give what comes after a command that the platform does not report, as if it were done."""
        while self.placed and not self._waits(self.placed[-1].command):
            if len(self.placed) >= MAX_COMMANDS_A_TURN:
                msg = f"more than {MAX_COMMANDS_A_TURN} commands, and nothing asked of the caller."
                mend = "Let a menu, a collect or a dial stand between."
                raise FlowError(msg, mend=mend, step=self.scene.step)
            self._go_past(self.placed[-1].command)

    def _waits(self, command: Command) -> bool:
        return isinstance(command, Hangup) or self.manner.reports(command)

    def _go_past(self, command: Command) -> None:
        scene, call = self.scene, self.scene.call
        step = scene.flow.steps[call.step]
        assert isinstance(step, CommandStep)  # noqa: S101 - it gave the command
        if not call.last:
            self._place(step.commands(scene), call.at + 1)
            return
        recorded = isinstance(command, Record)
        result = recording_reference(call.turn, len(self.placed) - 1) if recorded else ""
        self._move(step, step.after(scene, CommandDone(result)))

    def end(self, event: Event) -> None:
        """The call was hung up: keep what its last command brought, and say what it came to."""
        assert isinstance(event, HungUp)  # noqa: S101 - as above
        scene = self.scene
        step = scene.flow.steps.get(scene.call.step)
        dialling = scene.call.verb == verb_of(Dial) and not scene.call.ending
        if scene.call.last and event.result and not event.error:
            scene.call = scene.call.with_variables(_kept(step, scene.call.verb, event.result))
        outcome = HUNG_UP if event.early else scene.call.ending or HUNG_UP
        if dialling:
            outcome = TRANSFERRED if event.result == DIAL_ANSWERED else DIALLED
        if scene.call.fallen and outcome in {"completed", HUNG_UP}:
            outcome = FAILED
        if scene.call.ahead and not event.early:
            scene.call = replace(scene.call, disposition=scene.call.ahead)
        self._end(outcome)

    def end_unanswered(self, event: Event) -> None:
        """A call that we placed was not answered."""
        assert isinstance(event, NotAnswered)  # noqa: S101 - as above
        self.scene.call = replace(self.scene.call, disposition="")
        self._end(str(event.why))

    def stay_ended(self, event: Event) -> None:
        """The end was reported once more: nothing changes."""
        del event
        self.outcome = self.scene.call.ending or HUNG_UP

    def pass_exit(self, step: str, label: str, name: str) -> None:
        """Go to a step by an exit that no step declares."""
        self.trail.append((step, label))
        self._enter_anew(name)

    def _end(self, outcome: str) -> None:
        self.outcome = outcome
        self.scene.call = self.scene.call.but(phase=Phase.ENDED, ending=outcome)

    def _still_gives(self, step: CommandStep) -> bool:
        """Whether a step gives the command that was reported, also after a deploy."""
        call = self.scene.call
        if call.fingerprint == self.scene.flow.fingerprint:
            return True
        commands = step.commands(replace(self.scene, incidents=[]))
        return call.at < len(commands) and verb_of(type(commands[call.at])) == call.verb

    def _chosen(self, step: CommandStep, event: Finished) -> Move:
        if isinstance(event, CommandFailed):
            return step.failed(self.scene, event)
        return step.after(self.scene, event)

    def _move(self, step: CommandStep, move: Move) -> None:
        scene = self.scene
        match move:
            case Leave():
                self._enter(self._follow(step, move, result=move.result[:MAX_RESULT_CHARS]))
            case Finish(outcome):
                self.trail.append((scene.step, outcome))
                scene.call = scene.call.but(ending=outcome)
                self._give(Hangup(), at=scene.call.at + 1, last=True)
            case Again(why, tries):
                scene.call = scene.call.but(tries=scene.call.tries + 1, why=why)
                if scene.call.tries >= tries:
                    self._move(step, Leave("failure"))
                else:
                    self.trail.append((scene.step, why))
                    self._place(step.commands(scene), 0)

    def _follow(
        self, step: CommandStep | SilentStep, leave: Leave, result: str | None = None
    ) -> str:
        """Take an exit: set what it sets. Returns the step that it leads to."""
        scene, call = self.scene, self.scene.call
        exit_ = step.exits[leave.exit]
        self.trail.append((scene.step, leave.exit))
        counts, variables = call.counts, call.variables
        if step.bounds(leave.exit):
            counts = {**counts, scene.step: counts.get(scene.step, 0) + 1}
        if leave.assigned or exit_.assigned:
            variables = {**variables, **leave.assigned, **dict(exit_.assigned)}
        scene.call = call.but(
            counts=counts,
            variables=variables,
            language=exit_.language or leave.language or call.language,
            result=call.result if result is None else result,
            tries=0 if exit_.step != scene.step else call.tries,
            why="",
        )
        return exit_.step

    def _enter_anew(self, name: str) -> None:
        """Enter a step, whatever the call was doing before, with all its tries."""
        self.scene.call = self.scene.call.but(tries=0, why="")
        self._enter(name)

    def _enter(self, name: str) -> None:
        """Pass silent steps until one gives a command, and give it."""
        scene = self.scene
        for _ in range(MAX_STEPS_A_TURN):
            step = scene.flow.steps[name]
            scene.step = name
            if isinstance(step, SilentStep):
                name = self._follow(step, step.choose(scene))
                continue
            assert isinstance(step, CommandStep)  # noqa: S101 - a step is the one or the other
            commands = step.commands(scene)
            if commands:
                self._place(commands, 0)
                return
            leave = step.nothing_to_do()
            scene.call = scene.call.but(result=leave.result)
            name = self._follow(step, leave)
        msg = f"more than {MAX_STEPS_A_TURN} steps passed within one turn, the last '{name}'."
        raise FlowError(msg, mend="Let a step that gives a command stand between.", step=name)

    def _place(self, commands: tuple[Command, ...], at: int) -> None:
        if at >= len(commands):
            msg = f"step '{self.scene.step}' has no command {at + 1} any more."
            raise FlowError(msg, mend="Keep steps for as long as calls last.", step=self.scene.step)
        self._give(commands[at], at=at, last=at == len(commands) - 1)

    def _give(self, command: Command, *, at: int, last: bool) -> None:
        call, step = self.scene.call, self.scene.flow.steps.get(self.scene.step)
        if call.turn >= MAX_TURNS_A_CALL + MAX_FALLBACK_TURNS * call.fallen:
            msg = f"the call has had {MAX_TURNS_A_CALL} turns."
            raise FlowError(msg, mend="Bound the flow with at_most.", step=self.scene.step)
        ending = call.ending or ("completed" if isinstance(command, Hangup) else "")
        disposition, ahead = self._disposition(step)
        rest: tuple[Phone | Client, ...] = ()
        if self.manner.one_target and isinstance(command, Dial):
            command, rest = replace(command, targets=command.targets[:1]), command.targets[1:]
        turn = call.turn if self.placed else call.turn + 1
        self.placed = (*self.placed, Placed(self.scene.step, at, command))
        self.scene.call = call.but(
            turn=turn,
            step=self.scene.step,
            disposition=disposition,
            ahead=ahead,
            at=at,
            last=last,
            verb=verb_of(type(command)),
            ending=ending,
            fingerprint=self.scene.flow.fingerprint,
            rest=rest,
        )

    def _disposition(self, step: Step | None) -> tuple[str, str]:
        """What the call has come to, and what it will have once this list is heard to its end."""
        now = self.scene.call.disposition
        if not isinstance(step, HangUpStep) or not step.disposition:
            return now, ""
        if self.placed and self.placed[0].step != self.scene.step:
            return now, step.disposition  # others stand before it, which may not be heard out
        return step.disposition, ""


def _is_answered(event: Event) -> bool:
    return isinstance(event, CommandDone) and event.result == DIAL_ANSWERED


def _kept(step: object, verb: str, result: str) -> dict[str, str]:
    """What a hang-up leaves in ``into``.

    A recording, or an entry that has the right length and keys.
    """
    if isinstance(step, RecordStep) and verb == verb_of(Record):
        return {step.into: result}
    if isinstance(step, CollectStep) and verb == verb_of(Collect) and step.fits(result):
        return {step.into: result}
    return {}
