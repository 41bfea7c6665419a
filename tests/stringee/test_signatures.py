"""X-STRINGEE-SIGNATURE, with the vectors of the facts and whatever else may come in its place."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.callflow.errors import SettingsError, SignatureError, UnauthorizedError
from app.ports import WireRequest
from app.stringee.signatures import Signatures, candidates, shape_problem, sign

KEY = "test-signing-secret"
PUBLIC = "https://line.example.com"
ANSWER = (
    "/stringee/answer?from=user_1&to=user_2&fromInternal=true&userId=user_1&projectId=22512"
    "&callId=call-vn-1-ABCDWXKUQM-1542377678921&custom="
)
ENDED = b'{"call_status":"ended","call_id":"call-vn-1-AAAA-1"}'
EVERY = (("", KEY),)


def get(target: str, signature: str | None) -> WireRequest:
    query = dict(reversed(parse_qsl(urlsplit(target).query)))
    headers = {} if signature is None else {"x-stringee-signature": signature}
    return WireRequest("GET", target, headers, b"", "reception", query)


def post(body: bytes, signature: str, target: str = "/stringee/events") -> WireRequest:
    return WireRequest("POST", target, {"x-stringee-signature": signature}, body, "events")


def by(key: str, data: bytes) -> str:
    return sign(data, key).decode()


@pytest.mark.parametrize(
    "request_",
    [
        get(ANSWER, "PsYDNyjo6PLo36PfcwxnQy+vT4g="),
        get(f"{ANSWER}hello%20world", "wro5NPx81wBNeG83G2mwuiMVzI0="),
        post(ENDED, "JnSmG/H0R5NZUDkunYbReD6r4E4="),
    ],
    ids=["a GET", "a GET with a space", "a POST"],
)
def test_what_stringee_signed_is_taken(request_: WireRequest) -> None:
    Signatures(EVERY, PUBLIC).check(request_)


@pytest.mark.parametrize(
    "signed",
    [
        "/stringee/answer?custom=a%20b&from=%2B84900000001&name=%C3%A9",
        "/stringee/answer?custom=a+b&from=%2B84900000001&name=%C3%A9",
        "/stringee/answer?custom=a%20b&from=+84900000001&name=é",
    ],
    ids=["spaces as %20", "as it came", "before it was encoded"],
)
def test_a_url_may_have_been_signed_as_it_is_spelled_or_as_it_is_meant(signed: str) -> None:
    came = "/stringee/answer?custom=a+b&from=%2B84900000001&name=%C3%A9"
    if "from=+" in signed:
        came = "/stringee/answer?custom=a%20b&from=%2B84900000001&name=%C3%A9"
    Signatures(EVERY, PUBLIC).check(get(came, by(KEY, signed.encode())))


def test_a_path_that_the_proxy_takes_away_was_signed_with_it() -> None:
    signature = by(KEY, b"/telephony/stringee/reception/answer?from=1")
    inside = get("/stringee/reception/answer?from=1", signature)
    Signatures(EVERY, "https://example.com/telephony").check(inside)
    with pytest.raises(SignatureError):
        Signatures(EVERY, PUBLIC).check(inside)


def test_a_path_that_the_proxy_leaves_is_not_put_in_front_again() -> None:
    request = get("/telephony/stringee/reception/answer?from=1", "x")
    found = candidates(request, "https://example.com/telephony")
    assert [one.data for one in found] == [b"/telephony/stringee/reception/answer?from=1"]


def test_a_whole_url_as_target_counts_as_its_path_and_query() -> None:
    signature = by(KEY, b"/stringee/reception/answer?from=1")
    target = "http://line.example.com/stringee/reception/answer?from=1"
    Signatures(EVERY, PUBLIC).check(get(target, signature))


def test_a_url_without_a_query_is_signed_without_a_question_mark() -> None:
    Signatures(EVERY, PUBLIC).check(get("/stringee/x/answer", by(KEY, b"/stringee/x/answer")))


def altered(what: str) -> WireRequest:
    right = by(KEY, ANSWER.encode())
    sha256 = base64.b64encode(hmac.digest(KEY.encode(), ENDED, hashlib.sha256)).decode()
    return {
        "another query": get(f"{ANSWER}x", right),
        "another path": get(ANSWER.replace("answer", "other", 1), right),
        "another body": post(ENDED + b" ", by(KEY, ENDED)),
        "the URL of a POST": post(ENDED, by(KEY, b"/stringee/events")),
        "another key": get(ANSWER, by("another", ANSWER.encode())),
        "SHA-256": post(ENDED, sha256),
        "hexadecimal": post(ENDED, hmac.digest(KEY.encode(), ENDED, "sha1").hex()),
        "nothing": get(ANSWER, ""),
        "no header": get(ANSWER, None),
        "no ASCII": get(ANSWER, "é\udce9\x00"),
    }[what]


@pytest.mark.parametrize(
    "what",
    [
        "another query",
        "another path",
        "another body",
        "the URL of a POST",
        "another key",
        "SHA-256",
        "hexadecimal",
        "nothing",
        "no header",
        "no ASCII",
    ],
)
def test_what_was_not_signed_so_is_refused_with_403(what: str) -> None:
    with pytest.raises(SignatureError) as caught:
        Signatures(EVERY, PUBLIC).check(altered(what))
    assert caught.value.status == 403
    assert isinstance(caught.value, UnauthorizedError)


def test_a_refusal_names_project_and_url_and_nothing_that_is_secret() -> None:
    keys = (("22512", "first-secret-key"), ("22512", "second-secret-key"))
    with pytest.raises(SignatureError) as caught:
        Signatures(keys, "https://example.com/telephony").check(get(ANSWER, "c2lnbmF0dXJl"))
    told = str(caught.value)
    assert "project 22512" in told
    assert "GET https://example.com/telephony/stringee/answer" in told
    assert "none of 2 signing keys" in told
    for secret in ("secret-key", "user_1", "call-vn-1", "c2lnbmF0dXJl"):
        assert secret not in told


def test_a_project_that_has_a_key_takes_its_own_only() -> None:
    keys = (("22512", "its own"), ("99", "another's"), ("", "everybody's"))
    check = Signatures(keys, PUBLIC).check
    check(get(ANSWER, by("its own", ANSWER.encode())))
    for foreign in ("another's", "everybody's"):
        with pytest.raises(SignatureError):
            check(get(ANSWER, by(foreign, ANSWER.encode())))


@pytest.mark.parametrize("named", [b"22512", b'"22512"'])
def test_a_post_names_its_project_in_its_json(named: bytes) -> None:
    body = b'{"project_id": %s, "call_id": "a"}' % named
    check = Signatures((("22512", "its own"), ("99", "another's")), PUBLIC).check
    check(post(body, by("its own", body)))
    with pytest.raises(SignatureError, match="project 22512"):
        check(post(body, by("another's", body)))


def test_the_key_of_the_project_that_the_query_names_does_not_count_for_anothers_post() -> None:
    body = b'{"project_id": 22512, "call_id": "a"}'
    check = Signatures((("22512", "its own"), ("99", "another's")), PUBLIC).check
    forged = WireRequest(
        "POST", "/x", {"x-stringee-signature": by("another's", body)}, body, "", {"projectId": "99"}
    )
    with pytest.raises(SignatureError, match="project 22512"):
        check(forged)


@pytest.mark.parametrize(
    "body", [b"", b"no JSON", b"[" * 100_000, b"[1]", b'{"project_id": true}', b'{"call_id": "a"}']
)
def test_a_request_that_names_no_project_may_be_of_any(body: bytes) -> None:
    check = Signatures((("22512", "its own"), ("99", "another's")), PUBLIC).check
    check(post(body, by("another's", body)))
    with pytest.raises(SignatureError, match="no project named"):
        check(post(body, by("nobody's", body)))


def test_a_project_without_a_key_says_the_line_to_add() -> None:
    with pytest.raises(SignatureError) as caught:
        Signatures((("99", "another's"),), PUBLIC).check(
            get(ANSWER, by("another's", ANSWER.encode()))
        )
    assert "Add 22512=KEY to STRINGEE_SIGNING_KEY." in str(caught.value)


def test_the_key_before_is_taken_while_it_is_changed() -> None:
    check = Signatures((("22512", "new"), ("22512", "old")), PUBLIC).check
    check(get(ANSWER, by("old", ANSWER.encode())))
    check(get(ANSWER, by("new", ANSWER.encode())))


def test_without_any_key_nothing_is_taken_and_the_setting_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        Signatures((), PUBLIC).check(get(ANSWER, by("", ANSWER.encode())))
    assert caught.value.status == 503
    assert "STRINGEE_SIGNING_KEY=" in caught.value.mend


@pytest.mark.parametrize(
    ("signature", "problem"),
    [
        ("PsYDNyjo6PLo36PfcwxnQy+vT4g=", ""),
        ("3ec603372", "hexadecimal"),
        ("?", "no base64"),
        (base64.b64encode(bytes(32)).decode(), "32 bytes"),
    ],
)
def test_a_signature_made_otherwise_is_told_by_its_shape(signature: str, problem: str) -> None:
    told = shape_problem(signature)
    assert problem in told
    assert bool(told) == bool(problem)


def test_a_number_in_a_path_is_not_told_to_the_log() -> None:
    with pytest.raises(SignatureError) as caught:
        Signatures(EVERY, PUBLIC).check(get("/stringee/84900000001/answer?callId=1", "x"))
    assert "84900000001" not in str(caught.value)
    assert f"{PUBLIC}/stringee/***********/answer" in str(caught.value)
