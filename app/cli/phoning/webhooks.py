"""Webhooks that may be rung, and who may be told their credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import click

from app.callflow.errors import SettingsError
from app.requesting import is_loopback
from app.settings import Settings

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where reports go, and the Basic credentials that go along; "" for none."""

    url: str
    login: str = ""
    password: str = field(default="", repr=False)


def webhook_of(settings: Settings, url: str) -> Webhook:
    """A webhook by its URL, with the credentials of the settings.

    They are told to this machine and to the origin of PUBLIC_URL, and to nobody else.

    Raises:
        SettingsError: there are credentials, and the URL is of neither.
        click.BadParameter: the URL cannot be rung.
    """
    parts = _parts(url)
    login, password = settings.callr_webhook_login, settings.callr_webhook_password
    if not login:
        return Webhook(url)
    if _is_ours(settings, parts):
        return Webhook(url, login, password)
    whose = settings.public_url or "not set"
    msg = (
        f"CALLR_WEBHOOK_LOGIN and CALLR_WEBHOOK_PASSWORD are for PUBLIC_URL ({whose}) and this "
        f"machine; they are not sent to {parts.scheme}://{parts.netloc}."
    )
    mend = (
        f"Is it your server? Set PUBLIC_URL={parts.scheme}://{parts.netloc}. "
        "Is it not? Ring it with CALLR_WEBHOOK_LOGIN= (empty), so that nothing is sent."
    )
    raise SettingsError(msg, mend=mend)


def signing_key_of(settings: Settings, url: str) -> tuple[str, str]:
    """The first project that there is a Stringee signing key of ("" for every one), and the key.

    What is signed for this machine or the origin of PUBLIC_URL could be sent there by others, so
    nobody else is told it. Without a key both are "".

    Raises:
        SettingsError: there is a key, and the URL is of neither.
        click.BadParameter: the URL cannot be rung.
    """
    parts = _parts(url)
    if not settings.stringee_keys:
        return "", ""
    if _is_ours(settings, parts):
        return settings.stringee_keys[0]
    msg = (
        f"STRINGEE_SIGNING_KEY is for PUBLIC_URL ({settings.public_url or 'not set'}) and this "
        f"machine; nothing is signed for {parts.scheme}://{parts.netloc}."
    )
    mend = (
        f"Is it your server? Set PUBLIC_URL={parts.scheme}://{parts.netloc}. "
        "Is it not? Ring it with STRINGEE_SIGNING_KEY= (empty), so that nothing is signed."
    )
    raise SettingsError(msg, mend=mend)


def _is_ours(settings: Settings, parts: SplitResult) -> bool:
    """Whether an address is on this machine, or of the origin of PUBLIC_URL."""
    if is_loopback(parts.hostname or ""):
        return True
    public = settings.public_url
    return bool(public) and _origin(parts) == _origin(urlsplit(public))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        fits = bool(parts.hostname) and parts.scheme in _PORTS and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        msg = f"{url!r} is no address such as https://line.example.com/callr/reception."
        raise click.BadParameter(msg, param_hint="URL")
    if "@" in parts.netloc:
        msg = "leave the credentials out of the address: they come from CALLR_WEBHOOK_LOGIN and "
        raise click.BadParameter(msg + "CALLR_WEBHOOK_PASSWORD.", param_hint="URL")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
