"""Whether the app keeps the journal of these settings, where that matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.callflow.errors import OffhookError, SettingsError

if TYPE_CHECKING:
    from app.cli.own_api import OwnApi
    from app.cli.shell import Shell

_NEEDS_TOKEN = (
    "Set the same API_TOKEN=... where the app runs and here; then the app dials. "  # noqa: S105 -- no token
    "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
)


@dataclass(frozen=True, slots=True)
class Need:
    """Why the app's journal must be the one of these settings."""

    why: str
    else_: str
    mend: str


DIALS = Need(
    "Without API_TOKEN it must be known which journal the app keeps.",
    "the call's first turn would not find its variables.",
    _NEEDS_TOKEN,
)
WATCHES = Need(
    "To watch a call it must be known which journal the app keeps.",
    "the call would not be seen.",
    "Leave out --watch, or set DATABASE_URL as it is where the app runs.",
)


def check_same_journal(shell: Shell, api: OwnApi, need: Need) -> None:
    """See that the app keeps the journal of these settings; anything less stops the call.

    Raises:
        SettingsError: it keeps another, or does not say which.
    """
    from app.journal import History  # noqa: PLC0415 -- loads SQLAlchemy

    try:
        theirs = api.instance_id()
    except OffhookError as problem:
        msg = f"{need.why} {problem.message}"
        raise SettingsError(msg, mend=need.mend) from None
    ours = History(shell.settings.database_url).instance_id()
    if ours != theirs:
        msg = (
            f"The app at {shell.settings.public_url} keeps another journal than DATABASE_URL "
            f"here: {need.else_}"
        )
        raise SettingsError(msg, mend=need.mend)
