"""An app at an address, for tests of who asks it: answers each path as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 30.0


@dataclass
class Answer:
    """An answer: JSON, or the bytes of a body; ``breaks`` cuts it off, ``waits`` delays it."""

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False
    waits: threading.Event | None = None

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def refusal(status: int, message: str, mend: str = "") -> Answer:
    """An error as Offhook tells it."""
    return Answer({"error": {"status": status, "message": message, "mend": mend}}, status)


@dataclass
class Seen:
    """A request as it came in."""

    what: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class AppDouble:
    """What answers, by method and path, and what was asked."""

    url: str
    answers: dict[str, Answer]
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def app_double(**answers: Answer) -> Iterator[AppDouble]:
    """An app that answers ``journal`` (GET /api/journal) and ``calls`` (POST /api/calls)."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            app.seen.append(Seen(f"{self.command} {self.path}", dict(self.headers), body))
            answer = app.answers.get(self.path.rpartition("/")[2], Answer(status=404))
            if answer.waits is not None:
                answer.waits.wait(PATIENCE_S)
            if answer.breaks or over.is_set():
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
            """Nothing: the test looks at ``seen``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    app = AppDouble(f"http://127.0.0.1:{server.server_port}", answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield app
    finally:
        over.set()
        for answer in answers.values():
            if answer.waits is not None:
                answer.waits.set()
        server.shutdown()
        thread.join()
        server.server_close()
