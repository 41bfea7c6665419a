"""What Offhook asks of CALLR's JSON-RPC, method by method: voice apps, numbers, call starts.

Methods and parameters as in THECALLR/sdk-dotnet 7f3f35b, THECALLR/sdk-php 3b6ade6 and
www.callr.com/docs/api/services/calls. CALLR closes this API on 30 June 2027
(THECALLR/sdk-python 7a23772).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, Self

from app.callflow.errors import ApiError, SettingsError
from app.callflow.parties import is_e164
from app.callr.cdrs import Cdr, CdrKind, asked_for, read_cdrs
from app.callr.objects import (
    REALTIME,
    AuthorizedCli,
    Did,
    VoiceApp,
    read_app,
    read_apps,
    read_clis,
    read_dids,
    read_voices,
    unexpected,
)
from app.callr.refusals import NAME_RULE, CallrError
from app.callr.rpc import READ_S, Rpc
from app.fates import Fate
from app.settings import Settings

BLOCKED = "BLOCKED"
"""The caller id of a call that shows none; CALLR's own default."""

MAX_NAME_CHARS = 64
MIN_RING_S = 5
MAX_RING_S = 300
MAX_FIELD_CHARS = 32
_FIELD = re.compile(r"[A-Za-z0-9]{0,32}\Z")


class Caller(Protocol):
    """Whoever carries a JSON-RPC call: ``Rpc``, or a test's own."""

    def call(self, method: str, *params: Any) -> Any:
        """Call ``method`` with positional parameters."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class CallrApi:
    """CALLR's API, typed.

    Every method raises CallrError (an ApiError) when the platform refuses or does not answer, or
    when its answer is of another shape; ``fate`` says whether it may have been done.
    """

    def __init__(self, rpc: Caller) -> None:
        self._rpc = rpc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rpc.close()

    def timestamp(self) -> int:
        """The platform's clock, Unix seconds; also a way to see whether credentials work."""
        method = "system.get_timestamp"
        return _whole(method, self._rpc.call(method))

    def apps(self) -> list[VoiceApp]:
        """All voice apps of the account, with their numbers."""
        method = "apps.get_list"
        return read_apps(method, self._rpc.call(method, True))  # noqa: FBT003 -- positional on the wire

    def app(self, app_hash: str) -> VoiceApp:
        """One voice app."""
        method = "apps.get"
        return read_app(method, self._rpc.call(method, app_hash))

    def create_app(self, name: str, *, url: str, login: str, password: str) -> VoiceApp:
        """Create a REALTIME10 voice app.

        Args:
            name: see ``name_problem``; the platform has the last word.
            url: where its calls are posted.
            login: what CALLR sends there as HTTP Basic, with the next.
            password: kept by the platform; ``VoiceApp`` does not bring it back.
        """
        method = "apps.create"
        result = self._rpc.call(method, REALTIME, name, _realtime(url, login, password))
        return read_app(method, result)

    def edit_app(
        self, app_hash: str, *, name: str | None = None, webhook: tuple[str, str, str] | None = None
    ) -> VoiceApp:
        """Change a voice app's name, or its webhook: (url, login, password); None leaves it."""
        method = "apps.edit"
        params = None if webhook is None else _realtime(*webhook)
        return read_app(method, self._rpc.call(method, app_hash, name, params))

    def delete_app(self, app_hash: str) -> None:
        """Delete a voice app; the platform releases its numbers by itself."""
        self._rpc.call("apps.delete", app_hash)

    def dids(self) -> list[Did]:
        """All numbers of the account.

        ``did.search`` (2024) tells more of each, ``apps.get_dids`` is the older one that older
        accounts have; how to ask the former for a second page is not documented, so a list that
        goes on is taken from the latter.
        """
        method = "did.search"
        try:
            result = self._rpc.call(method, {}, {})
        except CallrError as error:
            if error.fate is not Fate.REFUSED or error.unauthorized:
                raise
        else:
            if isinstance(result, dict) and "hits" in result and not result.get("has_more"):
                return read_dids(method, result["hits"])
        method = "apps.get_dids"
        return read_dids(method, self._rpc.call(method, False))  # noqa: FBT003 -- positional on the wire

    def assign_did(self, app_hash: str, did_hash: str) -> None:
        """Let a number ring a voice app; it is taken from the one that it rang before."""
        self._rpc.call("apps.assign_did", app_hash, did_hash)

    def remove_did(self, did_hash: str) -> None:
        """Let a number ring no voice app."""
        self._rpc.call("apps.remove_did", did_hash)

    def authorized_clis(self) -> list[AuthorizedCli]:
        """The numbers that may be shown as caller id besides the account's own."""
        method = "apps.get_authorized_clis"
        return read_clis(method, self._rpc.call(method, "CALL"))

    def voices(self) -> frozenset[str]:
        """The names of the account's voices; none where what is told of them cannot be read."""
        return read_voices(self._rpc.call("media/tts.get_voice_list"))

    def start_call(
        self, app_hash: str, number: str, *, ring_s: int, caller_id: str = "", field: str = ""
    ) -> str:
        """Dial a number; the voice app's URL is posted to when somebody answers, or nobody.

        Never sent twice: after an error whose fate is unknown, it may have dialled.

        Args:
            app_hash: a REALTIME10 voice app.
            number: E.164.
            ring_s: seconds to let it ring, 5 to 300.
            caller_id: E.164, a number of the account or an authorised one; BLOCKED or "" for none.
            field: comes back in every report of the call, and stands in the CDR; at most 32
                letters and digits.

        Returns:
            the platform's id of the request: ``request_hash`` in the reports.

        Raises:
            ApiError: an argument out of its range; nothing was sent.
        """
        _check_start(number, ring_s, caller_id, field)
        # Keys are left out, not null: PROPERTY_VALUE_ERROR [options.cdr_field] else.
        options = {"cli": caller_id, "cdr_field": field}
        method = "calls.realtime"
        result = self._rpc.call(
            method,
            app_hash,
            {"number": number, "timeout": ring_s},
            {name: value for name, value in options.items() if value},
        )
        if not isinstance(result, str | int) or isinstance(result, bool) or result == "":
            raise unexpected(method, f"{type(result).__name__} as the id of the request")
        return str(result)

    def cdrs(self, kind: CdrKind, since: datetime, until: datetime) -> list[Cdr]:
        """The account's own records of calls that began between two moments, both included.

        Only of calls that are over; how long after their end is not documented.
        """
        method = "cdr.get"
        # App and number are asked for as null: every app's calls, to and from every number.
        result = self._rpc.call(method, kind, asked_for(since), asked_for(until), None, None)
        return read_cdrs(method, result, kind)

    def hang_up(self, callid: int) -> bool:
        """End a call; whether the platform did."""
        return bool(self._rpc.call("calls.hangup", callid, {}))


def connect(settings: Settings) -> CallrApi:
    """The account that the settings name.

    Raises:
        SettingsError: there are no credentials.
        CallrError: they, or the address, cannot be used.
    """
    return CallrApi(open_rpc(settings))


def open_rpc(settings: Settings, *, read_s: float = READ_S) -> Rpc:
    """The account that the settings name, as a client of its JSON-RPC.

    Args:
        settings: its credentials and address.
        read_s: seconds of silence after which an answer is given up.

    Raises:
        SettingsError: there are no credentials.
        CallrError: they, or the address, cannot be used.
    """
    if not settings.callr_api_key and not (settings.callr_login and settings.callr_password):
        msg = (
            "There are no credentials for CALLR's API. Add to .env or to the environment:\n"
            "  CALLR_LOGIN=...   # your login at CALLR\n"
            "  CALLR_PASSWORD=...   # its password; or CALLR_API_KEY=... instead of both"
        )
        raise SettingsError(
            msg, mend="No account yet? `offhook simulator` prints lines that work with it."
        )
    return Rpc(
        settings.callr_login,
        settings.callr_password,
        api_key=settings.callr_api_key,
        login_as=settings.callr_login_as,
        url=settings.callr_api_url,
        read_s=read_s,
    )


def name_problem(name: str) -> str:
    r"""Why the platform may refuse a voice app's name, "" where nothing is known against it.

    The documented rule is ``^[\pL0-9\(\) _-]{1,64}$`` (thecallr.com/docs/formats); a vendor's
    sample of 2024 breaks it, so that the platform has the last word.
    """
    fits = all(char.isalpha() or char in "0123456789() _-" for char in name)
    if fits and 1 <= len(name) <= MAX_NAME_CHARS:
        return ""
    return f"CALLR documents that a voice app's name has {NAME_RULE}."


def _realtime(url: str, login: str, password: str) -> Mapping[str, str]:
    return {"url": url, "login": login, "password": password, "data_format": "JSON"}


def _whole(method: str, result: object) -> int:
    if isinstance(result, int) and not isinstance(result, bool):
        return result
    raise unexpected(method, f"{type(result).__name__}, no whole number")


def _check_start(number: str, ring_s: int, caller_id: str, field: str) -> None:
    problem = ""
    if not is_e164(number):
        problem = f"number is {number!r}; it takes E.164, such as +33612345678."
    elif not MIN_RING_S <= ring_s <= MAX_RING_S:
        problem = f"ring_s is {ring_s}; CALLR takes {MIN_RING_S} to {MAX_RING_S} seconds."
    elif caller_id not in ("", BLOCKED) and not is_e164(caller_id):
        problem = f"caller_id is {caller_id!r}; it takes E.164, or BLOCKED."
    elif not _FIELD.match(field):
        problem = f"field is {field!r}; it takes at most {MAX_FIELD_CHARS} letters and digits."
    if problem:
        msg = f"The call was not started: {problem}"
        raise ApiError(msg, status=400)
