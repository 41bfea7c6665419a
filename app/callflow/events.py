"""What can happen to a call: the alphabet that a platform's reports are translated into.

Nothing else of a report reaches the engine. Providers translate the vendors' words, so that a flow
never
sees them: a dialled party that was busy is ``CommandDone(DIAL_BUSY)`` on every platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from app.callflow.parties import Party

Direction = Literal["inbound", "outbound"]

# The results of a dial. Anything else counts as DIAL_NO_ANSWER.
DIAL_ANSWERED = "answered"
DIAL_BUSY = "busy"
DIAL_FAILED = "failed"
DIAL_NO_ANSWER = "no_answer"


class Unanswered(StrEnum):
    """Why a call that we placed was not answered; the value is the call's outcome."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CONGESTION = "congestion"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CallArrived:
    """The call is there and waits for its first command.

    Attributes:
        began: when the call began, UTC.
        token: names the row in ``starts`` that holds the variables of a call that we placed, else
            "".
        given: what the configured URL's query says, by name.
        offered: what the platform says besides, by name; a flow that does not declare it does
            without it.
        ours: our own number in this call, E.164, where neither end of the call is it; "" otherwise.
    """

    direction: Direction
    caller: Party
    called: Party
    began: datetime
    token: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    ours: str = ""


@dataclass(frozen=True, slots=True)
class CommandDone:
    """The last command ran to its end. ``result`` is the platform's text, or a DIAL_ word."""

    result: str = ""


@dataclass(frozen=True, slots=True)
class NoInput:
    """Keys were asked for and none came."""


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """The platform could not do the last command.

    Attributes:
        error: the platform's text; opaque.
        minor: the call can go on as if it had been done (the recording of a call, say).
    """

    error: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """A call that we placed was not answered; it is over."""

    why: Unanswered


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over.

    Attributes:
        result: what the interrupted command brought ("" for nothing), or a DIAL_ word.
        error: the platform's error text for the interrupted command, "" for none.
        early: the other end hung up although we had still something to say; told where the
            platform does not report each command.
    """

    result: str = ""
    error: str = ""
    early: bool = False


Event = CallArrived | CommandDone | NoInput | CommandFailed | NotAnswered | HungUp
