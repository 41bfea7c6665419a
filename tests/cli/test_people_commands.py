"""``offhook people``: one person's data, told and taken out, on a line that was really called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from clinic_line import CALLER, FAST, clinic_line
from command_line import CommandLine
from journalled import line
from serving import FIRST_REPORT

from app.cli.exits import Exit
from app.journal import History

AT_HOME = "06 12 34 56 78"
MASKED = "+336******78"


@pytest.fixture
def phoned(tmp_path: Path) -> Iterator[CommandLine]:
    """A command line on a journal with calls of two people in it."""
    with line(tmp_path) as (posted, url):
        posted.call("reception", callid=1)
        posted.call("reception", callid=2, cli_number="+33698765432")
        yield CommandLine({"DATABASE_URL": url, "COUNTRY": "FR"})


def callers(run: CommandLine) -> list[str]:
    listed = json.loads(run("calls", "list", "--json").stdout)
    return sorted(one["caller"] for one in listed)


def test_all_that_is_kept_of_a_number_is_exported(phoned: CommandLine) -> None:
    ran = phoned("people", "export", AT_HOME)
    assert ran.exit_code == Exit.OK, ran.output
    told = json.loads(ran.stdout)
    assert told["number"] == CALLER
    (call,) = told["calls"]
    assert (call["call"]["key"], call["call"]["caller"]) == ("callr:1", CALLER)
    assert CALLER in call["turns"][0]["raw"]
    assert (told["starts"], told["mentions"]) == ([], [])


def test_of_a_number_that_never_called_nothing_is_exported(phoned: CommandLine) -> None:
    told = json.loads(phoned("people", "export", "+33611111111").stdout)
    assert told == {"number": "+33611111111", "calls": [], "starts": [], "mentions": []}


def test_a_number_is_forgotten_once_somebody_said_yes(phoned: CommandLine) -> None:
    declined = phoned("people", "forget", AT_HOME, answer=False)
    assert declined.exit_code == Exit.DECLINED
    assert callers(phoned) == [CALLER, "+33698765432"]
    ran = phoned("people", "forget", AT_HOME, answer=True)
    assert ran.exit_code == Exit.OK, ran.output
    assert ran.stderr.splitlines() == [f"{MASKED}: 1 call.", "Forgotten."]
    assert phoned.asked == ["Forget it for good?"] * 2
    assert callers(phoned) == ["", "+33698765432"]
    again = phoned("people", "forget", AT_HOME, "--yes")
    assert (again.exit_code, again.stderr) == (
        Exit.OK,
        f"The journal has nothing of {MASKED}.\n",
    )


def test_what_is_left_of_a_forgotten_call_can_be_listed_and_shown(phoned: CommandLine) -> None:
    phoned("people", "forget", AT_HOME, "--yes")
    listed = json.loads(phoned("calls", "list", "--json").stdout)
    (left,) = [one for one in listed if one["key"].startswith("forgotten:")]
    assert (left["flow"], left["outcome"]) == ("reception", "hung_up")
    assert phoned("calls", "list").exit_code == Exit.OK
    shown = phoned("calls", "show", left["key"])
    assert shown.exit_code == Exit.OK, shown.output


def test_nobody_to_ask_means_that_nothing_is_forgotten(phoned: CommandLine) -> None:
    ran = phoned("people", "forget", AT_HOME)
    assert ran.exit_code == Exit.DECLINED
    assert "--yes" in ran.stderr
    assert callers(phoned) == [CALLER, "+33698765432"]


def test_what_is_no_number_is_refused(phoned: CommandLine) -> None:
    for what in ("forget", "export"):
        assert phoned("people", what, "reception").exit_code == Exit.USAGE


def test_before_the_first_call_there_is_nothing_of_anybody(tmp_path: Path) -> None:
    run = CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"})
    assert run("people", "forget", CALLER, "--yes").stderr == (
        f"The journal has nothing of {MASKED}.\n"
    )
    assert json.loads(run("people", "export", CALLER).stdout)["calls"] == []


def test_a_forgotten_persons_message_is_deleted_at_callr(tmp_path: Path) -> None:
    with clinic_line(tmp_path) as line:
        call = line.leave_message()
        row = line.recording(call, "kept")
        run = CommandLine(line.environ)
        exported = json.loads(run("people", "export", CALLER).stdout)
        assert exported["calls"][0]["recordings"][0]["media_id"] == row.media_id
        ran = run("people", "forget", CALLER, "--yes")
        assert ran.exit_code == Exit.OK, ran.output
        first, second, last = ran.stderr.splitlines()
        assert first == f"{MASKED}: 1 call, 1 recording."
        assert second.startswith("CALLR: simulator")
        assert last == "Forgotten."
        assert line.simulator.platform.store.media(int(row.media_id)) is None
        assert line.recordings.get(row.id).status == "deleted"


def test_what_cannot_be_deleted_at_callr_now_is_told_and_deleted_by_the_server(
    tmp_path: Path,
) -> None:
    with clinic_line(tmp_path, FAST) as line:
        row = line.recording(line.leave_message(), "kept")
        wrong = CommandLine({**line.environ, "CALLR_PASSWORD": "not the password"})
        ran = wrong("people", "forget", CALLER, "--yes")
        assert ran.exit_code == Exit.INCOMPLETE, ran.output
        assert f"Recording {row.id} (callr {row.media_id}) is not deleted" in ran.stderr
        assert "authentication failed" in ran.stderr
        history = History(line.server.database_url)
        assert [one.row.caller for one in history.calls()] == [""]
        gone = line.recording_that_is(row.id, "deleted")
        assert gone.call_key.startswith("forgotten:")
        assert line.simulator.platform.store.media(int(row.media_id)) is None


def test_a_call_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    with line(tmp_path) as (posted, url):
        posted.post("reception", json.dumps({**FIRST_REPORT, "callid": 1}).encode())
        run = CommandLine({"DATABASE_URL": url})
        ran = run("people", "forget", CALLER, "--yes")
        assert ran.exit_code == Exit.INCOMPLETE
        assert "Not over yet, and left as it is: callr:1. Repeat this when it is." in ran.stderr
        assert callers(run) == [CALLER]
