"""Voice apps against the settings: whose they are, and whether they post here as they should."""

from __future__ import annotations

import hmac
import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.callflow.errors import SettingsError
from app.cli.exits import NotFoundError
from app.settings import Settings

if TYPE_CHECKING:
    from app.callr.objects import VoiceApp
    from app.cli.shell import Shell
    from app.probe import Proof

WEBHOOK_SETTINGS = ("public_url", "callr_webhook_login", "callr_webhook_password")
"""What a voice app is told."""

_PATH = re.compile(r"/callr/([a-z][a-z0-9_]*)/?\Z")


class Credentials(StrEnum):
    """What a voice app has as login and password, seen from the settings."""

    SAME = "as the settings say"
    OLD = "those before (CALLR_WEBHOOK_PASSWORD_OLD)"
    OTHER = "not those of the settings"
    UNTOLD = "not told by CALLR, so not compared"
    """The login is right; the platform keeps the password to itself."""


def credentials_of(app: VoiceApp, settings: Settings) -> Credentials:
    """Compare what a voice app sends with what this server takes."""
    if app.login != settings.callr_webhook_login:
        return Credentials.OTHER
    if app.password is None:
        return Credentials.UNTOLD
    if _same(app.password, settings.callr_webhook_password):
        return Credentials.SAME
    if _same(app.password, settings.callr_webhook_password_old):
        return Credentials.OLD
    return Credentials.OTHER


def flow_of(url: str) -> str:
    """The flow that a voice app's URL names, on whatever server; "" where it is no URL of ours."""
    try:
        found = _PATH.match(urlsplit(url).path)
    except ValueError:
        return ""
    return found.group(1) if found else ""


def origin_of(url: str) -> str:
    """Scheme, host and port, as browsers compare them; "" where it is no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    tail = "" if port in {None, usual} else f":{port}"
    return f"{parts.scheme}://{parts.hostname}{tail}" if parts.hostname else ""


def webhook_of(settings: Settings, url: str) -> tuple[str, str, str]:
    """What a voice app is told: its URL, and the login and password to send there."""
    return url, settings.callr_webhook_login, settings.callr_webhook_password


def check_flow(shell: Shell, name: str) -> None:
    """See that there is such a flow.

    Raises:
        NotFoundError: there is none; names those there are.
        FlowError: the flows cannot be read.
    """
    from app.flowbook import load_flows  # noqa: PLC0415 -- imports every flow

    flows = load_flows(shell.settings.flows)
    if name not in flows:
        msg = f"There is no flow '{name}'."
        raise NotFoundError(msg, mend=f"There are: {', '.join(flows) or 'none'}.")


def check_reachable(shell: Shell) -> None:
    """See that CALLR is not told an address of this machine; a simulator may be.

    Raises:
        SettingsError: CALLR could not reach it.
    """
    from app.requesting import is_loopback  # noqa: PLC0415 -- loads requests

    if shell.live and is_loopback(urlsplit(shell.settings.public_url).hostname or ""):
        msg = f"PUBLIC_URL={shell.settings.public_url} is this machine; CALLR cannot reach it."
        raise SettingsError(msg, mend="Write the address that the server has on the internet.")


def check_server_takes(shell: Shell, flow: str) -> None:
    """See that the server takes the password that CALLR is about to be told.

    Raises:
        SettingsError: it does not: every call would be refused.
    """
    proof = ask_server(shell, flow, "takes this password")
    if proof is not None and proof.refused:
        msg = f"The server at {shell.settings.public_url} refuses CALLR_WEBHOOK_LOGIN and "
        msg += f"CALLR_WEBHOOK_PASSWORD ({proof.refused}): every call would be refused."
        mend = (
            "Nothing was done. Deploy them first; `offhook doctor` says when the server is ready."
        )
        raise SettingsError(msg, mend=mend)


def ask_server(shell: Shell, flow: str, ready: str) -> Proof | None:
    """What the server at PUBLIC_URL says of itself.

    One that cannot be asked (it is not up yet, or is another) is warned of, and so is one that has
    not read the flow. Without SECRET_KEY it is not asked.

    Args:
        shell: with PUBLIC_URL.
        flow: that calls are about to be posted to.
        ready: what is not known of a server that says nothing.
    """
    import requests  # noqa: PLC0415 -- slow to load

    from app.callr.placing import webhook_url  # noqa: PLC0415 -- loads requests and marshmallow
    from app.cli.doctoring.reaching import not_read, reach  # noqa: PLC0415 -- as above

    settings = shell.settings
    if not settings.secret_key:
        return None
    try:
        proof = reach(settings, webhook_url(settings.public_url, flow)).proof
    except requests.RequestException:
        proof = None
    if proof is None:
        shell.output.warn(
            f"Whether the server at {settings.public_url} {ready} is not known; "
            "`offhook doctor` says what it answers."
        )
    elif not proof.knows_flow:
        shell.output.warn(str(not_read(settings, [flow])))
    return proof


def _same(one: str, other: str) -> bool:
    return bool(other) and hmac.compare_digest(one.encode(), other.encode())
