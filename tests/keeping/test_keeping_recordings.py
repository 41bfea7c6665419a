"""What becomes of a sound that a turn told, whatever the platform's library says to it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
from sqlalchemy import text

from app.callflow.errors import ApiError, GoneError, OffhookError
from app.journal import History, SqlJournal, upgrade
from app.journal.recordings import Recordings
from app.journal.unhurried import Unhurried
from app.keeping.recordings import MAX_TRIES, KeepRecordings, delete_now, name_of
from app.ports import TurnRecord
from app.sounds import Recording, Sound, SoundState

WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
READY = Sound(state=SoundState.READY, url="https://media.example/1.mp3", seconds=12.0)


@dataclass
class FakeLibrary:
    """A library whose every method does what it does, or raises what the test put there."""

    sounds: dict[str, Sound] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    errors: dict[str, list[OffhookError]] = field(default_factory=dict)
    filled: Sound = READY
    next_id: int = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def create(self, name: str) -> str:
        self._ask("create", name)
        media_id, self.next_id = str(self.next_id), self.next_id + 1
        self.sounds[media_id] = Sound(state=SoundState.CONVERTING)
        return media_id

    def fill(self, media_id: str, file: str) -> None:
        self._ask("fill", media_id, file)
        self.sounds[media_id] = self.filled

    def look(self, media_id: str) -> Sound:
        self._ask("look", media_id)
        return self.sounds[media_id]

    def delete(self, media_id: str) -> None:
        self._ask("delete", media_id)
        del self.sounds[media_id]

    def _ask(self, *words: str) -> None:
        self.asked.append(words)
        if waiting := self.errors.get(words[0]):
            raise waiting.pop(0)


@dataclass
class Desk:
    """A journal with one recording in it, and what works at it."""

    url: str
    library: FakeLibrary
    recordings: Recordings
    keep: KeepRecordings

    def run(self) -> Recording:
        """Do what is due; gives the recording afterwards."""
        self.keep(threading.Event())
        return self.row

    def run_later(self) -> Recording:
        """The same, when its pause is over."""
        statement = text("UPDATE recordings SET due_at = :past WHERE due_at IS NOT NULL")
        past = datetime.now(UTC) - timedelta(days=1)
        shown = past.strftime("%Y-%m-%d %H:%M:%S.%f") if "sqlite" in self.url else past
        Unhurried(self.url).ask(lambda connection: connection.execute(statement, {"past": shown}))
        return self.run()

    @property
    def row(self) -> Recording:
        (row,) = self.recordings.newest(limit=10)
        return row


def turn(**changes: object) -> TurnRecord:
    about: dict[str, object] = {
        "call_key": "callr:7",
        "report_key": "3:UP",
        "kind": "turn",
        "turn": 4,
        "received_at": WHEN,
        "raw": b"{}",
        "digest": "d",
        "event": {"is": "CommandDone"},
        "reply": b"{}",
        "step_before": "voicemail",
        "recording": "rt-7-1",
        **changes,
    }
    return TurnRecord(**about)  # type: ignore[arg-type]  # what a test changes, it changes rightly


def record(url: str, *turns: TurnRecord) -> None:
    journal = SqlJournal(url, on_lost=lambda _turn, why: pytest.fail(why), budget_s=10)
    for one in turns:
        journal.record(one)
    journal.close()


@pytest.fixture
def desk(database_url: str) -> Desk:
    upgrade(database_url)
    record(database_url, turn())
    library, recordings = FakeLibrary(), Recordings(database_url)
    keep = KeepRecordings(recordings, {"callr": lambda: library}, lambda: "anna")
    return Desk(database_url, library, recordings, keep)


def test_a_sound_is_kept_and_the_call_has_its_media_id_url_and_length(desk: Desk) -> None:
    row = desk.run()
    assert desk.library.asked == [
        ("create", "offhook 7-1"),
        ("fill", "1", "rt-7-1"),
        ("look", "1"),
    ]
    assert (row.status, row.media_id, row.url, row.seconds) == ("kept", "1", READY.url, 12.0)
    assert (row.call_key, row.report_key, row.step, row.due_at) == (
        "callr:7",
        "3:UP",
        "voicemail",
        None,
    )
    desk.run_later()
    assert len(desk.library.asked) == 3, "what is kept is worked at no more"


def test_a_sound_that_the_platform_still_converts_is_looked_at_again(desk: Desk) -> None:
    desk.library.filled = Sound(state=SoundState.CONVERTING)
    assert desk.run().status == "converting"
    assert desk.run_later().status == "converting"
    desk.library.sounds["1"] = READY
    assert desk.run_later().status == "kept"
    assert [words[0] for words in desk.library.asked] == [
        "create",
        "fill",
        "look",
        "look",
        "look",
    ]


def test_a_recording_that_the_platform_no_longer_has_is_an_incident_of_its_turn(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    gone = "CALLR no longer has the recording 'rt-7-1': it keeps them for a while only."
    desk.library.errors["fill"] = [GoneError(gone)]
    row = desk.run()
    assert (row.status, row.detail, row.due_at) == ("failed", gone, None)
    (told,) = History(desk.url).turns("callr:7")
    assert told.incidents == (f"What was said is not kept: {gone}",)
    assert gone in caplog.text


def test_a_sound_that_cannot_be_converted_is_a_failure(desk: Desk) -> None:
    desk.library.filled = Sound(state=SoundState.BROKEN)
    row = desk.run()
    assert (row.status, row.detail) == ("failed", "The platform could not convert the sound.")


def test_a_platform_that_does_not_answer_is_asked_again_with_the_same_medium(desk: Desk) -> None:
    desk.library.errors["fill"] = [ApiError("no answer."), ApiError("no answer.")]
    row = desk.run()
    assert (row.status, row.tries, row.detail) == ("waiting", 1, "no answer.")
    assert desk.run() == row, "not before its pause is over"
    assert desk.run_later().tries == 2
    assert desk.run_later().status == "kept"
    assert [words[0] for words in desk.library.asked].count("create") == 1


def test_a_platform_that_never_answers_is_given_up_after_a_bounded_number_of_tries(
    desk: Desk,
) -> None:
    desk.library.errors["create"] = [ApiError("no answer.")] * (MAX_TRIES + 5)
    for _ in range(MAX_TRIES + 2):
        desk.run_later()
    assert len(desk.library.asked) == MAX_TRIES
    assert desk.row.status == "failed"
    assert desk.row.detail == f"no answer. It was tried {MAX_TRIES} times."


def test_without_credentials_the_row_waits_and_the_log_says_so_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    keep = KeepRecordings(desk.recordings, {}, lambda: "anna")
    with caplog.at_level(logging.ERROR):
        keep(threading.Event())
        keep(threading.Event())
    assert [one.getMessage() for one in caplog.records if "CALLR_LOGIN" in one.getMessage()] == [
        one.getMessage() for one in caplog.records
    ]
    assert len(caplog.records) == 1
    assert desk.row.status == "waiting"
    assert desk.run().status == "kept", "once there are some, it is kept"


def test_where_nothing_was_recorded_missing_credentials_are_no_news(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade(sqlite_url)
    KeepRecordings(Recordings(sqlite_url), {}, lambda: "anna")(threading.Event())
    assert not caplog.records


def test_a_sound_that_is_told_twice_is_kept_once(database_url: str) -> None:
    upgrade(database_url)
    record(database_url, turn(), turn(report_key="3:HANGUP", kind="end", turn=None))
    assert len(Recordings(database_url).of_call("callr:7")) == 1


def test_a_report_that_comes_again_brings_no_second_row(database_url: str) -> None:
    upgrade(database_url)
    record(database_url, turn(), turn())
    record(database_url, turn(raw=b'{"x":1}', digest="other", recording="rt-7-2"))
    assert [one.file for one in Recordings(database_url).of_call("callr:7")] == ["rt-7-1"]


def test_who_has_lost_his_claim_writes_nothing_and_leaves_nothing_behind(desk: Desk) -> None:
    def create(name: str) -> str:
        made = FakeLibrary.create(desk.library, name)
        claim_is_over = text("UPDATE recordings SET holder = 'ben'")
        Unhurried(desk.url).ask(lambda connection: connection.execute(claim_is_over))
        return made

    desk.library.create = create  # type: ignore[method-assign]
    row = desk.run()
    assert (row.status, row.media_id, row.holder) == ("waiting", "", "ben")
    assert [words[0] for words in desk.library.asked] == ["create", "delete"]
    assert desk.library.sounds == {}


def test_what_is_to_be_deleted_is_deleted_in_the_background(desk: Desk) -> None:
    desk.run()
    desk.recordings.delete_later([desk.row.id])
    row = desk.run()
    assert (row.status, row.url, row.media_id, row.due_at) == ("deleted", "", "1", None)
    assert desk.library.sounds == {}


def test_a_deletion_is_never_given_up(desk: Desk) -> None:
    desk.run()
    desk.library.errors["delete"] = [ApiError("no answer.")] * (MAX_TRIES + 2)
    desk.recordings.delete_later([desk.row.id])
    for _ in range(MAX_TRIES + 2):
        row = desk.run_later()
        assert (row.status, row.detail) == ("deleting", "no answer.")
    assert desk.run_later().status == "deleted"


def test_what_is_gone_already_counts_as_deleted(desk: Desk) -> None:
    desk.run()
    desk.library.errors["delete"] = [GoneError("gone.")]
    delete_now(desk.row, desk.library, desk.recordings)
    assert desk.row.status == "deleted"


def test_a_deletion_that_fails_now_is_left_to_the_background(desk: Desk) -> None:
    desk.run()
    desk.library.errors["delete"] = [ApiError("no answer.")]
    with pytest.raises(ApiError, match="no answer"):
        delete_now(desk.row, desk.library, desk.recordings)
    assert desk.row.status == "deleting"
    assert desk.run().status == "deleted"


def test_closing_stops_before_the_next_recording(desk: Desk) -> None:
    closing = threading.Event()
    closing.set()
    desk.keep(closing)
    assert desk.library.asked == []


def test_a_sound_is_named_after_its_call_and_nobody(desk: Desk) -> None:
    assert name_of(desk.row) == "offhook 7-1"
