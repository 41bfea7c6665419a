"""Sets config vars by the ``heroku`` command line, which has to be installed and logged in."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping

from app.callflow.errors import ApiError, SettingsError

_APP = re.compile(r"[a-z][a-z0-9-]{1,29}\Z")
_SECONDS = 120.0
_LINES = 3


def find(app: str, environ: Mapping[str, str]) -> str:
    """The ``heroku`` on the PATH, for an app that can be one's name.

    Raises:
        SettingsError: it is not installed, or ``app`` is no name of an app.
    """
    if not _APP.match(app):
        msg = f"{app!r} is no name of a Heroku app: 2 to 30 of a-z, 0-9 and -."
        raise SettingsError(msg, mend="`heroku apps` lists yours.")
    found = shutil.which("heroku", path=environ.get("PATH", ""))
    if found is None:
        msg = "The command line of Heroku (`heroku`) is not on the PATH."
        raise SettingsError(msg, mend="Install it, `heroku login`, and try again.")
    return found


def config_set(
    heroku: str, app: str, values: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    """Set config vars, all in one release. What it prints is kept back: it repeats the values.

    The values stand in its arguments, since it takes them no other way: who can list the processes
    of this machine can see them for the seconds that it runs.

    Raises:
        ApiError: Heroku refused, or did not answer.
    """
    pairs = [f"{name}={value}" for name, value in values.items()]
    mend = "Nothing may be set yet: look with `heroku config`, and repeat it."
    try:
        ran = subprocess.run(  # noqa: S603 -- the user's own heroku; no shell reads the values
            [heroku, "config:set", "--app", app, *pairs],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        msg = f"`heroku config:set` did not end within {_SECONDS:.0f} s."
        raise ApiError(msg, mend=mend) from None
    except OSError as problem:
        msg = f"`heroku config:set` cannot be run: {problem.strerror}."
        raise ApiError(msg, mend=mend) from None
    if ran.returncode != 0:
        said = " ".join(line.strip() for line in ran.stderr.splitlines()[:_LINES])
        msg = f"`heroku config:set --app {app}` failed (exit code {ran.returncode}): {said}"
        raise ApiError(msg, mend=mend)
