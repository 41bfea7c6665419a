"""A simulated platform of which some methods fail: refused, or done and their answer lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import requests


class RefusingPlatform:
    """Passes JSON-RPC on to a simulator.

    Args:
        behind: the simulator's JSON-RPC URL.
        refuses: methods that are refused, from the ``after``-th request on.
        loses: methods that are carried out, and whose answer never comes.
        after: how many requests of a refused method pass first.
    """

    def __init__(
        self,
        behind: str,
        refuses: Collection[str] = (),
        *,
        loses: Collection[str] = (),
        after: int = 0,
    ) -> None:
        self.asked: list[str] = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                method = asked["method"]
                platform.asked.append(method)
                if method in refuses and platform.asked.count(method) > after:
                    told = {"code": 100, "message": "FORBIDDEN"}
                    self._answer({"jsonrpc": "2.0", "id": asked["id"], "error": told})
                    return
                headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
                answer = requests.post(behind, data=body, headers=headers, timeout=30)
                if method in loses:
                    self.close_connection = True
                    return
                self._answer(answer.json(), answer.status_code)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
                """Nothing: the test looks at ``asked``."""

            def _answer(self, told: Any, status: int = 200) -> None:
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._http.server_port}/json-rpc/v1.1/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
