"""What may stand between a platform and a server: it passes requests on, changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import requests


class Proxy:
    """Passes requests on to a server.

    Args:
        behind: the server's origin.
        eats: headers that it does not pass on, in lower case.
        asleep_s: seconds that the first request waits.
        sleep: waits.
    """

    def __init__(
        self,
        behind: str,
        *,
        eats: Collection[str] = (),
        asleep_s: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.paths: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if not proxy.paths:
                    sleep(asleep_s)
                proxy.paths.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept = {k: v for k, v in self.headers.items() if k.lower() not in {*eats, "host"}}
                answer = requests.post(
                    behind + self.path, data=body, headers=kept, timeout=30, auth=_leave
                )
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
                """Nothing: the test looks at ``paths``."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._http.server_port}"
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


def _leave(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials of ``~/.netrc``."""
    return request
