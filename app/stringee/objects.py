"""The objects of Stringee's REST API that Offhook uses, read by marshmallow.

As developer.stringee.com/docs/account-rest-api-reference and .../call-rest-api-call-log show them.
Some numbers come as text and some texts as numbers, and telephone numbers may be percent-encoded.
What is not used is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load

from app.callflow.parties import is_e164
from app.stringee.refusals import unexpected

_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_MOST_MS = 253_402_300_799_000  # the end of the year 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of the account.

    Attributes:
        id: Stringee's id of it.
        number: E.164.
        project: the id of the project that it is in; "" for none.
        project_name: "" where it is not told.
        answer_url, event_url: "" for none.
        voice: whether it takes calls, as far as it is told.
    """

    id: str
    number: str
    project: str = ""
    project_name: str = ""
    answer_url: str = ""
    event_url: str = ""
    voice: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project of the account; its API keys are not read.

    Attributes:
        event_url: Stringee's ``callback_url``.
    """

    id: str
    name: str
    answer_url: str = ""
    event_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """A call of Stringee's call log.

    Attributes:
        id: Stringee's, ``call-vn-1-...``.
        uuid: another id of it, "" where it is not told.
        caller, called: E.164, or the id of a client's user; "" where it is not told.
        from_client, to_client: whether that end is a client app.
        began: UTC.
        answered, ended: None where it was not.
        talked_s: seconds from the answer to the end; None where it was not answered, or goes on.
        project: the project's id.
        user: of the client app that placed it; "" for others.
        recorded: whether there is a recording.
    """

    id: str
    uuid: str
    caller: str
    called: str
    from_client: bool
    to_client: bool
    began: datetime
    answered: datetime | None
    ended: datetime | None
    project: str
    user: str
    recorded: bool

    @property
    def talked_s(self) -> float | None:
        """Seconds from the answer to the end."""
        if self.answered is None or self.ended is None:
            return None
        return (self.ended - self.answered).total_seconds()

    @property
    def lasted_s(self) -> float | None:
        """Seconds from the beginning to the end; None while it goes on."""
        return None if self.ended is None else (self.ended - self.began).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingFile:
    """A sound that ``play`` can name.

    Attributes:
        name: what ``play`` names it by.
        sid: Stringee's id of it; "" where it is not told.
    """

    name: str
    sid: str = ""
    description: str = ""


class _Text(fields.String):
    """Text, also where it is written as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return str(super()._deserialize(value, attr, data, **kwargs))


class _Switch(fields.Raw):
    """0 or 1, true or false, also as text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        return str(value).lower() in {"1", "true"}


class _Moment(fields.Raw):
    """Milliseconds since 1970, also as text; 0 is none."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        try:
            told = int(value)
        except (TypeError, ValueError):
            msg = "It is no time in milliseconds."
            raise ValidationError(msg) from None
        return datetime.fromtimestamp(told / 1000, UTC) if 0 < told < _MOST_MS else None


class _Tolerant(Schema):
    class Meta:
        """What we do not know of is left out."""

        unknown = EXCLUDE

    @pre_load
    def _null_is_absent(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


class _NumberSchema(_Tolerant):
    id = _Text(required=True)
    number = _Text(data_key="phone_number", required=True)
    project = _Text(data_key="project_id", load_default="")
    project_name = _Text(load_default="")
    answer_url = fields.String(load_default="")
    event_url = fields.String(load_default="")
    voice = _Switch(data_key="voice_enabled", load_default=True)


class _ProjectSchema(_Tolerant):
    id = _Text(required=True)
    name = _Text(load_default="")
    answer_url = fields.String(load_default="")
    event_url = fields.String(data_key="callback_url", load_default="")


class _CallSchema(_Tolerant):
    id = _Text(required=True)
    uuid = _Text(load_default="")
    caller = _Text(data_key="from_number", load_default="")
    called = _Text(data_key="to_number", load_default="")
    from_client = _Switch(data_key="from_internal", load_default=False)
    to_client = _Switch(data_key="to_internal", load_default=False)
    began = _Moment(data_key="start_time", required=True)
    answered = _Moment(data_key="answer_time", load_default=None)
    ended = _Moment(data_key="stop_time", load_default=None)
    project = _Text(data_key="project_id", load_default="")
    user = _Text(data_key="from_user_id", load_default="")
    recorded = _Switch(load_default=False)


class _FileSchema(_Tolerant):
    name = _Text(data_key="filename", required=True)
    sid = _Text(data_key="fileSid", load_default="")
    description = _Text(data_key="desc", load_default="")

    @pre_load
    def _other_names(self, data: Any, **_: Any) -> Any:
        """The list's names for them are not documented; the upload's are."""
        if not isinstance(data, dict):
            return data
        other = {"filename": ("fileName", "name"), "fileSid": ("file_sid", "sid", "id")}
        more = {
            name: data[one]
            for name, ones in other.items()
            for one in ones
            if name not in data and data.get(one) is not None
        }
        return {**data, **more}


_NUMBER, _PROJECT, _CALL, _FILE = _NumberSchema(), _ProjectSchema(), _CallSchema(), _FileSchema()


def read_number(asked: str, told: object) -> Number:
    """Read a number. Raises StringeeError where it is none."""
    data = _load(_NUMBER, asked, told)
    if data["project"] == "0":
        data["project"] = ""
    return Number(**{**data, "number": e164(data["number"])})


def read_project(asked: str, told: object) -> Project:
    """Read a project. Raises StringeeError where it is none."""
    return Project(**_load(_PROJECT, asked, told))


def read_call(asked: str, told: object) -> LoggedCall:
    """Read a call of the log. Raises StringeeError where it is none."""
    data = _load(_CALL, asked, told)
    if data["began"] is None:
        raise unexpected(asked, "a call without its start_time")
    for end, client in (("caller", "from_client"), ("called", "to_client")):
        data[end] = _plain(data[end]) if data[client] else e164(data[end])
    return LoggedCall(**data)


def read_file(asked: str, told: object) -> GreetingFile:
    """Read a greeting file. Raises StringeeError where it is none."""
    return GreetingFile(**_load(_FILE, asked, told))


def e164(text: str) -> str:
    """A number as Stringee writes it (digits with the country's code) in E.164.

    What is none, such as the id of a client's user or of a trunk, stays as it is.
    """
    plain = _plain(text)
    with_plus = f"+{plain.removeprefix('+')}"
    return with_plus if is_e164(with_plus) else plain


def digits(number: str) -> str:
    """A number in E.164 as Stringee takes it: without the +."""
    return number.removeprefix("+")


def _plain(text: str) -> str:
    return (unquote(text) if _ENCODED.search(text) else text).strip()


def _load(schema: Schema, asked: str, told: object) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(told)  # type: ignore[arg-type]  # what is no mapping is refused
    except ValidationError as problem:
        raise unexpected(asked, str(problem.messages)) from None
    return loaded
