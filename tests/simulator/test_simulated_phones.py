"""Telephones: live persons in this process, and phones at a simulator over HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
from voice_app import HANG_UP, Got, VoiceApp, command, voice_app

from app.simulator import (
    Account,
    Answer,
    Conditions,
    Holder,
    Hostility,
    Live,
    Others,
    Phone,
    RemotePhone,
    Script,
    Scripted,
    Simulator,
    SimulatorClient,
    SimulatorError,
    ring,
)
from app.simulator.commands import Target
from app.simulator.phone_schemas import HolderSchema, holder_json
from app.simulator.phones import GONE_AFTER_S, Phones
from app.simulator.transcript import (
    Began,
    Ended,
    Event,
    HungUp,
    KeysWanted,
    Pressed,
    Recorded,
    Recording,
    Said,
)

FAST = Conditions(speed=1000)
ACCOUNT = Account(login="acme", password="s3cret")
HELLO = "TTS|TTS_EN-GB_SERENA|Hello there. How old are you?"
READ = command("read", 1, media_id=HELLO, max_digits=3, attempts=2, timeout_ms=5000)
NUMBER = "+33199001020"
MOBILE = "+33612345678"


Calling = Callable[[VoiceApp, str], list[Event]]


@contextmanager
def simulator_with(app: VoiceApp) -> Iterator[tuple[Simulator, SimulatorClient]]:
    with Simulator(ACCOUNT, conditions=FAST) as running:
        store = running.platform.store
        p = {"url": app.url, "login": "", "password": ""}
        store.assign(store.dids()[0], store.create_app("REALTIME10", "Reception", p))
        with SimulatorClient(running.api_url, "acme", "s3cret") as client:
            yield running, client


def play_it_by_hand(phone: Phone, keys: str) -> list[Event]:
    """What the terminal does: reads events, and presses keys when they are asked for."""
    seen = []
    for event in phone.events():
        seen.append(event)
        if isinstance(event, KeysWanted):
            phone.press(keys) if keys else phone.stay_silent()
    phone.close()
    return seen


def call_here(app: VoiceApp, keys: str) -> list[Event]:
    live = Live()
    thread = threading.Thread(target=lambda: ring(app.url, person=live, conditions=FAST))
    thread.start()
    seen = play_it_by_hand(live, keys)
    thread.join()
    return seen


def call_there(app: VoiceApp, keys: str) -> list[Event]:
    with simulator_with(app) as (_, client):
        phone = client.ring(NUMBER)
        assert isinstance(phone, Phone)
        return play_it_by_hand(phone, keys)


@pytest.mark.parametrize("call", [call_here, call_there])
def test_a_live_caller_presses_keys_here_and_over_http_alike(call: Calling) -> None:
    with voice_app(READ, HANG_UP) as app:
        seen = call(app, "22#")
    assert app.got[1].json["command_result"] == "22"
    assert [e.text for e in seen if isinstance(e, Said)] == ["Hello there. How old are you?"]
    assert [e.keys for e in seen if isinstance(e, Pressed)] == ["22#"]
    assert isinstance(seen[0], Began)
    assert seen[-1] == Ended(at=seen[-1].at, status="HANGUP")


@pytest.mark.parametrize("call", [call_here, call_there])
def test_the_platform_waits_for_a_live_caller_until_they_stay_silent(call: Calling) -> None:
    with voice_app(READ, HANG_UP) as app:
        seen = call(app, "")
    assert app.got[1].json["command_result"] == "TIMEOUT"
    assert [e.attempt for e in seen if isinstance(e, KeysWanted)] == [1, 2]


def test_a_live_caller_ends_a_recording_with_silence() -> None:
    live = Live()
    with voice_app(command("record", 1, max_duration=60, silence=5), HANG_UP) as app:
        thread = threading.Thread(target=lambda: ring(app.url, person=live, conditions=FAST))
        thread.start()
        seen = []
        for event in live.events():
            seen.append(event)
            if isinstance(event, Recording):
                live.stay_silent()
        thread.join()
    (recorded,) = (event for event in seen if isinstance(event, Recorded))
    assert app.got[1].json["command_result"] == recorded.file
    assert recorded.seconds < 60


def test_an_impatient_platform_lets_its_limits_run_for_a_live_caller() -> None:
    with voice_app(READ, HANG_UP) as app:
        ring(app.url, person=Live(patience_s=None), conditions=FAST)
    assert app.got[1].json["command_result"] == "TIMEOUT"


def test_keys_while_nobody_asks_are_heard_and_lost() -> None:
    live = Live(patience_s=None)
    wait = command("wait", 1, seconds=30)

    def reply(_: Got) -> object:
        live.press("5")
        return wait if len(app.got) == 1 else HANG_UP

    with voice_app(by=reply) as app:
        record = ring(app.url, person=live, conditions=FAST)
    assert (record.of(Pressed)[0].keys, record.of(Pressed)[0].used) == ("5", False)


def test_a_script_is_followed_at_the_simulator() -> None:
    script = Script(
        keys=("22#",), others=Others(answer=Answer.BUSY, by_number={"+331234567": Answer.ANSWER})
    )
    at = datetime(2026, 12, 25, 10, 0, tzinfo=UTC)
    with voice_app(READ, HANG_UP) as app, simulator_with(app) as (_, client):
        phone = client.ring(NUMBER, Holder(script=script), caller="+33698765432", at=at)
        seen = list(phone.events())
        phone.close()
    first = app.got[0].json
    assert (first["cli_number"], first["number"]) == ("+33698765432", NUMBER)
    assert first["date_started"] == "2026-12-25 10:00:00"
    assert app.got[1].json["command_result"] == "22"
    assert isinstance(seen[-1], Ended)


def test_a_holder_survives_its_way_over_http() -> None:
    holder = Holder(
        script=Script(
            keys=("1", "", "22#"),
            hangup_after=3.0,
            hangup_at=2,
            answer=Answer.BUSY,
            leaves_room="star",
            barges_in=True,
            others=Others(answer=Answer.BUSY, by_number={"+33123": Answer.ANSWER}, talk_s=9),
        ),
        patience_s=None,
    )
    assert HolderSchema().load(holder_json(holder)) == holder
    assert HolderSchema().load(holder_json(Holder())) == Holder()


def listening(running: Simulator, phone: RemotePhone) -> list[Event]:
    app = running.platform.store.apps()[0]
    call = running.platform.call(app, Target(MOBILE, 30), caller=NUMBER, cdr_field="")
    seen = []
    for event in phone.events():
        seen.append(event)
        if isinstance(event, KeysWanted):
            phone.press("7#")
        if isinstance(event, Ended):
            break
    assert call.wait(10) is not None
    return seen


def test_a_listening_phone_takes_one_outbound_call_after_the_other() -> None:
    with voice_app(READ, HANG_UP, READ, HANG_UP) as app, simulator_with(app) as (running, client):
        phone = client.listen(MOBILE)
        first = listening(running, phone)
        again = listening(running, phone)
        phone.close()
    assert isinstance(first[0], Began)
    assert (first[0].direction, first[0].caller) == ("outbound", NUMBER)
    assert [type(event) for event in again] == [type(event) for event in first]
    results = [got.json["command_result"] for got in app.got if got.json["command"] == "read"]
    assert results == ["7", "7"]


def test_a_listening_phone_can_be_busy_or_away() -> None:
    with voice_app() as app, simulator_with(app) as (running, client):
        phone = client.listen(MOBILE, Holder(answer=Answer.NO_ANSWER))
        voice = running.platform.store.apps()[0]
        call = running.platform.call(voice, Target(MOBILE, 30), caller="", cdr_field="")
        assert call.wait(10) is not None
        phone.close()
    assert app.statuses == ["NOANSWER"]


def test_hanging_up_a_ringing_phone_declines() -> None:
    live = Live()
    live.close()
    with voice_app() as app, simulator_with(app) as (running, _):
        running.platform.people.put(MOBILE, lambda: live)
        voice = running.platform.store.apps()[0]
        call = running.platform.call(voice, Target(MOBILE, 30), caller="", cdr_field="")
        assert call.wait(10) is not None
    assert app.statuses == ["BUSY"]


def test_a_second_call_to_a_phone_in_use_is_busy() -> None:
    with voice_app(command("conference", 1, id=1)) as app, simulator_with(app) as (running, client):
        phone = client.listen(MOBILE)
        voice = running.platform.store.apps()[0]
        first = running.platform.call(voice, Target(MOBILE, 30), caller="", cdr_field="")
        next(event for event in phone.events() if isinstance(event, Began))
        second = running.platform.call(voice, Target(MOBILE, 30), caller="", cdr_field="")
        record = second.wait(10)
        phone.hang_up()
        assert first.wait(10) is not None
        phone.close()
    assert record is not None
    assert record.status == "BUSY"


def test_a_number_that_nobody_listens_to_answers_and_stays_silent() -> None:
    waits = [command("wait", n, seconds=30) for n in range(1, 30)]
    with voice_app(READ, *waits) as app, simulator_with(app) as (running, _):
        voice = running.platform.store.apps()[0]
        call = running.platform.call(voice, Target(MOBILE, 30), caller="", cdr_field="")
        record = call.wait(20)
    assert record is not None
    assert app.got[1].json["command_result"] == "TIMEOUT"
    assert [event.by for event in record.of(HungUp)] == ["person"]
    assert 290 < record.of(HungUp)[0].at < 320


def test_a_phone_that_was_abandoned_is_called_no_more() -> None:
    now = [0.0]
    with Simulator(ACCOUNT, conditions=FAST) as running:
        phones = Phones(running.platform, running.stringee, lambda: now[0])
        phone = phones.get(phones.listen(MOBILE, Holder()))
        assert phone.take() is not None
        now[0] = GONE_AFTER_S + 1
        assert phone.take() is None
        assert isinstance(running.platform.people.at(MOBILE), Scripted)


def test_a_number_whose_phone_was_put_away_is_nobodys_again() -> None:
    with Simulator(ACCOUNT, conditions=FAST) as running:
        first = running.phones.listen(MOBILE, Holder())
        second = running.phones.listen(MOBILE, Holder())
        running.phones.close(first)
        assert not isinstance(running.platform.people.at(MOBILE), Scripted)
        running.phones.close(second)
        assert isinstance(running.platform.people.at(MOBILE), Scripted)


def test_a_remote_phone_hangs_up_and_is_put_away_once() -> None:
    with voice_app(command("conference", 1, id=1)) as app, simulator_with(app) as (_, client):
        phone = client.ring(NUMBER)
        phone.hang_up()
        assert isinstance(list(phone.events())[-1], Ended)
        phone.close()
        phone.close()
        with pytest.raises(SimulatorError, match="no phone"):
            phone.press("1")


@pytest.mark.parametrize("key", ["A", "+", " "])
def test_what_is_no_key_is_refused_before_it_is_sent(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        RemotePhone("http://127.0.0.1:1", requests.Session(), requests.Session()).press(key)
    with pytest.raises(ValueError, match="not a key"):
        Live().press(key)
    with pytest.raises(ValueError, match="not a key"):
        Script(keys=(key,))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ring": NUMBER, "listen": NUMBER},
        {"ring": "0199001020"},
        {"ring": NUMBER, "caller": "me"},
        {"ring": NUMBER, "at": "tomorrow"},
        {"listen": NUMBER, "caller": MOBILE},
        {"ring": NUMBER, "colour": "red"},
        {"ring": NUMBER, "holder": {"script": {"keys": ["A"]}}},
    ],
)
def test_a_request_for_a_phone_that_makes_no_sense_is_a_400(body: object) -> None:
    with Simulator(ACCOUNT) as running:
        auth = ("acme", "s3cret")
        answer = requests.post(f"{running.url}/phones/", json=body, auth=auth, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_the_api_key_of_a_stringee_project_takes_telephones_and_nothing_else() -> None:
    with Simulator(ACCOUNT) as running:
        theirs = running.stringee.account
        with SimulatorClient(running.url, theirs.key_sid, theirs.key_secret) as client:
            client.listen("+84900000001").close()
        with (
            SimulatorClient(running.url, theirs.key_sid, "wrong") as client,
            pytest.raises(SimulatorError, match="refused the credentials"),
        ):
            client.listen("+84900000001")
        key = (theirs.key_sid, theirs.key_secret)
        assert requests.post(running.api_url, json={}, auth=key, timeout=10).status_code == 401


def test_a_client_says_what_went_wrong() -> None:
    with Simulator(ACCOUNT) as running:
        url = running.url
        with SimulatorClient(url, "acme", "s3cret") as client:
            with pytest.raises(SimulatorError, match="no number of this account"):
                client.ring("+33100000000")
            with pytest.raises(SimulatorError, match="assign the number"):
                client.ring(NUMBER)
        with (
            SimulatorClient(url, "acme", "wrong") as client,
            pytest.raises(SimulatorError, match="refused the credentials"),
        ):
            client.ring(NUMBER)
    with (
        SimulatorClient(url, "acme", "s3cret") as client,
        pytest.raises(SimulatorError, match="no simulator answers"),
    ):
        client.ring(NUMBER)


def test_stopping_the_simulator_ends_the_phones() -> None:
    with voice_app(command("conference", 1, id=1)) as app, simulator_with(app) as (running, client):
        phone = client.ring(NUMBER)
        events = phone.events()
        assert isinstance(next(events), Began)
        running.stop()
        phone.close()
        assert not any(isinstance(event, KeysWanted) for event in events)
    assert app.statuses[-1] == "HANGUP"


def test_conditions_that_could_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        replace(FAST, speed=0)
    with pytest.raises(ValueError, match="repeat_every"):
        Hostility(repeat_every=0)
