"""Asks a deployed Offhook over its own API: which journal it keeps, and to place a call.

Nothing is sent twice, and no redirect is followed: a call start that gave no answer may have
dialled, and the bearer token goes nowhere but to PUBLIC_URL.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from app.callflow.errors import ApiError, OffhookError, PlacingError, SettingsError
from app.cli.exits import NotFoundError
from app.dial_rules import ForbiddenError
from app.dialler import RequestError
from app.requesting import StraightSession, is_loopback

CONNECT_S = 5.0
"""Seconds that a connection may take to come about."""

READ_S = 60.0
"""Seconds of silence after which an answer is given up.

The app itself waits for the platform twice, and an app that sleeps is woken by the first request.
"""

_LOOK = "It may have dialled; look before trying again (`offhook calls list`)."
_TOKEN_MEND = "Set it to what the app has."  # noqa: S105 -- no token
_SENDABLE = re.compile(r"[\x21-\x7e]*\Z")
_REDIRECTS = range(300, 400)


class OwnApi:
    """The API of the Offhook at an address. Use it in a ``with``.

    Args:
        url: PUBLIC_URL: an origin, https unless it is this machine.
        token: API_TOKEN; "" sends none.
        connect_s, read_s: seconds to wait for a connection, and in silence for an answer.

    Raises:
        SettingsError: the token cannot stand in a header.
    """

    def __init__(
        self, url: str, token: str, *, connect_s: float = CONNECT_S, read_s: float = READ_S
    ) -> None:
        if not _SENDABLE.match(token):
            msg = "API_TOKEN has characters that cannot be sent in a header."
            raise SettingsError(msg, mend="Make one of visible ASCII characters without spaces.")
        where = urlsplit(url)
        self._url = url
        self._host = where.netloc.rpartition("@")[2]
        self._local = is_loopback(where.hostname or "")
        self._token = token
        self._timeout = (connect_s, read_s)
        self._session = StraightSession()
        # A proxy named in the environment is for the world outside, not for this machine.
        self._session.trust_env = not self._local

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._session.close()

    def instance_id(self) -> str:
        """Which journal the app keeps. Asking does nothing, and wakes an app that sleeps.

        Raises:
            SettingsError: the app has another API_TOKEN.
            ApiError: it is not there, it has no API_TOKEN, or what answers is no Offhook.
        """
        told = self._ask("GET", "/api/journal", dials=False)
        instance_id = told.get("instance_id")
        if not isinstance(instance_id, str) or not instance_id:
            raise self._unexpected("no instance_id", HTTPStatus.OK, dials=False)
        return instance_id

    def place(self, asked: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Have the app place a call; see ``POST /api/calls``.

        Args:
            asked: the body.
            key: the Idempotency-Key.

        Returns:
            the start, as the app tells it.

        Raises:
            PlacingError: no clear answer came; somebody may have been called.
            OffhookError: it was refused; nobody was called.
        """
        start = self._ask(
            "POST", "/api/calls", dials=True, json=asked, headers={"Idempotency-Key": key}
        )
        if not isinstance(start.get("token"), str):
            raise self._unexpected("no token of a call", HTTPStatus.CREATED, dials=True)
        return start

    def _ask(self, method: str, path: str, *, dials: bool, **more: Any) -> dict[str, Any]:
        try:
            response = self._session.request(
                method,
                self._url + path,
                auth=_Bearer(self._token) if self._token else _Nobody(),
                timeout=self._timeout,
                allow_redirects=False,
                **more,
            )
        except requests.RequestException as error:
            raise self._unanswered(error, dials=dials) from None
        status, told = response.status_code, _object_in(response.content)
        if told is not None and status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return told
        if told is not None and isinstance(refusal := told.get("error"), dict):
            raise self._refused(status, refusal, dials=dials)
        raise self._unexpected(_described(response), status, dials=dials)

    def _unanswered(self, error: requests.RequestException, *, dials: bool) -> OffhookError:
        causes = list(_causes(error))
        nothing_sent = isinstance(
            error,
            requests.ConnectTimeout
            | requests.exceptions.ProxyError
            | requests.exceptions.InvalidURL,
        ) or any(
            isinstance(cause, NewConnectionError | ssl.SSLCertVerificationError) for cause in causes
        )
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            what = "its certificate is not to be trusted."
        elif nothing_sent:
            what = "it takes no connections."
        elif isinstance(error, requests.Timeout):
            what = f"it was silent for {self._timeout[1]:g} s."
        else:
            what = "it broke off."
        msg = f"The app at {self._host} gave no answer: {what}"
        return self._failed(msg, self._where_mend, may_have_dialled=dials and not nothing_sent)

    def _refused(self, status: int, error: Mapping[str, Any], *, dials: bool) -> OffhookError:
        """An error in the one shape that Offhook's have, told in its own words.

        Its 502 and 503 say that nobody was called; any other 5xx may come from after the dialling.
        """
        message, mend = (" ".join(str(error.get(key) or "").split()) for key in ("message", "mend"))
        told = f"The app at {self._host} says: {message}"
        if status == HTTPStatus.UNAUTHORIZED:
            wrong = (
                "refuses this API_TOKEN" if self._token else "has an API_TOKEN, and here is none"
            )
            return SettingsError(f"The app at {self._host} {wrong}.", mend=_TOKEN_MEND)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not dials:
            certain = status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
            return self._failed(told, mend, may_have_dialled=dials and not certain)
        if status == HTTPStatus.NOT_FOUND:
            return NotFoundError(told, mend=mend)
        if status == HTTPStatus.CONFLICT:
            return ApiError(told, mend=mend)
        if status in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
            return ForbiddenError(told, mend=mend)
        return RequestError(told, mend=mend)

    def _unexpected(self, what: str, status: int, *, dials: bool) -> OffhookError:
        """What answers is no Offhook, or something stands between."""
        never_came = _REDIRECTS.start <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        msg = f"What answers at {self._host} is no Offhook, or not well: {what} (HTTP {status})."
        return self._failed(msg, self._where_mend, may_have_dialled=dials and not never_came)

    def _failed(self, message: str, mend: str, *, may_have_dialled: bool) -> ApiError:
        if not may_have_dialled:
            return ApiError(message, mend=mend)
        if _LOOK not in mend:
            mend = f"{mend} {_LOOK}".strip()
        return PlacingError(message, mend=mend, may_have_dialled=True)

    @property
    def _where_mend(self) -> str:
        how = " (`offhook serve` starts it)" * self._local
        return f"Look whether it runs{how}, and at PUBLIC_URL."


class _Bearer(AuthBase):
    """The Authorization header, set last: ``requests`` would else look in ``~/.netrc`` for one."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Nobody(AuthBase):
    """No Authorization header at all, whatever ``~/.netrc`` says."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _object_in(content: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _described(response: requests.Response) -> str:
    if response.status_code in _REDIRECTS:
        try:
            to = urlsplit(response.headers.get("Location", "")).hostname
        except ValueError:
            to = None
        return f"a redirect to {to or 'nowhere'}"
    return "a web page" if response.content.lstrip()[:1] == b"<" else "no JSON that is expected"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it; urllib3 keeps that in ``reason``, ``requests`` in ``args``."""
    yield error
    for cause in (*error.args, getattr(error, "reason", None)):
        if isinstance(cause, BaseException):
            yield from _causes(cause)
