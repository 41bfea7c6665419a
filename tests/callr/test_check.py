"""What CALLR does not take of a flow, found before anybody calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from reports import provider

from app.callflow import (
    Flow,
    In,
    Media,
    assign,
    collect,
    command,
    conference,
    dial,
    hang_up,
    menu,
    record,
    say,
    send_digits,
    to,
    wait,
)
from app.callflow.errors import Finding, Level
from app.callflow.kinds.base import Step
from app.callr.ranges import COMMANDS


def findings(
    first: Step, *, voices: Mapping[str, str] | None = None, **options: Any
) -> list[Finding]:
    steps = {"first": first, "bye": hang_up()}
    if not first.exits:
        del steps["bye"]
    flow = Flow("line", start="first", steps=steps, **options)
    return list(provider(voices=voices).check(flow))


def only(first: Step, **options: Any) -> tuple[str, str, str]:
    """The one finding: argument, message and mend."""
    found = findings(first, **options)
    assert len(found) == 1, [str(one) for one in found]
    assert (found[0].flow, found[0].level) == ("line", Level.ERROR)
    return found[0].field, found[0].message, found[0].mend


def asking(**options: Any) -> Step:
    return collect("?", "x", then="bye", failure="bye", **options)


def test_too_many_digits() -> None:
    assert only(asking(max_digits=99)) == (
        "max_digits",
        "it is 99; CALLR takes 1 to 20.",
        "Write max_digits=20 or less.",
    )


def test_too_long_a_wait_for_keys() -> None:
    assert only(menu("?", {"1": "bye"}, failure="bye", timeout_s=50)) == (
        "timeout_s",
        "it is 50; CALLR takes 0.1 to 30.",
        "Write timeout_s=30 or less.",
    )
    text = str(findings(menu("?", {"1": "bye"}, failure="bye", timeout_s=50))[0])
    assert text.startswith("step 'first' in flow 'line': timeout_s: it is 50;")


@pytest.mark.parametrize(
    ("step", "argument", "mend"),
    [
        (asking(timeout_s=0.05), "timeout_s", "Write timeout_s=0.1 or more."),
        (asking(timeout_s=30.5), "timeout_s", "Write timeout_s=30 or less."),
        (menu("?", {"1" * 21: "bye"}, failure="bye"), "choices", "Write choices=20 or less."),
        (record(into="x", then="bye", max_s=301), "max_s", "Write max_s=300 or less."),
        (record(into="x", then="bye", silence_s=21), "silence_s", "Write silence_s=20 or less."),
        (dial("+33123456789", no_answer="bye", ring_s=4), "ring_s", "Write ring_s=5 or more."),
        (dial("+33123456789", no_answer="bye", ring_s=301), "ring_s", "Write ring_s=300 or less."),
        (dial("+3312", no_answer="bye"), "targets", "Write it like +33612345678."),
        (
            dial("+33123456789", no_answer="bye", caller_id="+3312"),
            "caller_id",
            "Write it like +33612345678.",
        ),
        (conference("r", then="bye", pin_tries=11), "pin_tries", "Write pin_tries=10 or less."),
        (conference("r", then="bye", pin_wait_s=31), "pin_wait_s", "Write pin_wait_s=30 or less."),
        (conference("r", then="bye", pin_code="12a"), "pin_code", "Write digits."),
        (send_digits("12a", then="bye"), "digits", "Write keys out of 0-9, * and #."),
        (send_digits("1", then="bye", tone_ms=5001), "tone_ms", "Write tone_ms=5000 or less."),
        (send_digits("1", then="bye", gap_ms=10001), "gap_ms", "Write gap_ms=10000 or less."),
        (wait(31, then="bye"), "seconds", "Write seconds=30 or less."),
    ],
)
def test_a_value_out_of_its_range(step: Step, argument: str, mend: str) -> None:
    assert only(step)[::2] == (argument, mend)


@pytest.mark.parametrize(
    "step",
    [
        asking(max_digits=20, timeout_s=30),
        asking(max_digits=1, timeout_s=0.1),
        record(into="x", then="bye", max_s=0, silence_s=0),
        record(into="x", then="bye", max_s=300, silence_s=20),
        dial("+33123456789", no_answer="bye", ring_s=5, caller_id="+33199001020"),
        dial("{caller}", lambda _: "+331", no_answer="bye", ring_s=300),
        conference("r", then="bye", pin_tries=10, pin_wait_s=0, pin_code="0123"),
        send_digits("0*#", then="bye", tone_ms=1, gap_ms=0),
        send_digits("{caller}", then="bye", tone_ms=5000, gap_ms=10000),
        wait(30, then="bye"),
    ],
)
def test_the_ends_of_the_ranges_are_taken(step: Step) -> None:
    assert findings(step) == []


def test_keys_cannot_be_asked_for_without_a_word() -> None:
    for step in (
        menu("", {"1": "bye"}, failure="bye"),
        collect("", "x", then="bye", failure="bye"),
    ):
        assert only(step) == (
            "prompt",
            "it is empty; CALLR asks for keys while it plays.",
            "Write what is asked.",
        )


# The platform's own commands.

RIGHT: dict[str, dict[str, Any]] = {
    "play": {"media_id": 1},
    "play_record": {"media_file": "{result}"},
    "play_wav_data": {"audio_data": "UklGRg=="},
    "play_talk_detect": {"media_id": In("en-GB", "Hello.")},
    "read": {"media_id": Media(callr=1), "attempts": 10, "max_digits": 3},
    "record": {},
    "send_dtmf": {"digits": "1"},
    "wait": {"seconds": lambda _: 1},
    "wait_for_silence": {"silence_ms": 5000},
    "dialout": {"targets": [{"number": "+33123456789", "timeout": 20}]},
    "conference": {"id": 5},
    "simple_conference": {"id": "room"},
    "start_call_recording": {},
    "stop_call_recording": {"announce": "TTS|X|text"},
    "hangup": {},
    "hangup_callid": {"callid": 2**64 - 1},
}


def test_there_are_sixteen_commands() -> None:
    assert RIGHT.keys() == COMMANDS.keys()
    assert len(COMMANDS) == 16


def test_a_room_may_have_the_number_0() -> None:
    assert findings(command("conference", {"id": 0}, then="bye")) == []


@pytest.mark.parametrize("name", RIGHT)
def test_every_command_is_reachable(name: str) -> None:
    assert findings(command(name, RIGHT[name], then="bye")) == []


def test_a_command_that_there_is_not() -> None:
    argument, message, mend = only(command("dance", then="bye"))
    assert (argument, message) == ("name", "CALLR has no command 'dance'.")
    assert mend.startswith("It has: play, play_record, ")
    assert mend.endswith("hangup, hangup_callid.")


@pytest.mark.parametrize("name", list(COMMANDS))
def test_an_unknown_parameter(name: str) -> None:
    argument, message, mend = only(command(name, {**RIGHT[name], "speed": 1}, then="bye"))
    assert (argument, message) == ("speed", f"'{name}' has no such parameter.")
    assert mend == f"It has: {', '.join(COMMANDS[name]) or 'none'}."


NEEDED = [
    (name, param)
    for name, params in COMMANDS.items()
    for param, about in params.items()
    if about.default is None
]


def test_what_each_command_needs() -> None:
    assert NEEDED == [
        ("play", "media_id"),
        ("play_record", "media_file"),
        ("play_wav_data", "audio_data"),
        ("play_talk_detect", "media_id"),
        ("read", "media_id"),
        ("send_dtmf", "digits"),
        ("wait", "seconds"),
        ("wait_for_silence", "silence_ms"),
        ("dialout", "targets"),
        ("conference", "id"),
        ("simple_conference", "id"),
        ("hangup_callid", "callid"),
    ]


@pytest.mark.parametrize(("name", "param"), NEEDED)
def test_a_parameter_that_is_missing(name: str, param: str) -> None:
    given = {key: value for key, value in RIGHT[name].items() if key != param}
    assert only(command(name, given, then="bye")) == (
        param,
        f"'{name}' needs it.",
        f"Write {{'{param}': ...}}.",
    )


RANGED = [
    (name, param, low, high)
    for name, params in COMMANDS.items()
    for param, about in params.items()
    if about.kind == "int"
    for low, high in [(about.low, about.high)]
]


def test_the_ranges_are_those_of_the_vendors_newest_sdk() -> None:
    """THECALLR/sdk-php 3b6ade6 Command.php; of play_talk_detect none is documented."""
    documented = [one for one in RANGED if one[0] != "play_talk_detect"]
    assert documented == [
        ("read", "max_digits", 1, 20),
        ("read", "attempts", 1, 10),
        ("read", "timeout_ms", 100, 30000),
        ("record", "max_duration", 0, 300),
        ("record", "silence", 0, 20),
        ("send_dtmf", "duration_ms", 1, 5000),
        ("send_dtmf", "timeout_ms", 0, 10000),
        ("wait", "seconds", 1, 30),
        ("wait_for_silence", "silence_ms", 1, 5000),
        ("wait_for_silence", "iterations", 1, 3),
        ("wait_for_silence", "timeout", 0, 300),
        ("conference", "pin_max_tries", 1, 10),
        ("conference", "pin_wait", 0, 30),
        ("hangup_callid", "callid", 0, 2**64 - 1),
    ]


def test_what_no_source_documents_has_sane_bounds_and_is_taken_beyond_them() -> None:
    params = COMMANDS["play_talk_detect"]
    for name in ("silence_ms", "min_ms", "max_ms", "analysistime_ms"):
        assert (params[name].low, params[name].high) == (1, 60000)
        assert params[name].widest == (0, 2147483647)


def test_what_is_sent_where_a_flow_does_not_say() -> None:
    defaults = {
        (name, param): about.default
        for name, params in COMMANDS.items()
        for param, about in params.items()
        if about.default is not None and about.kind == "int"
    }
    assert defaults == {
        ("play_talk_detect", "silence_ms"): 5,
        ("play_talk_detect", "min_ms"): 500,
        ("play_talk_detect", "max_ms"): 60000,
        ("play_talk_detect", "analysistime_ms"): 4000,
        ("read", "max_digits"): 20,
        ("read", "attempts"): 1,
        ("read", "timeout_ms"): 5000,
        ("record", "max_duration"): 120,
        ("record", "silence"): 5,
        ("send_dtmf", "duration_ms"): 500,
        ("send_dtmf", "timeout_ms"): 500,
        ("wait_for_silence", "iterations"): 1,
        ("wait_for_silence", "timeout"): 60,
        ("conference", "pin_max_tries"): 3,
        ("conference", "pin_wait"): 5,
    }


@pytest.mark.parametrize(
    ("name", "param", "low", "high"), [one for one in RANGED if one[0] != "play_talk_detect"]
)
def test_a_parameter_out_of_its_range(name: str, param: str, low: int, high: int) -> None:
    wide = 10 if param == "iterations" else high
    for value in (low - 1, wide + 1, str(low), float(low), True, None):
        argument, message, _ = only(command(name, {**RIGHT[name], param: value}, then="bye"))
        assert argument == param
        assert message.endswith(f"CALLR takes {low} to {high}.")
    for value in (low, high):
        assert findings(command(name, {**RIGHT[name], param: value}, then="bye")) == []


@pytest.mark.parametrize(
    ("name", "param", "value"),
    [
        ("wait_for_silence", "iterations", 4),
        ("wait_for_silence", "iterations", 10),
        ("play_talk_detect", "silence_ms", 0),
        ("play_talk_detect", "max_ms", 90_000),
    ],
)
def test_a_range_that_is_in_doubt_is_a_warning(name: str, param: str, value: int) -> None:
    found = findings(command(name, {**RIGHT[name], param: value}, then="bye"))
    assert [(one.field, one.level) for one in found] == [(param, Level.WARNING)]
    assert "not documented" in found[0].message


@pytest.mark.parametrize(
    ("name", "param", "value"),
    [
        ("play", "media_id", "Hello"),
        ("play", "media_id", 0),
        ("play", "media_id", -1),
        ("play", "media_id", True),
        ("play_record", "media_file", ""),
        ("play_record", "media_file", 5),
        ("play_wav_data", "audio_data", "not base64!"),
        ("dialout", "targets", "+33123456789"),
        ("dialout", "targets", ["+33123456789"]),
        ("dialout", "targets", [{"number": "+33123456789", "timeout": 4}]),
        ("dialout", "targets", [{"number": "0123", "timeout": 20}]),
        ("dialout", "cli", "0123"),
        ("dialout", "ringtone", "ring"),
        ("dialout", "cdr_field", "with-dash"),
        ("dialout", "cdr_field", "x" * 33),
        ("conference", "id", ""),
        ("conference", "pin_code", "12a"),
        ("conference", "auto_leave_when_alone", "yes"),
        ("start_call_recording", "announce", "Hello"),
        ("send_dtmf", "digits", "a"),
    ],
)
def test_a_parameter_that_callr_does_not_take(name: str, param: str, value: object) -> None:
    assert only(command(name, {**RIGHT[name], param: value}, then="bye"))[0] == param


# Sounds and voices.


@pytest.mark.parametrize(
    "step",
    [
        say(Media(stringee="hello.mp3"), then="bye"),
        menu(Media(stringee="hello.mp3"), {"1": "bye"}, failure="bye"),
        dial("+33123456789", no_answer="bye", whisper=Media()),
        command("play", {"media_id": Media(stringee="x")}, then="bye"),
    ],
)
def test_a_sound_without_an_id_on_callr(step: Step) -> None:
    assert only(step)[1:] == ("a sound has no media id on CALLR.", "Write Media(callr=ID).")


def test_a_sound_in_a_phrase_needs_an_id_too() -> None:
    found = findings(
        menu("?", {"1": "bye"}, failure="bye"), phrases={"invalid": Media(stringee="x")}
    )
    assert [one.field for one in found] == ["phrases['invalid']"]


@pytest.mark.parametrize(
    "first",
    [
        menu({"en-GB": "?", "vi-VN": "?"}, {"1": "bye"}, failure="bye"),
        say(In("vi-VN", "Xin chào."), then="bye"),
        say("Hello.", then=to("bye", language="vi-VN")),
        say("Xin chào.", then="bye", language="vi-VN"),
        assign(language="vi-VN", then="bye"),
    ],
)
def test_a_language_without_a_voice_is_a_warning(first: Step) -> None:
    found = findings(first)
    assert [(one.field, one.level) for one in found] == [("language", Level.WARNING)]
    assert found[0].message == "CALLR has no voice for vi-VN here; the en-GB voice reads it."
    assert found[0].mend == "Set OFFHOOK_VOICES=callr/vi-VN=VOICE."
    assert findings(first, voices={"vi-VN": "TTS_VI"}) == []


def test_a_flow_in_a_language_without_a_voice_is_a_warning() -> None:
    assert [one.level for one in findings(hang_up("Hallo."), language="de-DE")] == [Level.WARNING]


def test_every_finding_is_told() -> None:
    step = record(Media(stringee="x"), into="x", then="bye", max_s=301, silence_s=21)
    assert len(findings(step, language="de-DE")) == 4


def test_a_tone_that_callr_was_heard_not_to_play_is_not_promised() -> None:
    steps = {"message": record(into="message", then="bye"), "bye": hang_up()}
    flow = Flow("line", start="message", steps=steps)
    (finding,) = provider(record_tone=False).check(flow)
    assert (finding.level, finding.step, finding.field) == (Level.WARNING, "message", "prompt")
    assert "was heard to play none" in finding.message
    assert provider().check(flow) == []
    own = Flow("line", start="message", steps=steps, phrases={"after_the_tone": "Speak now."})
    assert provider(record_tone=False).check(own) == []
    said = {**steps, "message": record("Speak now.", into="message", then="bye")}
    assert provider(record_tone=False).check(Flow("line", start="message", steps=said)) == []


def test_wait_may_be_written_by_either_of_its_parameters() -> None:
    assert findings(command("wait", {"wait": 3}, then="bye")) == []
    assert findings(command("wait", {"seconds": 3}, then="bye")) == []
    assert only(command("wait", {"wait": 31}, then="bye"))[0] == "wait"
    assert only(command("wait", {"wait": 3, "seconds": 3}, then="bye"))[0] == "wait"
    assert only(command("wait", {}, then="bye"))[0] == "seconds"
