"""What the platform does for connect: rings somebody, and brings both together."""

from dataclasses import dataclass
from typing import Any, Final

from app.simulator.line import Nudge
from app.simulator.person import Answer
from app.simulator.stringee.actions import Connect, End
from app.simulator.stringee.conditions import StringeeReadings
from app.simulator.stringee.events import end_json
from app.simulator.stringee.leg import Leg, Next, OverError, Step
from app.simulator.stringee.replies import obey_reply
from app.simulator.transcript import Bridged, InRoom, NotReached, Ringing

REFUSED_AFTER_S: Final = 2.0
"""Simulated seconds until a busy tone, or a refusal."""

_CAUSES: Final = {
    Answer.BUSY: "486 Busy Here",
    Answer.CONGESTION: "503 Service Unavailable",
    Answer.UNAVAILABLE: "480 Temporarily Unavailable",
    Answer.REJECTED: "603 Decline",
}
"""`endCallCause` where somebody is not reached. 486 and 480 stand in the vendor's page of events;
the other two are SIP's words for it, as customers have seen the platform pass them on."""


def cause_of(answer: Answer, readings: StringeeReadings) -> str:
    """`endCallCause` of a call in which nobody was reached."""
    return readings.no_answer if answer is Answer.NO_ANSWER else _CAUSES[answer]


def connect(leg: Leg, step: Step, action: Connect) -> Next:
    """Ring the callee; the call ends with a conversation.

    Where the callee is not reached and `continueOnFail` is set, onFailEventUrl is asked for another
    list, or, without one, the rest is carried out (assumed).

    Raises:
        OverError: the conversation ended, or nobody was reached and nothing is to be done.
    """
    leg.begin(step)
    leg.events.connect(action.from_, action.to, action.custom_data, peer_to_peer=_is_direct(action))
    leg.events.tell("started")
    answer = _ring(leg, action)
    if answer is Answer.ANSWER:
        _talk(leg, action)
    leg.line.tell(NotReached, number=action.to.party, why=answer.value)
    inside = action.to.type == "internal"
    if inside and not leg.facts.from_app:
        leg.events.tell("agentEnded", actor=action.to.number)
    if action.continue_on_fail and (inside or leg.readings.on_fail == "any"):
        leg.events.tell("connect_failed")
        return _ask_what_now(leg, action)
    ended_by = "INTERNAL" if inside else "EXTERNAL"
    raise OverError(cause_of(answer, leg.readings), by="platform", ended_by=ended_by)


@dataclass(frozen=True, slots=True)
class Reached:
    """What ringing somebody comes to, after so many simulated seconds."""

    answer: Answer
    after_s: float


def reach(leg: Leg, party: str, timeout_s: float) -> Reached:
    """What whoever is at a number or logged in as a user does when it rings."""
    others = leg.person.others
    answer = others.at(party)
    if answer is Answer.ANSWER and others.ring_s < timeout_s:
        return Reached(answer, others.ring_s)
    if answer in {Answer.ANSWER, Answer.NO_ANSWER}:
        return Reached(Answer.NO_ANSWER, timeout_s)
    return Reached(answer, REFUSED_AFTER_S)


def _ring(leg: Leg, action: Connect) -> Answer:
    leg.line.tell(Ringing, number=action.to.party, tone="RING")
    reached = reach(leg, action.to.party, action.timeout_s)
    if reached.answer is not Answer.UNAVAILABLE:
        leg.events.tell("ringing")
    leg.line.wait(reached.after_s)
    return reached.answer


def _talk(leg: Leg, action: Connect) -> None:
    """Let both talk until either hangs up, or the connection has lasted its time."""
    leg.call_type = "CALL"
    if leg.answered_at is None:
        leg.answer(action.to.number)
    else:
        leg.events.tell("answered", actor=action.to.number)
    leg.line.tell(Bridged, number=action.to.party)
    talk_s = leg.person.others.talk_s
    limit_s = float(action.max_connect_s)
    if 0 < limit_s < talk_s:
        _stay(leg, limit_s)
        raise OverError("MAX_CONNECT_TIME", by="platform")
    _stay(leg, talk_s)
    ended_by = "INTERNAL" if action.to.type == "internal" else "EXTERNAL"
    raise OverError("USER_END_CALL", by="dialled party", ended_by=ended_by)


def _stay(leg: Leg, seconds: float) -> None:
    """Let people talk; who is added by the REST API makes a conference of it."""
    end, joined = leg.line.now + seconds, 0
    while leg.line.now < end:
        leg.line.wait(end - leg.line.now, Nudge)
        if len(leg.joined) != joined:
            joined = len(leg.joined)
            leg.call_type = "CONFERENCE"
            leg.line.tell(InRoom, room=leg.facts.call_id, others=1 + joined)


def _ask_what_now(leg: Leg, action: Connect) -> Next:
    if not action.on_fail_event_url:
        return Next()
    body = failed_json(leg, action.from_, action.to)
    answered = leg.webhooks.post("onFailEventUrl", action.on_fail_event_url, body)
    return obey_reply(leg, "onFailEventUrl", answered)


def failed_json(leg: Leg, from_: End, to: End) -> dict[str, Any]:
    """What onFailEventUrl is posted; the fields of types derived from the vendor's pages."""
    return {
        "call_status": "connect_failed",
        "agent_status": "ended",
        "project_id": leg.facts.project.id,
        "timestamp_ms": leg.now_ms,
        "type": "stringee_call",
        "call_id": leg.facts.call_id,
        "from": end_json(from_),
        "to": end_json(to),
        "toNumber": to.number,
        "start_time": leg.facts.ms(0),
    }


def _is_direct(action: Connect) -> bool:
    """Whether the media go past the platform: only between apps, and only where it may."""
    return action.peer_to_peer and action.from_.type == action.to.type == "internal"
