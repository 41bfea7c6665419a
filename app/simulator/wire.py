"""One POST of a report, and the reading of its reply.

Written on `http.client`, because the deadline is for the whole reply: a server that sends one byte
a second is late as well. Redirects are not followed, and no proxy of the environment is used.
"""

import http.client
import json
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

MOST_BODY: Final = 1_000_000
_PIECES: Final = 10
_PATH: Final = "/%:@!$&'()*+,;=~-._"
_OK: Final = 200
_UNAUTHORIZED: Final = 401
_EXCERPT: Final = 200


class ServerFaultError(Exception):
    """The voice app did not answer as the protocol demands. The text says what came instead."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where reports go, and the Basic credentials sent along; an empty login sends none.

    Raises:
        ValueError: the URL is not http(s), has no host, or carries credentials itself.
    """

    url: str
    login: str = ""
    password: str = ""

    def __post_init__(self) -> None:
        """Refuse a URL to which nothing could be posted."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            msg = f"{self.url!r} is no http(s) URL of a host, without credentials in it"
            raise ValueError(msg)

    @property
    def authorization(self) -> str | None:
        """The Basic header, or None where there are no credentials."""
        if not self.login:
            return None
        return "Basic " + b64encode(f"{self.login}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: whatever status, whatever bytes."""

    status: int
    content_type: str
    body: bytes
    took_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """A proper RT.Response."""

    command: str
    command_id: Any
    params: Mapping[str, Any]
    variables: Mapping[str, Any]


def post(
    endpoint: Endpoint,
    body: bytes,
    *,
    within_s: float,
    challenged: bool = False,
    send_over_s: float = 0.0,
) -> Answered:
    """Post a report and wait for the whole reply.

    Args:
        endpoint: where it goes.
        body: the JSON text.
        within_s: real seconds for all of it: connecting, sending, and the last byte of the reply.
        challenged: send the credentials only after a 401 that asks for Basic.
        send_over_s: real seconds over which the sending is spread; they come on top of `within_s`.

    Raises:
        ServerFaultError: nobody answered, or not in time, or not in whole.
    """
    errand = _Errand(endpoint.url, body, time.monotonic(), within_s, send_over_s)
    authorization = endpoint.authorization
    answered, asked = errand.run(None if challenged else authorization)
    if challenged and authorization and asked:
        answered, _ = errand.run(authorization)
    return answered


@dataclass(frozen=True, slots=True)
class _Errand:
    """One report to deliver within one time limit, in one or two exchanges."""

    url: str
    body: bytes
    began: float
    within_s: float
    send_over_s: float

    def run(self, authorization: str | None) -> tuple[Answered, bool]:
        """One exchange; also tells whether it was refused for want of Basic credentials."""
        connection = _connection(self.url, self.within_s)
        left = self.began + self.within_s - time.monotonic()
        guard = _Guard(max(0.0, left) + self.send_over_s)
        try:
            connection.connect()
            guard.watch(connection.sock)
            self._send(connection, authorization)
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
        asked = response.status == _UNAUTHORIZED and challenge.lower().startswith("basic")
        took_s = time.monotonic() - self.began
        return Answered(response.status, kind, content, took_s), asked

    def _send(self, connection: http.client.HTTPConnection, authorization: str | None) -> None:
        """Send the headers that the vendor's page shows, and the body."""
        parts = urlsplit(self.url)
        path = quote(parts.path or "/", safe=_PATH)
        query = "?" + quote(parts.query, safe=_PATH + "?") if parts.query else ""
        connection.putrequest("POST", path + query, skip_accept_encoding=True)
        connection.putheader("Accept", "*/*")
        if authorization:
            connection.putheader("Authorization", authorization)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(self.body)))
        if self.send_over_s <= 0:
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


def read_reply(answered: Answered) -> tuple[Reply, tuple[str, ...]]:
    """Read a reply strictly: 200 and a JSON object with `command`, `command_id` and `params`.

    `variables` may be absent and is then `{}`, with a warning; which keys the platform needs is
    unknown, and the vendor's own servers send all four.

    Raises:
        ServerFaultError: the reply is anything else.
    """
    if answered.status != _OK:
        raise ServerFaultError(f"HTTP {answered.status}, expected 200: {_excerpt(answered.body)}")
    data = _parse(answered.body)
    for key in ("command", "command_id", "params"):
        if key not in data:
            raise ServerFaultError(f"shape: the reply has no {key!r}: {_excerpt(answered.body)}")
    _demand(data, "command", str, "a string")
    _demand(data, "params", dict, "an object")
    warnings = []
    if "variables" in data:
        _demand(data, "variables", dict, "an object")
    else:
        warnings.append("the reply has no 'variables'; taken as {}")
    if answered.content_type.partition(";")[0].strip().lower() != "application/json":
        warnings.append(
            f"the reply's content type is {answered.content_type!r}, not application/json"
        )
    if not data["command_id"] or data["command_id"] == "0":
        warnings.append(f"command_id {data['command_id']!r} cannot be told from no command")
    elif not isinstance(data["command_id"], int | str):
        warnings.append(f"command_id {data['command_id']!r} is neither an integer nor a string")
    known = {"command", "command_id", "params", "variables"}
    warnings += [f"nobody documents a key {key!r} in a reply" for key in data if key not in known]
    reply = Reply(data["command"], data["command_id"], data["params"], data.get("variables", {}))
    return reply, tuple(warnings)


def _demand(data: Mapping[str, Any], key: str, kind: type, expected: str) -> None:
    if not isinstance(data[key], kind):
        found = json.dumps(data[key])[:_EXCERPT]
        raise ServerFaultError(f"shape: {key!r} is {found}, expected {expected}")


def _parse(body: bytes) -> dict[str, Any]:
    if not body:
        raise ServerFaultError("not JSON: the body is empty")
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ServerFaultError(f"not JSON: {error}: {_excerpt(body)}") from error
    if not isinstance(data, dict):
        raise ServerFaultError(f"shape: the reply is no JSON object: {_excerpt(body)}")
    return data


def _refuse_constant(name: str) -> None:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        msg = "an object has a key twice"
        raise ValueError(msg)
    return data


def _excerpt(body: bytes) -> str:
    return repr(body[:_EXCERPT].decode(errors="replace"))
