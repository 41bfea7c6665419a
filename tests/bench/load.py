"""Drives a server: many calls at once over kept-alive connections, from one thread."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from calls import REPEAT_EVERY, WrongReplyError

PATIENCE_S = 10.0


class Call(Protocol):
    """One call, as the platform sees it."""

    @property
    def over(self) -> bool:
        """Whether its last report was sent."""
        ...

    def report(self) -> bytes:
        """What is posted next."""
        ...

    def take(self, reply: bytes) -> None:
        """Read the reply to the last report."""
        ...

    def take_again(self, reply: bytes) -> None:
        """Read the reply to a report that was sent twice."""
        ...


@dataclass
class Load:
    """What was sent to a server, and how long it took.

    Attributes:
        reports: all that were sent, repeats included.
        repeats: those that were sent a second time.
        latencies_s: of each report, in seconds: from when it was due to the end of its reply.
        took_s: from the first report to the last reply.
    """

    reports: int = 0
    repeats: int = 0
    latencies_s: list[float] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def new(self) -> int:
        """The reports that were no repeats: as many turns."""
        return self.reports - self.repeats

    def add(self, other: Load) -> None:
        """Count what was sent at another time too."""
        self.reports += other.reports
        self.repeats += other.repeats
        self.latencies_s += other.latencies_s
        self.took_s += other.took_s

    def percentile_ms(self, percent: float) -> float:
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


@dataclass
class _Job:
    """A report to send; ``repeat`` says that it is to be sent again, ``again`` that it was."""

    caller: Call
    body: bytes
    repeat: bool = False
    again: bool = False


class _Connection:
    """One kept-alive connection, with one request on it at a time."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.job: _Job | None = None
        self.due = 0.0
        self._received = b""

    def read(self) -> bytes | None:
        """Read what there is; gives the reply's body once it is whole."""
        chunk = self.socket.recv(65536)
        if not chunk:
            msg = f"the server closed a connection after {self._received!r}."
            raise WrongReplyError(msg)
        self._received += chunk
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        if not head.startswith(b"HTTP/1.1 200 "):
            msg = f"a report was answered with {self._received!r}."
            raise WrongReplyError(msg)
        self._received = b""
        return body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    msg = f"a reply without Content-Length: {head!r}."
    raise WrongReplyError(msg)


class Driver:
    """Sends calls to one server.

    Args:
        url: the server's origin.
        frame: makes the request, as it goes over the wire, of a report.
        connections: open at once, at most.
        per_second: reports sent in a second, whether or not others are answered; 0 sends the next
            as soon as a connection is free.
    """

    def __init__(
        self,
        url: str,
        frame: Callable[[bytes], bytes],
        *,
        connections: int,
        per_second: float = 0,
    ) -> None:
        where = urlsplit(url)
        self._host, self._port = where.hostname or "", where.port or 0
        self._frame = frame
        self._most = connections
        self._gap_s = 1 / per_second if per_second else 0.0
        # select() waits to the microsecond, epoll to the millisecond.
        self._selector = selectors.SelectSelector()
        self._open: list[_Connection] = []
        self._idle: deque[_Connection] = deque()
        self._ready: deque[_Job] = deque()
        self._load = Load()

    def run(self, callers: Iterator[Call]) -> Load:
        """Drive these calls to their ends; connections stay open for the next.

        Raises:
            WrongReplyError: the server did not answer as it must.
        """
        self._load = Load()
        began = time.perf_counter()
        self._run(callers)
        self._load.took_s = time.perf_counter() - began
        return self._load

    def close(self) -> None:
        """Close the connections."""
        self._selector.close()
        for connection in self._open:
            connection.socket.close()

    def _run(self, callers: Iterator[Call]) -> None:
        due = time.perf_counter()
        while True:
            now = time.perf_counter()
            while due <= now and (self._idle or len(self._open) < self._most):
                job = self._next(callers)
                if job is None:
                    if len(self._idle) == len(self._open):
                        return
                    due = now  # what comes next is due when it comes
                    break
                self._send(job, due if self._gap_s else now)
                due += self._gap_s
            events = self._selector.select(due - now if due > now else PATIENCE_S)
            if not events and due <= now:
                msg = f"the server was silent for {PATIENCE_S:.0f} s."
                raise WrongReplyError(msg)
            for key, _ in events:
                self._receive(key.data)

    def _next(self, callers: Iterator[Call]) -> _Job | None:
        if self._ready:
            return self._ready.popleft()
        caller = next(callers, None)
        return None if caller is None else _Job(caller, caller.report())

    def _send(self, job: _Job, due: float) -> None:
        if self._idle:
            connection = self._idle.popleft()
        else:
            connection = _Connection(self._host, self._port)
            self._open.append(connection)
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.job, connection.due = job, due
        connection.socket.sendall(self._frame(job.body))
        self._load.reports += 1
        self._load.repeats += job.again
        job.repeat = not job.again and self._load.new % REPEAT_EVERY == 0

    def _receive(self, connection: _Connection) -> None:
        reply, job = connection.read(), connection.job
        if reply is None or job is None:
            return
        self._load.latencies_s.append(time.perf_counter() - connection.due)
        self._idle.append(connection)
        if job.again:
            job.caller.take_again(reply)
        else:
            job.caller.take(reply)
        if job.repeat:
            self._ready.append(_Job(job.caller, job.body, again=True))
            return
        if not job.caller.over:
            self._ready.append(_Job(job.caller, job.caller.report()))
