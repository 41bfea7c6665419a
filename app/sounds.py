"""A platform's library of sounds, as those see it who keep what callers said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self


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
