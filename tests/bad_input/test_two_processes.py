"""The same report at the same instant on two servers with one journal."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from journal_of import new_callid, turns_of
from serving import FIRST_REPORT, Reply, Server, serving

from app.journal import upgrade

CALLS = 15


@pytest.fixture(scope="module")
def servers(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    upgrade(module_database_url)
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "two")]
    url = module_database_url
    with (
        serving(folders[0], DATABASE_URL=url, WEB_CONCURRENCY="1") as one,
        serving(folders[1], DATABASE_URL=url, WEB_CONCURRENCY="1") as two,
    ):
        yield one, two
        assert "Traceback" not in one.log() + two.log()


def at_once(servers: tuple[Server, Server], *bodies: bytes) -> list[Reply]:
    """Post to each server at the same instant: its own body, or all the same."""
    ready = threading.Barrier(2)

    def post(server: Server, body: bytes) -> Reply:
        ready.wait(30)
        return server.post("reception", body)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(post, servers, bodies * (2 // len(bodies))))


def answer(callid: int, reply: Reply, result: str, **changes: object) -> bytes:
    told = {name: reply.json[name] for name in ("command", "command_id", "variables")}
    report = {**FIRST_REPORT, "callid": callid, "call_status": "UP", "command_result": result}
    return json.dumps({**report, **told, **changes}).encode()


def test_both_get_the_same_bytes_and_the_journal_has_one_row(
    servers: tuple[Server, Server],
) -> None:
    for _ in range(CALLS):
        callid = new_callid()
        body = json.dumps({**FIRST_REPORT, "callid": callid}).encode()
        for result in ("0", "1", ""):
            one, two = at_once(servers, body)
            assert one.status == two.status == 200
            assert one.body == two.body
            body = answer(callid, one, result)
        rows = turns_of(servers[0], callid, at_least=3)
        assert [row.report_key for row in rows] == ["0:INCOMING_CALL", "1:UP", "2:UP"]
        assert [row.turn for row in rows] == [1, 2, 3]


def test_a_report_that_differs_from_its_first_coming_gets_the_first_reply_and_is_told_of(
    servers: tuple[Server, Server],
) -> None:
    for _ in range(CALLS):
        callid = new_callid()
        hello = servers[0].report("reception", callid=callid)
        menu = servers[1].answer("reception", hello, "0", callid=callid)
        one, two = at_once(servers, answer(callid, menu, "1"), answer(callid, menu, "2"))
        assert one.body == two.body
        first, conflict = turns_of(servers[0], callid, at_least=4)[2:]
        assert (first.kind, conflict.kind) == ("turn", "conflict")
        assert first.reply == conflict.reply == one.body
        assert {json.loads(row.raw)["command_result"] for row in (first, conflict)} == {"1", "2"}
        assert "came before with other bytes" in conflict.incidents[-1]


def test_a_call_may_meet_another_server_at_each_turn(servers: tuple[Server, Server]) -> None:
    callid = new_callid()
    reply = servers[0].report("reception", callid=callid)
    for turn, result in enumerate(("0", "9", "2", "123456")):
        reply = servers[(turn + 1) % 2].answer("reception", reply, result, callid=callid)
    assert reply.json["command"] == "dialout"
    rows = turns_of(servers[0], callid, at_least=5)
    assert [row.turn for row in rows] == [1, 2, 3, 4, 5]
    assert not any(row.incidents for row in rows)
