"""Tokens, byte for byte as Stringee's own samples make them."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from app.stringee.tokens import ApiKey, UserIdError, client_token, rest_token

KEY = ApiKey(sid="SK.0.test", secret="secret")
LONG = ApiKey(sid="SK.0.test", secret="x" * 44)
HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImN0eSI6InN0cmluZ2VlLWFwaTt2PTEifQ"


def claims(text: str) -> dict[str, Any]:
    read: dict[str, Any] = jwt.decode(
        text, LONG.secret, algorithms=["HS256"], options={"verify_exp": False}
    )
    return read


def test_a_client_token_is_the_vendor_s_byte_for_byte() -> None:
    token = client_token(KEY, "user_1", now=1_700_000_000, suffix="")
    assert token.text == (
        f"{HEADER}.eyJqdGkiOiJTSy4wLnRlc3QtMTcwMDAwMDAwMCIsImlzcyI6IlNLLjAudGVzdCIsImV4cCI6MTcwMD"
        "AwMzYwMCwidXNlcklkIjoidXNlcl8xIn0.fGWKrME6RXkWjk-1dhgT4b8U3GECfN75HN3QYetrelI"
    )
    assert token.expires_at == 1_700_003_600


def test_a_rest_token_is_the_vendor_s_byte_for_byte() -> None:
    assert rest_token(KEY, lasts_s=3600, now=1_700_000_000, suffix="").text == (
        f"{HEADER}.eyJqdGkiOiJTSy4wLnRlc3QtMTcwMDAwMDAwMCIsImlzcyI6IlNLLjAudGVzdCIsImV4cCI6MTcwMD"
        "AwMzYwMCwicmVzdF9hcGkiOnRydWV9.JCBS5SCMupxFamcOHlGh_d9wyzg5sKh0GWsMoWlgUVM"
    )


def test_a_token_of_the_contact_centre_says_so() -> None:
    token = client_token(LONG, "user_1", contact_center=True, now=1.9, suffix="ab", lasts_s=60)
    assert claims(token.text) == {
        "jti": "SK.0.test-1-ab",
        "iss": "SK.0.test",
        "exp": 61,
        "userId": "user_1",
        "icc_api": True,
    }


def test_a_rest_token_names_no_user_and_an_account_signs_its_own() -> None:
    told = claims(rest_token(ApiKey(sid="AC0", secret=LONG.secret), now=0, suffix="x").text)
    assert told == {"jti": "AC0-0-x", "iss": "AC0", "exp": 300, "rest_api": True}


def test_two_tokens_of_one_second_have_two_ids() -> None:
    ids = {claims(client_token(LONG, "user_1", now=5).text)["jti"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("user", ["user_1", "A.b-c@example.com", "x" * 128])
def test_a_user_id_that_is_spelled_alike_everywhere_is_taken(user: str) -> None:
    assert claims(client_token(LONG, user, now=0).text)["userId"] == user


@pytest.mark.parametrize("user", ["", "a b", "a+b", "é", "x" * 129, "a\n", "a%20b", "a&b"])
def test_any_other_user_id_is_an_error_and_makes_no_token(user: str) -> None:
    with pytest.raises(UserIdError, match="no user id"):
        client_token(LONG, user)


def test_neither_secret_nor_token_shows_in_a_repr() -> None:
    token = client_token(LONG, "user_1", now=0)
    assert LONG.secret not in repr(LONG)
    assert token.text not in repr(token)
