"""Forgets, once a day and by one server at a time, what has been kept long enough."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from app.journal.leases import Leases
from app.journal.retention import Retention

LEASE = "retention"
LEASE_S = 600.0
"""Seconds that one server forgets before it says again that it is at it."""

DAY_S = 24 * 3600.0
CHECK_S = 900.0
"""Seconds between two looks whether a day is over."""

SLICE_S = 2.0
"""Seconds that it works at a time."""

PAUSE_S = 0.02
"""Seconds between two batches, in which live turns are written."""

log = logging.getLogger("offhook")


class ForgetOldCalls:
    """A job of ``Background``.

    Args:
        retention: the old rows of the journal.
        leases: of the journal.
        holder: names this process; see ``background.holder_name``.
        retention_days: days that calls are kept, 0 for ever.
        recording_days: days that sounds are kept at the platform, 0 as long as their calls.
        in_use: the fingerprints of the flows that are served now.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        retention: Retention,
        leases: Leases,
        holder: Callable[[], str],
        *,
        retention_days: int,
        recording_days: int,
        in_use: Collection[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._retention = retention
        self._leases = leases
        self._make_holder = holder
        self._holder = ""
        self._retention_days = retention_days
        self._recording_days = recording_days
        self._in_use = in_use
        self._clock = clock
        self._going: Iterator[int] | None = None
        self._gone = 0

    def __call__(self, closing: threading.Event) -> float:
        """See ``Job``; works for a moment at a time, so that other jobs have theirs."""
        began = self._clock()
        self._holder = self._holder or self._make_holder()  # not before the fork
        going, self._going = self._going or self._batches(), None  # begun anew after an error
        if not self._leases.take(LEASE, self._holder, LEASE_S):
            return CHECK_S
        for count in going:
            self._gone += count
            if closing.wait(PAUSE_S):
                return 0.0
            if self._clock() - began > SLICE_S:
                self._going = going
                return 0.0
        self._leases.rest(LEASE, self._holder, DAY_S)
        if self._gone:
            log.info("forgot %s calls and rows that were kept long enough", self._gone)
        self._gone = 0
        return CHECK_S

    def _batches(self) -> Iterator[int]:
        """Forget batch by batch; gives how many calls or rows each had."""
        days = [one for one in (self._retention_days, self._recording_days) if one]
        if days:
            sounds_before = self._retention.cutoff(min(days))
            yield from _until_none(self._retention.delete_sounds, sounds_before)
        if not self._retention_days:
            return
        before = self._retention.cutoff(self._retention_days)
        yield from self._calls(before)
        for forget in (
            self._retention.forget_empty_calls,
            self._retention.forget_recordings,
            self._retention.forget_starts,
            self._retention.forget_notices,
        ):
            yield from _until_none(forget, before)
        yield self._retention.forget_versions(before, self._in_use)

    def _calls(self, before: datetime) -> Iterator[int]:
        """Forget calls whose last report is old enough, as many as there are."""
        last_id, more = 0, True
        while more:
            window = self._retention.oldest_turns(before, last_id)
            last_id, more = window.last_id, window.more
            for call_key in window.calls:
                yield int(self._retention.forget_call(call_key, before))


def _until_none(forget: Callable[[datetime], int], before: datetime) -> Iterator[int]:
    while count := forget(before):
        yield count
