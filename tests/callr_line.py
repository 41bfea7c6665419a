"""CALLR on one end of the line, the switchboard on the other, and a journal in memory between.

``Line([flow]).rings().hears("Hello.").hears("Press 1.").presses("1").is_hung_up()``: each report
echoes what the reply before it said, as the platform does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.callflow import Flow
from app.callr.provider import CallrProvider
from app.ports import LastTurn, Noted, Notice, Start, TurnRecord, WireReply, WireRequest
from app.refusals import Refusals
from app.sealing import Seal
from app.switchboard import Fetch, Switchboard

LOGIN, PASSWORD = "callr", "right-password"
SECRET_KEY = "k" * 40
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
REPLY_KEYS = ["command", "command_id", "params", "variables"]


class MemoryJournal:
    """A journal in memory: what a real one gives back, it gives back too.

    Attributes:
        turns: every record that was new, in order.
        starts: by token.
        notices: every status post that was new, in order.
        learned: the platform's id of calls whose first report did not say it.
        forgets: it takes nothing and gives nothing back, as while a database is stuck.
    """

    def __init__(self) -> None:
        self.turns: list[TurnRecord] = []
        self.starts: dict[str, Start] = {}
        self.notices: list[Notice] = []
        self.learned: dict[str, str] = {}
        self.forgets = False
        self._replies: dict[tuple[str, str], bytes] = {}

    @property
    def last(self) -> TurnRecord:
        return self.turns[-1]

    def one_turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def record(self, turn: TurnRecord) -> bytes | None:
        if self.forgets:
            return None
        key = (turn.call_key, turn.report_key)
        if key in self._replies:
            return self._replies[key]
        self._replies[key] = turn.reply
        self.turns.append(turn)
        if turn.platform_id:
            self.learned[turn.call_key] = turn.platform_id
        return None

    def last_turn(self, call_key: str) -> LastTurn | None:
        if self.forgets:
            return None
        for turn in reversed(self.turns):
            if turn.call_key == call_key and turn.state is not None:
                state = json.loads(json.dumps(turn.state))
                return LastTurn(turn.turn if turn.turn is not None else int(state["t"]), state)
        return None

    def note(self, notice: Notice) -> Noted:
        key = notice.call_key or self._key_of(notice.provider, notice.platform_id)
        if all(one.event_id != notice.event_id for one in self.notices):
            self.notices.append(replace(notice, call_key=key))
        return Noted(key)

    def _key_of(self, provider: str, platform_id: str) -> str:
        rows = [turn.call for turn in self.turns if turn.call is not None]
        found = (
            row.key
            for row in rows
            if (row.provider, self.learned.get(row.key, row.platform_id)) == (provider, platform_id)
        )
        return next(found, "")

    def start(self, token: str) -> Start | None:
        return self.starts.get(token)

    def ping(self) -> None: ...

    def instance_id(self) -> str:
        return "memory"

    def start_of_key(self, idempotency_key: str) -> Start | None:
        found = (one for one in self.starts.values() if one.idempotency_key == idempotency_key)
        return next(found, None) if idempotency_key else None

    def write_start(self, start: Start) -> tuple[Start, bool]:
        return self.starts.setdefault(start.token, start), True

    def finish_start(
        self, token: str, status: str, platform_id: str = "", detail: str = ""
    ) -> None: ...

    def take_dial(self, kind: Any, limit: int, now: datetime) -> bool:
        del kind, limit, now
        return True

    def close(self) -> None: ...


class BrokenJournal(MemoryJournal):
    """A journal whose every method raises what it never should."""

    def record(self, turn: TurnRecord) -> bytes | None:
        raise OSError(turn.call_key)

    def last_turn(self, call_key: str) -> LastTurn | None:
        raise OSError(call_key)


class Line:
    """A line: flows, a provider, and everything that answers.

    Attributes:
        journal: what was recorded.
        refusals: what was counted.
    """

    def __init__(
        self,
        flows: Sequence[Flow],
        *,
        journal: MemoryJournal | None = None,
        secret_key: str = SECRET_KEY,
        secret_key_old: str = "",
        fetches: Mapping[str, Fetch] | None = None,
        **provider: Any,
    ) -> None:
        self.journal = journal or MemoryJournal()
        self.refusals = Refusals()
        self.provider = CallrProvider(login=LOGIN, passwords=[PASSWORD], **provider)
        self.switchboard = Switchboard(
            {flow.name: flow for flow in flows},
            self.journal,
            Seal(secret_key, secret_key_old),
            fetches or {},
            self.refusals,
            lambda: NOW,
        )

    def handle(
        self,
        body: bytes | str,
        flow: str = "line",
        *,
        password: str = PASSWORD,
        query: Mapping[str, str] | None = None,
    ) -> WireReply:
        """POST a report to a flow's URL."""
        credentials = base64.b64encode(f"{LOGIN}:{password}".encode()).decode()
        request = WireRequest(
            method="POST",
            target=f"/callr/{flow}",
            headers={"authorization": f"Basic {credentials}"},
            body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
            flow=flow,
            query=query or {},
        )
        return self.switchboard.handle(self.provider, request)

    def rings(
        self, flow: str = "line", *, query: Mapping[str, str] | None = None, **fields: Any
    ) -> CallrCall:
        """A call comes in, or one that we placed is answered (``request_hash``)."""
        call = CallrCall(self, flow, query or {})
        return call.reports(**{"call_status": "INCOMING_CALL", **fields})


@dataclass
class CallrCall:
    """One call as CALLR sees it.

    Attributes:
        sent: the last report.
        reply: the last reply.
        report: the fields that stay the same, and what the last reply set.
    """

    line: Line
    flow: str
    query: Mapping[str, str]
    sent: bytes = b""
    reply: WireReply = field(default_factory=lambda: WireReply(b""))
    report: dict[str, Any] = field(
        default_factory=lambda: {
            "app": "4346423A",
            "callid": 242359184129,
            "request_hash": None,
            "cli_name": "",
            "cli_number": "+33612345678",
            "date_started": "2026-03-02 12:00:00",
            "number": "+33199001020",
            "command": "",
            "command_id": 0,
            "command_result": "",
            "command_error": "",
            "call_status": "UP",
            "cdr_field": "",
            "variables": {},
        }
    )

    @property
    def told(self) -> dict[str, Any]:
        """The last reply as CALLR reads it."""
        data = json.loads(self.reply.body)
        assert list(data) == REPLY_KEYS
        assert isinstance(data["params"], dict)
        assert isinstance(data["variables"], dict)
        assert self.reply.status == 200
        body: dict[str, Any] = data
        return body

    @property
    def said(self) -> str:
        """What the last reply says."""
        media = str(self.told["params"].get("media_id", ""))
        return media.rpartition("|")[2]

    def reports(self, **fields: Any) -> CallrCall:
        """Report, with these fields changed for this report alone."""
        self.report |= {name: fields[name] for name in fields.keys() - {"command_result"}}
        self.sent = json.dumps({**self.report, **fields}).encode()
        self.reply = self.line.handle(self.sent, self.flow, query=self.query)
        self.report |= {"call_status": "UP", "command_error": ""}
        if self.reply.body:
            told = self.told
            self.report |= {name: told[name] for name in ("command", "command_id", "variables")}
        return self

    def repeats(self) -> WireReply:
        """The last report once more."""
        return self.line.handle(self.sent, self.flow, query=self.query)

    def hears(self, text: str) -> CallrCall:
        """The text is said; what only plays is heard to its end."""
        assert self.said == text, self.told
        return self.reports(command_result="0") if self.told["command"] == "play" else self

    def presses(self, keys: str) -> CallrCall:
        assert self.told["command"] == "read", self.told
        return self.reports(command_result=keys)

    def is_hung_up(self) -> CallrCall:
        """We hang up, and the platform reports it."""
        assert self.told["command"] == "hangup", self.told
        return self.hangs_up()

    def hangs_up(self, result: str = "", error: str = "") -> CallrCall:
        """The call is over."""
        self.reports(call_status="HANGUP", command_result=result, command_error=error)
        assert self.reply == WireReply(b"")
        return self

    @property
    def outcome(self) -> str:
        """What the journal says the call came to."""
        call = self.line.journal.last.call
        return call.outcome if call else ""

    @property
    def incidents(self) -> str:
        return "\n".join(one for turn in self.line.journal.turns for one in turn.incidents)
