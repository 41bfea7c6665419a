"""What is secret is read by functions, and stands nowhere else."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from phone import PhoneCall, flow_of, play

from app.callflow import Call, assign, branch, collect, command, dial, hang_up, menu, say, to
from app.callflow.errors import FlowError
from app.callflow.kinds.base import Step

PIN = "4711"


def after_the_pin(step: Step, **options: Any) -> PhoneCall:
    ask = collect("PIN?", "pin", secret=True, tries=9, then="next", failure="bye")
    return play(flow_of(ask, next=step, **options)).presses(PIN)


def test_a_secret_entry_leaves_no_result() -> None:
    call = after_the_pin(say("Thanks.", then="there"))
    assert call.call["pin"] == PIN
    assert call.call.result == ""
    assert PIN not in str(call.turn.placed) + str(call.trail)


def test_a_function_may_judge_by_a_secret() -> None:
    step = branch(lambda call: call["pin"] == PIN, {True: "there"}, otherwise="failed")
    after_the_pin(step).hears("There.")


def pin_of(call: Call) -> str:
    return f"It is {call['pin']}."


@pytest.mark.parametrize(
    "step",
    [
        say(pin_of, then="bye"),
        assign(copy=pin_of, then="bye"),
        assign(copy=lambda call: call.int("pin"), then="bye"),
        branch(pin_of, {"x": "there"}, otherwise="bye"),
        command("x", {"y": pin_of}, then="bye"),
        dial(lambda call: ["+33", pin_of(call)], no_answer="bye"),
        say(functools.partial(pin_of), then="bye"),
    ],
    ids=["say", "assign", "as int", "branch", "command", "dial", "partial"],
)
def test_a_function_that_gives_a_secret_away_fails_the_turn(step: Step) -> None:
    with pytest.raises(FlowError, match="returned the secret 'pin'") as caught:
        after_the_pin(step)
    assert PIN not in str(caught.value)
    assert caught.value.step == "next"


def raising(call: Call) -> str:
    raise ValueError(f"unknown PIN {call['pin']!r}")


def misreading(call: Call) -> str:
    return str(call.with_variables({"pin": f"{call['pin']}x"}).int("pin"))


@pytest.mark.parametrize("function", [raising, misreading])
def test_an_error_that_names_a_secret_is_told_without_it(function: Any) -> None:
    with pytest.raises(FlowError, match=r"line \d+, in ") as caught:
        after_the_pin(say(function, then="bye"))
    assert PIN not in str(caught.value)
    assert "****" in str(caught.value)


def test_an_error_is_told_as_it_is_while_a_secret_is_empty() -> None:
    ask = collect("PIN?", "pin", secret=True, then=to("next", pin=""), failure="bye")
    flow = flow_of(ask, next=say(raising, then="bye"))
    with pytest.raises(FlowError, match="ValueError: unknown PIN ''"):
        play(flow).presses(PIN)


def test_a_judgement_that_fails_does_not_tell_the_entry() -> None:
    def judge(entry: str) -> bool:
        raise ValueError(f"cannot look up {entry}")

    ask = collect("PIN?", "pin", secret=True, valid=judge, then="bye", failure="bye")
    with pytest.raises(FlowError, match=r"cannot look up \*\*\*\*") as caught:
        play(flow_of(ask)).presses(PIN)
    assert PIN not in str(caught.value)


def test_short_secrets_are_not_looked_for_because_they_turn_up_by_chance() -> None:
    ask = collect("Digit?", "pin", secret=True, then="next", failure="bye")
    call = play(flow_of(ask, next=hang_up(lambda _: "We open at 9."))).presses("9")
    call.hears("We open at 9.")


def test_an_entry_that_is_not_secret_may_be_said_beside_a_secret() -> None:
    ask = menu("Press.", {"1": "told"}, failure="bye")
    after_the_pin(ask, told=hang_up("You pressed {result}.")).presses("1").hears("You pressed 1.")
