"""Who gets a client token: the operator's own hook decides, and this makes the token."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from app.callflow.errors import OffhookError, SettingsError
from app.requesting import takes_credentials
from app.settings import Settings
from app.stringee.calls import project_key
from app.stringee.tokens import ApiKey, Token, client_token, user_id_problem

log = logging.getLogger("offhook")

_HOOK = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a hook is given: somebody asks for a client token.

    Attributes:
        headers: by lower-case name.
        cookies: by name.
        body: the JSON object, or the form, that was posted; empty for anything else.
        address: who asked, as the server sees it: behind a proxy, the proxy.
    """

    headers: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    address: str = ""


Hook = Callable[[TokenRequest], str | None]
"""Gives the user id that somebody is; None where there is no token for them."""


class TokenHookError(OffhookError):
    """The operator's hook failed, or gave back what is no user id."""


class NoTokenError(OffhookError):
    """The hook, or the list of origins, lets a request have no token."""

    status = 403


class TokenDesk:
    """Gives client tokens to whom a hook lets through.

    Args:
        hook: the operator's.
        key: of the project.
        origins: those of pages that may ask, such as ``https://app.example.com``.
    """

    def __init__(self, hook: Hook, key: ApiKey, origins: frozenset[str]) -> None:
        self._hook = hook
        self._key = key
        self._origins = origins

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin may ask; what sends none is no page."""
        return not origin or origin in self._origins

    def give(self, asked: TokenRequest) -> tuple[str, Token]:
        """The user id that the hook tells, and a token for it.

        Raises:
            NoTokenError: the hook tells none.
            TokenHookError: it failed.
        """
        try:
            user_id = self._hook(asked)
        except Exception as problem:
            log.exception("the token hook failed")
            raise _failed(f"it raised {type(problem).__name__}") from None
        if user_id is None:
            msg = "There is no token for you."
            raise NoTokenError(msg, mend="Send what the hook of this server asks for.")
        if not isinstance(user_id, str):
            raise _failed(f"it gave back {type(user_id).__name__}, no user id")
        if problem_ := user_id_problem(user_id):
            log.error("the token hook gave back %r: %s", user_id, problem_)
            raise _failed("what it gave back is no user id")
        return user_id, client_token(self._key, user_id)


def token_desk(settings: Settings) -> TokenDesk | None:
    """What gives client tokens; None where STRINGEE_TOKEN_HOOK is not set.

    Raises:
        SettingsError: the hook cannot be used, an origin is none, or there is no API key.
    """
    if not settings.stringee_token_hook:
        return None
    origins = {origin.rstrip("/").lower() for origin in settings.stringee_token_origins}
    for origin in origins:
        if not takes_credentials(origin) or urlsplit(origin).path or "?" in origin:
            msg = f"STRINGEE_TOKEN_ORIGINS: {origin!r} is no origin of https."
            raise SettingsError(msg, mend="Write it like https://app.example.com, without a path.")
    if settings.public_url:
        own = urlsplit(settings.public_url)
        origins.add(f"{own.scheme}://{own.netloc}".lower())
    return TokenDesk(
        load_hook(settings.stringee_token_hook), project_key(settings), frozenset(origins)
    )


def load_hook(name: str) -> Hook:
    """The hook of a name like ``hooks:who_is_it``.

    Raises:
        SettingsError: there is none; says why.
    """
    if not _HOOK.match(name):
        msg = f"STRINGEE_TOKEN_HOOK: {name!r} is not like MODULE:FUNCTION."
        raise SettingsError(msg, mend="Write it like hooks:who_is_it.")
    module_name, _, function_name = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as problem:
        msg = f"STRINGEE_TOKEN_HOOK: {module_name} cannot be imported: "
        msg += f"{type(problem).__name__}: {problem}."
        mend = "The module must be importable from where the server runs."
        raise SettingsError(msg, mend=mend) from problem
    hook = getattr(module, function_name, None)
    if not callable(hook):
        msg = f"STRINGEE_TOKEN_HOOK: {module_name} has no function {function_name}."
        raise SettingsError(msg, mend="Write a function that takes a TokenRequest.")
    found: Hook = hook
    return found


def _failed(why: str) -> TokenHookError:
    return TokenHookError(
        f"The token hook of this server failed: {why}.",
        mend="Look at the server's log.",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
