"""Whole calls by name, which must end as they do on whatever platform: one for each way to go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telephone import FRIDAY_MORNING, SUNDAY, PhoneCall, Telephone

from app.simulator import Answer, Others

NOBODY = Others(answer=Answer.NO_ANSWER)
BUSY = Others(answer=Answer.BUSY)


@dataclass(frozen=True)
class Journey:
    """A call that a person makes or takes.

    Attributes:
        take: makes the call; what it is given goes to the telephone.
        way: every step and exit.
        outcome, disposition: what the journal then says.
    """

    take: Callable[..., PhoneCall]
    way: str
    outcome: str
    disposition: str = ""

    def __call__(self, telephone: Telephone, **more: Any) -> PhoneCall:
        return self.take(telephone, **more)

    def check(self, call: PhoneCall) -> None:
        """Check that a call went this way and ended so."""
        assert call.way == self.way, call.way
        told = (call.outcome, call.disposition)
        assert told == (self.outcome, self.disposition), told


def _in(flow: str, *keys: str, **does: Any) -> Callable[..., PhoneCall]:
    return lambda telephone, **more: telephone.ring(flow, *keys, **{**does, **more})


def _out(flow: str, *keys: str, **does: Any) -> Callable[..., PhoneCall]:
    return lambda telephone, **more: telephone.be_rung(flow, *keys, **{**does, **more})


JOURNEYS = {
    "an adult leaves the room": Journey(
        _in("age_gate", "22", leaves_room="star"),
        "ask_age:then say_age:then adult:True room:then",
        "completed",
    ),
    "nobody says an age": Journey(_in("age_gate"), "ask_age:failure", "completed"),
    "support after a wrong key": Journey(
        _in("reception", "9", "2", "123456"),
        "open_now:open welcome:then choose:invalid choose:2 order:then",
        "transferred",
    ),
    "a message on Sunday": Journey(
        _in("reception", at=SUNDAY), "open_now:closed voicemail:then", "completed", "message"
    ),
    "silence at the reception": Journey(
        _in("reception", "1", "", "#", others=NOBODY),
        "open_now:open welcome:then choose:1 team:no_answer sorry:then voicemail:then",
        "completed",
        "message",
    ),
    "a bare hash and silence": Journey(
        _in("reception", "#", "", "1"),
        "open_now:open welcome:then choose:no_input choose:no_input choose:1",
        "transferred",
    ),
    "a secret in French": Journey(
        _in("clinic", "2", "2", "40718298", at=FRIDAY_MORNING, others=BUSY),
        "which_language:2 open_now:open choices:2 code:then results:then "
        "front_desk:busy busy:then please_wait:then front_desk:busy busy:then please_wait:then "
        "front_desk:busy busy:failure message:then",
        "completed",
        "message",
    ),
    "an appointment is confirmed": Journey(
        _out("reminder", "", "1", "1"),
        "are_you_there:no_input are_you_there:1 appointment:1",
        "completed",
        "confirmed",
    ),
    "nobody is reminded": Journey(_out("reminder", answer=Answer.BUSY), "", "busy"),
}
