"""Who is on the line: what every person and every telephone can do.

A person is told each event of the call, in the call's thread, and acts through a `Handset`. What
they do takes effect in simulated time, so a script works at every speed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from app.simulator.transcript import Event


class Answer(StrEnum):
    """What comes of ringing a number, in the platform's words for a dial-out.

    ANSWER, BUSY, NOANSWER, CONGESTION and CHANUNAVAIL stand in the vendor's list of dial statuses;
    REJECTED is a `call_status` for a call that CALLR itself refuses. The status of an outbound call
    that met CHANUNAVAIL is unknown; CONGESTION is sent.
    """

    ANSWER = "ANSWER"
    BUSY = "BUSY"
    NO_ANSWER = "NOANSWER"
    CONGESTION = "CONGESTION"
    UNAVAILABLE = "CHANUNAVAIL"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """The people at numbers that the voice app dials during a call.

    Attributes:
        answer: what they all do.
        by_number: what some do instead, by E.164 number.
        ring_s: simulated seconds until one who answers picks up.
        talk_s: simulated seconds after which one who answered hangs up.
    """

    answer: Answer = Answer.ANSWER
    by_number: Mapping[str, Answer] = field(default_factory=dict)
    ring_s: float = 4.0
    talk_s: float = 60.0

    def at(self, number: str) -> Answer:
        """What whoever is at this number does."""
        return self.by_number.get(number, self.answer)


class Handset(Protocol):
    """What a person does with a telephone. `after` and `every` are simulated seconds."""

    def press(self, keys: str, *, after: float = 0.0, every: float = 0.0) -> None:
        """Press keys; a ValueError names what is none."""

    def hang_up(self, *, after: float = 0.0, within_command: bool = False) -> None:
        """Hang up, or decline a call that rings; perhaps only if the running command lasts."""

    def stay_silent(self, *, after: float = 0.0) -> None:
        """Let pass what the platform waits for: keys, or the end of speech."""


class Person(Protocol):
    """Somebody on the line."""

    @property
    def answer(self) -> Answer:
        """What they do when their phone rings."""

    @property
    def ring_s(self) -> float:
        """Simulated seconds until they do it."""

    @property
    def others(self) -> Others:
        """Who is at the numbers that are dialled for them."""

    @property
    def patience_s(self) -> float | None:
        """Real seconds that the platform stands still for them; None lets its limits run."""

    def meet(self, handset: Handset) -> None:
        """The call begins; this is its handset."""

    def notice(self, event: Event) -> None:
        """Something happened. Must not block."""


@runtime_checkable
class Phone(Protocol):
    """A telephone that a program holds in its hand, here or at a simulator over HTTP."""

    def events(self) -> Iterator[Event]:
        """What happens, as it happens; ends when nothing more can come.

        A second reading goes on where the first stopped.
        """

    def press(self, keys: str) -> None:
        """Press keys now; a ValueError names what is none."""

    def hang_up(self) -> None:
        """Hang up now."""

    def stay_silent(self) -> None:
        """Let pass what the platform waits for."""

    def close(self) -> None:
        """Put the phone away: hang up, and hear nothing more."""
