"""What ``Flow(...)`` finds wrong, and that it tells all of it at once."""

from __future__ import annotations

from typing import Any

import pytest

from app.callflow import (
    Flow,
    FlowError,
    at_most,
    branch,
    collect,
    command,
    dial,
    hang_up,
    menu,
    record,
    say,
    wait,
)
from app.callflow.errors import Finding
from app.callflow.kinds.base import Step

BYE = hang_up()


def findings(first: Step | None = None, **others: Any) -> tuple[Finding, ...]:
    """What is found wrong in a flow of these steps and options; nothing where it is right."""
    steps = {name: one for name, one in others.items() if isinstance(one, Step)}
    options = {name: one for name, one in others.items() if not isinstance(one, Step)}
    if first is not None:
        steps = {"first": first, **steps}
    arguments: dict[str, Any] = {"name": "line", "start": "first", "steps": steps} | options
    try:
        flow = Flow(arguments.pop("name"), **arguments)
    except FlowError as problem:
        return problem.findings
    return flow.findings


def only(first: Step | None = None, **others: Any) -> tuple[str, str, str, str]:
    """The one finding: step, argument, message and mend."""
    found = findings(first, **others)
    assert len(found) == 1, [str(one) for one in found]
    return found[0].step, found[0].field, found[0].message, found[0].mend


def told(first: Step | None = None, **others: Any) -> str:
    return "\n".join(str(one) for one in findings(first, **others))


# Steps and exits.


def test_an_exit_to_a_step_that_is_not_there() -> None:
    assert only(say("Hello.", then="god_bye"), bye=BYE) == (
        "first",
        "then",
        "there is no step 'god_bye'.",
        "Steps are: first, bye.",
    )


def test_a_key_that_leads_to_a_step_that_is_not_there() -> None:
    assert only(menu("?", {"1": "nowhere"}, failure="bye"), bye=BYE)[1] == "1"


def test_a_start_and_a_fallback_that_are_not_there() -> None:
    assert only(start="frist", first=BYE)[1:3] == ("start", "there is no step 'frist'.")
    assert only(BYE, fallback="sorry")[1:3] == ("fallback", "there is no step 'sorry'.")


def test_a_flow_of_no_steps() -> None:
    assert only()[2:] == ("there is no step 'first'.", "Steps are: none.")


def test_a_step_that_no_path_leads_to() -> None:
    assert only(BYE, island=say("Hello.", then="first")) == (
        "island",
        "",
        "no path leads to it.",
        "Lead an exit to it, or delete it.",
    )


def test_a_fallback_needs_no_exit_to_it() -> None:
    assert findings(BYE, sorry=hang_up("Sorry."), fallback="sorry") == ()


def test_a_step_from_which_no_path_ends_the_call() -> None:
    again = menu("?", {"1": "first"}, failure="more")
    more = at_most(3, then="first", failure="first")
    found = findings(again, more=more)
    assert {(one.step, one.message) for one in found} >= {
        ("first", "no path from it ends the call."),
        ("more", "no path from it ends the call."),
    }


def test_a_dial_ends_the_call_too() -> None:
    ask = menu("?", {"1": "ring"}, failure="ring")
    ring = dial("+33123456789", no_answer="bound")
    bound = at_most(2, then="first", failure="last")
    last = dial("+33123456789", no_answer="bye")
    assert findings(ask, ring=ring, bound=bound, last=last, bye=BYE) == ()
    endless = menu("?", {"1": "ring"}, failure="end")
    assert findings(endless, ring=dial("+33123456789", no_answer="end"), end=BYE) == ()


# Cycles.


def test_a_cycle_that_turns_without_the_caller() -> None:
    step, _, message, mend = only(
        say("Hello.", then="second"),
        second=branch("result", {"x": "bye"}, otherwise="first"),
        bye=BYE,
    )
    assert step == "first"
    assert (
        message == "first -> second -> first can turn for ever without the caller doing anything."
    )
    assert mend == "Break it with at_most(3, then=..., failure=...)."


def test_a_step_that_leads_to_itself() -> None:
    step = command("x", then="bye", failure="first")
    assert "first -> first can turn for ever" in only(step, bye=BYE)[2]


def test_failure_of_a_menu_is_nothing_that_the_caller_does() -> None:
    assert "first -> first" in only(menu("?", {"1": "bye"}, failure="first"), bye=BYE)[2]
    ask = collect("?", "x", then="bye", failure="first")
    assert "first -> first" in only(ask, bye=BYE)[2]


def test_a_recording_is_nothing_that_the_caller_must_do() -> None:
    cycle = record(into="x", then="second")
    ask = menu("?", {"1": "bye"}, failure="first")
    assert "first -> second -> first" in only(cycle, second=ask, bye=BYE)[2]


def test_a_match_and_a_valid_entry_break_a_cycle() -> None:
    assert findings(menu("?", {"1": "first", "2": "bye"}, failure="bye"), bye=BYE) == ()
    assert findings(collect("?", "x", then="first", failure="bye"), bye=BYE) == ()


def test_at_most_breaks_a_cycle_by_its_then_alone() -> None:
    hello = say("Hello.", then="bound")
    assert findings(hello, bound=at_most(3, then="first", failure="bye"), bye=BYE) == ()
    turned = at_most(3, then="bye", failure="first")
    assert "first -> bound -> first" in only(hello, bound=turned, bye=BYE)[2]


def test_each_of_two_cycles_is_told() -> None:
    text = told(
        branch("result", {"a": "left", "b": "right"}, otherwise="bye"),
        left=say("Left.", then="first"),
        right=say("Right.", then="first"),
        bye=BYE,
    )
    assert "first -> left -> first" in text
    assert "first -> right -> first" in text


# All at once.


def test_everything_is_told_at_once_with_its_place_and_its_mend() -> None:
    with pytest.raises(FlowError) as caught:
        Flow(
            "My line",
            start="first",
            timezone="Mars/Olympus",
            steps={
                "first": say("Hello {x!r}.", then="nowhere"),
                "second": collect("?", "Order", then="first", failure="first", tries=0),
                "third": menu("?", {"1": "first", "22": "first"}, failure="first", timeout_s=0),
            },
        )
    text = str(caught.value)
    for part in (
        "'My line' is no name.",
        "Mars/Olympus",
        "step 'first' in flow 'My line': prompt: {x!r} is no placeholder.",
        "then: there is no step 'nowhere'.",
        "into: 'Order' is no name.",
        "tries: it is 0. Write a whole number, 1 or more.",
        "choices: its keys differ in length. Write keys of one length.",
        "timeout_s: it is 0. Write seconds, over 0.",
    ):
        assert part in text
    assert len(caught.value.findings) == 8


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "5", True, None])
def test_seconds_that_are_none(seconds: Any) -> None:
    step = menu("?", {"1": "bye"}, failure="bye", timeout_s=seconds)
    assert only(step, bye=BYE)[1] == "timeout_s"
    assert findings(wait(1, then="bye"), bye=BYE) == ()
