"""``offhook numbers sync`` against the simulated platform, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from refusing_platform import RefusingPlatform
from serving import PASSWORD as WEBHOOK_PASSWORD
from serving import SECRET_KEY, serving

from app.cli.exits import Exit
from app.simulator import Account, Simulator

PASSWORD = "a-password-of-callr"
OLD, NEW = "an-old-password-of-the-webhook", "a-new-password-of-the-webhook"
PARIS = "+33199001020"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(Account(login="acme", password=PASSWORD)) as running:
        yield running


def line(url: str, folder: Path, **more: str) -> CommandLine:
    return CommandLine(
        {
            "CALLR_API_URL": url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": PASSWORD,
            "CALLR_WEBHOOK_LOGIN": "callr",
            "CALLR_WEBHOOK_PASSWORD": OLD,
            "PUBLIC_URL": "https://line.example.com",
            "DATABASE_URL": f"sqlite:///{folder / 'journal.sqlite3'}",
            **more,
        }
    )


@pytest.fixture
def run(simulator: Simulator, tmp_path: Path) -> CommandLine:
    return line(simulator.api_url, tmp_path)


def told(simulator: Simulator) -> dict[str, Any]:
    return {app.name: app.p for app in simulator.platform.store.apps()}


def create(run: CommandLine, name: str, flow: str, **env: str) -> None:
    line = CommandLine({**run.environ, **env})
    assert line("apps", "create", name, "--flow", flow).exit_code == Exit.OK


def test_a_new_password_reaches_every_voice_app(run: CommandLine, simulator: Simulator) -> None:
    create(run, "One", "reception")
    create(run, "Two", "clinic")
    done = run(
        "numbers",
        "sync",
        answer=True,
        CALLR_WEBHOOK_PASSWORD=NEW,
        CALLR_WEBHOOK_PASSWORD_OLD=OLD,
    )
    assert done.exit_code == Exit.OK, done.output
    assert {p["password"] for p in told(simulator).values()} == {NEW}
    assert run.asked == ["Bring 2 voice apps to the settings?"]
    assert "those before (CALLR_WEBHOOK_PASSWORD_OLD)" in done.stderr
    assert "Remove CALLR_WEBHOOK_PASSWORD_OLD, and deploy." in done.stderr
    assert NEW not in done.output
    assert OLD not in done.output


def test_what_is_right_already_is_not_touched(run: CommandLine, simulator: Simulator) -> None:
    create(run, "One", "reception")
    before = simulator.platform.store.apps()
    done = run("numbers", "sync")
    assert done.exit_code == Exit.OK
    assert "Nothing to change: 1 voice app of ours" in done.stderr
    assert simulator.platform.store.apps() == before


def test_a_voice_app_of_another_server_is_named_and_left_alone(
    run: CommandLine, simulator: Simulator
) -> None:
    create(run, "Staging", "reception", PUBLIC_URL="https://old.example.com")
    done = run("numbers", "sync", "--yes")
    assert done.exit_code == Exit.OK
    assert "--from https://old.example.com" in done.stderr
    assert told(simulator)["Staging"]["url"] == "https://old.example.com/callr/reception"


def test_an_address_of_before_is_brought_over_when_it_is_named(
    run: CommandLine, simulator: Simulator
) -> None:
    create(run, "One", "reception", PUBLIC_URL="https://old.example.com")
    done = run("numbers", "sync", "--from", "https://OLD.example.com:443/", "--yes")
    assert done.exit_code == Exit.OK, done.output
    assert told(simulator)["One"]["url"] == "https://line.example.com/callr/reception"
    assert "https://old.example.com/callr/reception -> https://line.example.com" in done.stderr


def test_a_voice_app_that_a_number_was_pointed_at_is_ours_wherever_it_posts(
    run: CommandLine, simulator: Simulator
) -> None:
    old = "https://old.example.com"
    pointed = run("numbers", "point", PARIS, "reception", "--yes", PUBLIC_URL=old)
    assert pointed.exit_code == Exit.OK
    assert run("numbers", "sync", "--yes").exit_code == Exit.OK
    assert told(simulator)["reception"]["url"] == "https://line.example.com/callr/reception"


def test_a_query_in_the_address_stays(run: CommandLine, simulator: Simulator) -> None:
    create(run, "One", "reception")
    (app,) = simulator.platform.store.apps()
    url = "https://old.example.com/callr/reception?site=paris"
    simulator.platform.store.edit_app(app, None, {**app.p, "url": url})
    run("numbers", "sync", "--from", "https://old.example.com", "--yes")
    assert told(simulator)["One"]["url"] == "https://line.example.com/callr/reception?site=paris"


def test_nothing_is_changed_when_nobody_says_yes(run: CommandLine, simulator: Simulator) -> None:
    create(run, "One", "reception")
    declined = run("numbers", "sync", answer=False, CALLR_WEBHOOK_PASSWORD=NEW)
    assert declined.exit_code == Exit.DECLINED
    assert told(simulator)["One"]["password"] == OLD


def test_a_refusal_on_the_way_tells_what_is_done_and_a_repeat_goes_on(
    run: CommandLine, simulator: Simulator, tmp_path: Path
) -> None:
    create(run, "One", "reception")
    create(run, "Two", "clinic")
    with RefusingPlatform(simulator.api_url, {"apps.edit"}, after=1) as refusing:
        new = line(refusing.url, tmp_path, CALLR_WEBHOOK_PASSWORD=NEW)
        stopped = new("numbers", "sync", "--yes")
    assert stopped.exit_code == Exit.REFUSED
    assert "1 of 2 voice apps done; 'Two'" in stopped.stderr
    assert {name: p["password"] for name, p in told(simulator).items()} == {"One": NEW, "Two": OLD}
    again = run("numbers", "sync", "--yes", CALLR_WEBHOOK_PASSWORD=NEW)
    assert again.exit_code == Exit.OK
    assert "Changed voice app 'One'" not in again.stderr
    assert told(simulator)["Two"]["password"] == NEW


def test_callr_is_not_told_a_password_that_the_server_does_not_take_yet(
    simulator: Simulator, tmp_path: Path
) -> None:
    with serving(tmp_path) as server:
        run = line(
            simulator.api_url,
            tmp_path,
            PUBLIC_URL=server.url,
            SECRET_KEY=SECRET_KEY,
            CALLR_WEBHOOK_PASSWORD=WEBHOOK_PASSWORD,
        )
        create(run, "One", "reception")
        refused = run("numbers", "sync", "--yes", CALLR_WEBHOOK_PASSWORD=NEW)
        assert refused.exit_code == Exit.SETTINGS
        assert "every call would be refused. Nothing was done. Deploy them first" in refused.stderr
        pointed = run("numbers", "point", PARIS, "reception", "--yes", CALLR_WEBHOOK_PASSWORD=NEW)
        assert pointed.exit_code == Exit.SETTINGS
        assert told(simulator)["One"]["password"] == WEBHOOK_PASSWORD
        pointed = run("numbers", "point", PARIS, "reception", "--yes")
        assert pointed.exit_code == Exit.OK
        assert "Warning" not in pointed.stderr


def test_a_server_that_cannot_be_asked_is_warned_of(run: CommandLine, simulator: Simulator) -> None:
    create(run, "One", "reception", PUBLIC_URL="http://127.0.0.1:1")
    done = run(
        "numbers",
        "sync",
        "--yes",
        PUBLIC_URL="http://127.0.0.1:1",
        SECRET_KEY=SECRET_KEY,
        CALLR_WEBHOOK_PASSWORD=NEW,
    )
    assert done.exit_code == Exit.OK
    assert "takes this password is not known" in done.stderr
    assert told(simulator)["One"]["password"] == NEW


@pytest.mark.parametrize(
    "args",
    [
        ("numbers", "sync"),
        ("numbers", "point", PARIS, "reception"),
        ("numbers", "undo", PARIS),
        ("apps", "show", "x"),
        ("apps", "edit", "x", "--name", "y"),
        ("calls", "hangup", "77"),
    ],
)
@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"CALLR_PASSWORD": "not-that-one"}, "Look at CALLR_LOGIN and CALLR_PASSWORD"),
        ({"CALLR_API_URL": "http://127.0.0.1:1/"}, "takes no connections"),
    ],
)
def test_wrong_credentials_and_no_network_end_in_the_mend(
    run: CommandLine, args: tuple[str, ...], env: dict[str, str], said: str
) -> None:
    refused = CommandLine({**run.environ, **env})(*args, "--yes" if args[1] != "show" else "--json")
    assert refused.exit_code == Exit.REFUSED
    assert said in refused.stderr
    assert "not-that-one" not in refused.output


def test_an_address_of_this_machine_is_not_told_to_callr_itself(run: CommandLine) -> None:
    refused = run(
        "numbers",
        "sync",
        "--yes",
        CALLR_API_URL="https://api.callr.com/",
        PUBLIC_URL="http://127.0.0.1:8000",
    )
    assert refused.exit_code == Exit.SETTINGS
    assert "CALLR cannot reach it" in refused.stderr
