"""States that come back changed, of another call, too old, too new, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from journal_of import call_of, new_callid, parametrized, turns_of
from serving import SECRET_KEY, Reply, Server

from app.callflow.call import STATE_VERSION
from app.sealing import Seal

pytest_plugins = "bad_input_server"

OLD_KEY = "the-secret-key-before-that-is-long-enough"
FLOW = "reception"


def sealed(reply: Reply) -> str:
    return str(reply.json["variables"]["offhook"])


def at_the_menu(server: Server, callid: int) -> list[Reply]:
    """The first two replies of a call: the welcome, and the menu."""
    hello = server.report(FLOW, callid=callid)
    return [hello, server.answer(FLOW, hello, "0", callid=callid)]


def sealed_with(key: str, server: Server, callid: int, **changes: Any) -> str:
    """The state of a call's last turn, sealed with a key."""
    state = turns_of(server, callid, at_least=2)[-1].state
    assert state is not None
    seal = Seal(key)
    return seal.seal({**state, **changes}, provider="callr", call_key=f"callr:{callid}")


def incidents(server: Server, callid: int, turn: int) -> str:
    rows = turns_of(server, callid, at_least=turn)
    return " ".join(rows[turn - 1].incidents)


def changed(state: str) -> str:
    """A state with one character of its ciphertext changed."""
    middle = len(state) // 2
    return state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]


def missing(_server: Server, _callid: int, _replies: list[Reply]) -> dict[str, Any]:
    return {}


def forged(_server: Server, _callid: int, replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": changed(sealed(replies[1]))}


def cut(_server: Server, _callid: int, replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": sealed(replies[1])[:-30]}


def foreign(server: Server, _callid: int, _replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": sealed(at_the_menu(server, new_callid())[1])}


def stale(_server: Server, _callid: int, replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": sealed(replies[0])}


def of_an_unknown_key(server: Server, callid: int, _replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": sealed_with("nobody-knows-this-key-" * 2, server, callid)}


def newer(_server: Server, _callid: int, replies: list[Reply]) -> dict[str, Any]:
    _, _, rest = sealed(replies[1]).partition(".")
    return {"offhook": f"{STATE_VERSION + 1}.{rest}"}


def older(_server: Server, _callid: int, replies: list[Reply]) -> dict[str, Any]:
    _, _, rest = sealed(replies[1]).partition(".")
    return {"offhook": f"0.{rest}"}


def no_state(_server: Server, _callid: int, _replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": "no state at all"}


def not_ascii(_server: Server, _callid: int, replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": sealed(replies[1]) + "é\ud83d"}


def an_object(_server: Server, _callid: int, _replies: list[Reply]) -> dict[str, Any]:
    return {"offhook": {"t": 2}}


UNUSABLE = {
    "missing": (missing, "no state came back with the report."),
    "forged": (forged, "was changed, or is another call's."),
    "cut": (cut, "was changed, or is another call's."),
    "foreign": (foreign, "was changed, or is another call's."),
    "stale": (stale, "is of reply 1, not 2."),
    "of an unknown key": (of_an_unknown_key, "sealed with a key that is not known here."),
    "newer": (newer, "has a newer format."),
    "older": (older, "format."),
    "no state": (no_state, "format."),
    "not ASCII": (not_ascii, "the state that came back"),
    "an object": (an_object, "variables.offhook is no text; read as absent."),
}


@parametrized("case", UNUSABLE)
def test_a_state_that_cannot_be_used_is_replaced_by_the_journals(
    server: Server, case: tuple[Any, str]
) -> None:
    make, told = case
    callid, twin = new_callid(), new_callid()
    replies = at_the_menu(server, callid)
    order = server.answer(FLOW, at_the_menu(server, twin)[1], "2", callid=twin)
    variables = make(server, callid, replies)
    reply = server.answer(FLOW, replies[1], "2", callid=callid, variables=variables)
    assert reply.status == 200
    assert reply.json["params"] == order.json["params"], "the call goes on as it would have"
    assert reply.json["command_id"] == 3
    assert told in incidents(server, callid, 3)
    assert "resumed from the journal." in incidents(server, callid, 3)
    server.wait_for_log(f"call callr:{callid} turn 3: resumed from the journal.")
    team = server.answer(FLOW, reply, "123456", callid=callid)
    assert team.json["command"] == "dialout"
    assert incidents(server, callid, 4) == ""


@parametrized("case", UNUSABLE)
def test_where_the_journal_has_no_such_turn_either_there_is_an_apology(
    server: Server, case: tuple[Any, str]
) -> None:
    make, told = case
    callid, unheard_of = new_callid(), new_callid()
    variables = make(server, callid, at_the_menu(server, callid))
    about = {"callid": unheard_of, "command": "read", "command_id": 2, "call_status": "UP"}
    reply = server.report(FLOW, command_result="2", variables=variables, **about)
    assert (reply.status, reply.json["command_id"]) == (200, "offhook-bye")
    assert reply.json["variables"] == {"offhook": "offhook-bye"}
    text = incidents(server, unheard_of, 1)
    assert "the journal has no such turn either." in text
    assert told in text or "another call's" in text
    call = call_of(server, unheard_of)
    assert call is not None
    assert call.row.flow == FLOW


def test_the_apology_is_said_once_and_the_call_then_ends(server: Server) -> None:
    callid = new_callid()
    about = {"callid": callid, "call_status": "UP"}
    reply = server.report(FLOW, command="read", command_id=7, command_result="2", **about)
    told = [reply.json["command_id"]]
    for _ in range(4):
        reply = server.answer(FLOW, reply, "0", **about)
        told.append(reply.json["command_id"])
    assert told == ["offhook-bye", "offhook-dial", "offhook-end", "offhook-end", "offhook-end"]
    assert server.answer(FLOW, reply, callid=callid, call_status="HANGUP").body == b""
    call = call_of(server, callid)
    assert call is not None
    assert call.row.outcome == "failed"


def test_a_state_of_the_key_before_is_read_and_sealed_anew(server: Server) -> None:
    callid = new_callid()
    menu = at_the_menu(server, callid)[1]
    variables = {"offhook": sealed_with(OLD_KEY, server, callid)}
    assert variables != menu.json["variables"]
    order = server.answer(FLOW, menu, "2", callid=callid, variables=variables)
    assert order.json["command_id"] == 3
    assert incidents(server, callid, 3) == ""
    state = Seal(SECRET_KEY).unseal(sealed(order), provider="callr", call_key=f"callr:{callid}")
    assert state["t"] == 3


@parametrized(
    "changes",
    {
        "a step that is gone": {"s": "demolished"},
        "a flow that is gone": {"f": "demolished"},
        "a phase that there is not": {"h": "z"},
        "a time that there is not": {"b": 10**30},
        "a text as a turn": {"t": "2"},
        "an unknown language": {"l": "xx"},
    },
)
def test_a_sound_state_with_odd_contents_still_gets_an_answer(
    server: Server, changes: dict[str, Any]
) -> None:
    callid = new_callid()
    menu = at_the_menu(server, callid)[1]
    variables = {"offhook": sealed_with(SECRET_KEY, server, callid, **changes)}
    reply = server.answer(FLOW, menu, "2", callid=callid, variables=variables)
    assert reply.status == 200
    assert reply.json["command"] in {"play", "read"}


def test_a_secret_is_empty_in_a_call_that_is_resumed_from_the_journal(server: Server) -> None:
    callid = new_callid()
    about = {"callid": callid, "date_started": "2026-01-09 09:30:00"}
    reply = server.report("clinic", **about)
    for entry in ("0", "1", "2", "40718298"):
        reply = server.answer("clinic", reply, entry, **about)
    assert reply.json["params"]["media_id"].endswith("A nurse will tell you your results.")
    server.answer("clinic", reply, "0", **about, variables={})
    *_, code, desk = turns_of(server, callid, at_least=6)
    assert code.variables["patient_code"] == "********"
    assert "secrets are not in the journal and are empty now: patient_code." in desk.incidents
    assert desk.variables["patient_code"] == ""
    assert "40718298" not in server.log()


def test_a_reply_that_was_never_given_is_not_resumed(server: Server) -> None:
    callid = new_callid()
    at_the_menu(server, callid)
    about = {"callid": callid, "command": "read", "command_id": 9, "call_status": "UP"}
    reply = server.report(FLOW, command_result="1", **about)
    assert reply.json["command_id"] == "offhook-bye"


@pytest.mark.parametrize("command_id", ["2", 2.0, 2])
def test_the_number_of_a_reply_may_come_back_as_text(server: Server, command_id: object) -> None:
    callid = new_callid()
    menu = at_the_menu(server, callid)[1]
    order = server.answer(FLOW, menu, "2", callid=callid, command_id=command_id)
    assert order.json["command_id"] == 3
    assert incidents(server, callid, 3) == ""


def test_no_state_is_a_defect(server: Server) -> None:
    assert "Traceback" not in server.log()
