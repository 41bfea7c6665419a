"""``offhook apps show`` and ``edit``: one voice app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.completing import flow_names
from app.cli.exits import Exit
from app.cli.finding import app_json, find_app, numbers_of
from app.cli.options import CALLR, OF_PLATFORM, WEBHOOK, json_option, manual, yes_option
from app.cli.shell import Shell
from app.cli.voice_apps import (
    WEBHOOK_SETTINGS,
    check_flow,
    check_reachable,
    credentials_of,
    webhook_of,
)

if TYPE_CHECKING:
    from app.callr.objects import VoiceApp


@click.command(
    epilog=manual(
        "offhook apps show Reception",
        "offhook apps show A1B2C3D4 --json",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND),
        reads=(*CALLR, *WEBHOOK),
        see=("apps edit", "numbers sync"),
    )
)
@click.argument("app")
@json_option
@click.pass_obj
def show(shell: Shell, app: str, *, as_json: bool) -> None:
    """Tell all about a voice app.

    APP is its hash or its exact name. Its login and password are compared with those of the
    settings; the password itself is never shown.
    """
    with shell.callr() as api:
        found = find_app(api.apps(), app)
    if as_json:
        shell.output.json({**app_json(found), "login": found.login, **_verdict(shell, found)})
        return
    for name, value in (
        ("hash", found.hash),
        ("name", found.name),
        ("kind", found.kind),
        ("url", found.url or "-"),
        ("login", found.login or "-"),
        ("credentials", str(credentials_of(found, shell.settings))),
        ("numbers", numbers_of(found) or "-"),
        ("created", found.created or "-"),
    ):
        shell.output.data(f"{name + ':':<13}{value}")


@click.command(
    epilog=manual(
        "offhook apps edit Reception --flow clinic",
        'offhook apps edit A1B2C3D4 --name "Reception 2"',
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.FLOW, Exit.DECLINED),
        reads=(*CALLR, *WEBHOOK, "OFFHOOK_FLOWS"),
        see=("apps show", "numbers sync"),
    )
)
@click.argument("app")
@click.option("--name", default="", help="Its new name.")
@click.option(
    "--flow",
    default="",
    metavar="FLOW",
    shell_complete=flow_names,
    help="The call flow that answers from now on.",
)
@yes_option
@click.pass_obj
def edit(shell: Shell, app: str, *, name: str, flow: str, yes: bool) -> None:
    """Change a voice app's name, or the call flow that answers its numbers.

    APP is its hash or its exact name. With --flow it is told the address PUBLIC_URL/callr/FLOW,
    and login and password of the settings. Shows before and after, and asks first.
    """
    from app.callr.api import name_problem  # noqa: PLC0415 -- loads requests and marshmallow
    from app.callr.placing import webhook_url  # noqa: PLC0415 -- as above

    if not name and not flow:
        msg = "Say what to change: --name, --flow, or both."
        raise click.UsageError(msg)
    url = ""
    if flow:
        shell.require(*WEBHOOK_SETTINGS)
        check_flow(shell, flow)
        check_reachable(shell)
        url = webhook_url(shell.settings.public_url, flow)
    with shell.callr() as api:
        before = find_app(api.apps(), app)
        if name and (problem := name_problem(name)):
            shell.output.warn(f"'{name}' may be refused. {problem}")
        shell.output.note(f"Now:  {_described(before, before.name, before.url)}")
        shell.output.note(f"Then: {_described(before, name or before.name, url or before.url)}")
        shell.confirm("Change it?", yes=yes)
        webhook = webhook_of(shell.settings, url) if url else None
        after = api.edit_app(before.hash, name=name or None, webhook=webhook)
    shell.output.note(f"Changed voice app '{after.name}' ({after.hash}).")


def _described(app: VoiceApp, name: str, url: str) -> str:
    rung_by = numbers_of(app) or "no number"
    return f"voice app '{name}' ({app.hash}), rung by {rung_by}, posts to {url or 'no URL'}"


def _verdict(shell: Shell, app: VoiceApp) -> dict[str, str]:
    return {"credentials": credentials_of(app, shell.settings).name.lower()}
