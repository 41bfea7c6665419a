"""Status posts: each is kept once, and the sound that one tells of is found with its call."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from journal_doubles import WHEN, connected, journal_at, make_call, make_start, make_turn
from sqlalchemy import create_engine, text

from app.callflow.errors import JournalError
from app.journal import SqlJournal
from app.journal.database import row_is_at_fault
from app.journal.recordings import Recordings
from app.ports import Notice, Told, start_key

KEY = "stringee:call-1"


def post(event_id: str = "stringee:E-1", *, sound: Told | None = None, **changes: str) -> Notice:
    about: dict[str, Any] = {"kind": "ringing", "platform_id": "call-1", "call_key": KEY, **changes}
    return Notice(
        event_id=event_id, provider="stringee", received_at=WHEN, raw=b"{}", sound=sound, **about
    )


def key_of(journal: SqlJournal, provider: str, platform_id: str) -> str:
    """The call that a status post finds which does not say our key."""
    one = post(secrets.token_hex(8), call_key="", platform_id=platform_id)
    return journal.note(replace(one, provider=provider)).call_key


def kept(url: str) -> list[tuple[str, str]]:
    with connected(url) as connection:
        rows = connection.execute(text("SELECT event_id, call_key FROM notices ORDER BY id"))
        return [(row.event_id, row.call_key) for row in rows]


def test_a_post_is_kept_once_however_often_it_comes(database_url: str) -> None:
    with journal_at(database_url) as journal:
        for event_id in ("stringee:E-1", "stringee:E-2", "stringee:E-1"):
            journal.note(post(event_id))
    assert kept(database_url) == [("stringee:E-1", KEY), ("stringee:E-2", KEY)]


def test_what_no_database_takes_as_text_is_kept_all_the_same(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.note(post("stringee:\0\ud800", kind="\0", call_key="stringee:\ud800"))
    assert len(kept(database_url)) == 1


def test_a_sound_is_found_with_the_step_that_had_it_recorded(database_url: str) -> None:
    commands = ({"step": "hello", "at": 0, "is": "Say"}, {"step": "mail", "at": 1, "is": "Record"})
    turn = make_turn(
        "1:input", call_key=KEY, turn=2, commands=commands, call=make_call(KEY, provider="stringee")
    )
    with journal_at(database_url) as journal:
        journal.record(turn)
        for _ in range(2):
            journal.note(post(sound=Told(turn=2, at=1, file="https://x.example/1")))
    [found] = Recordings(database_url).of_call(KEY)
    assert (found.step, found.report_key, found.file) == ("mail", "1:input", "https://x.example/1")
    assert (found.provider, found.left_by) == ("stringee", "+33612345678")


@pytest.mark.parametrize("at", [0, 7])
def test_a_sound_of_a_turn_that_the_journal_does_not_have_is_kept(
    database_url: str, at: int
) -> None:
    with journal_at(database_url) as journal:
        journal.note(post(sound=Told(turn=2, at=at, file="f")))
    [found] = Recordings(database_url).of_call(KEY)
    assert (found.step, found.report_key) == ("", f"rec:2.{at}")


def test_a_call_that_we_place_is_known_by_the_id_that_the_platform_gives_it(
    database_url: str,
) -> None:
    start = make_start(provider="stringee")
    key = start_key("stringee", start.token)
    with journal_at(database_url) as journal:
        journal.write_start(start)
        journal.record(make_turn("0:UP", call_key=key, call=make_call(key, provider="stringee")))
        assert key_of(journal, "stringee", "call-9") == ""
        journal.finish_start(start.token, "placed", "call-9")
        assert key_of(journal, "stringee", "call-9") == key
        assert key_of(journal, "callr", "call-9") == ""


def test_an_id_that_a_later_report_says_is_learned(database_url: str) -> None:
    key = "stringee:f7250000-0000-0000-0000-000000000000"
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:UP", call_key=key, call=make_call(key, provider="stringee")))
        journal.record(make_turn("1:UP", call_key=key, platform_id="call-9"))
        assert key_of(journal, "stringee", "call-9") == key


def test_a_journal_that_is_gone_says_so_that_the_platform_can_post_again(sqlite_url: str) -> None:
    with journal_at(sqlite_url) as journal:
        with connected(sqlite_url) as connection:
            connection.execute(text("ALTER TABLE notices RENAME TO away"))
        with pytest.raises(JournalError, match="did not take a status post"):
            journal.note(post())


@pytest.mark.parametrize("error", [KeyError("step"), IndexError("1"), sqlite3.IntegrityError("x")])
def test_a_row_that_can_never_be_written_is_not_tried_for_ever(error: Exception) -> None:
    dialect = create_engine("sqlite://").dialect
    assert row_is_at_fault(error, dialect)
    assert not row_is_at_fault(sqlite3.OperationalError("database is locked"), dialect)
