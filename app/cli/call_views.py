"""How the command line shows calls: rows, dialogues, JSON.

The text is as callers and platforms chose it; ``Output`` makes it harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.cli.console import shown
from app.journal import JournalledCall, Version
from app.journal.wanted import LIVE
from app.ports import CallRow, Notice, TurnRecord
from app.sounds import Recording
from app.telling import (
    FlowAsItWas,
    Line,
    Sounds,
    Told,
    Who,
    began_at,
    in_order,
    page,
    pretty,
    tell,
    title_of,
)

_STYLES = {
    Who.WE: "",
    Who.THEY: "bold",
    Who.PLATFORM: "magenta",
    Who.FLOW: "dim",
    Who.INCIDENT: "yellow",
    Who.CALL: "bold",
}
_NOT_SHOWN = frozenset({"call", "recording"})
_TIME_WIDTH = 8
_WHO_WIDTH = 8
_INDENT = " " * (_TIME_WIDTH + 2)


def call_row(found: JournalledCall, zone: str) -> tuple[str, ...]:
    """A call as a row of a table; its beginning is told in this time zone."""
    call = found.row
    return (
        moment(call.started_at, zone),
        call.key,
        call.flow,
        call.direction,
        call.caller or "-",
        call.called or "-",
        "" if found.lasted_s is None else _clock(found.lasted_s),
        call.outcome or LIVE,
        call.disposition or "-",
        str(found.incidents) if found.incidents else "",
    )


def call_json(found: JournalledCall) -> dict[str, Any]:
    """A call as JSON: times are ISO 8601 in UTC, ``lasted_s`` is seconds."""
    call = found.row
    return {
        **asdict(call),
        "started_at": call.started_at.isoformat(),
        "ended_at": call.ended_at and call.ended_at.isoformat(),
        "outcome": call.outcome or LIVE,
        "lasted_s": found.lasted_s,
        "reports": found.turns,
        "incidents": found.incidents,
        "variables": dict(found.variables),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A call, and all that is journalled of it.

    Attributes:
        turns: in the order in which they were journalled.
        notices: its status posts, in that order too.
        recordings: what was recorded in it.
    """

    found: JournalledCall
    turns: Sequence[TurnRecord]
    notices: Sequence[Notice] = ()
    recordings: Sequence[Recording] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its dialogue, ending in what it came to."""
        return tell(self.found.row, self.turns, self.recordings, self.notices)


def shown_json(shown_call: Shown) -> dict[str, Any]:
    """A call with its dialogue and all that is journalled of it, bodies as text."""
    found, turns = shown_call.found, shown_call.turns
    recordings, notices = shown_call.recordings, shown_call.notices
    sounds = Sounds(turns, recordings, notices)
    return {
        "call": call_json(found),
        "dialogue": [asdict(line) for line in shown_call.lines],
        "recordings": [
            {**recording_json(one), "reference": sounds.reference(one)} for one in recordings
        ],
        "turns": [turn_json(turn) for turn in turns],
        "notices": [notice_json(notice) for notice in notices],
    }


def call_page(
    shown_call: Shown, versions: Mapping[str, Version | None], zone: str, *, raw: bool
) -> str:
    """A call as one HTML file.

    Args:
        shown_call: the call.
        versions: of its flow, by fingerprint; None for one that was not kept.
        zone: of its times.
        raw: add each report and its reply.
    """
    flows = [
        FlowAsItWas(one, version.declared, version.drawing, version.first_seen)
        if version
        else FlowAsItWas(one)
        for one, version in versions.items()
    ]
    told = Told(
        call=shown_call.found.row,
        turns=shown_call.turns,
        variables=shown_call.found.variables,
        versions=flows,
        recordings=shown_call.recordings,
        notices=shown_call.notices,
        zone=zone,
    )
    return page(told, shown, raw=raw)


def call_heading(found: JournalledCall, zone: str = "UTC", notices: int = 0) -> str:
    """One line that says which call it is, and when it began in this time zone.

    ``notices`` is how many status posts came.
    """
    call = found.row
    posts = f", {_counted(notices, 'status post')}" if notices else ""
    test = posts + ", a test" * call.test
    return (
        f"{call.key}: {call.direction}, flow {call.flow}, {moment(call.started_at, zone)} {zone}"
        f", {_counted(found.turns, 'report')}{test}"
    )


def recording_json(recording: Recording) -> dict[str, Any]:
    """A recording as JSON: ``seconds`` is null while its length is not known."""
    return {
        "id": recording.id,
        "call": recording.call_key,
        "left_by": recording.left_by,
        "step": recording.step,
        "recorded_at": recording.recorded_at.isoformat(),
        "status": str(recording.status),
        "media_id": recording.media_id,
        "url": recording.url,
        "seconds": recording.seconds,
        "detail": recording.detail,
    }


def recording_row(recording: Recording, zone: str) -> tuple[str, ...]:
    """A recording as a row of a table; when it was left is told in this time zone."""
    return (
        str(recording.id),
        moment(recording.recorded_at, zone),
        recording.left_by or "-",
        recording.call_key,
        recording.step,
        "" if recording.seconds is None else f"{recording.seconds:g}",
        str(recording.status),
        recording.media_id or "-",
        recording.detail,
    )


def dialogue(shown_call: Shown, *, raw: bool) -> Iterator[tuple[str, str]]:
    """The dialogue of a call: lines and their styles.

    Args:
        shown_call: the call.
        raw: add each report before what it brought, and each reply after it.
    """
    they = _they(shown_call.found.row)
    turns, notices = shown_call.turns, shown_call.notices
    *lines, ending = shown_call.lines
    began = began_at(turns, notices)
    for number, came in in_order(turns, notices):
        told = [line for line in lines if number == _place(line, came)]
        at = _clock((came.received_at - began).total_seconds(), tenths=True)
        if raw:
            yield from _body(f"{at:>{_TIME_WIDTH}}  {title_of(came)}", came.raw)
        for place, line in enumerate(told):
            yield _line(line, they, "" if place or raw else at)
        if raw and isinstance(came, TurnRecord):
            title = f"REPLY in {came.took_ms:.1f} ms" + ": empty" * (not came.reply)
            yield from _body(f"{_INDENT}{title}", came.reply)
    yield _line(ending, they, _clock(ending.at_s, tenths=True))


def told_of(
    shown_call: Shown, number: int, came: TurnRecord | Notice, *, zone: str = ""
) -> Iterator[tuple[str, str]]:
    """The lines of one turn or status post.

    Args:
        shown_call: all that came of the call so far.
        number: its place among its kind.
        came: the turn or the status post.
        zone: for the time of day in this time zone and the call's key before each line; else the
            time since the platform's first word of the call stands there.
    """
    *lines, _ = shown_call.lines
    for line in lines:
        if number == _place(line, came):
            yield _told(line, shown_call.found.row, came, zone)


def told_ending(shown_call: Shown, *, zone: str = "") -> tuple[str, str]:
    """The line of a call's ending, at the time of its last turn; arguments as above."""
    *_, ending = shown_call.lines
    return _told(ending, shown_call.found.row, shown_call.turns[-1], zone)


def _place(line: Line, came: TurnRecord | Notice) -> int | None:
    """Which of its kind a line tells, if it is a line of that kind."""
    return line.notice if isinstance(came, Notice) else line.turn


def _they(call: CallRow) -> str:
    return "caller" if call.direction == "inbound" else "called"


def _told(line: Line, call: CallRow, came: TurnRecord | Notice, zone: str) -> tuple[str, str]:
    they = _they(call)
    if not zone:
        return _line(line, they, _clock(line.at_s, tenths=True))
    text, style = _line(line, they, "")
    at = came.received_at.astimezone(ZoneInfo(zone))
    return f"{at:%H:%M:%S}  {call.key}  {text[_TIME_WIDTH + 2 :]}", style


def _line(line: Line, they: str, at: str) -> tuple[str, str]:
    who = {Who.THEY: they, Who.INCIDENT: "!"}.get(line.who, str(line.who))
    step = f"  [{line.step}]" if line.step else ""
    return f"{at:>{_TIME_WIDTH}}  {who:<{_WHO_WIDTH}}  {line.text}{step}", _STYLES[line.who]


def _body(title: str, body: bytes) -> Iterator[tuple[str, str]]:
    yield title, "dim"
    for line in pretty(body).split("\n") if body else ():
        yield f"{_INDENT}  {line}", "dim"


def turn_json(turn: TurnRecord) -> dict[str, Any]:
    """Everything but the rows of the call and of its recordings, which stand beside the turns."""
    values = {name: value for name, value in turn._asdict().items() if name not in _NOT_SHOWN}
    return {
        **values,
        "received_at": turn.received_at.isoformat(),
        "raw": turn.raw.decode("utf-8", "backslashreplace"),
        "reply": turn.reply.decode("utf-8", "backslashreplace"),
    }


def notice_json(notice: Notice) -> dict[str, Any]:
    """A status post, its body as text."""
    return {
        "call_key": notice.call_key,
        "event_id": notice.event_id,
        "kind": notice.kind,
        "platform_id": notice.platform_id,
        "received_at": notice.received_at.isoformat(),
        "about": dict(notice.about),
        "raw": notice.raw.decode("utf-8", "backslashreplace"),
    }


def moment(at: datetime, zone: str = "UTC") -> str:
    """A moment to the second, in this time zone."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def _clock(seconds: float, *, tenths: bool = False) -> str:
    """Minutes and seconds: 75.26 is 1:15, or 1:15.3."""
    whole = round(seconds, 1) if tenths else round(seconds)
    minutes, rest = divmod(whole, 60)
    return f"{minutes:.0f}:{rest:04.1f}" if tenths else f"{minutes:.0f}:{rest:02.0f}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)
