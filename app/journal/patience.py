"""How long one thread waits for the journal: each time so long, or within a turn so long in all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


class Patience(threading.local):
    """The seconds that the thread at hand still waits.

    Within it (``with patience:``, a turn), what was waited is not waited again; one within another
    counts with it.

    Args:
        budget_s: seconds that one waiting may take, and all of one turn together.
    """

    def __init__(self, budget_s: float) -> None:
        super().__init__()
        self._budget_s = budget_s
        self._left_s = budget_s
        self._turns = 0

    def __enter__(self) -> None:
        self._turns += 1

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._turns -= 1
        if not self._turns:
            self._left_s = self._budget_s

    def wait(self, waiting: Callable[[float], T]) -> T:
        """Wait by ``waiting(seconds)``, as long as may be waited now, and take off what it took."""
        if not self._turns:
            return waiting(self._budget_s)
        began = time.monotonic()
        try:
            return waiting(self._left_s)
        finally:
            self._left_s = max(0.0, self._left_s - (time.monotonic() - began))
