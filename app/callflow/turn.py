"""What a turn is: the commands given, the way taken, and the call afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from app.callflow.call import Call
from app.callflow.commands import Command
from app.callflow.scene import Ask

Answers = Mapping[Ask, Any]
Trail = tuple[tuple[str, str], ...]


class Placed(NamedTuple):
    """A command that was given: by which step, and its place among the step's commands."""

    step: str
    at: int
    command: Command


class Turn(NamedTuple):
    """What a report brought.

    Attributes:
        call: the call afterwards.
        placed: the commands given; empty where the call ended.
        trail: every (step, exit) passed, in order, the silent ones too.
        incidents: what went not as it should.
        outcome: set where the call ended: completed, hung_up, transferred, dialled, busy,
            no_answer, congestion, rejected, failed.
        answers: what was fetched for the turn.
    """

    call: Call
    placed: tuple[Placed, ...] = ()
    trail: Trail = ()
    incidents: tuple[str, ...] = ()
    outcome: str = ""
    answers: Answers = MappingProxyType({})


def verb_of(command: type[Command]) -> str:
    """The kind of a command, as the state remembers it. Saying and playing are one."""
    return _VERBS.get(command.__name__, command.__name__.lower())


_VERBS = {"Say": "play", "Play": "play"}
