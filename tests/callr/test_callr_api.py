"""The typed layer over CALLR's JSON-RPC, with answers as the vendor's own code shows them."""

from __future__ import annotations

from typing import Any

import pytest

from app.callflow.errors import ApiError, SettingsError
from app.callr.api import BLOCKED, CallrApi, connect, name_problem
from app.callr.objects import AuthorizedCli, Did, VoiceApp
from app.callr.refusals import CallrError
from app.fates import Fate
from app.settings import Settings

APP = {  # THECALLR/sdk-php 3b6ade6 App.php, sdk-dotnet 7f3f35b
    "hash": "A1B2C3D4",
    "name": "Réception",
    "p": {
        "url": "https://line.example.com/callr/reception",
        "login": "callr",
        "password": "s3cret-word",
        "data_format": "JSON",
    },
    "did": [],
    "package": {"name": "REALTIME10", "type": "REALTIME", "has_did": True},
    "date_creation": "2026-01-02 03:04:05",
    "date_update": "2026-01-02 03:04:05",
}
CLASSIC_DID = {  # THECALLR/sdk-dotnet 7f3f35b
    "hash": "D0000001",
    "intl_number": "+33123456789",
    "local_number": "0123456789",
    "class": "CLASSIC",
    "type": "GEOGRAPHIC",
    "country_code": "FR",
    "app": "A1B2C3D4",
}
NUMBER_2024 = {  # THECALLR/actions-nodejs-typescript a89a253
    **CLASSIC_DID,
    "local_number_f": "01 23 45 67 89",
    "assigned_at": None,
    "is_used": True,
    "pricing": {},
    "app": {"hash": "A1B2C3D4", "name": "Réception", "package": {"name": "REALTIME10"}},
}
DID = Did(hash="D0000001", number="+33123456789", kind="GEOGRAPHIC", country="FR", app="A1B2C3D4")


class Platform:
    """Answers each method as told, and keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {
            name.replace("__", "/").replace("_", ".", 1): v for name, v in answers.items()
        }
        self.asked: list[tuple[Any, ...]] = []

    def call(self, method: str, *params: Any) -> Any:
        self.asked.append((method, *params))
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing is open."""


def failed(fate: Fate, code: int = 0) -> CallrError:
    return CallrError("no", msg="no", code=code, method="did.search", fate=fate)


def test_the_clock_is_a_whole_number_or_an_error() -> None:
    assert CallrApi(Platform(system_get_timestamp=1700000000)).timestamp() == 1700000000
    for odd in ("now", True, None, 1.5):
        with pytest.raises(CallrError, match="no whole number"):
            CallrApi(Platform(system_get_timestamp=odd)).timestamp()


def test_a_voice_app_is_created_with_the_webhook_and_its_credentials() -> None:
    platform = Platform(apps_create=APP)
    app = CallrApi(platform).create_app(
        "Réception", url="https://h/callr/x", login="l", password="p"
    )
    told = {"url": "https://h/callr/x", "login": "l", "password": "p", "data_format": "JSON"}
    assert platform.asked == [("apps.create", "REALTIME10", "Réception", told)]
    assert app == VoiceApp(
        hash="A1B2C3D4",
        name="Réception",
        kind="REALTIME10",
        url="https://line.example.com/callr/reception",
        created="2026-01-02 03:04:05",
        login="callr",
        password="s3cret-word",
    )
    assert "s3cret-word" not in repr(app)


@pytest.mark.parametrize("told", [None, "", "***", "••••••••", 7])
def test_a_password_that_the_platform_does_not_tell_is_none(told: object) -> None:
    starred = {**APP, "p": {"url": "https://h", "login": "l", "password": told}}
    app = CallrApi(Platform(apps_get=starred)).app("A1B2C3D4")
    assert (app.login, app.password) == ("l", None)


def test_voice_apps_are_listed_with_their_numbers() -> None:
    platform = Platform(apps_get_list=[{**APP, "did": [CLASSIC_DID]}])
    (app,) = CallrApi(platform).apps()
    assert platform.asked == [("apps.get_list", True)]
    assert app.numbers == (DID,)


@pytest.mark.parametrize(
    "sparse",
    [
        {"hash": "A1B2C3D4"},
        {"hash": "A1B2C3D4", "name": None, "p": None, "did": None, "package": None},
        {"hash": "A1B2C3D4", "p": [], "did": {}, "package": "REALTIME10", "new_key": 1},
        {"hash": "A1B2C3D4", "p": {"url": 7}, "package": {"name": []}},
    ],
)
def test_a_voice_app_of_which_little_is_told_is_read_all_the_same(sparse: object) -> None:
    assert CallrApi(Platform(apps_get=sparse)).app("A1B2C3D4") == VoiceApp(hash="A1B2C3D4", name="")


def test_a_list_with_holes_comes_as_an_object() -> None:
    assert [app.hash for app in CallrApi(Platform(apps_get_list={"3": APP})).apps()] == ["A1B2C3D4"]


@pytest.mark.parametrize("odd", [{}, {"hash": 7}, "A1B2C3D4", [APP], True, None])
def test_what_is_no_voice_app_is_an_error_that_names_the_field(odd: object) -> None:
    with pytest.raises(CallrError, match=r"apps\.create") as caught:
        CallrApi(Platform(apps_create=odd)).create_app("x", url="", login="", password="")
    assert caught.value.fate is Fate.UNKNOWN


def test_only_what_changes_is_told_when_a_voice_app_is_edited() -> None:
    platform = Platform(apps_edit=APP)
    CallrApi(platform).edit_app("A1B2C3D4", name="New")
    CallrApi(platform).edit_app("A1B2C3D4", webhook=("https://h", "l", "p"))
    told = {"url": "https://h", "login": "l", "password": "p", "data_format": "JSON"}
    assert platform.asked == [
        ("apps.edit", "A1B2C3D4", "New", None),
        ("apps.edit", "A1B2C3D4", None, told),
    ]


def test_assigning_takes_the_hashes_of_app_and_number() -> None:
    platform = Platform(apps_assign_did=True, apps_remove_did=True, apps_delete=True)
    api = CallrApi(platform)
    api.assign_did("A1B2C3D4", "D0000001")
    api.remove_did("D0000001")
    api.delete_app("A1B2C3D4")
    assert platform.asked == [
        ("apps.assign_did", "A1B2C3D4", "D0000001"),
        ("apps.remove_did", "D0000001"),
        ("apps.delete", "A1B2C3D4"),
    ]


def test_numbers_of_the_newer_kind_tell_the_app_as_an_object() -> None:
    platform = Platform(did_search={"hits": [NUMBER_2024], "total": 1, "has_more": False})
    (did,) = CallrApi(platform).dids()
    assert (did.app, did.app_name) == ("A1B2C3D4", "Réception")
    assert platform.asked == [("did.search", {}, {})]


@pytest.mark.parametrize("told", [None, "", [], {}, {"hash": None}])
def test_a_number_that_rings_nothing_has_no_app(told: object) -> None:
    platform = Platform(did_search={"hits": [{"hash": "D0000001", "app": told}]})
    assert CallrApi(platform).dids() == [Did(hash="D0000001")]


def test_a_number_without_its_plus_gets_it() -> None:
    platform = Platform(did_search={"hits": [{**CLASSIC_DID, "intl_number": "33123456789"}]})
    assert CallrApi(platform).dids() == [DID]


@pytest.mark.parametrize(
    "searched",
    [
        failed(Fate.REFUSED, -32601),
        {"hits": [NUMBER_2024], "total": 30, "has_more": True},
        [],
        None,
    ],
)
def test_numbers_are_taken_from_the_older_method_where_the_newer_does_not_tell_all(
    searched: object,
) -> None:
    platform = Platform(did_search=searched, apps_get_dids=[CLASSIC_DID])
    assert CallrApi(platform).dids() == [DID]
    assert platform.asked[-1] == ("apps.get_dids", False)


@pytest.mark.parametrize(
    "error", [failed(Fate.REFUSED, 401), failed(Fate.NOT_SENT), failed(Fate.UNKNOWN)]
)
def test_the_older_method_is_not_asked_when_nobody_answers_or_nobody_may(error: CallrError) -> None:
    platform = Platform(did_search=error)
    with pytest.raises(CallrError):
        CallrApi(platform).dids()
    assert len(platform.asked) == 1


def test_authorised_caller_ids_are_read() -> None:
    clis = [{"cli": "+33123456789", "comment": None, "label": "Office"}]
    platform = Platform(apps_get_authorized_clis=clis)
    assert CallrApi(platform).authorized_clis() == [
        AuthorizedCli(cli="+33123456789", label="Office")
    ]
    assert platform.asked == [("apps.get_authorized_clis", "CALL")]


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, {}),
        ({"caller_id": BLOCKED}, {"cli": "BLOCKED"}),
        (
            {"caller_id": "+33123456789", "field": "inv42x0123"},
            {"cli": "+33123456789", "cdr_field": "inv42x0123"},
        ),
    ],
)
def test_a_call_is_started_with_no_null_in_its_options(
    given: dict[str, str], options: dict[str, str]
) -> None:
    platform = Platform(calls_realtime="R1234567")
    assert (
        CallrApi(platform).start_call("A1B2C3D4", "+33612345678", ring_s=30, **given) == "R1234567"
    )
    target = {"number": "+33612345678", "timeout": 30}
    assert platform.asked == [("calls.realtime", "A1B2C3D4", target, options)]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"number": "0612345678"}, "E.164"),
        ({"ring_s": 4}, "5 to 300"),
        ({"ring_s": 301}, "5 to 300"),
        ({"caller_id": "0123"}, "BLOCKED"),
        ({"field": "a-b"}, "32 letters and digits"),
        ({"field": "a" * 33}, "32 letters and digits"),
        ({"field": "é"}, "32 letters and digits"),
        ({"field": "a\n"}, "32 letters and digits"),
    ],
)
def test_a_call_that_the_platform_would_refuse_is_not_sent(
    given: dict[str, Any], what: str
) -> None:
    platform = Platform(calls_realtime="R1234567")
    with pytest.raises(ApiError, match=what):
        CallrApi(platform).start_call("A", **{"number": "+33612345678", "ring_s": 30, **given})
    assert platform.asked == []


def test_an_id_of_a_request_may_be_a_number_but_not_nothing() -> None:
    started = CallrApi(Platform(calls_realtime=42)).start_call("A", "+33612345678", ring_s=30)
    assert started == "42"
    nothing: tuple[object, ...] = (None, True, "", {})
    for odd in nothing:
        with pytest.raises(CallrError, match="may have dialled"):
            CallrApi(Platform(calls_realtime=odd)).start_call("A", "+33612345678", ring_s=30)


def test_hanging_up_sends_the_empty_options_that_the_platform_wants() -> None:
    platform = Platform(calls_hangup=True)
    assert CallrApi(platform).hang_up(242359184129) is True
    assert platform.asked == [("calls.hangup", 242359184129, {})]


@pytest.mark.parametrize("name", ["Réception (FR) 2_a-b", "Phòng khám", "a", "x" * 64])
def test_a_name_of_the_documented_form_is_taken(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize("name", ["", "x" * 65, "acme.com", "a:b", "l'accueil", "+33", "a\n", "²"])
def test_a_name_of_another_form_is_told(name: str) -> None:
    assert "no dot" in name_problem(name)


def test_without_credentials_the_lines_to_add_are_told() -> None:
    for settings in (Settings(), Settings(callr_login="acme"), Settings(callr_password="word")):
        with pytest.raises(SettingsError, match="CALLR_LOGIN=") as caught:
            connect(settings)
        assert "offhook simulator" in caught.value.mend


def test_a_login_with_a_password_or_an_api_key_is_enough() -> None:
    for settings in (
        Settings(callr_login="acme", callr_password="word"),
        Settings(callr_api_key="f00", callr_login_as="User.login bob"),
    ):
        with connect(settings) as api:
            assert isinstance(api, CallrApi)
