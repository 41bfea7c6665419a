"""What callers said: a recording as the journal has it, and a platform's library of sounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self


class RecordingStatus(StrEnum):
    """Where the keeping of a sound stands."""

    WAITING = "waiting"
    """The platform has it under its temporary name only."""

    CONVERTING = "converting"
    """The platform has taken it into its library, and works at it."""

    KEPT = "kept"
    FAILED = "failed"
    """It could not be kept; ``detail`` says why."""

    DELETING = "deleting"
    """It is to be deleted at the platform."""

    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound that a caller left.

    Attributes:
        id: ours, from 1.
        report_key: of the report that told it; see ``app.ports.TurnRecord``.
        step: the step that recorded it.
        file: the platform's temporary name of it.
        recorded_at: when we were told, UTC.
        media_id: the platform's id of it in its library, "" while it has none.
        url: where the platform said that it can be fetched, "" while unknown.
        seconds: how long it is; None while unknown.
        tries: how often the present status was worked at in vain.
        due_at: when it is to be worked at next, UTC; None where nothing is to be done.
        holder: who claimed it last.
        detail: why it failed, or failed to be done so far; "" for nothing.
        left_by: who said it: the caller, of an outbound call the called; "" for one withheld. Known
            where it is asked for, not where it is worked at.
    """

    id: int
    call_key: str
    report_key: str
    provider: str
    step: str
    file: str
    recorded_at: datetime
    status: RecordingStatus
    media_id: str = ""
    url: str = ""
    seconds: float | None = None
    tries: int = 0
    due_at: datetime | None = None
    holder: str = ""
    detail: str = ""
    left_by: str = ""


class SoundState(StrEnum):
    """What has become of a sound in the library."""

    READY = "ready"
    CONVERTING = "converting"
    BROKEN = "broken"
    """The platform could not convert it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A sound in the library.

    Attributes:
        url: where it can be fetched, "" where the platform does not say.
        seconds: how long it is; None where the platform does not say.
    """

    state: SoundState
    url: str = ""
    seconds: float | None = None


class Library(Protocol):
    """The library of one account; closed at the end of the ``with``.

    Every method raises ApiError where the platform refuses or does not answer, and GoneError where
    what is asked for is no longer there.
    """

    def __enter__(self) -> Self:
        """Use it."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        ...

    def create(self, name: str) -> str:
        """Make an empty place for a sound; gives its id."""
        ...

    def fill(self, media_id: str, file: str) -> None:
        """Keep there what the platform has recorded under a temporary name; harmless twice."""
        ...

    def look(self, media_id: str) -> Sound:
        """What has become of it."""
        ...

    def delete(self, media_id: str) -> None:
        """Delete it."""
        ...
