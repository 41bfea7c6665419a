"""Each command of the vendor's table: well formed it succeeds, out of range it errors."""

import base64
import io
import wave
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voice_app import HANG_UP, command, voice_app

from app.simulator import COMMANDS, CallRecord, Conditions, Readings, Script, Scripted, ring
from app.simulator.commands import check
from app.simulator.transcript import Played, Recorded, Silent, Tone

FAST = Conditions(speed=1000)
SAY = "TTS|TTS_FR-FR_AUDREY|Bonjour"


def wav(seconds: float) -> str:
    data = io.BytesIO()
    with wave.open(data, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * int(8000 * seconds))
    return base64.b64encode(data.getvalue()).decode()


VALID: dict[str, dict[str, Any]] = {
    "play": {"media_id": SAY},
    "play_record": {"media_file": "some-file"},
    "play_wav_data": {"audio_data": wav(1.0)},
    "play_talk_detect": {
        "media_id": 42,
        "silence_ms": 5,
        "min_ms": 500,
        "max_ms": 60000,
        "analysistime_ms": 4000,
    },
    "read": {"media_id": SAY, "max_digits": 1, "attempts": 1, "timeout_ms": 100},
    "record": {"max_duration": 60, "silence": 5},
    "send_dtmf": {"digits": "12*#", "duration_ms": 500, "timeout_ms": 500},
    "wait": {"seconds": 30},
    "wait_for_silence": {"silence_ms": 1000, "iterations": 3, "timeout": 20},
    "dialout": {
        "targets": [{"number": "+33123456789", "timeout": 20}],
        "cli": "BLOCKED",
        "ringtone": "MUSIC",
        "whisper": SAY,
        "cdr_field": "000CUSTOMFIELD42",
    },
    "conference": {
        "id": 22,
        "welcome": 0,
        "waiting": 0,
        "pin_prompt": 0,
        "pin_error": 0,
        "pin_valid": 0,
        "auto_leave_announce": 0,
        "user_join": 0,
        "user_leave": 0,
        "pin_code": "",
        "pin_max_tries": 3,
        "pin_wait": 5,
        "auto_leave_when_alone": False,
    },
    "simple_conference": {"id": "room", "auto_leave_when_alone": True},
    "start_call_recording": {"announce": 0},
    "stop_call_recording": {"announce": 0},
    "hangup": {},
    "hangup_callid": {"callid": 242359184129},
}

BAD: list[tuple[str, str, object]] = [
    ("play", "media_id", 0),
    ("play", "media_id", -1),
    ("play", "media_id", "TTS_FR-FR_AUDREY|Bonjour"),
    ("play", "media_id", "TTS|fr|Bonjour"),
    ("play", "media_id", "TTS|TTS_FR-FR_AUDREY"),
    ("play_record", "media_file", ""),
    ("play_wav_data", "audio_data", "no base64!"),
    ("play_wav_data", "audio_data", base64.b64encode(b"no wave").decode()),
    ("play_talk_detect", "silence_ms", -1),
    ("read", "max_digits", 0),
    ("read", "max_digits", 21),
    ("read", "attempts", 0),
    ("read", "attempts", 11),
    ("read", "timeout_ms", 99),
    ("read", "timeout_ms", 30001),
    ("record", "max_duration", 301),
    ("record", "silence", 21),
    ("send_dtmf", "digits", ""),
    ("send_dtmf", "digits", "1A"),
    ("send_dtmf", "duration_ms", 0),
    ("send_dtmf", "duration_ms", 5001),
    ("send_dtmf", "timeout_ms", 10001),
    ("wait", "seconds", 0),
    ("wait", "seconds", 31),
    ("wait_for_silence", "silence_ms", 0),
    ("wait_for_silence", "silence_ms", 5001),
    ("wait_for_silence", "iterations", 11),
    ("wait_for_silence", "timeout", 301),
    ("dialout", "targets", []),
    ("dialout", "targets", [{"number": "0123456789", "timeout": 20}]),
    ("dialout", "targets", [{"number": "+33123456789", "timeout": 4}]),
    ("dialout", "targets", [{"number": "+33123456789", "timeout": 301}]),
    ("dialout", "cli", "hidden"),
    ("dialout", "ringtone", "NONE"),
    ("dialout", "whisper", "hello"),
    ("dialout", "cdr_field", "with-dash"),
    ("dialout", "cdr_field", "x" * 33),
    ("conference", "id", ""),
    ("conference", "pin_code", "12a"),
    ("conference", "pin_max_tries", 11),
    ("conference", "pin_wait", 31),
    ("conference", "welcome", "hello"),
    ("simple_conference", "id", ""),
    ("start_call_recording", "announce", -5),
    ("stop_call_recording", "announce", "hello"),
    ("hangup_callid", "callid", 0),
]

WRONG_TYPES: list[tuple[str, str, object]] = [
    ("play", "media_id", None),
    ("play", "media_id", 1.5),
    ("read", "max_digits", "3"),
    ("read", "max_digits", True),
    ("record", "max_duration", "erreur"),
    ("send_dtmf", "digits", 12),
    ("dialout", "targets", {"number": "+33123456789"}),
    ("conference", "auto_leave_when_alone", 1),
    ("simple_conference", "id", None),
    ("hangup_callid", "callid", "242359184129"),
]


def run(
    *replies: object, script: Script | None = None, conditions: Conditions = FAST
) -> tuple[CallRecord, list[dict[str, Any]]]:
    with voice_app(*replies) as app:
        record = ring(app.url, person=Scripted(script), conditions=conditions)
    return record, [got.json for got in app.got]


def test_the_table_has_the_sixteen_commands() -> None:
    assert set(COMMANDS) == set(VALID)
    assert len(COMMANDS) == 16


@pytest.mark.parametrize("name", VALID)
def test_a_command_with_all_its_params_is_well_formed_without_a_warning(name: str) -> None:
    checked = check(name, VALID[name])
    assert checked.error == ""
    assert checked.warnings == ()
    assert set(checked.params) == set(VALID[name])


@pytest.mark.parametrize("name", sorted(set(VALID) - {"play_record", "hangup_callid"}))
def test_a_well_formed_command_is_carried_out(name: str) -> None:
    record, reports = run(command(name, 5, **VALID[name]), HANG_UP)
    assert reports[1]["command"] == name
    assert reports[1]["command_id"] == 5
    assert reports[1]["command_error"] == ""
    assert record.faults == ()


@pytest.mark.parametrize(("name", "param", "value"), BAD)
def test_a_param_out_of_range_is_a_command_error_on_a_live_call(
    name: str, param: str, value: object
) -> None:
    _, reports = run(command(name, 5, **{**VALID[name], param: value}), HANG_UP)
    assert reports[1]["command_error"] == f"PROPERTY_VALUE_ERROR [{param}]"
    assert reports[1]["command_result"] == ""
    assert reports[1]["call_status"] == "UP"
    assert reports[1]["command_id"] == 5


@pytest.mark.parametrize(("name", "param", "value"), WRONG_TYPES)
def test_a_param_of_a_wrong_type_is_a_command_error(name: str, param: str, value: object) -> None:
    assert check(name, {**VALID[name], param: value}).error == f"PROPERTY_TYPE_ERROR [{param}]"


def test_every_command_that_has_a_range_is_tried_out_of_it() -> None:
    assert {name for name, _, _ in BAD} == set(VALID) - {"hangup"}


@given(
    st.sampled_from([("max_digits", 1, 20), ("attempts", 1, 10), ("timeout_ms", 100, 30000)]),
    st.integers(),
)
def test_the_ranges_of_read_hold_for_any_number(bounds: tuple[str, int, int], value: int) -> None:
    param, low, high = bounds
    error = check("read", {**VALID["read"], param: value}).error
    assert (error == "") == (low <= value <= high)


@pytest.mark.parametrize("name", ["end", "redirect", "", "PLAY"])
def test_an_unknown_command_is_an_error_that_names_the_known_ones(name: str) -> None:
    record, reports = run(command(name, 5), HANG_UP)
    assert reports[1]["command_error"] == "PROPERTY_VALUE_ERROR [command]"
    assert "hangup_callid" in record.warnings[0]


def test_what_is_not_sent_has_the_sdks_default_and_a_warning() -> None:
    checked = check("read", {"media_id": SAY})
    assert (checked.params["max_digits"], checked.params["attempts"]) == (20, 10)
    assert checked.params["timeout_ms"] == 30000
    assert len(checked.warnings) == 3
    assert check("read", {}).error == "PROPERTY_VALUE_ERROR [media_id]"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("wait", "wait", "seconds"),
        ("send_dtmf", "digit", "digits"),
        ("wait_for_silence", "timeout_ms", "timeout"),
    ],
)
def test_both_spellings_of_a_param_are_taken_and_the_old_one_warns(
    name: str, old: str, new: str
) -> None:
    params = {old if key == new else key: value for key, value in VALID[name].items()}
    checked = check(name, params)
    assert checked.params[new] == VALID[name][new]
    assert checked.warnings == (f"{name}: {old!r} is an old spelling of {new!r}",)
    assert check(name, VALID[name], "newest").warnings == ()
    assert old not in check(name, params, "newest").params
    assert check(name, params, "oldest").error == ""


def test_params_and_voices_that_nobody_documents_warn() -> None:
    checked = check("play", {"media_id": "TTS|TTS_XX_NOBODY|hello", "loop": 3})
    assert checked.error == ""
    assert len(checked.warnings) == 2
    assert check("wait_for_silence", {**VALID["wait_for_silence"], "iterations": 4}).warnings


def test_a_text_may_hold_more_pipes() -> None:
    assert check("play", {"media_id": "TTS|TTS_FR-FR_AUDREY|a|b"}).params["media_id"].text == "a|b"


def test_a_recording_can_be_played_back_in_the_same_call() -> None:
    with voice_app(
        by=lambda got: (
            {
                "INCOMING_CALL": command("record", 1, max_duration=60, silence=0),
                "UP": command("play_record", 2, media_file=got.json["command_result"] or "gone"),
                "HANGUP": b"",
            }[got.json["call_status"]]
            if got.json["command"] != "play_record"
            else HANG_UP
        )
    ) as app:
        record = ring(app.url, person=Scripted(), conditions=FAST)
    assert app.got[2].json["command_error"] == ""
    recorded = record.of(Recorded)[0]
    assert record.of(Played)[0].media == recorded.file == app.got[1].json["command_result"]
    assert recorded.seconds == pytest.approx(4.0, abs=0.5)


def test_a_file_that_was_never_recorded_cannot_be_played() -> None:
    _, reports = run(command("play_record", 1, media_file="nothing"))
    assert reports[1]["command_error"] == "PROPERTY_VALUE_ERROR [media_file]"


def test_a_recording_ends_with_silence_or_at_its_longest() -> None:
    record, _ = run(command("record", 1, max_duration=60, silence=5))
    assert record.of(Recorded)[0].seconds == pytest.approx(9.0, abs=0.5)
    script = Script(speaks_s=30)
    record, _ = run(command("record", 1, max_duration=10, silence=5), script=script)
    assert record.of(Recorded)[0].seconds == pytest.approx(10.0, abs=0.5)
    assert [tone.name for tone in record.of(Tone)] == ["beep"]


def test_a_recording_may_start_without_a_tone() -> None:
    conditions = replace(FAST, readings=Readings(record_beeps=False))
    record, _ = run(command("record", 1, max_duration=9, silence=0), conditions=conditions)
    assert record.of(Tone) == ()


def test_waiting_for_silence_finds_it_or_runs_out_of_time() -> None:
    _, reports = run(command("wait_for_silence", 1, silence_ms=1000, iterations=2, timeout=20))
    assert reports[1]["command_result"] == "SILENCE"
    _, reports = run(command("wait_for_silence", 1, silence_ms=5000, iterations=2, timeout=5))
    assert reports[1]["command_result"] == "TIMEOUT"


def test_a_wait_takes_its_seconds_in_simulated_time() -> None:
    record, _ = run(command("wait", 1, seconds=30))
    begun, ended = record.of(Silent)[0].at, record.reports[1].at
    assert ended - begun == pytest.approx(30, abs=0.001)


def test_hanging_up_a_call_that_is_not_there_is_an_error() -> None:
    _, reports = run(command("hangup_callid", 1, callid=1))
    assert reports[1]["command_error"] == "PROPERTY_VALUE_ERROR [callid]"


def test_a_call_may_hang_up_itself_by_its_id() -> None:
    with voice_app(by=lambda got: command("hangup_callid", 1, callid=got.json["callid"])) as app:
        ring(app.url, person=Scripted(), conditions=FAST)
    assert app.statuses == ["INCOMING_CALL", "HANGUP"]
