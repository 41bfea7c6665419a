"""``offhook numbers point`` and ``undo`` against the simulated platform, over HTTP."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from command_line import ROOT, CommandLine
from refusing_platform import RefusingPlatform

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell
from app.simulator import Account, Simulator

PASSWORD = "a-password-of-callr"
WEBHOOK_PASSWORD = "a-password-of-the-webhook"
PARIS, LONDON = "+33199001020", "+442079460123"
URL = "https://line.example.com/callr/reception"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(Account(login="acme", password=PASSWORD)) as running:
        yield running


def settings(url: str, folder: Path) -> dict[str, str]:
    return {
        "CALLR_API_URL": url,
        "CALLR_LOGIN": "acme",
        "CALLR_PASSWORD": PASSWORD,
        "CALLR_WEBHOOK_LOGIN": "callr",
        "CALLR_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
        "PUBLIC_URL": "https://line.example.com",
        "COUNTRY": "FR",
        "DATABASE_URL": f"sqlite:///{folder / 'journal.sqlite3'}",
    }


@pytest.fixture
def run(simulator: Simulator, tmp_path: Path) -> CommandLine:
    return CommandLine(settings(simulator.api_url, tmp_path))


def app_of(simulator: Simulator, number: str) -> Any:
    did = simulator.platform.store.did_of(number)
    assert did is not None
    return did.app


def create(run: CommandLine, name: str, flow: str = "reception") -> str:
    made = run("apps", "create", name, "--flow", flow)
    assert made.exit_code == Exit.OK, made.output
    return made.stdout.strip()


def test_pointing_makes_the_voice_app_and_assigns_the_number(
    run: CommandLine, simulator: Simulator
) -> None:
    done = run("numbers", "point", "01 99 00 10 20", "reception", answer=True)
    assert done.exit_code == Exit.OK, done.output
    app = app_of(simulator, PARIS)
    assert app.name == "reception"
    assert (app.p["url"], app.p["login"]) == (URL, "callr")
    assert app.p["password"] == WEBHOOK_PASSWORD
    assert run.asked == [f"Let flow 'reception' answer {PARIS}?"]
    assert f"{PARIS} (" in done.stderr
    assert "rings nothing." in done.stderr
    assert f"Then: it rings a new voice app 'reception', whose calls go to {URL}." in done.stderr
    assert f"offhook numbers undo {PARIS}" in done.stderr
    assert PASSWORD not in done.output


def test_pointing_takes_the_voice_app_that_is_there(run: CommandLine, simulator: Simulator) -> None:
    app_hash = create(run, "Front desk")
    assert run("numbers", "point", PARIS, "reception", "--yes").exit_code == Exit.OK
    assert app_of(simulator, PARIS).hash == app_hash
    assert len(simulator.platform.store.apps()) == 1


def test_pointing_tells_a_voice_app_that_is_there_the_settings_credentials(
    run: CommandLine, simulator: Simulator
) -> None:
    create(run, "Front desk")
    again = run("numbers", "point", PARIS, "reception", "--yes", CALLR_WEBHOOK_PASSWORD="n" * 32)
    assert "told login and password of the settings anew" in again.stderr
    assert app_of(simulator, PARIS).p["password"] == "n" * 32


def test_pointing_where_it_points_already_changes_nothing(run: CommandLine) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    again = run("numbers", "point", PARIS, "reception")
    assert again.exit_code == Exit.OK
    assert "already" in again.stderr
    assert run.asked == []


def test_nothing_is_done_when_nobody_says_yes(run: CommandLine, simulator: Simulator) -> None:
    assert run("numbers", "point", PARIS, "reception", answer=False).exit_code == Exit.DECLINED
    assert simulator.platform.store.apps() == ()
    assert run("numbers", "undo", PARIS, "--yes").exit_code == Exit.NOT_FOUND


@pytest.mark.parametrize("before", ["", "Old line"])
def test_undo_puts_back_what_the_number_rang_before(
    run: CommandLine, simulator: Simulator, before: str
) -> None:
    was = create(run, before, "clinic") if before else None
    if was:
        run("apps", "assign-did", was, PARIS, "--yes")
    run("numbers", "point", PARIS, "reception", "--yes")
    undone = run("numbers", "undo", "01 99 00 10 20", answer=True)
    assert undone.exit_code == Exit.OK, undone.output
    app = app_of(simulator, PARIS)
    assert (app.hash if app else None) == was
    assert "rings voice app 'reception'" in undone.stderr
    made = next(app.hash for app in simulator.platform.store.apps() if app.name == "reception")
    assert f"`offhook apps delete {made}` deletes it" in undone.stderr


def test_undoing_twice_says_so_and_moves_nothing(run: CommandLine, simulator: Simulator) -> None:
    was = create(run, "Old line", "clinic")
    run("apps", "assign-did", was, PARIS, "--yes")
    run("numbers", "point", PARIS, "reception", "--yes")
    assert run("numbers", "undo", PARIS, "--yes").exit_code == Exit.OK
    again = run("numbers", "undo", PARIS, "--yes")
    assert again.exit_code == Exit.NOT_FOUND
    assert "was undone already" in again.stderr
    assert "offhook apps assign-did" in again.stderr
    assert app_of(simulator, PARIS).hash == was


def test_undo_of_a_number_that_was_never_pointed_says_so(run: CommandLine) -> None:
    told = run("numbers", "undo", LONDON, "--yes")
    assert told.exit_code == Exit.NOT_FOUND
    assert f"knows of no move of {LONDON}" in told.stderr


def test_undo_leaves_a_number_alone_that_somebody_has_moved_since(
    run: CommandLine, simulator: Simulator
) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    other = create(run, "Other", "clinic")
    run("apps", "assign-did", other, PARIS, "--yes")
    told = run("numbers", "undo", PARIS, "--yes")
    assert told.exit_code == Exit.DECLINED
    assert "somebody has moved it since" in told.stderr
    assert f"`offhook apps remove-did {PARIS}` puts it back" in told.stderr
    assert app_of(simulator, PARIS).hash == other


def test_undo_says_that_the_voice_app_of_before_was_deleted_meanwhile(
    run: CommandLine, simulator: Simulator
) -> None:
    was = create(run, "Old line", "clinic")
    run("apps", "assign-did", was, PARIS, "--yes")
    run("numbers", "point", PARIS, "reception", "--yes")
    run("apps", "delete", was, "--yes")
    told = run("numbers", "undo", PARIS, "--yes")
    assert told.exit_code == Exit.NOT_FOUND
    assert "was deleted meanwhile. Nothing was done." in told.stderr
    assert app_of(simulator, PARIS).name == "reception"


def test_undo_works_after_the_voice_app_that_it_was_moved_to_was_deleted(
    run: CommandLine, simulator: Simulator
) -> None:
    was = create(run, "Old line", "clinic")
    run("apps", "assign-did", was, PARIS, "--yes")
    run("numbers", "point", PARIS, "reception", "--yes")
    run("apps", "delete", app_of(simulator, PARIS).hash, "--yes")
    told = run("numbers", "undo", PARIS, "--yes")
    assert told.exit_code == Exit.OK, told.output
    assert app_of(simulator, PARIS).hash == was


def test_a_number_of_another_account_is_told(run: CommandLine, simulator: Simulator) -> None:
    told = run("numbers", "point", "+33123456789", "reception", "--yes")
    assert told.exit_code == Exit.NOT_FOUND
    assert "The account has no number +33123456789." in told.stderr
    assert "offhook numbers list" in told.stderr
    assert simulator.platform.store.apps() == ()


def test_several_voice_apps_of_one_flow_must_be_told_apart(
    run: CommandLine, simulator: Simulator
) -> None:
    first, second = create(run, "First"), create(run, "Second")
    told = run("numbers", "point", PARIS, "reception", "--yes")
    assert told.exit_code == Exit.NOT_FOUND
    assert f"{first}, {second}" in told.stderr
    chosen = run("numbers", "point", PARIS, "reception", "--app", second, "--yes")
    assert chosen.exit_code == Exit.OK
    assert app_of(simulator, PARIS).hash == second


def test_a_chosen_voice_app_of_another_flow_is_refused(run: CommandLine) -> None:
    other = create(run, "Other", "clinic")
    told = run("numbers", "point", PARIS, "reception", "--app", other, "--yes")
    assert told.exit_code == Exit.NOT_FOUND
    assert f"offhook apps edit {other} --flow" in told.stderr


def test_settings_that_are_missing_are_told_together(run: CommandLine) -> None:
    told = run("numbers", "point", PARIS, "reception", PUBLIC_URL="", CALLR_WEBHOOK_LOGIN="")
    assert told.exit_code == Exit.SETTINGS
    assert "PUBLIC_URL=..." in told.stderr
    assert "CALLR_WEBHOOK_LOGIN=..." in told.stderr


def test_nothing_is_moved_where_the_move_cannot_be_kept(
    run: CommandLine, simulator: Simulator, tmp_path: Path
) -> None:
    gone = f"sqlite:///{tmp_path}/no/such/folder/journal.sqlite3"
    told = run("numbers", "point", PARIS, "reception", "--yes", DATABASE_URL=gone)
    assert told.exit_code == Exit.JOURNAL
    assert "DATABASE_URL" in told.stderr
    assert simulator.platform.store.apps() == ()


def test_nothing_is_moved_where_the_disk_is_full(
    run: CommandLine, simulator: Simulator, tmp_path: Path
) -> None:
    assert run("journal", "upgrade").exit_code == Exit.OK

    def no_more_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    ran = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-m", "app", "numbers", "point", PARIS, "reception", "--yes"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            **run.environ,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'journal.sqlite3'}",
        },
        preexec_fn=no_more_room,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == Exit.JOURNAL, ran.stderr
    assert "its disk can be written" in ran.stderr
    assert simulator.platform.store.apps() == ()


def test_what_was_done_before_a_refusal_is_told_and_the_next_try_goes_on(
    simulator: Simulator, tmp_path: Path
) -> None:
    with RefusingPlatform(simulator.api_url, {"apps.assign_did"}) as refusing:
        run = CommandLine(settings(refusing.url, tmp_path))
        told = run("numbers", "point", PARIS, "reception", "--yes")
    assert told.exit_code == Exit.REFUSED
    (made,) = simulator.platform.store.apps()
    assert f"Created voice app 'reception' ({made.hash})." in told.stderr
    assert f"It is not finished: {PARIS} rings nothing." in told.stderr
    assert f"`offhook apps delete {made.hash}` takes it back." in told.stderr
    run = CommandLine(settings(simulator.api_url, tmp_path))
    assert run("numbers", "undo", PARIS, "--yes").exit_code == Exit.NOT_FOUND
    assert run("numbers", "point", PARIS, "reception", "--yes").exit_code == Exit.OK
    assert app_of(simulator, PARIS).hash == made.hash
    assert len(simulator.platform.store.apps()) == 1


def test_a_move_whose_answer_was_lost_is_told_as_it_is_and_can_be_undone(
    simulator: Simulator, tmp_path: Path
) -> None:
    was = create(CommandLine(settings(simulator.api_url, tmp_path)), "Old", "clinic")
    run = CommandLine(settings(simulator.api_url, tmp_path))
    run("apps", "assign-did", was, PARIS, "--yes")
    with RefusingPlatform(simulator.api_url, loses={"apps.assign_did"}) as refusing:
        told = CommandLine(settings(refusing.url, tmp_path))(
            "numbers", "point", PARIS, "reception", "--yes"
        )
    assert told.exit_code == Exit.UNKNOWN
    assert f"It is not finished: {PARIS} rings voice app 'reception'" in told.stderr
    assert app_of(simulator, PARIS).name == "reception"
    undone = run("numbers", "undo", PARIS, "--yes")
    assert undone.exit_code == Exit.OK, undone.output
    assert app_of(simulator, PARIS).hash == was


def test_an_undo_that_the_platform_refuses_can_be_repeated(
    run: CommandLine, simulator: Simulator, tmp_path: Path
) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    with RefusingPlatform(simulator.api_url, {"apps.remove_did"}) as refusing:
        told = CommandLine(settings(refusing.url, tmp_path))("numbers", "undo", PARIS, "--yes")
    assert told.exit_code == Exit.REFUSED
    assert app_of(simulator, PARIS).name == "reception"
    assert run("numbers", "undo", PARIS, "--yes").exit_code == Exit.OK
    assert app_of(simulator, PARIS) is None


def test_a_voice_app_that_is_deleted_while_somebody_answers_the_question_is_told(
    run: CommandLine, simulator: Simulator
) -> None:
    create(run, "Front desk")

    def delete_and_say_yes(_: str) -> bool:
        (app,) = simulator.platform.store.apps()
        simulator.platform.store.delete_app(app)
        return True

    shell = Shell(environ=run.environ, env_file=None, ask=delete_and_say_yes)
    told = CliRunner().invoke(offhook, ["numbers", "point", PARIS, "reception"], obj=shell)
    assert told.exit_code == Exit.REFUSED
    assert "PROPERTY_VALUE_ERROR [app]" in told.stderr
    assert "`offhook apps list` shows the voice apps that there are." in told.stderr
    assert f"It is not finished: {PARIS} rings nothing." in told.stderr
    assert run("numbers", "undo", PARIS, "--yes").exit_code == Exit.NOT_FOUND


def test_undoing_where_the_number_is_back_already_only_notes_it(
    run: CommandLine, simulator: Simulator
) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    run("apps", "remove-did", PARIS, "--yes")
    told = run("numbers", "undo", PARIS)
    assert told.exit_code == Exit.OK
    assert run.asked == []
    assert "rings nothing, as before" in told.stderr
    assert app_of(simulator, PARIS) is None


def test_a_number_is_moved_from_another_machine_and_undone_from_there(
    simulator: Simulator, database_url: str, tmp_path: Path
) -> None:
    one = CommandLine({**settings(simulator.api_url, tmp_path), "DATABASE_URL": database_url})
    two = CommandLine({**settings(simulator.api_url, tmp_path), "DATABASE_URL": database_url})
    assert one("journal", "upgrade").exit_code == Exit.OK
    assert one("numbers", "point", PARIS, "reception", "--yes").exit_code == Exit.OK
    assert two("numbers", "undo", PARIS, "--yes").exit_code == Exit.OK
    assert app_of(simulator, PARIS) is None


def test_apps_show_tells_everything_but_the_password(run: CommandLine) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    told = run("apps", "show", "reception")
    assert told.exit_code == Exit.OK
    assert f"url:         {URL}" in told.stdout
    assert "credentials: as the settings say" in told.stdout
    assert WEBHOOK_PASSWORD not in told.output
    as_json = json.loads(
        run("apps", "show", "reception", "--json", CALLR_WEBHOOK_PASSWORD="x" * 8).stdout
    )
    assert as_json["credentials"] == "other"
    assert as_json["numbers"] == [PARIS]


def test_apps_edit_changes_the_flow_with_its_credentials_and_keeps_the_name(
    run: CommandLine, simulator: Simulator
) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    done = run("apps", "edit", "reception", "--flow", "clinic", answer=True)
    assert done.exit_code == Exit.OK, done.output
    app = app_of(simulator, PARIS)
    assert app.p["url"] == "https://line.example.com/callr/clinic"
    assert app.p["password"] == WEBHOOK_PASSWORD
    assert app.name == "reception"
    assert run.asked == ["Change it?"]


def test_apps_edit_changes_the_name_alone(run: CommandLine, simulator: Simulator) -> None:
    run("numbers", "point", PARIS, "reception", "--yes")
    assert run("apps", "edit", "reception", "--name", "Desk", "--yes").exit_code == Exit.OK
    app = app_of(simulator, PARIS)
    assert (app.name, app.p["url"]) == ("Desk", URL)


def test_apps_edit_without_anything_to_change_is_a_usage_error(run: CommandLine) -> None:
    assert run("apps", "edit", "reception").exit_code == Exit.USAGE
