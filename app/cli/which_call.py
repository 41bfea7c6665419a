"""Which call of the journal somebody means."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.callflow.errors import JournalError
from app.cli.exits import NotFoundError

if TYPE_CHECKING:
    from app.cli.shell import Shell
    from app.ports import CallRow


def journalled(shell: Shell, call: str) -> CallRow | None:
    """The call as the journal has it; None where it has not, or does not answer.

    Args:
        shell: with the journal.
        call: ``last``, our id or the platform's, in full: a beginning could be another call's.
    """
    from app.journal import History, SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy

    url = shell.settings.database_url
    try:
        if schema_status(url) is SchemaStatus.NONE:
            return None
        row = History(url).call(call, tests=call != "last").row
    except JournalError as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            shell.output.warn(f"{problem} The id is taken as it stands.")
        return None
    return row if call in {"last", row.key, row.platform_id} else None


def live_call(shell: Shell, call: str) -> CallRow | None:
    """As ``journalled``, of a call that is not over.

    Raises:
        NotFoundError: it is over.
    """
    row = journalled(shell, call)
    if row is not None and row.ended_at is not None:
        msg = f"Call {row.key} is over since {row.ended_at:%Y-%m-%d %H:%M:%S} UTC."
        raise NotFoundError(msg, mend="`offhook calls list` shows those that are live.")
    return row


def callr_id(call: str, row: CallRow | None) -> int:
    """CALLR's id of a call.

    Raises:
        NotFoundError: the journal has no such call, and it is no id of CALLR's.
    """
    told = row.platform_id if row is not None else call.removeprefix("callr:")
    if not (told.isascii() and told.isdecimal()):
        raise _unknown(call, "no id of CALLR's")
    return int(told)


def stringee_id(call: str, row: CallRow | None) -> str:
    """Stringee's id of a call.

    Raises:
        NotFoundError: the journal has no such call, and it is no id of Stringee's.
    """
    told = row.platform_id if row is not None else call.removeprefix("stringee:")
    if row is not None and row.provider != "stringee":
        msg = f"Call {row.key} is none of Stringee's."
        raise NotFoundError(msg)
    if not told.startswith("call-"):
        raise _unknown(call, "no id of Stringee's (call-...)")
    return told


def is_stringee(call: str, row: CallRow | None) -> bool:
    """Whether a call is one of Stringee's, by the journal or by how its id looks."""
    if row is not None:
        return row.provider == "stringee"
    return call.startswith(("stringee:", "call-"))


def _unknown(call: str, what: str) -> NotFoundError:
    msg = f"The journal has no call {call!r}, and it is {what}."
    return NotFoundError(msg, mend="List them: `offhook calls list`.")
