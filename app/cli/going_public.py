"""``offhook serve --public``: the server on this machine, at an address on the internet.

What was started and moved ends in the order opposite to its beginning: the number rings again what
it rang before while the server still answers, then the server ends, then the tunnel.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.callflow.errors import OffhookError, SettingsError
from app.cli.shell import Shell
from app.cli.tunnels import Tunnel, installed, opened
from app.cli.undoing import put_back
from app.cli.voice_apps import check_flow, check_reachable

if TYPE_CHECKING:
    from app.cli.pointing import Plan

HOST = "127.0.0.1"
_START_S = 30.0
_STOP_S = 30.0
_LOOK_S = 0.5
_TOLD_LATER = "https://told-later.invalid"


class ServerGoneError(OffhookError):
    """The server did not come up, or went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes:
        url: the public address; "" starts a tunnel, which tells it.
        number: what shall ring ``flow`` meanwhile; "" for none.
        yes: move the number without asking.
        command: the server's command line, which ``--bind`` is put behind.
    """

    url: str
    number: str
    flow: str
    yes: bool
    command: Sequence[str]


def serve_publicly(shell: Shell, wanted: Wanted) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        SettingsError: settings are missing.
        TunnelError: the tunnel does not come up, or goes away.
        ServerGoneError: so the server.
        OffhookError: the number cannot be moved, or not put back.
    """
    from app.cli.phoning.stopping import signals_interrupt, whole  # noqa: PLC0415 -- as needed

    replace(shell.settings, public_url=wanted.url or _TOLD_LATER).require_for_serving()
    if wanted.number:
        shell.require("callr_webhook_login", "callr_webhook_password")
        check_flow(shell, wanted.flow)
    program = None if wanted.url else installed(shell.environ.get("PATH", os.defpath))
    try:
        with signals_interrupt(), ExitStack() as running:
            listening = running.enter_context(_port(shell.settings.port))
            tunnel = None
            if program:
                port = listening.getsockname()[1]
                tunnel = running.enter_context(whole(opened(*program, port)))
                shell.output.note(f"{program[0].program} makes a way to {HOST}:{port} ...")
            url = tunnel.url() if tunnel else wanted.url
            there = replace(shell, environ={**shell.environ, "PUBLIC_URL": url})
            there.settings.require_for_serving()
            server = running.enter_context(whole(_served(there, wanted.command, listening)))
            _await(server, listening)
            shell.output.data(url)
            if wanted.number:
                _point(there, wanted, running)
            _watch(server, tunnel)
    except KeyboardInterrupt:
        shell.output.note("It has ended.")


def _point(shell: Shell, wanted: Wanted, running: ExitStack) -> None:
    """Ask, and let the number ring the flow until ``running`` ends."""
    from app.cli.phoning.stopping import whole  # noqa: PLC0415 -- as needed
    from app.cli.pointing import plan_move, show  # noqa: PLC0415 -- as needed

    check_reachable(shell)
    with shell.callr() as api:
        plan = plan_move(shell, api, wanted.number, wanted.flow)
    show(shell, plan)
    until = f"Let flow '{wanted.flow}' answer {plan.did.number} until this ends?"
    shell.confirm(until, yes=wanted.yes)
    running.enter_context(whole(_pointed(shell, plan)))
    shell.output.note(f"{plan.did.number} rings {plan.url}")


@contextmanager
def _pointed(shell: Shell, plan: Plan) -> Iterator[None]:
    from app.callr.api import connect  # noqa: PLC0415 -- loads requests and marshmallow
    from app.cli.pointing import carry_out  # noqa: PLC0415 -- as needed
    from app.journal.moves import Moves  # noqa: PLC0415 -- loads SQLAlchemy and Alembic

    moves = Moves(shell.settings.database_url)
    moves.prepare()
    with connect(shell.settings) as api:
        app = carry_out(shell, api, moves, plan)
    try:
        yield
    finally:
        if plan.moves:
            try:
                put_back(shell, plan.did.hash, yes=True)
            except OffhookError:
                shell.output.warn(
                    f"{plan.did.number} was not put back. `offhook numbers undo {plan.did.hash}`"
                    " does that."
                )
                raise
        if plan.app is None:
            with connect(shell.settings) as api:
                api.delete_app(app.hash)
            shell.output.note(f"Voice app '{app.name}' ({app.hash}) is deleted again.")


@contextmanager
def _port(port: int) -> Iterator[socket.socket]:
    """A socket on this machine alone: the tunnel is the way in.

    Raises:
        SettingsError: another program has the port.
    """
    try:
        listening = socket.create_server((HOST, port))
    except OSError as problem:
        msg = f"Port {port} cannot be listened on: {problem.strerror}."
        raise SettingsError(msg, mend="End what listens there, or set PORT to another.") from None
    with listening:
        yield listening


@contextmanager
def _served(
    shell: Shell, command: Sequence[str], listening: socket.socket
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603 -- our own command line
        [*command, "--bind", f"fd://{listening.fileno()}"],
        env=shell.process_environ,
        stdin=subprocess.DEVNULL,
        pass_fds=(listening.fileno(),),
        start_new_session=True,  # so that Ctrl-C reaches it through us alone
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await(server: subprocess.Popen[bytes], listening: socket.socket) -> None:
    """Wait until the server answers: what is asked waits in the socket until it does.

    Raises:
        ServerGoneError: it ended, or does not answer within 30 s.
    """
    port = listening.getsockname()[1]
    listening.close()  # the server has its own; were it gone, nobody would answer
    connection = http.client.HTTPConnection(HOST, port, timeout=_START_S)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except OSError as problem:
        code = server.poll()
        state = "It does not answer" if code is None else f"It ended with exit code {code}"
        raise ServerGoneError(f"The server did not come up. {state}: {problem}.") from None
    finally:
        connection.close()


def _watch(server: subprocess.Popen[bytes], tunnel: Tunnel | None) -> None:
    """Wait for the end of either.

    Raises:
        ServerGoneError: it was the server's.
        TunnelError: it was the tunnel's.
    """
    while tunnel is None or tunnel.runs:
        with suppress(subprocess.TimeoutExpired):
            code = server.wait(_LOOK_S)
            raise ServerGoneError(f"The server ended, with exit code {code}.")
    raise tunnel.failure("The tunnel has ended.")
