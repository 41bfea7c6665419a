"""Makes the JSON Web Tokens that Stringee takes.

HS256, the key the secret as the dashboard shows it; ``cty`` in the header, else "keySid invalid"
(developer.stringee.com/docs/client-authentication, .../account-rest-api-authentication;
stringeecom/server-samples access_token). ``exp`` is in seconds. The ``jti`` of the samples is
``<SID>-<seconds>``; a random end keeps two tokens of one second apart.
"""

from __future__ import annotations

import re
import secrets
import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import jwt

from app.callflow.errors import OffhookError

LASTS_S = 3600
"""Seconds that a token is good for, as in the vendor's samples; no limit is documented."""

REST_LASTS_S = 300
"""Seconds that a token of ours for the REST API is good for: it is made for each client anew."""

MAX_USER_CHARS = 128
_USER = re.compile(r"[A-Za-z0-9_.@-]{1,128}\Z")
_HEADER = {"cty": "stringee-api;v=1"}


class UserIdError(OffhookError):
    """A text cannot be the id of a client's user."""

    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What signs tokens: an API key of a project, or an account's key.

    Attributes:
        sid: ``SK...`` of an API key, ``AC...`` of an account.
        secret: as the dashboard shows it.
    """

    sid: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token.

    Attributes:
        text: the token itself; whoever has it is who it says until it is over.
        expires_at: Unix seconds.
    """

    text: str = field(repr=False)
    expires_at: int


def client_token(
    key: ApiKey,
    user_id: str,
    *,
    contact_center: bool = False,
    lasts_s: int = LASTS_S,
    now: float | None = None,
    suffix: str | None = None,
) -> Token:
    """A token with which a client app connects as a user.

    Args:
        key: of the project.
        user_id: a name of your own; Stringee knows it from the first token on.
        contact_center: of Stringee's contact centre (``icc_api``).
        lasts_s: seconds that it is good for.
        now: Unix seconds; None is the clock's.
        suffix: the end of ``jti``, "" for none; None is a random one.

    Raises:
        UserIdError: no id that is known to be taken.
    """
    if problem := user_id_problem(user_id):
        msg = f"{user_id!r} is no user id: {problem}"
        raise UserIdError(msg)
    claims: dict[str, Any] = {"userId": user_id}
    if contact_center:
        claims["icc_api"] = True
    return _token(key, claims, lasts_s, now, suffix)


def rest_token(
    key: ApiKey,
    *,
    lasts_s: int = REST_LASTS_S,
    now: float | None = None,
    suffix: str | None = None,
) -> Token:
    """A token of the REST API: of the Call API with a project's key, of the account with its own.

    Arguments as for ``client_token``.
    """
    return _token(key, {"rest_api": True}, lasts_s, now, suffix)


def user_id_problem(user_id: str) -> str:
    """Why a user id may not work, "" where nothing is known against it.

    What Stringee takes is not documented; ids travel in queries, so these have nothing in them that
    is spelled otherwise there.
    """
    if _USER.match(user_id):
        return ""
    return f"it takes 1 to {MAX_USER_CHARS} letters, digits, _ . @ and -."


def _token(
    key: ApiKey, claims: dict[str, Any], lasts_s: int, now: float | None, suffix: str | None
) -> Token:
    seconds = int(time.time() if now is None else now)
    end = secrets.token_hex(4) if suffix is None else suffix
    jti = f"{key.sid}-{seconds}" + (f"-{end}" if end else "")
    expires_at = seconds + lasts_s
    payload = {"jti": jti, "iss": key.sid, "exp": expires_at, **claims}
    with warnings.catch_warnings():
        # A secret is as long as Stringee made it; one that was cut by mistake, Stringee refuses.
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        text = jwt.encode(
            payload, key.secret, algorithm="HS256", headers=_HEADER, sort_headers=False
        )
    return Token(text=text, expires_at=expires_at)
