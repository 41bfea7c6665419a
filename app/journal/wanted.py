"""Which calls somebody is looking for, and how the database is asked for them.

A call that has ended is looked for by its summary (``app.journal.summaries``), one that has none by
its turns: it lives, was lost, or ended before there were summaries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.journal.rows import clean, to_json
from app.journal.tables import calls, turns

LIVE = "live"
"""Stands for the outcome of a call that has not ended and was heard of not long ago."""

LOST = "lost"
"""Stands for the outcome of a call that has not ended and of which nothing is heard any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Calls that fulfil all of this; the default is every call that is no test.

    Attributes:
        since, until: they began then or later, and before then; aware.
        caller, called: who it was, as the journal has it; "" is a withheld number, None anybody.
        outcome: one of the outcomes, or LIVE.
        disposition: what the call came to in its flow's own words.
        step: one that they passed or stood at.
        variables: what these had at the end, or have now; a number or a truth value as JSON has it.
        incidents: whether only those that had some.
        tests: whether calls that a phone rang without a voice app too.
        token: of the start that they came of.
    """

    since: datetime | None = None
    until: datetime | None = None
    caller: str | None = None
    called: str | None = None
    flow: str = ""
    outcome: str = ""
    disposition: str = ""
    step: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    incidents: bool = False
    tests: bool = False
    token: str = ""


def narrowed(query: Select[Any], wanted: Wanted, silent: datetime) -> Select[Any]:
    """A query of ``calls`` for these alone; a call is lost where nothing came after ``silent``."""
    return query.where(*_of_the_row(wanted, silent), *_of_the_turns(wanted))


def _of_the_row(wanted: Wanted, silent: datetime) -> Iterator[ColumnElement[bool]]:
    if not wanted.tests:
        yield calls.c.test.is_(False)
    if wanted.since is not None:
        yield calls.c.started_at >= wanted.since
    if wanted.until is not None:
        yield calls.c.started_at < wanted.until
    if wanted.caller is not None:
        yield calls.c.caller == clean(wanted.caller)
    if wanted.called is not None:
        yield calls.c.called == clean(wanted.called)
    for column in (calls.c.flow, calls.c.disposition, calls.c.token):
        if value := getattr(wanted, column.name):
            yield column == clean(value)
    if wanted.outcome in {LIVE, LOST}:
        last_at = select(func.max(turns.c.received_at)).where(_OF_CALL).scalar_subquery()
        heard_of = func.coalesce(last_at, calls.c.started_at)
        yield calls.c.outcome == ""
        yield heard_of < silent if wanted.outcome == LOST else heard_of >= silent
    elif wanted.outcome:
        yield calls.c.outcome == wanted.outcome


def _of_the_turns(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    unknown = calls.c.incidents.is_(None)
    if wanted.incidents:
        had_some = _turn(turns.c.incidents != "[]")
        yield or_(calls.c.incidents > 0, and_(unknown, had_some))
    if wanted.step:
        mark = to_json(wanted.step)
        was_there = or_(
            turns.c.step_before == wanted.step,
            turns.c.step_after == wanted.step,
            _has(turns.c.trail, f"[{mark},"),
        )
        yield or_(_has(calls.c.steps, mark), and_(unknown, _turn(was_there)))
    for name, value in wanted.variables.items():
        yield or_(*(_has(_variables(), mark) for mark in _marks(name, value)))


_OF_CALL = turns.c.call_key == calls.c.key


def _turn(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the call has a turn like this."""
    return exists().where(_OF_CALL, condition)


def _variables() -> ColumnElement[str]:
    """The call's variables at the end, or where they stand now."""
    told, later = turns.alias(), turns.alias()
    last = select(func.max(later.c.id)).where(
        later.c.call_key == calls.c.key, later.c.variables != "{}"
    )
    now = select(told.c.variables).where(told.c.id == last.correlate(calls).scalar_subquery())
    return func.coalesce(calls.c.variables, now.scalar_subquery())


def _has(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a text holds another, letter by letter; LIKE would take a for A on SQLite."""
    return func.replace(column, text, "") != column


def _marks(name: str, value: str) -> tuple[str, ...]:
    """What may stand in JSON as we write it where a variable has this value, whatever its type."""
    written = [to_json(value)]
    if value in {"true", "false", "null"} or value.removeprefix("-").isdecimal():
        written.append(value)
    return tuple(f"{to_json(name)}:{one}{end}" for one in written for end in (",", "}"))
