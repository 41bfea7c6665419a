"""How a request for a telephone crosses HTTP: the same schemas write it and read it."""

from typing import Any, Final, cast

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.simulator.commands import E164
from app.simulator.line import KEYS
from app.simulator.person import Answer, Others
from app.simulator.phones import Holder
from app.simulator.scripted import Script
from app.simulator.stringee.facts import APP_KINDS, PHONE_KINDS

MOST_CUSTOM: Final = 10_000
"""Characters of an app's own data; this simulator's bound."""

RUNG_KINDS: Final = sorted(APP_KINDS | PHONE_KINDS)

_SECONDS = validate.Range(min=0, max=86_400)
_NUMBER = validate.Regexp(rf"{E164.pattern}\Z", error="write a number such as +33199001020")
_CALLER = validate.Regexp(rf"({E164.pattern})?\Z", error='write a number, or "" to withhold it')
_PARTY = validate.Length(min=1, max=128)
_SHOWN = validate.Length(max=128)
_KEYS = validate.ContainsOnly(sorted(KEYS))


class OthersSchema(Schema):
    """`Others`."""

    answer = fields.Enum(Answer, by_value=True)
    by_number = fields.Dict(fields.Str(), fields.Enum(Answer, by_value=True))
    ring_s = fields.Float(validate=_SECONDS)
    talk_s = fields.Float(validate=_SECONDS)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Others:
        """Build it; what is absent has its default."""
        return Others(**data)


class ScriptSchema(Schema):
    """`Script`."""

    keys = fields.List(fields.Str(validate=_KEYS))
    presses_at = fields.Dict(fields.Int(validate=validate.Range(min=1)), fields.Str(validate=_KEYS))
    hangup_after = fields.Float(allow_none=True, validate=_SECONDS)
    hangup_at = fields.Int(strict=True, allow_none=True, validate=validate.Range(min=1))
    answer = fields.Enum(Answer, by_value=True)
    ring_s = fields.Float(validate=_SECONDS)
    talk_s = fields.Float(validate=_SECONDS)
    leaves_room = fields.Str(validate=validate.OneOf(["hang up", "star"]))
    speaks_s = fields.Float(validate=_SECONDS)
    hangup_speaking = fields.Int(strict=True, allow_none=True, validate=validate.Range(min=1))
    barges_in = fields.Bool()
    others = fields.Nested(OthersSchema)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Script:
        """Build it; what is absent has its default."""
        return Script(**{**data, "keys": tuple(data.get("keys", ()))})


class HolderSchema(Schema):
    """`Holder`."""

    script = fields.Nested(ScriptSchema, allow_none=True)
    answer = fields.Enum(Answer, by_value=True)
    ring_s = fields.Float(validate=_SECONDS)
    others = fields.Nested(OthersSchema)
    patience_s = fields.Float(allow_none=True, validate=_SECONDS)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Holder:
        """Build it; what is absent has its default."""
        return Holder(**data)


class PhoneSchema(Schema):
    """A request for a phone: exactly one of `ring` and `listen`, a number each.

    With `as`, a type of Stringee's calls; an app may ring and show what is no number.
    """

    ring = fields.Str(validate=_PARTY)
    listen = fields.Str(validate=_NUMBER)
    caller = fields.Str(validate=_SHOWN)
    at = fields.AwareDateTime(format="iso")
    holder = fields.Nested(HolderSchema)
    as_ = fields.Str(data_key="as", attribute="as", validate=validate.OneOf(RUNG_KINDS))
    user = fields.Str(validate=_PARTY)
    custom = fields.Str(validate=validate.Length(max=MOST_CUSTOM))

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **_: object) -> None:
        """Refuse a request that is for neither or for both."""
        if ("ring" in data) == ("listen" in data):
            msg = "write either ring or listen, with a number"
            raise ValidationError(msg)
        if "listen" in data and data.keys() & {"caller", "at", "as", "user", "custom"}:
            msg = "caller, at, as, user and custom belong to ring"
            raise ValidationError(msg)
        if data.get("as") in APP_KINDS:
            return
        for name in data.keys() & {"user", "custom"}:
            msg = f"{name} belongs to a call of an app: write as"
            raise ValidationError(msg)
        for name, check in (("ring", _NUMBER), ("caller", _CALLER)):
            if name in data:
                check(data[name])


class KeysSchema(Schema):
    """Keys to press."""

    keys = fields.Str(required=True, validate=_KEYS)


def holder_json(holder: Holder) -> dict[str, Any]:
    """A holder, as `PhoneSchema` reads it."""
    return cast("dict[str, Any]", HolderSchema().dump(holder))
