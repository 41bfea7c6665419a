"""What nobody documented in Stringee's requests: never a 500, and a list that can be parsed."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from journal_of import parametrized
from stringee_sender import Sender, StringeeCall, new_call_id, scco_of

pytest_plugins = "stringee_sent_to"

CHOICES = "Bấm 1 hoặc 2."
PHONE = "84900000001"
DEEP = b"[" * 30_000

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "broken JSON": b'{"call_id": "x", "dtmf',
    "no JSON": b"hello",
    "a list": b'[{"dtmf": "1"}]',
    "a text": b'"1"',
    "null": b"null",
    "NaN": b'{"dtmf": NaN}',
    "no UTF-8": b"\xff\xfe\x00",
    "NUL": b'{"dtmf": "\\u0000"}',
    "a lone surrogate": b'{"dtmf": "\\ud800"}',
    "deep": DEEP,
    "deep in a key": b'{"dtmf":' + DEEP,
    "64 KB": b'{"dtmf": "", "x": "' + b"x" * (64 * 1024 - 30) + b'"}',
    "a form": b"dtmf=&timeout=true&call_id=",
    "a form with odd names": b"%00=1&=2&&dtmf",
    "null keys": b'{"dtmf": null, "timeout": null}',
    "a list of keys": b'{"dtmf": ["1"]}',
    "an object of keys": b'{"dtmf": {"1": 1}}',
    "a truth for keys": b'{"dtmf": true}',
    "an empty id": b'{"dtmf": "", "call_id": ""}',
    "a list for an id": b'{"dtmf": "", "call_id": [1]}',
    "many keys": b'{"dtmf": "' + b"9" * 5000 + b'"}',
    "a bare #": b'{"dtmf": "#"}',
    "markup": b'{"dtmf": "<b>\\n\\"}]"}',
}


@parametrized("body", BODIES)
def test_whatever_is_posted_where_keys_are_the_caller_is_asked_again(
    sender: Sender, body: bytes
) -> None:
    call = sender.rings()
    call.replies.append(sender.post(call.target, body))
    assert call.says[-1].endswith(CHOICES)
    assert call.presses("2").says == ["Bấm 3."]


@parametrized("body", BODIES)
def test_whatever_is_posted_where_nobody_was_reached_the_next_is_rung(
    sender: Sender, body: bytes
) -> None:
    call = sender.rings().presses("1")
    call.replies.append(sender.post(call.target, body))
    assert call.last[0]["to"]["number"] == "84900000009"


@parametrized("body", {**BODIES, "too large": b"x" * (64 * 1024 + 1)})
def test_an_event_that_cannot_be_read_is_refused_as_such(sender: Sender, body: bytes) -> None:
    reply = sender.post("/stringee/events", body)
    assert reply.status == (413 if len(body) > 64 * 1024 else 400)
    assert list(reply.json) == ["error"]


def test_what_is_over_64_kb_is_not_read(sender: Sender) -> None:
    call = sender.rings()
    reply = sender.post(call.target, b'{"dtmf": "1", "x": "' + b"x" * 65 * 1024 + b'"}')
    assert reply.status == 413
    assert call.presses("2").says == ["Bấm 3."]


def test_keys_may_come_as_a_form_and_as_a_number(sender: Sender) -> None:
    call = sender.rings()
    call.replies.append(sender.post(call.target, f"dtmf=2&call_id={call.call_id}".encode()))
    assert call.says == ["Bấm 3."]
    assert sender.rings().presses(2).says == ["Bấm 3."]  # type: ignore[arg-type] # as some send it


# the answer_url


def test_the_answer_url_may_be_posted_to_with_json_or_a_form(sender: Sender) -> None:
    first, second = new_call_id(), new_call_id()
    given = {"from": PHONE, "to": "842400000002", "fromInternal": False, "callId": first}
    as_json = sender.post("/stringee/line/answer", given)
    form = f"from={PHONE}&to=842400000002&fromInternal=false&callId={second}".encode()
    as_form = sender.post("/stringee/line/answer", form)
    for reply, call_id in ((as_json, first), (as_form, second)):
        assert scco_of(reply)[0]["text"] == f"Xin chào +{PHONE}."
        assert StringeeCall(sender, call_id, [reply]).presses("2").says == ["Bấm 3."]


@pytest.mark.parametrize("spelled", [PHONE, f"+{PHONE}", f"%2B{PHONE}", f"%252B{PHONE}"])
def test_a_number_is_known_however_it_is_encoded(sender: Sender, spelled: str) -> None:
    target = f"/stringee/line/answer?from={spelled}&to=842400000002&callId={new_call_id()}"
    assert scco_of(sender.get(target))[0]["text"] == f"Xin chào +{PHONE}."


def test_what_is_encoded_twice_is_decoded_twice_and_a_plus_stays(sender: Sender) -> None:
    twice = quote(quote("a+b é%", safe=""), safe="")
    target = f"/stringee/line/answer?from=user_1&fromInternal=true&userId=user_1&custom={twice}"
    reply = sender.get(f"{target}&callId={new_call_id()}")
    call = StringeeCall(sender, "", [reply])
    call.replies.append(sender.post(call.target, b'{"dtmf": "2"}'))
    call.replies.append(sender.post(call.target, b'{"dtmf": "3"}'))
    assert call.says == ["Tạm biệt a+b é%."]


ODD_PARAMETERS: dict[str, dict[str, str]] = {
    "all empty": {"from": "", "to": "", "fromInternal": "", "accountId": "", "projectId": ""},
    "an empty to of an app": {"to": "", "fromInternal": "true", "userId": "user_1", "custom": ""},
    "custom that is no JSON": {"to": "", "fromInternal": "true", "custom": "{"},
    "custom that is a list": {"to": "", "fromInternal": "true", "custom": '["to"]'},
    "custom with an odd to": {"to": "", "fromInternal": "true", "custom": '{"to": {"a": 1}}'},
    "custom that is deep": {"fromInternal": "true", "custom": "[" * 1500},
    "quotes": {"from": '"}],[{"action":"connect"}]'},
    "newlines": {"from": "84\n900\r\n000\t001", "to": "\n"},
    "JSON": {"from": '{"type":"external"}', "to": '["x"]', "custom": '{"name": "\\""}'},
    "a backslash": {"from": "\\", "to": "\\u0022", "custom": "\\n"},
    "NUL and controls": {"from": "\x00\x1b[31m\x7f", "to": "\u202e", "custom": "\x00"},
    "a lone surrogate": {"from": "\ud800", "custom": "\udfff"},
    "an emoji": {"from": "👋" * 50},
    "long": {"from": "9" * 3000},
    "a virtual id": {"to": "1110001013"},
    "a short number": {"from": "113"},
    "a placeholder": {"from": "{caller}", "name": "{custom}"},
    "markup": {"from": "<break time='9s'/>|", "custom": "<script>"},
}


@parametrized("changes", ODD_PARAMETERS)
@pytest.mark.parametrize("kind", ["answer", "dial"])
def test_whoever_calls_never_breaks_the_list(
    sender: Sender, changes: dict[str, str], kind: str
) -> None:
    call = sender.rings(**changes)
    assert call.says[0].startswith("Xin chào")
    assert call.says[-1] == CHOICES
    if kind == "dial":
        call.presses("1")
        assert [action["action"] for action in call.last] == ["connect"]
        assert call.last[0]["to"]["number"] == "user_2"


def test_a_call_without_any_id_is_no_call(sender: Sender) -> None:
    reply = sender.get("/stringee/line/answer?from=84900000001&to=842400000002")
    assert reply.status == 400
    assert "callId" in reply.json["error"]["message"]


def test_a_uuid_is_an_id_too(sender: Sender) -> None:
    uuid = "f7250000-1111-4222-8333-000000000001"
    target = f"/stringee/line/answer?from={PHONE}&to=842400000002&uuid={uuid}"
    call_id = new_call_id()
    call = StringeeCall(sender, call_id, [sender.get(target)])
    assert call.presses("2").says == ["Bấm 3."]
    assert sender.ends(call_id).status == 200
    assert StringeeCall(sender, uuid).when_ended().row.platform_id == call_id


def test_methods_that_are_no_way_to_ask_are_refused(sender: Sender) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert sender.server.request(method, "/stringee/line/answer").status == 405
    for kind in ("input", "failed"):
        assert sender.get(f"/stringee/line/{kind}").status == 405
    assert sender.get("/stringee/line/elsewhere").status == 404


def test_a_flow_that_there_is_not_is_an_apology(sender: Sender) -> None:
    call = sender.rings("nowhere")
    assert [action["action"] for action in call.last] == ["talk", "connect"]
    assert call.last[1]["to"]["number"] == "84900000099"


# status posts


@pytest.mark.parametrize("status", ["agentBlinked", "connect_failed", "CREATED", "x" * 500, "\n"])
def test_a_status_of_nobodys_is_kept_and_changes_nothing(sender: Sender, status: str) -> None:
    call = sender.rings()
    assert sender.tells(call.call_id, status).status == 200
    assert call.presses("2").says == ["Bấm 3."]
    assert call.journalled.row.ended_at is None


ODD_EVENTS: dict[str, dict[str, object]] = {
    "no timestamp": {"timestamp_ms": None, "event_id": None},
    "odd types": {"timestamp_ms": [], "event_id": {}, "from": 1, "to": None, "duration": "x"},
    "texts for numbers": {"duration": "9", "answerDuration": "7", "project_id": "2000002"},
    "infinite": {"duration": 1e400, "answerDuration": "inf"},
    "a lone surrogate": {"endCallCause": "\ud800", "endedBy": "\x00"},
    "a form's booleans": {"peerToPeer": "true"},
}


@parametrized("more", ODD_EVENTS)
def test_an_end_is_an_end_whatever_else_it_says(sender: Sender, more: dict[str, object]) -> None:
    call = sender.rings()
    assert sender.ends(call.call_id, **more).status == 200
    assert call.when_ended().row.outcome == "hung_up"


def test_an_end_as_a_form_or_a_query_is_an_end(sender: Sender) -> None:
    first, second = sender.rings(), sender.rings()
    form = f"call_status=ended&call_id={first.call_id}&event_id=F1".encode()
    assert sender.post("/stringee/events", form).status == 200
    target = f"/stringee/events?call_status=ended&call_id={second.call_id}&event_id=F2"
    assert sender.get(target).status == 200
    for call in (first, second):
        assert call.when_ended().row.outcome == "hung_up"


def test_posts_doubled_and_out_of_order_end_a_call_once(sender: Sender) -> None:
    call = sender.rings().presses("2").presses("3")
    for _ in range(2):
        sender.ends(call.call_id, event_id="E-once", endedBy="INTERNAL")
    for status in ("answered", "ringing", "started", "created"):
        assert sender.tells(call.call_id, status).status == 200
    sender.ends(call.call_id, endCallCause="486 Busy Here", answerDuration=0)
    row = call.when_ended().row
    assert (row.outcome, row.disposition) == ("completed", "bye")
    ends = [turn for turn in call.turns if turn.kind == "end"]
    assert len(ends) == 1
    assert json.loads(json.dumps(ends[0].event))["cause"] == "USER_END_CALL"


def test_keys_after_the_end_change_nothing_of_it(sender: Sender) -> None:
    call = sender.rings()
    sender.ends(call.call_id)
    call.when_ended()
    assert scco_of(call.presses("2").replies[-1])
    assert call.journalled.row.outcome == "hung_up"


def test_posts_before_the_answer_and_of_unknown_calls_are_kept(sender: Sender) -> None:
    call_id = new_call_id()
    for status in ("created", "started"):
        assert sender.tells(call_id, status).status == 200
    assert sender.ends(call_id, event_id="E-early").status == 200
    call = sender.rings(call_id=call_id)
    assert call.says[-1] == CHOICES
    assert sender.ends(call_id, event_id="E-early").status == 200
    assert call.when_ended().row.outcome == "hung_up"


def test_a_sound_of_no_action_of_ours_is_refused(sender: Sender) -> None:
    body = {"recording_url": "https://x.example/1", "call_id": "x"}
    assert sender.post("/stringee/line/recorded?turn=1&at=0", body).status == 400
    assert sender.post("/stringee/line/recorded?turn=x&at=0&call=stringee:x", body).status == 400


@parametrized("body", {**BODIES, "a url": b'{"recording_url": "https://x.example/1"}'})
def test_a_sound_is_kept_however_it_is_told(sender: Sender, body: bytes) -> None:
    call = sender.rings()
    target = f"/stringee/line/recorded?turn=1&at=0&call=stringee:{call.call_id}"
    assert sender.post(target, body).status == 200
    assert sender.get(target).status == 200


@pytest.mark.parametrize("char", ["a", "ệ", "😀", '"', "%", "\\"])
def test_an_app_cannot_make_the_state_of_its_call_too_large(sender: Sender, char: str) -> None:
    """Else whoever has the app is connected with the fallback number, at the operator's cost."""
    long = char * (240 // len(char.encode()))  # encoded, more is no request line for gunicorn
    wish = json.dumps({"name": long}, ensure_ascii=False)
    call = sender.rings(fromInternal="true", custom=wish, userId=long, **{"from": long, "to": long})
    assert call.says[-1] == CHOICES
    assert any("too long for a call, and was cut" in one for one in call.turns[0].incidents)
    call.presses("2").presses("3")
    assert call.says[0].startswith("Tạm biệt")
    assert [turn.kind for turn in call.turns] == ["turn"] * 3
