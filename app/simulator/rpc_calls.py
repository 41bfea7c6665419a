"""JSON-RPC methods about calls, their records, media, and the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.simulator.commands import CDR_FIELD, E164, Target, read_target
from app.simulator.in_progress import AllLinesBusyError
from app.simulator.media import VOICES
from app.simulator.objects import App, Media
from app.simulator.platform import Platform
from app.simulator.rpc import (
    NO_FEATURE,
    VALUE,
    Method,
    Methods,
    RpcError,
    format_error,
    mapping,
    text,
    value_error,
    whole,
)


@dataclass(frozen=True, slots=True)
class _Calls:
    platform: Platform

    def timestamp(self) -> int:
        """`system.get_timestamp`: Unix time; serves as a ping."""
        return int(self.platform.now().timestamp())

    def realtime(self, app_hash: object, target: object, options: object) -> str:
        """`calls.realtime`: dial a Target for a voice app; returns the request hash at once."""
        app = self._app(app_hash)
        if app.kind != "REALTIME10":
            raise RpcError(VALUE, "BAD_APP_TYPE")
        if not app.p["url"]:
            raise value_error("app")
        where = _target(target)
        cli, cdr_field = self._options({} if options is None else mapping(options, "options"))
        caller = "" if cli == "BLOCKED" else cli
        try:
            call = self.platform.call(app, where, caller=caller, cdr_field=cdr_field)
        except AllLinesBusyError as error:
            raise RpcError(NO_FEATURE, f"FORBIDDEN: {error}") from error
        return call.request_hash or ""

    def hangup(self, callid: object, options: object) -> bool:
        """`calls.hangup`: the options are reserved, and must be an object."""
        mapping(options, "options")
        return self.platform.exchange.hang_up(whole(callid, "callid"), by="api")

    def realtime_break(self, callid: object, options: object = None) -> bool:
        """`calls.realtime_break`: its params are unknown; a callid, and perhaps an object."""
        if options is not None:
            mapping(options, "options")
        if not self.platform.exchange.break_command(whole(callid, "callid")):
            raise value_error("callid")
        return True

    def cdrs(
        self, direction: object, start: object, end: object, app: object, number: object
    ) -> list[dict[str, Any]]:
        """`cdr.get`: calls that began between two UTC times, both included.

        `number` is a DID hash for IN, and the number dialled for OUT.
        """
        if text(direction, "type") not in {"IN", "OUT"}:
            raise value_error("type")
        first, last = _time(start, "from"), _time(end, "to")
        if last < first:
            raise RpcError(VALUE, "TO_BEFORE_FROM")
        wanted = None if app is None else self._app(app).hash
        where = None if number is None else text(number, "number")
        found = []
        for cdr in self.platform.store.cdrs():
            facts = cdr.call.facts
            inbound = facts.direction == "inbound"
            at = cdr.did.hash if inbound and cdr.did else facts.called
            began = facts.at.astimezone(UTC).replace(microsecond=0)
            if (
                inbound == (direction == "IN")
                and first <= began <= last
                and wanted in {None, cdr.app.hash}
                and where in {None, at}
            ):
                found.append(cdr.json())
        return found

    def create_media(self, name: object) -> int:
        """`media/library.create`: a new medium, without content; returns its id."""
        return self.platform.store.create_media(text(name, "name")).id

    def media(self, media_id: object) -> dict[str, Any]:
        """`media/library.get`."""
        return self._media(media_id).json(self.platform.origin)

    def delete_media(self, media_id: object) -> bool:
        """`media/library.delete`."""
        self.platform.store.delete_media(self._media(media_id))
        return True

    def set_content(self, media_id: object, media_file: object) -> bool:
        """`media/library.set_content_from_recording`: keeps what `record` recorded."""
        media = self._media(media_id)
        seconds = self.platform.exchange.recording(text(media_file, "media_file"))
        if seconds is None or self.platform.conditions.hostility.lose_recordings:
            raise value_error("media_file")
        self.platform.store.fill_media(media, text(media_file, "media_file"), seconds)
        return True

    def voices(self) -> list[str]:
        """`media/tts.get_voice_list`. That it is a list is known; of what, is not: names here."""
        return list(VOICES)

    def _app(self, app_hash: object) -> App:
        app = self.platform.store.app(app_hash)
        if app is None:
            raise value_error("app")
        return app

    def _media(self, media_id: object) -> Media:
        media = self.platform.store.media(whole(media_id, "media_id"))
        if media is None:
            raise value_error("media_id")
        return media

    def _options(self, options: dict[str, Any]) -> tuple[str, str]:
        """REALTIME10.Call.Options: nulls inside are refused, as the vendor's tests have it."""
        cli, cdr_field = options.get("cli", "BLOCKED"), options.get("cdr_field", "")
        account = self.platform.account
        if cli != "BLOCKED" and cli not in (*account.numbers, *account.more_clis):
            raise value_error("options.cli")
        if not isinstance(cdr_field, str) or not CDR_FIELD.fullmatch(cdr_field):
            raise value_error("options.cdr_field")
        return cli, cdr_field


def call_methods(platform: Platform) -> Methods:
    """The methods of this module, by name."""
    calls = _Calls(platform)
    return {
        "system.get_timestamp": Method(calls.timestamp, 0, 0),
        "calls.realtime": Method(calls.realtime, 3, 3),
        "dialr/call.realtime": Method(calls.realtime, 3, 3),
        "calls.hangup": Method(calls.hangup, 2, 2),
        "calls.realtime_break": Method(calls.realtime_break, 1, 2),
        "cdr.get": Method(calls.cdrs, 5, 5),
        "media/library.create": Method(calls.create_media, 1, 1),
        "media/library.get": Method(calls.media, 1, 1),
        "media/library.delete": Method(calls.delete_media, 1, 1),
        "media/library.set_content_from_recording": Method(calls.set_content, 2, 2),
        "media/tts.get_voice_list": Method(calls.voices, 0, 0),
    }


def _target(value: object) -> Target:
    given = mapping(value, "target")
    if not E164.fullmatch(str(given.get("number"))):
        raise value_error("target.number")
    try:
        return read_target(given)
    except (TypeError, ValueError) as error:
        raise value_error("target.timeout") from error


def _time(value: object, name: str) -> datetime:
    try:
        return datetime.strptime(text(value, name), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise format_error(name) from error
