"""The SCCO parser, against payloads as the vendor's pages and samples have them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.simulator.stringee.actions import Connect, End, Input, Prompt, Record, RecordMessage
from app.simulator.stringee.codes import Refusal
from app.simulator.stringee.scco import Scco, read_scco

APP_TO_APP = {
    "action": "connect",
    "from": {"type": "internal", "number": "user_1", "alias": "user_1"},
    "to": {"type": "internal", "number": "user_2", "alias": "user_2"},
}
APP_TO_PHONE = {
    "action": "connect",
    "from": {"type": "internal", "number": "842473000001", "alias": "842473000001"},
    "to": {"type": "external", "number": "84900000001", "alias": "84900000001"},
}
PHONE_TO_PHONE = {
    "action": "connect",
    "from": {"type": "external", "number": "84900000001", "alias": "842473000001"},
    "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
}
TO_PHONE = {"type": "external", "number": "84900000002", "alias": "84900000002"}
TALK = {"action": "talk", "text": "Xin chào"}
INPUT = {"action": "input", "eventUrl": "https://h/x"}

AS_IN_THE_DOCS = b"""[
  // ring the other user
  {
    "action": "connect",
    "from": {"type": "internal", "number": "user_1", "alias": "a // b"},
    "to": {"type": "internal", "number": "user_2", "alias": "user_2",},
    "customData": "http://x,]", /* a string */
  },
]"""


def read(*actions: object, **how: Any) -> Scco:
    return read_scco(json.dumps(list(actions)).encode(), **how)


def refused(*actions: object) -> tuple[int, str]:
    refusal = read(*actions).refusal
    assert refusal is not None
    return refusal.r, refusal.why


def warned(*actions: object, **how: Any) -> str:
    found = read(*actions, **how)
    assert found.refusal is None, found.refusal
    (warning,) = found.warnings
    return warning


def without(action: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in action.items() if key != name}


# -- what is taken ---------------------------------------------------------------------------


def test_a_connect_has_the_documented_defaults() -> None:
    connect = Connect(
        from_=End(type="internal", number="user_1", alias="user_1"),
        to=End(type="internal", number="user_2", alias="user_2"),
        custom_data="",
        continue_on_fail=False,
        on_fail_event_url="",
        timeout_s=60,
        max_connect_s=-1,
        peer_to_peer=True,
    )
    assert read(APP_TO_APP) == Scco((connect,), (APP_TO_APP,), parts=(connect,))


def test_a_connect_takes_every_option() -> None:
    (connect,) = read(
        {
            **PHONE_TO_PHONE,
            "customData": '{"a": 1}',
            "continueOnFail": True,
            "onFailEventUrl": "https://h/failed?turn=2",
            "timeout": 45,
            "maxConnectTime": 600,
            "peerToPeerCall": False,
        }
    ).actions
    assert connect == Connect(
        from_=End(type="external", number="84900000001", alias="842473000001"),
        to=End(type="external", number="84900000002", alias="84900000002"),
        custom_data='{"a": 1}',
        continue_on_fail=True,
        on_fail_event_url="https://h/failed?turn=2",
        timeout_s=45,
        max_connect_s=600,
        peer_to_peer=False,
    )


def test_a_number_reads_with_its_plus_and_a_user_as_the_id() -> None:
    (connect,) = read(APP_TO_PHONE).actions
    assert isinstance(connect, Connect)
    assert connect.to.party == "+84900000001"
    assert End(type="internal", number="user_1").party == "user_1"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"action": "record"}, Record(event_url="", format="mp3", stereo=False)),
        (
            {"action": "record", "eventUrl": "", "format": "wav", "recordStereo": True},
            Record(event_url="", format="wav", stereo=True),
        ),
        (
            {"action": "recordMessage"},
            RecordMessage(
                event_url="",
                format="mp3",
                end_on_key="#",
                timeout_ms=None,
                beep=False,
                silence_threshold=None,
                silence_ms=None,
            ),
        ),
        (
            {
                "action": "recordMessage",
                "eventUrl": "https://h/m",
                "format": "wav",
                "endOnKey": "*",
                "timeout": 600_000,
                "beepStart": True,
                "silenceThresh": 30,
                "silenceTimeout": 4000,
            },
            RecordMessage(
                event_url="https://h/m",
                format="wav",
                end_on_key="*",
                timeout_ms=600_000,
                beep=True,
                silence_threshold=30,
                silence_ms=4000,
            ),
        ),
        (
            TALK,
            Prompt(
                action="talk",
                content="Xin chào",
                voice="female",
                speed=0,
                barge_in=True,
                loop=1,
                silence_ms=0,
                answer_call=True,
                goes_on=False,
            ),
        ),
        (
            {
                "action": "talk",
                "text": "Xin chào",
                "voice": "banmai",
                "speed": -3,
                "bargeIn": False,
                "loop": 100_000,
                "silenceTime": 1000,
                "answerCall": False,
                "continueWhilePlay": True,
            },
            Prompt(
                action="talk",
                content="Xin chào",
                voice="banmai",
                speed=-3,
                barge_in=False,
                loop=100_000,
                silence_ms=1000,
                answer_call=False,
                goes_on=True,
            ),
        ),
        (
            {"action": "play", "fileName": "VYWKDLWVXL-1531544847245.mp3", "loop": 5},
            Prompt(action="play", content="VYWKDLWVXL-1531544847245.mp3", loop=5),
        ),
        (
            {"action": "stream", "fileName": "https://h/hello.mp3"},
            Prompt(action="stream", content="https://h/hello.mp3"),
        ),
        (
            INPUT,
            Input(
                event_url="https://h/x",
                timeout_s=5,
                submit_on_hash=False,
                max_digits=None,
                custom_field="",
            ),
        ),
        (
            {
                **INPUT,
                "timeOut": 15,
                "timeout": 15,
                "submitOnHash": True,
                "maxDigits": 4,
                "customField": "{}",
            },
            Input(
                event_url="https://h/x",
                timeout_s=15,
                submit_on_hash=True,
                max_digits=4,
                custom_field="{}",
            ),
        ),
        ({**INPUT, "timeout": 8}, Input(event_url="https://h/x", timeout_s=8)),
        ({**INPUT, "timeOut": 8}, Input(event_url="https://h/x", timeout_s=8)),
    ],
)
def test_each_action_has_its_options_and_defaults(action: object, expected: object) -> None:
    found = read(action)
    assert (found.actions, found.given) == ((expected,), (action,))
    assert (found.warnings, found.refusal) == ((), None)


def test_null_is_as_good_as_absent() -> None:
    found = read({**APP_TO_APP, "customData": None, "timeout": None, "onFailEventUrl": None})
    assert found.actions == read(APP_TO_APP).actions
    assert found.warnings == ()


def test_an_empty_scco_has_no_action_and_no_fault() -> None:
    assert read_scco(b"[]") == Scco()


# -- what works, with a warning --------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "warning"),
    [
        ({**INPUT, "timeout": "15"}, "timeout is the string '15'; write a number"),
        ({**INPUT, "submitOnHash": "false"}, "submitOnHash is the string 'false'"),
        ({**TALK, "colour": 1}, "nobody documents 'colour'; it is ignored"),
        ({**TALK, "voice": "serena"}, "no voice 'serena' is documented"),
        ({**INPUT, "eventUrl": "ftp://h/x"}, "eventUrl 'ftp://h/x' is no http(s) URL"),
        ({**INPUT, "timeout": 3, "timeOut": 4}, "timeOut is 4 and timeout is 3; which counts"),
        ({"action": "play", "fileName": "https://h/x.mp3"}, "fileName is a URL; `play` takes"),
        (
            {"action": "stream", "fileName": "https://h/x.mp3", "url": "https://h/x.mp3"},
            "nobody documents 'url'",
        ),
        ({"action": "record", "record_type": 1}, "record_type is documented nowhere"),
        ({**APP_TO_APP, "to": [APP_TO_APP["to"], {"no": 1}]}, "to is an array"),
        ({**APP_TO_APP, "eventUrl": ["https://h"]}, "eventUrl went out of the vendor's samples"),
        ({**APP_TO_APP, "maxConnection": 60}, "maxConnection stands in some types"),
        ({**APP_TO_APP, "continueOnFail": True}, "continueOnFail without onFailEventUrl"),
        (
            {**APP_TO_APP, "to": {"type": "internal", "number": "user_2"}},
            "to: there is no alias",
        ),
        (
            {**APP_TO_PHONE, "to": {**APP_TO_PHONE["to"], "number": "8484900000001"}},  # type: ignore[dict-item]
            "begins with the country code twice",
        ),
    ],
)
def test_what_nobody_promises_warns(action: dict[str, Any], warning: str) -> None:
    told = warned(action)
    assert told.startswith(f"action 1 ({action['action']}): ")
    assert warning in told


def test_another_content_type_warns() -> None:
    assert warned(TALK, content_type="text/html") == (
        "the content type is 'text/html', not application/json"
    )
    assert read(TALK, content_type="application/json; charset=utf-8").warnings == ()


def test_a_key_that_stands_twice_warns_and_the_last_counts() -> None:
    found = read_scco(b'[{"action": "talk", "text": "one", "text": "two"}]')
    assert found.warnings == ("the key 'text' stands twice in one object",)
    assert found.given[0]["text"] == "two"


def test_a_recording_after_the_connect_warns() -> None:
    assert "it must stand before connect" in warned(APP_TO_PHONE, {"action": "record"})


def test_a_recording_between_apps_needs_the_server_in_between() -> None:
    record = {"action": "record"}
    assert "peerToPeerCall must be false" in warned(record, APP_TO_APP)
    assert read(record, {**APP_TO_APP, "peerToPeerCall": False}).warnings == ()
    assert read(record, APP_TO_PHONE).warnings == ()


def test_an_unknown_action_can_be_skipped() -> None:
    found = read({"action": "hangup"}, TALK, unknown_actions="skip")
    assert len(found.actions) == 1
    assert "there is no action 'hangup'" in found.warnings[0]


def test_comments_and_trailing_commas_are_taken_out_only_where_that_is_asked_for() -> None:
    found = read_scco(AS_IN_THE_DOCS, lenient=True)
    assert found.refusal is None
    assert found.warnings == (
        "3 trailing commas taken out: JSON has none",
        "2 comments taken out: JSON has none",
    )
    assert found.given[0]["from"]["alias"] == "a // b"
    assert found.given[0]["customData"] == "http://x,]"
    strict = read_scco(AS_IN_THE_DOCS)
    assert strict.refusal is not None
    assert strict.refusal.name == "ANSWER_URL_SCCO_INCORRECT_FORMAT"


# -- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON"),
        (b"<html>", "no JSON"),
        (b"Warning: x\n[]", "no JSON"),
        (b"\xff[]", "no JSON"),
        (b"\xef\xbb\xbf[]", "no JSON"),
        (b"[NaN]", "NaN is no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"action": "talk", "text": "x",}]', "no JSON"),
        (json.dumps(APP_TO_APP).encode(), "one object, expected an array: write [ ] around it"),
        (b'"connect"', "expected an array of actions"),
        (b"null", "expected an array of actions"),
        (b"[1]", "action 1 is '1', no object"),
        (b"[{}]", "there is no action None; there are connect, record, recordMessage, talk"),
        (b'[{"action": "hangup"}]', "there is no action 'hangup'"),
        (b'[{"action": ["talk"]}]', "there is no action ['talk']"),
    ],
)
def test_what_is_no_scco_is_of_an_incorrect_format(body: bytes, why: str) -> None:
    refusal = read_scco(body).refusal
    assert refusal is not None
    assert (refusal.r, refusal.name) == (2, "ANSWER_URL_SCCO_INCORRECT_FORMAT")
    assert why in refusal.why


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (without(APP_TO_APP, "from"), "from is missing, expected an object"),
        (without(APP_TO_APP, "to"), "to is missing"),
        ({**APP_TO_APP, "to": []}, "to is [], expected an object"),
        ({**APP_TO_APP, "to": "user_2"}, "to is 'user_2', expected an object"),
        ({**APP_TO_APP, "to": {"type": "internal", "number": ""}}, "to: number is ''"),
        ({**APP_TO_APP, "to": {"type": "internal", "number": 84}}, "to: number is 84"),
        ({**APP_TO_APP, "from": {"type": "sip", "number": "1"}}, "from: type is 'sip'"),
        ({**APP_TO_APP, "customData": {"a": 1}}, "customData is {'a': 1}, expected a string"),
        ({**APP_TO_APP, "continueOnFail": 1}, "continueOnFail is 1, expected true or false"),
        ({**APP_TO_APP, "continueOnFail": "yes"}, "continueOnFail is 'yes'"),
        ({**APP_TO_APP, "timeout": 4.5}, "timeout is 4.5, expected an integer"),
        ({**APP_TO_APP, "timeout": 0}, "timeout is 0, expected 1 or more"),
        ({**APP_TO_APP, "timeout": True}, "timeout is True, expected an integer"),
        ({**APP_TO_APP, "onFailEventUrl": ["https://h"]}, "onFailEventUrl is ['https://h']"),
        ({**APP_TO_APP, "record": True}, "record is True, expected an action of its own"),
        ({"action": "record", "format": "ogg"}, "format is 'ogg', expected mp3 or wav or mp4"),
        ({"action": "recordMessage", "silenceThresh": 101}, "silenceThresh is 101, expected 0 to"),
        ({"action": "talk"}, "text is missing, expected a string that is not empty"),
        ({"action": "talk", "text": ""}, "text is ''"),
        ({**TALK, "speed": 4}, "speed is 4, expected -3 to 3"),
        ({**TALK, "loop": 0}, "loop is 0, expected 1 or more"),
        ({"action": "play", "url": "https://h/x.mp3"}, "fileName is missing"),
        ({"action": "input"}, "eventUrl is missing"),
        ({**INPUT, "timeout": "soon"}, "timeout is 'soon', expected an integer"),
    ],
)
def test_a_wrong_type_or_range_is_of_an_incorrect_format(action: dict[str, Any], why: str) -> None:
    r, told = refused(TALK, action)
    assert r == 2
    assert told.startswith(f"action 2 ({action['action']}): ")
    assert why in told


def test_each_action_that_is_wrong_is_told_though_the_first_fault_refuses_them_all() -> None:
    plus = {**PHONE_TO_PHONE, "to": {**TO_PHONE, "number": "+84900000002"}}
    found = read({"action": "talk"}, TALK, plus)
    assert found.actions == ()
    assert found.refusal == found.parts[0]
    told = [part.r if isinstance(part, Refusal) else type(part).__name__ for part in found.parts]
    assert told == [2, "Prompt", 10]


def test_a_callee_of_no_known_type_has_a_code_of_its_own() -> None:
    r, why = refused({**APP_TO_APP, "to": {"type": "sip", "number": "x", "alias": "x"}})
    assert (r, "type is 'sip', expected internal or external" in why) == (3, True)


@pytest.mark.parametrize(
    "number", ["+84900000001", "0900000001", "84 900", "user_1", "\uff18\uff14\uff19"]
)
@pytest.mark.parametrize("end", ["from", "to"])
def test_a_number_that_is_not_digits_with_the_country_code_has_a_code_of_its_own(
    number: str, end: str
) -> None:
    action = {**PHONE_TO_PHONE, end: {**PHONE_TO_PHONE[end], "number": number}}  # type: ignore[dict-item]
    refusal = read(action).refusal
    assert refusal is not None
    assert (refusal.r, refusal.name) == (10, "FROM_NUMBER_OR_TO_NUMBER_INVALID_FORMAT")


# -- whatever comes --------------------------------------------------------------------------

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "from",
        "to",
        "type",
        "number",
        "alias",
        "timeout",
        "timeOut",
        "text",
        "loop",
        "speed",
        "bargeIn",
        "fileName",
        "eventUrl",
    ]
)
ACTIONS = st.builds(
    lambda name, more: {"action": name, **more},
    st.sampled_from(["connect", "record", "recordMessage", "talk", "play", "stream", "input"]),
    st.dictionaries(NAMES, JSON_VALUES | st.dictionaries(NAMES, JSON_VALUES)),
)


@given(st.binary() | st.text().map(str.encode), st.booleans(), st.text())
def test_no_bytes_make_it_raise(body: bytes, lenient: bool, content_type: str) -> None:  # noqa: FBT001 -- hypothesis
    found = read_scco(body, lenient=lenient, content_type=content_type)
    assert (found.refusal is None) or not found.actions


@given(st.lists(ACTIONS | JSON_VALUES, max_size=3))
def test_no_json_makes_it_raise(actions: list[object]) -> None:
    found = read(*actions)
    assert found.refusal is not None or len(found.actions) == len(actions)
