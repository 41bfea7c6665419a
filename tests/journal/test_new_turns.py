"""New turns are told once, whenever their rows appear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journal_doubles import journal_at, make_turn
from sqlalchemy import create_engine

from app.journal import History, SqlJournal
from app.journal.following import LOOK_BACK, MOST, NewRows, Numbered


@pytest.fixture
def journal(database_url: str) -> Iterator[SqlJournal]:
    with journal_at(database_url) as journal:
        yield journal


def keys(history: History, new: NewRows) -> list[str]:
    return [
        turn.report_key
        for call_key, ids in new.read().items()
        for number, turn in history.numbered_turns(call_key)
        if number in ids
    ]


def test_each_new_turn_is_told_once(journal: SqlJournal, database_url: str) -> None:
    journal.record(make_turn("0:UP"))
    history = History(database_url)
    new = NewRows(history, "turns")
    assert keys(history, new) == []
    journal.record(make_turn("1:UP"))
    journal.record(make_turn("0:UP", call_key="callr:2"))
    assert keys(history, new) == ["1:UP", "0:UP"]
    assert keys(history, new) == []
    journal.record(make_turn("2:UP"))
    assert keys(history, new) == ["2:UP"]


@pytest.mark.postgres
def test_a_turn_whose_row_appears_after_a_later_one_is_told(postgres_url: str) -> None:
    with journal_at(postgres_url) as journal:
        journal.record(make_turn("0:UP"))
        history = History(postgres_url)
        engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
        new = NewRows(history, "turns")
        with engine.connect() as slow, slow.begin():
            slow.exec_driver_sql(
                "INSERT INTO turns SELECT nextval(pg_get_serial_sequence('turns', 'id')), call_key,"
                " '1:UP', kind, turn, received_at, raw, digest, event, step_before, step_after,"
                " trail, state, variables, commands, reply, fingerprint, answers, took_ms,"
                " incidents FROM turns"
            )
            journal.record(make_turn("2:UP"))
            assert keys(history, new) == ["2:UP"]
        engine.dispose()
        assert keys(history, new) == ["1:UP"]
        assert keys(history, new) == []


class ManyTurns:
    """A journal with nothing but the numbers of rows, which counts what it is asked for."""

    def __init__(self) -> None:
        self.last = 0
        self.most = 0

    def last_id(self, of: Numbered) -> int:
        assert of == "turns"
        return self.last

    def ids(self, of: Numbered, *, above: int, limit: int) -> list[tuple[int, str]]:
        assert of == "turns"
        found = range(max(above, 0) + 1, self.last + 1)[:limit]
        self.most = max(self.most, len(found))
        return [(number, "callr:1") for number in found]


def test_a_question_is_bounded_and_what_is_left_comes_with_the_next() -> None:
    many = ManyTurns()
    new = NewRows(many, "turns")
    many.last = 10_000
    told: list[int] = []
    while found := new.read():
        told += found["callr:1"]
    assert sorted(told) == list(range(1, 10_001))
    assert many.most <= LOOK_BACK + MOST


def test_a_turn_is_told_that_got_the_number_of_one_that_was_removed() -> None:
    many = ManyTurns()
    many.last = 5
    new = NewRows(many, "turns")
    many.last = 3
    assert not new.read()
    many.last = 5
    assert new.read() == {"callr:1": {4, 5}}
