"""``offhook demo``: the whole of it on this machine, from the first POST to the journal."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.exits import Exit
from app.cli.options import manual
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.cli.console import Output
    from app.cli.phoning.staging import Stage


@click.command(
    epilog=manual(
        "offhook demo",
        exits=(Exit.CALL_FAILED,),
        see=("simulator", "phone", "docs/flows.md"),
    )
)
@click.pass_obj
def demo(shell: Shell) -> None:
    """Show calls on CALLR and Stringee on this machine, without any account.

    Starts gunicorn with a journal in SQLite and a simulated CALLR and Stringee, on 127.0.0.1 with
    random secrets; creates voice apps and points a number at each; has somebody call reception on
    both, and a reminder called; and tells the calls with each request and reply, read back from the
    server's journal.

    In a terminal it then stays up, and says how to phone it, until Ctrl-C. It reads no .env and no
    credential of yours, and leaves nothing behind.
    """
    from app.cli.phoning.staging import stage  # noqa: PLC0415 -- loads the simulator and Flask
    from app.cli.phoning.stopping import (  # noqa: PLC0415 -- as above
        signals_interrupt,
        whole,
    )

    with signals_interrupt():
        shell.output.note(
            "Starting a simulated CALLR and Stringee, and gunicorn with a journal in SQLite ..."
        )
        with whole(stage()) as staged:
            try:
                _play(shell.output, staged)
                if sys.stdin.isatty() and sys.stdout.isatty():
                    _stay_up(shell.output, staged)
            except BrokenPipeError:  # nobody reads on; that is no failure of the server
                raise
            except Exception:
                _show_log(shell.output, staged)
                raise


def _play(output: Output, staged: Stage) -> None:
    from app.cli.phoning import staging  # noqa: PLC0415 -- loads the simulator and Flask

    staging.ready(staged)
    output.note(f"The server answers at {staged.settings.public_url}")
    staged.create_voice_apps()
    output.note(f"Created voice apps by JSON-RPC; {staged.line} rings '{staging.INBOUND}'.")
    at = staging.last_opening_hour()
    output.note(f"Somebody calls it, as if it were {at:%A, %H:%M} in London ...")
    staged.play_inbound(at)
    output.note(f"POST /api/calls has somebody called for '{staging.OUTBOUND}' ...")
    staged.play_outbound()
    staged.point_stringee()
    output.note(f"Pointed {staged.stringee_line} at it by Stringee's REST API; somebody calls ...")
    staged.play_stringee()
    output.note("The calls, read back from the server's journal:")
    _tell(output, staged)


def _tell(output: Output, staged: Stage) -> None:
    """Tell the calls with each request and reply."""
    from app.cli.call_views import Shown, call_heading, dialogue  # noqa: PLC0415 -- loads the telling

    for found in staged.calls():
        history, key = staged.history, found.row.key
        shown = Shown(found, history.turns(key), history.notices(key))
        output.data("")
        output.data(call_heading(found), style="bold")
        for text, style in dialogue(shown, raw=True):
            output.data(text, style=style)
    output.data("")


def _stay_up(output: Output, staged: Stage) -> None:
    """Say how to phone it, and wait for Ctrl-C.

    Raises:
        ServerError: the server went away.
    """
    from app.cli.phoning.served import ServerError  # noqa: PLC0415 -- loads requests

    staged.slow_down()
    try:
        _say_how_to_phone(output, staged)
        code = _ended(staged)
    except KeyboardInterrupt:
        output.note("The demo ends.")
        return
    raise ServerError(f"The server ended, with exit code {code}.")


def _say_how_to_phone(output: Output, staged: Stage) -> None:
    from app.cli.phoning.staging import GIVEN, OUTBOUND  # noqa: PLC0415 -- loads the simulator
    from app.simulator import A_CALLER  # noqa: PLC0415 -- as above

    settings, program = staged.settings, _program()
    variables = " ".join(f"--var {name}={shlex.quote(value)}" for name, value in GIVEN.items())
    output.data("The server and the simulated platforms stay up until Ctrl-C. In another terminal:")
    output.data("")
    output.data(f"  export CALLR_API_URL={settings.callr_api_url} CALLR_API_KEY= CALLR_LOGIN_AS=")
    output.data(
        f"  export CALLR_LOGIN={settings.callr_login} CALLR_PASSWORD={settings.callr_password}"
    )
    output.data(f"  export PUBLIC_URL={settings.public_url} API_TOKEN={settings.api_token}")
    output.data(f"  export DATABASE_URL={settings.database_url}")
    output.data(f"  {program} phone {staged.line}")
    output.data(f"  {program} phone {staged.stringee_line} --platform stringee")
    output.data(f"  {program} calls show last --raw")
    output.data("")
    output.data("To be called, listen there, and place the call in a third terminal:")
    output.data("")
    output.data(f"  {program} phone --listen {A_CALLER}")
    output.data(f"  {program} call {A_CALLER} --flow {OUTBOUND} --from {staged.shows} {variables}")
    output.data("")


def _ended(staged: Stage) -> int:
    """Wait until the server ends; gives its exit code."""
    while (code := staged.served.process.poll()) is None:
        # Not one long wait: a signal that a thread of the simulator gets would not end it.
        time.sleep(0.2)
    return code


def _show_log(output: Output, staged: Stage) -> None:
    output.note("The server's log:")
    for line in staged.served.log():
        output.note(f"  {line}")


def _program() -> str:
    """How this program is started from anywhere."""
    if shutil.which("offhook"):
        return "offhook"
    beside = Path(sys.executable).with_name("offhook")
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(sys.executable)} -m app"
