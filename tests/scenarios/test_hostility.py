"""Platforms and networks on a bad day: calls go on, and end."""

from __future__ import annotations

from typing import Any

import pytest
from journeys import JOURNEYS
from telephone import Telephone

from app.simulator import Hostility, Readings

pytest_plugins = "scenario_server"

TWICE = {
    "after": Hostility(repeat="after"),
    "every second": Hostility(repeat="after", repeat_every=2),
    "at once": Hostility(repeat="at_once"),
    "at once, and two ends": Hostility(repeat="at_once", second_hangup=True),
}


@pytest.mark.parametrize("hostility", TWICE.values(), ids=TWICE.keys())
def test_a_report_that_comes_twice_gets_the_same_reply_and_one_row(
    telephone: Telephone, hostility: Hostility
) -> None:
    platform = telephone.under(hostility=hostility)
    for journey in JOURNEYS.values():
        call = journey(platform)
        journey.check(call)
        keys = [turn.report_key for turn in telephone.history.turns(call.journalled.row.key)]
        assert len(keys) == len(set(keys)) == len(call.turns)


def test_a_status_that_nobody_knows_is_answered_like_up(telephone: Telephone) -> None:
    status = "RINGING\x1b[2J\n"
    platform = telephone.under(hostility=Hostility(status_instead_of_up=status))
    for journey in JOURNEYS.values():
        call = journey(platform, odd=True)
        journey.check(call)
        known = {f"call_status {status!r} is not known; answered like UP."}
        assert set(call.incidents) == (known if call.heard else set())
    assert "\x1b" not in telephone.server.log()


def test_keys_that_nobody_documents_are_ignored(telephone: Telephone) -> None:
    extra = {"new": {"deep": [1, None]}, "Command": "x", "": 0, "call_status ": "HANGUP"}
    platform = telephone.under(hostility=Hostility(extra=extra))
    for journey in JOURNEYS.values():
        journey.check(journey(platform))


WRONG: tuple[Any, ...] = (None, True, -1, 1.5, 10**30, [], ["a"], {}, {"a": 1}, "\ud800\0\x1b[31m")


@pytest.mark.parametrize("name", ["app", "cli_name", "cli_number", "number", "cdr_field"])
def test_a_field_that_is_not_needed_may_hold_anything(telephone: Telephone, name: str) -> None:
    journey = JOURNEYS["support after a wrong key"]
    for value in WRONG:
        platform = telephone.under(hostility=Hostility(instead={name: value}))
        journey.check(journey(platform, odd=True))


def test_a_call_whose_date_cannot_be_read_began_when_its_first_report_came(
    telephone: Telephone,
) -> None:
    journey = JOURNEYS["an adult leaves the room"]
    for value in WRONG:
        call = journey(
            telephone.under(hostility=Hostility(instead={"date_started": value})), odd=True
        )
        journey.check(call)
        received_at = call.turns[0].received_at.replace(microsecond=0)
        assert call.journalled.row.started_at == received_at


@pytest.mark.parametrize(
    "value", [None, [], {}, 7, "x", {"offhook": 7}, {"offhook": "1.x.y"}], ids=repr
)
def test_a_state_that_does_not_come_back_is_read_in_the_journal(
    telephone: Telephone, value: object
) -> None:
    platform = telephone.under(hostility=Hostility(instead={"variables": value}))
    for journey in JOURNEYS.values():
        call = journey(platform, odd=True)
        journey.check(call)
        assert call.incidents.count("resumed from the journal.") == len(call.turns) - 1


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_report_that_is_lost_ends_the_call_and_its_next_report_is_understood(
    telephone: Telephone, number: int
) -> None:
    platform = telephone.under(hostility=Hostility(lose=frozenset({number})))
    call = JOURNEYS["support after a wrong key"](platform, odd=True)
    assert call.record.status == "HANGUP"
    assert call.outcome == "hung_up"


def test_a_report_that_is_lost_and_sent_again_costs_nothing(telephone: Telephone) -> None:
    platform = telephone.under(
        Readings(retry_after_fault=True), Hostility(lose=frozenset({1, 4, 6}))
    )
    journey = JOURNEYS["support after a wrong key"]
    call = journey(platform, odd=True)
    journey.check(call)
    assert not call.incidents


def test_a_report_may_trickle_in(telephone: Telephone) -> None:
    platform = telephone.under(hostility=Hostility(send_over_s=0.1))
    journey = JOURNEYS["nobody says an age"]
    journey.check(journey(platform))
