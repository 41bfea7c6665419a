"""What is journalled, and what a report that comes twice gets."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from journal_doubles import WHEN, Losses, connected, journal_at, keys_of, make_call, make_turn
from sqlalchemy import event, text

from app.callflow.errors import JournalError
from app.journal import History, SqlJournal, upgrade
from app.journal.database import Database
from app.journal.recordings import Recordings
from app.journal.statements import Statements
from app.journal.writer import Writer
from app.journal.writes import TurnWrite
from app.ports import CallRow, Journal, LastTurn, TurnRecord


def the_call(url: str) -> CallRow:
    return History(url, clock=lambda: WHEN).call("callr:1").row


def test_a_turn_is_read_back_as_it_was_written(database_url: str) -> None:
    turn = make_turn(
        "2:UP",
        raw=b'\x00{"call_status":"UP"}\xff',
        event={"name": "CommandDone", "result": "1"},
        step_before="choose",
        step_after="team",
        trail=(("choose", "1"), ("at_most", "then")),
        state={"t": 3, "y": {"name": "Zoë"}},
        variables=MappingProxyType({"name": "Zoë", "times": 3, "known": True, "none": None}),
        commands=({"step": "team", "at": 0, "name": "Dial", "targets": ["+33123456780"]},),
        fingerprint="0123456789ab",
        answers={"lookup": {"found": False}},
        took_ms=1.625,
        incidents=("One thing.", "Another thing."),
    )
    with journal_at(database_url) as journal:
        assert journal.record(turn) is None
    [read] = History(database_url).turns("callr:1")
    assert read == turn


def test_a_report_that_comes_twice_gets_the_first_reply(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert journal.record(make_turn("1:UP", reply=b"the first")) is None
        assert journal.record(make_turn("1:UP", reply=b"another")) == b"the first"
    [only] = History(database_url).turns("callr:1")
    assert only.reply == b"the first"


def test_the_same_key_in_another_call_is_another_report(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert journal.record(make_turn("1:UP")) is None
        assert journal.record(make_turn("1:UP", call_key="callr:2")) is None


def test_the_same_key_with_other_bytes_gets_the_first_reply_and_is_told(database_url: str) -> None:
    first = make_turn("1:UP", raw=b"first", reply=b"the first", incidents=("Known before.",))
    other = make_turn(
        "1:UP", raw=b"other", reply=b"another", incidents=("Its own.",), trail=(("a", "then"),)
    )
    with journal_at(database_url) as journal:
        journal.record(first)
        assert journal.record(other) == b"the first"
        assert journal.record(other) == b"the first"
        assert journal.record(first) == b"the first"
    kept, conflict = History(database_url).turns("callr:1")
    assert kept == first
    assert conflict.report_key == f"1:UP~{other.digest[:12]}"
    assert (conflict.kind, conflict.raw, conflict.reply) == ("conflict", b"other", b"the first")
    assert (conflict.state, conflict.commands, conflict.trail) == (None, (), ())
    own, told = conflict.incidents
    assert own == "Its own."
    assert "1:UP" in told


def test_a_conflict_does_not_move_the_call(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.record(make_turn("1:UP", raw=b"first", state={"t": 2, "s": "first"}))
        journal.record(make_turn("1:UP", raw=b"other", state={"t": 2, "s": "other"}))
        assert journal.last_turn("callr:1") == LastTurn(2, {"t": 2, "s": "first"})


def test_a_call_is_written_with_its_first_turn_and_completed_with_its_last(
    database_url: str,
) -> None:
    ended_at = WHEN + timedelta(seconds=42)
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:UP", call=make_call()))
        assert the_call(database_url) == make_call()
        ended = make_call(ended_at=ended_at, outcome="completed", disposition="confirmed")
        journal.record(make_turn("3:HANGUP", kind="end", turn=None, call=ended))
        assert the_call(database_url) == ended


def test_a_second_hangup_changes_nothing(database_url: str) -> None:
    ended = make_call(ended_at=WHEN, outcome="completed")
    again = make_call(ended_at=WHEN + timedelta(hours=1), outcome="hung_up")
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:UP", call=make_call()))
        journal.record(make_turn("3:HANGUP", kind="end", turn=None, call=ended))
        journal.record(make_turn("4:HANGUP", kind="end", turn=None, call=again))
    assert the_call(database_url) == ended


def test_a_call_whose_first_turn_was_never_written_is_written_at_its_end(
    database_url: str,
) -> None:
    ended = make_call(ended_at=WHEN, outcome="hung_up")
    with journal_at(database_url) as journal:
        journal.record(make_turn("3:HANGUP", kind="end", turn=None, call=ended))
        journal.record(make_turn("0:UP", call=make_call()))
    assert the_call(database_url) == ended


def test_the_last_turn_is_the_highest_with_a_state(database_url: str) -> None:
    with journal_at(database_url) as journal:
        assert journal.last_turn("callr:1") is None
        journal.record(make_turn("10:UP", turn=11, state={"t": 11}))
        journal.record(make_turn("1:UP", turn=2, state={"t": 2}))
        journal.record(make_turn("11:UP", turn=12, kind="last_resort", state=None))
        journal.record(make_turn("12:HANGUP", turn=None, kind="end", state={"t": 12}))
        journal.record(make_turn("99:UP", call_key="callr:2"))
        assert journal.last_turn("callr:1") == LastTurn(11, {"t": 11})


def test_text_that_a_database_refuses_is_made_safe(database_url: str) -> None:
    hostile = "a\0b\ud800c\U0001f600"
    turn = make_turn(
        "1:UP",
        event={"text": hostile},
        step_before=hostile,
        variables={"name": hostile},
        incidents=(hostile,),
        call=make_call(caller=hostile, disposition=hostile),
    )
    losses = Losses()
    with journal_at(database_url, losses) as journal:
        journal.record(turn)
    assert not losses.heard
    [read] = History(database_url).turns("callr:1")
    assert read.event == {"text": hostile}
    assert read.variables == {"name": hostile}
    assert read.step_before == "a\\x00b\\ud800c\U0001f600"
    assert the_call(database_url).caller == "a\\x00b\\ud800c\U0001f600"


def write_together(writer: Writer, turns: Iterable[TurnRecord]) -> list[TurnWrite]:
    """Let all of them wait before the writer starts; gives them settled, the writer closed."""
    writes = [TurnWrite(turn) for turn in turns]
    for write in writes:
        assert writer.put(write) == ""
    writer.start()
    for write in writes:
        assert write.wait(30)
    writer.close()
    return writes


def make_writer(url: str) -> Writer:
    upgrade(url)
    sql = Statements(Database(url, patience_s=1).engine.dialect)
    return Writer(url, sql, retry_s=0.01, limit=1000)


def test_what_waits_is_committed_together_on_sqlite(sqlite_url: str) -> None:
    writer = make_writer(sqlite_url)
    said: list[str] = []

    @event.listens_for(writer._database.engine, "connect")
    def listen(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(said.append)

    write_together(writer, (make_turn(f"{n}:UP") for n in range(100)))
    assert said.count("COMMIT") == 2  # 64 rows, and the other 36
    assert keys_of(sqlite_url) == [f"{n}:UP" for n in range(100)]


@pytest.mark.postgres
def test_what_waits_is_committed_together_on_postgresql(postgres_url: str) -> None:
    writer = make_writer(postgres_url)
    write_together(writer, (make_turn(f"{n}:UP") for n in range(100)))
    with connected(postgres_url) as connection:
        transactions = text("SELECT count(DISTINCT xmin::text) FROM turns")
        assert connection.execute(transactions).scalar_one() == 2
    assert keys_of(postgres_url) == [f"{n}:UP" for n in range(100)]


def test_a_repeat_within_one_transaction_gets_the_first_reply(database_url: str) -> None:
    twice = [make_turn("1:UP", reply=b"the first"), make_turn("1:UP", reply=b"another")]
    first, second = write_together(make_writer(database_url), twice)
    assert (first.verdict, second.verdict) == (None, b"the first")


def test_calls_begin_and_end_in_one_transaction_with_a_repeat(database_url: str) -> None:
    """The rows that go with turns are written once, whether or not a repeat was among them."""
    call = make_call(started_at=WHEN)
    over = replace(call, ended_at=WHEN, outcome="hung_up")
    turns = [
        make_turn("0:UP", call=call, step_after="hello", recording="rt-1"),
        make_turn("1:UP", step_after="menu", variables={"team": "sales"}),
        make_turn("1:UP", raw=b"[]", step_after="menu"),
        make_turn("1:HANGUP", turn=None, kind="end", call=over, incidents=("One.",)),
    ]
    with_repeat, without = make_writer(database_url), make_writer(database_url)
    verdicts = [one.verdict for one in write_together(with_repeat, turns)]
    assert verdicts == [None, None, b"reply to 1:UP", None]
    others = [
        turn._replace(call_key="callr:2", call=turn.call and replace(turn.call, key="callr:2"))
        for turn in (turns[0], turns[1], turns[3])
    ]
    assert [one.verdict for one in write_together(without, others)] == [None] * 3
    history = History(database_url)
    told, same = history.call("callr:1"), history.call("callr:2")
    assert (told.row.outcome, told.variables) == ("hung_up", {"team": "sales"})
    assert (same.row.outcome, same.variables) == ("hung_up", {"team": "sales"})
    assert (told.incidents, same.incidents) == (2, 1)  # the repeat had other bytes
    assert [len(Recordings(database_url).of_call(key)) for key in ("callr:1", "callr:2")] == [1, 1]


def test_a_row_that_cannot_be_written_does_not_take_the_others_with_it(database_url: str) -> None:
    turns = [make_turn(f"{n}:UP") for n in range(10)]
    turns[4] = make_turn("4:UP", turn=2**70)  # no database takes such a number
    writer = make_writer(database_url)
    writes = write_together(writer, turns)
    assert [write.failure != "" for write in writes] == [n == 4 for n in range(10)]
    assert writer.stuck == "", "one bad row does not make the journal stuck"
    assert keys_of(database_url) == [f"{n}:UP" for n in range(10) if n != 4]


@pytest.mark.postgres
def test_a_key_too_long_for_an_index_is_the_rows_fault(postgres_url: str) -> None:
    losses = Losses()
    with journal_at(postgres_url, losses) as journal:
        journal.record(make_turn(f"1:{secrets.token_hex(20_000)}"))
        journal.record(make_turn("2:UP"))
    assert len(losses.heard) == 1
    assert keys_of(postgres_url) == ["2:UP"]


def test_what_is_not_json_does_not_lose_the_turn(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.record(make_turn("0:UP", answers={"at": WHEN}))
    [read] = History(database_url).turns("callr:1")
    assert read.answers == {"at": str(WHEN)}


def test_a_journal_that_is_closed_loses_turns_and_says_so(database_url: str) -> None:
    losses = Losses()
    with journal_at(database_url, losses) as journal:
        journal.record(make_turn("0:UP"))
        journal.close()
        assert journal.record(make_turn("1:UP")) is None
        assert journal.last_turn("callr:1") is None
    assert losses.keys == ["1:UP"]


def test_a_listener_that_raises_does_not_reach_the_call(sqlite_url: str) -> None:
    def complain(_turn: object, _why: str) -> None:
        raise RuntimeError

    journal = SqlJournal(sqlite_url, on_lost=complain)
    journal.close()
    assert journal.record(make_turn()) is None


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://u@h/n", "nonsense", "sqlite+aiosqlite:///x"]
)
def test_a_url_that_cannot_hold_a_journal_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(JournalError, match="Write sqlite:///FILE"):
        SqlJournal(url, on_lost=Losses())


def test_it_is_a_journal(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    journal: Journal = SqlJournal(sqlite_url, on_lost=Losses())
    journal.close()
    journal.close()
