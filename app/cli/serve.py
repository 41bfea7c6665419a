"""``offhook serve``: the server, under gunicorn."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from pathlib import Path

import click

from app.callflow.errors import SettingsError
from app.cli.completing import flow_names
from app.cli.exits import Exit
from app.cli.options import ALL_SETTINGS, OF_PLATFORM, manual, yes_option
from app.cli.shell import Shell

ROOT = Path(__file__).parents[2]

DEVELOPMENT = {
    "OFFHOOK_ENV": "development",
    # Compiled files tell versions apart by the second, and one saves faster than that.
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""What ``--dev`` has in its environment."""


@click.command(
    epilog=manual(
        "offhook serve",
        "offhook serve --dev",
        'offhook serve --dev --public --number "01 99 00 10 20" --flow reception',
        exits=(Exit.FLOW, *OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED, Exit.JOURNAL),
        reads=ALL_SETTINGS,
        see=("doctor", "flows check", "docs/deploy-heroku.md", "docs/deploy-vps.md"),
    )
)
@click.option("--check", is_flag=True, help="Check the settings and the flows; do not serve.")
@click.option("--dev", is_flag=True, help="In development: flows that are saved are used at once.")
@click.option("--public", is_flag=True, help="On this machine, by a tunnel that it starts.")
@click.option("--public-url", default="", metavar="URL", help="The same, by a way in of your own.")
@click.option("--number", default="", help="With these: let this number ring --flow until the end.")
@click.option(
    "--flow",
    default="",
    metavar="FLOW",
    shell_complete=flow_names,
    help="Which flow --number rings.",
)
@yes_option
@click.pass_obj
def serve(
    shell: Shell,
    *,
    check: bool,
    dev: bool,
    public: bool,
    public_url: str,
    number: str,
    flow: str,
    yes: bool,
) -> None:
    """Answer calls, until SIGTERM or Ctrl-C; the turns in hand are finished first.

    It listens on PORT, with WEB_CONCURRENCY processes of OFFHOOK_THREADS threads. A setting that is
    missing or a flow that is wrong stops the start; all of them are told at once.

    With OFFHOOK_ENV=development it needs SECRET_KEY, CALLR_WEBHOOK_LOGIN and
    CALLR_WEBHOOK_PASSWORD (on Stringee alone STRINGEE_SIGNING_KEY in place of these two), and
    listens on this machine only.

    --dev is that, in one process which reads the flows anew when one of their files is saved: the
    next call uses them, and a call in progress goes on with them as after a deploy. Where something
    is wrong with a flow, all of it is told, and the last good one stays.

    --public starts cloudflared or ngrok, whichever is installed, prints the address that it gives,
    and serves with that as PUBLIC_URL; --public-url takes one that you made. With --number and
    --flow it makes a voice app for that address, and lets the number ring it; at the end, also by
    Ctrl-C, the number rings again what it rang before, and the voice app is deleted. Should that be
    cut short: `offhook numbers undo NUMBER`. It was tried with programs that print what these two
    are known to print, not with the real ones.
    """
    from app.platforms import configured, not_served, usable_flows  # noqa: PLC0415 -- loads everything

    if dev:
        shell = replace(shell, environ={**shell.environ, **DEVELOPMENT})
    _check_options(public=public or bool(public_url), check=check, number=number, flow=flow)
    settings = shell.settings
    if not (public or public_url):  # else one of the settings is still to come
        settings.require_for_serving()
    platforms = configured(settings)
    flows, warnings = usable_flows(settings, platforms)
    if check:
        for warning in warnings:
            shell.output.warn(str(warning))
        shell.output.note(f"The settings are there, and the flows are right: {', '.join(flows)}.")
        if elsewhere := not_served(flows, platforms):
            shell.output.note(f"Not served here, as they are for others: {', '.join(elsewhere)}.")
        return
    if public or public_url:
        from app.cli.going_public import Wanted, serve_publicly  # noqa: PLC0415 -- as needed

        command = gunicorn(dev=dev)
        url = public_url.rstrip("/")
        wanted = Wanted(url=url, number=number, flow=flow, yes=yes, command=command)
        serve_publicly(shell, wanted)
        return
    _try_port(settings.port, "127.0.0.1" if settings.development else "")
    os.execve(  # noqa: S606 -- our own interpreter; gunicorn takes this process's place and signals
        sys.executable, gunicorn(dev=dev), shell.process_environ
    )


def _try_port(port: int, host: str) -> None:
    """See that gunicorn will be able to listen; it would tell in its log, after some seconds.

    Raises:
        SettingsError: something else does.
    """
    try:
        socket.create_server((host, port)).close()
    except OSError as problem:
        msg = f"Nothing can listen on port {port}: {os.strerror(problem.errno or 0)}."
        mend = "Set another PORT, and PUBLIC_URL with it, or end what listens there."
        raise SettingsError(msg, mend=mend) from None


def _check_options(*, public: bool, check: bool, number: str, flow: str) -> None:
    if public and check:
        raise click.UsageError("--check looks at settings and flows only; leave out --public.")
    if bool(number) != bool(flow):
        raise click.UsageError("--number and --flow belong together.")
    if number and not public:
        raise click.UsageError(
            "--number needs --public or --public-url; `offhook numbers point` moves it for good."
        )


def gunicorn(*, dev: bool) -> list[str]:
    """The command line of the server."""
    conf = ["-c", f"{ROOT / 'gunicorn.conf.py'}", "--pythonpath", f"{ROOT}"]
    served = ["--workers", "1", "app.web.dev:dev_app()"] if dev else ["wsgi:app"]
    return [sys.executable, "-m", "gunicorn", *conf, *served]
