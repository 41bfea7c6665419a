"""What the command line asks the journal: calls, one call, its turns, the flow as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Table,
    Text,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.exc import SQLAlchemyError

from app.callflow.errors import JournalError
from app.journal.database import Database, describe
from app.journal.following import Numbered
from app.journal.noticed import key_of_call, of_call
from app.journal.rows import Version, notice_of, start_of, turn_of, version_of
from app.journal.statements import latest
from app.journal.tables import Utc, about, calls, notices, starts, turns, versions
from app.journal.wanted import LOST, Wanted, narrowed
from app.ports import CallRow, Notice, Start, TurnRecord

LOST_AFTER_H = 4
"""Hours without a report after which a call that has not ended counts as lost."""

PATIENCE_S = 10.0
"""Seconds that a question waits for the database."""

_SEVERAL = 5
"""How many calls are named when a prefix fits several."""

EVERY = Wanted()
"""Every call that is no test."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JournalledCall:
    """A call as the journal tells it.

    Attributes:
        row: the call; its outcome is ``lost`` where it never ended and has been silent for
            ``LOST_AFTER_H``.
        turns: how many reports of it are journalled.
        first_at, last_at: when the first and the last of them were received, UTC; None where none
            was kept.
        incidents: how many there were.
        variables: the flow's variables at the end, or where they stand now; secrets starred.
    """

    row: CallRow
    turns: int
    first_at: datetime | None
    last_at: datetime | None
    incidents: int
    variables: Mapping[str, Any]

    @property
    def lasted_s(self) -> float | None:
        """Seconds from the first report to the last; None while the call goes on.

        The platform's own time of the beginning is not used: it has whole seconds of another clock.
        """
        if self.row.ended_at is None or self.first_at is None:
            return None
        return (self.row.ended_at - self.first_at).total_seconds()


class History:
    """The journal, read without a hurry; each question opens a connection and closes it.

    Args:
        url: of the database.
        clock: gives the time, UTC and aware.

    Raises:
        JournalError: the URL names no database that the journal can be kept in. Every method raises
            it too, where the database does not answer or has no journal.
    """

    def __init__(
        self, url: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = Database(url, patience_s=PATIENCE_S)
        self._clock = clock

    @property
    def place(self) -> str:
        """Where the journal is, as people are told."""
        return self._database.place

    def calls(
        self, wanted: Wanted = EVERY, *, limit: int = 20, after: JournalledCall | None = None
    ) -> Sequence[JournalledCall]:
        """Calls, newest first.

        Args:
            wanted: which.
            limit: at most so many.
            after: only those that come after this one: the last of what was given before.
        """
        query = self._newest(wanted).limit(limit)
        if after is not None:
            place = tuple_(literal(after.row.started_at, Utc), literal(after.row.key, Text))
            query = query.where(tuple_(calls.c.started_at, calls.c.key) < place)
        return self._ask(lambda connection: self._calls(connection, query))

    def call(self, name: str, *, tests: bool = False) -> JournalledCall:
        """Find one call.

        Args:
            name: ``last`` (whose turn was journalled last), our key, the platform's id, or a
                beginning of either that fits no other.
            tests: whether ``last`` may be a test; a call that is named is found all the same.

        Raises:
            JournalError: there is none (status 404), or there are several.
        """
        return self._ask(lambda connection: self._find(connection, name, tests=tests))

    def turns(self, call_key: str) -> Sequence[TurnRecord]:
        """Every journalled report of a call, in the order in which they were answered.

        A row that had to wait is written after later ones, by another worker.
        """
        return tuple(turn for _, turn in self.numbered_turns(call_key))

    def numbered_turns(self, call_key: str) -> Sequence[tuple[int, TurnRecord]]:
        """The same, each with the number of its row."""
        query = select(turns).where(turns.c.call_key == call_key).order_by(turns.c.id)
        rows = self._ask(lambda connection: _rows(connection, query))
        return _as_answered([(row["id"], turn_of(row)) for row in rows])

    def notices(self, call_key: str) -> Sequence[Notice]:
        """Every status post of a call, in the order in which they were written."""
        return tuple(notice for _, notice in self.numbered_notices(call_key))

    def numbered_notices(self, call_key: str) -> Sequence[tuple[int, Notice]]:
        """The same, each with the number of its row."""
        query = select(notices).where(of_call(call_key)).order_by(notices.c.id)
        rows = self._ask(lambda connection: _rows(connection, query))
        return tuple((row["id"], notice_of(row, call_key)) for row in rows)

    def last_id(self, of: Numbered) -> int:
        """The highest number of a row; 0 where there is none."""
        query = select(func.coalesce(func.max(_NUMBERED[of].c.id), 0))
        return self._ask(lambda connection: int(connection.execute(query).scalar_one()))

    def ids(self, of: Numbered, *, above: int, limit: int) -> Sequence[tuple[int, str]]:
        """The rows above a number, lowest first: their numbers, and the keys of their calls.

        The key of a status post whose call is not known is "".
        """
        table = _NUMBERED[of]
        query = select(table.c.id, key_of_call() if of == "notices" else turns.c.call_key)
        query = query.where(table.c.id > above).order_by(table.c.id).limit(limit)
        rows = self._ask(lambda connection: connection.execute(query).all())
        return tuple((id_, call_key) for id_, call_key in rows)

    def version(self, fingerprint: str) -> Version | None:
        """The version of a flow with this fingerprint; None where none was kept."""
        query = select(versions).where(versions.c.fingerprint == fingerprint)
        found = self._ask(lambda connection: tuple(map(version_of, _rows(connection, query))))
        return found[0] if found else None

    def start(self, token: str) -> Start | None:
        """The start of a call that we placed, by its token."""
        query = select(starts).where(starts.c.token == token)
        found = self._ask(lambda connection: tuple(map(start_of, _rows(connection, query))))
        return found[0] if found else None

    def instance_id(self) -> str:
        """The journal's random id; see ``SqlJournal.instance_id``."""
        query = select(about.c.instance_id)
        return self._ask(lambda connection: str(connection.execute(query).scalar_one()))

    def _ask(self, question: Callable[[Connection], T]) -> T:
        try:
            with self._database.connect() as connection:
                return question(connection)
        except SQLAlchemyError as error:
            msg = f"The journal cannot be read: {describe(error)}."
            mend = (
                "Check DATABASE_URL, and run `offhook journal upgrade` if it has never been used."
            )
            raise JournalError(msg, mend=mend) from None

    def _silent(self) -> datetime:
        """A call of which nothing came since then is lost."""
        return self._clock() - timedelta(hours=LOST_AFTER_H)

    def _newest(self, wanted: Wanted) -> Select[Any]:
        query = narrowed(select(*_OWN, calls.c.variables), wanted, self._silent())
        return query.order_by(calls.c.started_at.desc(), calls.c.key.desc())

    def _calls(self, connection: Connection, query: Select[Any]) -> tuple[JournalledCall, ...]:
        """The calls of a query, and what their turns tell of them: two questions in all."""
        found = _rows(connection, query)
        told: dict[str, list[RowMapping]] = {row["key"]: [] for row in found}
        of_these = select(*_TOLD).where(turns.c.call_key.in_(told)).order_by(*latest(turns))
        for turn in _rows(connection, of_these) if told else ():
            told[turn["call_key"]].append(turn)
        return tuple(_journalled(row, told[row["key"]], self._silent()) for row in found)

    def _find(self, connection: Connection, name: str, *, tests: bool) -> JournalledCall:
        if name == "last":
            turned = select(*_OWN, calls.c.variables).join_from(
                calls, turns, turns.c.call_key == calls.c.key
            )
            wanted = narrowed(turned, Wanted(tests=tests), self._silent())
            found = self._calls(connection, wanted.order_by(turns.c.id.desc()).limit(1))
            return _only(found, "The journal has no calls yet.", "Make one: `offhook phone FLOW`.")
        everything = self._newest(Wanted(tests=True))
        exact = everything.where(or_(calls.c.key == name, calls.c.platform_id == name)).limit(1)
        found = self._calls(connection, exact)
        if not found and name:
            starts = [
                func.substr(column, 1, len(name)) == name
                for column in (calls.c.key, calls.c.platform_id)
            ]
            found = self._calls(connection, everything.where(or_(*starts)).limit(_SEVERAL))
        return _only(
            found, f"The journal has no call {name!r}.", "List them: `offhook calls list`."
        )


_NUMBERED: Mapping[Numbered, Table] = {"turns": turns, "notices": notices}
_OWN = [calls.c[one.name] for one in fields(CallRow)]
_TOLD = (turns.c.call_key, turns.c.received_at, turns.c.incidents, turns.c.variables)


def _rows(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


def _as_answered(written: Sequence[tuple[int, TurnRecord]]) -> tuple[tuple[int, TurnRecord], ...]:
    """Turns as they were written, each that is late put before those that it came before.

    The numbers of the replies say which those are; of an end, which has none, the time does.
    """
    answered: list[tuple[int, TurnRecord]] = []
    highest, ended = 0, False
    for id_, turn in written:
        place, number = len(answered), _number(turn)
        if ended or 0 < number < highest:
            later = (at for at, (_, other) in enumerate(answered) if _is_before(turn, other))
            place = next(later, place)
        answered.insert(place, (id_, turn))
        highest, ended = max(highest, number), ended or turn.kind == "end"
    return tuple(answered)


def _is_before(turn: TurnRecord, other: TurnRecord) -> bool:
    if other.kind == "end":
        return turn.kind != "end" and turn.received_at < other.received_at
    return 0 < _number(turn) < _number(other)


def _number(turn: TurnRecord) -> int:
    """Of its reply; 0 for what repeats another's, or has none."""
    return (turn.turn or 0) if turn.kind == "turn" else 0


def _journalled(row: RowMapping, told: Sequence[RowMapping], silent: datetime) -> JournalledCall:
    values = dict(row)
    variables = values.pop("variables")
    if variables is None:
        written = (turn["variables"] for turn in told if turn["variables"] != "{}")
        variables = next(written, "{}")
    call = CallRow(**values)
    moments = [turn["received_at"] for turn in told]
    last_at = max(moments, default=None)
    if not call.outcome and (last_at or call.started_at) < silent:
        call = replace(call, outcome=LOST)
    return JournalledCall(
        row=call,
        turns=len(told),
        first_at=min(moments, default=None),
        last_at=last_at,
        incidents=sum(len(json.loads(turn["incidents"])) for turn in told),
        variables=json.loads(variables),
    )


def _only(found: Sequence[JournalledCall], none: str, mend: str) -> JournalledCall:
    if not found:
        raise JournalError(none, mend=mend, status=404)
    if len(found) > 1:
        names = ", ".join(one.row.key for one in found)
        msg = f"Several calls begin like that: {names}."
        raise JournalError(msg, mend="Write more of the one that you mean.", status=400)
    return found[0]
