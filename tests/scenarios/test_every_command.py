"""The sixteen commands of REALTIME10, each by its own name through the `command` step."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from telephone import Telephone

from app.simulator import COMMANDS, Answer, Exchange, Others, Readings
from app.simulator.transcript import Began, Event, HungUp, InRoom, Silent

pytest_plugins = "scenario_server"

NOBODY = Others(answer=Answer.NO_ANSWER)
KEYS = ("1234", "77#")


def test_all_sixteen_are_reached_and_carried_out(telephone: Telephone) -> None:
    call = telephone.ring("every_command", *KEYS, others=NOBODY, leaves_room="star")
    assert sorted({*call.commands}) == sorted(COMMANDS)
    message = f"rt-{call.record.facts.callid}-1"
    assert call.heard == [
        "Every command.",
        "Cet appel est enregistré.",
        "[sound 42]",
        "[beep]",
        f"[sound {message}]",
        "[sound wav]",
        "Say something.",
        "[DTMF 1]",
        "[DTMF 2]",
        "[DTMF *]",
        "[DTMF #]",
        "[+33123456789 NOANSWER]",
        "Welcome.",
        "No such call.",
    ]
    assert [room.room for room in call.record.of(InRoom)] == ["31", "annex"]
    assert [silent.seconds for silent in call.record.of(Silent)] == [3, 1.0]
    assert call.variables == {
        "other": "1",
        "typed": "1234",
        "message": message,
        "talk": "0",
        "silence": "SILENCE",
    }
    assert call.outcome == "hung_up", "it is completed at a hang_up step only"


def test_no_keys_and_no_recording_lead_on(telephone: Telephone) -> None:
    call = telephone.ring("every_command", others=NOBODY, leaves_room="star")
    assert "read:failure record:then" in call.way
    assert call.outcome == "hung_up"


def test_another_call_is_hung_up_by_its_id(telephone: Telephone) -> None:
    exchange = Exchange()
    in_room, found = threading.Event(), list[int]()

    def hear(event: Event) -> None:
        match event:
            case Began(callid=int() as callid):
                found.append(callid)
            case InRoom():
                in_room.set()
            case _:
                pass

    with ThreadPoolExecutor(1) as pool:
        waiting = telephone.under(speed=1)
        other = pool.submit(waiting.ring, "lounge", exchange=exchange, listeners=(hear,))
        assert in_room.wait(30)
        call = telephone.ring(
            f"every_command?other={found[0]}",
            *KEYS,
            others=NOBODY,
            leaves_room="star",
            exchange=exchange,
        )
        assert [end.by for end in other.result(30).record.of(HungUp)] == ["another call"]
    assert "other:then" in call.way


def test_where_only_old_spellings_are_obeyed_the_call_takes_the_exits_for_that(
    telephone: Telephone,
) -> None:
    platform = telephone.under(Readings(spellings="oldest"))
    call = platform.ring("every_command", *KEYS, others=NOBODY, leaves_room="star", odd=True)
    assert "tones:failure wait:then silence:failure" in call.way
    assert call.commands[-1] == "hangup"
    assert not call.incidents
