"""Asks for the keys of a project and an account at Stringee, and tries them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.callflow.errors import ApiError, SettingsError
from app.cli.setup.questions import TRIES
from app.settings import Settings
from app.stringee.account import has_account_key, open_account
from app.stringee.calls import open_calls

if TYPE_CHECKING:
    from app.cli.shell import Shell

_URL = "STRINGEE_API_URL"
_QUESTIONS: Mapping[str, tuple[str, bool]] = {
    _URL: ("Stringee REST address [https://api.stringee.com]", False),
    "STRINGEE_API_KEY_SID": ("Stringee API key SID (SK...)", False),
    "STRINGEE_API_KEY_SECRET": ("Its secret (not shown)", True),
    "STRINGEE_SIGNING_KEY": ("Signing secret key of the project (not shown)", True),
    "STRINGEE_ACCOUNT_SID": ("Stringee account SID (AC..., empty for none)", False),
    "STRINGEE_ACCOUNT_KEY": ("Its key (not shown)", True),
}
"""What is asked for, and whether it is typed hidden."""

_NEEDED = ("STRINGEE_API_KEY_SID", "STRINGEE_API_KEY_SECRET", "STRINGEE_SIGNING_KEY")


def account(shell: Shell, known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Keys that Stringee takes, and the numbers of the account; none without the account's key.

    Keys of the environment, or of the file of before, are taken; where there are none, or Stringee
    refuses them, they are asked for.

    Raises:
        SettingsError: one that is needed was not given.
        ApiError: Stringee refuses them, or cannot be reached.
    """
    told = {name: known[name] for name in _QUESTIONS if known.get(name)}
    for tries_left in reversed(range(TRIES)):
        _ask_for_the_rest(shell, told)
        settings = Settings.load(told, None)
        shell.output.hide((settings.stringee_api_key_secret, settings.stringee_account_key))
        shell.output.hide(key for _, key in settings.stringee_keys)
        try:
            return told, _numbers(settings)
        except ApiError as problem:
            again = tries_left and getattr(problem, "unauthorized", False)
            if not again or not sys.stdin.isatty():
                raise
            shell.output.warn(str(problem))
            told = {_URL: told[_URL]}
    raise AssertionError  # the last try returns or raises


def _ask_for_the_rest(shell: Shell, told: dict[str, str]) -> None:
    for name, (question, hidden) in _QUESTIONS.items():
        if name in told or (name == "STRINGEE_ACCOUNT_KEY" and not told["STRINGEE_ACCOUNT_SID"]):
            continue
        told[name] = (shell.read(question, hidden) or "").strip()
        if name in _NEEDED and not told[name]:
            msg = f"There is no answer to: {question}."
            raise SettingsError(msg, mend=f"Type it, or set {name} in the environment.")


def _numbers(settings: Settings) -> list[str]:
    """The account's numbers, which shows that its keys are taken; none without its own key."""
    with open_calls(settings) as calls:
        calls.check()
    if not has_account_key(settings):
        return []
    with open_account(settings) as api:
        return [one.number for one in api.numbers()]
