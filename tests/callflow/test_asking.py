"""menu and collect: tries, notices, entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from phone import PhoneCall, flow_of, play

from app.callflow import Media, at_most, collect, hang_up, menu, say, to
from app.callflow.commands import Collect, Play, Say
from app.callflow.errors import FlowError
from app.callflow.kinds.base import Step
from app.flowbook import load_flows

WRONG = "Sorry, I did not understand that."
SILENT = "I did not hear any keys."


def a_menu(**options: Any) -> Step:
    choices: Mapping[str, str] = options.pop("choices", {"1": "there", "2": "bye"})
    return menu(options.pop("prompt", "Press."), choices, failure="failed", **options)


def a_collect(**options: Any) -> Step:
    return collect(options.pop("prompt", "Type."), "code", then="told", failure="failed", **options)


def collecting(**options: Any) -> PhoneCall:
    return play(flow_of(a_collect(**options), told=hang_up("You typed {code}.")))


def test_the_key_of_a_choice_is_its_exit() -> None:
    call = play(flow_of(a_menu())).hears("Press.").presses("1").hears("There.")
    assert call.trail == ["first:1"]
    assert call.call.result == "1"


def test_an_entry_is_kept_as_text() -> None:
    call = collecting().hears("Type.").presses("018").hears("You typed 018.")
    assert call.call["code"] == "018"
    assert call.call.int("code") == 18


def test_one_try_asks_for_keys_once_with_the_prompt() -> None:
    assert play(flow_of(a_menu(timeout_s=2.5))).command == Collect(
        prompt=Say("Press.", "en-GB"), max_digits=1, timeout_s=2.5
    )


def test_an_entry_may_have_as_many_keys_as_the_step_or_the_menu_says() -> None:
    longer = play(flow_of(a_menu(choices={"11": "there", "12": "bye"})))
    assert isinstance(longer.command, Collect)
    assert longer.command.max_digits == 2
    assert isinstance(collecting(max_digits=6).command, Collect)
    six = collecting(max_digits=6).command
    assert isinstance(six, Collect)
    assert six.max_digits == 6


# Tries.


def test_wrong_and_empty_entries_count_in_one_counter() -> None:
    call = play(flow_of(a_menu(tries=3))).presses("9").presses_nothing().presses("8")
    call.hears("Failed.")
    assert call.trail == ["first:invalid", "first:no_input", "first:failure"]


def test_the_last_try_may_still_match() -> None:
    play(flow_of(a_menu(tries=3))).presses("9").presses_nothing().presses("1").hears("There.")


def test_one_try_is_one_try() -> None:
    play(flow_of(a_menu(tries=1))).presses("9").hears("Failed.")


def test_an_entry_counts_as_wrong_by_length_keys_and_judgement() -> None:
    def is_even(entry: str) -> bool:
        return int(entry) % 2 == 0

    call = collecting(tries=6, min_digits=2, max_digits=3, accept="0123", valid=is_even)
    for entry in ("1", "1230", "45", "*1", "11"):
        call.presses(entry)
        assert call.trail[-1] == "first:invalid"
    call.presses("12").hears("You typed 12.")


def test_a_star_is_a_key_where_it_is_accepted() -> None:
    collecting(accept="0123456789*").presses("12*").hears("You typed 12*.")
    play(flow_of(a_menu(choices={"*": "there"}))).presses("*").hears("There.")


def test_a_failed_collect_sets_nothing() -> None:
    call = collecting(tries=1).presses("*").hears("Failed.")
    assert call.call.get("code") is None
    assert call.call.result == ""


def test_the_counter_starts_anew_when_the_step_is_entered_from_another_step() -> None:
    flow = flow_of(
        a_menu(tries=2, choices={"1": "again", "2": "there"}), again=say("Again.", then="first")
    )
    call = play(flow).presses("9").presses("1").hears("Again.")
    assert call.call.tries == 0
    call.hears("Press.").presses("9").presses("2").hears("There.")


def test_the_counter_goes_on_when_a_menu_leads_to_itself() -> None:
    flow = flow_of(a_menu(tries=2, choices={"1": "first", "2": "there"}))
    play(flow).presses("9").presses("1").hears("Press.").presses("9").hears("Failed.")


def test_a_silent_step_in_between_is_another_step() -> None:
    flow = flow_of(
        a_menu(tries=2, choices={"1": "again", "2": "there"}),
        again=at_most(9, then="first", failure="bye"),
    )
    call = play(flow).presses("9").presses("1").hears("Press.").presses("9").presses("2")
    call.hears("There.")


def test_two_menus_count_apart() -> None:
    second = menu("Next.", {"1": "there"}, tries=2, failure="failed")
    flow = flow_of(a_menu(tries=2, choices={"1": "second"}), second=second)
    play(flow).presses("9").presses("1").hears("Next.").presses("9").presses("1").hears("There.")


def test_the_platform_that_cannot_ask_takes_failure_at_once() -> None:
    call = play(flow_of(a_menu())).fails().hears("Failed.")
    assert call.trail == ["first:failure"]


def test_a_piece_that_cannot_be_played_takes_failure_too() -> None:
    play(flow_of(a_menu(prompt=(Media(callr=1), "Press.")))).fails().hears("Failed.")


# Notices.


def test_the_shipped_notice_is_joined_to_the_prompt() -> None:
    call = play(flow_of(a_menu())).presses("9").hears(f"{WRONG} Press.").presses_nothing()
    call.hears(f"{SILENT} Press.")


def test_a_notice_of_the_flow_replaces_the_shipped_one() -> None:
    call = play(flow_of(a_menu(invalid="No choice.", no_input="Well?")))
    call.presses("9").hears("No choice. Press.").presses_nothing().hears("Well? Press.")


def test_an_empty_notice_says_none() -> None:
    call = play(flow_of(a_menu(invalid="", no_input="")))
    call.presses("9").hears("Press.").presses_nothing().hears("Press.")


def test_the_flow_may_replace_a_notice_for_all_steps() -> None:
    flow = flow_of(a_menu(), phrases={"invalid": "Oh dear.", "no_input": "Hello?"})
    play(flow).presses("9").hears("Oh dear. Press.").presses_nothing().hears("Hello? Press.")


def test_a_notice_is_not_said_when_the_step_is_entered_again() -> None:
    flow = flow_of(a_menu(choices={"1": "first", "2": "there"}))
    play(flow).presses("9").hears(f"{WRONG} Press.").presses("1").hears("Press.")


def test_a_sounding_notice_stands_in_a_command_of_its_own() -> None:
    buzz = Media(callr=3, says="buzz")
    call = play(flow_of(a_menu(invalid=buzz))).presses("9")
    assert call.command == Play(buzz)
    call.hears("buzz", "Press.").presses("1").hears("There.")


# Pieces.


def test_the_last_piece_can_be_interrupted_by_keys_and_those_before_are_played() -> None:
    chime = Media(callr=4, says="chime")
    call = play(flow_of(a_menu(prompt=("Hello.", "You.", chime, "Press."))))
    assert call.command == Say("Hello. You.", "en-GB")
    assert call.is_done().command == Play(chime)
    last = call.is_done().command
    assert isinstance(last, Collect)
    assert last.prompt == Say("Press.", "en-GB")
    assert [turn.call.at for turn in call.turns] == [0, 1, 2]


def test_what_is_played_before_is_no_entry() -> None:
    call = play(flow_of(a_menu(prompt=(Media(callr=4, says="chime"), "Press."))))
    call.is_done("1").hears("Press.")
    assert call.trail == []


def test_every_piece_is_played_again_at_the_next_try() -> None:
    call = play(flow_of(a_menu(prompt=(Media(callr=4, says="chime"), "Press."))))
    call.hears("chime", "Press.").presses("9").hears(WRONG, "chime", "Press.")


def test_a_prompt_of_nothing_waits_for_keys_in_silence() -> None:
    call = play(flow_of(a_menu(prompt="{ask}"), given={"ask": ""}))
    assert call.command == Collect(prompt=None, max_digits=1, timeout_s=5)


# What functions return.


def broken(_: str) -> bool:
    raise LookupError("no such thing")


@pytest.mark.parametrize(
    ("valid", "told"),
    [
        (broken, r"test_asking.py, line \d+, in broken: LookupError: no such thing"),
        (lambda _: "yes", "valid: function .* gave str; expected True or False"),
        (lambda _: None, "valid: function .* gave NoneType; expected True or False"),
        (lambda _: 1, "valid: function .* gave int; expected True or False"),
    ],
    ids=["raises", "text", "none", "int"],
)
def test_a_judgement_that_is_none_fails_the_turn(valid: Callable[[str], bool], told: str) -> None:
    with pytest.raises(FlowError, match=told) as caught:
        collecting(valid=valid).presses("1")
    assert caught.value.step == "first"


def test_an_entry_of_the_wrong_form_is_not_judged() -> None:
    collecting(valid=broken, min_digits=2).presses("1").hears(f"{WRONG} Type.")


# A call of the shipped reception, as a whole.


def test_a_call_to_the_reception() -> None:
    call = play(load_flows()["reception"]).hears(
        "Thanks for calling Acme.", "For sales, press 1. For support, press 2."
    )
    call.presses("9").hears("That is not a choice. For sales, press 1. For support, press 2.")
    call.presses("2").hears("Type your order number.").presses("12345")
    call.hears(f"{WRONG} Type your order number.").presses("123456")
    call.is_dialled("no_answer").hears("Nobody is free at the moment.")
    call.hears("Leave a message after the tone.").is_recorded("rec-1").hears("Goodbye.")
    call.is_hung_up().ends("completed", "message")
    assert call.call.variables == {"order": "123456", "team": "support", "message": "rec-1"}
    assert call.trail == [
        "open_now:open",
        "welcome:then",
        "choose:invalid",
        "choose:2",
        "order:invalid",
        "order:then",
        "team:no_answer",
        "sorry:then",
        "voicemail:then",
    ]
    assert call.incidents == ""


def test_an_exit_sets_its_variables_after_those_of_the_step() -> None:
    step = collect(
        "Type.", "code", then=to("told", code="kept", mode="new"), failure=to("told", code="none")
    )
    call = play(flow_of(step, told=hang_up("{code}"))).presses("1").hears("kept")
    assert call.call["mode"] == "new"
