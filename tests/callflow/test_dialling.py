"""Dialling: whom, with which number shown, and what becomes of the call."""

from __future__ import annotations

import pytest
from phone import CALLER, OUR_NUMBER, PhoneCall, flow_of, play

from app.callflow import (
    Call,
    branch,
    dial,
    say,
)
from app.callflow.commands import (
    Dial,
    Say,
)
from app.callflow.errors import FlowError
from app.callflow.kinds.base import Step
from app.callflow.parties import Phone

# Dialling.


def dialling(step: Step) -> PhoneCall:
    return play(flow_of(step))


def every_exit() -> Step:
    return dial("+33123456789", no_answer="there", busy="busy", failure="failed")


def test_numbers_are_dialled_in_order_with_our_number_shown() -> None:
    call = dialling(
        dial("+33123456789", "+33123456780", no_answer="there", ring_s=20, whisper="Sales.")
    )
    assert call.command == Dial(
        targets=(Phone("+33123456789"), Phone("+33123456780")),
        ring_s=20,
        caller_id=OUR_NUMBER.number,
        whisper=Say("Sales.", "en-GB"),
    )


def test_on_a_call_that_we_placed_the_number_shown_is_the_one_that_we_called_from() -> None:
    flow = flow_of(dial("+33123456789", no_answer="bye"))
    call = play(flow, direction="outbound", caller=OUR_NUMBER, called=CALLER)
    assert isinstance(call.command, Dial)
    assert call.command.caller_id == OUR_NUMBER.number


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (dial("+33123456789", no_answer="bye", caller_id="+33199999999"), "+33199999999"),
        (dial("+33123456789", no_answer="bye"), None),
    ],
    ids=["written", "none"],
)
def test_the_number_shown_may_be_written_or_be_nobodys(step: Step, shown: str | None) -> None:
    call = play(flow_of(step), called=None)
    assert isinstance(call.command, Dial)
    assert (call.command.caller_id, call.command.withheld) == (shown, False)


def test_a_number_is_withheld_only_when_asked_for() -> None:
    call = play(flow_of(dial("+33123456789", no_answer="bye", withheld=True, ringtone="music")))
    assert isinstance(call.command, Dial)
    assert (call.command.withheld, call.command.ringtone) == (True, "music")


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("answered", "transferred"), ("", "dialled"), ("busy", "dialled")],
)
def test_a_hang_up_after_dialling_says_whether_they_were_connected(
    result: str, outcome: str
) -> None:
    dialling(every_exit()).hangs_up(result).ends(outcome)


def test_an_answered_dial_that_is_reported_live_ends_the_call() -> None:
    call = dialling(every_exit()).is_dialled("answered").is_hung_up().ends("transferred")
    assert call.trail == ["first:transferred"]


@pytest.mark.parametrize(
    ("result", "heard"),
    [("busy", "Busy."), ("failed", "Failed."), ("no_answer", "There."), ("", "There.")],
)
def test_a_dial_that_nobody_answered_takes_the_exit_that_the_platform_tells(
    result: str, heard: str
) -> None:
    dialling(every_exit()).is_dialled(result).hears(heard)


@pytest.mark.parametrize("result", ["busy", "failed", "no_answer", "anything", ""])
def test_no_answer_stands_for_the_exits_that_are_not_declared(result: str) -> None:
    dialling(dial("+33123456789", no_answer="there")).is_dialled(result).hears("There.")


def test_a_dial_that_the_platform_refuses_without_a_failure_is_no_answer() -> None:
    call = dialling(dial("+33123456789", no_answer="there")).fails("CLI").hears("There.")
    assert "the platform said 'CLI'" in call.incidents


def test_a_branch_can_tell_why_nobody_answered() -> None:
    flow = flow_of(
        dial("+33123456789", no_answer="why"),
        why=branch("result", {"busy": "busy"}, otherwise="there"),
    )
    play(flow).is_dialled("busy").hears("Busy.")
    play(flow).is_dialled("no_answer").hears("There.")


# Numbers that the flow does not itself write are dialled only where they are allowed.


def allow(*numbers: str) -> dict[str, str]:
    return {number: "" if number.startswith("+33") else f"{number} no" for number in numbers}


@pytest.mark.parametrize(
    "target",
    ["{number}", lambda call: call["number"], lambda call: [call["number"], "+44"]],
    ids=["placeholder", "function", "several"],
)
def test_a_number_from_outside_is_asked_about_and_dialled(target: str) -> None:
    flow = flow_of(dial(target, no_answer="bye"), given={"number": "+33123456789"})
    call = play(flow, fetches={"may_dial": allow})
    assert isinstance(call.command, Dial)
    assert call.command.targets == (Phone("+33123456789"),)
    assert call.asked[0].function == "may_dial"


@pytest.mark.parametrize(
    ("failure", "heard"), [("failed", "Failed."), (None, "There.")], ids=["failure", "no_answer"]
)
def test_a_number_that_may_not_be_dialled_is_an_incident(failure: str | None, heard: str) -> None:
    step = dial("{number}", no_answer="there", failure=failure)
    flow = flow_of(step, given={"number": "+44"})
    call = play(flow, fetches={"may_dial": allow}).hears(heard)
    assert "step 'first': +44 no" in call.incidents


def test_a_branch_can_tell_that_a_number_was_refused() -> None:
    flow = flow_of(
        say("Wait.", then="ring"),
        ring=dial("{number}", no_answer="why"),
        why=branch("result", {"failed": "failed"}, otherwise="there"),
        given={"number": "+44"},
    )
    play(flow, fetches={"may_dial": allow}).hears("Wait.", "Failed.")


def test_a_number_that_the_flow_writes_needs_no_leave() -> None:
    assert dialling(every_exit()).asked == []


@pytest.mark.parametrize("gives", [5, None, ["+331", 7], {"+331": 1}])
def test_a_function_that_gives_no_number_fails_the_turn(gives: object) -> None:
    def target(_: Call) -> object:
        return gives

    with pytest.raises(FlowError, match=r"dial: function .*target.* a number as text or a Client"):
        play(flow_of(dial(target, no_answer="bye")), fetches={"may_dial": allow})
