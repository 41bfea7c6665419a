"""Commands as Stringee's actions, against the literal shapes of its pages; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from scco_line import FROM_A_PHONE, FROM_AN_APP, NOW, Line, LineCall, provider_of

from app.callflow import (
    Call,
    Client,
    Flow,
    In,
    Media,
    branch,
    collect,
    command,
    conference,
    dial,
    hang_up,
    menu,
    record,
    say,
    send_digits,
    wait,
)
from app.callflow.errors import Finding, Level
from app.callflow.kinds.base import Step
from app.ports import Start
from app.stringee.wire import ACTIONS, problems_of

OUR, PHONE_3 = "842400000002", "84900000003"
APP_TO_PHONE = {**FROM_AN_APP, "from": "842400000001", "to": PHONE_3}


def flow_of(first: Step, **options: Any) -> Flow:
    steps = {"first": first, "bye": hang_up("Tạm biệt.")}
    if not first.exits:
        del steps["bye"]
    return Flow("line", start="first", language="vi-VN", steps=steps, **options)


def rings(first: Step, given: Any = FROM_A_PHONE, **provider: Any) -> LineCall:
    fetches = {"may_dial": lambda *numbers: dict.fromkeys(numbers, "")}
    return Line([flow_of(first)], fetches=fetches, **provider).rings(given=given)


def end(kind: str, number: str, alias: str) -> dict[str, str]:
    return {"type": kind, "number": number, "alias": alias}


# the ends of a connect: the four kinds of developer.stringee.com/docs/call-api-overview

KINDS = {
    "app-to-app": (
        FROM_AN_APP,
        Client("user_2"),
        end("internal", "user_1", "user_1"),
        end("internal", "user_2", "user_2"),
    ),
    "app-to-phone": (
        APP_TO_PHONE,
        f"+{PHONE_3}",
        end("internal", "842400000001", "842400000001"),
        end("external", PHONE_3, PHONE_3),
    ),
    "phone-to-app": (
        FROM_A_PHONE,
        Client("user_1"),
        end("external", "84900000001", "84900000001"),
        end("internal", "user_1", OUR),
    ),
    "phone-to-phone": (
        FROM_A_PHONE,
        f"+{PHONE_3}",
        end("external", "84900000001", OUR),
        end("external", PHONE_3, PHONE_3),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_call_has_its_ends(kind: str) -> None:
    given, target, from_, to = KINDS[kind]
    call = rings(dial(target, no_answer="bye", ring_s=30), given)  # type: ignore[arg-type]
    (connect,) = call.actions
    url = connect.pop("onFailEventUrl")
    assert url.startswith("https://line.example.com/voice/stringee/line/failed?call=stringee%3A")
    assert connect == {
        "action": "connect",
        "from": from_,
        "to": to,
        "timeout": 30,
        "maxConnectTime": -1,
        "peerToPeerCall": kind == "app-to-app",
        "continueOnFail": True,
    }


@pytest.mark.parametrize(
    ("changes", "target", "from_"),
    [
        ({"from": ""}, f"+{PHONE_3}", end("external", OUR, OUR)),
        ({"from": "anonymous"}, f"+{PHONE_3}", end("external", OUR, OUR)),
        ({"from": "anonymous"}, Client("user_1"), end("external", OUR, OUR)),
        ({"to": "1110001013"}, f"+{PHONE_3}", end("external", "84900000001", "1110001013")),
        ({"to": ""}, f"+{PHONE_3}", end("external", "84900000001", "84900000001")),
    ],
)
def test_who_calls_is_shown_as_far_as_it_is_a_number(
    changes: dict[str, str], target: str | Client, from_: dict[str, str]
) -> None:
    call = rings(dial(target, no_answer="bye"), {**FROM_A_PHONE, **changes})
    assert call.actions[0]["from"] == from_


def test_a_number_of_ours_that_the_flow_or_the_settings_name_is_shown() -> None:
    step = dial(f"+{PHONE_3}", no_answer="bye", caller_id="+842477777777")
    assert rings(step).actions[0]["from"]["alias"] == "842477777777"
    step = dial(f"+{PHONE_3}", no_answer="bye")
    call = rings(step, FROM_AN_APP, caller_id="+842488888888")
    assert call.actions[0]["from"] == end("internal", "842488888888", "842488888888")


def test_an_app_that_rings_a_phone_without_a_number_of_ours_is_an_apology() -> None:
    call = rings(dial(f"+{PHONE_3}", no_answer="bye"), FROM_AN_APP)
    assert call.names == ["talk"]
    assert "Set CALLER_ID" in call.incidents


def test_nobody_at_either_end_is_an_apology() -> None:
    given = {**FROM_A_PHONE, "from": "", "to": ""}
    for target in (Client("user_1"), f"+{PHONE_3}"):
        assert rings(dial(target, no_answer="bye"), given).names == ["talk"]


def test_a_call_that_we_placed_is_connected_as_from_its_phone() -> None:
    start = Start(
        token="oh0123456789abcd",
        provider="stringee",
        flow="line",
        number="+84900000001",
        caller_id=f"+{OUR}",
        ring_s=30,
        field="",
        variables={},
        created_at=NOW,
    )
    line = Line([flow_of(dial(f"+{PHONE_3}", no_answer="bye"))], fetches={"start": lambda _: None})
    (connect,) = line.places(start).actions
    assert connect["from"] == end("external", "84900000001", OUR)


def test_what_is_heard_or_recorded_before_goes_by_the_servers() -> None:
    recorded = Flow(
        "line",
        start="record",
        language="vi-VN",
        steps={
            "record": command("record", {"format": "mp3"}, then="ring"),
            "ring": dial(Client("user_2"), no_answer="bye"),
            "bye": hang_up(),
        },
    )
    call = Line([recorded]).rings(given=FROM_AN_APP)
    assert call.names == ["record", "connect"]
    assert call.actions[1]["peerToPeerCall"] is False
    assert call.actions[0]["eventUrl"].endswith("&turn=1&at=0")


# the other actions


def test_speech_and_sounds() -> None:
    call = rings(say(("Một.", Media(stringee="a.mp3"), In("en-GB", "Two.")), then="bye"))
    assert call.actions == [
        {"action": "talk", "text": "Một.", "voice": "female", "bargeIn": False},
        {"action": "play", "fileName": "a.mp3", "bargeIn": False},
        {"action": "talk", "text": "Two.", "voice": "female", "bargeIn": False},
        {"action": "talk", "text": "Tạm biệt.", "voice": "female", "bargeIn": False},
    ]


def test_voices_are_found_by_language_and_by_its_primary_tag() -> None:
    voices = {"vi": "banmai", "en-GB": "myan"}
    call = rings(say((In("vi-VN", "Một."), In("en-GB", "Two.")), then="bye"), voices=voices)
    assert [action["voice"] for action in call.actions[:2]] == ["banmai", "myan"]


def test_keys_are_asked_for() -> None:
    call = rings(collect("Số?", "x", max_digits=4, timeout_s=2.5, then="bye", failure="bye"))
    prompt, wanted = call.actions
    assert prompt == {"action": "talk", "text": "Số?", "voice": "female", "bargeIn": True}
    assert wanted.pop("eventUrl").startswith(
        "https://line.example.com/voice/stringee/line/input?call=stringee%3Acall-vn-1"
    )
    assert wanted == {
        "action": "input",
        "timeOut": 3,
        "timeout": 3,
        "submitOnHash": True,
        "maxDigits": 4,
    }


def test_a_message_is_recorded() -> None:
    call = rings(record("Mời.", into="x", max_s=60, silence_s=4, then="bye"))
    message = call.actions[1]
    assert message.pop("eventUrl") == (
        "https://line.example.com/voice/stringee/line/recorded"
        "?call=stringee%3Acall-vn-1-ABCDEFGHIJ-1754868214204&turn=1&at=1"
    )
    assert message == {
        "action": "recordMessage",
        "format": "wav",
        "endOnKey": "#",
        "beepStart": True,
        "timeout": 60_000,
        "silenceTimeout": 4000,
    }


def test_silence_is_a_text_that_says_nothing() -> None:
    (silence, _) = rings(wait(7, then="bye")).actions
    assert (silence["text"], silence["loop"], silence["silenceTime"]) == (".", 2, 7000)


def test_an_action_of_the_flows_own_has_our_address_and_its_texts_filled() -> None:
    step = command("play", {"fileName": Media(stringee="a.mp3"), "loop": 2}, then="bye")
    assert rings(step).actions[0] == {"action": "play", "fileName": "a.mp3", "loop": 2}
    step = command("talk", {"text": In("vi-VN", "Chào {caller}.")}, then="bye")
    assert rings(step).actions[0]["text"] == "Chào +84900000001."


def test_a_value_that_only_the_call_shows_to_be_wrong_is_the_fallback() -> None:
    step = command("talk", {"text": "x", "speed": lambda _: 9}, then="bye")
    call = rings(step)
    assert call.names == ["talk"]
    assert "action 'talk' of step 'first' cannot be sent: speed" in call.incidents


def test_strict_json_is_written() -> None:
    assert rings(say('"]\\ é 👋', then="bye")).said[0] == '"]\\ é 👋'


# the wire against its ranges

RIGHT: dict[str, dict[str, Any]] = {
    "connect": {
        "from": end("internal", "user_1", "user_1"),
        "to": end("external", PHONE_3, PHONE_3),
        "customData": "{}",
        "timeout": 45,
        "maxConnectTime": -1,
        "peerToPeerCall": True,
        "continueOnFail": False,
        "onFailEventUrl": "",
    },
    "record": {"eventUrl": "", "format": "mp3", "recordStereo": False},
    "recordMessage": {
        "eventUrl": "https://x.example",
        "format": "wav",
        "timeout": 600_000,
        "silenceThresh": 50,
        "silenceTimeout": 4000,
        "beepStart": True,
        "endOnKey": "#",
    },
    "talk": {"text": "x", "voice": "female", "speed": -3, "loop": 5, "silenceTime": 0},
    "play": {"fileName": "VYWKDLWVXL-1531544847245.mp3", "continueWhilePlay": True},
    "stream": {"fileName": "https://x.example/a.mp3", "answerCall": True},
    "input": {"eventUrl": "https://x.example", "timeOut": 5, "timeout": 5, "maxDigits": 1},
}
WRONG: list[tuple[str, str, Any]] = [
    ("connect", "timeout", 0),
    ("connect", "timeout", "45"),
    ("connect", "maxConnectTime", -2),
    ("connect", "peerToPeerCall", "true"),
    ("connect", "customData", {"a": 1}),
    ("connect", "record", True),
    ("connect", "to", end("sip", "1", "1")),
    ("connect", "to", [end("internal", "1", "1")]),
    ("connect", "from", end("internal", "", "x")),
    ("connect", "from", {**end("internal", "1", "1"), "is_online": True}),
    ("record", "format", "ogg"),
    ("record", "recordStereo", 1),
    ("recordMessage", "silenceThresh", 101),
    ("recordMessage", "timeout", 0),
    ("recordMessage", "endOnKey", "##"),
    ("talk", "text", ""),
    ("talk", "speed", 4),
    ("talk", "loop", 0),
    ("talk", "silenceTime", -1),
    ("talk", "url", "x"),
    ("play", "fileName", None),
    ("play", "text", "x"),
    ("stream", "url", "https://x.example/a.mp3"),
    ("input", "timeOut", 0),
    ("input", "timeout", 5.5),
    ("input", "submitOnHash", "false"),
    ("input", "maxDigits", 0),
]


@pytest.mark.parametrize("name", RIGHT)
def test_every_option_of_an_action_is_taken(name: str) -> None:
    assert name in ACTIONS
    assert problems_of({"action": name, **RIGHT[name]}) == []


@pytest.mark.parametrize(("name", "option", "value"), WRONG)
def test_an_option_beyond_what_it_takes_is_named(name: str, option: str, value: Any) -> None:
    ((told, _),) = problems_of({"action": name, **RIGHT[name], option: value})
    assert told == option


def test_an_action_that_there_is_not_is_named_with_those_that_there_are() -> None:
    ((_, told),) = problems_of({"action": "hangup"})
    assert told.startswith("Stringee has no action 'hangup'. It has: connect, record,")


# the check


def found(first: Step, *, level: Level = Level.ERROR, **options: Any) -> list[Finding]:
    findings = provider_of().check(flow_of(first, **options))
    return [one for one in findings if one.level is level]


@pytest.mark.parametrize(
    ("step", "field", "message"),
    [
        (conference("room", then="bye"), "", "has no rooms"),
        (send_digits("1", then="bye"), "", "sends no tones"),
        (record(into="x", then="bye", nothing="bye"), "nothing", "whether anything was said"),
        (dial("+84900000001", no_answer="bye", withheld=True), "withheld", "shows a number"),
        (dial("+84900000001", no_answer="bye", ring_s=90_000), "ring_s", "at most 86400"),
        (command("hangup", then="bye"), "name", "has no action 'hangup'"),
        (command("talk", {"text": "x", "speed": 7}, then="bye"), "speed", "'talk'"),
        (command("talk", then="bye"), "text", "Missing"),
        (say(Media(callr=42), then="bye"), "prompt", "no file name on Stringee"),
        (menu(Media(callr=42), {"1": "bye"}, failure="bye"), "prompt", "no file name"),
    ],
)
def test_what_stringee_cannot_do_is_found_before_anybody_calls(
    step: Step, field: str, message: str
) -> None:
    (one,) = found(step)
    assert (one.flow, one.step, one.field) == ("line", "first", field)
    assert message in one.message
    assert one.mend


def test_a_message_that_a_later_step_reads_is_found() -> None:
    steps = {
        "first": record(into="message", then="say"),
        "say": say("{message}", then="way"),
        "way": branch("message", {"": "bye"}, otherwise="bye"),
        "bye": hang_up(),
    }
    flow = Flow("line", start="first", language="vi-VN", steps=steps)
    found = [one for one in provider_of().check(flow) if one.level is Level.ERROR]
    assert [(one.step, one.field) for one in found] == [("say", "prompt"), ("way", "on")]


def test_what_is_lost_is_warned_of() -> None:
    step = dial("+84900000001", no_answer="bye", whisper="x", ringtone="music")
    assert [one.field for one in found(step, level=Level.WARNING)] == ["whisper", "ringtone"]
    steps = {"first": say("Bonjour.", then="bye"), "bye": hang_up()}
    flow = Flow("line", start="first", language="fr-FR", steps=steps)
    warnings = [one for one in provider_of().check(flow) if one.level is Level.WARNING]
    assert ["fr-FR" in one.message for one in warnings] == [True]
    with_voice = provider_of(voices={"fr-FR": "female"})
    assert not list(with_voice.check(flow))


def test_what_stringee_does_is_not_complained_of() -> None:
    for step in (
        say("x", then="bye"),
        wait(40, then="bye"),
        record(into="x", then="bye"),
        dial(Client("user_1"), "+84900000001", no_answer="bye"),
        command("input", {"timeOut": 5}, then="bye"),
        command("connect", {**RIGHT["connect"], "customData": "x"}, then="bye"),
        command("talk", {"text": "{caller}", "speed": _speed}, then="bye"),
    ):
        assert provider_of().check(flow_of(step)) == []


def _speed(_call: Call) -> int:
    return 1
