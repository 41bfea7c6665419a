"""Reads out of the journalled reports of ``VERIFY`` what the platform did.

Times are compared with each other, never with a clock: how long the same thing takes without what
is in question is measured in the same call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.callr.challenges import CHALLENGED
from app.callr.heard import Fact
from app.callr.verifying import LONG_S, SHORT_S, WAITS, wait_step
from app.callr.wire import HANGUP, NO_RESULT, NOT_ANSWERED
from app.ports import TurnRecord

NO_KEY: Final = 2
"""So many times as long as a read in which nothing was pressed: no key came in this one either."""

OBEYED: Final = 3
"""So many times as long as the short wait shows that nine times as much was asked for. Between the
two, a network may lose two seconds in either."""

ENOUGH_REPORTS: Final = 8
"""So many reports that met no refusal show that the credentials come unasked: of several machines
one may not see both tries of a report."""

_SEEN: Final = ("call_status", "command", "command_result", "command_error")


@dataclass(frozen=True, slots=True)
class _Told:
    """A report of the call.

    Attributes:
        step: the one that it answers.
        took_s: since the report before.
        holds: the body.
    """

    step: str
    at: datetime
    took_s: float
    holds: Mapping[str, Any]

    def text(self, name: str) -> str:
        value = self.holds.get(name)
        return "" if value is None else str(value)

    @property
    def live(self) -> bool:
        return self.text("call_status") not in {HANGUP, *NOT_ANSWERED}

    def fact(self, answer: str, saw: str = "") -> Fact:
        fields = (f"{name} {json.dumps(self.holds.get(name))}" for name in _SEEN)
        return Fact(answer, saw or ", ".join(fields), self.at)


def facts_of(turns: Sequence[TurnRecord]) -> dict[str, Fact]:
    """What was heard in one call, by question; what is not in it stayed open.

    Args:
        turns: the call's, in order.
    """
    told = _Reports(
        [_told(turn, before) for turn, before in zip(turns, [None, *turns], strict=False)]
    )
    found: dict[str, Fact | None] = {
        "record_tone": _chosen(told, "tone", {"1": "yes", "2": "no"}),
        "hangup_in_record": _hang_up_in_record(told),
        "hangup_report": _hang_up(told),
        "read_nothing": _read_nothing(told),
        "read_hash": _read_hash(told),
        "wait_key": _wait_key(told),
        "keys_stop_play": _chosen(told, "stopped", {"1": "yes", "2": "no"}),
        "keys_kept": _keys_kept(told),
        "basic": _basic(turns),
    }
    return {name: fact for name, fact in found.items() if fact is not None}


class _Reports:
    """The reports of a call, in order."""

    def __init__(self, told: Sequence[_Told]) -> None:
        self.all = told

    def after(self, step: str, command: str) -> _Told | None:
        """The last report of a step's command, on a call that went on; None where none came."""
        found = [
            one
            for one in self.all
            if one.step == step and one.text("command") == command and one.live
        ]
        return found[-1] if found else None


def _chosen(told: _Reports, step: str, meant: Mapping[str, str]) -> Fact | None:
    """What the person said by a key."""
    report = told.after(step, "read")
    key = report.text("command_result").rstrip("#") if report else ""
    if report is None or key not in meant:
        return None
    return report.fact(meant[key], f"the person on the phone pressed {key} at '{step}'")


def _entry(report: _Told) -> str | None:
    """What a read brought that is no key, as one of the answers; None for keys."""
    result = report.holds.get("command_result")
    if report.text("command_error"):
        return "error"
    if result is None:
        return "null"
    if result in {"", "TIMEOUT", "#"}:
        return str(result) or "empty"
    return None if set(str(result)) <= set("0123456789*#") else "other"


def _read_nothing(told: _Reports) -> Fact | None:
    report = told.after("nothing", "read")
    answer = _entry(report) if report else None
    return report.fact(answer) if report and answer and answer != "#" else None


def _read_hash(told: _Reports) -> Fact | None:
    """Only where # ended the read: without a key it lasts far longer than the one before."""
    report, empty = told.after("hash", "read"), told.after("nothing", "read")
    answer = _entry(report) if report else None
    if report is None or answer is None:
        return None
    if answer == "#":
        return report.fact(answer)
    if empty is None or _entry(empty) in {None, "#"} or report.took_s >= NO_KEY * empty.took_s:
        return None
    return report.fact(answer)


def _keys_kept(told: _Reports) -> Fact | None:
    """Whether the read after the counting had the 7; only where it was pressed."""
    report = told.after("counted", "read")
    if report is None:
        return None
    if "7" in report.text("command_result"):
        return report.fact("yes")
    pressed = _chosen(told, "stopped", {"1": "yes", "2": "yes"})
    return report.fact("no") if pressed and _entry(report) else None


def _wait_key(told: _Reports) -> Fact | None:
    reports = {one: told.after(wait_step(*one), "wait") for one in WAITS}
    if not all(reports.values()):
        return None
    obeyed: list[str] = []
    saw: list[str] = []
    for key in ("seconds", "wait"):
        short, long = (reports[one] for one in WAITS if one[0] == key)
        assert short is not None  # noqa: S101 - all of them are there
        assert long is not None  # noqa: S101 - as above
        error = long.text("command_error")
        saw.append(
            f"{key}: {short.took_s:.2f} s for {SHORT_S}, {long.took_s:.2f} s for {LONG_S} {error}"
        )
        if not error and long.took_s > OBEYED * short.took_s:
            obeyed.append(key)
    answer = "both" if len(obeyed) > 1 else (*obeyed, "neither")[0]
    last = reports[WAITS[-1]]
    return last.fact(answer, "; ".join(text.strip() for text in saw)) if last else None


def _hang_up(told: _Reports) -> Fact | None:
    """How the end is told; where we hung up it tells nothing."""
    ends = [one for one in told.all if one.text("call_status") == HANGUP]
    if not ends or ends[0].text("command") == "hangup":
        return None
    return ends[0].fact("merged" if ends[0].text("command") else "separate")


def _hang_up_in_record(told: _Reports) -> Fact | None:
    """What came of the recording that was hung up in: with HANGUP, or in the report before it."""
    for report, after in zip(told.all, [*told.all[1:], None], strict=False):
        if report.step != "cut_record" or report.text("command") != "record":
            continue
        separate = after is not None and after.text("call_status") == HANGUP
        ends = report.text("call_status") == HANGUP
        if not ends and not (separate and after is not None and not after.text("command")):
            return None  # the recording ended before the call
        result = report.text("command_result")
        if report.text("command_error"):
            return report.fact("error")
        return report.fact("nothing" if not result else "-1" if result in NO_RESULT else "file")
    return None


def _basic(turns: Sequence[TurnRecord]) -> Fact | None:
    challenged = [turn for turn in turns if CHALLENGED in turn.incidents]
    if challenged:
        saw = f"{len(challenged)} of {len(turns)} reports came first without credentials"
        return Fact("challenged", saw, challenged[-1].received_at)
    if len(turns) < ENOUGH_REPORTS:
        return None
    saw = f"none of {len(turns)} reports came first without credentials"
    return Fact("unasked", saw, turns[-1].received_at)


def _told(turn: TurnRecord, before: TurnRecord | None) -> _Told:
    try:
        holds = json.loads(turn.raw)
    except (ValueError, RecursionError):
        holds = None
    took = (turn.received_at - before.received_at).total_seconds() if before else 0.0
    return _Told(turn.step_before, turn.received_at, took, holds if isinstance(holds, dict) else {})
