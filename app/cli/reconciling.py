"""Compares a platform's records of calls with the journal's: pure, each case a small test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.callr.cdrs import Cdr
from app.cli.which_platform import Platform
from app.journal import LOST, JournalledCall

LATE = timedelta(minutes=5)
"""How long after its end a call's record may come; nothing is said about that."""


NAMES: Mapping[Platform, str] = {"callr": "CALLR", "stringee": "Stringee"}
"""What the platforms are called."""


class Kind(StrEnum):
    """How a call differs."""

    UNHEARD = "unheard"
    """A person was on the line, and got no reply of ours."""

    NOT_JOURNALLED = "not journalled"
    """We placed it, nobody took it, and we were not told."""

    NOT_AT_CALLR = "not at CALLR"
    NOT_AT_STRINGEE = "not at Stringee"
    """It is in the journal alone."""

    END = "another end"
    LENGTH = "another length"


@dataclass(frozen=True, slots=True)
class Difference:
    """One call that differs.

    Attributes:
        began: as the platform has it, or as the journal does where that has none.
        what: in words.
    """

    kind: Kind
    callid: str
    direction: str
    caller: str
    called: str
    began: datetime
    what: str


def compare(
    cdrs: Iterable[Cdr],
    calls: Iterable[JournalledCall],
    *,
    now: datetime,
    tolerance_s: float,
    platform: Platform = "callr",
) -> list[Difference]:
    """What differs, oldest first.

    Args:
        cdrs: the platform's records of calls that are ours.
        calls: of the journal, tests apart, from before the first of these to after the last.
        now: a call that ended shortly before may have no record yet.
        tolerance_s: by how much lengths may differ.
        platform: whose records they are.
    """
    journalled = {call.row.platform_id: call for call in calls}
    found = list(_of_cdrs(cdrs, journalled, tolerance_s, NAMES[platform]))
    found += _of_the_journal(journalled.values(), now, platform)
    return sorted(found, key=lambda one: (one.began, one.callid))


def concerned(
    calls: Iterable[JournalledCall],
    cdrs: Sequence[Cdr],
    since: datetime,
    until: datetime,
    platform: Platform = "callr",
) -> list[JournalledCall]:
    """The calls of a platform that began between these moments, and those of these records."""
    known = {cdr.callid for cdr in cdrs}
    return [
        call
        for call in calls
        if call.row.provider == platform
        and (call.row.platform_id in known or since <= call.row.started_at <= until)
    ]


def _of_cdrs(
    cdrs: Iterable[Cdr], journalled: dict[str, JournalledCall], tolerance_s: float, who: str
) -> Iterator[Difference]:
    for cdr in cdrs:
        call = journalled.pop(cdr.callid, None)
        for kind, what in _told(cdr, call, tolerance_s, who):
            yield Difference(
                kind, cdr.callid, cdr.direction, cdr.caller, cdr.called, cdr.began, what
            )


def _told(
    cdr: Cdr, call: JournalledCall | None, tolerance_s: float, who: str
) -> Iterator[tuple[Kind, str]]:
    if call is None:
        if cdr.direction == "inbound" or cdr.answered is not None:
            yield Kind.UNHEARD, f"{who} had it; nothing of it came here, or nothing was kept"
        else:
            yield Kind.NOT_JOURNALLED, f"{who} says {cdr.status or 'that it is over'}"
    elif call.turns == 1 and call.row.outcome == "hung_up":
        yield Kind.UNHEARD, "only its end was reported"
    elif call.row.outcome in {"", LOST}:
        if cdr.ended is not None:
            yield Kind.END, f"over at {cdr.ended:%H:%M:%S} UTC, which was not reported"
    elif not _ended_alike(call.row.outcome, cdr.status):
        yield Kind.END, f"{cdr.status} at {who}, {call.row.outcome} here"
    else:
        # Of a call that we placed, what is reported begins when somebody answers.
        theirs = cdr.talked_s if cdr.direction == "outbound" else cdr.lasted_s
        lasted = call.lasted_s
        if theirs is not None and lasted is not None and abs(theirs - lasted) > tolerance_s:
            yield Kind.LENGTH, f"{theirs:.0f} s at {who}, {lasted:.0f} s here"


_UNANSWERED: Mapping[str, str] = {
    "busy": "BUSY",
    "no_answer": "NOANSWER",
    "congestion": "CONGESTION",
    "rejected": "",
}
"""How CALLR's records say what our outcomes say of a call that nobody took; "" is not known."""

_UNREACHED = frozenset({"CHANUNAVAIL", "NODIAL", "CANCEL"})
"""Other ends of dialling (THECALLR/sdk-dotnet 7f3f35b); what is reported then is not known."""


def _ended_alike(outcome: str, status: str) -> bool:
    """Whether an outcome of ours and CALLR's word for the dialling can be of one call."""
    if not status:
        return True
    if outcome not in _UNANSWERED:
        return status == "ANSWER"
    expected = _UNANSWERED[outcome]
    return status in _UNREACHED or (status == expected if expected else status != "ANSWER")


def _of_the_journal(
    calls: Iterable[JournalledCall], now: datetime, platform: Platform
) -> Iterator[Difference]:
    kind = Kind.NOT_AT_STRINGEE if platform == "stringee" else Kind.NOT_AT_CALLR
    for call in calls:
        row = call.row
        if row.ended_at is None or row.ended_at > now - LATE:
            continue  # it goes on, or was lost, or its record may still come
        yield Difference(
            kind,
            row.platform_id,
            row.direction,
            row.caller,
            row.called,
            row.started_at,
            f"{row.outcome} here; {NAMES[platform]} has no record of it",
        )
