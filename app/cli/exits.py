"""What the shell is told: every exit code, and which error leads to which."""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus

from app.callflow.errors import (
    ApiError,
    FlowError,
    JournalError,
    OffhookError,
    PlacingError,
    SettingsError,
    SignatureError,
)
from app.dial_rules import ForbiddenError
from app.dialler import RequestError
from app.fates import Fate, RequestFailedError
from app.numbers import NumberError


class Exit(IntEnum):
    """The exit codes of ``offhook``."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNHEARD = 3
    FLOW = 4
    REFUSED = 5
    UNKNOWN = 6
    NOT_FOUND = 7
    DECLINED = 8
    JOURNAL = 9
    CALL_FAILED = 10
    UNREACHABLE = 11
    FORBIDDEN = 12
    INCOMPLETE = 13
    SETTINGS = 14
    UNSIGNED = 15
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.FAILED: "something unexpected went wrong here; --debug shows where",
    Exit.USAGE: "the command line, or a telephone number in it, cannot be read",
    Exit.UNHEARD: "somebody called, or was called, and nobody answered for us",
    Exit.FLOW: "a call flow is wrong",
    Exit.REFUSED: "the platform refused, or cannot be reached; nothing was done",
    Exit.UNKNOWN: "the platform gave no clear answer; it may have been done",
    Exit.NOT_FOUND: "what the command line names is not there",
    Exit.DECLINED: "not confirmed; nothing was done",
    Exit.JOURNAL: "the journal cannot be read or written",
    Exit.CALL_FAILED: "the server failed the call: late, an error, an apology, against protocol",
    Exit.UNREACHABLE: "PUBLIC_URL does not reach a server with these settings",
    Exit.FORBIDDEN: "CALL_HOURS, DIAL_PER_HOUR or the kind of number forbids it; nobody was called",
    Exit.INCOMPLETE: "done but for what the message says is left to do",
    Exit.SETTINGS: "a setting is missing or wrong",
    Exit.UNSIGNED: "the signature fits no key",
    Exit.INTERRUPTED: "interrupted",
}


class NotFoundError(OffhookError):
    """What the command line names is not there, or is there more than once."""

    status = 404


class DeclinedError(OffhookError):
    """A question was answered with no, or there was nobody to answer it."""

    status = 409


class UnheardError(OffhookError):
    """CALLR had a call on the line, and no reply of ours."""

    status = 502


class CallFailedError(OffhookError):
    """A server failed a call that was rung: it was late, sent an error page, or lost the flow."""

    status = 502


class IncompleteError(OffhookError):
    """Something was done, and something is left to do, which the message tells."""

    status = 409


_BY_ERROR: tuple[tuple[type[OffhookError], Exit], ...] = (
    (ForbiddenError, Exit.FORBIDDEN),
    (NumberError, Exit.USAGE),
    (RequestError, Exit.USAGE),
    (SettingsError, Exit.SETTINGS),
    (SignatureError, Exit.UNSIGNED),
    (FlowError, Exit.FLOW),
    (ApiError, Exit.REFUSED),
    (NotFoundError, Exit.NOT_FOUND),
    (DeclinedError, Exit.DECLINED),
    (JournalError, Exit.JOURNAL),
    (CallFailedError, Exit.CALL_FAILED),
    (UnheardError, Exit.UNHEARD),
    (IncompleteError, Exit.INCOMPLETE),
)


def exit_of(error: OffhookError) -> Exit:
    """The exit code that an error leads to."""
    if isinstance(error, ApiError) and _may_have_been_done(error):
        return Exit.UNKNOWN
    if isinstance(error, RequestError) and error.status == HTTPStatus.NOT_FOUND:
        return Exit.NOT_FOUND
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.FAILED)


def told() -> str:
    """The exit codes as lines for the help text."""
    return "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())


def _may_have_been_done(error: ApiError) -> bool:
    if isinstance(error, PlacingError):
        return error.may_have_dialled
    return isinstance(error, RequestFailedError) and error.fate is Fate.UNKNOWN
