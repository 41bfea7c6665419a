"""Fetches a sound of CALLR's library from the URL that CALLR names.

Where such URLs lie, and whether they want credentials, is not documented: credentials go along only
where the URL is on the API's own origin, and never after a redirect.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from app.callflow.errors import ApiError, GoneError
from app.callr.refusals import CREDENTIALS_MEND
from app.callr.rpc import CONNECT_S, READ_S, authorization
from app.requesting import is_loopback
from app.settings import Settings

MAX_BYTES = 100 * 1024 * 1024
"""A sound that is longer is refused; an hour of telephone sound as MP3 is about 30 MB."""

MAX_REDIRECTS = 3
_CHUNK = 64 * 1024
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_PORTS = {"https": 443, "http": 80}


def download(url: str, into: BinaryIO, settings: Settings, *, max_bytes: int = MAX_BYTES) -> int:
    """Fetch a sound; gives how many bytes it has.

    Args:
        url: as CALLR names it.
        into: where it is written, bit by bit: what is there after an error is no sound.
        settings: with the API's address and the credentials for it.
        max_bytes: a sound that has more is refused.

    Raises:
        GoneError: there is nothing at that URL any more.
        ApiError: it cannot be fetched.
    """
    with requests.Session() as session:
        try:
            return _fetch(session, url, into, settings, max_bytes)
        except requests.RequestException as error:
            # Not the exception's own text: it holds the URL, whose query may be a key to the sound.
            msg = f"The sound could not be fetched from {_host(url)}: {type(error).__name__}."
            raise ApiError(msg, mend="Look at the network, and try again.") from error


def _fetch(
    session: requests.Session, url: str, into: BinaryIO, settings: Settings, max_bytes: int
) -> int:
    header = ""
    if _origin(url) == _origin(settings.callr_api_url):
        header = authorization(
            settings.callr_login, settings.callr_password, settings.callr_api_key
        )
    for _ in range(MAX_REDIRECTS + 1):
        _check(url)
        session.trust_env = not is_loopback(_host(url))
        with session.get(
            url,
            auth=_Only(header),
            timeout=(CONNECT_S, READ_S),
            allow_redirects=False,
            stream=True,
        ) as response:
            location = response.headers.get("Location", "")
            if not response.is_redirect or not location:
                return _save(response, into, max_bytes)
        url, header = urljoin(url, location), ""
    msg = f"The sound could not be fetched: {_host(url)} redirects again and again."
    raise ApiError(msg)


def _save(response: requests.Response, into: BinaryIO, max_bytes: int) -> int:
    _check_status(response)
    size = 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            msg = f"The sound has more than {max_bytes} bytes, and is not fetched."
            raise ApiError(msg, mend="Fetch it in CALLR's portal.")
        into.write(chunk)
    return size


def _check_status(response: requests.Response) -> None:
    host, status = _host(response.url), response.status_code
    if status == HTTPStatus.OK:
        return
    if status in _GONE:
        msg = f"{host} has the sound no longer (HTTP {status})."
        raise GoneError(msg)
    mend = CREDENTIALS_MEND if status in _REFUSED else "Try again, or fetch it in CALLR's portal."
    msg = f"{host} does not give the sound (HTTP {status})."
    raise ApiError(msg, mend=mend)


def _check(url: str) -> None:
    """Refuse what can be listened to on the way: sounds are people's voices."""
    scheme, host, _ = _origin(url)
    if host and (scheme == "https" or (scheme == "http" and is_loopback(host))):
        return
    msg = f"The sound is at {scheme or 'no'}://{host}, which is not fetched: it takes https."
    raise ApiError(msg, mend="Fetch it in CALLR's portal.")


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; "" and None where it is no URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


def _host(url: str) -> str:
    return _origin(url)[1] or "nowhere"


class _Only(AuthBase):
    """This Authorization header or none: ``requests`` would else look in ``~/.netrc`` for one."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.pop("Authorization", None)
        if self._value:
            request.headers["Authorization"] = self._value
        return request
