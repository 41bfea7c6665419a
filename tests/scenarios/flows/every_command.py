"""Every command that CALLR has, each by its own name."""

import base64
import io
import wave

from app.callflow import Call, Flow, In, Media, command, hang_up


def a_sound() -> str:
    """A tenth of a second of silence, as the platform wants it: WAV in base64."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return base64.b64encode(file.getvalue()).decode()


def other_call(call: Call) -> int:
    return call.int("other")


every_command = Flow(
    "every_command",
    start="play",
    language="en-GB",
    on=("callr",),
    given={"other": "1"},
    steps={
        "play": command("play", {"media_id": In("en-GB", "Every command.")}, then="start"),
        "start": command(
            "start_call_recording",
            {"announce": In("fr-FR", "Cet appel est enregistré.")},
            then="read",
        ),
        "read": command(
            "read",
            {"media_id": Media(callr=42), "max_digits": 4, "attempts": 2, "timeout_ms": 3000},
            into="typed",
            then="record",
            failure="record",
        ),
        "record": command(
            "record", {"max_duration": 10, "silence": 2}, into="message", then="play_record"
        ),
        "play_record": command(
            "play_record", {"media_file": "{message}"}, then="wav", failure="wav"
        ),
        "wav": command("play_wav_data", {"audio_data": a_sound()}, then="talk"),
        "talk": command(
            "play_talk_detect",
            {
                "media_id": In("en-GB", "Say something."),
                "silence_ms": 100,
                "min_ms": 200,
                "max_ms": 3000,
                "analysistime_ms": 4000,
            },
            into="talk",
            then="tones",
        ),
        "tones": command(
            "send_dtmf",
            {"digits": "12*#", "duration_ms": 100, "timeout_ms": 50},
            then="wait",
            failure="wait",
        ),
        "wait": command("wait", {"seconds": 3}, then="silence", failure="silence"),
        "silence": command(
            "wait_for_silence",
            {"silence_ms": 500, "iterations": 2, "timeout": 10},
            into="silence",
            then="dialout",
            failure="dialout",
        ),
        "dialout": command(
            "dialout",
            {
                "targets": [{"number": "+33123456789", "timeout": 20}],
                "cli": "BLOCKED",
                "ringtone": "MUSIC",
                "whisper": In("en-GB", "A call."),
                "cdr_field": "EVERY",
            },
            then="conference",
            failure="conference",
        ),
        "conference": command(
            "conference",
            {"id": 31, "welcome": In("en-GB", "Welcome."), "pin_code": "77", "pin_wait": 9},
            then="simple",
        ),
        "simple": command(
            "simple_conference", {"id": "annex", "auto_leave_when_alone": False}, then="stop"
        ),
        "stop": command("stop_call_recording", {}, then="other"),
        "other": command("hangup_callid", {"callid": other_call}, then="hang_up", failure="sorry"),
        "sorry": command("play", {"media_id": In("en-GB", "No such call.")}, then="hang_up"),
        "hang_up": command("hangup", {}, then="end"),
        "end": hang_up(),
    },
)
