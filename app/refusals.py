"""Counts requests without the right credentials, by hour and flow, in memory alone."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from datetime import datetime

KEPT_HOURS = 48


class Refusals:
    """How many requests were refused in each of the last 48 hours.

    Flows that do not exist count as ``?``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hours: OrderedDict[str, Counter[str]] = OrderedDict()

    def count(self, flow: str, now: datetime) -> None:
        """Count one refusal."""
        hour = now.strftime("%Y-%m-%dT%H:00Z")
        with self._lock:
            self._hours.setdefault(hour, Counter())[flow] += 1
            while len(self._hours) > KEPT_HOURS:
                self._hours.popitem(last=False)

    def by_hour(self) -> dict[str, dict[str, int]]:
        """The counts: hour (UTC) to flow to number."""
        with self._lock:
            return {hour: dict(counts) for hour, counts in self._hours.items()}
