"""The line between a person and the platform: simulated time, and who may interrupt it."""

import threading

import pytest

from app.simulator.line import CommandBrokenError, Key, Line, LineDroppedError, Nudge
from app.simulator.transcript import Pressed


def test_a_wait_counts_in_full_at_any_speed() -> None:
    line = Line(speed=100_000)
    assert line.wait(1000) is None
    assert line.now == 1000


def test_keys_come_in_their_order_and_at_their_time() -> None:
    line = Line(speed=100_000)
    line.press("12", after=10, every=5)
    assert line.wait(100, Key) == Key("1")
    assert line.now == 10
    assert line.wait(100, Key) == Key("2")
    assert line.now == 15
    assert line.wait(100, Key) is None


def test_keys_that_nobody_wants_are_lost_and_told() -> None:
    line = Line(speed=100_000)
    line.press("7")
    assert line.wait(1) is None
    assert line.wait(1, Key) is None
    assert line.events == (Pressed(at=0.0, keys="7", used=False),)


def test_a_dropped_line_stays_dropped() -> None:
    line = Line(speed=100_000)
    line.hang_up(after=5, by="person")
    with pytest.raises(LineDroppedError) as caught:
        line.wait(60)
    assert (caught.value.by, line.now) == ("person", 5)
    with pytest.raises(LineDroppedError):
        line.check()


def test_a_plan_within_a_command_is_void_when_the_next_begins() -> None:
    line = Line(speed=100_000)
    line.hang_up(after=5, within_command=True)
    line.break_command()
    line.begin_command()
    assert line.wait(60) is None
    line.hang_up(after=5)
    line.begin_command()
    with pytest.raises(LineDroppedError):
        line.wait(60)


def test_a_break_ends_what_is_running_only() -> None:
    line = Line(speed=100_000)
    line.break_command()
    with pytest.raises(CommandBrokenError):
        line.wait(60)
    assert line.wait(60) is None


def test_another_thread_wakes_a_wait_at_once() -> None:
    line = Line(speed=1)
    threading.Timer(0.05, line.nudge).start()
    assert line.wait(3600, Nudge) == Nudge()
    assert line.now < 60


def test_the_platform_stands_still_for_a_patient_wait_only() -> None:
    line = Line(speed=100_000, patience_s=0.05)
    assert line.wait(3600, Key, patient=True) is None
    assert line.now == pytest.approx(0.05)
    assert line.wait(3600, Key) is None
    assert line.now == pytest.approx(3600.05)
