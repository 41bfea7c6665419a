"""The transport of CALLR's JSON-RPC: the ``callr`` SDK's interface over ``requests``.

The SDK (``callr`` 2.1.0 on PyPI, THECALLR/sdk-python 18eb86e) waits for ever, keeps one header
dict for all accounts of the process, prints, loses the server's words on any HTTP status but 200,
and follows a redirect with the credentials. ``Rpc`` keeps its constructor, ``call``,
``set_api_url``, ``set_proxy`` and exception, and replaces ``send`` whole.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Sequence
from typing import Any, NoReturn, Self

import requests
from callr import Api
from requests.auth import AuthBase

from app.callr.refusals import (
    HTTP_OK,
    URL_MEND,
    CallrError,
    not_answered,
    redirected,
    refused,
    unreadable,
)
from app.requesting import (
    StraightSession,
    content_of,
    is_loopback,
    json_of,
    parts_of,
    takes_credentials,
)

LIVE_URL = "https://api.callr.com/json-rpc/v1.1/"
CONNECT_S = 5.0
"""Seconds that a connection may take to come about."""
READ_S = 20.0
"""Seconds of silence after which an answer is given up."""
MAX_BYTES = 16 * 1024 * 1024
"""An answer longer than this, unpacked, is refused; one number takes about 600 bytes of it."""

_REDIRECTS = range(300, 400)
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+\Z")
_LOGIN_AS = re.compile(r"(?:user\.login|account\.hash) [\x21-\x7e]+\Z", re.IGNORECASE)


class Rpc(Api):
    """A client of CALLR's JSON-RPC. Nothing is tried twice, and no redirect is followed.

    Args:
        login, password: HTTP Basic, as for the SDK; not used where there is an ``api_key``.
        options: as for the SDK: ``{"proxy": url}``, here for this client alone.
        api_key: sent as ``Authorization: Api-Key KEY`` (www.callr.com/docs/api/authentication).
        login_as: ``User.login NAME`` or ``Account.hash HASH``, sent as ``CALLR-Login-As``.
        url: where the API is; plain http only for this machine.
        connect_s, read_s: seconds to wait for a connection, and in silence for an answer.

    Raises:
        CallrError: credentials or an address that cannot be used.
    """

    def __init__(
        self,
        login: str,
        password: str,
        options: dict[str, Any] | None = None,
        *,
        api_key: str = "",
        login_as: str = "",
        url: str = LIVE_URL,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
    ) -> None:
        if api_key and not _HEADER_SAFE.match(api_key):
            _cannot_use("CALLR_API_KEY", "Copy it again; it has no spaces and no accents.")
        if login_as and not _LOGIN_AS.match(login_as):
            _cannot_use("CALLR_LOGIN_AS", "Write `User.login NAME` or `Account.hash HASH`.")
        self._api_key = api_key
        self._timeout = (connect_s, read_s)
        self._session = StraightSession()
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Content-Type": "application/json-rpc; charset=utf-8",
                "User-Agent": f"offhook (sdk=PYTHON; sdk-version={self.SDK_VERSION})",
                # A kept connection may be closed by the server just as a call start is sent on
                # it, and then nobody knows whether it dialled.
                "Connection": "close",
            }
        )
        if login_as:
            self._session.headers["CALLR-Login-As"] = login_as
        super().__init__(login, password, options)  # type: ignore[no-untyped-call]  # untyped SDK
        self.set_api_url(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what this client has open."""
        self._session.close()

    def set_api_url(self, url: str) -> None:
        """Use another address, such as a simulator's.

        Raises:
            CallrError: plain http to another machine, or no URL at all.
        """
        host, netloc, _ = parts_of(url)
        if not takes_credentials(url):
            raise CallrError(
                "CALLR_API_URL is no address that credentials may be sent to: "
                "https://HOST/..., or http on this machine.",
                msg="URL_REFUSED",
                code=1,
                mend=URL_MEND,
            )
        # A proxy named in the environment is for the world outside, not for this machine.
        self._session.trust_env = not is_loopback(host)
        self._host = netloc.rpartition("@")[2]
        super().set_api_url(url)  # type: ignore[no-untyped-call]  # untyped SDK

    def set_proxy(self, proxy: str) -> None:
        """Send this client's requests through a proxy; the SDK would change the whole process."""
        self._session.proxies["https"] = proxy

    def call(self, method: str, *params: Any) -> Any:
        """Call a method with positional parameters; None goes as null: the platform counts them.

        Raises:
            CallrError: refused, not sent, or not answered; ``fate`` says which.
        """
        return self.send(method, params)

    def send(self, method: str, params: Sequence[Any] = (), id: int | None = None) -> Any:  # noqa: A002 -- the SDK's own name
        """Send one request, once, and give back its ``result``.

        Raises:
            CallrError: refused, not sent, or not answered; ``fate`` says which.
        """
        self._check_auth()
        number = 1 + secrets.randbelow(2**31) if id is None else id
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        try:
            with self._session.post(
                self._api_url,
                data=json.dumps(request, allow_nan=False).encode(),
                auth=_Authorization(self._authorization()),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code in _REDIRECTS:
                    location = response.headers.get("Location", "")
                    raise redirected(method, self._host, response.status_code, location)
                content = content_of(response, MAX_BYTES)
                if content is None:
                    raise unreadable(method, response.status_code, b"", "more than 16 MiB")
        except requests.RequestException as error:
            raise not_answered(method, error, self._host, self._timeout) from error
        return _result(method, number, response.status_code, content)

    def _check_auth(self) -> None:
        if not self._api_key and not (self._login and self._password):
            raise CallrError(
                "There are no credentials for CALLR's API.",
                msg="CREDENTIALS_NOT_SET",
                code=1,
                mend="Set CALLR_LOGIN and CALLR_PASSWORD, or CALLR_API_KEY.",
            )

    def _authorization(self) -> str:
        return authorization(str(self._login), str(self._password), self._api_key)


class _Authorization(AuthBase):
    """The Authorization header, set last: ``requests`` would else look in ``~/.netrc`` for one."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def authorization(login: str, password: str, api_key: str) -> str:
    """The Authorization header of an account: its key, where it has one."""
    if api_key:
        return f"Api-Key {api_key}"
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def _result(method: str, number: int, status: int, content: bytes) -> Any:
    """Read an answer, whatever its HTTP status and content type say."""
    try:
        answer = json_of(content)
    except ValueError:
        raise unreadable(method, status, content, "no JSON") from None
    if not isinstance(answer, dict):
        raise unreadable(method, status, content, "JSON that is no object")
    error = answer.get("error")
    if error is not None and answer.get("result") is not None:
        raise unreadable(method, status, content, f"a result and an error at once ({error})")
    # The id of an error is null where the server could not read the request (JSON-RPC 2.0, 5).
    if answer.get("id") != number and not (error is not None and answer.get("id") is None):
        raise unreadable(method, status, content, "what answers another request")
    if error is not None:
        raise refused(method, error, status)
    if "result" not in answer or status != HTTP_OK:
        raise unreadable(method, status, content, "no result that counts")
    return answer["result"]


def _cannot_use(variable: str, mend: str) -> NoReturn:
    raise CallrError(
        f"{variable} cannot be sent in a header.", msg="CREDENTIALS_REFUSED", code=1, mend=mend
    )
