"""Values to rows and back, in a form that both databases store alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from app import compact_json
from app.ports import CallRow, Notice, Start, Told, TurnRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a flow, kept once, so that a call is told with the flow as it was.

    Attributes:
        fingerprint: names the version; 12 hex digits.
        flow: the flow's name.
        drawing: the flow as a Mermaid diagram.
        declared: the flow's canonical declaration, JSON-ready.
        first_seen: when a server first had it, UTC.
    """

    fingerprint: str
    flow: str
    drawing: str
    declared: Any
    first_seen: datetime


def clean(text: str) -> str:
    """Text that every database takes: NUL and lone surrogates stand as backslash escapes.

    PostgreSQL refuses NUL in text, and neither database can encode a lone surrogate.
    """
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(value: object) -> object:
    """What JSON does not know: a Mapping as an object, anything else as its text."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def to_json(value: object) -> str:
    """Compact ASCII JSON: NUL, lone surrogates and all that is not ASCII are escaped."""
    return compact_json.ascii_only(value, _plain).decode()


def turn_values(turn: TurnRecord) -> dict[str, Any]:
    """The row of a turn, by column."""
    return {
        "call_key": clean(turn.call_key),
        "report_key": clean(turn.report_key),
        "kind": turn.kind,
        "turn": turn.turn,
        "received_at": turn.received_at,
        "raw": turn.raw,
        "digest": turn.digest,
        "event": to_json(turn.event),
        "step_before": clean(turn.step_before),
        "step_after": clean(turn.step_after),
        "trail": to_json(turn.trail) if turn.trail else "[]",
        "state": None if turn.state is None else to_json(turn.state),
        "variables": to_json(turn.variables) if turn.variables else "{}",
        "commands": to_json(turn.commands) if turn.commands else "[]",
        "reply": turn.reply,
        "fingerprint": turn.fingerprint,
        "answers": to_json(turn.answers) if turn.answers else "{}",
        "took_ms": turn.took_ms,
        "incidents": to_json(turn.incidents) if turn.incidents else "[]",
    }


DUE_AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""Long past, whatever the clock of the machine says that writes it."""

_TO_BE_KEPT: Mapping[str, Any] = {
    "status": "waiting",
    "media_id": "",
    "url": "",
    "seconds": None,
    "tries": 0,
    "due_at": DUE_AT_ONCE,
    "holder": "",
    "detail": "",
}


def recording_values(turn: TurnRecord) -> dict[str, Any]:
    """The row of the sound that a turn's report named, to be kept from then on."""
    return {
        "call_key": clean(turn.call_key),
        "report_key": clean(turn.report_key),
        "provider": turn.call_key.partition(":")[0],
        "step": clean(turn.step_before),
        "file": clean(turn.recording),
        "recorded_at": turn.received_at,
        **_TO_BE_KEPT,
    }


def sound_values(
    notice: Mapping[str, Any], sound: Told, gave: tuple[Any, ...] | None
) -> dict[str, Any]:
    """The row of the sound that a status post tells of, to be kept from then on.

    Args:
        notice: the post's own row.
        sound: what it tells.
        gave: (report key, commands as JSON) of the turn that had it recorded; None where the
            journal does not have it.
    """
    report_key, commands = gave or (f"rec:{sound.turn}.{sound.at}", "[]")
    told = json.loads(commands)
    return {
        "call_key": notice["call_key"],
        "report_key": report_key,
        "provider": notice["provider"],
        "step": told[sound.at]["step"] if sound.at < len(told) else "",
        "file": clean(sound.file),
        "recorded_at": notice["received_at"],
        **_TO_BE_KEPT,
    }


def notice_values(notice: Notice) -> dict[str, Any]:
    """The row of a status post, by column."""
    return {
        "event_id": clean(notice.event_id),
        "call_key": clean(notice.call_key),
        "provider": notice.provider,
        "kind": clean(notice.kind),
        "received_at": notice.received_at,
        "raw": notice.raw,
        "platform_id": clean(notice.platform_id),
        "about": to_json(notice.about),
    }


def notice_of(row: RowMapping, call_key: str) -> Notice:
    """A status post of a call, read back, without what it did."""
    return Notice(
        event_id=row["event_id"],
        provider=row["provider"],
        platform_id=row["platform_id"],
        call_key=call_key,
        kind=row["kind"],
        received_at=row["received_at"],
        raw=bytes(row["raw"]),
        about=json.loads(row["about"]),
    )


def conflict_values(row: Mapping[str, Any], first_reply: bytes) -> dict[str, Any]:
    """The row of a report whose key was seen before with other bytes: what came, what it got."""
    incident = (
        f"The report {row['report_key']} of this call came before with other bytes; "
        "this one got the reply that the first one got."
    )
    return {
        **row,
        "report_key": f"{row['report_key']}~{row['digest'][:12]}",
        "kind": "conflict",
        "reply": first_reply,
        "step_before": "",
        "step_after": "",
        "trail": "[]",
        "state": None,
        "variables": "{}",
        "commands": "[]",
        "answers": "{}",
        "incidents": to_json([*json.loads(row["incidents"]), incident]),
    }


def turn_of(row: RowMapping) -> TurnRecord:
    """A turn, read back; ``call`` is not part of it."""
    values = dict(row)
    del values["id"]
    for name in ("event", "variables", "answers"):
        values[name] = json.loads(values[name])
    values["commands"] = tuple(json.loads(values["commands"]))
    values["trail"] = tuple((step, exit_) for step, exit_ in json.loads(values["trail"]))
    values["incidents"] = tuple(json.loads(values["incidents"]))
    values["state"] = None if values["state"] is None else json.loads(values["state"])
    return TurnRecord(**values)


def call_values(call: CallRow) -> dict[str, Any]:
    """The row of a call, by column."""
    return {
        "key": clean(call.key),
        "provider": call.provider,
        "platform_id": clean(call.platform_id),
        "flow": clean(call.flow),
        "direction": call.direction,
        "caller": clean(call.caller),
        "called": clean(call.called),
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "outcome": call.outcome,
        "disposition": clean(call.disposition),
        "token": clean(call.token),
        "test": call.test,
    }


def start_values(start: Start) -> dict[str, Any]:
    """The row of a call that we place, by column."""
    values = {one.name: getattr(start, one.name) for one in fields(start)}
    cleaned = {name: clean(one) if isinstance(one, str) else one for name, one in values.items()}
    return {**cleaned, "variables": to_json(start.variables)}


def start_of(row: RowMapping) -> Start:
    """A call that we place, read back."""
    return Start(**{**row, "variables": json.loads(row["variables"])})


def version_values(version: Version) -> dict[str, Any]:
    """The row of a flow's version, by column."""
    return {
        "fingerprint": version.fingerprint,
        "flow": clean(version.flow),
        "drawing": clean(version.drawing),
        "declared": to_json(version.declared),
        "first_seen": version.first_seen,
    }


def version_of(row: RowMapping) -> Version:
    """A flow's version, read back."""
    return Version(**{**row, "declared": json.loads(row["declared"])})
