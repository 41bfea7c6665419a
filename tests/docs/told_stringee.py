"""Stringee's codes, for docs/stringee.md."""

from __future__ import annotations

from tables import code, table

from app.stringee.refusals import CALLS


def codes(_: str) -> str:
    """Every code of a call that is known: its name, and what to do."""
    rows = [(code(str(r)), code(name), mend) for r, (name, mend) in CALLS.items()]
    return table(("r", "Stringee calls it", "what to do"), rows)
