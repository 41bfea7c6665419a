"""What is forgotten when it has been kept long enough, by whom, and what stays."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.callflow.errors import JournalError
from app.journal import History, SqlJournal, Version, upgrade
from app.journal.leases import Leases
from app.journal.recordings import Recordings
from app.journal.retention import BATCH, Retention
from app.journal.tables import calls, notices, recordings, starts, turns, versions
from app.journal.unhurried import Unhurried
from app.keeping.retention import CHECK_S, ForgetOldCalls
from app.ports import CallRow, Start, TurnRecord

NOW = datetime.now(UTC)
TABLES = (turns, calls, starts, notices, recordings, versions)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@dataclass
class Clock:
    """Seconds that rise when the test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Kept:
    """A journal with rows of any age in it, and what forgets them."""

    url: str
    clock: Clock = field(default_factory=Clock)

    def job(self, holder: str = "anna", **days: Any) -> ForgetOldCalls:
        settings = {"retention_days": 90, "recording_days": 30, **days}
        return ForgetOldCalls(
            Retention(self.url),
            Leases(self.url),
            lambda: holder,
            in_use={"served"},
            clock=self.clock,
            **settings,
        )

    def forget(self, **days: Any) -> None:
        """Forget as one server does on one day."""
        assert self.job(**days)(threading.Event()) == CHECK_S

    def call(
        self, key: str, at: datetime, *, reports: int = 3, recording: str = "", **about: Any
    ) -> None:
        """Journal a call."""
        journal = SqlJournal(self.url, on_lost=lambda _turn, why: pytest.fail(why), budget_s=20)
        for number in range(reports):
            ends = number == reports - 1
            row = CallRow(
                key=key,
                provider="callr",
                platform_id=key,
                flow="reception",
                direction="inbound",
                caller="+33612345678",
                called="+33123456789",
                started_at=about.get("started_at", at),
                ended_at=at if ends else None,
                outcome="completed" if ends else "",
            )
            journal.record(
                TurnRecord(
                    call_key=key,
                    report_key=f"{number}:UP",
                    kind="turn",
                    turn=number + 1,
                    received_at=at,
                    raw=b"{}",
                    digest="d",
                    event={},
                    reply=b"{}",
                    fingerprint=about.get("fingerprint", "0f0f0f0f0f0f"),
                    recording=recording if ends else "",
                    call=row if ends or not number else None,
                )
            )
        journal.close()

    def start(self, token: str, at: datetime) -> None:
        journal = SqlJournal(self.url, on_lost=lambda _turn, why: pytest.fail(why), budget_s=20)
        journal.write_start(
            Start(
                token=token,
                provider="callr",
                flow="reminder",
                number="+33612345678",
                caller_id="",
                ring_s=30,
                field="",
                variables={},
                created_at=at,
            )
        )
        journal.close()

    def version(self, fingerprint: str, at: datetime) -> None:
        journal = SqlJournal(self.url, on_lost=lambda _turn, why: pytest.fail(why), budget_s=20)
        version = Version(
            fingerprint=fingerprint, flow="reception", drawing="", declared={}, first_seen=at
        )
        journal.remember([version])
        journal.instance_id()
        journal.close()

    def notice(self, name: str, at: datetime) -> None:
        row = insert(notices).values(
            event_id=name, call_key="?", provider="callr", kind="x", received_at=at, raw=b"{}"
        )
        self._do(lambda connection: connection.execute(row))

    def keep_sound(self, media_id: str) -> None:
        """Say that the platform has the last sound that was recorded."""
        store = Recordings(self.url)
        claimed = store.claim("ben", 60)
        assert claimed is not None
        assert store.settle(claimed, holder="ben", status="kept", media_id=media_id)

    def count(self) -> dict[str, int]:
        """How many rows each table has, but those that have none."""

        def look(connection: Any) -> dict[str, int]:
            found = {one.name: len(connection.execute(select(one)).all()) for one in TABLES}
            return {name: count for name, count in found.items() if count}

        counted: dict[str, int] = self._do(look)
        return counted

    def _do(self, question: Callable[[Any], Any]) -> Any:
        return Unhurried(self.url).ask(question)


@pytest.fixture
def kept(database_url: str) -> Kept:
    upgrade(database_url)
    return Kept(database_url)


def test_a_call_is_forgotten_whole_once_its_days_are_over(kept: Kept) -> None:
    kept.call("callr:1", ago(91))
    kept.call("callr:2", ago(89))
    kept.forget()
    assert [one.row.key for one in History(kept.url).calls()] == ["callr:2"]
    assert kept.count() == {"turns": 3, "calls": 1}


def test_starts_notices_and_versions_are_forgotten_too(kept: Kept) -> None:
    for days in (91, 89):
        kept.start(f"oh{days}", ago(days))
        kept.notice(f"event {days}", ago(days))
        kept.version(f"v{days}", ago(days))
    kept.forget()
    assert kept.count() == {"starts": 1, "notices": 1, "versions": 1}


def test_an_old_version_stays_while_a_call_names_it_or_it_is_served(kept: Kept) -> None:
    kept.call("callr:1", ago(1), fingerprint="named")
    for fingerprint in ("named", "served", "forgotten"):
        kept.version(fingerprint, ago(200))
    kept.forget()
    history = History(kept.url)
    assert history.version("named")
    assert history.version("served")
    assert history.version("forgotten") is None


def test_what_counts_is_when_we_heard_of_a_call_not_when_it_says_it_began(kept: Kept) -> None:
    kept.call("callr:1", ago(1), started_at=ago(4000))
    kept.call("callr:2", ago(91), started_at=NOW + timedelta(days=4000))
    kept.forget()
    assert [one.row.key for one in History(kept.url).calls()] == ["callr:1"]


def test_a_call_of_which_something_is_newer_stays(kept: Kept) -> None:
    kept.call("callr:1", ago(91), reports=2)
    journal = SqlJournal(kept.url, on_lost=lambda _turn, why: pytest.fail(why), budget_s=20)
    late = History(kept.url).turns("callr:1")[0]
    journal.record(
        TurnRecord(
            call_key="callr:1",
            report_key="9:UP",
            kind="turn",
            turn=9,
            received_at=ago(1),
            raw=late.raw,
            digest="d",
            event={},
            reply=b"",
        )
    )
    journal.close()
    kept.forget()
    assert kept.count() == {"turns": 3, "calls": 1}


def test_many_calls_are_forgotten_call_by_call(kept: Kept) -> None:
    for number in range(BATCH // 2):
        kept.call(f"callr:{number}", ago(91), reports=3)
    kept.call("callr:new", ago(1))
    kept.forget()
    assert kept.count() == {"turns": 3, "calls": 1}


def test_a_sound_is_deleted_at_the_platform_after_its_own_days(kept: Kept) -> None:
    kept.call("callr:1", ago(31), recording="rt-1")
    kept.keep_sound("7")
    kept.call("callr:2", ago(29), recording="rt-2")
    kept.keep_sound("8")
    kept.forget()
    newer, older = Recordings(kept.url).newest(limit=9)
    assert (newer.status, newer.due_at) == ("kept", None)
    assert (older.status, older.media_id) == ("deleting", "7")
    assert kept.count() == {"turns": 6, "calls": 2, "recordings": 2}


def test_a_sound_never_outlives_its_call_and_its_row_stays_until_it_is_gone(kept: Kept) -> None:
    kept.call("callr:1", ago(91), recording="rt-1")
    kept.keep_sound("7")
    kept.forget(recording_days=0)
    (row,) = Recordings(kept.url).newest(limit=9)
    assert (row.status, row.media_id) == ("deleting", "7")
    assert kept.count() == {"recordings": 1}
    Recordings(kept.url).deleted(row.id)
    Retention(kept.url).forget_recordings(ago(90))
    assert kept.count() == {}


def test_a_sound_that_was_never_kept_is_waited_for_no_longer(kept: Kept) -> None:
    kept.call("callr:1", ago(31), recording="rt-1")
    kept.forget()
    (row,) = Recordings(kept.url).newest(limit=9)
    assert (row.status, row.due_at) == ("deleted", None)


def test_nought_keeps_for_ever(kept: Kept) -> None:
    kept.call("callr:1", ago(4000), recording="rt-1")
    kept.keep_sound("7")
    kept.start("oh1", ago(4000))
    kept.version("v1", ago(4000))
    before = kept.count()
    kept.forget(retention_days=0, recording_days=0)
    assert kept.count() == before
    assert Recordings(kept.url).newest(limit=9)[0].status == "kept"


def test_one_server_forgets_and_not_again_before_a_day_is_over(kept: Kept) -> None:
    anna, ben = kept.job("anna"), kept.job("ben")
    anna(threading.Event())
    kept.call("callr:1", ago(91))
    before = kept.count()
    for job in (anna, ben):
        kept.clock.now += 2 * CHECK_S
        assert job(threading.Event()) == CHECK_S
    assert kept.count() == before, "forgotten today already"
    assert Leases(kept.url).take("retention", "nobody", 60) is False


def test_while_another_server_forgets_this_one_does_not(kept: Kept) -> None:
    kept.call("callr:1", ago(91))
    assert Leases(kept.url).take("retention", "ben", 600)
    kept.forget()
    assert kept.count() == {"turns": 3, "calls": 1}


def test_it_works_a_moment_at_a_time_and_goes_on_where_it_was(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        kept.call(f"callr:{number}", ago(91))

    class Hurrying(Clock):
        def __call__(self) -> float:
            self.now += 3.0
            return self.now

    kept.clock = Hurrying()
    job, times = kept.job(), 0
    with caplog.at_level(logging.INFO, "offhook"):
        while job(threading.Event()) == 0.0:
            times += 1
    assert times == 4
    assert kept.count() == {}
    assert "forgot 3 calls and rows" in caplog.text


def test_closing_stops_it_after_the_call_in_hand_and_another_server_goes_on(kept: Kept) -> None:
    for number in range(3):
        kept.call(f"callr:{number}", ago(91))
    closing = threading.Event()
    closing.set()
    assert kept.job()(closing) == 0.0
    assert kept.count() == {"turns": 6, "calls": 2}
    assert Leases(kept.url).take("retention", "anna", 0), "its lease runs out by itself"
    kept.job("ben")(threading.Event())
    assert kept.count() == {}


def test_a_database_that_fails_is_tried_from_the_beginning(sqlite_url: str) -> None:
    kept = Kept(sqlite_url)
    job = kept.job()
    upgrade(sqlite_url)
    kept.call("callr:1", ago(91))
    Unhurried(sqlite_url).ask(
        lambda connection: connection.exec_driver_sql("ALTER TABLE notices RENAME TO elsewhere")
    )
    with pytest.raises(JournalError):
        job(threading.Event())
    kept.clock.now += CHECK_S
    Unhurried(sqlite_url).ask(
        lambda connection: connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO notices")
    )
    assert job(threading.Event()) == CHECK_S
    assert kept.count() == {}


def test_what_is_forgotten_is_not_left_in_sqlites_file(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    kept = Kept(sqlite_url)
    kept.call("callr:1", ago(91), fingerprint="find-me-in-the-file")
    path = sqlite_url.removeprefix("sqlite:///")

    def on_disk() -> bytes:
        Unhurried(sqlite_url).ask(
            lambda connection: connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        )
        with open(path, "rb") as file:  # noqa: PTH123 -- bytes of one file
            return file.read()

    assert b"find-me-in-the-file" in on_disk()
    kept.forget()
    assert b"find-me-in-the-file" not in on_disk()
