"""``offhook numbers sync``: every voice app of ours has the URL and credentials of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from app.callflow.errors import ApiError, JournalError
from app.cli.exits import Exit
from app.cli.finding import numbers_of
from app.cli.options import CALLR, OF_PLATFORM, WEBHOOK, manual, yes_option
from app.cli.shell import Shell
from app.cli.voice_apps import (
    WEBHOOK_SETTINGS,
    Credentials,
    check_reachable,
    check_server_takes,
    credentials_of,
    flow_of,
    origin_of,
    webhook_of,
)

if TYPE_CHECKING:
    from app.callr.api import CallrApi
    from app.callr.objects import VoiceApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a voice app is to be told.

    Attributes:
        url: where its calls are to be posted.
        told: its credentials now.
    """

    app: VoiceApp
    url: str
    told: Credentials

    @property
    def needed(self) -> bool:
        """Whether anything differs, or may."""
        return self.app.url != self.url or self.told is not Credentials.SAME

    def __str__(self) -> str:
        name = f"voice app '{self.app.name}' ({self.app.hash})"
        url = self.url if self.app.url == self.url else f"{self.app.url} -> {self.url}"
        return f"{name}, rung by {numbers_of(self.app) or 'no number'}: {url}; login and password: "


@click.command(
    epilog=manual(
        "offhook numbers sync",
        "offhook numbers sync --from https://old.example.com --yes",
        exits=(*OF_PLATFORM, Exit.DECLINED, Exit.JOURNAL),
        reads=(*CALLR, *WEBHOOK, "DATABASE_URL"),
        see=("apps show", "doctor"),
    )
)
@click.option(
    "--from",
    "old_urls",
    multiple=True,
    metavar="URL",
    help="A PUBLIC_URL of before, whose voice apps are ours too; may be repeated.",
)
@yes_option
@click.pass_obj
def sync(shell: Shell, *, old_urls: Sequence[str], yes: bool) -> None:
    """Bring every voice app of ours to the settings: address, login, password.

    Ours are those whose URL is PUBLIC_URL/callr/FLOW, those that `offhook numbers point` made a
    number ring, and those at an address given by --from. Others are named and left alone. Shows
    what changes, and asks first. It can be repeated: what is right already is not touched.

    \b
    A new password, without a call that is refused:
      1. set CALLR_WEBHOOK_PASSWORD_OLD to the present one, CALLR_WEBHOOK_PASSWORD to a new one
      2. deploy: the server takes both now
      3. offhook numbers sync
      4. remove CALLR_WEBHOOK_PASSWORD_OLD, and deploy
    """  # noqa: D301 -- \b keeps click from joining the lines that follow it
    shell.require(*WEBHOOK_SETTINGS)
    check_reachable(shell)
    with shell.callr() as api:
        ours, others = _sorted(shell, api.apps(), old_urls)
        _tell_others(shell, others)
        changes = [change for change in ours if change.needed]
        if not changes:
            right = (
                f"{_counted(len(ours))} of ours, as the settings say" if ours else "none of ours"
            )
            shell.output.note(f"Nothing to change: {right}.")
            return
        for change in changes:
            shell.output.note(f"{change}{change.told}")
        check_server_takes(shell, flow_of(changes[0].url))
        shell.confirm(f"Bring {_counted(len(changes))} to the settings?", yes=yes)
        _carry_out(shell, api, changes)
    if shell.settings.callr_webhook_password_old:
        shell.output.note(
            "Every voice app has the new password. Remove CALLR_WEBHOOK_PASSWORD_OLD, and deploy."
        )


def _sorted(
    shell: Shell, apps: Iterable[VoiceApp], old_urls: Sequence[str]
) -> tuple[list[Change], list[VoiceApp]]:
    """What our voice apps need, and those that only look like ours."""
    from app.callr.objects import REALTIME  # noqa: PLC0415 -- loads marshmallow

    settings = shell.settings
    origins = {origin_of(url) for url in (settings.public_url, *old_urls)}
    pointed = _pointed(shell)
    ours, others = [], []
    for app in apps:
        flow = flow_of(app.url)
        if app.kind != REALTIME or not flow:
            continue
        if origin_of(app.url) not in origins and app.hash not in pointed:
            others.append(app)
            continue
        path = app.url[app.url.index("/callr/") :]  # with the query, which gives variables
        url = f"{settings.public_url}{path}"
        ours.append(Change(app=app, url=url, told=credentials_of(app, settings)))
    return ours, others


def _pointed(shell: Shell) -> frozenset[str]:
    """The voice apps that numbers were pointed at, where the journal can be asked."""
    from app.journal import SchemaStatus, schema_status  # noqa: PLC0415 -- loads SQLAlchemy
    from app.journal.moves import Moves  # noqa: PLC0415 -- as above

    url = shell.settings.database_url
    try:
        if schema_status(url) in {SchemaStatus.NONE, SchemaStatus.OLDER}:
            return frozenset()
        return Moves(url).targets()
    except JournalError as problem:
        shell.output.warn(f"Which voice apps numbers were pointed at is not known. {problem}")
        return frozenset()


def _tell_others(shell: Shell, others: Iterable[VoiceApp]) -> None:
    for app in others:
        origin = origin_of(app.url)
        shell.output.note(
            f"Left alone: voice app '{app.name}' ({app.hash}) posts to {app.url}, another server. "
            f"If that was this one, add --from {origin}."
        )


def _carry_out(shell: Shell, api: CallrApi, changes: Sequence[Change]) -> None:
    """Change one after the other, telling each.

    Raises:
        ApiError: CALLR refused, or did not answer; the ones before are done, and told.
    """
    for done, change in enumerate(changes):
        try:
            api.edit_app(change.app.hash, webhook=webhook_of(shell.settings, change.url))
        except ApiError:
            shell.output.warn(
                f"{done} of {_counted(len(changes))} done; '{change.app.name}' ({change.app.hash}) "
                "is not. Repeat it: what is done is not touched again."
            )
            raise
        shell.output.note(f"Changed voice app '{change.app.name}' ({change.app.hash}).")


def _counted(number: int) -> str:
    return "1 voice app" if number == 1 else f"{number} voice apps"
