"""What becomes of a call when its flow is changed, cannot go on, or goes on for too long."""

from __future__ import annotations

import pytest
from phone import PhoneCall, flow_of, play

from app.callflow import (
    Call,
    Flow,
    Media,
    assign,
    collect,
    dial,
    hang_up,
    menu,
    record,
    say,
)
from app.callflow.commands import Hangup, Record
from app.callflow.errors import FlowError

SORRY = hang_up("Sorry.", disposition="broken")


# A deploy in the middle of a call.


def test_a_step_that_still_gives_the_command_goes_on() -> None:
    old = flow_of(say("Hello.", then="there"))
    new = flow_of(say("Good day.", then="failed"))
    call = play(old).deployed(new).hears("Hello.", "Failed.")
    assert call.incidents == ""
    assert call.call.fingerprint == new.fingerprint


def test_a_text_may_become_a_sound() -> None:
    old = flow_of(say("Hello.", then="there"))
    new = flow_of(say(Media(callr=1, says="hello"), then="failed"))
    play(old).deployed(new).hears("Hello.", "Failed.")


def test_a_try_that_was_begun_counts_on() -> None:
    old = flow_of(menu("Press.", {"1": "there"}, tries=2, failure="failed"))
    new = flow_of(menu("Press a key.", {"1": "bye"}, tries=2, failure="failed"))
    play(old).presses("9").deployed(new).presses("9").hears("Failed.")


def test_a_step_that_gives_another_command_is_begun_anew() -> None:
    old = flow_of(say("Hello.", then="there"))
    new = flow_of(menu("Press.", {"1": "there"}, failure="failed"))
    call = play(old).deployed(new).is_done().hears("Press.")
    assert "gives another command since a deploy; begun anew" in call.incidents
    assert (call.call.turn, call.call.at) == (2, 0)


def test_what_was_pressed_is_not_the_entry_of_another_command() -> None:
    old = flow_of(collect("Type.", "code", then="bye", failure="bye"))
    new = flow_of(record("", into="code", then="bye"))
    call = play(old).deployed(new).presses("123")
    assert isinstance(call.command, Record)
    assert call.call.get("code") is None


def test_a_step_that_is_begun_anew_has_all_its_tries() -> None:
    old = flow_of(menu("Press.", {"1": "there"}, tries=3, failure="failed"))
    new = flow_of(record("Speak.", into="message", then="there"))
    newer = flow_of(menu("Press.", {"1": "there"}, tries=3, failure="failed"))
    call = play(old).presses("9").presses("9").deployed(new).presses("9").hears("Speak.")
    call.deployed(newer).is_done().hears("Press.")
    assert call.call.tries == 0


def test_a_step_that_became_silent_is_passed() -> None:
    old = flow_of(say("Hello.", then="there"))
    new = flow_of(assign(x="y", then="failed"))
    call = play(old).deployed(new).hears("Hello.", "Failed.")
    assert "begun anew" in call.incidents


def test_a_step_that_is_gone_fails_the_turn() -> None:
    old = flow_of(say("Hello.", then="second"), second=say("Second.", then="bye"))
    new = flow_of(say("Hello.", then="bye"))
    call = play(old).hears("Hello.").is_hearing("Second.").deployed(new)
    with pytest.raises(FlowError, match="step 'second' is gone from flow 'line'"):
        call.is_done()


def test_a_step_that_has_fewer_pieces_is_begun_anew() -> None:
    old = flow_of(record((Media(callr=1), Media(callr=2)), into="m", then="bye"))
    new = flow_of(record("Speak.", into="m", then="bye"))
    call = play(old).is_done().deployed(new).is_done().hears("Speak.")
    assert "begun anew" in call.incidents


def test_a_hang_up_after_a_deploy_keeps_only_what_the_old_command_brought() -> None:
    old = flow_of(menu("Press.", {"1": "bye"}, failure="bye"))
    new = flow_of(record("", into="message", then="bye"))
    assert play(old).deployed(new).hangs_up("1").ends("hung_up").call.variables == {}


def test_a_hang_up_that_finds_its_step_gone_ends_the_call() -> None:
    old = flow_of(say("Hello.", then="second"), second=record("", into="m", then="bye"))
    call = play(old).hears("Hello.").deployed(flow_of(hang_up()))
    call.hangs_up("rec-1").ends("hung_up")
    assert call.call.variables == {}


def test_a_call_that_is_being_hung_up_is_not_begun_anew_by_a_deploy() -> None:
    old = flow_of(dial("+33123456789", no_answer="bye"))
    new = flow_of(dial("+33123456780", no_answer="bye"))
    call = play(old).is_dialled("answered").deployed(new).is_done()
    assert call.command == Hangup()
    call.is_hung_up().ends("transferred")


def test_an_incident_of_a_step_is_told_once_after_a_deploy() -> None:
    old = flow_of(collect(("{caller}", Media(callr=1), "Type."), "x", then="bye", failure="bye"))
    new = flow_of(collect(("{caller}", Media(callr=2), "Type."), "x", then="bye", failure="bye"))
    call = play(old, caller=None).deployed(new).is_done()
    assert len(call.turn.incidents) == 1


def test_without_a_deploy_a_step_is_not_asked_again_what_it_said() -> None:
    said: list[str] = []

    def greet(call: Call) -> str:
        said.append(call.key)
        return "Hello."

    play(flow_of(say(greet, then="there"))).hears("Hello.", "There.")
    assert len(said) == 1


def test_a_step_that_says_less_than_it_began_to_fails_the_turn() -> None:
    pieces = iter(["One.", "Two.", "", ""])

    def fickle(_: Call) -> str:
        return next(pieces)

    flow = flow_of(say([fickle, Media(callr=1), fickle], then="bye"))
    call = play(flow).is_hearing("One.")
    with pytest.raises(FlowError, match="step 'first' has no command 2 any more"):
        call.is_done()


# The fallback.


def broken(_: Call) -> str:
    raise ValueError


def failing(**options: object) -> Flow:
    options = {"fallback": "sorry", "sorry": SORRY, **options}
    return flow_of(
        menu("Press.", {"1": "broken"}, failure="bye"), broken=say(broken, then="bye"), **options
    )


def test_a_call_that_cannot_go_on_is_taken_to_the_fallback_by_a_numbered_turn() -> None:
    call = play(failing())
    with pytest.raises(FlowError):
        call.presses("1")
    call.falls_back().hears("Sorry.").is_hung_up().ends("failed", "broken")
    assert [turn.call.turn for turn in call.turns] == [1, 2, 3, 3]
    assert call.turns[1].trail == (("first", "fallback"),)


def test_the_fallback_is_taken_at_most_once_a_call() -> None:
    call = play(failing(sorry=say("Sorry.", then="broken"))).falls_back().is_hearing("Sorry.")
    with pytest.raises(FlowError, match="ValueError"):
        call.is_done()
    with pytest.raises(FlowError, match="has no fallback left for this call"):
        call.falls_back()


def test_a_flow_without_a_fallback_has_none() -> None:
    call = play(flow_of(hang_up("Goodbye.")))
    with pytest.raises(FlowError, match="flow 'line' has no fallback left"):
        call.falls_back()


def test_an_ended_call_has_no_fallback() -> None:
    call = play(failing()).hangs_up()
    with pytest.raises(FlowError, match="has no fallback left"):
        call.falls_back()


def test_a_fallback_that_asks_has_all_its_tries() -> None:
    ask = menu("Ring us?", {"1": "there"}, tries=2, failure="failed")
    call = play(failing(sorry=ask)).presses("9").presses("9").falls_back().hears("Ring us?")
    assert call.call.tries == 0
    call.presses("9").presses("1").hears("There.").is_hung_up().ends("failed")


def test_who_hangs_up_in_the_fallback_had_a_failed_call() -> None:
    play(failing()).falls_back().is_hearing("Sorry.").hangs_up().ends("failed", "broken")


def test_a_fallback_that_connects_has_transferred() -> None:
    call = play(failing(sorry=dial("+33123456789", no_answer="bye"))).falls_back()
    call.hangs_up("answered").ends("transferred")


def test_a_call_that_fails_at_its_first_turn_has_what_was_declared() -> None:
    flow = flow_of(
        say(broken, then="bye"),
        fallback="sorry",
        sorry=hang_up("Sorry {name}."),
        given={"name": "Eve"},
    )
    call = PhoneCallBeforeItsFirstTurn(flow)
    call.falls_back().hears("Sorry Eve.").is_hung_up().ends("failed")
    assert call.turns[0].call.turn == 1


class PhoneCallBeforeItsFirstTurn(PhoneCall):
    """A call whose first turn raised, so that it is still new."""

    def __init__(self, flow: Flow) -> None:
        arrived = play(flow_of(hang_up())).arrived
        with pytest.raises(FlowError):
            super().__init__(flow, arrived)


# How long a call may go on.


def test_a_call_has_at_most_five_hundred_turns_and_then_the_fallback() -> None:
    again = menu("Again?", {"1": "first"}, failure="bye")
    call = play(flow_of(again, fallback="sorry", sorry=SORRY))
    for _ in range(500 - 1):
        call.presses("1")
    assert call.call.turn == 500
    with pytest.raises(FlowError, match="the call has had 500 turns"):
        call.presses("1")
    call.falls_back().hears("Sorry.").is_hung_up().ends("failed", "broken")


def test_a_fallback_does_not_go_on_for_ever_either() -> None:
    again = menu("Again?", {"1": "first"}, failure="bye")
    call = play(flow_of(again, fallback="first")).falls_back()
    for _ in range(500 + 20 - 2):
        call.presses("1")
    with pytest.raises(FlowError, match="the call has had"):
        call.presses("1")
