"""The thread beside the calls: it outlives whatever its jobs do, and ends when it is told to."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest

from app.callflow.errors import ApiError
from app.keeping.background import Background

PATIENCE_S = 20.0
LONG_S = 3600.0


def named(name: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == name]


class Work:
    """A job that counts how often it was called; ``then`` is done each time."""

    def __init__(self, then: Callable[[int], float] = lambda _: LONG_S) -> None:
        self.called = threading.Semaphore(0)
        self.count = 0
        self._then = then

    def __call__(self, closing: threading.Event) -> float:
        del closing
        self.count += 1
        self.called.release()
        return self._then(self.count)

    def await_call(self) -> None:
        assert self.called.acquire(timeout=PATIENCE_S)


def test_nothing_runs_before_it_is_started_nor_after_it_is_closed() -> None:
    work = Work()
    background = Background([work])
    assert not named("background")
    background.start()
    background.start()
    work.await_call()
    assert len(named("background")) == 1
    background.close()
    background.close()
    assert not named("background")
    background.start()
    assert not named("background")
    assert work.count == 1


def test_without_jobs_there_is_no_thread() -> None:
    background = Background([])
    background.start()
    assert not named("background")
    background.close()


def test_a_nudge_is_heard_at_once() -> None:
    work = Work()
    background = Background([work], nudged=[work])
    background.start()
    work.await_call()
    background.nudge()
    work.await_call()
    background.close()


def test_neither_a_nudge_nor_anothers_haste_calls_a_job_before_its_time() -> None:
    hasty = Work(lambda count: LONG_S if count % 3 == 0 else 0.0)
    daily = Work()
    background = Background([daily, hasty], nudged=[hasty])
    background.start()
    for _ in range(3):
        hasty.await_call()
    background.nudge()
    for _ in range(3):
        hasty.await_call()
    background.close()
    assert (hasty.count, daily.count) == (6, 1)


def test_a_nudge_that_comes_while_its_job_is_done_has_it_done_again() -> None:
    nudged = threading.Event()

    def wait(count: int) -> float:
        assert count > 1 or nudged.wait(PATIENCE_S)
        return LONG_S

    work = Work(wait)
    background = Background([work], nudged=[work])
    background.start()
    work.await_call()
    background.nudge()
    nudged.set()
    work.await_call()
    time.sleep(0.1)  # in which one nudge calls nobody more
    background.close()
    assert work.count == 2


def test_a_job_that_fails_keeps_no_other_from_its_turn_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: int) -> float:
        raise ZeroDivisionError

    def refuse(_: int) -> float:
        msg = "The platform sleeps."
        raise ApiError(msg)

    works = [Work(fail), Work(refuse), Work()]
    background = Background(works, nudged=works)
    background.start()
    works[2].await_call()
    background.nudge()
    works[2].await_call()
    background.close()
    assert [one.count for one in works] == [2, 2, 2]
    assert caplog.text.count("The platform sleeps.") == 1
    assert caplog.text.count("Traceback") == 1


def test_trouble_that_comes_back_is_told_again(caplog: pytest.LogCaptureFixture) -> None:
    def by_turns(count: int) -> float:
        if count % 2:
            msg = "The platform sleeps."
            raise ApiError(msg)
        return LONG_S

    work = Work(by_turns)
    background = Background([work], nudged=[work])
    background.start()
    for _ in range(3):
        work.await_call()
        background.nudge()
    work.await_call()
    background.close()
    assert caplog.text.count("The platform sleeps.") == 2


def test_closing_cuts_what_does_not_end_by_itself() -> None:
    stuck, released = threading.Event(), threading.Event()
    cut: list[int] = []

    def wait(_closing: threading.Event) -> float:
        stuck.set()
        released.wait(PATIENCE_S)
        return LONG_S

    def cut_it(thread: int) -> None:
        cut.append(thread)
        released.set()

    background = Background([wait], cut=cut_it)
    background.start()
    (thread,) = named("background")
    assert stuck.wait(PATIENCE_S)
    background.close()
    assert cut == [thread.ident]
    assert not named("background")


def test_it_is_started_by_the_process_that_shall_have_it() -> None:
    work = Work()
    background = Background([work])
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        background.start()
        work.await_call()
        background.close()
        os.write(writing, b"ran" if work.count else b"no")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        assert told.read() == b"ran"
    os.waitpid(child, 0)
    assert work.count == 0
    assert not named("background")
