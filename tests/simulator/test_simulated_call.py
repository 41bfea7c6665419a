"""Calls over HTTP, against literal payloads of the vendor's pages."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from voice_app import HANG_UP, Answer, Got, command, voice_app

from app.simulator import Answer as PartyAnswer
from app.simulator import (
    CallRecord,
    Conditions,
    Hostility,
    Others,
    Person,
    Readings,
    Script,
    Scripted,
    ring,
    ring_out,
)
from app.simulator.transcript import (
    Bridged,
    HungUp,
    KeysWanted,
    NotReached,
    Pressed,
    Recorded,
    Said,
    from_json,
    to_json,
)

FAST = Conditions(speed=1000)
HELLO = "TTS|TTS_EN-GB_SERENA|Hello there. How old are you?"
READ = command("read", 1, media_id=HELLO, max_digits=3, attempts=2, timeout_ms=5000)
PLAY = command("play", 1, media_id=HELLO)

DOCUMENTED_KEYS = [
    "app",
    "callid",
    "request_hash",
    "cli_name",
    "cli_number",
    "date_started",
    "number",
    "command",
    "command_id",
    "command_result",
    "command_error",
    "call_status",
    "cdr_field",
    "variables",
]


def scripted(*keys: str, **more: Any) -> Scripted:
    return Scripted(replace(Script(keys=keys), **more))


def call(
    *replies: object, person: Person | None = None, conditions: Conditions = FAST
) -> tuple[CallRecord, list[dict[str, Any]]]:
    with voice_app(*replies) as app:
        record = ring(app.url, person=person or scripted(), conditions=conditions)
    return record, [got.json for got in app.got]


def reading(**switches: Any) -> Conditions:
    return replace(FAST, readings=replace(Readings(), **switches))


def hostile(**what: Any) -> Conditions:
    return replace(FAST, hostility=replace(Hostility(), **what))


# -- the reports -----------------------------------------------------------------------------


def test_an_inbound_call_begins_with_the_documented_report() -> None:
    with voice_app(HANG_UP) as app:
        ring(
            app.url,
            person=scripted(),
            caller="+33612345678",
            called="+33199001020",
            at=datetime(2026, 1, 9, 17, 27, 55, tzinfo=UTC),
            app_hash="4346423A",
            conditions=FAST,
        )
    first = app.got[0].json
    assert list(first) == DOCUMENTED_KEYS
    assert first.pop("callid") > 2**32
    assert first == {
        "app": "4346423A",
        "request_hash": None,
        "cli_name": "",
        "cli_number": "+33612345678",
        "date_started": "2026-01-09 17:27:55",
        "number": "+33199001020",
        "command": "",
        "command_id": 0,
        "command_result": "",
        "command_error": "",
        "call_status": "INCOMING_CALL",
        "cdr_field": "",
        "variables": {},
    }


def test_an_outbound_call_begins_up_with_its_request_hash_and_cdr_field() -> None:
    with voice_app(HANG_UP) as app:
        ring_out(
            app.url,
            person=scripted(),
            called="+33612345678",
            cdr_field="000CUSTOMFIELD42",
            request_hash="4260XMAQ",
            conditions=FAST,
        )
    first = app.got[0].json
    assert first["call_status"] == "UP"
    assert first["request_hash"] == "4260XMAQ"
    assert first["cdr_field"] == "000CUSTOMFIELD42"
    assert first["number"] == "+33612345678"
    assert first["command_id"] == 0
    assert first["app"] == "OFFHOOK0"


def test_a_report_has_the_documented_headers_and_basic_credentials_at_once() -> None:
    with voice_app(HANG_UP) as app:
        ring(app.url, person=scripted(), login="acme", password="s3cret", conditions=FAST)
    headers = app.got[0].headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Accept"] == "*/*"
    assert headers["Authorization"] == "Basic YWNtZTpzM2NyZXQ="
    assert "User-Agent" not in headers
    assert app.got[0].path == "/callr/test"


def test_credentials_can_wait_for_a_challenge() -> None:
    challenge = Answer(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    with voice_app(challenge, HANG_UP, challenge) as app:
        record = ring(
            app.url,
            person=scripted(),
            login="acme",
            password="s3cret",
            conditions=reading(basic="challenged"),
        )
    assert record.faults == ()
    assert [("Authorization" in got.headers) for got in app.got[:2]] == [False, True]


def test_a_call_ends_with_the_hangup_that_was_commanded() -> None:
    record, reports = call(PLAY, command("hangup", 2))
    assert [r["call_status"] for r in reports] == ["INCOMING_CALL", "UP", "HANGUP"]
    assert (reports[1]["command"], reports[1]["command_id"]) == ("play", 1)
    assert (reports[1]["command_result"], reports[1]["command_error"]) == ("0", "")
    assert (reports[2]["command"], reports[2]["command_id"]) == ("hangup", 2)
    assert record.status == "HANGUP"
    assert record.faults == ()
    assert record.warnings == ()
    assert [event.by for event in record.of(HungUp)] == ["voice app"]


@pytest.mark.parametrize("command_id", ["ask_zip", 7, 2**31])
def test_the_command_id_comes_back_with_its_json_type(command_id: object) -> None:
    _, reports = call({**PLAY, "command_id": command_id})
    assert reports[1]["command_id"] == command_id
    assert type(reports[1]["command_id"]) is type(command_id)


def test_variables_are_those_of_the_last_reply_also_on_hangup() -> None:
    _, reports = call({**PLAY, "variables": {"step": 2, "deep": {"a": [1]}}}, HANG_UP)
    assert [r["variables"] for r in reports] == [{}, {"step": 2, "deep": {"a": [1]}}, {}]


def test_a_reply_without_variables_drops_them_with_a_warning() -> None:
    bare = {key: value for key, value in PLAY.items() if key != "variables"}
    record, reports = call({**PLAY, "variables": {"step": 2}}, bare)
    assert [r["variables"] for r in reports] == [{}, {"step": 2}, {}, {}]
    assert record.warnings == ("the reply has no 'variables'; taken as {}",)


@pytest.mark.parametrize("body", [b"", b"{}", {"command": "end"}, HANG_UP, b"<html>"])
def test_any_reply_to_a_hangup_is_ignored(body: object) -> None:
    def replies(_: Got) -> object:
        return HANG_UP if len(app.got) == 1 else body

    with voice_app(by=replies) as app:
        record = ring(app.url, person=scripted(), conditions=FAST)
    assert app.statuses == ["INCOMING_CALL", "HANGUP"]
    assert record.faults == ()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (PartyAnswer.BUSY, "BUSY"),
        (PartyAnswer.NO_ANSWER, "NOANSWER"),
        (PartyAnswer.CONGESTION, "CONGESTION"),
        (PartyAnswer.REJECTED, "REJECTED"),
    ],
)
def test_an_outbound_call_that_is_not_answered_is_one_report(
    answer: PartyAnswer, status: str
) -> None:
    with voice_app() as app:
        record = ring_out(app.url, person=scripted(answer=answer), conditions=FAST)
    assert app.statuses == [status]
    assert app.got[0].json["command_id"] == 0
    assert record.status == status


def test_a_phone_that_rings_longer_than_it_may_is_not_answered() -> None:
    with voice_app() as app:
        ring_out(app.url, person=scripted(ring_s=20.0), ring_s=10, conditions=FAST)
    assert app.statuses == ["NOANSWER"]


# -- faults of the voice app -----------------------------------------------------------------

BAD_REPLIES = {
    "HTTP 500, expected 200: 'oops'": Answer(b"oops", status=500),
    "HTTP 302, expected 200: ''": Answer(status=302, headers={"Location": "/elsewhere"}),
    "not JSON: the body is empty": Answer(b""),
    "not JSON: Expecting value": Answer(b"<html>"),
    "not JSON: NaN is no JSON": Answer(b'{"command": NaN}'),
    "not JSON: an object has a key twice": Answer(b'{"command": 1, "command": 2}'),
    "not JSON: maximum recursion": Answer(b"[" * 100_000),
    "not JSON: 'utf-8' codec": Answer(b'{"command": "\xff"}'),
    "shape: the reply is no JSON object": Answer([PLAY]),
    "shape: the reply has no 'command'": Answer({}),
    "shape: the reply has no 'params'": Answer({"command": "hangup", "command_id": 1}),
    "shape: 'params' is [], expected an object": Answer({**HANG_UP, "params": []}),
    "shape: 'variables' is null, expected an object": Answer({**HANG_UP, "variables": None}),
    "shape: 'command' is 5, expected a string": Answer({**HANG_UP, "command": 5}),
}


@pytest.mark.parametrize("reason", BAD_REPLIES)
def test_an_improper_reply_ends_the_call_and_is_the_servers_fault(reason: str) -> None:
    record, reports = call({**PLAY, "variables": {"step": 2}}, BAD_REPLIES[reason])
    assert [r["call_status"] for r in reports] == ["INCOMING_CALL", "UP", "HANGUP"]
    assert reports[2]["command_id"] == 1
    assert reports[2]["variables"] == {"step": 2}
    assert len(record.faults) == 1
    assert record.faults[0].startswith(reason)


def test_a_reply_that_comes_too_late_is_a_fault_at_any_speed() -> None:
    release = threading.Event()
    with voice_app(Answer(PLAY, hold=release)) as app:
        record = ring(app.url, person=scripted(), conditions=reading(reply_within_s=0.2))
        release.set()
    assert record.faults == ("late: no reply within 0.2 s",)
    assert app.statuses == ["INCOMING_CALL", "HANGUP"]


def test_a_voice_app_that_is_not_there_is_told_as_unreachable() -> None:
    with voice_app() as app:
        url = app.url
    record = ring(url, person=scripted(), conditions=FAST)
    assert record.status == "HANGUP"
    assert "unreachable: cannot connect to 127.0.0.1" in record.faults[0]


def test_https_where_there_is_none_is_told_as_such() -> None:
    with voice_app() as app:
        record = ring(app.url.replace("http:", "https:"), person=scripted(), conditions=FAST)
    assert record.faults[0].startswith("unreachable: no TLS with 127.0.0.1")


def test_a_fault_can_be_retried_once() -> None:
    with voice_app(Answer(status=500), HANG_UP) as app:
        record = ring(app.url, person=scripted(), conditions=reading(retry_after_fault=True))
    assert app.statuses == ["INCOMING_CALL", "INCOMING_CALL", "HANGUP"]
    assert app.got[0].raw == app.got[1].raw
    assert len(record.faults) == 1


@pytest.mark.parametrize("url", ["ftp://x/", "http:///x", "http://a:b@localhost/"])
def test_a_url_that_nothing_can_be_posted_to_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no http"):
        ring(url, person=scripted())


# -- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "result"),
    [("018", "018"), ("22#", "22"), ("22", "22"), ("12345", "123"), ("#", ""), ("", "TIMEOUT")],
)
def test_a_read_gives_what_was_pressed(keys: str, result: str) -> None:
    _, reports = call(READ, person=scripted(keys))
    assert reports[1]["command_result"] == result
    assert reports[1]["command_error"] == ""


def test_a_read_asks_again_for_each_attempt_and_waits_each_time() -> None:
    record, _ = call(READ)
    assert [event.attempt for event in record.of(KeysWanted)] == [1, 2]
    assert len(record.of(Said)) == 2
    first, second = record.of(KeysWanted)
    assert second.at - first.at == pytest.approx(len(HELLO.split("|")[2]) / 15 + 5, abs=0.5)


def test_keys_may_be_pressed_during_the_prompt() -> None:
    after, _ = call(READ, person=scripted("22#"))
    during, _ = call(READ, person=scripted("22#", barges_in=True))
    assert during.of(Pressed)[0].at < after.of(Pressed)[0].at


def test_a_script_goes_silent_when_it_is_used_up() -> None:
    _, reports = call(READ, READ, READ, person=scripted("1#", "", "3#"))
    assert [r["command_result"] for r in reports[1:4]] == ["1", "TIMEOUT", "3"]
    _, reports = call(READ, READ, person=scripted("1#"))
    assert [r["command_result"] for r in reports[1:3]] == ["1", "TIMEOUT"]


def test_keys_left_over_from_one_read_do_not_answer_the_next() -> None:
    _, reports = call(READ, READ, person=scripted("12345"))
    assert [r["command_result"] for r in reports[1:3]] == ["123", "TIMEOUT"]
    _, reports = call(READ, PLAY, READ, person=scripted("12345"))
    assert [r["command_result"] for r in reports[1:4]] == ["123", "0", "TIMEOUT"]


def test_a_read_that_times_out_can_be_told_in_each_way() -> None:
    _, reports = call(READ, conditions=reading(read_timeout="empty"))
    assert reports[1]["command_result"] == ""
    _, reports = call(READ, conditions=reading(read_timeout="null"))
    assert reports[1]["command_result"] is None
    _, reports = call(READ, conditions=reading(read_timeout="error"))
    assert (reports[1]["command_result"], reports[1]["command_error"]) == ("", "TIMEOUT")


def test_results_can_be_sent_as_numbers_but_never_lose_a_digit() -> None:
    conditions = reading(results="numbers")
    _, reports = call(READ, READ, PLAY, person=scripted("22#", "018"), conditions=conditions)
    assert [r["command_result"] for r in reports[1:4]] == [22, "018", 0]


def test_a_bare_hash_can_be_told_in_another_way() -> None:
    _, reports = call(READ, person=scripted("#"), conditions=reading(bare_hash_result="TIMEOUT"))
    assert reports[1]["command_result"] == "TIMEOUT"


# -- hanging up ------------------------------------------------------------------------------


def test_hanging_up_during_a_command_merges_its_report_with_the_hangup() -> None:
    record, reports = call(PLAY, {**READ, "command_id": 2}, person=scripted(hangup_at=2))
    assert [r["call_status"] for r in reports] == ["INCOMING_CALL", "UP", "HANGUP"]
    assert (reports[2]["command"], reports[2]["command_id"]) == ("read", 2)
    assert (reports[2]["command_result"], reports[2]["command_error"]) == ("", "")
    assert [event.by for event in record.of(HungUp)] == ["person"]


@pytest.mark.parametrize(
    ("interrupted", "result", "error"), [("-1", "-1", ""), ("error", "", "HANGUP")]
)
def test_the_interrupted_command_can_be_told_in_each_way(
    interrupted: str, result: str, error: str
) -> None:
    conditions = reading(interrupted=interrupted)
    _, reports = call(READ, person=scripted(hangup_at=1), conditions=conditions)
    assert (reports[1]["command_result"], reports[1]["command_error"]) == (result, error)


def test_a_recording_can_be_kept_when_its_caller_hangs_up() -> None:
    record, reports = call(
        command("record", 1, max_duration=60, silence=5),
        person=scripted(hangup_after=3.0),
        conditions=reading(interrupted="kept"),
    )
    assert reports[1]["call_status"] == "HANGUP"
    assert reports[1]["command_result"] == record.of(Recorded)[0].file != ""


def test_the_hangup_can_come_apart_from_the_commands_report() -> None:
    _, reports = call(READ, person=scripted(hangup_at=1), conditions=reading(hangup="separate"))
    assert [r["call_status"] for r in reports] == ["INCOMING_CALL", "UP", "HANGUP"]
    assert [r["command"] for r in reports] == ["", "read", ""]
    assert [r["command_id"] for r in reports] == [0, 1, 0]


def test_hanging_up_after_some_seconds_counts_simulated_ones() -> None:
    record, reports = call(*[PLAY] * 20, person=scripted(hangup_after=10.0))
    assert record.of(HungUp)[0].at == pytest.approx(10.0, abs=0.5)
    assert 5 < len(reports) < 9


def test_the_platform_ends_a_call_that_would_never_end() -> None:
    record, reports = call(*[PLAY] * 20, conditions=reading(most_reports=5))
    assert len(reports) == 6
    assert "5 reports in one call" in record.warnings[0]
    record, _ = call(*[PLAY] * 20, conditions=reading(longest_call_s=4))
    assert [event.by for event in record.of(HungUp)] == ["platform"]


# -- other people ----------------------------------------------------------------------------

DIAL = command(
    "dialout",
    1,
    targets=[
        {"number": "+33123456789", "timeout": 20},
        {"number": "+33123456780", "timeout": 10},
    ],
    cli="+33199001020",
    ringtone="RING",
    whisper=0,
    cdr_field="",
)


def test_a_dial_out_that_is_answered_ends_the_call_with_its_result() -> None:
    record, reports = call(DIAL)
    assert [r["call_status"] for r in reports] == ["INCOMING_CALL", "HANGUP"]
    assert (reports[1]["command"], reports[1]["command_result"]) == ("dialout", "ANSWER")
    assert [event.number for event in record.of(Bridged)] == ["+33123456789"]
    assert [event.by for event in record.of(HungUp)] == ["person"]


def test_the_dialled_party_may_hang_up_first() -> None:
    record, reports = call(DIAL, person=scripted(others=Others(talk_s=5)))
    assert reports[1]["command_result"] == "ANSWER"
    assert [event.by for event in record.of(HungUp)] == ["dialled party"]


def test_targets_are_tried_one_after_the_other() -> None:
    others = Others(answer=PartyAnswer.BUSY, by_number={"+33123456789": PartyAnswer.NO_ANSWER})
    record, reports = call(DIAL, person=scripted(others=others))
    assert [(e.number, e.why) for e in record.of(NotReached)] == [
        ("+33123456789", "NOANSWER"),
        ("+33123456780", "BUSY"),
    ]
    assert (reports[1]["call_status"], reports[1]["command_result"]) == ("UP", "BUSY")
    assert record.of(NotReached)[0].at == pytest.approx(20, abs=0.5)


def test_who_is_dialled_hears_the_whisper_before_they_talk() -> None:
    plain, _ = call(DIAL)
    whisper = "TTS|TTS_EN-GB_SERENA|" + "x" * 150
    whispered, _ = call({**DIAL, "params": {**DIAL["params"], "whisper": whisper}})
    later = whispered.of(Bridged)[0].at - plain.of(Bridged)[0].at
    assert later == pytest.approx(10, abs=0.5)


def test_hanging_up_while_it_rings_leaves_no_result() -> None:
    person = scripted(hangup_after=6.0, others=Others(answer=PartyAnswer.NO_ANSWER))
    _, reports = call(DIAL, person=person)
    assert (reports[1]["call_status"], reports[1]["command_result"]) == ("HANGUP", "")


# -- hostility -------------------------------------------------------------------------------


def test_each_report_can_come_twice_and_equal_replies_are_no_fault() -> None:
    with voice_app(by=lambda _: HANG_UP) as app:
        record = ring(app.url, person=scripted(), conditions=hostile(repeat="after"))
    assert app.statuses == ["INCOMING_CALL", "INCOMING_CALL", "HANGUP", "HANGUP"]
    assert record.faults == ()


@pytest.mark.parametrize("how", ["after", "at_once"])
def test_two_different_replies_to_one_report_are_a_fault(how: str) -> None:
    record, reports = call(PLAY, HANG_UP, conditions=hostile(repeat=how))
    assert [r["call_status"] for r in reports[:2]] == ["INCOMING_CALL", "INCOMING_CALL"]
    assert "report 1 came twice and got two different replies" in record.faults[0]


def test_one_report_in_three_can_be_repeated() -> None:
    record, _ = call(*[PLAY] * 7, conditions=hostile(repeat="after", repeat_every=3))
    assert [event.number for event in record.reports if event.repeated] == [3, 6]


def test_a_lost_report_ends_the_call_without_a_fault_of_the_server() -> None:
    record, reports = call(PLAY, PLAY, conditions=hostile(lose=frozenset({2})))
    assert [r["call_status"] for r in reports] == ["INCOMING_CALL", "HANGUP"]
    assert reports[1]["command_id"] == 1
    assert record.faults == ()


def test_the_line_can_drop_during_a_command_or_after_some_time() -> None:
    _, reports = call(PLAY, READ, conditions=hostile(hang_up_during=2))
    assert reports[-1]["command"] == "read"
    record, _ = call(*[PLAY] * 9, conditions=hostile(hang_up_after_s=5))
    assert record.of(HungUp)[0].at == pytest.approx(5, abs=0.5)


def test_reports_can_be_what_nobody_documented() -> None:
    conditions = hostile(
        status_instead_of_up="RINGING",
        extra={"sip_header": "x"},
        instead={"variables": [], "cli_number": None},
        second_hangup=True,
        send_over_s=0.05,
    )
    with voice_app(by=lambda got: HANG_UP if got.json["command"] else PLAY) as app:
        ring(app.url, person=scripted(), conditions=conditions)
    assert app.statuses == ["INCOMING_CALL", "RINGING", "HANGUP", "HANGUP"]
    assert app.got[0].json["sip_header"] == "x"
    assert app.got[0].json["variables"] == []
    assert app.got[0].json["cli_number"] is None


def test_events_survive_their_way_over_json() -> None:
    record, _ = call(READ, DIAL, person=scripted("22#"))
    assert [from_json(to_json(event)) for event in record.events] == list(record.events)
    with pytest.raises(ValueError, match="not an event"):
        from_json({"event": "Nonsense"})
