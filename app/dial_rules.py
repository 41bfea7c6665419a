"""What may be dialled, when, and how often: each refusal names the setting that it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from app.call_hours import CallHours
from app.callflow.errors import OffhookError
from app.ports import DialKind

_TOO_MANY = 429


class ForbiddenError(OffhookError):
    """A rule on money forbids a call; nobody was called. 429 where a later hour may have room."""

    status = 403


class DialCounter(Protocol):
    """Counts dials, by all workers together; the journal."""

    def take_dial(self, kind: DialKind, limit: int, now: datetime) -> bool:
        """See ``app.ports.Journal.take_dial``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRules:
    """What is asked of every call that we place.

    Attributes:
        per_hour: so many dials an hour, those of flows to numbers from outside included.
        hours: when.
        counter: counts them.
    """

    per_hour: int
    hours: CallHours
    counter: DialCounter

    def check(self, number: str, now: datetime) -> None:
        """Check a number that is to be called now, and count it.

        Args:
            number: E.164.
            now: the time, UTC.

        Raises:
            ForbiddenError: it may not be called, not now, or not so often.
            JournalError: it cannot be counted.
        """
        from app.numbers import never_dialled  # noqa: PLC0415 -- loads phonenumbers

        if why := never_dialled(number):
            msg = f"The call was not placed: {why}"
            raise ForbiddenError(msg, mend="No setting allows it.")
        if not self.hours.open_at(now):
            local = now.astimezone(ZoneInfo(self.hours.zone))
            msg = f"The call was not placed: it is {local:%A %H:%M} in {self.hours.zone}, and "
            msg += f"CALL_HOURS is {self.hours.written}."
            raise ForbiddenError(msg, mend="Call within them, or change CALL_HOURS.")
        if not self.counter.take_dial("start", self.per_hour, now):
            msg = f"The call was not placed: {too_many(self.per_hour)}"
            mend = "Call later, or raise DIAL_PER_HOUR."
            raise ForbiddenError(msg, mend=mend, status=_TOO_MANY)


def too_many(per_hour: int) -> str:
    """Why one more is not dialled."""
    return f"DIAL_PER_HOUR is {per_hour}, and as many were dialled within the last hour."
