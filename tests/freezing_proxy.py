"""A database server that freezes when told to."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class FreezingProxy:
    """Stands before a server on a port of its own, and stops forwarding when told to.

    Connections stay open and new ones are taken: as with a server that was stopped, nothing but
    the answer fails.

    Args:
        url: of the server's database.

    Attributes:
        url: of the same database, through this.
    """

    def __init__(self, url: str) -> None:
        server = urlsplit(url)
        self._server = (server.hostname or "127.0.0.1", server.port or 5432)
        self._listening = socket.create_server(("127.0.0.1", 0))
        login, at, _ = server.netloc.rpartition("@")
        netloc = f"{login}{at}127.0.0.1:{self._listening.getsockname()[1]}"
        self.url = urlunsplit(server._replace(netloc=netloc))
        self._flowing = threading.Event()
        self._flowing.set()
        self._frozen: list[threading.Event] = []
        self._sockets = [self._listening]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def freeze(self) -> None:
        self._flowing.clear()

    def freeze_what_is_open(self) -> None:
        """Freeze the connections there are, for good; new ones reach the server."""
        self._flowing.clear()
        self._frozen.append(self._flowing)
        self._flowing = threading.Event()
        self._flowing.set()

    def thaw(self) -> None:
        self._flowing.set()

    def close(self) -> None:
        for flowing in (self._flowing, *self._frozen):
            flowing.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in tuple(self._threads):
            thread.join(10)
        for one in self._sockets:
            one.close()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._server)
                self._sockets += [near, far]
                self._start(self._forward, near, far, self._flowing)

    def _forward(self, near: socket.socket, far: socket.socket, flowing: threading.Event) -> None:
        other = {near: far, far: near}
        with suppress(OSError), selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ)
            selector.register(far, selectors.EVENT_READ)
            while True:
                for ready, _ in selector.select():
                    source = ready.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(65536)
                    flowing.wait()
                    other[source].sendall(data)
                    if not data:
                        other[source].shutdown(socket.SHUT_WR)
                        return
