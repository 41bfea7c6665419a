"""One HTTP request to a server under test, and its whole reply, within one deadline.

Written on `http.client`, because the deadline is for the whole reply: a server that sends one byte
a second is late as well. Redirects are not followed, and no proxy of the environment is used.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

MOST_BODY: Final = 1_000_000
_PIECES: Final = 10
_PATH: Final = "/%:@!$&'()*+,;=~-._"


class ServerFaultError(Exception):
    """The voice app did not answer as the protocol demands. The text says what came instead."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: whatever status, whatever bytes. `challenge` is the WWW-Authenticate."""

    status: int
    content_type: str
    body: bytes
    took_s: float
    challenge: str = ""


def check_url(url: str) -> None:
    """Refuse a URL to which nothing could be sent.

    Raises:
        ValueError: it is not http(s), has no host, or carries credentials itself.
    """
    parts = urlsplit(url)
    _ = parts.port  # raises where it is none
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        msg = f"{url!r} is no http(s) URL of a host, without credentials in it"
        raise ValueError(msg)


def target_of(url: str) -> str:
    """Path and query of a URL as they are sent, what must be quoted quoted."""
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe=_PATH)
    return path + ("?" + quote(parts.query, safe=_PATH + "?") if parts.query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request to send.

    Attributes:
        method: GET or POST.
        url: where to; http or https.
        headers: all but Host and Content-Length.
        body: the bytes to post.
        began: since when the time runs, of the monotonic clock.
        within_s: real seconds for all of it: connecting, sending, and the last byte of the reply.
        send_over_s: real seconds over which the sending is spread; they come on top of `within_s`.
    """

    method: str = "POST"
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    began: float
    within_s: float
    send_over_s: float = 0.0

    def run(self) -> Answered:
        """Send it, and wait for the whole reply.

        Raises:
            ServerFaultError: nobody answered, or not in time, or not in whole.
        """
        connection = _connection(self.url, self.within_s)
        left = self.began + self.within_s - time.monotonic()
        guard = _Guard(max(0.0, left) + self.send_over_s)
        try:
            connection.connect()
            guard.watch(connection.sock)
            self._send(connection)
            with connection.getresponse() as response:
                content = response.read(MOST_BODY + 1)
                missing = response.length
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The connection's own patience may end a moment before the guard's.
            if guard.late or (guard.connected and isinstance(error, TimeoutError)):
                raise ServerFaultError(self._late()) from error
            raise ServerFaultError(guard.blame(self.url, error)) from error
        finally:
            guard.stop()
            connection.close()
        if guard.late:
            raise ServerFaultError(self._late())
        if len(content) > MOST_BODY:
            raise ServerFaultError(f"too long: the reply has more than {MOST_BODY} bytes")
        if missing:
            raise ServerFaultError(_cut(self.url, f"{missing} bytes are missing"))
        kind = response.getheader("Content-Type", "")
        challenge = response.getheader("WWW-Authenticate", "")
        took_s = time.monotonic() - self.began
        return Answered(response.status, kind, content, took_s, challenge)

    def _send(self, connection: http.client.HTTPConnection) -> None:
        connection.putrequest(self.method, target_of(self.url), skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        if self.method != "GET":
            connection.putheader("Content-Length", str(len(self.body)))
        if self.send_over_s <= 0 or not self.body:
            connection.endheaders(self.body)
            return
        connection.endheaders()
        size = -(-len(self.body) // _PIECES)
        for start in range(0, len(self.body), size):
            time.sleep(self.send_over_s / _PIECES)
            connection.send(self.body[start : start + size])

    def _late(self) -> str:
        return f"late: no reply within {self.within_s:.1f} s"


class _Guard:
    """Cuts a connection whose time is up, whatever it is doing."""

    def __init__(self, seconds: float) -> None:
        self.late = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._time_is_up)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connected: socket.socket | None) -> None:
        """The connection is there: this is its socket."""
        with self._lock:
            self._socket = connected
            if self.late:
                self._shut()

    @property
    def connected(self) -> bool:
        """Whether there was a connection."""
        return self._socket is not None

    def stop(self) -> None:
        """The exchange is over."""
        self._timer.cancel()
        self._timer.join()

    def blame(self, url: str, error: Exception) -> str:
        """What an error that is not about time says of the server."""
        where = urlsplit(url).netloc
        if isinstance(error, ssl.SSLError):
            return f"unreachable: no TLS with {where}: {error.reason or error}"
        if self._socket is None:
            reason = error.strerror if isinstance(error, OSError) else None
            return f"unreachable: cannot connect to {where}: {reason or error}"
        return _cut(url, type(error).__name__)

    def _time_is_up(self) -> None:
        with self._lock:
            self.late = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it is shut already
                self._socket.shutdown(socket.SHUT_RDWR)


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return make(parts.hostname or "", parts.port, timeout=timeout_s)


def _cut(url: str, how: str) -> str:
    return f"cut: {urlsplit(url).netloc} closed the connection before a whole reply ({how})"
