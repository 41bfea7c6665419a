"""One thread in each server process, for what must not happen in a turn."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from app.callflow.errors import OffhookError

CLOSE_S = 3.0
"""Seconds that closing waits for what is being done."""

CUT_S = 1.0
"""Seconds more, once the database's connection is cut."""

TROUBLE_S = 60.0
"""Seconds until a job that failed is done again."""

log = logging.getLogger("offhook")


class Job(Protocol):
    """Something that is to be done from time to time."""

    def __call__(self, closing: threading.Event, /) -> float:
        """Do what is due, and stop soon once ``closing`` is set.

        Returns:
            seconds until it wants to be called again; 0 where more is to be done, and other jobs
            may have their time first.
        """
        ...


class Background:
    """Runs jobs in a thread, one after the other; what one raises is logged, and changes nothing.

    It does not survive a fork, and is started by the process that shall have it.

    Args:
        jobs: what is to be done.
        nudged: those of them that a nudge is for.
        cut: told the thread's ident at the end, to make what it waits for fail at once.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        nudged: Collection[Job] = (),
        cut: Callable[[int], None] = lambda _thread: None,
    ) -> None:
        self._jobs = jobs
        self._nudged = nudged
        self._nudge = False
        self._cut = cut
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: dict[Job, str] = {}

    def start(self) -> None:
        """Start the thread, where there is anything to do; no effect the second time."""
        if self._jobs and self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._run, name="background", daemon=True)
            self._thread.start()

    def nudge(self) -> None:
        """There is something to do for the jobs that are nudged. Costs a turn nothing."""
        self._nudge = True
        self._wake.set()

    def close(self) -> None:
        """End the thread, within a few seconds whatever it does. Closing twice is fine."""
        self._closing.set()
        self._wake.set()
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return
        thread.join(CLOSE_S)
        if thread.is_alive() and thread.ident is not None:
            self._cut(thread.ident)
            thread.join(CUT_S)  # what waits for the platform is left behind: it ends by itself

    def _run(self) -> None:
        due = dict.fromkeys(self._jobs, 0.0)
        while True:
            self._wake.clear()
            if self._closing.is_set():  # looked at after that: whoever closes wakes, too
                return
            if self._nudge:
                self._nudge = False  # one that comes from here on wakes the thread again
                due |= dict.fromkeys(self._nudged, 0.0)
            for job in self._jobs:
                if due[job] <= time.monotonic():
                    due[job] = self._do(job) + time.monotonic()
            self._wake.wait(max(0.0, min(due.values()) - time.monotonic()))

    def _do(self, job: Job) -> float:
        """Do one job; gives the seconds until it is wanted again."""
        if self._closing.is_set():
            return 0.0
        try:
            pause_s = job(self._closing)
        except OffhookError as problem:
            self._tell(job, str(problem))
            return TROUBLE_S
        except Exception as problem:
            if self._news(job, repr(problem)):
                log.exception("a job in the background failed; it is tried again")
            return TROUBLE_S
        self._told.pop(job, None)
        return pause_s

    def _tell(self, job: Job, trouble: str) -> None:
        if self._news(job, trouble):
            log.error("a job in the background failed, and is tried again: %s", trouble)

    def _news(self, job: Job, trouble: str) -> bool:
        """Whether this trouble has not been told yet; a long one is told once."""
        if self._told.get(job) == trouble:
            return False
        self._told[job] = trouble
        return True


def holder_name() -> str:
    """A name for this process among all that share a journal."""
    return f"{os.uname().nodename}:{os.getpid()}:{os.urandom(4).hex()}"
