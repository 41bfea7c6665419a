"""A call that is over, told by its events, on whichever platform it was."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from app.simulator.transcript import (
    Ended,
    Event,
    Fault,
    Moment,
    NotReached,
    Played,
    Said,
    Tone,
    Warned,
)


class Facts(Protocol):
    """What every platform's calls have."""

    @property
    def callid(self) -> int | str:
        """The platform's id."""

    @property
    def direction(self) -> Literal["inbound", "outbound"]:
        """Which way the call goes."""


_M = TypeVar("_M", bound=Moment)


@dataclass(frozen=True, slots=True)
class Record:
    """All that happened in a call."""

    events: tuple[Event, ...]

    @property
    def status(self) -> str:
        """How the call ended, in the platform's word."""
        last = self.events[-1]
        return last.status if isinstance(last, Ended) else ""

    @property
    def faults(self) -> tuple[str, ...]:
        """What the server did against the protocol."""
        return tuple(event.reason for event in self.of(Fault))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server did that nobody promised works."""
        return tuple(event.text for event in self.of(Warned))

    @property
    def heard(self) -> tuple[str, ...]:
        """What the person heard: texts as they are, `[beep]`, `[sound 42]`, `[+33... BUSY]`."""
        heard = []
        for event in self.events:
            match event:
                case Said(text=text):
                    heard.append(text)
                case Played(media=media):
                    heard.append(f"[sound {media}]")
                case Tone(name=name):
                    heard.append(f"[{name}]")
                case NotReached(number=number, why=why):
                    heard.append(f"[{number} {why}]")
                case _:
                    pass
        return tuple(heard)

    def of(self, kind: type[_M]) -> tuple[_M, ...]:
        """The events of one kind, in order."""
        return tuple(event for event in self.events if isinstance(event, kind))
