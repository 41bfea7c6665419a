"""What all kinds of steps share, and what a step can answer to a report.

A kind is silent (it gives no command and passes within a turn) or gives commands that are known
when the flow is defined. Flow authors do not make these classes directly; the functions of
``app.callflow.steps`` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal

from app.callflow.commands import Command, Value
from app.callflow.errors import FlowError
from app.callflow.events import CommandDone, CommandFailed, NoInput
from app.callflow.prompts import Prompt, Template
from app.callflow.scene import Scene

Finished = CommandDone | NoInput | CommandFailed
"""What can be reported of a command while the call lives."""


@dataclass(frozen=True, slots=True)
class To:
    """An exit: the step that it leads to, and the variables that it sets on the way.

    Attributes:
        step: the step's name.
        assigned: (variable, value), values as written, never read as templates.
        language: the language that the call goes on in, None to leave it.
    """

    step: str
    assigned: tuple[tuple[str, Value], ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The step is over: by which exit, what it assigns, and what its command brought."""

    exit: str
    assigned: Mapping[str, Value] = field(default_factory=dict)
    result: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The entry was no match: one more try at this step, or its ``failure``."""

    why: Literal["invalid", "no_input"]
    tries: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The call is to be hung up, with this outcome."""

    outcome: str


Move = Leave | Again | Finish


@dataclass(frozen=True, kw_only=True)
class Step:
    """What all kinds share.

    Attributes:
        exits: by the exit's own name: ``then``, ``failure``, a key of a menu, a branch's value.
        problems: what was wrong with its arguments: (argument, what is wrong and what to write
            instead).
    """

    kind: ClassVar[str]
    silent: ClassVar[bool] = False
    ends_call: ClassVar[bool] = False
    goes_on: ClassVar[bool] = False
    """Whether a command that failed counts as done where no ``failure`` is declared."""
    caller_exits: ClassVar[frozenset[str]] = frozenset()
    """The exits that only something which the caller does can take."""

    exits: Mapping[str, To] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()

    def needs_caller(self, label: str) -> bool:
        """Whether only the caller can make the call take this exit."""
        return label in self.caller_exits

    def bounds(self, label: str) -> bool:
        """Whether this exit can be taken only so many times in a call."""
        del label
        return False

    def sets(self, label: str) -> frozenset[str]:
        """The variables that leaving by this exit always sets, besides the exit's own."""
        del label
        return frozenset()

    def languages(self) -> frozenset[str]:
        """The languages that the step speaks in or can switch to, besides its prompts'."""
        return frozenset(exit_.language for exit_ in self.exits.values() if exit_.language)

    def texts(self) -> list[tuple[str, Prompt | Template]]:
        """Every prompt and template of the step, with the argument that it was given as."""
        found: list[tuple[str, Prompt | Template]] = []
        for one in fields(self):
            value = getattr(self, one.name)
            parts = value if isinstance(value, tuple) else (value,)
            named = value.items() if isinstance(value, Mapping) else ((one.name, p) for p in parts)
            found += [(name, part) for name, part in named if isinstance(part, Prompt | Template)]
        return found

    def prompts(self) -> list[Prompt]:
        """Every prompt of the step."""
        return [text for _, text in self.texts() if isinstance(text, Prompt)]


@dataclass(frozen=True, kw_only=True)
class SilentStep(Step):
    """A step that gives no command: it passes within the turn."""

    silent: ClassVar[bool] = True

    def choose(self, scene: Scene) -> Leave:
        """Which exit the call takes."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class CommandStep(Step):
    """A step that gives commands and waits for the report of each."""

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """Its commands, in order; the last one's result is the step's."""
        raise NotImplementedError

    def nothing_to_do(self) -> Leave:
        """The exit where this call leaves the step no command to give."""
        return Leave("then")

    def after(self, scene: Scene, event: Finished) -> Move:
        """Where the report of the last command takes the call.

        A failure is handled by ``failed``.
        """
        del scene
        return Leave("then", result=result_of(event))

    def failed(self, scene: Scene, event: CommandFailed) -> Move:
        """Where a command that the platform could not do takes the call.

        Raises:
            FlowError: nothing was declared for it; the call goes to the fallback.
        """
        if "failure" in self.exits:
            return Leave("failure")
        if self.goes_on or event.minor:
            scene.incident(f"step '{scene.step}': the platform said {event.error!r}; went on.")
            return self.after(scene, CommandDone())
        msg = f"step '{scene.step}': the platform said {event.error!r}."
        raise FlowError(msg, mend="Declare failure= for this step.", step=scene.step)


def result_of(event: Finished) -> str:
    """What a command brought: nothing, unless it was done."""
    return event.result if isinstance(event, CommandDone) else ""
