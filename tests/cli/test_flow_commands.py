"""``offhook flows list | show | draw | new``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import ROOT, CommandLine, process
from serving import serving

from app.cli import new_flow
from app.cli.exits import Exit
from app.flowbook import find_flows
from app.simulator import Conditions, Script, Scripted, ring

TINY = """
from app.callflow import Flow, hang_up, say
tiny = Flow("tiny", start="a", language="ja-JP", given={"name": "[b]\\x1b"}, steps={
    "a": say("Moshi {name}.", then="b"), "b": hang_up()})
"""


@pytest.fixture
def run() -> CommandLine:
    return CommandLine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    return folder


def test_flows_are_listed(run: CommandLine) -> None:
    listed = run("flows", "list")
    assert (listed.exit_code, listed.stderr) == (Exit.OK, "")
    heading, *rows = listed.stdout.splitlines()
    assert heading.split() == ["NAME", "STEPS", "LANGUAGES", "PLATFORMS", "GIVEN", "VERSION"]
    assert [row.split()[0] for row in rows] == ["age_gate", "clinic", "reception", "reminder"]
    assert rows[0].split()[1:5] == ["5", "en-GB", "callr", "-"]
    assert "en-GB, fr-FR" in rows[1]
    assert "name, time" in rows[3]


def test_flows_are_listed_as_json(run: CommandLine) -> None:
    flows = json.loads(run("flows", "list", "--json").stdout)
    reminder = flows[-1]
    assert reminder["name"] == "reminder"
    assert reminder["given"] == {"name": "", "time": "tomorrow"}
    assert reminder["steps"][0]["exits"]["1"] == {
        "step": "appointment",
        "assigned": {},
        "language": None,
    }


def test_a_list_names_the_flows_that_can_be_used_and_says_that_others_cannot(
    run: CommandLine, folder: Path
) -> None:
    (folder / "broken.py").write_text("nonsense(")
    (folder / "tiny.py").write_text(TINY)
    listed = run("flows", "list", OFFHOOK_FLOWS=str(folder))
    assert listed.exit_code == Exit.OK
    assert "tiny" in listed.stdout
    assert "offhook flows check" in listed.stderr


def test_a_flow_is_shown_with_its_steps_texts_and_exits(run: CommandLine) -> None:
    shown = run("flows", "show", "reception")
    assert (shown.exit_code, shown.stderr) == (Exit.OK, "")
    heading, *lines = shown.stdout.splitlines()
    assert heading.startswith("reception: starts at open_now; speaks en-GB; hours of Europe/London")
    assert "; served on callr, stringee; " in heading
    assert "; served on callr; " in run("flows", "show", "clinic").stdout
    told = [line.strip() for line in lines]
    assert told[:3] == ["open_now   hours", "open -> welcome", "closed -> voicemail"]
    assert 'choose     menu "For sales, press 1. For support, press 2."' in told
    assert 'invalid: "That is not a choice."' in told
    assert '1 -> team (team = "sales")' in told
    assert "targets: +33123456789, +33123456780" in told
    assert 'goodbye    hang_up disposition=message "Goodbye."' in told


def test_a_flow_is_shown_with_what_else_says_where_a_call_goes(run: CommandLine) -> None:
    shown = run("flows", "show", "clinic").stdout
    assert "busy            at_most times=2" in shown
    assert "1 -> open_now (language = en-GB)" in shown
    assert "branch on=is_adult" in run("flows", "show", "age_gate").stdout


def test_what_is_found_in_a_flow_is_said_beside_it(run: CommandLine, folder: Path) -> None:
    (folder / "tiny.py").write_text(TINY)
    shown = run("flows", "show", "tiny", OFFHOOK_FLOWS=str(folder))
    assert shown.exit_code == Exit.OK
    assert "warning: flow 'tiny': language: CALLR has no voice for ja-JP" in shown.stderr
    assert 'given name = "[b]' in shown.stdout
    assert "\x1b" not in shown.output
    told = json.loads(run("flows", "show", "tiny", "--json", OFFHOOK_FLOWS=str(folder)).stdout)
    assert [finding["level"] for finding in told["findings"]] == ["warning"]


@pytest.mark.parametrize("subcommand", ["show", "draw"])
def test_a_flow_that_is_not_there_is_told_with_those_that_are(
    run: CommandLine, subcommand: str
) -> None:
    refused = run("flows", subcommand, "recepton")
    assert refused.exit_code == Exit.NOT_FOUND
    assert "There are: age_gate, clinic, reception, reminder." in refused.stderr


def test_a_flow_that_cannot_be_defined_is_shown_as_its_findings(
    run: CommandLine, folder: Path
) -> None:
    (folder / "tiny.py").write_text(TINY.replace('then="b"', 'then="nowhere"'))
    refused = run("flows", "show", "tiny", OFFHOOK_FLOWS=str(folder))
    assert refused.exit_code == Exit.FLOW
    assert "there is no step 'nowhere'" in refused.stderr
    assert run("flows", "show", "reception", OFFHOOK_FLOWS=str(folder)).exit_code == Exit.OK


def test_a_flow_is_drawn_as_mermaid(run: CommandLine) -> None:
    drawn = run("flows", "draw", "reception")
    assert (drawn.exit_code, drawn.stderr) == (Exit.OK, "")
    flows, _ = find_flows()
    assert drawn.stdout == flows["reception"].draw()


def test_a_new_flow_is_written_where_it_is_told_and_what_to_do_next_is_said(
    run: CommandLine, folder: Path
) -> None:
    written = run("flows", "new", "orders", "--folder", str(folder / "deeper"))
    file = folder / "deeper" / "orders.py"
    assert (written.exit_code, written.stdout) == (Exit.OK, f"{file}\n")
    assert f"OFFHOOK_FLOWS={folder / 'deeper'}" in written.stderr
    assert "Next: offhook phone orders" in written.stderr
    again = run("flows", "new", "more", "--folder", str(folder), OFFHOOK_FLOWS=f"x.y, {folder}")
    assert "OFFHOOK_FLOWS" not in again.stderr


@pytest.mark.parametrize("name", ["orders", "menu", "class", "x"])
def test_a_new_flow_has_nothing_wrong_with_it(folder: Path, name: str) -> None:
    new_flow.write(name, folder)
    ran = CommandLine({"OFFHOOK_FLOWS": str(folder)})("flows", "show", name)
    assert (ran.exit_code, ran.stderr) == (Exit.OK, "")
    assert f"offhook phone {name}" in (folder / f"{name}.py").read_text()


@pytest.mark.parametrize(
    ("keys", "disposition"), [(("1", "123456"), "order"), (("2",), "message"), ((), "message")]
)
def test_a_new_flow_answers_calls(
    tmp_path: Path, folder: Path, keys: tuple[str, ...], disposition: str
) -> None:
    new_flow.write("taking_orders", folder)
    with serving(tmp_path, flows=folder, WEB_CONCURRENCY="1") as server:
        ring(
            f"{server.url}/callr/taking_orders",
            person=Scripted(Script(keys=keys)),
            login=server.login,
            password=server.password,
            conditions=Conditions(speed=1000),
        )
        run = CommandLine({"DATABASE_URL": server.database_url})
        shown = run("calls", "show", "last", "--tests").stdout
    assert shown.splitlines()[-1].endswith(f"disposition: {disposition}")
    assert " !  " not in shown
    if disposition == "order":
        assert '"Your order number is 1, 2, 3, 4, 5, 6."' in shown


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Orders", "small letter"),
        ("../orders", "small letter"),
        ("1st", "small letter"),
        ("x" * 33, "at most 31"),
        ("reception", "already"),
    ],
)
def test_a_name_that_cannot_be_or_is_taken_is_refused(
    run: CommandLine, folder: Path, name: str, said: str
) -> None:
    refused = run("flows", "new", name, "--folder", str(folder))
    assert refused.exit_code == Exit.USAGE
    assert said in refused.stderr
    assert list(folder.iterdir()) == []


def test_the_name_of_a_flow_that_cannot_be_used_is_taken_too(
    run: CommandLine, folder: Path
) -> None:
    (folder / "tiny.py").write_text(TINY.replace('then="b"', 'then="nowhere"'))
    refused = run("flows", "new", "tiny", "--folder", str(folder), OFFHOOK_FLOWS=str(folder))
    assert refused.exit_code == Exit.USAGE
    assert "already" in refused.stderr


def test_a_file_that_is_there_is_left_as_it_is(run: CommandLine, folder: Path) -> None:
    (folder / "orders.py").write_text("# mine\n")
    refused = run("flows", "new", "orders", "--folder", str(folder))
    assert refused.exit_code == Exit.USAGE
    assert "left as it is" in refused.stderr
    assert (folder / "orders.py").read_text() == "# mine\n"


def test_a_folder_that_cannot_be_made_is_told(run: CommandLine, folder: Path) -> None:
    (folder / "file").write_text("")
    refused = run("flows", "new", "orders", "--folder", str(folder / "file" / "deeper"))
    assert refused.exit_code == Exit.FAILED
    assert "Not a directory" in refused.stderr


def test_without_a_folder_it_is_written_among_the_own_flows(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "app/flows/orders.py").unlink(missing_ok=True)  # one of the operator's own
    env = {"PYTHONPATH": str(tmp_path)}
    ran = process("flows", "new", "orders", cwd=tmp_path, env=env)
    assert (ran.returncode, ran.stderr) == (Exit.OK, "Next: offhook phone orders\n")
    assert ran.stdout == "app/flows/orders.py\n"
    assert "orders" in process("flows", "list", cwd=tmp_path, env=env).stdout
