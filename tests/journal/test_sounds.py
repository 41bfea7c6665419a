"""Sounds in the journal's database, part by part."""

from __future__ import annotations

import pytest
from journal_doubles import connected

from app.callflow.errors import GoneError
from app.journal import upgrade
from app.journal.sounds import Sounds


@pytest.fixture
def sounds(database_url: str) -> Sounds:
    upgrade(database_url)
    return Sounds(database_url)


def test_a_sound_is_read_as_it_was_put(sounds: Sounds) -> None:
    sounds.put("sound:1", iter([b"\x00\xff", b"\x01", b"\x02" * 100_000]))
    sounds.put("sound:2", [b"other"])
    assert list(sounds.read("sound:1")) == [b"\x00\xff", b"\x01", b"\x02" * 100_000]
    assert sounds.has("sound:1")


def test_a_sound_that_is_put_again_leaves_nothing_of_before(sounds: Sounds) -> None:
    sounds.put("sound:1", [b"a", b"b", b"c"])
    sounds.put("sound:1", [b"d"])
    assert list(sounds.read("sound:1")) == [b"d"]


def test_what_is_deleted_is_gone_and_may_be_deleted_again(
    sounds: Sounds, database_url: str
) -> None:
    sounds.put("sound:1", [b"a", b"b"])
    sounds.put("sound:2", [b"c"])
    sounds.delete("sound:1")
    sounds.delete("sound:1")
    assert not sounds.has("sound:1")
    with pytest.raises(GoneError):
        list(sounds.read("sound:1"))
    with connected(database_url) as connection:
        left = connection.exec_driver_sql("SELECT sound FROM sounds").scalars().all()
    assert left == ["sound:2"]
