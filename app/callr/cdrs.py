"""CALLR's own records of calls (``cdr.get``), read tolerantly.

Fields as in THECALLR/sdk-dotnet 7f3f35b (CDR.In, CDR.Out) and on
support.callr.com/hc/en-us/articles/115001419826-CDR-Overview; the page that documents the method
could not be read. Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load

from app.callflow.events import Direction
from app.callr.objects import listed, unexpected

CdrKind = Literal["IN", "OUT"]
"""Which records are asked for: of calls that came in, or that went out."""

_FORMAT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """CALLR's record of one call leg.

    Attributes:
        callid: as reports have it.
        caller, called: as the platform writes them; "" where withheld or not told.
        began, answered, ended: UTC, None where not told; ``answered`` of a call that nobody took.
        lasted_s: from the beginning to the end, seconds; None where not told.
        talked_s: from the answer to the end.
        status: of an outbound call how the dialling ended (ANSWER, BUSY, NOANSWER, ...), else "".
        app: the hash of the voice app, "" where not told.
        app_kind: such as REALTIME10.
        second_leg: it was dialled from within another call: no call of ours.
    """

    callid: str
    direction: Direction
    caller: str
    called: str
    began: datetime
    answered: datetime | None
    ended: datetime | None
    lasted_s: float | None
    talked_s: float | None
    status: str
    app: str
    app_kind: str
    second_leg: bool


class _CdrSchema(Schema):
    class Meta:
        """What we do not know of is left out."""

        unknown = EXCLUDE

    callid = fields.String(required=True)
    cli_number = fields.String(load_default="")
    number = fields.String()
    did_intl_number = fields.String(load_default="")
    start = fields.DateTime(format=_FORMAT, required=True)
    answer = fields.DateTime(format=_FORMAT, load_default=None)
    hangup = fields.DateTime(format=_FORMAT, load_default=None)
    duration = fields.Float(load_default=None)
    duration_answered = fields.Float(load_default=None)
    dialstatus = fields.String(load_default="")
    scenario_hash = fields.String(load_default="")
    package_name = fields.String(load_default="")
    callid_in = fields.Raw(load_default=None)

    @pre_load
    def _clean(self, data: Any, **_: Any) -> Any:
        """Null is absent, and so is the zero date that a database of theirs may have."""
        if not isinstance(data, dict):
            return data
        if isinstance(data.get("callid"), int):
            data = {**data, "callid": str(data["callid"])}
        absent = (None, "", "0000-00-00 00:00:00")
        return {name: value for name, value in data.items() if value not in absent}


_CDRS = _CdrSchema(many=True)


def asked_for(moment: datetime) -> str:
    """A moment as the method takes it."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def read_cdrs(method: str, result: object, kind: CdrKind) -> list[Cdr]:
    """Read records out of what ``method`` gave back.

    Raises:
        CallrError: they are none.
    """
    try:
        found: list[dict[str, Any]] = _CDRS.load(listed(result))
    except ValidationError as problem:
        raise unexpected(method, f"{problem.messages}") from None
    return [_cdr(data, kind) for data in found]


def _cdr(data: dict[str, Any], kind: CdrKind) -> Cdr:
    direction: Direction = "inbound" if kind == "IN" else "outbound"
    called = data["did_intl_number"] if kind == "IN" else data.get("number", "")
    return Cdr(
        callid=data["callid"],
        direction=direction,
        caller=data["cli_number"],
        called=called,
        began=data["start"].replace(tzinfo=UTC),
        answered=data["answer"] and data["answer"].replace(tzinfo=UTC),
        ended=data["hangup"] and data["hangup"].replace(tzinfo=UTC),
        lasted_s=data["duration"],
        talked_s=data["duration_answered"],
        status=data["dialstatus"].upper(),
        app=data["scenario_hash"],
        app_kind=data["package_name"],
        second_leg=data["callid_in"] not in (None, "", 0, "0"),
    )
