"""Sends a server what Stringee would, or would not; the replies are read as its platform does."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from serving import PATIENCE_S, Reply, Server
from stringee_serving import SIGNING_KEY

from app.callflow.errors import JournalError
from app.journal import History
from app.journal.queries import JournalledCall
from app.ports import TurnRecord
from app.simulator.stringee import HEADER, read_scco, sign

PUBLIC_URL = "https://line.example.com"
_NUMBERS = itertools.count(1)


def new_call_id() -> str:
    """A call id that no other test of this run has."""
    return f"call-vn-1-TESTTEST{next(_NUMBERS):02}-1754868214204"


@dataclass(frozen=True)
class Sender:
    """Stringee as a server sees it.

    Attributes:
        server: that is sent to.
        key: that requests are signed with; "" leaves the signature out.
    """

    server: Server
    key: str = SIGNING_KEY

    def get(self, target: str, signature: str | None = None) -> Reply:
        return self.server.request("GET", target, b"", self._signed(target.encode(), signature))

    def post(
        self,
        target: str,
        body: bytes | Mapping[str, Any],
        signature: str | None = None,
        **more: str,
    ) -> Reply:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self._signed(raw, signature), **more}
        return self.server.request("POST", target, raw, headers)

    def _signed(self, data: bytes, signature: str | None) -> dict[str, str]:
        if signature is None:
            signature = sign(data, self.key) if self.key else ""
        return {HEADER: signature} if signature else {}

    def rings(self, flow: str = "line", call_id: str | None = None, **changes: str) -> StringeeCall:
        """A call comes in at the number; ``changes`` are of its parameters."""
        call = StringeeCall(self, call_id or new_call_id())
        given = {
            "from": "84900000001",
            "to": "842400000002",
            "fromInternal": "false",
            "callId": call.call_id,
            "accountId": "1000001",
            "projectId": "2000002",
            **changes,
        }
        query = urlencode(given, quote_via=quote, errors="surrogatepass")
        call.replies.append(self.get(f"/stringee/{flow}/answer?{query}"))
        return call

    def tells(self, call_id: str, status: str, **more: Any) -> Reply:
        """A status post."""
        event = {
            "event_id": f"EVENT-{next(_NUMBERS)}",
            "call_status": status,
            "call_id": call_id,
            "project_id": 2000002,
            "timestamp_ms": 1754868214204,
            "type": "stringee_call",
            "callCreatedReason": "EXTERNAL_CALL_IN",
            **more,
        }
        return self.post("/stringee/events", {k: v for k, v in event.items() if v is not None})

    def ends(self, call_id: str, **more: Any) -> Reply:
        about = {"endCallCause": "USER_END_CALL", "endedBy": "EXTERNAL", "callType": "IVR"}
        return self.tells(call_id, "ended", **{**about, "duration": 9, "answerDuration": 7, **more})


@dataclass
class StringeeCall:
    """A call: its id, and the replies that it got."""

    sender: Sender
    call_id: str
    replies: list[Reply] = field(default_factory=list)

    @property
    def last(self) -> Sequence[Mapping[str, Any]]:
        return scco_of(self.replies[-1])

    @property
    def target(self) -> str:
        """Where the last list has Stringee ask next: path and query."""
        return target_of(self.last)

    @property
    def says(self) -> list[str]:
        """What the last list says."""
        return [action["text"] for action in self.last if action["action"] == "talk"]

    def presses(self, keys: str, **changes: Any) -> StringeeCall:
        """Keys, posted where the last list says."""
        body = {
            "time": "1754868220000",
            "dtmf": keys,
            "call_id": self.call_id,
            "customField": "",
            "timeout": not keys,
            **changes,
        }
        self.replies.append(self.sender.post(self.target, body))
        return self

    @property
    def turns(self) -> Sequence[TurnRecord]:
        return History(self.sender.server.database_url).turns(f"stringee:{self.call_id}")

    @property
    def journalled(self) -> JournalledCall:
        return History(self.sender.server.database_url).call(f"stringee:{self.call_id}")

    def when_ended(self) -> JournalledCall:
        """The call as the journal has it once it is over."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                if (call := self.journalled).row.ended_at:
                    return call
            except JournalError:
                pass
            assert time.monotonic() < deadline, "the journal has no end of the call"
            time.sleep(0.01)


def scco_of(reply: Reply) -> Sequence[Mapping[str, Any]]:
    """A reply's actions, as the platform's own strict parser takes them."""
    assert reply.status == 200, reply
    scco = read_scco(reply.body, content_type=reply.headers["Content-Type"])
    assert scco.refusal is None, scco.refusal
    assert not scco.warnings, scco.warnings
    return scco.given


def target_of(actions: Sequence[Mapping[str, Any]]) -> str:
    """Where a list has Stringee ask next; it stands at the public address."""
    url = urlsplit(actions[-1].get("eventUrl") or actions[-1]["onFailEventUrl"])
    assert f"{url.scheme}://{url.netloc}" == PUBLIC_URL
    return f"{url.path}?{url.query}"


def sha256(data: bytes) -> str:
    return hmac.new(SIGNING_KEY.encode(), data, hashlib.sha256).hexdigest()
