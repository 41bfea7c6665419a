"""CALLR's replies: every command in the vendor's names, and what a reply cannot carry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from reports import provider, read

from app.callflow.call import Call, Phase
from app.callflow.commands import (
    Collect,
    Command,
    Conference,
    Dial,
    Hangup,
    Media,
    Native,
    Play,
    Record,
    Say,
    SendDigits,
    Wait,
)
from app.callflow.errors import FlowError
from app.callflow.parties import Phone
from app.callflow.phrases import APOLOGY, shipped_phrase
from app.callflow.turn import Placed, Turn
from app.callr.provider import CallrProvider

CALL = Call(
    key="callr:1",
    provider="callr",
    flow="line",
    direction="inbound",
    caller=None,
    called=None,
    began=datetime(2026, 1, 9, tzinfo=UTC),
    language="en-GB",
    phase=Phase.LIVE,
    turn=7,
)
HELLO = Say("Hello.", "en-GB")
TTS = "TTS|TTS_EN-GB_SERENA|Hello."


def written(command: Command, platform: CallrProvider | None = None) -> dict[str, Any]:
    turn = Turn(call=CALL, placed=(Placed("first", 0, command),))
    reply = (platform or provider()).write(turn, "1.ab.cd")
    assert (reply.status, reply.content_type) == (200, "application/json")
    body: dict[str, Any] = json.loads(reply.body)
    return body


def params(command: Command, **options: Any) -> Any:
    return written(command, provider(**options))["params"]


def test_a_reply_has_exactly_the_four_keys() -> None:
    assert written(HELLO) == {
        "command": "play",
        "command_id": 7,
        "params": {"media_id": TTS},
        "variables": {"offhook": "1.ab.cd"},
    }
    assert list(written(HELLO)) == ["command", "command_id", "params", "variables"]


def test_wait_is_sent_by_the_parameter_that_was_heard_to_work() -> None:
    assert params(Wait(3), wait_key="wait") == {"wait": 3}
    assert params(Native("wait", {"seconds": 3}), wait_key="wait") == {"seconds": 3}
    assert params(Native("wait", {"wait": 3})) == {"wait": 3}
    with pytest.raises(FlowError, match="wait: it is 31; CALLR takes 1 to 30"):
        params(Wait(31), wait_key="wait")


def test_what_needs_no_parameters_has_an_empty_object() -> None:
    assert written(Hangup())["command"] == "hangup"
    assert written(Hangup())["params"] == {}


def test_the_same_turn_is_the_same_bytes() -> None:
    turn = Turn(call=CALL, placed=(Placed("first", 0, HELLO),))
    assert provider().write(turn, "x") == provider().write(turn, "x")


ROOM = Conference(room="22", flow="line", shared=True)


@pytest.mark.parametrize(
    ("command", "name", "sent"),
    [
        (Play(Media(callr=42)), "play", {"media_id": 42}),
        (
            Collect(prompt=HELLO, max_digits=6, timeout_s=2.5),
            "read",
            {"media_id": TTS, "max_digits": 6, "attempts": 1, "timeout_ms": 2500},
        ),
        (Record(max_s=60, silence_s=4), "record", {"max_duration": 60, "silence": 4}),
        (
            SendDigits(digits="12#", tone_ms=200, gap_ms=0),
            "send_dtmf",
            {"digits": "12#", "duration_ms": 200, "timeout_ms": 0},
        ),
        (Wait(3), "wait", {"seconds": 3}),
        (
            Dial(
                targets=(Phone("+33123456789"), Phone("+33123456780")),
                ring_s=20,
                caller_id="+33199001020",
                whisper=HELLO,
                ringtone="music",
            ),
            "dialout",
            {
                "targets": [
                    {"number": "+33123456789", "timeout": 20},
                    {"number": "+33123456780", "timeout": 20},
                ],
                "cli": "+33199001020",
                "ringtone": "MUSIC",
                "whisper": TTS,
                "cdr_field": "",
            },
        ),
        (
            replace(ROOM, welcome=HELLO, pin_code="12", auto_leave_when_alone=True),
            "conference",
            {
                "id": 22,
                "welcome": TTS,
                "waiting": 0,
                "pin_prompt": 0,
                "pin_error": 0,
                "pin_valid": 0,
                "auto_leave_announce": 0,
                "user_join": 0,
                "user_leave": 0,
                "pin_code": "12",
                "pin_max_tries": 3,
                "pin_wait": 5,
                "auto_leave_when_alone": True,
            },
        ),
        (
            Native("play_talk_detect", {"media_id": HELLO, "min_ms": 700}),
            "play_talk_detect",
            {
                "media_id": TTS,
                "silence_ms": 5,
                "min_ms": 700,
                "max_ms": 60000,
                "analysistime_ms": 4000,
            },
        ),
        (
            Native("wait_for_silence", {"silence_ms": 500}),
            "wait_for_silence",
            {"silence_ms": 500, "iterations": 1, "timeout": 60},
        ),
        (
            Native("start_call_recording", {"announce": Play(Media(callr=3))}),
            "start_call_recording",
            {"announce": 3},
        ),
        (Native("stop_call_recording"), "stop_call_recording", {"announce": 0}),
        (Native("play_record", {"media_file": "REC"}), "play_record", {"media_file": "REC"}),
        (Native("play_wav_data", {"audio_data": "UklG"}), "play_wav_data", {"audio_data": "UklG"}),
        (
            Native("simple_conference", {"id": 5}),
            "simple_conference",
            {"id": 5, "auto_leave_when_alone": True},
        ),
        (Native("hangup_callid", {"callid": 2**40}), "hangup_callid", {"callid": 2**40}),
        (
            Native("read", {"media_id": 1, "attempts": 2}),
            "read",
            {"media_id": 1, "max_digits": 20, "attempts": 2, "timeout_ms": 5000},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_command_is_spelled_as_the_vendor_does(
    command: Command, name: str, sent: dict[str, Any]
) -> None:
    body = written(command)
    assert (body["command"], body["params"]) == (name, sent)


# Voices.


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("en-GB", "TTS_EN-GB_SERENA"),
        ("en-US", "TTS_EN-GB_SERENA"),
        ("fr-FR", "TTS_FR-FR_AUDREY"),
        ("fr", "TTS_FR-FR_AUDREY"),
        ("vi-VN", "TTS_EN-GB_SERENA"),
    ],
)
def test_a_language_has_a_voice_by_its_tag_or_its_primary_tag(language: str, voice: str) -> None:
    assert params(Say("x", language))["media_id"] == f"TTS|{voice}|x"


def test_settings_and_steps_replace_voices() -> None:
    voices = {"en-GB": "TTS_EN-GB_DANIEL", "vi-VN": "TTS_VI"}
    assert params(HELLO, voices=voices)["media_id"] == "TTS|TTS_EN-GB_DANIEL|Hello."
    assert params(Say("x", "vi-VN"), voices=voices)["media_id"] == "TTS|TTS_VI|x"
    assert params(Say("x", "vi-VN", "MINE"), voices=voices)["media_id"] == "TTS|MINE|x"


def test_text_of_any_language_is_sent() -> None:
    assert params(Say("Âge 你好 👋", "fr-FR"))["media_id"] == "TTS|TTS_FR-FR_AUDREY|Âge 你好 👋"


# Whose number is shown.


@pytest.mark.parametrize(
    ("caller_id", "withheld", "setting", "shown"),
    [
        ("+33199001020", False, "+33188888888", "+33199001020"),
        (None, False, "+33188888888", "+33188888888"),
        (None, False, "", "BLOCKED"),
        ("+33199001020", True, "+33188888888", "BLOCKED"),
    ],
)
def test_the_number_shown_is_ours_or_none(
    caller_id: str | None, *, withheld: bool, setting: str, shown: str
) -> None:
    dial = Dial(targets=(Phone("+33123456789"),), ring_s=20, caller_id=caller_id, withheld=withheld)
    assert params(dial, caller_id=setting)["cli"] == shown


# Rooms.


def room(name: str, flow: str = "line", *, shared: bool = False) -> int | str:
    sent: int | str = params(Conference(room=name, flow=flow, shared=shared))["id"]
    return sent


def test_a_flows_own_room_is_a_number_of_31_bits_that_no_other_flow_has() -> None:
    ids = {room("22"), room("23"), room("22", "other"), room("ne22", "li"), room("e22", "lin")}
    assert len(ids) == 5
    assert room("22") == 1035296979
    assert all(isinstance(number, int) and 0 <= number < 2**31 for number in ids)
    assert room("22") == room("22")


@pytest.mark.parametrize(
    ("name", "sent"), [("22", 22), ("022", "022"), ("lobby", "lobby"), ("-1", "-1")]
)
def test_a_shared_room_is_sent_as_written(name: str, sent: int | str) -> None:
    assert room(name, shared=True) == sent


# What CALLR does not take.


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (Wait(31), r"command 'wait' of step 'first' cannot be sent: seconds: it is 31; CALLR"),
        (Native("dance"), "CALLR has no command 'dance'. It has: play, "),
        (Native("wait", {"seconds": 1, "x": 1}), "x: 'wait' has no such parameter. It has:"),
        (Native("play_record"), "media_file: 'play_record' needs it."),
        (Native("play", {"media_id": "Hello"}), "CALLR takes a media id or a text to say"),
        (SendDigits(digits="", tone_ms=1, gap_ms=0), "digits: it is ''; CALLR takes"),
        (Native("dialout", {"targets": ["+33123456789"]}), "targets: .* like "),
        (Native("dialout", {"targets": [{"number": "+33123456789"}]}), "ring_s is None"),
        (Native("dialout", {"targets": []}), "CALLR takes a list of numbers"),
        (Dial(targets=(Phone("+331"),), ring_s=20, caller_id=None), r"a number is not like \+336"),
        (
            Dial(targets=(Phone("+33123456789"),), ring_s=4, caller_id=None),
            "ring_s is 4; CALLR takes 5",
        ),
        (Native("read", {"media_id": True}), "media_id: it is True"),
        (Native("conference", {"id": ""}), "CALLR takes a number or a name"),
        (Native("conference", {"id": -1}), "CALLR takes a number or a name"),
        (Native("conference", {"id": 1, "auto_leave_when_alone": 1}), "takes true or false"),
        (Native("hangup_callid", {"callid": 2**64}), "CALLR takes 0 to 18446744073709551615"),
    ],
)
def test_what_callr_does_not_take_is_never_sent(command: Command, told: str) -> None:
    with pytest.raises(FlowError, match=told) as caught:
        written(command)
    assert caught.value.step == "first"


@pytest.mark.parametrize(("ring_s", "taken"), [(4, False), (5, True), (300, True), (301, False)])
def test_each_number_is_rung_from_5_to_300_seconds(ring_s: int, *, taken: bool) -> None:
    command = Dial(targets=(Phone("+33123456789"),), ring_s=ring_s, caller_id=None)
    if taken:
        assert params(command)["targets"][0]["timeout"] == ring_s
        return
    with pytest.raises(FlowError, match="CALLR takes 5 to 300 seconds"):
        written(command)


def test_a_caller_id_that_callr_does_not_take_is_not_shown_rather_than_lost() -> None:
    dial = Dial(targets=(Phone("+33123456789"),), ring_s=20, caller_id="+3312")
    assert params(dial, caller_id="+33188888888")["cli"] == "+33188888888"
    assert params(dial)["cli"] == "BLOCKED"


def test_keys_cannot_be_asked_for_where_a_prompt_came_out_empty() -> None:
    with pytest.raises(FlowError, match="media_id: it is 0; CALLR takes a media id or a text"):
        written(Collect(prompt=None, max_digits=1, timeout_s=5))


# The end, and the last resort.


def test_the_end_of_a_call_gets_an_empty_body() -> None:
    reply = provider().acknowledge()
    assert (reply.body, reply.status, reply.content_type) == (b"", 200, "application/json")


def last_resort(stage: str, language: str = "en-GB", **options: Any) -> dict[str, Any]:
    report = read(call_status="UP", command="play", command_id=stage, **options.pop("changed", {}))
    apology = Say(*shipped_phrase(APOLOGY, language))
    reply = provider(**options).last_resort(report, apology)
    body: dict[str, Any] = json.loads(reply.body)
    return body


def test_the_last_resort_is_an_apology_and_then_the_end() -> None:
    assert last_resort("7") == {
        "command": "play",
        "command_id": "offhook-bye",
        "params": {
            "media_id": "TTS|TTS_EN-GB_SERENA|We are sorry, something went wrong on our side."
        },
        "variables": {"offhook": "offhook-bye"},
    }
    end = {
        "command": "hangup",
        "command_id": "offhook-end",
        "params": {},
        "variables": {"offhook": "offhook-end"},
    }
    assert last_resort("offhook-bye") == end
    assert last_resort("offhook-dial") == end
    assert last_resort("offhook-end") == end


def test_the_last_resort_speaks_the_flows_language_where_it_has_a_voice() -> None:
    said = last_resort("7", "fr-FR")["params"]["media_id"]
    assert said.startswith("TTS|TTS_FR-FR_AUDREY|Nous sommes désolés")
    said = last_resort("7", "vi-VN")["params"]["media_id"]
    assert said.startswith("TTS|TTS_EN-GB_SERENA|We are sorry")
    said = last_resort("7", "vi-VN", voices={"vi-VN": "TTS_VI"})["params"]["media_id"]
    assert said.startswith("TTS|TTS_VI|Chúng tôi rất tiếc")


def test_after_the_apology_an_inbound_call_is_connected_to_the_fallback_number() -> None:
    sent = last_resort("offhook-bye", fallback_number="+33177777777")
    assert sent["command"] == "dialout"
    assert sent["command_id"] == "offhook-dial"
    assert sent["params"]["targets"] == [{"number": "+33177777777", "timeout": 60}]
    assert sent["params"]["cli"] == "+33199001020"
    end = last_resort("offhook-dial", fallback_number="+33177777777")
    assert end["command_id"] == "offhook-end"


@pytest.mark.parametrize("number", ["", "anonymous", "+12"])
def test_the_fallback_number_is_rung_whatever_our_number_is(number: str) -> None:
    sent = last_resort("offhook-bye", fallback_number="+33177777777", changed={"number": number})
    assert sent["params"]["cli"] == "BLOCKED"


def test_an_outbound_call_is_never_connected_to_the_fallback_number() -> None:
    sent = last_resort(
        "offhook-bye", fallback_number="+33177777777", changed={"request_hash": "4260XMAQ"}
    )
    assert sent["command_id"] == "offhook-end"
