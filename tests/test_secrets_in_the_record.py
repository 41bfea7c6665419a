"""What is secret stands nowhere in what is recorded but inside the sealed reply."""

from __future__ import annotations

import json
from typing import Any

import pytest
from callr_line import CallrCall, Line

from app.callflow import Call, Flow, branch, collect, hang_up, menu, say
from app.ports import TurnRecord

PIN = "471199"


def a_bank(**options: Any) -> Flow:
    steps = {
        "ask": menu("Press 1.", {"1": "pin"}, failure="bye"),
        "pin": collect("PIN?", "pin", secret=True, then="check", failure="bye", max_digits=8),
        "check": branch(lambda call: call["pin"] == PIN, {True: "order"}, otherwise="bye"),
        "order": collect("Order?", "order", then="told", failure="bye"),
        "told": say("Your order is {order}.", then="bye"),
        "bye": hang_up("Goodbye."),
        **options.pop("more", {}),
    }
    return Flow("line", start="ask", steps=steps, **options)


def at_the_pin(**options: Any) -> CallrCall:
    return Line([a_bank(**options)]).rings().hears("Press 1.").presses("1").hears("PIN?")


def shown(turn: TurnRecord) -> str:
    """Everything of a record but the reply, in which the sealed state stands."""
    return repr(turn._replace(reply=b""))


def nothing_of_it(call: CallrCall) -> None:
    for turn in call.line.journal.turns:
        assert PIN not in shown(turn)
        assert PIN not in turn.reply.decode()


def test_a_secret_is_starred_in_report_event_and_variables_and_blank_in_the_state() -> None:
    call = at_the_pin().presses(PIN).hears("Order?")
    turn = call.line.journal.last
    assert json.loads(turn.raw)["command_result"] == "******"
    assert turn.event == {"is": "CommandDone", "result": "******"}
    assert turn.variables == {"pin": "******"}
    assert turn.state is not None
    assert turn.state["y"] == {"pin": ""}
    assert "e" not in turn.state
    nothing_of_it(call)


def test_the_rest_of_the_call_shows_nothing_of_it_either() -> None:
    call = at_the_pin().presses(PIN).hears("Order?").presses("12")
    call.hears("Your order is 12.").hears("Goodbye.").is_hung_up()
    nothing_of_it(call)
    assert call.line.journal.last.variables == {"pin": "******", "order": "12"}


def test_a_wrong_entry_is_starred_too() -> None:
    call = at_the_pin().presses(f"{PIN}*")
    turn = call.line.journal.last
    assert turn.event["result"] == "*******"
    nothing_of_it(call)


def test_a_secret_that_ends_with_a_hang_up_is_starred() -> None:
    call = at_the_pin().hangs_up(PIN)
    turn = call.line.journal.last
    assert turn.event["result"] == "******"
    assert turn.variables == {"pin": "******"}
    nothing_of_it(call)


@pytest.mark.parametrize(
    "odd",
    [
        {"command": None},
        {"command": "play"},
        {"command": ["read"]},
        {"command_result": int(PIN)},
        {"command_result": [PIN]},
        {"command_result": {"digits": PIN}},
        {"call_status": "ODD"},
        {"command_error": "ERR"},
        {"variables": {}},
        {"command_id": 77},
        {"command_id": None},
    ],
    ids=str,
)
def test_a_secret_is_starred_in_whatever_way_it_comes(odd: dict[str, Any]) -> None:
    call = at_the_pin()
    call.reports(**{"command_result": PIN, **odd})
    nothing_of_it(call)


def test_a_secret_in_a_report_that_nothing_is_known_of_is_starred() -> None:
    call = at_the_pin()
    call.line = Line([a_bank()])
    call.reports(command_result=PIN, variables={})
    nothing_of_it(call)


def test_a_secret_in_a_report_for_a_flow_that_there_is_not_is_starred() -> None:
    call = at_the_pin()
    call.line = Line([Flow("other", start="x", steps={"x": hang_up()})])
    call.reports(command_result=PIN)
    nothing_of_it(call)


@pytest.mark.parametrize(
    "late",
    [
        {"variables": {}},
        {"command": "", "command_id": 0, "variables": {}},
        {"call_status": "BUSY", "variables": {}},
    ],
    ids=str,
)
def test_a_secret_that_is_told_after_the_call_went_on_is_starred_and_goes_nowhere_else(
    late: dict[str, Any],
) -> None:
    call = at_the_pin()
    told = {**call.told, "command": "read"}
    call.presses(PIN).hears("Order?")
    call.reports(
        **{
            "command": told["command"],
            "command_id": told["command_id"],
            "command_result": PIN,
            "call_status": "HANGUP",
            **late,
        }
    )
    nothing_of_it(call)
    assert call.line.journal.last.variables.get("order") is None


def test_a_secret_in_a_lost_call_at_a_flow_without_secrets_is_starred() -> None:
    call = at_the_pin()
    open_flow = Flow("line", start="x", steps={"x": hang_up()})
    call.line = Line([open_flow])
    call.reports(command_result=PIN, variables={})
    nothing_of_it(call)


def test_what_is_not_secret_is_kept_in_a_flow_that_has_secrets() -> None:
    call = at_the_pin()
    turn = call.line.journal.last
    assert turn.event == {"is": "CommandDone", "result": "1"}
    assert json.loads(turn.raw)["command_result"] == "1"
    call.presses(PIN).presses("12")
    assert call.line.journal.last.event == {"is": "CommandDone", "result": "12"}


def failing(call: Call) -> str:
    raise LookupError(f"no account for {call['pin']}")


def test_an_error_of_a_function_shows_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    more = {"check": say(failing, then="order"), "sorry": hang_up("Sorry.")}
    call = at_the_pin(more=more, fallback="sorry").presses(PIN).hears("Sorry.")
    assert "no account for ******" in call.incidents
    nothing_of_it(call)
    assert PIN not in caplog.text


def test_a_repeat_is_recognised_though_what_was_pressed_is_not_kept() -> None:
    call = at_the_pin().presses(PIN)
    assert call.repeats() == call.reply
    digests = {turn.digest for turn in call.line.journal.turns}
    assert len(digests) == len(call.line.journal.turns)


def test_a_call_that_is_resumed_from_the_journal_has_its_secrets_empty() -> None:
    call = at_the_pin().presses(PIN).hears("Order?")
    call.reports(command_result="12", variables={}).hears("Your order is 12.")
    assert "secrets are not in the journal and are empty now: pin." in call.incidents
    nothing_of_it(call)
