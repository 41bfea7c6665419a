"""A server on loopback that answers JSON-RPC as a test says, badly above all."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

JSON_RPC = "application/json-rpc; charset=utf-8"


@dataclass
class Answer:
    """What the server answers: bytes, or a function of the request's id."""

    body: bytes | Callable[[int], bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON_RPC})


@dataclass
class Seen:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    json: dict[str, Any]


def result(value: object) -> Answer:
    return Answer(
        lambda number: json.dumps({"jsonrpc": "2.0", "id": number, "result": value}).encode()
    )


def error(code: object, message: object, *, status: int = 200, **more: object) -> Answer:
    def body(number: int) -> bytes:
        told = {"code": code, "message": message, **more}
        return json.dumps({"jsonrpc": "2.0", "id": number, "error": told}).encode()

    return Answer(body, status=status, headers={"Content-Type": "text/html"})


class Silence:
    """The server reads the request, and says nothing until the test is over."""


class Hangup:
    """The server reads the request, and closes the connection."""


class AnsweringServer:
    """Answers every request with ``answer``; ``seen`` holds what came in."""

    def __init__(
        self, answer: Answer | Silence | Hangup, tls: ssl.SSLContext | None = None
    ) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self.over = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server._handle(self)

            def do_GET(self) -> None:
                server._handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
                """Nothing: the test looks at ``seen``."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        if tls:
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused handshakes
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._http.server_port}/json-rpc/v1.1/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.over.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        content = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        told = json.loads(content) if content else {}
        self.seen.append(Seen(request.path, dict(request.headers.items()), told))
        match self.answer:
            case Silence():
                self.over.wait(30)
            case Hangup():
                request.close_connection = True
            case Answer(body, status, headers):
                content = body if isinstance(body, bytes) else body(told.get("id", 0))
                request.send_response(status)
                for name, value in headers.items():
                    request.send_header(name, value)
                request.send_header("Content-Length", str(len(content)))
                request.end_headers()
                request.wfile.write(content)
