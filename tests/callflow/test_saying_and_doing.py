"""Steps that give commands, and the exits of what can fail."""

from __future__ import annotations

import pytest
from phone import PhoneCall, flow_of, play

from app.callflow import (
    In,
    Media,
    command,
    conference,
    dial,
    hang_up,
    record,
    say,
    send_digits,
    to,
    wait,
)
from app.callflow.commands import (
    Conference,
    Hangup,
    Native,
    Play,
    Record,
    Say,
    SendDigits,
    Wait,
)
from app.callflow.errors import FlowError
from app.callflow.events import CommandDone, CommandFailed, NoInput
from app.callflow.kinds.base import Step
from app.callflow.steps import play as play_sound

SHIPPED_TONE = "Please leave a message after the tone."


def at_last_command(step: Step) -> PhoneCall:
    call = play(flow_of(step))
    while not call.call.last:
        call.is_done()
    return call


def test_what_is_said_is_followed_by_the_next_step() -> None:
    flow = flow_of(say("Hello.", then="there"))
    play(flow).hears("Hello.", "There.").is_hung_up().ends("completed")


def test_sounds_are_played_one_command_each() -> None:
    ring, beep = Media(callr=1, says="ring"), Media(callr=2, says="beep")
    flow = flow_of(play_sound((ring, beep), then="bye"))
    call = play(flow)
    assert call.command == Play(ring)
    assert call.is_done().command == Play(beep)
    call.is_done().is_hung_up().ends("completed")


def test_a_prompt_that_says_nothing_in_this_call_is_passed_over() -> None:
    call = play(flow_of(say("{name}", then="there"), given={"name": ""}))
    call.hears("There.")
    assert call.trail[0] == "first:then"
    assert [turn.call.turn for turn in call.turns] == [1, 2]


def test_the_end_may_be_silent() -> None:
    assert play(flow_of(hang_up())).command == Hangup()


def test_the_disposition_is_kept_beside_the_outcome() -> None:
    flow = flow_of(hang_up("Goodbye.", disposition="confirmed"))
    play(flow).hears("Goodbye.").is_hung_up().ends("completed", "confirmed")


def test_a_caller_who_hangs_up_during_the_last_words_has_hung_up() -> None:
    flow = flow_of(hang_up("Goodbye.", disposition="confirmed"))
    play(flow).is_hearing("Goodbye.").hangs_up().ends("hung_up", "confirmed")


def test_a_call_that_lives_on_after_the_hang_up_is_hung_up_again() -> None:
    call = play(flow_of(hang_up())).is_done()
    assert call.command == Hangup()
    assert "lived on after a hang-up" in call.incidents
    call.is_hung_up().ends("completed")


def test_a_wait_and_tones_are_given_with_their_units() -> None:
    flow = flow_of(
        wait(3, then="tones"), tones=send_digits("12#", then="bye", tone_ms=200, gap_ms=50)
    )
    call = play(flow)
    assert call.command == Wait(3)
    assert call.is_done().command == SendDigits(digits="12#", tone_ms=200, gap_ms=50)
    call.is_done().is_hung_up()


def test_tones_may_come_from_a_variable() -> None:
    call = play(flow_of(send_digits("{code}*", then="bye"), given={"code": "018"}))
    assert call.command == SendDigits(digits="018*", tone_ms=500, gap_ms=500)


# A command that the platform cannot do.


@pytest.mark.parametrize(
    "step",
    [
        say("Hello.", then="there"),
        play_sound(Media(callr=1), then="there"),
        wait(1, then="there"),
        send_digits("1", then="there"),
        record(into="message", then="there"),
    ],
    ids=["say", "play", "wait", "send_digits", "record"],
)
def test_what_matters_little_goes_on_when_it_fails(step: Step) -> None:
    call = at_last_command(step).fails("NO_SUCH_MEDIA").hears("There.")
    assert "the platform said 'NO_SUCH_MEDIA'; went on." in call.incidents


@pytest.mark.parametrize(
    "step",
    [
        say("Hello.", then="there", failure="failed"),
        wait(1, then="there", failure="failed"),
        send_digits("1", then="there", failure="failed"),
        record(into="message", then="there", failure="failed"),
        dial("+33123456789", no_answer="there", failure="failed"),
        conference("room", then="there", failure="failed"),
        command("play_record", {"media_file": "x"}, then="there", failure="failed"),
    ],
    ids=["say", "wait", "send_digits", "record", "dial", "conference", "command"],
)
def test_a_declared_failure_is_taken_when_the_platform_cannot(step: Step) -> None:
    at_last_command(step).fails().hears("Failed.")


@pytest.mark.parametrize(
    "step",
    [conference("room", then="there"), command("play_record", {"media_file": "x"}, then="there")],
    ids=["conference", "command"],
)
def test_what_matters_needs_the_fallback_when_it_fails_undeclared(step: Step) -> None:
    call = at_last_command(step)
    with pytest.raises(FlowError, match=r"the platform said 'ERR'\. Declare failure= for this"):
        call.fails("ERR")


def test_a_platforms_recording_of_the_call_that_fails_is_minor() -> None:
    flow = flow_of(command("start_call_recording", then="there"))
    call = play(flow).fails("ERR", minor=True).hears("There.")
    assert "the platform said 'ERR'; went on." in call.incidents


def test_a_piece_of_a_prompt_that_fails_is_passed_over() -> None:
    flow = flow_of(record([Media(callr=1, says="hello"), "Speak."], into="m", then="bye"))
    call = play(flow).is_hearing("hello").fails("GONE").hears("Speak.")
    assert isinstance(call.command, Record)
    assert "'GONE'; went on." in call.incidents


def test_a_piece_of_a_prompt_that_fails_takes_a_declared_failure() -> None:
    step = record("Speak.", into="m", then="bye", failure="failed")
    play(flow_of(step)).is_hearing("Speak.").fails().hears("Failed.")


def test_last_words_that_fail_do_not_keep_the_call() -> None:
    play(flow_of(hang_up("Goodbye."))).fails().is_hung_up().ends("completed")


# Recording.


def test_a_message_is_recorded_after_the_tone() -> None:
    call = play(flow_of(record(into="message", then="there", max_s=60, silence_s=4)))
    call.hears(SHIPPED_TONE)
    assert call.command == Record(max_s=60, silence_s=4)
    call.is_recorded("rec-1").hears("There.")
    assert call.call["message"] == "rec-1"
    assert call.call.result == "rec-1"


def test_a_recording_without_words_before_it_says_none() -> None:
    assert isinstance(play(flow_of(record("", into="message", then="bye"))).command, Record)


def test_nothing_recorded_takes_its_own_exit_where_declared() -> None:
    step = record("", into="message", then="there", nothing="nothing")
    call = play(flow_of(step)).is_recorded("").hears("Nothing.")
    assert call.call.get("message") is None


def test_nothing_recorded_goes_on_with_an_empty_variable_else() -> None:
    call = play(flow_of(record("", into="m", then="there"))).is_recorded("")
    assert call.hears("There.").call["m"] == ""


def test_a_recording_that_failed_counts_as_nothing_recorded() -> None:
    step = record("", into="message", then="there", nothing="nothing")
    play(flow_of(step)).fails().hears("Nothing.")


# Conferences.


def test_a_room_is_left_to_the_next_step() -> None:
    flow = flow_of(
        conference(
            "age-{age}", then="there", welcome="Welcome.", pin_code="12", auto_leave_when_alone=True
        ),
        given={"age": "22"},
    )
    call = play(flow)
    assert call.command == Conference(
        room="age-22",
        flow="line",
        welcome=Say("Welcome.", "en-GB"),
        pin_code="12",
        auto_leave_when_alone=True,
    )
    call.is_done("").hears("There.")


def test_a_room_may_be_named_by_a_function() -> None:
    call = play(flow_of(conference(lambda call: call.turn + 7, shared=True, then="bye")))
    assert call.command == Conference(room="7", flow="line", shared=True)


def test_a_room_without_a_name_fails_the_turn() -> None:
    with pytest.raises(FlowError, match="the room has no name"):
        play(flow_of(conference("{age}", then="bye"), given={"age": ""}))


@pytest.mark.parametrize("gives", [None, True])
def test_a_function_that_names_no_room_fails_the_turn(gives: object) -> None:
    with pytest.raises(FlowError, match="expected a text or a whole number"):
        play(flow_of(conference(lambda _: gives, then="bye")))


# A platform's own commands.


def test_a_platforms_own_command_is_filled_and_its_result_kept() -> None:
    step = command("play_record", {"media_file": "{file}", "loud": 3}, then="there", into="how")
    call = play(flow_of(step, given={"file": "rec-7"}))
    assert call.command == Native("play_record", {"loud": 3, "media_file": "rec-7"})
    call.is_done("played").hears("There.")
    assert call.call["how"] == "played"


def test_functions_texts_and_sounds_become_parameters() -> None:
    step = command(
        "x",
        {
            "count": lambda call: call.turn + 3,
            "sound": Media(callr=9),
            "text": In("fr-FR", "Âge {n}"),
            "other": lambda _: Media(callr=8),
            "none": In("fr-FR", ""),
        },
        then="bye",
    )
    assert play(flow_of(step, given={"n": "2"})).command == Native(
        "x",
        {
            "count": 3,
            "sound": Play(Media(callr=9)),
            "text": Say("Âge 2", "fr-FR"),
            "other": Play(Media(callr=8)),
            "none": 0,
        },
    )


def test_keys_asked_for_in_vain_by_a_platforms_command_take_failure() -> None:
    step = command("read", {}, then="there", failure="failed", into="age")
    call = play(flow_of(step)).reports(NoInput()).hears("Failed.")
    assert call.call.get("age") is None


def test_without_a_failure_keys_asked_for_in_vain_are_an_empty_result() -> None:
    step = command("read", {}, then="there", into="age")
    call = play(flow_of(step)).reports(NoInput()).hears("There.")
    assert call.call["age"] == ""


def test_a_function_that_gives_no_parameter_fails_the_turn() -> None:
    with pytest.raises(FlowError, match=r"count: function .* expected a str, int, bool or Media"):
        play(flow_of(command("x", {"count": lambda _: [1]}, then="bye")))


# What the last command brought.


def test_the_result_of_a_step_can_be_said() -> None:
    flow = flow_of(command("x", then="told"), told=hang_up("It said {result}."))
    play(flow).is_done("SILENCE").hears("It said SILENCE.")


def test_of_a_long_result_its_beginning_is_kept() -> None:
    flow = flow_of(command("x", then="bye"))
    assert len(play(flow).is_done("x" * 300).call.result) == 100


def test_an_exit_that_sets_a_variable_sets_it_as_written() -> None:
    flow = flow_of(
        say("Hello.", then=to("told", name="{caller}", known=True)), told=hang_up("{name} {known}")
    )
    play(flow).hears("Hello.", "{caller} true")


@pytest.mark.parametrize("event", [CommandDone("0"), CommandFailed("x"), NoInput()])
def test_replies_are_numbered_from_one(event: CommandDone | CommandFailed | NoInput) -> None:
    flow = flow_of(say("One.", then="two"), two=say("Two.", then="bye"))
    call = play(flow).reports(event).reports(event)
    assert [turn.call.turn for turn in call.turns] == [1, 2, 3]
