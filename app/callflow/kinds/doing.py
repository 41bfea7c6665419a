"""Steps that tell the platform to do something and wait until it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from app.callflow.call import Call
from app.callflow.commands import (
    Command,
    Conference,
    Dial,
    Hangup,
    Media,
    Native,
    Play,
    Record,
    SendDigits,
    Value,
    Wait,
)
from app.callflow.errors import FlowError
from app.callflow.events import (
    DIAL_ANSWERED,
    DIAL_BUSY,
    DIAL_FAILED,
    CommandFailed,
    NoInput,
)
from app.callflow.kinds.base import CommandStep, Finish, Finished, Leave, Move, result_of
from app.callflow.parties import Client, Phone
from app.callflow.phrases import AFTER_THE_TONE
from app.callflow.prompts import Prompt, Template, joined
from app.callflow.scene import Scene

TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class ClientTarget:
    """A user of an app on the platform, to be rung there; the name may have placeholders."""

    user: Template


Target = Template | ClientTarget | Callable[[Call], Any]
"""Whom to dial: a number or an app's user as written, with placeholders, or a function of the call.

A function gives one or several.
"""


@dataclass(frozen=True, kw_only=True)
class SayStep(CommandStep):
    """Say a prompt, then go on; ``play`` is the same with sounds."""

    kind: ClassVar[str] = "say"
    goes_on: ClassVar[bool] = True

    prompt: Prompt
    language: str | None = None
    voice: str | None = None

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """The prompt's pieces."""
        return scene.spoken(self.prompt, language=self.language, voice=self.voice)


@dataclass(frozen=True, kw_only=True)
class RecordStep(CommandStep):
    """Say a prompt, then record what the caller says."""

    kind: ClassVar[str] = "record"
    goes_on: ClassVar[bool] = True

    prompt: Prompt | None
    into: str
    max_s: int
    silence_s: int
    language: str | None = None
    voice: str | None = None

    def sets(self, label: str) -> frozenset[str]:
        """``then`` sets the variable, to "" where nothing was recorded."""
        return frozenset({self.into}) if label == "then" else frozenset()

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """The prompt's pieces, then the recording."""
        if self.prompt is None:
            spoken = scene.phrase(AFTER_THE_TONE, language=self.language, voice=self.voice)
        else:
            spoken = scene.spoken(self.prompt, language=self.language, voice=self.voice)
        return (*spoken, Record(max_s=self.max_s, silence_s=self.silence_s))

    def after(self, scene: Scene, event: Finished) -> Move:
        """``then`` with the recording, ``nothing`` without one."""
        del scene
        recording = result_of(event)
        if not recording and "nothing" in self.exits:
            return Leave("nothing")
        return Leave("then", {self.into: recording}, result=recording)


@dataclass(frozen=True, kw_only=True)
class DialStep(CommandStep):
    """Connect the caller to the first of several that answers.

    An answered call ends with it.
    """

    kind: ClassVar[str] = "dial"
    ends_call: ClassVar[bool] = True

    targets: tuple[Target, ...]
    ring_s: int
    whisper: Prompt
    ringtone: Literal["ring", "music"]
    caller_id: str | None
    withheld: bool

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """One dial; none of it where every number was refused (see ``nothing_to_do``)."""
        targets = tuple(party for target in self.targets for party in _parties(scene, target))
        return (self.dial(scene, targets),) if targets else ()

    def dial(self, scene: Scene, targets: tuple[Phone | Client, ...]) -> Dial:
        """The command that rings these."""
        whisper = scene.spoken(self.whisper)
        return Dial(
            targets=targets,
            ring_s=self.ring_s,
            caller_id=self.caller_id or scene.call.our_number,
            withheld=self.withheld,
            whisper=whisper[0] if whisper else None,
            ringtone=self.ringtone,
        )

    def texts(self) -> list[tuple[str, Prompt | Template]]:
        """Those of its app users too."""
        users = [one.user for one in self.targets if isinstance(one, ClientTarget)]
        return [*super().texts(), *(("targets", user) for user in users)]

    def after(self, scene: Scene, event: Finished) -> Move:
        """An answered dial ends the call.

        Everything else has an exit, ``no_answer`` for want of a better.
        """
        del scene
        result = result_of(event)
        if result == DIAL_ANSWERED:
            return Finish(TRANSFERRED)
        label = {DIAL_BUSY: "busy", DIAL_FAILED: "failure"}.get(result, "no_answer")
        return Leave(label if label in self.exits else "no_answer", result=result)

    def failed(self, scene: Scene, event: CommandFailed) -> Move:
        """A dial that the platform refused is one that nobody answered.

        The caller is still there.
        """
        scene.incident(f"step '{scene.step}': the platform said {event.error!r}.")
        return self.nothing_to_do()

    def nothing_to_do(self) -> Leave:
        """The exit of a dial that cannot even be tried."""
        return Leave("failure" if "failure" in self.exits else "no_answer", result=DIAL_FAILED)


@dataclass(frozen=True, kw_only=True)
class ConferenceStep(CommandStep):
    """Bring the caller into a room; it goes on when they leave with ``*`` or the room is closed."""

    kind: ClassVar[str] = "conference"

    room: Template | Callable[[Call], Any]
    shared: bool
    auto_leave_when_alone: bool
    welcome: Prompt
    waiting: Prompt
    pin_code: str
    pin_tries: int
    pin_wait_s: int
    pin_prompt: Prompt
    pin_error: Prompt

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """One conference."""
        if isinstance(self.room, Template):
            room = scene.fill(self.room)
        else:
            value = scene.value(self.room, "room")
            if value is None or isinstance(value, bool):
                raise scene.wrong(self.room, "room", value, "a text or a whole number")
            room = str(value)
        if not room:
            msg = f"step '{scene.step}': the room has no name."
            raise FlowError(msg, mend="Set the variables that its name is made of.")
        first = {
            name: next(iter(scene.spoken(getattr(self, name))), None)
            for name in ("welcome", "waiting", "pin_prompt", "pin_error")
        }
        return (
            Conference(
                room=room,
                flow=scene.flow.name,
                shared=self.shared,
                auto_leave_when_alone=self.auto_leave_when_alone,
                pin_code=self.pin_code,
                pin_tries=self.pin_tries,
                pin_wait_s=self.pin_wait_s,
                **first,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class SendDigitsStep(CommandStep):
    """Send DTMF tones."""

    kind: ClassVar[str] = "send_digits"
    goes_on: ClassVar[bool] = True

    digits: Template
    tone_ms: int
    gap_ms: int

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """The tones."""
        digits = scene.fill(self.digits)
        return (SendDigits(digits=digits, tone_ms=self.tone_ms, gap_ms=self.gap_ms),)


@dataclass(frozen=True, kw_only=True)
class WaitStep(CommandStep):
    """Stay silent for a while."""

    kind: ClassVar[str] = "wait"
    goes_on: ClassVar[bool] = True

    seconds: int

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """The wait."""
        del scene
        return (Wait(self.seconds),)


@dataclass(frozen=True, kw_only=True)
class NativeStep(CommandStep):
    """A command of the platform's own, by its own name."""

    kind: ClassVar[str] = "command"

    name: str
    params: Mapping[str, Any]
    into: str | None

    def sets(self, label: str) -> frozenset[str]:
        """``then`` sets the variable, to "" where the command brought nothing."""
        return frozenset({self.into}) if self.into and label == "then" else frozenset()

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """The command, its texts filled and its functions run."""
        params = {
            name: _param(scene, name, written) for name, written in sorted(self.params.items())
        }
        return (Native(self.name, params),)

    def after(self, scene: Scene, event: Finished) -> Move:
        """``then`` with the result; a declared ``failure`` where keys were asked for in vain."""
        del scene
        if isinstance(event, NoInput) and "failure" in self.exits:
            return Leave("failure")
        result = result_of(event)
        return Leave("then", {self.into: result} if self.into else {}, result=result)


@dataclass(frozen=True, kw_only=True)
class HangUpStep(CommandStep):
    """Say a last prompt and end the call."""

    kind: ClassVar[str] = "hang_up"
    ends_call: ClassVar[bool] = True
    goes_on: ClassVar[bool] = True

    prompt: Prompt
    disposition: str
    language: str | None = None
    voice: str | None = None

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """The prompt's pieces, then the end."""
        spoken = scene.spoken(self.prompt, language=self.language, voice=self.voice)
        return (*spoken, Hangup())


def _parties(scene: Scene, target: Target) -> tuple[Phone | Client, ...]:
    """Whom a target names; numbers that the flow does not itself write must be allowed."""
    if isinstance(target, ClientTarget):
        user = scene.fill(target.user)
        return (Client(user),) if user else ()
    if isinstance(target, Template):
        number = scene.fill(target)
        return _allowed(scene, (number,)) if target.placeholders else (Phone(number),)
    result = scene.run(target)
    given = tuple(result) if isinstance(result, tuple | list) else (result,)
    given = tuple(one for one in given if one != Client(""))  # as for a target that is written
    if not all(isinstance(one, str | Phone | Client) for one in given):
        raise scene.wrong(target, "dial", result, "a number as text or a Client, or several")
    if not any(isinstance(one, Client) for one in given):
        return _allowed(scene, tuple(map(str, given)))
    return tuple(
        party
        for one in given
        for party in ((one,) if isinstance(one, Client) else _allowed(scene, (str(one),)))
    )


def _allowed(scene: Scene, numbers: tuple[str, ...]) -> tuple[Phone, ...]:
    """Those of these numbers from outside that may be dialled."""
    verdict: Mapping[str, str] = scene.ask("may_dial", *numbers)
    for refusal in verdict.values():
        if refusal:
            scene.incident(f"step '{scene.step}': {refusal}")
    return tuple(Phone(number) for number, refusal in verdict.items() if not refusal)


def _param(scene: Scene, name: str, written: Any) -> object:
    match written:
        case Template():
            return scene.fill(written)
        case Prompt():
            spoken = joined(scene.spoken(written))
            return spoken[0] if spoken else 0
        case _ if callable(written):
            value: Value | Media
            value = scene.run(written)
            if isinstance(value, Media):
                return Play(value)
            if value is None or not isinstance(value, str | int | bool):
                raise scene.wrong(written, name, value, "a str, int, bool or Media")
            return value
        case _:
            return written
