"""``offhook calls hangup``: ends a call."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import click

from app.callflow.errors import ApiError, JournalError
from app.cli.completing import last_call
from app.cli.exits import NotFoundError
from app.cli.options import examples, yes_option
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.ports import CallRow

_OURS = "callr:"


@click.command(
    epilog=examples(
        "offhook calls hangup last",
        "offhook calls hangup callr:242359184129",
    )
)
@click.argument("call", metavar="ID|last", shell_complete=last_call)
@yes_option
@click.pass_obj
def hangup(shell: Shell, call: str, *, yes: bool) -> None:
    """End a call that is in progress.

    ID is ours (callr:242359184129) or the platform's, in full: a beginning could be another call's.
    `last` is the newest call. A platform's id that the journal does not have is taken as it stands.
    Asks before it ends a call at CALLR itself.

    The call's flow learns of it as of a caller who hangs up.
    """
    row = _journalled(shell, call)
    if row is not None and row.ended_at is not None:
        msg = f"Call {row.key} is over since {row.ended_at:%Y-%m-%d %H:%M:%S} UTC."
        raise NotFoundError(msg, mend="`offhook calls list` shows those that are live.")
    callid = _callid(call, row)
    with shell.callr() as api:
        if shell.live:
            shell.confirm(f"Hang up call {callid}?", yes=yes)
        if not api.hang_up(callid):
            msg = f"CALLR did not hang up call {callid}: it is over, or it knows no such call."
            raise ApiError(msg, mend="`offhook calls list` shows those that are live.")
    shell.output.note(f"Call {callid} is hung up.")


def _callid(call: str, row: CallRow | None) -> int:
    """CALLR's id of the call.

    Raises:
        NotFoundError: the journal has no such call, and it is no id of CALLR's.
    """
    told = row.platform_id if row is not None else call.removeprefix(_OURS)
    if not (told.isascii() and told.isdecimal()):
        msg = f"The journal has no call {call!r}, and it is no id of CALLR's."
        raise NotFoundError(msg, mend="List them: `offhook calls list`.")
    return int(told)


def _journalled(shell: Shell, call: str) -> CallRow | None:
    """The call as the journal has it; None where it has not, or does not answer."""
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
