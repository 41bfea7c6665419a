"""URLs that name no flow: the caller hears an apology, and the log says which flows there are."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from journal_of import call_of, new_callid, turns_of
from serving import Server

from app.simulator import Conditions, Others, Script, Scripted, ring
from app.simulator.transcript import Bridged, Said

pytest_plugins = "bad_input_server"

APOLOGY = "We are sorry, something went wrong on our side."


def test_a_flow_that_is_not_there_is_an_apology_with_200(server: Server) -> None:
    callid = new_callid()
    reply = server.report("receptoin", callid=callid)
    assert (reply.status, reply.json) == (
        200,
        {
            "command": "play",
            "command_id": "offhook-bye",
            "params": {"media_id": f"TTS|TTS_EN-GB_SERENA|{APOLOGY}"},
            "variables": {"offhook": "offhook-bye"},
        },
    )
    (row,) = turns_of(server, callid, at_least=1)
    (incident,) = row.incidents
    assert (row.kind, row.turn, row.reply) == ("last_resort", None, reply.body)
    for flow in ("receptoin", "age_gate", "clinic", "reception", "reminder"):
        assert flow in incident
    server.wait_for_log(f"call callr:{callid} turn -: {incident}")
    call = call_of(server, callid)
    assert call is not None
    assert (call.row.flow, call.row.outcome) == ("receptoin", "")


def test_the_caller_is_connected_to_the_fallback_number_and_the_call_has_failed(
    server: Server,
) -> None:
    record = ring(
        f"{server.url}/callr/no-such-flow",
        person=Scripted(Script(others=Others(talk_s=5))),
        login=server.login,
        password=server.password,
        conditions=Conditions(speed=5000),
    )
    assert not record.faults
    assert not record.warnings
    assert [said.text for said in record.of(Said)] == [APOLOGY]
    assert [bridge.number for bridge in record.of(Bridged)] == ["+33123450000"]
    turns_of(server, record.facts.callid, at_least=3)
    call = call_of(server, record.facts.callid)
    assert call is not None
    assert call.row.outcome == "failed"


def test_a_call_in_progress_keeps_its_flow_whatever_the_url_says(server: Server) -> None:
    callid = new_callid()
    hello = server.report("reception", callid=callid)
    menu = server.answer("no-such-flow", hello, "0", callid=callid)
    assert menu.json["command"] == "read"
    assert [row.incidents for row in turns_of(server, callid, at_least=2)] == [(), ()]


@pytest.mark.parametrize(
    "name", ["x\r\nERROR all is lost", "\x1b[2J", "é" * 300, "..", "%2e", "'; drop", "\ufffd\0"]
)
def test_whatever_the_url_holds_is_shown_harmless(server: Server, name: str) -> None:
    callid, before = new_callid(), len(server.log())
    reply = server.report(quote(name, safe=""), callid=callid)
    assert (reply.status, reply.json["command_id"]) == (200, "offhook-bye")
    assert len(turns_of(server, callid, at_least=1)) == 1
    server.wait_for_log(f"call callr:{callid}")
    check_log(server, before)


def test_whatever_the_query_holds_is_shown_harmless(server: Server) -> None:
    callid, before = new_callid(), len(server.log())
    reply = server.report("reception?x%0AERROR=1%1B%5B2J&%1B%5B2J=&=&&", callid=callid)
    assert (reply.status, reply.json["command_id"]) == (200, 1)
    server.wait_for_log(f"call callr:{callid}")
    check_log(server, before)


def check_log(server: Server, before: int) -> None:
    """Check that each line that was logged since is one of ours, and harmless."""
    lines = server.log()[before:].split("\n")[:-1]
    for line in lines:
        assert " WARNING call callr:" in line
        assert line.isprintable()
    assert "Traceback" not in server.log()
