"""``offhook serve --dev``: flows that are saved, and what a deployed server does not have."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from serving import Reply, Server, environment, run, running

from app import create_app
from app.settings import Settings
from app.web.dev import ServedFlows, stamps_of, usable

SERVE = [sys.executable, "-m", "app", "serve", "--dev"]

GREET = """
from app.callflow import Flow, hang_up, say

{name} = Flow("{name}", start="hello", steps={{
    "hello": say("{hello}", then="goodbye"),
    "goodbye": hang_up("{goodbye}"),
}})
"""


def write(folder: Path, name: str, hello: str, goodbye: str = "Goodbye.") -> None:
    (folder / f"{name}.py").write_text(GREET.format(name=name, hello=hello, goodbye=goodbye))


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    write(folder, "greet", "Hello.")
    return folder


@contextmanager
def developing(folder: Path, flows: Path) -> Iterator[Server]:
    environ = environment(folder, OFFHOOK_ENV="", WEB_CONCURRENCY="4", OFFHOOK_FLOWS=str(flows))
    with running(SERVE, folder, environ) as server:
        yield server


def said(reply: Reply) -> str:
    assert reply.status == 200
    return str(reply.json["params"]["media_id"])


def read_anew(server: Server, files: str) -> None:
    server.wait_for_log(f"{files}: read anew")


def test_a_flow_that_is_saved_answers_the_next_call(tmp_path: Path, flows: Path) -> None:
    with developing(tmp_path, flows) as server:
        assert "Hello." in said(server.report("greet", callid=1))
        write(flows, "greet", "Howdy.")  # as long as before, and within the second
        read_anew(server, "greet.py")
        assert "Howdy." in said(server.report("greet", callid=2))
        assert server.stop() == 0
    with closing(sqlite3.connect(server.database_url.removeprefix("sqlite:///"))) as journal:
        kept = journal.execute("SELECT declared FROM versions WHERE flow = 'greet'").fetchall()
    assert ["Howdy." in declared for (declared,) in kept] == [False, True]


def test_a_call_in_progress_goes_on_with_the_new_version(tmp_path: Path, flows: Path) -> None:
    with developing(tmp_path, flows) as server:
        hello = server.report("greet")
        write(flows, "greet", "Hello.", goodbye="So long.")
        read_anew(server, "greet.py")
        assert "So long." in said(server.answer("greet", hello))


def test_a_broken_flow_tells_every_finding_and_the_last_good_one_stays(
    tmp_path: Path, flows: Path
) -> None:
    write(flows, "other", "Other.")
    with developing(tmp_path, flows) as server:
        (flows / "greet.py").write_text(
            GREET.format(name="greet", hello="Broken.", goodbye="")
            .replace('then="goodbye"', 'then="nowhere"')
            .replace('hang_up("")', 'say("Again.", then="nobody")')
        )
        server.wait_for_log("The last good ones stay.")
        for finding in ("'nowhere'", "'nobody'"):
            assert finding in server.log()
        assert "Hello." in said(server.report("greet", callid=1))
        write(flows, "other", "Changed.")
        server.wait_for_log("other.py: flows cannot be used")
        assert "Changed." in said(server.report("other", callid=2))
        write(flows, "greet", "Mended.")
        read_anew(server, "greet.py")
        assert "Mended." in said(server.report("greet", callid=3))


def test_a_file_that_cannot_be_read_leaves_its_flow_as_it_was(tmp_path: Path, flows: Path) -> None:
    with developing(tmp_path, flows) as server:
        (flows / "greet.py").write_text("greet = Flow(")
        server.wait_for_log("greet.py cannot be imported: line 1: SyntaxError")
        assert "Hello." in said(server.report("greet"))


def test_flows_come_and_go_with_their_files(tmp_path: Path, flows: Path) -> None:
    with developing(tmp_path, flows) as server:
        write(flows, "other", "Other.")
        read_anew(server, "other.py")
        assert "Other." in said(server.report("other", callid=1))
        (flows / "other.py").unlink()
        server.wait_for_log("other.py: read anew", times=2)
        server.report("other", callid=2)
        server.wait_for_log("there is no flow 'other'")


def test_a_start_with_a_broken_flow_stops_as_a_deployed_one_does(
    tmp_path: Path, flows: Path
) -> None:
    (flows / "greet.py").write_text("greet = Flow(")
    ended = run(SERVE, tmp_path, environment(tmp_path, OFFHOOK_FLOWS=str(flows)))
    assert ended.code == 4
    assert "greet.py cannot be imported" in ended.said


def test_a_deployed_server_watches_nothing(tmp_path: Path) -> None:
    about = environment(tmp_path, OFFHOOK_ENV="")
    about |= {"PUBLIC_URL": "https://line.example.com", "API_TOKEN": "a-token"}
    parts = create_app(Settings.load(about, None)).extensions["offhook"]
    before = set(threading.enumerate())
    parts.watch.start()
    assert set(threading.enumerate()) == before
    assert not isinstance(parts.flows, ServedFlows)
    parts.close()


def test_a_file_that_goes_away_while_it_is_looked_at_is_not_there(tmp_path: Path) -> None:
    assert stamps_of([tmp_path / "gone.py"]) == {}


def test_with_nothing_wrong_a_flow_that_is_gone_is_gone() -> None:
    before = ServedFlows({})
    assert usable({}, [], before) == {}
