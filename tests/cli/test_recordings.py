"""A message from the caller's mouth to a file: server, platform and command line, over HTTP."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from answering_server import AnsweringServer, Silence
from clinic_line import FAST, ClinicLine, clinic_line, eventually
from command_line import ROOT, CommandLine

from app.cli.exits import Exit
from app.simulator import Conditions, Hostility, Readings


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClinicLine]:
    with clinic_line(tmp_path_factory.mktemp("line")) as running:
        yield running


@pytest.fixture
def run(line: ClinicLine) -> CommandLine:
    return CommandLine(line.environ)


def test_a_message_is_kept_listed_told_fetched_and_deleted(
    line: ClinicLine, run: CommandLine, tmp_path: Path
) -> None:
    call = line.leave_message(speaks_s=7)
    row = line.recording(call, "kept")
    assert row.url.startswith(line.simulator.url + "/media/")
    heading, *rows = run("recordings", "list").stdout.splitlines()
    assert heading.split()[:5] == ["ID", "RECORDED", "LEFT", "BY", "CALL"]
    told = next(one for one in rows if call in one)
    assert told.split()[3:] == [
        "+33612345678",
        call,
        "voicemail",
        f"{row.seconds:g}",
        "kept",
        row.media_id,
    ]
    shown = run("calls", "show", call).stdout
    assert f"platform  keeps what was said as recording {row.id} ({row.seconds:g} s)" in shown

    file = tmp_path / "message.wav"
    ran = run("recordings", "get", str(row.id), "-o", str(file))
    assert ran.exit_code == Exit.OK, ran.output
    assert ran.stderr.splitlines()[0].startswith("CALLR: simulator 127.0.0.1:")
    assert file.stat().st_mode & 0o777 == 0o600
    with wave.open(io.BytesIO(file.read_bytes())) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(row.seconds, abs=0.6)

    again = run("recordings", "get", str(row.id), "-o", str(file))
    assert again.exit_code == Exit.FAILED
    assert "is there already" in again.stderr

    assert run("recordings", "delete", str(row.id), answer=False).exit_code == Exit.DECLINED
    line.recording(call, "kept")
    assert run("recordings", "delete", str(row.id), answer=True).exit_code == Exit.OK
    assert line.recording(call, "deleted").url == ""
    assert line.simulator.platform.store.media(int(row.media_id)) is None
    assert "deleted already" in run("recordings", "delete", str(row.id)).stderr
    gone = run("recordings", "get", str(row.id), "-o", str(tmp_path / "other.wav"))
    assert gone.exit_code == Exit.NOT_FOUND
    assert "is deleted" in gone.stderr
    assert f"has deleted what was said as recording {row.id}" in run("calls", "show", call).stdout


def test_recordings_are_told_as_json_too(line: ClinicLine, run: CommandLine) -> None:
    call = line.leave_message()
    row = line.recording(call, "kept")
    listed = json.loads(run("recordings", "list", "--json").stdout)
    (told,) = [one for one in listed if one["call"] == call]
    assert told == {
        "id": row.id,
        "call": call,
        "left_by": "+33612345678",
        "step": "voicemail",
        "recorded_at": row.recorded_at.isoformat(),
        "status": "kept",
        "media_id": row.media_id,
        "url": row.url,
        "seconds": row.seconds,
        "detail": "",
    }
    (shown,) = json.loads(run("calls", "show", call, "--json").stdout)["recordings"]
    assert shown == {**told, "reference": ""}  # Stringee's alone are named by a value in the flow


def test_a_sound_that_is_gone_at_the_platform_is_told_and_leaves_no_file(
    line: ClinicLine, run: CommandLine, tmp_path: Path
) -> None:
    row = line.recording(line.leave_message(), "kept")
    store = line.simulator.platform.store
    medium = store.media(int(row.media_id))
    assert medium is not None
    store.delete_media(medium)
    ran = run("recordings", "get", str(row.id), "-o", str(tmp_path / "message.wav"))
    assert ran.exit_code == Exit.REFUSED
    assert f"CALLR has no sound {row.media_id} any more." in ran.stderr
    assert not (tmp_path / "message.wav").exists()


def test_a_disk_that_is_full_is_told_and_leaves_no_half_of_a_sound(
    line: ClinicLine, tmp_path: Path
) -> None:
    row = line.recording(line.leave_message(speaks_s=7), "kept")
    file = tmp_path / "message.wav"

    def no_more_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    ran = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-m", "app", "recordings", "get", str(row.id), "-o", str(file)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **line.environ},
        preexec_fn=no_more_room,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == Exit.FAILED, ran.stderr
    assert "The disk is full" in ran.stderr
    assert "Make room, and repeat it." in ran.stderr
    assert not file.exists()


def test_a_recording_that_is_not_there_is_not_found(run: CommandLine) -> None:
    for line in (("get", "999", "-o", "x"), ("delete", "999")):
        ran = run("recordings", *line)
        assert ran.exit_code == Exit.NOT_FOUND
        assert "has no recording 999" in ran.stderr


def test_before_the_first_call_there_is_nothing_to_list(tmp_path: Path) -> None:
    run = CommandLine({"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"})
    ran = run("recordings", "list")
    assert (ran.exit_code, ran.stdout) == (Exit.OK, "")
    assert "Nothing was recorded yet" in ran.stderr
    assert run("recordings", "list", "--json").stdout == "[]\n"


def test_a_message_whose_caller_hangs_up_is_kept_too(tmp_path: Path) -> None:
    kept = Conditions(speed=1000, readings=Readings(interrupted="kept"))
    with clinic_line(tmp_path, kept) as line:
        call = line.leave_message(hangup_after=4.0, speaks_s=60)
        assert line.recording(call, "kept").report_key == "2:HANGUP"


def test_a_recording_that_the_platform_lost_is_an_incident_of_the_call(tmp_path: Path) -> None:
    lost = Conditions(speed=1000, hostility=Hostility(lose_recordings=True))
    with clinic_line(tmp_path, lost) as line:
        call = line.leave_message()
        row = line.recording(call, "failed")
        assert "no longer has the recording" in row.detail
        run = CommandLine(line.environ)
        shown = run("calls", "show", call).stdout
        assert "!         What was said is not kept: CALLR no longer has the recording" in shown
        (listed,) = json.loads(run("calls", "list", "--json").stdout)
        assert listed["incidents"] == 1
        ran = run("recordings", "list")
        assert "failed" in ran.stdout
        assert "no longer has the recording" in ran.stdout


def test_a_message_waits_for_credentials_and_a_server_that_has_some_keeps_it(
    tmp_path: Path,
) -> None:
    with clinic_line(tmp_path, FAST, CALLR_LOGIN="", WEB_CONCURRENCY="1") as line:
        call = line.leave_message()
        line.recording(call, "waiting")
        line.server.wait_for_log("Set CALLR_LOGIN and CALLR_PASSWORD")
        run = CommandLine(line.environ)
        row = line.recording(call, "waiting")
        ran = run("recordings", "get", str(row.id), "-o", str(tmp_path / "x.wav"))
        assert ran.exit_code == Exit.NOT_FOUND
        assert "is not kept yet" in ran.stderr
        assert "is still to keep" in run("calls", "show", call).stdout
        without = {name: value for name, value in line.environ.items() if name != "CALLR_LOGIN"}
        told = "recordings: 1 of callr wait to be kept or deleted, without credentials."
        assert told in CommandLine(without)("doctor").stdout
        assert "wait to be kept" not in run("doctor").stdout


def test_a_platform_that_hangs_keeps_no_server_from_its_end_and_the_message_waits(
    tmp_path: Path,
) -> None:
    with (
        AnsweringServer(Silence()) as hanging,
        clinic_line(tmp_path, FAST, CALLR_API_URL=hanging.url) as line,
    ):
        call = line.leave_message()
        assert eventually(lambda: hanging.seen, "the library to be asked")
        assert line.server.stop() == 0
        row = line.recording(call, "waiting")
        assert row.due_at is not None
