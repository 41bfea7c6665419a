"""Takes the place of `scenario_server` in a changed copy: threads of this process, no gunicorn."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from serving import LOGIN, PASSWORD, environment
from telephone import Telephone
from werkzeug.serving import WSGIRequestHandler, make_server

from app.settings import Settings
from app.web.app import make_app


@dataclass
class ThreadedServer:
    url: str
    environ: Mapping[str, str]
    login: str = LOGIN
    password: str = PASSWORD

    @property
    def database_url(self) -> str:
        return self.environ["DATABASE_URL"]

    def log(self) -> str:
        """None of the scenarios that are played against mutants looks at it."""
        raise NotImplementedError


class QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def telephone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telephone]:
    with threaded(environment(tmp_path_factory.mktemp("scenarios"))) as server:
        yield Telephone(server)


@contextmanager
def threaded(environ: Mapping[str, str]) -> Iterator[ThreadedServer]:
    """A server with these settings, on their port, until the ``with`` ends."""
    app = make_app(Settings.load(environ, env_file=None))
    port = int(environ["PORT"])
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield ThreadedServer(f"http://127.0.0.1:{server.port}", environ)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["offhook"].journal.close()
