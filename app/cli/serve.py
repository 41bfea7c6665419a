"""``offhook serve``: the server, under gunicorn."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from app.cli.options import examples
from app.cli.shell import Shell

ROOT = Path(__file__).parents[2]


@click.command(epilog=examples("OFFHOOK_ENV=development offhook serve", "offhook serve --check"))
@click.option("--check", is_flag=True, help="Check the settings and the flows; do not serve.")
@click.pass_obj
def serve(shell: Shell, *, check: bool) -> None:
    """Answer calls, until SIGTERM or Ctrl-C; the turns in hand are finished first.

    It listens on PORT, with WEB_CONCURRENCY processes of OFFHOOK_THREADS threads. A setting that is
    missing or a flow that is wrong stops the start; all of them are told at once.

    With OFFHOOK_ENV=development it needs SECRET_KEY, CALLR_WEBHOOK_LOGIN and
    CALLR_WEBHOOK_PASSWORD, and listens on this machine only.
    """
    from app.bootstrap import callr_provider, usable_flows  # noqa: PLC0415 -- loads everything

    settings = shell.settings
    settings.require_for_serving()
    flows, warnings = usable_flows(settings, [callr_provider(settings)])
    if check:
        for warning in warnings:
            shell.output.warn(str(warning))
        shell.output.note(f"The settings are there, and the flows are right: {', '.join(flows)}.")
        return
    gunicorn = ["-m", "gunicorn", "-c", f"{ROOT / 'gunicorn.conf.py'}", "--pythonpath", f"{ROOT}"]
    os.execve(  # noqa: S606 -- our own interpreter; gunicorn takes this process's place and signals
        sys.executable, [sys.executable, *gunicorn, "wsgi:app"], shell.process_environ
    )
