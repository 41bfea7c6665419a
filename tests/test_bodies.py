"""A body is read from gunicorn's own reader, which may hold it already, or only a part of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped] # it has no stubs
from gunicorn.http import get_parser  # type: ignore[import-untyped] # nor here

from app.callflow.errors import PlatformError
from app.web.webhooks import BODY_PATIENCE_S, _body

BODY = b'{"callid": 1}'
HEAD = b"POST /callr/reception HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class Watched:
    """A connection that notes which timeouts are set on it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.timeouts: list[float | None] = []

    def recv(self, size: int) -> bytes:
        return self._connection.recv(size)

    def gettimeout(self) -> float | None:
        return self._connection.gettimeout()

    def shutdown(self, how: int) -> None:
        self._connection.shutdown(how)

    def settimeout(self, seconds: float | None) -> None:
        self.timeouts.append(seconds)
        self._connection.settimeout(seconds)


@contextmanager
def sent(data: bytes) -> Iterator[tuple[Watched, socket.socket, dict[str, object]]]:
    """The connection on which this came, who sent it, and the environment of its request."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        watched = Watched(ours)
        request = next(get_parser(Config(), watched, ("127.0.0.1", 1)))
        length = str(len(BODY))
        environ = {"wsgi.input": request.body, "gunicorn.socket": watched, "CONTENT_LENGTH": length}
        yield watched, theirs, environ


def test_a_body_that_came_with_its_headers_is_read_without_a_timeout() -> None:
    with sent(HEAD + BODY) as (watched, _, environ):
        assert _body(environ, BODY_PATIENCE_S) == BODY
        assert watched.timeouts == []


def test_a_body_that_comes_later_is_waited_for_and_the_connection_left_as_it_was() -> None:
    with sent(HEAD + BODY[:5]) as (watched, sender, environ):
        sender.sendall(BODY[5:])
        assert _body(environ, BODY_PATIENCE_S) == BODY
        assert watched.timeouts == [BODY_PATIENCE_S, None]


def test_a_body_that_lacks_its_end_is_let_go() -> None:
    with sent(HEAD + BODY[:-1]) as (watched, _, environ):
        with pytest.raises(PlatformError, match="the body did not come within") as refused:
            _body(environ, BODY_PATIENCE_S)
        assert refused.value.status == 408
        assert watched.timeouts == [BODY_PATIENCE_S, None]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_comes_byte_by_byte_is_let_go(*, chunked: bool) -> None:
    """No pause of it is too long; meanwhile it would hold a thread for hours."""
    head = HEAD.replace(b"Content-Length: 13", b"Transfer-Encoding: chunked") if chunked else HEAD
    with sent(head) as (watched, sender, environ):
        if chunked:
            environ |= {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
        over = threading.Event()

        def drip() -> None:
            while not over.wait(0.05):
                sender.sendall(b"0" if chunked else b" ")

        with ThreadPoolExecutor(1) as pool:
            dripping = pool.submit(drip)
            began = time.monotonic()
            with pytest.raises(PlatformError, match="the body did not come within") as refused:
                _body({**environ, "CONTENT_LENGTH": "" if chunked else "60000"}, 0.2)
            took = time.monotonic() - began
            over.set()
            dripping.exception()
        assert refused.value.status == 408
        assert 0.4 < took < 5
        assert watched.timeouts == [0.2, None]
