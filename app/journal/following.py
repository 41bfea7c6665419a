"""New rows, as they are written: by asking again and again, which works on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

LOOK_BACK = 1000
"""Row numbers below the highest one seen that are looked at again.

PostgreSQL gives a row its number before its transaction commits, so that a lower one can appear
after a higher. Every worker commits at most 64 rows at once; this covers fifteen workers.
"""

MOST = 500
"""New rows in one answer, at most; what is left comes with the next."""

Numbered = Literal["turns", "notices"]
"""The tables whose rows are numbered as they are written: of turns, and of status posts."""


class RowNumbers(Protocol):
    """What is asked: ``app.journal.History`` fulfils it."""

    def last_id(self, of: Numbered) -> int:
        """The highest number of a row; 0 where there is none."""
        ...

    def ids(self, of: Numbered, *, above: int, limit: int) -> Sequence[tuple[int, str]]:
        """The rows above a number, lowest first: their numbers, and the keys of their calls."""
        ...


class NewRows:
    """Tells each row once that is written after this was made.

    Args:
        history: the journal.
        of: which rows.
    """

    def __init__(self, history: RowNumbers, of: Numbered) -> None:
        self._history = history
        self._of: Numbered = of
        self._last = history.last_id(of)
        self._seen = {id_ for id_, _ in history.ids(of, above=self._floor, limit=LOOK_BACK)}

    @property
    def _floor(self) -> int:
        return self._last - LOOK_BACK

    def read(self) -> Mapping[str, frozenset[int]]:
        """What is new since the last time: numbers of rows, by call."""
        new: dict[str, set[int]] = {}
        rows = self._history.ids(self._of, above=self._floor, limit=LOOK_BACK + MOST)
        for id_, call_key in rows:
            if id_ not in self._seen:
                new.setdefault(call_key, set()).add(id_)
                self._last = max(self._last, id_)
        # Of what is there only: SQLite gives the number of a row that was removed to the next one.
        self._seen = {id_ for id_, _ in rows}
        return {call_key: frozenset(ids) for call_key, ids in new.items()}
