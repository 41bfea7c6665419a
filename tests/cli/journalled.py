"""A journal with real calls in it: reports posted to the app, as CALLR posts them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving import FIRST_REPORT
from werkzeug.test import Client, TestResponse

from app import create_app
from app.settings import Settings


class Line:
    """Posts the reports of calls to an app of its own, which keeps its journal at a URL."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(self, flow: str, body: bytes) -> TestResponse:
        basic = base64.b64encode(b"callr:a-password").decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        return self._client.post(f"/callr/{flow}", data=body, headers=headers)

    def call(self, flow: str, *results: str, **about: Any) -> None:
        """A whole call.

        Args:
            flow: its name.
            results: of its commands, in turn; then it is hung up.
            about: fields of all its reports.
        """
        report = {**FIRST_REPORT, **about}
        reply = self.post(flow, json.dumps(report).encode()).get_json()
        for result in results:
            reply = self._answer(flow, report, reply, call_status="UP", command_result=result)
        self._answer(flow, report, reply, call_status="HANGUP")

    def _answer(self, flow: str, report: dict[str, Any], reply: Any, **changes: Any) -> Any:
        echoed = {name: reply[name] for name in ("command", "command_id", "variables")}
        body = json.dumps({**report, **echoed, **changes}).encode()
        return self.post(flow, body).get_json(silent=True)


@contextmanager
def line(folder: Path, **settings: Any) -> Iterator[tuple[Line, str]]:
    """A line, and the URL of the journal that its calls are in."""
    url = f"sqlite:///{folder / 'journal.sqlite3'}"
    app = create_app(
        Settings(
            env="development",
            secret_key="a-secret-key-of-tests-that-is-long-enough",
            callr_webhook_login="callr",
            callr_webhook_password="a-password",
            database_url=url,
            **settings,
        )
    )
    try:
        yield Line(Client(app)), url
    finally:
        app.extensions["offhook"].journal.close()
