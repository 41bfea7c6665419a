"""Any flow that the check accepts for Stringee, and any caller: lists that it takes, and an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callr_line import MemoryJournal
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from scco_line import FROM_A_PHONE, FROM_AN_APP, NOW, Line, LineCall, provider_of

from app.callflow import (
    Call,
    Client,
    Flow,
    FlowError,
    In,
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
    play,
    record,
    say,
    send_digits,
    to,
    wait,
)
from app.callflow.errors import Level
from app.flowbook import load_flows
from app.ports import Start

FETCHES: Mapping[str, Any] = {
    "start": lambda _token: None,
    "may_dial": lambda *numbers: {number: "" if "+84" in number else "no" for number in numbers},
}


def fragile(call: Call) -> str:
    """Fails for some callers, and says what they typed to others."""
    if str(call.get("typed")).endswith("7"):
        raise LookupError("odd")
    return f"{call.get('typed') or 'Gì?'} {call.caller or ''}"


def odd_targets(call: Call) -> list[object]:
    """Whom nobody could ring among them."""
    return [Client(str(call.get("typed"))), call.caller, "+84900000009"]


TEXTS = st.sampled_from(
    ["Xin chào.", "{typed}", "{caller} gọi {given}.", "{typed:digits}", '"]}\\']
)
PROMPTS = TEXTS | st.sampled_from(
    [
        fragile,
        Media(stringee="hello.mp3"),
        Media(callr=42),
        In("en-GB", "Hello."),
        ("Một.", Media(stringee="a.mp3"), "Hai {given}."),
        {"vi-VN": "Chào."},
    ]
)
TARGETS: st.SearchStrategy[list[Any]] = st.lists(
    st.sampled_from(
        ["+84900000009", "{given}", "{caller}", Client("user_2"), Client("{given}"), odd_targets]
    ),
    min_size=1,
    max_size=3,
)
END = {
    "from": {"type": "external", "number": "84900000001", "alias": "842400000001"},
    "to": {"type": "internal", "number": "user_2", "alias": "user_2"},
}
NATIVES = st.one_of(
    st.tuples(
        st.just("talk"),
        st.fixed_dictionaries({"text": TEXTS}, optional={"speed": st.integers(-4, 4)}),
    ),
    st.tuples(st.just("stream"), st.just({"fileName": "https://x.example/{given}.mp3"})),
    st.tuples(st.just("play"), st.fixed_dictionaries({}, optional={"fileName": TEXTS})),
    st.tuples(
        st.just("record"), st.fixed_dictionaries({"format": st.sampled_from(["mp3", "ogg"])})
    ),
    st.tuples(st.just("recordMessage"), st.fixed_dictionaries({"timeout": st.integers(-1, 9000)})),
    st.tuples(
        st.just("input"),
        st.fixed_dictionaries({}, optional={"maxDigits": st.integers(0, 9), "timeOut": st.just(3)}),
    ),
    st.tuples(st.just("connect"), st.just(END) | st.just({**END, "timeout": "{typed}"})),
    st.just(("conference", {})),
)


@st.composite
def steps(draw: st.DrawFn, number: int, last: int) -> Any:
    """A step; all that is not a caller's doing leads on, so that each flow has an end."""
    then = f"s{number + 1}"
    on = st.integers(number + 1, last).map(lambda one: f"s{one}")
    anywhere = st.integers(0, last).map(lambda one: f"s{one}")
    prompt = draw(PROMPTS)
    kind = draw(st.sampled_from(sorted(_KINDS)))
    return _KINDS[kind](draw, prompt, then, on, anywhere)


def _dialled(draw: st.DrawFn, prompt: Any, then: str, on: Any, _anywhere: Any) -> Any:
    del prompt
    exits = {name: draw(on) for name in draw(st.sets(st.sampled_from(["busy", "failure"])))}
    return dial(*draw(TARGETS), no_answer=then, ring_s=draw(st.integers(1, 90)), **exits)


def _native(draw: st.DrawFn, prompt: Any, then: str, _on: Any, _anywhere: Any) -> Any:
    del prompt
    name, params = draw(NATIVES)
    return command(name, params, then=then, into=draw(st.sampled_from([None, "typed"])))


_KINDS: Mapping[str, Any] = {
    "say": lambda _draw, prompt, then, _on, _any: say(prompt, then=then),
    "play": lambda _draw, prompt, then, _on, _any: play(prompt, then=then),
    "menu": lambda draw, prompt, then, on, anywhere: menu(
        prompt,
        {"1": to(draw(anywhere), given="+84900000009"), "2": then},
        tries=draw(st.integers(1, 3)),
        failure=draw(on),
    ),
    "collect": lambda draw, prompt, then, on, _any: collect(
        prompt,
        "typed",
        secret=draw(st.booleans()),
        max_digits=draw(st.integers(1, 4)),
        then=then,
        failure=draw(on),
    ),
    "record": lambda draw, prompt, then, _on, _any: record(
        prompt, into=draw(st.sampled_from(["message", "typed"])), then=then
    ),
    "dial": _dialled,
    "wait": lambda draw, _prompt, then, _on, _any: wait(draw(st.integers(1, 40)), then=then),
    "branch": lambda draw, _prompt, then, on, _any: branch(
        "typed", {"1": draw(on)}, otherwise=then
    ),
    "assign": lambda _draw, _prompt, then, _on, _any: assign(given="user_3", then=then),
    "at_most": lambda draw, _prompt, then, _on, anywhere: at_most(
        draw(st.integers(1, 30)), then=draw(anywhere), failure=then
    ),
    "hours": lambda draw, _prompt, then, on, _any: hours(
        {"mon": "09:00-18:00"}, open=then, closed_step=draw(on)
    ),
    "native": _native,
    "conference": lambda _draw, _prompt, then, _on, _any: conference("room", then=then),
    "send_digits": lambda _draw, _prompt, then, _on, _any: send_digits("12", then=then),
}


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A flow that the check accepts for Stringee."""
    last = draw(st.integers(1, 6))
    made = {f"s{number}": draw(steps(number, last)) for number in range(last)}
    made[f"s{last}"] = hang_up(
        draw(st.none() | st.just("Tạm biệt {given}.")), disposition=draw(st.sampled_from(["", "x"]))
    )
    fallback = draw(st.sampled_from(["", f"s{last}", "s0"]))
    try:
        flow = Flow(
            "line",
            start="s0",
            language="vi-VN",
            timezone="Asia/Ho_Chi_Minh",
            given={"given": "", "typed": "", "message": ""},
            fallback=fallback,
            steps=made,
        )
    except FlowError:
        reject()
    found = [*flow.findings, *provider_of().check(flow)]
    assume(all(finding.level is not Level.ERROR for finding in found))
    return flow


SHIPPED = [flow for flow in load_flows().values() if not flow.on or "stringee" in flow.on]
KEYS = st.sampled_from(["", "1", "2", "9", "17", "1234", "#", "12#", "*", "\ud800", "9" * 300])
CAUSES = st.sampled_from(["", "486 Busy Here", "403 Forbidden", "odd", None, 5])
DOINGS = st.lists(st.tuples(KEYS, CAUSES), max_size=12)
CALLERS = st.sampled_from(
    [
        FROM_A_PHONE,
        FROM_AN_APP,
        {**FROM_A_PHONE, "from": ""},
        {**FROM_A_PHONE, "from": 'x"}]\n', "to": "1110001013"},
        {**FROM_AN_APP, "from": "842400000001", "to": "84900000009"},
        {**FROM_AN_APP, "to": "", "custom": '{"to": "user_5", "given": "user_6"}'},
        {"callId": FROM_A_PHONE["callId"]},
    ]
)
NUMBERS = st.sampled_from([{}, {"caller_id": "+842400000001", "fallback_number": "+84900000099"}])
ENDS = st.sampled_from([{}, {"endedBy": "EXTERNAL", "answerDuration": 0}, {"callType": "IVR"}])
SETTINGS = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def live(call: LineCall, doings: Sequence[tuple[str, Any]]) -> LineCall:
    """Do this as long as the call asks for anything; every list is parsed on the way."""
    for keys, cause in doings:
        if call.waits == "input":
            call.presses(keys)
        elif call.waits == "connect":
            call.is_not_reached(endCallCause=cause)
    return call


def line_of(flow: Flow, numbers: Mapping[str, str], *, forgets: bool = False) -> Line:
    journal = MemoryJournal()
    journal.forgets = forgets
    return Line([flow], journal=journal, fetches=FETCHES, **numbers)


@given(flows() | st.sampled_from(SHIPPED), CALLERS, DOINGS, NUMBERS, ENDS)
@SETTINGS
def test_every_reply_is_a_list_that_stringee_takes_and_the_call_ends(
    flow: Flow, caller: Mapping[str, str], doings: list[tuple[str, Any]], numbers: Any, ends: Any
) -> None:
    line = line_of(flow, numbers)
    call = live(line.rings(flow.name, caller), doings)
    assert call.ends(**ends) in {
        "completed", "hung_up", "transferred", "dialled", "failed",
    }  # fmt: skip
    assert call.ends(event_id="E2")
    assert len([turn for turn in line.journal.turns if turn.kind == "end"]) == 1
    numbered = [turn.turn for turn in line.journal.turns if turn.kind == "turn"]
    assert numbered == list(range(1, len(numbered) + 1))


@given(flows() | st.sampled_from(SHIPPED), CALLERS, DOINGS)
@SETTINGS
def test_a_journal_that_is_stuck_changes_no_list(
    flow: Flow, caller: Mapping[str, str], doings: list[tuple[str, Any]]
) -> None:
    calls = [
        live(line_of(flow, {}, forgets=forgets).rings(flow.name, caller), doings)
        for forgets in (False, True)
    ]
    assert calls[0].actions == calls[1].actions
    assert calls[0].lists == calls[1].lists


@given(flows() | st.sampled_from(SHIPPED), DOINGS, st.sampled_from(["+842400000001", ""]))
@SETTINGS
def test_a_call_that_we_place_is_such_a_call_too(
    flow: Flow, doings: list[tuple[str, Any]], ours: str
) -> None:
    start = Start(
        token="oh0123456789abcd",
        provider="stringee",
        flow=flow.name,
        number="+84900000001",
        caller_id=ours,
        ring_s=30,
        field="",
        variables={},
        created_at=NOW,
    )
    line = line_of(flow, {})
    report = line.provider.placed_by(start, NOW)
    reply = line.switchboard.begin(line.provider, report, flow.name)
    assume(reply is not None)
    assert reply is not None
    call = live(LineCall(line).takes(reply), doings)
    assert call.lists >= 1
