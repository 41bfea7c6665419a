"""Where each platform's sounds are kept: in CALLR's library, and Stringee's in the journal.

Stringee deletes a recording by itself after some 30 days, and has no request that keeps or deletes
one. So it is fetched, and lies in the journal's database: the one place that all machines share,
and that a dyno's daily end does not empty.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import BinaryIO, Self

from app.callflow.errors import GoneError, SettingsError
from app.callr.media import has_credentials, open_library
from app.journal.sounds import PART_BYTES, Sounds
from app.settings import Settings
from app.sounds import Library, Sound, SoundState
from app.stringee.calls import has_project_key
from app.stringee.recorded import fetch

MAX_BYTES = 32 * 1024 * 1024
"""A sound that is longer is not kept in the journal; an hour as MP3 is about 15 to 30 MB."""

_IN_MEMORY = 1024 * 1024


class JournalLibrary:
    """Fulfils ``app.sounds.Library``: what Stringee recorded, in the journal.

    Args:
        settings: with the project's key, and the journal.
        sounds: of the journal.
    """

    def __init__(self, settings: Settings, sounds: Sounds) -> None:
        self._settings = settings
        self._sounds = sounds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def create(self, name: str) -> str:  # noqa: ARG002 -- the port's signature
        """A name of a sound that nobody has."""
        return f"sound:{secrets.token_hex(8)}"

    def fill(self, media_id: str, file: str) -> None:
        """Fetch what Stringee recorded, and keep it; harmless twice.

        Raises:
            NotYetError: it is not ready.
            GoneError: Stringee has no such recording.
            ApiError: it cannot be fetched.
        """
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as sound:
            fetch(file, sound, self._settings, max_bytes=MAX_BYTES)  # type: ignore[arg-type]  # a binary file in all but name
            sound.seek(0)
            self._sounds.put(media_id, iter(partial(sound.read, PART_BYTES), b""))

    def look(self, media_id: str) -> Sound:
        """Whether it is there."""
        if not self._sounds.has(media_id):
            msg = "The journal does not have the sound."
            raise GoneError(msg)
        return Sound(state=SoundState.READY)

    def delete(self, media_id: str) -> None:
        """Delete our copy; Stringee deletes its own by itself."""
        self._sounds.delete(media_id)


def libraries(settings: Settings) -> Mapping[str, Callable[[], Library]]:
    """What opens the library of each platform that there are credentials for, by its name."""
    found: dict[str, Callable[[], Library]] = {}
    if has_credentials(settings):
        found["callr"] = partial(open_library, settings)
    if has_project_key(settings):
        found["stringee"] = partial(_journal_library, settings)
    return found


def library_of(settings: Settings, provider: str) -> Library:
    """The library of a platform.

    Raises:
        SettingsError: there are no credentials for it, or there is no such platform.
    """
    if provider == "stringee":
        return _journal_library(settings)
    if provider == "callr":
        return open_library(settings)
    msg = f"No library of '{provider}' is known."
    raise SettingsError(msg)


def copy_sound(settings: Settings, media_id: str, file: str, into: BinaryIO) -> int:
    """Write out a recording of Stringee's: our copy, else what Stringee still has.

    Args:
        settings: with the journal, and the project's key.
        media_id: the name of our copy; "" for none.
        file: what Stringee calls it.
        into: where it is written.

    Returns:
        how many bytes it has.

    Raises:
        ApiError: neither has it.
    """
    sounds = Sounds(settings.database_url)
    if not media_id or not sounds.has(media_id):
        return fetch(file, into, settings)
    return sum(_written(sounds.read(media_id), into))


def _written(parts: Iterator[bytes], into: BinaryIO) -> Iterator[int]:
    for part in parts:
        yield into.write(part)


def _journal_library(settings: Settings) -> Library:
    return JournalLibrary(settings, Sounds(settings.database_url))
