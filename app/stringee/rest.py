"""The transport of Stringee's REST API.

JSON both ways, the token in ``X-STRINGEE-AUTH``
(developer.stringee.com/docs/rest-api-reference/icc-rest-api-authentication). Nothing is tried
twice, no redirect is followed, and nothing goes in the clear but to this machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import requests
from requests.auth import AuthBase

from app.requesting import (
    StraightSession,
    content_of,
    is_loopback,
    json_of,
    parts_of,
    takes_credentials,
)
from app.stringee.refusals import (
    DONE,
    URL_MEND,
    WAITS_FOR_SPEECH,
    StringeeError,
    not_answered,
    redirected,
    refused,
    unreadable,
)
from app.stringee.tokens import ApiKey, rest_token

LIVE_URL = "https://api.stringee.com"
CONNECT_S = 5.0
"""Seconds that a connection may take to come about."""
READ_S = 20.0
"""Seconds of silence after which an answer is given up."""
MAX_BYTES = 16 * 1024 * 1024
"""An answer longer than this, unpacked, is refused."""

_REDIRECTS = range(300, 400)
_OK = range(200, 300)

Params = Mapping[str, str | int | Sequence[str | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body that is no JSON."""

    data: bytes
    type: str = "application/octet-stream"


class Rest:
    """A client of Stringee's REST API, by one key: a project's, or an account's.

    Args:
        key: signs a token for each request.
        url: the API's address, of the project's region; plain http only for this machine.
        connect_s, read_s: seconds to wait for a connection, and in silence for an answer.

    Raises:
        StringeeError: an address that no token may be sent to.
    """

    def __init__(
        self,
        key: ApiKey,
        *,
        url: str = LIVE_URL,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
    ) -> None:
        if not takes_credentials(url):
            msg = "STRINGEE_API_URL is no address that a token may be sent to: https://HOST, or "
            msg += "http on this machine."
            raise StringeeError(msg, mend=URL_MEND)
        host, netloc, _ = parts_of(url)
        self.url = url.rstrip("/")
        self._key = key
        self._host = netloc.rpartition("@")[2]
        self._timeout = (connect_s, read_s)
        self._session = StraightSession()
        # A proxy named in the environment is for the world outside, not for this machine.
        self._session.trust_env = not is_loopback(host)
        # A kept connection may be closed by the server just as a call is placed on it, and then
        # nobody knows whether it dialled.
        self._session.headers.update(
            {"Accept": "application/json", "User-Agent": "offhook", "Connection": "close"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what this client has open."""
        self._session.close()

    def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Read something; see ``send``."""
        return self.send("GET", path, params=params)

    def post(self, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """Have something done; see ``send``."""
        return self.send("POST", path, content=_json(told))

    def put(self, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """Change something; see ``send``."""
        return self.send("PUT", path, content=_json(told))

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: Content | None = None,
    ) -> dict[str, Any]:
        """Send one request, once, and give back its answer, whose ``r`` is 0 or 13.

        Raises:
            StringeeError: refused, not sent, or not answered; ``fate`` says which.
        """
        asked = name_of(method, path)
        try:
            with self._session.request(
                method,
                self.url + path,
                params=params,
                data=content.data if content else None,
                headers={"Content-Type": content.type} if content else None,
                auth=TokenAuth(self._key),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                if status in _REDIRECTS:
                    location = response.headers.get("Location", "")
                    raise redirected(asked, self._host, status, location)
                body = content_of(response, MAX_BYTES)
        except requests.RequestException as error:
            raise not_answered(asked, error, self._host, self._timeout) from None
        if body is None:
            raise unreadable(asked, status, b"?", "more than 16 MiB")
        return _answer(asked, status, body)


class TokenAuth(AuthBase):
    """The token, and no Authorization: ``requests`` would else look in ``~/.netrc`` for one."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into the request."""
        request.headers["X-STRINGEE-AUTH"] = rest_token(self._key).text
        return request


def name_of(method: str, path: str) -> str:
    """What a request is called in messages: ``callout`` for a POST, else such as ``GET log``."""
    word = next((part for part in reversed(path.split("/")) if part.isalpha()), path)
    return word if method == "POST" else f"{method} {word}"


def _json(told: Mapping[str, Any]) -> Content:
    return Content(data=json.dumps(told, allow_nan=False).encode(), type="application/json")


def _answer(asked: str, status: int, body: bytes) -> dict[str, Any]:
    """Read an answer, whatever its HTTP status and content type say."""
    try:
        answer = json_of(body)
    except ValueError:
        raise unreadable(asked, status, body, "no JSON") from None
    if not isinstance(answer, dict):
        raise unreadable(asked, status, body, "JSON that is no object")
    r = _code(answer.get("r"))
    if r is None:
        if status in _OK and "data" in answer:  # what is read is there: r adds nothing to it
            return answer
        raise unreadable(asked, status, body, "no r")
    if r not in {DONE, WAITS_FOR_SPEECH}:
        # The contact centre writes msg.
        said = answer.get("message") or answer.get("msg") or ""
        raise refused(asked, r, said if isinstance(said, str) else "", status)
    if status not in _OK:
        raise unreadable(asked, status, body, f"r {r}")
    return answer


def _code(told: object) -> int | None:
    """A code, also where it is written as text."""
    if isinstance(told, bool) or not isinstance(told, int | str):
        return None
    try:
        return int(told)
    except ValueError:
        return None
