"""``offhook`` as real processes: one that ends, one that runs on, and one at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import app

ROOT = Path(str(app.__file__)).parents[1]
PATIENCE_S = 30.0
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
COMMAND = (sys.executable, "-m", "app")


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing but what a process needs to start, and what is given."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})}


def offhook(
    *args: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, without a terminal."""
    return subprocess.run(  # noqa: S603 -- our own words
        [*COMMAND, *args],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@dataclass
class Running:
    """A process that runs on; its streams go to files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def wait_for(self, text: str, times: int = 1) -> str:
        """Wait until the streams hold a text so often; gives both."""
        deadline = time.monotonic() + PATIENCE_S
        while times > (told := self.out.read_text() + self.err.read_text()).count(text):
            assert self.process.poll() is None, f"it ended without {text!r}:\n{told}"
            assert time.monotonic() < deadline, f"waited for {text!r}:\n{told}"
            time.sleep(0.02)
        return told

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start it without a terminal; it is ended with the ``with``."""
    streams = Path(tempfile.mkdtemp(dir=cwd))
    out, err = streams / "out", streams / "err"
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(  # noqa: S603 -- our own words
            [*COMMAND, *args],
            cwd=cwd,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=to_out,
            stderr=to_err,
        )
    try:
        yield Running(process, out, err)
    finally:
        process.kill()
        process.wait()


class Terminal:
    """A process at a pseudo-terminal, and what stands on it."""

    def __init__(self, ours: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._ours = ours
        self._seen = ""
        self._read = 0

    def wait_for(self, text: str) -> None:
        """Read until a text comes that was not waited for before."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self._seen.find(text, self._read)) < 0:
            left = deadline - time.monotonic()
            assert left > 0, f"waited for {text!r}: {self._seen!r}"
            assert self._more(left), f"it ended without {text!r}: {self._seen!r}"
        self._read = found + len(text)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.type("\x03")

    def wait(self) -> int:
        """Read to the end; gives the exit code."""
        while self._more(PATIENCE_S):
            pass
        return self.process.wait(PATIENCE_S)

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, and holds it back until Enter."""
        mode: int = termios.tcgetattr(self._ours)[3]
        return bool(mode & termios.ECHO) and bool(mode & termios.ICANON)

    @property
    def lines(self) -> list[str]:
        """What a person sees: each line as what was written over it left it."""
        plain = _COLOURS.sub("", self._seen)
        return [_overwritten(line) for line in plain.split("\n")]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def _more(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], seconds)
        with suppress(OSError):  # the other end is closed
            read = os.read(self._ours, 65_536) if ready else b""
            self._seen += read.decode()
            return bool(read)
        return False


def _overwritten(line: str) -> str:
    shown: list[str] = []
    for part in line.removesuffix("\r").split("\r"):
        shown[: len(part)] = part
    return "".join(shown).rstrip()


@contextmanager
def terminal(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Start it at a terminal of its own; it is ended with the ``with``."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 -- our own words
        [sys.executable, "-c", _AT_THE_TERMINAL, *COMMAND, *args],
        cwd=cwd,
        env=environment({"TERM": "xterm", **(env or {})}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


_AT_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches the process
os.execv(sys.argv[1], sys.argv[1:])
"""
