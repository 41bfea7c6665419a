"""``POST /stringee/token`` over HTTP, on a server as deployed."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from serving import Reply, Server, serving, starting_in_vain

SECRET = "a-secret-of-an-api-key-of-44-letters-and-more"
PAGE = "https://app.example.com"
HOOKS = """\
def who(request):
    told = request.body.get("as")
    if told == "nobody":
        return None
    if told == "trouble":
        raise ValueError("a secret of the operator's")
    if told == "number":
        return 7
    if told == "spaces":
        return "a b"
    if told == "cookie":
        return request.cookies["session"]
    if told == "header":
        return request.headers["x-who"]
    return told
"""
KEY: Any = {"STRINGEE_API_KEY_SID": "SK.0.abc", "STRINGEE_API_KEY_SECRET": SECRET}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "token_hooks.py").write_text(HOOKS)
    with serving(
        folder,
        STRINGEE_TOKEN_HOOK="token_hooks:who",
        STRINGEE_TOKEN_ORIGINS=f"{PAGE}/, http://localhost:3000",
        PUBLIC_URL="https://line.example.com",
        **KEY,
    ) as running:
        yield running


def ask(server: Server, who: str, headers: Mapping[str, str] | None = None) -> Reply:
    about = {"Content-Type": "application/json", **(headers or {})}
    return server.request("POST", "/stringee/token", json.dumps({"as": who}).encode(), about)


def test_whom_the_hook_knows_gets_a_client_token(server: Server) -> None:
    reply = ask(server, "user_1")
    assert reply.status == 200
    assert reply.json.keys() == {"access_token", "user_id", "expires_at"}
    claims = jwt.decode(reply.json["access_token"], SECRET, algorithms=["HS256"])
    assert (claims["userId"], claims["iss"]) == ("user_1", "SK.0.abc")
    assert claims["exp"] == reply.json["expires_at"]
    assert 3500 < claims["exp"] - time.time() <= 3600
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_hook_sees_headers_cookies_and_form(server: Server) -> None:
    assert ask(server, "cookie", {"Cookie": "session=u7"}).json["user_id"] == "u7"
    assert ask(server, "header", {"X-Who": "u8"}).json["user_id"] == "u8"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert server.request("POST", "/stringee/token", b"as=u9", form).json["user_id"] == "u9"


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 403), ("trouble", 500), ("number", 500), ("spaces", 500)]
)
def test_a_hook_that_tells_nobody_or_fails_gives_no_token(
    server: Server, who: str, status: int
) -> None:
    reply = ask(server, who)
    assert reply.status == status
    assert reply.json["error"]["status"] == status
    assert "access_token" not in reply.body.decode()
    assert "operator" not in reply.body.decode()


def test_what_a_hook_raised_is_in_the_log(server: Server) -> None:
    ask(server, "trouble")
    server.wait_for_log("ValueError: a secret of the operator's")


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[1]", b"[" * 10_000])
def test_a_body_that_is_no_object_is_an_empty_one(server: Server, body: bytes) -> None:
    reply = server.request("POST", "/stringee/token", body, {"Content-Type": "application/json"})
    assert reply.status == 403


@pytest.mark.parametrize(
    "origin", [PAGE, "HTTPS://APP.example.com", "http://localhost:3000", "https://line.example.com"]
)
def test_pages_of_listed_origins_and_of_our_own_may_ask(server: Server, origin: str) -> None:
    reply = ask(server, "user_1", {"Origin": origin})
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == origin
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert reply.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://app.example.com",
        f"{PAGE}.evil.com",
        "null",
        f"{PAGE}:444",
    ],
)
def test_no_other_page_gets_a_token(server: Server, origin: str) -> None:
    reply = ask(server, "user_1", {"Origin": origin})
    assert reply.status == 403
    assert "STRINGEE_TOKEN_ORIGINS" in reply.json["error"]["mend"]
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_page_that_may_ask_can_read_why_it_gets_none(server: Server) -> None:
    assert ask(server, "nobody", {"Origin": PAGE}).headers["Access-Control-Allow-Origin"] == PAGE


def test_a_browser_is_told_whether_it_may_ask(server: Server) -> None:
    about = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    reply = server.request("OPTIONS", "/stringee/token", headers=about)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE
    assert reply.headers["Access-Control-Allow-Methods"] == "POST"
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    other = server.request(
        "OPTIONS", "/stringee/token", headers={**about, "Origin": "https://evil.example.com"}
    )
    assert other.status == 403
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_token_is_asked_for_by_post_alone(server: Server) -> None:
    assert server.request("GET", "/stringee/token").status == 405


def test_a_path_of_public_url_may_stand_in_front_or_be_taken_away(tmp_path: Path) -> None:
    (tmp_path / "token_hooks.py").write_text(HOOKS)
    public = "https://example.com/telephony"
    with serving(
        tmp_path, STRINGEE_TOKEN_HOOK="token_hooks:who", PUBLIC_URL=public, **KEY
    ) as server:
        about = {"Content-Type": "application/json", "Origin": "https://example.com"}
        told = [
            server.request("POST", f"{path}/stringee/token", b'{"as": "user_1"}', about).status
            for path in ("/telephony", "", "/elsewhere")
        ]
        assert server.request("GET", "/telephony/healthz").status == 200
    assert told == [200, 200, 404]


def test_without_a_hook_there_are_no_tokens_and_the_setting_is_named(tmp_path: Path) -> None:
    with serving(tmp_path, **KEY) as server:
        reply = ask(server, "user_1", {"Origin": PAGE})
    assert reply.status == 404
    assert "STRINGEE_TOKEN_HOOK" in reply.json["error"]["mend"]
    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"STRINGEE_TOKEN_HOOK": "token_hooks"}, "'token_hooks' is not like MODULE:FUNCTION."),
        ({"STRINGEE_TOKEN_HOOK": "nowhere:who"}, "ModuleNotFoundError: No module named 'nowhere'"),
        ({"STRINGEE_TOKEN_HOOK": "token_hooks:whom"}, "token_hooks has no function whom."),
        ({"STRINGEE_TOKEN_HOOK": "token_hooks:__name__"}, "token_hooks has no function __name__."),
        ({"STRINGEE_API_KEY_SID": ""}, "STRINGEE_API_KEY_SID=..."),
        ({"STRINGEE_TOKEN_ORIGINS": "*"}, "'*' is no origin of https."),
        ({"STRINGEE_TOKEN_ORIGINS": "http://app.example.com"}, "is no origin of https."),
        ({"STRINGEE_TOKEN_ORIGINS": f"{PAGE}/chat"}, "is no origin of https."),
    ],
)
def test_what_is_wrong_stops_the_start(
    tmp_path: Path, changes: Mapping[str, Any], told: str
) -> None:
    (tmp_path / "token_hooks.py").write_text(HOOKS)
    ended = starting_in_vain(
        tmp_path, **{**KEY, "STRINGEE_TOKEN_HOOK": "token_hooks:who", **changes}
    )
    assert ended.code != 0
    assert told in ended.said
    assert "Traceback" not in ended.said


def test_a_hook_whose_module_fails_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "token_hooks.py").write_text("1 / 0\n")
    ended = starting_in_vain(tmp_path, STRINGEE_TOKEN_HOOK="token_hooks:who", **KEY)
    assert "token_hooks cannot be imported: ZeroDivisionError" in ended.said


def test_bodies_that_do_not_come_hold_no_threads(server: Server) -> None:
    """Anybody may ask for a token; calls must not wait for whoever does."""
    where = urlsplit(server.url)
    head = b"POST /stringee/token HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n{"
    with ExitStack() as slow:
        connections = [
            slow.enter_context(socket.create_connection((where.hostname or "", where.port)))
            for _ in range(40)
        ]
        for connection in connections:
            connection.sendall(head)
        assert ask(server, "user_1").status == 200
        connections[0].settimeout(30)
        assert connections[0].recv(100).startswith(b"HTTP/1.1 408 ")
