"""Checking the tokens of Stringee's REST API: JWTs, HS256, the secret taken as it is displayed.

Header, claims and both errors stand in the vendor's pages of authentication and in what customers
report; what is said of a token that is too old, or wrongly signed, is assumed to be the same.
"""

import time
from typing import Any, Final

import jwt

CTY: Final = "stringee-api;v=1"
KEY_INVALID: Final = 5
NO_REST_TOKEN: Final = 45
LONGEST_S: Final = 10 * 365 * 86_400.0
"""An `exp` beyond this is in milliseconds; that such a token is refused is assumed."""


class TokenError(Exception):
    """A token is refused; `r` and the text are what the API answers, with HTTP 403."""

    def __init__(self, r: int, message: str) -> None:
        super().__init__(message)
        self.r = r
        self.message = message


def issuer_of(token: str) -> str:
    """Who made a token, unchecked.

    Raises:
        TokenError: it is none, or has not the header of the vendor's.
    """
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise TokenError(KEY_INVALID, "keySid invalid") from error
    if header.get("cty") != CTY or header.get("alg") != "HS256":
        raise TokenError(KEY_INVALID, "keySid invalid")
    return str(claims.get("iss", ""))


def check_rest_token(token: str, secret: str) -> None:
    """Check that a token of the REST API was made with a secret and is still good.

    Raises:
        TokenError: it is refused.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=["HS256"], options={"require": ["exp", "iss", "jti"]}
        )
    except jwt.PyJWTError as error:
        raise TokenError(KEY_INVALID, "keySid invalid") from error
    if claims["exp"] > time.time() + LONGEST_S:
        raise TokenError(KEY_INVALID, "keySid invalid")
    if claims.get("rest_api") is not True:
        raise TokenError(NO_REST_TOKEN, "access token is not a rest api token")
