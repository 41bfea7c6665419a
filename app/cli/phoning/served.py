"""Offhook under gunicorn, as a child process on a free port of loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import requests

import app
from app.callflow.errors import OffhookError

_HOST: Final = "127.0.0.1"
_ROOT: Final = Path(str(app.__file__)).parents[1]
_START_S: Final = 30.0
_STOP_S: Final = 10.0
_TAIL_LINES: Final = 60
_KEPT: Final = frozenset(
    {"HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PYTHONPATH", "TEMP", "TMP", "TMPDIR", "TZ"}
)
"""Variables that a child has from its parent: nothing that is a setting or a credential."""


class ServerError(OffhookError):
    """The server that was started did not come up, or went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gunicorn that runs.

    Attributes:
        log_file: what it says on stdout and stderr.
        process: the arbiter; the workers are its children.
    """

    log_file: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    def log(self) -> list[str]:
        """The last lines of its log."""
        return self.log_file.read_text(errors="replace").splitlines()[-_TAIL_LINES:]


@contextmanager
def free_port() -> Iterator[socket.socket]:
    """A socket that listens on a free port of loopback, for a child to take over."""
    with socket.create_server((_HOST, 0)) as listening:
        yield listening


@contextmanager
def gunicorn(
    folder: Path, listening: socket.socket, environ: Mapping[str, str]
) -> Iterator[Served]:
    """Serve ``wsgi:app`` until the ``with`` ends; ends the arbiter and its workers by their ids.

    Args:
        folder: where it runs, and keeps its log; one without a ``.env``.
        listening: the socket on which it serves, closed here once the child has it.
        environ: its settings.

    Raises:
        OSError: it cannot be started.
    """
    log_file = folder / "server.log"
    command = [sys.executable, "-m", "gunicorn", "-c", str(_ROOT / "gunicorn.conf.py")]
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own command line
            [*command, "--bind", f"fd://{listening.fileno()}", "wsgi:app"],
            cwd=folder,
            env=_environment(environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(listening.fileno(),),
            start_new_session=True,  # so that Ctrl-C reaches it through us alone
        )
    try:
        listening.close()
        yield Served(log_file=log_file, process=process)
    finally:
        _end(process)


def wait_until_ready(served: Served, url: str) -> None:
    """Wait until it answers, journal included.

    Raises:
        ServerError: it ended, or does not come up within 30 s.
    """
    deadline = time.monotonic() + _START_S
    with requests.Session() as session:
        session.trust_env = False
        while served.process.poll() is None:
            if time.monotonic() > deadline:
                raise ServerError(f"The server did not come up within {_START_S:.0f} s.")
            with suppress(requests.RequestException):
                if session.get(f"{url}/readyz", timeout=1.0).ok:
                    return
            time.sleep(0.05)
    raise ServerError(f"The server ended at its start, with exit code {served.process.returncode}.")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    path = os.pathsep.join(filter(None, (str(_ROOT), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, **settings}


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the arbiter, and after 10 s SIGKILL to it and its workers."""
    if process.poll() is None:
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
