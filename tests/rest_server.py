"""A server on loopback that answers REST requests literally, one answer after another."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from app.stringee.rest import Rest
from app.stringee.tokens import ApiKey

KEY = ApiKey(sid="SK.0.test", secret="a-secret-of-an-api-key-of-44-letters-and-more")


@dataclass
class Answer:
    """What is answered; ``None`` as body is silence until the test is over."""

    body: bytes | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def told(status: int = 200, /, **answer: object) -> Answer:
    return Answer(json.dumps(answer).encode(), status)


class RestServer:
    """Gives its answers in turn, the last one again and again; ``seen`` holds what came in."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []
        self.over = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                server._handle(self)

            do_GET = do_POST = do_PUT = handle_any  # noqa: N815 -- the base's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
                """Nothing: the test looks at ``seen``."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def rest(self, **options: float) -> Rest:
        return Rest(KEY, url=self.url, **options)

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        url = urlsplit(request.path)
        headers = dict(request.headers.items())
        query = parse_qs(url.query, keep_blank_values=True)
        self.seen.append(Seen(request.command, url.path, query, headers, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.body is None:
            self.over.wait(30)
            request.close_connection = True
            return
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        request.wfile.write(answer.body)
