"""Calls of `reminder`, which calls people: what they answer, and what a call comes to otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from telephone import Telephone

from app.journal import SqlJournal
from app.ports import Start
from app.simulator import Answer

pytest_plugins = "scenario_server"

TOKEN = "oh0123456789abcd"
QUESTION = "Hello. This is a reminder from Acme. To hear it, press 1."
CHOICES = "To confirm, press 1. To be called back, press 2."


@pytest.fixture(scope="module")
def start(telephone: Telephone) -> Iterator[Start]:
    """A call that we place, as the journal has it before it is dialled."""
    journal = SqlJournal(telephone.server.database_url, on_lost=lambda _turn, _why: None)
    start = Start(
        token=TOKEN,
        provider="callr",
        flow="reminder",
        number="+33612345678",
        caller_id="+33199001020",
        ring_s=30,
        field="ORDER42",
        variables={"name": "Zoë", "time": "at ten"},
        created_at=datetime.now(UTC),
    )
    journal.write_start(start)
    yield start
    journal.close()


def test_an_appointment_is_confirmed(telephone: Telephone, start: Start) -> None:
    call = telephone.be_rung("reminder", "1", "1", cdr_field=f"{start.field}{start.token}")
    assert call.heard == [
        QUESTION,
        f"Zoë, your appointment is at ten. {CHOICES}",
        "Thank you. See you then.",
    ]
    assert call.way == "are_you_there:1 appointment:1"
    assert (call.outcome, call.disposition) == ("completed", "confirmed")
    row = call.journalled.row
    assert (row.direction, row.caller, row.called) == ("outbound", "+33199001020", "+33612345678")
    assert row.token == start.token


def test_somebody_wants_to_be_called_back(telephone: Telephone) -> None:
    call = telephone.be_rung("reminder?name=Zo%C3%AB", "1", "2")
    assert call.heard[1:] == [
        f"Zoë, your appointment is tomorrow. {CHOICES}",
        "Thank you. We will call you back.",
    ]
    assert (call.outcome, call.disposition) == ("completed", "call_back")


def test_a_voicemail_that_answers_hears_no_name_and_no_time(telephone: Telephone) -> None:
    call = telephone.be_rung("reminder?name=Zoe&time=at%20ten")
    assert call.heard == [
        QUESTION,
        f"I did not hear any keys. {QUESTION}",
        f"I did not hear any keys. {QUESTION}",
        "Goodbye.",
    ]
    assert (call.outcome, call.disposition) == ("completed", "nobody")


def test_somebody_who_does_not_decide_gets_no_reply(telephone: Telephone) -> None:
    call = telephone.be_rung("reminder", "1", "3", "", "9")
    assert call.way == (
        "are_you_there:1 appointment:invalid appointment:no_input appointment:failure"
    )
    assert (call.outcome, call.disposition) == ("completed", "no_reply")


def test_a_start_that_the_journal_does_not_have_leaves_the_defaults(telephone: Telephone) -> None:
    call = telephone.be_rung("reminder", "1", "1", cdr_field="ohzzzzzzzzzzzzzz", odd=True)
    assert call.heard[1] == f", your appointment is tomorrow. {CHOICES}"
    assert call.incidents == [
        (
            "the variables of this outbound call could not be read; defaults used. "
            "See that the journal answers, and that whoever dialled keeps the same one."
        )
    ]


@pytest.mark.parametrize(
    ("answer", "status", "outcome"),
    [
        (Answer.BUSY, "BUSY", "busy"),
        (Answer.NO_ANSWER, "NOANSWER", "no_answer"),
        (Answer.CONGESTION, "CONGESTION", "congestion"),
        (Answer.REJECTED, "REJECTED", "rejected"),
    ],
)
def test_a_call_that_nobody_took_ends_quietly(
    telephone: Telephone, answer: Answer, status: str, outcome: str
) -> None:
    call = telephone.be_rung("reminder", answer=answer)
    assert call.record.status == status
    assert call.heard == []
    assert [turn.reply for turn in call.turns] == [b""]
    assert (call.outcome, call.disposition, call.way) == (outcome, "", "")
