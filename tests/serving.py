"""A real server for tests: gunicorn, as deployed, on a free port of loopback with its own journal.

    with serving(tmp_path, flows=folder) as server:
        reply = server.report("reception", callid=7, call_status="INCOMING_CALL")

The server's environment is only what stands here: neither that of the test run nor a ``.env``.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
CONF = ROOT / "gunicorn.conf.py"
LOGIN = "callr"
PASSWORD = "correct-horse-battery-staple"
SECRET_KEY = "a-secret-key-of-tests-that-is-long-enough"
PATIENCE_S = 30.0

FIRST_REPORT: Mapping[str, Any] = {
    "app": "4346423A",
    "callid": 242359184129,
    "request_hash": None,
    "cli_name": "",
    "cli_number": "+33612345678",
    "date_started": "2026-01-09 12:27:55",  # a Friday, in opening hours
    "number": "+33199001020",
    "command": "",
    "command_id": 0,
    "command_result": "",
    "command_error": "",
    "call_status": "INCOMING_CALL",
    "cdr_field": "",
    "variables": {},
}
"""The first report of an inbound call: the 14 keys of docs.callr.com/voice/real-time/reference."""


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A gunicorn that runs.

    Attributes:
        url: its origin, such as ``http://127.0.0.1:40213``.
        environ: everything that its environment holds.
        log_file: what it says on stdout and stderr, complete at every moment.
        process: the arbiter; the workers are its children.
    """

    url: str
    environ: Mapping[str, str]
    log_file: Path
    process: subprocess.Popen[bytes] = field(repr=False)
    login: str = LOGIN
    password: str = PASSWORD

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def database_url(self) -> str:
        return self.environ["DATABASE_URL"]

    @property
    def basic(self) -> str:
        """The Authorization header of a report."""
        return "Basic " + base64.b64encode(f"{self.login}:{self.password}".encode()).decode()

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request on a connection of its own, with no headers but these and the length."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, PATIENCE_S)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def post(self, flow: str, body: bytes, **headers: str) -> Reply:
        """Post these bytes to a flow's webhook as CALLR does, with the right credentials."""
        about = {"Content-Type": "application/json", "Authorization": self.basic, **headers}
        return self.request("POST", f"/callr/{flow}", body, about)

    def report(self, flow: str, **changes: Any) -> Reply:
        """Post ``FIRST_REPORT`` with these changes."""
        return self.post(flow, json.dumps({**FIRST_REPORT, **changes}).encode())

    def answer(self, flow: str, reply: Reply, result: str = "", **changes: Any) -> Reply:
        """Report that a reply's command is done, as CALLR does: its id and variables echoed."""
        told = {name: reply.json[name] for name in ("command", "command_id", "variables")}
        return self.report(
            flow, **{"call_status": "UP", "command_result": result, **told, **changes}
        )

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_for_log(self, text: str, times: int = 1) -> None:
        """Wait until its log holds a text so often."""
        wait_until(
            lambda: self.log().count(text) >= times, lambda: f"{text!r} in its log:\n{self.log()}"
        )

    def terminate(self) -> None:
        """Send SIGTERM, as a platform does before it stops a server."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Send SIGTERM and wait for the end; gives the exit code."""
        if self.process.poll() is None:
            self.terminate()
        return self.process.wait(PATIENCE_S)


@dataclass(frozen=True)
class Ended:
    """A server that did not start, or a command that is over."""

    code: int
    said: str


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of a server in development, with its journal in a folder.

    Args:
        folder: where the journal is made.
        variables: what else it has, or instead; "" takes one away.
    """
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "OFFHOOK_ENV": "development",
        "SECRET_KEY": SECRET_KEY,
        "CALLR_WEBHOOK_LOGIN": LOGIN,
        "CALLR_WEBHOOK_PASSWORD": PASSWORD,
        "DATABASE_URL": f"sqlite:///{folder / 'offhook.sqlite3'}",
        "PORT": "0",
        **variables,
    }
    return {name: value for name, value in environ.items() if value}


def gunicorn(wsgi: str = "wsgi:app", conf: Path = CONF) -> list[str]:
    """gunicorn's command line with our settings, from whatever folder it is run."""
    return [sys.executable, "-m", "gunicorn", "-c", str(conf), wsgi]


@contextmanager
def serving(
    folder: Path,
    *,
    flows: Path | None = None,
    wsgi: str = "wsgi:app",
    conf: Path = CONF,
    **variables: str,
) -> Iterator[Server]:
    """Run a server until the ``with`` ends; it and its workers are ended by their ids.

    Args:
        folder: an empty one, where it runs and keeps its journal and its log.
        flows: a folder of flows that it serves besides those of the project.
        wsgi: what gunicorn serves.
        conf: gunicorn's settings.
        variables: of its environment, over those of ``environment``.
    """
    if flows is not None:
        variables = {"OFFHOOK_FLOWS": str(flows), **variables}
    environ = environment(folder, **variables)
    with running(gunicorn(wsgi, conf), folder, environ) as server:
        yield server


def starting_in_vain(folder: Path, *, flows: Path | None = None, **variables: str) -> Ended:
    """Start a server that cannot start, and wait for its end. Arguments as for ``serving``."""
    if flows is not None:
        variables = {"OFFHOOK_FLOWS": str(flows), **variables}
    return run(gunicorn(), folder, environment(folder, **variables))


def run(
    command: list[str], folder: Path, environ: Mapping[str, str], *, patience_s: float = PATIENCE_S
) -> Ended:
    """Run a command line in a folder, without stdin, until it ends."""
    ended = subprocess.run(  # noqa: S603 - our own command line
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience_s,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


@contextmanager
def running(command: list[str], folder: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """Run a command line that starts gunicorn in a folder, until the ``with`` ends."""
    log_file = folder / "server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that workers without an arbiter can be ended too
        )
    try:
        server = Server(_listening(process, log_file), environ, log_file, process)
        server.login = environ["CALLR_WEBHOOK_LOGIN"]
        server.password = environ["CALLR_WEBHOOK_PASSWORD"]
        yield server
        server.stop()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listening(process: subprocess.Popen[bytes], log_file: Path) -> str:
    """Wait until it listens; gives its origin."""
    listening = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")

    def is_over() -> bool:
        return bool(listening.search(log_file.read_text())) or process.poll() is not None

    wait_until(is_over, lambda: f"the server to listen:\n{log_file.read_text()}")
    found = listening.search(log_file.read_text())
    assert found, f"the server ended with {process.returncode}:\n{log_file.read_text()}"
    return found.group(1)


def wait_until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait for a condition; fails, and says for what, where it does not come."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s for {what()}"
        time.sleep(0.01)
