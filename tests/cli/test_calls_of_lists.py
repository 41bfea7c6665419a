"""What the command line tells of a platform's calls that takes lists and posts what it does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from stringee_shell import CALL, StringeeLine, stringee_shell
from test_following import shell_of, tell

from app.cli.exits import Exit
from app.cli.following import follow_one

ENDED = 'says how it ended: "USER_END_CALL", by INTERNAL, after 20 s, 18 s of them answered'
FILE = "http://api.stringee.com/v1/call/recording/r-1"


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[StringeeLine]:
    with stringee_shell(tmp_path) as line:
        yield line


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}"})


def told(run: CommandLine, *args: str) -> str:
    ran = run(*args)
    assert ran.exit_code == Exit.OK, ran.output
    return ran.stdout


def without_times(text: str) -> list[str]:
    return [line[10:].rstrip() for line in text.splitlines()[1:]]


def test_a_call_is_told_with_its_status_posts_and_which_recording_was_left(
    phone: StringeeLine, run: CommandLine
) -> None:
    phone.leave_a_message(FILE)
    shown = told(run, "calls", "show", "last")
    assert shown.splitlines()[0].endswith(" reports, 3 status posts")
    lines = without_times(shown)
    assert lines[-4:] == [
        "caller    leaves a message: recording 1",
        "platform  is still to keep what was said as recording 1",
        f"platform  {ENDED}",
        "call      completed: we hung up, as the flow says; disposition: message",
    ]
    assert "platform  says that it was answered" in lines
    assert any(line.endswith("(message = recording 1)") for line in lines)
    assert "r-1" not in shown


def test_raw_shows_what_was_asked_for_and_every_post_once(
    phone: StringeeLine, run: CommandLine
) -> None:
    phone.leave_a_message(FILE)
    shown = told(run, "calls", "show", "last", "--raw")
    sent = re.findall(r"(?:GET|POST) \S+", shown)
    assert sent[0] == "GET answer"
    assert [one for one in sent if "ended" in one] == ["POST ended"]
    assert "POST recorded" in sent
    assert "from = 84900000001" in shown
    assert re.search(r"state=1\.\w+\.[\w-]+\.\.\. \(\d+ characters\)", shown)


def test_json_and_the_page_have_the_status_posts_too(phone: StringeeLine, run: CommandLine) -> None:
    phone.leave_a_message(FILE)
    shown = json.loads(told(run, "calls", "show", "last", "--json"))
    assert [one["kind"] for one in shown["notices"]] == ["answered", "recorded", "ended"]
    assert shown["notices"][1]["about"]["file"] == FILE
    assert [one["reference"] for one in shown["recordings"]] == [
        shown["call"]["variables"]["message"]
    ]
    page = told(run, "calls", "show", "last", "--html", "--raw")
    assert "leaves a message: recording 1" in page
    assert "<summary>POST recorded</summary>" in page
    assert "message = recording 1" in page


def test_an_export_says_which_recording_a_variable_is(
    phone: StringeeLine, run: CommandLine
) -> None:
    actions = phone.press(phone.arrive("messages"), "1")
    (call,) = map(json.loads, told(run, "calls", "export", "--format", "jsonl").splitlines())
    assert call["variables"] == {"message": "recording:2.1"}
    phone.record(actions, FILE)
    (call,) = map(json.loads, told(run, "calls", "export", "--format", "jsonl").splitlines())
    assert call["variables"] == {"message": "recording 1"}
    assert told(run, "calls", "export").splitlines()[1].endswith(",recording 1")


def test_what_is_kept_of_a_number_has_them_and_forgetting_takes_them_out(
    phone: StringeeLine, run: CommandLine
) -> None:
    phone.leave_a_message(FILE)
    (call,) = json.loads(told(run, "people", "export", "+84900000001"))["calls"]
    assert len(call["notices"]) == 3
    told(run, "people", "forget", "+84900000001", "--yes")
    kept: Any = json.loads(told(run, "people", "export", "+84900000001"))
    assert not kept["calls"]
    assert not kept["mentions"]


def test_status_posts_are_told_as_they_come(
    phone: StringeeLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phone.arrive("messages")
    tell(tmp_path, lambda: phone.tell("answered"), lambda: phone.tell("created"))
    (line,) = capsys.readouterr().out.splitlines()
    assert line[10:] == f"{CALL}  platform  says that it was answered"
    tell(tmp_path, lambda: phone.tell("ringing"), as_json=True)
    assert json.loads(capsys.readouterr().out)["kind"] == "ringing"


def test_a_call_that_is_watched_is_told_with_them_to_its_end(
    phone: StringeeLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phone.leave_a_message(FILE)
    shell, history = shell_of(tmp_path)
    follow_one(shell, lambda: history.call("last"), history, lambda: None)
    lines = without_times(capsys.readouterr().out)
    assert "caller    leaves a message: recording 1" in lines
    assert lines[-1].startswith("call      completed")


def test_a_recording_is_listed_with_its_step_and_who_left_it(
    phone: StringeeLine, run: CommandLine
) -> None:
    phone.leave_a_message(FILE)
    (recording,) = json.loads(told(run, "recordings", "list", "--json"))
    assert recording["step"] == "leave"
    assert recording["left_by"] == "+84900000001"
    assert recording["call"] == CALL
