"""The state of a call, as it rides with it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.callflow import FlowError
from app.callflow.call import Call, Phase
from app.callflow.parties import Client, Other, Phone

TEXTS = st.text(max_size=20)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
PARTIES = st.none() | st.just(Phone("+33612345678")) | TEXTS.map(Client) | TEXTS.map(Other)
VALUES = st.none() | st.booleans() | st.integers() | TEXTS
BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

CALLS = st.builds(
    Call,
    key=st.just("callr:1"),
    provider=st.just("callr"),
    flow=NAMES,
    fingerprint=st.just("0123456789ab"),
    direction=st.sampled_from(["inbound", "outbound"]),
    caller=PARTIES,
    called=PARTIES,
    began=st.integers(0, 2**33).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    language=st.sampled_from(["en-GB", "vi"]),
    phase=st.sampled_from(Phase),
    turn=st.integers(0, 521),
    step=NAMES,
    at=st.integers(0, 9),
    last=st.booleans(),
    verb=st.sampled_from(["play", "collect", "hangup"]),
    tries=st.integers(0, 9),
    why=st.sampled_from(["", "invalid", "no_input"]),
    counts=st.dictionaries(NAMES, st.integers(0, 9), max_size=3),
    result=TEXTS,
    ending=st.sampled_from(["", "completed", "transferred"]),
    disposition=NAMES | st.just(""),
    fallen=st.booleans(),
    variables=st.dictionaries(NAMES, VALUES, max_size=4),
    rest=st.tuples(st.sampled_from([Phone("+331"), Client("user_1")])) | st.just(()),
    ours=st.sampled_from(["", "+331"]),
    ids=st.dictionaries(NAMES, TEXTS, max_size=2),
)


@given(CALLS)
def test_a_call_comes_back_out_of_its_state_through_json(call: Call) -> None:
    state = json.loads(json.dumps(call.to_state()))
    assert Call.from_state(state, key=call.key, provider=call.provider) == call


@given(CALLS)
def test_values_keep_their_types(call: Call) -> None:
    state = json.loads(json.dumps(call.to_state()))
    back = Call.from_state(state, key=call.key, provider=call.provider)
    types = {name: type(value) for name, value in call.variables.items()}
    assert {name: type(value) for name, value in back.variables.items()} == types


def a_call(**about: object) -> Call:
    call = Call(
        key="callr:1",
        provider="callr",
        flow="line",
        direction="inbound",
        caller=None,
        called=None,
        began=BEGAN,
        language="en-GB",
    )
    return replace(call, **about)  # type: ignore[arg-type] # whatever the test is about


def test_what_has_its_default_is_not_in_the_state() -> None:
    assert a_call().to_state().keys() == set("fpdblhtsv")


def test_a_state_holds_everything_but_what_seals_it_and_the_flows_zone() -> None:
    full = a_call(
        caller=Phone("+331"),
        called=Phone("+332"),
        last=False,
        at=1,
        tries=1,
        why="invalid",
        counts={"x": 1},
        result="1",
        ending="completed",
        disposition="done",
        ahead="thanked",
        fallen=True,
        variables={"x": "1"},
        rest=(Phone("+333"),),
        ours="+334",
        ids={"call": "1"},
    )
    assert len(full.to_state()) == len(fields(Call)) - len({"key", "provider", "timezone"})


@pytest.mark.parametrize("state", [{}, {"f": "line"}, {"h": "x"}])
def test_what_is_no_state_is_not_read(state: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Call.from_state(state, key="callr:1", provider="callr")


# What functions of the call can ask.


def test_a_variable_is_had_by_its_name() -> None:
    call = a_call(variables={"age": "018", "none": None})
    assert call["age"] == "018"
    assert call["none"] is None
    assert call.int("age") == 18
    assert call.get("age") == "018"
    assert call.get("nothing") is None
    assert call.get("nothing", "x") == "x"


def test_a_variable_that_is_not_set_says_so() -> None:
    with pytest.raises(FlowError, match="variable 'x' is not set") as caught:
        a_call(variables={"age": "1", "team": "a"})["x"]
    assert caught.value.mend == "Set are: age, team. Use call.get('x')."


@pytest.mark.parametrize("value", ["", "x", "1.5", None])
def test_what_is_no_whole_number_says_so(value: str | None) -> None:
    with pytest.raises(FlowError, match="no whole number"):
        a_call(variables={"age": value}).int("age")


def test_variables_are_added_and_none_is_lost() -> None:
    call = a_call(variables={"a": "1"})
    assert call.with_variables({"b": "2"}).variables == {"a": "1", "b": "2"}
    assert call.with_variables({}) is call


@given(CALLS, CALLS)
def test_a_call_with_changes_is_another_one_with_all_else_as_it_was(
    call: Call, other: Call
) -> None:
    before = replace(call)
    for one in fields(Call):
        value = getattr(other, one.name)
        assert call.but(**{one.name: value}) == replace(call, **{one.name: value})
    assert call == before


def test_a_call_is_not_changed_in_what_it_does_not_have() -> None:
    with pytest.raises(TypeError, match="a call has no stepp"):
        a_call().but(stepp="menu", tries=1)


def test_calls_that_are_read_share_nothing_that_a_flow_could_change() -> None:
    state = Call.from_state(a_call().to_state(), key="k", provider="callr").to_state()
    one, other = (Call.from_state(state, key=key, provider="callr") for key in "ab")
    for name in ("counts", "variables", "ids"):
        assert getattr(one, name) == {}
        assert getattr(one, name) is not getattr(other, name)
