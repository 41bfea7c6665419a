"""How the command line shows calls: rows, dialogues, JSON.

The text is as callers and platforms chose it; ``Output`` makes it harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.cli.console import shown
from app.journal import JournalledCall, Version
from app.journal.wanted import LIVE
from app.ports import CallRow, TurnRecord
from app.sounds import Recording
from app.telling import FlowAsItWas, Line, Told, Who, page, pretty, tell

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


def shown_json(
    found: JournalledCall, turns: Sequence[TurnRecord], recordings: Sequence[Recording]
) -> dict[str, Any]:
    """A call with its dialogue and all that is journalled of its turns, bodies as text."""
    return {
        "call": call_json(found),
        "dialogue": [asdict(line) for line in tell(found.row, turns, recordings)],
        "recordings": [recording_json(one) for one in recordings],
        "turns": [turn_json(turn) for turn in turns],
    }


def call_page(
    found: JournalledCall,
    turns: Sequence[TurnRecord],
    recordings: Sequence[Recording],
    versions: Mapping[str, Version | None],
    zone: str,
    *,
    raw: bool,
) -> str:
    """A call as one HTML file.

    Args:
        found: the call.
        turns: its turns.
        recordings: what was recorded in it.
        versions: of its flow, by fingerprint; None for one that was not kept.
        zone: of its times.
        raw: add each POST and its reply.
    """
    flows = [
        FlowAsItWas(one, version.declared, version.drawing, version.first_seen)
        if version
        else FlowAsItWas(one)
        for one, version in versions.items()
    ]
    told = Told(
        call=found.row,
        turns=turns,
        variables=found.variables,
        versions=flows,
        recordings=recordings,
        zone=zone,
    )
    return page(told, shown, raw=raw)


def call_heading(found: JournalledCall, zone: str = "UTC") -> str:
    """One line that says which call it is, and when it began in this time zone."""
    call = found.row
    test = ", a test" if call.test else ""
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


def dialogue(
    call: CallRow,
    turns: Sequence[TurnRecord],
    recordings: Sequence[Recording] = (),
    *,
    raw: bool,
) -> Iterator[tuple[str, str]]:
    """The dialogue of a call: lines and their styles.

    Args:
        call: its own row.
        turns: its turns.
        recordings: what was recorded in it.
        raw: add each POST before what it brought, and each reply after it.
    """
    they = "caller" if call.direction == "inbound" else "called"
    *lines, ending = tell(call, turns, recordings)
    for number, turn in enumerate(turns):
        told = [line for line in lines if line.turn == number]
        at = _clock((turn.received_at - turns[0].received_at).total_seconds(), tenths=True)
        if raw:
            yield from _body(f"{at:>{_TIME_WIDTH}}  POST {turn.report_key}", turn.raw)
        for place, line in enumerate(told):
            yield _line(line, they, "" if place or raw else at)
        if raw:
            yield from _body(f"{_INDENT}REPLY in {turn.took_ms:.1f} ms", turn.reply)
    yield _line(ending, they, _clock(ending.at_s, tenths=True))


def told_turn(
    call: CallRow, turns: Sequence[TurnRecord], place: int, *, zone: str = ""
) -> Iterator[tuple[str, str]]:
    """The lines of one turn.

    Args:
        call: its own row.
        turns: all of its turns so far.
        place: of the turn among them.
        zone: for the time of day in this time zone and the call's key before each line; else the
            time since the call's first report stands there.
    """
    *lines, _ = tell(call, turns)
    for line in lines:
        if line.turn == place:
            yield _told(line, call, turns[place], zone)


def told_ending(call: CallRow, turns: Sequence[TurnRecord], *, zone: str = "") -> tuple[str, str]:
    """The line of a call's ending, at the time of its last turn; arguments as above."""
    *_, ending = tell(call, turns)
    return _told(ending, call, turns[-1], zone)


def _told(line: Line, call: CallRow, turn: TurnRecord, zone: str) -> tuple[str, str]:
    they = "caller" if call.direction == "inbound" else "called"
    if not zone:
        return _line(line, they, _clock(line.at_s, tenths=True))
    text, style = _line(line, they, "")
    at = turn.received_at.astimezone(ZoneInfo(zone))
    return f"{at:%H:%M:%S}  {call.key}  {text[_TIME_WIDTH + 2 :]}", style


def _line(line: Line, they: str, at: str) -> tuple[str, str]:
    who = {Who.THEY: they, Who.INCIDENT: "!"}.get(line.who, str(line.who))
    step = f"  [{line.step}]" if line.step else ""
    return f"{at:>{_TIME_WIDTH}}  {who:<{_WHO_WIDTH}}  {line.text}{step}", _STYLES[line.who]


def _body(title: str, body: bytes) -> Iterator[tuple[str, str]]:
    yield title if body else f"{title}: empty", "dim"
    for line in pretty(body).split("\n") if body else ():
        yield f"{_INDENT}  {line}", "dim"


def turn_json(turn: TurnRecord) -> dict[str, Any]:
    """Everything but the rows of the call and of its recordings, which stand beside the turns."""
    values = {
        one.name: getattr(turn, one.name) for one in fields(turn) if one.name not in _NOT_SHOWN
    }
    return {
        **values,
        "received_at": turn.received_at.isoformat(),
        "raw": turn.raw.decode("utf-8", "backslashreplace"),
        "reply": turn.reply.decode("utf-8", "backslashreplace"),
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
