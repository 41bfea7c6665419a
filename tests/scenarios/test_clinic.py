"""Calls of `clinic`: two languages, hours, a secret code, a busy front desk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from telephone import FRIDAY_MORNING, FRIDAY_NOON, SUNDAY, Telephone

from app.simulator import Answer, Others

pytest_plugins = "scenario_server"

FIRST = ["Welcome to the clinic. For English, press 1.", "Pour le français, tapez 2."]
CHOICES = "For an appointment, press 1. For results, press 2. For a doctor, 3."
CHOIX = "Pour un rendez-vous, tapez 1. Des résultats, 2. Un médecin, 3."
CLOSED = "The clinic is closed. If it is urgent, press 1. For a message, press 2."
FRONT_DESK, DOCTOR = "+33123456781", "+33612345679"
RIGHT_CODE, WRONG_CODE = "40718298", "40718299"
NOBODY = Others(answer=Answer.NO_ANSWER)
BUSY = Others(answer=Answer.BUSY)


def test_an_english_caller_reaches_the_front_desk(telephone: Telephone) -> None:
    call = telephone.ring("clinic", "1", "1", at=FRIDAY_MORNING)
    assert call.heard == [*FIRST, CHOICES]
    assert call.voices == {"TTS_EN-GB_SERENA", "TTS_FR-FR_AUDREY"}
    assert call.params("dialout")["targets"] == [{"number": FRONT_DESK, "timeout": 25}]
    assert call.params("dialout")["whisper"] == 0
    assert call.way == "which_language:1 open_now:open choices:1"
    assert call.outcome == "transferred"


def test_a_french_caller_hears_french_to_the_end(telephone: Telephone) -> None:
    call = telephone.ring("clinic", "2", "3", at=FRIDAY_MORNING, others=NOBODY)
    assert call.heard == [
        *FIRST,
        CHOIX,
        f"[{DOCTOR} NOANSWER]",
        "Laissez un message après le signal sonore.",
        "[beep]",
        "Merci. Au revoir.",
    ]
    assert call.way == ("which_language:2 open_now:open choices:3 doctor:no_answer message:then")
    assert (call.outcome, call.disposition) == ("completed", "message")


def test_who_chooses_no_language_is_asked_once_more_and_spoken_to_in_english(
    telephone: Telephone,
) -> None:
    call = telephone.ring("clinic", "", "7", "1", at=FRIDAY_MORNING)
    assert call.heard == [*FIRST, *FIRST, CHOICES], "nothing is said of the wrong key"
    assert call.way == ("which_language:no_input which_language:failure open_now:open choices:1")


def test_a_patient_code_that_was_mistyped_is_asked_for_again(telephone: Telephone) -> None:
    call = telephone.ring("clinic", "1", "2", WRONG_CODE, RIGHT_CODE, at=FRIDAY_MORNING)
    ask = "Type your patient code, then the hash key."
    assert call.heard[3:] == [
        ask,
        f"Sorry, I did not understand that. {ask}",
        "Thank you. A nurse will tell you your results.",
    ]
    assert call.keys_wanted[-1] == (8, 8.0)
    assert call.way == (
        "which_language:1 open_now:open choices:2 code:invalid code:then results:then"
    )
    assert call.outcome == "transferred"


def test_a_french_caller_is_told_in_french_that_the_code_is_wrong(telephone: Telephone) -> None:
    call = telephone.ring("clinic", "2", "2", "1230#", at=FRIDAY_MORNING)
    assert call.heard[3:] == [
        "Tapez votre code patient, puis dièse.",
        "Merci. Une infirmière va vous donner vos résultats.",
    ]


def test_a_patient_code_stands_nowhere_on_disk(telephone: Telephone) -> None:
    call = telephone.ring("clinic", "1", "2", WRONG_CODE, RIGHT_CODE, at=FRIDAY_MORNING)
    assert call.variables["patient_code"] == "********"
    folder = Path(telephone.server.database_url.removeprefix("sqlite:///")).parent
    for file in folder.iterdir():
        for code in (WRONG_CODE, RIGHT_CODE):
            assert code.encode() not in file.read_bytes(), file.name


def test_a_busy_front_desk_is_tried_twice_more_and_then_takes_a_message(
    telephone: Telephone,
) -> None:
    call = telephone.ring("clinic", "1", "1", at=FRIDAY_MORNING, others=BUSY)
    wait = [f"[{FRONT_DESK} BUSY]", "Everybody is talking to somebody. We try again."]
    assert call.heard[3:-3] == [*wait, *wait, wait[0]]
    assert call.commands.count("dialout") == 3
    assert call.way.endswith(
        "front_desk:busy busy:then please_wait:then "
        "front_desk:busy busy:then please_wait:then front_desk:busy busy:failure message:then"
    )
    assert call.disposition == "message"


@pytest.mark.parametrize("at", [FRIDAY_NOON, SUNDAY], ids=["at lunch", "on Sunday"])
def test_a_closed_clinic_offers_a_doctor(telephone: Telephone, at: datetime) -> None:
    call = telephone.ring("clinic", "1", "1", at=at)
    assert call.heard == [*FIRST, CLOSED]
    assert call.way == "which_language:1 open_now:closed after_hours:1"
    assert call.params("dialout")["targets"] == [{"number": DOCTOR, "timeout": 30}]


def test_a_closed_clinic_takes_a_message(telephone: Telephone) -> None:
    call = telephone.ring("clinic", "1", "2", at=SUNDAY)
    assert call.way == "which_language:1 open_now:closed after_hours:2 message:then"
    assert call.params("record") == {"max_duration": 180, "silence": 5}
    assert (call.outcome, call.disposition) == ("completed", "message")
