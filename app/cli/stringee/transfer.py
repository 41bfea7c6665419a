"""``offhook stringee transfer``: somebody else takes the place of a client's user in a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.completing import last_call
from app.cli.exits import Exit
from app.cli.options import OF_PLATFORM, STRINGEE, manual, yes_option
from app.cli.shell import Shell
from app.cli.which_call import live_call, stringee_id

if TYPE_CHECKING:
    from app.stringee.calls import Endpoint


@click.command(
    epilog=manual(
        "offhook stringee transfer last --from-user agent_1 --to-user agent_2",
        'offhook stringee transfer last --from-user agent_1 --to-number "+84 90 000 0001"',
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED, Exit.JOURNAL),
        reads=(*STRINGEE, "COUNTRY", "DATABASE_URL"),
        see=("calls list", "calls hangup"),
    )
)
@click.argument("call", metavar="ID|last", shell_complete=last_call)
@click.option("--from-user", required=True, metavar="USER", help="Who leaves the call.")
@click.option("--to-user", default="", metavar="USER", help="A client app's user who comes in.")
@click.option("--to-number", default="", metavar="N", help="Or a telephone.")
@click.option("--shown", default="", metavar="N", help="Our number to show; else CALLER_ID.")
@yes_option
@click.pass_obj
def transfer(
    shell: Shell,
    call: str,
    *,
    from_user: str,
    to_user: str,
    to_number: str,
    shown: str,
    yes: bool,
) -> None:
    """Have a user or a telephone take the place of a client's user in a call.

    ID is ours or Stringee's, in full; `last` is the newest call. What Stringee's own client apps do
    with its button, this does from outside. A telephone costs what a call costs: DIAL_ALLOW and
    the like do not count here, since you write the number yourself. Asks before it does so LIVE.
    """
    if bool(to_user) == bool(to_number):
        msg = "Give --to-user or --to-number."
        raise click.UsageError(msg)
    call_id = stringee_id(call, live_call(shell, call))
    to = _endpoint(shell, to_user, to_number, shown)
    with shell.stringee() as api:
        if shell.stringee_live:
            shell.confirm(f"Transfer call {call_id} from {from_user} to {to.number}?", yes=yes)
        api.transfer(call_id, from_user=from_user, to=to)
    shell.output.note(f"Call {call_id} goes on with {to.number} in place of {from_user}.")


def _endpoint(shell: Shell, to_user: str, to_number: str, shown: str) -> Endpoint:
    from app.numbers import read_number  # noqa: PLC0415 -- loads phonenumbers
    from app.stringee.calls import Endpoint  # noqa: PLC0415 -- loads requests and jwt

    country = shell.settings.country
    alias = read_number(shown, country) if shown else shell.settings.caller_id
    if to_user:
        return Endpoint(kind="internal", number=to_user, alias=alias)
    return Endpoint(kind="external", number=read_number(to_number, country), alias=alias)
