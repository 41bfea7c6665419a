"""Stringee's Call API over HTTP: what is sent, and what is read of the answers."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_server import KEY, Answer, RestServer, told

from app.callflow.errors import ApiError, GoneError, SettingsError
from app.fates import Fate
from app.settings import Settings
from app.stringee.calls import CallApi, Endpoint, open_calls
from app.stringee.objects import GreetingFile
from app.stringee.recorded import MIN_BYTES, NotYetError, fetch, url_of
from app.stringee.refusals import StringeeError

CALL = "call-vn-1-ABCDWXKUQM-1542377678921"
BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MS = int(BEGAN.timestamp() * 1000)


def sent(do: Callable[[CallApi], object], answer: Answer | None = None) -> tuple[object, Any]:
    """What a method gives back, and the one request that it sent, as (method, path, JSON)."""
    with RestServer(answer or told(r=0)) as server, CallApi(server.rest()) as api:
        result = do(api)
    (seen,) = server.seen
    return result, (seen.method, seen.path, seen.json)


def test_a_call_is_placed_with_numbers_without_plus_and_with_its_actions() -> None:
    actions = [{"action": "talk", "text": "Xin chào"}]
    result, request = sent(
        lambda api: api.callout(caller_id="+842400000002", number="+84900000001", actions=actions),
        told(r=0, call_id=CALL),
    )
    assert result == CALL
    assert request == (
        "POST",
        "/v1/call2/callout",
        {
            "from": {"type": "external", "number": "842400000002", "alias": "842400000002"},
            "to": [{"type": "external", "number": "84900000001", "alias": "84900000001"}],
            "actions": actions,
        },
    )


@pytest.mark.parametrize(
    ("answer", "call_id"),
    [
        (told(r=0), ""),
        (told(r=0, callId=CALL), CALL),
        (told(r=13, call_id=CALL, message="WAIT_TEXT_TO_SPEECH"), CALL),
        (told(r=0, call_id=7), ""),
    ],
)
def test_a_call_s_id_is_read_where_it_is_told(answer: Answer, call_id: str) -> None:
    result, _ = sent(lambda api: api.callout(caller_id="+841", number="+842", actions=[]), answer)
    assert result == call_id


@pytest.mark.parametrize(("r", "ended"), [(0, True), (1, False), (2, False)])
def test_a_call_that_is_over_already_cannot_be_stopped(r: int, ended: bool) -> None:  # noqa: FBT001
    result, request = sent(lambda api: api.stop(CALL), told(r=r))
    assert result is ended
    assert request == ("POST", "/v1/call2/stop", {"callId": CALL})


def test_a_call_that_stringee_does_not_stop_is_an_error() -> None:
    with RestServer(told(403, r=1)) as server, CallApi(server.rest()) as api:
        with pytest.raises(StringeeError, match="credentials"):
            api.stop(CALL)
        server.answers = [told(r=3)]
        with pytest.raises(StringeeError, match="r 3"):
            api.stop(CALL)


def test_a_call_that_goes_on_is_given_other_actions() -> None:
    _, request = sent(lambda api: api.put_actions(CALL, [{"action": "talk"}]))
    told_ = {"callId": CALL, "actions": [{"action": "talk"}]}
    assert request == ("POST", "/v1/call2/putactions", told_)


def test_a_call_is_transferred_from_a_user_to_a_telephone_or_another_user() -> None:
    phone = Endpoint(kind="external", number="+84900000001", alias="+842400000002")
    _, (_, path, body) = sent(lambda api: api.transfer(CALL, from_user="agent_1", to=phone))
    assert path == "/v1/call2/transfer"
    assert body == {
        "callId": CALL,
        "fromUserId": "agent_1",
        "to": {"type": "external", "number": "84900000001", "alias": "842400000002"},
    }
    user = Endpoint(kind="internal", number="agent_2", alias="+842400000002")
    _, (_, _, body) = sent(lambda api: api.transfer(CALL, from_user="agent_1", to=user))
    assert body["to"] == {"type": "internal", "number": "agent_2", "alias": "842400000002"}


def test_somebody_is_added_to_a_call_to_listen_only() -> None:
    shown = Endpoint(kind="internal", number="boss")
    user = Endpoint(kind="internal", number="agent_2")
    _, (_, path, body) = sent(
        lambda api: api.add_participant(CALL, shown=shown, to=user, listens_only=True)
    )
    assert path == "/v1/call2/adduser"
    assert body["callId"] == CALL
    assert (body["from"]["number"], body["to"]["number"]) == ("boss", "agent_2")
    assert body["spyCall"] is True


def logged(number: int, **more: object) -> dict[str, object]:
    """A call of the log as the page of the API shows one."""
    return {
        "id": f"call-vn-1-{number}",
        "project_id": 22512,
        "from_user_id": "",
        "from_number": "84900000001",
        "to_number": "842400000002",
        "from_alias": "84900000001",
        "from_internal": 0,
        "to_internal": "0",
        "start_time": MS + number,
        "answer_time": str(MS + 5000),
        "stop_time": MS + 65000,
        "amount": "0.00000",
        "recorded": 1,
        "uuid": "f7250000",
        "account_id": 1000001,
        "start_time_datetime": "2026/01/02, 10:04:05",
    } | more


def v2(*calls: dict[str, object]) -> Answer:
    return told(r=0, message="Load call(s) success", data={"calls": list(calls)})


def v1(page: int, pages: int, *calls: dict[str, object]) -> Answer:
    data = {"totalCalls": "3", "totalPages": pages, "currentPage": page, "calls": list(calls)}
    return told(r=0, data=data)


def log(*answers: Answer) -> tuple[list[str], RestServer]:
    with RestServer(*answers) as server, CallApi(server.rest()) as api:
        calls = list(api.calls(BEGAN, BEGAN + timedelta(hours=1)))
    return [call.id.removeprefix("call-vn-1-") for call in calls], server


def test_the_newer_log_goes_on_after_the_last_call_of_a_page() -> None:
    found, server = log(v2(logged(1), logged(2)), v2(logged(3)), v2())
    assert found == ["1", "2", "3"]
    assert [seen.query.get("search_after[]") for seen in server.seen] == [
        None,
        [str(MS + 2), "call-vn-1-2"],
        [str(MS + 3), "call-vn-1-3"],
    ]
    first = server.seen[0].query
    assert first["from_start_time"] == [str(MS)]
    assert first["to_start_time"] == [str(MS + 3_600_000)]
    assert (first["version"], first["limit"], first["sort_order"]) == (["2"], ["100"], ["asc"])


def test_a_log_that_numbers_its_pages_is_read_page_by_page() -> None:
    found, server = log(v1(1, 2, logged(1), logged(2)), v1(2, 2, logged(2), logged(3)))
    assert found == ["1", "2", "3"]
    assert [seen.query.get("page") for seen in server.seen] == [None, ["2"]]


def test_the_older_log_is_asked_where_the_newer_is_refused() -> None:
    found, server = log(told(r=1, message="version"), v1(1, 1, logged(1)))
    assert found == ["1"]
    assert server.seen[1].query["version"] == ["1"]
    assert server.seen[1].query["page"] == ["1"]


def test_a_log_that_repeats_itself_comes_to_an_end() -> None:
    found, server = log(v2(logged(1)))
    assert found == ["1"]
    assert len(server.seen) == 2


def test_credentials_that_are_refused_are_not_tried_on_the_older_log() -> None:
    with RestServer(told(403, r=5, message="keySid invalid")) as server:
        with CallApi(server.rest()) as api, pytest.raises(StringeeError):
            list(api.calls(BEGAN, BEGAN))
        assert len(server.seen) == 1


def one(**more: object) -> Any:
    with RestServer(v2(logged(1, **more)), v2()) as server, CallApi(server.rest()) as api:
        (call,) = api.calls(BEGAN, BEGAN)
    return call


def test_a_call_of_the_log_is_read() -> None:
    call = one()
    assert (call.caller, call.called) == ("+84900000001", "+842400000002")
    assert call.began == BEGAN + timedelta(milliseconds=1)
    assert (call.talked_s, call.lasted_s) == (60.0, 64.999)
    assert (call.from_client, call.to_client, call.recorded) == (False, False, True)
    assert (call.project, call.user, call.uuid) == ("22512", "", "f7250000")


def test_a_call_of_a_client_app_keeps_the_user_s_id_as_it_is() -> None:
    call = one(from_internal=1, from_number="84900000001", from_user_id="84900000001")
    assert (call.caller, call.from_client) == ("84900000001", True)


def test_a_percent_encoded_number_is_read() -> None:
    assert one(from_number="%2B917488360879").caller == "+917488360879"


def test_what_has_not_happened_is_none() -> None:
    call = one(answer_time=0, stop_time=None, uuid=None)
    assert (call.answered, call.ended, call.talked_s, call.lasted_s) == (None, None, None, None)
    assert call.uuid == ""


@pytest.mark.parametrize(
    "answer",
    [
        told(r=0),
        told(r=0, data={}),
        told(r=0, data={"calls": 7}),
        told(r=0, data={"calls": ["x"]}),
        v2({"id": "a"}),
        v2({"start_time": MS}),
        v2({"id": "a", "start_time": "yesterday"}),
        v2({"id": "a", "start_time": 0}),
    ],
)
def test_what_is_no_log_is_an_error(answer: Answer) -> None:
    with pytest.raises(StringeeError, match="GET log"):
        log(answer)


def test_a_sound_is_uploaded_byte_by_byte() -> None:
    answer = told(r=0, filename="VYWKDLWVXL-1.mp3", fileSid="FILE-1")
    with RestServer(answer) as server, CallApi(server.rest()) as api:
        made = api.upload_greeting(b"\xff\xfb\x00", "the greeting & more")
    (seen,) = server.seen
    assert made == GreetingFile(name="VYWKDLWVXL-1.mp3", sid="FILE-1")
    assert (seen.method, seen.path, seen.body) == ("POST", "/v1/greetingfile", b"\xff\xfb\x00")
    assert seen.query == {"uploadType": ["simple"], "desc": ["the greeting & more"]}


@pytest.mark.parametrize(
    "data",
    [[{"filename": "a.mp3", "fileSid": "F"}], {"files": {"1": {"name": "a.mp3", "id": "F"}}}],
)
def test_sounds_are_listed(data: object) -> None:
    with RestServer(told(r=0, data=data)) as server, CallApi(server.rest()) as api:
        assert api.greeting_files() == [GreetingFile(name="a.mp3", sid="F")]


def settings(url: str, **more: Any) -> Settings:
    told_ = {"stringee_api_key_sid": KEY.sid, "stringee_api_key_secret": KEY.secret}
    return Settings(stringee_api_url=url, **{**told_, **more})


def test_without_a_key_the_lines_to_add_are_told() -> None:
    with pytest.raises(SettingsError, match="STRINGEE_API_KEY_SID=") as caught:
        open_calls(settings("http://127.0.0.1:1", stringee_api_key_sid=""))
    assert "STRINGEE_API_KEY_SECRET=" in str(caught.value)


def fetched(answer: Answer, recording: str = CALL) -> tuple[bytes, RestServer]:
    into = io.BytesIO()
    with RestServer(answer) as server:
        size = fetch(recording, into, settings(server.url))
    assert size == len(into.getvalue())
    return into.getvalue(), server


def test_a_recording_is_fetched_by_the_call_s_id() -> None:
    sound = bytes(range(256)) * 1000
    got, server = fetched(Answer(sound))
    assert got == sound
    assert server.seen[0].path == f"/v1/call/recording/{CALL}"
    assert "X-STRINGEE-AUTH" in server.seen[0].headers


@pytest.mark.parametrize(
    ("named", "path"),
    [
        (f"http://api.stringee.com/v1/call/recording/{CALL}", f"/v1/call/recording/{CALL}"),
        (f"https://asia-3.api.stringee.com/v1/call/play/{CALL}?a=1", f"/v1/call/play/{CALL}"),
        ("https://10.0.0.1/x/v1/call/recording/a", "/v1/call/recording/a"),
    ],
)
def test_of_the_url_that_stringee_names_only_the_path_is_used(named: str, path: str) -> None:
    _, server = fetched(Answer(bytes(MIN_BYTES)), named)
    assert server.seen[0].path == path
    assert server.seen[0].query == {}


@pytest.mark.parametrize(
    "named",
    [
        "https://example.com/a.mp3",
        "http://[::1",
        "/etc/passwd",
        ".",
        "..",
        "https://x/v1/call/recording/..",
        "https://x/v1/call/recording/%2E%2e",
        "https://x/v1/call/play/.%2e",
    ],
)
def test_a_recording_in_another_place_is_not_fetched(named: str) -> None:
    with pytest.raises(ApiError, match="no place that is known"):
        url_of(named, "https://api.stringee.com")


def test_a_call_s_id_cannot_lead_elsewhere() -> None:
    url = url_of("a?b#c..%2f", "https://api.stringee.com/")
    assert url == "https://api.stringee.com/v1/call/recording/a%3Fb%23c..%252f"


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        (Answer(b"", 404), None),
        (Answer(b"x", 429, {"Retry-After": "7"}), 7.0),
        (Answer(b"x", 429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}), None),
        (Answer(b"x", 429, {"Retry-After": "99999999"}), 3600.0),
        (Answer(bytes(MIN_BYTES - 1)), None),
        (Answer(b""), None),
    ],
)
def test_a_recording_that_is_not_ready_says_when_to_ask_again(
    answer: Answer, wait_s: float | None
) -> None:
    into = io.BytesIO()
    with RestServer(answer) as server, pytest.raises(NotYetError) as caught:
        fetch(CALL, into, settings(server.url))
    assert caught.value.wait_s == wait_s
    assert into.getvalue() == b""


@pytest.mark.parametrize("status", [400, 410])
def test_a_recording_that_will_never_be_there_is_gone(status: int) -> None:
    with pytest.raises(GoneError):
        fetched(Answer(b"{}", status))


@pytest.mark.parametrize(
    ("status", "mend"),
    [(401, "region"), (403, "region"), (500, "later"), (301, "STRINGEE_API_URL")],
)
def test_a_recording_that_is_refused_says_what_to_look_at(status: int, mend: str) -> None:
    answer = Answer(b"", status, {"Location": "https://api.stringee.com/v1/call/recording/x"})
    with pytest.raises(ApiError) as caught:
        fetched(answer)
    assert not isinstance(caught.value, NotYetError | GoneError)
    assert mend in caught.value.mend


def test_a_recording_that_is_too_long_is_refused() -> None:
    with RestServer(Answer(bytes(2000))) as server, pytest.raises(ApiError, match="more than 1000"):
        fetch(CALL, io.BytesIO(), settings(server.url), max_bytes=1000)


def test_a_recording_that_is_cut_short_is_told_without_its_url() -> None:
    with pytest.raises(ApiError, match=r"could not be fetched from 127\.0\.0\.1") as caught:
        fetched(Answer(bytes(1000), headers={"Transfer-Encoding": "chunked"}))
    assert CALL not in str(caught.value)


def test_the_key_is_tried_without_doing_anything() -> None:
    with RestServer(v1(1, 1)) as server, CallApi(server.rest()) as api:
        api.check()
        server.answers = [told(403, r=5, message="keySid invalid")]
        with pytest.raises(StringeeError) as caught:
            api.check()
    assert caught.value.fate is Fate.REFUSED
    assert {seen.method for seen in server.seen} == {"GET"}
