"""Several processes on one journal, at the same instant."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journal_doubles import keys_of, run_sql
from processes import REPORTS

from app.journal import History, SchemaStatus, schema_status, upgrade

HERE = Path(__file__).parent


class Other:
    """Another process, which does its part when told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def await_ready(self) -> None:
        assert self._line() == "ready"

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def result(self) -> list[str]:
        """What it said, once it has ended well."""
        said, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return said.splitlines()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def other(part: str, url: str, name: str = "") -> Iterator[Other]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", HERE / "processes.py", part, url, name],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Other(process)
        finally:
            process.kill()


def at_once(*others: Other) -> list[list[str]]:
    for one in others:
        one.await_ready()
    for one in others:
        one.go()
    return [one.result() for one in others]


def test_two_processes_that_record_the_same_reports_give_one_reply_each(
    database_url: str,
) -> None:
    upgrade(database_url)
    with other("race", database_url, "anna") as anna, other("race", database_url, "ben") as ben:
        verdicts = at_once(anna, ben)
    told: list[dict[str, str]] = [dict(line.split(" ", 1) for line in one) for one in verdicts]
    winners = {
        turn.report_key: turn.reply.decode() for turn in History(database_url).turns("callr:1")
    }
    assert len(winners) == REPORTS
    for number in map(str, range(REPORTS)):
        winner = winners[f"{number}:UP"]
        name = winner.split()[0]
        expected = ("none", winner) if name == "anna" else (winner, "none")
        assert (told[0][number], told[1][number]) == expected


def test_processes_that_upgrade_at_once_make_one_journal(database_url: str) -> None:
    with (
        other("upgrade", database_url) as anna,
        other("upgrade", database_url) as ben,
        other("upgrade", database_url) as cleo,
    ):
        assert at_once(anna, ben, cleo) == [["current"]] * 3
    assert schema_status(database_url) is SchemaStatus.CURRENT
    assert len(History(database_url).instance_id()) == 32  # scalar_one: there is one row


def test_a_child_writes_by_itself_and_leaves_its_parents_journal_alone(database_url: str) -> None:
    upgrade(database_url)
    with other("fork", database_url) as parent:
        [said] = at_once(parent)
    assert said == ["0 b'reply to 1:UP'"]
    assert keys_of(database_url) == ["0:UP", "1:UP", "2:UP"]
    run_sql(database_url, "SELECT 1 FROM turns")
