"""Steps that give no command: branch, assign, at_most, hours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from phone import MONDAY_NOON, flow_of, play

from app.callflow import Call, assign, at_most, branch, hang_up, hours, menu, say, to
from app.callflow.commands import Value
from app.callflow.errors import FlowError
from app.callflow.kinds.base import Step

OPEN, CLOSED = hang_up("Open."), hang_up("Closed.")


# branch


@pytest.mark.parametrize(
    ("value", "heard"),
    [("1", "There."), (1, "Failed."), (True, "Busy."), (None, "Nothing."), ("2", ""), (False, "")],
)
def test_a_value_matches_by_type_and_value(value: Value, heard: str) -> None:
    cases: list[tuple[Value, str]] = [
        ("1", "there"),
        (1, "failed"),
        (True, "busy"),
        (None, "nothing"),
    ]
    for case, exit_ in cases:
        flow = flow_of(
            assign(x=value, then="pick"), pick=branch("x", {case: exit_}, otherwise="bye")
        )
        matched = type(case) is type(value) and case == value
        play(flow).hears(heard if matched else "<Hangup>")


def test_a_variable_that_is_not_set_is_none() -> None:
    flow = flow_of(
        branch("name", {None: "there"}, otherwise="ask"),
        ask=menu("?", {"1": to("first", name="x")}, failure="bye"),
    )
    play(flow).hears("There.")


@pytest.mark.parametrize(
    ("on", "value"),
    [
        ("direction", "inbound"),
        ("language", "en-GB"),
        ("caller", "+33612345678"),
        ("called", "+33199001020"),
        ("result", ""),
    ],
)
def test_what_the_call_is_can_be_branched_on(on: str, value: str) -> None:
    play(flow_of(branch(on, {value: "there"}, otherwise="bye"))).hears("There.")


def test_a_withheld_caller_is_none() -> None:
    flow = flow_of(branch("caller", {None: "there"}, otherwise="bye"))
    play(flow, caller=None).hears("There.")


def test_a_function_of_the_call_may_say_where_to_go() -> None:
    flow = flow_of(branch(lambda call: call.turn == 0, {True: "there"}, otherwise="bye"))
    assert play(flow).hears("There.").trail[0] == "first:True"


def test_a_function_that_gives_no_value_fails_the_turn() -> None:
    with pytest.raises(
        FlowError, match=r"branch: function .* gave list; expected a str, int, bool"
    ):
        play(flow_of(branch(lambda _: ["x"], {"x": "there"}, otherwise="bye")))  # type: ignore[arg-type,return-value] # as an author may


def test_otherwise_may_be_a_value_too() -> None:
    flow = flow_of(
        branch("word", {"otherwise": "there"}, otherwise="bye"), given={"word": "otherwise"}
    )
    play(flow).hears("There.")


# assign


def test_values_and_functions_are_assigned() -> None:
    flow = flow_of(
        assign(name="{caller}", count=lambda call: call.turn + 2, none=None, then="told"),
        told=hang_up("{name} {count}"),
    )
    call = play(flow).hears("{caller} 2")
    assert call.call.variables == {"name": "{caller}", "count": 2, "none": None}


def test_a_function_sees_the_call_as_it_was_before_the_step() -> None:
    flow = flow_of(
        assign(a="new", b=lambda call: call["a"], then="told"),
        told=hang_up("{a} {b}"),
        given={"a": "old"},
    )
    play(flow).hears("new old")


def test_a_function_that_assigns_no_value_fails_the_turn() -> None:
    with pytest.raises(FlowError, match=r"x: function .* gave float"):
        play(flow_of(assign(x=lambda _: 1.5, then="bye")))  # type: ignore[arg-type,return-value] # as an author may


def test_the_language_can_be_assigned() -> None:
    both = {"en-GB": "Hello.", "fr-FR": "Bonjour."}
    flow = flow_of(assign(language="fr-FR", then="hello"), hello=hang_up(both))
    call = play(flow).hears("Bonjour.")
    assert call.call.language == "fr-FR"
    assert call.call.variables == {}


@pytest.mark.parametrize("gives", ["de-DE", None, 5])
def test_a_function_that_gives_a_language_that_the_flow_lacks_fails_the_turn(gives: Any) -> None:
    with pytest.raises(FlowError, match=r"language: function .* a language of the flow: en-GB"):
        play(flow_of(assign(language=lambda _: gives, then="bye")))


# at_most


def test_at_most_counts_for_the_whole_call() -> None:
    flow = flow_of(at_most(2, then="hello", failure="failed"), hello=say("Hello.", then="first"))
    call = play(flow).hears("Hello.", "Hello.", "Failed.")
    assert call.trail == ["first:then", "hello:then", "first:then", "hello:then", "first:failure"]
    assert call.call.counts == {"first": 2}


def test_two_bounds_count_apart() -> None:
    flow = flow_of(
        at_most(1, then="hello", failure="second"),
        second=at_most(1, then="hello", failure="failed"),
        hello=say("Hello.", then="first"),
    )
    play(flow).hears("Hello.", "Hello.", "Failed.")


def test_a_bounded_circle_of_silent_steps_ends_at_fifty() -> None:
    flow = flow_of(at_most(999, then="second", failure="bye"), second=assign(x="y", then="first"))
    with pytest.raises(FlowError, match="more than 50 steps passed within one"):
        play(flow)


def chain(silent: int) -> dict[str, Step]:
    last = silent - 1
    return {
        f"s{n}": assign(x="y", then=f"s{n + 1}" if n < last else "there") for n in range(silent)
    }


def test_fifty_steps_may_pass_within_one_turn_and_no_more() -> None:
    fits = 50 - 2  # the first step, these, and the one that speaks
    play(flow_of(assign(x="y", then="s0"), **chain(fits))).hears("There.")
    with pytest.raises(FlowError, match="steps passed within one turn"):
        play(flow_of(assign(x="y", then="s0"), **chain(fits + 1)))


# hours


def opened(at: datetime, *, zone: str = "UTC", **options: Any) -> str:
    week = options.pop("week")
    step = hours(week, open="opened", closed_step="shut", **options)
    flow = flow_of(step, opened=OPEN, shut=CLOSED, timezone=zone)
    return play(flow, at=at).turns[0].trail[0][1]


@pytest.mark.parametrize(
    ("clock", "exit_"),
    [
        ("08:29", "closed"),
        ("08:30", "open"),
        ("12:29", "open"),
        ("12:30", "closed"),
        ("14:00", "open"),
        ("18:30", "closed"),
    ],
)
def test_it_is_open_from_the_first_minute_to_before_the_last(clock: str, exit_: str) -> None:
    hour, minute = map(int, clock.split(":"))
    at = MONDAY_NOON.replace(hour=hour, minute=minute)
    assert opened(at, week={"mon-fri": "08:30-12:30 14:00-18:30"}) == exit_


@pytest.mark.parametrize(
    ("day", "exit_"), [(6, "open"), (7, "closed"), (8, "open"), (9, "open"), (10, "closed")]
)
def test_days_may_go_over_the_weeks_end(day: int, exit_: str) -> None:
    week = {"sun-mon": "00:00-24:00", "fri": "00:00-24:00"}
    assert opened(datetime(2026, 3, day, 12, tzinfo=UTC), week=week) == exit_


@pytest.mark.parametrize(
    ("at", "exit_"),
    [
        (datetime(2026, 1, 5, 8, 30, tzinfo=UTC), "open"),  # 09:30 in Paris
        (datetime(2026, 1, 5, 7, 30, tzinfo=UTC), "closed"),  # 08:30
        (datetime(2026, 7, 6, 7, 30, tzinfo=UTC), "open"),  # 09:30 in summer
        (datetime(2026, 7, 6, 16, 30, tzinfo=UTC), "closed"),  # 18:30
    ],
)
def test_hours_are_those_of_the_flows_time_zone_in_winter_and_summer(
    at: datetime, exit_: str
) -> None:
    assert opened(at, zone="Europe/Paris", week={"mon": "09:00-18:00"}) == exit_


@pytest.mark.parametrize(
    ("at", "exit_"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "closed"),  # 01:30, before the clocks go on
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "open"),  # 03:30: there was no 02:30
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "open"),  # 02:30, for the first time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "open"),  # 02:30, for the second
        (datetime(2026, 10, 25, 3, 0, tzinfo=UTC), "closed"),  # 04:00
    ],
)
def test_hours_hold_on_the_days_when_clocks_change(at: datetime, exit_: str) -> None:
    assert opened(at, zone="Europe/Paris", week={"sun": "02:00-04:00"}) == exit_


def test_the_day_is_that_of_the_time_zone() -> None:
    sunday_night = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert opened(sunday_night, zone="Asia/Ho_Chi_Minh", week={"mon": "05:00-07:00"}) == "open"
    assert opened(sunday_night, zone="UTC", week={"mon": "00:00-24:00"}) == "closed"


@pytest.mark.parametrize(
    ("at", "exit_"),
    [
        (datetime(2026, 12, 24, 23, 0, tzinfo=UTC), "open"),
        (datetime(2026, 12, 25, 5, 59, tzinfo=UTC), "open"),  # the night began on an open day
        (datetime(2026, 12, 25, 23, 0, tzinfo=UTC), "closed"),
        (datetime(2026, 12, 26, 5, 0, tzinfo=UTC), "closed"),  # and this one did not
        (datetime(2026, 12, 26, 6, 0, tzinfo=UTC), "closed"),
        (datetime(2026, 12, 26, 22, 0, tzinfo=UTC), "open"),
        (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), "closed"),
        (datetime(2027, 12, 31, 22, 0, tzinfo=UTC), "open"),
    ],
)
def test_nights_go_past_midnight_and_closed_days_are_closed(at: datetime, exit_: str) -> None:
    week = {"mon-sun": "22:00-06:00"}
    assert opened(at, week=week, closed=("12-25", "2026-12-31")) == exit_


def test_the_time_does_not_move_while_the_call_lasts() -> None:
    week = {"mon": "09:00-12:01"}
    flow = flow_of(
        say("One moment.", then="check"),
        check=hours(week, open="opened", closed_step="shut"),
        opened=OPEN,
        shut=CLOSED,
        timezone="UTC",
    )
    call = play(flow).hears("One moment.", "Open.")
    assert call.call.now == MONDAY_NOON


def test_the_local_time_is_there_for_functions() -> None:
    def hour(call: Call) -> str:
        return f"{call.local_now:%H:%M}"

    play(flow_of(hang_up(hour), timezone="Asia/Kolkata")).hears("17:30")
