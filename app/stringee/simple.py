"""The two addresses of Stringee's SCCO helper, served here: one ``dial`` step each.

Source: developer.stringee.com/docs/simple-scco-helper, which has the project's parameters, their
defaults and one answer; the number's could not be read, and are those of an integrator's clone.
What a call's app asks for is dialled, so that both are off by default and a number must match
DIAL_ALLOW. Unlike the helper's, these calls stand in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.callflow import Call, Client, Flow, dial, hang_up
from app.callflow.commands import Dial
from app.callflow.parties import Phone
from app.stringee.spelling import digits
from app.stringee.wire import DEFAULT_RING_S, EXTERNAL, INTERNAL

PROJECT_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "appToPhone": ("app_to_phone", "false"),
    "timeout": ("timeout", str(DEFAULT_RING_S)),
    "maxConnectTime": ("max_connect_time", "-1"),
    "peerToPeerCall": ("peer_to_peer_call", "true"),
    "record": ("record", "false"),
    "recordFormat": ("record_format", "mp3"),
}
"""The helper's parameters of the project's address: our name of each, and its default."""

NUMBER_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "to_number": ("to_number", ""),
    "phoneToPhone": ("phone_to_phone", "false"),
    "stringeeNumber": ("stringee_number", ""),
    "timeout": ("timeout", str(DEFAULT_RING_S)),
    "maxConnectTime": ("max_connect_time", "-1"),
    "record": ("record", "false"),
    "recordFormat": ("record_format", "mp3"),
}
"""The same of the number's address."""

LEAST_NUMBER = 600_000
"""With ``appToPhone=auto`` a greater number is a telephone's, a smaller one a user's."""

_FORMATS = ("mp3", "wav", "mp4")


def _of_project(call: Call) -> Client | str:
    """Whom the client's app asks for."""
    wanted = digits(str(call.called or ""))
    mode = str(call["app_to_phone"])
    number = wanted.isascii() and wanted.isdecimal()
    if mode == "true" or (mode == "auto" and number and int(wanted) > LEAST_NUMBER):
        return f"+{wanted}"
    return Client(wanted)


def _of_number(call: Call) -> Client | str:
    """Whom the number's address names."""
    wanted = digits(str(call["to_number"]))
    return f"+{wanted}" if call["phone_to_phone"] == "true" else Client(wanted)


def _flow(name: str, parameters: Mapping[str, tuple[str, str]], target: Any) -> Flow:
    return Flow(
        name,
        start="dial",
        language="vi-VN",
        on=("stringee",),
        given=dict(parameters.values()),
        steps={"dial": dial(target, no_answer="end"), "end": hang_up()},
    )


PROJECT = _flow("simple_project_answer_url", PROJECT_PARAMETERS, _of_project)
NUMBER = _flow("simple_number_answer_url", NUMBER_PARAMETERS, _of_number)

FLOWS = {PROJECT.name: PROJECT, NUMBER.name: NUMBER}

_PARAMETERS = {PROJECT.name: PROJECT_PARAMETERS, NUMBER.name: NUMBER_PARAMETERS}


def given_by(flow: str, query: Mapping[str, str]) -> dict[str, str]:
    """The parameters that an address has, by our names; the helper ignores others, and so do we."""
    known = _PARAMETERS[flow]
    return {known[name][0]: text for name, text in query.items() if name in known}


def helper_actions(call: Call, command: Dial) -> list[dict[str, Any]]:
    """The list that the helper returns for these parameters."""
    recorded = call["record"] == "true"
    record_format = str(call["record_format"])
    if record_format not in _FORMATS:
        record_format = _FORMATS[0]
    record = {"action": "record", "eventUrl": "", "format": record_format}
    connect = {
        "action": "connect",
        **_ends(call, command.targets[0]),
        "customData": "",
        "timeout": _ring_s(call["timeout"]),
        "maxConnectTime": max(0, _whole(call["max_connect_time"], 0)),
        "peerToPeerCall": not recorded and call.get("peer_to_peer_call") == "true",
    }
    return [*([record] * recorded), connect]


def _ends(call: Call, target: Phone | Client) -> dict[str, Any]:
    wanted = digits(str(target))
    to_type = EXTERNAL if isinstance(target, Phone) else INTERNAL
    if call.flow == PROJECT.name:
        shown = digits(call.ours) or digits(str(call.caller or ""))
        return {
            "from": {"type": INTERNAL, "number": shown, "alias": shown},
            "to": {"type": to_type, "number": wanted, "alias": wanted},
        }
    caller = digits(str(call.caller or ""))
    ours = digits(str(call["stringee_number"])) or digits(str(call.called or ""))
    alias = ours if isinstance(target, Phone) else caller
    return {
        "from": {"type": EXTERNAL, "number": caller or ours, "alias": alias or ours},
        "to": {"type": to_type, "number": wanted, "alias": f"Call_to_{wanted}"},
        "continueOnFail": False,
        "onFailEventUrl": "",
    }


def _ring_s(text: object) -> int:
    """How long it rings; what no telephone can do is the default."""
    told = _whole(text, DEFAULT_RING_S)
    return told if told > 0 else DEFAULT_RING_S


def _whole(text: object, default: int) -> int:
    told = str(text)
    return (
        int(told) if told.removeprefix("-").isdecimal() and len(told) <= len("-86400") else default
    )
