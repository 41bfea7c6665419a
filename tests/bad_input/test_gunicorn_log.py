"""What gunicorn itself logs holds nothing that a sender chose: no query, no number, no state."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from journal_of import parametrized
from serving import ROOT, Server, serving

NUMBER = "33612345678"
STATE = "SEALEDSTATE"
QUERY = f"call=stringee:1&turn=2&state={STATE}&from={NUMBER}"
TARGET = f"/callr/reception?{QUERY}"
HEAD = f"POST {TARGET} HTTP/1.1\r\nHost: x\r\n"
SECRET = "YWNtZTpwYXNzd29yZA=="


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that logs all that gunicorn has to say."""
    folder = tmp_path_factory.mktemp("talkative")
    with serving(folder, GUNICORN_CMD_ARGS="--log-level debug --access-logfile -") as server:
        yield server


def sent(server: Server, request: str) -> bytes:
    """Send bytes as they stand and no more; gives what comes back."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port or 0), timeout=30) as sender:
        sender.sendall(request.encode("latin-1"))
        sender.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sender.recv(4096), b""))


def check_that_nothing_is_quoted(log: str) -> None:
    for chosen in (NUMBER, STATE, SECRET, "PASSWORD", "from="):
        assert chosen not in log, log


MALFORMED = {
    "a line without a version": (f"POST {TARGET}\r\n\r\n", "Invalid HTTP request line"),
    "a version that there is not": (f"POST {TARGET} HTTP/9.9\r\n\r\n", "Invalid HTTP Version"),
    "a word for a version": (f"GET {TARGET} {NUMBER}\r\n\r\n", "Invalid HTTP"),
    "a method that is none": (f"{NUMBER}?{QUERY} / HTTP/1.1\r\n\r\n", "Invalid HTTP method"),
    "a header without a colon": (f"{HEAD}Basic {SECRET}\r\n\r\n", "Invalid HTTP Header"),
    "a header's name with blanks": (f"{HEAD}A {SECRET}: x\r\n\r\n", "Invalid HTTP header name"),
    "a length that is none": (f"{HEAD}Content-Length: {NUMBER}a\r\n\r\n", "Invalid HTTP Header"),
    "a folded header": (f"{HEAD}A: b\r\n {SECRET}\r\n\r\n", "Obsolete line folding"),
    "an expectation": (f"{HEAD}Expect: {NUMBER}\r\n\r\n", "Unable to comply with expectation"),
    "a coding": (f"{HEAD}Transfer-Encoding: {NUMBER}\r\n\r\n", "Unsupported transfer coding"),
    "a line that is too long": (f"POST {TARGET}{'0' * 9000} HTTP/1.1\r\n\r\n", "too large"),
}


@parametrized("case", MALFORMED)
def test_a_malformed_request_is_told_and_not_quoted(
    talkative: Server, case: tuple[str, str]
) -> None:
    request, told = case
    before = len(talkative.log())
    assert sent(talkative, request).startswith(b"HTTP/1.1 4") or "Transfer" in request
    said = talkative.log()[before:]
    assert told in said
    check_that_nothing_is_quoted(said)


def test_a_request_that_breaks_off_is_not_quoted(talkative: Server) -> None:
    told = "Ignored premature client disconnection. No more data after."
    before = talkative.log().count(told)
    assert sent(talkative, HEAD) == b""
    talkative.wait_for_log(told, before + 1)
    check_that_nothing_is_quoted(talkative.log())


def test_a_request_that_is_served_is_logged_without_its_target(talkative: Server) -> None:
    before = talkative.log().count(" bytes ")
    assert b" 401 " in sent(talkative, f"{HEAD}Content-Length: 2\r\n\r\n{{}}")
    talkative.wait_for_log(" bytes ", before + 1)
    check_that_nothing_is_quoted(talkative.log())


def test_a_request_that_fails_is_told_by_its_path_without_numbers(tmp_path: Path) -> None:
    path = f"{ROOT}:{Path(__file__).parent}"
    with serving(tmp_path, wsgi="failing_app:app", PYTHONPATH=path) as server:
        request = f"POST /callr/{NUMBER}/x?{QUERY} HTTP/1.1\r\nHost: x\r\n\r\n"
        assert sent(server, request).startswith(b"HTTP/1.1 500 ")
        server.wait_for_log("RuntimeError: on purpose")
        assert f"Error handling request POST /callr/{'*' * len(NUMBER)}/x" in server.log()
        check_that_nothing_is_quoted(server.log())
