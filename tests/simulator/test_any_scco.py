"""Whatever a server answers and whatever the caller does, the call ends, once, and is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scco_server import Answer, SccoServer, scco_server

from app.simulator import Answer as PartyAnswer
from app.simulator import Others, Script, Scripted
from app.simulator.stringee import (
    KINDS,
    StringeeConditions,
    StringeeHostility,
    StringeeReadings,
    call_out,
    ring_in,
)
from app.simulator.transcript import Ended, HungUp

INTERNAL = {"type": "internal", "number": "user_2", "alias": "user_2"}
EXTERNAL = {"type": "external", "number": "84900000002", "alias": "842400000001"}


@pytest.fixture(scope="module")
def server() -> Iterator[SccoServer]:
    with scco_server() as running:
        yield running


FLAGS = st.booleans()
ENDS = st.sampled_from([INTERNAL, EXTERNAL])
PROMPTS = st.fixed_dictionaries(
    {"action": st.just("talk"), "text": st.sampled_from(["Xin chào", "Một"])},
    optional={
        "bargeIn": FLAGS,
        "loop": st.sampled_from([1, 2, 7, 100_000]),
        "silenceTime": st.sampled_from([0, 500]),
        "continueWhilePlay": FLAGS,
        "answerCall": FLAGS,
    },
)
PLAYS = st.fixed_dictionaries(
    {"action": st.sampled_from(["play", "stream"]), "fileName": st.just("https://h/x.mp3")},
    optional={"bargeIn": FLAGS},
)
INPUTS = st.fixed_dictionaries(
    {"action": st.just("input"), "eventUrl": st.just("URL/input")},
    optional={
        "timeOut": st.integers(1, 9),
        "submitOnHash": FLAGS,
        "maxDigits": st.integers(1, 4),
    },
)
CONNECTS = st.fixed_dictionaries(
    {"action": st.just("connect"), "from": ENDS, "to": ENDS},
    optional={
        "continueOnFail": FLAGS,
        "onFailEventUrl": st.sampled_from(["", "URL/failed"]),
        "timeout": st.integers(1, 30),
        "maxConnectTime": st.sampled_from([-1, 0, 5]),
        "peerToPeerCall": FLAGS,
    },
)
RECORDS = st.fixed_dictionaries(
    {"action": st.just("record")}, optional={"eventUrl": st.sampled_from(["", "URL/recorded"])}
)
MESSAGES = st.fixed_dictionaries(
    {"action": st.just("recordMessage")},
    optional={
        "eventUrl": st.just("URL/recorded"),
        "timeout": st.sampled_from([0, 5000]),
        "silenceTimeout": st.sampled_from([0, 2000]),
        "beepStart": FLAGS,
        "endOnKey": st.sampled_from(["#", "*", ""]),
    },
)
LISTS = st.lists(PROMPTS | PLAYS | INPUTS | CONNECTS | RECORDS | MESSAGES, max_size=4)
REPLIES = st.lists(LISTS | st.sampled_from([b"", b"[", b"{}"]), max_size=3)

OTHERS = st.builds(
    Others,
    answer=st.sampled_from(PartyAnswer),
    ring_s=st.sampled_from([1.0, 40.0]),
    talk_s=st.sampled_from([3.0, 30.0]),
)
SCRIPTS = st.builds(
    Script,
    keys=st.lists(st.text("0123456789*#", max_size=4), max_size=3).map(tuple),
    hangup_after=st.none() | st.floats(0, 60),
    hangup_at=st.none() | st.integers(1, 6),
    answer=st.sampled_from(PartyAnswer),
    barges_in=FLAGS,
    others=OTHERS,
)
CONDITIONS = st.builds(
    lambda readings, hostility: StringeeConditions(
        speed=20_000, readings=readings, hostility=hostility
    ),
    st.builds(
        lambda **switches: replace(StringeeReadings(most_requests=60), **switches),
        bad_reply=st.sampled_from(["end", "go on"]),
        input_from=st.sampled_from(["prompt end", "at once"]),
        input_time=st.sampled_from(["each key", "whole"]),
        on_fail=st.sampled_from(["any", "internal"]),
        recordings=st.sampled_from(["after", "before"]),
        message_reply=st.sampled_from(["replaces", "ignored"]),
    ),
    st.builds(
        StringeeHostility,
        repeat=st.sampled_from(["never", "never", "after"]),
        events=st.sampled_from(["in order", "at once", "swapped", "at the end"]),
        double_events=FLAGS,
        lose=st.sampled_from([frozenset[int](), frozenset({2})]),
        hang_up_during=st.none() | st.integers(1, 4),
    ),
)


def at(server: SccoServer, value: Any) -> Any:
    """The same, with the server's address for URL."""
    if isinstance(value, str):
        return value.replace("URL", server.url)
    if isinstance(value, list):
        return [at(server, one) for one in value]
    return (
        {key: at(server, one) for key, one in value.items()} if isinstance(value, dict) else value
    )


@given(
    kind=st.sampled_from(KINDS),
    first=LISTS,
    replies=REPLIES,
    script=SCRIPTS,
    conditions=CONDITIONS,
)
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_every_call_ends_once_and_is_told_from_its_beginning_to_its_end(
    server: SccoServer,
    kind: Any,
    first: list[Any],
    replies: list[Any],
    script: Script,
    conditions: StringeeConditions,
) -> None:
    answers = [
        Answer(reply) if isinstance(reply, bytes) else at(server, reply) for reply in replies
    ]
    server.got.clear()
    twice = [one for one in answers for _ in range(2)]
    server.replies |= {
        "answer": [at(server, first)] * 2,
        "input": [*twice],
        "failed": [*twice],
        "recorded": [*twice],
    }
    urls: dict[str, Any] = {
        "answer_url": f"{server.url}/answer",
        "event_url": f"{server.url}/events",
    }
    person = Scripted(script)
    if kind == "callout":
        record = call_out(person=person, conditions=conditions, **urls)
    else:
        record = ring_in(person=person, kind=kind, conditions=conditions, **urls)
    assert [event for event in record.events if isinstance(event, Ended)] == [record.events[-1]]
    assert len(record.of(HungUp)) <= 1
    times = [event.at for event in record.events]
    assert times == sorted(times)
    if record.refusal is None and 2 not in conditions.hostility.lose:
        ended = [one for one in server.events if one["call_status"] == "ended"]
        assert len(ended) == (2 if conditions.hostility.double_events else 1)
        assert ended[0]["answerDuration"] <= ended[0]["duration"]
        assert ended[0]["endCallCause"] == record.status
    for recording, seconds in record.recordings:
        assert recording.startswith(record.facts.call_id)
        assert seconds >= 0
