"""How long one thread waits for the journal: each time so long, or within a turn so long in all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Patience(threading.local):
    """The seconds that the thread at hand still waits.

    Args:
        budget_s: seconds that one waiting may take, and all of one turn together.
    """

    def __init__(self, budget_s: float) -> None:
        super().__init__()
        self._budget_s = budget_s
        self._left_s: float | None = None

    @contextmanager
    def in_all(self) -> Iterator[None]:
        """Within it, what was waited is not waited again; one within another counts with it."""
        if self._left_s is not None:
            yield
            return
        self._left_s = self._budget_s
        try:
            yield
        finally:
            self._left_s = None

    @contextmanager
    def waiting(self) -> Iterator[float]:
        """Gives the seconds that may be waited now, 0 or more, and takes off what was waited."""
        if self._left_s is None:
            yield self._budget_s
            return
        began = time.monotonic()
        try:
            yield self._left_s
        finally:
            self._left_s = max(0.0, self._left_s - (time.monotonic() - began))
