"""The transport of CALLR's JSON-RPC against servers that answer well, badly, or not at all."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from answering_server import Answer, AnsweringServer, Hangup, Silence, error, result
from callr import Api, CallrException
from self_signed import self_signed
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, NameResolutionError

from app.callflow.errors import ApiError
from app.callr.refusals import CallrError, not_answered
from app.callr.rpc import MAX_BYTES, Rpc
from app.fates import Fate

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


@contextlib.contextmanager
def talking_to(
    answer: Answer | Silence | Hangup, **options: str | float
) -> Iterator[tuple[Rpc, AnsweringServer]]:
    with (
        AnsweringServer(answer) as server,
        Rpc("acme", "s3cret-word", url=server.url, **options) as rpc,  # type: ignore[arg-type]
    ):
        yield rpc, server


def refusal(answer: Answer | Silence | Hangup, method: str = "calls.realtime") -> CallrError:
    """What a call comes to; the server must have been asked exactly once."""
    with talking_to(answer, read_s=0.3) as (rpc, server):
        with pytest.raises(CallrError) as caught:
            rpc.call(method, "A1B2C3D4", {"number": "+33612345678", "timeout": 30}, None)
        assert len(server.seen) == 1
    return caught.value


def test_a_call_is_one_json_rpc_request_with_positional_parameters() -> None:
    with talking_to(result("HASH0001")) as (rpc, server):
        assert rpc.call("calls.realtime", "A1B2C3D4", {"timeout": 30}, None) == "HASH0001"
    (seen,) = server.seen
    assert seen.path == "/json-rpc/v1.1/"
    number = seen.json.pop("id")
    assert isinstance(number, int)
    assert seen.json == {
        "jsonrpc": "2.0",
        "method": "calls.realtime",
        "params": ["A1B2C3D4", {"timeout": 30}, None],
    }
    assert seen.headers["Content-Type"] == "application/json-rpc; charset=utf-8"
    assert seen.headers["Connection"] == "close"


def test_the_sdk_own_way_of_sending_still_works() -> None:
    with talking_to(result(1)) as (rpc, server):
        assert rpc.send("system.get_timestamp", [], 42) == 1
    assert isinstance(rpc, Api)
    assert server.seen[0].json["id"] == 42


@pytest.mark.parametrize("value", [None, False, 0, "", []])
def test_a_result_that_is_empty_is_a_result(value: object) -> None:
    with talking_to(result(value)) as (rpc, _):
        assert rpc.call("apps.get_list", None) == value


def test_login_and_password_go_as_basic() -> None:
    with AnsweringServer(result(1)) as server, Rpc("José", "mot:de passe", url=server.url) as rpc:
        rpc.call("system.get_timestamp")
    scheme, _, encoded = server.seen[0].headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "José:mot:de passe"


def test_an_api_key_goes_instead_of_login_and_password() -> None:
    with talking_to(result(1), api_key="f" * 100, login_as="User.login bob") as (rpc, server):
        rpc.call("system.get_timestamp")
    assert server.seen[0].headers["Authorization"] == f"Api-Key {'f' * 100}"
    assert server.seen[0].headers["CALLR-Login-As"] == "User.login bob"


def test_two_clients_share_no_header_with_each_other_or_with_the_sdk() -> None:
    with AnsweringServer(result(1)) as server:
        with Rpc("", "", api_key="first", login_as="Account.hash A", url=server.url) as first:
            first.call("system.get_timestamp")
        with Rpc("second", "word", url=server.url) as second:
            second.call("system.get_timestamp")
    assert server.seen[1].headers["Authorization"].startswith("Basic ")
    assert "CALLR-Login-As" not in server.seen[1].headers
    assert not {"Authorization", "CALLR-Login-As"} & set(Api._headers)


def test_no_credentials_is_an_error_before_anything_is_sent() -> None:
    with (
        AnsweringServer(result(1)) as server,
        Rpc("acme", "", url=server.url) as rpc,
        pytest.raises(CallrError, match="CALLR_API_KEY") as caught,
    ):
        rpc.call("system.get_timestamp")
    assert (caught.value.msg, caught.value.code) == ("CREDENTIALS_NOT_SET", 1)
    assert server.seen == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", "k3y\r\nX-Other: 1"),
        ("api_key", "clé-d-api"),
        ("login_as", "User.login bob\nX-Other: 1"),
        ("login_as", "bob"),
    ],
)
def test_a_credential_that_no_header_carries_is_refused_without_being_shown(
    name: str, value: str
) -> None:
    with pytest.raises(CallrError) as caught:
        Rpc("acme", "word", **{name: value})  # type: ignore[arg-type]
    assert value not in str(caught.value)
    assert name.upper() in str(caught.value)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_the_server_words_are_kept_on_any_status_and_content_type(status: int) -> None:
    said = "PROPERTY_VALUE_ERROR [options.cli]"
    refused = refusal(error(151, said, status=status, data={"x": 1}))
    assert (refused.msg, refused.code, refused.data) == (said, 151, {"x": 1})
    assert "PROPERTY_VALUE_ERROR [options.cli] (code 151)" in str(refused)
    assert "authorised" in refused.mend


def test_a_refusal_is_an_api_error_and_a_callr_exception() -> None:
    refused = refusal(error(151, "PROPERTY_VALUE_ERROR [app]"))
    assert isinstance(refused, ApiError)
    assert isinstance(refused, CallrException)
    assert refused.fate is Fate.REFUSED


@pytest.mark.parametrize(
    ("code", "message", "mend"),
    [
        (401, "Authentication failed", "CALLR_PASSWORD"),
        (151, "PROPERTY_VALUE_ERROR [app]", "offhook apps list"),
        (151, "PROPERTY_VALUE_ERROR [did]", "offhook numbers list"),
        (151, "PROPERTY_VALUE_ERROR [options.cdr_field]", "32 letters and digits"),
        (151, "PROPERTY_VALUE_ERROR [name]", "no dot"),
        (151, "PROPERTY_VALUE_ERROR [target.number]", "E.164"),
        (205, "This Voice App cannot be assigned a DID", "offhook apps create"),
        (100, "Feature not allowed", "ask its owner"),
        (-32601, "Method not found", "CALLR_API_URL"),
    ],
)
def test_a_known_refusal_says_what_to_do(code: int, message: str, mend: str) -> None:
    refused = refusal(error(code, message))
    assert mend in refused.mend
    assert f"{message} (code {code})" in refused.message


def test_an_unknown_refusal_is_told_word_for_word() -> None:
    refused = refusal(error(4711, "TO_BEFORE_FROM"))
    assert str(refused) == "CALLR refused calls.realtime: TO_BEFORE_FROM (code 4711)."


def test_an_error_inside_the_platform_may_have_dialled() -> None:
    refused = refusal(error(0, "Oops, Internal Error. ¯\\_(ツ)_/¯"))
    assert refused.fate is Fate.UNKNOWN
    assert "may have dialled" in refused.mend


@pytest.mark.parametrize("told", ["no", 7, ["a"], {}, {"code": "x"}, {"message": {"a": 1}}])
def test_an_error_of_any_shape_is_a_refusal(told: object) -> None:
    def body(number: int) -> bytes:
        return json.dumps({"id": number, "error": told}).encode()

    assert refusal(Answer(body)).code == 0


def test_an_error_without_the_request_id_is_that_of_this_request() -> None:
    told = {"id": None, "error": {"code": -32700, "message": "Parse error"}}
    assert refusal(Answer(json.dumps(told).encode())).msg == "Parse error"


def test_wrong_credentials_are_recognised_under_any_shape() -> None:
    assert refusal(error(401, "Authentication failed", status=401)).unauthorized
    html = refusal(Answer(HTML, status=401))
    assert html.unauthorized
    assert "CALLR_PASSWORD" in html.mend
    assert not refusal(error(151, "PROPERTY_VALUE_ERROR [app]")).unauthorized


@pytest.mark.parametrize(
    ("status", "fate"),
    [(200, Fate.UNKNOWN), (404, Fate.REFUSED), (408, Fate.UNKNOWN), (502, Fate.UNKNOWN)],
)
def test_a_web_page_is_told_as_such_and_nothing_is_printed(
    status: int, fate: Fate, capfd: pytest.CaptureFixture[str]
) -> None:
    refused = refusal(Answer(HTML, status=status))
    assert f"a web page instead of JSON (HTTP {status})" in str(refused)
    assert "CALLR_API_URL" in refused.mend
    assert refused.fate is fate
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "no JSON"),
        (b"nope", "no JSON"),
        (b"\xff\xfe{", "no JSON"),
        (b'{"id": 1, "result": NaN}', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1]", "no object"),
        (b"null", "no object"),
        (b'{"jsonrpc": "2.0", "id": 0, "result": "HASH"}', "another request"),
        (b'{"jsonrpc": "2.0", "result": "HASH"}', "another request"),
        (b'{"id": 0, "result": "H", "error": {"code": 1, "message": "M"}}', "at once"),
    ],
)
def test_an_answer_that_is_none_of_ours_is_refused(body: bytes, what: str) -> None:
    refused = refusal(Answer(body))
    assert what in str(refused)
    assert refused.fate is Fate.UNKNOWN
    assert (refused.msg, refused.code) == ("INVALID_RESPONSE", -2)


def test_neither_a_result_nor_an_error_is_refused() -> None:
    assert "no result" in str(refusal(Answer(lambda number: b'{"id": %d}' % number)))


def test_a_result_under_an_error_status_does_not_count() -> None:
    told = Answer(lambda number: b'{"id": %d, "result": "HASH"}' % number, status=500)
    assert refusal(told).fate is Fate.UNKNOWN


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * (MAX_BYTES + 1))
    refused = refusal(Answer(bomb, headers={"Content-Encoding": "gzip"}))
    assert "more than 16 MiB" in str(refused)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_the_other_place_never_asked(status: int) -> None:
    with AnsweringServer(result(1)) as other:
        headers = {"Location": f"{other.url}?token=1"}
        refused = refusal(Answer(b"", status=status, headers=headers))
    assert other.seen == []
    assert f"redirects calls.realtime to 127.0.0.1 (HTTP {status})" in str(refused)
    assert refused.fate is (Fate.UNKNOWN if status == 303 else Fate.REFUSED)


@pytest.mark.parametrize("location", ["", "/elsewhere", "http://[::1", "ftp://", "\x00"])
def test_a_redirect_to_nowhere_is_refused_as_well(location: str) -> None:
    assert "to nowhere" in str(refusal(Answer(b"", status=302, headers={"Location": location})))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.callr.com/json-rpc/v1.1/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "127.0.0.1:8900",
        "http://[::1",
        "",
    ],
)
def test_plain_http_is_refused_except_to_this_machine(url: str) -> None:
    with pytest.raises(CallrError, match="https") as caught:
        Rpc("acme", "word", url=url)
    assert caught.value.fate is Fate.NOT_SENT


@pytest.mark.parametrize(
    "url", ["http://localhost:1/", "http://[::1]:1/", "http://127.0.0.2:1/", "https://x.example/"]
)
def test_https_and_this_machine_are_taken(url: str) -> None:
    Rpc("acme", "word", url=url).close()


@pytest.mark.parametrize("method", ["calls.realtime", "dialr/call.realtime"])
@pytest.mark.parametrize("answer", [Silence(), Hangup()])
def test_a_call_start_without_an_answer_is_never_sent_again(
    answer: Silence | Hangup, method: str
) -> None:
    refused = refusal(answer, method)
    assert refused.fate is Fate.UNKNOWN
    assert refused.mend == "It may have dialled; look before trying again (`offhook calls list`)."


def test_silence_and_a_broken_connection_are_told_apart() -> None:
    assert "did not answer within 0.3 s" in str(refusal(Silence()))
    assert "broke off without an answer" in str(refusal(Hangup()))


def test_after_a_timeout_a_reading_method_may_be_tried_again() -> None:
    assert refusal(Silence(), "apps.get_list").mend == "It only reads; try again."
    assert "may have been done" in refusal(Silence(), "apps.create").mend


def test_an_answer_cut_short_may_have_dialled() -> None:
    cut = Answer(b'{"id"', headers={"Transfer-Encoding": "chunked"})
    assert refusal(cut).fate is Fate.UNKNOWN


def test_nobody_there_is_told_as_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with (
            Rpc("a", "b", url=url) as rpc,
            pytest.raises(CallrError, match="takes no connections") as caught,
        ):
            rpc.call("calls.realtime")
    assert caught.value.fate is Fate.NOT_SENT
    assert "dialled" not in str(caught.value)


def _not_answered(cause: Callable[[HTTPSConnection], Exception]) -> CallrError:
    pool = HTTPSConnectionPool("api.callr.com")
    wrapped = MaxRetryError(pool, "/", cause(HTTPSConnection("api.callr.com")))
    return not_answered(
        "calls.realtime", requests.ConnectionError(wrapped), "api.callr.com", (5, 20)
    )


def test_a_name_that_is_not_known_is_told_as_not_sent() -> None:
    unknown = _not_answered(
        lambda connection: NameResolutionError("api.callr.com", connection, socket.gaierror())
    )
    assert "api.callr.com cannot be found (DNS)." in str(unknown)
    assert unknown.fate is Fate.NOT_SENT


@pytest.mark.parametrize(
    ("raised", "what"),
    [
        (requests.ConnectTimeout(), "took no connection within 5 s"),
        (requests.exceptions.ProxyError(), "HTTPS_PROXY"),
        (requests.exceptions.InvalidURL(), "no address"),
    ],
)
def test_what_happens_before_anything_is_sent_is_told_as_not_sent(
    raised: requests.RequestException, what: str
) -> None:
    told = not_answered("calls.realtime", raised, "api.callr.com", (5, 20))
    assert what in str(told)
    assert told.fate is Fate.NOT_SENT


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with (
        AnsweringServer(result(1), tls=self_signed(tmp_path)) as server,
        Rpc("a", "b", url=server.url) as rpc,
        pytest.raises(CallrError, match="certificate") as caught,
    ):
        rpc.call("calls.realtime")
    assert caught.value.fate is Fate.NOT_SENT
    assert server.seen == []


def test_a_proxy_of_the_environment_does_not_see_what_stays_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with AnsweringServer(Hangup()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with talking_to(result(1)) as (rpc, _):
            assert rpc.call("system.get_timestamp") == 1
    assert proxy.seen == []


def test_a_proxy_given_to_the_constructor_is_this_client_own() -> None:
    before = getattr(urllib.request, "_opener", None)
    with Rpc("a", "b", {"proxy": "http://127.0.0.1:3128"}) as rpc:
        assert rpc._session.proxies == {"https": "http://127.0.0.1:3128"}
    assert getattr(urllib.request, "_opener", None) is before
