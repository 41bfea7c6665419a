"""Stringee calls over HTTP, against literal payloads of the vendor's pages and samples."""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from scco_server import Answer, SccoServer, scco_server

from app.simulator import Answer as PartyAnswer
from app.simulator import Handset, Others, Script, Scripted
from app.simulator.stringee.conditions import (
    StringeeConditions,
    StringeeHostility,
    StringeeReadings,
)
from app.simulator.stringee.facts import KINDS, Kind, Project
from app.simulator.stringee.records import StringeeRecord
from app.simulator.stringee.ring import call_out, ring_in
from app.simulator.stringee.signing import sign
from app.simulator.transcript import (
    Bridged,
    Event,
    HungUp,
    KeysWanted,
    NotReached,
    Pressed,
    Recorded,
    Replied,
    Ringing,
    Said,
    Started,
)

FAST = StringeeConditions(speed=1000)
AT = datetime(2018, 11, 16, 12, 0, tzinfo=UTC)
AT_MS = 1542369600000
TALK = {"action": "talk", "text": "Xin chào", "bargeIn": False}
PROMPT = {"action": "talk", "text": "Bấm một phím", "bargeIn": True}
PHONE_TO_APP = {
    "action": "connect",
    "from": {"type": "external", "number": "84900000001", "alias": "84900000001"},
    "to": {"type": "internal", "number": "user_1", "alias": "842400000001"},
    "timeout": 30,
}
PHONE_TO_PHONE = {
    "action": "connect",
    "from": {"type": "external", "number": "84900000001", "alias": "842400000001"},
    "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
}
APP_TO_APP = {
    "action": "connect",
    "from": {"type": "internal", "number": "user_1", "alias": "user_1"},
    "to": {"type": "internal", "number": "user_2", "alias": "user_2"},
}
APP_TO_PHONE = {
    "action": "connect",
    "from": {"type": "internal", "number": "842400000001", "alias": "842400000001"},
    "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
}
CONNECTS: dict[Kind, dict[str, Any]] = {
    "app-to-app": APP_TO_APP,
    "app-to-phone": APP_TO_PHONE,
    "phone-to-app": PHONE_TO_APP,
    "phone-to-phone": PHONE_TO_PHONE,
}
FOUR = list(CONNECTS)
BUSY = Others(answer=PartyAnswer.BUSY)


@dataclass
class Line:
    """A server with replies, and how one calls it."""

    server: SccoServer
    conditions: StringeeConditions = FAST
    project: Project = field(default_factory=Project)

    def rings(
        self, *keys: str, kind: Kind = "phone-to-app", query: str = "", **what: Any
    ) -> StringeeRecord:
        """Somebody calls, and does what `Script` says; what is no field of it goes to `ring_in`."""
        does = {name: what.pop(name) for name in list(what) if name in Script.__slots__}
        return ring_in(
            self.server.url + "/answer" + query,
            person=Scripted(Script(keys=keys, **does)),
            kind=kind,
            event_url=self.server.url + "/events",
            conditions=self.conditions,
            project=self.project,
            at=AT,
            **what,
        )

    def url(self, name: str) -> str:
        return f"{self.server.url}/{name}"


@contextmanager
def line(*answers: object, **paths: list[object]) -> Iterator[Line]:
    """A server whose answer_url gives these replies in turn, as JSON where they are no `Answer`."""
    with scco_server(answer=list(answers), **paths) as server:
        yield Line(server)


def reading(**switches: Any) -> StringeeConditions:
    return replace(FAST, readings=replace(StringeeReadings(), **switches))


def hostile(**what: Any) -> StringeeConditions:
    return replace(FAST, hostility=replace(StringeeHostility(), **what))


def the_input(line: Line, **options: Any) -> dict[str, Any]:
    return {"action": "input", "eventUrl": line.url("input"), "timeOut": 5, **options}


# -- the answer_url --------------------------------------------------------------------------


def test_an_apps_call_asks_the_project() -> None:
    with line([APP_TO_APP]) as there:
        record = there.rings(kind="app-to-app", custom='{"a": "b c"}')
    (got,) = there.server.at("answer")
    assert got.method == "GET"
    assert re.fullmatch(
        r"/answer\?from=user_1&to=user_2&fromInternal=true&userId=user_1&projectId=22512"
        r"&callId=call-vn-1-[A-Z0-9]{10}-1542369600000"
        r"&custom=%7B%22a%22%3A%20%22b%20c%22%7D&accountId=1000001",
        got.target,
    )
    assert got.query["callId"] == record.facts.call_id
    assert record.r == 0


def test_a_number_that_is_shown_and_the_user_are_two_things() -> None:
    with line([APP_TO_PHONE]) as there:
        there.rings(kind="app-to-phone", caller="842400000001", user_id="user_7")
    query = there.server.at("answer")[0].query
    assert (query["from"], query["to"]) == ("842400000001", "84900000002")
    assert (query["userId"], query["custom"]) == ("user_7", "")


def test_a_phones_call_asks_the_number() -> None:
    with line([PHONE_TO_APP]) as there:
        there.rings(caller="+84900000001", called="+842400000001")
    (got,) = there.server.at("answer")
    assert list(got.query) == [
        "from",
        "to",
        "fromInternal",
        "uuid",
        "callId",
        "accountId",
        "projectId",
    ]
    assert (got.query["from"], got.query["to"]) == ("84900000001", "842400000001")
    assert got.query["fromInternal"] == "false"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", got.query["uuid"])


def test_the_urls_own_query_stays() -> None:
    with line([]) as there:
        there.rings(query="?userId=user%20x&a=1#part")
    (got,) = there.server.at("answer")
    assert got.target.startswith("/answer?userId=user%20x&a=1&from=84900000001&to=")


def test_parameters_can_be_encoded_twice_and_to_be_empty() -> None:
    conditions = StringeeConditions(
        speed=1000,
        readings=StringeeReadings(encoding="double"),
        hostility=StringeeHostility(empty_to=True),
    )
    with line([APP_TO_PHONE]) as there:
        there.conditions = conditions
        there.rings(kind="app-to-phone", caller="user 1", custom="a+b")
    target = there.server.at("answer")[0].target
    assert "?from=user%25201&to=&fromInternal=true&userId=user%201&" in target
    assert "&custom=a%252Bb&" in target


def test_numbers_can_come_with_a_plus_and_ids_be_missing() -> None:
    with line([]) as there:
        for encoding, sign_ in (("single", "%2B"), ("double", "%252B"), ("raw plus", "+")):
            there.conditions = StringeeConditions(
                speed=1000,
                readings=StringeeReadings(encoding=encoding),  # type: ignore[arg-type]
                hostility=StringeeHostility(
                    plus=True,
                    leave_out=frozenset({"callId", "uuid"}),
                    extra_parameters={"odd": "a b"},
                ),
            )
            there.rings(caller="+84900000001")
            target = there.server.at("answer")[-1].target
            assert f"?from={sign_}84900000001&to={sign_}842400000001&fromInternal=false" in target
            assert target.endswith("&projectId=22512&odd=a%20b")
            assert "callId" not in target
            assert "uuid" not in target


def test_everything_that_is_sent_is_signed() -> None:
    with line([TALK]) as there:
        there.project = Project(signing_key="test-signing-secret")
        there.rings()
    assert [got.method for got in there.server.got] == ["GET", "POST", "POST", "POST"]
    for got in there.server.got:
        data = got.target.encode() if got.method == "GET" else got.raw
        assert got.headers["X-STRINGEE-SIGNATURE"] == sign(data, "test-signing-secret")


SAMPLE = (
    "/stringee/answer?from=user_1&to=user_2&fromInternal=true&userId=user_1"
    "&projectId=22512&callId=call-vn-1-ABCDWXKUQM-1542377678921"
)


@pytest.mark.parametrize(
    ("data", "signature"),
    [
        (
            f"{SAMPLE}&custom=",
            "PsYDNyjo6PLo36PfcwxnQy+vT4g=",
        ),
        (
            f"{SAMPLE}&custom=hello%20world",
            "wro5NPx81wBNeG83G2mwuiMVzI0=",
        ),
        ('{"call_status":"ended","call_id":"call-vn-1-AAAA-1"}', "JnSmG/H0R5NZUDkunYbReD6r4E4="),
    ],
)
def test_signatures_are_those_of_the_vendors_scheme(data: str, signature: str) -> None:
    assert sign(data.encode(), "test-signing-secret") == signature


def test_without_a_key_nothing_is_signed() -> None:
    with line([]) as there:
        there.rings()
    assert all("X-STRINGEE-SIGNATURE" not in got.headers for got in there.server.got)


# -- what a bad answer does ------------------------------------------------------------------

BAD = {
    "an object": (APP_TO_APP, 2),
    "a page": (Answer(b"<html>", content_type="text/html"), 2),
    "an error": (Answer([APP_TO_APP], status=500), 18),
    "a redirection": (Answer(b"", status=302), 18),
    "a callee of another type": ([{**APP_TO_APP, "to": {"type": "x", "number": "1"}}], 3),
    "a number with a plus": (
        [{**APP_TO_PHONE, "to": {"type": "external", "number": "+84900000002"}}],
        10,
    ),
    "nothing to do": ([], 11),
    "a SIP trunk": ([{**APP_TO_PHONE, "to": {**APP_TO_PHONE["to"], "sipTrunkId": 7}}], 6),  # type: ignore[dict-item]
    "a number of somebody else": (
        [{**APP_TO_PHONE, "from": {"type": "internal", "number": "user_1", "alias": "x"}}],
        4,
    ),
}


@pytest.mark.parametrize("answer", BAD)
def test_an_app_gets_the_code_of_a_bad_answer_and_no_call(answer: str) -> None:
    reply, r = BAD[answer]
    with line(reply) as there:
        there.project = Project(numbers=frozenset({"842400000001"}))
        record = there.rings(kind="app-to-phone")
    assert record.r == r
    assert record.refusal is not None
    assert record.status == record.refusal.name
    assert there.server.events == []
    assert record.of(Started) == ()


def test_an_app_gets_a_code_where_nobody_answers_in_time() -> None:
    hold = threading.Event()
    with line(Answer([APP_TO_APP], hold=hold)) as there:
        there.conditions = reading(reply_within_s=0.2)
        began = time.monotonic()
        record = there.rings(kind="app-to-app")
        assert time.monotonic() - began < 2
        hold.set()
    assert record.r == 18
    assert record.faults[0] == "answer_url: late: no reply within 0.2 s"


def test_an_app_gets_a_code_where_there_is_no_answer_url() -> None:
    record = ring_in("", person=Scripted(), kind="app-to-app", conditions=FAST)
    assert (record.r, record.status) == (1, "ANSWER_URL_EMPTY")


@pytest.mark.parametrize("answer", sorted(set(BAD) - {"nothing to do"}))
def test_a_phones_call_ends_with_a_bad_answer(answer: str) -> None:
    reply, r = BAD[answer]
    with line(reply) as there:
        there.project = Project(numbers=frozenset({"842400000001"}))
        record = there.rings(kind="phone-to-phone")
    assert record.faults
    assert f"r={r} " in record.faults[-1]
    assert there.server.statuses == ["created", "ended"]
    assert there.server.events[-1]["endCallCause"] == "CAN_NOT_MAKE_CALL"


def test_a_phones_call_ends_with_an_empty_answer() -> None:
    with line([]) as there:
        record = there.rings()
    assert record.faults == ()
    assert there.server.statuses == ["created", "ended"]


def test_a_phones_number_is_shown_by_the_alias_alone() -> None:
    with line([PHONE_TO_PHONE]) as there:
        there.project = Project(numbers=frozenset({"842400000001"}))
        record = there.rings(kind="phone-to-phone")
    assert record.faults == record.warnings == ()
    foreign = {**PHONE_TO_PHONE["from"], "alias": "84900000001"}  # type: ignore[dict-item]
    with line([{**PHONE_TO_PHONE, "from": foreign}]) as there:
        there.project = Project(numbers=frozenset({"842400000001"}))
        record = there.rings(kind="phone-to-phone")
    assert "from shows '84900000001', which is no number of this account" in record.faults[0]


# -- the four types, and events --------------------------------------------------------------


@pytest.mark.parametrize("kind", FOUR)
def test_each_type_of_call_is_connected_and_ends_with_the_conversation(kind: Kind) -> None:
    with line([CONNECTS[kind]]) as there:
        record = there.rings(kind=kind, others=Others(ring_s=4, talk_s=10))
    assert record.status == "USER_END_CALL"
    whom = {"user_2": "user_2", "user_1": "user_1", "84900000002": "+84900000002"}
    party = whom[CONNECTS[kind]["to"]["number"]]
    assert [event.number for event in record.of(Ringing)] == [party]
    assert [event.number for event in record.of(Bridged)] == [party]
    assert [event.by for event in record.of(HungUp)] == ["dialled party"]
    assert there.server.statuses == ["created", "started", "ringing", "answered", "ended"]
    ended = there.server.events[-1]
    assert (ended["duration"], ended["answerDuration"]) == (14, 10)
    assert ended["endedBy"] == ("INTERNAL" if kind.endswith("app") else "EXTERNAL")
    assert ended["callType"] == "CALL"


def test_events_have_the_documented_fields_and_those_that_customers_captured() -> None:
    with line([{**APP_TO_APP, "customData": "ours"}]) as there:
        record = there.rings(kind="app-to-app", custom="theirs")
    created, *_, ended = there.server.events
    assert re.fullmatch(r"[A-Z0-9]{10}-1542369600\d{3}", created.pop("event_id"))
    assert AT_MS <= created.pop("timestamp_ms") < AT_MS + 1000
    assert created == {
        "serial": 1,
        "original": False,
        "call_status": "created",
        "call_id": record.facts.call_id,
        "project_id": 22512,
        "account_sid": "AC" + "0" * 32,
        "request_from_user_id": "user_1",
        "from": {"type": "internal", "number": "user_1", "alias": "user_1", "is_online": True},
        "to": {"type": "internal", "number": "user_2", "alias": "user_2", "is_online": True},
        "clientCustomData": "theirs",
        "customData": "",
        "type": "stringee_call",
        "callCreatedReason": "CLIENT_MAKE_CALL",
        "actor": "",
        "actorType": "",
        "peerToPeer": False,
        "isVideoCall": False,
    }
    assert set(ended) - set(created) == {
        "event_id",
        "timestamp_ms",
        "endCallCause",
        "endedBy",
        "callType",
        "duration",
        "answerDuration",
    }
    assert (ended["customData"], ended["peerToPeer"]) == ("ours", True)
    assert len({event["event_id"] for event in there.server.events[1:]}) == 4


def test_a_phones_call_tells_no_user() -> None:
    with line([PHONE_TO_APP]) as there:
        there.rings()
    assert {event["request_from_user_id"] for event in there.server.events} == {""}
    assert {event["callCreatedReason"] for event in there.server.events} == {"EXTERNAL_CALL_IN"}


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (PartyAnswer.BUSY, "486 Busy Here"),
        (PartyAnswer.NO_ANSWER, "480 Temporarily Unavailable"),
        (PartyAnswer.REJECTED, "603 Decline"),
        (PartyAnswer.UNAVAILABLE, "480 Temporarily Unavailable"),
        (PartyAnswer.CONGESTION, "503 Service Unavailable"),
    ],
)
def test_a_callee_who_is_not_reached_ends_the_call(answer: PartyAnswer, cause: str) -> None:
    with line([PHONE_TO_APP, TALK]) as there:
        record = there.rings(others=Others(answer=answer))
    assert record.of(NotReached)[0].why == answer.value
    assert record.of(Said) == ()
    assert record.status == cause
    ended = there.server.events[-1]
    assert (ended["endCallCause"], ended["answerDuration"]) == (cause, 0)
    assert there.server.statuses[-2:] == ["agentEnded", "ended"]
    rang = "ringing" in there.server.statuses
    assert rang is (answer is not PartyAnswer.UNAVAILABLE)


def test_nobody_answers_within_the_timeout() -> None:
    with line([{**PHONE_TO_APP, "timeout": 7}]) as there:
        record = there.rings(others=Others(ring_s=8))
    (missed,) = record.of(NotReached)
    assert (missed.why, round(missed.at)) == ("NOANSWER", 7)


def test_a_conversation_has_its_longest_time() -> None:
    with line([{**PHONE_TO_APP, "maxConnectTime": 5}]) as there:
        record = there.rings(others=Others(talk_s=50, ring_s=1))
    assert record.status == "MAX_CONNECT_TIME"
    assert there.server.events[-1]["answerDuration"] == 5
    with line([{**PHONE_TO_APP, "maxConnectTime": 0}]) as there:
        assert there.rings().status == "USER_END_CALL"


def test_the_caller_hangs_up_while_it_rings() -> None:
    with line([PHONE_TO_APP]) as there:
        record = there.rings(hangup_after=2)
    assert [event.by for event in record.of(HungUp)] == ["person"]
    ended = there.server.events[-1]
    assert (ended["endCallCause"], ended["endedBy"]) == ("USER_END_CALL", "EXTERNAL")
    assert (ended["duration"], ended["answerDuration"]) == (2, 0)


# -- somebody is not reached, and there is more to do ----------------------------------------

FAILED_KEYS = [
    "call_status",
    "agent_status",
    "project_id",
    "timestamp_ms",
    "type",
    "call_id",
    "from",
    "to",
    "toNumber",
    "start_time",
]


@pytest.mark.parametrize("kind", FOUR)
def test_the_server_is_asked_what_now(kind: Kind) -> None:
    with line(failed=[[TALK]]) as there:
        url = there.url("failed?turn=2&state=x%2By")
        connect = {**CONNECTS[kind], "continueOnFail": True, "onFailEventUrl": url}
        there.server.replies["answer"] = [[connect]]
        record = there.rings(kind=kind, others=BUSY)
    (got,) = there.server.at("failed")
    assert got.target == "/failed?turn=2&state=x%2By"
    assert list(got.json) == FAILED_KEYS
    assert got.json["call_status"] == "connect_failed"
    assert got.json["agent_status"] == "ended"
    assert got.json["call_id"] == record.facts.call_id
    assert got.json["start_time"] == AT_MS
    assert got.json["toNumber"] == connect["to"]["number"]
    assert got.json["to"]["type"] == connect["to"]["type"]
    assert record.heard[-1] == "Xin chào"
    assert "connect_failed" in there.server.statuses


@pytest.mark.parametrize("kind", FOUR)
def test_it_may_be_asked_for_apps_alone(kind: Kind) -> None:
    with line(failed=[[TALK]]) as there:
        there.conditions = reading(on_fail="internal")
        connect = CONNECTS[kind] | {"continueOnFail": True, "onFailEventUrl": there.url("failed")}
        there.server.replies["answer"] = [[connect]]
        there.rings(kind=kind, others=BUSY)
    assert bool(there.server.at("failed")) is kind.endswith("app")


def test_a_url_without_the_flag_is_not_asked() -> None:
    with line(failed=[[TALK]]) as there:
        there.server.replies["answer"] = [[PHONE_TO_APP | {"onFailEventUrl": there.url("failed")}]]
        record = there.rings(others=BUSY)
    assert there.server.at("failed") == []
    assert record.status == "486 Busy Here"


@pytest.mark.parametrize(
    "reply", [b"", b"[", {"a": 1}, Answer([TALK], status=500)], ids=["empty", "cut", "map", "500"]
)
def test_an_improper_reply_ends_the_call_or_lets_the_list_go_on(reply: object) -> None:
    for bad_reply, heard in (("end", []), ("go on", ["Xin chào"])):
        with line(failed=[reply]) as there:
            there.conditions = reading(bad_reply=bad_reply)
            connect = PHONE_TO_APP | {"continueOnFail": True, "onFailEventUrl": there.url("failed")}
            there.server.replies["answer"] = [[connect, TALK]]
            record = there.rings(others=BUSY)
        assert [event.text for event in record.of(Said)] == heard
        assert record.faults
        assert (record.status == "CAN_NOT_MAKE_CALL") is (bad_reply == "end")


def test_an_empty_list_in_the_place_of_the_rest_ends_the_call() -> None:
    with line(failed=[[]]) as there:
        connect = PHONE_TO_APP | {"continueOnFail": True, "onFailEventUrl": there.url("failed")}
        there.server.replies["answer"] = [[connect, TALK]]
        record = there.rings(others=BUSY)
    assert record.faults == ()
    assert record.of(Said) == ()


# -- prompts and keys ------------------------------------------------------------------------


def test_prompts_are_heard_one_after_the_other_and_the_lists_end_ends_the_call() -> None:
    play = {"action": "play", "fileName": "hello.mp3"}
    stream = {"action": "stream", "fileName": "https://h/x.mp3"}
    with line([TALK, PROMPT, play, stream]) as there:
        record = there.rings()
    assert record.heard == (
        "Xin chào",
        "Bấm một phím",
        "[sound hello.mp3]",
        "[sound https://h/x.mp3]",
    )
    times = [event.at for event in record.of(Started)]
    assert [round(after - before, 1) for before, after in itertools.pairwise(times)] == [
        0.5,
        0.8,
        3.0,
    ]
    assert [event.by for event in record.of(HungUp)] == ["voice app"]
    assert there.server.statuses == ["created", "answered", "ended"]
    assert there.server.events[-1]["callType"] == "IVR"


def test_a_prompt_is_heard_as_often_as_it_says_with_silence_between() -> None:
    with line([{**TALK, "loop": 3, "silenceTime": 1000}]) as there:
        record = there.rings()
    times = [event.at for event in record.of(Said)]
    once = len("Xin chào") / 15
    expected = [0, once + 1, 2 * once + 2]
    assert [after - times[0] for after in times] == pytest.approx(expected, abs=0.02)
    assert record.events[-1].at - times[0] == pytest.approx(3 * once + 2, abs=0.1)


def test_a_prompt_without_end_ends_with_the_caller() -> None:
    with line([{**TALK, "loop": 100_000}]) as there:
        record = there.rings(hangup_after=30)
    assert round(record.events[-1].at) == 30
    assert len(record.of(Said)) == 5


def test_a_prompt_can_go_on_behind_the_next_action() -> None:
    with line([{**TALK, "continueWhilePlay": True}, PHONE_TO_APP]) as there:
        record = there.rings()
    said, ringing = record.of(Said)[0], record.of(Ringing)[0]
    assert ringing.at - said.at < 0.2


def test_a_prompt_need_not_answer_the_call() -> None:
    with line([{**TALK, "answerCall": False}, PHONE_TO_APP]) as there:
        there.rings(others=BUSY)
    assert "answered" not in there.server.statuses


def test_keys_are_posted_as_the_vendors_sample_has_it() -> None:
    with line(input=[[]]) as there:
        wanted = the_input(there, maxDigits=1, customField='{"a":1}')
        wanted["eventUrl"] += "?turn=1&state=a%2Bb"
        there.server.replies["answer"] = [[TALK, wanted]]
        record = there.rings("0")
    (got,) = there.server.at("input")
    assert got.target == "/input?turn=1&state=a%2Bb"
    assert got.headers["Content-Type"] == "application/json"
    time_ms = got.json["time"]
    assert re.fullmatch(r"1542369\d{6}", time_ms)
    assert got.raw.decode() == (
        f'{{"time":"{time_ms}","dtmf":"0","call_id":"{record.facts.call_id}",'
        '"customField":"{\\"a\\":1}","timeout":false}'
    )


def test_keys_end_a_prompt_that_they_may_end() -> None:
    with line(input=[[]]) as there:
        there.server.replies["answer"] = [
            [TALK, PROMPT, {**PROMPT, "text": "Và nghe tiếp"}, the_input(there, maxDigits=1)]
        ]
        record = there.rings("7", barges_in=True)
    assert record.heard == ("Xin chào", "Bấm một phím")
    assert [event.keys for event in record.of(Pressed) if event.used] == ["7"]
    assert there.server.at("input")[0].json["dtmf"] == "7"


class Quick(Scripted):
    """Presses all keys in the same moment, as soon as there is a prompt."""

    def meet(self, handset: Handset) -> None:
        super().meet(handset)
        self.handset = handset

    def notice(self, event: Event) -> None:
        if isinstance(event, KeysWanted):
            self.handset.press("1234")


def test_no_key_is_lost_between_a_prompt_and_its_input() -> None:
    with line(input=[[]]) as there:
        asked = [PROMPT, PROMPT, the_input(there, maxDigits=4)]
        there.server.replies["answer"] = [asked]
        ring_in(there.url("answer"), person=Quick(), conditions=FAST)
    assert there.server.at("input")[0].json["dtmf"] == "1234"


def test_keys_do_not_end_a_prompt_that_is_heard_to_its_end() -> None:
    with line(input=[[]]) as there:
        there.server.replies["answer"] = [[TALK, the_input(there, maxDigits=1)]]
        record = there.rings("7")
    (wanted,) = record.of(KeysWanted)
    assert (wanted.what, wanted.max_digits, wanted.prompt_s, wanted.timeout_s) == ("input", 1, 0, 5)
    assert there.server.at("input")[0].json["dtmf"] == "7"


@pytest.mark.parametrize(
    ("options", "keys", "dtmf", "timed_out"),
    [
        ({"maxDigits": 4}, "12", "12", True),
        ({"maxDigits": 4}, "1234", "1234", False),
        ({"maxDigits": 4, "submitOnHash": True}, "12#", "12", False),
        ({"maxDigits": 4, "submitOnHash": True}, "#", "", False),
        ({"maxDigits": 4}, "1#", "1#", True),
        ({}, "123456789", "123456789", True),
        ({}, "", "", True),
    ],
)
def test_an_entry_ends_with_its_length_the_hash_or_the_limit(
    options: dict[str, Any], keys: str, dtmf: str, timed_out: object
) -> None:
    with line(input=[[]]) as there:
        there.server.replies["answer"] = [[PROMPT, the_input(there, **options)]]
        there.rings(keys)
    (got,) = there.server.at("input")
    assert (got.json["dtmf"], got.json["timeout"]) == (dtmf, timed_out)


def test_the_flag_of_an_entry_that_the_limit_ended_may_be_read_otherwise() -> None:
    with line(input=[[]]) as there:
        there.conditions = reading(partial_entry="entry")
        there.server.replies["answer"] = [[the_input(there, maxDigits=4)]]
        there.rings("12")
    assert there.server.at("input")[0].json["timeout"] is False


def test_the_limit_runs_from_the_prompts_end_or_at_once() -> None:
    for input_from, seconds in (("prompt end", 8), ("at once", 5)):
        with line(input=[[]]) as there:
            there.conditions = reading(input_from=input_from)
            play = {"action": "play", "fileName": "hello.mp3"}
            there.server.replies["answer"] = [[play, the_input(there)]]
            record = there.rings()
        assert round(record.of(HungUp)[0].at) == seconds


def test_the_reply_to_an_input_takes_the_place_of_the_rest() -> None:
    with line(input=[[{**TALK, "text": "hai"}]]) as there:
        there.server.replies["answer"] = [
            [PROMPT, the_input(there, maxDigits=1), {**TALK, "text": "never"}]
        ]
        record = there.rings("1")
    assert record.heard == ("Bấm một phím", "hai")


def test_hanging_up_posts_no_keys() -> None:
    with line(input=[[]]) as there:
        there.server.replies["answer"] = [[PROMPT, the_input(there, maxDigits=4)]]
        record = there.rings("12", hangup_after=4)
    assert there.server.at("input") == []
    assert record.status == "USER_END_CALL"


# -- recordings ------------------------------------------------------------------------------


def test_a_message_is_recorded_and_told_in_between() -> None:
    with line(recorded=[b"ok"]) as there:
        message = {
            "action": "recordMessage",
            "eventUrl": there.url("recorded?at=1"),
            "beepStart": True,
            "silenceTimeout": 4000,
            "timeout": 60_000,
        }
        there.server.replies["answer"] = [[message, TALK]]
        record = there.rings(speaks_s=6)
    assert record.heard == ("[beep]", "Xin chào")
    (recorded,) = record.of(Recorded)
    assert recorded.seconds == pytest.approx(10, abs=0.2)
    (got,) = there.server.at("recorded")
    call_id = record.facts.call_id
    assert got.json == {
        "call_id": call_id,
        "recording_url": f"https://api.stringee.com/v1/call/recording/{call_id}-1",
        "start_time": got.json["start_time"],
        "end_time": got.json["end_time"],
        "fromNumber": "84900000001",
        "toNumber": "842400000001",
        "project_id": 22512,
    }
    took = got.json["end_time"] - got.json["start_time"]
    assert took == pytest.approx(10_000, abs=200)


@pytest.mark.parametrize("reading_", ["replaces", "ignored"])
def test_a_message_may_be_answered_by_another_list(reading_: str) -> None:
    with line(recorded=[[{**TALK, "text": "hai"}]]) as there:
        there.conditions = reading(message_reply=reading_)
        message = {"action": "recordMessage", "eventUrl": there.url("recorded")}
        there.server.replies["answer"] = [[message, TALK]]
        record = there.rings()
    assert record.heard == (("hai",) if reading_ == "replaces" else ("Xin chào",))


def test_a_key_ends_a_message_and_hanging_up_keeps_it() -> None:
    with line(recorded=[b"", b""]) as there:
        message = {"action": "recordMessage", "eventUrl": there.url("recorded")}
        there.server.replies["answer"] = [[message], [message]]
        pressed = there.rings(speaks_s=3)
        hung_up = there.rings(speaks_s=30, hangup_after=5)
    assert [round(one.of(Recorded)[0].seconds) for one in (pressed, hung_up)] == [3, 5]
    assert len(there.server.at("recorded")) == 2
    assert [seconds for _, seconds in hung_up.recordings] == [hung_up.of(Recorded)[0].seconds]


@pytest.mark.parametrize("when", ["after", "before"])
def test_the_recording_of_a_call_is_told_with_its_end(when: str) -> None:
    with line() as there:
        there.conditions = reading(recordings=when)
        recorded = {"action": "record", "eventUrl": there.url("recorded"), "format": "mp3"}
        there.server.replies["answer"] = [[recorded, PHONE_TO_PHONE]]
        record = there.rings(kind="phone-to-phone", others=Others(talk_s=9, ring_s=2))
    names = [got.name for got in there.server.got][-2:]
    assert names == (["events", "recorded"] if when == "after" else ["recorded", "events"])
    (got,) = there.server.at("recorded")
    call_id = record.facts.call_id
    assert got.json["recording_url"].endswith(f"/v1/call/recording/{call_id}")
    ((recording, seconds),) = record.recordings
    assert recording == call_id
    assert seconds == pytest.approx(9, abs=0.1)


def test_what_two_apps_say_past_the_platform_is_not_recorded() -> None:
    for direct in (True, False):
        with line() as there:
            recorded = {"action": "record", "eventUrl": there.url("recorded")}
            there.server.replies["answer"] = [[recorded, APP_TO_APP | {"peerToPeerCall": direct}]]
            record = there.rings(kind="app-to-app")
        assert bool(there.server.at("recorded")) is not direct
        assert bool(record.recordings) is not direct
        assert any("nothing is recorded" in text for text in record.warnings) is direct


def test_what_nobody_answered_is_not_recorded() -> None:
    with line() as there:
        recorded = {"action": "record", "eventUrl": there.url("recorded")}
        there.server.replies["answer"] = [[recorded, PHONE_TO_APP]]
        record = there.rings(others=BUSY)
    assert there.server.at("recorded") == []
    assert record.recordings == ()


# -- the server calls ------------------------------------------------------------------------


def calls_out(there: Line, **what: Any) -> StringeeRecord:
    return call_out(
        person=Scripted(what.pop("script", None)),
        event_url=there.url("events"),
        conditions=FAST,
        at=AT,
        **what,
    )


def test_a_server_calls_with_its_actions() -> None:
    with line() as there:
        record = calls_out(there, actions=[TALK], answer_url=there.url("answer"))
    assert record.heard == ("Xin chào",)
    assert there.server.at("answer") == []
    assert there.server.statuses == ["created", "started", "ringing", "answered", "ended"]
    answered = there.server.events[3]
    assert (answered["actor"], answered["callCreatedReason"]) == (
        "84900000001",
        "SERVER_CALL_OUT_BY_MAKE_CALL_TO_EXTERNAL_BEFORE",
    )


def test_an_answer_url_is_asked_where_there_are_no_actions() -> None:
    with line([TALK]) as there:
        record = calls_out(there, answer_url=there.url("answer"))
    assert record.heard == ("Xin chào",)
    assert there.server.statuses[3] == "answered"
    assert there.server.at("answer")[0].query["fromInternal"] == "false"


def test_whoever_is_called_may_not_be_reached() -> None:
    with line() as there:
        script = Script(answer=PartyAnswer.BUSY)
        record = calls_out(there, actions=[TALK], script=script)
    assert record.status == "486 Busy Here"
    assert record.heard == ()
    assert there.server.statuses[-1] == "ended"


# -- hostility -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["after", "at_once"])
def test_what_wants_an_answer_can_come_twice(how: str) -> None:
    with line([TALK], [TALK]) as there:
        there.conditions = hostile(repeat=how)
        record = there.rings()
    first, second = there.server.at("answer")
    assert first.target == second.target
    assert record.faults == ()
    with line([TALK], []) as there:
        there.conditions = hostile(repeat=how)
        record = there.rings()
    assert "came twice and got two different replies" in record.faults[0]


def test_events_can_come_twice_with_one_id() -> None:
    with line([TALK]) as there:
        there.conditions = hostile(double_events=True)
        there.rings()
    assert there.server.statuses == ["created", "created", "answered", "answered", "ended", "ended"]
    assert len({event["event_id"] for event in there.server.events}) == 3


@pytest.mark.parametrize(
    ("what", "statuses"),
    [
        ({"events": "swapped"}, ["started", "created", "answered", "ringing", "ended"]),
        ({"events": "at the end"}, ["ended", "created", "started", "ringing", "answered"]),
        (
            {"lose_events": frozenset({"ended", "ringing"})},
            ["created", "started", "answered"],
        ),
        (
            {"odd_status": "on_hold"},
            ["created", "started", "ringing", "answered", "ended", "on_hold"],
        ),
    ],
)
def test_events_can_come_out_of_order_or_not_at_all(
    what: dict[str, Any], statuses: list[str]
) -> None:
    with line([PHONE_TO_APP]) as there:
        there.conditions = hostile(**what)
        there.rings()
    assert there.server.statuses == statuses


def test_events_can_come_all_at_once_and_beside_what_else_is_sent() -> None:
    hold = threading.Event()
    with line([PHONE_TO_APP], events=[Answer(b"", hold=hold)] * 3) as there:
        there.conditions = hostile(events="at once", double_events=True)
        done: list[StringeeRecord] = []
        calling = threading.Thread(target=lambda: done.append(there.rings()))
        calling.start()
        deadline = time.monotonic() + 5
        while len(there.server.events) < 8 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(there.server.events) >= 8
        assert not done
        hold.set()
        calling.join(10)
    assert sorted(there.server.statuses) == sorted(
        ["created", "started", "ringing", "answered", "ended"] * 2
    )
    (record,) = done
    assert len(record.of(Replied)) == 11
    assert record.faults == record.warnings == ()


def test_events_may_lack_whom_they_are_to() -> None:
    with line([TALK, PHONE_TO_APP]) as there:
        there.conditions = reading(to_in_events="when connected")
        there.rings()
    told = {event["call_status"]: "to" in event for event in there.server.events}
    assert told == {
        "created": False,
        "answered": True,
        "started": True,
        "ringing": True,
        "ended": True,
    }


def test_nobody_answers_in_another_word() -> None:
    with line([PHONE_TO_APP]) as there:
        there.conditions = reading(no_answer="TIMEOUT_ANSWER")
        record = there.rings(others=Others(answer=PartyAnswer.NO_ANSWER))
    assert record.status == "TIMEOUT_ANSWER"


def test_fields_can_be_more_or_other_than_those_that_are_known() -> None:
    with line([TALK]) as there:
        there.conditions = hostile(extra={"new": [1]}, instead={"from": None, "to": "x"})
        there.rings()
    assert all("from" not in event and event["to"] == "x" for event in there.server.events)
    assert all(event["new"] == [1] for event in there.server.events)


def test_a_request_can_be_lost() -> None:
    with line([TALK]) as there:
        there.conditions = hostile(lose=frozenset({1}))
        record = there.rings()
    assert there.server.at("answer") == []
    assert record.warnings == ("request 1 was lost on its way, on purpose",)
    assert record.status == "CAN_NOT_MAKE_CALL"


def test_the_line_can_be_cut_in_an_action() -> None:
    with line([TALK, PHONE_TO_APP]) as there:
        there.conditions = hostile(hang_up_during=2)
        record = there.rings()
    assert [event.by for event in record.of(HungUp)] == ["line cut on purpose"]


def test_a_call_that_never_ends_is_ended() -> None:
    with line() as there:
        there.conditions = reading(most_requests=20)
        wanted = the_input(there)
        there.server.replies |= {"answer": [[wanted]], "input": [[wanted]] * 30}
        record = there.rings()
    assert "20 requests in one call; the simulator ends it here" in record.warnings[0]


def test_only_the_type_of_a_call_tells_an_app_from_a_phone() -> None:
    internal: Callable[[Kind], str] = lambda kind: "true" if kind.startswith("app") else "false"  # noqa: E731
    for kind in KINDS[:4]:
        with line([]) as there:
            there.rings(kind=kind)
        assert there.server.at("answer")[0].query["fromInternal"] == internal(kind)
