"""``offhook calls hangup``: a real server, and a simulated platform with a call in progress."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from answering_server import AnsweringServer, error, result
from command_line import CommandLine
from journalled import line
from serving import LOGIN, PASSWORD, serving

from app.cli.exits import Exit
from app.simulator import Account, Event, RunningCall, Script, Scripted, Simulator
from app.simulator.transcript import Started

ACCOUNT = "a-password-of-callr"
PARIS = "+33199001020"
SUNDAY = datetime(2026, 1, 11, 12, 0, tzinfo=UTC)
PATIENCE_S = 30.0


def command_line(api_url: str, **more: str) -> CommandLine:
    account = {"CALLR_API_URL": api_url, "CALLR_LOGIN": "acme", "CALLR_PASSWORD": ACCOUNT}
    return CommandLine({**account, **more})


@pytest.fixture
def calling(tmp_path: Path) -> Iterator[tuple[CommandLine, RunningCall]]:
    """A caller who leaves a long message, and the command line of whoever runs the server."""
    with serving(tmp_path) as server, Simulator(Account(login="acme", password=ACCOUNT)) as there:
        run = command_line(
            there.api_url,
            CALLR_WEBHOOK_LOGIN=LOGIN,
            CALLR_WEBHOOK_PASSWORD=PASSWORD,
            PUBLIC_URL=server.url,
            DATABASE_URL=server.database_url,
        )
        assert run("numbers", "point", PARIS, "reception", "--yes").exit_code == Exit.OK
        started = threading.Event()

        def tell(event: Event) -> None:
            if isinstance(event, Started):
                started.set()

        person = Scripted(Script(speaks_s=100))
        call = there.platform.ring(PARIS, person=person, at=SUNDAY, listeners=(tell,))
        assert started.wait(PATIENCE_S)
        yield run, call


@pytest.mark.parametrize("named", ["last", "callid", "key"])
def test_a_call_in_progress_is_ended(calling: tuple[CommandLine, RunningCall], named: str) -> None:
    run, call = calling
    ids = {"last": "last", "callid": str(call.callid), "key": f"callr:{call.callid}"}
    done = run("calls", "hangup", ids[named])
    assert done.exit_code == Exit.OK, done.output
    assert done.stderr.endswith(f"Call {call.callid} is hung up.\n")
    assert call.wait(PATIENCE_S) is not None
    again = run("calls", "hangup", ids[named])
    assert again.exit_code == Exit.NOT_FOUND
    assert f"Call callr:{call.callid} is over since 20" in again.stderr


def test_the_beginning_of_an_id_hangs_up_nobody(tmp_path: Path) -> None:
    with line(tmp_path) as (phone, url), AnsweringServer(result(value=False)) as platform:
        phone.call("age_gate", callid=1234567)
        run = command_line(platform.url, DATABASE_URL=url)
        told = run("calls", "hangup", "123456")
    assert told.exit_code == Exit.REFUSED
    assert [seen.json["params"] for seen in platform.seen] == [[123456, {}]]


def test_an_id_that_the_journal_does_not_have_is_taken_as_it_stands(tmp_path: Path) -> None:
    with AnsweringServer(result(value=True)) as platform:
        run = command_line(platform.url, DATABASE_URL=f"sqlite:///{tmp_path / 'none.sqlite3'}")
        assert run("calls", "hangup", "callr:242359184129").exit_code == Exit.OK
    (seen,) = platform.seen
    assert (seen.json["method"], seen.json["params"]) == ("calls.hangup", [242359184129, {}])


def test_a_call_that_the_platform_does_not_know_is_told(tmp_path: Path) -> None:
    with AnsweringServer(result(value=False)) as platform:
        run = command_line(platform.url, DATABASE_URL=f"sqlite:///{tmp_path / 'none.sqlite3'}")
        told = run("calls", "hangup", "77")
    assert told.exit_code == Exit.REFUSED
    assert "CALLR did not hang up call 77" in told.stderr


def test_a_refusal_of_the_platform_is_told(tmp_path: Path) -> None:
    with AnsweringServer(error(100, "FORBIDDEN")) as platform:
        run = command_line(platform.url, DATABASE_URL=f"sqlite:///{tmp_path / 'none.sqlite3'}")
        assert run("calls", "hangup", "77").exit_code == Exit.REFUSED


@pytest.mark.parametrize("named", ["last", "nonsense", "stringee:1", "²"])
def test_what_is_no_call_is_told(tmp_path: Path, named: str) -> None:
    run = command_line("http://127.0.0.1:1/", DATABASE_URL=f"sqlite:///{tmp_path / 'none.sqlite3'}")
    told = run("calls", "hangup", named)
    assert told.exit_code == Exit.NOT_FOUND
    assert "offhook calls list" in told.stderr


def test_a_journal_that_does_not_answer_does_not_keep_a_call_going(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("Dear journal, this is no database. " * 100)
    with AnsweringServer(result(value=True)) as platform:
        run = command_line(platform.url, DATABASE_URL=f"sqlite:///{broken}")
        done = run("calls", "hangup", "77")
    assert done.exit_code == Exit.OK
    assert "The id is taken as it stands." in done.stderr


@pytest.mark.parametrize("answer", [None, False])
def test_nobody_is_cut_off_at_callr_itself_without_a_yes(
    tmp_path: Path, *, answer: bool | None
) -> None:
    run = command_line(
        "https://callr.example/", DATABASE_URL=f"sqlite:///{tmp_path / 'none.sqlite3'}"
    )
    declined = run("calls", "hangup", "77", answer=answer)
    assert declined.exit_code == Exit.DECLINED
    assert run.asked == ["Hang up call 77?"]
