"""What the command line asks the journal: calls, one call, its turns, the flow as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Select, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from app.callflow.errors import JournalError
from app.journal.database import Database, describe
from app.journal.rows import Version, turn_of, version_of
from app.journal.tables import about, calls, turns, versions
from app.ports import CallRow, TurnRecord

LOST_AFTER_H = 4
"""Hours without a report after which a call that has not ended counts as lost."""

PATIENCE_S = 10.0
"""Seconds that a question waits for the database."""

_SEVERAL = 5
"""How many calls are named when a prefix fits several."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JournalledCall:
    """A call as the journal tells it.

    Attributes:
        row: the call; its outcome is ``lost`` where it never ended and has been silent for
            ``LOST_AFTER_H``.
        turns: how many reports of it are journalled.
        last_at: when the last of them was received, UTC; None where none was kept.
    """

    row: CallRow
    turns: int
    last_at: datetime | None


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

    def calls(
        self, *, limit: int = 20, offset: int = 0, tests: bool = False
    ) -> Sequence[JournalledCall]:
        """Calls, newest first; those that are tests only when asked for."""
        query = _newest(tests=tests).limit(limit).offset(offset)
        return self._ask(lambda connection: self._calls(connection, query))

    def call(self, name: str, *, tests: bool = False) -> JournalledCall:
        """Find one call.

        Args:
            name: ``last``, our key, the platform's id, or a beginning of either that fits no other.
            tests: whether ``last`` may be a test; a call that is named is found all the same.

        Raises:
            JournalError: there is none (status 404), or there are several.
        """
        return self._ask(lambda connection: self._find(connection, name, tests=tests))

    def turns(self, call_key: str) -> Sequence[TurnRecord]:
        """Every journalled report of a call, in the order in which they were written."""
        query = select(turns).where(turns.c.call_key == call_key).order_by(turns.c.id)
        return self._ask(lambda connection: tuple(map(turn_of, _rows(connection, query))))

    def version(self, fingerprint: str) -> Version | None:
        """The version of a flow with this fingerprint; None where none was kept."""
        query = select(versions).where(versions.c.fingerprint == fingerprint)
        found = self._ask(lambda connection: tuple(map(version_of, _rows(connection, query))))
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

    def _calls(self, connection: Connection, query: Select[Any]) -> tuple[JournalledCall, ...]:
        silent = self._clock() - timedelta(hours=LOST_AFTER_H)
        return tuple(_journalled(row, silent) for row in _rows(connection, query))

    def _find(self, connection: Connection, name: str, *, tests: bool) -> JournalledCall:
        if name == "last":
            found = self._calls(connection, _newest(tests=tests).limit(1))
            return _only(found, "The journal has no calls yet.", "Make one: `offhook phone FLOW`.")
        everything = _newest(tests=True)
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


def _newest(*, tests: bool) -> Select[Any]:
    of_call = turns.c.call_key == calls.c.key
    reports = select(func.count()).where(of_call).scalar_subquery()
    last_at = select(func.max(turns.c.received_at)).where(of_call).scalar_subquery()
    query = select(calls, reports.label("turns"), last_at.label("last_at"))
    if not tests:
        query = query.where(calls.c.test.is_(False))
    return query.order_by(calls.c.started_at.desc(), calls.c.key.desc())


def _rows(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


def _journalled(row: RowMapping, silent: datetime) -> JournalledCall:
    values = dict(row)
    count, last_at = values.pop("turns"), values.pop("last_at")
    call = CallRow(**values)
    if not call.outcome and (last_at or call.started_at) < silent:
        call = replace(call, outcome="lost")
    return JournalledCall(call, count, last_at)


def _only(found: Sequence[JournalledCall], none: str, mend: str) -> JournalledCall:
    if not found:
        raise JournalError(none, mend=mend, status=404)
    if len(found) > 1:
        names = ", ".join(one.row.key for one in found)
        msg = f"Several calls begin like that: {names}."
        raise JournalError(msg, mend="Write more of the one that you mean.", status=400)
    return found[0]
