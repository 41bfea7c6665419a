"""One flow, two platforms: the same caller hears the same on both, and the call comes to the same.

Accepted differences are those of ACCEPTED, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from serving import ROOT
from stringee_phone import StringeePhone
from stringee_serving import stringee_serving
from telephone import FRIDAY_NOON, SUNDAY, Heard, Telephone

from app.journal import SqlJournal
from app.ports import Start
from app.simulator import Answer, Others
from app.simulator.transcript import Said

SALES, SECOND = "+33123456789", "+33123456780"
CALLER, OURS = "+33612345678", "+33199001020"
TOKEN = "oh0123456789abcd"
EVENING = datetime(2026, 1, 9, 18, 0, tzinfo=UTC)

ACCEPTED = {
    "conference": "Stringee has no rooms: a flow with one is refused",
    "sending digits": "Stringee sends no tones: refused",
    "silence detection": "Stringee has none: refused",
    "a recorded message read by a later step": "its file is told after the call: refused",
    "whisper": "Stringee connects whoever answers: warned of",
    "voice": "each platform has its own",
}
"""What may differ. Whisper and voice stand in no text that the caller hears, so that nothing is
left out of the comparison for them; what is refused is not played."""


@dataclass(frozen=True)
class Both:
    """The two telephones at one server, whose clock stands still."""

    callr: Telephone
    stringee: StringeePhone
    now: datetime


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[datetime, Both]]:
    """Both telephones, by the time at the server."""
    path = f"{ROOT}:{Path(__file__).parent}"
    with ExitStack() as stack:
        both = {}
        for now in (FRIDAY_NOON, SUNDAY, EVENING):
            server = stack.enter_context(
                stringee_serving(
                    tmp_path_factory.mktemp("two"),
                    wsgi="clocked_app:app",
                    PYTHONPATH=path,
                    NOW=now.isoformat(),
                    WEB_CONCURRENCY="1",
                    RETENTION_DAYS="0",  # by the real clock, its calls are old
                )
            )
            both[now] = Both(Telephone(server), StringeePhone(server), now)
        yield both
        for one in both.values():
            assert "Traceback" not in one.callr.server.log()


def told(call: Heard) -> tuple[list[str], str, str]:
    """What the caller heard, and what the journal says that the call came to."""
    return call.heard, call.outcome, call.disposition


def others(answer: Answer = Answer.ANSWER, second: Answer | None = None, **more: Any) -> Others:
    by_number = {} if second is None else {SECOND: second}
    return Others(answer=answer, by_number=by_number, **more)


@dataclass(frozen=True)
class Caller:
    """What somebody does on the line, on whichever platform."""

    keys: tuple[str, ...] = ()
    does: Mapping[str, Any] = field(default_factory=dict)
    when: datetime = FRIDAY_NOON


def caller(*keys: str, when: datetime = FRIDAY_NOON, **does: Any) -> Caller:
    return Caller(keys, does, when)


NOBODY = Answer.NO_ANSWER
RECEPTION = {
    "sales": caller("1"),
    "support": caller("2", "018456"),
    "support, with #": caller("2", "018456#"),
    "a key at the prompt": caller("1", barges_in=True),
    "wrong, then sales": caller("9", "1"),
    "silence, then sales": caller("", "1"),
    "a bare #, then sales": caller("#", "1"),
    "a star, then sales": caller("*", "1"),
    "three times wrong": caller("9", "*", "3"),
    "three times silent": caller(),
    "wrong, silent, #": caller("9", "", "#"),
    "an order that is short": caller("2", "123#", "123456"),
    "an order that is short and not sent": caller("2", "123", "123456"),
    "no order at all": caller("2"),
    "orders that are wrong": caller("2", "12*#", "1#", "#"),
    "an order at the prompt": caller("2", "018456", barges_in=True),
    "nobody there": caller("1", others=others(NOBODY)),
    "the first is busy": caller("1", others=others(second=Answer.ANSWER, answer=Answer.BUSY)),
    "all busy": caller("1", others=others(Answer.BUSY)),
    "busy, then nobody": caller("1", others=others(Answer.BUSY, NOBODY)),
    "nobody, then busy": caller("1", others=others(NOBODY, Answer.BUSY)),
    "congestion": caller("1", others=others(Answer.CONGESTION)),
    "unavailable": caller("1", others=others(Answer.UNAVAILABLE)),
    "they hang up": caller("1", others=others(talk_s=5), talk_s=60),
    "they answer late": caller("1", others=others(ring_s=19)),
    "they answer too late": caller("1", others=others(ring_s=21)),
    "support is not there": caller("2", "123456", others=others(NOBODY)),
    "a message of a minute": caller(when=SUNDAY, speaks_s=60),
    "a message without end": caller(when=SUNDAY, speaks_s=600),
    "closed on Sunday": caller(when=SUNDAY),
    "closed in the evening": caller(when=EVENING),
    "gone at the welcome": caller(hangup_after=0.5),
    "gone at the menu": caller(hangup_after=4.0),
    "gone at the second menu": caller("9", hangup_after=9.0),
    "gone while it rings": caller("1", hangup_after=12.0, others=others(ring_s=15)),
    "gone while they talk": caller("1", talk_s=3),
    "gone at the prompt of the voicemail": caller(when=SUNDAY, hangup_after=0.5),
    "gone while leaving a message": caller(when=SUNDAY, hangup_speaking=1),
    "gone at the order": caller("2", hangup_after=10.0),
}


@pytest.mark.parametrize("name", RECEPTION)
def test_a_caller_of_the_reception_hears_the_same(at: Mapping[datetime, Both], name: str) -> None:
    person = RECEPTION[name]
    there = at[person.when]
    callr = there.callr.ring("reception", *person.keys, at=there.now, caller=CALLER, **person.does)
    stringee = there.stringee.ring(
        "reception", *person.keys, caller=CALLER, called=OURS, **person.does
    )
    assert told(stringee) == told(callr)
    assert callr.heard or callr.outcome == "hung_up"


REMINDER = {
    "confirmed": caller("1", "1"),
    "to be called back": caller("1", "2"),
    "a voicemail": caller(),
    "hesitating": caller("", "1", "", "9", "1"),
    "undecided": caller("1", "3", "", "9"),
    "at the prompt": caller("1", "1", barges_in=True),
    "wrong keys": caller("5", "#", "*"),
    "busy": caller(answer=Answer.BUSY),
    "nobody": caller(answer=Answer.NO_ANSWER),
    "congestion": caller(answer=Answer.CONGESTION),
    "rejected": caller(answer=Answer.REJECTED),
    "picks up late": caller("1", "1", ring_s=20),
    "picks up and goes": caller(hangup_after=0.5),
    "gone at the question": caller(hangup_after=3.0),
    "gone after the question": caller("1", hangup_after=9.0),
}


@pytest.fixture(scope="module")
def start(at: Mapping[datetime, Both]) -> Start:
    """A call of CALLR's that we place, with its variables."""
    journal = SqlJournal(
        at[FRIDAY_NOON].callr.server.database_url, on_lost=lambda _turn, _why: None
    )
    start = Start(
        token=TOKEN,
        provider="callr",
        flow="reminder",
        number=CALLER,
        caller_id=OURS,
        ring_s=30,
        field="",
        variables={"name": "Zoë", "time": "at ten"},
        created_at=FRIDAY_NOON,
    )
    journal.write_start(start)
    journal.close()
    return start


@pytest.mark.parametrize("name", REMINDER)
def test_who_is_reminded_hears_the_same(
    at: Mapping[datetime, Both], start: Start, name: str
) -> None:
    person = REMINDER[name]
    there = at[FRIDAY_NOON]
    callr = there.callr.be_rung("reminder", *person.keys, cdr_field=start.token, **person.does)
    stringee = there.stringee.be_rung(
        "reminder", *person.keys, variables=start.variables, **person.does
    )
    assert told(stringee) == told(callr)


def test_the_voices_are_each_platforms_own(at: Mapping[datetime, Both]) -> None:
    there = at[FRIDAY_NOON]
    callr = there.callr.ring("reception", "1")
    stringee = there.stringee.ring("reception", "1", caller=CALLER, called=OURS)
    assert callr.voices == {"TTS_EN-GB_SERENA"}
    assert stringee.voices == {"female"}
    assert {one.text for one in stringee.record.of(Said)} == set(callr.heard)


def test_the_whisper_is_all_that_a_dial_lacks(at: Mapping[datetime, Both]) -> None:
    there = at[FRIDAY_NOON]
    callr = there.callr.ring("reception", "1")
    stringee = there.stringee.ring("reception", "1", caller=CALLER, called=OURS)
    dialled, connected = callr.params("dialout"), stringee.params("connect")
    assert dialled["whisper"] == "TTS|TTS_EN-GB_SERENA|sales"
    assert "sales" not in str(connected)
    first = dialled["targets"][0]
    assert (f"+{connected['to']['number']}", connected["timeout"]) == (
        first["number"],
        first["timeout"],
    )
    assert f"+{connected['from']['alias']}" == dialled["cli"]


def test_who_hangs_up_at_the_goodbye_after_a_message_has_left_one_as_callr_alone_can_tell(
    at: Mapping[datetime, Both],
) -> None:
    """Stringee says of a list that somebody hung up, and not where in it: a message is not sure."""
    there = at[SUNDAY]
    callr = there.callr.ring("reception", at=there.now, hangup_at=3)
    stringee = there.stringee.ring("reception", caller=CALLER, called=OURS, hangup_at=3)
    assert (callr.heard, callr.outcome) == (stringee.heard, stringee.outcome)
    assert (callr.disposition, stringee.disposition) == ("message", "")
