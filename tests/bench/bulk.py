"""Journals as they are after months: the turns of one real call, over and over.

What the rows hold was written by Offhook itself, once; only keys, times and what calls are looked
for by differ from call to call. Written in bulk, since by way of the server a million would take
hours.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from calls import REPORTS_A_CALL, Caller
from psycopg import sql
from serving import LOGIN, PASSWORD, SECRET_KEY
from werkzeug.test import Client

from app import create_app
from app.journal import upgrade
from app.settings import Settings

NEWEST = datetime(2026, 1, 9, 17, 0, tzinfo=UTC)
NEWEST_CALLID = 242_400_000_000
APART = timedelta(seconds=47)
"""Between the beginnings of two calls: a million turns last sixty days."""

CALLERS = 20_000
COPIED = 2_000
"""Calls that are written at once."""

RARE = 2_000
"""One call in so many has what is rare: an outcome, a step, a variable, a flow."""

SOME = 200
"""One call in so many had an incident, and was left without an end."""


@dataclass(frozen=True)
class Template:
    """The rows of one call, by table: the names of the columns, and the values."""

    turns: Sequence[dict[str, Any]]
    call: dict[str, Any]


def template() -> Template:
    """Have Offhook take a call, and read what it wrote."""
    with tempfile.TemporaryDirectory(prefix="offhook-bench-") as folder:
        file = Path(folder) / "journal.sqlite3"
        app = create_app(
            Settings(
                env="development",
                secret_key=SECRET_KEY,
                callr_webhook_login=LOGIN,
                callr_webhook_password=PASSWORD,
                database_url=f"sqlite:///{file}",
            )
        )
        try:
            client, caller = Client(app), Caller(242359184129, numbered=True)
            while not caller.over:
                body = caller.report()
                reply = client.post("/callr/reception", data=body, auth=(LOGIN, PASSWORD))
                caller.take(reply.data)
        finally:
            app.extensions["offhook"].journal.close()
        with closing(sqlite3.connect(file)) as journal:
            journal.row_factory = sqlite3.Row
            turns = [dict(row) for row in journal.execute("SELECT * FROM turns ORDER BY id")]
            (call,) = [dict(row) for row in journal.execute("SELECT * FROM calls")]
    if len(turns) != REPORTS_A_CALL:
        msg = f"{len(turns)} turns of a call were written, not {REPORTS_A_CALL}."
        raise AssertionError(msg)
    return Template(turns=[{k: v for k, v in one.items() if k != "id"} for one in turns], call=call)


def fill(url: str, rows: int, made: Template) -> None:
    """Write as many turns into a new journal, and their calls, the oldest first.

    Args:
        url: of a database without a journal.
        rows: how many turns; whole calls are written.
        made: the call that is repeated.
    """
    upgrade(url)
    numbers = range(rows // len(made.turns))[::-1]
    fill_with = _fill_sqlite if url.startswith("sqlite") else _fill_postgres
    fill_with(url, (numbers[at : at + COPIED] for at in range(0, len(numbers), COPIED)), made)


def key_of(number: int) -> str:
    """Our key of a call; one that began later, whose number is lower, has a higher callid."""
    return f"callr:{NEWEST_CALLID - number}"


def call_row(made: Template, number: int) -> dict[str, Any]:
    """The row of one call; they are numbered from the newest to the oldest."""
    began = NEWEST - APART * number
    changes: dict[str, Any] = {
        "key": key_of(number),
        "platform_id": str(NEWEST_CALLID - number),
        "caller": f"+336{number % CALLERS:08}",
        "started_at": began,
        "ended_at": began + timedelta(seconds=40),
    }
    steps, variables = json.loads(made.call["steps"]), json.loads(made.call["variables"])
    if number % RARE == 1:
        changes |= {"flow": "clinic", "outcome": "failed"}
        steps, variables = [*steps, "rare_step"], {**variables, "rare": "yes"}
    if number % SOME == 2:
        changes["incidents"] = 1
    changes |= {"steps": _json(steps), "variables": _json(variables)}
    if number % SOME == 3:
        ended = ("ended_at", "steps", "variables", "incidents")
        changes |= {**dict.fromkeys(ended), "outcome": ""}
    return {**made.call, **changes}


def turn_rows(made: Template, number: int) -> Iterator[dict[str, Any]]:
    """The rows of one call's turns."""
    began, lost = NEWEST - APART * number, number % SOME == 3
    for place, turn in enumerate(made.turns[:-1] if lost else made.turns):
        received_at = began + timedelta(seconds=5 * place)
        incidents = '["Once."]' if not place and number % SOME == 2 else turn["incidents"]
        changes = {"call_key": key_of(number), "received_at": received_at}
        yield {**turn, **changes, "incidents": incidents}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _fill_sqlite(url: str, portions: Iterator[range], made: Template) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as journal:
        journal.execute("PRAGMA synchronous=OFF")
        for numbers in portions:
            journal.execute("BEGIN")
            for table, rows in _tables(made, numbers):
                names = list(rows[0])
                marks = ", ".join("?" * len(names))
                insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 -- our own names
                journal.executemany(insert, [_for_sqlite(row) for row in rows])
            journal.execute("COMMIT")
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _for_sqlite(row: dict[str, Any]) -> list[Any]:
    return [
        one.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(one, datetime) else one
        for one in row.values()
    ]


def _fill_postgres(url: str, portions: Iterator[range], made: Template) -> None:
    with psycopg.connect(url, autocommit=True) as journal:
        for numbers in portions:
            for table, rows in _tables(made, numbers):
                names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
                into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
                with journal.cursor() as cursor, cursor.copy(into) as copy:
                    for row in rows:
                        copy.write_row(list({**row, **_booleans(row)}.values()))
        journal.execute("VACUUM ANALYZE")


def _booleans(row: dict[str, Any]) -> dict[str, bool]:
    return {"test": bool(row["test"])} if "test" in row else {}


def _tables(made: Template, numbers: range) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        ("turns", [row for number in numbers for row in turn_rows(made, number)]),
        ("calls", [call_row(made, number) for number in numbers]),
    ]
