"""What the platform does to bring people together: dial-outs and conferences."""

from typing import Final

from app.simulator.carry_out import Leg, Outcome, collect, hear, tell_media
from app.simulator.commands import Params, Target
from app.simulator.line import Key, Nudge
from app.simulator.person import Answer
from app.simulator.transcript import Bridged, InRoom, LeftRoom, NotReached, Pressed, Ringing

REFUSED_AFTER_S: Final = 2.0
"""Simulated seconds until a busy tone or a network's refusal."""

_PIN_DIGITS: Final = 20


def dialout(leg: Leg, params: Params) -> Outcome:
    """Dial the targets one after the other until one picks up.

    Who picks up hears the whisper first. Once two people talk, the call ends when either hangs up
    (documented), and HANGUP then carries the result ANSWER (assumed). Otherwise the last target's
    dial status is the result, with UP.
    """
    status = Answer.NO_ANSWER
    for target in params["targets"]:
        status = _dial(leg, target, params["ringtone"])
        if status is Answer.ANSWER:
            others = leg.person.others
            if params["whisper"] is not None:
                leg.line.wait(params["whisper"].seconds)
            leg.settled = status.value
            leg.line.tell(Bridged, number=target.number)
            leg.line.wait(others.talk_s)
            return Outcome(status.value, ends=True, by="dialled party")
        leg.line.tell(NotReached, number=target.number, why=status.value)
    return Outcome(status.value)


def _dial(leg: Leg, target: Target, ringtone: str) -> Answer:
    others = leg.person.others
    leg.line.tell(Ringing, number=target.number, tone=ringtone)
    match others.at(target.number):
        case Answer.ANSWER if others.ring_s < target.timeout:
            leg.line.wait(others.ring_s)
            return Answer.ANSWER
        case Answer.ANSWER | Answer.NO_ANSWER:
            leg.line.wait(target.timeout)
            return Answer.NO_ANSWER
        case Answer.BUSY | Answer.CONGESTION | Answer.UNAVAILABLE | Answer.REJECTED as refused:
            leg.line.wait(REFUSED_AFTER_S)
            return refused


def conference(leg: Leg, params: Params) -> Outcome:
    """Stay in a room until one leaves it with `*`, or is left alone in it where that ends it.

    The outcome after a wrong PIN is unknown; "0" is sent.
    """
    room = params["id"]
    if not _let_in(leg, params):
        leg.line.tell(LeftRoom, room=room, why="wrong pin")
        return Outcome()
    hear(leg, params["welcome"])
    return _stay(leg, room, params)


def simple_conference(leg: Leg, params: Params) -> Outcome:
    """Stay in a room that has no announcements."""
    return _stay(leg, params["id"], params)


def _let_in(leg: Leg, params: Params) -> bool:
    """Ask for the PIN where there is one; entries end with `#`."""
    if not params["pin_code"]:
        return True
    for attempt in range(1, params["pin_max_tries"] + 1):
        entry = collect(
            leg,
            params["pin_prompt"],
            what="pin",
            attempt=attempt,
            max_digits=_PIN_DIGITS,
            timeout_s=params["pin_wait"],
        )
        if entry == params["pin_code"]:
            hear(leg, params["pin_valid"])
            return True
        hear(leg, params["pin_error"])
    return False


def _stay(leg: Leg, room: str, params: Params) -> Outcome:
    exchange, line = leg.exchange, leg.line
    exchange.enter(room, line)
    try:
        why = _until_left(leg, room, params)
    finally:
        exchange.leave(room, line)
    line.tell(LeftRoom, room=room, why=why)
    if why == "alone":
        hear(leg, params.get("auto_leave_announce"))
    return Outcome()


def _until_left(leg: Leg, room: str, params: Params) -> str:
    line = leg.line
    others, left = leg.exchange.others(room)
    line.tell(InRoom, room=room, others=others)
    if not others:
        tell_media(leg, params.get("waiting"))
    while True:
        act = line.wait(leg.readings.longest_call_s, Key, Nudge)
        if isinstance(act, Key):
            line.tell(Pressed, keys=act.key, used=act.key == "*")
            if act.key == "*":
                return "star"
        now, left_now = leg.exchange.others(room)
        if (now, left_now) != (others, left):
            tell_media(leg, params.get("user_leave" if left_now > left else "user_join"))
            line.tell(InRoom, room=room, others=now)
            if not now and params["auto_leave_when_alone"]:
                return "alone"
            if not now:
                tell_media(leg, params.get("waiting"))
        others, left = now, left_now
