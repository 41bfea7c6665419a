"""Ending on signals, with everything that was started."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """SIGTERM, and SIGHUP of a terminal that goes, end what runs as Ctrl-C does: with cleaning up.

    The first of these signals raises KeyboardInterrupt; those after it are ignored, so that they
    do not stop the cleaning up. For the main thread.
    """
    interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and the like are ignored while a ``with`` cleans up, which takes seconds at most.

    For the main thread.
    """
    with _handled_by(_nothing):
        yield


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Unlike SIG_IGN, this is not handed on to a child that is started meanwhile."""


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _ENDING}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
