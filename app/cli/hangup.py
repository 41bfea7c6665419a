"""``offhook calls hangup``: ends a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.callflow.errors import ApiError
from app.cli.completing import last_call
from app.cli.exits import Exit
from app.cli.options import CALLR, OF_CALLR, STRINGEE, manual, yes_option
from app.cli.shell import Shell
from app.cli.which_call import callr_id, is_stringee, live_call, stringee_id

if TYPE_CHECKING:
    from app.ports import CallRow

_LIST = "`offhook calls list` shows those that are live."


@click.command(
    epilog=manual(
        "offhook calls hangup last",
        "offhook calls hangup callr:242359184129",
        "offhook calls hangup call-vn-1-ABCDWXKUQM-1542377678921",
        exits=(*OF_CALLR, Exit.NOT_FOUND, Exit.DECLINED, Exit.JOURNAL),
        reads=(*CALLR, *STRINGEE, "DATABASE_URL"),
        see=("calls list", "calls show"),
    )
)
@click.argument("call", metavar="ID|last", shell_complete=last_call)
@yes_option
@click.pass_obj
def hangup(shell: Shell, call: str, *, yes: bool) -> None:
    """End a call that is in progress.

    ID is ours (callr:242359184129) or the platform's, in full: a beginning could be another call's.
    `last` is the newest call. A platform's id that the journal does not have is taken as it stands.
    Asks before it ends a call at the platform itself.

    The call's flow learns of it as of a caller who hangs up.
    """
    row = live_call(shell, call)
    if is_stringee(call, row):
        _stop(shell, call, row, yes=yes)
        return
    callid = callr_id(call, row)
    with shell.callr() as api:
        if shell.live:
            shell.confirm(f"Hang up call {callid}?", yes=yes)
        if not api.hang_up(callid):
            msg = f"CALLR did not hang up call {callid}: it is over, or it knows no such call."
            raise ApiError(msg, mend=_LIST)
    shell.output.note(f"Call {callid} is hung up.")


def _stop(shell: Shell, call: str, row: CallRow | None, *, yes: bool) -> None:
    call_id = stringee_id(call, row)
    with shell.stringee() as api:
        if shell.stringee_live:
            shell.confirm(f"Hang up call {call_id}?", yes=yes)
        if not api.stop(call_id):
            msg = f"Stringee did not stop call {call_id}: it is over, or it knows no such call."
            raise ApiError(msg, mend=_LIST)
    shell.output.note(f"Call {call_id} is hung up.")
