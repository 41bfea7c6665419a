"""What Stringee asks and tells, read: who calls whom, what a flow is given, what was pressed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from scco_line import CALL_ID, FROM_A_PHONE, FROM_AN_APP, NOW, provider_of

from app.callflow.errors import PlatformError
from app.callflow.events import (
    CallArrived,
    CommandDone,
    Event,
    HungUp,
    NoInput,
    NotAnswered,
    Unanswered,
)
from app.callflow.parties import Client, Other, Party, Phone
from app.ports import Notice, Report, Start, WireRequest

CAPTURED = (
    "from=84900000001&to=842400000002&uuid=f7250000-0000-4000-8000-000000000000"
    "&callId=call-vn-1-AAAAAAAAAA-1754868214204&fromInternal=false&accountId=1000001"
    "&projectId=2000002"
)
"""A number's answer_url as it was captured in August 2025."""

BUSY = {
    "endCallCause": "486 Busy Here",
    "actorType": "",
    "original": False,
    "peerToPeer": True,
    "timestamp_ms": 1710493163225,
    "endedBy": "INTERNAL",
    "type": "stringee_call",
    "callType": "CALL",
    "call_id": "call-vn-1-BBBBBBBBBB-1710441223965",
    "actor": "",
    "duration": 10,
    "callCreatedReason": "CLIENT_MAKE_CALL",
    "call_status": "ended",
    "event_id": "AAAAAAAAAA-1708736338885",
    "project_id": 1000100,
    "serial": 1,
    "answerDuration": 0,
    "request_from_user_id": "user_1",
    "account_sid": "AC00000000000000000000000000000000",
    "from": {"number": "user_1", "alias": "user_1", "is_online": True, "type": "internal"},
    "clientCustomData": "",
    "to": {"number": "user_2", "alias": "user_2", "is_online": True, "type": "internal"},
}
"""An ``ended`` event as it was captured in 2024."""

DTMF = {
    "time": "1530870073736",
    "dtmf": "0",
    "call_id": "call-vn-1-Y8JUX5TVSZ-1530721745779",
    "customField": "",
    "timeout": False,
}
"""The body of an ``input``'s eventUrl, from stringeecom/server-samples event_url_dtmf.php."""


def asked(given: dict[str, str] | str, kind: str = "answer") -> WireRequest:
    query = dict(parse_qsl(given)) if isinstance(given, str) else given
    return WireRequest("GET", "/stringee/line/answer?x", {}, b"", "line", query, kind)


def posted(body: dict[str, Any], kind: str, query: str = "") -> WireRequest:
    raw = json.dumps(body).encode()
    return WireRequest("POST", "/x", {}, raw, "line", dict(parse_qsl(query)), kind)


def report_of(request: WireRequest) -> Report:
    seen = provider_of().read(request, NOW)
    assert isinstance(seen, Report)
    return seen


def notice_of(request: WireRequest) -> Notice:
    seen = provider_of().read(request, NOW)
    assert isinstance(seen, Notice)
    return seen


def arrived(given: dict[str, str] | str) -> CallArrived:
    event = report_of(asked(given)).event
    assert isinstance(event, CallArrived)
    return event


# the parties


@pytest.mark.parametrize(
    ("changes", "caller", "called"),
    [
        ({}, Phone("+84900000001"), Phone("+842400000002")),
        ({"to": "1110001013"}, Phone("+84900000001"), Other("1110001013")),
        ({"from": ""}, None, Phone("+842400000002")),
        ({"from": "anonymous"}, Other("anonymous"), Phone("+842400000002")),
        ({"from": "113"}, Other("113"), Phone("+842400000002")),
        ({"from": "0900000001"}, Other("0900000001"), Phone("+842400000002")),
        ({"from": " 84900000001", "to": ""}, Phone("+84900000001"), None),
        ({"from": "%2B84900000001"}, Phone("+84900000001"), Phone("+842400000002")),
        ({"from": "+84900000001"}, Phone("+84900000001"), Phone("+842400000002")),
    ],
)
def test_the_parties_of_a_call_from_a_phone(
    changes: dict[str, str], caller: Party, called: Party
) -> None:
    event = arrived({**FROM_A_PHONE, **changes})
    assert (event.caller, event.called, event.direction) == (caller, called, "inbound")
    assert event.ours == ""


@pytest.mark.parametrize(
    ("changes", "caller", "called", "ours"),
    [
        ({}, Client("user_1"), Client("user_2"), ""),
        ({"userId": ""}, Client("user_1"), Client("user_2"), ""),
        ({"from": "842400000001", "to": "84900000002"}, Client("user_1"), Phone("+84900000002"),
         "+842400000001"),
        ({"to": "007"}, Client("user_1"), Client("007"), ""),
        ({"to": "", "custom": '{"to": "user_9"}'}, Client("user_1"), Client("user_9"), ""),
        ({"to": "", "custom": '{"to": "84900000002"}'}, Client("user_1"), Phone("+84900000002"),
         ""),
        ({"to": "", "custom": "to=user_9"}, Client("user_1"), None, ""),
        ({"from": "", "userId": ""}, None, Client("user_2"), ""),
    ],
)  # fmt: skip
def test_the_parties_of_a_call_from_an_app(
    changes: dict[str, str], caller: Party, called: Party, ours: str
) -> None:
    event = arrived({**FROM_AN_APP, **changes})
    assert (event.caller, event.called, event.ours) == (caller, called, ours)


def test_only_the_word_true_makes_it_an_apps_call() -> None:
    for text in ("true", "TRUE", "True"):
        assert arrived({**FROM_AN_APP, "fromInternal": text}).caller == Client("user_1")
    for text in ("false", "1", "yes", ""):
        assert arrived({**FROM_AN_APP, "fromInternal": text}).caller == Other("user_1")


def test_a_request_that_was_captured_is_read() -> None:
    report = report_of(asked(CAPTURED))
    assert report.call_key == "stringee:call-vn-1-AAAAAAAAAA-1754868214204"
    assert (report.caller, report.called) == (Phone("+84900000001"), Phone("+842400000002"))
    assert (report.first, report.turn, report.report_key) == (True, 0, "answer")
    assert not report.test
    assert not report.incidents


def test_a_uuid_stands_in_for_a_call_id_that_is_missing() -> None:
    given = {name: text for name, text in FROM_A_PHONE.items() if name != "callId"}
    assert report_of(asked({**given, "uuid": "f725"})).call_key == "stringee:f725"
    with pytest.raises(PlatformError, match="callId: it is missing"):
        report_of(asked(given))


def test_a_call_without_a_project_is_a_test() -> None:
    assert report_of(asked({**FROM_A_PHONE, "accountId": "OFFHOOK0"})).test


# what a flow is given


def test_the_configured_urls_own_query_is_offered_and_no_app_can_say_otherwise() -> None:
    custom = '{"team": "support"}'
    event = arrived({**FROM_A_PHONE, "team": "sales", "uuid": "f725", "custom": custom})
    assert (event.offered["team"], event.given) == ("sales", {})


def test_a_parameter_that_stringee_adds_one_day_is_no_incident() -> None:
    report = report_of(asked({**FROM_A_PHONE, "carrierId": "7"}))
    assert report.incidents == ()
    assert arrived({**FROM_A_PHONE, "carrierId": "7"}).given == {}


def test_the_user_the_project_and_custom_are_offered() -> None:
    event = arrived({**FROM_AN_APP, "custom": "a+b%20c"})
    assert event.offered == {"custom": "a+b c", "user_id": "user_1", "project_id": "2000002"}
    assert event.given == {}


def test_values_of_custom_that_can_be_a_flows_are_offered_by_their_names() -> None:
    custom = {"order": 42, "vip": True, "half": 0.5, "Upper": "x", "a b": "y", "deep": {"a": 1}}
    event = arrived({**FROM_AN_APP, "custom": json.dumps(custom)})
    offered = {name: text for name, text in event.offered.items() if name != "custom"}
    assert offered == {
        "order": "42",
        "vip": "True",
        "half": "0.5",
        "user_id": "user_1",
        "project_id": "2000002",
    }


def test_custom_cannot_say_who_is_logged_in() -> None:
    event = arrived({**FROM_AN_APP, "custom": '{"user_id": "admin", "project_id": "1"}'})
    assert event.offered["user_id"] == "user_1"
    assert event.offered["project_id"] == "2000002"


# what answers a list


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({}, CommandDone("0")),
        ({"dtmf": "12#"}, CommandDone("12")),
        ({"dtmf": ""}, NoInput()),
        ({"dtmf": "#"}, NoInput()),
        ({"dtmf": "", "timeout": True}, NoInput()),
        ({"dtmf": "12", "timeout": True}, CommandDone("12")),
        ({"dtmf": None}, NoInput()),
        ({"dtmf": 5}, CommandDone("5")),
        ({"dtmf": ["1"]}, NoInput()),
    ],
)
def test_what_was_pressed(changes: dict[str, Any], event: Event) -> None:
    query = "call=stringee:call-vn-1-Y8JUX5TVSZ-1530721745779&turn=3&state=S"
    report = report_of(posted({**DTMF, **changes}, "input", query))
    assert report.event == event
    assert (report.turn, report.report_key, report.sealed) == (3, "3:input", "S")


@pytest.mark.parametrize(
    ("told", "result"),
    [
        ({}, "no_answer"),
        ({"endCallCause": "486 Busy Here"}, "busy"),
        ({"reason": "BUSY"}, "busy"),
        ({"sip_code": 486}, "busy"),
        ({"endCallCause": "CAN_NOT_MAKE_CALL"}, "failed"),
        ({"endCallCause": "404 Not Found"}, "failed"),
        ({"endCallCause": "480 Temporarily Unavailable"}, "no_answer"),
        ({"cause": {"odd": 1}}, "no_answer"),
    ],
)
def test_why_somebody_was_not_reached(told: dict[str, Any], result: str) -> None:
    body = {"call_status": "connect_failed", "agent_status": "ended", "call_id": CALL_ID, **told}
    report = report_of(posted(body, "failed", f"call=stringee:{CALL_ID}&turn=2&state=S"))
    assert report.event == CommandDone(result)
    assert report.report_key == "2:failed"


@pytest.mark.parametrize("turn", ["", "-1", "x", "99999", "1.5", "²"])
def test_a_turn_that_is_none_of_ours(turn: str) -> None:
    report = report_of(posted(DTMF, "input", f"call=stringee:x&turn={turn}"))
    assert report.turn is None


@pytest.mark.parametrize(
    ("named", "told", "key", "ids"),
    [
        ("stringee:call-1", "call-1", "stringee:call-1", {}),
        ("stringee:call-1", "", "stringee:call-1", {}),
        ("stringee:call-1", "call-2", "stringee:call-2", {}),
        ("stringee:start:oh0123456789abcd", "call-2", "stringee:start:oh0123456789abcd",
         {"call_id": "call-2"}),
        ("stringee:f7250000-0000-4000-8000-000000000000", "call-2",
         "stringee:f7250000-0000-4000-8000-000000000000", {"call_id": "call-2"}),
        ("callr:7", "call-2", "stringee:call-2", {}),
        ("", "call-2", "stringee:call-2", {}),
    ],
)  # fmt: skip
def test_which_call_a_report_is_of(named: str, told: str, key: str, ids: dict[str, str]) -> None:
    report = report_of(posted({"call_id": told, "dtmf": "1"}, "input", f"call={named}&turn=1"))
    assert (report.call_key, report.ids) == (key, ids)


def test_a_report_that_names_no_call_is_none() -> None:
    with pytest.raises(PlatformError, match="call_id"):
        report_of(posted({"dtmf": "1"}, "input"))


def test_keys_are_starred_in_what_is_kept() -> None:
    report = report_of(posted({**DTMF, "dtmf": "4711#"}, "input", "call=stringee:x&turn=1"))
    kept = provider_of().star(report)
    assert json.loads(kept) == {**DTMF, "dtmf": "*****"}
    form = WireRequest("POST", "/x", {}, b"dtmf=4711", "line", {"call": "stringee:x"}, "input")
    assert provider_of().star(report_of(form)) == b""


@pytest.mark.parametrize(
    "body",
    [{"dtmf": ["4711"]}, {"dtmf": {"keys": "4711"}}, [{"dtmf": "4711"}], "4711"],
    ids=["a list", "an object", "in a list", "no object"],
)
def test_keys_that_cannot_be_read_may_be_secret_all_the_same(body: Any) -> None:
    report = report_of(posted(body, "input", "call=stringee:x&turn=1"))
    assert report.event == NoInput()
    assert report.entry
    assert b"4711" not in provider_of().star(report)


def test_keys_in_a_post_of_another_kind_are_not_kept() -> None:
    for kind in ("events", "recorded"):
        ours = "call=stringee:x&turn=1&at=0"
        kept = notice_of(posted({**BUSY, "dtmf": "4711"}, kind, ours)).raw
        assert json.loads(kept) == {**BUSY, "dtmf": "****"}
    target = "/x?call_status=ended&call_id=a&dtmf=4711"
    query = dict(parse_qsl(target.partition("?")[2]))
    assert notice_of(WireRequest("GET", target, {}, b"", "", query, "events")).raw == b""


# status posts


def test_an_end_that_was_captured_is_read() -> None:
    notice = notice_of(posted(BUSY, "events"))
    assert notice.event_id == (
        "stringee:call-vn-1-BBBBBBBBBB-1710441223965:ended:AAAAAAAAAA-1708736338885"
    )
    assert notice.event == HungUp("")
    assert (notice.platform_id, notice.kind) == ("call-vn-1-BBBBBBBBBB-1710441223965", "ended")
    assert notice.about == {
        "cause": "486 Busy Here", "by": "INTERNAL", "duration_s": 10.0, "answered_s": 0.0,
    }  # fmt: skip


PLACED = {"callCreatedReason": "SERVER_CALL_OUT_BY_MAKE_CALL_TO_EXTERNAL_BEFORE"}
TALKED = {"answerDuration": 7, "endCallCause": "USER_END_CALL"}


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({**TALKED}, HungUp("answered")),
        ({**TALKED, "endedBy": "EXTERNAL"}, HungUp("answered", early=True)),
        ({**TALKED, "callType": "IVR"}, HungUp("")),
        ({**TALKED, "endCallCause": "MAX_CONNECT_TIME"}, HungUp("answered")),
        ({**TALKED, "answerDuration": None}, HungUp("")),
        ({**TALKED, "answerDuration": "7"}, HungUp("answered")),
        ({**TALKED, "answerDuration": "Infinity"}, HungUp("")),
        ({**PLACED, "endCallCause": "486 Busy Here"}, NotAnswered(Unanswered.BUSY)),
        ({**PLACED, "endCallCause": "603 Decline"}, NotAnswered(Unanswered.REJECTED)),
        ({**PLACED, "endCallCause": "503 Service"}, NotAnswered(Unanswered.CONGESTION)),
        ({**PLACED, "endCallCause": "CAN_NOT_MAKE_CALL"}, NotAnswered(Unanswered.CONGESTION)),
        ({**PLACED, "endCallCause": "480 Gone"}, NotAnswered(Unanswered.NO_ANSWER)),
        ({**PLACED, "endCallCause": "TIMEOUT_ANSWER"}, NotAnswered(Unanswered.NO_ANSWER)),
        ({**PLACED, "endCallCause": ""}, NotAnswered(Unanswered.NO_ANSWER)),
        ({**PLACED, "endCallCause": "USER_END_CALL"}, HungUp("")),
        ({**PLACED, **TALKED}, HungUp("answered")),
    ],
)
def test_what_an_end_means(changes: dict[str, Any], event: Event) -> None:
    assert notice_of(posted({**BUSY, **changes}, "events")).event == event


def test_a_status_that_ends_nothing_has_no_event() -> None:
    for status in ("created", "started", "ringing", "answered", "agentEnded", "connect_failed"):
        notice = notice_of(posted({**BUSY, "call_status": status}, "events"))
        assert (notice.kind, notice.event, notice.about) == (status, None, {})


def test_a_post_without_an_event_id_is_known_by_what_it_says() -> None:
    body = {name: value for name, value in BUSY.items() if name != "event_id"}
    assert notice_of(posted(body, "events")).event_id == (
        "stringee:call-vn-1-BBBBBBBBBB-1710441223965:ended:1710493163225"
    )


def test_two_posts_of_one_call_are_two_though_their_event_id_be_one() -> None:
    """What makes an ``event_id`` anew is not documented; an end that is lost never comes again."""
    rings = notice_of(posted({**BUSY, "call_status": "ringing"}, "events"))
    assert rings.event_id != notice_of(posted(BUSY, "events")).event_id


@pytest.mark.parametrize("told", ["01", "0001", "%D9%A1", "\uff11", "1 ", "+1", "-1", "", "12345"])
def test_a_turn_that_is_spelled_as_no_address_of_ours_is_none(told: str) -> None:
    report = report_of(posted(DTMF, "input", f"call=stringee:{CALL_ID}&turn={quote(told)}"))
    assert (report.turn, report.report_key) == (None, ":input")


def test_what_the_signature_does_not_cover_is_not_read() -> None:
    """Of a GET that is its body, of a POST its address but for what this server wrote there."""
    target = "/x?call_status=ringing&call_id=signed&event_id=E1"
    query = dict(parse_qsl(target.partition("?")[2]))
    forged = json.dumps({"call_status": "ended", "call_id": "forged"}).encode()
    notice = notice_of(WireRequest("GET", target, {}, forged, "", query, "events"))
    assert (notice.platform_id, notice.kind) == ("signed", "ringing")
    assert notice.raw == target.encode()
    with pytest.raises(PlatformError, match="call_status"):
        notice_of(WireRequest("POST", target, {}, b'{"call_id": "signed"}', "", query, "events"))


@pytest.mark.parametrize("gone", ["call_id", "call_status"])
def test_a_post_that_says_nothing_of_a_call_is_refused(gone: str) -> None:
    with pytest.raises(PlatformError, match=gone):
        notice_of(posted({**BUSY, gone: ""}, "events"))


# sounds

URL = "http://api.stringee.com/v1/call/recording/call-1"
RECORDED = "call=stringee:call-1&turn=2&at=3"


@pytest.mark.parametrize(
    ("body", "file"),
    [
        ({"recording_url": URL}, URL),
        ({"recordUrl": URL}, URL),
        ({"url": URL}, URL),
        ({"recording_url": "", "recording_id": "r-1"}, "r-1"),
        ({"call_id": "call-1"}, "call-1"),
        ({}, "call-1"),
    ],
)
def test_where_a_sound_is(body: dict[str, Any], file: str) -> None:
    notice = notice_of(posted(body, "recorded", RECORDED))
    assert notice.sound is not None
    assert (notice.sound.turn, notice.sound.at, notice.sound.file) == (2, 3, file)
    assert (notice.call_key, notice.event) == ("stringee:call-1", None)


@pytest.mark.parametrize("query", ["", "call=stringee:x&turn=a&at=0", "turn=1&at=0", "call=x&at=0"])
def test_a_sound_of_no_list_of_ours_is_refused(query: str) -> None:
    with pytest.raises(PlatformError, match="none that this server gave out"):
        notice_of(posted({"recording_url": URL}, "recorded", query))


def test_a_call_that_we_place_is_known_by_its_start() -> None:
    start = Start(
        token="oh0123456789abcd",
        provider="stringee",
        flow="line",
        number="+84900000001",
        caller_id="+842400000001",
        ring_s=30,
        field="",
        variables={},
        created_at=NOW,
    )
    report = provider_of().placed_by(start, NOW)
    assert report.call_key == "stringee:start:oh0123456789abcd"
    assert (report.direction, report.caller) == ("outbound", Phone("+842400000001"))
    answered = posted({**DTMF, "call_id": "call-9"}, "input", f"call={report.call_key}&turn=1")
    assert report_of(answered).direction == "outbound"
