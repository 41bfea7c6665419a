"""JSON-RPC methods about voice apps and numbers: `apps.*` and `did.search`."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from app.simulator.objects import NO_PARAMS, PACKAGES, App, Did
from app.simulator.platform import Platform
from app.simulator.rpc import (
    INTERNAL,
    NO_DID,
    VALUE,
    Method,
    Methods,
    RpcError,
    flag,
    format_error,
    mapping,
    text,
    value_error,
)

NAME_MARKS: Final = frozenset("0123456789() _-")
"""What an app's name may have besides letters of any script (thecallr.com/docs/formats)."""

_NAME_LENGTH: Final = 64
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class _Apps:
    platform: Platform

    def create(self, kind: object, name: object, params: object) -> dict[str, Any]:
        """`apps.create`: type, name, and the object of the type or null."""
        kind = text(kind, "type")
        if kind not in PACKAGES:
            raise RpcError(INTERNAL, r"Oops, Internal Error. ¯\_(ツ)_/¯")
        app = self.platform.store.create_app(kind, _name(name), _params(kind, params))
        return app.json([])

    def edit(self, app_hash: object, name: object, params: object) -> dict[str, Any]:
        """`apps.edit`: null leaves the name or the params unchanged.

        Whether params are merged with the old ones or replace them is unknown; they replace.
        """
        app = self.find(app_hash)
        new = self.platform.store.edit_app(
            app,
            None if name is None else _name(name),
            None if params is None else _params(app.kind, params),
        )
        return self._json(new)

    def get(self, app_hash: object) -> dict[str, Any]:
        """`apps.get`, with the app's numbers."""
        return self._json(self.find(app_hash))

    def get_list(self, with_numbers: object) -> list[dict[str, Any]]:
        """`apps.get_list`: `did` of each app is empty unless asked for."""
        wanted = flag(with_numbers, "with_numbers")
        return [self._json(app) if wanted else app.json([]) for app in self.platform.store.apps()]

    def search(self, filters: object, options: object) -> dict[str, Any]:
        """`apps.search`: filters are not known, and only an empty object is taken."""
        return _page([self._json(app) for app in self.platform.store.apps()], filters, options)

    def delete(self, app_hash: object) -> bool:
        """`apps.delete`: the app's numbers are free again."""
        self.platform.store.delete_app(self.find(app_hash))
        return True

    def assign_did(self, app_hash: object, did_hash: object) -> bool:
        """`apps.assign_did`: takes the hash of the number, not the number; moves it."""
        app, did = self.find(app_hash), self._did(did_hash)
        if not PACKAGES[app.kind]:
            raise RpcError(NO_DID, "this Voice App cannot be assigned a DID")
        self.platform.store.assign(did, app)
        return True

    def remove_did(self, did_hash: object) -> bool:
        """`apps.remove_did`: nobody answers the number any more."""
        self.platform.store.assign(self._did(did_hash), None)
        return True

    def get_dids(self, only_available: object) -> list[dict[str, Any]]:
        """`apps.get_dids`: numbers in the older shape."""
        free = flag(only_available, "only_available")
        return [did.json() for did in self.platform.store.dids() if not (free and did.app)]

    def get_authorized_clis(self, kind: object) -> list[dict[str, str]]:
        """`apps.get_authorized_clis`: what may be shown as the caller, for CALL or SMS."""
        if text(kind, "type") not in {"CALL", "SMS"}:
            raise value_error("type")
        account = self.platform.account
        return [
            *({"cli": number, "comment": "", "label": "DID"} for number in account.numbers),
            *({"cli": number, "comment": "", "label": ""} for number in account.more_clis),
        ]

    def search_dids(self, filters: object, options: object) -> dict[str, Any]:
        """`did.search`: numbers in the newer shape."""
        numbers = [did.number_json() for did in self.platform.store.dids()]
        return _page(numbers, filters, options)

    def find(self, app_hash: object) -> App:
        app = self.platform.store.app(app_hash)
        if app is None:
            raise value_error("app")
        return app

    def _did(self, did_hash: object) -> Did:
        did = self.platform.store.did(did_hash)
        if did is None:
            raise value_error("did")
        return did

    def _json(self, app: App) -> dict[str, Any]:
        return app.json([did.json() for did in self.platform.store.dids_of(app)])


def app_methods(platform: Platform) -> Methods:
    """The methods of this module, by name."""
    apps = _Apps(platform)
    return {
        "apps.create": Method(apps.create, 3, 3),
        "apps.edit": Method(apps.edit, 3, 3),
        "apps.get": Method(apps.get, 1, 1),
        "apps.get_list": Method(apps.get_list, 1, 1),
        "apps.search": Method(apps.search, 2, 2),
        "apps.delete": Method(apps.delete, 1, 1),
        "apps.assign_did": Method(apps.assign_did, 2, 2),
        "apps.remove_did": Method(apps.remove_did, 1, 1),
        "apps.get_dids": Method(apps.get_dids, 1, 1),
        "apps.get_authorized_clis": Method(apps.get_authorized_clis, 1, 1),
        "did.search": Method(apps.search_dids, 2, 2),
    }


def _name(value: object) -> str:
    name = text(value, "name")
    allowed = all(mark.isalpha() or mark in NAME_MARKS for mark in name)
    if not name or len(name) > _NAME_LENGTH or not allowed:
        raise value_error("name")
    return name


def _params(kind: str, value: object) -> dict[str, Any]:
    """The object of an app's type. Only REALTIME10's is known, and checked."""
    if value is None:
        return dict(NO_PARAMS) if kind == "REALTIME10" else {}
    given = mapping(value, "params")
    if kind != "REALTIME10":
        return given
    p = {**NO_PARAMS, **given}
    for key, part in p.items():
        if key not in NO_PARAMS:
            raise value_error(key)
        if not isinstance(part, str):
            raise RpcError(VALUE, f"PROPERTY_TYPE_ERROR [{key}]")
    parts = urlsplit(p["url"])
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise value_error("url")
    if ":" in p["login"]:
        raise value_error("login")
    if p["data_format"] != "JSON":
        raise value_error("data_format")
    return p


def _page(things: list[dict[str, Any]], filters: object, options: object) -> dict[str, Any]:
    """A page of a search. `offset` and `limit` are the only options taken here."""
    if mapping(filters, "filters"):
        raise value_error("filters")
    wanted = mapping(options, "options")
    offset, limit = wanted.get("offset", 0), wanted.get("limit", _PAGE)
    for number in (offset, limit):
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise format_error("options")
    hits = things[offset : offset + limit]
    return {
        "hits": hits,
        "total": len(things),
        "offset": offset,
        "has_more": offset + len(hits) < len(things),
    }
