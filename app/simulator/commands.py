"""The sixteen commands, their parameters and ranges, and the check of what a voice app sends.

Ranges, defaults and spellings are those of the vendor's newest code (THECALLR/sdk-php 3b6ade6,
`src/CALLR/Realtime/Command.php`), with the conflicts of its other SDKs noted. Whether the platform
enforces them is unknown; a vendor sample provokes a `command_error` with bad values, so this one
does. Numbers must be JSON numbers: that is stricter than what is known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.simulator.media import VOICES, Media, Speech, read_media, read_wav
from app.simulator.readings import Spellings

E164: Final = re.compile(r"\+[1-9][0-9]{5,14}")
CDR_FIELD: Final = re.compile(r"[a-zA-Z0-9]{0,32}")
RING_S: Final = (5, 300)
"""How long a target may ring, in seconds (thecallr.com/docs/formats, `dial_timeout`)."""

REQUIRED: Final = object()
"""In the place of a default: the parameter has none."""

Params = Mapping[str, Any]
"""Checked parameters: media are read, omitted ones have their defaults."""


@dataclass(frozen=True, slots=True)
class Target:
    """A number to dial, and for how many seconds it may ring."""

    number: str
    timeout: int


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: `read` turns its JSON value into what is used, or raises.

    `read` raises TypeError for a wrong type and ValueError for a wrong value. `other` is the
    spelling of older SDKs.
    """

    name: str
    read: Callable[[Any], Any]
    default: Any = REQUIRED
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A command's parameters after the check; `error` is its `command_error`, "" for none."""

    params: Params = field(default_factory=dict)
    error: str = ""
    warnings: tuple[str, ...] = ()


def _number(low: int, high: int | None = None) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(value)
        if value < low or (high is not None and value > high):
            raise ValueError(value)
        return value

    return read


def _text(pattern: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(value)
        if not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _sound(value: object) -> Media:
    media = read_media(value)
    if media is None:
        raise ValueError(value)
    return media


def _wav(value: object) -> Media:
    if not isinstance(value, str):
        raise TypeError(value)
    return read_wav(value)


def _room(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(value)
    if value == "":
        raise ValueError(value)
    return str(value)


def _targets(value: object) -> tuple[Target, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    if not value:
        raise ValueError(value)
    return tuple(read_target(item) for item in value)


def read_target(value: object) -> Target:
    """Read a Target object: `number` (E.164) and `timeout` (5 to 300 s).

    Raises:
        TypeError: it or a part of it has another type, or `timeout` is not there.
        ValueError: a part of it is out of range. The message names the part.
    """
    if not isinstance(value, dict):
        raise TypeError(value)
    number, timeout = value.get("number"), value.get("timeout")
    if not isinstance(number, str) or not E164.fullmatch(number):
        msg = "number"
        raise ValueError(msg)
    if isinstance(timeout, bool) or not isinstance(timeout, int):
        msg = "timeout"
        raise TypeError(msg)
    if not RING_S[0] <= timeout <= RING_S[1]:
        msg = "timeout"
        raise ValueError(msg)
    return Target(number, timeout)


_NONE: Final = 0
_PROMPT: Final = Param("media_id", _sound)
_ANNOUNCE: Final = Param("announce", read_media, _NONE)

COMMANDS: Final[Mapping[str, tuple[Param, ...]]] = {
    "play": (_PROMPT,),
    "play_record": (Param("media_file", _text(".+")),),
    "play_wav_data": (Param("audio_data", _wav),),
    "play_talk_detect": (
        _PROMPT,
        Param("silence_ms", _number(0), 5),
        Param("min_ms", _number(0), 500),
        Param("max_ms", _number(0), 60000),
        Param("analysistime_ms", _number(0), 4000),
    ),
    "read": (
        _PROMPT,
        Param("max_digits", _number(1, 20), 20),
        Param("attempts", _number(1, 10), 10),
        Param("timeout_ms", _number(100, 30000), 30000),
    ),
    "record": (
        Param("max_duration", _number(0, 300), REQUIRED),
        Param("silence", _number(0, 20), REQUIRED),
    ),
    "send_dtmf": (
        Param("digits", _text(r"[0-9*#]+"), other="digit"),
        Param("duration_ms", _number(1, 5000), 500),
        Param("timeout_ms", _number(0, 10000), 500),
    ),
    "wait": (Param("seconds", _number(1, 30), 1, other="wait"),),
    "wait_for_silence": (
        Param("silence_ms", _number(1, 5000)),
        Param("iterations", _number(1, 10)),
        Param("timeout", _number(0, 300), other="timeout_ms"),
    ),
    "dialout": (
        Param("targets", _targets),
        Param("cli", _text(rf"BLOCKED|{E164.pattern}"), "BLOCKED"),
        Param("ringtone", _text("RING|MUSIC"), "RING"),
        Param("whisper", read_media, _NONE),
        Param("cdr_field", _text(CDR_FIELD.pattern), ""),
    ),
    "conference": (
        Param("id", _room),
        Param("welcome", read_media, _NONE),
        Param("waiting", read_media, _NONE),
        Param("pin_prompt", read_media, _NONE),
        Param("pin_error", read_media, _NONE),
        Param("pin_valid", read_media, _NONE),
        Param("auto_leave_announce", read_media, _NONE),
        Param("user_join", read_media, _NONE),
        Param("user_leave", read_media, _NONE),
        Param("pin_code", _text("[0-9]*"), ""),
        Param("pin_max_tries", _number(1, 10), 3),
        Param("pin_wait", _number(0, 30), 5),
        Param("auto_leave_when_alone", _flag, default=False),
    ),
    "simple_conference": (
        Param("id", _room),
        Param("auto_leave_when_alone", _flag, default=True),
    ),
    "start_call_recording": (_ANNOUNCE,),
    "stop_call_recording": (_ANNOUNCE,),
    "hangup": (),
    "hangup_callid": (Param("callid", _number(1)),),
}
"""Every command with its parameters. `wait_for_silence` takes 1..3 iterations in the PHP SDK and
1..10 in the .NET one; the vendor tells no ranges for `play_talk_detect`. The vendor's SDK names no
defaults for `record` and `wait_for_silence` that could be read, so theirs must be sent."""

_SURE_ITERATIONS: Final = 3


def check(
    command: str,
    params: Mapping[str, Any],
    spellings: Spellings = "either",
) -> Checked:
    """Check a command and its params as the platform would.

    Errors are `PROPERTY_VALUE_ERROR [param]` for a value out of range or missing, and
    `PROPERTY_TYPE_ERROR [param]` for a wrong type; both texts are the JSON-RPC API's, and assumed
    here.
    """
    if command not in COMMANDS:
        known = ", ".join(COMMANDS)
        return Checked(
            error="PROPERTY_VALUE_ERROR [command]",
            warnings=(f"there is no command {command!r}; there are {known}",),
        )
    left = dict(params)
    warnings: list[str] = []
    read: dict[str, Any] = {}
    for param in COMMANDS[command]:
        name, value = _take(param, left, spellings)
        if value is REQUIRED:
            return Checked(error=f"PROPERTY_VALUE_ERROR [{name}]", warnings=tuple(warnings))
        if value is _MISSING:
            warnings.append(f"{command}: {name} is not sent; taken as {param.default!r}")
            value = param.default
        elif name != param.name:
            warnings.append(f"{command}: {name!r} is an old spelling of {param.name!r}")
        try:
            read[param.name] = param.read(value)
        except TypeError:
            return Checked(error=f"PROPERTY_TYPE_ERROR [{name}]", warnings=tuple(warnings))
        except ValueError:
            return Checked(error=f"PROPERTY_VALUE_ERROR [{name}]", warnings=tuple(warnings))
    warnings += [f"{command}: nobody documents a param {name!r}" for name in left]
    return Checked(read, warnings=(*warnings, *_doubts(command, read)))


_MISSING: Final = object()


def _take(param: Param, left: dict[str, Any], spellings: Spellings) -> tuple[str, Any]:
    """Take a parameter out of what is left, by a spelling that is obeyed."""
    names = [param.name]
    if param.other is not None:
        names = {
            "either": [param.name, param.other],
            "newest": names,
            "oldest": [param.other],
            "neither": [],
        }[spellings]
    for name in names:
        if name in left:
            return name, left.pop(name)
    name = names[0] if names else param.name
    return name, REQUIRED if param.default is REQUIRED else _MISSING


def _doubts(command: str, params: Params) -> list[str]:
    """What is well formed, but not sure to work."""
    doubts = [
        f"{command}: the voice {value.voice} is in none of the vendor's pages"
        for value in params.values()
        if isinstance(value, Speech) and value.voice not in VOICES
    ]
    if command == "wait_for_silence" and params["iterations"] > _SURE_ITERATIONS:
        doubts.append("wait_for_silence: iterations over 3 are refused by the vendor's PHP SDK")
    return doubts
