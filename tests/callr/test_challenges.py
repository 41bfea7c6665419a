"""Whether the credentials come unasked is noticed by whichever process of a server they come to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest
from reports import INCOMING, RECEIVED, provider, request

from app.callflow.errors import UnauthorizedError
from app.callr.challenges import CHALLENGED
from app.callr.provider import CallrProvider
from app.callr.verifying import VERIFY
from app.ports import WireRequest


def verifying(callid: int = 1) -> WireRequest:
    return request(json.dumps(json.loads(INCOMING) | {"callid": callid}), flow=VERIFY.name)


def refuse(platform: CallrProvider, asked: WireRequest) -> None:
    with pytest.raises(UnauthorizedError):
        platform.authenticate(asked._replace(headers={}))


def incidents(platform: CallrProvider, asked: WireRequest) -> tuple[str, ...]:
    platform.authenticate(asked)
    return platform.read(asked, RECEIVED).incidents


def in_another_process(does: Callable[[], object]) -> None:
    """Fork, do it there, and wait for its end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            does()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert status == 0


def test_a_report_that_comes_first_without_credentials_is_noticed() -> None:
    platform = provider()
    refuse(platform, verifying())
    assert incidents(platform, verifying()) == (CHALLENGED,)
    assert incidents(platform, verifying(callid=2)) == ()


def test_it_is_noticed_where_the_two_come_to_two_processes() -> None:
    platform = provider()
    in_another_process(lambda: refuse(platform, verifying()))
    assert incidents(platform, verifying()) == (CHALLENGED,)


def test_wrong_credentials_are_no_challenge_and_other_flows_are_not_watched() -> None:
    platform = provider()
    wrong = verifying()._replace(headers={"authorization": "Basic eDp5"})
    with pytest.raises(UnauthorizedError):
        platform.authenticate(wrong)
    assert incidents(platform, verifying()) == ()
    other = request(INCOMING)
    refuse(platform, other)
    assert incidents(platform, other) == ()


def test_whoever_posts_without_credentials_can_only_make_it_forget() -> None:
    platform = provider()
    refuse(platform, verifying())
    for callid in range(1000, 3000):
        refuse(platform, verifying(callid))
    assert incidents(platform, verifying()) == ()
    refuse(platform, verifying())
    assert incidents(platform, verifying()) == (CHALLENGED,)
