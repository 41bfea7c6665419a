"""Callers who hang up: at each command in turn, and at any second."""

from __future__ import annotations

import pytest
from journeys import JOURNEYS, Journey
from telephone import Telephone

from app.simulator import Hostility, Readings

pytest_plugins = "scenario_server"

journeys = pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS.keys())
readings = pytest.mark.parametrize(
    "reading",
    [
        Readings(hangup=hangup, interrupted=interrupted)
        for hangup in ("merged", "separate")
        for interrupted in ("empty", "-1", "error", "kept")
    ],
    ids=lambda reading: f"{reading.hangup} {reading.interrupted}",
)


def outcome_at(command: str) -> str:
    return {"hangup": "completed", "dialout": "dialled"}.get(command, "hung_up")


@journeys
def test_a_hang_up_at_any_command_ends_the_call_there(
    telephone: Telephone, journey: Journey
) -> None:
    whole = journey(telephone).commands
    for number in range(1, len(whole) + 1):
        call = journey(telephone, hangup_at=number)
        assert call.commands == whole[:number]
        assert call.outcome == outcome_at(whole[number - 1])
        assert journey.way.startswith(call.way)
        assert call.turns[-1].kind == "end"
        assert call.turns[-1].reply == b""


@readings
def test_however_a_hang_up_is_told_the_call_ends_and_goes_no_further(
    telephone: Telephone, reading: Readings
) -> None:
    platform = telephone.under(reading)
    for journey in JOURNEYS.values():
        whole = journey(telephone).commands
        for number in range(1, len(whole) + 1):
            call = journey(platform, hangup_at=number, odd=True)
            assert call.record.status in {"HANGUP", "BUSY"}
            assert call.commands == whole[:number]
            if reading.hangup == "merged":
                assert call.outcome == outcome_at(whole[number - 1])
                assert journey.way.startswith(call.way)
                assert not call.incidents


@readings
def test_a_caller_may_hang_up_at_any_second(telephone: Telephone, reading: Readings) -> None:
    platform = telephone.under(reading)
    journey = JOURNEYS["support after a wrong key"]
    for second in range(1, 40, 3):
        call = journey(platform, hangup_after=second, odd=True)
        assert call.outcome in {"hung_up", "dialled", "transferred"}
        assert set(call.variables) <= {"order", "team"}
        assert call.variables.get("order", "123456") == "123456", "half an entry is none"


def test_a_second_hangup_changes_nothing(telephone: Telephone) -> None:
    platform = telephone.under(hostility=Hostility(second_hangup=True))
    for journey in JOURNEYS.values():
        call = journey(platform)
        journey.check(call)
        assert [turn.kind for turn in call.turns].count("end") == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_line_that_drops_ends_the_call(telephone: Telephone, number: int) -> None:
    platform = telephone.under(hostility=Hostility(hang_up_during=number))
    call = JOURNEYS["support after a wrong key"](platform)
    assert call.outcome == "hung_up"
    assert len(call.commands) == number


@pytest.mark.parametrize("second", [0, 1, 4, 11])
def test_a_line_that_drops_at_some_second_ends_the_call(telephone: Telephone, second: int) -> None:
    platform = telephone.under(hostility=Hostility(hang_up_after_s=second))
    call = JOURNEYS["support after a wrong key"](platform)
    assert call.outcome == "hung_up"
    assert call.turns[-1].kind == "end"


def test_a_call_that_the_platform_ends_for_its_length_ends_well(telephone: Telephone) -> None:
    platform = telephone.under(Readings(longest_call_s=4))
    assert JOURNEYS["support after a wrong key"](platform).outcome == "hung_up"
