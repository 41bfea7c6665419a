"""The command line on the simulated Stringee, over HTTP, with a server as deployed between."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command_line import CommandLine
from serving import SECRET_KEY, Server, serving

from app.cli.exits import Exit
from app.simulator import Script, Scripted, Simulator
from app.simulator.stringee.account import StringeeAccount
from app.simulator.stringee.conditions import StringeeConditions

ACCOUNT = StringeeAccount.made_of("tests")
NUMBER, OTHER, MOBILE = "+842400000001", "+842400000002", "+84900000001"
PATIENCE_S = 30.0
FLOWS = """\
from app.callflow import Flow, hang_up, record, say

message = Flow(
    "message",
    start="leave",
    on=("stringee",),
    language="vi-VN",
    steps={
        "leave": record("Xin để lại lời nhắn.", into="message", max_s=10, then="bye"),
        "bye": hang_up("Xin cảm ơn.", disposition="message"),
    },
)
endless = Flow(
    "endless",
    start="one",
    on=("stringee",),
    language="vi-VN",
    steps={
        "one": say("Một. " * 200, then="two"),
        "two": say("Hai. " * 200, then="bye"),
        "bye": hang_up("Ba. " * 200),
    },
)
"""


@dataclass
class Line:
    """A server, a Stringee, and the command line of whoever runs both."""

    server: Server
    simulator: Simulator
    folder: Path

    def __call__(self, *args: str, **environ: Any) -> Result:
        return CommandLine(self.environ)(*args, **environ)

    @property
    def environ(self) -> dict[str, str]:
        return {
            **settings(self.simulator),
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": self.server.url,
            "DATABASE_URL": self.server.database_url,
            "OFFHOOK_FLOWS": str(self.folder / "flows"),
        }

    def until(self, what: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not what():
            assert time.monotonic() < deadline, self.server.log()
            time.sleep(0.1)


def settings(simulator: Simulator) -> dict[str, str]:
    return {
        "STRINGEE_API_URL": simulator.url,
        "STRINGEE_API_KEY_SID": ACCOUNT.key_sid,
        "STRINGEE_API_KEY_SECRET": ACCOUNT.key_secret,
        "STRINGEE_ACCOUNT_SID": ACCOUNT.account_sid,
        "STRINGEE_ACCOUNT_KEY": ACCOUNT.account_key,
        "STRINGEE_SIGNING_KEY": ACCOUNT.signing_key,
        "CALLER_ID": NUMBER,
        "OFFHOOK_ENV": "development",
    }


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("account")
    (folder / "flows").mkdir()
    (folder / "flows" / "of_tests.py").write_text(FLOWS)
    conditions = StringeeConditions(speed=50)
    with Simulator(stringee_account=ACCOUNT, stringee_conditions=conditions) as simulator:
        environ = on_free_port(settings(simulator))
        with serving(folder, flows=folder / "flows", **environ) as server:
            yield Line(server, simulator, folder)
            assert "Traceback" not in server.log()


def on_free_port(environ: dict[str, str]) -> dict[str, Any]:
    """The settings of a server on a port that is free now: its address goes to Stringee."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    return {**environ, "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}


def test_a_number_is_pointed_answered_compared_and_put_back(line: Line) -> None:
    assert OTHER in line("numbers", "list").stdout
    pointed = line("numbers", "point", NUMBER, "reminder", "--yes")
    assert pointed.exit_code == Exit.OK, pointed.output
    doctor = line("doctor")
    assert doctor.exit_code == Exit.OK, doctor.output
    assert f"{NUMBER} is answered by flow 'reminder'" in doctor.stdout
    line.simulator.stringee.ring(NUMBER, person=Scripted(Script(keys=("1", "1")))).wait(PATIENCE_S)
    line.until(lambda: "confirmed" in line("calls", "list").stdout)
    compared = line("calls", "reconcile", "--tolerance", "60")
    assert compared.exit_code == Exit.OK, compared.output
    assert "none of them differ" in compared.stderr
    undone = line("numbers", "undo", NUMBER, "--yes")
    assert undone.exit_code == Exit.OK, undone.output
    assert "no address, as before" in undone.stderr


def test_pointing_at_a_flow_that_the_server_has_not_read_is_warned_of(line: Line) -> None:
    late = line.folder / "flows" / "late.py"
    late.write_text(
        "from app.callflow import Flow, hang_up\n"
        'LATE = Flow("late", start="end", steps={"end": hang_up("Goodbye.")})\n'
    )
    pointed = line("numbers", "point", NUMBER, "late", "--yes")
    assert line("numbers", "undo", NUMBER, "--yes").exit_code == Exit.OK
    late.unlink()
    assert pointed.exit_code == Exit.OK, pointed.output
    assert "has not read: late. Deploy, or start it anew" in pointed.stderr
    pointed = line("numbers", "point", NUMBER, "reminder", "--yes", PUBLIC_URL="http://127.0.0.1:1")
    assert line("numbers", "undo", NUMBER, "--yes").exit_code == Exit.OK
    assert "has flow 'reminder' is not known; `offhook doctor` says" in pointed.stderr
    pointed = line("numbers", "point", NUMBER, "reminder", "--yes")
    assert line("numbers", "undo", NUMBER, "--yes").exit_code == Exit.OK
    assert "Warning" not in pointed.stderr


def test_a_project_is_pointed_and_its_clients_answered(line: Line) -> None:
    project = str(ACCOUNT.project_id)
    pointed = line("stringee", "projects", "point", project, "reminder", "--yes")
    assert pointed.exit_code == Exit.OK, pointed.output
    person = Scripted(Script(keys=("1", "2")))
    line.simulator.stringee.call_from_app(
        "user_2", person=person, user="user_1", kind="app-to-app"
    ).wait(PATIENCE_S)
    line.until(lambda: "call_back" in line("calls", "list").stdout)
    assert line("stringee", "projects", "undo", project, "--yes").exit_code == Exit.OK


def test_a_call_is_placed_and_told(line: Line) -> None:
    line.simulator.stringee.people.put(MOBILE, lambda: Scripted(Script(keys=("1", "1"))))
    placed = line("call", MOBILE, "--flow", "reminder", "--var", "name=Lan", "--yes", "--json")
    assert placed.exit_code == Exit.OK, placed.output
    start = json.loads(placed.stdout)
    assert start["platform_id"].startswith("call-")
    line.until(lambda: "confirmed" in line("calls", "show", start["platform_id"]).stdout)
    shown = line("calls", "show", start["platform_id"]).stdout
    assert "Lan, your appointment is" in shown


def test_a_call_in_progress_is_hung_up(line: Line) -> None:
    assert line("numbers", "point", NUMBER, "endless", "--yes").exit_code == Exit.OK
    person = Scripted(Script(hangup_after=10_000))
    call = line.simulator.stringee.ring(NUMBER, person=person)
    line.until(lambda: "endless" in line("calls", "list").stdout)
    done = line("calls", "hangup", "last")
    assert done.exit_code == Exit.OK, done.output
    assert call.wait(PATIENCE_S) is not None
    line.until(lambda: line("calls", "hangup", "last").exit_code == Exit.NOT_FOUND)


def test_what_a_caller_said_is_fetched_and_given_back(line: Line) -> None:
    assert line("numbers", "point", OTHER, "message", "--yes").exit_code == Exit.OK
    line.simulator.stringee.ring(OTHER, person=Scripted(Script(speaks_s=3))).wait(PATIENCE_S)
    line.until(lambda: " kept " in line("recordings", "list").stdout)
    rows = json.loads(line("recordings", "list", "--json").stdout)
    file = line.folder / "message.wav"
    got = line("recordings", "get", str(rows[0]["id"]), "-o", str(file))
    assert got.exit_code == Exit.OK, got.output
    assert file.stat().st_size > 500
    assert line("recordings", "delete", str(rows[0]["id"]), "--yes").exit_code == Exit.OK


def test_a_key_of_another_region_is_told_with_its_mend(line: Line) -> None:
    refused = line("numbers", "list", STRINGEE_ACCOUNT_KEY="another-key-that-is-long-enough-for-it")
    assert refused.exit_code == Exit.REFUSED
    assert "region" in refused.stderr
