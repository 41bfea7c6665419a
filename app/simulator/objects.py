"""What the JSON-RPC API gives back: App, DID, Number, CDR, Media.Library.

The shapes are those of the vendor's SDKs (THECALLR/sdk-dotnet 7f3f35b, sdk-php 3b6ade6,
actions-nodejs-typescript a89a253); its page of objects could not be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.simulator.call import CallRecord
from app.simulator.transcript import HungUp, PickedUp

NO_PARAMS: Final[Mapping[str, str]] = {
    "url": "",
    "login": "",
    "password": "",
    "data_format": "JSON",
}
"""REALTIME10 as it is made of null."""

PACKAGES: Final[Mapping[str, bool]] = {
    "REALTIME10": True,
    "CALLTRACKING10": True,
    "CLICKTOCALL10": False,
    "ACTIONS10": True,
}
"""Types of voice apps, and whether one can have a number (for all but REALTIME10: assumed)."""

_COUNTRIES: Final = {"+33": "FR", "+44": "GB"}
_CAUSES: Final = {"HANGUP": 16, "BUSY": 17, "NOANSWER": 19, "REJECTED": 21, "CONGESTION": 34}


def timestamp(at: datetime) -> str:
    """A time as the API writes it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A voice app; `p` is the object of its type."""

    hash: str
    kind: str
    name: str
    p: Mapping[str, Any]
    created: datetime
    updated: datetime

    def short(self) -> dict[str, Any]:
        """What stands in a Number about its app."""
        return {"hash": self.hash, "name": self.name, "package": self._package()}

    def json(self, dids: list[dict[str, Any]]) -> dict[str, Any]:
        """App, with these numbers."""
        return {
            "hash": self.hash,
            "name": self.name,
            "p": dict(self.p),
            "did": dids,
            "package": self._package(),
            "date_creation": timestamp(self.created),
            "date_update": timestamp(self.updated),
        }

    def _package(self) -> dict[str, Any]:
        kind = self.kind.rstrip("0123456789")
        return {"name": self.kind, "type": kind, "has_did": PACKAGES[self.kind]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number of the account, and the app that answers it."""

    hash: str
    number: str
    app: App | None = None
    assigned: datetime | None = None

    @property
    def _common(self) -> dict[str, Any]:
        prefix = self.number[:3]
        return {
            "hash": self.hash,
            "intl_number": self.number,
            "local_number": "0" + self.number[3:],
            "class": "CLASSIC",
            "type": "GEOGRAPHIC",
            "country_code": _COUNTRIES.get(prefix, ""),
        }

    def json(self) -> dict[str, Any]:
        """The older shape, DID: `app` is a hash or null."""
        return {**self._common, "app": self.app.hash if self.app else None}

    def number_json(self) -> dict[str, Any]:
        """The newer shape, Number of `did.search`: `app` is an object or null."""
        return {
            **self._common,
            "local_number_f": "0" + self.number[3:],
            "assigned_at": timestamp(self.assigned) if self.assigned else None,
            "is_used": self.app is not None,
            "app": self.app.short() if self.app else None,
        }


@dataclass(frozen=True, slots=True)
class Media:
    """A medium of the library. It is PENDING_CONTENT until it gets some."""

    id: int
    hash: str
    name: str
    recording: str | None = None
    seconds: float = 0.0

    @property
    def path(self) -> str:
        """Where its sound is served; "" while it has none."""
        return f"/media/{self.hash}.wav" if self.recording else ""

    def json(self, origin: str) -> dict[str, Any]:
        """Media.Library; `url` lies below `origin`."""
        return {
            "id": self.id,
            "hash": self.hash,
            "name": self.name,
            "content": "",
            "duration": round(self.seconds),
            "voice": None,
            "status": "READY" if self.recording else "PENDING_CONTENT",
            "language": [],
            "category": [],
            "tags": {},
            "url": f"{origin}{self.path}" if self.path else "",
            "is_editable": True,
        }


@dataclass(frozen=True, slots=True)
class Cdr:
    """The record of an ended call of an app. Durations are simulated seconds; nothing is billed."""

    app: App
    call: CallRecord
    did: Did | None = None
    common: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the times of the call."""
        object.__setattr__(self, "common", self._common())

    def _common(self) -> dict[str, Any]:
        facts, seconds = self.call.facts, self.call.events[-1].at
        picked_up = self.call.of(PickedUp)
        answered = 0.0 if facts.direction == "inbound" else None
        answered = picked_up[0].at if picked_up else answered
        talked = 0 if answered is None else round(seconds - answered)
        by_person = any(event.by == "person" for event in self.call.of(HungUp))
        person = "CALLER" if facts.direction == "inbound" else "CALLEE"
        return {
            "callid": facts.callid,
            "cli_pres": "allowed_passed_screen" if facts.caller else "prohib_passed_screen",
            "cli_number": facts.caller,
            "cli_name": facts.cli_name,
            "start": timestamp(facts.at),
            "answer": None if answered is None else self._after(answered),
            "hangup": self._after(seconds),
            "hangupsource": person if by_person else "GATEWAY",
            "hangupcause": _CAUSES.get(self.call.status, 16),
            "duration": round(seconds),
            "duration_answered": talked,
            "duration_billed": 0,
            "scenario_name": self.app.name,
            "scenario_hash": self.app.hash,
            "package_name": self.app.kind,
            "customer_field": facts.cdr_field,
        }

    def _after(self, seconds: float) -> str:
        return timestamp(self.call.facts.at + timedelta(seconds=seconds))

    def json(self) -> dict[str, Any]:
        """CDR.In or CDR.Out."""
        facts, status = self.call.facts, self.call.status
        if facts.direction == "inbound":
            did_hash = self.did.hash if self.did else ""
            return {**self.common, "did_intl_number": facts.called, "did_hash": did_hash}
        dialstatus = "ANSWER" if status == "HANGUP" else status
        return {
            **self.common,
            "callid_in": None,
            "number": facts.called,
            "number_country_code": _COUNTRIES.get(facts.called[:3], ""),
            "dialstatus": dialstatus,
        }
