"""A voice app for tests: an HTTP server that answers reports from a list of replies."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_UP = {"command": "hangup", "command_id": "end", "params": {}, "variables": {}}


def command(name: str, command_id: object = 1, /, **params: object) -> dict[str, Any]:
    return {"command": name, "command_id": command_id, "params": params, "variables": {}}


@dataclass
class Got:
    """One report as it came."""

    headers: Mapping[str, str]
    path: str
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.raw)
        return data


@dataclass
class Answer:
    """One answer: JSON of anything, or raw bytes; perhaps not 200; perhaps never."""

    body: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    hold: threading.Event | None = None

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Replies = Callable[[Got], object]


class VoiceApp:
    """Answers live reports with the replies in turn (then hangup), ended calls with nothing."""

    def __init__(self, replies: list[object] | Replies) -> None:
        self.got: list[Got] = []
        self._replies = replies
        self._lock = threading.Lock()
        self._next = 0
        self.url = ""

    @property
    def statuses(self) -> list[str]:
        return [got.json["call_status"] for got in self.got]

    def answer(self, got: Got) -> Answer:
        with self._lock:
            self.got.append(got)
            if callable(self._replies):
                reply = self._replies(got)
            elif got.json["call_status"] in {"INCOMING_CALL", "UP"}:
                self._next += 1
                rest = self._replies[self._next - 1 :]
                reply = rest[0] if rest else HANG_UP
            else:
                reply = b""
        return reply if isinstance(reply, Answer) else Answer(reply)


@contextmanager
def voice_app(*replies: object, by: Replies | None = None) -> Iterator[VoiceApp]:
    app = VoiceApp(by or list(replies))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            answer = app.answer(Got(dict(self.headers), self.path, raw))
            if answer.hold is not None:
                answer.hold.wait(20)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.raw)))
            self.end_headers()
            self.wfile.write(answer.raw)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    app.url = f"http://127.0.0.1:{server.server_address[1]}/callr/test"
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
