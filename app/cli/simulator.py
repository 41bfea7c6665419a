"""``offhook simulator``: a platform to try everything on without an account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from app.callflow.errors import SettingsError
from app.cli.console import Output
from app.cli.options import manual
from app.cli.platform_options import WithSwitches, conditions_options
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.simulator import Account, Event, Facts, Simulator
    from app.simulator.stringee.account import StringeeAccount

LOGIN_VARIABLE = "OFFHOOK_SIMULATOR_LOGIN"
PASSWORD_VARIABLE = "OFFHOOK_SIMULATOR_PASSWORD"  # noqa: S105 -- a variable's name
_PORT = 8900


@click.command(
    cls=WithSwitches,
    epilog=manual(
        "offhook simulator",
        "offhook simulator --port 0 --speed 20",
        "offhook simulator --reading hangup=separate --hostile repeat=at_once",
        "offhook simulator --reading stringee.encoding=double --hostile stringee.events=swapped",
        see=("phone", "demo", "docs/limits.md"),
    ),
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    show_default=True,
    help="Where to listen on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How fast speech, silence and ringing pass. Deadlines are never scaled.",
)
@conditions_options
@click.option("--raw", is_flag=True, help="Log each POST, reply and command too.")
@click.pass_obj
def simulator(
    shell: Shell,
    *,
    port: int,
    speed: float,
    reading: Sequence[str],
    hostile: Sequence[str],
    raw: bool,
) -> None:
    """Run a simulated CALLR and Stringee on this machine until Ctrl-C.

    It prints the lines for .env with which everything here talks to it instead of them, and logs
    its calls on stderr. What it knows (voice apps, projects, numbers, recordings) it forgets at its
    end.

    What nobody documents it does as callr-verified.json in this folder says, where `offhook callr
    verify` has heard it; --reading has the last word.

    It reads no .env and no credential of yours. Its secrets are made anew at each start;
    OFFHOOK_SIMULATOR_LOGIN and OFFHOOK_SIMULATOR_PASSWORD fix them, Stringee's with them, for lines
    that are to work again.
    """
    from app.cli.phoning.stopping import signals_interrupt  # noqa: PLC0415 -- not for --help

    running = _simulator(shell, port, speed, (reading, hostile), raw=raw)
    with signals_interrupt():
        try:
            _serve(shell.output, running, port)
        except KeyboardInterrupt:
            shell.output.note("The simulator ends.")
        finally:
            running.stop()


def _simulator(
    shell: Shell,
    port: int,
    speed: float,
    switches: tuple[Sequence[str], Sequence[str]],
    *,
    raw: bool,
) -> Simulator:
    """Both platforms as the command line and what was heard have them."""
    from app.cli.phoning.heard import readings_here  # noqa: PLC0415 -- loads the simulator
    from app.cli.phoning.switches import (  # noqa: PLC0415 -- loads the simulator
        apart,
        conditions_of,
        stringee_conditions_of,
    )
    from app.simulator import Simulator as Simulated  # noqa: PLC0415 -- loads Flask and requests

    (readings, theirs), (hostility, theirs_too) = map(apart, switches)
    return Simulated(
        _account(shell),
        port=port,
        conditions=conditions_of(speed, readings, hostility, readings_here(shell)),
        watch=_log(shell.output, raw=raw),
        stringee_account=_stringee_account(shell),
        stringee_conditions=stringee_conditions_of(speed, theirs, theirs_too),
    )


def _serve(output: Output, running: Simulator, port: int) -> None:
    """Serve until interrupted.

    Raises:
        SettingsError: nothing can listen there.
    """
    from app.cli.phoning.stopping import unsignalled  # noqa: PLC0415 -- not for --help

    try:
        with unsignalled():
            running.start()
    except OSError as problem:
        msg = f"Nothing can listen on port {port}: {problem.strerror or problem}."
        raise SettingsError(msg, mend="Take another with --port; --port 0 finds one.") from None
    account, theirs = running.account, running.stringee.account
    output.data(f"CALLR_API_URL={running.api_url}")
    output.data(f"CALLR_LOGIN={account.login}")
    output.data(f"CALLR_PASSWORD={account.password}")
    output.data(f"STRINGEE_API_URL={running.url}")
    output.data(f"STRINGEE_API_KEY_SID={theirs.key_sid}")
    output.data(f"STRINGEE_API_KEY_SECRET={theirs.key_secret}")
    output.data(f"STRINGEE_SIGNING_KEY={theirs.signing_key}")
    output.data(f"STRINGEE_ACCOUNT_SID={theirs.account_sid}")
    output.data(f"STRINGEE_ACCOUNT_KEY={theirs.account_key}")
    stringee = ", ".join(f"+{number}" for number in theirs.numbers)
    output.note(f"Its numbers at CALLR: {', '.join(account.numbers)}")
    output.note(f"Its numbers at Stringee: {stringee}")
    output.note("A CALLR and a Stringee to try things on; Ctrl-C ends it.")
    while True:
        # Not one long wait: a signal that comes just before it, or that another thread gets, would
        # not end it.
        time.sleep(0.2)


def _account(shell: Shell) -> Account:
    """The simulator's account.

    Raises:
        SettingsError: its credentials cannot be used.
    """
    from app.simulator import Account  # noqa: PLC0415 -- loads Flask and requests

    usual = Account()
    try:
        return Account(
            login=shell.environ.get(LOGIN_VARIABLE) or usual.login,
            password=shell.environ.get(PASSWORD_VARIABLE) or usual.password,
        )
    except ValueError as problem:
        msg = f"{LOGIN_VARIABLE}: {problem}."
        raise SettingsError(msg) from None


def _stringee_account(shell: Shell) -> StringeeAccount:
    """The account of the simulated Stringee: the same again where the password is."""
    from app.simulator.stringee.account import StringeeAccount  # noqa: PLC0415 -- as above

    password = shell.environ.get(PASSWORD_VARIABLE)
    return StringeeAccount.made_of(password) if password else StringeeAccount()


def _log(output: Output, *, raw: bool) -> Callable[[Facts], Callable[[Event], None]]:
    """What logs the events of each call, in lines that begin with its callid."""
    from app.cli.phoning.lines import line_of  # noqa: PLC0415 -- loads the simulator

    lock = threading.Lock()

    def watch(facts: Facts) -> Callable[[Event], None]:
        def tell(event: Event) -> None:
            if line := line_of(event, raw=raw):
                with lock:
                    output.note(f"{facts.callid} {line}")

        return tell

    return watch
