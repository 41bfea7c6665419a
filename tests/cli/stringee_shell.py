"""A journal with real Stringee calls in it: requests sent to the app, signed as Stringee signs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.test import Client, TestResponse

from app import create_app
from app.settings import Settings
from app.simulator.stringee import HEADER, sign

FLOW = """
from app.callflow import Flow, hang_up, menu, record

messages = Flow(
    "messages",
    start="choose",
    language="vi-VN",
    steps={
        "choose": menu("Press 1.", {"1": "leave"}, failure="bye"),
        "leave": record("After the tone.", into="message", then="bye"),
        "bye": hang_up("Goodbye.", disposition="message"),
    },
)
"""
"""A flow that does the same at every hour."""

KEY = "a-signing-key"
CALL_ID = "call-vn-1-ABCDWXKUQM-1542377678921"
CALL = f"stringee:{CALL_ID}"
ARRIVES = {
    "from": "84900000001",
    "to": "842400000001",
    "fromInternal": "false",
    "callId": CALL_ID,
    "projectId": "22512",
}


class StringeeLine:
    """Asks and tells an app of its own what Stringee would, and says what it answered."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def arrive(self, flow: str, **changes: str) -> list[dict[str, Any]]:
        """The first request of a call: the answer_url is fetched. Gives the actions."""
        target = f"/stringee/{flow}/answer?{urlencode({**ARRIVES, **changes})}"
        headers = {HEADER: sign(target.encode(), KEY)}
        actions: list[dict[str, Any]] = self._client.get(target, headers=headers).get_json()
        return actions

    def press(self, actions: list[dict[str, Any]], keys: str) -> list[dict[str, Any]]:
        """Keys for the ``input`` of a list; gives the next list."""
        (url,) = [one["eventUrl"] for one in actions if one["action"] == "input"]
        told: list[dict[str, Any]] = self.post(
            url, call_id=CALL_ID, dtmf=keys, timeout=not keys
        ).get_json()
        return told

    def record(self, actions: list[dict[str, Any]], file: str) -> None:
        """Say that the message of a list is there."""
        (url,) = [one["eventUrl"] for one in actions if one["action"] == "recordMessage"]
        self.post(url, call_id=CALL_ID, recording_url=file)

    def tell(self, status: str, **changes: Any) -> None:
        """A post of the event_url."""
        about = {"call_id": CALL_ID, "call_status": status, "timestamp_ms": 1, **changes}
        self.post("/stringee/events", **about)

    def post(self, url: str, **body: Any) -> TestResponse:
        """A signed POST to an address, which may be a whole URL."""
        where, data = urlsplit(url), json.dumps(body).encode()
        return self._client.post(
            f"{where.path}?{where.query}", data=data, headers={HEADER: sign(data, KEY)}
        )

    def leave_a_message(self, file: str) -> None:
        """A whole call: a key, a message, and its end."""
        actions = self.arrive("messages")
        self.tell("answered")
        actions = self.press(actions, "1")
        self.record(actions, file)
        self.tell(
            "ended",
            endCallCause="USER_END_CALL",
            endedBy="INTERNAL",
            duration=20,
            answerDuration=18,
        )


@contextmanager
def stringee_shell(folder: Path) -> Iterator[StringeeLine]:
    """A line whose journal is where that of ``journalled.line`` is."""
    flows = folder / "flows"
    flows.mkdir()
    (flows / "messages.py").write_text(FLOW)
    app = create_app(
        Settings(
            env="development",
            secret_key="a-secret-key-of-tests-that-is-long-enough",
            stringee_signing_key=KEY,
            flows=str(flows),
            public_url="https://phone.example",
            database_url=f"sqlite:///{folder / 'journal.sqlite3'}",
        )
    )
    try:
        yield StringeeLine(Client(app))
    finally:
        app.extensions["offhook"].journal.close()
