"""Calls of `reception`: sales, support, voicemail."""

from __future__ import annotations

from telephone import SUNDAY, Telephone

from app.simulator import Answer, Others, Readings

pytest_plugins = "scenario_server"

WELCOME = "Thanks for calling Acme."
CHOICES = "For sales, press 1. For support, press 2."
ORDER = "Type your order number."
NOBODY = Others(answer=Answer.NO_ANSWER)
RUNG = ["[+33123456789 NOANSWER]", "[+33123456780 NOANSWER]"]
VOICEMAIL = ["Leave a message after the tone.", "[beep]", "Goodbye."]


def test_who_presses_1_talks_to_sales(telephone: Telephone) -> None:
    call = telephone.ring("reception", "1")
    assert call.heard == [WELCOME, CHOICES]
    assert call.keys_wanted == [(1, 5.0)]
    assert call.way == "open_now:open welcome:then choose:1"
    assert call.params("dialout") == {
        "targets": [
            {"number": "+33123456789", "timeout": 20},
            {"number": "+33123456780", "timeout": 20},
        ],
        "cli": "+33199001020",
        "ringtone": "RING",
        "whisper": "TTS|TTS_EN-GB_SERENA|sales",
        "cdr_field": "",
    }
    assert (call.outcome, call.disposition) == ("transferred", "")
    assert call.variables == {"team": "sales"}


def test_who_presses_2_types_an_order_number_and_talks_to_support(telephone: Telephone) -> None:
    call = telephone.ring("reception", "2", "018456")
    assert call.heard == [WELCOME, CHOICES, ORDER]
    assert call.keys_wanted == [(1, 5.0), (6, 5.0)]
    assert call.params("dialout")["whisper"] == "TTS|TTS_EN-GB_SERENA|support"
    assert call.way == "open_now:open welcome:then choose:2 order:then"
    assert call.outcome == "transferred"
    assert call.variables == {"order": "018456", "team": "support"}


def test_an_order_number_that_is_too_short_is_asked_for_again(telephone: Telephone) -> None:
    call = telephone.ring("reception", "2", "123#", "", "123456")
    assert call.heard == [
        WELCOME,
        CHOICES,
        ORDER,
        f"Sorry, I did not understand that. {ORDER}",
        f"I did not hear any keys. {ORDER}",
    ]
    assert call.way == (
        "open_now:open welcome:then choose:2 order:invalid order:no_input order:then"
    )


def test_keys_may_be_pressed_while_the_menu_is_read_out(telephone: Telephone) -> None:
    assert telephone.ring("reception", "1", barges_in=True).outcome == "transferred"


def test_when_nobody_answers_the_caller_leaves_a_message(telephone: Telephone) -> None:
    call = telephone.ring("reception", "1", others=NOBODY)
    assert call.heard == [WELCOME, CHOICES, *RUNG, "Nobody is free at the moment.", *VOICEMAIL]
    assert call.params("record") == {"max_duration": 120, "silence": 5}
    assert call.way == (
        "open_now:open welcome:then choose:1 team:no_answer sorry:then voicemail:then"
    )
    assert (call.outcome, call.disposition) == ("completed", "message")
    assert call.variables["message"] == f"rt-{call.record.facts.callid}-1"


def test_the_second_number_is_rung_when_the_first_is_busy(telephone: Telephone) -> None:
    others = Others(by_number={"+33123456789": Answer.BUSY})
    call = telephone.ring("reception", "1", others=others)
    assert call.heard[2:] == ["[+33123456789 BUSY]"]
    assert call.outcome == "transferred"


def test_a_busy_team_is_one_that_does_not_answer(telephone: Telephone) -> None:
    call = telephone.ring("reception", "1", others=Others(answer=Answer.BUSY))
    assert "team:no_answer sorry:then" in call.way


def test_wrong_keys_and_silence_count_alike_and_lead_to_voicemail(telephone: Telephone) -> None:
    call = telephone.ring("reception", "9", "", "*")
    assert call.heard == [
        WELCOME,
        CHOICES,
        f"That is not a choice. {CHOICES}",
        f"I did not hear any keys. {CHOICES}",
        *VOICEMAIL,
    ]
    assert call.way == (
        "open_now:open welcome:then choose:invalid choose:no_input choose:failure voicemail:then"
    )
    assert (call.outcome, call.disposition) == ("completed", "message")


def test_a_right_key_at_the_last_try_is_right(telephone: Telephone) -> None:
    call = telephone.ring("reception", "", "3", "1")
    assert call.way == "open_now:open welcome:then choose:no_input choose:invalid choose:1"


def test_on_sunday_the_caller_meets_the_voicemail_at_once(telephone: Telephone) -> None:
    call = telephone.ring("reception", at=SUNDAY)
    assert call.heard == VOICEMAIL
    assert call.way == "open_now:closed voicemail:then"
    assert (call.outcome, call.disposition) == ("completed", "message")


def test_who_hangs_up_while_talking_to_the_voicemail_has_left_a_message(
    telephone: Telephone,
) -> None:
    platform = telephone.under(Readings(interrupted="kept"))
    call = platform.ring("reception", at=SUNDAY, hangup_after=5)
    assert call.commands == ["play", "record"]
    assert call.variables["message"] == f"rt-{call.record.facts.callid}-1"
    assert call.outcome == "hung_up"


def test_minus_one_is_no_message(telephone: Telephone) -> None:
    platform = telephone.under(Readings(interrupted="-1"))
    call = platform.ring("reception", at=SUNDAY, hangup_after=5)
    assert call.commands == ["play", "record"]
    assert call.variables == {}
