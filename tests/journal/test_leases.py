"""Leases and claims: one server at a time, out of several processes at the same instant."""

from __future__ import annotations

from journal_doubles import journal_at, make_turn, other, run_sql
from processes import RECORDINGS

from app.journal import upgrade
from app.journal.leases import Leases
from app.journal.recordings import Recordings


def test_a_lease_is_held_by_one_until_it_is_over(database_url: str) -> None:
    upgrade(database_url)
    leases = Leases(database_url)
    assert leases.take("retention", "anna", 3600)
    assert not leases.take("retention", "ben", 3600)
    assert leases.take("another", "ben", 3600)
    assert leases.take("retention", "anna", 0), "who holds it may prolong and shorten it"
    assert leases.take("retention", "ben", 3600)
    assert not leases.take("retention", "anna", 3600)


def test_two_processes_that_want_one_lease_do_not_both_get_it(database_url: str) -> None:
    upgrade(database_url)
    with other("lease", database_url, "anna") as anna, other("lease", database_url, "ben") as ben:
        for one in (anna, ben):
            one.await_ready()
        for one in (anna, ben):
            one.go()
        taken = [anna.result(), ben.result()]
    assert len(taken[0]) + len(taken[1]) == RECORDINGS
    assert not set(taken[0]) & set(taken[1])


def test_two_processes_that_keep_recordings_share_them_without_doubles(database_url: str) -> None:
    with journal_at(database_url) as journal:
        for number in range(RECORDINGS):
            journal.record(make_turn(f"{number}:UP", recording=f"file-{number}"))
    with other("claim", database_url, "anna") as anna, other("claim", database_url, "ben") as ben:
        for one in (anna, ben):
            one.await_ready()
        for one in (anna, ben):
            one.go()
        claimed = anna.result() + ben.result()
    assert sorted(claimed) == sorted(f"file-{number}" for number in range(RECORDINGS))


def test_what_a_server_that_died_had_claimed_is_claimed_by_the_next(database_url: str) -> None:
    with journal_at(database_url) as journal:
        journal.record(make_turn(recording="file"))
    recordings = Recordings(database_url)
    first = recordings.claim("anna", 3600)
    assert first is not None
    assert recordings.claim("ben", 3600) is None
    assert recordings.settle(first, holder="anna", due_in_s=0)
    second = recordings.claim("ben", 3600)
    assert second is not None
    assert second.id == first.id
    assert not recordings.settle(first, holder="anna"), "the claim is lost"
    assert not recordings.fail(first, holder="anna", cause="x")
    assert recordings.get(first.id).holder == "ben"


def test_a_machine_whose_clock_is_ahead_delays_no_recording(database_url: str) -> None:
    from datetime import timedelta  # noqa: PLC0415 -- for this one moment

    with journal_at(database_url) as journal:
        ahead = make_turn(recording="file").received_at + timedelta(days=3650)
        journal.record(make_turn(recording="file", received_at=ahead))
    assert Recordings(database_url).claim("anna", 60) is not None


def test_a_turn_without_a_recording_asks_for_no_table_of_them(database_url: str) -> None:
    with journal_at(database_url) as journal:
        run_sql(database_url, "ALTER TABLE recordings RENAME TO elsewhere")
        assert journal.record(make_turn("0:UP")) is None
        assert journal.record(make_turn("0:UP")) == b"reply to 0:UP"
