"""Writes a flow's commands as Stringee's actions, and the addresses that Stringee asks next."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, assert_never
from urllib.parse import quote

from app.callflow.call import Call
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
from app.callflow.errors import FlowError
from app.callflow.parties import Client, Party, Phone
from app.callflow.voices import Voices
from app.stringee.wire import ASKING, DEFAULT_VOICE, EXTERNAL, INTERNAL

INPUT, FAILED, RECORDED = "input", "failed", "recorded"
"""The last part of each address that we give Stringee to ask."""

_SILENT_TEXT = "."
"""What is spoken to be silent: the vendor's blog fills waiting time with dots."""

_NO_SOUND = "-"

_NUMBER = re.compile(r"[1-9][0-9]{1,19}\Z")
"""What stands for a telephone: a number with its country code, a short one, or a virtual id."""


class Addresses:
    """Makes the addresses that stand in a list of actions.

    Args:
        public_url: where Stringee reaches this server; it may have a path.
    """

    def __init__(self, public_url: str) -> None:
        self._base = f"{public_url}/stringee"

    def asking(self, kind: str, call: Call, sealed: str) -> str:
        """Where Stringee asks what comes next; the call's state rides in it."""
        return self._made(kind, call, f"state={sealed}")

    def recorded(self, call: Call, at: int) -> str:
        """Where Stringee tells that a sound is ready; ``at`` is its place in the list."""
        return self._made(RECORDED, call, f"at={at}")

    def _made(self, kind: str, call: Call, last: str) -> str:
        # Sealed state has letters, digits, - _ . alone: of all that stands here, the key needs it.
        query = f"call={quote(call.key, safe='')}&turn={call.turn}&{last}"
        return f"{self._base}/{call.flow}/{kind}?{query}"


class Speller:
    """Writes commands as actions.

    Args:
        voices: the voice of each language, such as ``{"vi-VN": "female"}``.
        caller_id: our number where a call brings none, E.164, or "".
        addresses: makes the addresses.
    """

    def __init__(self, voices: Mapping[str, str], caller_id: str, addresses: Addresses) -> None:
        self.voices = Voices(voices)
        self._caller_id = caller_id
        self._addresses = addresses

    def spell(  # noqa: PLR0911 - one return for each command
        self, command: Command, call: Call, at: int, sealed: str
    ) -> list[dict[str, Any]]:
        """The actions of a command.

        Args:
            command: of the turn.
            call: after the turn.
            at: the command's place in the turn, from 0.
            sealed: the call's state.

        Raises:
            FlowError: Stringee cannot do it.
        """
        match command:
            case Say() | Play():
                return [self.heard(command, barge_in=False)]
            case Collect():
                return self._asked(command, self._addresses.asking(INPUT, call, sealed))
            case Record():
                return [_message(command, self._addresses.recorded(call, at))]
            case Dial():
                url = self._addresses.asking(FAILED, call, sealed)
                return [self._connect(command, call, url, alone=at == 0)]
            case Wait(seconds):
                return [_silence(seconds)]
            case Native():
                return [self._native(command, call, at, sealed)]
            case Hangup():
                return []  # a call ends with its list
            case Conference() | SendDigits():
                msg = f"Stringee has nothing like {type(command).__name__}."
                raise FlowError(msg, mend="Serve the flow elsewhere: Flow(on=...).", step=call.step)
            case _:
                assert_never(command)

    def heard(self, spoken: Spoken, *, barge_in: bool) -> dict[str, Any]:
        """What is spoken or played; with ``barge_in`` keys are taken meanwhile."""
        match spoken:
            case Say(text, language, voice):
                named = voice or self.voices.of(language) or DEFAULT_VOICE
                return {"action": "talk", "text": text, "voice": named, "bargeIn": barge_in}
            case Play(media):
                file = media.stringee or _NO_SOUND
                return {"action": "play", "fileName": file, "bargeIn": barge_in}

    def connect(
        self, call: Call, target: Phone | Client, ours: str | None, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The action that rings a target, with the ends that the kind of call wants.

        The four kinds are documented (developer.stringee.com/docs/call-api-overview). Of a call
        that we placed no page tells; it is written as from a phone, as its callee is one.

        Raises:
            FlowError: there is no number of ours to show, and this kind of call needs one.
        """
        return {"action": "connect", **self._ends(call, target, ours), **options}

    def _asked(self, collect: Collect, url: str) -> list[dict[str, Any]]:
        prompt = [self.heard(collect.prompt, barge_in=True)] if collect.prompt else []
        seconds = math.ceil(collect.timeout_s)
        wait = {
            "action": "input",
            "eventUrl": url,
            "timeOut": seconds,
            "timeout": seconds,
            "submitOnHash": True,
            "maxDigits": collect.max_digits,
        }
        return [*prompt, wait]

    def _connect(self, dial: Dial, call: Call, url: str, *, alone: bool) -> dict[str, Any]:
        """Two users of apps, and nothing else, are connected without a detour by the servers.

        What is heard or recorded besides has to go by them.
        """
        options = {
            "timeout": dial.ring_s,
            "maxConnectTime": -1,
            "peerToPeerCall": alone and call.turn == 1 and _is_direct(call, dial.targets[0]),
            "continueOnFail": True,
            "onFailEventUrl": url,
        }
        return self.connect(call, dial.targets[0], dial.caller_id, options)

    def _ends(
        self, call: Call, target: Phone | Client, ours: str | None
    ) -> dict[str, dict[str, str]]:
        shown = digits(ours or self._caller_id)
        called = _end(target)
        match call.caller, target:
            case Client(user), Client():
                return {"from": _endpoint(INTERNAL, user, user), "to": called}
            case Client(), Phone():
                return {"from": _endpoint(INTERNAL, *self._twice(shown, call)), "to": called}
            case _, Client(user):
                number = self._other_end(call) or shown or _number(call.called)
                if not number:
                    raise self._no_number(call)
                return {
                    "from": _endpoint(EXTERNAL, number, number),
                    "to": _endpoint(INTERNAL, user, shown or number),
                }
            case _:
                number = self._other_end(call) or shown
                alias = shown or _number(call.called) or number
                if not alias:
                    raise self._no_number(call)
                return {"from": _endpoint(EXTERNAL, number or alias, alias), "to": called}

    def _other_end(self, call: Call) -> str:
        """Who is on the line, in digits: who called in, or whom we called."""
        return _number(call.caller if call.direction == "inbound" else call.called)

    def _twice(self, shown: str, call: Call) -> tuple[str, str]:
        if not shown:
            raise self._no_number(call)
        return shown, shown

    def _no_number(self, call: Call) -> FlowError:
        msg = "there is no number of ours to show to whom we ring."
        return FlowError(msg, mend="Set CALLER_ID, or dial(caller_id=...).", step=call.step)

    def _native(self, command: Native, call: Call, at: int, sealed: str) -> dict[str, Any]:
        """An action as the flow writes it, with the addresses that only we know."""
        given = {
            name: self._content(value) if isinstance(value, Say | Play) else value
            for name, value in command.params.items()
        }
        return {"action": command.name, **self._own(command.name, call, at, sealed), **given}

    def _content(self, spoken: Spoken) -> str:
        """The text of what is spoken, or the file of what is played."""
        heard = self.heard(spoken, barge_in=False)
        return str(heard["text" if heard["action"] == "talk" else "fileName"])

    def _own(self, name: str, call: Call, at: int, sealed: str) -> dict[str, Any]:
        match name:
            case "input":
                return {"eventUrl": self._addresses.asking(INPUT, call, sealed)}
            case "connect":
                url = self._addresses.asking(FAILED, call, sealed)
                return {"peerToPeerCall": False, "continueOnFail": True, "onFailEventUrl": url}
            case "record" | "recordMessage":
                return {"eventUrl": self._addresses.recorded(call, at)}
            case _:
                return {}


def reports_after(command: Command) -> bool:
    """Whether Stringee asks what comes next after a command."""
    if isinstance(command, Native):
        return command.name in ASKING
    return isinstance(command, Collect | Dial)


def digits(number: str) -> str:
    """A number as Stringee takes it: digits with the country code, without +."""
    return number.removeprefix("+")


def _number(party: Party) -> str:
    """A party in digits; "" for one that Stringee would refuse as a number (r=10)."""
    bare = digits(str(party or ""))
    return bare if not isinstance(party, Client) and _NUMBER.match(bare) else ""


def _is_direct(call: Call, target: Phone | Client) -> bool:
    return isinstance(call.caller, Client) and isinstance(target, Client)


def _end(target: Phone | Client) -> dict[str, str]:
    match target:
        case Phone(number):
            return _endpoint(EXTERNAL, digits(number), digits(number))
        case Client(user):
            return _endpoint(INTERNAL, user, user)


def _endpoint(kind: str, number: str, alias: str) -> dict[str, str]:
    return {"type": kind, "number": number, "alias": alias}


def _message(record: Record, url: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "action": "recordMessage",
        "eventUrl": url,
        "format": "wav",
        "endOnKey": "#",
        "beepStart": True,
    }
    if record.max_s:
        told["timeout"] = record.max_s * 1000
    if record.silence_s:
        told["silenceTimeout"] = record.silence_s * 1000
    return told


def _silence(seconds: int) -> dict[str, Any]:
    """Silence: Stringee has no action for it, but says a text again after a while."""
    return {
        "action": "talk",
        "text": _SILENT_TEXT,
        "voice": DEFAULT_VOICE,
        "bargeIn": False,
        "loop": 2,
        "silenceTime": seconds * 1000,
    }
