"""Calls of `age_gate`, the vendor's own sample."""

from __future__ import annotations

from telephone import Telephone

from app.simulator.transcript import InRoom

pytest_plugins = "scenario_server"

QUESTION = "Hello there. How old are you?"


def test_an_adult_comes_into_the_room_of_their_age(telephone: Telephone) -> None:
    call = telephone.ring("age_gate", "22")
    assert call.heard == [QUESTION, "You are 22 years old."]
    assert call.voices == {"TTS_EN-GB_SERENA"}
    assert call.params("read") == {
        "media_id": f"TTS|TTS_EN-GB_SERENA|{QUESTION}",
        "max_digits": 3,
        "attempts": 2,
        "timeout_ms": 5000,
    }
    assert call.params("conference")["id"] == 22
    assert call.params("conference")["auto_leave_when_alone"] is True
    assert [room.room for room in call.record.of(InRoom)] == ["22"]
    assert call.way == "ask_age:then say_age:then adult:True"
    assert call.outcome == "hung_up"
    assert call.variables == {"age": "22"}


def test_an_adult_who_leaves_the_room_with_a_star_is_hung_up(telephone: Telephone) -> None:
    call = telephone.ring("age_gate", "118", leaves_room="star")
    assert call.way == "ask_age:then say_age:then adult:True room:then"
    assert call.commands == ["read", "play", "conference", "hangup"]
    assert call.outcome == "completed"


def test_a_minor_is_hung_up(telephone: Telephone) -> None:
    call = telephone.ring("age_gate", "9#")
    assert call.heard == [QUESTION, "You are 9 years old."]
    assert call.way == "ask_age:then say_age:then adult:otherwise"
    assert call.commands == ["read", "play", "hangup"]
    assert call.outcome == "completed"


def test_who_says_nothing_is_asked_twice_and_hung_up(telephone: Telephone) -> None:
    call = telephone.ring("age_gate")
    assert call.heard == [QUESTION, QUESTION]
    assert call.keys_wanted == [(3, 5.0), (3, 5.0)]
    assert call.way == "ask_age:failure"
    assert call.outcome == "completed"


def test_a_star_is_no_age_of_an_adult(telephone: Telephone) -> None:
    call = telephone.ring("age_gate", "*1*")
    assert call.heard == [QUESTION, "You are *1* years old."]
    assert call.way == "ask_age:then say_age:then adult:otherwise"


def test_a_call_without_a_voice_app_is_a_test_and_one_with_it_is_not(telephone: Telephone) -> None:
    assert telephone.ring("age_gate").journalled.row.test
    assert not telephone.ring("age_gate", app_hash="4346423A").journalled.row.test


def test_the_caller_and_our_number_are_journalled(telephone: Telephone) -> None:
    row = telephone.ring("age_gate").journalled.row
    assert (row.direction, row.caller, row.called) == ("inbound", "+33612345678", "+33199001020")
    assert row.flow == "age_gate"
    assert telephone.ring("age_gate", caller="").journalled.row.caller == ""
