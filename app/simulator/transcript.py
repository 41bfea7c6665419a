"""What happened on a simulated call, as a list of frozen events.

Each event has `at`, simulated seconds since the call began: what the platform waited for (speech,
silence, ringing) counts at its full length whatever the speed, and the wait for a reply counts as
long as it really took. Events are plain data, so that they compare in tests and cross HTTP.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What all events have: `at`, in simulated seconds since the call began."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Moment):
    """First event of each call. For the person, `outbound` means that their own phone rings."""

    callid: int | str
    direction: Literal["inbound", "outbound"]
    caller: str
    called: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedUp(Moment):
    """The person answered an outbound call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted(Moment):
    """A report went out to the voice app. `body` is the JSON text as sent; reports count from 1."""

    number: int
    status: str
    body: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested(Moment):
    """Stringee sent something to the server: an answer_url, an eventUrl, an event of the call.

    `what` names it, such as `answer_url` or `event_url: ringing`; requests count from 1.
    """

    number: int
    what: str
    method: str
    url: str
    body: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Moment):
    """The server answered report or request `number`, after `took_s` real seconds."""

    number: int
    http_status: int
    body: str
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Moment):
    """The platform began to carry out the `number`-th command of the call, with these params."""

    number: int
    command: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Moment):
    """The person hears a synthetic voice."""

    text: str
    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Moment):
    """The person hears a sound file: a media id, a recording's name, or `wav`."""

    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone(Moment):
    """The person hears a tone: `beep` before a recording."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Moment):
    """The person hears nothing for up to so many simulated seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysWanted(Moment):
    """The person may press keys now, also while the prompt is spoken (for `prompt_s` more).

    After the prompt the platform waits `timeout_s` for each key. `attempt` counts, from 1, how
    often one command has asked without getting a key; `what` is CALLR's `read` or `pin`, or
    Stringee's `input`. 0 for `max_digits` is no limit.
    """

    what: Literal["read", "pin", "input"]
    attempt: int
    max_digits: int
    prompt_s: float
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Moment):
    """The person pressed keys. They are not `used` where the platform asked for none."""

    keys: str
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording(Moment):
    """The platform records the person. 0 stands for no limit, and for no silence detection."""

    max_s: float
    silence_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Moment):
    """A recording ended; `file` is the temporary name that the voice app gets."""

    file: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing(Moment):
    """The person hears the ring tone (`RING` or `MUSIC`) while `number` is dialled."""

    number: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReached(Moment):
    """A dialled number did not answer. `why` is the platform's word, such as BUSY."""

    number: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridged(Moment):
    """The person talks with somebody at `number`."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InRoom(Moment):
    """The person is in a conference with so many others; told anew when their number changes."""

    room: str
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftRoom(Moment):
    """The person left a conference but is still on the line: `star`, `alone` or `wrong pin`."""

    room: str
    why: Literal["star", "alone", "wrong pin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp(Moment):
    """The call was hung up. `by` names who: person, dialled party, voice app, platform, api."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(Moment):
    """The voice app did something that works here, but that nobody promised works on CALLR."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Moment):
    """The voice app broke the protocol. `reason` says what came, and what was expected."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Moment):
    """Last event of each call, with the `call_status` of its last report."""

    status: str


Event = (
    Began
    | PickedUp
    | Posted
    | Requested
    | Replied
    | Started
    | Said
    | Played
    | Tone
    | Silent
    | KeysWanted
    | Pressed
    | Recording
    | Recorded
    | Ringing
    | NotReached
    | Bridged
    | InRoom
    | LeftRoom
    | HungUp
    | Warned
    | Fault
    | Ended
)
"""Any event; a `match` over it that ends in `assert_never` is complete."""

Listener = Callable[[Event], None]

KINDS: Final[Mapping[str, type[Event]]] = {kind.__name__: kind for kind in get_args(Event)}


def to_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object; its kind stands under `event`."""
    return {"event": type(event).__name__, **asdict(event)}


def from_json(data: Mapping[str, Any]) -> Event:
    """The event that `to_json` wrote.

    Raises:
        ValueError: the kind is unknown or its fields are not there: the simulator at the other end
            is of another version.
    """
    kind = KINDS.get(str(data.get("event")))
    names = {field.name for field in fields(kind)} if kind else set()
    if kind is None or names - set(data):
        msg = f"not an event of this simulator's version: {dict(data)!r}"
        raise ValueError(msg)
    return kind(**{name: data[name] for name in names})
