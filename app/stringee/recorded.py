"""Fetches a recording from Stringee, which has it some time after the call, and for some 30 days.

``GET /v1/call/recording/{call id}`` with the project's token. What Stringee names in a report may
be ``http://``, whose redirect to https drops the query, or a host of another region than the key's
(its users tell so; the API's own page could not be read): so of such a URL the path alone is used.
While the file is not ready, the answer is 404, 429, or a sound of nearly nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import requests

from app.callflow.errors import ApiError, GoneError
from app.requesting import StraightSession, is_loopback, parts_of, takes_credentials
from app.settings import Settings
from app.stringee.calls import project_key
from app.stringee.refusals import CREDENTIALS_MEND, URL_MEND
from app.stringee.rest import CONNECT_S, READ_S, TokenAuth

MAX_BYTES = 100 * 1024 * 1024
"""A recording that is longer is refused; an hour of telephone sound as MP3 is about 30 MB."""

MIN_BYTES = 500
"""A sound that is shorter is not ready yet (Vinaduy/vinaduy-addons-crm)."""

WAITS_S = (3, 6, 12, 24, 48, 96)
"""Seconds to wait before each further try, for whoever waits for a file."""

_CHUNK = 64 * 1024
_MAX_RETRY_AFTER_S = 3600.0
_OURS = re.compile(r"/v1/call/(?:recording|play)/(?!(?:\.|%2[eE]){1,2}\Z)[^/]+\Z")
_STEPS = frozenset({".", ".."})
"""No names, but ways to another address of the API, whose answer would pass for a sound."""

_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class NotYetError(ApiError):
    """The recording is not ready.

    Attributes:
        wait_s: seconds that Stringee asks to wait; None where it does not say.
    """

    def __init__(self, message: str, *, wait_s: float | None = None) -> None:
        super().__init__(message, mend="Try again in a minute.", status=503)
        self.wait_s = wait_s


def fetch(recording: str, into: BinaryIO, settings: Settings, *, max_bytes: int = MAX_BYTES) -> int:
    """Fetch a recording; gives how many bytes it has.

    Args:
        recording: the call's id, or the URL that Stringee named.
        into: where it is written, bit by bit: what is there after an error is no sound.
        settings: with the API's address and the project's key.
        max_bytes: a recording that has more is refused.

    Raises:
        NotYetError: it is not ready, or was asked for too often.
        GoneError: there is none, and will be none.
        ApiError: it cannot be fetched.
        SettingsError: there is no key.
    """
    url = url_of(recording, settings.stringee_api_url)
    host, _, _ = parts_of(url)
    with StraightSession() as session:
        session.trust_env = not is_loopback(host)
        try:
            with session.get(
                url,
                auth=TokenAuth(project_key(settings)),
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                _check_status(response, host)
                return _save(response, into, max_bytes)
        except requests.RequestException as error:
            msg = f"The recording could not be fetched from {host}: {type(error).__name__}."
            raise ApiError(msg, mend="Look at the network, and try again.") from None


def url_of(recording: str, api_url: str) -> str:
    """Where a recording is fetched: on the API's own host, the only one that gets the token.

    Args:
        recording: a call's id, or a URL that Stringee named.
        api_url: the API's address.

    Raises:
        ApiError: it is a URL of another kind, or the API's address takes no token.
    """
    if not takes_credentials(api_url):
        msg = "STRINGEE_API_URL is no address that a token may be sent to."
        raise ApiError(msg, mend=URL_MEND)
    if "/" not in recording and recording not in _STEPS:
        return f"{api_url.rstrip('/')}/v1/call/recording/{quote(recording, safe='')}"
    try:
        found = _OURS.search(urlsplit(recording).path)
    except ValueError:
        found = None
    if found is None:
        msg = (
            f"The recording is at {parts_of(recording)[0] or 'no host'}, in no place that is known."
        )
        raise ApiError(msg, mend="Fetch it in Stringee's dashboard.")
    return f"{api_url.rstrip('/')}{found[0]}"


def _check_status(response: requests.Response, host: str) -> None:
    status = response.status_code
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        msg = f"{host} is asked for recordings too often (HTTP {status})."
        raise NotYetError(msg, wait_s=_retry_after(response.headers.get("Retry-After", "")))
    if status == HTTPStatus.NOT_FOUND:
        msg = f"{host} does not have the recording yet, or no longer (HTTP {status})."
        raise NotYetError(msg)
    if status == HTTPStatus.BAD_REQUEST:
        msg = f"{host} says that the call was not recorded (HTTP {status})."
        raise GoneError(msg, mend="Recording has to be switched on for the project at Stringee.")
    if status == HTTPStatus.GONE:
        msg = f"{host} has the recording no longer (HTTP {status})."
        raise GoneError(msg)
    mend = CREDENTIALS_MEND if status in _REFUSED else "Try again later."
    if status in range(300, 400):
        mend = URL_MEND
    msg = f"{host} does not give the recording (HTTP {status})."
    raise ApiError(msg, mend=mend)


def _save(response: requests.Response, into: BinaryIO, max_bytes: int) -> int:
    """Write the sound; nothing of one that is not ready."""
    chunks: Iterator[bytes] = response.iter_content(_CHUNK)
    start = b""
    while len(start) < MIN_BYTES and (chunk := next(chunks, b"")):
        start += chunk
    if len(start) < MIN_BYTES:
        msg = f"The recording has {len(start)} bytes: Stringee still works at it."
        raise NotYetError(msg)
    size = 0
    for chunk in chain((start,), chunks):
        size += len(chunk)
        if size > max_bytes:
            msg = f"The recording has more than {max_bytes} bytes, and is not fetched."
            raise ApiError(msg, mend="Fetch it in Stringee's dashboard.")
        into.write(chunk)
    return size


def _retry_after(told: str) -> float | None:
    """Seconds; a date there is not read."""
    return min(float(told), _MAX_RETRY_AFTER_S) if told.isdecimal() else None
