"""How a call of Stringee's ended: the ``ended`` status post.

Source: developer.stringee.com/docs/server/call-events. ``endCallCause`` is free text, with SIP's
words and codes among others; what is told of it here is seen, and no list of it is documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.callflow.events import DIAL_ANSWERED, HungUp, NotAnswered, Unanswered
from app.stringee.bodies import Body

_UNANSWERED = (
    (re.compile(r"\b486\b|\b600\b|busy"), Unanswered.BUSY),
    (re.compile(r"\b603\b|reject|declin"), Unanswered.REJECTED),
    (re.compile(r"\b503\b|\b502\b|congest|can_not_make_call"), Unanswered.CONGESTION),
)
_SIP_REFUSAL = re.compile(r"\b[456][0-9]{2}\b")
_BY_USER = "USER_END_CALL"
_OF_ANSWERED = frozenset({_BY_USER, "MAX_CONNECT_TIME"})
_ALONE = "IVR"
"""The ``callType`` of a call that was with our actions alone."""


def end_of(body: Body) -> HungUp | NotAnswered:
    """What an ``ended`` post means.

    A call that we placed and that nobody answered (``answerDuration`` 0) was not answered; the
    cause tells why, unless it says that somebody hung up: that was seen on answered calls, whose
    durations can be missing. Of any other, a time of talk, no refusal and a ``callType`` other than
    IVR mean that whoever was rung last answered. Who hung up is a guess: ``USER_END_CALL`` by
    ``EXTERNAL`` is read as the telephone at the other end, before our list was done; what Stringee
    says at a list's own end is not known.
    """
    cause = body.text("endCallCause")
    talked = (body.seconds("answerDuration") or 0) > 0
    placed = body.text("callCreatedReason").startswith("SERVER_CALL_OUT")
    if placed and not talked and cause not in _OF_ANSWERED:
        return NotAnswered(_why(cause))
    refused = _SIP_REFUSAL.search(cause) or body.text("callType") == _ALONE
    return HungUp(
        DIAL_ANSWERED if talked and not refused else "",
        early=cause == _BY_USER and body.text("endedBy") == "EXTERNAL",
    )


def about_end(body: Body) -> Mapping[str, Any]:
    """What people want to know of the end: cause, by whom, and both durations in seconds."""
    told = {
        "cause": body.text("endCallCause"),
        "by": body.text("endedBy"),
        "duration_s": body.seconds("duration"),
        "answered_s": body.seconds("answerDuration"),
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _why(cause: str) -> Unanswered:
    told = cause.lower()
    return next((why for mark, why in _UNANSWERED if mark.search(told)), Unanswered.NO_ANSWER)
