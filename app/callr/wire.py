"""CALLR's RT.Request and RT.Response: what stands on the wire, both ways.

Sources: docs.callr.com/voice/real-time/reference; THECALLR/sdk-php 3b6ade6 ``src/CALLR/Realtime``;
THECALLR/sdk-dotnet 7f3f35b; rc2c/ThecallrBundle f0927e5 (the vendor's 2014 PHP SDK). The official
tables of parameters and results could not be read; names are those of the vendor's SDKs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, assert_never

from marshmallow import INCLUDE, Schema, ValidationError, fields

from app import compact_json
from app.callflow.commands import (
    Collect,
    Command,
    Conference,
    Dial,
    Hangup,
    Native,
    Play,
    Record,
    Say,
    SendDigits,
    Spoken,
    Wait,
)
from app.callflow.voices import Voices
from app.callr.ranges import COMMANDS, MAX_CALLID, NUMBER

FIRST = (0, "", None)
"""The ``command_id`` of a report before any command: 0 is documented, the others mean the same."""

INCOMING_CALL = "INCOMING_CALL"
UP = "UP"
HANGUP = "HANGUP"

NOT_ANSWERED = {
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "CONGESTION": "congestion",
    "REJECTED": "rejected",
}
"""The statuses that end an outbound call unanswered (SDK .NET, PHP 2014), as outcomes."""

DIAL_RESULTS = {
    "ANSWER": "answered",
    "0": "answered",
    "BUSY": "busy",
    "CONGESTION": "failed",
    "CHANUNAVAIL": "failed",
}
"""What ``dialout`` can bring.

Not documented, by analogy with the CDR's ``dialstatus``. Else: no answer.
"""

NOTHING_ENTERED = {"TIMEOUT", "", "#"}
"""What ``read`` brings when no key was pressed.

"TIMEOUT" is seen in the vendor's samples, "" and a bare # are
not excluded by anything that could be read."""

NO_RESULT = {"TIMEOUT", "-1"}
"""What a hang-up can carry as a result that is none."""

TEST_APP = "OFFHOOK0"
"""The app hash of calls that a phone rings without a voice app."""

MAX_TEXT = 256
"""How much of a text of the platform's is read, characters."""


class CallId(fields.Field[int]):
    """An unsigned integer of up to 64 bits, as a number or as digits.

    Documented with up to 19 digits.
    """

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if (
            isinstance(value, str)
            and value.isascii()
            and value.isdecimal()
            and len(value) <= len(str(MAX_CALLID))
        ):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_CALLID:
            msg = "Expected a whole number of up to 64 bits."
            raise ValidationError(msg)
        return value


class ReportSchema(Schema):
    """An RT.Request: only ``callid`` and ``call_status`` must be right.

    The other twelve keys (``app, request_hash, cli_name, cli_number, number, date_started, command,
    command_id, command_result, command_error, cdr_field, variables``) come through as they are and
    are read tolerantly by the provider; unknown ones are ignored, as by the vendor's PHP SDK.
    """

    class Meta:
        """What is not declared comes through."""

        unknown = INCLUDE
        render_module = compact_json

    callid = CallId(required=True)
    call_status = fields.String(required=True)


SHIPPED_VOICES = {"en-GB": "TTS_EN-GB_SERENA", "fr-FR": "TTS_FR-FR_AUDREY"}
"""Voices that the vendor's pages and samples name.

``media/tts.get_voice_list`` tells an account's own.
"""

DEFAULT_LANGUAGE = "en-GB"
"""The language whose voice reads what has no voice of its own."""

MINOR_COMMANDS = {"start_call_recording", "stop_call_recording"}
"""Commands whose failure leaves the call as good as it was."""


class Speller:
    """Writes commands as CALLR's names and parameters, every parameter given.

    Attributes:
        voices: of each language.
        caller_id: the number to show where a call brings none of ours; "" shows none.
        wait_key: the parameter of ``wait``: ``seconds``, or ``wait`` where that was heard to work.
    """

    def __init__(
        self, voices: Mapping[str, str], caller_id: str, wait_key: str = "seconds"
    ) -> None:
        self.voices = Voices(voices)
        self._default_voice = voices[DEFAULT_LANGUAGE]
        self.caller_id = caller_id
        self._wait_key = wait_key

    def media(self, spoken: Spoken | None) -> int | str:
        """What CALLR calls rt_media: a media id, ``TTS|<voice>|<text>``, or 0 for none."""
        match spoken:
            case None:
                return 0
            case Say(text, language, voice):
                spelled = voice or self.voices.of(language) or self._default_voice
                return f"TTS|{spelled}|{text}"
            case Play(media):
                return media.callr or 0

    def spell(  # noqa: PLR0911 - one return for each command
        self, command: Command
    ) -> tuple[str, dict[str, Any]]:
        """The name and the parameters of a command."""
        match command:
            case Say() | Play():
                return "play", {"media_id": self.media(command)}
            case Collect():
                return "read", {
                    "media_id": self.media(command.prompt),
                    "max_digits": command.max_digits,
                    "attempts": 1,
                    "timeout_ms": round(command.timeout_s * 1000),
                }
            case Record():
                return "record", {"max_duration": command.max_s, "silence": command.silence_s}
            case Dial():
                return "dialout", self._dialout(command)
            case Conference():
                return "conference", self._conference(command)
            case SendDigits():
                return "send_dtmf", {
                    "digits": command.digits,
                    "duration_ms": command.tone_ms,
                    "timeout_ms": command.gap_ms,
                }
            case Wait():
                return "wait", {self._wait_key: command.seconds}
            case Native():
                return command.name, self._native(command)
            case Hangup():
                return "hangup", {}
            case _:
                assert_never(command)

    def _dialout(self, dial: Dial) -> dict[str, Any]:
        ours = () if dial.withheld else (dial.caller_id, self.caller_id)
        shown = next((number for number in ours if number and NUMBER.match(number)), "")
        return {
            "targets": [{"number": str(target), "timeout": dial.ring_s} for target in dial.targets],
            "cli": shown or "BLOCKED",
            "ringtone": dial.ringtone.upper(),
            "whisper": self.media(dial.whisper),
            "cdr_field": "",
        }

    def _conference(self, conference: Conference) -> dict[str, Any]:
        return {
            "id": room_id(conference),
            "welcome": self.media(conference.welcome),
            "waiting": self.media(conference.waiting),
            "pin_prompt": self.media(conference.pin_prompt),
            "pin_error": self.media(conference.pin_error),
            "pin_valid": 0,
            "auto_leave_announce": 0,
            "user_join": 0,
            "user_leave": 0,
            "pin_code": conference.pin_code,
            "pin_max_tries": conference.pin_tries,
            "pin_wait": conference.pin_wait_s,
            "auto_leave_when_alone": conference.auto_leave_when_alone,
        }

    def _native(self, command: Native) -> dict[str, Any]:
        """The given parameters, and the defaults of those that are not given.

        All are always sent.
        """
        table = COMMANDS.get(command.name, {})
        defaults = {
            name: param.default for name, param in table.items() if param.default is not None
        }
        given = {
            name: self.media(value) if isinstance(value, Say | Play) else value
            for name, value in command.params.items()
        }
        return {**defaults, **given}


def room_id(conference: Conference) -> int | str:
    """The platform's id of a room.

    A shared room's name is sent as written (a whole number as one, which the PHP SDK types it as);
    one of a flow's own is 31 bits of SHA-256 of flow and room, so that two flows never meet in one
    by chance.
    """
    if not conference.shared:
        name = f"{conference.flow}\0{conference.room}".encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:4], "big") >> 1
    room = conference.room
    is_number = room.isascii() and room.isdecimal() and str(int(room)) == room
    return int(room) if is_number else room
