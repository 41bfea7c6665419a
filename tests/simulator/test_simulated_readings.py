"""How the simulated platform does what nobody documents, and what of it was heard."""

import json
from typing import Any

import pytest
from voice_app import command, voice_app

from app.simulator import CallRecord, Conditions, Readings, Script, Scripted, readings_heard, ring
from app.simulator.transcript import Played, Pressed, Recorded, Said, Silent

COUNT = "TTS|TTS_EN-GB_SERENA|One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten."


def rings(replies: list[object], readings: Readings, script: Script) -> tuple[CallRecord, Any]:
    """A call; gives its record, and what the commands brought."""
    with voice_app(*replies) as app:
        conditions = Conditions(speed=500, readings=readings)
        record = ring(app.url, person=Scripted(script), conditions=conditions)
    reports = [got.json for got in app.got[1:]]
    return record, [(one["command"], one["command_result"]) for one in reports]


def plays_and_reads(readings: Readings) -> tuple[CallRecord, Any]:
    """7 is pressed while something is played; then one key is asked for, and none pressed."""
    read = {"media_id": COUNT, "max_digits": 1, "attempts": 1, "timeout_ms": 1000}
    replies: list[object] = [command("play", 1, media_id=COUNT), command("read", 2, **read)]
    return rings(replies, readings, Script(presses_at={1: "7"}))


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_a_key_during_play_ends_it_or_not_and_counts_for_the_next_read_or_not(
    *, stops: bool, kept: bool
) -> None:
    record, brought = plays_and_reads(Readings(keys_stop_play=stops, keys_kept=kept))
    assert brought[:2] == [("play", "0"), ("read", "7" if kept else "TIMEOUT")]
    said, again = record.of(Said)
    assert (again.at - said.at < 2.0) is stops
    (pressed,) = record.of(Pressed)
    assert (pressed.keys, pressed.used) == ("7", stops or kept)


def test_keys_that_were_kept_come_before_those_that_are_pressed_then() -> None:
    read = {
        "media_id": "TTS|TTS_EN-GB_SERENA|Now.",
        "max_digits": 4,
        "attempts": 1,
        "timeout_ms": 3000,
    }
    replies: list[object] = [command("play", 1, media_id=42), command("read", 2, **read)]
    script = Script(presses_at={1: "1"}, keys=("23#",))
    record, brought = rings(replies, Readings(keys_kept=True), script)
    assert record.of(Played)
    assert brought[1] == ("read", "123")


@pytest.mark.parametrize(
    ("wait_key", "key", "seconds"),
    [
        ("either", "seconds", 9),
        ("either", "wait", 9),
        ("seconds", "seconds", 9),
        ("seconds", "wait", 1),
        ("wait", "seconds", 1),
        ("wait", "wait", 9),
        ("neither", "seconds", 1),
        ("neither", "wait", 1),
    ],
)
def test_one_parameter_of_wait_is_obeyed_both_or_none(
    wait_key: Any, key: str, seconds: int
) -> None:
    record, _ = rings([command("wait", 1, **{key: 9})], Readings(wait_key=wait_key), Script())
    assert [silent.seconds for silent in record.of(Silent)] == [seconds]


def test_which_parameter_of_wait_is_obeyed_leaves_the_other_commands_alone() -> None:
    readings = Readings(wait_key="wait", spellings="newest")
    assert readings.spellings_of("wait") == "oldest"
    assert readings.spellings_of("send_dtmf") == "newest"
    assert Readings(spellings="oldest").spellings_of("wait") == "oldest"


def test_who_hangs_up_speaking_leaves_what_was_said() -> None:
    record_ = command("record", 1, max_duration=20, silence=0)
    script = Script(speaks_s=3.0, hangup_speaking=2)
    call, brought = rings([record_, record_], Readings(interrupted="kept"), script)
    first, second = call.of(Recorded)
    assert second.seconds == pytest.approx(3.0, abs=0.5)
    assert brought == [("record", first.file), ("record", second.file)]
    assert call.status == "HANGUP"


def test_keys_of_no_telephone_cannot_be_pressed_meanwhile() -> None:
    with pytest.raises(ValueError, match="'x' is not a key"):
        Script(presses_at={2: "x"})


def heard(**answers: object) -> str:
    facts = {name: {"answer": answer} for name, answer in answers.items()}
    return json.dumps({"format": 1, "platform": "api.callr.com", "facts": facts})


def test_what_was_heard_becomes_readings() -> None:
    told = heard(record_tone="no", hangup_in_record="file", wait_key="both", basic="challenged")
    assert readings_heard(told) == Readings(
        record_beeps=False, interrupted="kept", basic="challenged"
    )
    assert readings_heard(heard()) == Readings()


def test_what_has_no_reading_leaves_the_usual_one() -> None:
    told = heard(read_nothing="other", another="yes", keys_kept=[1], wait_key="wait")
    assert readings_heard(told) == Readings(wait_key="wait")


@pytest.mark.parametrize(
    "text",
    [
        *("", "no JSON", "[]", "null", "{}", "[" * 10_000),
        *('{"format": 2, "facts": {}}', '{"format": 1}', '{"format": 1, "facts": []}'),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        readings_heard(text)
