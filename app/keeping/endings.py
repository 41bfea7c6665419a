"""Ends calls whose last status post could not: the call was not known yet, or the journal slow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime

from app.callflow.errors import PlatformError
from app.journal.endings import Endings
from app.ports import Notice

CHECK_S = 60.0
"""Seconds between two looks."""

log = logging.getLogger("offhook")


class EndCalls:
    """A job of ``Background``. Two servers may do it at once: a call ends once.

    Args:
        endings: of the journal.
        provider: the platform's name.
        kinds: of the posts that end a call.
        reread: reads a kept post as it was first read.
        note: takes a post as if it came now.
        clock: the time, UTC.
    """

    def __init__(
        self,
        endings: Endings,
        *,
        provider: str,
        kinds: Collection[str],
        reread: Callable[[Notice], Notice],
        note: Callable[[Notice], object],
        clock: Callable[[], datetime],
    ) -> None:
        self._endings = endings
        self._provider = provider
        self._kinds = kinds
        self._reread = reread
        self._note = note
        self._clock = clock

    def __call__(self, closing: threading.Event) -> float:
        """End what is over, and stop soon once ``closing`` is set.

        Raises:
            JournalError: the journal does not answer.
        """
        for notice in self._endings.due(self._provider, self._kinds, self._clock()):
            if closing.is_set():
                break
            try:
                self._note(self._reread(notice))
            except PlatformError as problem:
                log.warning("call %s: its end cannot be read: %s", notice.call_key, problem)
            else:
                log.info("call %s: ended by the post that came for it before", notice.call_key)
        return CHECK_S
