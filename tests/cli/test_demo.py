"""``offhook demo``: as a real process, and the parts of it that time decides."""

from __future__ import annotations

import os
import re
import shlex
import signal
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from offhook_process import Terminal, offhook, terminal

from app.cli.exits import Exit
from app.cli.phoning.staging import opening_hour

HOSTILE = {
    "CALLR_API_URL": "http://api.callr.com/",
    "CALLR_API_KEY": "a-key-of-the-user",
    "CALLR_LOGIN": "acme",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "DYNO": "web.1",
    "GUNICORN_CMD_ARGS": "--workers nonsense",
    "PORT": "nonsense",
    "SECRET_KEY": "short",
}


def left_over(folder: Path) -> list[str]:
    """The processes that still work in a folder's demo, and what it left there."""
    running = []
    for process in psutil.process_iter():
        try:
            if str(folder) in process.cwd():
                running.append(" ".join(process.cmdline()))
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return running + [path.name for path in folder.iterdir()]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the demo makes its temporary folders."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def test_without_a_terminal_it_tells_the_calls_and_ends(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={text}\n" for name, text in HOSTILE.items()))
    told = offhook("demo", cwd=tmp_path, env={**HOSTILE, "TMPDIR": str(scratch)})
    assert told.returncode == Exit.OK, told.stderr
    inbound, rest = told.stdout.split("outbound, flow reminder")
    outbound, at_stringee = rest.split("stringee:call-vn-1-", maxsplit=1)
    assert "inbound, flow reception" in inbound
    assert 'say "Thanks for calling Acme."' in inbound
    assert '"call_status": "INCOMING_CALL"' in inbound
    assert '"command": "dialout"' in inbound
    assert "disposition: message" in inbound
    assert "Ada, your appointment is tomorrow at ten." in outbound
    assert '"request_hash": "' in outbound
    assert "disposition: confirmed" in outbound
    assert "inbound, flow reception" in at_stringee
    assert '"action": "talk"' in at_stringee
    assert '"call_status": "ended"' in at_stringee
    for part in (inbound, outbound):
        assert part.count("REPLY in") == part.count("  POST ")
    assert "Created voice apps by JSON-RPC" in told.stderr
    assert "Pointed +842400000001 at it by Stringee's REST API" in told.stderr
    assert "In another terminal" not in told.stdout
    assert left_over(scratch) == []


def test_a_server_that_does_not_start_is_told_with_its_log(tmp_path: Path, scratch: Path) -> None:
    package = tmp_path / "broken" / "gunicorn"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("raise SystemExit('gunicorn is broken today')\n")
    path = os.pathsep.join([str(package.parent), str(Path(__file__).parents[2])])
    told = offhook("demo", cwd=tmp_path, env={"PYTHONPATH": path, "TMPDIR": str(scratch)})
    assert told.returncode == Exit.FAILED
    assert told.stdout == ""
    assert "The server's log:\n  gunicorn is broken today\n" in told.stderr
    assert "Error: The server ended at its start, with exit code 1." in told.stderr
    assert left_over(scratch) == []


def exported(person: Terminal) -> dict[str, str]:
    words = shlex.split(" ".join(re.findall(r"^ +export (.*)$", person.text, re.MULTILINE)))
    return dict(word.split("=", maxsplit=1) for word in words)


def test_at_a_terminal_it_stays_up_to_be_phoned_until_ctrl_c(tmp_path: Path, scratch: Path) -> None:
    with terminal("demo", cwd=tmp_path, env={"TMPDIR": str(scratch)}) as person:
        person.wait_for("stay up until Ctrl-C")
        person.wait_for("call +33612345678 --flow reminder")
        person.wait_for("\n")
        env = exported(person)
        rung = offhook("phone", "+33199001020", "--hangup-at", "1", cwd=tmp_path, env=env)
        assert rung.returncode == Exit.OK, rung.stderr
        shown = offhook("calls", "show", "last", cwd=tmp_path, env=env)
        assert "flow reception" in shown.stdout
        also = ("+842400000001", "--platform", "stringee", "--hangup-at", "1")
        rung = offhook("phone", *also, cwd=tmp_path, env=env)
        assert rung.returncode == Exit.OK, rung.stderr
        assert "call     +84900000001 calls +842400000001" in rung.stdout
        assert left_over(scratch) != []
        person.interrupt()
        assert person.wait() == Exit.OK
    assert left_over(scratch) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_everything_ends_with_it_at_whatever_moment(
    tmp_path: Path, scratch: Path, number: int
) -> None:
    with terminal("demo", cwd=tmp_path, env={"TMPDIR": str(scratch)}) as person:
        person.wait_for("Starting ")
        person.process.send_signal(number)
        assert person.wait() == Exit.INTERRUPTED
    assert left_over(scratch) == []


def test_a_server_that_dies_ends_it(tmp_path: Path, scratch: Path) -> None:
    with terminal("demo", cwd=tmp_path, env={"TMPDIR": str(scratch)}) as person:
        person.wait_for("stay up until Ctrl-C")
        [arbiter] = psutil.Process(person.process.pid).children()
        arbiter.kill()
        assert person.wait() == Exit.FAILED
    assert "Error: The server ended, with exit code -9." in person.text
    assert left_over(scratch) == []


@pytest.mark.parametrize(
    ("today", "opened"),
    [
        ("2026-07-15T12:00", "2026-07-14T10:00+01:00"),
        ("2026-07-13T12:00", "2026-07-10T10:00+01:00"),
        ("2026-12-28T12:00", "2026-12-24T10:00+00:00"),
        ("2027-01-02T12:00", "2026-12-31T10:00+00:00"),
    ],
)
def test_reception_is_called_on_the_last_day_it_was_open(today: str, opened: str) -> None:
    now = datetime.fromisoformat(today).replace(tzinfo=UTC)
    assert opening_hour(now).isoformat(timespec="minutes") == opened
