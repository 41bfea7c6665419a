"""``offhook serve``: the server, under gunicorn."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from app.cli.options import examples
from app.cli.shell import Shell

ROOT = Path(__file__).parents[2]

DEVELOPMENT = {
    "OFFHOOK_ENV": "development",
    # Compiled files tell versions apart by the second, and one saves faster than that.
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""What ``--dev`` has in its environment."""


@click.command(epilog=examples("offhook serve --dev", "offhook serve", "offhook serve --check"))
@click.option("--check", is_flag=True, help="Check the settings and the flows; do not serve.")
@click.option("--dev", is_flag=True, help="In development: flows that are saved are used at once.")
@click.pass_obj
def serve(shell: Shell, *, check: bool, dev: bool) -> None:
    """Answer calls, until SIGTERM or Ctrl-C; the turns in hand are finished first.

    It listens on PORT, with WEB_CONCURRENCY processes of OFFHOOK_THREADS threads. A setting that is
    missing or a flow that is wrong stops the start; all of them are told at once.

    With OFFHOOK_ENV=development it needs SECRET_KEY, CALLR_WEBHOOK_LOGIN and
    CALLR_WEBHOOK_PASSWORD, and listens on this machine only.

    --dev is that, in one process which reads the flows anew when one of their files is saved: the
    next call uses them, and a call in progress goes on with them as after a deploy. Where something
    is wrong with a flow, all of it is told, and the last good one stays.
    """
    from app.bootstrap import callr_provider, usable_flows  # noqa: PLC0415 -- loads everything

    if dev:
        shell = replace(shell, environ={**shell.environ, **DEVELOPMENT})
    settings = shell.settings
    settings.require_for_serving()
    flows, warnings = usable_flows(settings, [callr_provider(settings)])
    if check:
        for warning in warnings:
            shell.output.warn(str(warning))
        shell.output.note(f"The settings are there, and the flows are right: {', '.join(flows)}.")
        return
    os.execve(  # noqa: S606 -- our own interpreter; gunicorn takes this process's place and signals
        sys.executable, gunicorn(dev=dev), shell.process_environ
    )


def gunicorn(*options: str, dev: bool) -> list[str]:
    """The command line of the server, with options of gunicorn's own."""
    conf = ["-c", f"{ROOT / 'gunicorn.conf.py'}", "--pythonpath", f"{ROOT}"]
    served = ["--workers", "1", "app.web.dev:dev_app()"] if dev else ["wsgi:app"]
    return [sys.executable, "-m", "gunicorn", *conf, *options, *served]
