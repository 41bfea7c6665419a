"""What a flow tells a platform to do: the second alphabet. Each number says its unit in its name.

Providers translate every one of them; ``Command`` is a closed union, so that mypy lists what a
provider lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.callflow.parties import Client, Phone

Value = str | int | bool | None
"""What a flow's variable can hold. Digits are str and stay so: "018" is not 18."""


@dataclass(frozen=True, slots=True)
class Media:
    """A sound that the platform already has.

    Attributes:
        callr: media id on CALLR (an int); None where the flow is not served there.
        stringee: file name on Stringee; None where the flow is not served there.
        says: what is heard, for people who read the flow or the call.
    """

    callr: int | None = None
    stringee: str | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text.

    Attributes:
        text: what is said, its placeholders filled.
        language: BCP 47 tag, such as ``en-GB``; the provider picks the voice.
        voice: the platform's own voice name where the flow asks for one, else None.
    """

    text: str
    language: str
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """Play a sound that the platform has."""

    media: Media


Spoken = Say | Play


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Ask for keys: one try. Keys may be pressed while the prompt is heard; # ends the entry.

    Attributes:
        max_digits: the entry is complete at so many keys.
        timeout_s: how long to wait for keys, seconds.
    """

    prompt: Spoken | None
    max_digits: int
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record what the caller says.

    Attributes:
        max_s: at most so many seconds; 0 for no limit.
        silence_s: so many seconds of silence end it; 0 for never.
    """

    max_s: int
    silence_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Ring others, one after the other, and connect the first that answers.

    Ends the call when answered.

    Attributes:
        targets: numbers, or users of an app on the platform, in order.
        ring_s: how long each is rung, seconds.
        caller_id: our number, E.164, which is shown; None where the call brings none: the
            provider's then.
        withheld: show no number at all.
        whisper: what the dialled party hears before being connected.
        ringtone: what the caller hears meanwhile.
    """

    targets: tuple[Phone | Client, ...]
    ring_s: int
    caller_id: str | None
    withheld: bool = False
    whisper: Spoken | None = None
    ringtone: Literal["ring", "music"] = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """Bring the caller into a room.

    Attributes:
        room: the room's name.
        shared: the name is sent as written, so that flows and other systems meet in one room;
            otherwise the platform's id is derived from ``flow`` and ``room``.
        pin_code: digits that open the room, "" for none.
        pin_wait_s: how long to wait for the PIN, seconds.
    """

    room: str
    flow: str
    shared: bool = False
    auto_leave_when_alone: bool = False
    welcome: Spoken | None = None
    waiting: Spoken | None = None
    pin_code: str = ""
    pin_tries: int = 3
    pin_wait_s: int = 5
    pin_prompt: Spoken | None = None
    pin_error: Spoken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigits:
    """Send DTMF tones.

    Attributes:
        digits: keys out of 0-9, * and #.
        tone_ms: how long each tone lasts, milliseconds.
        gap_ms: the silence between tones, milliseconds.
    """

    digits: str
    tone_ms: int
    gap_ms: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay silent for a number of seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Native:
    """A command of the platform's own, by its own name.

    Attributes:
        name: as the platform spells it, such as ``play_record``.
        params: as the platform spells them; a ``Say`` or ``Play`` among them becomes the platform's
            media.
    """

    name: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Command = Say | Play | Collect | Record | Dial | Conference | SendDigits | Wait | Native | Hangup
