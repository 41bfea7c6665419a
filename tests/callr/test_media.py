"""CALLR's library of sounds, with answers as the vendor's own code shows them."""

from __future__ import annotations

from typing import Any

import pytest
from test_callr_api import Platform

from app.callflow.errors import ApiError, GoneError, SettingsError
from app.callr.media import CallrLibrary, has_credentials, open_library
from app.callr.refusals import CallrError
from app.fates import Fate
from app.settings import Settings
from app.sounds import Sound, SoundState

MEDIUM = {  # THECALLR/sdk-dotnet 7f3f35b, Media.Library
    "id": 42,
    "hash": "A1B2C3D4",
    "name": "offhook 7-1",
    "content": "",
    "duration": 12,
    "voice": None,
    "status": "READY",
    "language": [],
    "category": [],
    "tags": {},
    "url": "https://media.example/42.mp3",
    "is_editable": True,
}
CREATE, GET, DELETE = "media/library.create", "media/library.get", "media/library.delete"
FILL = "media/library.set_content_from_recording"


def library(**answers: Any) -> tuple[CallrLibrary, Platform]:
    platform = Platform()
    names = {"create": CREATE, "get": GET, "delete": DELETE, "fill": FILL}
    platform.answers = {names[name]: answer for name, answer in answers.items()}
    return CallrLibrary(platform), platform


def refused(message: str, code: int = 151, fate: Fate = Fate.REFUSED) -> CallrError:
    return CallrError(f"CALLR refused: {message}", msg=message, code=code, method=FILL, fate=fate)


def test_a_sound_is_kept_by_creating_a_medium_and_filling_it_from_the_recording() -> None:
    sounds, platform = library(create=42, fill=True, get=MEDIUM, delete=True)
    media_id = sounds.create("offhook 7-1")
    sounds.fill(media_id, "rt-7-1")
    assert sounds.look(media_id) == Sound(
        state=SoundState.READY, url="https://media.example/42.mp3", seconds=12.0
    )
    sounds.delete(media_id)
    assert platform.asked == [
        (CREATE, "offhook 7-1"),
        (FILL, 42, "rt-7-1"),
        (GET, 42),
        (DELETE, 42),
    ]


@pytest.mark.parametrize("odd", ["42", None, True, {}])
def test_a_medium_without_a_whole_number_as_its_id_is_no_medium(odd: object) -> None:
    with pytest.raises(CallrError, match="no id of a medium"):
        library(create=odd)[0].create("x")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("READY", SoundState.READY),
        ("ERROR", SoundState.BROKEN),
        ("PENDING_CONTENT", SoundState.CONVERTING),
        ("PENDING_CONVERSION", SoundState.CONVERTING),
        ("PROCESSING", SoundState.CONVERTING),
        (None, SoundState.CONVERTING),
    ],
)
def test_the_state_of_a_medium_is_read(status: object, state: SoundState) -> None:
    assert library(get={**MEDIUM, "status": status})[0].look("42").state is state


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [(12, 12.0), (1.5, 1.5), ("12", 12.0), (None, None), ("x", None), (-1, None), ("nan", None)],
)
def test_a_length_that_is_none_is_not_known(duration: object, seconds: float | None) -> None:
    assert library(get={**MEDIUM, "duration": duration})[0].look("42").seconds == seconds


def test_a_medium_without_a_url_has_none_and_what_is_no_medium_is_an_error() -> None:
    assert library(get={**MEDIUM, "url": None})[0].look("42").url == ""
    with pytest.raises(CallrError, match="no medium"):
        library(get=[])[0].look("42")


@pytest.mark.parametrize(
    "error", [refused("PROPERTY_VALUE_ERROR [media_file]"), refused("File not found", code=115)]
)
def test_a_recording_that_callr_no_longer_has_is_gone(error: CallrError) -> None:
    with pytest.raises(GoneError, match="no longer has the recording 'rt-7-1'"):
        library(fill=error)[0].fill("42", "rt-7-1")


def test_a_medium_that_callr_no_longer_has_is_gone() -> None:
    gone = refused("PROPERTY_VALUE_ERROR [media_id]")
    sounds, _ = library(fill=gone, get=gone, delete=gone)
    for ask in (
        lambda: sounds.fill("42", "rt-7-1"),
        lambda: sounds.look("42"),
        lambda: sounds.delete("42"),
        lambda: sounds.look("no id of theirs"),
    ):
        with pytest.raises(GoneError, match="has no sound"):
            ask()


def test_a_refusal_of_another_kind_and_no_answer_stay_what_they_are() -> None:
    for error in (
        refused("FORBIDDEN", code=100),
        refused("PROPERTY_VALUE_ERROR [media_file]", fate=Fate.UNKNOWN),
    ):
        with pytest.raises(ApiError) as caught:
            library(fill=error)[0].fill("42", "rt-7-1")
        assert caught.value is error


def test_a_library_needs_credentials() -> None:
    assert not has_credentials(Settings(callr_login="acme"))
    assert has_credentials(Settings(callr_login="acme", callr_password="s3cret"))
    assert has_credentials(Settings(callr_api_key="ab" * 50))
    with pytest.raises(SettingsError, match="CALLR_LOGIN"):
        open_library(Settings())
    with open_library(Settings(callr_api_key="ab" * 50)):
        pass
