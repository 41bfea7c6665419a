"""Reports with fields of any kind: the call goes on, and what could not be read is an incident."""

from __future__ import annotations

import json
from typing import Any

import pytest
from journal_of import call_of, new_callid, parametrized, turns_of
from serving import FIRST_REPORT, Server

pytest_plugins = "bad_input_server"

FREE = [name for name in FIRST_REPORT if name not in {"callid", "call_status"}]
OPEN_TEXTS = ["cli_name", "cli_number", "number", "cdr_field", "app"]
NO_TEXTS: list[Any] = [True, False, [], ["x"], {}, {"a": {"b": None}}]
TEXTS: list[Any] = [
    "",
    "x",
    "0",
    "-1",
    "é",
    "\ud83d",
    "\0",
    "\x1b[2J",
    "a\r\nb",
    "'; --",
    "x" * 9000,
]
NUMBERS: list[Any] = [0, -1, 1.5, 2**70, 10**400]

HOSTILE_NAMES = {
    "markup": "<script>alert(1)</script>[bold]x[/bold]{{7*7}}",
    "an escape sequence": "\x1b]0;owned\x07\x1b[2J",
    "a formula": '=HYPERLINK("http://example.invalid","x")',
    "new lines": "x\r\n2026-01-01 ERROR all is lost\n",
    "half a character": "\ud83d",
    "nothing": "\0",
    "right to left": "\u202egnp.exe",
    "a long name": "x" * 20_000,
}

HELLO = "TTS|TTS_EN-GB_SERENA|Thanks for calling Acme."


@pytest.mark.parametrize("name", FREE)
def test_a_first_report_may_have_anything_in_every_other_field(server: Server, name: str) -> None:
    for value in (None, *NO_TEXTS, *TEXTS, *NUMBERS):
        if name in {"command", "command_id"} and value not in (None, "", 0):
            continue  # that is no first report any more
        callid = new_callid()
        reply = server.report("reception", callid=callid, **{name: value})
        assert reply.status == 200, (value, reply)
        assert reply.json["command"] in {"play", "record"}, value
        (row,) = turns_of(server, callid, at_least=1)
        assert json.loads(row.raw)[name] == value
        assert (row.kind, row.turn) == ("turn", 1)


@pytest.mark.parametrize("name", [*FREE, "callid", "call_status"])
def test_no_later_report_is_left_without_an_answer(server: Server, name: str) -> None:
    for value in (None, *NO_TEXTS, *TEXTS, *NUMBERS):
        callid = new_callid()
        hello = server.report("reception", callid=callid)
        about = {"callid": callid, name: value}
        if name == "callid":
            about[name] = str(callid)
        if name == "call_status" and not isinstance(value, str):
            continue  # that is refused
        reply = server.answer("reception", hello, "0", **about)
        assert reply.status == 200, (value, reply)
        assert set(reply.json) == {"command", "command_id", "params", "variables"}, value
        assert len(turns_of(server, callid, at_least=2)) == 2


@pytest.mark.parametrize("name", OPEN_TEXTS)
def test_a_text_of_another_type_counts_as_absent_with_an_incident(
    server: Server, name: str
) -> None:
    for value in NO_TEXTS:
        callid = new_callid()
        reply = server.report("reception", callid=callid, **{name: value})
        plain = server.report("reception", callid=new_callid(), **{name: ""})
        assert reply.json["params"] == plain.json["params"]
        (row,) = turns_of(server, callid, at_least=1)
        kind = type(value).__name__
        if name != "cli_name":  # which nothing reads
            assert f"{name} is a {kind}; read as absent." in row.incidents
            server.wait_for_log(f"call callr:{callid} turn 1: {name} is a {kind}")


def test_fields_that_are_missing_count_as_empty(server: Server) -> None:
    callid = new_callid()
    least = {"callid": callid, "call_status": "INCOMING_CALL"}
    reply = server.post("reception", json.dumps(least).encode())
    assert reply.status == 200
    assert reply.json["command"] in {"play", "record"}, "by the time of the day"
    (row,) = turns_of(server, callid, at_least=1)
    assert row.incidents == ()
    call = call_of(server, callid)
    assert call is not None
    assert (call.row.caller, call.row.called, call.row.direction) == ("", "", "inbound")


def test_fields_that_nobody_documents_are_ignored(server: Server) -> None:
    callid = new_callid()
    reply = server.report("reception", callid=callid, é=1, Command="x", __class__={})
    assert reply.json["params"] == {"media_id": HELLO}
    (row,) = turns_of(server, callid, at_least=1)
    assert row.incidents == ()


def test_numbers_that_are_none_of_json_do_no_harm(server: Server) -> None:
    callid = new_callid()
    body = json.dumps({**FIRST_REPORT, "callid": callid, "cdr_field": float("nan")}).encode()
    assert b"NaN" in body
    assert server.post("reception", body).json["params"] == {"media_id": HELLO}
    assert len(turns_of(server, callid, at_least=1)) == 1


@pytest.mark.parametrize("status", ["RINGING", "", "up", "x" * 3000, "\x1b[2J\nERROR"], ids=repr)
def test_a_status_that_nobody_knows_is_answered_like_up(server: Server, status: str) -> None:
    callid = new_callid()
    hello = server.report("reception", callid=callid, call_status=status)
    assert hello.json["params"] == {"media_id": HELLO}
    menu = server.answer("reception", hello, "0", callid=callid, call_status=status)
    assert menu.json["command"] == "read"
    rows = turns_of(server, callid, at_least=2)
    for row in rows:
        (incident,) = row.incidents
        assert "is not known; answered like UP." in incident
    assert "\x1b" not in server.log()
    assert "\nERROR" not in server.log()


@parametrized("name", HOSTILE_NAMES)
def test_a_callers_name_reaches_neither_reply_nor_log(server: Server, name: str) -> None:
    callid = new_callid()
    before = len(server.log())
    hello = server.report("reception", callid=callid, cli_name=name)
    menu = server.answer("reception", hello, "0", callid=callid, cli_name=name)
    plain = server.report("reception", callid=callid, cli_name="")
    assert hello.body == plain.body, "a report of the same key got the first reply"
    assert menu.json["command"] == "read"
    assert server.log()[before:] == ""
    first, second, conflict = turns_of(server, callid, at_least=3)
    assert json.loads(first.raw)["cli_name"] == json.loads(second.raw)["cli_name"] == name
    assert conflict.kind == "conflict"


def test_no_field_is_a_defect(server: Server) -> None:
    assert "Traceback" not in server.log()
