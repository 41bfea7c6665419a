"""What the turns of a call came to, kept in the call's row, so that calls are found by it.

A call's turns come one after the other and through any worker, so nobody has them all in mind when
the last one comes: the writer reads them back, in one row, and writes the summary with the call's
end. A turn that is written later than that (the database was stuck, and another worker's was not)
makes it write the summary again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy.engine.interfaces import DBAPICursor

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
            "steps": to_json(steps_of(stood_at, trails.split(JOIN))),
            "variables": variables or "{}",
            "incidents": sum(
                len(json.loads(told)) for told in incidents.split(JOIN) if told != "[]"
            ),
        },
    )


def steps_of(stood_at: Iterable[str], trails: Iterable[str]) -> list[str]:
    """Every step that a call stood at or passed, by name.

    Args:
        stood_at: the steps before and after its turns, "" where there was none.
        trails: the turns' trails, as the journal has them.
    """
    passed = (step for trail in trails if trail != "[]" for step, _ in json.loads(trail))
    return sorted({*stood_at, *passed} - {""})
