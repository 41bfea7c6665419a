"""Which reports bring a sound that is to be kept: by HTTP's words, through the switchboard."""

from __future__ import annotations

from typing import Any

import pytest
from callr_line import CallrCall, Line

from app.callflow import Flow, collect, command, hang_up, record, say

LINE = Flow(
    "line",
    start="message",
    steps={
        "message": record("Speak.", into="message", max_s=60, then="bye"),
        "bye": hang_up("Goodbye."),
    },
)
NATIVE = Flow(
    "line",
    start="message",
    steps={
        "message": command(
            "record", {"max_duration": 60, "silence": 5}, into="message", then="age"
        ),
        "age": command("wait_for_silence", {"silence_ms": 100}, into="quiet", then="code"),
        "code": collect("Type your code.", into="code", then="bye", failure="bye"),
        "bye": hang_up("Goodbye."),
    },
)


def fail(_: object) -> str:
    raise ZeroDivisionError


BROKEN = Flow(
    "line",
    start="message",
    fallback="sorry",
    steps={
        "message": record("Speak.", into="message", max_s=60, then="say"),
        "say": say(fail, then="bye"),
        "sorry": hang_up("Sorry."),
        "bye": hang_up("Goodbye."),
    },
)


def recorded(call: CallrCall) -> list[str]:
    return [turn.recording for turn in call.line.journal.turns]


def recording(flow: Flow = LINE, **fields: Any) -> CallrCall:
    """A call whose caller is being recorded."""
    call = Line([flow]).rings(**fields)
    return call.reports(command_result="0") if flow is not NATIVE else call


def test_the_name_that_a_recording_brings_is_kept_once() -> None:
    call = recording().reports(command_result="rt-1-1")
    call.reports(command_result="0").reports(call_status="HANGUP")
    assert recorded(call) == ["", "", "rt-1-1", "", ""]


def test_a_recording_is_kept_where_the_caller_hung_up() -> None:
    call = recording().reports(call_status="HANGUP", command_result="rt-1-1")
    assert recorded(call) == ["", "", "rt-1-1"]


@pytest.mark.parametrize(
    "fields",
    [
        {"command_result": ""},
        {"command_error": "PROPERTY_VALUE_ERROR [silence]"},
        {"call_status": "HANGUP", "command_result": "-1"},
        {"call_status": "HANGUP", "command_result": "TIMEOUT"},
        {"call_status": "HANGUP", "command_result": "rt-1-1", "command_error": "HANGUP"},
    ],
)
def test_where_nothing_was_recorded_there_is_nothing_to_keep(fields: dict[str, str]) -> None:
    assert recorded(recording().reports(**fields)) == ["", "", ""]


def test_a_hang_up_during_the_prompt_is_no_recording() -> None:
    call = Line([LINE]).rings().reports(call_status="HANGUP", command_result="0")
    assert recorded(call) == ["", ""]


def test_the_platforms_own_record_command_is_kept_and_its_other_commands_are_not() -> None:
    call = recording(NATIVE).reports(command_result="rt-1-1").reports(command_result="SILENCE")
    call.reports(command_result="1234")
    assert recorded(call) == ["", "rt-1-1", "", ""]


def test_a_recording_is_kept_where_the_flow_cannot_go_on() -> None:
    call = recording(BROKEN).reports(command_result="rt-1-1")
    assert recorded(call) == ["", "", "rt-1-1"]
    assert call.said == "Sorry."


def test_what_a_phone_recorded_in_a_test_is_not_kept() -> None:
    call = recording(app="OFFHOOK0").reports(command_result="rt-1-1")
    assert recorded(call) == ["", "", ""]
