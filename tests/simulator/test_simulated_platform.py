"""The JSON-RPC API of the simulated platform, used with the real `callr` package."""

import io
import json
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import callr
import pytest
import requests
from voice_app import HANG_UP, command, voice_app

from app.simulator import (
    Account,
    AllLinesBusyError,
    Answer,
    Conditions,
    Hostility,
    Live,
    Platform,
    Readings,
    Script,
    Scripted,
    Simulator,
    UnreachableError,
)
from app.simulator.commands import Target
from app.simulator.record import Facts
from app.simulator.transcript import Bridged, Event, HungUp, InRoom, Listener, PickedUp

FAST = Conditions(speed=1000)
ACCOUNT = Account(login="acme", password="s3cret", api_key="ab" * 50, more_clis=("+33612340000",))
URL = "https://example.org/callr/reception"
ONLY_FREE, ALL = True, False
WITH_NUMBERS, WITHOUT_NUMBERS = True, False
WAIT = command("wait", 1, seconds=30)
NO_LOGIN = {"login": "", "password": ""}


@contextmanager
def simulator(conditions: Conditions = FAST) -> Iterator[Simulator]:
    with Simulator(ACCOUNT, conditions=conditions) as running:
        yield running


def api_of(running: Simulator) -> callr.Api:
    api = callr.Api("acme", "s3cret")
    api.set_api_url(running.api_url)
    return api


@pytest.fixture
def running() -> Iterator[Simulator]:
    with simulator() as one:
        yield one


@pytest.fixture
def api(running: Simulator) -> callr.Api:
    return api_of(running)


def refusal(api: callr.Api, method: str, *params: object) -> tuple[str, int]:
    with pytest.raises(callr.CallrException) as caught:
        api.call(method, *params)
    return caught.value.msg, caught.value.code


def realtime(api: callr.Api, url: str = URL) -> str:
    app = api.call("apps.create", "REALTIME10", "Reception", {"url": url})
    return str(app["hash"])


# -- voice apps and numbers ------------------------------------------------------------------


def test_the_clock_is_a_ping(api: callr.Api) -> None:
    assert abs(api.call("system.get_timestamp") - datetime.now(UTC).timestamp()) < 60


def test_a_voice_app_is_made_as_the_first_steps_page_has_it(api: callr.Api) -> None:
    app = api.call("apps.create", "REALTIME10", "My Realtime app", {"url": URL})
    assert set(app) == {"hash", "name", "p", "did", "package", "date_creation", "date_update"}
    assert app["p"] == {"url": URL, "login": "", "password": "", "data_format": "JSON"}
    assert app["package"] == {"name": "REALTIME10", "type": "REALTIME", "has_did": True}
    assert app["did"] == []
    assert len(app["hash"]) == 8
    assert api.call("apps.get", app["hash"]) == app


def test_a_voice_app_may_be_made_without_params(api: callr.Api) -> None:
    app = api.call("apps.create", "REALTIME10", "Later", None)
    assert app["p"]["url"] == ""


def test_null_leaves_a_part_of_an_app_unchanged(api: callr.Api) -> None:
    app_hash = realtime(api)
    renamed = api.call("apps.edit", app_hash, "Été 2026 (test)", None)
    assert (renamed["name"], renamed["p"]["url"]) == ("Été 2026 (test)", URL)
    moved = api.call("apps.edit", app_hash, None, {"url": URL + "/2", "login": "a"})
    assert (moved["name"], moved["p"]["url"]) == ("Été 2026 (test)", URL + "/2")


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (("REALTIME10", "no.dot", None), "PROPERTY_VALUE_ERROR [name]"),
        (("REALTIME10", "Forward to +123", None), "PROPERTY_VALUE_ERROR [name]"),
        (("REALTIME10", "", None), "PROPERTY_VALUE_ERROR [name]"),
        (("REALTIME10", "x" * 65, None), "PROPERTY_VALUE_ERROR [name]"),
        (("REALTIME10", None, None), "INVALID_PARAM_FORMAT [name]"),
        ((None, "x", None), "INVALID_PARAM_FORMAT [type]"),
        (("REALTIME10", "x", []), "INVALID_PARAM_FORMAT [params]"),
        (("REALTIME10", "x", {"url": 5}), "PROPERTY_TYPE_ERROR [url]"),
        (("REALTIME10", "x", {"url": "example.org"}), "PROPERTY_VALUE_ERROR [url]"),
        (("REALTIME10", "x", {"url": URL, "login": "a:b"}), "PROPERTY_VALUE_ERROR [login]"),
        (
            ("REALTIME10", "x", {"url": URL, "data_format": "XML"}),
            "PROPERTY_VALUE_ERROR [data_format]",
        ),
        (("REALTIME10", "x", {"url": URL, "secret": "y"}), "PROPERTY_VALUE_ERROR [secret]"),
    ],
)
def test_a_voice_app_that_cannot_be_is_refused(
    api: callr.Api, params: tuple[object, ...], told: str
) -> None:
    assert refusal(api, "apps.create", *params) == (told, 151)


def test_an_unknown_type_of_app_is_refused_with_the_vendors_own_words(api: callr.Api) -> None:
    message, _ = refusal(api, "apps.create", "NOTHING10", "x", None)
    assert message == r"Oops, Internal Error. ¯\_(ツ)_/¯"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("apps.get", ("XXXXXXXX",)),
        ("apps.edit", ("XXXXXXXX", "x", None)),
        ("apps.delete", ("XXXXXXXX",)),
        ("apps.assign_did", ("XXXXXXXX", "XXXXXXXX")),
        ("calls.realtime", ("XXXXXXXX", {"number": "+33612345678", "timeout": 30}, None)),
    ],
)
def test_an_unknown_app_is_refused_everywhere(
    api: callr.Api, method: str, params: tuple[object, ...]
) -> None:
    assert refusal(api, method, *params) == ("PROPERTY_VALUE_ERROR [app]", 151)


def test_a_number_is_assigned_by_its_hash_and_moves(api: callr.Api) -> None:
    first, second = realtime(api), realtime(api)
    did = api.call("apps.get_dids", ONLY_FREE)[0]
    assert did["intl_number"] == "+33199001020"
    assert did["app"] is None
    assert refusal(api, "apps.assign_did", first, "+33199001020")[0] == "PROPERTY_VALUE_ERROR [did]"
    assert api.call("apps.assign_did", first, did["hash"]) is True
    assert api.call("apps.assign_did", second, did["hash"]) is True
    assert api.call("apps.get", first)["did"] == []
    assert [d["hash"] for d in api.call("apps.get", second)["did"]] == [did["hash"]]
    assert did["hash"] not in [d["hash"] for d in api.call("apps.get_dids", ONLY_FREE)]


def test_the_two_lists_of_numbers_have_their_two_shapes(api: callr.Api) -> None:
    app_hash = realtime(api)
    did = api.call("apps.get_dids", ALL)[0]
    api.call("apps.assign_did", app_hash, did["hash"])
    older = api.call("apps.get_dids", ALL)[0]
    assert older["app"] == app_hash
    assert older["local_number"] == "0199001020"
    newer = api.call("did.search", {}, {})
    assert set(newer) == {"hits", "total", "offset", "has_more"}
    assert newer["hits"][0]["app"]["hash"] == app_hash
    assert newer["hits"][1]["app"] is None
    assert newer["total"] == 5


def test_a_number_can_be_freed_and_is_free_when_its_app_goes(api: callr.Api) -> None:
    app_hash = realtime(api)
    did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
    api.call("apps.assign_did", app_hash, did)
    assert api.call("apps.remove_did", did) is True
    api.call("apps.assign_did", app_hash, did)
    assert api.call("apps.delete", app_hash) is True
    assert did in [d["hash"] for d in api.call("apps.get_dids", ONLY_FREE)]
    assert refusal(api, "apps.remove_did", "XXXXXXXX")[0] == "PROPERTY_VALUE_ERROR [did]"


def test_an_app_that_takes_no_number_says_so(api: callr.Api) -> None:
    app = api.call("apps.create", "CLICKTOCALL10", "Click", {})
    did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
    assert refusal(api, "apps.assign_did", app["hash"], did)[1] == 205


def test_apps_are_listed_with_their_numbers_where_asked(api: callr.Api) -> None:
    app_hash = realtime(api)
    did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
    api.call("apps.assign_did", app_hash, did)
    assert [app["did"] for app in api.call("apps.get_list", WITHOUT_NUMBERS)] == [[]]
    assert [len(app["did"]) for app in api.call("apps.get_list", WITH_NUMBERS)] == [1]
    assert refusal(api, "apps.get_list", None)[0].startswith("INVALID_PARAM_FORMAT")
    page = api.call("apps.search", {}, {"limit": 0})
    assert (page["total"], page["hits"], page["has_more"]) == (1, [], True)


def test_the_numbers_that_may_be_shown_are_told(api: callr.Api) -> None:
    clis = [entry["cli"] for entry in api.call("apps.get_authorized_clis", "CALL")]
    assert clis == [*ACCOUNT.numbers, "+33612340000"]
    assert refusal(api, "apps.get_authorized_clis", "FAX")[0] == "PROPERTY_VALUE_ERROR [type]"


# -- calls -----------------------------------------------------------------------------------

TARGET = {"number": "+33612345678", "timeout": 30}


@pytest.mark.parametrize("method", ["calls.realtime", "dialr/call.realtime"])
def test_an_outbound_call_has_the_hash_that_was_returned(running: Simulator, method: str) -> None:
    api = api_of(running)
    live = Live()
    running.platform.people.put("+33612345678", lambda: live)
    options = {"cli": "+33199001020", "cdr_field": "000CUSTOMFIELD42"}
    with voice_app(HANG_UP) as app:
        request = api.call(method, realtime(api, app.url), TARGET, options)
        kinds = [type(event) for event in live.events()]
    assert isinstance(request, str)
    assert len(request) == 8
    assert PickedUp in kinds
    first = app.got[0].json
    assert (first["call_status"], first["request_hash"]) == ("UP", request)
    assert (first["cli_number"], first["number"]) == ("+33199001020", "+33612345678")
    assert first["cdr_field"] == "000CUSTOMFIELD42"
    assert first["callid"] > 2**32


@pytest.mark.parametrize(
    ("script", "status"),
    [
        (Script(answer=Answer.BUSY), "BUSY"),
        (Script(answer=Answer.NO_ANSWER), "NOANSWER"),
        (Script(ring_s=10), "NOANSWER"),
    ],
)
def test_an_unanswered_outbound_call_is_one_report(
    running: Simulator, script: Script, status: str
) -> None:
    platform = running.platform
    platform.people.put("+33612345678", lambda: Scripted(script))
    with voice_app() as app:
        realtime(api_of(running), app.url)
        (voice,) = platform.store.apps()
        call = platform.call(voice, Target("+33612345678", 5), caller="", cdr_field="")
        record = call.wait(10)
    assert record is not None
    assert record.status == status
    assert app.statuses == [status]


@pytest.mark.parametrize(
    ("target", "options", "told"),
    [
        (None, None, "INVALID_PARAM_FORMAT [target]"),
        ([], None, "INVALID_PARAM_FORMAT [target]"),
        ({"number": "0612345678", "timeout": 30}, None, "PROPERTY_VALUE_ERROR [target.number]"),
        ({"number": "+33612345678", "timeout": 4}, None, "PROPERTY_VALUE_ERROR [target.timeout]"),
        ({"number": "+33612345678"}, None, "PROPERTY_VALUE_ERROR [target.timeout]"),
        (TARGET, [], "INVALID_PARAM_FORMAT [options]"),
        (TARGET, {"cli": "+33600000000"}, "PROPERTY_VALUE_ERROR [options.cli]"),
        (TARGET, {"cli": None}, "PROPERTY_VALUE_ERROR [options.cli]"),
        (TARGET, {"cdr_field": "a-b"}, "PROPERTY_VALUE_ERROR [options.cdr_field]"),
        (TARGET, {"cdr_field": None}, "PROPERTY_VALUE_ERROR [options.cdr_field]"),
    ],
)
def test_a_call_that_cannot_be_started_is_refused(
    api: callr.Api, target: object, options: object, told: str
) -> None:
    assert refusal(api, "calls.realtime", realtime(api), target, options) == (told, 151)


def test_only_a_realtime_app_can_place_a_call(api: callr.Api) -> None:
    app = api.call("apps.create", "CLICKTOCALL10", "Click", {})
    assert refusal(api, "calls.realtime", app["hash"], TARGET, None) == ("BAD_APP_TYPE", 151)


def live_in_a_room(running: Simulator, url: str) -> tuple[Live, int]:
    api = api_of(running)
    did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
    api.call("apps.assign_did", realtime(api, url), did)
    live = Live()
    call = running.platform.ring("+33199001020", person=live)
    next(event for event in live.events() if isinstance(event, InRoom))
    return live, call.callid


def test_a_call_is_hung_up_from_outside(running: Simulator) -> None:
    api = api_of(running)
    with voice_app(command("conference", 1, id=1)) as app:
        live, callid = live_in_a_room(running, app.url)
        assert refusal(api, "calls.hangup", callid, None)[0] == "INVALID_PARAM_FORMAT [options]"
        assert api.call("calls.hangup", callid, {}) is True
        assert [e.by for e in live.events() if isinstance(e, HungUp)] == ["api"]
    assert api.call("calls.hangup", callid, {}) is False
    assert app.statuses == ["INCOMING_CALL", "HANGUP"]


@pytest.mark.parametrize("more", [(), ({},)])
def test_the_running_command_is_broken_off_from_outside(
    running: Simulator, more: tuple[object, ...]
) -> None:
    api = api_of(running)
    with voice_app(command("conference", 1, id=1), HANG_UP) as app:
        live, callid = live_in_a_room(running, app.url)
        assert api.call("calls.realtime_break", callid, *more) is True
        assert list(live.events())
    assert app.statuses == ["INCOMING_CALL", "UP", "HANGUP"]
    assert refusal(api, "calls.realtime_break", callid)[0] == "PROPERTY_VALUE_ERROR [callid]"


def test_ended_calls_have_records(running: Simulator) -> None:
    api = api_of(running)
    with voice_app(WAIT, HANG_UP) as app:
        app_hash = realtime(api, app.url)
        did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
        api.call("apps.assign_did", app_hash, did)
        at = datetime(2026, 12, 25, 10, 0, tzinfo=UTC)
        call = running.platform.ring("+33199001020", person=Scripted(), at=at)
        assert call.wait(10) is not None
    assert app.got[0].json["date_started"] == "2026-12-25 10:00:00"
    day = ("2026-12-25 10:00:00", "2026-12-25 10:00:00")
    (cdr,) = api.call("cdr.get", "IN", *day, app_hash, did)
    assert cdr["callid"] == app.got[0].json["callid"]
    assert cdr["did_intl_number"] == "+33199001020"
    assert cdr["start"] == "2026-12-25 10:00:00"
    assert cdr["duration"] == 30
    assert (cdr["hangupsource"], cdr["hangupcause"]) == ("GATEWAY", 16)
    assert api.call("cdr.get", "OUT", *day, None, None) == []
    assert api.call("cdr.get", "IN", *day, None, "XXXXXXXX") == []
    later, told = ("2026-12-26 00:00:00", "2026-12-25 00:00:00"), ("TO_BEFORE_FROM", 151)
    assert refusal(api, "cdr.get", "IN", *later, None, None) == told
    assert refusal(api, "cdr.get", "UP", *day, None, None)[0] == "PROPERTY_VALUE_ERROR [type]"
    assert refusal(api, "cdr.get", "IN", "now", "", None, None)[0] == "INVALID_PARAM_FORMAT [from]"


def test_an_outbound_call_has_a_record_with_its_dial_status(running: Simulator) -> None:
    api = api_of(running)
    running.platform.people.put("+33612345678", lambda: Scripted(Script(answer=Answer.NO_ANSWER)))
    with voice_app() as app:
        api.call("calls.realtime", realtime(api, app.url), TARGET, {"cdr_field": "abc"})
        (callid,) = running.platform.callids or (0,)
        running.platform.stop()
    now = datetime.now(UTC)
    span = [(now + timedelta(hours=h)).strftime("%Y-%m-%d %H:%M:%S") for h in (-1, 1)]
    (cdr,) = api.call("cdr.get", "OUT", *span, None, "+33612345678")
    assert cdr["customer_field"] == "abc"
    assert cdr["dialstatus"] in {"NOANSWER", "BUSY"}
    assert callid in {0, cdr["callid"]}


def test_a_recording_becomes_a_medium_of_the_library(running: Simulator) -> None:
    api = api_of(running)
    with voice_app(command("record", 1, max_duration=10, silence=0), HANG_UP) as app:
        did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
        api.call("apps.assign_did", realtime(api, app.url), did)
        assert running.platform.ring("+33199001020", person=Scripted()).wait(10) is not None
    file = app.got[1].json["command_result"]
    media = api.call("media/library.create", "Message")
    assert api.call("media/library.get", media)["status"] == "PENDING_CONTENT"
    assert api.call("media/library.set_content_from_recording", media, file) is True
    assert api.call("media/library.get", media)["status"] == "READY"
    told = refusal(api, "media/library.set_content_from_recording", media, "nothing")
    assert told == ("PROPERTY_VALUE_ERROR [media_file]", 151)
    assert refusal(api, "media/library.get", 999) == ("PROPERTY_VALUE_ERROR [media_id]", 151)


def test_the_vendors_voices_are_listed(api: callr.Api) -> None:
    assert "TTS_EN-GB_SERENA" in api.call("media/tts.get_voice_list")


# -- the envelope ----------------------------------------------------------------------------


def post(running: Simulator, body: bytes, **headers: str) -> requests.Response:
    return requests.post(
        running.api_url,
        data=body,
        auth=None if headers else ("acme", "s3cret"),
        headers=headers,
        timeout=10,
    )


def rpc(method: str, params: object = ()) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 42, "method": method, "params": params}).encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'{"jsonrpc": "2.0", "method": "system.get_timestamp"}', -32600),
        (rpc("apps.unassign_did", ["x"]), -32601),
        (rpc("apps.get", {"hash": "x"}), -32602),
        (rpc("apps.get", []), -32602),
        (rpc("apps.get", ["x", None]), -32602),
    ],
)
def test_an_improper_request_is_refused_with_status_200(
    running: Simulator, body: bytes, code: int
) -> None:
    answer = post(running, body)
    assert answer.status_code == 200
    assert answer.json()["error"]["code"] == code


def test_errors_can_come_with_another_http_status() -> None:
    readings = replace(Readings(), rpc_error_status=400)
    with simulator(replace(FAST, readings=readings)) as running:
        answer = post(running, rpc("apps.get", ["x"]))
        assert answer.status_code == 400
        assert answer.json()["id"] == 42
        assert answer.json()["error"]["message"] == "PROPERTY_VALUE_ERROR [app]"


@pytest.mark.parametrize(
    "header", ["", "Basic !", "Basic YWNtZTp3cm9uZw==", "Api-Key ab", "Session abc"]
)
def test_wrong_credentials_are_a_401(running: Simulator, header: str) -> None:
    answer = post(running, rpc("system.get_timestamp"), Authorization=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["error"] == {"code": 401, "message": "authentication failed"}


def test_the_callr_package_meets_the_401_as_it_does_at_the_vendors(running: Simulator) -> None:
    api = callr.Api("acme", "wrong")
    api.set_api_url(running.api_url)
    with pytest.raises(callr.CallrException) as caught:
        api.call("system.get_timestamp")
    assert (caught.value.msg, caught.value.code) == ("HTTP_CODE_ERROR", -1)
    unread = caught.value.__context__
    assert isinstance(unread, HTTPError)
    unread.close()  # the package leaves it open


def test_an_api_key_is_as_good_and_login_as_is_noted(running: Simulator) -> None:
    headers = {
        "Authorization": "Api-Key " + "ab" * 50,
        "CALLR-Login-As": "Account.hash ABCDEFGH",
    }
    assert post(running, rpc("system.get_timestamp"), **headers).json()["id"] == 42
    assert list(running.platform.logged_in_as) == ["Account.hash ABCDEFGH"]


def test_only_post_is_answered_and_only_where_the_api_is(running: Simulator) -> None:
    auth = ("acme", "s3cret")
    assert requests.get(running.api_url, auth=auth, timeout=10).status_code == 405
    assert requests.post(running.url + "/", auth=auth, timeout=10).status_code == 404


# -- bounds ----------------------------------------------------------------------------------


def test_a_number_that_nobody_answers_says_why(running: Simulator) -> None:
    with pytest.raises(UnreachableError, match="no number of this account"):
        running.platform.ring("+33100000000", person=Scripted())
    with pytest.raises(UnreachableError, match="assign the number"):
        running.platform.ring("+33199001020", person=Scripted())


def test_there_are_only_so_many_calls_at_once_and_stopping_ends_them() -> None:
    platform = Platform(ACCOUNT, conditions=FAST, most_calls=1)
    with voice_app(command("conference", 1, id=1)) as app:
        voice = platform.store.create_app(
            "REALTIME10", "x", {"url": app.url, "login": "", "password": ""}
        )
        platform.store.assign(platform.store.dids()[0], voice)
        live = Live()
        call = platform.ring("+33199001020", person=live)
        next(event for event in live.events() if isinstance(event, InRoom))
        with pytest.raises(AllLinesBusyError, match="1 calls"):
            platform.ring("+33199001020", person=Scripted())
        platform.stop()
        record = call.wait(0)
    assert record is not None
    assert [event.by for event in record.of(HungUp)] == ["simulator"]
    assert app.statuses == ["INCOMING_CALL", "HANGUP"]
    assert not [t for t in threading.enumerate() if t.name.startswith("call-")]


def test_a_stopped_simulator_has_no_url() -> None:
    one = Simulator(ACCOUNT)
    with pytest.raises(RuntimeError, match="start"):
        _ = one.url
    one.start()
    assert one.url.startswith("http://127.0.0.1:")
    one.stop()
    one.stop()


def test_credentials_are_random_and_masked() -> None:
    one, other = Account(), Account()
    assert one.password != other.password
    assert one.password not in repr(one)
    assert one.api_key not in repr(one)
    with pytest.raises(ValueError, match="colon"):
        Account(login="a:b")


def test_two_outbound_calls_can_meet_in_a_room(running: Simulator) -> None:
    api = api_of(running)
    first, second = Live(), Live()
    running.platform.people.put("+33600000001", lambda: first)
    running.platform.people.put("+33600000002", lambda: second)
    with voice_app(by=lambda _: command("conference", 1, id=7)) as app:
        app_hash = realtime(api, app.url)
        for number in ("+33600000001", "+33600000002"):
            api.call("calls.realtime", app_hash, {"number": number, "timeout": 30}, None)
        for person in (first, second):
            assert any(isinstance(e, InRoom) and e.others == 1 for e in person.events())
        running.platform.stop()


def test_bridged_is_what_a_live_caller_hears_of_a_dial_out(running: Simulator) -> None:
    dial: dict[str, Any] = command(
        "dialout", 1, targets=[{"number": "+33123456789", "timeout": 20}]
    )
    api = api_of(running)
    with voice_app(dial) as app:
        did = api.call("apps.get_dids", ONLY_FREE)[0]["hash"]
        api.call("apps.assign_did", realtime(api, app.url), did)
        live = Live()
        call = running.platform.ring("+33199001020", person=live)
        next(event for event in live.events() if isinstance(event, Bridged))
        live.hang_up()
        record = call.wait(10)
    assert record is not None
    assert app.got[1].json["command_result"] == "ANSWER"


def test_who_watches_is_told_every_event_of_inbound_and_outbound_calls_apart() -> None:
    seen: dict[str, list[Event]] = {}

    def watch(facts: Facts) -> Listener:
        return seen.setdefault(facts.direction, []).append

    with voice_app() as app, Simulator(ACCOUNT, conditions=FAST, watch=watch) as running:
        platform = running.platform
        made = platform.store.create_app("REALTIME10", "x", {"url": app.url, **NO_LOGIN})
        platform.store.assign(platform.store.dids()[0], made)
        inbound = platform.ring(ACCOUNT.numbers[0], person=Scripted()).wait(20)
        outbound = platform.call(made, Target("+33612345678", 30), caller="", cdr_field="").wait(20)
    assert inbound is not None
    assert outbound is not None
    assert seen == {"inbound": list(inbound.events), "outbound": list(outbound.events)}


def test_a_port_that_is_taken_is_an_error_and_does_not_end_the_process() -> None:
    with simulator() as running:
        port = int(running.url.rpartition(":")[2])
        second = Simulator(ACCOUNT, port=port)
        with pytest.raises(OSError, match="in use"):
            second.start()
        second.stop()


def test_the_sound_of_a_medium_is_a_wav_as_long_as_the_recording(
    running: Simulator, api: callr.Api
) -> None:
    running.platform.exchange.keep_recording("rt-1-1", 2.5)
    media = api.call("media/library.create", "Message")
    assert api.call("media/library.get", media)["url"] == ""
    api.call("media/library.set_content_from_recording", media, "rt-1-1")
    url = api.call("media/library.get", media)["url"]
    assert requests.get(url, timeout=10).status_code == 401
    answer = requests.get(url, auth=("acme", "s3cret"), timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert sound.getnframes() / sound.getframerate() == 2.5
        assert any(sound.readframes(100)), "a tone, not silence"


def test_a_medium_that_is_deleted_is_gone_with_its_sound(
    running: Simulator, api: callr.Api
) -> None:
    running.platform.exchange.keep_recording("rt-1-1", 1.0)
    media = api.call("media/library.create", "Message")
    api.call("media/library.set_content_from_recording", media, "rt-1-1")
    url = api.call("media/library.get", media)["url"]
    assert api.call("media/library.delete", media) is True
    assert refusal(api, "media/library.get", media) == ("PROPERTY_VALUE_ERROR [media_id]", 151)
    assert refusal(api, "media/library.delete", media) == ("PROPERTY_VALUE_ERROR [media_id]", 151)
    assert requests.get(url, auth=("acme", "s3cret"), timeout=10).status_code == 404
    assert api.call("media/library.create", "Another") != media


def test_a_platform_may_have_lost_what_was_recorded() -> None:
    with simulator(Conditions(hostility=Hostility(lose_recordings=True))) as running:
        running.platform.exchange.keep_recording("rt-1-1", 1.0)
        api = api_of(running)
        media = api.call("media/library.create", "Message")
        told = refusal(api, "media/library.set_content_from_recording", media, "rt-1-1")
        assert told == ("PROPERTY_VALUE_ERROR [media_file]", 151)
