"""Each point that the vendor leaves open, read the other way: calls go and end as always."""

from __future__ import annotations

import pytest
from journeys import JOURNEYS
from telephone import Telephone

from app.simulator import Readings

pytest_plugins = "scenario_server"

OTHERWISE = {
    "an inbound call begins with UP": Readings(first_inbound_status="UP"),
    "a hang-up brings -1": Readings(interrupted="-1"),
    "a hang-up brings an error": Readings(interrupted="error"),
    "a hang-up brings what there was": Readings(interrupted="kept"),
    "a bare hash is TIMEOUT": Readings(bare_hash_result="TIMEOUT"),
    "a bare hash is a hash": Readings(bare_hash_result="#"),
    "silence is an empty result": Readings(read_timeout="empty"),
    "silence is null": Readings(read_timeout="null"),
    "results are numbers": Readings(results="numbers"),
    "credentials come when asked for": Readings(basic="challenged"),
    "new spellings only": Readings(spellings="newest"),
    "a recording does not beep": Readings(record_beeps=False),
    "faults are tried again": Readings(retry_after_fault=True),
}


@pytest.mark.parametrize("reading", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_calls_go_the_same_way(telephone: Telephone, reading: Readings) -> None:
    platform = telephone.under(reading)
    for journey in JOURNEYS.values():
        journey.check(journey(platform))


def test_a_hang_up_that_comes_by_itself_knows_its_call_from_the_journal(
    telephone: Telephone,
) -> None:
    platform = telephone.under(Readings(hangup="separate"))
    for journey in JOURNEYS.values():
        call = journey(platform, odd=True)
        assert call.way.startswith(journey.way)
        assert (call.outcome, call.disposition) == (journey.outcome, journey.disposition)
        assert set(call.incidents) <= {"resumed from the journal."}


def test_silence_that_is_told_as_an_error_takes_the_exit_for_failures(
    telephone: Telephone,
) -> None:
    call = telephone.under(Readings(read_timeout="error")).ring("reception", "2")
    assert call.way == "open_now:open welcome:then choose:2 order:failure voicemail:then"
    assert (call.outcome, call.disposition) == ("completed", "message")


def test_a_call_that_the_platform_stops_after_a_few_reports_is_hung_up(
    telephone: Telephone,
) -> None:
    call = JOURNEYS["support after a wrong key"](
        telephone.under(Readings(most_reports=3)), odd=True
    )
    assert call.outcome == "hung_up"
    assert not call.incidents


def test_what_a_listener_for_speech_brings_is_kept_as_it_is(telephone: Telephone) -> None:
    platform = telephone.under(Readings(talk_detect_result="TALK 1200|x"))
    call = platform.ring("every_command", "12", "77#", leaves_room="star", odd=True)
    assert call.variables["talk"] == "TALK 1200|x"
