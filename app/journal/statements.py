"""The writer's statements, compiled once for the dialect and run on the driver's own cursor.

Compiling and binding through SQLAlchemy costs each insert about as much again as the insert itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from app.journal.database import joined, upsert
from app.journal.tables import about, calls, notices, recordings, turns, versions


class Prepared:
    """One statement: its text for the driver, and its parameters' order and types.

    Args:
        columns: those that an INSERT takes; for other statements the text names its parameters
            itself.
    """

    def __init__(
        self, statement: ClauseElement, dialect: Dialect, columns: list[str] | None = None
    ) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=columns))
        self.text = str(compiled)
        names = compiled.positiontup or []
        binds = compiled.binds
        self._written = {name: binds[name].value for name in names if not binds[name].required}
        """Values that stand in the statement itself, such as that of a limit."""
        self._names = names
        makers = (binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
        self._made = [(at, make) for at, make in enumerate(makers) if make]
        """Which parameters the driver does not take as they are, and what makes them so."""

    def row(self, cursor: DBAPICursor, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run it with these values by name, and give back its first row."""
        self._run(cursor, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    def wrote(self, cursor: DBAPICursor, values: Mapping[str, Any]) -> bool:
        """Run it with these values by name; whether it wrote a row.

        Both drivers' own cursors count the rows, also of an INSERT that loses; a RETURNING would
        have each insert stepped, and the interpreter's lock let go, once more.
        """
        self._run(cursor, values)
        return cursor.rowcount > 0

    def _run(self, cursor: DBAPICursor, values: Mapping[str, Any]) -> None:
        if self._written:
            values = {**self._written, **values}
        parameters = list(map(values.__getitem__, self._names))
        for at, make in self._made:
            parameters[at] = make(parameters[at])
        cursor.execute(self.text, parameters)


_SUMMARY = frozenset({"steps", "variables", "incidents"})
"""Columns of a call that are written when it has ended."""


def _told(dialect: Dialect) -> Select[Any]:
    key = bindparam("call_key", type_=Text)
    told = turns.alias()
    # A variable is never unset: where the last turn tells none, an earlier one may. Which is the
    # last of the turns, their numbers say; whether an end came after it, only the time.
    telling = select(told.c.id).where(
        told.c.call_key == key, told.c.variables != literal_column("'{}'")
    )
    numbered = telling.where(told.c.turn.is_not(None)).order_by(*latest(told)).limit(1)
    others = telling.where(told.c.turn.is_(None)).order_by(*latest(told)).limit(1)
    variables = (
        select(told.c.variables)
        .where(told.c.id.in_([numbered.scalar_subquery(), others.scalar_subquery()]))
        .order_by(told.c.received_at.desc(), told.c.id.desc())
        .limit(1)
    )
    return select(
        joined(dialect, turns.c.step_before),
        joined(dialect, turns.c.step_after),
        joined(dialect, turns.c.trail),
        joined(dialect, turns.c.incidents),
        variables.scalar_subquery(),
    ).where(turns.c.call_key == key)


def latest(told: FromClause) -> tuple[ColumnElement[Any], ...]:
    """The order of a call's turns from the last back: its end, which has no number, first.

    Not as they were written: a row may have to wait, and another worker's is written before it.
    """
    return told.c.turn.is_(None).desc(), told.c.turn.desc(), told.c.id.desc()


def last_turn(call_key: ColumnElement[str]) -> Select[Any]:
    """The number and the state of a call's last turn that has both."""
    return (
        select(turns.c.turn, turns.c.state)
        .where(turns.c.call_key == call_key)
        .where(turns.c.state.is_not(None), turns.c.turn.is_not(None))
        .order_by(turns.c.turn.desc(), turns.c.id.desc())
        .limit(1)
    )


class Statements:
    """Everything that the writer says to a database."""

    def __init__(self, dialect: Dialect) -> None:
        def columns(table: Table) -> list[str]:
            return [column.name for column in table.columns if column.name != "id"]

        keep = upsert(dialect, turns).on_conflict_do_nothing(
            index_elements=["call_key", "report_key"]
        )
        self.turn = Prepared(keep.inline(), dialect, columns(turns))
        """Writes a turn, unless its report was seen before."""

        self.first = Prepared(
            select(turns.c.digest, turns.c.reply).where(
                turns.c.call_key == bindparam("call_key", type_=Text),
                turns.c.report_key == bindparam("report_key", type_=Text),
            ),
            dialect,
        )
        """(digest, reply) of the report that came first."""

        row = upsert(dialect, calls)
        ended = {name: row.excluded[name] for name in ("ended_at", "outcome", "disposition")}
        complete = row.on_conflict_do_update(
            index_elements=["key"],
            set_=ended,
            where=and_(calls.c.ended_at.is_(None), row.excluded.ended_at.is_not(None)),
        )
        first = [name for name in columns(calls) if name not in _SUMMARY]
        self.call = Prepared(complete.inline(), dialect, first)
        """Writes a call's row; one that is there is completed, if this is the end, only once."""

        self.told = Prepared(_told(dialect), dialect)
        """What the turns of an ended call told, a text for each column; null for none."""

        summary = update(calls).where(
            calls.c.key == bindparam("call_key", type_=Text), calls.c.ended_at.is_not(None)
        )
        self.summary = Prepared(
            summary.values(
                steps=bindparam("steps", type_=Text),
                variables=bindparam("variables", type_=Text),
                incidents=bindparam("incidents", type_=Integer),
            ),
            dialect,
        )
        """Writes what the turns of an ended call came to."""

        named = upsert(dialect, recordings).on_conflict_do_nothing(
            index_elements=["call_key", "file"]
        )
        self.recording = Prepared(named.inline(), dialect, columns(recordings))
        """Writes a recording, unless an earlier report named it: HANGUP may tell it again."""

        noted = upsert(dialect, notices).on_conflict_do_nothing(index_elements=["event_id"])
        self.notice = Prepared(noted.inline(), dialect, columns(notices))
        """Writes a status post, unless it came before."""

        of_platform = select(calls.c.key).where(
            calls.c.platform_id == bindparam("platform_id", type_=Text),
            calls.c.provider == bindparam("provider", type_=Text),
            calls.c.platform_id != "",
        )
        newest = of_platform.order_by(calls.c.started_at.desc())
        self.key = Prepared(newest.limit(1), dialect)
        """(key) of the call that a platform calls so."""

        self.last = Prepared(last_turn(bindparam("call_key", type_=Text)), dialect)
        """(turn, state) of a call's last turn that has both."""

        newest = select(turns.c.kind).where(turns.c.call_key == bindparam("call_key", type_=Text))
        self.kind = Prepared(newest.order_by(turns.c.id.desc()).limit(1), dialect)
        """(kind) of a call's newest turn."""

        self.gave = Prepared(
            select(turns.c.report_key, turns.c.commands).where(
                turns.c.call_key == bindparam("call_key", type_=Text),
                turns.c.turn == bindparam("turn", type_=BigInteger),
                turns.c.kind == "turn",
            ),
            dialect,
        )
        """(report key, commands) of the turn whose reply has a number."""

        learned = update(calls).where(calls.c.key == bindparam("call_key", type_=Text))
        self.learned = Prepared(
            learned.values(platform_id=bindparam("platform_id", type_=Text)), dialect
        )
        """Writes the platform's id of a call, where a later report is the first to say it."""

        once = upsert(dialect, versions).on_conflict_do_nothing(index_elements=["fingerprint"])
        self.version = Prepared(once.inline(), dialect, columns(versions))

        self.probe = Prepared(select(about.c.instance_id), dialect)
