"""Calls of all four of Stringee's types, and calls that we place there, told by who makes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stringee_phone import StringeePhone

from app.journal.recordings import Recordings
from app.simulator import Answer, Others
from app.simulator.stringee import StringeeHostility, StringeeReadings
from app.simulator.transcript import Bridged

pytest_plugins = "stringee_server"

HELLO = "Xin chào."
CHOICES = "Bấm 1, 2 hoặc 3."
MESSAGE = ["Xin để lại lời nhắn.", "[beep]", "Cảm ơn."]
BUSY = Others(answer=Answer.BUSY)
NOBODY = Others(answer=Answer.NO_ANSWER)


def end(kind: str, number: str, alias: str) -> dict[str, Any]:
    return {"type": kind, "number": number, "alias": alias}


KINDS = {
    "app-to-app": (
        {"caller": "user_1", "called": "user_2"},
        end("internal", "user_1", "user_1"),
        end("internal", "user_2", "user_2"),
        True,
    ),
    "app-to-phone": (
        {"caller": "842400000001", "called": "84900000002", "user_id": "user_1"},
        end("internal", "842400000001", "842400000001"),
        end("external", "84900000002", "84900000002"),
        False,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_app_is_connected_with_whom_it_asks_for(stringee: StringeePhone, kind: Any) -> None:
    given, from_, to, direct = KINDS[kind]
    call = stringee.ring("straight", kind=kind, custom='{"vip": true}', **given)  # type: ignore[arg-type]
    ((connect,),) = call.lists
    assert (connect["from"], connect["to"]) == (from_, to)
    assert connect["timeout"] == 30
    assert connect["peerToPeerCall"] is direct
    assert call.record.r == 0
    assert call.record.of(Bridged)
    assert call.outcome == "transferred"
    assert call.variables == {"custom": '{"vip": true}', "user_id": "user_1"}
    row = call.journalled.row
    assert (row.direction, row.caller) == ("inbound", "user_1")


def test_a_phone_is_connected_with_an_app(stringee: StringeePhone) -> None:
    call = stringee.ring(
        "desk", "1", kind="phone-to-app", caller="84900000001", called="842400000001"
    )
    assert call.heard == [HELLO, CHOICES]
    assert call.keys_wanted == [(1, 5.0)]
    connect = call.params("connect")
    assert connect["from"] == end("external", "84900000001", "84900000001")
    assert connect["to"] == end("internal", "sales_1", "842400000001")
    assert connect["continueOnFail"] is True
    assert call.way == "hello:then choose:1"
    assert call.outcome == "transferred"
    row = call.journalled.row
    assert (row.caller, row.called) == ("+84900000001", "+842400000001")


def test_a_phone_is_connected_with_a_phone(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "2", caller="84900000001", called="842400000001")
    connect = call.params("connect")
    assert connect["from"] == end("external", "84900000001", "842400000001")
    assert connect["to"] == end("external", "84900000009", "84900000009")
    assert connect["peerToPeerCall"] is False
    assert call.outcome == "transferred"


def test_one_user_after_another_is_rung(stringee: StringeePhone) -> None:
    others = Others(by_number={"sales_1": Answer.NO_ANSWER})
    call = stringee.ring("desk", "1", kind="phone-to-app", others=others)
    assert call.heard == [HELLO, CHOICES, "[sales_1 NOANSWER]"]
    assert [bridged.number for bridged in call.record.of(Bridged)] == ["sales_2"]
    assert call.outcome == "transferred"


def test_where_nobody_answers_a_message_is_left(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "1", kind="phone-to-app", others=NOBODY)
    rung = ["[sales_1 NOANSWER]", "[sales_2 NOANSWER]"]
    assert call.heard == [HELLO, CHOICES, *rung, *MESSAGE]
    assert call.params("recordMessage")["timeout"] == 60_000
    assert call.way == "hello:then choose:1 agents:no_answer mail:then"
    assert (call.outcome, call.disposition) == ("completed", "message")
    assert call.variables["message"] == "recording:4.1"
    [message] = Recordings(stringee.server.database_url).of_call(call.journalled.row.key)
    assert message.step == "mail"
    assert message.file.endswith(f"/v1/call/recording/{call.record.recordings[0][0]}")


def test_the_configured_url_says_who_is_rung(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "1", kind="phone-to-app", query="?team=support")
    assert call.params("connect")["to"]["number"] == "support_1"


def test_a_value_in_custom_is_given_to_the_flow(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "3", "1234", kind="app-to-app", custom='{"order": 42}')
    assert call.heard[-1] == "Đơn 4, 2."
    assert (call.outcome, call.disposition) == ("completed", "order")
    assert call.variables["code"] == "****"


def test_what_is_secret_stands_nowhere_in_the_journal(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "3", "4711")
    assert call.way == "hello:then choose:3 code:then known:otherwise"
    for turn in call.turns:
        assert b"4711" not in turn.raw
        assert "4711" not in json.dumps([turn.event, turn.state, turn.variables])


def test_wrong_keys_and_silence_lead_to_a_message(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "9", "", kind="phone-to-app")
    assert call.way == "hello:then choose:invalid choose:failure mail:then"
    assert call.heard[-3:] == MESSAGE


def test_keys_are_taken_while_the_menu_is_read_out(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "2", barges_in=True)
    assert [action.get("bargeIn") for action in call.lists[0]] == [False, True, None]
    assert call.outcome == "transferred"


def test_every_action_of_stringees_is_carried_out(stringee: StringeePhone) -> None:
    call = stringee.ring("every_action", "1", kind="phone-to-app", caller="84900000001")
    assert call.commands == [
        "record",
        "play",
        "stream",
        "talk",
        "talk",
        "talk",
        "recordMessage",
        "talk",
        "input",
        "connect",
    ]
    assert call.heard[:2] == ["[sound hello.mp3]", "[sound https://media.example.com/a.mp3]"]
    assert call.params("recordMessage")["silenceTimeout"] == 4000
    assert call.params("connect")["maxConnectTime"] == 600
    assert call.record.recordings


def test_an_action_of_the_flows_own_that_rings_is_waited_for(stringee: StringeePhone) -> None:
    call = stringee.ring("every_action", "1", kind="phone-to-app", others=BUSY)
    assert call.heard[-2:] == ["[user_2 BUSY]", "Tạm biệt."]
    assert call.way.endswith("ask:1 ring:then")
    assert (call.outcome, call.disposition) == ("completed", "bye")


@pytest.mark.parametrize("kind", ["app-to-app", "app-to-phone", "phone-to-app", "phone-to-phone"])
def test_who_hangs_up_at_the_menu_is_gone(stringee: StringeePhone, kind: Any) -> None:
    call = stringee.ring("desk", kind=kind, hangup_at=3)
    assert (call.outcome, call.disposition) == ("hung_up", "")


def test_who_hangs_up_while_a_message_is_left_has_hung_up(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "9", "", hangup_speaking=1)
    assert call.record.recordings
    assert (call.outcome, call.disposition) == ("hung_up", "")


def test_who_hangs_up_while_it_rings_talked_to_nobody(stringee: StringeePhone) -> None:
    call = stringee.ring("desk", "2", hangup_at=4)
    assert call.commands[-1] == "connect"
    assert not call.record.of(Bridged)
    assert call.outcome == "dialled"


def test_an_appointment_is_confirmed(stringee: StringeePhone) -> None:
    call = stringee.be_rung("reminder", "1", "1", variables={"name": "Zoë", "time": "at ten"})
    assert call.heard == [
        "Hello. This is a reminder from Acme. To hear it, press 1.",
        "Zoë, your appointment is at ten. To confirm, press 1. To be called back, press 2.",
        "Thank you. See you then.",
    ]
    assert (call.outcome, call.disposition) == ("completed", "confirmed")
    row = call.journalled.row
    assert (row.direction, row.caller, row.called) == ("outbound", "+842400000001", "+84900000001")
    assert row.platform_id == call.record.facts.call_id


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer.BUSY, "busy"),
        (Answer.NO_ANSWER, "no_answer"),
        (Answer.CONGESTION, "congestion"),
        (Answer.REJECTED, "rejected"),
    ],
)
def test_a_call_that_nobody_took_ends_quietly(
    stringee: StringeePhone, answer: Answer, outcome: str
) -> None:
    call = stringee.be_rung("reminder", answer=answer)
    assert (call.heard, call.outcome, call.disposition) == ([], outcome, "")


def test_who_picks_up_and_hangs_up_at_once_has_hung_up(stringee: StringeePhone) -> None:
    call = stringee.be_rung("reminder", hangup_after=0.2)
    assert call.outcome == "hung_up"


HOSTILE = {
    "double encoding": (StringeeReadings(encoding="double"), None),
    "each request twice": (None, StringeeHostility(repeat="after")),
    "each request twice at once": (None, StringeeHostility(repeat="at_once")),
    "events twice": (None, StringeeHostility(double_events=True)),
    "events in pairs": (None, StringeeHostility(events="swapped")),
    "the end first": (None, StringeeHostility(events="at the end")),
    "a status of nobody's": (None, StringeeHostility(odd_status="agentBlinked")),
    "fields of nobody's": (None, StringeeHostility(extra={"odd": [1, {"a": None}]})),
    "fields of odd types": (
        None,
        StringeeHostility(instead={"timestamp_ms": "x", "from": None, "to": [], "serial": {}}),
    ),
    "recordings before the end": (StringeeReadings(recordings="before"), None),
    "messages ignored": (StringeeReadings(message_reply="ignored"), None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_platform_that_goes_otherwise_hears_the_same(stringee: StringeePhone, name: str) -> None:
    readings, hostility = HOSTILE[name]
    platform = stringee.under(readings, hostility)
    call = platform.ring("desk", "9", "1", kind="phone-to-app", others=NOBODY)
    assert call.incidents == []
    assert call.heard == [
        HELLO,
        CHOICES,
        call.heard[2],
        "[sales_1 NOANSWER]",
        "[sales_2 NOANSWER]",
        *MESSAGE,
    ]
    assert (call.outcome, call.disposition) == ("completed", "message")
    rung = platform.be_rung("reminder", "1", "2")
    assert (rung.outcome, rung.disposition) == ("completed", "call_back")


def test_what_comes_encoded_twice_is_what_the_app_said(stringee: StringeePhone) -> None:
    platform = stringee.under(StringeeReadings(encoding="double"))
    call = platform.ring("straight", kind="app-to-app", custom="a+b 100% é")
    assert call.variables["custom"] == "a+b 100% é"


def test_an_empty_to_is_whom_custom_names(stringee: StringeePhone) -> None:
    platform = stringee.under(hostility=StringeeHostility(empty_to=True))
    call = platform.ring("straight", kind="app-to-app", custom='{"to": "user_9"}')
    assert call.params("connect")["to"]["number"] == "user_9"


def test_where_failed_phones_are_not_told_the_call_ends(stringee: StringeePhone) -> None:
    platform = stringee.under(StringeeReadings(on_fail="internal"))
    call = platform.ring("desk", "2", others=BUSY)
    assert call.outcome == "dialled"
