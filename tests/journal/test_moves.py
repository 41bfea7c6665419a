"""Moves of numbers, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from journal_doubles import run_sql

from app.callflow.errors import JournalError
from app.journal import Move, Moves, MoveStatus, upgrade

AT = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)


def move(*, did: str = "D1", from_app: str = "A1", to_app: str = "A2") -> Move:
    return Move(
        did=did,
        number="+33199001020",
        from_app=from_app,
        from_name="Old",
        to_app=to_app,
        to_name="New\0",
        began_at=AT,
    )


@pytest.fixture
def moves(database_url: str) -> Moves:
    upgrade(database_url)
    return Moves(database_url)


def test_a_number_that_was_never_moved_has_no_last_move(moves: Moves) -> None:
    assert moves.last("D1") is None
    assert moves.targets() == frozenset()


def test_the_last_move_is_the_one_that_was_written_last(moves: Moves) -> None:
    moves.begin(move())
    second = moves.begin(move(from_app="A2", to_app="A3"))
    moves.begin(move(did="D2"))
    last = moves.last("D1")
    assert last is not None
    assert (last.id, last.from_app, last.to_app) == (second, "A2", "A3")
    assert (last.status, last.began_at, last.undone_at) == (MoveStatus.BEGUN, AT, None)


def test_a_move_that_the_platform_refused_is_no_last_move(moves: Moves) -> None:
    first = moves.begin(move())
    moves.settle(moves.begin(move(to_app="A3")), MoveStatus.FAILED)
    last = moves.last("D1")
    assert last is not None
    assert last.id == first


def test_a_move_that_was_undone_says_when(moves: Moves) -> None:
    moves.settle(moves.begin(move()), MoveStatus.UNDONE)
    last = moves.last("D1")
    assert last is not None
    assert last.undone_at is not None
    assert abs(last.undone_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_voice_app_that_had_to_be_made_first_is_added(moves: Moves) -> None:
    moves.aimed(moves.begin(move(to_app="")), "A9")
    assert moves.targets() == {"A9"}


def test_sqlites_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    moves = Moves(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    moves.prepare()
    assert moves.begin(move()) == 1


def test_an_older_schema_is_told_before_anything_is_moved(postgres_url: str) -> None:
    with pytest.raises(JournalError, match=r"not made yet.*offhook journal upgrade"):
        Moves(postgres_url).prepare()
    upgrade(postgres_url)
    run_sql(postgres_url, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(JournalError, match=r"of an older release.*offhook journal upgrade"):
        Moves(postgres_url).prepare()


def test_a_database_that_cannot_be_written_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="DATABASE_URL"):
        Moves(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3").prepare()
