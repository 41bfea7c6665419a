"""Fetching a sound: where credentials go, what is followed, and what is refused."""

from __future__ import annotations

import io

import pytest
from answering_server import Answer, AnsweringServer, Hangup, Silence

from app.callflow.errors import ApiError, GoneError
from app.callr.download import download
from app.settings import Settings

SOUND = b"RIFF and so on"
ELSEWHERE = "https://api.callr.com/json-rpc/v1.1/"


def settings(api: str) -> Settings:
    return Settings(callr_login="acme", callr_password="s3cret-word", callr_api_url=api)


def sound(body: bytes = SOUND, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body, status=status, headers=named)


def fetched(url: str, api: str, **more: int) -> bytes:
    into = io.BytesIO()
    assert download(url, into, settings(api), **more) == len(into.getvalue())
    return into.getvalue()


def test_a_sound_beside_the_api_is_fetched_with_the_accounts_credentials() -> None:
    with AnsweringServer(sound()) as server:
        assert fetched(server.url, api=server.url) == SOUND
    assert server.seen[0].headers["Authorization"].startswith("Basic ")


def test_a_key_is_sent_as_such() -> None:
    with AnsweringServer(sound()) as server:
        by_key = Settings(callr_api_key="ab" * 50, callr_api_url=server.url)
        download(server.url, io.BytesIO(), by_key)
    assert server.seen[0].headers["Authorization"] == "Api-Key " + "ab" * 50


def test_a_sound_elsewhere_is_fetched_without_credentials() -> None:
    with AnsweringServer(sound()) as server, AnsweringServer(sound()) as api:
        assert fetched(server.url, api=api.url) == SOUND, "another port is another origin"
        assert fetched(server.url, api=ELSEWHERE) == SOUND
    assert all("Authorization" not in one.headers for one in server.seen)


def test_credentials_never_follow_a_redirect() -> None:
    with AnsweringServer(sound()) as end:
        with AnsweringServer(sound(b"", 302, Location=end.url)) as api:
            assert fetched(api.url, api=api.url) == SOUND
        assert "Authorization" in api.seen[0].headers
        with AnsweringServer(sound(b"", 302, Location=end.url)) as other:
            assert fetched(other.url, api=end.url) == SOUND
    assert all("Authorization" not in one.headers for one in end.seen)


def test_a_redirect_that_goes_round_is_given_up() -> None:
    with AnsweringServer(sound()) as server:
        server.answer = sound(b"", 302, Location=server.url)
        with pytest.raises(ApiError, match="redirects again and again"):
            fetched(server.url, api=server.url)
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    "url",
    ["http://media.example/1.mp3", "ftp://media.example/1.mp3", "file:///etc/passwd", "x", ""],
)
def test_only_https_is_fetched_from_elsewhere(url: str) -> None:
    with pytest.raises(ApiError, match="it takes https"):
        fetched(url, api=ELSEWHERE)


def test_a_redirect_to_plain_http_is_not_followed() -> None:
    with (
        AnsweringServer(sound(b"", 302, Location="http://media.example/1.mp3")) as server,
        pytest.raises(ApiError, match="it takes https"),
    ):
        fetched(server.url, api=server.url)


def test_a_sound_that_is_too_long_is_refused() -> None:
    with AnsweringServer(sound(b"x" * 1001)) as server:
        assert len(fetched(server.url, api=server.url, max_bytes=1001)) == 1001
        with pytest.raises(ApiError, match="more than 1000 bytes"):
            fetched(server.url, api=server.url, max_bytes=1000)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (sound(status=404), GoneError, "no longer"),
        (sound(status=410), GoneError, "no longer"),
        (sound(status=401), ApiError, "CALLR_LOGIN"),
        (sound(status=500), ApiError, "HTTP 500"),
        (sound(status=204), ApiError, "HTTP 204"),
        (Hangup(), ApiError, "ConnectionError"),
    ],
)
def test_what_does_not_come_is_told(
    answer: Answer | Silence | Hangup, kind: type[ApiError], told: str
) -> None:
    with AnsweringServer(answer) as server, pytest.raises(kind, match=told):
        fetched(server.url, api=server.url)


def test_the_urls_query_which_may_be_a_key_is_in_no_message() -> None:
    for answer in (Hangup(), sound(status=404), sound(status=500)):
        with AnsweringServer(answer) as server, pytest.raises(ApiError) as caught:
            fetched(server.url + "?signature=abcdef", api=server.url)
        assert "abcdef" not in str(caught.value)
