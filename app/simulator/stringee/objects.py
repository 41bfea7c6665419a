"""What Stringee's REST API gives back: projects, numbers, greeting files, ended calls.

The fields are those of the vendor's pages of its REST API; some only customers' code shows.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.simulator.stringee.facts import Project
from app.simulator.stringee.records import StringeeRecord
from app.simulator.transcript import Bridged, PickedUp

_VIETNAM = "84"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProject:
    """A project of the account, with its API key."""

    id: int
    name: str
    answer_url: str = ""
    event_url: str = ""
    key_sid: str
    key_secret: str = field(repr=False)
    signing_key: str = field(repr=False)

    def json(self) -> dict[str, Any]:
        """As the API of projects tells it; the event_url is called callback_url there."""
        return {
            "id": self.id,
            "name": self.name,
            "answer_url": self.answer_url,
            "callback_url": self.event_url,
            "api_key_sid": self.key_sid,
            "api_key": self.key_secret,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumber:
    """A number of the account, and whose calls it brings."""

    id: int
    number: str
    project_id: int
    answer_url: str = ""
    event_url: str = ""

    def json(self, account: int, project: str) -> dict[str, Any]:
        """As the API of numbers tells it."""
        inside = self.number.removeprefix(_VIETNAM)
        return {
            "id": self.id,
            "account": account,
            "country_code": _VIETNAM if inside != self.number else "",
            "phone_number_no_country_code": inside,
            "phone_number": self.number,
            "callout_to_prefix": "",
            "voice_enabled": 1,
            "sms_enabled": 0,
            "sip_trunk": 0,
            "project_id": self.project_id,
            "answer_url": self.answer_url,
            "event_url": self.event_url,
            "monthly_price": "0.00000",
            "country_iso_code": "VN",
            "country_name": "Vietnam",
            "telco_name": "",
            "project_name": project,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """An uploaded sound that `play` takes by its name."""

    name: str
    sid: str
    description: str
    content: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """As the list of greeting files tells it; the shape is assumed from the upload's answer."""
        return {"filename": self.name, "fileSid": self.sid, "desc": self.description}


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that is over, for the call log and its recordings."""

    record: StringeeRecord
    project: Project
    project_name: str

    @property
    def start_ms(self) -> int:
        """When it began, in ms since 1970."""
        return self.record.facts.ms(0)

    @property
    def answer_ms(self) -> int:
        """When it was answered, in ms since 1970; 0 for never."""
        at = self.record.answered_at
        return 0 if at is None else self.record.facts.ms(at)

    @property
    def stop_ms(self) -> int:
        """When it ended, in ms since 1970."""
        return self.record.facts.ms(self.record.events[-1].at)

    def seconds_of(self, recording: str) -> float | None:
        """How long a recording of it is; None where it has none of that id."""
        return dict(self.record.recordings).get(recording)

    def json(self) -> dict[str, Any]:
        """As the call log tells it."""
        facts = self.record.facts
        talked = bool(self.record.of(Bridged) or self.record.of(PickedUp))
        return {
            "id": facts.call_id,
            "project_id": self.project.id,
            "account_id": self.project.account_id,
            "from_user_id": facts.user_id,
            "from_number": facts.caller,
            "to_number": facts.called,
            "from_alias": facts.caller,
            "to_alias": facts.called,
            "from_internal": int(facts.from_app),
            "to_internal": int(facts.to_app),
            "start_time": self.start_ms,
            "answer_time": self.answer_ms,
            "stop_time": self.stop_ms,
            "answer_duration": (self.stop_ms - self.answer_ms) // 1000 if self.answer_ms else 0,
            "amount": "0.00000" if not talked else "0.01000",
            "created": self.start_ms // 1000,
            "recorded": int(bool(self.record.recordings)),
            "uuid": facts.uuid,
            "project_name": self.project_name,
            "start_time_datetime": _written(self.start_ms),
            "answer_time_datetime": _written(self.answer_ms) if self.answer_ms else "",
            "stop_time_datetime": _written(self.stop_ms),
            "created_datetime": _written(self.start_ms),
        }


def _written(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y/%m/%d, %H:%M:%S")
