"""Calls that end late: their last post came before them, or while the journal did not answer."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.bootstrap import Parts, build, now
from app.callflow.errors import JournalError
from app.journal import History, upgrade
from app.journal.endings import SILENT, Endings
from app.keeping.endings import CHECK_S, EndCalls
from app.ports import Notice, WireReply, WireRequest
from app.settings import Settings
from app.stringee.provider import StringeeProvider

ENDED = {
    "type": "stringee_call",
    "call_id": "call-1",
    "call_status": "ended",
    "event_id": "E-1",
    "endCallCause": "USER_END_CALL",
    "endedBy": "EXTERNAL",
    "duration": 7,
    "answerDuration": 5,
}
ANSWER = {"from": "84900000001", "to": "842400000001", "callId": "call-1", "fromInternal": "false"}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A server's parts, with nothing in the background that the test does not do itself."""
    url = f"sqlite:///{tmp_path}/journal.db"
    upgrade(url)
    about = {
        "SECRET_KEY": "a-secret-key-of-tests-that-is-long-enough",
        "API_TOKEN": "an-api-token-of-tests-that-is-long-enough",
        "PUBLIC_URL": "https://calls.example",
        "STRINGEE_SIGNING_KEY": "signing-key-of-tests",
        "DATABASE_URL": url,
        "TIMEZONE": "UTC",
    }
    parts = build(Settings.load(about, None))
    yield parts
    parts.close()


def provider_of(parts: Parts) -> StringeeProvider:
    provider = parts.platforms["stringee"]
    assert isinstance(provider, StringeeProvider)
    return provider


def job_of(parts: Parts) -> EndCalls:
    """The job, when posts and calls of now have been silent for long enough."""
    provider = provider_of(parts)
    return EndCalls(
        Endings(parts.settings.database_url),
        provider=provider.name,
        kinds=provider.ends,
        reread=provider.reread,
        note=lambda notice: parts.switchboard.note(provider, notice),
        clock=lambda: now() + SILENT + timedelta(seconds=1),
    )


def tell(parts: Parts, request: WireRequest) -> WireReply:
    provider = provider_of(parts)
    seen = provider.read(request, now())
    assert isinstance(seen, Notice)
    return parts.switchboard.note(provider, seen)


def arrive(parts: Parts) -> None:
    """The call's first list is asked for."""
    provider = provider_of(parts)
    request = WireRequest(
        method="GET",
        target=f"/stringee/reception/answer?{urlencode(ANSWER)}",
        headers={},
        body=b"",
        flow="reception",
        query=ANSWER,
        kind="answer",
    )
    report = provider.read(request, now())
    assert not isinstance(report, Notice)
    assert parts.switchboard.begin(provider, report, "reception") is not None


def posted(body: bytes) -> WireRequest:
    return WireRequest(
        method="POST", target="/stringee/events", headers={}, body=body, flow="", kind="events"
    )


QUERY = {name: str(value) for name, value in ENDED.items()}
WAYS = {
    "JSON": posted(json.dumps(ENDED).encode()),
    "a form": posted(urlencode(QUERY).encode()),
    "a query": WireRequest(
        method="GET",
        target=f"/stringee/events?{urlencode(QUERY)}",
        headers={},
        body=b"",
        flow="",
        query=QUERY,
        kind="events",
    ),
}


@pytest.mark.parametrize("request_", WAYS.values(), ids=WAYS.keys())
def test_a_call_whose_end_came_before_it_is_ended(
    parts: Parts, request_: WireRequest, caplog: pytest.LogCaptureFixture
) -> None:
    tell(parts, request_)
    arrive(parts)
    history = History(parts.settings.database_url)
    assert history.call("stringee:call-1").row.outcome == ""
    with caplog.at_level(logging.INFO, "offhook"):
        assert job_of(parts)(threading.Event()) == CHECK_S
    row = history.call("stringee:call-1").row
    [first, end] = history.turns("stringee:call-1")
    assert (row.outcome, row.ended_at) == ("hung_up", first.received_at)
    assert (end.kind, end.event["cause"]) == ("end", "USER_END_CALL")
    assert [one.message for one in caplog.records] == [
        "call stringee:call-1: the post that ends it is read again"
    ]
    job_of(parts)(threading.Event())
    assert len(history.turns("stringee:call-1")) == 2, "a call ends once"


def test_a_call_whose_end_the_journal_took_too_late_is_ended(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(parts)

    def note(notice: Notice) -> None:
        kept(notice)
        msg = "The journal did not take a status post: the database did not answer within 300 ms."
        raise JournalError(msg)

    with monkeypatch.context() as patched:
        kept = parts.journal.note
        patched.setattr(parts.journal, "note", note)
        with pytest.raises(JournalError):
            tell(parts, WAYS["JSON"])
    history = History(parts.settings.database_url)
    assert history.call("stringee:call-1").row.outcome == ""
    job_of(parts)(threading.Event())
    assert history.call("stringee:call-1").row.outcome == "hung_up"


def test_a_call_that_the_platform_refused_to_place_is_ended(parts: Parts) -> None:
    """Its refusal was told while the journal did not answer."""
    arrive(parts)
    refused = Notice(
        event_id="stringee:refused",
        provider="stringee",
        platform_id="",
        call_key="stringee:call-1",
        kind="refused",
        received_at=now(),
        raw=b"",
    )
    parts.journal.note(refused)
    job_of(parts)(threading.Event())
    row = History(parts.settings.database_url).call("stringee:call-1").row
    assert row.outcome == "rejected"


@pytest.mark.parametrize(
    ("ended_by", "outcome"), [("EXTERNAL", "hung_up"), ("INTERNAL", "completed")]
)
def test_a_post_whose_bytes_were_not_kept_ends_its_call_as_it_was_told(
    parts: Parts, ended_by: str, outcome: str
) -> None:
    """It held keys that were pressed, in a form, where they cannot be starred."""
    told = {**QUERY, "endedBy": ended_by, "answerDuration": "0", "dtmf": "12"}
    tell(parts, posted(urlencode(told).encode()))
    arrive(parts)
    history = History(parts.settings.database_url)
    [notice] = history.notices("stringee:call-1")
    assert notice.raw == b""
    job_of(parts)(threading.Event())
    assert history.call("stringee:call-1").row.outcome == outcome


def test_a_status_that_is_called_like_our_own_ends_nothing(parts: Parts) -> None:
    arrive(parts)
    tell(parts, posted(json.dumps({**ENDED, "call_status": "refused"}).encode()))
    job = job_of(parts)
    job(threading.Event())
    assert History(parts.settings.database_url).call("stringee:call-1").row.outcome == ""
    assert job._done == {"stringee:call-1:refused:E-1"}


def test_an_end_that_came_twice_as_two_ends_its_call_once(parts: Parts) -> None:
    for event_id in ("E-1", "E-2"):
        tell(parts, posted(json.dumps({**ENDED, "event_id": event_id}).encode()))
    arrive(parts)
    job_of(parts)(threading.Event())
    found = History(parts.settings.database_url).call("stringee:call-1")
    assert (found.row.outcome, found.turns, found.incidents) == ("hung_up", 2, 0)


def test_nothing_more_is_ended_once_the_server_closes(parts: Parts) -> None:
    tell(parts, WAYS["JSON"])
    arrive(parts)
    closing = threading.Event()
    closing.set()
    job_of(parts)(closing)
    assert History(parts.settings.database_url).call("stringee:call-1").row.outcome == ""


def test_a_server_on_stringee_does_it_in_the_background(parts: Parts) -> None:
    other = build(
        dataclasses.replace(
            parts.settings,
            stringee_signing_key="",
            callr_webhook_login="callr",
            callr_webhook_password="a-password",
        )
    )
    found = [
        [job for job in one.background._jobs if isinstance(job, EndCalls)] for one in (parts, other)
    ]
    other.close()
    assert list(map(len, found)) == [1, 0]
