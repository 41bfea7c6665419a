"""All that a journal holds of one telephone number: found, and taken out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    Text,
    cast,
    delete,
    or_,
    select,
    update,
)

from app.journal.noticed import key_of_call, of_call
from app.journal.queries import LOST_AFTER_H
from app.journal.retention import take_out_call
from app.journal.rows import start_of, to_json
from app.journal.tables import calls, notices, recordings, starts, turns
from app.journal.unhurried import Unhurried, now_of
from app.mentions import Mentions, blanked_body
from app.ports import CallRow, Start

SCAN = 200
"""Rows that are read at once."""

_JSON = ("event", "state", "variables", "commands", "answers", "incidents")
_BODIES = ("raw", "reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A turn of somebody else's call, or a start of one, in which the number stands.

    Attributes:
        table: ``turns``, ``notices`` or ``starts``.
        token: of a start, else "".
        event_id: of a status post, else "".
        call_key: of the call; "" for a start, and for a status post of no call that is known.
        at: when it was written down, UTC.
        places: (where, the text) for each place, such as ("variables.phone", "06 12 34 56 78").
    """

    table: str
    token: str
    event_id: str
    call_key: str
    at: datetime
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that the journal holds of a number.

    Attributes:
        calls: those of which it is the caller or the called.
        live: the keys of calls that are not over, among these or with a mention.
        starts: calls that we placed, or were to place, to it.
        mentions: where else it stands.
    """

    calls: Sequence[CallRow]
    live: frozenset[str]
    starts: Sequence[Start]
    mentions: Sequence[Mention]

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.calls or self.starts or self.mentions)


class People:
    """What the journal holds of people.

    Args:
        url: of the journal's database.

    Raises:
        JournalError: the URL names no such database. Every method raises it too, where the database
            does not answer.
    """

    def __init__(self, url: str) -> None:
        self._journal = Unhurried(url, erasing=True)

    def find(self, mentions: Mentions) -> Found:
        """Look through the whole journal, which may take minutes."""
        theirs = self._journal.ask(lambda connection: _calls(connection, mentions))
        placed = self._journal.ask(lambda connection: _starts(connection, mentions))
        keys = {call.key for call in theirs}
        found = [
            mention
            for mention in (*self._in_turns(mentions), *self._in_notices(mentions))
            if mention.call_key not in keys
        ]
        found += self._journal.ask(lambda connection: _in_starts(connection, mentions))
        concerned = sorted(keys | {mention.call_key for mention in found} - {""})
        live = self._journal.ask(lambda connection: _live(connection, concerned))
        return Found(calls=theirs, live=live, starts=placed, mentions=found)

    def forget_call(self, call: CallRow, mentions: Mentions) -> str:
        """Take out all of a call but when it was, its flow and what it came to.

        Sounds that the platform still has are deleted in the background, and their rows stay until
        then.

        Returns:
            the key under which what is left stands: one that nobody else knows.
        """
        key = f"forgotten:{secrets.token_hex(8)}"
        left: dict[str, Any] = {
            "key": key,
            "platform_id": "",
            "caller": "" if call.caller in mentions.alone else call.caller,
            "called": "" if call.called in mentions.alone else call.called,
            "token": "",
        }
        # What later releases note of a call besides, they can note of none that is forgotten.
        known = {one.name for one in fields(CallRow)}
        left |= {column.name: None for column in calls.columns if column.name not in known}

        def forget(connection: Connection) -> None:
            take_out_call(connection, call.key)
            moved = update(recordings).where(recordings.c.call_key == call.key)
            left_of_file = cast(recordings.c.id, Text)  # CALLR's name of it has the call's id
            connection.execute(moved.values(call_key=key, report_key="", file=left_of_file))
            connection.execute(delete(starts).where(starts.c.token == (call.token or None)))
            connection.execute(update(calls).where(calls.c.key == call.key).values(**left))

        self._journal.transact(forget)
        return key

    def forget_start(self, start: Start) -> None:
        """Take out a call that was placed, or was to be."""
        gone = delete(starts).where(starts.c.token == start.token)
        self._journal.transact(lambda connection: connection.execute(gone))

    def blank_call(self, call_key: str, mentions: Mentions) -> None:
        """Put asterisks for the number in all turns of a call, and nothing for sealed state."""

        def blank(connection: Connection) -> None:
            _blank_rows(connection, turns, turns.c.call_key == call_key, mentions)
            _blank_rows(connection, notices, of_call(call_key), mentions)
            _blank_rows(connection, calls, calls.c.key == call_key, mentions)

        self._journal.transact(blank)

    def blank_alone(self, found: Iterable[Mention], mentions: Mentions) -> None:
        """Put asterisks for the number where it stands in no call's rows.

        That is in starts of calls to somebody else, and in status posts whose call is not known.
        """
        for one in found:
            if one.token:
                self._blank(starts, starts.c.token == one.token, mentions)
            elif one.event_id and not one.call_key:
                self._blank(notices, notices.c.event_id == one.event_id, mentions)

    def _blank(self, table: Table, which: ColumnElement[bool], mentions: Mentions) -> None:
        self._journal.transact(lambda connection: _blank_rows(connection, table, which, mentions))

    def _in_turns(self, mentions: Mentions) -> Iterator[Mention]:
        for row in self._rows(select(turns), turns):
            if any(mentions.stands_in(_text(row[name])) for name in (*_JSON, *_BODIES)):
                yield _mention("turns", row, row["received_at"], mentions)

    def _in_notices(self, mentions: Mentions) -> Iterator[Mention]:
        other = [column for column in notices.columns if column.name != "call_key"]
        query = select(*other, key_of_call().label("call_key"))
        for row in self._rows(query, notices):
            if mentions.stands_in(_text(row["raw"])):
                yield _mention("notices", row, row["received_at"], mentions)

    def _rows(self, query: Select[Any], table: Table) -> Iterator[RowMapping]:
        """Every row of a query of a table, read so that no transaction is open for long."""
        last_id = 0
        while True:
            later = query.where(table.c.id > last_id).order_by(table.c.id).limit(SCAN)
            rows = self._some(later)
            yield from rows
            if len(rows) < SCAN:
                return
            last_id = rows[-1]["id"]

    def _some(self, query: Select[Any]) -> Sequence[RowMapping]:
        return self._journal.ask(lambda connection: connection.execute(query).mappings().all())


def _calls(connection: Connection, mentions: Mentions) -> tuple[CallRow, ...]:
    alone = sorted(mentions.alone)
    theirs = or_(calls.c.caller.in_(alone), calls.c.called.in_(alone))
    query = select(*(calls.c[one.name] for one in fields(CallRow))).where(theirs)
    rows = connection.execute(query.order_by(calls.c.started_at, calls.c.key)).mappings()
    return tuple(CallRow(**row) for row in rows)


def _starts(connection: Connection, mentions: Mentions) -> tuple[Start, ...]:
    query = select(starts).where(starts.c.number.in_(sorted(mentions.alone)))
    rows = connection.execute(query.order_by(starts.c.created_at)).mappings()
    return tuple(start_of(row) for row in rows)


def _in_starts(connection: Connection, mentions: Mentions) -> list[Mention]:
    """Starts to others in which the number stands."""
    query = select(starts).where(starts.c.number.not_in(sorted(mentions.alone)))
    rows = connection.execute(query.order_by(starts.c.created_at)).mappings().all()
    found = [_mention("starts", row, row["created_at"], mentions) for row in rows]
    return [mention for mention in found if mention.places]


def _live(connection: Connection, call_keys: Sequence[str]) -> frozenset[str]:
    """Which of these calls are not over: the next turn would bring back what is taken out."""
    silent = now_of(connection) - timedelta(hours=LOST_AFTER_H)
    found = set()
    for call_key in call_keys:
        row = select(calls.c.outcome).where(calls.c.key == call_key)
        last = select(turns.c.received_at).where(turns.c.call_key == call_key)
        outcome = connection.execute(row).scalar()
        last_at = connection.execute(last.order_by(turns.c.id.desc()).limit(1)).scalar()
        if not outcome and last_at is not None and last_at > silent:
            found.add(call_key)
    return frozenset(found)


def _mention(table: str, row: RowMapping, at: datetime, mentions: Mentions) -> Mention:
    places: list[tuple[str, str]] = []
    for name, value in row.items():
        if name in _JSON and isinstance(value, str):
            places += mentions.places(json.loads(value), name)
        elif name in _BODIES:
            places += mentions.places(_read(value), name)
        elif isinstance(value, str) and name in _IN_STARTS:
            places += mentions.places(value, name)
    return Mention(
        table=table,
        token=row.get("token", ""),
        event_id=row.get("event_id", ""),
        call_key=row.get("call_key", ""),
        at=at,
        places=tuple(places),
    )


_IN_STARTS = frozenset({"detail", "idempotency_key"})


def _blanked(row: RowMapping, mentions: Mentions) -> dict[str, Any]:
    """The columns of a row that hold the number, without it."""
    values: dict[str, Any] = {}
    for name, value in row.items():
        if name in _JSON and isinstance(value, str) and mentions.stands_in(value):
            values[name] = to_json(mentions.blanked(json.loads(value)))
        elif name in _BODIES:
            values[name] = blanked_body(mentions, bytes(value))
        elif name in _IN_STARTS:
            values[name] = mentions.blanked(value)
    return values


def _blank_rows(
    connection: Connection, table: Table, which: ColumnElement[bool], mentions: Mentions
) -> None:
    """Blank the number in rows; what names a row stays as it is."""
    (name_of_row,) = table.primary_key
    for row in connection.execute(select(table).where(which)).mappings().all():
        if values := _blanked(row, mentions):
            same = name_of_row == row[name_of_row.name]
            connection.execute(update(table).where(same).values(**values))


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _read(body: object) -> Any:
    """A body as JSON, else as its text."""
    text = _text(body)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
