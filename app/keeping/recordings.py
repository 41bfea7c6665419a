"""Keeps what callers said, in the platform's library or in the journal; deletes what is to go.

A platform has what it recorded under a temporary name for a while. Keeping it takes several
requests, each of which may fail, and none of which belongs into a turn: a row that is due is
claimed, one step further is done with it, and what came of that is written before the next.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from app.callflow.errors import GoneError, OffhookError
from app.journal.recordings import Recordings
from app.sounds import Library, Recording, RecordingStatus, Sound, SoundState
from app.stringee.recorded import NotYetError

POLL_S = 10.0
"""Seconds between two looks at what is due, where nobody nudges."""

CLAIM_S = 120.0
"""Seconds that a row belongs to who claimed it: longer than all its requests can take."""

MAX_TRIES = 10
"""Tries of one step of the keeping; with their pauses they span about 8 hours."""

_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 3 * 3600.0
_GROWTH = 3.0
_DAY_S = 24 * 3600.0

CREDENTIALS = {
    "callr": "CALLR_LOGIN and CALLR_PASSWORD, or CALLR_API_KEY",
    "stringee": "STRINGEE_API_KEY_SID and STRINGEE_API_KEY_SECRET",
}
"""The settings without which the recordings of a platform wait."""

log = logging.getLogger("offhook")


class KeepRecordings:
    """A job of ``Background``.

    Args:
        recordings: of the journal.
        libraries: opens the library of each platform, by its name; the rows of one that there
            are no credentials for wait.
        holder: names this process; see ``background.holder_name``.
    """

    def __init__(
        self,
        recordings: Recordings,
        libraries: Mapping[str, Callable[[], Library]],
        holder: Callable[[], str],
    ) -> None:
        self._recordings = recordings
        self._libraries = libraries
        self._make_holder = holder
        self._holder = ""
        self._told = False

    def __call__(self, closing: threading.Event) -> float:
        """See ``Job``."""
        self._tell_what_waits()
        self._holder = self._holder or self._make_holder()  # not before the fork
        while not closing.is_set():
            claimed = self._recordings.claim(self._holder, CLAIM_S, of=tuple(self._libraries))
            if claimed is None:
                break
            self._work(claimed, self._libraries[claimed.provider])
        return POLL_S

    def _tell_what_waits(self) -> None:
        if self._told:
            return
        for provider in self._recordings.due_of_others(tuple(self._libraries)):
            self._told = True
            log.error(
                "recordings wait to be kept or deleted: there are no credentials for the "
                "platform's API. Set %s, soon: what is not kept, the platform has for a while "
                "only.",
                CREDENTIALS.get(provider, "them"),
            )

    def _work(self, row: Recording, open_library: Callable[[], Library]) -> None:
        try:
            with open_library() as library:
                if row.status is RecordingStatus.DELETING:
                    self._delete(row, library)
                else:
                    self._keep(row, library)
        except GoneError as problem:
            self._fail(row, problem.message)
        except NotYetError as problem:
            self._try_again(row, problem.message, problem.wait_s or 0.0)
        except OffhookError as problem:
            self._try_again(row, str(problem))

    def _keep(self, row: Recording, library: Library) -> None:
        media_id = row.media_id
        if row.status is RecordingStatus.WAITING:
            if not media_id:
                media_id = library.create(name_of(row))
                if not self._settle(row, CLAIM_S, media_id=media_id):
                    library.delete(media_id)  # somebody else keeps it, or nobody shall
                    return
            library.fill(media_id, row.file)
        sound = library.look(media_id)
        match sound.state:
            case SoundState.READY:
                self._kept(row, sound)
            case SoundState.BROKEN:
                self._fail(row, "The platform could not convert the sound.")
            case SoundState.CONVERTING if row.status is RecordingStatus.WAITING:
                status = RecordingStatus.CONVERTING
                self._settle(row, _FIRST_PAUSE_S, status=status, tries=0, url=sound.url, detail="")
            case SoundState.CONVERTING:
                self._try_again(row, "The platform still converts the sound.")

    def _kept(self, row: Recording, sound: Sound) -> None:
        status = RecordingStatus.KEPT
        self._settle(row, None, status=status, url=sound.url, seconds=sound.seconds, detail="")

    def _delete(self, row: Recording, library: Library) -> None:
        if row.media_id:
            with suppress(GoneError):  # it is as it should be
                library.delete(row.media_id)
        status = RecordingStatus.DELETED
        self._settle(row, None, status=status, url="", detail="")

    def _try_again(self, row: Recording, cause: str, asked_s: float = 0.0) -> None:
        """Try it again after a pause, which is no shorter than what the platform asks for."""
        tries = row.tries + 1
        pause_s = max(min(_FIRST_PAUSE_S * _GROWTH**row.tries, _LONGEST_PAUSE_S), asked_s)
        if row.status is RecordingStatus.DELETING:
            # Never given up: somebody was promised that it is deleted.
            self._settle(row, pause_s if tries < MAX_TRIES else _DAY_S, tries=tries, detail=cause)
        elif tries < MAX_TRIES:
            self._settle(row, pause_s, tries=tries, detail=cause)
        else:
            self._fail(row, f"{cause} It was tried {tries} times.")

    def _fail(self, row: Recording, cause: str) -> None:
        if self._recordings.fail(row, holder=self._holder, cause=cause):
            log.error("call %s: what the caller said was not kept: %s", row.call_key, cause)

    def _settle(self, row: Recording, due_in_s: float | None, **changes: object) -> bool:
        return self._recordings.settle(row, holder=self._holder, due_in_s=due_in_s, **changes)


def name_of(row: Recording) -> str:
    """What the sound is called in the platform's library: no name, no number of anybody.

    Letters, digits, spaces and hyphens, as CALLR has it for the names of other things.
    """
    call = row.call_key.rpartition(":")[2]
    return f"offhook {''.join(char for char in call if char.isalnum())[:40]}-{row.id}"


def delete_now(row: Recording, library: Library, recordings: Recordings) -> None:
    """Delete a sound at the platform, and say so in the journal.

    Raises:
        ApiError: it could not be deleted; from then on servers try it in the background.
    """
    recordings.delete_later([row.id])  # from here on nobody keeps it any more
    row = recordings.get(row.id)
    if row.media_id:
        with suppress(GoneError):  # it is as it should be
            library.delete(row.media_id)
    recordings.deleted(row.id)
