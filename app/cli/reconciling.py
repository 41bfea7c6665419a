"""Compares CALLR's records of calls with the journal's: pure, so that each case is a small test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.callr.cdrs import Cdr
from app.journal import LOST, JournalledCall

LATE = timedelta(minutes=5)
"""How long after its end a call's record may come; nothing is said about that."""


class Kind(StrEnum):
    """How a call differs."""

    UNHEARD = "unheard"
    """A person was on the line, and got no reply of ours."""

    NOT_JOURNALLED = "not journalled"
    """We placed it, nobody took it, and we were not told."""

    NOT_AT_CALLR = "not at CALLR"
    """It is in the journal alone."""

    END = "another end"
    LENGTH = "another length"


@dataclass(frozen=True, slots=True)
class Difference:
    """One call that differs.

    Attributes:
        began: as CALLR has it, or as the journal does where CALLR has none.
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
    cdrs: Iterable[Cdr], calls: Iterable[JournalledCall], *, now: datetime, tolerance_s: float
) -> list[Difference]:
    """What differs, oldest first.

    Args:
        cdrs: CALLR's records of calls of our voice apps.
        calls: of the journal, tests apart, from before the first of these to after the last.
        now: a call that ended shortly before may have no record yet.
        tolerance_s: by how much lengths may differ.
    """
    journalled = {call.row.platform_id: call for call in calls}
    found = list(_of_cdrs(cdrs, journalled, tolerance_s))
    found += _of_the_journal(journalled.values(), now)
    return sorted(found, key=lambda one: (one.began, one.callid))


def concerned(
    calls: Iterable[JournalledCall], cdrs: Sequence[Cdr], since: datetime, until: datetime
) -> list[JournalledCall]:
    """The calls of CALLR that began between these moments, and those of these records."""
    known = {cdr.callid for cdr in cdrs}
    return [
        call
        for call in calls
        if call.row.provider == "callr"
        and (call.row.platform_id in known or since <= call.row.started_at <= until)
    ]


def _of_cdrs(
    cdrs: Iterable[Cdr], journalled: dict[str, JournalledCall], tolerance_s: float
) -> Iterator[Difference]:
    for cdr in cdrs:
        call = journalled.pop(cdr.callid, None)
        for kind, what in _told(cdr, call, tolerance_s):
            yield Difference(
                kind, cdr.callid, cdr.direction, cdr.caller, cdr.called, cdr.began, what
            )


def _told(cdr: Cdr, call: JournalledCall | None, tolerance_s: float) -> Iterator[tuple[Kind, str]]:
    if call is None:
        if cdr.direction == "inbound" or cdr.answered is not None:
            yield Kind.UNHEARD, "CALLR had it; nothing of it came here, or nothing was kept"
        else:
            yield Kind.NOT_JOURNALLED, f"CALLR says {cdr.status or 'that it is over'}"
    elif call.turns == 1 and call.row.outcome == "hung_up":
        yield Kind.UNHEARD, "only its end was reported"
    elif call.row.outcome in {"", LOST}:
        if cdr.ended is not None:
            yield Kind.END, f"over at {cdr.ended:%H:%M:%S} UTC, which was not reported"
    elif not _ended_alike(call.row.outcome, cdr.status):
        yield Kind.END, f"{cdr.status} at CALLR, {call.row.outcome} here"
    else:
        # Of a call that we placed, what is reported begins when somebody answers.
        theirs = cdr.talked_s if cdr.direction == "outbound" else cdr.lasted_s
        lasted = call.lasted_s
        if theirs is not None and lasted is not None and abs(theirs - lasted) > tolerance_s:
            yield Kind.LENGTH, f"{theirs:.0f} s at CALLR, {lasted:.0f} s here"


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


def _of_the_journal(calls: Iterable[JournalledCall], now: datetime) -> Iterator[Difference]:
    for call in calls:
        row = call.row
        if row.ended_at is None or row.ended_at > now - LATE:
            continue  # it goes on, or was lost, or its record may still come
        yield Difference(
            Kind.NOT_AT_CALLR,
            row.platform_id,
            row.direction,
            row.caller,
            row.called,
            row.started_at,
            f"{row.outcome} here; CALLR has no record of it",
        )
