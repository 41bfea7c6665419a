"""What Stringee's REST API refuses, or does not answer, as one error with what to do about it.

An answer tells ``r``: 0 is done. Most refusals come with HTTP 200, those of a token with 403. What
a code means is written down for calls alone (developer.stringee.com/docs/call-error-code); stop has
its own, told by one of its users. A code that is not known here is told word for word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

import requests

from app.callflow.parties import mask
from app.fates import Fate, RequestFailedError
from app.requesting import never_left, redirect_host, was_silent

DONE = 0
WAITS_FOR_SPEECH = 13
"""Accepted: the call is placed once its text is spoken."""

URL_MEND = (
    "Look at STRINGEE_API_URL: https://api.stringee.com, or that of the project's region, such as "
    "https://asia-2.api.stringee.com."
)
CREDENTIALS_MEND = (
    "Look at STRINGEE_API_KEY_SID and STRINGEE_API_KEY_SECRET (for numbers and projects: "
    "STRINGEE_ACCOUNT_SID and STRINGEE_ACCOUNT_KEY), and at STRINGEE_API_URL: a key is known in "
    "its project's region only."
)

_UNKNOWN_ERROR = 9
_NO_REST_API = 45
_SERVER_ERRORS = 500
_MAX_SAID = 300

_OUR_NUMBER = "Show a number of this Stringee project: `offhook numbers list` has them."
_TRUNK = "Look at the SIP trunk in Stringee's dashboard."
_DIGITS = "Stringee takes numbers with the country's code and without +, such as 84900000001."
_ASK = "Ask Stringee: the account may not do that."

CALLS: Mapping[int, tuple[str, str]] = {
    1: (
        "ANSWER_URL_EMPTY",
        "`offhook stringee projects point` sets it.",
    ),
    2: ("ANSWER_URL_SCCO_INCORRECT_FORMAT", "The list of actions is not as Stringee reads it."),
    3: ("TO_TYPE_IS_NOT_INTERNAL_OR_EXTERNAL", "A call goes to a number or to a client's user."),
    4: ("FROM_NUMBER_NOT_FOUND", _OUR_NUMBER),
    5: ("FROM_NUMBER_NOT_BELONG_YOUR_ACCOUNT", _OUR_NUMBER),
    6: ("SIP_TRUNK_NOT_FOUND", _TRUNK),
    7: ("SIP_TRUNK_NOT_BELONG_YOUR_ACCOUNT", _TRUNK),
    8: ("NOT_ENOUGH_MONEY", "Top up the account at Stringee."),
    9: ("UNKNOW_ERROR_1", ""),
    10: ("FROM_NUMBER_OR_TO_NUMBER_INVALID_FORMAT", _DIGITS),
    11: ("CALL_NOT_ALLOWED_BY_YOUR_SERVER", "The list of actions connects nobody."),
    12: ("MAX_CONCURRENT_CALL", "Try when fewer calls are going on, or have Stringee allow more."),
    14: ("TO_NUMBER_INVALID", _DIGITS),
    15: ("FROM_NUMBER_NOT_BELONG_YOUR_PROJECT", _OUR_NUMBER),
    16: ("NOT_ALLOW_CHAT_USER", _ASK),
    17: ("NOT_ALLOW_CALLOUT", _ASK),
    18: ("REQUEST_ANSWER_URL_ERROR", "`offhook doctor` says whether the server can be reached."),
    19: ("ACCOUNT_LOCKED", "Ask Stringee why."),
}
"""The codes of calls: name, and what to do."""

_STOP: Mapping[int, tuple[str, str]] = {
    1: ("the call is over already", ""),
    2: ("there is no such call", ""),
}

_OF_CALLS = frozenset({"callout", "putactions", "transfer", "adduser"})
_JWT = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")
_NUMBER = re.compile(r"(?<![\w.-])\+?[0-9]{7,15}(?![\w.-])")


class StringeeError(RequestFailedError):
    """A request to Stringee's REST API that failed.

    Attributes:
        asked: the request: ``callout``, ``PUT number``.
        r: Stringee's code; None where it told none.
        unauthorized: the credentials were refused.
    """

    def __init__(
        self,
        message: str,
        *,
        asked: str = "",
        fate: Fate = Fate.NOT_SENT,
        r: int | None = None,
        unauthorized: bool = False,
        mend: str = "",
    ) -> None:
        if fate is Fate.UNKNOWN:
            mend = f"{mend} {look_first(asked)}".strip()
        super().__init__(message, fate=fate, mend=mend)
        self.asked = asked
        self.r = r
        self.unauthorized = unauthorized


def look_first(asked: str) -> str:
    """What to do when it is not known whether a request was carried out."""
    if asked == "callout":
        return "It may have dialled; look before trying again (`offhook calls list`)."
    if asked.startswith("GET "):
        return "It only reads; try again."
    return "It may have been done; look before trying again."


def refused(asked: str, r: int, said: str, status: int) -> StringeeError:
    """A code that is not 0.

    Args:
        asked: see ``StringeeError``.
        r: the code.
        said: Stringee's own words.
        status: HTTP.
    """
    said = masked(said)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or "keysid" in said.lower():
        told = f"Stringee refuses the credentials for {asked}: {said or 'no message'} (r {r})."
        return StringeeError(
            told, asked=asked, fate=Fate.REFUSED, r=r, unauthorized=True, mend=CREDENTIALS_MEND
        )
    if r == _NO_REST_API:
        told = f"Stringee refuses the token for {asked}: {said or 'no message'} (r {r})."
        mend = "It is no token of the REST API; a key of the project, or of the account, makes one."
        return StringeeError(
            told, asked=asked, fate=Fate.REFUSED, r=r, unauthorized=True, mend=mend
        )
    table = _STOP if asked == "stop" else CALLS if asked in _OF_CALLS else {}
    name, mend = table.get(r, ("", ""))
    words = ": ".join(part for part in (name, said) if part) or "no message"
    broken = status >= _SERVER_ERRORS or r == _UNKNOWN_ERROR
    return StringeeError(
        f"Stringee refused {asked}: {words} (r {r}).",
        asked=asked,
        fate=Fate.UNKNOWN if broken else Fate.REFUSED,
        r=r,
        mend=mend,
    )


def redirected(asked: str, host: str, status: int, location: str) -> StringeeError:
    """A redirect, which is not followed: the token would go along."""
    see_other = status == HTTPStatus.SEE_OTHER
    return StringeeError(
        f"{host} redirects {asked} to {redirect_host(location)} (HTTP {status}); the token is not "
        "sent along.",
        asked=asked,
        fate=Fate.UNKNOWN if see_other else Fate.REFUSED,
        mend=URL_MEND,
    )


def unreadable(asked: str, status: int, content: bytes, what: str) -> StringeeError:
    """An answer that is none of Stringee's; ``what`` stands after "answered with"."""
    mend, unauthorized = URL_MEND, status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if not content:
        what = "nothing"
    elif content.lstrip()[:1] == b"<":
        what = "a web page instead of JSON"
        mend = f"Something else answers there, or on the way there. {URL_MEND}"
    if unauthorized:
        mend = CREDENTIALS_MEND
    not_done = HTTPStatus.OK < status < _SERVER_ERRORS and status != HTTPStatus.REQUEST_TIMEOUT
    return StringeeError(
        f"Stringee's API answered {asked} with {what} (HTTP {status}).",
        asked=asked,
        fate=Fate.REFUSED if not_done else Fate.UNKNOWN,
        unauthorized=unauthorized,
        mend=mend,
    )


def not_answered(
    asked: str, error: requests.RequestException, host: str, timeout: tuple[float, float]
) -> StringeeError:
    """No answer at all; what surely happened before anything was sent is told from the rest.

    Args:
        asked: see ``StringeeError``.
        error: what ``requests`` raised.
        host: who was asked.
        timeout: seconds for the connection, and of silence.
    """
    unsent = never_left(error, host, timeout[0], "STRINGEE_API_URL", URL_MEND)
    if unsent:
        fate, (what, mend) = Fate.NOT_SENT, unsent
    elif was_silent(error):
        fate, what, mend = Fate.UNKNOWN, f"{host} did not answer within {timeout[1]:g} s.", ""
    else:
        fate, what, mend = Fate.UNKNOWN, f"{host} broke off without an answer.", ""
    return StringeeError(
        f"Stringee's API gave no answer to {asked}: {what}", asked=asked, fate=fate, mend=mend
    )


def unexpected(asked: str, what: str) -> StringeeError:
    """An answer of another shape than the request's."""
    return StringeeError(
        f"Stringee's API answered {asked} with something else than expected: {what}.",
        asked=asked,
        fate=Fate.UNKNOWN,
    )


def masked(text: str) -> str:
    """Words of the platform's, without tokens and without the middle of numbers."""
    starred = _JWT.sub("***", text[:_MAX_SAID])
    return _NUMBER.sub(lambda found: mask(found[0]), starred)
