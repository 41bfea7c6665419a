"""The simulator whose numbers ``offhook phone`` rings, and at which it listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

from app.callflow.errors import ApiError, SettingsError
from app.cli.shell import Shell
from app.simulator import SimulatorClient, SimulatorError

_POINT = (
    "`offhook numbers point` has a flow answer a number, `offhook stringee projects point` the "
    "apps of a project."
)


@contextmanager
def simulator_of(shell: Shell) -> Iterator[SimulatorClient]:
    """The simulator, of both platforms, that the settings name; its refusals are ApiErrors.

    Raises:
        SettingsError: they name no simulator, or have no credentials.
    """
    url, login, password = _reached_by(shell)
    shell.output.note(f"Simulator: {_host(url)}")
    try:
        with SimulatorClient(url, login, password) as client:
            yield client
    except SimulatorError as error:
        msg = f"{str(error)[:1].upper()}{str(error)[1:]}."
        mend = _POINT if error.status == HTTPStatus.NOT_FOUND else ""
        raise ApiError(msg, mend=mend) from error


def _reached_by(shell: Shell) -> tuple[str, str, str]:
    """Address and credentials: CALLR's, or Stringee's where those alone are a simulator's.

    Raises:
        SettingsError: neither are, or the credentials are missing.
    """
    settings = shell.settings
    if not shell.live:
        shell.require("callr_login", "callr_password")
        return settings.callr_api_url, settings.callr_login, settings.callr_password
    if not shell.stringee_live:
        shell.require("stringee_api_key_sid", "stringee_api_key_secret")
        key = (settings.stringee_api_key_sid, settings.stringee_api_key_secret)
        return settings.stringee_api_url, *key
    msg = (
        f"Neither CALLR_API_URL ({_host(settings.callr_api_url)}) nor STRINGEE_API_URL "
        f"({_host(settings.stringee_api_url)}) is a simulator on this machine."
    )
    raise SettingsError(msg, mend="Start `offhook simulator` and use the lines it prints.")


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
