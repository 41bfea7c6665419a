"""The server as it runs: its start, its stop, and what neither may lose."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from serving import (
    FIRST_REPORT,
    Server,
    environment,
    gunicorn,
    run,
    running,
    serving,
    starting_in_vain,
    wait_until,
)

from app.cli.exits import Exit
from app.journal import History

WAITS = """
import sys
from app.callflow import Flow, branch, hang_up

def hear_from_the_test(call):
    print("the turn is in hand", file=sys.stderr, flush=True)
    with open({gate!r}) as gate:
        return gate.read()

waits = Flow("waits", start="hear", steps={{
    "hear": branch(hear_from_the_test, {{"go on": "goodbye"}}, otherwise="goodbye"),
    "goodbye": hang_up("Goodbye."),
}})
"""

BROKEN = {
    "exits.py": """
from app.callflow import Flow, say
exits = Flow("exits", start="welcome", steps={
    "welcome": say("Hello.", then="nowhere"),
})
""",
    "reach.py": """
from app.callflow import Flow, hang_up
reach = Flow("reach", start="bye", steps={"bye": hang_up(), "never": hang_up()})
""",
    "ranges.py": """
from app.callflow import Flow, collect, hang_up
ranges = Flow("ranges", start="ask", steps={
    "ask": collect("How many?", into="many", max_digits=99, then="bye", failure="bye"),
    "bye": hang_up(),
})
""",
    "syntax.py": "flow = Flow(",
    "again.py": """
from app.callflow import Flow, hang_up
again = Flow("reception", start="bye", steps={"bye": hang_up()})
""",
}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    folder.mkdir()
    for name, source in BROKEN.items():
        (folder / name).write_text(source)
    return folder


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """The journal's database, kept by somebody else."""
    file = server.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def journalled(server: Server) -> list[str]:
    history = History(server.database_url)
    return [turn.report_key for call in history.calls() for turn in history.turns(call.row.key)]


def test_a_start_names_every_setting_that_is_missing_once_and_without_a_traceback(
    tmp_path: Path,
) -> None:
    ended = starting_in_vain(
        tmp_path, OFFHOOK_ENV="", SECRET_KEY="", CALLR_WEBHOOK_LOGIN="", CALLR_WEBHOOK_PASSWORD=""
    )
    assert ended.code == 1
    for name in (
        "SECRET_KEY",
        "CALLR_WEBHOOK_LOGIN",
        "CALLR_WEBHOOK_PASSWORD",
        "PUBLIC_URL",
        "API_TOKEN",
    ):
        assert ended.said.count(f"{name}=...") == 1, name
    assert "Add these lines" in ended.said
    assert "Traceback" not in ended.said


def test_a_start_names_every_setting_that_cannot_be_read(tmp_path: Path) -> None:
    ended = starting_in_vain(tmp_path, PORT="eighty", SECRET_KEY="short", COUNTRY="France")
    assert ended.code == 1
    for name in ("PORT", "SECRET_KEY", "COUNTRY"):
        assert ended.said.count(f"{name}: ") == 1, name
    assert "Traceback" not in ended.said


def test_a_start_tells_every_finding_of_every_flow_with_what_to_write_instead(
    tmp_path: Path, broken: Path
) -> None:
    ended = starting_in_vain(tmp_path, flows=broken)
    assert ended.code == 1
    for finding in (
        "step 'welcome' in flow 'exits'",
        "'nowhere'",
        "step 'never' in flow 'reach'",
        "step 'ask' in flow 'ranges': max_digits",
        "syntax.py cannot be imported: line 1: SyntaxError",
        "flow 'reception': name: ",
    ):
        assert finding in ended.said, finding
    assert ended.said.count("flows cannot be used") == 1
    assert "Traceback" not in ended.said


def test_gunicorn_runs_as_the_settings_say(tmp_path: Path) -> None:
    environ = environment(tmp_path, PORT="8123", WEB_CONCURRENCY="3", OFFHOOK_THREADS="5")
    told = run([*gunicorn(), "--print-config"], tmp_path, environ)
    settings = dict(line.split("=", 1) for line in told.said.splitlines() if " = " in line)
    settings = {name.strip(): value.strip() for name, value in settings.items()}
    assert settings["bind"] == "['127.0.0.1:8123']"
    assert settings["worker_class"] == "gthread"
    assert settings["workers"] == "3"
    assert settings["threads"] == "5"
    assert settings["limit_request_line"] == "8190"
    assert settings["accesslog"] == "None"


def test_a_deployed_server_listens_to_the_network(tmp_path: Path) -> None:
    environ = environment(
        tmp_path, OFFHOOK_ENV="", PUBLIC_URL="https://line.example.com", API_TOKEN="a-token"
    )
    told = run([*gunicorn(), "--print-config"], tmp_path, environ)
    assert "['0.0.0.0:0']" in told.said


def test_sigterm_lets_the_turn_in_hand_be_answered_and_journalled(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "waits.py").write_text(WAITS.format(gate=str(gate)))
    with serving(tmp_path, flows=flows) as server, ThreadPoolExecutor() as platform:
        reply = platform.submit(server.report, "waits")
        server.wait_for_log("the turn is in hand")
        server.terminate()
        server.wait_for_log("Handling signal: term")
        gate.write_text("go on")
        assert reply.result().status == 200
        assert reply.result().json["command"] == "play"
        assert server.stop() == 0
        assert journalled(server) == ["0:INCOMING_CALL"]


def test_sigterm_writes_what_the_journal_has_in_hand(tmp_path: Path) -> None:
    with serving(tmp_path, WEB_CONCURRENCY="1") as server:
        with locked(server):
            assert server.report("reception").status == 200
            assert "journal is stuck" in server.log()
            assert "Run `offhook doctor`" in server.log()
        assert server.stop() == 0
        assert journalled(server) == ["0:INCOMING_CALL"]


def test_a_worker_that_dies_is_replaced_by_one_that_keeps_the_journal(tmp_path: Path) -> None:
    with serving(tmp_path, WEB_CONCURRENCY="1") as server:
        server.report("reception", callid=1)
        (worker,) = psutil.Process(server.pid).children()
        os.kill(worker.pid, signal.SIGKILL)
        assert server.report("reception", callid=2).status == 200
        assert server.stop() == 0
        assert len(journalled(server)) == 2


def test_the_threads_of_a_worker_share_a_processor_that_no_other_worker_has(
    tmp_path: Path,
) -> None:
    count = min(2, len(os.sched_getaffinity(0)))

    def each_has_its_own() -> bool:
        try:
            workers = psutil.Process(server.pid).children()
            used = [{*os.sched_getaffinity(it.id)} for one in workers for it in one.threads()]
            own = [processor for one in workers for processor in os.sched_getaffinity(one.pid)]
        except (psutil.NoSuchProcess, ProcessLookupError):  # one ended meanwhile
            return False
        return len(own) == len({*own}) == count and all(len(one) == 1 for one in used)

    with serving(tmp_path, WEB_CONCURRENCY=str(count)) as server:
        server.report("reception", callid=1)
        wait_until(each_has_its_own, lambda: "workers on their own processors")
        os.kill(psutil.Process(server.pid).children()[0].pid, signal.SIGKILL)
        server.wait_for_log("SIGKILL")
        wait_until(each_has_its_own, lambda: "the new worker on a processor of its own")


def test_no_request_is_logged_with_its_query(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.report("reception?given=hush").status == 200
        assert server.request("GET", "/nowhere?given=hush").status == 404
        assert server.stop() == 0
        assert "hush" not in server.log()


def test_offhook_serve_is_the_same_server_and_reads_the_env_file_of_its_folder(
    tmp_path: Path,
) -> None:
    environ = environment(tmp_path)
    (tmp_path / ".env").write_text(f"SECRET_KEY={environ.pop('SECRET_KEY')}\n")
    with running([sys.executable, "-m", "app", "serve"], tmp_path, environ) as server:
        assert server.report("reception").status == 200
        assert server.request("GET", "/readyz").status == 200
        assert server.stop() == 0
        assert journalled(server) == ["0:INCOMING_CALL"]


def test_offhook_serve_ends_with_the_exit_code_of_what_is_wrong(
    tmp_path: Path, broken: Path
) -> None:
    serve = [sys.executable, "-m", "app", "serve"]
    missing = run(serve, tmp_path, environment(tmp_path, SECRET_KEY=""))
    assert missing.code == Exit.SETTINGS
    assert "SECRET_KEY=..." in missing.said
    wrong = run(serve, tmp_path, environment(tmp_path, OFFHOOK_FLOWS=str(broken)))
    assert wrong.code == 4
    assert "step 'ask' in flow 'ranges'" in wrong.said
    right = run([*serve, "--check"], tmp_path, environment(tmp_path))
    assert right.code == 0
    assert "reception" in right.said
    assert "Not served here" not in right.said
    on_stringee = environment(
        tmp_path, STRINGEE_SIGNING_KEY="key", CALLR_WEBHOOK_LOGIN="", CALLR_WEBHOOK_PASSWORD=""
    )
    alone = run([*serve, "--check"], tmp_path, on_stringee)
    assert alone.code == 0
    assert "Not served here, as they are for others: age_gate, clinic." in alone.said


def test_offhook_serve_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serve = [sys.executable, "-m", "app", "serve"]
        refused = run(serve, tmp_path, environment(tmp_path, PORT=str(port)))
    assert refused.code == Exit.SETTINGS
    told = f"Nothing can listen on port {port}: Address already in use. Set another PORT"
    assert told in " ".join(refused.said.split())


def test_a_path_of_the_public_url_may_be_taken_away_by_a_proxy_or_not(tmp_path: Path) -> None:
    with serving(tmp_path, PUBLIC_URL="https://example.com/line") as server:
        about = {"Content-Type": "application/json", "Authorization": server.basic}
        body = json.dumps(FIRST_REPORT).encode()
        for path in ("/callr/reception", "/line/callr/reception"):
            reply = server.request("POST", path, body, about)
            assert (reply.status, reply.json["command"]) == (200, "play")
        assert server.request("POST", "/lines/callr/reception", body, about).status == 404
