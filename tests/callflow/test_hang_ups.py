"""What a hang-up keeps, what it drops, and what it makes of the call."""

from __future__ import annotations

import pytest
from phone import CALLER, MONDAY_NOON, OUR_NUMBER, PhoneCall, flow_of, play

from app.callflow import (
    Media,
    collect,
    command,
    conference,
    dial,
    hang_up,
    menu,
    record,
    say,
    send_digits,
    wait,
)
from app.callflow.call import Phase
from app.callflow.engine import new_call, take_turn
from app.callflow.errors import PlatformError
from app.callflow.events import (
    CallArrived,
    CommandDone,
    CommandFailed,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
    Unanswered,
)
from app.callflow.kinds.base import Step
from app.callflow.turn import Turn


def never(entry: str) -> bool:
    raise AssertionError(entry)


def typing() -> PhoneCall:
    step = collect(
        (Media(callr=1), "Type."),
        "code",
        min_digits=3,
        max_digits=5,
        valid=never,
        then="bye",
        failure="bye",
    )
    return play(flow_of(step)).is_done("0")


def speaking() -> PhoneCall:
    return play(flow_of(record("Speak.", into="message", then="bye"))).hears("Speak.")


@pytest.mark.parametrize(
    "step",
    [
        say("Hello.", then="bye"),
        menu("Press.", {"1": "bye"}, failure="bye"),
        wait(1, then="bye"),
        send_digits("1", then="bye"),
        conference("room", then="bye"),
        command("play_record", {"media_file": "x"}, then="bye", into="kept"),
        hang_up("Goodbye."),
    ],
    ids=["say", "menu", "wait", "send_digits", "conference", "command", "hang_up"],
)
def test_a_hang_up_during_a_command_ends_the_call_and_keeps_nothing(step: Step) -> None:
    call = play(flow_of(step))
    before = call.turn
    call.hangs_up("1").ends("hung_up")
    assert call.call.phase is Phase.ENDED
    assert call.call.variables == {}
    assert (call.turn.trail, call.turn.incidents) == ((), ())
    assert call.call.turn == before.call.turn


def test_a_message_that_ends_with_a_hang_up_is_kept() -> None:
    call = speaking().hangs_up("rec-1").ends("hung_up")
    assert call.call["message"] == "rec-1"


def test_a_valid_entry_that_ends_with_a_hang_up_is_kept_unjudged() -> None:
    assert typing().hangs_up("1234").ends("hung_up").call["code"] == "1234"


@pytest.mark.parametrize("result", ["", "12", "123456", "12*", "TIMEOUT", "-1", "12a"])
def test_an_entry_that_is_not_valid_is_dropped(result: str) -> None:
    assert typing().hangs_up(result).ends("hung_up").call.variables == {}


def test_a_result_that_comes_with_an_error_is_dropped() -> None:
    assert typing().hangs_up("1234", error="ERR").call.variables == {}
    assert speaking().hangs_up("rec-1", error="ERR").call.variables == {}


def test_a_hang_up_during_the_prompt_is_no_recording_and_no_entry() -> None:
    flow = flow_of(record("Speak.", into="message", then="bye"))
    assert play(flow).is_hearing("Speak.").hangs_up("0").ends("hung_up").call.variables == {}
    step = collect((Media(callr=1), "Type."), "code", then="bye", failure="bye")
    assert play(flow_of(step)).hangs_up("0").ends("hung_up").call.variables == {}


def test_a_hang_up_during_the_notice_of_a_second_try_is_no_entry() -> None:
    step = collect("Type.", "code", invalid=Media(callr=1), then="bye", failure="bye")
    call = play(flow_of(step)).presses("*").hangs_up("0")
    assert call.call.variables == {}


def test_a_second_hang_up_changes_nothing() -> None:
    call = speaking().hangs_up("rec-1")
    ended = call.call
    call.hangs_up("rec-2").ends("hung_up")
    assert call.call == ended
    call.reports(NotAnswered(Unanswered.BUSY)).ends("hung_up")
    assert call.call == ended


def test_a_second_hang_up_tells_what_the_first_told() -> None:
    call = play(flow_of(dial("+33123456789", no_answer="bye"))).hangs_up("answered")
    call.ends("transferred").hangs_up().ends("transferred")


@pytest.mark.parametrize("event", [CommandDone("1"), NoInput(), CommandFailed("x")])
def test_nothing_but_the_end_is_taken_after_the_end(event: Event) -> None:
    call = speaking().hangs_up()
    with pytest.raises(PlatformError, match="cannot come while a call is ended"):
        call.reports(event)


def test_a_call_does_not_arrive_twice() -> None:
    arrived = CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON)
    with pytest.raises(PlatformError, match="CallArrived cannot come while a call is live"):
        speaking().reports(arrived)


@pytest.mark.parametrize("event", [CommandDone("1"), NoInput(), CommandFailed("x")])
def test_a_command_cannot_be_done_before_one_was_given(event: Event) -> None:
    flow = flow_of(hang_up())
    call = new_call(flow, key="callr:1", provider="callr", arrived=None, **seen())
    with pytest.raises(PlatformError, match="cannot come while a call is new"):
        take_turn(flow, call, event)


def seen() -> dict[str, object]:
    return {
        "direction": "outbound",
        "caller": None,
        "called": CALLER,
        "began": MONDAY_NOON,
    }


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (NotAnswered(Unanswered.BUSY), "busy"),
        (NotAnswered(Unanswered.NO_ANSWER), "no_answer"),
        (NotAnswered(Unanswered.CONGESTION), "congestion"),
        (NotAnswered(Unanswered.REJECTED), "rejected"),
        (HungUp(), "hung_up"),
    ],
)
def test_a_call_may_end_before_it_began(event: Event, outcome: str) -> None:
    flow = flow_of(hang_up())
    call = new_call(flow, key="callr:1", provider="callr", arrived=None, **seen())
    turn = take_turn(flow, call, event)
    assert isinstance(turn, Turn)
    assert (turn.outcome, turn.placed, turn.call.turn) == (outcome, (), 0)


def test_a_live_call_that_is_reported_unanswered_ends_so() -> None:
    speaking().reports(NotAnswered(Unanswered.NO_ANSWER)).ends("no_answer")


def test_a_hang_up_during_the_recording_of_a_secret_entry_keeps_it_for_functions_alone() -> None:
    step = collect("PIN?", "pin", secret=True, then="bye", failure="bye")
    call = play(flow_of(step)).hangs_up("1234").ends("hung_up")
    assert call.call["pin"] == "1234"
    assert call.call.result == ""
