"""The commands of CALLR's REALTIME10 and the ranges of their parameters.

The one table, and what it finds.

Sources: THECALLR/sdk-php 3b6ade6 ``src/CALLR/Realtime/Command.php`` (the newest), sdk-dotnet
7f3f35b, rc2c/ThecallrBundle f0927e5 (2014). The vendor's own tables of parameters could not be
read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

MAX_CALLID = 2**64 - 1

Kind = Literal["media", "int", "bool", "text", "targets", "room"]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a command.

    Attributes:
        kind: what it is; ``media`` is a media id or ``TTS|<voice>|<text>``, 0 for none where it has
            a default.
        low, high: the range of an ``int``, as the newest source has it.
        widest: the range that another source has where sources differ or none has one; a value
            within it is sent, with a warning when the flow is checked.
        pattern: what a ``text`` looks like, as a regular expression for all of it.
        default: what is sent where a flow does not say; None where it must.
        other: the name that another source has for it, which is taken in its place; "" for none.
    """

    kind: Kind
    low: int = 0
    high: int = 0
    widest: tuple[int, int] | None = None
    pattern: str = ""
    default: Any = None
    other: str = ""

    def sent_as(self, name: str, params: Mapping[str, Any]) -> str:
        """The name under which it stands in these parameters: its own, or the other."""
        return self.other if self.other in params and name not in params else name


_E164 = r"\+[1-9][0-9]{5,14}"
_ANY = (0, 2**31 - 1)
_MEDIA = Param("media")
_NO_MEDIA = Param("media", default=0)

COMMANDS: Mapping[str, Mapping[str, Param]] = {
    "play": {"media_id": _MEDIA},
    "play_record": {"media_file": Param("text", pattern=".{1,512}")},
    "play_wav_data": {"audio_data": Param("text", pattern=r"[A-Za-z0-9+/]+={0,2}")},
    "play_talk_detect": {
        "media_id": _MEDIA,
        "silence_ms": Param("int", 1, 60000, _ANY, default=5),
        "min_ms": Param("int", 1, 60000, _ANY, default=500),
        "max_ms": Param("int", 1, 60000, _ANY, default=60000),
        "analysistime_ms": Param("int", 1, 60000, _ANY, default=4000),
    },
    "read": {
        "media_id": _MEDIA,
        "max_digits": Param("int", 1, 20, default=20),
        "attempts": Param("int", 1, 10, default=1),
        "timeout_ms": Param("int", 100, 30000, default=5000),
    },
    "record": {
        "max_duration": Param("int", 0, 300, default=120),
        "silence": Param("int", 0, 20, default=5),
    },
    "send_dtmf": {
        "digits": Param("text", pattern="[0-9*#]+"),
        "duration_ms": Param("int", 1, 5000, default=500),
        "timeout_ms": Param("int", 0, 10000, default=500),
    },
    "wait": {"seconds": Param("int", 1, 30, other="wait")},
    "wait_for_silence": {
        "silence_ms": Param("int", 1, 5000),
        "iterations": Param("int", 1, 3, (1, 10), default=1),
        "timeout": Param("int", 0, 300, default=60),
    },
    "dialout": {
        "targets": Param("targets"),
        "cli": Param("text", pattern=f"BLOCKED|{_E164}", default="BLOCKED"),
        "ringtone": Param("text", pattern="RING|MUSIC", default="RING"),
        "whisper": _NO_MEDIA,
        "cdr_field": Param("text", pattern="[a-zA-Z0-9]{0,32}", default=""),
    },
    "conference": {
        "id": Param("room"),
        "welcome": _NO_MEDIA,
        "waiting": _NO_MEDIA,
        "pin_prompt": _NO_MEDIA,
        "pin_error": _NO_MEDIA,
        "pin_valid": _NO_MEDIA,
        "auto_leave_announce": _NO_MEDIA,
        "user_join": _NO_MEDIA,
        "user_leave": _NO_MEDIA,
        "pin_code": Param("text", pattern="[0-9]*", default=""),
        "pin_max_tries": Param("int", 1, 10, default=3),
        "pin_wait": Param("int", 0, 30, default=5),
        "auto_leave_when_alone": Param("bool", default=False),
    },
    "simple_conference": {
        "id": Param("room"),
        "auto_leave_when_alone": Param("bool", default=True),
    },
    "start_call_recording": {"announce": _NO_MEDIA},
    "stop_call_recording": {"announce": _NO_MEDIA},
    "hangup": {},
    "hangup_callid": {"callid": Param("int", 0, MAX_CALLID)},
}
"""The sixteen commands of REALTIME10 and their parameters: the one table of ranges.

Seen in SDK PHP ``Command.php`` (newest), with these doubts: ``wait`` takes ``seconds`` there and
``wait`` in SDK .NET; ``iterations`` goes to 3 there and to 10 in .NET; ``wait_for_silence`` names
``timeout`` in seconds there and ``timeout_ms`` in 2014; ``play_talk_detect`` has no documented
ranges, so that its are only sane bounds.
"""

NUMBER = re.compile(rf"{_E164}\Z")
"""A number that CALLR dials or shows."""

_RING_S = (5, 300)


def problems_of(command: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a command: (parameter, what CALLR takes); nothing where it is right."""
    table = COMMANDS.get(command)
    if table is None:
        yield "", f"CALLR has no command '{command}'. It has: {', '.join(COMMANDS)}."
        return
    sent = {name: param.sent_as(name, params) for name, param in table.items()}
    for name in params.keys() - sent.values():
        yield name, f"'{command}' has no such parameter. It has: {', '.join(table) or 'none'}."
    for name, param in table.items():
        if sent[name] not in params:
            yield name, f"'{command}' needs it."
            continue
        problem = problem_of(param, params[sent[name]])
        if problem:
            yield sent[name], problem


def problem_of(param: Param, value: Any) -> str:
    """What is wrong with a value, "" for nothing."""
    match param.kind:
        case "int":
            low, high = param.widest or (param.low, param.high)
            good = _is_int(value) and low <= value <= high
            return "" if good else f"it is {value!r}; CALLR takes {param.low} to {param.high}."
        case "bool":
            return "" if isinstance(value, bool) else f"it is {value!r}; CALLR takes true or false."
        case "text":
            good = isinstance(value, str) and bool(re.fullmatch(param.pattern, value, re.DOTALL))
            return "" if good else f"it is {value!r}; CALLR takes {param.pattern}."
        case "room":
            good = (_is_int(value) and value >= 0) or (isinstance(value, str) and value != "")
            return "" if good else f"it is {value!r}; CALLR takes a number or a name."
        case "media":
            return _media_problem(param, value)
        case "targets":
            return _targets_problem(value)


def doubt_of(param: Param, value: Any) -> str:
    """Why a value that is sent may not be taken, "" where nothing speaks against it."""
    if param.widest is None or problem_of(param, value) or param.low <= value <= param.high:
        return ""
    return f"it is {value}; that over {param.low} to {param.high} is taken is not documented."


def _media_problem(param: Param, value: Any) -> str:
    if _is_int(value) and (value > 0 or (value == 0 and param.default == 0)):
        return ""
    if isinstance(value, str) and (value.startswith("TTS|") or value.isdecimal()):
        return ""
    return f"it is {value!r}; CALLR takes a media id or a text to say."


def _targets_problem(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return f"it is {value!r}; CALLR takes a list of numbers."
    low, high = _RING_S
    for target in value:
        if not isinstance(target, dict):
            return f'{target!r} is not like {{"number": "+33612345678", "timeout": 30}}.'
        number, seconds = target.get("number"), target.get("timeout")
        if not isinstance(number, str) or not NUMBER.match(number):
            return "a number is not like +33612345678."
        if not _is_int(seconds) or not low <= seconds <= high:
            return f"ring_s is {seconds!r}; CALLR takes {low} to {high} seconds."
    return ""


def _is_int(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
