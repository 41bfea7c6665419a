"""What the journal's tests share: records made shortly, losses heard, other processes."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from app.journal import History, SqlJournal, upgrade
from app.journal.database import Database
from app.ports import CallRow, Start, TurnRecord

HERE = Path(__file__).parent
FORKS = ("-W", "ignore:This process:DeprecationWarning")  # Python 3.12 warns of every such fork
WHEN = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


def make_turn(report_key: str = "0:UP", *, raw: bytes = b"{}", **changes: Any) -> TurnRecord:
    values: dict[str, Any] = {
        "call_key": "callr:1",
        "report_key": report_key,
        "kind": "turn",
        "turn": int(report_key.partition(":")[0]) + 1,
        "received_at": WHEN,
        "raw": raw,
        "digest": hashlib.sha256(raw).hexdigest(),
        "event": {"name": "CallArrived"},
        "reply": f"reply to {report_key}".encode(),
        "state": {"t": 1},
    }
    return TurnRecord(**{**values, **changes})


def make_call(key: str = "callr:1", **changes: Any) -> CallRow:
    values: dict[str, Any] = {
        "key": key,
        "provider": "callr",
        "platform_id": key.partition(":")[2],
        "flow": "reception",
        "direction": "inbound",
        "caller": "+33612345678",
        "called": "+33123456789",
        "started_at": WHEN,
    }
    return CallRow(**{**values, **changes})


def make_start(**changes: Any) -> Start:
    values: dict[str, Any] = {
        "token": "abcdefgh12345678",
        "provider": "callr",
        "flow": "reminder",
        "number": "+33612345678",
        "caller_id": "+33123456789",
        "ring_s": 30,
        "field": "crm-42",
        "variables": {"name": "Zoë", "time": "tomorrow"},
        "created_at": WHEN,
    }
    return Start(**{**values, **changes})


class Losses:
    """Hears of turns whose verdict did not come in time."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def __call__(self, turn: TurnRecord, why: str) -> None:
        self.heard.append((turn.report_key, why))

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.heard]


@contextmanager
def journal_at(
    url: str, losses: Losses | None = None, *, budget_s: float = 30, **settings: Any
) -> Iterator[SqlJournal]:
    """A journal with its tables, closed at the end; it waits long for a slow disk."""
    upgrade(url)
    journal = SqlJournal(url, on_lost=losses or Losses(), budget_s=budget_s, **settings)
    try:
        yield journal
    finally:
        journal.close()


def keys_of(url: str, call_key: str = "callr:1") -> list[str]:
    """The report keys of a call, in the order in which they were written."""
    return [turn.report_key for turn in History(url).turns(call_key)]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    with Database(url, patience_s=10).connect() as connection:
        yield connection


def run_sql(url: str, statement: str) -> None:
    with connected(url) as connection:
        connection.execute(text(statement))


@contextmanager
def hearing_recovery() -> Iterator[threading.Event]:
    """An event that is set when the writer says that the journal answers again."""
    heard = threading.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "answers again" in record.getMessage():
                heard.set()

    listener, log = Listener(), logging.getLogger("app.journal.writer")
    log.addHandler(listener)
    try:
        yield heard
    finally:
        log.removeHandler(listener)


class Other:
    """Another process, which does its part when told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def await_ready(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def result(self) -> list[str]:
        """What it said, once it has ended well."""
        said, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return said.splitlines()


@contextmanager
def other(part: str, url: str, name: str = "") -> Iterator[Other]:
    with subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
        [sys.executable, "-W", "error", *FORKS, HERE / "processes.py", part, url, name],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Other(process)
        finally:
            process.kill()
