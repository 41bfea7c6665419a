"""``offhook doctor``: what is wrong with a line, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.callflow.errors import ApiError, SettingsError
from app.cli.exits import Exit
from app.cli.options import ALL_SETTINGS, json_option, manual
from app.cli.shell import Shell
from app.cli.which_platform import platforms_of
from app.settings import read_env_file

if TYPE_CHECKING:
    from app.callflow.flow import Flow
    from app.cli.doctoring.checks import Check

_STYLES: Mapping[str, str] = {"warning": "yellow", "error": "bold red"}


@click.command(
    epilog=manual(
        "offhook doctor",
        "offhook -p live doctor --json",
        exits={
            Exit.FLOW: "a call flow",
            Exit.REFUSED: "a platform refuses, or cannot be reached",
            Exit.UNKNOWN: "a platform gives no clear answer",
            Exit.JOURNAL: "the database",
            Exit.UNREACHABLE: "PUBLIC_URL does not reach a server with these settings",
            Exit.SETTINGS: "settings, clock, voice apps, CALLER_ID, voices",
        },
        reads=ALL_SETTINGS,
        see=("numbers sync", "flows check", "docs/runbook.md"),
    )
)
@click.option(
    "--wait",
    "wait_s",
    type=click.IntRange(0, 600),
    default=0,
    metavar="S",
    help="Wait so many seconds for a server that is just starting.",
)
@json_option
@click.pass_obj
def doctor(shell: Shell, *, wait_s: int, as_json: bool) -> None:
    """Say what is wrong, and how to mend it.

    Looks at the settings and .env; the database and its schema; the flows; PUBLIC_URL, by a sealed
    probe that goes the way of a report and leaves no trace; CALLR's credentials and clock; address,
    login and password of every voice app; CALLER_ID; the voices of the flows' languages; and what
    `offhook callr verify` has heard of CALLR. Of Stringee: a signed probe, the API key, and the
    addresses of numbers and projects. It changes nothing, and places no call.

    Each finding is ok, a note, a warning (calls are answered) or an error, with its mend after ->.

    The exit code is that of the first error, 0 where there is none.
    """
    from app.cli.doctoring.checks import exit_code, lines  # noqa: PLC0415 -- not for --help

    found = []
    for check in _checks(shell, wait_s):
        found.append(check)
        if not as_json:
            for line in lines(check):
                shell.output.data(line, style=_STYLES.get(check.level, ""))
    code = exit_code(found)
    if as_json:
        shell.output.json({"exit": int(code), "findings": [check.json() for check in found]})
    elif code is Exit.OK:
        shell.output.note("No errors.")
    click.get_current_context().exit(code)


def _checks(shell: Shell, wait_s: float) -> Iterator[Check]:
    from app.cli.doctoring import local  # noqa: PLC0415 -- not for --help
    from app.cli.doctoring.checks import failed  # noqa: PLC0415 -- as above
    from app.cli.doctoring.heard import heard_checks  # noqa: PLC0415 -- as above
    from app.cli.doctoring.sounds import sound_checks  # noqa: PLC0415 -- as above

    file = Path(shell.env_file) if shell.env_file else None
    yield from local.env_file_checks(file)
    try:
        settings = shell.settings
    except SettingsError as problem:  # without settings there is nothing else to look at
        yield failed("settings", problem)
        return
    yield from local.name_checks([*shell.environ, *read_env_file(file)])
    yield from local.settings_checks(settings)
    yield from local.database_checks(settings)
    yield from sound_checks(settings)
    flows, found = local.flow_checks(settings)
    yield from found
    ahead_s = yield from _reached(shell, flows, wait_s)
    yield from _account(shell, flows, ahead_s)
    if settings.serves_callr or not settings.serves_stringee:
        yield from heard_checks(shell.folder, settings)


def _reached(
    shell: Shell, flows: Mapping[str, Flow], wait_s: float
) -> Any:  # a generator that returns how far the server's clock is ahead, or None
    from app.cli.doctoring.checks import note  # noqa: PLC0415 -- not for --help
    from app.cli.doctoring.reaching import ABOUT, reach_checks, unread_checks  # noqa: PLC0415 -- loads requests
    from app.cli.doctoring.stringee import in_use, signed_checks  # noqa: PLC0415 -- as above

    settings = shell.settings
    reached = None
    if not settings.secret_key or not flows or not (settings.serves_callr or in_use(settings)):
        yield note(ABOUT, "it was not probed: what is wrong above comes first.")
        return None
    if settings.serves_callr:
        found, reached = reach_checks(settings, next(iter(flows)), wait_s)
        yield from found
    if in_use(settings):
        unreached = settings.serves_callr and reached is None
        found, signed = signed_checks(settings, next(iter(flows)))
        if signed or not (unreached and settings.serves_stringee):  # once is told often enough
            yield from found
        reached = reached or signed
    if reached is None or reached.proof is None:
        return None
    yield from unread_checks(settings, flows)
    return reached.ahead_s


def _account(shell: Shell, flows: Mapping[str, Flow], ahead_s: float | None) -> Iterator[Check]:
    from app.cli.doctoring import account, stringee  # noqa: PLC0415 -- they load requests
    from app.cli.doctoring.checks import failed  # noqa: PLC0415 -- not for --help

    settings = shell.settings
    uses_stringee = stringee.in_use(settings)
    if settings.serves_callr or "callr" in platforms_of(settings) or not uses_stringee:
        try:
            with shell.callr() as api:
                yield from account.account_checks(api, settings, flows, ahead_s)
        except (SettingsError, ApiError) as problem:
            yield failed("CALLR", problem)
        yield account.closing_check(account.today())
    if uses_stringee:
        yield from stringee.account_checks(shell, flows)
