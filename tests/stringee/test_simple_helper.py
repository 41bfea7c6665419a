"""The two addresses of Stringee's SCCO helper: what they answer, and what they do not dial."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from callr_line import MemoryJournal

from app.callflow.errors import PlatformError
from app.ports import WireRequest
from app.refusals import Refusals
from app.sealing import Seal
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import HEADER, Signatures, sign
from app.stringee.simple import FLOWS, NUMBER_PARAMETERS, PROJECT_PARAMETERS
from app.switchboard import Switchboard

KEY = "test-signing-secret"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

FROM_AN_APP = {
    "from": "842471000000",
    "to": "84900000002",
    "fromInternal": "true",
    "userId": "user_1",
    "projectId": "22512",
    "callId": "call-vn-1-ABCDWXKUQM-1542377678921",
    "custom": "",
}
FROM_A_PHONE = {
    "from": "84900000001",
    "to": "842400000002",
    "fromInternal": "false",
    "uuid": "f7250000-0000-4000-8000-000000000000",
    "callId": "call-vn-1-AAAAAAAAAA-1754868214204",
}


def answered(
    address: str, parameters: dict[str, str], *, allowed: str = "+84", simple: bool = True
) -> Any:
    """The list that an address answers with; ``allowed`` is DIAL_ALLOW."""

    def may_dial(*numbers: str) -> dict[str, str]:
        return {one: "" if one.startswith(allowed) else "not dialled: no." for one in numbers}

    provider = StringeeProvider(
        signatures=Signatures([("", KEY)], "https://line.example.com"),
        public_url="https://line.example.com",
        simple=simple,
    )
    target = f"/stringee/{address}?{urlencode(parameters)}"
    place = provider.address([address])
    assert place is not None
    request = WireRequest(
        "GET",
        target,
        {HEADER: sign(target.encode(), KEY).decode()},
        b"",
        place.flow,
        parameters,
        place.kind,
    )
    board = Switchboard(
        FLOWS,
        MemoryJournal(),
        Seal("a-secret-key-of-tests-that-is-long-enough"),
        {"may_dial": may_dial},
        Refusals(),
        lambda: NOW,
    )
    return json.loads(board.handle(provider, request).body)


def of_project(**parameters: str) -> Any:
    return answered("simple_project_answer_url", {**parameters, **FROM_AN_APP})


def of_number(**parameters: str) -> Any:
    return answered("simple_number_answer_url", {**parameters, **FROM_A_PHONE})


def test_the_answer_that_stringee_documents_for_its_helper() -> None:
    """developer.stringee.com/docs/simple-scco-helper, but for ``customData``, which it elides."""
    assert of_project(appToPhone="true", record="true") == [
        {"action": "record", "eventUrl": "", "format": "mp3"},
        {
            "action": "connect",
            "from": {"type": "internal", "number": "842471000000", "alias": "842471000000"},
            "to": {"type": "external", "number": "84900000002", "alias": "84900000002"},
            "customData": "",
            "timeout": 60,
            "maxConnectTime": 0,
            "peerToPeerCall": False,
        },
    ]


@pytest.mark.parametrize(
    ("to", "mode", "is_rung_as"),
    [
        ("84900000002", "true", "external"),
        ("84900000002", "false", "internal"),
        ("84900000002", "auto", "external"),
        ("user_2", "auto", "internal"),
        ("600000", "auto", "internal"),
        ("007", "auto", "internal"),
    ],
)
def test_an_app_rings_a_phone_or_an_app(to: str, mode: str, is_rung_as: str) -> None:
    asked = {"appToPhone": mode, **FROM_AN_APP, "to": to}
    (connect,) = answered("simple_project_answer_url", asked)
    assert connect["to"] == {"type": is_rung_as, "number": to, "alias": to}


def test_apps_talk_without_a_detour_unless_somebody_records() -> None:
    (connect,) = of_project()
    assert connect["peerToPeerCall"] is True
    assert of_project(peerToPeerCall="false")[0]["peerToPeerCall"] is False
    assert of_project(record="true", recordFormat="wav")[0]["format"] == "wav"
    assert of_project(record="true")[1]["peerToPeerCall"] is False


def test_an_app_that_shows_its_user_rings_as_that_user() -> None:
    (connect,) = answered("simple_project_answer_url", {**FROM_AN_APP, "from": "user_1"})
    assert connect["from"] == {"type": "internal", "number": "user_1", "alias": "user_1"}


def test_limits_are_those_of_the_address_and_nonsense_is_the_default() -> None:
    (connect,) = of_project(timeout="45", maxConnectTime="600")
    assert (connect["timeout"], connect["maxConnectTime"]) == (45, 600)
    (connect,) = of_project(timeout="soon", maxConnectTime="-1", recordFormat="ogg")
    assert (connect["timeout"], connect["maxConnectTime"]) == (60, 0)
    assert [of_project(timeout=text)[0]["timeout"] for text in ("0", "-5")] == [60, 60]


def test_a_number_rings_the_app_or_the_phone_that_its_address_names() -> None:
    (connect,) = of_number(to_number="user_1")
    assert connect["from"] == {"type": "external", "number": "84900000001", "alias": "84900000001"}
    assert connect["to"] == {"type": "internal", "number": "user_1", "alias": "Call_to_user_1"}
    assert (connect["continueOnFail"], connect["onFailEventUrl"]) == (False, "")
    ours = {"to_number": "84900000003", "phoneToPhone": "true", "stringeeNumber": "842400000002"}
    (connect,) = of_number(**ours)
    assert connect["from"]["alias"] == "842400000002"
    assert connect["to"]["type"] == "external"


def test_a_number_that_may_not_be_dialled_is_blocked() -> None:
    asked = {"appToPhone": "true", **FROM_AN_APP, "to": "19005550100"}
    assert answered("simple_project_answer_url", asked) == []


def test_an_app_cannot_set_the_address_parameters_by_its_custom() -> None:
    """Else an app which may ring apps alone could ring telephones."""
    wish = json.dumps(
        {
            **{name: "true" for name, _ in PROJECT_PARAMETERS.values()},
            "max_connect_time": "1",
            "timeout": "1",
            "to_number": "84900000004",
        }
    )
    assert answered("simple_project_answer_url", {**FROM_AN_APP, "custom": wish}) == of_project()
    rung = {**FROM_A_PHONE, "to_number": "user_1"}
    assert answered("simple_number_answer_url", {**rung, "custom": wish}) == of_number(**rung)


def test_parameters_that_the_helper_does_not_have_are_ignored() -> None:
    assert of_project(colour="red") == of_project()


def test_they_are_off_by_default() -> None:
    with pytest.raises(PlatformError, match="are not served") as caught:
        answered("simple_project_answer_url", FROM_AN_APP, simple=False)
    assert (caught.value.status, caught.value.mend) == (404, "Set STRINGEE_SIMPLE=1.")


def test_every_parameter_is_one_of_the_flows_given() -> None:
    for flow, parameters in zip(
        FLOWS.values(), (PROJECT_PARAMETERS, NUMBER_PARAMETERS), strict=True
    ):
        assert dict(flow.given) == dict(parameters.values())
