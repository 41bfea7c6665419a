"""Which platform a subcommand is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

import click

from app.settings import Settings

Platform = Literal["callr", "stringee"]

F = TypeVar("F", bound=Callable[..., Any])


def provider_option(command: F) -> F:
    """Add ``--provider``, or ``--platform``, to be read with ``platform_of``."""
    option = click.option(
        "--provider",
        "--platform",
        "provider",
        type=click.Choice(["callr", "stringee"]),
        default=None,
        help="The platform; else the one that there are credentials for, and CALLR of both.",
    )
    return option(command)


def platform_of(settings: Settings, chosen: str | None) -> Platform:
    """The platform that was chosen; else the only one with credentials; else CALLR."""
    if chosen:
        return cast("Platform", chosen)
    return "stringee" if platforms_of(settings) == ("stringee",) else "callr"


def platforms_of(settings: Settings) -> tuple[Platform, ...]:
    """The platforms that there are credentials for."""
    callr = settings.callr_api_key or (settings.callr_login and settings.callr_password)
    stringee = (settings.stringee_api_key_sid and settings.stringee_api_key_secret) or (
        settings.stringee_account_sid and settings.stringee_account_key
    )
    named: tuple[tuple[Platform, Any], ...] = (("callr", callr), ("stringee", stringee))
    return tuple(name for name, there in named if there)
