"""Stringee's REST API over HTTP, and calls at the simulated platform."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jwt
import pytest
import requests
from scco_server import SccoServer, scco_server

from app.simulator import (
    Answer,
    Holder,
    Others,
    RemotePhone,
    Script,
    Scripted,
    Simulator,
    SimulatorClient,
    SimulatorError,
)
from app.simulator.live import Live
from app.simulator.stringee.account import StringeeAccount
from app.simulator.stringee.conditions import (
    StringeeConditions,
    StringeeHostility,
    StringeeReadings,
)
from app.simulator.transcript import Bridged, Ended, Event, InRoom, Ringing, Said

KEY, SECRET = "SK.0.test", "secret-of-the-key-that-is-long-enough"
SID, ACCOUNT_KEY = "AC" + "0" * 32, "key-of-the-account-that-is-long-enough"
ACCOUNT = StringeeAccount(
    key_sid=KEY,
    key_secret=SECRET,
    account_sid=SID,
    account_key=ACCOUNT_KEY,
    signing_key="test-signing-secret",
)
NUMBER, MOBILE = "842400000001", "84900000001"
HEADER = {"cty": "stringee-api;v=1"}
TALK = {"action": "talk", "text": "Xin chào", "bargeIn": False}
LONG_TALK = {**TALK, "loop": 1000}
FROM = {"type": "external", "number": NUMBER, "alias": NUMBER}
TO = {"type": "external", "number": MOBILE, "alias": MOBILE}
CALLOUT = {"from": FROM, "to": [TO], "actions": [TALK]}
CONNECT = {
    "action": "connect",
    "from": {"type": "external", "number": MOBILE, "alias": NUMBER},
    "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
}


def token(
    *,
    sid: str = KEY,
    secret: str = SECRET,
    header: Mapping[str, str] | None = None,
    **claims: object,
) -> str:
    now = int(time.time())
    payload = {"jti": f"{sid}-{now}", "iss": sid, "exp": now + 3600, "rest_api": True, **claims}
    told = HEADER if header is None else dict(header)
    return jwt.encode(payload, secret, algorithm="HS256", headers=told)


ACCOUNT_TOKEN = {"sid": SID, "secret": ACCOUNT_KEY}


@dataclass
class Api:
    """A simulator that runs, as a client of its API sees it."""

    simulator: Simulator

    def ask(
        self, method: str, path: str, body: object = None, *, auth: str | None = None, **more: Any
    ) -> requests.Response:
        own = (
            ACCOUNT_TOKEN
            if path.split("?", maxsplit=1)[0].split("/")[1] in {"project", "number"}
            else {}
        )
        headers = {"X-STRINGEE-AUTH": token(**own) if auth is None else auth}  # type: ignore[arg-type]
        return requests.request(
            method,
            f"{self.simulator.url}/v1{path}",
            json=body,
            headers={**headers, **more.pop("headers", {})},
            timeout=10,
            **more,
        )

    def post(self, path: str, body: object, **more: Any) -> dict[str, Any]:
        answer = self.ask("POST", path, body, **more)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def get(self, path: str, **more: Any) -> dict[str, Any]:
        answer = self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def callout(self, **changes: object) -> str:
        call_id: str = self.post("/call2/callout", {**CALLOUT, **changes})["call_id"]
        return call_id

    def ends(self, call_id: str) -> None:
        """Wait until a call is over."""
        deadline = time.monotonic() + 10
        while self.simulator.stringee.store.ended_call(call_id) is None:
            assert time.monotonic() < deadline, f"{call_id} is not over"
            time.sleep(0.005)

    def point(self, server: SccoServer) -> None:
        """Let a server answer the first number and the project."""
        urls = {"answer_url": f"{server.url}/answer"}
        number = self.get("/number")["data"]["numbers"][0]["id"]
        assert self.ask("PUT", f"/number/{number}", urls | {"event_url": f"{server.url}/events"})
        project = self.get("/project")["data"]["projects"][0]["id"]
        assert self.ask("PUT", f"/project/{project}", urls | {"callback_url": f"{server.url}/x"})


def simulated(speed: float = 2000, **conditions: Any) -> Simulator:
    return Simulator(
        stringee_account=ACCOUNT,
        stringee_conditions=StringeeConditions(speed=speed, **conditions),
    )


@pytest.fixture
def api() -> Iterator[Api]:
    with simulated() as simulator:
        yield Api(simulator)


@pytest.fixture
def slow_api() -> Iterator[Api]:
    """Where calls last until they are ended."""
    with simulated(speed=10) as simulator:
        yield Api(simulator)


def heard_by(live: Live, *kinds: type[Event]) -> Iterator[Event]:
    return (event for event in live.events() if isinstance(event, kinds))


# -- tokens ----------------------------------------------------------------------------------

VECTOR = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImN0eSI6InN0cmluZ2VlLWFwaTt2PTEifQ."
    "eyJqdGkiOiJTSy4wLnRlc3QtMTcwMDAwMDAwMCIsImlzcyI6IlNLLjAudGVzdCIsImV4cCI6MTcwMDAwMzYwMCwi"
    "cmVzdF9hcGkiOnRydWV9.JCBS5SCMupxFamcOHlGh_d9wyzg5sKh0GWsMoWlgUVM"
)


@pytest.mark.parametrize(
    ("auth", "r"),
    [
        ("", 5),
        ("nonsense", 5),
        (token(header={}), 5),
        (token(header={"cty": "stringee-api;v=2"}), 5),
        (token(sid="SK.0.other"), 5),
        (token(secret="another-secret-that-is-long-enough!"), 5),
        (token(exp=1_700_003_600), 5),
        (token(exp=int(time.time() * 1000) + 3_600_000), 5),
        (token(rest_api=False), 45),
        (token(rest_api=None, userId="user_1"), 45),
        (token(**ACCOUNT_TOKEN), 5),  # type: ignore[arg-type]
        (VECTOR, 5),
    ],
    ids=[
        "none",
        "no token",
        "no cty",
        "another cty",
        "an unknown key",
        "another secret",
        "too old",
        "in milliseconds",
        "not for REST",
        "a client's",
        "the account's",
        "the published one, of 2023",
    ],
)
def test_a_token_that_is_not_right_is_refused_with_403(api: Api, auth: str, r: int) -> None:
    answer = api.ask("POST", "/call2/callout", CALLOUT, auth=auth)
    assert answer.status_code == 403
    assert answer.json()["r"] == r
    if r == 5:
        assert answer.json() == {"r": 5, "message": "keySid invalid"}


def test_a_token_comes_in_the_query_too(api: Api) -> None:
    assert api.get(f"/call/log?access_token={token()}", auth="")["r"] == 0


def test_projects_and_numbers_take_the_accounts_token_alone(api: Api) -> None:
    for path in ("/project", "/number"):
        assert api.get(path)["r"] == 0
        refused = api.ask("GET", path, auth=token())
        assert (refused.status_code, refused.json()["r"]) == (403, 5)


def test_callrs_credentials_are_not_asked_for_here_nor_stringees_there(api: Api) -> None:
    answer = requests.post(
        f"{api.simulator.url}/phones/", headers={"X-STRINGEE-AUTH": token()}, timeout=5
    )
    assert answer.status_code == 401


# -- starting a call -------------------------------------------------------------------------


def test_a_callout_rings_somebody_and_does_its_actions(api: Api) -> None:
    live = Live(patience_s=None)
    api.simulator.stringee.people.put(f"+{MOBILE}", lambda: live)
    answer = api.post("/call2/callout", CALLOUT)
    assert set(answer) == {"r", "message", "call_id"}
    assert answer["r"] == 0
    assert [event.text for event in heard_by(live, Said) if isinstance(event, Said)] == ["Xin chào"]
    api.ends(answer["call_id"])


def test_a_callout_without_actions_asks_its_answer_url_when_it_is_answered(api: Api) -> None:
    with scco_server(answer=[[TALK]]) as server:
        body = {"from": FROM, "to": [TO], "answer_url": f"{server.url}/answer"}
        api.ends(api.post("/call2/callout", body)["call_id"])
    (got,) = server.at("answer")
    assert got.query["from"] == NUMBER


def test_actions_win_over_an_answer_url_even_where_there_are_none(api: Api) -> None:
    with scco_server(answer=[[TALK]]) as server:
        api.ends(api.callout(actions=[], answer_url=f"{server.url}/answer"))
    assert server.got == []


@pytest.mark.parametrize(
    ("changes", "r"),
    [
        ({"from": {**FROM, "number": "842499999999"}}, 4),
        ({"from": {**FROM, "number": f"+{NUMBER}"}}, 10),
        ({"to": [{**TO, "number": f"+{MOBILE}"}]}, 10),
        ({"to": [{**TO, "type": "sip"}]}, 3),
        ({"to": TO}, 2),
        ({"to": []}, 2),
        ({"from": {"type": "internal", "number": "user_1", "alias": "x"}}, 2),
        ({"actions": None}, 1),
        ({"actions": [{"action": "hangup"}]}, 2),
        ({"actions": TALK}, 2),
        ({"actions": [{**CONNECT, "from": {**TO}}]}, 4),
        ({"answer_url": 7, "actions": None}, 2),
    ],
)
def test_a_callout_with_a_fault_is_refused_with_200_and_a_code(
    api: Api, changes: dict[str, object], r: int
) -> None:
    answer = api.post("/call2/callout", {**CALLOUT, **changes})
    assert answer["r"] == r
    assert answer["message"]
    assert "call_id" not in answer
    assert api.simulator.stringee.call_ids == ()


def test_a_callout_from_a_number_of_another_project_is_refused(api: Api) -> None:
    other = api.post("/project", {"name": "other"})["data"]["id"]
    number = api.get("/number")["data"]["numbers"][0]["id"]
    api.ask("PUT", f"/number/{number}", {"project_id": other})
    assert api.post("/call2/callout", CALLOUT)["r"] == 15


def test_a_body_that_is_no_json_object_is_told(api: Api) -> None:
    answer = api.ask("POST", "/call2/callout", [1])
    assert (answer.status_code, answer.json()["message"]) == (200, "Could not decode POST data")


def test_there_can_be_no_money_and_too_many_calls() -> None:
    with simulated(hostility=StringeeHostility(no_money=True)) as simulator:
        assert Api(simulator).post("/call2/callout", CALLOUT)["r"] == 8
    with Simulator(
        stringee_account=ACCOUNT, most_calls=1, stringee_conditions=StringeeConditions(speed=10)
    ) as simulator:
        api = Api(simulator)
        api.callout(actions=[LONG_TALK])
        assert api.post("/call2/callout", CALLOUT)["r"] == 12


def test_the_answer_may_have_another_form() -> None:
    readings = StringeeReadings(callout_id="callId", speech="waits", internal_callout="taken")
    with simulated(readings=readings) as simulator:
        api = Api(simulator)
        answer = api.post("/call2/callout", CALLOUT)
        assert answer["r"] == 13
        api.ends(answer["callId"])
        internal = {"type": "internal", "number": "user_1", "alias": "user_1"}
        assert api.post("/call2/callout", {**CALLOUT, "from": internal})["r"] == 13


# -- acting on a call ------------------------------------------------------------------------


def test_a_call_is_stopped_once(slow_api: Api) -> None:
    api = slow_api
    call_id = api.callout(actions=[LONG_TALK])
    assert api.post("/call2/stop", {"callId": call_id})["r"] == 0
    api.ends(call_id)
    ended = api.simulator.stringee.store.ended_call(call_id)
    assert ended is not None
    assert ended.record.status == "REST_API_STOP"
    assert api.post("/call2/stop", {"callId": call_id})["r"] == 1
    assert api.post("/call2/stop", {"callId": "call-vn-1-NOBODY"})["r"] == 2


def test_actions_are_put_in_the_place_of_those_that_run(slow_api: Api) -> None:
    api, live = slow_api, Live(patience_s=None, ring_s=0.1)
    api.simulator.stringee.people.put(f"+{MOBILE}", lambda: live)
    call_id = api.callout(actions=[LONG_TALK])
    told = heard_by(live, Said, Ended)
    next(told)
    assert api.post("/call2/putactions", {"callId": call_id, "actions": []})["r"] == 0
    assert isinstance(list(told)[-1], Ended)
    api.ends(call_id)
    put = {"callId": call_id, "actions": [TALK]}
    assert api.post("/call2/putactions", put)["r"] == 1


def test_improper_actions_are_not_put(slow_api: Api) -> None:
    call_id = slow_api.callout(actions=[LONG_TALK])
    for actions in (TALK, [{"action": "hangup"}], None):
        body = {"callId": call_id, "actions": actions}
        assert slow_api.post("/call2/putactions", body)["r"] == 2
    assert slow_api.simulator.stringee.call_ids == (call_id,)


def test_a_conversation_is_transferred_and_made_a_conference(slow_api: Api) -> None:
    api = slow_api
    live = Live(patience_s=None, ring_s=0.1, others=Others(ring_s=0.1, talk_s=1000))
    api.simulator.stringee.people.put(f"+{MOBILE}", lambda: live)
    call_id = api.callout(actions=[CONNECT])
    told = heard_by(live, Ringing, Bridged, InRoom)
    assert [type(next(told)) for _ in range(2)] == [Ringing, Bridged]
    body = {"callId": call_id, "from": CONNECT["from"], "to": TO, "spyCall": False}
    assert api.post("/call2/adduser", body)["r"] == 0
    joined = next(told)
    assert isinstance(joined, InRoom)
    assert joined.others == 2
    user = {"type": "internal", "number": "user_2", "alias": "user_2"}
    assert api.post("/call2/transfer", {"callId": call_id, "to": user})["r"] == 2
    transfer = {"callId": call_id, "fromUserId": "user_1", "to": user}
    assert api.post("/call2/transfer", transfer)["r"] == 0
    next(told)
    bridged = next(told)
    assert isinstance(bridged, Bridged)
    assert bridged.number == "user_2"
    assert api.post("/call2/whisper", {"callId": call_id, "userId": "user_1"})["callId"] == call_id
    live.hang_up()
    api.ends(call_id)


def test_a_call_of_another_project_is_none_of_ours(slow_api: Api) -> None:
    call_id = slow_api.callout(actions=[LONG_TALK])
    other = slow_api.post("/project", {"name": "other"})["data"]
    auth = token(sid=other["api_key_sid"], secret=other["api_key"])
    assert slow_api.post("/call2/stop", {"callId": call_id}, auth=auth)["r"] == 2
    assert slow_api.get("/call/log", auth=auth)["data"]["calls"] == []


# -- projects, numbers and incoming calls ----------------------------------------------------


def test_a_project_is_made_and_changed(api: Api) -> None:
    made = api.post("/project", {"name": "Hotline", "callback_url": "https://h/events"})
    assert (made["r"], made["account_sid"]) == (0, SID)
    project = made["data"]
    assert set(project) == {
        "id",
        "name",
        "answer_url",
        "callback_url",
        "api_key_sid",
        "api_key",
    }
    assert (project["answer_url"], project["callback_url"]) == ("", "https://h/events")
    changed = api.ask("PUT", f"/project/{project['id']}", {"answer_url": "https://h/answer"})
    assert changed.json()["data"] == {**project, "answer_url": "https://h/answer"}
    assert api.get("/project?name=Hotline")["data"]["totalCount"] == 1
    assert api.post("/project", {})["r"] != 0
    assert api.ask("PUT", "/project/7", {}).json()["r"] != 0


def test_a_number_is_told_with_the_documented_fields_and_pointed(api: Api) -> None:
    data = api.get("/number?limit=1")["data"]
    assert (data["totalPages"], data["totalCount"], data["activePage"]) == (3, 3, 1)
    (number,) = data["numbers"]
    assert set(number) == {
        "id",
        "account",
        "country_code",
        "phone_number_no_country_code",
        "phone_number",
        "callout_to_prefix",
        "voice_enabled",
        "sms_enabled",
        "sip_trunk",
        "project_id",
        "answer_url",
        "event_url",
        "monthly_price",
        "country_iso_code",
        "country_name",
        "telco_name",
        "project_name",
    }
    assert (number["phone_number"], number["answer_url"]) == (NUMBER, "")
    path = f"/number/{number['id']}"
    assert api.ask("PUT", path, {"answer_url": "https://h/a"}).json()["r"] == 0
    assert api.get("/number")["data"]["numbers"][0]["answer_url"] == "https://h/a"
    for wrong in ({"answer_url": 1}, {"project_id": 7}):
        assert api.ask("PUT", path, wrong).json()["r"] != 0
    assert api.get("/number?project_id=7")["data"]["numbers"] == []


def heard(phone: RemotePhone) -> list[str]:
    """The texts that a phone hears until its call is over."""
    texts = [event.text for event in phone.events() if isinstance(event, Said)]
    phone.close()
    return texts


def test_a_phone_rings_a_number_and_an_app_calls(api: Api) -> None:
    with scco_server(answer=[[TALK], [TALK], [TALK]]) as server:
        api.point(server)
        account = api.simulator.account
        with SimulatorClient(api.simulator.url, account.login, account.password) as client:
            holder = Holder(script=Script())
            by_phone = heard(client.ring(f"+{NUMBER}", holder, caller=f"+{MOBILE}"))
            once_more = heard(client.ring(f"+{NUMBER}", holder, kind="phone-to-phone"))
            app_call = client.call_from_app(
                "user_9", holder, kind="app-to-app", user="an", custom="{}"
            )
            assert [by_phone, once_more, heard(app_call)] == [["Xin chào"]] * 3
    first, _, app = (got.query for got in server.at("answer"))
    assert (first["from"], first["to"], first["fromInternal"]) == (MOBILE, NUMBER, "false")
    assert (app["from"], app["to"], app["userId"], app["custom"]) == ("an", "user_9", "an", "{}")
    assert app["fromInternal"] == "true"
    assert all("X-STRINGEE-SIGNATURE" in got.headers for got in server.got)


def test_a_number_or_project_without_a_url_is_not_reached(api: Api) -> None:
    account = api.simulator.account
    with SimulatorClient(api.simulator.url, account.login, account.password) as client:
        with pytest.raises(SimulatorError, match="set the answer_url of the number"):
            client.ring(f"+{NUMBER}")
        with pytest.raises(SimulatorError, match="set the answer_url of the project"):
            client.call_from_app("user_2")
        with pytest.raises(SimulatorError, match="is no number of this account"):
            client.ring("+84900000009", kind="phone-to-app")


def test_somebody_listens_for_a_callout(api: Api) -> None:
    account = api.simulator.account
    with SimulatorClient(api.simulator.url, account.login, account.password) as client:
        phone = client.listen(f"+{MOBILE}", Holder(script=Script(ring_s=1)))
        call_id = api.callout()
        events = []
        for event in phone.events():
            events.append(event)
            if isinstance(event, Ended):
                break
        phone.close()
    assert [event.text for event in events if isinstance(event, Said)] == ["Xin chào"]
    api.ends(call_id)


# -- the call log ----------------------------------------------------------------------------


def three_calls(api: Api) -> list[str]:
    """Three calls, one after the other; the second is not answered."""
    busy = Scripted(Script(answer=Answer.BUSY))
    calls = []
    for person in (Scripted(Script()), busy, Scripted(Script())):
        api.simulator.stringee.people.put(f"+{MOBILE}", lambda person=person: person)  # type: ignore[misc]
        calls.append(api.callout())
        api.ends(calls[-1])
        time.sleep(0.002)
    return calls


def test_the_log_has_ended_calls_newest_first_by_page(api: Api) -> None:
    calls = three_calls(api)
    told = api.get("/call/log?limit=2")
    assert (told["r"], told["message"]) == (0, "Load call(s) success")
    data = told["data"]
    assert (data["totalCalls"], data["totalPages"], data["currentPage"]) == ("3", 2, 1)
    assert [call["id"] for call in data["calls"]] == [calls[2], calls[1]]
    assert api.get("/call/log?limit=2&page=2")["data"]["calls"][0]["id"] == calls[0]
    assert [call["answer_time"] > 0 for call in data["calls"]] == [True, False]
    assert "account_id" not in data["calls"][0]
    assert data["calls"][0]["to_number"] == MOBILE
    assert data["calls"][0]["recorded"] == 0


def test_the_newest_log_goes_on_after_a_call(api: Api) -> None:
    calls = three_calls(api)
    first = api.get("/call/log?version=2&limit=1")["data"]["calls"]
    assert [call["id"] for call in first] == [calls[2]]
    assert first[0]["account_id"] == 1000001
    after = f"search_after[]={first[0]['start_time']}&search_after[]={first[0]['id']}"
    rest = api.get(f"/call/log?version=2&{after}")["data"]["calls"]
    assert [call["id"] for call in rest] == [calls[1], calls[0]]


def test_the_log_is_sorted_and_sifted(api: Api) -> None:
    calls = three_calls(api)
    told = api.get("/call/log?order_by=asc")["data"]["calls"]
    assert [call["id"] for call in told] == calls
    (one,) = api.get(f"/call/log?id={calls[1]}")["data"]["calls"]
    assert one["id"] == calls[1]
    since = told[1]["start_time"]
    assert len(api.get(f"/call/log?from_start_time={since}")["data"]["calls"]) == 2
    assert len(api.get(f"/call/log?to_start_time={since}")["data"]["calls"]) == 2
    assert api.get("/call/log?to_number=841")["data"]["calls"] == []


# -- recordings and greetings ----------------------------------------------------------------

RECORD = {"action": "record", "eventUrl": "", "format": "mp3"}


def recorded_call(api: Api) -> str:
    """A call of some seconds that is recorded."""
    call_id = api.callout(actions=[RECORD, {**TALK, "loop": 10}])
    api.ends(call_id)
    return call_id


def test_a_recording_is_a_sound_as_long_as_the_call_and_comes_in_parts_too(api: Api) -> None:
    call_id = recorded_call(api)
    whole = api.ask("GET", f"/call/recording/{call_id}")
    assert whole.status_code == 200
    assert whole.headers["Content-Type"] == "audio/mpeg"
    assert whole.content.startswith(b"RIFF")
    assert len(whole.content) > 16_000 * 5
    part = api.ask("GET", f"/call/play/{call_id}", headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, whole.content[4:12])


def test_a_recording_is_where_its_webhook_says(api: Api) -> None:
    with scco_server() as server:
        record = {**RECORD, "eventUrl": f"{server.url}/recorded"}
        api.ends(api.callout(actions=[record, TALK]))
    (got,) = server.at("recorded")
    url = got.json["recording_url"]
    assert url.startswith(api.simulator.url)
    answer = requests.get(url, headers={"X-STRINGEE-AUTH": token()}, timeout=5)
    assert answer.content.startswith(b"RIFF")
    assert requests.get(url, timeout=5).status_code == 403


def test_a_recording_may_not_be_there_yet() -> None:
    late = StringeeHostility(not_yet=2, processing=1, too_often=1)
    with simulated(hostility=late) as simulator:
        api = Api(simulator)
        call_id = recorded_call(api)
        answers = [api.ask("GET", f"/call/recording/{call_id}") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [404, 404, 200, 429, 200]
    assert len(answers[2].content) < 500 < len(answers[4].content)
    assert answers[3].headers["Retry-After"] == "1"


def test_what_was_not_recorded_is_told_apart_from_what_was_never(api: Api) -> None:
    call_id = api.callout()
    api.ends(call_id)
    assert api.ask("GET", f"/call/recording/{call_id}").status_code == 400
    assert api.ask("GET", "/call/recording/call-vn-1-NOBODY").status_code == 404


def test_a_greeting_is_uploaded_in_two_ways_and_then_played(api: Api) -> None:
    url = f"{api.simulator.url}/v1/greetingfile"
    headers = {"X-STRINGEE-AUTH": token()}
    simple = requests.post(
        f"{url}?uploadType=simple&desc=x", data=b"ID3", headers=headers, timeout=5
    ).json()
    assert set(simple) == {"r", "filename", "fileSid", "message"}
    multipart = requests.post(
        f"{url}?uploadType=multipart", files={"file": b"ID3"}, headers=headers, timeout=5
    ).json()
    assert multipart["filename"].endswith(".mp3")
    files = api.get("/greetingfile")["data"]["files"]
    assert [one["filename"] for one in files] == [simple["filename"], multipart["filename"]]
    play = [{"action": "play", "fileName": name} for name in (simple["filename"], "gone.mp3")]
    call_id = api.callout(actions=play)
    api.ends(call_id)
    ended = api.simulator.stringee.store.ended_call(call_id)
    assert ended is not None
    assert ended.record.heard == (f"[sound {simple['filename']}]",)
    assert ended.record.warnings == (
        "there is no greeting file 'gone.mp3'; nothing is heard of it here",
    )
    empty = requests.post(f"{url}?uploadType=simple", headers=headers, timeout=5).json()
    assert empty["r"] == 1


def test_the_secrets_of_an_account_are_not_in_its_repr() -> None:
    told = repr(replace(ACCOUNT, key_secret="hidden-1", account_key="hidden-2"))
    assert "hidden" not in told
    assert "test-signing-secret" not in told
