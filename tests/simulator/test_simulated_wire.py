"""Servers that answer in ways which no HTTP framework would."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from voice_app import HANG_UP, voice_app

from app.simulator import Conditions, Readings, Scripted, ring
from app.simulator.deadline import ServerFaultError
from app.simulator.wire import Endpoint, post

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"


@contextmanager
def raw_server(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """Serves one connection with the function; the event is set when the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                request = b""
                while not request.endswith(b"}"):
                    request += connection.recv(65536)
                serve(connection, over)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            over.set()
            thread.join()


def fault(url: str) -> str:
    with pytest.raises(ServerFaultError) as caught:
        post(Endpoint(url), b"{}", within_s=0.3)
    return str(caught.value)


@pytest.mark.parametrize("head", [HEAD, HEAD[:-2] + b"Connection: close\r\n\r\n", HEAD[:20]])
def test_a_reply_that_drips_is_late_although_each_byte_is_in_time(head: bytes) -> None:
    def drip(connection: socket.socket, over: threading.Event) -> None:
        with suppress(OSError):
            connection.sendall(head)
            while not over.wait(0.02):
                connection.sendall(b" ")

    with raw_server(drip) as url:
        assert fault(url) == "late: no reply within 0.3 s"


def say_nothing(_: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def test_a_server_that_never_says_anything_is_late() -> None:
    with raw_server(say_nothing) as url:
        assert fault(url) == "late: no reply within 0.3 s"


def test_a_connection_that_closes_early_is_told_apart() -> None:
    with raw_server(lambda connection, _: connection.sendall(HEAD + b"{")) as url:
        assert "closed the connection before a whole reply (499 bytes are missing)" in fault(url)


def test_a_reply_without_end_is_not_read_for_ever() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 1_100_000

    def serve(connection: socket.socket, _: threading.Event) -> None:
        with suppress(OSError):
            connection.sendall(endless)

    with raw_server(serve) as url, pytest.raises(ServerFaultError, match="too long"):
        post(Endpoint(url), b"{}", within_s=5)


def test_a_server_that_hangs_up_at_once_is_told_apart() -> None:
    with raw_server(lambda _, __: None) as url:
        assert "before a whole reply (RemoteDisconnected)" in fault(url)


def test_what_is_no_http_is_a_fault_and_not_a_crash() -> None:
    with raw_server(lambda connection, _: connection.sendall(b"hello\r\n")) as url:
        record = ring(
            url,
            person=Scripted(),
            conditions=Conditions(speed=1000, readings=Readings(reply_within_s=0.3)),
        )
    assert "BadStatusLine" in record.faults[0]
    assert record.status == "HANGUP"


def test_the_query_of_a_url_is_sent_along() -> None:
    with voice_app(HANG_UP) as app:
        url = f"{app.url}/é?lang=fr&x=%20"
        assert post(Endpoint(url), b'{"call_status": "UP"}', within_s=5).status == 200
    assert app.got[0].path == "/callr/test/%C3%A9?lang=fr&x=%20"
