"""Databases that are locked, full, gone or frozen: callers hear what they always hear, in time."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from freezing_proxy import FreezingProxy
from journal_of import new_callid, turns_of
from serving import FIRST_REPORT, ROOT, Server, serving

from app.journal import upgrade
from app.simulator import Conditions, Script, Scripted, ring

pytest_plugins = "bad_input_server"

SECRET = "40718298"
NUMBERS = ("33612345678", "33199001020", "33123456789", "33123456781", SECRET)
MORNING = "2026-01-09 09:30:00"
RECEPTION = ("reception", ("0", "9", "2", "123456"))
CLINIC = ("clinic", ("0", "1", "2", SECRET, "0"))

TURNS_OF_RECEPTION = [
    "turn 1 step welcome trail open_now:open commands Say",
    "turn 2 step choose trail welcome:then commands Collect",
    "turn 3 step choose trail choose:invalid commands Collect",
    "turn 4 step order trail choose:2 commands Collect",
    "turn 5 step team trail order:then commands Dial",
    "turn None step team trail - commands -",
]


def play(server: Server, callid: int, call: tuple[str, tuple[str, ...]]) -> list[bytes]:
    """Play a whole call, to a dial that is answered; gives every reply."""
    flow, results = call
    about = {"callid": callid, "date_started": MORNING}
    replies = [server.report(flow, **about)]
    for result in results:
        replies.append(server.answer(flow, replies[-1], result, **about))
    assert replies[-1].json["command"] == "dialout"
    replies.append(server.answer(flow, replies[-1], "ANSWER", **about, call_status="HANGUP"))
    assert {reply.status for reply in replies} == {200}
    return [reply.body for reply in replies]


def check_calls(healthy: Server, ailing: Server) -> list[int]:
    """Check that callers hear the same of both servers, and that the log carries every turn."""
    callids = [new_callid(), new_callid()]
    before = len(ailing.log())
    for callid, call in zip(callids, (RECEPTION, CLINIC), strict=True):
        replies = play(ailing, callid, call)
        assert replies == play(healthy, callid, call)
        log = ailing.log()[before:]
        for state in (json.loads(reply)["variables"]["offhook"] for reply in replies[:-1]):
            assert state[8:40] not in log
    lost = re.findall(rf"did not take a turn \(.+\): call callr:{callids[0]} (.+)", log)
    assert lost == TURNS_OF_RECEPTION
    assert len(re.findall(rf"did not take a turn .+ call callr:{callids[1]} ", log)) == 7
    for number in NUMBERS:
        assert number not in log
    assert "Traceback" not in log
    check_in_time(ailing)
    return callids


def check_in_time(server: Server) -> None:
    """Check that no reply is late for the platform, which waits 5 s."""
    record = ring(
        f"{server.url}/callr/reception",
        person=Scripted(Script(keys=("1",))),
        login=server.login,
        password=server.password,
        at=datetime(2026, 1, 9, 12, tzinfo=UTC),
        conditions=Conditions(speed=5000),
    )
    assert not record.faults


def check_written(server: Server, callids: list[int]) -> None:
    """Check that what could not be written in time is written later, once and in order."""
    for callid, number in zip(callids, (6, 7), strict=True):
        rows = turns_of(server, callid, at_least=number)
        assert [row.turn for row in rows] == [*range(1, number), None]


# SQLite


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sqlite"), WEB_CONCURRENCY="1") as server:
        assert server.report("reception", callid=new_callid()).status == 200
        yield server


def file_of(server: Server) -> Path:
    return Path(server.database_url.removeprefix("sqlite:///"))


@contextmanager
def locked(server: Server) -> Iterator[None]:
    connection = sqlite3.connect(file_of(server), isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("COMMIT")
        connection.close()


@contextmanager
def gone(server: Server) -> Iterator[None]:
    file = file_of(server)
    away = file.rename(file.with_suffix(".away"))
    yield
    away.rename(file)


@contextmanager
def replaced(server: Server) -> Iterator[None]:
    file = file_of(server)
    with gone(server):
        file.write_bytes(b"This is no database. " * 100)
        yield
        file.unlink()


@pytest.mark.parametrize("fault", [locked, gone, replaced])
def test_a_file_that_cannot_be_written_costs_callers_nothing(
    server: Server, on_sqlite: Server, fault: object
) -> None:
    assert callable(fault)
    with fault(on_sqlite):
        callids = check_calls(server, on_sqlite)
    check_written(on_sqlite, callids)


def test_a_full_disk_costs_callers_nothing(server: Server, tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'offhook.sqlite3'}")
    path = f"{ROOT}:{Path(__file__).parent}"
    with serving(tmp_path, wsgi="full_disk:app", PYTHONPATH=path, WEB_CONCURRENCY="1") as full:
        check_calls(server, full)
        assert "database or disk is full" in full.log()


# PostgreSQL


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[FreezingProxy]:
    upgrade(postgres_url)
    proxy = FreezingProxy(postgres_url)
    yield proxy
    proxy.close()


@pytest.mark.postgres
def test_a_database_server_that_freezes_or_locks_or_cuts_costs_callers_nothing(
    server: Server, proxy: FreezingProxy, postgres_url: str, tmp_path: Path
) -> None:
    with (
        serving(tmp_path, DATABASE_URL=proxy.url, WEB_CONCURRENCY="1") as ailing,
        psycopg.connect(postgres_url, autocommit=True) as other,
    ):
        assert ailing.report("reception", callid=new_callid()).status == 200

        proxy.freeze()
        callids = check_calls(server, ailing)
        check_apology(ailing)
        proxy.thaw()
        check_written(ailing, callids)

        other.execute("BEGIN")
        other.execute("LOCK TABLE turns IN ACCESS EXCLUSIVE MODE")
        callids = check_calls(server, ailing)
        other.execute("COMMIT")
        check_written(ailing, callids)

        other.execute("ALTER TABLE turns RENAME TO away")
        callids = check_calls(server, ailing)
        other.execute("ALTER TABLE away RENAME TO turns")
        check_written(ailing, callids)

        other.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        callid = new_callid()
        assert play(ailing, callid, RECEPTION) == play(server, callid, RECEPTION)
        assert len(turns_of(ailing, callid, at_least=6)) == 6


def check_apology(ailing: Server) -> None:
    """Check that a state which does not come back is an apology, where nobody can be asked."""
    about = {"callid": new_callid(), "command": "read", "command_id": 3, "call_status": "UP"}
    reply = ailing.report("reception", **about)
    assert (reply.status, reply.json["command_id"]) == (200, "offhook-bye")


@pytest.mark.parametrize(
    "url",
    ["postgresql://postgres@127.0.0.1:1/none", "sqlite:////no/such/folder/offhook.sqlite3"],
    ids=["PostgreSQL", "SQLite"],
)
def test_a_server_answers_calls_without_any_database(
    server: Server, tmp_path: Path, url: str
) -> None:
    with serving(tmp_path, DATABASE_URL=url, WEB_CONCURRENCY="1") as ailing:
        check_calls(server, ailing)
        assert ailing.request("GET", "/readyz").status == 503
        assert ailing.request("GET", "/healthz").status == 200
        assert ailing.report("reception", **FIRST_REPORT).status == 200
