"""When calls may be placed: the setting ``CALL_HOURS``, read and asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.callflow.kinds.silent import MINUTES_A_DAY, Opening
from app.callflow.week import read_week


@dataclass(frozen=True, slots=True)
class CallHours:
    """When calls may be placed, in a time zone; without hours at any time.

    Attributes:
        written: as ``CALL_HOURS`` has it; "" for any time.
        zone: IANA's name.
    """

    written: str
    zone: str

    def open_at(self, now: datetime) -> bool:
        """Whether calls may be placed at this moment."""
        if not self.written:
            return True
        openings, _ = read_call_hours(self.written)
        local = now.astimezone(ZoneInfo(self.zone))
        minute, weekday = local.hour * 60 + local.minute, local.weekday()
        yesterday = (local.date() - timedelta(days=1)).weekday()
        return any(
            (one.weekday == weekday and one.since <= minute < one.until)
            or (one.weekday == yesterday and one.since <= minute + MINUTES_A_DAY < one.until)
            for one in openings
        )


def read_call_hours(written: str) -> tuple[list[Opening], list[str]]:
    """Hours such as ``mon-fri 09:00-12:00 14:00-20:00; sat 10:00-12:00``, and what is wrong."""
    week: dict[str, str] = {}
    problems = []
    for part in filter(None, map(str.strip, written.split(";"))):
        days, _, spans = part.partition(" ")
        if days in week:
            problems.append(f"{days!r} stands there twice.")
        if not spans.strip():
            problems.append(f"{part!r} has no hours. Write like mon-fri 09:00-20:00.")
            continue
        week[days] = spans
    openings, wrong = read_week(week)
    return openings, [*problems, *wrong]
