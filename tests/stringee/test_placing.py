"""Calls placed on Stringee by a server as deployed; Stringee answers literally."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rest_server import KEY, Answer, RestServer, told
from serving import Reply, Server, serving

from app.journal import History
from app.stringee.signatures import sign

SIGNING_KEY = "test-signing-secret"
TOKEN = "a-token-of-the-api-of-tests"
CALL = "call-vn-1-ABCDWXKUQM-1542377678921"
TAKEN = told(r=0, call_id=CALL)
NUMBER, OURS = "+33612345678", "+33199001020"


@contextmanager
def placing(folder: Path, *answers: Answer, **more: Any) -> Iterator[tuple[Server, RestServer]]:
    environ: Any = {
        "API_TOKEN": TOKEN,
        "STRINGEE_SIGNING_KEY": SIGNING_KEY,
        "STRINGEE_API_KEY_SID": KEY.sid,
        "STRINGEE_API_KEY_SECRET": KEY.secret,
        "PUBLIC_URL": "https://line.example.com",
        "CALLER_ID": OURS,
        **more,
    }
    with (
        RestServer(*answers) as stringee,
        serving(folder, **{"STRINGEE_API_URL": stringee.url, **environ}) as server,
    ):
        yield server, stringee


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, RestServer]]:
    """A server, and a Stringee that takes every call, unless a test has it answer otherwise."""
    with placing(tmp_path_factory.mktemp("placing"), TAKEN) as both:
        yield both


Line = tuple[Server, RestServer]


def fresh(line: Line, answer: Answer) -> Line:
    """The line, with this answer from here on, and nothing seen yet."""
    line[1].answers = [answer]
    line[1].seen.clear()
    return line


def ask(server: Server, **more: Any) -> Reply:
    asked = {
        "number": NUMBER,
        "flow": "reminder",
        "variables": {"name": "Ada", "time": "10:00"},
        **more,
    }
    about = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return server.request("POST", "/api/calls", json.dumps(asked).encode(), about)


def test_the_first_list_of_actions_goes_with_the_order_to_ring(line: Line) -> None:
    server, stringee = fresh(line, TAKEN)
    reply = ask(server, provider="stringee")
    token = reply.json["token"]
    call = History(server.database_url).call(f"stringee:start:{token}", tests=False)
    body = stringee.seen[0].json
    asks = body["actions"][-1]["eventUrl"].removeprefix("https://line.example.com")
    pressed = json.dumps({"call_id": CALL, "dtmf": "1", "timeout": False}).encode()
    signed = {"X-STRINGEE-SIGNATURE": sign(pressed, SIGNING_KEY).decode()}
    then = server.request("POST", asks, pressed, signed)
    assert reply.status == 201, reply.body
    assert (reply.json["status"], reply.json["platform_id"]) == ("placed", CALL)
    assert [seen.path for seen in stringee.seen] == ["/v1/call2/callout"]
    assert body["to"] == [{"type": "external", "number": "33612345678", "alias": "33612345678"}]
    assert body["from"] == {"type": "external", "number": "33199001020", "alias": "33199001020"}
    assert "To hear it, press 1." in json.dumps(body["actions"])
    assert asks.startswith("/stringee/reminder/input?")
    assert (call.row.direction, call.row.platform_id, call.row.called) == ("outbound", CALL, NUMBER)
    assert call.row.outcome == ""
    assert "Ada, your appointment is 10:00." in json.dumps(then.json)


def test_the_only_platform_with_a_key_is_the_usual_one(line: Line) -> None:
    server, stringee = fresh(line, TAKEN)
    assert ask(server).status == 201
    assert len(stringee.seen) == 1


def test_with_keys_of_both_the_usual_one_is_callr(tmp_path: Path) -> None:
    callr = {"CALLR_API_URL": "http://127.0.0.1:9", "CALLR_LOGIN": "a", "CALLR_PASSWORD": "b"}
    with placing(tmp_path, TAKEN, **callr) as (server, stringee):
        assert ask(server).status == 502
        assert stringee.seen == []
        assert ask(server, provider="stringee").status == 201


def test_a_refusal_says_what_to_do_and_ends_the_call(line: Line) -> None:
    server, _ = fresh(line, told(r=8, message="no money"))
    reply = ask(server)
    found = History(server.database_url).call("last", tests=False)
    assert reply.status == 502
    assert "NOT_ENOUGH_MONEY" in reply.json["error"]["message"]
    assert "Top up" in reply.json["error"]["mend"]
    assert found.row.outcome == "rejected"
    assert found.row.ended_at is not None


def test_a_call_of_which_nothing_is_known_is_rung_once_and_goes_on(line: Line) -> None:
    server, stringee = fresh(line, Answer(b"<html>", 502))
    reply = ask(server)
    found = History(server.database_url).call("last", tests=False)
    assert len(stringee.seen) == 1
    assert reply.status == 504
    assert "may have dialled" in reply.json["error"]["mend"]
    assert found.row.outcome == ""


def test_an_idempotency_key_rings_once_and_gives_its_call_back(line: Line) -> None:
    about = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Idempotency-Key": "K1",
    }
    asked = {"number": NUMBER, "flow": "reminder", "variables": {"name": "A", "time": "9"}}
    body = json.dumps(asked).encode()
    server, stringee = fresh(line, TAKEN)
    first = server.request("POST", "/api/calls", body, about)
    again = server.request("POST", "/api/calls", body, about)
    assert len(stringee.seen) == 1
    assert (first.status, again.status) == (201, 200)
    assert first.json["token"] == again.json["token"]


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        ({"provider": "other"}, 400, "no platform 'other'"),
        ({"app": "A1B2C3D4"}, 400, "no voice apps"),
        ({"field": "ORDER42"}, 502, "no field of ours"),
        ({"flow": "clinic"}, 400, "not served on stringee"),
        ({"number": "+33899123456"}, 403, "premium"),
    ],
)
def test_what_cannot_be_asked_of_stringee_is_refused_and_nobody_rung(
    line: Line, more: dict[str, str], status: int, message: str
) -> None:
    server, stringee = fresh(line, TAKEN)
    reply = ask(server, **{"variables": {}, "provider": "stringee", **more})
    assert (reply.status, stringee.seen) == (status, [])
    assert message in reply.json["error"]["message"]


def test_without_a_number_of_ours_nobody_is_rung(tmp_path: Path) -> None:
    with placing(tmp_path, TAKEN, CALLER_ID="") as (server, stringee):
        reply = ask(server)
        assert ask(server, **{"from": OURS}).status == 201
    assert (reply.status, len(stringee.seen)) == (502, 1)
    assert "CALLER_ID" in reply.json["error"]["mend"]


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[" * 10_000, b'{"number": NaN}', b"[1]"])
def test_a_body_that_is_no_call_is_a_wrong_request(line: Line, body: bytes) -> None:
    server, stringee = fresh(line, TAKEN)
    about = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    reply = server.request("POST", "/api/calls", body, about)
    assert (reply.status, stringee.seen) == (400, [])
