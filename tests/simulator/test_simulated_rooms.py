"""Conferences: rooms that several calls share."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from voice_app import HANG_UP, command, voice_app

from app.simulator import CallRecord, Conditions, Event, Exchange, Live, Script, Scripted, ring
from app.simulator.transcript import InRoom, KeysWanted, LeftRoom, Played, Pressed

FAST = Conditions(speed=1000)


def room(**params: Any) -> dict[str, Any]:
    return command("conference", 1, id=params.pop("id", 22), **params)


@contextmanager
def two_calls(first: object, second: object) -> Iterator[tuple[Live, "Future[CallRecord]"]]:
    """A live person in a room, and then a second caller whose call is run by the test."""
    exchange = Exchange()
    live = Live()
    with voice_app(first) as one, voice_app(second) as two, ThreadPoolExecutor(1) as pool:
        done = pool.submit(ring, one.url, person=live, exchange=exchange, conditions=FAST)
        events = live.events()
        next(event for event in events if isinstance(event, InRoom))
        ring(
            two.url,
            person=Scripted(Script(talk_s=5, leaves_room="star")),
            exchange=exchange,
            conditions=FAST,
        )
        try:
            yield live, done
        finally:
            live.hang_up()


def test_people_in_one_room_see_each_other_come_and_go() -> None:
    with two_calls(room(user_join=1, user_leave=2), room(id="22")) as (live, done):
        live.press("*")
        record = done.result(10)
    assert [event.others for event in record.of(InRoom)] == [0, 1, 0]
    assert [event.media for event in record.of(Played)] == ["1", "2"]
    assert [event.why for event in record.of(LeftRoom)] == ["star"]


def test_who_is_left_alone_leaves_where_that_is_asked_for() -> None:
    with two_calls(room(auto_leave_when_alone=True), room(id="22")) as (_, done):
        record = done.result(10)
    assert [event.why for event in record.of(LeftRoom)] == ["alone"]


def test_the_first_in_a_room_waits_although_alone() -> None:
    with voice_app(room(auto_leave_when_alone=True), HANG_UP) as app:
        record = ring(
            app.url,
            person=Scripted(Script(leaves_room="star", talk_s=30)),
            conditions=FAST,
        )
    assert app.got[1].json["call_status"] == "UP"
    assert app.got[1].json["command_result"] == "0"
    assert record.of(LeftRoom)[0].at - record.of(InRoom)[0].at >= 30


def test_a_scripted_caller_hangs_up_in_a_room_so_that_nothing_hangs_for_ever() -> None:
    with voice_app(room()) as app:
        ring(app.url, person=Scripted(), conditions=FAST)
    assert app.statuses == ["INCOMING_CALL", "HANGUP"]
    assert app.got[1].json["command"] == "conference"


def test_a_plan_to_hang_up_in_a_room_is_void_outside_of_it() -> None:
    person = Scripted(Script(keys=("9#",), talk_s=1))
    wrong = room(pin_code="1", pin_max_tries=1, pin_prompt=7)
    with voice_app(wrong, command("wait", 2, seconds=30), HANG_UP) as app:
        ring(app.url, person=person, conditions=FAST)
    assert app.statuses == ["INCOMING_CALL", "UP", "UP", "HANGUP"]


def test_a_room_with_a_pin_lets_in_who_knows_it() -> None:
    with voice_app(room(pin_code="1234", pin_prompt=7, pin_error=8, pin_valid=9)) as app:
        person = Scripted(Script(keys=("1#", "1234#")))
        record = ring(app.url, person=person, conditions=FAST)
    assert [event.media for event in record.of(Played)] == ["7", "8", "7", "9"]
    assert [event.attempt for event in record.of(KeysWanted)] == [1, 2]
    assert [event.keys for event in record.of(Pressed)] == ["1#", "1234#"]
    assert len(record.of(InRoom)) == 1


def test_too_many_wrong_pins_end_the_command() -> None:
    with voice_app(room(pin_code="1234", pin_max_tries=2), HANG_UP) as app:
        person = Scripted(Script(keys=("1#", "2#", "1234#")))
        record = ring(app.url, person=person, conditions=FAST)
    assert app.got[1].json["call_status"] == "UP"
    assert [event.why for event in record.of(LeftRoom)] == ["wrong pin"]
    assert record.of(InRoom) == ()


def test_one_call_can_hang_up_another() -> None:
    exchange = Exchange()
    callids: list[int] = []
    live = Live()
    there = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, InRoom):
            there.set()

    def wait(got: Any) -> object:
        callids.append(got.json["callid"])
        return room()

    with voice_app(by=wait) as one, ThreadPoolExecutor(1) as pool:
        done = pool.submit(
            ring, one.url, person=live, exchange=exchange, conditions=FAST, listeners=(listen,)
        )
        assert there.wait(10)
        with voice_app(command("hangup_callid", 1, callid=callids[0]), HANG_UP) as two:
            ring(two.url, person=Scripted(), exchange=exchange, conditions=FAST)
        assert two.got[1].json["command_error"] == ""
        assert done.result(10).status == "HANGUP"
