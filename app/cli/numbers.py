"""``offhook numbers``: the numbers of the account at a platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from app.cli.finding import did_json
from app.cli.options import CALLR, OF_CALLR, STRINGEE_ACCOUNT, json_option, manual
from app.cli.pointing import point
from app.cli.shell import Shell
from app.cli.stringee.numbers import list_numbers
from app.cli.syncing import sync
from app.cli.undoing import undo
from app.cli.which_platform import platform_of, provider_option

if TYPE_CHECKING:
    from app.callr.objects import Did


@click.group()
def numbers() -> None:
    """The numbers of the account at a platform, and what answers them."""


numbers.add_command(point)
numbers.add_command(undo)
numbers.add_command(sync)


@numbers.command(
    "list",
    epilog=manual(
        "offhook numbers list",
        "offhook numbers list --json",
        exits=OF_CALLR,
        reads=(*CALLR, *STRINGEE_ACCOUNT),
        see=("numbers point", "apps list"),
    ),
)
@provider_option
@json_option
@click.pass_obj
def list_(shell: Shell, *, provider: str | None, as_json: bool) -> None:
    """List the numbers of the account, and what answers each."""
    if platform_of(shell.settings, provider) == "stringee":
        list_numbers(shell, as_json=as_json)
        return
    with shell.callr() as api:
        dids = api.dids()
        names = {did.app: did.app_name for did in dids if did.app and did.app_name}
        if any(did.app and not did.app_name for did in dids):
            names = {app.hash: app.name for app in api.apps()} | names
    if as_json:
        shell.output.json([did_json(did, names.get(did.app or "", "")) for did in dids])
        return
    shell.output.table(
        ("NUMBER", "HASH", "KIND", "COUNTRY", "RINGS", "VOICE APP"),
        [_row(did, names) for did in dids],
        empty="The account has no numbers yet; CALLR's portal sells them.",
    )


def _row(did: Did, names: Mapping[str, str]) -> tuple[str, ...]:
    app = did.app or ""
    return did.number, did.hash, did.kind, did.country, app or "-", names.get(app, "")
