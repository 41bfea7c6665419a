"""Whatever is reported of a call, in whatever order: no error but ours, no illegal state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain, cycle, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phone import CALLER, MONDAY_NOON, OUR_NUMBER, flow_of, reread

from app.callflow import (
    Call,
    Flow,
    FlowError,
    Media,
    assign,
    at_most,
    branch,
    collect,
    command,
    conference,
    dial,
    hang_up,
    hours,
    menu,
    record,
    say,
    send_digits,
    to,
    wait,
)
from app.callflow.call import Phase
from app.callflow.commands import Hangup
from app.callflow.engine import new_call, take_fallback, take_turn
from app.callflow.errors import PlatformError
from app.callflow.events import (
    CallArrived,
    CommandDone,
    CommandFailed,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
    Unanswered,
)
from app.callflow.kinds.base import CommandStep, Step
from app.callflow.moving import MAX_FALLBACK_TURNS, MAX_TURNS_A_CALL
from app.callflow.prompts import PromptLike
from app.callflow.scene import Ask
from app.callflow.turn import Turn
from app.flowbook import load_flows

OUTCOMES = {
    "completed",
    "hung_up",
    "transferred",
    "dialled",
    "busy",
    "no_answer",
    "congestion",
    "rejected",
    "failed",
}

BOTH = {"en-GB": "Hello {name}.", "fr-FR": "Bonjour {name}."}


def fragile(call: Call) -> str:
    """Fails for some calls, and gives what its place does not take for others."""
    if len(call.result) > 1:
        raise LookupError(call.result)
    return call.result or call["nothing"]  # type: ignore[return-value] # as an author may


EVERYTHING = Flow(
    "everything",
    start="ask",
    timezone="Europe/Paris",
    given={"name": ""},
    fallback="sorry",
    steps={
        "ask": menu(
            (Media(callr=1), BOTH),
            {"1": to("type", language="fr-FR"), "2": "open", "3": "ask", "4": "speak", "*": "own"},
            failure="bye",
        ),
        "type": collect(
            BOTH, "code", secret=True, valid=lambda entry: entry != "13", then="look", failure="bye"
        ),
        "look": branch(
            lambda call: len(str(call["code"])), {1: "open", 2: "ring"}, otherwise="say"
        ),
        "open": hours({"mon-fri": "09:00-18:00"}, open="again", closed_step="speak"),
        "again": at_most(2, then="count", failure="bye"),
        "count": assign(times=lambda call: len(call.counts), then="say"),
        "say": say(fragile, then="tones", failure="room"),
        "tones": send_digits("12#", then="pause"),
        "pause": wait(1, then="ask2"),
        "ask2": menu("More?", {"1": "again", "2": "own"}, tries=1, failure="ring"),
        "own": command("play_record", {"x": "{name}"}, into="own", then="room", failure="bye"),
        "room": conference("{name}r", then="speak"),
        "speak": record(into="message", then="ring", nothing="bye"),
        "ring": dial("{name}", "+33123456789", no_answer="bye", busy="sorry"),
        "bye": hang_up("{result}", disposition="done"),
        "sorry": hang_up("Sorry."),
    },
)

FLOWS = [*load_flows().values(), EVERYTHING]

TEXTS = st.sampled_from(["", "0", "1", "2", "3", "4", "*", "12", "13", "123456", "#", "TIMEOUT"])
RESULTS = TEXTS | st.sampled_from(["answered", "busy", "failed", "rec-1"]) | st.text(max_size=8)
REPORTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(CommandDone, RESULTS),
    st.just(NoInput()),
    st.builds(CommandFailed, st.text(max_size=5), minor=st.booleans()),
    st.builds(HungUp, RESULTS, st.sampled_from(["", "ERR"])),
    st.builds(NotAnswered, st.sampled_from(Unanswered)),
    st.builds(
        CallArrived,
        st.sampled_from(["inbound", "outbound"]),
        st.sampled_from([None, CALLER]),
        st.just(OUR_NUMBER),
        st.just(MONDAY_NOON),
        st.sampled_from(["", "oh01234567890123"]),
        st.dictionaries(st.sampled_from(["name", "x"]), st.text(max_size=8), max_size=2),
    ),
)
KEYS: st.SearchStrategy[Event] = st.builds(CommandDone, TEXTS)
ARRIVED: st.SearchStrategy[Event] = st.just(CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON))
CALLS = st.one_of(
    st.lists(REPORTS, max_size=12),
    st.tuples(ARRIVED, st.lists(REPORTS, max_size=20)).map(lambda parts: [parts[0], *parts[1]]),
    st.tuples(ARRIVED, st.lists(KEYS, max_size=30)).map(lambda parts: [parts[0], *parts[1]]),
)

ANSWERS: Mapping[str, Callable[..., Any]] = {
    "start": lambda _: {"variables": {"name": "Eve"}, "caller_id": OUR_NUMBER.number},
    "may_dial": lambda *numbers: {number: "" if number else "none" for number in numbers},
}


def taken(take: Callable[[Mapping[Ask, Any]], Turn | Ask]) -> Turn:
    answers: dict[Ask, Any] = {}
    result = take(answers)
    while isinstance(result, Ask):
        assert result not in answers
        answers[result] = ANSWERS[result.function](*result.inputs)
        result = take(answers)
    return result


def report(flow: Flow, call: Call, event: Event) -> Turn | None:
    """What a report brings, by the flow or by its fallback; None where neither can answer."""
    try:
        return taken(lambda answers: take_turn(flow, call, event, answers))
    except (FlowError, PlatformError):
        pass
    if isinstance(event, HungUp | NotAnswered):
        return None
    try:
        return taken(lambda answers: take_fallback(flow, call, answers))
    except FlowError:
        return None


def check(flow: Flow, before: Call, event: Event, turn: Turn) -> None:
    """That a turn is one that may be."""
    call = turn.call
    if call.phase is Phase.LIVE:
        assert len(turn.placed) == 1
        assert turn.outcome == ""
        assert call.turn == before.turn + 1 <= MAX_TURNS_A_CALL + MAX_FALLBACK_TURNS
        gone_while_hung_up = before.ending and isinstance(turn.placed[0].command, Hangup)
        assert gone_while_hung_up or isinstance(flow.steps[call.step], CommandStep)
        assert turn.placed[0].step == call.step
        assert turn.placed[0].at == call.at
    else:
        assert call.phase is Phase.ENDED
        assert isinstance(event, HungUp | NotAnswered)
        assert turn.placed == ()
        assert turn.trail == ()
        assert turn.outcome in OUTCOMES
        assert call.turn == before.turn
    assert call.language in flow.languages
    assert all(call.counts[name] >= times for name, times in before.counts.items())
    for step_name, exit_ in turn.trail:
        assert step_name in flow.steps or exit_ == "fallback"
        assert exit_


@given(st.sampled_from(FLOWS), CALLS)
@settings(deadline=None, max_examples=400)
def test_every_report_brings_a_right_turn_or_an_error_of_ours(
    flow: Flow, events: list[Event]
) -> None:
    arrived = events[0] if events and isinstance(events[0], CallArrived) else None
    seen = {"direction": "inbound", "caller": None, "called": None, "began": MONDAY_NOON}
    call = new_call(
        flow, key="callr:1", provider="callr", arrived=arrived, **seen if not arrived else {}
    )
    for event in events:
        turn = report(flow, call, event)
        if turn is None:
            continue
        check(flow, call, event, turn)
        if call.phase is not Phase.NEW:
            assert report(flow, reread(call), event) == turn
        call = turn.call


@given(st.sampled_from(FLOWS), st.sampled_from(FLOWS), CALLS)
@settings(deadline=None)
def test_a_deploy_of_anything_in_mid_call_brings_the_same(
    old: Flow, new: Flow, events: list[Event]
) -> None:
    call = new_call(
        old,
        key="callr:1",
        provider="callr",
        arrived=CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON),
    )
    flow = old
    for number, event in enumerate(events):
        if number == 3:
            flow, call = new, replace(call, timezone=new.timezone or "UTC", language=new.language)
        turn = report(flow, call, event)
        if turn is not None:
            check(flow, call, event, turn)
            call = turn.call


# Flows made at random, of every kind of step.


TEXTS_TO_SAY: list[PromptLike] = ["Hello.", ("One.", Media(callr=1)), "{caller:digits}{x}", BOTH]


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Any flow that the check lets pass: exits lead on mostly, and sometimes back."""
    count = draw(st.integers(1, 7))

    def exit_(at: int, *, back: bool = False) -> str:
        name = draw(st.integers(0 if back else at + 1, count))
        return "bye" if name == count else f"s{name}" if name else "first"

    def step(at: int) -> Step:
        text, on, other = draw(st.sampled_from(TEXTS_TO_SAY)), exit_(at), exit_(at)
        anywhere, second = exit_(at, back=True), to(exit_(at, back=True), x="2")
        kinds = [
            say(text, then=on),
            menu(text, {"1": anywhere, "2": second}, failure=on),
            collect(text, "x", then=anywhere, failure=on),
            record(into="x", then=on, nothing=other),
            dial("+33123456789", no_answer=on, busy=other),
            branch("x", {"1": other}, otherwise=on),
            at_most(2, then=anywhere, failure=on),
            assign(x="1", then=on),
            wait(1, then=on, failure=other),
        ]
        return draw(st.sampled_from(kinds))

    steps = {f"s{at}": step(at) for at in range(1, count)}
    return flow_of(step(0), given={"x": "", "name": ""}, **steps)


@given(flows(), st.lists(REPORTS, max_size=25))
@settings(deadline=None, max_examples=200)
def test_any_flow_that_the_check_lets_pass_takes_any_report(
    flow: Flow, events: list[Event]
) -> None:
    arrived = CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON)
    call = new_call(flow, key="callr:1", provider="callr", arrived=arrived)
    for event in [arrived, *events]:
        turn = report(flow, call, event)
        if turn is not None:
            check(flow, call, event, turn)
            call = turn.call


SILENCE = [CommandDone(""), NoInput(), CommandFailed("x"), CommandDone("no_answer")]


@given(flows(), st.lists(st.sampled_from(SILENCE), min_size=1, max_size=4))
@settings(deadline=None, max_examples=200)
def test_a_caller_who_does_nothing_is_not_kept_for_ever(flow: Flow, pattern: list[Event]) -> None:
    """What the check of cycles promises: a silent caller's call comes to its end."""
    arrived = CallArrived("inbound", CALLER, OUR_NUMBER, MONDAY_NOON)
    call = new_call(flow, key="callr:1", provider="callr", arrived=arrived)
    for event in chain([arrived], islice(cycle(pattern), 200)):
        turn = report(flow, call, event)
        if turn is None or turn.call.ending:
            return
        call = turn.call
    pytest.fail(f"the call goes on and on: {flow.draw()}")
