"""The calls of the bench: ``reception``, seven UP turns, then the caller hangs up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from serving import FIRST_REPORT, Server

RESULTS = ("0", "9", "TIMEOUT", "2", "123456", "NOANSWER", "0")
"""What each UP brings: the welcome is over; a wrong key; none; support; the order's number; nobody
answers there; "nobody is free" is over. The caller hangs up while a message is asked for."""

REPORTS_A_CALL = len(RESULTS) + 2
REPEAT_EVERY = 50


class WrongReplyError(Exception):
    """A server did not answer as it must; its figures mean nothing."""


def posted(server: Server, flow: str = "reception") -> Callable[[bytes], bytes]:
    """Makes the request of a report, as CALLR posts it to a flow of a server."""
    host = urlsplit(server.url).netloc
    head = (
        f"POST /callr/{flow} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n"
        f"Authorization: {server.basic}\r\nContent-Type: application/json\r\n"
        "Content-Length: "
    ).encode()
    return lambda body: head + b"%d\r\n\r\n" % len(body) + body


@dataclass
class Caller:
    """One call, as the platform sees it.

    Attributes:
        callid: as CALLR numbers calls.
        numbered: whether replies must be numbered 1, 2, 3 ...; those of the echo are not.
    """

    callid: int
    numbered: bool
    sent: int = 0
    _last: dict[str, Any] = field(default_factory=dict)
    _first_reply: bytes = b""

    @property
    def over(self) -> bool:
        return self.sent == REPORTS_A_CALL

    def report(self) -> bytes:
        """The next report."""
        changes: dict[str, Any] = {"callid": self.callid}
        if self.sent:
            changes |= {key: self._last[key] for key in ("command", "command_id", "variables")}
            told = self.sent <= len(RESULTS)
            changes["call_status"] = "UP" if told else "HANGUP"
            changes["command_result"] = RESULTS[self.sent - 1] if told else ""
        self.sent += 1
        return json.dumps({**FIRST_REPORT, **changes}, separators=(",", ":")).encode()

    def take(self, reply: bytes) -> None:
        """Read the reply to the last report.

        Raises:
            WrongReplyError: it is not the one that comes next.
        """
        self._first_reply = reply
        if self.over:
            if self.numbered and reply:
                msg = f"call {self.callid}: the hang-up was answered with {reply!r}."
                raise WrongReplyError(msg)
            return
        self._last = json.loads(reply)
        if self.numbered and self._last["command_id"] != self.sent:
            msg = f"call {self.callid}: reply {self.sent} is {reply!r}."
            raise WrongReplyError(msg)

    def take_again(self, reply: bytes) -> None:
        """Read the reply to a report that was sent twice.

        Raises:
            WrongReplyError: it is not that to the first.
        """
        if reply != self._first_reply:
            msg = f"call {self.callid}: a repeat got {reply!r} after {self._first_reply!r}."
            raise WrongReplyError(msg)
