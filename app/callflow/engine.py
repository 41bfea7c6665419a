"""The engine.

What happens to a call when something is reported of it. Pure: it reads nothing but its arguments.

Theory of operation. A call is new, live or ended. ``LIFE`` says which events may come in which
phase, and what becomes of them; any other pair is an error, which the switchboard turns into the
fallback. A live call stands at one step and waits for the report of one of its commands. The report
of a command before the last one brings the next command; that of the last one lets the step choose
an exit. Silent steps are passed within the turn until a step gives a command. On a platform that
takes a list (``Manner``), the turn goes on past each command that is not reported. What has to be
fetched from the world stops the turn with an ``Ask``; it is taken again from its beginning when the
answer is there, so that the engine needs no clock and no connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.callflow.call import Call, Phase
from app.callflow.errors import FlowError, PlatformError
from app.callflow.events import (
    CallArrived,
    CommandDone,
    CommandFailed,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
)
from app.callflow.flow import Flow
from app.callflow.manner import ONE_BY_ONE, Manner
from app.callflow.moving import Moving
from app.callflow.scene import Ask, Scene, Unanswered
from app.callflow.turn import Answers, Turn

Handler = Callable[[Moving, Event], None]

LIFE: Mapping[tuple[Phase, type[Event]], Handler] = {
    (Phase.NEW, CallArrived): Moving.start,
    (Phase.NEW, NotAnswered): Moving.end_unanswered,
    (Phase.NEW, HungUp): Moving.end,
    (Phase.LIVE, CommandDone): Moving.go_on,
    (Phase.LIVE, NoInput): Moving.go_on,
    (Phase.LIVE, CommandFailed): Moving.go_on,
    (Phase.LIVE, NotAnswered): Moving.end_unanswered,
    (Phase.LIVE, HungUp): Moving.end,
    (Phase.ENDED, HungUp): Moving.stay_ended,
    (Phase.ENDED, NotAnswered): Moving.stay_ended,
}
"""What may happen to a call in which phase. What is not here cannot happen."""


def new_call(
    flow: Flow, *, key: str, provider: str, arrived: CallArrived | None, **seen: Any
) -> Call:
    """A call that nothing has happened to yet.

    Args:
        flow: the flow that it will run through.
        key: our name for it.
        provider: the platform's name.
        arrived: how it came; None where it ended before it could.
        seen: fields of ``Call`` that are known otherwise.
    """
    about = (
        {
            "direction": arrived.direction,
            "caller": arrived.caller,
            "called": arrived.called,
            "began": arrived.began,
            "ours": arrived.ours,
        }
        if arrived
        else {}
    )
    return Call(
        key=key,
        provider=provider,
        flow=flow.name,
        fingerprint=flow.fingerprint,
        language=flow.language,
        timezone=flow.timezone or "UTC",
        **{**about, **seen},
    )


def take_turn(
    flow: Flow,
    call: Call,
    event: Event,
    answers: Answers | None = None,
    manner: Manner = ONE_BY_ONE,
) -> Turn | Ask:
    """Take one turn of a call.

    Args:
        flow: the call's flow, as it is now.
        call: the call as the last turn left it, or ``new_call``.
        event: what was reported.
        answers: what was fetched since this was asked first.
        manner: how the platform takes commands.

    Returns:
        the turn, or an Ask: fetch it, and ask again with its answer.

    Raises:
        FlowError: the flow cannot go on (a function failed, a step is gone); take the fallback.
        PlatformError: the event cannot come now; take the fallback.
    """
    handler = LIFE.get((call.phase, type(event)))
    if handler is None:
        msg = f"{type(event).__name__} cannot come while a call is {call.phase}."
        raise PlatformError(msg)
    scene = Scene(flow, call, call.step, answers or {})
    moving = Moving(scene, manner)
    try:
        handler(moving, event)
        moving.run_ahead()
    except Unanswered as question:
        return question.ask
    return moving.turn()


def take_fallback(
    flow: Flow,
    call: Call,
    answers: Answers | None = None,
    manner: Manner = ONE_BY_ONE,
    broken: str = "",
) -> Turn | Ask:
    """Take a live or new call to the flow's fallback step, once.

    Args:
        flow: as for ``take_turn``, and so the next three.
        call: as the last turn left it.
        answers: what was fetched.
        manner: how the platform takes commands.
        broken: the step that could not go on; "" for the one that gave the last command.

    Raises:
        FlowError: there is no such step, the call was there before, or it fails too.
    """
    if not flow.fallback or call.fallen or call.phase is Phase.ENDED:
        msg = f"flow '{flow.name}' has no fallback left for this call."
        raise FlowError(msg, mend="Declare Flow(fallback=...).", step=call.step)
    fallen = call.but(fallen=True, phase=Phase.LIVE, variables={**flow.given, **call.variables})
    scene = Scene(flow, fallen, call.step, answers or {})
    moving = Moving(scene, manner)
    try:
        moving.pass_exit(broken or call.step or flow.start, "fallback", flow.fallback)
        moving.run_ahead()
    except Unanswered as question:
        return question.ask
    return moving.turn()
