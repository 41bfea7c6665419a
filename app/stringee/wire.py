"""Stringee's SCCO, the list of actions that answers a webhook: what stands on the wire.

Sources: developer.stringee.com/docs/server/stringee-call-control-object, which could be read as far
as the options of ``connect``; the options of the other actions are from
stringeecom/server-samples (``answer_url``, ``event_url``, ``auto-call``), from the vendor's blog on
silence detection, and from type files that third parties made after the pages. So the names are
seen, and most ranges are not documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

INTERNAL = "internal"
EXTERNAL = "external"

DEFAULT_VOICE = "female"
"""The voice that Stringee takes where none is named."""

SHIPPED_VOICES = {"vi-VN": DEFAULT_VOICE}
"""Stringee's voices speak Vietnamese; no other language is documented."""

DEFAULT_RING_S = 60
"""How long Stringee rings where an action does not say, seconds."""

MOST_S = 24 * 3600
"""Our own bound for seconds that Stringee documents none for."""


class Flag(fields.Boolean):
    """true or false, and nothing that only stands for it: for Python, 1 is as good as True."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        del attr, data, kwargs
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Action(Schema):
    """What all actions share: an option that an action does not have is a mistake of ours."""

    class Meta:
        """It is we who write it."""

        unknown = RAISE

    action = fields.String(required=True)


class Endpoint(Schema):
    """One end of a ``connect``.

    ``number`` is a user's id for ``internal``, digits with the country code for ``external``.
    """

    class Meta:
        """It is we who write it."""

        unknown = RAISE

    type = fields.String(required=True, validate=validate.OneOf([INTERNAL, EXTERNAL]))
    number = fields.String(required=True, validate=validate.Length(1, 64))
    alias = fields.String(required=True, validate=validate.Length(1, 64))


class Connect(Action):
    """Ring one other party and connect it. ``from`` and ``to`` are documented, and required."""

    from_ = fields.Nested(Endpoint, required=True, data_key="from")
    to = fields.Nested(Endpoint, required=True)
    customData = fields.String()
    continueOnFail = Flag()
    onFailEventUrl = fields.String()
    timeout = fields.Integer(strict=True, validate=validate.Range(1, MOST_S))
    maxConnectTime = fields.Integer(strict=True, validate=validate.Range(-1, MOST_S))
    peerToPeerCall = Flag()


class Record(Action):
    """Record the whole call; stands before ``connect``."""

    eventUrl = fields.String()
    format = fields.String(validate=validate.OneOf(["mp3", "wav", "mp4"]))
    recordStereo = Flag()


class RecordMessage(Action):
    """Record what is said until a key, silence or the longest time; both in milliseconds."""

    eventUrl = fields.String()
    format = fields.String(validate=validate.OneOf(["mp3", "wav", "mp4"]))
    endOnKey = fields.String(validate=validate.Length(1, 1))
    timeout = fields.Integer(strict=True, validate=validate.Range(1, MOST_S * 1000))
    beepStart = Flag()
    silenceThresh = fields.Integer(strict=True, validate=validate.Range(0, 100))
    silenceTimeout = fields.Integer(strict=True, validate=validate.Range(1, MOST_S * 1000))


class Heard(Action):
    """What ``talk``, ``play`` and ``stream`` share; ``silenceTime`` is milliseconds."""

    bargeIn = Flag()
    loop = fields.Integer(strict=True, validate=validate.Range(1, 1_000_000))
    silenceTime = fields.Integer(strict=True, validate=validate.Range(0, MOST_S * 1000))
    answerCall = Flag()
    continueWhilePlay = Flag()


class Talk(Heard):
    """Speak a text."""

    text = fields.String(required=True, validate=validate.Length(1))
    voice = fields.String()
    speed = fields.Integer(strict=True, validate=validate.Range(-3, 3))


class Play(Heard):
    """Play a file that was uploaded, or with ``stream`` one of an address."""

    fileName = fields.String(required=True, validate=validate.Length(1))


class Input(Action):
    """Collect keys; the time is seconds, and sources differ in how it is spelled."""

    eventUrl = fields.String()
    timeOut = fields.Integer(strict=True, validate=validate.Range(1, MOST_S))
    timeout = fields.Integer(strict=True, validate=validate.Range(1, MOST_S))
    submitOnHash = Flag()
    maxDigits = fields.Integer(strict=True, validate=validate.Range(1, 128))
    customField = fields.String()


ACTIONS: Mapping[str, Action] = {
    "connect": Connect(),
    "record": Record(),
    "recordMessage": RecordMessage(),
    "talk": Talk(),
    "play": Play(),
    "stream": Play(),
    "input": Input(),
}
"""The seven actions; Stringee's page says that there are no others."""

ASKING = frozenset({"input", "connect"})
"""The actions after which Stringee asks a webhook what comes next."""


def problems_of(action: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with an action: (option, what it takes); nothing where it is right."""
    schema = ACTIONS.get(str(action.get("action")))
    if schema is None:
        return [("", f"Stringee has no action '{action.get('action')}'. It has: {_NAMES}.")]
    wrong: Mapping[str, Any] = schema.validate(dict(action))
    return [(option, _told(messages)) for option, messages in wrong.items()]


_NAMES = ", ".join(ACTIONS)


def _told(messages: Any) -> str:
    """What marshmallow says of one option, in one sentence."""
    if isinstance(messages, Mapping):
        return " ".join(f"{name}: {_told(inner)}" for name, inner in messages.items())
    return " ".join(map(str, messages))
