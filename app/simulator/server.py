"""The simulated platforms, served on loopback."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app.simulator.account import Account
from app.simulator.in_progress import MOST_CALLS
from app.simulator.people import People
from app.simulator.phones import Phones
from app.simulator.platform import Platform
from app.simulator.readings import Conditions
from app.simulator.record import Facts
from app.simulator.stringee.account import StringeeAccount
from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.platform import StringeePlatform
from app.simulator.transcript import Listener
from app.simulator.web import RPC_PATH, create_app

HOST = "127.0.0.1"


class Simulator:
    """CALLR and Stringee, telephones and a server, from `start` to `stop`; a context manager too.

    Args:
        account: credentials and numbers; a random password by default.
        port: where to listen on 127.0.0.1; 0 takes a free one.
        conditions: speed, readings and hostility of all calls.
        most_calls: how many calls there can be at once.
        watch: asked at each call's beginning who is to be told its events.
        stringee_account: credentials and numbers of the simulated Stringee; random by default.
        stringee_conditions: speed, readings and hostility of its calls; `conditions` has CALLR's.
    """

    def __init__(
        self,
        account: Account | None = None,
        *,
        port: int = 0,
        conditions: Conditions | None = None,
        most_calls: int = MOST_CALLS,
        watch: Callable[[Facts], Listener] | None = None,
        stringee_account: StringeeAccount | None = None,
        stringee_conditions: StringeeConditions | None = None,
    ) -> None:
        people = People()
        self.platform = Platform(
            account, conditions=conditions, most_calls=most_calls, watch=watch, people=people
        )
        self.stringee = StringeePlatform(
            stringee_account,
            conditions=stringee_conditions,
            most_calls=most_calls,
            watch=watch,
            people=people,
        )
        self.phones = Phones(self.platform, self.stringee)
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def account(self) -> Account:
        """Whose platform it is."""
        return self.platform.account

    @property
    def url(self) -> str:
        """Where it is served, without a slash at the end.

        Raises:
            RuntimeError: it is not started.
        """
        if self._server is None:
            msg = "the simulator is not started: call start() first"
            raise RuntimeError(msg)
        return f"http://{HOST}:{self._server.port}"

    @property
    def api_url(self) -> str:
        """The JSON-RPC URL, for `callr.Api.set_api_url`."""
        return self.url + RPC_PATH

    def start(self) -> None:
        """Listen, and serve in a thread.

        Raises:
            OSError: the port is taken.
        """
        app = create_app(self.platform, self.phones, self.stringee)
        # werkzeug would print, and end the process, where it cannot listen itself.
        with socket.create_server((HOST, self._port)) as listening:
            self._server = make_server(
                HOST,
                self._port,
                app,
                threaded=True,
                request_handler=_QuietHandler,
                fd=listening.fileno(),
            )
        self.platform.origin = self.stringee.origin = self.url
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator"
        )
        self._thread.start()

    def stop(self) -> None:
        """Hang up every call, put every phone away, and stop listening. May be called twice."""
        self.phones.stop()
        self.platform.stop()
        self.stringee.stop()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _QuietHandler(WSGIRequestHandler):
    """Serves without a line on stderr for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""
