"""What Stringee recorded is fetched into the journal, and given back from there."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from rest_server import KEY, Answer, RestServer
from sqlalchemy import text

from app.callflow.errors import GoneError
from app.cli.exits import Exit
from app.journal import upgrade
from app.journal.recordings import Recordings
from app.journal.sounds import Sounds
from app.journal.unhurried import Unhurried
from app.keeping.libraries import JournalLibrary, copy_sound, libraries
from app.keeping.recordings import KeepRecordings, delete_now
from app.settings import Settings
from app.sounds import Recording

WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SOUND = bytes(range(256)) * 2000
FILE = "http://api.stringee.com/v1/call/recording/call-vn-1-A-1"


class Desk:
    """A journal with one recording of Stringee's in it, and what works at it."""

    def __init__(self, folder: Path, server: RestServer) -> None:
        self.url = f"sqlite:///{folder / 'journal.sqlite3'}"
        upgrade(self.url)
        self.settings = Settings(
            stringee_api_url=server.url,
            stringee_api_key_sid=KEY.sid,
            stringee_api_key_secret=KEY.secret,
            database_url=self.url,
        )
        self.recordings = Recordings(self.url)
        values = {
            "call_key": "stringee:call-vn-1-A-1", "report_key": "answer", "provider": "stringee",
            "step": "voicemail", "file": FILE, "recorded_at": _moment(WHEN), "status": "waiting",
            "media_id": "", "url": "", "tries": 0, "due_at": _moment(WHEN), "holder": "",
            "detail": "",
        }  # fmt: skip
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        insert = text(f"INSERT INTO recordings ({names}) VALUES ({marks})")  # noqa: S608 -- our own words
        Unhurried(self.url).ask(lambda connection: connection.execute(insert, values))
        self.keep = KeepRecordings(self.recordings, libraries(self.settings), lambda: "anna")

    def run(self) -> Recording:
        self.keep(threading.Event())
        return self.row

    @property
    def row(self) -> Recording:
        (row,) = self.recordings.newest(limit=10)
        return row

    def command(self, *args: str, **environ: Any) -> Any:
        told = {
            "DATABASE_URL": self.url,
            "STRINGEE_API_URL": self.settings.stringee_api_url,
            "STRINGEE_API_KEY_SID": KEY.sid,
            "STRINGEE_API_KEY_SECRET": KEY.secret,
        }
        return CommandLine(told)(*args, **environ)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def test_a_recording_is_fetched_and_kept_in_the_journal(tmp_path: Path) -> None:
    with RestServer(Answer(SOUND)) as server:
        desk = Desk(tmp_path, server)
        row = desk.run()
    assert [seen.path for seen in server.seen] == ["/v1/call/recording/call-vn-1-A-1"]
    assert (row.status, row.detail, row.due_at) == ("kept", "", None)
    assert b"".join(Sounds(desk.url).read(row.media_id)) == SOUND


@pytest.mark.parametrize(
    ("answer", "least_s"),
    [(Answer(b"", 404), 4), (Answer(b"", 429, {"Retry-After": "600"}), 590), (Answer(b"x"), 4)],
)
def test_a_recording_that_is_not_ready_waits_as_long_as_stringee_asks(
    tmp_path: Path, answer: Answer, least_s: float
) -> None:
    with RestServer(answer) as server:
        row = Desk(tmp_path, server).run()
    assert (row.status, row.tries) == ("waiting", 1)
    assert row.due_at is not None
    assert row.due_at - datetime.now(UTC) > timedelta(seconds=least_s - 1)


def test_a_call_that_was_not_recorded_is_not_asked_for_again(tmp_path: Path) -> None:
    with RestServer(Answer(b"{}", 400)) as server:
        row = Desk(tmp_path, server).run()
    assert (row.status, row.due_at) == ("failed", None)
    assert "was not recorded" in row.detail


def test_without_a_key_recordings_wait_and_the_settings_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with RestServer(Answer(SOUND)) as server:
        desk = Desk(tmp_path, server)
        keep = KeepRecordings(desk.recordings, {}, lambda: "anna")
        keep(threading.Event())
        keep(threading.Event())
        waits = desk.command("doctor", STRINGEE_API_KEY_SID="").stdout
    assert desk.row.status == "waiting"
    assert server.seen == []
    told = [one for one in caplog.messages if "STRINGEE_API_KEY_SID" in one]
    assert len(told) == 1
    assert "1 of stringee wait to be kept" in waits


def test_what_is_deleted_is_gone_from_the_journal(tmp_path: Path) -> None:
    with RestServer(Answer(SOUND)) as server:
        desk = Desk(tmp_path, server)
        row = desk.run()
        delete_now(row, JournalLibrary(desk.settings, Sounds(desk.url)), desk.recordings)
    assert desk.row.status == "deleted"
    assert not Sounds(desk.url).has(row.media_id)
    assert len(server.seen) == 1


def test_our_copy_is_given_and_stringee_asked_only_where_there_is_none(tmp_path: Path) -> None:
    with RestServer(Answer(SOUND)) as server:
        desk = Desk(tmp_path, server)
        into = io.BytesIO()
        assert copy_sound(desk.settings, "sound:none", FILE, into) == len(SOUND)
        assert len(server.seen) == 1
        row = desk.run()
        again = io.BytesIO()
        copy_sound(desk.settings, row.media_id, FILE, again)
        assert len(server.seen) == 2
    assert into.getvalue() == again.getvalue() == SOUND


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[RestServer], Desk]:
    return lambda server: Desk(tmp_path, server)


def test_a_recording_is_got_and_deleted_by_the_command_line(
    tmp_path: Path, kept: Callable[[RestServer], Desk]
) -> None:
    with RestServer(Answer(SOUND)) as server:
        desk = kept(server)
        early = desk.command("recordings", "get", "1", "-o", str(tmp_path / "early.mp3"))
        assert early.exit_code == Exit.OK, early.output
        desk.run()
        got = desk.command("recordings", "get", "1", "-o", str(tmp_path / "kept.mp3"))
        assert got.exit_code == Exit.OK, got.output
        assert len(server.seen) == 2
        gone = desk.command("recordings", "delete", "1", "--yes")
        assert gone.exit_code == Exit.OK, gone.output
        none = desk.command("recordings", "get", "1", "-o", str(tmp_path / "late.mp3"))
    assert (tmp_path / "early.mp3").read_bytes() == (tmp_path / "kept.mp3").read_bytes() == SOUND
    assert none.exit_code == Exit.NOT_FOUND
    assert not (tmp_path / "late.mp3").exists()


def test_a_recording_that_is_not_ready_leaves_no_file(
    tmp_path: Path, kept: Callable[[RestServer], Desk]
) -> None:
    with RestServer(Answer(b"", 404)) as server:
        early = kept(server).command("recordings", "get", "1", "-o", str(tmp_path / "a.mp3"))
    assert early.exit_code == Exit.REFUSED
    assert "not have the recording yet" in early.stderr
    assert not (tmp_path / "a.mp3").exists()


def test_a_sound_that_is_not_there_is_gone(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'j.sqlite3'}")
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'j.sqlite3'}")
    with pytest.raises(GoneError):
        JournalLibrary(settings, Sounds(settings.database_url)).look("sound:none")
