"""Requests without the right credentials: refused alike, told apart in the log alone, counted."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pytest
from journal_of import check_refusal, logging_only, new_callid, turns_of
from serving import FIRST_REPORT, LOGIN, PASSWORD, Reply, Server

pytest_plugins = "bad_input_server"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


REFUSED = {
    "no header": ("", "no Authorization header."),
    "an empty Basic": ("Basic", "login or password is wrong."),
    "no base64": ("Basic !!!", "the Authorization header is no base64."),
    "base64 with rubbish": (basic(f"{LOGIN}:{PASSWORD}") + "!", "no base64."),
    "a bearer token": ("Bearer token-of-tests", "the Authorization header is not Basic."),
    "a wrong password": (basic(f"{LOGIN}:wrong-secret"), "login or password is wrong."),
    "a wrong login": (basic(f"x:{PASSWORD}"), "login or password is wrong."),
    "no password": (basic(f"{LOGIN}:"), "login or password is wrong."),
    "no colon": (basic(LOGIN + PASSWORD), "login or password is wrong."),
    "the beginning of the password": (basic(f"{LOGIN}:{PASSWORD[:-1]}"), "is wrong."),
    "other letters": (basic(f"{LOGIN}:påsswörd"), "login or password is wrong."),
    "no text": ("Basic " + base64.b64encode(b"\xff\xfe").decode(), "is wrong."),
}


def report(server: Server, callid: int, authorization: str, flow: str = "reception") -> Reply:
    headers = {"Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    body = json.dumps({**FIRST_REPORT, "callid": callid}).encode()
    return server.request("POST", f"/callr/{flow}", body, headers)


def refusals(server: Server) -> Mapping[str, int]:
    """How many reports were refused since the server started, by flow."""
    told = server.request(
        "GET", "/api/refusals", headers={"Authorization": "Bearer token-of-tests"}
    )
    assert told.status == 200
    counts: dict[str, int] = {}
    for hour in told.json.values():
        for flow, number in hour.items():
            counts[flow] = counts.get(flow, 0) + number
    return counts


@pytest.mark.parametrize(("authorization", "cause"), REFUSED.values(), ids=REFUSED.keys())
def test_a_report_without_the_right_credentials_is_refused(
    server: Server, authorization: str, cause: str
) -> None:
    callid = new_callid()
    with logging_only(server, cause):
        reply = report(server, callid, authorization)
    check_refusal(reply, 401, "The credentials are absent or wrong.")
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="offhook", charset="UTF-8"'
    assert reply.body == report(server, callid, "").body, "the cause is for the log alone"
    assert not turns_of(server, callid)
    for secret in ("wrong-secret", "token-of-tests", PASSWORD[:-1]):
        assert secret not in server.log()


def test_refusals_are_counted_by_hour_and_flow(server: Server) -> None:
    before = refusals(server)
    for flow in ("clinic", "no-such-flow", "another"):
        report(server, new_callid(), "", flow)
    after = refusals(server)
    assert after["clinic"] == before.get("clinic", 0) + 1
    assert after["?"] == before.get("?", 0) + 2
    assert set(after) <= {"clinic", "reception", "?"}


@pytest.mark.parametrize(
    "authorization",
    [
        basic(f"{LOGIN}:{PASSWORD}"),
        basic(f"{LOGIN}:{PASSWORD}").replace("Basic", "bASIC"),
        basic(f"{LOGIN}:the password before"),
    ],
    ids=["the password", "another case of the scheme", "the password before"],
)
def test_the_right_credentials_are_taken(server: Server, authorization: str) -> None:
    callid = new_callid()
    with logging_only(server):
        assert report(server, callid, authorization).status == 200
    assert len(turns_of(server, callid)) == 1


def test_the_password_before_goes_with_the_login_alone(server: Server) -> None:
    assert report(server, new_callid(), basic("x:the password before")).status == 401
