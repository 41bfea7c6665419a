"""What CALLR's JSON-RPC refuses, or does not answer, as one error with what to do about it.

Codes and messages are the platform's own, word for word (THECALLR/sdk-dotnet 7f3f35b, asserted by
the vendor's tests; the numeric codes are a third party's list, optiflows/thecallrapi 21601b3, and
may be incomplete). So the mend is chosen by the beginning of the message first, and by the code
only where the message tells nothing.
"""

from __future__ import annotations

from typing import Any

import requests
from callr import CallrException

from app.fates import Fate, RequestFailedError
from app.requesting import never_left, redirect_host, was_silent

HTTP_OK = 200
_UNAUTHORIZED = 401  # also the JSON-RPC code of credentials that are not accepted
_REQUEST_TIMEOUT = 408
_SEE_OTHER = 303  # the one redirect that says: what was asked for is done
_SERVER_ERRORS = 500
_INTERNAL_ERROR = -32603

_DIALS = frozenset({"calls.realtime", "dialr/call.realtime", "calls.broadcast_1"})
_READS = ("get", "search")

CREDENTIALS_MEND = "Look at CALLR_LOGIN and CALLR_PASSWORD, or at CALLR_API_KEY."
URL_MEND = "Look at CALLR_API_URL: CALLR's own is https://api.callr.com/json-rpc/v1.1/."
NAME_RULE = "1 to 64 letters, digits, spaces, ( ) _ and -; no dot, no colon, no apostrophe"
_NUMBER_MEND = "Write the number as E.164, such as +33612345678."
_ACCOUNT_MEND = "This account may not do that: ask its owner, or CALLR."

_MENDS_BY_MESSAGE = {
    "PROPERTY_VALUE_ERROR [app]": "`offhook apps list` shows the voice apps that there are.",
    "PROPERTY_VALUE_ERROR [did]": "`offhook numbers list` shows the numbers and their hashes.",
    "PROPERTY_VALUE_ERROR [options.cli]": "A caller id must be a number of the account "
    "(`offhook numbers list`) or one that CALLR has authorised for it.",
    "PROPERTY_VALUE_ERROR [options.cdr_field]": "It takes at most 32 letters and digits.",
    "PROPERTY_VALUE_ERROR [name]": f"A name takes {NAME_RULE}.",
    "PROPERTY_VALUE_ERROR [target": _NUMBER_MEND,
    "PROPERTY_TYPE_ERROR [to]": _NUMBER_MEND,
    "BAD_APP_TYPE": "Only a REALTIME10 voice app can do this; `offhook apps create` makes one.",
    "FORBIDDEN": _ACCOUNT_MEND,
}
_MENDS_BY_CODE = {
    _UNAUTHORIZED: CREDENTIALS_MEND,
    100: _ACCOUNT_MEND,
    205: "A voice app of this kind takes no number; `offhook apps create` makes one that does.",
    -32601: URL_MEND,
}


class CallrError(RequestFailedError, CallrException):
    """A request to CALLR's JSON-RPC that failed, for users of Offhook and of the SDK alike.

    Attributes:
        method: the JSON-RPC method; "" where none was called yet.
        fate: whether it may have been carried out.
        msg, code, data: as on the SDK's CallrException: the server's own words, its code and its
            ``error.data``; or ``HTTP_CODE_ERROR`` -1, ``HTTP_EXCEPTION`` -2,
            ``INVALID_RESPONSE`` -2.
    """

    def __init__(
        self,
        message: str,
        *,
        msg: str,
        code: int,
        method: str = "",
        fate: Fate = Fate.NOT_SENT,
        data: Any = None,
        mend: str = "",
    ) -> None:
        if fate is Fate.UNKNOWN:
            mend = f"{mend} {look_first(method)}".strip()
        super().__init__(message, fate=fate, mend=mend)
        self.method = method
        self.msg = msg
        self.code = code
        self.data = data

    @property
    def unauthorized(self) -> bool:
        """Whether it was the credentials that were refused."""
        status = self.data.get("http_code") if isinstance(self.data, dict) else None
        return _UNAUTHORIZED in (self.code, status)


def look_first(method: str) -> str:
    """What to do when it is not known whether ``method`` was carried out."""
    if method in _DIALS:
        return "It may have dialled; look before trying again (`offhook calls list`)."
    if method.rpartition(".")[2].startswith(_READS):
        return "It only reads; try again."
    return "It may have been done; look before trying again (`offhook apps list`)."


def refused(method: str, error: object, status: int) -> CallrError:
    """Read the ``error`` of an answer, whatever its shape.

    Args:
        method: the JSON-RPC method.
        error: what stands under ``error``: by JSON-RPC an object with code, message, perhaps data.
        status: the answer's HTTP status, 200 or not: THECALLR/actions-nodejs-typescript a89a253
            reads such an error under both.
    """
    told = error if isinstance(error, dict) else {"message": error}
    code = told.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        code = _UNAUTHORIZED if status == _UNAUTHORIZED else 0
    said = str(told.get("message") or "no message")
    broken = status >= _SERVER_ERRORS or code == _INTERNAL_ERROR or said.startswith("Oops, Int")
    return CallrError(
        f"CALLR refused {method}: {said} (code {code}).",
        method=method,
        fate=Fate.UNKNOWN if broken else Fate.REFUSED,
        msg=said,
        code=code,
        data=told.get("data"),
        mend=_mend(said, code, status),
    )


def redirected(method: str, host: str, status: int, location: str) -> CallrError:
    """A redirect, which is not followed.

    Args:
        method: the JSON-RPC method.
        host: who was asked.
        status: 300 to 399.
        location: where it points. Only the host is told: whoever answers chooses this text.
    """
    return CallrError(
        f"{host} redirects {method} to {redirect_host(location)} (HTTP {status}); credentials are "
        "not sent along.",
        method=method,
        fate=Fate.UNKNOWN if status == _SEE_OTHER else Fate.REFUSED,
        msg="HTTP_CODE_ERROR",
        code=-1,
        data={"http_code": status, "http_message": "redirect"},
        mend=URL_MEND,
    )


def unreadable(method: str, status: int, content: bytes, what: str) -> CallrError:
    """An answer that is not one of JSON-RPC, or not the answer to this request.

    Args:
        method: the JSON-RPC method.
        status: the answer's HTTP status.
        content: its body.
        what: what it is instead, to stand after "answered with".
    """
    mend = URL_MEND
    if content.lstrip()[:1] == b"<":
        what = "a web page instead of JSON"
        mend = f"Something else answers there, or on the way there. {URL_MEND}"
    if status == _UNAUTHORIZED:
        mend = CREDENTIALS_MEND
    not_done = HTTP_OK < status < _SERVER_ERRORS and status != _REQUEST_TIMEOUT
    return CallrError(
        f"CALLR's API answered {method} with {what} (HTTP {status}).",
        method=method,
        fate=Fate.REFUSED if not_done else Fate.UNKNOWN,
        msg="INVALID_RESPONSE" if status == HTTP_OK else "HTTP_CODE_ERROR",
        code=-2 if status == HTTP_OK else -1,
        data={"response": content, "http_code": status},
        mend=mend,
    )


def not_answered(
    method: str, error: requests.RequestException, host: str, timeout: tuple[float, float]
) -> CallrError:
    """No answer at all; what surely happened before anything was sent is told from the rest.

    Args:
        method: the JSON-RPC method.
        error: what ``requests`` raised.
        host: who was asked.
        timeout: seconds for the connection, and of silence.
    """
    unsent = never_left(error, host, timeout[0], "CALLR_API_URL", URL_MEND)
    if unsent:
        fate, (what, mend) = Fate.NOT_SENT, unsent
    elif was_silent(error):
        fate, what, mend = Fate.UNKNOWN, f"{host} did not answer within {timeout[1]:g} s.", ""
    else:
        fate, what, mend = Fate.UNKNOWN, f"{host} broke off without an answer.", ""
    return CallrError(
        f"CALLR's API gave no answer to {method}: {what}",
        method=method,
        fate=fate,
        msg="HTTP_EXCEPTION",
        code=-2,
        data={"exception": error},
        mend=mend,
    )


def _mend(said: str, code: int, status: int) -> str:
    for beginning, mend in _MENDS_BY_MESSAGE.items():
        if said.startswith(beginning):
            return mend
    return _MENDS_BY_CODE.get(code) or _MENDS_BY_CODE.get(status, "")
