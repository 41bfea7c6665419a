"""``offhook apps``: voice apps at CALLR, and the numbers that ring them."""

from __future__ import annotations

import click

from app.cli.app_details import edit, show
from app.cli.completing import flow_names
from app.cli.exits import Exit
from app.cli.finding import app_json, doing, find_app, find_did, numbers_of
from app.cli.options import CALLR, OF_PLATFORM, WEBHOOK, json_option, manual, yes_option
from app.cli.shell import Shell
from app.cli.voice_apps import WEBHOOK_SETTINGS, check_flow, check_reachable

CLOSING = (
    "CALLR closes this API on 30 June 2027, and its new one has nothing like REALTIME10: "
    "what is built on it ends then."
)


@click.group()
def apps() -> None:
    """Voice apps at CALLR, and the numbers that ring them."""


apps.add_command(show)
apps.add_command(edit)


@apps.command(
    epilog=manual(
        "offhook apps create Reception --flow reception",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.FLOW),
        reads=(*CALLR, *WEBHOOK, "OFFHOOK_FLOWS"),
        see=("numbers point", "apps assign-did", "docs/limits.md"),
    )
)
@click.argument("name")
@click.option(
    "--flow",
    required=True,
    metavar="FLOW",
    shell_complete=flow_names,
    help="The call flow that answers.",
)
@json_option
@click.pass_obj
def create(shell: Shell, name: str, *, flow: str, as_json: bool) -> None:
    """Create a voice app whose calls a call flow answers; print its hash.

    NAME is what CALLR calls it: 1 to 64 letters, digits, spaces, ( ) _ -. CALLR is told the
    address PUBLIC_URL/callr/FLOW, and the login and password to send there
    (CALLR_WEBHOOK_LOGIN, CALLR_WEBHOOK_PASSWORD).

    CALLR closes this API on 30 June 2027, and its new one has nothing like REALTIME10.
    """
    from app.callr.api import name_problem  # noqa: PLC0415 -- loads requests and marshmallow
    from app.callr.placing import webhook_url  # noqa: PLC0415 -- as above

    shell.require(*WEBHOOK_SETTINGS)
    settings = shell.settings
    check_flow(shell, flow)
    check_reachable(shell)
    url = webhook_url(settings.public_url, flow)
    with shell.callr() as api:
        if problem := name_problem(name):
            shell.output.warn(f"'{name}' may be refused. {problem}")
        before = [app.hash for app in api.apps() if app.url == url]
        app = api.create_app(
            name,
            url=url,
            login=settings.callr_webhook_login,
            password=settings.callr_webhook_password,
        )
    shell.output.note(f"Created voice app '{app.name}': its calls go to {url}")
    if as_json:
        shell.output.json(app_json(app))
    else:
        shell.output.data(app.hash)
    _warn_after_creating(shell, before)
    shell.output.note(f"To be called: offhook apps assign-did {app.hash} NUMBER")
    shell.output.note(f"To call somebody: offhook call NUMBER --flow {flow}")


@apps.command(
    "list",
    epilog=manual(
        "offhook apps list",
        "offhook apps list --json",
        exits=OF_PLATFORM,
        reads=CALLR,
        see=("apps show", "numbers list"),
    ),
)
@json_option
@click.pass_obj
def list_(shell: Shell, *, as_json: bool) -> None:
    """List the voice apps of the account, with their numbers."""
    with shell.callr() as api:
        found = api.apps()
    if as_json:
        shell.output.json([app_json(app) for app in found])
        return
    shell.output.table(
        ("HASH", "NAME", "KIND", "NUMBERS", "URL"),
        [(app.hash, app.name, app.kind, numbers_of(app), app.url) for app in found],
        empty="No voice apps yet: `offhook apps create NAME --flow FLOW` makes one.",
    )


@apps.command(
    epilog=manual(
        "offhook apps delete A1B2C3D4",
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED),
        reads=(*CALLR, "COUNTRY"),
        see=("apps list", "apps remove-did"),
    )
)
@click.argument("app")
@yes_option
@click.pass_obj
def delete(shell: Shell, app: str, *, yes: bool) -> None:
    """Delete a voice app; the numbers that ring it are released.

    APP is its hash or its exact name. Says which numbers those are, asks, then deletes it.
    """
    with shell.callr() as api:
        target = find_app(api.apps(), app)
        numbers = numbers_of(target)
        released = f"{numbers} will ring nothing" if numbers else "no number rings it"
        shell.output.note(f"Voice app '{target.name}' ({target.hash}): {released}.")
        shell.confirm("Delete it?", yes=yes)
        api.delete_app(target.hash)
    shell.output.note(f"Deleted voice app '{target.name}' ({target.hash}).")


@apps.command(
    "assign-did",
    epilog=manual(
        "offhook apps assign-did A1B2C3D4 +33199001020",
        'offhook apps assign-did Reception "01 99 00 10 20"',
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED),
        reads=(*CALLR, "COUNTRY"),
        see=("numbers point", "numbers undo", "apps remove-did"),
    ),
)
@click.argument("app")
@click.argument("number")
@yes_option
@click.pass_obj
def assign_did(shell: Shell, app: str, number: str, *, yes: bool) -> None:
    """Let a number ring a voice app.

    APP is the voice app's hash or its exact name. NUMBER is one of the account's, as people write
    it (COUNTRY says where), or its DID hash. Says what the number does now, asks, then moves it.
    """
    with shell.callr() as api:
        found = api.apps()
        target = find_app(found, app)
        did = find_did(api.dids(), number, shell.settings.country)
        if did.app == target.hash:
            shell.output.note(f"{did.number} {doing(did, found)} already.")
            return
        shell.output.note(f"{did.number} ({did.hash}) {doing(did, found)} now.")
        shell.confirm(f"Let it ring voice app '{target.name}' ({target.hash})?", yes=yes)
        api.assign_did(target.hash, did.hash)
    shell.output.note(f"{did.number} rings voice app '{target.name}' ({target.hash}).")


@apps.command(
    "remove-did",
    epilog=manual(
        'offhook apps remove-did "01 99 00 10 20"',
        exits=(*OF_PLATFORM, Exit.NOT_FOUND, Exit.DECLINED),
        reads=(*CALLR, "COUNTRY"),
        see=("apps assign-did", "numbers list"),
    ),
)
@click.argument("number")
@yes_option
@click.pass_obj
def remove_did(shell: Shell, number: str, *, yes: bool) -> None:
    """Let a number ring nothing.

    NUMBER is one of the account's, as people write it (COUNTRY says where), or its DID hash. Says
    what the number does now, asks, then takes it away.
    """
    with shell.callr() as api:
        did = find_did(api.dids(), number, shell.settings.country)
        if did.app is None:
            shell.output.note(f"{did.number} rings nothing already.")
            return
        shell.output.note(f"{did.number} ({did.hash}) {doing(did, api.apps())} now.")
        shell.confirm("Let it ring nothing?", yes=yes)
        api.remove_did(did.hash)
    shell.output.note(f"{did.number} rings nothing.")


def _warn_after_creating(shell: Shell, before: list[str]) -> None:
    if before:
        shell.output.warn(
            f"This address had voice apps before ({', '.join(before)}): "
            "`offhook call` needs --app to choose among them."
        )
    shell.output.warn(CLOSING)
