"""The objects of CALLR's JSON-RPC that Offhook uses, read by marshmallow into frozen dataclasses.

Two generations of the vendor's code tell them differently: THECALLR/sdk-dotnet 7f3f35b (a number's
``app`` is a hash, its ``did`` list may be absent) and THECALLR/actions-nodejs-typescript a89a253
(``app`` is an object). Both are read. PHP at the other end sends ``[]`` for an empty object, and an
object for a list with holes. What is not used is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load

from app.callr.refusals import CallrError
from app.fates import Fate

_VOICE = re.compile(r"[A-Z0-9-]+(_[A-Z0-9-]+)+\Z")

REALTIME = "REALTIME10"
"""The kind of voice app that posts to a URL of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number of the account.

    Attributes:
        hash: the platform's id of it, which assigning wants.
        number: E.164; "" where the platform tells none.
        kind: such as ``GEOGRAPHIC``, ``TOLLFREE``; "" where not told.
        country: ISO 3166 in capitals; "" where not told.
        app: the hash of the voice app that it rings, None while it rings none.
        app_name: that app's name, where the platform tells it; else "".
    """

    hash: str
    number: str = ""
    kind: str = ""
    country: str = ""
    app: str | None = None
    app_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceApp:
    """A voice app of the account.

    Attributes:
        hash: the platform's id of it, 8 characters.
        kind: ``REALTIME10`` for ours.
        url: where its calls are posted; "" for other kinds.
        created: UTC as the platform writes it, ``YYYY-MM-DD HH:MM:SS``; "" where not told.
        numbers: what rings it, where they were asked for.
        login: what is sent to ``url`` as HTTP Basic; "" for none.
        password: sent with it; None where the platform does not tell it. The vendor's objects have
            it (THECALLR/sdk-php 3b6ade6 Realtime10.php); whether it is ever starred is not known.
    """

    hash: str
    name: str
    kind: str = ""
    url: str = ""
    created: str = ""
    numbers: tuple[Did, ...] = ()
    login: str = ""
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedCli:
    """A number that is not of the account, but that CALLR lets it show as caller id."""

    cli: str
    label: str = ""
    comment: str = ""


class _Tolerant(Schema):
    class Meta:
        """What we do not know of is left out."""

        unknown = EXCLUDE

    @pre_load
    def _null_is_absent(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


class _DidSchema(_Tolerant):
    hash = fields.String(required=True)
    number = fields.String(data_key="intl_number")
    kind = fields.String(data_key="type")
    country = fields.String(data_key="country_code")
    app = fields.Raw()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Did:
        app = data.pop("app", None)
        name = ""
        if isinstance(app, dict):
            name = str(app.get("name") or "")
            app = app.get("hash")
        number = data.pop("number", "")
        return Did(
            **data,
            number=f"+{number}" if number.isdecimal() else number,
            app=app if isinstance(app, str) and app else None,
            app_name=name,
        )


class _AppSchema(_Tolerant):
    hash = fields.String(required=True)
    name = fields.String(load_default="")
    package = fields.Raw()
    created = fields.String(data_key="date_creation")
    p = fields.Raw()
    did = fields.Raw()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> VoiceApp:
        numbers = _DIDS.load(listed(data.pop("did", None)))
        return VoiceApp(
            **{name: data[name] for name in ("hash", "name", "created") if name in data},
            kind=_text(data.get("package"), "name"),
            url=_text(data.get("p"), "url"),
            numbers=tuple(numbers),
            login=_text(data.get("p"), "login"),
            password=_password(data.get("p")),
        )


class _CliSchema(_Tolerant):
    cli = fields.String(required=True)
    label = fields.String()
    comment = fields.String()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> AuthorizedCli:
        return AuthorizedCli(**data)


_DIDS = _DidSchema(many=True)
_APP = _AppSchema()
_APPS = _AppSchema(many=True)
_CLIS = _CliSchema(many=True)


def read_app(method: str, result: object) -> VoiceApp:
    """Read a voice app out of what ``method`` gave back.

    Raises:
        CallrError: it is none; what was asked for may have been done.
    """
    app: VoiceApp = _load(_APP, method, result)
    return app


def read_apps(method: str, result: object) -> list[VoiceApp]:
    """Read voice apps. Raises CallrError where they are none."""
    apps: list[VoiceApp] = _load(_APPS, method, listed(result))
    return apps


def read_dids(method: str, result: object) -> list[Did]:
    """Read numbers of the account. Raises CallrError where they are none."""
    dids: list[Did] = _load(_DIDS, method, listed(result))
    return dids


def read_clis(method: str, result: object) -> list[AuthorizedCli]:
    """Read the numbers that may be shown. Raises CallrError where they are none."""
    clis: list[AuthorizedCli] = _load(_CLIS, method, listed(result))
    return clis


def read_voices(result: object) -> frozenset[str]:
    """Read the names of voices, wherever they stand in the answer.

    That ``media/tts.get_voice_list`` gives a list is all that is known of it
    (optiflows/thecallrapi 21601b3); names look like ``TTS_EN-GB_SERENA``.
    """
    found: set[str] = set()
    waiting = [result]
    while waiting:
        told = waiting.pop()
        if isinstance(told, dict):
            waiting += [*told.keys(), *told.values()]
        elif isinstance(told, list):
            waiting += told
        elif isinstance(told, str) and _VOICE.match(told):
            found.add(told)
    return frozenset(found)


def listed(result: object) -> Any:
    """A list as such: null is empty, and an object (a PHP array with holes) is its values."""
    if result is None:
        return []
    return list(result.values()) if isinstance(result, dict) else result


def unexpected(method: str, what: str) -> CallrError:
    """An answer of another shape than the method's."""
    return CallrError(
        f"CALLR's API answered {method} with something else than expected: {what}.",
        method=method,
        fate=Fate.UNKNOWN,
        msg="INVALID_RESPONSE",
        code=-2,
    )


def _load(schema: Schema, method: str, result: Any) -> Any:
    try:
        return schema.load(result)
    except ValidationError as error:
        raise unexpected(method, str(error.messages)) from error


def _text(holder: object, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def _password(p: object) -> str | None:
    """A webhook's password, None where it is not told: absent, empty, or nothing but stars."""
    password = _text(p, "password")
    return password if password.strip("*•") else None
