"""``offhook phone FLOW --like CALL``: what a caller of the journal did, done again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from journalled import Line, line
from serving import FIRST_REPORT

from app.cli.exits import Exit
from app.cli.phoning.again import Again, read_again
from app.journal import History
from app.simulator import Answer

FLOWS = """
from app.callflow import Flow, collect, hang_up, say

asks = Flow(
    "asks",
    start="hello",
    steps={{
        "hello": say("{hello}", then="code"),
        "code": collect("Code?", into="code", secret=True, then="bye", failure="bye"),
        "bye": hang_up("{bye}"),
    }},
)
"""


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Line]:
    with line(tmp_path) as (posted, _):
        yield posted


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}"})


def read(tmp_path: Path, secret_steps: frozenset[str] = frozenset()) -> Again:
    history = History(f"sqlite:///{tmp_path / 'journal.sqlite3'}")
    found = history.call("last")
    turns = history.turns(found.row.key)
    return read_again(found, turns, secret_steps=secret_steps, given={})


def test_keys_silences_and_the_moment_of_the_hang_up_are_read(phone: Line, tmp_path: Path) -> None:
    phone.call("reception", "0", "7", "TIMEOUT")
    again = read(tmp_path)
    assert (again.entries, again.hangup_at) == (("7", ""), 4)


def test_who_hangs_up_as_the_flow_says_did_not_hang_up(phone: Line, tmp_path: Path) -> None:
    phone.call("age_gate", "12", "0")
    again = read(tmp_path)
    assert (again.entries, again.hangup_at) == (("12",), None)


@pytest.mark.parametrize(
    ("result", "answer"),
    [("BUSY", Answer.BUSY), ("NOANSWER", Answer.NO_ANSWER)],
)
def test_what_those_did_whom_the_flow_rang_is_read(
    phone: Line, tmp_path: Path, result: str, answer: Answer
) -> None:
    phone.call("reception", "0", "1", result)
    assert read(tmp_path).dialled == {"+33123456789": answer, "+33123456780": answer}


def test_how_a_conference_was_left_is_read(phone: Line, tmp_path: Path) -> None:
    phone.call("age_gate", "22", "0", "0")
    assert read(tmp_path).left_room
    phone.call("age_gate", "22", "0", callid=7, date_started="2026-01-10 12:00:00")
    again = read(tmp_path)
    assert (again.left_room, again.hangup_at) == (False, 3)


def test_a_call_is_done_again_and_nothing_differs(phone: Line, run: CommandLine) -> None:
    phone.call("reception", "0", "7", "2", "123456", "BUSY", "0", "0", "rt-1", "0")
    ran = run("phone", "reception", "--like", "last")
    assert ran.exit_code == Exit.OK, ran.output
    for word in ("press    7", "press    2", "press    123456", "is not reached: BUSY", "recorded"):
        assert word in ran.stdout
    assert "The call begins Friday 2026-01-09 12:27 UTC" in ran.stderr
    assert "Nothing differed from callr:242359184129." in ran.stderr


def test_an_outbound_call_is_done_again_with_what_it_was_given(
    phone: Line, run: CommandLine
) -> None:
    phone.call("reminder", "1", "2", "0", callid=3, request_hash="ABCD1234")
    ran = run("phone", "reminder", "--like", "callr:3")
    assert "Nothing differed from callr:3." in ran.stderr, ran.output
    assert "ring     the phone of +33199001020 rings" in ran.stdout


def test_a_phone_that_was_busy_is_busy_again(phone: Line, run: CommandLine) -> None:
    busy = {**FIRST_REPORT, "callid": 3, "request_hash": "ABCD1234", "call_status": "BUSY"}
    phone.post("reminder", json.dumps(busy).encode())
    ran = run("phone", "reminder", "--like", "callr:3")
    assert "Outcome: busy." in ran.stderr, ran.output


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[Path, Line, CommandLine]]:
    """A flow of the user's own, which a call went through before it was changed."""
    file = tmp_path / "flows" / "asks.py"
    file.parent.mkdir()
    file.write_text(FLOWS.format(hello="Hello.", bye="Bye."))
    with line(tmp_path, flows=str(file.parent)) as (posted, url):
        env = {"DATABASE_URL": url, "OFFHOOK_FLOWS": str(file.parent)}
        yield file, posted, CommandLine(env)


def test_what_differs_since_the_flow_was_changed_is_told(
    changing: tuple[Path, Line, CommandLine],
) -> None:
    file, phone, run = changing
    phone.call("asks", "0", "1234", "0")
    file.write_text(FLOWS.format(hello="Hello.", bye="Farewell."))
    ran = run("phone", "asks", "--like", "last", "--keys", "1234")
    assert ran.exit_code == Exit.OK, ran.output
    told = [text for text in ran.stdout.splitlines() if text[:2] in ("- ", "+ ")]
    assert told == ['- we       say "Bye."  [bye]', '+ we       say "Farewell."  [bye]']
    assert "The flow is another version:" in ran.stderr


def test_a_secret_must_be_written_since_the_journal_has_it_starred(
    changing: tuple[Path, Line, CommandLine],
) -> None:
    _, phone, run = changing
    phone.call("asks", "0", "1234", "0")
    refused = run("phone", "asks", "--like", "last")
    assert refused.exit_code == Exit.USAGE
    assert '--keys "****"' in refused.stderr
    again = run("phone", "asks", "--like", "last", "--keys", "1234")
    assert "Nothing differed" in again.stderr, again.output


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["reception", "--like", "callr:9"], Exit.NOT_FOUND, "offhook calls list"),
        (["nosuch", "--like", "last"], Exit.NOT_FOUND, "There is no flow 'nosuch'"),
        (["reception", "--like", "last", "--busy"], Exit.USAGE, "--busy: with --like"),
        (["reception", "--like", "last", "--hangup-at", "2"], Exit.USAGE, "--hangup-at"),
        (["http://127.0.0.1:1/x", "--like", "last"], Exit.USAGE, "--like goes with FLOW"),
        (["+33199001020", "--like", "last"], Exit.USAGE, "--like goes with FLOW"),
        (["--listen", "+33199001020", "--like", "last"], Exit.USAGE, "--like goes with FLOW"),
    ],
)
def test_what_cannot_be_done_again_is_refused(
    phone: Line, run: CommandLine, args: list[str], code: Exit, said: str
) -> None:
    phone.call("reception")
    refused = run("phone", *args)
    assert refused.exit_code == code
    assert said in refused.stderr


def test_a_withheld_number_is_withheld_again(phone: Line, run: CommandLine) -> None:
    phone.call("reception", cli_number="", callid=5)
    ran = run("phone", "reception", "--like", "callr:5")
    assert "a withheld number calls" in ran.stdout
    assert "Nothing differed" in ran.stderr
