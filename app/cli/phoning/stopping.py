"""Ending on signals, with everything that was started."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import FrameType
from typing import Final, TypeVar

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

T = TypeVar("T")


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
def unsignalled() -> Iterator[None]:
    """Threads that are started meanwhile get none of these signals, so that the main thread does.

    A signal that another thread gets does not wake the main thread from what it waits for.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def whole(inner: AbstractContextManager[T]) -> Iterator[T]:
    """Enter and leave a context manager in one piece each: signals wait meanwhile.

    So nothing that was started is left running because a signal came just then. For what starts
    and ends within seconds, in the main thread.
    """
    stack = ExitStack()
    try:
        with _undisturbed():
            value = stack.enter_context(inner)
        yield value
    finally:
        with _undisturbed():
            stack.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    waiting: list[int] = []
    # Unlike a blocked or ignored signal, a handler is not handed on to a child started meanwhile.
    with _handled_by(lambda number, _frame: waiting.append(number)):
        yield
    if waiting:
        signal.raise_signal(waiting[0])


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _ENDING}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
