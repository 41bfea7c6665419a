"""The calls of a platform that are in progress, each in a thread of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from app.simulator.line import Line

MOST_CALLS: Final = 50

_STOP_S: Final = 15.0

K = TypeVar("K", int, str)
R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")


class AllLinesBusyError(Exception):
    """There are as many calls as the simulator takes at once."""


@dataclass(frozen=True, slots=True)
class Running(Generic[R_co]):
    """A call in a thread of its own."""

    line: Line
    done: "Future[R_co]"

    def hang_up(self, *, by: str = "person") -> None:
        """Drop the line."""
        self.line.hang_up(by=by)

    def wait(self, seconds: float) -> R_co | None:
        """The record of the call, or None when it is not over within so many real seconds."""
        try:
            return self.done.result(seconds)
        except FutureTimeoutError:
            return None


class InProgress(Generic[K]):
    """Starts calls, at most `most` at once, and ends them all. Safe to use from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._running: dict[K, tuple[Line, threading.Thread]] = {}
        self._stopped = False

    @property
    def ids(self) -> tuple[K, ...]:
        """The calls in progress."""
        with self._lock:
            return tuple(self._running)

    def start(self, call_id: K, line: Line, run: Callable[[], R]) -> Running[R]:
        """Run a call in a thread.

        Args:
            call_id: of the call.
            line: of the call.
            run: the call, from its beginning to the record that is kept of it.

        Raises:
            AllLinesBusyError: too many calls at once.
        """
        done: Future[R] = Future()
        thread = threading.Thread(
            target=self._run, args=(call_id, run, done), name=f"call-{call_id}", daemon=True
        )
        with self._lock:
            if self._stopped or len(self._running) >= self._most:
                raise AllLinesBusyError(f"{len(self._running)} calls at once; no more are taken")
            self._running[call_id] = (line, thread)
            thread.start()
        return Running(line, done)

    def stop(self) -> None:
        """Hang up every call and wait, for a bounded time, until its last request is out."""
        with self._lock:
            self._stopped = True
            running = list(self._running.values())
        for line, _ in running:
            line.hang_up(by="simulator")
        for _, thread in running:
            thread.join(_STOP_S)

    def _run(self, call_id: K, run: Callable[[], R], done: "Future[R]") -> None:
        try:
            done.set_result(run())
        finally:
            with self._lock:
                del self._running[call_id]
            done.cancel()
