"""RT.Requests as CALLR sends them, for tests: literal, and changed where a test says so."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from app.callr.provider import CallrProvider
from app.ports import Report, WireRequest

LOGIN, PASSWORD, OLD_PASSWORD = "callr", "right-password", "password-before"
RECEIVED = datetime(2026, 1, 9, 17, 28, 1, 250000, tzinfo=UTC)

INCOMING = (
    '{"app":"4346423A","callid":242359184129,"request_hash":null,"cli_name":"",'
    '"cli_number":"+33612345678","date_started":"2026-01-09 17:27:55","number":"+33199001020",'
    '"command":"","command_id":0,"command_result":"","command_error":"",'
    '"call_status":"INCOMING_CALL","cdr_field":"","variables":{}}'
)
"""The first report of an inbound call, with all of the 14 keys that a report has."""

OUTBOUND = (
    '{"app":"4346423A","callid":242359184130,"request_hash":"4260XMAQ","cli_name":"",'
    '"cli_number":"","date_started":"2026-01-09 17:27:55","number":"+33612345678",'
    '"command":"","command_id":0,"command_result":"","command_error":"",'
    '"call_status":"UP","cdr_field":"000CUSTOMFIELD42","variables":{}}'
)
"""The first report of an answered outbound call, in the form of the example that
docs.callr.com/voice/real-time/reference documents."""


def provider(**options: Any) -> CallrProvider:
    """A provider with the password and the one before."""
    return CallrProvider(login=LOGIN, passwords=[PASSWORD, OLD_PASSWORD], **options)


def basic(login: str = LOGIN, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def request(body: bytes | str, *, flow: str = "line", **query: str) -> WireRequest:
    """A POST with the right credentials."""
    return WireRequest(
        method="POST",
        target=f"/callr/{flow}",
        headers={"authorization": basic(), "content-type": "application/json"},
        body=body.encode() if isinstance(body, str) else body,
        flow=flow,
        query=query,
    )


def read(body: bytes | str | None = None, **changed: Any) -> Report:
    """Read a report: ``body``, or the one of an inbound call's command with ``changed`` fields.

    A field that is changed to ``...`` is left out.
    """
    if body is None:
        body = changed_report(INCOMING, **changed)
    return provider().read(request(body), RECEIVED)


def changed_report(written: str, **changed: Any) -> str:
    data = {**json.loads(written), **changed}
    return json.dumps({name: value for name, value in data.items() if value is not ...})
