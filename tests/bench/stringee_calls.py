"""The same call on Stringee: answer_url, keys, two people who are not there, its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from calls import WrongReplyError

from app.simulator.stringee import HEADER, sign

SIGNING_KEY = "a-signing-key-of-the-bench"
ENTRIES = ("9", "", "2", "123456")
"""What is pressed at each ``input``: a wrong key; none; support; the order's number."""

NOT_REACHED = 2
"""How many are rung after that in vain."""

REPORTS_A_CALL = 1 + len(ENTRIES) + NOT_REACHED + 1
"""All are turns in the journal: with the answer_url's, and the post that ends the call."""

_PARTIES = {
    "from": {"type": "external", "number": "84900000001", "alias": "84900000001"},
    "to": {"type": "external", "number": "842400000001", "alias": "842400000001"},
}


def request(host: str, method: str, target: str, body: bytes = b"") -> bytes:
    """A signed request, as it goes over the wire."""
    signature = sign(body or target.encode(), SIGNING_KEY)
    head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n{HEADER}: {signature}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def status_post(host: str, call_id: str, status: str, event_id: str, **about: Any) -> bytes:
    """A post of the event_url, with the fields that are documented and seen."""
    told = {
        "event_id": event_id,
        "call_status": status,
        "call_id": call_id,
        "project_id": 22512,
        "account_sid": "AC00000000000000000000000000000000",
        "request_from_user_id": "",
        "timestamp_ms": 1542377678921,
        **_PARTIES,
        "clientCustomData": "",
        "type": "stringee_call",
        "callCreatedReason": "EXTERNAL_CALL_IN",
        **about,
    }
    return request(host, "POST", "/stringee/events", json.dumps(told).encode())


@dataclass
class StringeeCaller:
    """One call, as the platform sees it.

    Attributes:
        number: of the call; its ids are made of it.
        flow: that answers.
        host: and port of the server.
    """

    number: int
    flow: str
    host: str
    sent: int = 0
    _last: list[dict[str, Any]] = field(default_factory=list)
    _first_reply: bytes = b""

    @property
    def call_id(self) -> str:
        return f"call-vn-1-ABCDWXKUQM-{self.number}"

    @property
    def over(self) -> bool:
        return self.sent == REPORTS_A_CALL

    def report(self) -> bytes:
        """The next request."""
        self.sent += 1
        if self.sent == 1:
            return request(self.host, "GET", self._answer_url())
        if self.over:
            return status_post(
                self.host,
                self.call_id,
                "ended",
                f"E-{self.number}",
                endCallCause="USER_END_CALL",
                endedBy="EXTERNAL",
                callType="CALL",
                duration=60,
                answerDuration=58,
            )
        place = self.sent - 2
        told: dict[str, Any] = {"call_id": self.call_id}
        if place < len(ENTRIES):
            keys = ENTRIES[place]
            told |= {"time": "1542377678921", "dtmf": keys, "customField": "", "timeout": not keys}
        else:
            told |= {"call_status": "connect_failed", "agent_status": "ended", **_PARTIES}
        return request(self.host, "POST", self._asked(), json.dumps(told).encode())

    def take(self, reply: bytes) -> None:
        """Read the reply to the last report.

        Raises:
            WrongReplyError: it is not the one that comes next.
        """
        self._first_reply = reply
        if self.over:
            if reply:
                msg = f"{self.call_id}: its end was answered with {reply!r}."
                raise WrongReplyError(msg)
            return
        self._last = json.loads(reply)
        if f"turn={self.sent}&" not in reply.decode():
            msg = f"{self.call_id}: reply {self.sent} is {reply!r}."
            raise WrongReplyError(msg)

    def take_again(self, reply: bytes) -> None:
        """Read the reply to a report that was sent twice.

        Raises:
            WrongReplyError: it is not that to the first.
        """
        if reply != self._first_reply:
            msg = f"{self.call_id}: a repeat got {reply!r} after {self._first_reply!r}."
            raise WrongReplyError(msg)

    def _answer_url(self) -> str:
        query = {
            "from": "84900000001",
            "to": "842400000001",
            "fromInternal": "false",
            "uuid": "f7250000-0000-4000-8000-000000000000",
            "callId": self.call_id,
            "accountId": "1000001",
            "projectId": "22512",
        }
        return f"/stringee/{self.flow}/answer?{urlencode(query)}"

    def _asked(self) -> str:
        """The target of the address that the last list gave to be asked."""
        for action in self._last:
            if action["action"] in {"input", "connect"}:
                where = urlsplit(action.get("eventUrl") or action["onFailEventUrl"])
                return f"{where.path}?{where.query}"
        msg = f"{self.call_id}: reply {self.sent - 1} asks for nothing: {self._last}."
        raise WrongReplyError(msg)


@dataclass
class Watcher:
    """The status posts of one call that are no turns.

    Attributes:
        events: numbers them; each is another.
    """

    number: int
    host: str
    events: Iterator[int]
    left: list[str] = field(default_factory=lambda: ["created", "started", "ringing", "answered"])

    @property
    def over(self) -> bool:
        return not self.left

    def report(self) -> bytes:
        """The next post."""
        call_id = f"call-vn-1-ABCDWXKUQM-{self.number}"
        return status_post(self.host, call_id, self.left.pop(0), f"W-{next(self.events)}")

    def take(self, reply: bytes) -> None:
        """Read the reply.

        Raises:
            WrongReplyError: it is not empty.
        """
        if reply:
            msg = f"a status post was answered with {reply!r}."
            raise WrongReplyError(msg)

    take_again = take
