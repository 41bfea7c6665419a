"""Steps that ask the caller for keys.

One try at a time, counted by us and never by the platform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from app.callflow.commands import Collect, Command, Spoken
from app.callflow.kinds.base import Again, CommandStep, Finished, Leave, Move, result_of
from app.callflow.parties import entry_fits
from app.callflow.phrases import INVALID, NO_INPUT
from app.callflow.prompts import Prompt, joined
from app.callflow.scene import Scene


@dataclass(frozen=True, kw_only=True)
class CollectStep(CommandStep):
    """Ask for keys, several times if need be, and keep the entry."""

    kind: ClassVar[str] = "collect"
    caller_exits: ClassVar[frozenset[str]] = frozenset({"then"})

    prompt: Prompt
    into: str
    min_digits: int
    max_digits: int
    accept: str
    valid: Callable[[str], bool] | None
    secret: bool
    tries: int
    timeout_s: float
    invalid: Prompt | None
    no_input: Prompt | None
    language: str | None = None
    voice: str | None = None

    def sets(self, label: str) -> frozenset[str]:
        """``then`` sets the variable; ``failure`` does not."""
        return frozenset({self.into}) if label == "then" else frozenset()

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """One try."""
        return asked(scene, self, self.max_digits)

    def after(self, scene: Scene, event: Finished) -> Move:
        """``then`` with a valid entry, else one more try."""
        entry = result_of(event)
        if not entry:
            return Again("no_input", self.tries)
        if not self.fits(entry) or not self._is_valid(scene, entry):
            return Again("invalid", self.tries)
        return Leave("then", {self.into: entry}, result="" if self.secret else entry)

    def fits(self, entry: str) -> bool:
        """Whether an entry has a length and keys that the step takes; ``valid`` is not asked."""
        return entry_fits(
            entry, accept=self.accept, min_digits=self.min_digits, max_digits=self.max_digits
        )

    def _is_valid(self, scene: Scene, entry: str) -> bool:
        valid = self.valid
        if valid is None:
            return True
        verdict = scene.run(valid, entry)
        if not isinstance(verdict, bool):
            raise scene.wrong(valid, "valid", verdict, "True or False")
        return verdict


@dataclass(frozen=True, kw_only=True)
class MenuStep(CommandStep):
    """Offer choices by key; each key is an exit."""

    kind: ClassVar[str] = "menu"

    prompt: Prompt
    keys: tuple[str, ...]
    tries: int
    timeout_s: float
    invalid: Prompt | None
    no_input: Prompt | None
    language: str | None = None
    voice: str | None = None

    def needs_caller(self, label: str) -> bool:
        """Every key's exit does."""
        return label in self.keys

    def commands(self, scene: Scene) -> tuple[Command, ...]:
        """One try."""
        return asked(scene, self, len(self.keys[0]))

    def after(self, scene: Scene, event: Finished) -> Move:
        """The exit of the key, else one more try."""
        del scene
        entry = result_of(event)
        if not entry:
            return Again("no_input", self.tries)
        if entry not in self.keys:
            return Again("invalid", self.tries)
        return Leave(entry, result=entry)


def asked(scene: Scene, step: CollectStep | MenuStep, max_digits: int) -> tuple[Command, ...]:
    """The commands of one try: the notice about the last one, the prompt, and the wait for keys.

    Everything but the last piece is played; keys can be pressed during the last one.
    """
    prompt = scene.spoken(step.prompt, language=step.language, voice=step.voice)
    spoken = joined((*_notice(scene, step), *prompt))
    last = spoken[-1] if spoken else None
    wait = Collect(prompt=last, max_digits=max_digits, timeout_s=step.timeout_s)
    return (*spoken[:-1], wait)


def _notice(scene: Scene, step: CollectStep | MenuStep) -> tuple[Spoken, ...]:
    match scene.call.why:
        case "":
            return ()
        case "invalid":
            written, phrase = step.invalid, INVALID
        case _:
            written, phrase = step.no_input, NO_INPUT
    if written is None:
        return scene.phrase(phrase, language=step.language, voice=step.voice)
    return scene.spoken(written, language=step.language, voice=step.voice)
