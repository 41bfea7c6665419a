"""CALLR's library of sounds: keeps what ``record`` recorded, and gives it back.

Methods and parameters as in www.callr.com/docs/api/services/media/library and THECALLR/sdk-dotnet
7f3f35b (``MediaService``, ``Media.Library``). How long a recording stays under its temporary name,
and whether a sound's URL wants credentials, is not documented.
"""

from __future__ import annotations

import math
from typing import Any, Self

from app.callflow.errors import ApiError, GoneError
from app.callr.api import Caller, open_rpc
from app.callr.objects import unexpected
from app.callr.refusals import CallrError
from app.fates import Fate
from app.settings import Settings
from app.sounds import Sound, SoundState

READ_S = 8.0
"""Seconds of silence after which an answer is given up: the work is done again later."""

_STATES = {"READY": SoundState.READY, "ERROR": SoundState.BROKEN}
_FILE_NOT_FOUND = 115  # optiflows/thecallrapi 21601b3
_NO_SUCH_FILE = "PROPERTY_VALUE_ERROR [media_file]"  # THECALLR/sdk-dotnet 7f3f35b, CallrApiTest
_NO_SUCH_MEDIUM = "PROPERTY_VALUE_ERROR [media_id]"  # as above
_DIGITS = 19


class CallrLibrary:
    """Fulfils ``app.sounds.Library``."""

    def __init__(self, rpc: Caller) -> None:
        self._rpc = rpc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rpc.close()

    def create(self, name: str) -> str:
        """See ``Library.create``; the name stands in CALLR's portal."""
        method = "media/library.create"
        result = self._rpc.call(method, name)
        if isinstance(result, int) and not isinstance(result, bool):
            return str(result)
        raise unexpected(method, f"{type(result).__name__}, no id of a medium")

    def fill(self, media_id: str, file: str) -> None:
        """See ``Library.fill``."""
        try:
            self._rpc.call("media/library.set_content_from_recording", _id(media_id), file)
        except CallrError as error:
            if _says(error, _NO_SUCH_FILE):
                msg = f"CALLR no longer has the recording '{file}'"
                raise GoneError(f"{msg}: it keeps them for a while only.") from error
            raise _gone_or(error, media_id) from error

    def look(self, media_id: str) -> Sound:
        """See ``Library.look``."""
        method = "media/library.get"
        try:
            result = self._rpc.call(method, _id(media_id))
        except CallrError as error:
            raise _gone_or(error, media_id) from error
        if not isinstance(result, dict):
            raise unexpected(method, f"{type(result).__name__}, no medium")
        return Sound(
            state=_STATES.get(str(result.get("status")), SoundState.CONVERTING),
            url=result["url"] if isinstance(result.get("url"), str) else "",
            seconds=_seconds(result.get("duration")),
        )

    def delete(self, media_id: str) -> None:
        """See ``Library.delete``."""
        try:
            self._rpc.call("media/library.delete", _id(media_id))
        except CallrError as error:
            raise _gone_or(error, media_id) from error


def open_library(settings: Settings) -> CallrLibrary:
    """The library of the account that the settings name.

    Raises:
        SettingsError: there are no credentials.
        CallrError: they, or the address, cannot be used.
    """
    return CallrLibrary(open_rpc(settings, read_s=READ_S))


def has_credentials(settings: Settings) -> bool:
    """Whether the settings name an account."""
    return bool(settings.callr_api_key or (settings.callr_login and settings.callr_password))


def _id(media_id: str) -> int:
    """CALLR's ids are whole numbers.

    Raises:
        GoneError: it is no such id, so that there is no such medium.
    """
    if media_id.isdecimal() and len(media_id) <= _DIGITS:
        return int(media_id)
    raise _no_such(media_id)


def _gone_or(error: CallrError, media_id: str) -> ApiError:
    return _no_such(media_id) if _says(error, _NO_SUCH_MEDIUM) else error


def _no_such(media_id: str) -> GoneError:
    return GoneError(f"CALLR has no sound {media_id} any more.")


def _says(error: CallrError, refusal: str) -> bool:
    if error.fate is not Fate.REFUSED:
        return False
    said: str = error.msg
    return said.startswith(refusal) or error.code == _FILE_NOT_FOUND


def _seconds(value: Any) -> float | None:
    """A duration; CALLR's samples show whole seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
