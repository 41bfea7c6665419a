"""What every subcommand works with: the settings, the two streams, and somebody to ask."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from app.callflow.errors import SettingsError
from app.cli.console import Output, shown
from app.cli.exits import DeclinedError
from app.settings import Settings, read_env_file, variable_of

if TYPE_CHECKING:
    from app.callr.api import CallrApi
    from app.cli.which_platform import Platform
    from app.stringee.account import AccountApi
    from app.stringee.calls import CallApi

LIVE_HOST = "api.callr.com"
STRINGEE_HOST = "api.stringee.com"

PROFILE = re.compile(r"[A-Za-z0-9_-]+\Z")
"""What a profile may be called."""


def ask_at_the_terminal(question: str) -> bool | None:
    """Ask on stderr, and read the answer from stdin; None where that is no terminal."""
    if not sys.stdin.isatty():
        return None
    sys.stderr.write(f"{shown(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def read_at_the_terminal(question: str, hidden: bool) -> str | None:  # noqa: FBT001 -- answers one caller
    """Ask on stderr for a text; None at the end of the input.

    Where stdin is no terminal its next line is the answer, also to what is typed hidden.
    """
    if hidden and sys.stdin.isatty():
        try:
            return getpass.getpass(f"{shown(question)}: ", stream=sys.stderr)
        except EOFError:
            return None
    sys.stderr.write(f"{shown(question)}: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        sys.stderr.write("\n")
    return line.rstrip("\r\n") if line else None


@dataclass(kw_only=True)
class Shell:
    """One run of ``offhook``.

    Attributes:
        environ: the environment; ``env_file`` is read below it.
        output: where to print.
        ask: asks a yes-or-no question; None from it means that nobody is there.
        read: asks for a text, hidden or not; None from it means that there is no more input.
        folder: where it is run.
        profile: what ``-p`` says; "" without it.
    """

    environ: Mapping[str, str]
    env_file: str | Path | None = ".env"
    output: Output = field(default_factory=Output)
    ask: Callable[[str], bool | None] = ask_at_the_terminal
    read: Callable[[str, bool], str | None] = read_at_the_terminal
    folder: Path = field(default_factory=Path)
    profile: str = ""
    _said: set[str] = field(default_factory=set, init=False, repr=False)

    @classmethod
    def of_this_process(cls) -> Self:
        """The environment and the terminal that the process has."""
        return cls(environ=os.environ)

    def with_profile(self, profile: str) -> Shell:
        """The same, but with the settings of ``.env.PROFILE``."""
        file = self.folder / f".env.{profile}"
        return replace(self, env_file=file, profile=profile)

    @property
    def profiles(self) -> list[str]:
        """The profiles that there are.

        A file may have any name, and a shell completes with it as it stands: ``$(...)`` would run.
        """
        names = (file.name.removeprefix(".env.") for file in self.folder.glob(".env.*"))
        return sorted(name for name in names if PROFILE.match(name))

    @property
    def process_environ(self) -> dict[str, str]:
        """The environment of a server that is started from here, which reads ``.env`` by itself.

        With a profile, nothing of ``.env`` counts: what the profile does not say is set to nothing.
        """
        if not self.profile:
            return dict(self.environ)
        nothing = {variable_of(one): "" for one in fields(Settings)}
        return {**nothing, **read_env_file(self.env_file), **self.environ}

    @cached_property
    def settings(self) -> Settings:
        """The settings, read once; their secrets are starred from then on.

        Raises:
            SettingsError: some cannot be read.
        """
        settings = Settings.load(self.environ, self.env_file)
        secret = [one.name for one in fields(Settings) if one.metadata["secret"]]
        self.output.hide(getattr(settings, name) for name in secret)
        return settings

    def require(self, *names: str) -> None:
        """Check that settings are there.

        Args:
            names: of fields of Settings.

        Raises:
            SettingsError: naming every one that is missing, with the line to add.
        """
        missing = [
            f"{variable_of(one)}=...   # {one.metadata['where'] or one.metadata['help']}"
            for one in fields(Settings)
            if one.name in names and not getattr(self.settings, one.name)
        ]
        if missing:
            msg = "These settings are missing:\n  " + "\n  ".join(missing)
            raise SettingsError(msg, mend="Add these lines to .env or to the environment.")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something that cannot be taken back; ``yes`` was given as ``--yes``.

        Raises:
            DeclinedError: the answer is no, or nobody is there to give one.
        """
        if yes:
            return
        answer = self.ask(question)
        if answer is None:
            msg = f"Nobody is there to answer: {question}"
            raise DeclinedError(msg, mend="Nothing was done. Repeat it with --yes.")
        if not answer:
            msg = "Nothing was done."
            raise DeclinedError(msg)

    @property
    def live(self) -> bool:
        """Whether CALLR_API_URL is CALLR itself, and not a simulator on this machine."""
        from app.requesting import is_loopback  # noqa: PLC0415 -- loads requests

        return not is_loopback(urlsplit(self.settings.callr_api_url).hostname or "")

    def callr(self) -> CallrApi:
        """Open the account at CALLR, saying on stderr whose it is. Use it in a ``with``.

        Raises:
            SettingsError: there are no credentials.
            ApiError: they cannot be used.
        """
        from app.callr.api import connect  # noqa: PLC0415 -- loads requests and marshmallow

        api = connect(self.settings)
        self._say(f"CALLR: {self.whom}")
        return api

    @property
    def whom(self) -> str:
        """Who answers at CALLR_API_URL, and as whom one speaks there: to be said beforehand."""
        settings = self.settings
        host = urlsplit(settings.callr_api_url).netloc.rpartition("@")[2]
        if not self.live:
            return f"simulator {host}"
        place = "LIVE" if host == LIVE_HOST else f"LIVE at {host}"
        who = "by API key" if settings.callr_api_key else f"login {settings.callr_login}"
        return f"{place}, {who}" + (
            f", as {settings.callr_login_as}" * bool(settings.callr_login_as)
        )

    @property
    def stringee_live(self) -> bool:
        """Whether STRINGEE_API_URL is Stringee itself, and not a simulator on this machine."""
        from app.requesting import is_loopback  # noqa: PLC0415 -- loads requests

        return not is_loopback(urlsplit(self.settings.stringee_api_url).hostname or "")

    def is_live(self, platform: Platform) -> bool:
        """Whether a platform is the platform itself, and not a simulator on this machine."""
        return self.stringee_live if platform == "stringee" else self.live

    def told_of(self, platform: Platform) -> str:
        """Who answers for a platform, and as whom one speaks there."""
        if platform == "stringee":
            return f"Stringee: {self.stringee_whom(self.settings.stringee_api_key_sid)}"
        return f"CALLR: {self.whom}"

    def stringee(self) -> CallApi:
        """Open the project at Stringee, saying on stderr which it is. Use it in a ``with``.

        Raises:
            SettingsError: there is no API key.
            ApiError: the address cannot be used.
        """
        from app.stringee.calls import open_calls  # noqa: PLC0415 -- loads requests and jwt

        api = open_calls(self.settings)
        self._say(f"Stringee: {self.stringee_whom(self.settings.stringee_api_key_sid)}")
        return api

    def stringee_account(self) -> AccountApi:
        """Open the account at Stringee; as for ``stringee``."""
        from app.stringee.account import open_account  # noqa: PLC0415 -- loads requests and jwt

        api = open_account(self.settings)
        self._say(f"Stringee: {self.stringee_whom(self.settings.stringee_account_sid)}")
        return api

    def _say(self, whom: str) -> None:
        """Say whom one speaks to, once."""
        if whom not in self._said:
            self._said.add(whom)
            self.output.note(whom)

    def stringee_whom(self, sid: str) -> str:
        """Who answers at STRINGEE_API_URL, and by which key: to be said beforehand."""
        host = urlsplit(self.settings.stringee_api_url).netloc.rpartition("@")[2]
        if not self.stringee_live:
            return f"simulator {host}"
        return f"{'LIVE' if host == STRINGEE_HOST else f'LIVE at {host}'}, {sid or 'no key'}"
