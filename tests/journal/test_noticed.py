"""Status posts: kept, found with their call, and taken out with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from journal_doubles import WHEN, connected, journal_at, make_call, make_turn
from sqlalchemy import func, select

from app.callflow.events import HungUp
from app.journal import History, SqlJournal
from app.journal.following import NewRows
from app.journal.people import People
from app.journal.recordings import Recordings
from app.journal.retention import Retention
from app.journal.tables import notices
from app.mentions import Mentions
from app.ports import LastTurn, Noted, Notice, Told

KEY, ID = "stringee:start:ohtoken", "call-vn-1-A-1"
NUMBER = "+84900000001"
THEM = Mentions(NUMBER, "VN")


def post(event_id: str, **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "event_id": f"stringee:{event_id}",
        "provider": "stringee",
        "platform_id": ID,
        "call_key": KEY,
        "kind": "ringing",
        "received_at": WHEN,
        "raw": json.dumps({"call_id": ID, "from": {"number": NUMBER[1:]}}).encode(),
    }
    return Notice(**{**values, **changes})


def sound(at: int, file: str) -> Notice:
    told = Told(turn=1, at=at, file=file)
    about = {"turn": 1, "at": at, "file": file}
    return post(file, kind="recorded", sound=told, about=about)


@pytest.fixture
def journal(database_url: str) -> Iterator[SqlJournal]:
    """A journal with one call, whose first reply had two messages recorded."""
    commands = [{"step": step, "at": 0, "is": "Record"} for step in ("name", "message")]
    row = make_call(KEY, provider="stringee", platform_id=ID, caller=NUMBER)
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:answer", call_key=KEY, turn=1, commands=commands, call=row))
        yield journal


def kept(url: str) -> int:
    with connected(url) as connection:
        return connection.execute(select(func.count()).select_from(notices)).scalar_one()


def test_status_posts_are_read_as_they_came_each_once(
    journal: SqlJournal, database_url: str
) -> None:
    first = post("1", about={"a": 1}, raw=b"\xff")
    for one in (first, post("2", kind="answered"), first, post("3", call_key="stringee:other")):
        journal.note(one)
    told = History(database_url).notices(KEY)
    assert told == (first, post("2", kind="answered"))


def test_a_post_that_came_before_the_call_was_named_is_found_by_the_platforms_id(
    journal: SqlJournal, database_url: str
) -> None:
    journal.note(post("1", call_key=""))
    journal.note(post("2", call_key="", platform_id="call-vn-1-B-2"))
    history = History(database_url)
    assert history.notices(KEY) == (post("1"),)
    assert [key for _, key in history.ids("notices", above=0, limit=9)] == [KEY, ""]


def test_a_post_finds_its_call_and_one_that_ends_it_the_last_turn_too(
    journal: SqlJournal, database_url: str
) -> None:
    later = make_turn("1:input", call_key=KEY, state={"t": 2, "y": {"a": "é"}})
    journal.record(later)
    journal.record(make_turn("1:x", call_key=KEY, turn=None, state={"t": 3}))
    assert journal.note(post("1", call_key="")) == Noted(KEY)
    ended = post("2", call_key="", event=HungUp())
    assert journal.note(ended) == Noted(KEY, LastTurn(2, {"t": 2, "y": {"a": "é"}}))
    assert journal.note(ended) == Noted(KEY, LastTurn(2, {"t": 2, "y": {"a": "é"}}))
    journal.record(make_turn("2:input", call_key=KEY, kind="last_resort", turn=None, state=None))
    sorry = Noted(KEY, LastTurn(2, {"t": 2, "y": {"a": "é"}}), apologised=True)
    assert journal.note(ended) == sorry
    assert journal.note(post("5", call_key="")) == Noted(KEY)
    assert journal.note(post("3", call_key="", provider="callr")) == Noted("")
    assert journal.note(post("4", call_key="stringee:new", event=HungUp())) == Noted("stringee:new")
    history = History(database_url)
    assert {key for _, key in history.ids("notices", above=0, limit=9)} == {KEY, "", "stringee:new"}


def test_a_call_without_an_id_has_no_posts_without_a_call(
    journal: SqlJournal, database_url: str
) -> None:
    key = "stringee:start:ohother"
    journal.record(make_turn(call_key=key, call=make_call(key, platform_id="")))
    journal.note(post("1", call_key="", platform_id=""))
    assert not History(database_url).notices(key)


def test_new_posts_are_told_by_their_calls(journal: SqlJournal, database_url: str) -> None:
    history = History(database_url)
    new = NewRows(history, "notices")
    assert not new.read()
    journal.note(post("1", call_key=""))
    journal.note(post("2"))
    ((number, _), (later, _)) = history.numbered_notices(KEY)
    assert new.read() == {KEY: {number, later}}
    assert not new.read()


def test_a_sound_that_a_post_tells_is_to_be_kept_of_the_step_that_recorded_it(
    journal: SqlJournal, database_url: str
) -> None:
    for one in (sound(1, "file-1"), sound(0, "file-0"), sound(7, "file-7")):
        journal.note(one)
    told = Recordings(database_url).of_call(KEY)
    assert [(one.file, one.step, one.report_key) for one in told] == [
        ("file-1", "message", "0:answer"),
        ("file-0", "name", "0:answer"),
        ("file-7", "", "0:answer"),
    ]


def test_a_sound_of_a_call_that_the_journal_never_saw_is_kept_all_the_same(
    journal: SqlJournal, database_url: str
) -> None:
    other = "stringee:call-vn-1-B-2"
    journal.note(post("1", call_key=other, sound=Told(turn=2, at=1, file="f")))
    (told,) = Recordings(database_url).of_call(other)
    assert (told.step, told.report_key) == ("", "rec:2.1")


def test_posts_are_taken_out_with_their_call(journal: SqlJournal, database_url: str) -> None:
    journal.note(post("1"))
    journal.note(post("2", call_key=""))
    journal.note(post("3", call_key="stringee:other", platform_id="other"))
    people = People(database_url)
    (call,) = people.find(THEM).calls
    people.forget_call(call, THEM)
    assert kept(database_url) == 1


def test_posts_are_taken_out_with_a_call_that_was_kept_long_enough(
    journal: SqlJournal, database_url: str
) -> None:
    journal.note(post("1"))
    journal.note(post("2", call_key=""))
    assert Retention(database_url).forget_call(KEY, WHEN + timedelta(days=1))
    assert kept(database_url) == 0


def test_a_number_in_posts_of_others_and_of_no_call_is_blanked(
    journal: SqlJournal, database_url: str
) -> None:
    other = "stringee:call-vn-1-B-2"
    row = make_call(other, provider="stringee", platform_id="B", caller="+84900000002")
    journal.record(make_turn("0:answer", call_key=other, turn=1, call=row))
    journal.note(post("1", call_key="", platform_id="B"))
    journal.note(post("2", call_key="", platform_id="nobody's"))
    people = People(database_url)
    found = people.find(THEM)
    assert [(one.call_key, one.places) for one in found.mentions] == [
        (other, (("raw.from.number", "84900000001"),)),
        ("", (("raw.from.number", "84900000001"),)),
    ]
    people.blank_call(other, THEM)
    people.blank_alone(found.mentions, THEM)
    assert not people.find(THEM).mentions
    with connected(database_url) as connection:
        raw = connection.execute(select(notices.c.raw)).scalars().all()
    assert all(b'"number":"***********"' in bytes(one) for one in raw)
