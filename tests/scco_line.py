"""Stringee on one end of the line, the switchboard on the other, and a journal in memory between.

Every list of actions is read by the simulator's strict parser, which stands for the platform.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from callr_line import SECRET_KEY, MemoryJournal

from app.callflow import Flow
from app.ports import Start, WireReply, WireRequest
from app.refusals import Refusals
from app.sealing import Seal
from app.simulator.stringee import HEADER, Scco, read_scco, sign
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import Signatures
from app.switchboard import Fetch, Switchboard

KEY = "signing-key-of-tests"
PUBLIC_URL = "https://line.example.com/voice"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CALL_ID = "call-vn-1-ABCDEFGHIJ-1754868214204"
FROM_A_PHONE = {
    "from": "84900000001",
    "to": "842400000002",
    "fromInternal": "false",
    "callId": CALL_ID,
    "accountId": "1000001",
    "projectId": "2000002",
}
FROM_AN_APP = {
    "from": "user_1",
    "to": "user_2",
    "fromInternal": "true",
    "userId": "user_1",
    "projectId": "2000002",
    "callId": CALL_ID,
    "custom": "",
}


class Line:
    """A line: flows, Stringee's provider, and everything that answers.

    Attributes:
        journal: what was recorded.
    """

    def __init__(
        self,
        flows: Sequence[Flow],
        *,
        journal: MemoryJournal | None = None,
        fetches: Mapping[str, Fetch] | None = None,
        **provider: Any,
    ) -> None:
        self.journal = journal or MemoryJournal()
        self.provider = provider_of(**provider)
        self.switchboard = Switchboard(
            {flow.name: flow for flow in flows},
            self.journal,
            Seal(SECRET_KEY, ""),
            fetches or {},
            Refusals(),
            lambda: NOW,
        )

    def asks(self, path: str, query: Mapping[str, str] | str = "") -> WireReply:
        """GET an address, signed as Stringee does."""
        written = query if isinstance(query, str) else _query(query)
        target = f"/voice/stringee/{path}?{written}"
        return self._handle("GET", path, written, b"", sign(target.encode(), KEY))

    def posts(self, path: str, body: bytes | Mapping[str, Any], query: str = "") -> WireReply:
        """POST to an address, signed."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._handle("POST", path, query, raw, sign(raw, KEY))

    def _handle(self, method: str, path: str, query: str, body: bytes, signature: str) -> WireReply:
        address = self.provider.address(path.split("/"))
        assert address is not None
        assert method in address.methods
        request = WireRequest(
            method=method,
            target=f"/voice/stringee/{path}?{query}",
            headers={HEADER.lower(): signature},
            body=body,
            flow=address.flow,
            kind=address.kind,
            query=dict(reversed(parse_qsl(query))),
        )
        return self.switchboard.handle(self.provider, request)

    def rings(
        self, flow: str = "line", given: Mapping[str, str] = FROM_A_PHONE, **changes: str
    ) -> LineCall:
        """A call comes in."""
        call = LineCall(self)
        return call.takes(self.asks(f"{flow}/answer", {**given, **changes}))

    def places(self, start: Start) -> LineCall:
        """A call that we place: its first list, before anybody is rung."""
        self.journal.write_start(start)
        report = self.provider.placed_by(start, NOW)
        reply = self.switchboard.begin(self.provider, report, start.flow)
        assert reply is not None
        return LineCall(self).takes(reply)


@dataclass
class LineCall:
    """One call as Stringee sees it.

    Attributes:
        scco: the last list, read.
        lists: how many there were.
    """

    line: Line
    scco: Scco = field(default_factory=Scco)
    lists: int = 0

    def takes(self, reply: WireReply) -> LineCall:
        """Read a reply as strictly as the platform's parser does."""
        assert (reply.status, reply.content_type) == (200, "application/json")
        scco = read_scco(reply.body, content_type=reply.content_type)
        assert scco.refusal is None, f"{scco.refusal} {reply.body!r}"
        assert not scco.warnings, f"{scco.warnings} {reply.body!r}"
        self.scco, self.lists = scco, self.lists + 1
        return self

    @property
    def actions(self) -> list[dict[str, Any]]:
        return [dict(action) for action in self.scco.given]

    @property
    def names(self) -> list[str]:
        return [action["action"] for action in self.actions]

    @property
    def said(self) -> list[str]:
        return [action["text"] for action in self.actions if action["action"] == "talk"]

    @property
    def waits(self) -> str:
        """What the list ends with, where Stringee asks after it: ``input`` or ``connect``."""
        last = self.actions[-1] if self.actions else {}
        asks = last.get("action") == "input" or last.get("continueOnFail")
        return str(last["action"]) if asks else ""

    def _where(self, name: str) -> tuple[str, str]:
        url = urlsplit(self.actions[-1][name])
        assert f"{url.scheme}://{url.netloc}" == "https://line.example.com"
        return url.path.removeprefix("/voice/stringee/"), url.query

    def presses(self, keys: str, **more: Any) -> LineCall:
        path, query = self._where("eventUrl")
        body = {"time": "1", "dtmf": keys, "call_id": CALL_ID, "customField": "", **more}
        return self.takes(self.line.posts(path, {"timeout": not keys, **body}, query))

    def is_not_reached(self, **more: Any) -> LineCall:
        path, query = self._where("onFailEventUrl")
        body = {"call_status": "connect_failed", "call_id": CALL_ID, **more}
        return self.takes(self.line.posts(path, body, query))

    def ends(self, **more: Any) -> str:
        """The status post of the end; gives the outcome."""
        body = {
            "call_status": "ended",
            "call_id": CALL_ID,
            "endCallCause": "USER_END_CALL",
            "endedBy": "INTERNAL",
            "event_id": "E",
            "callCreatedReason": "EXTERNAL_CALL_IN",
            "answerDuration": 3,
            **more,
        }
        assert self.line.posts("events", body) == WireReply(b"")
        call = self.line.journal.last.call
        return call.outcome if call else ""

    @property
    def incidents(self) -> str:
        return "\n".join(one for turn in self.line.journal.turns for one in turn.incidents)


def provider_of(**changes: Any) -> StringeeProvider:
    """Stringee's provider with one key."""
    signatures = Signatures((("", KEY),), PUBLIC_URL)
    return StringeeProvider(signatures=signatures, public_url=PUBLIC_URL, **changes)


def _query(given: Mapping[str, str]) -> str:
    return urlencode(given, quote_via=quote, errors="surrogatepass")
