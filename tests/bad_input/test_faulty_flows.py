"""Flows whose functions fail while somebody is on the phone: the call is taken to a good end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from journal_of import call_of, new_callid, turns_of
from serving import Reply, Server

pytest_plugins = "bad_input_server"

FAULTY = Path(__file__).parent / "flows" / "faulty.py"
SORRY = {"media_id": "TTS|TTS_EN-GB_SERENA|Sorry, we cannot help you now."}


def line_of(text: str, after: str = "") -> int:
    """The line of faulty.py, from 1, that holds a text, counted from the line of another."""
    lines = FAULTY.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if after in line)
    return next(at for at, line in enumerate(lines[start:], start + 1) if text in line)


def line_that_defines(function: str) -> str:
    return f"(line {line_of(f'def {function}(')})"


def only_incident(server: Server, callid: int) -> str:
    (incident,) = [text for turn in turns_of(server, callid) for text in turn.incidents]
    return incident


def test_a_function_that_raises_takes_the_call_to_the_fallback_step(server: Server) -> None:
    callid = new_callid()
    hello = server.report("raises", callid=callid)
    sorry = server.answer("raises", hello, "0", callid=callid)
    assert (sorry.status, sorry.json["command"], sorry.json["params"]) == (200, "play", SORRY)
    assert sorry.json["command_id"] == 2
    bye = server.answer("raises", sorry, "0", callid=callid)
    assert bye.json["command"] == "hangup"
    server.answer("raises", bye, callid=callid, call_status="HANGUP")
    call = call_of(server, callid)
    assert call is not None
    assert (call.row.outcome, call.row.disposition) == ("failed", "sorry")
    incident = only_incident(server, callid)
    line = line_of("// 0")
    for told in ("'which'", "'raises'", f"faulty.py, line {line}", "ZeroDivisionError"):
        assert told in incident
    assert turns_of(server, callid)[1].trail == (("which", "fallback"),)
    server.wait_for_log(f"call callr:{callid} turn 2: {incident}")


@pytest.mark.parametrize(
    ("flow", "keys", "told"),
    [
        ("says_a_list", (), ["'hello'", "gives_a_list", "list", "a text or a Media"]),
        ("assigns_a_list", (), ["'set'", "gives_a_list", "list"]),
        ("undeclared_language", (), ["'set'", "gives_an_undeclared_language", "en-GB, fr-FR"]),
        ("no_language", (), ["'set'", "gives_no_language", "en-GB, fr-FR"]),
        ("dials_a_number", (), ["'dial'", "gives_a_number", "int"]),
        ("nameless_room", (), ["'room'", "gives_nothing", "NoneType"]),
        ("says_maybe_to_an_entry", ("12#",), ["'ask'", "says_maybe", "True or False"]),
    ],
)
def test_a_function_that_gives_what_its_place_does_not_take_is_named_with_its_line(
    server: Server, flow: str, keys: tuple[str, ...], told: list[str]
) -> None:
    callid = new_callid()
    reply = server.report(flow, callid=callid)
    for entry in keys:
        reply = server.answer(flow, reply, entry, callid=callid)
    assert (reply.status, reply.json["command"], reply.json["params"]) == (200, "play", SORRY)
    incident = only_incident(server, callid)
    for text in (f"'{flow}'", line_that_defines(told[1]), *told):
        assert text in incident


@pytest.mark.parametrize(
    ("flow", "told"),
    [
        ("out_of_range", ["'ask'", "seconds: it is 99; CALLR takes 1 to 30."]),
        ("too_much", ["'end'", "'colour' with 3000 characters", "at most 1500"]),
    ],
)
def test_what_cannot_be_sent_takes_the_call_to_the_fallback_step(
    server: Server, flow: str, told: list[str]
) -> None:
    callid = new_callid()
    reply = server.report(flow, callid=callid)
    assert reply.status == 200
    for text in (f"'{flow}'", *told):
        assert text in only_incident(server, callid)


def test_a_state_that_is_too_large_does_not_ride_with_the_fallback_either(server: Server) -> None:
    callid = new_callid()
    reply = server.report("too_much", callid=callid)
    assert reply.json["params"] == SORRY
    assert len(reply.json["variables"]["offhook"]) <= 1500


def hear_out(server: Server, flow: str, reply: Reply, callid: int, **how: Any) -> list[Any]:
    """Do as told until the call is hung up; gives every command with its id."""
    told = []
    while True:
        told.append((reply.json["command"], reply.json["command_id"]))
        if reply.json["command"] == "hangup":
            return told
        assert len(told) < 10, told
        reply = server.answer(flow, reply, callid=callid, **how)


@pytest.mark.parametrize(
    "how",
    [{}, {"command_error": "PROPERTY_VALUE_ERROR [media_id]"}, {"command_result": "BUSY"}],
    ids=["done", "failed", "busy"],
)
@pytest.mark.parametrize("flow", ["no_fallback", "fallback_fails"])
def test_without_a_fallback_step_there_is_an_apology_once_and_then_the_fallback_number(
    server: Server, flow: str, how: dict[str, Any]
) -> None:
    callid = new_callid()
    told = hear_out(server, flow, server.report(flow, callid=callid), callid, **how)
    assert told == [
        ("play", "offhook-bye"),
        ("dialout", "offhook-dial"),
        ("hangup", "offhook-end"),
    ]
    rows = turns_of(server, callid, at_least=3)
    assert [row.kind for row in rows] == ["last_resort"] * 3
    assert [row.turn for row in rows] == [None] * 3


def test_the_apology_is_in_the_language_of_the_flow(server: Server) -> None:
    reply = server.report("no_fallback", callid=new_callid())
    assert reply.json["params"] == {
        "media_id": "TTS|TTS_FR-FR_AUDREY|"
        "Nous sommes désolés, un problème est survenu de notre côté."
    }


def test_the_fallback_number_is_dialled_with_our_number(server: Server) -> None:
    callid = new_callid()
    bye = server.report("no_fallback", callid=callid)
    dial = server.answer("no_fallback", bye, "0", callid=callid)
    assert dial.json["params"]["targets"] == [{"number": "+33123450000", "timeout": 60}]
    assert dial.json["params"]["cli"] == "+33199001020"
    gone = server.answer("no_fallback", dial, "ANSWER", callid=callid, call_status="HANGUP")
    assert (gone.status, gone.body) == (200, b"")
    call = call_of(server, callid)
    assert call is not None
    assert call.row.outcome == "failed"


def test_an_outbound_call_is_not_connected_to_the_fallback_number(server: Server) -> None:
    callid = new_callid()
    about = {"callid": callid, "request_hash": "4260XMAQ"}
    reply = server.report("no_fallback", call_status="UP", **about)
    told = [(reply.json["command"], reply.json["command_id"])]
    reply = server.answer("no_fallback", reply, "0", **about)
    told.append((reply.json["command"], reply.json["command_id"]))
    assert told == [("play", "offhook-bye"), ("hangup", "offhook-end")]


def test_the_fallback_step_is_entered_once_a_call(server: Server) -> None:
    callid = new_callid()
    ask = server.report("falls_twice", callid=callid)
    assert ask.json["params"]["media_id"].endswith("Press 1.")
    told = hear_out(
        server, "falls_twice", server.answer("falls_twice", ask, "1", callid=callid), callid
    )
    assert told[0] == ("play", "offhook-bye")
    assert told[-1] == ("hangup", "offhook-end")


def test_no_fault_of_a_flow_is_a_defect_of_ours(server: Server) -> None:
    assert "Traceback" not in server.log()
