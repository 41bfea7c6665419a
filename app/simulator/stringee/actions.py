"""The seven actions of an SCCO, read.

Their options and defaults are those of Stringee's page of call control objects, of its samples
(stringeecom/server-samples) and of types derived from its pages. Times keep the unit that the
platform gives them, which each name tells.
"""

from dataclasses import dataclass
from typing import Literal

EndType = Literal["internal", "external"]
Format = Literal["mp3", "wav", "mp4"]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """`from` or `to` of a connect: an app's user (internal) or a telephone number (external).

    Attributes:
        type: which of them.
        number: the user's id, or digits with the country code and without `+`.
        alias: what the other side sees; "" where none is given.
        sip_trunk: 0 is the platform's own.
    """

    type: EndType
    number: str
    alias: str = ""
    sip_trunk: int = 0

    @property
    def party(self) -> str:
        """Who it is as people write it: a user's id, or a number with `+`."""
        return self.number if self.type == "internal" else f"+{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Ring somebody and bring both together. Limits of 0 and less are none."""

    from_: End
    to: End
    custom_data: str = ""
    continue_on_fail: bool = False
    on_fail_event_url: str = ""
    timeout_s: int = 60
    max_connect_s: int = -1
    peer_to_peer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record the whole call from here on."""

    event_url: str = ""
    format: Format = "mp3"
    stereo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMessage:
    """Let the caller speak and record it. None and 0 are no limit; the vendor tells no default."""

    event_url: str = ""
    format: Format = "mp3"
    end_on_key: str = "#"
    timeout_ms: int | None = None
    beep: bool = False
    silence_threshold: int | None = None
    silence_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What talk, play and stream have in common.

    Attributes:
        action: which of them.
        content: the text, the uploaded file's name, or the URL.
        voice: of a text; "" otherwise.
        speed: of a text, -3 to 3.
        barge_in: whether keys end it, where an `input` follows.
        loop: how often it is heard.
        silence_ms: between two times.
        answer_call: whether the leg is answered before.
        goes_on: whether the next action starts at once (`continueWhilePlay`).
    """

    action: Literal["talk", "play", "stream"]
    content: str
    voice: str = ""
    speed: int = 0
    barge_in: bool = True
    loop: int = 1
    silence_ms: int = 0
    answer_call: bool = True
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Collect keys and post them. `max_digits` None is no limit; the vendor tells no default."""

    event_url: str
    timeout_s: int = 5
    submit_on_hash: bool = False
    max_digits: int | None = None
    custom_field: str = ""


Action = Connect | Record | RecordMessage | Prompt | Input
"""Any action; a `match` over it that ends in `assert_never` is complete."""
