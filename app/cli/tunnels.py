"""Tunnels: programs of others that give a server on this machine an address on the internet.

What they print is taken from cloudflared's source and issues (github.com/cloudflare/cloudflared)
and from ngrok's documented logfmt log; none was run against its real service.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from app.callflow.errors import OffhookError
from app.cli.exits import NotFoundError

START_S = 30.0
"""Seconds that a tunnel has to tell its address."""

_STOP_S = 5.0
_TAIL_LINES = 5


class TunnelError(OffhookError):
    """A tunnel did not come up, or went away."""

    status = 502


@dataclass(frozen=True, slots=True)
class Kind:
    """A program that makes tunnels.

    Attributes:
        program: its name on PATH.
        arguments: its command line; ``{port}`` is the port on 127.0.0.1 that it leads to.
        address: finds the public address in a line that it prints.
    """

    program: str
    arguments: tuple[str, ...]
    address: re.Pattern[str]


KINDS = (
    Kind(
        "cloudflared",
        ("tunnel", "--no-autoupdate", "--url", "http://127.0.0.1:{port}"),
        # In a box; its own service, https://api.trycloudflare.com, stands in messages of errors.
        re.compile(r"\|\s+(https://[a-z0-9-]+\.trycloudflare\.com)\s+\|"),
    ),
    Kind(
        "ngrok",
        ("http", "--log=stdout", "--log-format=logfmt", "127.0.0.1:{port}"),
        re.compile(r'msg="started tunnel".* url=(https://[^\s"]+)'),
    ),
)
"""Those that are known, the one that is taken first in front."""


class Tunnel:
    """A tunnel that runs. Whatever it prints is read, so that it never waits to be heard."""

    def __init__(self, kind: Kind, process: subprocess.Popen[str]) -> None:
        self._kind = kind
        self._process = process
        self._url = ""
        self._told = threading.Event()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._reader = threading.Thread(target=self._read, name="tunnel", daemon=True)
        self._reader.start()

    @property
    def runs(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def url(self) -> str:
        """Its public address, waited for.

        Raises:
            TunnelError: it ended, or told none within 30 s.
        """
        self._told.wait(START_S)
        if not self._url:
            raise self.failure(f"{self._kind.program} told no address.")
        return self._url

    def failure(self, what: str) -> TunnelError:
        """An error, with the last that it said."""
        said = "".join(f"\n  {line}" for line in self._tail) or " It said nothing."
        mend = "Try it by itself, or give the address of another way in with --public-url URL."
        return TunnelError(f"{what} The last that it said:{said}\n", mend=mend)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_STOP_S)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _read(self) -> None:
        with suppress(ValueError):  # it is closed
            for line in self._process.stdout or ():
                self._tail.append(line.rstrip())
                found = self._kind.address.search(line)
                if found and not self._url:
                    self._url = found.group(1)
                    self._told.set()
        self._told.set()


def installed(path: str) -> tuple[Kind, str]:
    """The first of the known programs that is there, and its file.

    Args:
        path: folders, as PATH has them.

    Raises:
        NotFoundError: none is there.
    """
    for kind in KINDS:
        file = shutil.which(kind.program, path=path)
        if file:
            return kind, file
    names = " nor ".join(kind.program for kind in KINDS)
    msg = f"Neither {names} is installed (on PATH)."
    mend = "Install one, or give the address of another way in with --public-url URL."
    raise NotFoundError(msg, mend=mend)


@contextmanager
def opened(kind: Kind, file: str, port: int) -> Iterator[Tunnel]:
    """Run a tunnel to a port of 127.0.0.1 until the ``with`` ends.

    Raises:
        TunnelError: it cannot be started.
    """
    command = [file, *(argument.format(port=port) for argument in kind.arguments)]
    try:
        process = subprocess.Popen(  # noqa: S603 -- what the user has installed
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # so that Ctrl-C reaches it through us alone
        )
    except OSError as problem:
        msg = f"{file} cannot be started: {problem.strerror or problem}."
        raise TunnelError(msg, mend="Install it anew.") from None
    tunnel = Tunnel(kind, process)
    try:
        yield tunnel
    finally:
        tunnel.close()
