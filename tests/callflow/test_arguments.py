"""Whatever an author writes as an argument is told by ``Flow(...)``, and raises nothing before."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from app.callflow import (
    Flow,
    FlowError,
    Media,
    assign,
    at_most,
    branch,
    collect,
    command,
    conference,
    dial,
    hang_up,
    hours,
    menu,
    record,
    say,
    send_digits,
    to,
    wait,
)
from app.callflow.kinds.base import Step
from app.callflow.steps import play

RIGHT: dict[Callable[..., Step], dict[str, Any]] = {
    say: {"prompt": "Hello.", "then": "bye"},
    play: {"media": Media(callr=1), "then": "bye"},
    menu: {"prompt": "?", "choices": {"1": "bye"}, "failure": "bye"},
    collect: {"prompt": "?", "into": "x", "then": "bye", "failure": "bye"},
    record: {"prompt": "?", "into": "x", "then": "bye"},
    dial: {"no_answer": "bye"},
    conference: {"room": "r", "then": "bye"},
    wait: {"seconds": 1, "then": "bye"},
    send_digits: {"digits": "1", "then": "bye"},
    command: {"name": "x", "then": "bye"},
    hang_up: {"prompt": "Bye."},
    branch: {"on": "result", "exits": {"1": "bye"}, "otherwise": "bye"},
    assign: {"then": "bye", "x": 1},
    at_most: {"times": 1, "then": "bye", "failure": "bye"},
    hours: {"week": {"mon": "09:00-10:00"}, "open": "bye", "closed_step": "bye"},
}

JUNK = [
    None,
    0,
    -1,
    True,
    1.5,
    float("nan"),
    "",
    "{",
    "|\x00\ud800",
    b"x",
    [],
    ["x", 5],
    {},
    {"x": 5},
    {5: "x"},
    {"failure": "bye"},
    object(),
    len,
    to("bye", x=1),
    to("bye", X=[]),  # type: ignore[arg-type] # as an author may
    to(5, language=5),  # type: ignore[arg-type] # as an author may
]

PLACES = [
    pytest.param(function, name, id=f"{function.__name__}-{name}")
    for function in RIGHT
    for name in inspect.signature(function).parameters
]


def made(function: Callable[..., Step], name: str, junk: object) -> Step:
    right = RIGHT[function]
    if name == "targets":
        return function(junk, **right)
    numbers = ["+33123456789"] if function is dial else []
    return function(*numbers, **{**right, "x" if name == "values" else name: junk})


@pytest.mark.parametrize(("function", "name"), PLACES)
def test_what_is_wrong_with_a_step_is_told_by_the_flow(
    function: Callable[..., Step], name: str
) -> None:
    for junk in JUNK:
        steps = {"first": made(function, name, junk), "bye": hang_up()}
        try:
            flow = Flow("line", start="first", steps=steps, timezone="UTC")
        except FlowError as problem:
            assert problem.findings  # noqa: PT017 - either is right: told, or usable
        else:
            assert flow.fingerprint
            assert flow.draw()


@pytest.mark.parametrize(("function", "right"), list(RIGHT.items()))
def test_what_is_right_has_no_problems(
    function: Callable[..., Step], right: dict[str, Any]
) -> None:
    numbers = ["+33123456789"] if function is dial else []
    assert function(*numbers, **right).problems == ()


def problems_of(step: Step) -> dict[str, str]:
    return dict(step.problems)


def test_a_menu_has_keys_of_one_length_out_of_digits_and_star() -> None:
    def told(*keys: Any) -> str:
        choices = dict.fromkeys(keys, "bye")
        return problems_of(menu("?", choices, failure="bye")).get("choices", "")

    assert told("1", "*") == told("10", "11") == ""
    for key in ("#", "", "a", 1, "1#"):
        assert "is no key. Write keys out of 0-9 and *, as text." in told(key)
    assert "differ in length" in told("1", "22")
    assert "there are none" in told()


def test_values_of_a_branch_that_read_alike_are_told() -> None:
    step = branch("x", {"1": "bye", 1: "bye"}, otherwise="bye")
    assert "two values read alike" in problems_of(step)["exits"]


def test_an_entry_has_sensible_lengths_and_keys() -> None:
    def told(**options: Any) -> dict[str, str]:
        return problems_of(collect("?", "x", then="bye", failure="bye", **options))

    assert "4 is over max_digits, 3" in told(min_digits=4, max_digits=3)["min_digits"]
    assert "a whole number, 1 or more" in told(min_digits=0)["min_digits"]
    assert "keys out of 0-9 and *" in told(accept="12#")["accept"]
    assert "is no function" in told(valid="x")["valid"]


def test_numbers_are_e164() -> None:
    for number in ("0123456789", "+0123", "33123456789", "+331234567890123456", "+33 1"):
        assert (
            "Write it like +33612345678." in problems_of(dial(number, no_answer="bye"))["targets"]
        )
        step = dial("+33123456789", no_answer="bye", caller_id=number)
        assert "Write it like +33612345678." in problems_of(step)["caller_id"]
    assert "at least one number" in problems_of(dial(no_answer="bye"))["targets"]


def test_a_whisper_and_a_rooms_prompts_are_one_piece() -> None:
    step = dial("+33123456789", no_answer="bye", whisper=["One.", "Two."])
    assert "several pieces" in problems_of(step)["whisper"]
    room = conference("r", then="bye", pin_prompt=["One.", "Two."])
    assert "several pieces" in problems_of(room)["pin_prompt"]


def test_words_are_needed_to_say_and_a_disposition_is_a_word() -> None:
    assert "it is empty" in problems_of(say("", then="bye"))["prompt"]
    assert "'Call back' is no word" in problems_of(hang_up(disposition="Call back"))["disposition"]


def test_something_must_be_assigned() -> None:
    assert "there are none" in problems_of(assign(then="bye"))["values"]
    assert "it is 1.5" in problems_of(assign(then="bye", x=1.5))["x"]  # type: ignore[arg-type] # as an author may


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"x", {"a": object()}, float("nan"), [float("inf")]]
)
def test_a_platforms_parameter_is_something_that_json_has(value: object) -> None:
    assert "is no value" in problems_of(command("x", {"y": value}, then="bye"))["y"]
