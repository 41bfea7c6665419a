"""Which status posts should have ended a call, and did not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from journal_doubles import WHEN, journal_at, make_call, make_turn

from app.journal import SqlJournal
from app.journal.endings import BEFORE, OLDEST, SILENT, Endings
from app.ports import CallRow, Notice

KINDS = ("ended", "refused")
SECOND = timedelta(seconds=1)
AT = WHEN + SILENT + SECOND
"""When the post of a call that is silent since WHEN is due."""


def make_notice(call_id: str = "call-1", kind: str = "ended", **changes: Any) -> Notice:
    notice = Notice(
        event_id=f"stringee:{call_id}:{kind}",
        provider="stringee",
        platform_id=call_id,
        kind=kind,
        received_at=WHEN,
        raw=b'{"call_id": "%s", "call_status": "%s"}' % (call_id.encode(), kind.encode()),
    )
    return replace(notice, **changes)


def make_stringee_call(call_id: str = "call-1", **changes: Any) -> CallRow:
    row = make_call(f"stringee:{call_id}", platform_id=call_id, provider="stringee")
    return replace(row, **changes)


def begin(journal: SqlJournal, call: CallRow, at: datetime = WHEN) -> None:
    journal.record(make_turn("0:answer", call_key=call.key, call=call, received_at=at))


def due(url: str, now: datetime = AT) -> list[tuple[str, str]]:
    return [(one.call_key, one.kind) for one in Endings(url).due("stringee", KINDS, now)]


def test_a_post_that_came_before_its_call_was_known_is_due(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.note(make_notice())
        assert due(database_url) == [], "nobody knows the call yet"
        begin(journal, make_stringee_call())
        begin(journal, make_stringee_call("call-2"))
        assert due(database_url) == [("stringee:call-1", "ended")]


def test_a_post_that_says_which_call_it_is_of_is_due(database_url: str) -> None:
    call = make_stringee_call(platform_id="", direction="outbound")
    with journal_at(database_url) as journal:
        begin(journal, call)
        journal.note(make_notice(kind="refused", call_key=call.key, platform_id="", raw=b""))
        assert due(database_url) == [(call.key, "refused")]


def test_what_is_due_is_the_post_as_it_was_kept(database_url: str) -> None:
    notice = make_notice(about={"cause": "486 Busy Here"})
    with journal_at(database_url) as journal:
        journal.note(notice)
        begin(journal, make_stringee_call())
    [kept] = Endings(database_url).due("stringee", KINDS, AT)
    assert kept == replace(notice, call_key="stringee:call-1")


def test_a_post_that_is_done_with_is_not_due_again(database_url: str) -> None:
    with journal_at(database_url) as journal:
        for name in ("1", "2"):
            journal.note(make_notice(event_id=name))
        begin(journal, make_stringee_call())
    left = Endings(database_url).due("stringee", KINDS, AT, {"1"})
    assert [one.event_id for one in left] == ["2"]


@pytest.mark.parametrize(
    ("notice", "call", "turn_at"),
    [
        (make_notice(kind="ringing"), make_stringee_call(), WHEN),
        (make_notice(), make_stringee_call(ended_at=WHEN, outcome="hung_up"), WHEN),
        (make_notice(), make_stringee_call(), WHEN + 2 * SECOND),
        (make_notice(received_at=WHEN + 2 * SECOND), make_stringee_call(), WHEN),
        (make_notice(), make_stringee_call(started_at=WHEN - OLDEST), WHEN),
        (make_notice(received_at=WHEN - BEFORE), make_stringee_call(), WHEN),
        (make_notice(provider="other"), make_stringee_call(provider="other"), WHEN),
        (make_notice(platform_id=""), make_stringee_call(platform_id=""), WHEN),
    ],
    ids=[
        "it ends nothing",
        "its call is over",
        "its call may live",
        "it came just now",
        "its call is too old",
        "it came long before its call",
        "it is another platform's",
        "it is of no call",
    ],
)
def test_a_post_is_not_due(
    database_url: str, notice: Notice, call: CallRow, turn_at: datetime
) -> None:
    with journal_at(database_url) as journal:
        journal.note(notice)
        begin(journal, call, turn_at)
        assert due(database_url) == []
