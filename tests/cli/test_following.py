"""``offhook calls tail``: turns as they come."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from journalled import Line, line
from offhook_process import running
from serving import FIRST_REPORT

from app.cli.console import Output
from app.cli.exits import Exit
from app.cli.following import follow_all, follow_one
from app.cli.shell import Shell
from app.journal import History, JournalledCall


class Enough(Exception):  # noqa: N818 -- it is no error
    """All that was to happen has happened, and was told."""


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Line]:
    with line(tmp_path) as (posted, _):
        yield posted


class Heard(Output):
    """Lets something happen as soon as a note is out."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = happens

    def note(self, text: str) -> None:
        super().note(text)
        self._happens()


def shell_of(folder: Path, output: Output | None = None) -> tuple[Shell, History]:
    url = f"sqlite:///{folder / 'journal.sqlite3'}"
    environ = {"DATABASE_URL": url, "TIMEZONE": "Europe/Paris"}
    return Shell(environ=environ, env_file=None, output=output or Output()), History(url)


def tell(
    folder: Path, *happens: Callable[[], object], output: Output | None = None, **asked: Any
) -> None:
    """Follow while these happen, each between two looks at the journal."""
    shell, history = shell_of(folder, output)
    left = list(happens)

    def pause() -> None:
        if not left:
            raise Enough
        left.pop(0)()

    with pytest.raises(Enough):
        follow_all(shell, history, pause, **{"flow": "", "tests": False, "as_json": False, **asked})


def test_turns_are_told_as_they_come_with_the_time_of_day_and_the_call(
    phone: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phone.call("reception", callid=1)  # before anybody looks
    tell(
        tmp_path,
        lambda: phone.call("reception", "0", callid=2),
        lambda: None,
        lambda: phone.call("age_gate", callid=3),
    )
    lines = capsys.readouterr().out.splitlines()
    assert [text[10:] for text in lines if "calls" in text] == [
        "callr:2  caller    +33612345678 calls +33199001020",
        "callr:3  caller    +33612345678 calls +33199001020",
    ]
    assert all(text[2] == text[5] == ":" for text in lines)
    assert lines[-1][10:] == "callr:3  call      hung_up: the other end hung up"


def test_a_call_is_told_that_comes_as_soon_as_it_says_that_it_follows(
    phone: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(tmp_path, output=Heard(lambda: phone.call("reception", "0", callid=1)))
    heard = capsys.readouterr()
    assert heard.err == "Following new turns; Ctrl-C ends.\n"
    assert "callr:1  caller    +33612345678 calls +33199001020" in heard.out
    assert "callr:1  call      hung_up: the other end hung up" in heard.out


def test_one_call_is_told_to_its_ending_though_its_last_turn_comes_while_it_is_looked_for(
    phone: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phone.post("reception", json.dumps({**FIRST_REPORT, "callid": 1}).encode())
    shell, history = shell_of(tmp_path)
    left: list[Callable[[], object]] = [lambda: phone.call("reception", "0", callid=1)]

    def find() -> JournalledCall | None:
        found = history.calls()
        if left:
            left.pop()()
        return found[0] if found else None

    followed = follow_one(shell, find, history, lambda: None)
    assert followed.row.outcome == "hung_up"
    *_, last = capsys.readouterr().out.splitlines()
    assert last[10:] == "call      hung_up: the other end hung up"


def test_only_the_turns_of_one_flow_are_told_and_tests_when_asked_for(
    phone: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def calls() -> None:
        phone.call("reception", callid=1)
        phone.call("age_gate", callid=2)
        phone.call("age_gate", callid=3, app="OFFHOOK0")

    tell(tmp_path, calls, flow="age_gate")
    assert {text.split()[1] for text in capsys.readouterr().out.splitlines()} == {"callr:2"}
    again = {"callid": 4, "app": "OFFHOOK0"}
    tell(tmp_path, lambda: phone.call("age_gate", **again), tests=True)
    assert {text.split()[1] for text in capsys.readouterr().out.splitlines()} == {"callr:4"}


def test_turns_in_json_are_one_object_a_line(
    phone: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(tmp_path, lambda: phone.call("reception", "0"), as_json=True)
    turns = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [turn["report_key"] for turn in turns] == ["0:INCOMING_CALL", "1:UP", "2:HANGUP"]


def test_ctrl_c_ends_it_quietly(phone: Line, tmp_path: Path) -> None:
    phone.call("reception", callid=1)
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}"}
    with running("calls", "tail", cwd=tmp_path, env=env) as process:
        process.wait_for("Ctrl-C ends")
        phone.call("reception", callid=2)
        process.wait_for("callr:2  call      hung_up")
        assert process.end(signal.SIGINT) == Exit.OK
    assert "callr:1" not in process.out.read_text()


def test_without_a_journal_it_is_told_how_to_make_one(tmp_path: Path) -> None:
    run = CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"})
    refused = run("calls", "tail")
    assert refused.exit_code == Exit.NOT_FOUND
    assert "offhook phone FLOW" in refused.stderr
