"""What the platform can play: `rt_media`, read and timed.

`rt_media` is a media id or `TTS|<voice>|<text>` (docs.callr.com/api/services/calls). How long
things take to hear is this simulator's own estimate.
"""

import base64
import binascii
import io
import math
import re
import struct
import wave
from dataclasses import dataclass
from typing import Final

CHARACTERS_A_SECOND: Final = 15.0
SHORTEST_SPEECH_S: Final = 0.5
LIBRARY_MEDIA_S: Final = 3.0
VOICES: Final = ("TTS_EN-GB_SERENA", "TTS_EN-GB_DANIEL", "TTS_FR-FR_AUDREY")
"""The voices that appear in the vendor's pages and samples."""

TONE_RATE: Final = 8000
TONE_HZ: Final = 400
LONGEST_TONE_S: Final = 600.0
"""The longest sound that is made; a longer recording is served cut off. 16 kB a second."""

_TONE_PEAK: Final = 8000
_VOICE: Final = re.compile(r"[A-Z0-9_-]+")
_DIGITS: Final = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Speech:
    """A text and the voice that says it."""

    voice: str
    text: str

    @property
    def seconds(self) -> float:
        """How long it takes to say, at about 15 characters a second."""
        return max(SHORTEST_SPEECH_S, len(self.text) / CHARACTERS_A_SECOND)


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound file: a medium of the library, a recording, a WAV. None of them has a text here."""

    name: str
    seconds: float = LIBRARY_MEDIA_S


Media = Speech | Sound | None
"""Something to hear; None is the medium 0, which says "nothing" where that is allowed."""


def read_media(value: object) -> Media:
    """Read an `rt_media`.

    Only the first two pipes divide, so that a text may hold more of them (unsure). An id written as
    a string is accepted, as one vendor sample sends it.

    Raises:
        TypeError: neither a string nor an integer.
        ValueError: no id, no `TTS|` prefix, or a voice that cannot be one.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(value)
    if value == 0:
        return None
    if isinstance(value, int) or _DIGITS.fullmatch(value):
        if int(value) < 0:
            raise ValueError(value)
        return Sound(str(value))
    prefix, _, rest = value.partition("|")
    voice, pipe, text = rest.partition("|")
    if prefix != "TTS" or not pipe or not _VOICE.fullmatch(voice):
        raise ValueError(value)
    return Speech(voice, text)


def read_wav(value: str) -> Sound:
    """Read a WAV file in base64, for its length.

    Raises:
        ValueError: the text is no base64, or what it holds is no PCM WAV.
    """
    try:
        data = base64.b64decode(value, validate=True)
        with wave.open(io.BytesIO(data)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
    except (binascii.Error, wave.Error, EOFError, ZeroDivisionError) as error:
        raise ValueError(str(error)) from error
    return Sound("wav", seconds)


def tone(seconds: float) -> bytes:
    """A WAV file of a quiet tone, in the place of what nobody really said: PCM, 16 bit, mono."""
    period = TONE_RATE // TONE_HZ
    samples = [round(_TONE_PEAK * math.sin(2 * math.pi * at / period)) for at in range(period)]
    frames = round(min(seconds, LONGEST_TONE_S) * TONE_RATE)
    wave_form = struct.pack(f"<{period}h", *samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(TONE_RATE)
        sound.writeframes((wave_form * (frames // period + 1))[: 2 * frames])
    return file.getvalue()
