"""Which call a status post is of.

It may come before the platform has named the call to us. Such a one is kept without our key, and
found by the platform's id of the call once that stands in the call's row.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.journal.rows import clean
from app.journal.tables import calls, notices

_BY_ID = and_(
    calls.c.platform_id == notices.c.platform_id,
    calls.c.provider == notices.c.provider,
    calls.c.platform_id != "",
)


def of_call(call_key: str) -> ColumnElement[bool]:
    """Whether a status post is of a call."""
    key = clean(call_key)
    named = select(calls.c.key).where(_BY_ID, calls.c.key == key).exists()
    return or_(notices.c.call_key == key, and_(notices.c.call_key == "", named))


def key_of_call() -> ColumnElement[str]:
    """Our key of a status post's call; "" where no call is known by it."""
    newest = select(calls.c.key).where(_BY_ID).order_by(calls.c.started_at.desc()).limit(1)
    known = func.coalesce(newest.scalar_subquery(), "")
    return case((notices.c.call_key != "", notices.c.call_key), else_=known)
