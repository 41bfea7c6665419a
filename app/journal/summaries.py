"""What the turns of a call came to, kept in the call's row, so that calls are found by it.

A call's turns come one after the other and through any worker, so nobody has them all in mind when
the last one comes: the writer reads them back, in one row, and writes the summary with the call's
end. A turn that is written later than that (the database was stuck, and another worker's was not)
makes it write the summary again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from app import compact_json
from app.journal.database import JOIN
from app.journal.rows import to_json
from app.journal.statements import Statements


def summarise(cursor: DBAPICursor, sql: Statements, call_key: str) -> None:
    """Write what an ended call's turns came to into its row; nothing while it lasts."""
    found = sql.told.row(cursor, {"call_key": call_key})
    if found is None or found[0] is None:
        return
    before, after, trails, incidents, variables = found
    stood_at = {*before.split(JOIN), *after.split(JOIN)}
    sql.summary.wrote(
        cursor,
        {
            "call_key": call_key,
            "steps": to_json(steps_of(stood_at, _lists(trails))),
            "variables": variables or "{}",
            "incidents": sum(map(len, _lists(incidents))),
        },
    )


def steps_of(stood_at: Iterable[str], trails: Iterable[Sequence[tuple[str, str]]]) -> list[str]:
    """Every step that a call stood at or passed, by name.

    Args:
        stood_at: the steps before and after its turns, "" where there was none.
        trails: the turns' trails.
    """
    passed = (step for trail in trails for step, _ in trail)
    return sorted({*stood_at, *passed} - {""})


def _lists(told: str) -> list[list[Any]]:
    """What a column of lists has in all rows, each row's list by itself."""
    lists: list[list[Any]] = compact_json.loads(f"[{told.replace(JOIN, ',')}]")
    return lists
