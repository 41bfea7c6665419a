"""A server for tests that answers Stringee's requests: one list of replies for each path.

``with scco_server(answer=[[TALK]], input=[[], "late"]) as server``: the first GET of /answer gets
``[TALK]``; what has no list, or no reply left, gets an empty 200.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Got:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def name(self) -> str:
        return urlsplit(self.target).path.strip("/")

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.raw)
        return data


@dataclass
class Answer:
    """One answer: JSON of anything, or raw bytes; perhaps not 200; perhaps never."""

    body: object = b""
    status: int = 200
    content_type: str = "application/json"
    hold: threading.Event | None = None

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class SccoServer:
    """What it answers, and what it got."""

    replies: dict[str, list[object]]
    url: str = ""
    got: list[Got] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, got: Got) -> Answer:
        with self.lock:
            self.got.append(got)
            left = self.replies.get(got.name, [])
            reply = left.pop(0) if left else b""
        return reply if isinstance(reply, Answer) else Answer(reply)

    def at(self, name: str) -> list[Got]:
        """What came to one path."""
        return [got for got in self.got if got.name == name]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [got.json for got in self.at("events")]

    @property
    def statuses(self) -> list[str]:
        return [event["call_status"] for event in self.events]


@contextmanager
def scco_server(**replies: list[object]) -> Iterator[SccoServer]:
    app = SccoServer(replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, raw: bytes) -> None:
            answer = app.answer(Got(self.command, self.path, dict(self.headers), raw))
            if answer.hold is not None:
                answer.hold.wait(20)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
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
    app.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
