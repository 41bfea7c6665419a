"""Tells a journalled command in words that go on from "we": say "Goodbye.", ring +33123456789."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Told = Mapping[str, Any]
"""A command as the journal has it: ``is`` is its class in ``app.callflow.commands``."""


def command_told(command: Told) -> str:  # noqa: C901, PLR0911 - one case for each command
    """One command in words; one of another release by its name."""
    match command.get("is"):
        case "Say":
            return f'say "{command.get("text", "")}"'
        case "Play":
            return f"play {_spoken(command.get('media'))}"
        case "Collect":
            return _collect(command)
        case "Record":
            return f"record{_limit(command.get('max_s'))}"
        case "Dial":
            return _dial(command)
        case "Conference":
            return f'bring them into the room "{command.get("room", "")}"'
        case "SendDigits":
            return f"send the tones {command.get('digits', '')}"
        case "Wait":
            return f"stay silent for {command.get('seconds', '?')} s"
        case "Native":
            return _native(command)
        case "Hangup":
            return "hang up"
        case other:
            return f"give the command {other}"


def _collect(command: Told) -> str:
    prompt = command.get("prompt")
    keys = command.get("max_digits", "?")
    wanted = "1 key" if keys == 1 else f"up to {keys} keys"
    return " ".join(
        filter(
            None,
            (
                "ask" if prompt else "wait",
                _spoken(prompt) if prompt else "",
                f"for {wanted} within {command.get('timeout_s') or 0:g} s",
            ),
        )
    )


def _dial(command: Told) -> str:
    targets = command.get("targets") or ()
    told = f"ring {', then '.join(map(str, targets))}"
    if seconds := command.get("ring_s"):
        told += f" for {seconds} s" + " each" * (len(targets) > 1)
    if whisper := command.get("whisper"):
        told += f", whispering {_spoken(whisper)}"
    return told


def _native(command: Told) -> str:
    params = command.get("params") or {}
    told = ", ".join(f"{name} {_value(value)}" for name, value in params.items())
    return f"do {command.get('name', '?')}" + f" ({told})" * bool(told)


def _limit(seconds: int | None) -> str:
    return f" for up to {seconds} s" if seconds else ""


def _value(value: object) -> str:
    spoken = isinstance(value, Mapping) and ("text" in value or "says" in value)
    return _spoken(value) if spoken else json.dumps(value, ensure_ascii=False)


def _spoken(spoken: object) -> str:
    """A text in quotes, or a sound by what it says, else by the platform's name of it."""
    if not isinstance(spoken, Mapping):
        return f"the sound {spoken}"
    if "text" in spoken:
        return f'"{spoken["text"]}"'
    if spoken.get("says"):
        return f'the sound "{spoken["says"]}"'
    return f"the sound {spoken.get('callr') or spoken.get('stringee') or '(none)'}"
