"""A webhook on loopback that answers as a test says, badly above all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_UP = {"command": "hangup", "command_id": 9, "params": {}, "variables": {}}


def say(text: str) -> dict[str, Any]:
    media = f"TTS|TTS_EN-GB_SERENA|{text}"
    return {"command": "play", "command_id": 1, "params": {"media_id": media}, "variables": {}}


@dataclass
class Webhook:
    """Gives its replies in turn, then hangs up; with ``late`` only when the test is over."""

    replies: list[object]
    status: int = 200
    content_type: str = "application/json"
    late: bool = False
    url: str = ""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def reply(self) -> bytes:
        reply = self.replies.pop(0) if self.replies else HANG_UP
        return reply if isinstance(reply, bytes) else json.dumps(reply).encode()


@contextmanager
def webhook(
    *replies: object,
    status: int = 200,
    content_type: str = "application/json",
    late: bool = False,
) -> Iterator[Webhook]:
    double = Webhook(list(replies), status, content_type, late)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            double.headers.append(dict(self.headers))
            if double.late:
                double.over.wait(20)
            body = double.reply()
            try:
                self.send_response(double.status)
                self.send_header("Content-Type", double.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:  # it was too late
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_address[1]}/callr/test"
    try:
        yield double
    finally:
        double.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
