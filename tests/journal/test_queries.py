"""What the command line is told of calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from journal_doubles import WHEN, journal_at, make_call, make_turn

from app.callflow.errors import JournalError
from app.journal import LOST_AFTER_H, History, JournalledCall, SqlJournal, Wanted
from app.ports import CallRow

NOW = WHEN + timedelta(minutes=10)


@pytest.fixture
def journal(database_url: str) -> Iterator[SqlJournal]:
    with journal_at(database_url) as journal:
        yield journal


@pytest.fixture
def history(database_url: str) -> History:
    return History(database_url, clock=lambda: NOW)


def write_call(journal: SqlJournal, key: str, minute: int, **changes: object) -> CallRow:
    call = make_call(key, started_at=WHEN + timedelta(minutes=minute), **changes)
    journal.record(make_turn("0:UP", call_key=key, call=call, received_at=call.started_at))
    return call


def test_a_journal_tells_where_it_is_without_its_password(tmp_path: Path) -> None:
    assert History(f"sqlite:///{tmp_path}/j.sqlite3").place == f"{tmp_path}/j.sqlite3"
    for scheme in ("postgres", "postgresql"):
        url = f"{scheme}://offhook:s3cret@db.example.com:5433/calls"
        for more in ("", "?sslmode=require", "?password=s3cret&sslpassword=s3cret"):
            told = History(url + more).place
            assert told == "postgresql://offhook:***@db.example.com:5433/calls"


def test_calls_are_listed_newest_first(journal: SqlJournal, history: History) -> None:
    written = [write_call(journal, f"callr:{n}", minute) for n, minute in enumerate([1, 3, 2])]
    assert [one.row for one in history.calls()] == [written[1], written[2], written[0]]


def test_calls_are_taken_up_again_where_they_were_left(
    journal: SqlJournal, history: History
) -> None:
    for key in ("callr:1", "callr:2", "callr:3"):
        write_call(journal, key, 0)  # all of one moment
    write_call(journal, "callr:4", -1)
    found: list[JournalledCall] = []
    while more := history.calls(limit=1, after=found[-1] if found else None):
        found += more
    assert [one.row.key for one in found] == ["callr:3", "callr:2", "callr:1", "callr:4"]


def test_last_is_the_call_whose_turn_came_last_whenever_it_says_that_it_began(
    journal: SqlJournal, history: History
) -> None:
    write_call(journal, "callr:1", 3600)
    write_call(journal, "callr:2", 0)
    assert history.call("last").row.key == "callr:2"


def test_tests_are_listed_only_when_asked_for(journal: SqlJournal, history: History) -> None:
    write_call(journal, "callr:1", 0)
    write_call(journal, "callr:2", 1, test=True)
    assert [one.row.key for one in history.calls()] == ["callr:1"]
    assert [one.row.key for one in history.calls(Wanted(tests=True))] == ["callr:2", "callr:1"]
    assert history.call("last").row.key == "callr:1"
    assert history.call("last", tests=True).row.key == "callr:2"
    assert history.call("callr:2").row.test


def test_a_call_tells_how_many_reports_it_had_and_when_they_came(
    journal: SqlJournal, history: History
) -> None:
    write_call(journal, "callr:1", 0)
    later = WHEN + timedelta(seconds=30)
    journal.record(make_turn("1:UP", received_at=later))
    found = history.call("callr:1")
    assert (found.turns, found.first_at, found.last_at) == (2, WHEN, later)


@pytest.mark.parametrize("ended", [False, True])
def test_a_turn_that_is_written_after_a_later_one_is_told_in_its_place(
    journal: SqlJournal, history: History, *, ended: bool
) -> None:
    """Each worker has a writer of its own, and the database may make one of them wait."""
    call = make_call(started_at=WHEN)
    journal.record(make_turn("0:UP", call=call))
    journal.record(make_turn("10:UP", variables={"team": "sales"}))
    if ended:
        at = WHEN + timedelta(seconds=1)
        over = replace(call, ended_at=at, outcome="hung_up")
        journal.record(make_turn("11:HANGUP", turn=None, kind="end", received_at=at, call=over))
    journal.record(make_turn("9:UP", variables={"team": "support"}))
    keys = [turn.report_key for turn in history.turns("callr:1")]
    assert keys == ["0:UP", "9:UP", "10:UP", "11:HANGUP"][: 4 if ended else 3]
    assert history.call("callr:1").variables == {"team": "sales"}


def test_a_turn_that_comes_after_an_end_or_a_conflict_is_told_after_it(
    journal: SqlJournal, history: History
) -> None:
    """A call may live on after a hang-up that was reported."""
    journal.record(make_turn("0:UP", call=make_call()))
    journal.record(make_turn("1:UP"))
    journal.record(make_turn("0:UP", raw=b"[]"))
    over = make_call(ended_at=WHEN, outcome="hung_up")
    old = {"team": "sales"}
    journal.record(make_turn("2:HANGUP", turn=None, kind="end", call=over, variables=old))
    journal.record(make_turn("2:UP", variables={"team": "support"}))
    journal.record(make_turn("1:UP", raw=b"[]"))  # has the summary written again
    assert history.call("callr:1").variables == {"team": "support"}
    kinds = [(turn.report_key[:4], turn.kind) for turn in history.turns("callr:1")]
    assert kinds == [
        ("0:UP", "turn"),
        ("1:UP", "turn"),
        ("0:UP", "conflict"),
        ("2:HA", "end"),
        ("2:UP", "turn"),
        ("1:UP", "conflict"),
    ]


def test_a_last_resort_that_is_written_late_is_told_before_the_end(
    journal: SqlJournal, history: History
) -> None:
    journal.record(make_turn("0:UP", call=make_call()))
    at = WHEN + timedelta(seconds=1)
    over = make_call(ended_at=at, outcome="failed")
    journal.record(make_turn("1:HANGUP", turn=None, kind="end", received_at=at, call=over))
    journal.record(make_turn("1:UP", turn=None, kind="last_resort", state=None))
    kinds = [turn.kind for turn in history.turns("callr:1")]
    assert kinds == ["turn", "last_resort", "end"]


def test_a_call_lasts_from_its_first_report_whatever_the_platform_says_it_began(
    journal: SqlJournal, history: History
) -> None:
    over = make_call(started_at=WHEN - timedelta(days=9), ended_at=WHEN + timedelta(seconds=9))
    journal.record(make_turn(call=over))
    assert history.call("callr:1").lasted_s == 9.0
    write_call(journal, "callr:2", 0)
    assert history.call("callr:2").lasted_s is None


def test_a_call_tells_its_incidents_and_where_its_variables_stand(
    journal: SqlJournal, history: History
) -> None:
    write_call(journal, "callr:1", 0)
    journal.record(make_turn("1:UP", incidents=("One.", "Two."), variables={"team": "sales"}))
    journal.record(make_turn("2:UP", incidents=("Three.",)))
    found = history.call("callr:1")
    assert (found.incidents, found.variables) == (3, {"team": "sales"})


def test_a_call_that_is_silent_for_hours_is_lost(journal: SqlJournal, database_url: str) -> None:
    write_call(journal, "callr:1", 0)
    last_at = WHEN + timedelta(hours=1)
    journal.record(make_turn("1:UP", received_at=last_at))
    silence = timedelta(hours=LOST_AFTER_H)

    def outcome(at: timedelta) -> str:
        return History(database_url, clock=lambda: last_at + at).call("callr:1").row.outcome

    assert outcome(silence) == ""
    assert outcome(silence + timedelta(seconds=1)) == "lost"


def test_a_call_that_ended_is_never_lost(journal: SqlJournal, database_url: str) -> None:
    write_call(journal, "callr:1", 0, ended_at=WHEN, outcome="completed")
    late = History(database_url, clock=lambda: WHEN + timedelta(days=9))
    assert late.call("callr:1").row.outcome == "completed"


@pytest.mark.parametrize("name", ["callr:242359184129", "242359184129", "callr:2423", "2423"])
def test_a_call_is_found_by_any_of_its_names(
    journal: SqlJournal, history: History, name: str
) -> None:
    write_call(journal, "callr:242359184129", 0)
    write_call(journal, "callr:992359184129", 1)
    assert history.call(name).row.key == "callr:242359184129"


def test_a_whole_name_wins_over_one_that_begins_like_it(
    journal: SqlJournal, history: History
) -> None:
    write_call(journal, "callr:24", 0)
    write_call(journal, "callr:2423", 1)
    assert history.call("24").row.key == "callr:24"


def test_a_beginning_that_fits_several_calls_names_them(
    journal: SqlJournal, history: History
) -> None:
    write_call(journal, "callr:24", 0)
    write_call(journal, "callr:25", 1)
    with pytest.raises(JournalError, match=r"callr:25, callr:24.*Write more"):
        history.call("2")


@pytest.mark.parametrize("name", ["", "callr:3", "%", "_", "CALLR:24"])
def test_a_call_that_is_not_there_is_told_with_the_mend(
    journal: SqlJournal, history: History, name: str
) -> None:
    write_call(journal, "callr:24", 0)
    with pytest.raises(JournalError, match="offhook calls list") as error:
        history.call(name)
    assert error.value.status == 404


def test_an_empty_journal_has_no_last_call(journal: SqlJournal, history: History) -> None:
    journal.ping()
    with pytest.raises(JournalError, match="no calls yet"):
        history.call("last")
    assert not history.calls()
    assert not history.turns("callr:1")
    assert history.version("0123456789ab") is None


def test_the_journal_and_its_history_tell_the_same_id(
    journal: SqlJournal, history: History
) -> None:
    assert journal.instance_id() == history.instance_id()
