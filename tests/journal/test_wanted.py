"""Looking for calls: by what stands in their rows, by their summaries, and by their turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from journal_doubles import WHEN, Losses, connected, journal_at, make_call, make_turn, run_sql
from sqlalchemy import text

from app.journal import LIVE, LOST, History, SqlJournal, Wanted
from app.journal.recordings import Recordings

END = WHEN + timedelta(minutes=1)


@pytest.fixture
def journal(database_url: str) -> Iterator[SqlJournal]:
    with journal_at(database_url) as journal:
        yield journal


def write(journal: SqlJournal, number: int, *turns: dict[str, Any], **about: Any) -> None:
    """A call with these turns: the first has its row, and so has the last where it ended."""
    key = f"callr:{number}"
    call = make_call(key, **{"started_at": WHEN + timedelta(minutes=number), **about})
    for place, changes in enumerate(turns or ({},)):
        last = place == len(turns or ({},)) - 1
        row = call if not place or (last and call.ended_at) else None
        journal.record(make_turn(f"{place}:UP", call_key=key, call=row, **changes))


def found(url: str, **wanted: Any) -> list[int]:
    history = History(url, clock=lambda: WHEN + timedelta(hours=3))
    return sorted(int(one.row.platform_id) for one in history.calls(Wanted(**wanted)))


def test_calls_are_found_by_when_they_began(journal: SqlJournal, database_url: str) -> None:
    for minute in (1, 2, 3):
        write(journal, minute)
    at = WHEN + timedelta(minutes=2)
    assert found(database_url, since=at) == [2, 3]
    assert found(database_url, until=at) == [1]
    assert found(database_url, since=at, until=at + timedelta(seconds=1)) == [2]


def test_calls_are_found_by_what_stands_in_their_rows(
    journal: SqlJournal, database_url: str
) -> None:
    write(journal, 1, caller="+33611111111", called="+33122222222", flow="clinic", token="t1")
    write(journal, 2, caller="", outcome="busy", disposition="call back", ended_at=END)
    write(journal, 3, test=True)
    assert found(database_url, caller="+33611111111") == [1]
    assert found(database_url, called="+33122222222") == [1]
    assert found(database_url, caller="") == [2]
    assert found(database_url, flow="clinic") == [1]
    assert found(database_url, outcome="busy") == [2]
    assert found(database_url, disposition="call back") == [2]
    assert found(database_url, disposition="call") == []
    assert found(database_url, token="t1") == [1]
    assert found(database_url) == [1, 2]
    assert found(database_url, tests=True) == [1, 2, 3]
    assert found(database_url, flow="clinic", outcome="busy") == []


def test_a_call_without_an_end_lives_until_it_was_silent_for_hours(
    journal: SqlJournal, database_url: str
) -> None:
    write(journal, 1, {"received_at": WHEN - timedelta(hours=3)})
    write(journal, 2, {"received_at": WHEN - timedelta(hours=3)}, {"received_at": WHEN})
    write(journal, 3, outcome="hung_up", ended_at=END)
    assert found(database_url, outcome=LOST) == [1]
    assert found(database_url, outcome=LIVE) == [2]


@pytest.mark.parametrize("ended_at", [END, None], ids=["over", "live"])
def test_calls_are_found_by_the_steps_that_they_passed_or_stood_at(
    journal: SqlJournal, database_url: str, ended_at: Any
) -> None:
    trail = (("open_now", "open"), ("welcome", "then"))
    write(
        journal,
        1,
        {"step_after": "choose", "trail": trail},
        {"step_before": "choose", "step_after": "team"},
        ended_at=ended_at,
    )
    write(journal, 2, {"step_after": "team_two"}, {"step_before": "team_two"}, ended_at=ended_at)
    for step in ("open_now", "welcome", "choose", "team"):
        assert found(database_url, step=step) == [1]
    for step in ("open", "then", "tea", "TEAM", "%", "te_m"):
        assert found(database_url, step=step) == []


@pytest.mark.parametrize("ended_at", [END, None], ids=["over", "live"])
def test_calls_are_found_by_what_their_variables_were_at_the_end(
    journal: SqlJournal, database_url: str, ended_at: Any
) -> None:
    values: dict[str, Any] = {
        "team": "sales",
        "age": 22,
        "adult": True,
        "name": 'Zoë "Z"',
        "no": None,
    }
    write(
        journal, 1, {"variables": {"team": "support"}}, {"variables": values}, {}, ended_at=ended_at
    )
    write(journal, 2, {"variables": {"age": "220"}}, ended_at=ended_at)
    told = {"team": "sales", "age": "22", "adult": "true", "name": 'Zoë "Z"', "no": "null"}
    for name, value in told.items():
        assert found(database_url, variables={name: value}) == [1]
    assert found(database_url, variables=told) == [1]
    assert found(database_url, variables={"age": "220"}) == [2]
    for name, value in {"team": "support", "eam": "sales", "age": "2", "name": "zoë"}.items():
        assert found(database_url, variables={name: value}) == []
    assert found(database_url, variables={"team": 'sales","age":22'}) == []


@pytest.mark.parametrize("ended_at", [END, None], ids=["over", "live"])
def test_calls_are_found_by_their_incidents(
    journal: SqlJournal, database_url: str, ended_at: Any
) -> None:
    write(journal, 1, {"incidents": ("One.",)}, {}, ended_at=ended_at)
    write(journal, 2, {}, {}, ended_at=ended_at)
    assert found(database_url, incidents=True) == [1]


def test_a_call_that_ended_before_there_were_summaries_is_found_by_its_turns(
    journal: SqlJournal, database_url: str
) -> None:
    turn = {"step_after": "choose", "variables": {"team": "sales"}, "incidents": ("One.",)}
    write(journal, 1, turn, {}, ended_at=END)
    run_sql(database_url, "UPDATE calls SET steps = NULL, variables = NULL, incidents = NULL")
    wanted = {"step": "choose", "variables": {"team": "sales"}, "incidents": True}
    assert found(database_url, **wanted) == [1]


def summary(url: str) -> tuple[Any, ...]:
    with connected(url) as connection:
        query = text("SELECT steps, variables, incidents FROM calls WHERE key = 'callr:1'")
        return tuple(connection.execute(query).one())


def test_an_ended_call_has_a_summary_of_all_its_turns(
    journal: SqlJournal, database_url: str
) -> None:
    write(journal, 1, {"step_after": "a", "trail": (("b", "then"),), "incidents": ("One.", "Two.")})
    assert summary(database_url) == (None, None, None)
    over = make_call("callr:1", ended_at=END, outcome="hung_up")
    journal.record(make_turn("1:HANGUP", step_before="a", variables={"x": 1}, call=over))
    assert summary(database_url) == ('["a","b"]', '{"x":1}', 2)


def test_a_repeat_with_other_bytes_after_the_end_is_counted_among_the_incidents(
    journal: SqlJournal, database_url: str
) -> None:
    over = make_call("callr:1", ended_at=END, outcome="hung_up")
    journal.record(make_turn("1:HANGUP", step_before="a", call=over))
    journal.record(make_turn("1:HANGUP", raw=b"other"))
    assert summary(database_url) == ('["a"]', "{}", 1)


def test_a_sound_that_could_not_be_kept_is_counted_among_the_incidents(
    journal: SqlJournal, database_url: str
) -> None:
    over = make_call("callr:1", ended_at=END, outcome="hung_up")
    journal.record(make_turn("1:HANGUP", recording="rt-1", call=over))
    recordings = Recordings(database_url)
    claimed = recordings.claim("me", seconds=60)
    assert claimed is not None
    assert recordings.fail(claimed, holder="me", cause="It is gone.")
    assert summary(database_url)[2] == 1


def test_a_turn_that_is_written_after_its_calls_end_is_in_the_summary(sqlite_url: str) -> None:
    """The database was locked for the worker that took the turn, and not for the next one."""
    losses = Losses()
    with (
        journal_at(sqlite_url) as other,
        journal_at(sqlite_url, losses, retry_s=60) as stuck,
    ):
        with connected(sqlite_url) as lock:
            lock.exec_driver_sql("BEGIN IMMEDIATE")
            stuck.record(make_turn("0:UP", step_after="late", variables={"x": 1}))
            lock.exec_driver_sql("COMMIT")
        ((_, why),) = losses.heard
        assert "locked" in why  # so that it is not tried again before it is closed
        over = make_call("callr:1", ended_at=END, outcome="hung_up")
        other.record(make_turn("1:HANGUP", step_before="a", call=over))
        assert summary(sqlite_url) == ('["a"]', "{}", 0)
        stuck.close()
        assert summary(sqlite_url) == ('["a","late"]', '{"x":1}', 0)
