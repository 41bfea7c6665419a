"""Asks for what only its owner knows, and checks each answer when it is given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.callflow.errors import ApiError, OffhookError, SettingsError
from app.callr.api import connect
from app.cli.shell import Shell
from app.numbers import read_country, read_number
from app.requesting import is_loopback
from app.settings import Settings

NONE = "-"
"""The answer that means none, where there is a default."""

TRIES = 3
"""How often somebody at a terminal is asked for what is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        name: the setting's environment variable.
        text: what is asked.
        default: what an empty answer means; "" for nothing.
        read: turns the answer into the setting's value. Raises OffhookError where it cannot be.
        needed: whether there must be a value.
    """

    name: str
    text: str
    read: Callable[[str], str]
    default: str = ""
    needed: bool = False


class Questions:
    """Asks, unless the answer is given already.

    Args:
        shell: whom to ask.
        given: answers of the command line, by the setting's variable.
        known: settings of before, by their variable: the defaults.
    """

    def __init__(self, shell: Shell, given: Mapping[str, str], known: Mapping[str, str]) -> None:
        self._shell = shell
        self._given = given
        self._known = known

    def ask(self, question: Question) -> str:
        """The value of a setting, "" for none.

        Raises:
            OffhookError: an answer that was given, or read from what is no terminal, is wrong.
            SettingsError: nobody is there to give one that is needed.
        """
        if given := self._given.get(question.name):
            return question.read("" if given == NONE else given)
        default = self._known.get(question.name) or question.default
        shown = f"{question.text} [{default}]" if default else question.text
        for tries_left in reversed(range(TRIES)):
            answer = self._shell.read(shown, False)  # noqa: FBT003 -- not hidden
            text = default if not (answer or "").strip() else (answer or "").strip()
            try:
                value = question.read("" if text == NONE else text)
                _check_there(question, value)
            except OffhookError as problem:
                if answer is None or not tries_left or not sys.stdin.isatty():
                    raise
                self._shell.output.warn(str(problem))
            else:
                return value
        raise AssertionError  # the last try returns or raises


def account(shell: Shell, known: Mapping[str, str]) -> tuple[Settings, dict[str, str]]:
    """Credentials of CALLR that CALLR takes, and what to write of them.

    Those of the environment, or of the file of before, are taken; where there are none, or CALLR
    refuses them, they are asked for.

    Raises:
        SettingsError: nobody is there to type them.
        ApiError: CALLR refuses them, or cannot be reached.
    """
    names = ("CALLR_LOGIN", "CALLR_PASSWORD", "CALLR_API_KEY", "CALLR_LOGIN_AS", "CALLR_API_URL")
    told = {name: known[name] for name in names if known.get(name)}
    asked = not told.get("CALLR_API_KEY") and not (
        told.get("CALLR_LOGIN") and told.get("CALLR_PASSWORD")
    )
    for tries_left in reversed(range(TRIES)):
        if asked:
            told |= _credentials(shell)
        settings = Settings.load(told, None)
        shell.output.hide((settings.callr_password, settings.callr_api_key))
        try:
            with connect(settings) as api:
                api.timestamp()
        except ApiError as problem:
            again = tries_left and getattr(problem, "unauthorized", False)
            if not again or not sys.stdin.isatty():
                raise
            shell.output.warn(str(problem))
            if not asked:  # those of before are refused: a password was changed
                kept = ("CALLR_LOGIN_AS", "CALLR_API_URL")
                told = {name: told[name] for name in kept if name in told}
                asked = True
        else:
            return settings, told
    raise AssertionError  # the last try returns or raises


def country(text: str) -> str:
    """A country, ISO 3166."""
    return read_country(text)


def time_zone(text: str) -> str:
    """A time zone, as IANA names it."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"{text!r} is no time zone."
        raise SettingsError(msg, mend="Write one like Europe/Paris, or UTC.") from None
    return text


def zone_of(country: str) -> str:
    """The time zone of a country (ISO 3166) that has one, as the tz database tells; else UTC."""
    rows = (files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8").splitlines()
    zones = [row.split("\t")[2] for row in rows if row.startswith(f"{country}\t")]
    return zones[0] if len(zones) == 1 else "UTC"


def number_in(region: str) -> Callable[[str], str]:
    """What reads a number as people of a country write it, or none."""
    return lambda text: read_number(text, region) if text else ""


def public_url(text: str) -> str:
    """The address of the server: https, or http on this machine; without a path."""
    parts = urlsplit(text)
    local = is_loopback(parts.hostname or "")
    safe = parts.scheme == "https" or (parts.scheme == "http" and local)
    if text and not (safe and parts.hostname and not parts.path.strip("/") and not parts.query):
        msg = f"{text!r} is not like https://line.example.com."
        mend = "Write https and the host, without a path (http only for this machine)."
        raise SettingsError(msg, mend=mend)
    return text.rstrip("/")


def _check_there(question: Question, value: str) -> None:
    if question.needed and not value:
        option = question.name.lower().replace("_", "-")
        msg = f"There is no answer to: {question.text}."
        raise SettingsError(msg, mend=f"Type it, or give it as --{option}.")


def _credentials(shell: Shell) -> dict[str, str]:
    where = "or CALLR_API_KEY, in the environment."
    mend = f"Type them, or set CALLR_LOGIN and CALLR_PASSWORD, {where}"
    login = shell.read("CALLR login (empty to give an API key)", False)  # noqa: FBT003 -- not hidden
    if login and login.strip():
        secret = shell.read("CALLR password (not shown)", True)  # noqa: FBT003 -- hidden
        told = {"CALLR_LOGIN": login.strip(), "CALLR_PASSWORD": secret or "", "CALLR_API_KEY": ""}
    else:
        secret = None if login is None else shell.read("CALLR API key (not shown)", True)  # noqa: FBT003 -- hidden
        told = {"CALLR_API_KEY": (secret or "").strip(), "CALLR_LOGIN": "", "CALLR_PASSWORD": ""}
    if not secret:
        msg = "There are no credentials for CALLR."
        raise SettingsError(msg, mend=mend)
    return told
