"""The transport of Stringee's REST API against servers that answer well, badly, or not at all."""

from __future__ import annotations

import gzip
import socket

import jwt
import pytest
from rest_server import KEY, Answer, RestServer, told

from app.callflow.errors import ApiError
from app.fates import Fate
from app.stringee.refusals import StringeeError, masked
from app.stringee.rest import MAX_BYTES, Rest

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


def refusal(answer: Answer, path: str = "/v1/call2/callout", method: str = "POST") -> StringeeError:
    """What a request comes to; the server must have been asked exactly once."""
    with RestServer(answer) as server, server.rest(read_s=0.3) as rest:
        with pytest.raises(StringeeError) as caught:
            rest.send(method, path)
        assert len(server.seen) == 1
    said = str(caught.value)
    assert KEY.secret not in said
    assert server.seen[0].headers["X-STRINGEE-AUTH"] not in said
    return caught.value


def test_a_request_is_json_with_a_token_in_its_header() -> None:
    with RestServer(told(r=0, message="SUCCESS")) as server, server.rest() as rest:
        assert rest.post("/v1/call2/stop", {"callId": "a"}) == {"r": 0, "message": "SUCCESS"}
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.json) == ("POST", "/v1/call2/stop", {"callId": "a"})
    assert seen.headers["Content-Type"] == "application/json"
    assert "Authorization" not in seen.headers
    token = seen.headers["X-STRINGEE-AUTH"]
    assert jwt.get_unverified_header(token)["cty"] == "stringee-api;v=1"
    assert jwt.decode(token, KEY.secret, algorithms=["HS256"])["rest_api"] is True


def test_two_requests_have_two_tokens() -> None:
    with RestServer(told(r=0)) as server, server.rest() as rest:
        rest.get("/v1/number")
        rest.get("/v1/number")
    assert len({seen.headers["X-STRINGEE-AUTH"] for seen in server.seen}) == 2


@pytest.mark.parametrize("r", [0, "0", 13])
def test_0_and_13_are_done(r: object) -> None:
    with RestServer(told(r=r, call_id="x")) as server, server.rest() as rest:
        assert rest.post("/v1/call2/callout", {})["call_id"] == "x"


@pytest.mark.parametrize(
    ("r", "name", "mend"),
    [
        (2, "ANSWER_URL_SCCO_INCORRECT_FORMAT", "list of actions"),
        (3, "TO_TYPE_IS_NOT_INTERNAL_OR_EXTERNAL", "client"),
        (4, "FROM_NUMBER_NOT_FOUND", "offhook numbers list"),
        (5, "FROM_NUMBER_NOT_BELONG_YOUR_ACCOUNT", "offhook numbers list"),
        (8, "NOT_ENOUGH_MONEY", "Top up"),
        (10, "FROM_NUMBER_OR_TO_NUMBER_INVALID_FORMAT", "without +"),
        (11, "CALL_NOT_ALLOWED_BY_YOUR_SERVER", "connects nobody"),
        (12, "MAX_CONCURRENT_CALL", "fewer calls"),
        (14, "TO_NUMBER_INVALID", "without +"),
        (15, "FROM_NUMBER_NOT_BELONG_YOUR_PROJECT", "offhook numbers list"),
        (17, "NOT_ALLOW_CALLOUT", "Ask Stringee"),
        (18, "REQUEST_ANSWER_URL_ERROR", "offhook doctor"),
        (19, "ACCOUNT_LOCKED", "Ask Stringee"),
    ],
)
def test_a_code_of_a_call_has_its_name_and_its_mend(r: int, name: str, mend: str) -> None:
    refused = refusal(told(r=r, message="their own words"))
    assert f"refused callout: {name}: their own words (r {r})." in str(refused)
    assert mend in refused.mend
    assert (refused.fate, refused.r) == (Fate.REFUSED, r)
    assert isinstance(refused, ApiError)


def test_a_code_that_nobody_documented_is_told_word_for_word() -> None:
    assert str(refusal(told(r=77, message="Moon is full"))) == (
        "Stringee refused callout: Moon is full (r 77)."
    )
    assert "refused callout: no message (r 77)." in str(refusal(told(r=77)))
    assert "from the contact centre" in str(refusal(told(r=77, msg="from the contact centre")))


def test_what_is_no_call_has_no_codes_of_calls() -> None:
    refused = refusal(told(r=4, message="no such number"), "/v1/number/12", "PUT")
    assert str(refused) == "Stringee refused PUT number: no such number (r 4)."


def test_an_error_that_stringee_does_not_know_itself_may_have_dialled() -> None:
    refused = refusal(told(r=9))
    assert refused.fate is Fate.UNKNOWN
    assert "may have dialled" in refused.mend
    assert refusal(told(500, r=3)).fate is Fate.UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [
        told(403, r=5, message="keySid invalid"),
        told(200, r=5, message="KeySid invalid"),
        told(401, r=6, message="token expired"),
        Answer(HTML, 403),
    ],
)
def test_a_key_that_is_refused_names_the_region_as_a_cause(answer: Answer) -> None:
    refused = refusal(answer)
    assert refused.unauthorized
    assert "STRINGEE_API_KEY_SID" in refused.mend
    assert "region" in refused.mend
    assert refused.fate is Fate.REFUSED


def test_a_token_that_may_not_use_the_api_is_told() -> None:
    refused = refusal(told(r=45, message="not a rest token"))
    assert refused.unauthorized
    assert "no token of the REST API" in refused.mend


def test_numbers_and_tokens_in_the_platform_s_words_are_masked() -> None:
    message = "84912345678 with eyJ0eXAiOiJK.eyJqdGkiOiJTSy4.abcdefghi"
    said = str(refusal(told(r=77, message=message)))
    assert said == "Stringee refused callout: 8491*****78 with *** (r 77)."


def test_a_call_s_id_is_not_taken_for_a_number() -> None:
    assert masked("no call-vn-1-ABCDWXKUQM-1542377678921") == (
        "no call-vn-1-ABCDWXKUQM-1542377678921"
    )


@pytest.mark.parametrize(
    ("status", "fate"),
    [(200, Fate.UNKNOWN), (404, Fate.REFUSED), (408, Fate.UNKNOWN), (502, Fate.UNKNOWN)],
)
def test_a_web_page_is_told_as_such(status: int, fate: Fate) -> None:
    refused = refusal(Answer(HTML, status))
    assert f"a web page instead of JSON (HTTP {status})" in str(refused)
    assert "STRINGEE_API_URL" in refused.mend
    assert refused.fate is fate


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "nothing"),
        (b"nope", "no JSON"),
        (b'{"r": NaN}', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1]", "no object"),
        (b"{}", "no r"),
        (b'{"r": true}', "no r"),
        (b'{"r": "x"}', "no r"),
    ],
)
def test_an_answer_that_is_none_may_have_dialled(body: bytes, what: str) -> None:
    refused = refusal(Answer(body))
    assert f"with {what}" in str(refused) or what in str(refused)
    assert refused.fate is Fate.UNKNOWN
    assert "may have dialled" in refused.mend


def test_r_0_under_an_error_status_does_not_count() -> None:
    assert refusal(told(500, r=0)).fate is Fate.UNKNOWN


def test_what_is_read_needs_no_r() -> None:
    with RestServer(told(data={"numbers": []})) as server, server.rest() as rest:
        assert rest.get("/v1/number") == {"data": {"numbers": []}}


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * (MAX_BYTES + 1))
    refused = refusal(Answer(bomb, headers={"Content-Encoding": "gzip"}))
    assert "more than 16 MiB" in str(refused)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_the_other_place_never_asked(status: int) -> None:
    with RestServer(told(r=0)) as other:
        headers = {"Location": f"{other.url}/v1/call2/callout?access_token=1"}
        refused = refusal(Answer(b"", status, headers))
    assert other.seen == []
    assert f"redirects callout to 127.0.0.1 (HTTP {status})" in str(refused)
    assert refused.fate is (Fate.UNKNOWN if status == 303 else Fate.REFUSED)


@pytest.mark.parametrize(
    "url", ["http://api.stringee.com", "http://10.0.0.1", "ftp://127.0.0.1", "127.0.0.1:1", ""]
)
def test_plain_http_is_refused_except_to_this_machine(url: str) -> None:
    with pytest.raises(StringeeError, match="https") as caught:
        Rest(KEY, url=url)
    assert caught.value.fate is Fate.NOT_SENT


def test_a_call_without_an_answer_is_never_sent_again() -> None:
    refused = refusal(Answer(None))
    assert "did not answer within 0.3 s" in str(refused)
    assert refused.fate is Fate.UNKNOWN
    assert refused.mend == "It may have dialled; look before trying again (`offhook calls list`)."


def test_after_silence_what_only_reads_may_be_tried_again() -> None:
    assert refusal(Answer(None), "/v1/call/log", "GET").mend == "It only reads; try again."
    assert "may have been done" in refusal(Answer(None), "/v1/number/1", "PUT").mend


def test_nobody_there_is_told_as_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with (
            Rest(KEY, url=f"http://127.0.0.1:{taken.getsockname()[1]}") as rest,
            pytest.raises(StringeeError, match="takes no connections") as caught,
        ):
            rest.post("/v1/call2/callout", {})
    assert caught.value.fate is Fate.NOT_SENT
    assert "STRINGEE_API_URL" in caught.value.mend
    assert "dialled" not in str(caught.value)


def test_a_proxy_of_the_environment_does_not_see_what_stays_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RestServer(Answer(HTML, 502)) as proxy, RestServer(told(r=0)) as server:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with server.rest() as rest:
            assert rest.get("/v1/number") == {"r": 0}
    assert proxy.seen == []
